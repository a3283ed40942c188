"""How changes are applied: touched records are checked and copied to history, then creates, updates, deletes."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from crmkit.changes import Changes, Update
from crmkit.entities import Record, Spec
from crmkit.entities.record import stamped
from crmkit.entities.text import with_article
from crmkit.errors import Busy, Conflict, CrmkitError, Duplicate, Invalid, Refused
from crmkit.repositories.references import kind_findings, referrers_left, unknown_references
from crmkit.stores.sql.at_once import applied_at_once
from crmkit.stores.sql.columns import Column
from crmkit.stores.sql.counters import Counters
from crmkit.stores.sql.instants import micros
from crmkit.stores.sql.tables import HISTORY

if TYPE_CHECKING:
    from crmkit.stores.sql.codecs import Codec
    from crmkit.stores.sql.unit import SqlUnit

__all__ = ["Writer"]

_MICROSECOND: Final = timedelta(microseconds=1)
_ENDED: Final = {"until": "instant", "ended_by": "text", "deleted": "flag"}
"""The columns by which a past state says how it ended, with their types."""

_BURIED: Final = {"id": "id", "was": "whole", **_ENDED}
"""The columns of a list of records that end as they are, with their types."""

_LIST: Final = 1024
"""How many rows are listed in one statement at most."""


class Writer:
    """Applies changes in a unit of work."""

    def __init__(self, unit: "SqlUnit") -> None:
        self.unit = unit
        self.store = unit.store
        self.counters = Counters(unit)
        self._stepwise = True
        """Whether each application can be taken back by itself, by a savepoint."""

    def apply(self, changes: Changes, by: str) -> Changes:
        """The changes, made and resolved."""
        unit = self.unit
        unit.writing()
        instant = unit.instant
        unit.execute("SAVEPOINT changes")
        counted = dict(unit.counted)
        try:
            made = self._applied(changes, instant, by)
        except BaseException:
            unit.counted = counted
            unit.undo("changes")
            raise
        unit.execute("RELEASE SAVEPOINT changes")
        return made

    def finish(self, changes: Changes, by: str) -> Changes:
        """The changes, made, resolved and saved, without a savepoint: where they fail, the whole unit begins anew."""
        unit = self.unit
        self._stepwise = False
        try:
            made = None
            if self.store.profile.changes_at_once and unit.transaction.at_large and self.store.fault_at is None:
                made = applied_at_once(self, changes, unit.not_long_ago(), by)
            if made is None:
                unit.writing()
                made = self._applied(changes, unit.instant, by)
            unit.commit()
        except BaseException:
            unit.begin_anew()
            raise
        return made

    def later(self, changes: Changes, instant: datetime) -> dict[UUID, datetime]:
        """When each touched record is recorded: at the instant, or just after its last one where that is later."""
        return {
            record.id: instant
            if record.recorded_at is None or record.recorded_at <= instant
            else record.recorded_at + _MICROSECOND
            for record in changes.touched()
        }

    def _applied(self, changes: Changes, instant: datetime, by: str) -> Changes:
        later = self.later(changes, instant)
        fresh = {"version": 1, "recorded_at": instant, "recorded_by": by}
        creates = [stamped(record, {**fresh, **given}) for record, given in self.counters.numbered(changes.creates)]
        restores = [self._restored(record, instant, by) for record in changes.restores]
        becoming = [update.after for update in changes.updates if type(update.before) is not type(update.after)]
        numbers = {record.id: given for record, given in self.counters.numbered(becoming)}
        updates = [
            Update(
                update.before,
                stamped(
                    update.after,
                    {
                        "version": update.before.version + 1,
                        "recorded_at": later[update.before.id],
                        "recorded_by": by,
                        **numbers.get(update.after.id, {}),
                    },
                ),
            )
            for update in changes.updates
        ]
        if quoting := changes.quoting((*creates, *(update.after for update in updates))):
            creates = [stamped(record, quoting.get(record.id, {})) for record in creates]
        made = changes.resolved(creates=creates, restores=restores, updates=updates)
        self._check_anywhere(made)
        try:
            self._bury(changes, later, by)
            self._insert([*creates, *restores])
            self._update(updates)
            self._delete(changes.deletes)
        except CrmkitError:
            raise
        except Exception as cause:
            raise self._translated(cause, made) from cause
        return made

    def _check_anywhere(self, made: Changes) -> None:
        """References that may be to any table have no key in the engine: they are looked up."""
        saved = [*made.creates, *made.restores, *(update.after for update in made.updates)]
        wanted = [record for record in saved if record.spec in self.store.schema.anywhere]
        if wanted:
            created = {(record.spec.about.table, record.id) for record in (*made.creates, *made.restores)}
            self._refuse_unknown(wanted, created)

    def _refuse_unknown(self, saved: Sequence[Record], created: Collection[tuple[str, UUID]]) -> None:
        faults = unknown_references(self.unit, saved, created)
        if faults:
            record = faults[0][0]
            raise Invalid(record.spec.name, [fault for one, fault in faults if one is record])

    # History

    def _bury(self, changes: Changes, later: Mapping[UUID, datetime], by: str) -> None:
        """Lock what is touched and copy it to history, in order of table and id. Raises Conflict."""
        ended = {update.before.id: 0 for update in changes.updates} | {record.id: 1 for record in changes.deletes}
        grouped: dict[Spec, list[Record]] = {}
        for record in changes.touched():
            grouped.setdefault(record.spec, []).append(record)
        for spec in sorted(grouped, key=lambda spec: self.store.schema.order[spec.about.table]):
            held = sorted(grouped[spec], key=lambda record: record.id.int)
            rows = [(one.id.bytes, one.version, micros(later[one.id]), by, ended[one.id]) for one in held]
            if self._in_lists(len(rows)):
                found = self._listed(("history", spec), partial(self._history_of_listed, spec), rows)
            else:
                found = self._many(
                    self._history_text(spec),
                    [(until, *how, self.unit.tenant, id, was) for id, was, until, *how in rows],
                )
            if found != len(held):
                self._conflict(held)

    def _history_text(self, spec: Spec) -> str:
        return self.store.schema.text(("history", spec), lambda: self._history(spec))

    def _history(self, spec: Spec) -> str:
        columns, table, past = self.copied(spec)
        names = ", ".join(columns)
        return (
            f'INSERT INTO {past} ({names}, "until", "ended_by", "deleted") '  # noqa: S608 - declared names
            f"SELECT {names}, ?, ?, ? FROM {table} "
            f'WHERE "tenant_id" = ? AND "id" = ? AND "version" = ?{_of_kind(spec)}{self.store.profile.locks}'
        )

    def _history_of_listed(self, spec: Spec) -> str:
        columns, table, past = self.copied(spec)
        profile = self.store.profile
        chosen = ", ".join([*(f'"t".{name}' for name in columns), '"v"."until"', '"v"."ended_by"', '"v"."deleted"'])
        rows = profile.locking_listed(chosen, profile.listed(_BURIED), table, self._met(_of_kind(spec, '"t".')))
        return f'INSERT INTO {past} ({", ".join(columns)}, "until", "ended_by", "deleted") {rows}'

    def copied(self, spec: Spec) -> tuple[list[str], str, str]:
        """What is copied to history: the columns, from which table, to which."""
        about = spec.about
        layout = self.store.schema.layouts[about.table]
        names = ["tenant_id", *(["kind"] if layout.kinded else []), *(column.name for column in layout.columns)]
        table, past = (self.store.schema.named(name) for name in (about.table, about.table + HISTORY))
        return [f'"{name}"' for name in names], table, past

    # Lists

    def _in_lists(self, count: int) -> bool:
        least = self.store.profile.lists_from
        return least is not None and count >= least

    def _met(self, more: str = "") -> str:
        """What a listed row and a stored one have in common: tenant, id, and the version that it was read in."""
        id = self.store.profile.listed_value("id", "id")
        return f'"t"."tenant_id" = ? AND "t"."id" = {id} AND "t"."version" = "v"."was"{more}'

    def _listed(self, key: Hashable, make: Callable[[], str], rows: Sequence[Sequence[Any]]) -> int:
        """Run a statement over lists of rows; how many rows it met."""
        text = self.store.schema.text(("listed", key), make)
        found = 0
        for start in range(0, len(rows), _LIST):
            bound = self.store.profile.as_list(rows[start : start + _LIST])
            found += self._many(text, [(*bound, self.unit.tenant)])
        return found

    def _conflict(self, records: Sequence[Record]) -> None:
        for record in records:
            table = self.store.schema.named(record.spec.about.table)
            text = f'SELECT "version" FROM {table} WHERE "tenant_id" = ? AND "id" = ?'  # noqa: S608 - declared names
            row = self.unit.ask(text, (self.unit.tenant, record.id.bytes)).fetchone()
            now = self.unit.get(type(record), record.id)
            if now is None or now.version != record.version:
                raise Conflict(record.spec.name, record.id, record.version, row[0] if row else None)

    def _restored(self, record: Record, instant: datetime, by: str) -> Record:
        states = self.unit.history(type(record), record.id)
        if not states:
            raise Conflict(record.spec.name, record.id, record.version, None)
        last = states[-1]
        at = max(instant, last.until or instant)
        return stamped(record, {"version": last.record.version + 1, "recorded_at": at, "recorded_by": by})

    # Rows

    def keep(self, records: Sequence[Record], past: Sequence[tuple[int, str, int]]) -> None:
        """Insert records as they are; with `past`, what came after each, as past states. Raises StoreError."""
        try:
            if past:
                self._insert_past(records, past)
            else:
                self._insert(records)
        except CrmkitError:
            raise
        except Exception as cause:
            raise self.unit.failed(cause) from cause

    def _insert(self, records: Sequence[Record]) -> None:
        for spec, held in self._in_order(records):
            codec = self.store.schema.codec(spec)
            text, shape = self._insert_text(spec, codec)
            self._put(spec, codec, text, [shape(codec.encode(record)) for record in held])

    def _insert_past(self, records: Sequence[Record], past: Sequence[tuple[int, str, int]]) -> None:
        grouped: dict[Spec, list[tuple[Record, tuple[int, str, int]]]] = {}
        for record, after in zip(records, past, strict=True):
            grouped.setdefault(record.spec, []).append((record, after))
        for spec, held in grouped.items():
            codec = self.store.schema.codec(spec)
            text, shape = self._insert_text(spec, codec, past=True)
            self._put(spec, codec, text, [shape(codec.encode(record)) + after for record, after in held], past=True)

    def _put(
        self, spec: Spec, codec: "Codec", text: str, rows: Sequence[tuple[Any, ...]], *, past: bool = False
    ) -> None:
        """Insert rows, as a stream where that is the faster way."""
        copies_from = self.store.profile.copies_from
        if copies_from is None or len(rows) < copies_from or codec.looked_up:
            self._many(text, rows, count=False)
            return
        table = self.store.schema.named(spec.about.table + (HISTORY if past else ""))
        if self.store.fault_at is not None:
            self.store.fault_at(table)
        head = {"tenant_id": "text", **({"kind": "text"} if spec.about.kind else {})}
        tail = _ENDED if past else {}
        columns = head | {column.name: column.type for column in codec.columns} | tail
        self.store.profile.copy(self.unit.cursor, table, columns, rows)

    def _in_order(self, records: Sequence[Record]) -> list[tuple[Spec, list[Record]]]:
        grouped: dict[Spec, list[Record]] = {}
        for record in records:
            grouped.setdefault(record.spec, []).append(record)
        found = sorted(grouped.items(), key=lambda item: self.store.schema.order[item[0].about.table])
        return [(spec, _parents_first(spec, held)) for spec, held in found]

    def _insert_text(self, spec: Spec, codec: "Codec", *, past: bool = False) -> tuple[str, Any]:
        """The statement, and how a record's values become its parameters."""
        text = self.store.schema.text(("insert", spec, past), lambda: self._inserting(spec, codec, past=past))
        tenant = self.unit.tenant
        start = (tenant, spec.about.kind) if spec.about.kind else (tenant,)
        looked_up = codec.looked_up
        if not looked_up:
            return text, lambda row: start + row

        def spread(row: tuple[Any, ...]) -> tuple[Any, ...]:
            out: list[Any] = list(start)
            for place, value in enumerate(row):
                out += (tenant, value) if place in looked_up else (value,)
            return tuple(out)

        return text, spread

    def _inserting(self, spec: Spec, codec: "Codec", *, past: bool) -> str:
        table = self.store.schema.named(spec.about.table + (HISTORY if past else ""))
        tail = _ENDED if past else ()
        head = ["tenant_id", *(["kind"] if spec.about.kind else [])]
        names = ", ".join(f'"{name}"' for name in (*head, *(column.name for column in codec.columns), *tail))
        marks = ", ".join(
            [*(["?"] * len(head)), *(self.mark(column) for column in codec.columns), *(["?"] * len(tail))]
        )
        return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - declared names

    def mark(self, column: Column) -> str:
        """The place of a value; of one that says in which table a record is, a look into that table."""
        if column.holds != "table":
            return "?"
        table = self.store.schema.named(column.of)
        return f'(SELECT "id" FROM {table} WHERE "tenant_id" = ? AND "id" = ?)'  # noqa: S608 - declared names

    def _update(self, updates: Sequence[Update]) -> None:
        grouped: dict[tuple[Spec, tuple[str, ...]], list[tuple[Any, ...]]] = {}
        for update in updates:
            names, values = self.changed(update)
            row = (update.after.id.bytes, update.before.version, *values)
            grouped.setdefault((update.after.spec, tuple(names)), []).append(row)
        for (spec, set_), rows in grouped.items():
            self._set(spec, set_, rows)

    def changed(self, update: Update) -> tuple[list[str], list[Any]]:
        """The columns in which a record differs from what it was, and their values."""
        before, after = update.before, update.after
        codec = self.store.schema.codec(after.spec)
        shared, values_of, more = self.store.schema.compared(before.spec, after.spec)
        differ = [
            held
            for held, was, now in zip(shared, values_of(before), values_of(after), strict=True)
            if was is not now and was != now
        ]
        names: list[str] = []
        values: list[Any] = []
        for held in (*differ, *more):
            names += [column.name for column in held.columns]
            values += codec.of_field(held, after)
        if before.spec is not after.spec:
            names.append("kind")
            values.append(after.spec.about.kind)
        return names, values

    def _set(self, spec: Spec, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Set columns of rows, each of which is its id, the version that it was in, and the values."""
        columns = {column.name: column for column in self.store.schema.codec(spec).columns}
        if self._in_lists(len(rows)):
            types = [columns[name].type if name in columns else "text" for name in names]
            listed = {"id": "id", "was": "whole", **{f"c{place}": type_ for place, type_ in enumerate(types)}}
            self._listed(("update", spec, names), lambda: self._setting_listed(spec, names, listed), rows)
            return
        twice = [place for place, name in enumerate(names) if name in columns and columns[name].holds == "table"]
        tenant = self.unit.tenant
        bound: list[tuple[Any, ...]] = []
        for id, was, *values in rows:
            for place in reversed(twice):
                values.insert(place, tenant)
            bound.append((*values, tenant, id, was))
        self._many(self._update_text(spec, names), bound, count=False)

    def _setting_listed(self, spec: Spec, names: tuple[str, ...], listed: Mapping[str, str]) -> str:
        columns = {column.name: column for column in self.store.schema.codec(spec).columns}
        profile = self.store.profile
        sets: dict[str, str] = {}
        for place, name in enumerate(names):
            value = profile.listed_value(f"c{place}", listed[f"c{place}"])
            if name in columns and columns[name].holds == "table":
                there = self.store.schema.named(columns[name].of)
                value = f'(SELECT "id" FROM {there} WHERE "tenant_id" = "t"."tenant_id" AND "id" = {value})'  # noqa: S608
            sets[name] = value
        return profile.updating_listed(
            self.store.schema.named(spec.about.table), profile.listed(listed), sets, self._met()
        )

    def _update_text(self, spec: Spec, names: tuple[str, ...]) -> str:
        return self.store.schema.text(("update", spec, names), lambda: self._setting(spec, names))

    def _setting(self, spec: Spec, names: tuple[str, ...]) -> str:
        columns = {column.name: column for column in self.store.schema.codec(spec).columns}
        sets = ", ".join(f'"{name}" = {self.mark(columns[name]) if name in columns else "?"}' for name in names)
        table = self.store.schema.named(spec.about.table)
        return f'UPDATE {table} SET {sets} WHERE "tenant_id" = ? AND "id" = ? AND "version" = ?'  # noqa: S608

    def _delete(self, records: Sequence[Record]) -> None:
        for spec, held in reversed(self._in_order(records)):
            ids = [record.id.bytes for record in reversed(held)]
            of_itself = any(f.references and spec.about.table in f.references.tables for f in spec.fields)
            if of_itself or not self._in_lists(len(ids)):
                self._many(self._deleting(spec, 1), [(self.unit.tenant, id) for id in ids], count=False)
                continue
            for start in range(0, len(ids), _LIST):
                some = ids[start : start + _LIST]
                some += [some[-1]] * ((1 << (len(some) - 1).bit_length()) - len(some))
                self._many(self._deleting(spec, len(some)), [(self.unit.tenant, *some)], count=False)

    def _deleting(self, spec: Spec, width: int) -> str:
        table = self.store.schema.named(spec.about.table)
        marks = ", ".join("?" * width)
        statement = f'DELETE FROM {table} WHERE "tenant_id" = ? AND "id" IN ({marks})'  # noqa: S608 - declared names
        return self.store.schema.text(("delete", table, width), partial(str, statement))

    def _many(self, text: str, rows: Sequence[tuple[Any, ...]], *, count: bool = True) -> int:
        """Run a statement once for each row; how many rows it met."""
        if self.store.fault_at is not None:
            self.store.fault_at(text)
        if not rows and not count:
            return 0
        cursor = self.unit.cursor
        if len(rows) == 1:
            cursor.execute(text, rows[0])
        else:
            cursor.executemany(text, rows)
        return int(cursor.rowcount)

    # Errors

    def _translated(self, error: Exception, made: Changes) -> Exception:
        """What a broken constraint means, in terms of the records."""
        broken = self.store.profile.broken_constraint(error)
        if broken is None:
            return self.unit.failed(error)
        if self._stepwise:
            self.unit.execute("ROLLBACK TO SAVEPOINT changes")
        else:
            self.unit.begin_anew()
        saved = [*made.creates, *made.restores, *(update.after for update in made.updates)]
        if broken.kind == "unique":
            columns = broken.columns or self.store.schema.constrained.get(broken.name, ("tenant_id", "id"))
            return self._duplicate(columns, saved)
        created = {(record.spec.about.table, record.id) for record in (*made.creates, *made.restores)}
        self._refuse_unknown(saved, created)
        for update in made.updates:
            found = kind_findings(self.unit, update.before, update.after)
            if found:
                return Refused(f"making {with_article(update.after.spec.name)} of the {update.before.spec.name}", found)
        for record in made.deletes:
            found = referrers_left(self.unit, record, made.deletes)
            if found:
                return Refused(f"deleting the {record.spec.name}", found)
        if broken.kind == "reference":
            return Busy("what is referred to was being changed by another unit of work: try again")
        return self.store.profile.translated(error)

    def _duplicate(self, columns: tuple[str, ...], saved: Sequence[Record]) -> Exception:
        wanted = tuple(name for name in columns if name != "tenant_id")
        seen: dict[Any, Record] = {}
        for record in saved:
            layout = self.store.schema.layouts[record.spec.about.table]
            fields = {held.compared.name: held for held in layout.fields(record.spec)}
            if not all(name in fields for name in wanted):
                continue
            values = self.store.schema.codec(record.spec).values(record)
            key = (record.spec.about.table, *(bytes(v) if isinstance(v := values[n], bytearray) else v for n in wanted))
            if key in seen or self._taken(record, wanted, key[1:]):
                named = [fields[name].field.name for name in wanted]
                return Duplicate(record.spec.name, ", ".join(named), getattr(record, named[-1]))
            seen[key] = record
        return Duplicate("record", ", ".join(wanted))

    def _taken(self, record: Record, columns: tuple[str, ...], values: tuple[Any, ...]) -> bool:
        table = self.store.schema.named(record.spec.about.table)
        held = " AND ".join(f'"{name}" = ?' for name in columns)
        text = f'SELECT 1 FROM {table} WHERE "tenant_id" = ? AND {held} AND "id" <> ?'  # noqa: S608 - declared names
        return self.unit.ask(text, (self.unit.tenant, *values, record.id.bytes)).fetchone() is not None


def _of_kind(spec: Spec, of: str = "") -> str:
    return f" AND {of}\"kind\" = '{spec.about.kind}'" if spec.about.kind else ""


def _parents_first(spec: Spec, records: list[Record]) -> list[Record]:
    """Records of a table that refers to itself, those referred to before those that refer."""
    table = spec.about.table
    fields = [f.name for f in spec.fields if f.references and f.references.tables == (table,)]
    if not fields or len(records) == 1:
        return records
    by_id = {record.id: record for record in records}
    ordered: dict[Any, Record] = {}

    def place(record: Record, above: tuple[Any, ...]) -> None:
        for name in fields:
            parent = by_id.get(getattr(record, name))
            if parent is not None and parent.id not in ordered and parent.id not in above:
                place(parent, (*above, record.id))
        ordered[record.id] = record

    for record in records:
        if record.id not in ordered:
            place(record, (record.id,))
    return list(ordered.values())
