"""A unit of work in memory: it keeps its own changes over what is committed, until it commits; `MemoryReader` is how it
asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import Record
from crmkit.entities.record import stamped
from crmkit.entities.text import with_article
from crmkit.errors import Conflict, Duplicate, Invalid, Refused, StoreError
from crmkit.repositories.numbers import number_tail, number_text
from crmkit.repositories.references import kind_findings, referrers_left, unknown_references
from crmkit.repositories.store import Past
from crmkit.stores.memory.reading import GONE, MemoryReader
from crmkit.stores.memory.tables import State, Unique, held_values

if TYPE_CHECKING:
    from crmkit.stores.memory.store import MemoryStore

__all__ = ["MemoryUnit"]

R = TypeVar("R", bound=Record)

_MICROSECOND = timedelta(microseconds=1)


class MemoryUnit(MemoryReader):
    """A unit of work on a `MemoryStore`."""

    def __init__(
        self,
        store: "MemoryStore",
        tenant: str,
        clock: Callable[[], datetime],
        *,
        read_only: bool,
        as_of: datetime | None,
    ) -> None:
        super().__init__(store, tenant, read_only=read_only, as_of=as_of)
        self._clock = clock
        self._instant: datetime | None = None
        self._claimed: dict[tuple[str, Unique], dict[tuple[Any, ...], UUID]] = {}
        self._mine: dict[UUID, dict[tuple[str, Unique], tuple[Any, ...]]] = {}
        self._counters: dict[tuple[str, str], int] = {}

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

    # Writing

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """See the port."""
        if self._read_only:
            raise StoreError("this unit of work only reads")
        self._table(next(iter(self.registry.tables)))
        kept = (
            {name: dict(rows) for name, rows in self._put.items()},
            {name: {id: list(states) for id, states in of.items()} for name, of in self._past.items()},
            {place: dict(held) for place, held in self._claimed.items()},
            {id: dict(held) for id, held in self._mine.items()},
            dict(self._counters),
        )
        try:
            return self._applied(changes, by)
        except BaseException:
            self._put, self._past, self._claimed, self._mine, self._counters = kept
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
            self._let_go(record, deleted=True)
            self._put.setdefault(record.spec.about.table, {})[record.id] = GONE
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
        """Hold the record's unique values. Raises Duplicate where another record has, or had before the unit."""
        table = record.spec.about.table
        self._let_go(record)
        for fields, (names, values) in zip(record.spec.about.unique, held_values(record).items(), strict=True):
            if None in values:
                continue
            claimed = self._claimed.setdefault((table, names), {})
            if {self._holder(record, names, values), claimed.get(values)} - {None, record.id}:
                raise Duplicate(record.spec.name, ", ".join(fields), getattr(record, fields[-1]))
            claimed[values] = record.id
            self._mine.setdefault(record.id, {})[table, names] = values

    def _holder(self, record: Record, names: Unique, values: tuple[Any, ...]) -> UUID | None:
        """The record that held these unique values before the unit, if one did."""
        return self._table(record.spec.about.table).holder(names, values)

    def _let_go(self, record: Record, *, deleted: bool = False) -> None:
        """Claim no more what the record has otherwise now, or all of it."""
        mine = self._mine.get(record.id, {})
        table = record.spec.about.table
        for place in list(mine) if deleted else [(table, names) for names in held_values(record)]:
            if (values := mine.pop(place, None)) is not None:
                del self._claimed[place][values]

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
                if isinstance(record, Record):
                    table.put(record)
                else:
                    table.delete(id)
            for id, states in self._past.get(name, {}).items():
                table.history.setdefault(id, []).extend(states)
        state.counters.update(self._counters)

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
