"""The same application, awaited: every call of `Crm` that reads or writes, under the same name.

Nothing is written twice: the calls are those of `Crm`, run in worker threads (memory, SQLite) or in greenlets on an
asynchronous driver (psycopg, asyncmy), so that no call blocks the event loop.
"""

from crmkit.app.awaited.connecting import connect_async
from crmkit.app.awaited.crm import AsyncCrm, AsyncImagined, AsyncWork
from crmkit.app.awaited.faces import AsyncPage

__all__ = ["AsyncCrm", "AsyncImagined", "AsyncPage", "AsyncWork", "connect_async"]
