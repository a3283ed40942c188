"""From an entity's fields to stored columns; the same on every engine, which only chooses the types."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import attrs

from crmkit.entities import Address, Email, FieldSpec, FrozenMap, Phone, Registry, Spec, facts
from crmkit.entities.matching import LONGEST_KEY
from crmkit.entities.specs import ItemType

__all__ = ["BOOKS", "Column", "FieldColumns", "Layout", "layouts", "scale_of"]

BOOKS: Final = ("id", "version", "recorded_at", "recorded_by")
"""The fields that every table has columns for, whatever its entities are."""

_LONGEST_REACH: Final = 254
"""How many characters a telephone number or an e-mail address has at most."""


@attrs.frozen
class Column:
    """A stored column. `type` is one of id, text, code, json, whole, flag, day, instant.

    `holds` says what of the field's value it holds: `value` (all of it, or its leading part), `key` (what it is
    compared by), `match` (what records of one thing have in
    common), `currency`, `purpose`, `part` (the key of the address part named `of`), `kind` (the constant `of`:
    what the record referred to must be) or `table` (the id again, where it is of a record of the table `of`).
    """

    name: str
    type: str
    nullable: bool = False
    holds: str = "value"
    of: str = ""
    length: int = 0
    """How many characters a text has at most; 0 where it is not bounded."""


@attrs.frozen
class FieldColumns:
    """A field and its columns, the one that holds its value first."""

    field: FieldSpec
    columns: tuple[Column, ...]

    @property
    def value(self) -> Column:
        """The column of the value itself."""
        return self.columns[0]

    def holding(self, what: str, of: str = "") -> Column | None:
        """The column that holds that of the value, or None."""
        return next((c for c in self.columns if c.holds == what and (not of or c.of == of)), None)

    @property
    def compared(self) -> Column:
        """The column by which values are compared, ordered and unique."""
        return self.holding("key") or self.value

    @property
    def read(self) -> tuple[Column, ...]:
        """The columns that the value is read from."""
        return tuple(column for column in self.columns if column.holds in ("value", "currency", "purpose"))


@attrs.frozen(eq=False)
class Layout:
    """A table: its columns, those of entities that share it merged by stored name."""

    table: str
    specs: tuple[Spec, ...]
    of_spec: dict[str, tuple[FieldColumns, ...]]
    """By kind, the columns of each stored field, in the order of the fields."""

    @property
    def kinded(self) -> bool:
        """Whether several entities share the table."""
        return bool(self.specs[0].about.kind)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns but the tenant and the kind; those that some kind has not are nullable."""
        merged: dict[str, Column] = {}
        seen: dict[str, int] = {}
        for fields in self.of_spec.values():
            for column in (column for held in fields for column in held.columns):
                if column.name in merged and merged[column.name] != column:
                    raise ValueError(f"{self.table}.{column.name} is stored in two ways: give one field a StoredAs")
                merged[column.name] = column
                seen[column.name] = seen.get(column.name, 0) + 1
        every = len(self.of_spec)
        return tuple(c if seen[c.name] == every else attrs.evolve(c, nullable=True) for c in merged.values())

    def fields(self, spec: Spec) -> tuple[FieldColumns, ...]:
        """The stored fields of one of its entities, or those that all have, for their common base."""
        if spec.cls is self.of_kind(spec.about.kind).cls:
            return self.of_spec[spec.about.kind]
        return tuple(held for held in self.of_spec[self.specs[0].about.kind] if held.field.name in spec.by_name)

    def of_kind(self, kind: str) -> Spec:
        """The entity of that kind; the first where there is none."""
        return next((spec for spec in self.specs if spec.about.kind == kind), self.specs[0])

    @cached_property
    def every_field(self) -> tuple[FieldColumns, ...]:
        """The stored fields of all its entities, each stored name once."""
        found: dict[str, FieldColumns] = {}
        for fields in self.of_spec.values():
            for held in fields:
                found.setdefault(held.value.name, held)
        return tuple(found.values())


def layouts(registry: Registry) -> dict[str, Layout]:
    """The tables of all entities, by name."""
    return {
        table.name: Layout(table.name, table.specs, {spec.about.kind: tuple(_fields(spec)) for spec in table.specs})
        for table in registry.tables.values()
    }


def scale_of(field: FieldSpec) -> int:
    """How many digits after the point a decimal field keeps."""
    given = field.fact(facts.Scale)
    return given.digits if given else 4


def _fields(spec: Spec) -> Iterator[FieldColumns]:
    for field in spec.fields:
        if field.shape != "parts":
            matched = Column(f"{field.stored}_match", "text", nullable=True, holds="match", length=LONGEST_KEY)
            yield FieldColumns(field, (*_columns(field), *((matched,) if field.matched_by else ())))


def _columns(field: FieldSpec) -> Iterator[Column]:
    name, empty = field.stored, field.optional
    bound = field.fact(facts.MaxLen)
    length = bound.length if bound else 0
    match field.shape:
        case "text" if field.code_of:
            yield Column(name, "code", nullable=True, length=length)
        case "text":
            yield Column(name, "text", length=length)
            if field.searchable:
                yield Column(f"{name}_key", "text", nullable=True, holds="key", length=length)
        case "id":
            yield from _reference(field)
        case "money":
            yield Column(name, "whole", nullable=empty)
            yield Column(f"{name}_currency", "code", nullable=empty, holds="currency")
        case "phone" | "email":
            yield Column(name, "text", nullable=empty, length=_LONGEST_REACH)
            yield Column(f"{name}_purpose", "text", nullable=empty, holds="purpose")
            yield Column(f"{name}_key", "text", nullable=empty, holds="key", length=_LONGEST_REACH)
        case "address":
            yield Column(name, "json", nullable=empty)
            searchable = field.fact(facts.Searchable)
            for part in searchable.parts if searchable else ():
                yield Column(f"{name}_{part}_key", "text", nullable=True, holds="part", of=part)
        case "plain":
            item = field.fact(ItemType)
            if item and item.of not in (None, str, int, bool, Address, Email, Phone):
                raise TypeError(f"{field.name}: no column holds a tuple of {item.of!r}")
            yield Column(name, "json", nullable=True)
        case "whole" | "percent" | "decimal":
            yield Column(name, "whole", nullable=empty)
        case "flag" | "day" | "instant":
            yield Column(name, field.shape, nullable=empty and name != "recorded_at")
        case shape:
            raise TypeError(f"{field.name}: no column holds a {shape}")


def _reference(field: FieldSpec) -> Iterator[Column]:
    name, references = field.stored, field.references
    yield Column(name, "id", nullable=field.optional)
    if references is None:
        return
    if references.kind:
        yield Column(f"{name}_kind", "code", nullable=field.optional, holds="kind", of=references.kind)
    if len(references.tables) > 1:
        for table in references.tables:
            yield Column(f"{name}_{table}", "id", nullable=True, holds="table", of=table)


def empty_plain(field: FieldSpec) -> object:
    """What an empty column of plain data stands for: the field's default where that is empty, None where optional."""
    if field.optional:
        return None
    if field.default is not None and field.default in ((), FrozenMap()):
        return field.default
    item = field.fact(ItemType)
    return FrozenMap() if item is None or item.of is None else ()
