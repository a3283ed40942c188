"""The memory store: a real store with transactions, uniqueness, references, history and rollback.

What is committed stands in tables of dictionaries; a writing unit keeps its own changes over them until it commits.
One unit writes at a time, others read what is committed meanwhile.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from functools import cache
from heapq import nsmallest
from typing import Any, TypeVar
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import Record, Registry, Spec
from crmkit.entities.record import stamped
from crmkit.entities.text import with_article
from crmkit.errors import Busy, Conflict, Duplicate, Invalid, Refused, StoreError
from crmkit.queries import AnyOf, Equals, Grouped, Grouping, Matches, Query, comparable, match_key
from crmkit.repositories.numbers import number_tail, number_text
from crmkit.repositories.references import kind_findings, referrers_left, unknown_references
from crmkit.repositories.store import Past
from crmkit.stores import terms
from crmkit.stores.predicates import Around, predicate, read_value

__all__ = ["MemoryStore", "MemoryUnit"]

R = TypeVar("R", bound=Record)

_MICROSECOND = timedelta(microseconds=1)


class Table:
    """The committed records of one table of one tenant, with their indexes and their history."""

    __slots__ = ("by_match", "by_reference", "history", "rows", "unique")

    def __init__(self) -> None:
        self.rows: dict[UUID, Record] = {}
        self.by_reference: dict[str, dict[UUID, dict[UUID, None]]] = {}
        self.by_match: dict[str, dict[str, dict[UUID, None]]] = {}
        self.unique: dict[tuple[str, ...], dict[tuple[Any, ...], UUID]] = {}
        self.history: dict[UUID, list[Past[Any]]] = {}

    def copy(self) -> "Table":
        """A table that changes apart from this one."""
        made = Table()
        made.rows = dict(self.rows)
        made.by_reference = {
            name: {to: dict(ids) for to, ids in index.items()} for name, index in self.by_reference.items()
        }
        made.by_match = {name: {key: dict(ids) for key, ids in index.items()} for name, index in self.by_match.items()}
        made.unique = {name: dict(index) for name, index in self.unique.items()}
        made.history = {id: list(states) for id, states in self.history.items()}
        return made


class State:
    """Everything committed of one tenant at a moment; units that read hold on to it."""

    __slots__ = ("counters", "readers", "tables")

    def __init__(self, tables: dict[str, Table], counters: dict[tuple[str, str], int]) -> None:
        self.tables = tables
        self.counters = counters
        self.readers = 0


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
    ) -> "MemoryUnit":
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

    def commit(self, tenant: str, unit: "MemoryUnit") -> None:
        """Make a unit's changes the committed state. Tables that somebody is reading are copied first."""
        with self._guard:
            self._recorded[tenant] = unit.instant
            state = self._states[tenant]
            if state.readers:
                tables = {name: table.copy() if name in unit.touched else table for name, table in state.tables.items()}
                state = self._states[tenant] = State(tables, dict(state.counters))
            unit.write_to(state)


@attrs.frozen
class _Gone:
    """Stands for a record that the unit has deleted."""


_GONE = _Gone()


class MemoryUnit:
    """A unit of work on a `MemoryStore`."""

    def __init__(
        self, store: MemoryStore, tenant: str, clock: Callable[[], datetime], *, read_only: bool, as_of: datetime | None
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._read_only = read_only
        self._as_of = as_of
        self._state = store.hold(tenant) if read_only else None
        self._locked = False
        self._over = False
        self._instant: datetime | None = None
        self._put: dict[str, dict[UUID, Record | _Gone]] = {}
        self._past: dict[str, dict[UUID, list[Past[Any]]]] = {}
        self._keys: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], UUID]] = {}
        self._counters: dict[tuple[str, str], int] = {}

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        return self._store.registry

    @property
    def instant(self) -> datetime:
        """The instant of its changes."""
        self._lock()
        if self._instant is None:
            self._instant = self._store.instant(self._tenant, self._clock())
        return self._instant

    @property
    def touched(self) -> set[str]:
        """The tables that it changes."""
        return set(self._put)

    # Reading

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
        return Grouped.merged(found)

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

    def as_of(self, instant: datetime) -> "MemoryUnit":
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
        return _at(self._as_of, now, [*committed.history.get(id, ()), *mine] if mine else committed.history.get(id, ()))

    def _rows(self, query: Query[Any]) -> Iterable[Record]:
        """The records that may match, by an index where a criterion has one."""
        table = query.kind.spec.about.table
        committed = self._table(table)
        ids = None if self._as_of is not None else self._by_index(committed, query)
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

    def _by_index(self, table: Table, query: Query[Any]) -> Iterable[UUID] | None:
        for criterion in query.where:
            values: tuple[Any, ...]
            if isinstance(criterion, Matches) and not criterion.start:
                keyed = table.by_match.get(criterion.field, {})
                return dict.fromkeys(id for key in criterion.keys for id in keyed.get(key, ()))
            if isinstance(criterion, Equals):
                values = (criterion.value,)
            elif isinstance(criterion, AnyOf):
                values = criterion.values
            else:
                continue
            if criterion.field == "id":
                return [value for value in dict.fromkeys(values) if isinstance(value, UUID)]
            if criterion.field in _indexed_ids(query.kind.spec):
                index = table.by_reference.get(criterion.field, {})
                return dict.fromkeys(id for value in values for id in index.get(value, ()))
        return None

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

    # Writing

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """See the port."""
        if self._read_only:
            raise StoreError("this unit of work only reads")
        self._table(next(iter(self.registry.tables)))
        kept = (
            {name: dict(rows) for name, rows in self._put.items()},
            {name: {id: list(states) for id, states in of.items()} for name, of in self._past.items()},
            {name: dict(keys) for name, keys in self._keys.items()},
            dict(self._counters),
        )
        try:
            return self._applied(changes, by)
        except BaseException:
            self._put, self._past, self._keys, self._counters = kept
            raise

    def _applied(self, changes: Changes, by: str) -> Changes:
        for record in changes.touched():
            self._check_version(record)
        for record in (*changes.creates, *changes.restores):
            if self._row(record.spec.about.table, record.id) is not None:
                raise Duplicate(record.spec.name, "id", record.id)
        restores = [self._restored(record, by) for record in changes.restores]
        creates = [self._new(record, by) for record in changes.creates]
        updates = [Update(update.before, self._changed(update, by)) for update in changes.updates]
        if quoting := changes.quoting((*creates, *(update.after for update in updates))):
            creates = [stamped(record, quoting.get(record.id, {})) for record in creates]
        for update in updates:
            self._bury(update.before, update.after.recorded_at or self.instant, by, deleted=False)
        for record in (*creates, *restores, *(update.after for update in updates)):
            self._claim(record)
            self._place(record)
        self._check_references(creates, restores, updates)
        self._check_kinds(updates)
        for record in changes.deletes:
            now = self._row(record.spec.about.table, record.id) or record
            self._bury(now, self._later(now), by, deleted=True)
            self._put.setdefault(record.spec.about.table, {})[record.id] = _GONE
        self._check_deleted(changes.deletes)
        return attrs.evolve(changes, creates=creates, updates=updates, restores=restores)

    def _check_version(self, record: Record) -> None:
        now = self._row(record.spec.about.table, record.id)
        if now is None or now.version != record.version or type(now) is not type(record):
            raise Conflict(record.spec.name, record.id, record.version, now.version if now else None)

    def _later(self, record: Record) -> datetime:
        """The unit's instant, or just after the record's last one where that is later and not the unit's own."""
        last = record.recorded_at
        return self.instant if last is None or last <= self.instant else last + _MICROSECOND

    def _new(self, record: Record, by: str) -> Record:
        values: dict[str, Any] = {"version": 1, "recorded_at": self.instant, "recorded_by": by}
        values |= self._numbered(record)
        return stamped(record, values)

    def _changed(self, update: Update, by: str) -> Record:
        now = self._row(update.before.spec.about.table, update.before.id) or update.before
        values: dict[str, Any] = {"version": now.version + 1, "recorded_at": self._later(now), "recorded_by": by}
        if type(update.before) is not type(update.after):
            values |= self._numbered(update.after)
        return stamped(update.after, values)

    def _restored(self, record: Record, by: str) -> Record:
        states = self.history(type(record), record.id)
        if not states:
            raise Conflict(record.spec.name, record.id, record.version, None)
        last = states[-1]
        at = max(self.instant, last.until or self.instant)
        return stamped(record, {"version": last.record.version + 1, "recorded_at": at, "recorded_by": by})

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        """See the port."""
        self._table(kind.spec.about.table)
        counter = (f"{kind.spec.about.table}.{kind.spec.about.kind}", "")
        last = self._last(counter)
        self._counters[counter] = last + count
        prefix, width = self.registry.numbers(kind.spec)
        return [number_text(prefix, width, last + number) for number in range(1, count + 1)]

    def _last(self, counter: tuple[str, str]) -> int:
        return self._counters.get(counter, self._state.counters.get(counter, 0) if self._state else 0)

    def _numbered(self, record: Record) -> dict[str, Any]:
        field = record.spec.number
        if field is None or field.numbered is None:
            return {}
        about = record.spec.about
        scope = getattr(record, field.numbered.scope).hex if field.numbered.scope else ""
        counter = (f"{about.table}.{about.kind}", scope)
        last = self._last(counter)
        given = getattr(record, field.name)
        if field.shape == "whole":
            self._counters[counter] = max(last, given) if given else last + 1
            return {} if given else {field.name: last + 1}
        prefix, width = self.registry.numbers(record.spec)
        if given:
            if (tail := number_tail(prefix, given)) > last:
                self._counters[counter] = tail
            return {}
        self._counters[counter] = last + 1
        return {field.name: number_text(prefix, width, last + 1)}

    def _claim(self, record: Record) -> None:
        """Hold the record's unique values, where none is empty. Raises Duplicate where another record has, or had
        before the unit.
        """
        table = record.spec.about.table
        for names in record.spec.about.unique:
            key = tuple(_unique_key(record, name) for name in names)
            stored = tuple(record.spec.by_name[name].stored for name in names)
            held = self._holder(record, names, key)
            mine = self._keys.setdefault((table, stored), {})
            holder = mine.get(key, held)
            filled = None not in key
            if filled and ((held is not None and held != record.id) or (holder is not None and holder != record.id)):
                raise Duplicate(record.spec.name, ", ".join(names), getattr(record, names[-1]))
            before = self._row(table, record.id)
            if isinstance(before, type(record)):
                mine.pop(tuple(_unique_key(before, name) for name in names), None)
            if filled:
                mine[key] = record.id

    def _holder(self, record: Record, names: tuple[str, ...], key: tuple[Any, ...]) -> UUID | None:
        """The record that held these unique values before the unit, if one did."""
        stored = tuple(record.spec.by_name[name].stored for name in names)
        return self._table(record.spec.about.table).unique.get(stored, {}).get(key)

    def _place(self, record: Record) -> None:
        self._put.setdefault(record.spec.about.table, {})[record.id] = record

    def _bury(self, record: Record, until: datetime, by: str, *, deleted: bool) -> None:
        now = self._row(record.spec.about.table, record.id) or record
        past = Past(now, until, by, deleted)
        self._past.setdefault(record.spec.about.table, {}).setdefault(record.id, []).append(past)

    def _check_references(self, creates: list[Record], restores: list[Record], updates: list[Update]) -> None:
        saved = [*creates, *restores, *(update.after for update in updates)]
        faults = unknown_references(self, saved)
        if faults:
            record = faults[0][0]
            raise Invalid(record.spec.name, [fault for one, fault in faults if one is record])

    def _check_kinds(self, updates: list[Update]) -> None:
        """A record does not cease to be of a kind that others refer to it as."""
        for update in updates:
            before, after = update.before, update.after
            if type(before) is type(after):
                continue
            found = kind_findings(self, before, after)
            if found:
                raise Refused(f"making {with_article(after.spec.name)} of the {before.spec.name}", found)

    def _check_deleted(self, deletes: Iterable[Record]) -> None:
        for record in deletes:
            found = referrers_left(self, record, deletes)
            if found:
                raise Refused(f"deleting the {record.spec.name}", found)

    # Ending

    def commit(self) -> None:
        """See the port."""
        if self._over:
            return
        try:
            if self._put or self._counters:
                self._release_state()
                self._store.commit(self._tenant, self)
        finally:
            self._end()

    def rollback(self) -> None:
        """See the port."""
        self._end()

    # Moving

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """See the port."""
        table = self._table(kind.spec.about.table)
        mine = self._past.get(kind.spec.about.table, {})
        put = self._put.get(kind.spec.about.table, {})
        for id in sorted({*table.rows, *table.history, *mine, *put}, key=lambda id: id.int):
            yield from (past for past in self.history(kind, id) if type(past.record) is kind)

    def counters(self) -> dict[tuple[str, str], int]:
        """See the port."""
        self._table(next(iter(self.registry.tables)))
        return {**(self._state.counters if self._state else {}), **self._counters}

    def keep(self, states: Sequence[Past[Any]]) -> None:
        """See the port."""
        self._table(next(iter(self.registry.tables)))
        present = [past.record for past in states if past.until is None]
        for record in present:
            if self._row(record.spec.about.table, record.id) is not None:
                raise Duplicate(record.spec.name, "id", record.id)
            self._claim(record)
            self._place(record)
        self._check_references(present, [], [])
        for past in states:
            if past.until is not None:
                table = past.record.spec.about.table
                self._past.setdefault(table, {}).setdefault(past.record.id, []).append(past)

    def keep_counters(self, counters: Mapping[tuple[str, str], int]) -> None:
        """See the port."""
        self._table(next(iter(self.registry.tables)))
        for counter, last in counters.items():
            self._counters[counter] = max(self._last(counter), last)

    def write_to(self, state: State) -> None:
        """Put the unit's changes into a committed state."""
        for name, put in self._put.items():
            table = state.tables[name]
            for id, record in put.items():
                before = table.rows.pop(id, None) if isinstance(record, _Gone) else table.rows.get(id)
                if before is not None:
                    _unindex(table, before, record if isinstance(record, Record) else None)
                if isinstance(record, Record):
                    table.rows[id] = record
                    _index(table, record)
            for id, states in self._past.get(name, {}).items():
                table.history.setdefault(id, []).extend(states)
        state.counters.update(self._counters)

    def _lock(self) -> None:
        if not self._locked and not self._read_only:
            self._store.lock()
            self._locked = True

    def _release_state(self) -> None:
        if self._state is not None:
            self._store.let_go(self._state)
            self._state = None

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self._release_state()
        if self._locked:
            self._locked = False
            self._store.unlock()


def _at(instant: datetime, row: Record | None, history: Sequence[Past[Any]]) -> Record | None:
    """The state of a record at an instant."""
    if row is not None and row.recorded_at is not None and row.recorded_at <= instant:
        return row
    for past in reversed(history):
        if past.until is not None and past.record.recorded_at <= instant < past.until:
            return past.record  # type: ignore[no-any-return]
    return None


def _unique_key(record: Record, name: str) -> Any:
    field = record.spec.by_name[name]
    return comparable(field, getattr(record, name)) if field.searchable else getattr(record, name)


@cache
def _indexed_ids(spec: Spec) -> frozenset[str]:
    """The fields that hold ids of records, and those ids that a trace keeps of records that may be gone."""
    asked = {names[0] for names in spec.about.index}
    return frozenset(
        field.name for field in spec.fields if field.references or (field.shape == "id" and field.name in asked)
    )


def _matches(record: Record) -> Iterator[tuple[str, str]]:
    """Each field that the record is matched by, and its key there."""
    for field in record.spec.matched:
        if (key := match_key(field, getattr(record, field.name))) is not None:
            yield field.name, key


def _index(table: Table, record: Record) -> None:
    for field, key in _matches(record):
        table.by_match.setdefault(field, {}).setdefault(key, {})[record.id] = None
    for name in _indexed_ids(record.spec):
        value = getattr(record, name)
        if value is not None:
            table.by_reference.setdefault(name, {}).setdefault(value, {})[record.id] = None
    for names in record.spec.about.unique:
        stored = tuple(record.spec.by_name[name].stored for name in names)
        table.unique.setdefault(stored, {})[tuple(_unique_key(record, name) for name in names)] = record.id


def _unindex(table: Table, before: Record, after: Record | None) -> None:
    """Forget a former state; a record that becomes another kind keeps what it had unique, for life."""
    for name in _indexed_ids(before.spec):
        table.by_reference.get(name, {}).get(getattr(before, name), {}).pop(before.id, None)
    for matched, told in _matches(before):
        table.by_match.get(matched, {}).get(told, {}).pop(before.id, None)
    if after is None:
        for index in table.unique.values():
            for key in [key for key, id in index.items() if id == before.id]:
                del index[key]
    elif type(after) is type(before):
        for names in before.spec.about.unique:
            stored = tuple(before.spec.by_name[name].stored for name in names)
            table.unique.get(stored, {}).pop(tuple(_unique_key(before, name) for name in names), None)


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
