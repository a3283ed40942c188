"""From an entity's fields to the columns of a Parquet file: one derivation for writing, reading and asking.

Every type is exact on any engine that reads Parquet. Ids are texts, days dates, instants timestamps in UTC. Money is
three columns: the decimal amount, its currency (`…_currency`) and the whole minor units (`…_minor`), of which sums are
made; a percentage two: the decimal and the basis points (`…_basis_points`). Addresses are structures, what has several
values a list; a mapping of the host's own (custom fields) is JSON text and marked so. Beside searchable texts stands
the key that they are compared by (`…_key`), beside matched fields theirs (`…_match`). An empty text is null.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import Address, Email, FieldSpec, Money, Percent, Phone, Record, Registry, Spec
from crmkit.entities.matching import KEYS
from crmkit.entities.specs import ItemType
from crmkit.entities.text import text_key
from crmkit.entities.twins import setter_of
from crmkit.repositories.store import Past
from crmkit.stores.sql.codecs import plain_reader, plain_text
from crmkit.stores.sql.columns import FieldColumns, Layout, empty_plain, layouts, scale_of

__all__ = ["ENDED", "Column", "Sheet", "instant", "sheets"]

Value = Callable[[Any], Any]
"""What of a field's value, which is not None, a column holds."""

_MOST_DIGITS: Final = 19
"""How many digits a decimal has at most: 9·10¹⁴ yen have as many with the four places that Chile's UF needs."""

_MONEY: Final = f"decimal({_MOST_DIGITS}, 4)"
_PERCENT: Final = "decimal(11, 2)"

_OF_ITEMS: Final[dict[Any, str]] = {
    str: "list<string>",
    int: "list<int64>",
    bool: "list<bool>",
    Address: "list<address>",
    Phone: "list<phone>",
    Email: "list<email>",
}
_STRUCTURES: Final[dict[str, type]] = {"address": Address, "phone": Phone, "email": Email}


@attrs.frozen
class Column:
    """A column: its type, and what of a field's value it holds. `type` is one of string, int64, bool, date, instant,
    json, a decimal with its digits, address, or a list of some.
    """

    name: str
    type: str
    nullable: bool = True
    value: Value = attrs.field(default=lambda value: value, eq=False, repr=False)

    def arrow(self) -> Any:
        """Its pyarrow field."""
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use

        metadata = {b"crmkit": b"json"} if self.type == "json" else None
        return pa.field(self.name, _arrow_type(self.type), self.nullable, metadata)


ENDED: Final = (Column("ended_at", "instant"), Column("ended_by", "string"), Column("deleted", "bool", nullable=False))
"""Of a state: when it was replaced or deleted (null: it holds), by whom, and whether it was deleted."""

_KIND: Final = Column("kind", "string", nullable=False)


def _arrow_type(type_: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use

    if type_.startswith("decimal"):
        return pa.decimal128(*map(int, type_[8:-1].split(",")))
    if type_.startswith("list"):
        return pa.list_(_arrow_type(type_[5:-1]))
    if type_ in _STRUCTURES:
        return pa.struct([pa.field(part.name, pa.string()) for part in attrs.fields(_STRUCTURES[type_])])
    made = {
        "string": pa.string(),
        "json": pa.string(),
        "int64": pa.int64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "instant": pa.timestamp("us", tz="UTC"),
    }
    return made[type_]


@attrs.frozen(eq=False)
class Sheet:
    """What a table's states look like in Parquet, those of all its entities."""

    layout: Layout

    @property
    def name(self) -> str:
        """The table's."""
        return self.layout.table

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """All columns, in their order. Raises TypeError on a field that has none, ValueError on two of one name."""
        own = (*([_KIND] if self.layout.kinded else []), *ENDED)
        reserved = {column.name for column in own}
        merged: dict[str, Column] = {}
        seen: dict[str, int] = {}
        for fields in self.layout.of_spec.values():
            for column in (one for held in fields for one in columns_of(held)):
                if merged.setdefault(column.name, column) != column or column.name in reserved:
                    raise ValueError(f"{self.name}.{column.name} would be two columns: give one field a StoredAs")
                seen[column.name] = seen.get(column.name, 0) + 1
        every = len(self.layout.of_spec)
        found = [one if seen[one.name] == every else attrs.evolve(one, nullable=True) for one in merged.values()]
        return (*own[: -len(ENDED)], *found, *ENDED)

    @cached_property
    def schema(self) -> Any:
        """The Arrow schema."""
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use

        return pa.schema([column.arrow() for column in self.columns], metadata={b"crmkit.table": self.name.encode()})

    def encoded(self, spec: Spec, states: Sequence[Past[Any]]) -> Any:
        """Saved states of one of its entities as a record batch."""
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use

        records = [past.record for past in states]
        held: dict[str, list[Any]] = {
            "kind": [spec.about.kind] * len(states),
            "ended_at": [past.until for past in states],
            "ended_by": [past.ended_by or None for past in states],
            "deleted": [past.deleted for past in states],
        }
        for of_field in self.layout.fields(spec):
            name = of_field.field.name
            values = [getattr(record, name) for record in records]
            for column in columns_of(of_field):
                value = column.value
                held[column.name] = [None if one is None else value(one) for one in values]
        nothing = [None] * len(states)
        arrays = [pa.array(held.get(field.name, nothing), field.type) for field in self.schema]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def decoded(self, rows: Sequence[Mapping[str, Any]]) -> list[Past[Any]]:
        """The saved states that rows, as pyarrow gives them, tell of."""
        return [Past(self.record(row), instant(row["ended_at"]), row["ended_by"] or "", row["deleted"]) for row in rows]

    def record(self, row: Mapping[str, Any]) -> Record:
        """The record of a row, its parts left empty, unchecked as any store's."""
        spec = self.layout.of_kind(row["kind"]) if self.layout.kinded else self.layout.specs[0]
        made: Record = object.__new__(spec.cls)
        for set_, read in self._setters[spec]:
            set_(made, read(row))
        return made

    @cached_property
    def _setters(self) -> dict[Spec, list[tuple[Callable[[Any, Any], None], Value]]]:
        found: dict[Spec, list[tuple[Callable[[Any, Any], None], Value]]] = {}
        for spec in self.layout.specs:
            setters = [
                (setter_of(spec.cls, held.field.name), _reader(held.field))
                for held in self.layout.of_spec[spec.about.kind]
            ]
            found[spec] = [*setters, *((setter_of(spec.cls, field.name), lambda _: ()) for field in spec.parts)]
        return found


def sheets(registry: Registry) -> dict[str, Sheet]:
    """The tables of all entities, by name."""
    return {name: Sheet(layout) for name, layout in layouts(registry).items()}


def columns_of(held: FieldColumns) -> Iterator[Column]:
    """The columns of a field. Raises TypeError on one that has none."""
    field = held.field
    empty = field.optional and field.name != "recorded_at"
    yield from _of_value(field, nullable=empty or field.shape in ("text", "plain"))
    for stored in held.columns[1:]:
        made = _beside(field, stored.holds, stored.of)
        if made is not None:
            yield Column(stored.name, "string", value=made)


def _of_value(field: FieldSpec, *, nullable: bool) -> Iterator[Column]:
    name = field.stored
    match field.shape:
        case "money":
            yield Column(name, _MONEY, nullable, lambda money: money.amount)
            yield Column(f"{name}_minor", "int64", nullable, lambda money: money.minor)
        case "percent":
            yield Column(name, _PERCENT, nullable, lambda percent: percent.value)
            yield Column(f"{name}_basis_points", "int64", nullable, lambda percent: percent.basis_points)
        case "decimal":
            yield Column(name, f"decimal({_MOST_DIGITS}, {scale_of(field)})", nullable)
        case "plain":
            yield _several(field)
        case "address":
            yield Column(name, "address", nullable, attrs.asdict)
        case shape if shape in _PLAINLY:
            type_, value = _PLAINLY[shape]
            yield Column(name, type_, nullable, value)
        case shape:
            raise TypeError(f"{field.name}: no column of a Parquet file holds a {shape}")


_PLAINLY: Final[dict[str, tuple[str, Value]]] = {
    "id": ("string", str),
    "text": ("string", lambda text: text or None),
    "whole": ("int64", lambda number: number),
    "flag": ("bool", bool),
    "day": ("date", lambda day: day),
    "instant": ("instant", lambda instant: instant),
    "phone": ("string", lambda phone: phone.number),
    "email": ("string", lambda email: email.address),
}


def _several(field: FieldSpec) -> Column:
    item = field.fact(ItemType)
    of = item.of if item else None
    if of is None:
        return Column(field.stored, "json", value=lambda held: plain_text(held) if held else None)
    if of not in _OF_ITEMS:
        raise TypeError(f"{field.name}: no column of a Parquet file holds a tuple of {of!r}")
    if of in _STRUCTURES.values():
        return Column(field.stored, _OF_ITEMS[of], value=lambda held: [attrs.asdict(one) for one in held] or None)
    return Column(field.stored, _OF_ITEMS[of], value=lambda held: list(held) or None)


def _beside(field: FieldSpec, holds: str, part: str) -> Value | None:
    """What a column beside that of the value holds; None for what a database alone needs."""
    match holds:
        case "currency":
            return lambda money: money.currency
        case "purpose":
            return lambda held: held.purpose
        case "key" if field.shape == "text":
            return lambda text: text_key(text) or None
        case "key":
            return lambda held: held.key
        case "part":
            return lambda address: text_key(getattr(address, part)) or None
        case "match":
            key, text = KEYS[field.matched_by], {"phone": "number", "email": "address"}.get(field.shape)
            return lambda held: key(getattr(held, text) if text else held) or None
        case _:
            return None


def _reader(field: FieldSpec) -> Value:
    """How a field's value is read of a row."""
    name = field.stored
    if field.shape == "text":
        return lambda row: row[name] or ""
    if field.shape == "plain":
        return _plain_reader(field)
    made: dict[str, Value] = {
        "id": lambda row: UUID(row[name]),
        "instant": lambda row: instant(row[name]),
        "money": lambda row: Money.of_minor(row[f"{name}_minor"], row[f"{name}_currency"]),
        "percent": lambda row: Percent.of_basis_points(row[f"{name}_basis_points"]),
        "phone": lambda row: Phone(row[name], row[f"{name}_purpose"]),
        "email": lambda row: Email(row[name], row[f"{name}_purpose"]),
        "address": lambda row: Address(**row[name]),
    }
    read = made.get(field.shape, lambda row: row[name])
    return lambda row: None if row[name] is None else read(row)


def instant(held: datetime | None) -> datetime | None:
    """An instant as an engine gives it: in UTC, with or without saying so."""
    return None if held is None else held.replace(tzinfo=UTC)


def _plain_reader(field: FieldSpec) -> Value:
    name, empty = field.stored, empty_plain(field)
    item = field.fact(ItemType)
    of = item.of if item else None
    if of is None:
        read = plain_reader(field)
        return lambda row: empty if row[name] is None else read(row[name])
    if of in _STRUCTURES.values():
        return lambda row: empty if row[name] is None else tuple(of(**one) for one in row[name])
    return lambda row: empty if row[name] is None else tuple(row[name])
