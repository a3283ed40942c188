"""A unit of work over another store: it asks below for all that was not changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import Record
from crmkit.queries import (
    Criterion,
    Empty,
    Ended,
    Equals,
    Grouped,
    Grouping,
    Least,
    Query,
    Related,
    SumBetween,
    Term,
    Through,
    changed_within,
    field_of_term,
    nested,
)
from crmkit.repositories.past import as_stood
from crmkit.repositories.store import Past
from crmkit.stores import terms
from crmkit.stores.memory import MemoryUnit, Unique
from crmkit.stores.predicates import Around, predicate

if TYPE_CHECKING:
    from crmkit.stores.overlay.store import OverlayStore

__all__ = ["OverlayUnit", "later"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_MICROSECOND: Final = timedelta(microseconds=1)


class OverlayUnit(MemoryUnit):
    """A unit of work on an `OverlayStore`: one on the changes, which asks below for all that was not changed."""

    def __init__(
        self,
        store: "OverlayStore",
        tenant: str,
        clock: Callable[[], datetime],
        *,
        read_only: bool,
        as_of: datetime | None,
    ) -> None:
        super().__init__(store.changes, tenant, later(clock, store.instant), read_only=read_only, as_of=as_of)
        self._overlay = store
        self._at = store.instant if as_of is None else min(as_of, store.instant)
        self._seen: dict[tuple[str, UUID], Record | None] = {}

    def as_of(self, instant: datetime) -> "OverlayUnit":
        """See the port."""
        view: Any = super().as_of(instant)
        vars(view).update(_at=min(instant, self._overlay.instant), _seen={})
        return view  # type: ignore[no-any-return]

    @property
    def _all_below(self) -> bool:
        """Whether it looks at an instant before anything was changed."""
        return self._as_of is not None and self._as_of <= self._overlay.instant

    def _below(self, question: Callable[[Any], T]) -> T:
        return self._overlay.asked(self._tenant, self._at, question)

    # Which records were changed

    def _touched(self, table: str) -> list[Mapping[UUID, Any]]:
        """What holds an id of each record of a table that was changed, here or before."""
        committed = self._table(table)
        mine = [held[table] for held in (self._put, self._past) if table in held]
        return [committed.rows, committed.history, *mine]

    def touched_ids(self, table: str) -> set[UUID]:
        """The records of a table that were changed, made or deleted, here or before."""
        return set().union(*self._touched(table))

    def _is_touched(self, table: str, id: UUID) -> bool:
        return any(id in held for held in self._touched(table))

    def _any_touched(self, tables: Iterable[str]) -> bool:
        return any(any(self._touched(table)) for table in dict.fromkeys(tables))

    def _untouched(self, query: Query[Any]) -> bool:
        return not self._any_touched((query.kind.spec.about.table, *_tables(query.where)))

    # Reading

    def _row(self, table: str, id: UUID, *, present: bool = False) -> Record | None:
        if self._is_touched(table, id) and (present or not self._all_below):
            return super()._row(table, id, present=present)
        if (table, id) not in self._seen:
            specs = self.registry.of_table(table)
            self._seen[table, id] = self._below(
                lambda unit: next((one for spec in specs if (one := unit.get(spec.cls, id)) is not None), None)
            )
        return self._seen[table, id]

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """See the port."""
        wanted = list(dict.fromkeys(ids))
        table = kind.spec.about.table
        unchanged = [id for id in wanted if self._all_below or not self._is_touched(table, id)]
        held: dict[UUID, R] = self._below(lambda unit: unit.get_many(kind, unchanged)) if unchanged else {}
        held |= {
            id: one for id in wanted if id not in held and self._is_touched(table, id) and (one := self.get(kind, id))
        }
        return {id: held[id] for id in wanted if id in held}

    def find(self, query: Query[R]) -> list[R]:
        """See the port."""
        if self._untouched(query):
            asked = self._query_below(query)
            return self._below(lambda unit: unit.find(asked))
        return list(self._found(query))

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port."""
        if self._looks_at_touched(query.where) or not (self._untouched(query) or _in_order_of_id(query)):
            yield from self._found(query)
            return
        asked = self._query_below(query)
        changed = self.touched_ids(query.kind.spec.about.table)
        unit = self._overlay.below(self._tenant, self._at)
        try:
            stored = (one for one in unit.stream(asked) if one.id not in changed)
            if not changed:
                yield from stored
            else:
                mine: list[Any] = sorted(self._imagined(query), key=_id, reverse=query.descending)
                yield from merge(stored, mine, key=_id, reverse=query.descending)
            unit.commit()
        finally:
            unit.rollback()

    def _matching(self, query: Query[Any]) -> Iterator[Record]:
        """All that the query describes, whatever its order; of the store's records, no more than it may need."""
        touched = self.touched_ids(query.kind.spec.about.table)
        judged = tuple(one for one in query.where if self._looks_at_touched((one,)))
        limit = None if query.limit is None or judged else query.limit + len(touched)
        asked = attrs.evolve(
            query,
            where=self._for_below(one for one in query.where if one not in judged),
            after=query.after if limit is not None else None,
            limit=limit,
        )
        stored: list[Record] = self._below(lambda unit: unit.find(asked))
        holds = predicate(query.kind.spec, judged, Around(self.find, self._until))
        return iter([*(one for one in stored if one.id not in touched and holds(one)), *self._imagined(query)])

    def _for_below(self, where: Iterable[Criterion]) -> tuple[Criterion, ...]:
        """The criteria as they are asked of the store below, of which nothing counts that is later than the overlay."""
        last = self._overlay.instant
        return changed_within(where, lambda one: Ended(min(one.by, last)) if isinstance(one, Ended) else one)

    def _query_below(self, query: Query[R]) -> Query[R]:
        return attrs.evolve(query, where=self._for_below(query.where))

    def _imagined(self, query: Query[Any]) -> list[Record]:
        """The changed records that meet the query's criteria, as they are here."""
        kind = query.kind
        holds = predicate(kind.spec, query.where, Around(self.find, self._until))
        rows = self._stored(kind) if self._all_below else self._rows(query)
        return [row for row in rows if isinstance(row, kind) and holds(row)]

    def _replaced(self, kind: type[Any], where: tuple[Criterion, ...]) -> list[Record]:
        """The changed records that meet the criteria as they stand below, where no criterion looks at another table in
        which something was changed.
        """
        stored = self._stored(kind)
        ended: dict[UUID, list[Past[Any]]] = {}
        if any(isinstance(one, Ended) for one in nested(where)):
            ids = [one.id for one in stored]
            ended = self._below(lambda unit: unit.histories(kind, ids))

        def until(record: Record) -> datetime | None:
            states = as_stood(ended.get(record.id, ()), self._overlay.instant)
            return next((past.until for past in states if past.record.version == record.version), None)

        holds = predicate(kind.spec, where, Around(self.find, until))
        return [one for one in stored if holds(one)]

    def _stored(self, kind: type[Any]) -> list[Record]:
        """The changed records as they stand below."""
        touched = self.touched_ids(kind.spec.about.table)
        held: dict[UUID, Record] = self._below(lambda unit: unit.get_many(kind, touched)) if touched else {}
        return list(held.values())

    def _looks_at_touched(self, where: Iterable[Criterion]) -> bool:
        return self._any_touched(_tables(where))

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """See the port."""
        plain = [not self._looks_at_touched(query.where) for query in queries]
        asked = [self._query_below(query) for query, is_plain in zip(queries, plain, strict=True) if is_plain]
        stored = iter(self._below(lambda unit: unit.counts(asked)) if asked else ())
        return [
            self._counted(query, next(stored) if is_plain else None)
            for query, is_plain in zip(queries, plain, strict=True)
        ]

    def _counted(self, query: Query[Any], stored: int | None) -> int:
        if stored is None:
            return sum(1 for _ in self._matching(attrs.evolve(query, limit=None, after=None)))
        return stored - len(self._replaced(query.kind, query.where)) + len(self._imagined(query))

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """See the port."""
        plain = [not self._any_touched(_beyond(grouping)) for grouping in groupings]
        asked = [
            attrs.evolve(one, where=self._for_below(one.where), ways=[self._for_below(way) for way in one.ways])
            for one, is_plain in zip(groupings, plain, strict=True)
            if is_plain
        ]
        stored = iter(self._below(lambda unit: unit.groups(asked)) if asked else ())
        return [
            self._regrouped(grouping, next(stored)) if is_plain else self._grouped(grouping)
            for grouping, is_plain in zip(groupings, plain, strict=True)
        ]

    def _regrouped(self, grouping: Grouping[Any], stored: list[Grouped]) -> list[Grouped]:
        """The store's groups, without the records that were changed, and with them as they are imagined."""
        found = list(stored)
        for way in grouping.ways:
            where = (*grouping.where, *way)
            for sign, rows in (
                (-1, self._replaced(grouping.kind, where)),
                (1, self._imagined(Query(kind=grouping.kind, where=where))),
            ):
                if rows:
                    parts = terms.groups(grouping, rows, self._records(grouping, rows))
                    found += [Grouped(one.key, sign * one.count, tuple(sign * s for s in one.sums)) for one in parts]
        return [one for one in Grouped.merged(found) if one.count or not grouping.by]

    def _grouped(self, grouping: Grouping[Record]) -> list[Grouped]:
        found: list[Grouped] = []
        for way in grouping.ways:
            rows = list(self._matching(Query(kind=grouping.kind, where=(*grouping.where, *way))))
            found += terms.groups(grouping, rows, self._records(grouping, rows))
        return Grouped.merged(found)

    def _records(self, grouping: Grouping[Any], rows: Sequence[Record]) -> terms.Records:
        """What terms lead to; the records that rows refer to, and those that these refer to, are read at once."""
        loaded: dict[tuple[type[Record], UUID], Record] = {}

        def load(of: type[Record], asked: Iterable[Term], rows: Iterable[Record]) -> None:
            reached: dict[tuple[str, type[Record]], list[Term]] = {}
            for term in (one for whole in asked for one in terms.leaves(whole)):
                if isinstance(term, Through):
                    reached.setdefault((term.via, term.kind), []).append(term.term)
            for (via, kind), beyond in reached.items():
                field = field_of_term(of.spec, via, "id")
                held = self.get_many(kind, {getattr(row, field.name) for row in rows} - {None})
                loaded.update({(kind, id): one for id, one in held.items()})
                load(kind, beyond, held.values())

        load(grouping.kind, (*grouping.by, *grouping.sums), rows)

        def get(kind: type[Record], id: UUID) -> Record | None:
            found = loaded.get((kind, id))
            return self.get(kind, id) if found is None else found

        return terms.Records(self.find, get)

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """See the port."""
        return self.histories(kind, [id]).get(id, [])

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """See the port."""
        wanted = list(dict.fromkeys(ids))
        stored: dict[UUID, list[Past[R]]] = self._below(lambda unit: unit.histories(kind, wanted))
        found: dict[UUID, list[Past[R]]] = {}
        for id in wanted:
            states = as_stood(stored.get(id, ()), self._overlay.instant)
            if self._is_touched(kind.spec.about.table, id):
                states = [*(past for past in states if past.until is not None), *super().history(kind, id)]
            if states:
                found[id] = states
        return found

    # Writing

    def _holder(self, record: Record, names: Unique, values: tuple[Any, ...]) -> UUID | None:
        held = super()._holder(record, names, values)
        if held is not None:
            return held
        fields = [field.name for field in record.spec.fields if field.stored in names]
        table = record.spec.about.table
        before = self._row(table, record.id)
        if type(before) is type(record) and all(getattr(before, name) == getattr(record, name) for name in fields):
            return record.id
        asked: Query[Any] = Query(kind=type(record), where=[_same(record, name) for name in fields])
        for one in self._below(lambda unit: unit.find(asked)):
            now = self._row(table, one.id) if self._is_touched(table, one.id) else one
            if now is one or (now is not None and type(now) is not type(one)):  # as another kind it keeps it for life
                return one.id  # type: ignore[no-any-return]
        return None

    def _last(self, counter: tuple[str, str]) -> int:
        return super()._last(counter) or self._overlay.last_number(self._tenant, counter)

    # Moving

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """See the port."""
        changed = self.touched_ids(kind.spec.about.table)
        unit: Any = self._overlay.below(self._tenant, self._at)
        try:
            each = ((id, list(held)) for id, held in groupby(unit.states(kind), key=lambda past: past.record.id))
            stored = ((id, self._stood(held)) for id, held in each if id not in changed)
            mine = (
                (id, [past for past in self.history(kind, id) if type(past.record) is kind]) for id in sorted(changed)
            )
            for _, states in merge(stored, mine, key=lambda of_one: of_one[0].int):
                yield from states
            unit.commit()
        finally:
            unit.rollback()

    def _stood(self, states: Iterable[Past[R]]) -> list[Past[R]]:
        """The states as they were to be seen at the overlay's instant, each once: what was replaced since may be given
        twice, in the history and as what was seen.
        """
        return list({past.record.version: past for past in as_stood(states, self._overlay.instant)}.values())

    def counters(self) -> dict[tuple[str, str], int]:
        """See the port."""
        stored: Mapping[tuple[str, str], int] = self._below(lambda unit: unit.counters())
        return {**stored, **super().counters()}


def _id(record: Record) -> UUID:
    return record.id


def later(clock: Callable[[], datetime], instant: datetime) -> Callable[[], datetime]:
    """The clock, which never tells an instant that is not later than that one."""
    return lambda: max(clock(), instant + _MICROSECOND)


def _same(record: Record, name: str) -> Criterion:
    """What finds records whose field has the value of the record's."""
    value = getattr(record, name)
    return Empty(name) if value == "" else Equals(name, value)


def _in_order_of_id(query: Query[Any]) -> bool:
    return query.sort in ("", "id") and query.limit is None


def _tables(where: Iterable[Criterion]) -> Iterator[str]:
    """The tables that criteria look at besides their own record's."""
    for criterion in nested(where):
        if isinstance(criterion, Related | SumBetween):
            yield criterion.kind.spec.about.table


def _beyond(grouping: Grouping[Any]) -> Iterator[str]:
    """The tables that a grouping looks at besides its records' own."""
    yield from _tables(grouping.criteria)
    if grouping.parts is not None:
        yield grouping.parts.kind.spec.about.table
    for term in grouping.terms:
        if isinstance(term, Through | Least):
            yield term.kind.spec.about.table
