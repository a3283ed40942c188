"""`AsyncCrm` and its unit of work."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from crmkit.app.awaited.faces import Face, face_of
from crmkit.app.conversion import ConversionService
from crmkit.app.crm import NOT_GIVEN, Crm
from crmkit.app.forecasting import ForecastingService
from crmkit.app.imagining import Imagined
from crmkit.app.merge_service import MergingService
from crmkit.app.moving import Moved
from crmkit.app.repository import Repository
from crmkit.app.work import Work
from crmkit.changes import Changes
from crmkit.errors import Busy, StoreError
from crmkit.forecasting.comparing import Difference
from crmkit.stores.running import Runner

__all__ = ["AsyncCrm", "AsyncImagined", "AsyncWork"]

T = TypeVar("T")

_TRIES: Final = 10
_AWAITED: Final = (Repository, ConversionService, ForecastingService, MergingService)
"""What stands on a CRM and has calls to be awaited."""


class _InTurn:
    """Runs the calls of one unit of work one after the other: it is one transaction on one connection."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._turn = asyncio.Lock()

    async def run(self, call: Callable[[], T]) -> T:
        """What the call gives, once those before it have ended."""
        async with self._turn:
            return await self._runner.run(call)

    def pause(self, seconds: float) -> None:
        """See the runner."""
        self._runner.pause(seconds)

    def close(self) -> None:
        """The runner is not the unit's to close."""


class _Standing(Face):
    """What the repositories and services stand on."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        return self._face(found) if isinstance(found, _AWAITED) else found

    def __getitem__(self, kind: Any) -> Any:
        return self._face(self._behind[kind])

    def repository(self, kind: Any) -> Any:
        """The repository of an entity, by its class or its plural. Raises KeyError on one that there is not."""
        return self._face(self._behind.repository(kind))

    def _face(self, found: Any) -> Any:
        cls: Any = type(found)
        return face_of(cls)(found, self._runner)

    async def sweep(self, now: Any = None) -> Any:
        """As `Crm.sweep`."""
        return await self._runner.run(lambda: self._behind.sweep(now))

    async def settled(self) -> datetime:
        """As `Crm.settled`."""
        return await self._runner.run(self._behind.settled)

    async def history(self, record: Any) -> Any:
        """As `Crm.history`."""
        return await self._runner.run(lambda: self._behind.history(record))


class AsyncWork(_Standing):
    """An open unit of work, from `async with crm.begin() as work`. Its calls run one after the other."""

    _behind: Work


class AsyncCrm(_Standing):
    """The CRM of one tenant, awaited: `crm = await crmkit.connect_async(url)`. It has the names of `Crm`; what reads
    or writes is awaited, and `all` is iterated over by `async for`. Handlers are ordinary functions, called with the
    ordinary `Work` or `Crm`, off the event loop.
    """

    _behind: Crm

    @property
    def ordinary(self) -> Crm:
        """The `Crm` behind it, whose calls block."""
        return self._behind

    def as_of(self, instant: datetime) -> "AsyncCrm":
        """As `Crm.as_of`."""
        return AsyncCrm(self._behind.as_of(instant), self._runner)

    def what_if(self) -> "AsyncImagined":
        """As `Crm.what_if`."""
        return AsyncImagined(self._behind.what_if(), self._runner)

    @asynccontextmanager
    async def begin(
        self,
        *,
        by: str | None = None,
        read_only: bool = False,
        connection: Any = NOT_GIVEN,
        session: Any = NOT_GIVEN,
        on_commit: Callable[[Callable[[], None]], object] | None = None,
    ) -> AsyncIterator[AsyncWork]:
        """As `Crm.begin`. Where the task is cancelled, the unit is rolled back. A host's `session` or `connection` is
        one of SQLAlchemy's asynchronous ones, on the driver that this CRM runs on.
        """
        runner = _InTurn(self._runner)
        unit = self._behind.begin(
            by=by,
            read_only=read_only,
            connection=_sync(connection, "sync_connection"),
            session=_sync(session, "sync_session"),
            on_commit=on_commit,
        )
        work = await self._runner.run(unit.__enter__)
        try:
            yield AsyncWork(work, runner)
        except BaseException as error:
            failed = error
            await _to_the_end(runner.run(lambda: unit.__exit__(type(failed), failed, failed.__traceback__)))
            raise
        else:
            await runner.run(lambda: unit.__exit__(None, None, None))

    async def run(self, task: Callable[[AsyncWork], Awaitable[T]], *, by: str | None = None) -> T:
        """As `Crm.run`, of a coroutine function."""
        for tried in range(1, _TRIES):
            try:
                async with self.begin(by=by) as work:
                    return await task(work)
            except Busy:
                await asyncio.sleep(random.uniform(0.002, min(0.25, 0.002 * 2**tried)))  # noqa: S311 - no secret
        async with self.begin(by=by) as work:
            return await task(work)

    async def to_excel(self, path: Any, *, language: str = "en") -> None:
        """As `Crm.to_excel`."""
        await self._runner.run(lambda: self._behind.to_excel(path, language=language))

    async def to_parquet(self, folder: Any, *, history: bool = True) -> Any:
        """As `Crm.to_parquet`."""
        return await self._runner.run(lambda: self._behind.to_parquet(folder, history=history))

    async def copy_to(self, other: "AsyncCrm | Crm") -> Moved:
        """As `Crm.copy_to`; the other one is an ordinary CRM, or runs as this one does."""
        behind = other.ordinary if isinstance(other, AsyncCrm) else other
        return await self._runner.run(lambda: self._behind.copy_to(behind))

    async def dump(self, path: Any) -> Moved:
        """As `Crm.dump`."""
        return await self._runner.run(lambda: self._behind.dump(path))

    async def load(self, path: Any) -> Moved:
        """As `Crm.load`."""
        return await self._runner.run(lambda: self._behind.load(path))

    async def upgrade(self, *, dry_run: bool = False) -> list[str]:
        """As `Crm.upgrade`."""
        return await self._runner.run(lambda: self._behind.upgrade(dry_run=dry_run))

    async def close(self) -> None:
        """As `Crm.close`."""
        if self._behind.closed or self._behind.settings.as_of is not None:
            return
        await self._runner.run(self._behind.close)
        self._runner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncImagined(AsyncCrm):
    """A CRM to imagine in, awaited: from `crm.what_if()`, as `async with crm.what_if() as imagined:`."""

    _behind: Imagined  # pyright: ignore[reportIncompatibleVariableOverride] - it is set once, when it is made

    @property
    def real(self) -> AsyncCrm:
        """The real one as it stood when this one was begun."""
        return AsyncCrm(self._behind.real, self._runner)

    async def compare(self, **asked: Any) -> Difference:
        """As `Imagined.compare`."""
        return await self._runner.run(lambda: self._behind.compare(**asked))

    async def assume(self, probabilities: Any) -> int:
        """As `Imagined.assume`."""
        return await self._runner.run(lambda: self._behind.assume(probabilities))

    async def changes(self) -> Changes:
        """As `Imagined.changes`."""
        return await self._runner.run(self._behind.changes)

    async def close(self) -> None:
        """As `Crm.close`, of what is imagined: the real one stays open."""
        self._behind.close()


async def _to_the_end(running: Awaitable[Any]) -> None:
    """Wait until it has ended, also where the waiting task is cancelled again meanwhile."""
    task = asyncio.ensure_future(running)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue
    error = task.exception()
    if error is not None and not isinstance(error, asyncio.CancelledError):
        raise error


def _sync(host: Any, name: str) -> Any:
    """The ordinary session or connection behind a host's asynchronous one."""
    if host is None or host is NOT_GIVEN:
        return host
    found = getattr(host, name, None)
    if found is None:
        raise StoreError(f"{type(host).__name__} is not asynchronous: this CRM joins what is")
    return found
