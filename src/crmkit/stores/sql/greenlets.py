"""How the SQL store's calls run on an asynchronous driver: in a greenlet, which waits where the driver waits."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.util import await_only, greenlet_spawn

__all__ = ["GreenletRunner"]

T = TypeVar("T")


class GreenletRunner:
    """Runs calls on the event loop itself; a cancellation is raised where the call waits for the driver."""

    async def run(self, call: Callable[[], T]) -> T:
        """See the protocol."""
        return await greenlet_spawn(call)

    def pause(self, seconds: float) -> None:
        """See the protocol."""
        await_only(asyncio.sleep(seconds))

    def close(self) -> None:
        """See the protocol."""
