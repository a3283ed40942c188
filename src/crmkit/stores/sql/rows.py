"""Rows as statements: how they are copied to history, inserted, set and deleted, one by one or in lists."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from crmkit.changes import Update
from crmkit.entities import Record, Spec
from crmkit.errors import CrmkitError
from crmkit.stores.sql.columns import Column
from crmkit.stores.sql.tables import HISTORY

if TYPE_CHECKING:
    from crmkit.stores.sql.codecs import Codec
    from crmkit.stores.sql.unit import SqlUnit

__all__ = ["Rows"]

_ENDED: Final = {"until": "instant", "ended_by": "text", "deleted": "flag"}
"""The columns by which a past state says how it ended, with their types."""

_BURIED: Final = {"id": "id", "was": "whole", **_ENDED}
"""The columns of a list of records that end as they are, with their types."""

_LIST: Final = 1024
"""How many rows are listed in one statement at most."""


class Rows:
    """Writes rows in a unit of work."""

    def __init__(self, unit: "SqlUnit") -> None:
        self.unit = unit
        self.store = unit.store

    # History

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
