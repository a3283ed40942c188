"""`connect_async`."""

import importlib
from typing import Any, Final

from crmkit.app.awaited.crm import AsyncCrm
from crmkit.app.connecting import connect
from crmkit.errors import MissingExtra
from crmkit.stores.running import Runner, ThreadRunner

__all__ = ["connect_async"]

_AWAITED: Final = ("postgresql", "mysql", "mariadb")


async def connect_async(store: Any = "memory:", **settings: Any) -> AsyncCrm:
    """As `connect`, for asynchronous code.

    `store` is "postgresql+psycopg://…", "mysql+asyncmy://…", "sqlite:///acme.db", "memory:", an AsyncEngine of
    SQLAlchemy's, an Engine or a store.

    Raises as `connect` does, and MissingExtra without the extra `async`.
    """
    engine = getattr(store, "sync_engine", None)
    scheme = store.partition(":")[0].partition("+")[0].lower() if isinstance(store, str) else ""
    runner: Runner = _greenlets() if engine is not None or scheme in _AWAITED else ThreadRunner()
    if scheme in _AWAITED:
        settings["asynchronous"] = True
    opened = store if engine is None else engine
    crm = await runner.run(lambda: connect(opened, **settings))
    crm.pause = runner.pause
    return AsyncCrm(crm, runner)


def _greenlets() -> Runner:
    try:
        importlib.import_module("greenlet")
    except ImportError as cause:
        raise MissingExtra("greenlet", "async") from cause
    from crmkit.stores.sql.greenlets import GreenletRunner  # noqa: PLC0415 - loaded on use

    return GreenletRunner()
