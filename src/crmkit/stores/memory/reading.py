"""How a unit asks in memory: what it has changed itself, over what is committed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from heapq import nsmallest
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import Record, Registry
from crmkit.errors import StoreError
from crmkit.queries import Grouped, Grouping, Query
from crmkit.repositories.store import Past
from crmkit.stores import terms
from crmkit.stores.memory.tables import Table, state_at
from crmkit.stores.predicates import Around, predicate, read_value

if TYPE_CHECKING:
    from crmkit.stores.memory.store import MemoryStore

__all__ = ["GONE", "Gone", "MemoryReader"]

R = TypeVar("R", bound=Record)


@attrs.frozen
class Gone:
    """Stands for a record that the unit has deleted."""


GONE = Gone()


class MemoryReader:
    """Reads the records of a tenant, at one instant of the past or as they are."""

    def __init__(self, store: "MemoryStore", tenant: str, *, read_only: bool, as_of: datetime | None) -> None:
        self._store = store
        self._tenant = tenant
        self._read_only = read_only
        self._as_of = as_of
        self._state = store.hold(tenant) if read_only else None
        self._locked = False
        self._over = False
        self._put: dict[str, dict[UUID, Record | Gone]] = {}
        self._past: dict[str, dict[UUID, list[Past[Any]]]] = {}

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        return self._store.registry

    def get(self, kind: type[R], id: UUID) -> R | None:
        """See the port."""
        found = self._row(kind.spec.about.table, id)
        return found if isinstance(found, kind) else None

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """See the port."""
        return {id: found for id in dict.fromkeys(ids) if (found := self.get(kind, id)) is not None}

    def find(self, query: Query[R]) -> list[R]:
        """See the port."""
        return list(self._found(query))

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port."""
        yield from self._found(query)

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """See the port."""
        return [sum(1 for _ in self._matching(query)) for query in queries]

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """See the port."""
        return [self._grouped(grouping) for grouping in groupings]

    def _grouped(self, grouping: Grouping[Record]) -> list[Grouped]:
        found: list[Grouped] = []
        for way in grouping.ways:
            asked: Query[Record] = Query(kind=grouping.kind, where=(*grouping.where, *way))
            found += terms.groups(grouping, self._matching(asked), terms.Records(self.find, self.get))
        return found if len(grouping.ways) == 1 else Grouped.merged(found)

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """See the port."""
        table = kind.spec.about.table
        states: list[Past[Any]] = [*self._table(table).history.get(id, ()), *self._past.get(table, {}).get(id, ())]
        now = self._row(table, id, present=True)
        present: list[Past[Any]] = [Past(now, None)] if isinstance(now, Record) else []
        return [*states, *present]

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """See the port."""
        return {id: states for id in dict.fromkeys(ids) if (states := self.history(kind, id))}

    def as_of(self, instant: datetime) -> Self:
        """See the port."""
        self._table(next(iter(self.registry.tables)))
        view = copy(self)
        vars(view).update(_as_of=instant, _read_only=True)
        return view

    def _until(self, record: Record) -> datetime | None:
        """When a state that is seen ended, if it has."""
        if self._as_of is None:
            return None
        states = self.history(type(record), record.id)
        return next((past.until for past in states if past.record.version == record.version), None)

    def _table(self, name: str) -> Table:
        if self._over:
            raise StoreError("the unit of work is over: begin another")
        if self._state is None:
            self._lock()
            self._state = self._store.hold(self._tenant)
        return self._state.tables[name]

    def _row(self, table: str, id: UUID, *, present: bool = False) -> Record | None:
        committed = self._table(table)
        put = self._put.get(table, {}).get(id)
        now = committed.rows.get(id) if put is None else put if isinstance(put, Record) else None
        if self._as_of is None or present:
            return now
        mine = self._past.get(table, {}).get(id, ())
        return state_at(
            self._as_of, now, [*committed.history.get(id, ()), *mine] if mine else committed.history.get(id, ())
        )

    def _rows(self, query: Query[Any]) -> Iterable[Record]:
        """The records that may match, by an index where a criterion has one."""
        table = query.kind.spec.about.table
        committed = self._table(table)
        ids = None if self._as_of is not None else committed.by_index(query)
        put = self._put.get(table)
        if self._as_of is not None:
            every = dict.fromkeys((*committed.rows, *committed.history, *(put or ())))
            return [row for id in every if (row := self._row(table, id))]
        rows = committed.rows
        if ids is None:
            if not put:
                return rows.values()
            base = (row for id, row in rows.items() if id not in put)
        else:
            base = (rows[id] for id in ids if id in rows and (not put or id not in put))
        return (*base, *(row for row in (put or {}).values() if isinstance(row, Record)))

    def _matching(self, query: Query[Any]) -> Iterator[Record]:
        kind = query.kind
        rows = self._rows(query)
        if not query.where:
            alone = len(self.registry.of_table(kind.spec.about.table)) == 1
            return iter(rows) if alone else (row for row in rows if isinstance(row, kind))
        holds = predicate(kind.spec, query.where, Around(self.find, self._until))
        return (row for row in rows if isinstance(row, kind) and holds(row))

    def _found(self, query: Query[R]) -> Iterable[R]:
        key, empty = _order(query)
        rows = list(self._matching(query))
        full = [row for row in rows if not empty(row)]
        none = [row for row in rows if empty(row)] if query.sort not in ("", "id") else []
        after = query.after
        if after is not None:
            if query.sort in ("", "id"):
                full = [row for row in full if _beyond(row.id, after.id, query.descending)]
            elif after.value is None:
                full, none = [], [row for row in none if _beyond(row.id, after.id, query.descending)]
            else:
                place = (after.value, after.id)
                full = [row for row in full if _beyond(key(row), place, query.descending)]
        ordered = _sorted(full, key, query)
        if query.limit is None or len(ordered) < query.limit:
            by_id: Query[R] = attrs.evolve(query, sort="")
            ordered += _sorted(none, _order(by_id)[0], query)
        limited: Any = ordered if query.limit is None else ordered[: query.limit]
        return limited  # type: ignore[no-any-return]

    def _lock(self) -> None:
        if not self._locked and not self._read_only:
            self._store.lock()
            self._locked = True


def _order(query: Query[Any]) -> tuple[Callable[[Any], Any], Callable[[Any], bool]]:
    if query.sort in ("", "id"):
        return (lambda row: row.id), (lambda _: False)
    _, value = read_value(query.kind.spec, query.sort)
    return (lambda row: (value(row), row.id)), (lambda row: value(row) is None)


def _sorted(rows: list[Any], key: Callable[[Any], Any], query: Query[Any]) -> list[Any]:
    if query.limit is not None and not query.descending and query.limit * 8 < len(rows):
        return nsmallest(query.limit, rows, key=key)
    return sorted(rows, key=key, reverse=query.descending)


def _beyond(place: Any, after: Any, descending: bool) -> bool:  # noqa: FBT001 - a comparison's direction
    return bool(place < after if descending else place > after)
