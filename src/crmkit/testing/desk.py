"""A way to read and write on a store, a unit a call."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from crmkit.changes import Changes
from crmkit.entities import Record
from crmkit.queries import Criterion, Query
from crmkit.repositories.store import Store, StoreUnit
from crmkit.testing.clocks import ManualClock

__all__ = ["Desk"]


class Desk:
    """Reads and writes on a store for one tenant, a unit a call."""

    def __init__(self, store: Store, clock: ManualClock, tenant: str = "t") -> None:
        self.store = store
        self.clock = clock
        self.tenant = tenant

    @contextmanager
    def unit(self, *, read_only: bool = False, as_of: datetime | None = None) -> Iterator[StoreUnit]:
        """A unit, committed at the end."""
        made = self.store.begin(tenant=self.tenant, clock=self.clock, read_only=read_only, as_of=as_of)
        try:
            yield made
            made.commit()
        except BaseException:
            made.rollback()
            raise

    def apply(self, changes: Changes) -> Changes:
        """Make changes."""
        with self.unit() as unit:
            return unit.apply(changes, by="tester")

    def save(self, *records: Record) -> dict[Any, Record]:
        """Create records; as they were saved, by id."""
        return {one.id: one for one in self.apply(Changes(creates=records)).creates}

    def get(self, kind: type[Any], id: Any) -> Any:
        """A record, or None."""
        with self.unit(read_only=True) as unit:
            return unit.get(kind, id)

    def ask(self, query: Query[Any]) -> list[Any]:
        """The answer to a query."""
        with self.unit(read_only=True) as unit:
            return unit.find(query)

    def find(self, kind: type[Any], *where: Criterion) -> list[Any]:
        """Records for which the criteria hold."""
        return self.ask(Query(kind=kind, where=where))

    def history(self, kind: type[Any], id: Any) -> list[Any]:
        """Every state of a record."""
        with self.unit(read_only=True) as unit:
            return unit.history(kind, id)
