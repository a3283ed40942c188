"""Small changes as one statement, on engines where a statement may be several: numbers taken, the touched record locked
and copied to history, creates, the update. In autocommit it is a transaction by itself, in one trip to the server.

What such a statement cannot do, or whatever fails in it, is left to the general way, step by step, which says what is
wrong: the statement then has done nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import FieldSpec, Record, Spec
from crmkit.entities.record import stamped
from crmkit.entities.text import text_key
from crmkit.errors import Disconnected, OutcomeUnknown
from crmkit.repositories.numbers import number_text
from crmkit.stores.sql.columns import Column, FieldColumns
from crmkit.stores.sql.instants import micros
from crmkit.stores.sql.tables import COUNTER

if TYPE_CHECKING:
    from crmkit.stores.sql.writing import Writer

__all__ = ["applied_at_once"]

_MOST: Final = 8
"""How many creates one statement has at most: each has its own part of the text."""


def applied_at_once(writer: "Writer", changes: Changes, instant: datetime, by: str) -> Changes | None:
    """The changes, made and saved; None where that is for the general way. Raises Busy, OutcomeUnknown."""
    if not _fits(writer, changes):
        return None
    numbering = _numbering(writer, changes)
    if numbering is None:
        return None
    unit, profile = writer.unit, writer.store.profile
    statement = _AtOnce(writer, changes, numbering, instant, by)
    text = writer.store.schema.text(statement.key, statement.text)
    cursor = unit.cursor
    try:
        cursor.execute(text, statement.values())
        row = cursor.fetchone()
    except Exception as cause:
        if profile.disconnected(cause):
            failed = unit.failed(cause)
            if isinstance(failed, Disconnected):
                said = "the connection was lost while the unit was being committed: look before retrying"
                raise OutcomeUnknown(said) from cause
            raise failed from cause
        if profile.busy(cause):
            raise profile.translated(cause) from cause
        return None
    return statement.made(row)


def _fits(writer: "Writer", changes: Changes) -> bool:
    """Whether the order of the parts makes no difference: they all see what was before the statement."""
    if changes.deletes or changes.restores or len(changes.updates) > 1 or len(changes.creates) > _MOST:
        return False
    if any(record.spec in writer.store.schema.anywhere for record in changes.creates):
        return False
    for update in changes.updates:
        table = update.after.spec.about.table
        if update.after.spec in writer.store.schema.anywhere:
            return False
        for record in changes.creates:
            if record.spec.about.table == table or _of_a_kind(record.spec, table):
                return False
    return bool(changes)


def _of_a_kind(spec: Spec, table: str) -> bool:
    return any(f.references and f.references.kind and table in f.references.tables for f in spec.fields)


@attrs.frozen
class _Number:
    """A number that is taken from a counter: which record's, and how it is written."""

    record: Record
    field: FieldSpec
    scope: str
    prefix: str
    width: int

    @property
    def whole(self) -> bool:
        """It is a count, not a text."""
        return self.field.shape == "whole"

    def read(self, last: int) -> Any:
        """The number with that count."""
        return last if self.whole else number_text(self.prefix, self.width, last)


def _numbering(writer: "Writer", changes: Changes) -> list[_Number] | None:
    """The numbers to be taken, in the general way's order; None where some are given, or two are of one counter."""
    found: list[_Number] = []
    counters: set[tuple[Spec, str]] = set()
    becoming = [update.after for update in changes.updates if update.before.spec is not update.after.spec]
    for record in (*changes.creates, *becoming):
        field = record.spec.number
        if field is None or field.numbered is None:
            continue
        scope = getattr(record, field.numbered.scope).hex if field.numbered.scope else ""
        prefix, width = writer.store.registry.numbers(record.spec)
        if (
            getattr(record, field.name)
            or (record.spec, scope) in counters
            or text_key(f"{prefix}0") != f"{text_key(prefix)}0"
        ):
            return None
        counters.add((record.spec, scope))
        found.append(_Number(record, field, scope, prefix, width))
    numbered = {one.record.id for one in found}
    return found if all(quote.of in numbered for quote in changes.quotes) else None


class _AtOnce:
    """The statement for some changes; changes of the same shape have the same text."""

    def __init__(
        self, writer: "Writer", changes: Changes, numbering: Sequence[_Number], instant: datetime, by: str
    ) -> None:
        self.writer = writer
        self.changes = changes
        self.numbering = numbering
        self.by = by
        self.later = writer.later(changes, instant)
        fresh = {"version": 1, "recorded_at": instant, "recorded_by": by}
        self.creates = [stamped(record, fresh) for record in changes.creates]
        self.updates = [
            Update(
                one.before,
                stamped(
                    one.after,
                    {
                        "version": one.before.version + 1,
                        "recorded_at": self.later[one.before.id],
                        "recorded_by": by,
                    },
                ),
            )
            for one in changes.updates
        ]
        of = {one.record.id: place for place, one in enumerate(numbering)}
        self.taken: dict[tuple[UUID, str], int] = {
            **{(one.record.id, one.field.name): place for place, one in enumerate(numbering)},
            **{(quote.record, quote.field): of[quote.of] for quote in changes.quotes},
        }
        """Which number a field of a record is."""
        self.changed = [writer.changed(update) for update in self.updates]

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells its text from others'."""
        created = tuple((one.spec, self._numbers_of(one)) for one in self.creates)
        updated = tuple(
            (update.before.spec, update.after.spec, tuple(names), self._numbers_of(update.after))
            for update, (names, _) in zip(self.updates, self.changed, strict=True)
        )
        return ("at once", created, updated, tuple((one.width, one.whole) for one in self.numbering))

    def _numbers_of(self, record: Record) -> tuple[tuple[str, int], ...]:
        return tuple((name, place) for (id, name), place in self.taken.items() if id == record.id)

    def text(self) -> str:
        """It, written with `?` and `"`."""
        parts = [f"n{place} AS ({self._counting(place)})" for place in range(len(self.numbering))]
        if self.updates:
            parts.append(f"h AS ({self._burying(self.updates[0].before.spec)})")
        parts += [f"c{place} AS ({self._inserting(record)})" for place, record in enumerate(self.creates)]
        parts += [
            f"u AS ({self._setting(update.after, names)})"
            for update, (names, _) in zip(self.updates, self.changed, strict=True)
        ]
        there = [f"(SELECT COUNT(*) FROM {name}) = 1" for name in self._before()] or ["TRUE"]  # noqa: S608
        read = [f"(SELECT last FROM n{place})" for place in range(len(self.numbering))]  # noqa: S608
        whole = f"1 / (CASE WHEN {' AND '.join(there)} THEN 1 ELSE 0 END)"  # an error takes all of it back
        return f"WITH {', '.join(parts)} SELECT {', '.join([*read, whole])}"

    def values(self) -> list[Any]:
        """Its parameters."""
        tenant = self.writer.unit.tenant
        found: list[Any] = []
        for one in self.numbering:
            about = one.record.spec.about
            found += (tenant, f"{about.table}.{about.kind}", one.scope)
        for update in self.updates:
            id, was = update.before.id, update.before.version
            found += (micros(self.later[id]), self.by, 0, tenant, id.bytes, was)
        for record in self.creates:
            codec = self.writer.store.schema.codec(record.spec)
            row = codec.encode(record)
            found += (tenant, record.spec.about.kind) if record.spec.about.kind else (tenant,)
            place = 0
            for held in codec.fields:
                found += self._bound(record, held, row[place : place + len(held.columns)])
                place += len(held.columns)
        for update, (names, values) in zip(self.updates, self.changed, strict=True):
            columns = dict(zip(names, values, strict=True))
            for held in self.writer.store.schema.codec(update.after.spec).fields:
                if held.value.name in columns:
                    row = tuple(columns[column.name] for column in held.columns)
                    found += self._bound(update.after, held, row)
            if "kind" in columns:
                found.append(columns["kind"])
            found += (tenant, update.before.id.bytes, update.before.version)
        return found

    def made(self, row: Sequence[Any]) -> Changes:
        """The changes as they were saved, by what the statement gave."""
        numbers = [one.read(int(last)) for one, last in zip(self.numbering, row, strict=False)]
        given: dict[UUID, dict[str, Any]] = {}
        for (id, name), place in self.taken.items():
            given.setdefault(id, {})[name] = numbers[place]
        return self.changes.resolved(
            creates=[stamped(one, given[one.id]) if one.id in given else one for one in self.creates],
            updates=[
                Update(one.before, stamped(one.after, given[one.after.id]) if one.after.id in given else one.after)
                for one in self.updates
            ],
        )

    # Its parts

    def _before(self) -> list[str]:
        """What must have met a row for the rest to be done."""
        return [*(f"n{place}" for place in range(len(self.numbering))), *(["h"] if self.updates else [])]

    def _counting(self, place: int) -> str:
        """Each counter is moved after the one before, so that all take their locks in one order."""
        table = self.writer.store.schema.named(COUNTER)
        after = f" FROM n{place - 1}" if place else ""
        return (
            f'UPDATE {table} AS "k" SET last = "k".last + 1{after} WHERE "k".tenant_id = ? AND "k".kind = ? '  # noqa: S608
            'AND "k".scope = ? RETURNING "k".last'
        )

    def _burying(self, spec: Spec) -> str:
        columns, table, past = self.writer.copied(spec)
        typed = self.writer.store.profile.typed
        after = f"n{len(self.numbering) - 1}, " if self.numbering else ""
        chosen = ", ".join([*(f'"t".{name}' for name in columns), typed("instant"), typed("text"), typed("flag")])
        kind = f' AND "t"."kind" = \'{spec.about.kind}\'' if spec.about.kind else ""
        return (
            f'INSERT INTO {past} ({", ".join(columns)}, "until", "ended_by", "deleted") SELECT {chosen} '  # noqa: S608
            f'FROM {after}{table} AS "t" WHERE "t"."tenant_id" = ? AND "t"."id" = ? AND "t"."version" = ?{kind} '
            'FOR UPDATE OF "t" RETURNING 1'
        )

    def _inserting(self, record: Record) -> str:
        schema, spec = self.writer.store.schema, record.spec
        codec = schema.codec(spec)
        typed = self.writer.store.profile.typed
        names = ["tenant_id", *(["kind"] if spec.about.kind else []), *(column.name for column in codec.columns)]
        values = [typed("text")] * (2 if spec.about.kind else 1)
        values += [mark for held in codec.fields for mark in self._marks(record, held)]
        quoted = ", ".join(f'"{name}"' for name in names)
        before = f" FROM {', '.join(self._before())}" if self._before() else ""
        return f"INSERT INTO {schema.named(spec.about.table)} ({quoted}) SELECT {', '.join(values)}{before}"

    def _setting(self, record: Record, names: Sequence[str]) -> str:
        schema, spec = self.writer.store.schema, record.spec
        sets = [
            f'"{column.name}" = {mark}'
            for held in schema.codec(spec).fields
            if held.value.name in names
            for column, mark in zip(held.columns, self._marks(record, held), strict=True)
        ]
        if "kind" in names:
            sets.append('"kind" = ?')
        return (
            f'UPDATE {schema.named(spec.about.table)} AS "t" SET {", ".join(sets)} FROM {", ".join(self._before())} '  # noqa: S608
            'WHERE "t"."tenant_id" = ? AND "t"."id" = ? AND "t"."version" = ?'
        )

    def _marks(self, record: Record, held: FieldColumns) -> Iterator[str]:
        """The places of a field's values; a number is made of its counter."""
        place = self.taken.get((record.id, held.field.name))
        for column in held.columns:
            if place is not None:
                yield self._number(place)
            elif column.holds == "table":
                yield self.writer.mark(column)
            else:
                yield self.writer.store.profile.typed(column.type)

    def _number(self, place: int) -> str:
        one = self.numbering[place]
        if one.whole:
            return f"n{place}.last"
        digits = f"n{place}.last::text"
        return f"?::text || lpad({digits}, greatest(length({digits}), {one.width}), '0')"

    def _bound(self, record: Record, held: FieldColumns, row: Sequence[Any]) -> Iterator[Any]:
        """The parameters of `_marks`."""
        place = self.taken.get((record.id, held.field.name))
        for column, value in zip(held.columns, row, strict=True):
            if place is not None:
                yield from self._prefix(place, column)
            elif column.holds == "table":
                yield from (self.writer.unit.tenant, value)
            else:
                yield value

    def _prefix(self, place: int, column: Column) -> Iterator[str]:
        one = self.numbering[place]
        if not one.whole:
            yield text_key(one.prefix) if column.holds == "key" else one.prefix
