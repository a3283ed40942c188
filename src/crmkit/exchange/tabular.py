"""Records as rows: columns with documented names in a documented order, derived from the declarations.

`id, version, recorded_at, recorded_by` come first, then the fields in the order in which they are declared, custom
fields last. Money is two columns (`…`, `…_currency`), an address six, a telephone number and an e-mail address two
(`…`, `…_purpose`); what has several values (lines, e-mails, categories) is one column of JSON text.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from crmkit.entities import Address, FieldSpec, Record
from crmkit.entities.text import with_article
from crmkit.errors import Fault, Invalid
from crmkit.exchange.plain import from_plain, to_plain

__all__ = ["Column", "columns", "record_of", "row"]

R = TypeVar("R", bound=Record)

Cell = str | int | Decimal | date | datetime | bool | None

_ADDRESS: Final = tuple(field.name for field in attrs.fields(Address))


@attrs.frozen
class Column:
    """A column: its permanent name, what people read above it, and what its cells hold.

    `type` is one of text, whole, decimal, flag, day, instant, json.
    """

    name: str
    label: str
    type: str
    field: str
    part: str = ""


def columns(kind: type[Record], language: str = "en") -> tuple[Column, ...]:
    """The columns of an entity, in their order; labels in English or Spanish."""
    made = _MADE.get((kind, language))
    if made is None:
        made = _MADE[kind, language] = _columns(kind, language)
    return made


_MADE: Final[dict[tuple[type[Record], str], tuple[Column, ...]]] = {}


def _columns(kind: type[Record], language: str) -> tuple[Column, ...]:
    fields = sorted(kind.spec.fields, key=lambda field: field.name == "custom")
    return tuple(column for field in fields for column in _of_field(field, language))


_TYPES: Final = {
    "id": "text",
    "text": "text",
    "whole": "whole",
    "flag": "flag",
    "percent": "decimal",
    "decimal": "decimal",
    "day": "day",
    "instant": "instant",
    "plain": "json",
    "parts": "json",
}
_OF_PARTS: Final = {
    "street": "Calle",
    "city": "Ciudad",
    "region": "Región",
    "postal_code": "Código postal",
    "country": "País",
    "purpose": "Uso",
    "currency": "Moneda",
}


def _of_field(field: FieldSpec, language: str) -> list[Column]:
    label = field.label(language)
    if field.shape == "money":
        currency = _labelled(label, "currency", language)
        return [
            Column(field.name, label, "decimal", field.name),
            Column(f"{field.name}_currency", currency, "text", field.name, "currency"),
        ]
    if field.shape == "address":
        return [
            Column(f"{field.name}_{part}", _labelled(label, part, language), "text", field.name, part)
            for part in _ADDRESS
        ]
    if field.shape in ("phone", "email"):
        purpose = _labelled(label, "purpose", language)
        return [
            Column(field.name, label, "text", field.name),
            Column(f"{field.name}_purpose", purpose, "text", field.name, "purpose"),
        ]
    return [Column(field.name, label, _TYPES[field.shape], field.name)]


def _labelled(label: str, part: str, language: str) -> str:
    said = _OF_PARTS[part] if language == "es" else part.replace("_", " ").capitalize()
    return f"{label}: {said}"


def row(record: Record) -> tuple[Cell, ...]:
    """The record as a row, one cell a column; empty is None."""
    plain = to_plain(record)
    return tuple(_cell(record, column, plain) for column in columns(type(record)))


def _cell(record: Record, column: Column, plain: Mapping[str, Any]) -> Cell:
    field = record.spec.by_name[column.field]
    value = getattr(record, column.field)
    if value is None or value == "":
        return None
    match field.shape:
        case "money":
            return str(value.currency) if column.part else value.amount
        case "address" | "phone" | "email":
            leading = {"phone": "number", "email": "address"}.get(field.shape, "")
            return getattr(value, column.part or leading) or None
        case "percent":
            return value.value  # type: ignore[no-any-return]
        case "plain" | "parts":
            return json.dumps(plain[column.field], ensure_ascii=False) if value else None
        case "id":
            return str(value)
        case _:
            return value  # type: ignore[no-any-return]


def record_of(kind: type[R], cells: Sequence[Cell] | Mapping[str, Cell]) -> R:
    """The record of a row, as `row` gives it or by column name; texts are taken for every type.

    Raises Invalid with every fault, unknown columns among them.
    """
    known = {column.name: column for column in columns(kind)}
    named = cells if isinstance(cells, Mapping) else dict(zip(known, cells, strict=True))
    faults = [
        Fault(str(name), f"is no column of {with_article(kind.spec.name)}") for name in named if name not in known
    ]
    held: dict[str, dict[str, Cell]] = {}
    for name, value in named.items():
        if name in known and value is not None and value != "":
            held.setdefault(known[name].field, {})[known[name].part] = value
    data: dict[str, Any] = {}
    for name, parts in held.items():
        try:
            data[name] = _value(kind.spec.by_name[name], parts)
        except ValueError as fault:
            faults.append(Fault(name, str(fault)))
    try:
        made = from_plain(kind, data)
    except Invalid as wrong:
        raise Invalid(kind.spec.name, [*faults, *wrong.faults]) from wrong
    if faults:
        raise Invalid(kind.spec.name, faults)
    return made


def _value(field: FieldSpec, parts: Mapping[str, Cell]) -> Any:
    whole = parts.get("")
    match field.shape:
        case "money":
            return {"amount": whole, "currency": parts.get("currency", "")}
        case "address":
            return {name: str(value) for name, value in parts.items()}
        case "phone" | "email":
            name = "number" if field.shape == "phone" else "address"
            return {name: str(whole or ""), "purpose": str(parts.get("purpose", ""))}
        case "plain" | "parts":
            return json.loads(str(whole))
        case "flag":
            return _flag(whole)
        case "whole":
            return int(str(whole))
        case "text":
            return str(whole)
        case _:
            return whole


def _flag(cell: Cell) -> bool:
    said = str(cell).strip().lower()
    if said not in ("true", "false", "1", "0"):
        raise ValueError(f"is true or false, not {cell!r}")
    return said in ("true", "1")
