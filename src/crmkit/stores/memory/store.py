"""The memory store, which hands out units of work and takes in what they commit."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from crmkit.entities import Registry
from crmkit.errors import Busy
from crmkit.stores.memory.tables import State, Table
from crmkit.stores.memory.unit import MemoryUnit

__all__ = ["MemoryStore"]

_MICROSECOND = timedelta(microseconds=1)


class MemoryStore:
    """Keeps records in the memory of this process, for as long as it lives. Safe across threads.

    `timeout` is how many seconds a unit waits for another one's writing to end before `Busy` is raised. With
    `strict_time` a tenant's units record at instants that rise, whatever the clock says.
    """

    def __init__(self, registry: Registry, *, timeout: float = 5.0, strict_time: bool = False) -> None:
        self._registry = registry
        self._timeout = timeout
        self._states: dict[str, State] = {}
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._strict_time = strict_time
        self._recorded: dict[str, datetime] = {}
        self._prepared = False

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._registry

    @property
    def steady(self) -> bool:
        """A unit sees one moment."""
        return True

    def prepare(self) -> bool:
        """Nothing has to be made; True the first time."""
        with self._guard:
            first, self._prepared = not self._prepared, True
            return first

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> MemoryUnit:
        """A unit on a tenant's records; see the port. It sees one moment in any case."""
        del snapshot
        return MemoryUnit(self, tenant, clock, read_only=read_only or as_of is not None, as_of=as_of)

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """Five seconds ago: units record at the instant at which they began to write. In strict time, the instant of
        the last unit too: the next one's is later.
        """
        lagging = now - timedelta(seconds=5)
        return max(lagging, self._recorded.get(tenant, lagging)) if self._strict_time else lagging

    def close(self) -> None:
        """Nothing is held open."""

    # For its units

    def hold(self, tenant: str) -> State:
        """The committed state, kept from changing until it is let go."""
        with self._guard:
            state = self._states.get(tenant)
            if state is None:
                state = self._states[tenant] = State({name: Table() for name in self._registry.tables}, {})
            state.readers += 1
            return state

    def let_go(self, state: State) -> None:
        """The unit has read enough."""
        with self._guard:
            state.readers -= 1

    def lock(self) -> None:
        """Wait for the right to write. Raises Busy."""
        if not self._writing.acquire(timeout=self._timeout):
            raise Busy(f"another unit of work has been writing for more than {self._timeout} s: try again")

    def instant(self, tenant: str, now: datetime) -> datetime:
        """The instant of a unit that writes now."""
        last = self._recorded.get(tenant) if self._strict_time else None
        return now if last is None or now > last else last + _MICROSECOND

    def unlock(self) -> None:
        """Give the right to write on."""
        self._writing.release()

    def commit(self, tenant: str, unit: MemoryUnit) -> None:
        """Make a unit's changes the committed state. Tables that somebody is reading are copied first."""
        with self._guard:
            self._recorded[tenant] = unit.instant
            state = self._states[tenant]
            if state.readers:
                tables = {name: table.copy() if name in unit.touched else table for name, table in state.tables.items()}
                state = self._states[tenant] = State(tables, dict(state.counters))
            unit.write_to(state)
