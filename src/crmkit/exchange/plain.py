"""Records as plain data, as JSON knows it, and back; with every fault of what does not fit.

Ids, decimals and percentages are texts, money is an amount (as text) and a currency, days and instants are ISO texts,
parts are lists. Fields at their default are left out of what is written, and may be left out of what is read.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast
from uuid import UUID

import cattrs

from crmkit.entities import Address, Email, FieldSpec, Money, Percent, Phone, Record
from crmkit.entities.specs import ItemType
from crmkit.entities.text import with_article
from crmkit.errors import Fault, Invalid

__all__ = ["from_json", "from_plain", "plain_value", "to_json", "to_plain", "typed_value"]

R = TypeVar("R", bound=Record)


@cache
def _converter() -> cattrs.Converter:
    made = cattrs.Converter()
    for kind in (UUID, Decimal):
        made.register_unstructure_hook(kind, str)
    made.register_unstructure_hook(Percent, lambda value: str(value.value))
    made.register_unstructure_hook(Money, lambda value: {"amount": f"{value.amount:f}", "currency": value.currency})
    made.register_unstructure_hook(date, lambda value: value.isoformat())
    made.register_unstructure_hook(datetime, lambda value: value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
    for value_kind in (Address, Phone, Email):
        made.register_unstructure_hook(value_kind, _said)
    made.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, Mapping),
        lambda value: {key: made.unstructure(item) for key, item in value.items()},
    )
    made.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, tuple),
        lambda value: [made.unstructure(item) for item in value],
    )
    made.register_unstructure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, Record), to_plain)
    made.register_structure_hook(Money, _money)
    made.register_structure_hook(Percent, lambda value, _: Percent(value))
    made.register_structure_hook(UUID, lambda value, _: value if isinstance(value, UUID) else UUID(str(value)))
    made.register_structure_hook(Decimal, lambda value, _: Decimal(_exact(value)))
    made.register_structure_hook(date, _day)
    made.register_structure_hook(datetime, _instant)
    made.register_structure_hook(Address, _value_of(Address))
    made.register_structure_hook(Phone, _value_of(Phone))
    made.register_structure_hook(Email, _value_of(Email))
    return made


def to_plain(record: Record) -> dict[str, Any]:
    """The record as plain data; what is at its default is left out."""
    unstructure = _converter().unstructure
    return {
        field.name: unstructure(value)
        for field in record.spec.fields
        if (value := getattr(record, field.name)) != field.default
    }


def from_plain(kind: type[R], data: Mapping[str, Any]) -> R:
    """A record of plain data, as `to_plain` writes it or as people do (`"probability": 60`, an e-mail as text).

    Raises Invalid with every fault: unknown fields, missing ones, values that do not fit.
    """
    if not isinstance(data, Mapping):
        raise Invalid(kind.spec.name, [Fault("", f"must be a mapping of its fields, not {type(data).__name__}")])
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in data.items():
        field = kind.spec.by_name.get(name)
        if field is None:
            faults.append(Fault(str(name), f"is no field of {with_article(kind.spec.name)}"))
            continue
        try:
            values[name] = typed_value(field, value)
        except Invalid as nested:
            faults += [Fault(f"{name}.{fault.field}".rstrip("."), fault.message) for fault in nested.faults]
        except (ValueError, TypeError, ArithmeticError) as fault:
            faults.append(Fault(name, str(fault) or f"cannot be {value!r}"))
    try:
        made = kind(**values)
    except Invalid as wrong:
        given = {fault.field for fault in faults}
        faults += [fault for fault in wrong.faults if fault.field not in given]
    else:
        if not faults:
            return made
    raise Invalid(kind.spec.name, faults)


def to_json(record: Record) -> str:
    """The record as JSON text."""
    return json.dumps(to_plain(record), ensure_ascii=False)


def from_json(kind: type[R], text: str) -> R:
    """A record of JSON text. Raises Invalid with every fault, and on text that is no JSON."""
    try:
        data = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise Invalid(kind.spec.name, [Fault("", f"is no JSON: {wrong}")]) from wrong
    return from_plain(kind, data)


_KINDS: dict[str, type] = {
    "id": UUID,
    "percent": Percent,
    "money": Money,
    "decimal": Decimal,
    "day": date,
    "instant": datetime,
    "phone": Phone,
    "email": Email,
    "address": Address,
}


def plain_value(value: Any) -> Any:
    """Any value that a field may have, as plain data."""
    return _converter().unstructure(value)


def typed_value(field: FieldSpec, value: Any) -> Any:
    """A field's value of plain data. Raises ValueError and TypeError on what cannot be one, Invalid on a part."""
    if value is None:
        return None if field.optional else field.default
    if field.shape == "parts":
        return _parts(field, value)
    if field.shape == "plain":
        item = field.fact(ItemType)
        if item is not None and item.of in (Address, Phone, Email) and isinstance(value, list | tuple):
            return tuple(_converter().structure(one, item.of) for one in value)
        return value
    kind = _KINDS.get(field.shape)
    if kind is None:
        return value
    return _converter().structure(value, kind)


def _parts(field: FieldSpec, value: Any) -> Any:
    parts = field.parts
    if parts is None or not isinstance(value, list | tuple):
        raise ValueError(f"must be several values, not {type(value).__name__}")
    of = cast("type[Record]", parts.of)
    if parts.value:
        shown = of.spec.by_name[parts.value]
        return tuple(typed_value(shown, one) for one in value)
    made = []
    faults: list[Fault] = []
    for number, one in enumerate(value, 1):
        if isinstance(one, of):
            made.append(one)
            continue
        try:
            made.append(from_plain(of, one))
        except Invalid as nested:
            faults += [Fault(f"{number}.{fault.field}", fault.message) for fault in nested.faults]
    if faults:
        raise Invalid(of.spec.name, faults)
    return tuple(made)


def _said(value: Any) -> dict[str, str]:
    return {name: said for name in value.__slots__ if name != "__weakref__" and (said := getattr(value, name))}


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError(f"must be exact: write {value!r} as text")
    return value if isinstance(value, int | Decimal) else str(value)


def _money(value: Any, _: Any) -> Money:
    if isinstance(value, Money):
        return value
    if isinstance(value, Mapping) and set(value) == {"amount", "currency"}:
        return Money(_exact(value["amount"]), str(value["currency"]))
    if isinstance(value, list | tuple) and len(value) == 2:
        return Money(_exact(value[0]), str(value[1]))
    raise ValueError('must be money, such as {"amount": "1200.50", "currency": "EUR"}')


def _day(value: Any, _: Any) -> date:
    if isinstance(value, datetime):
        raise ValueError("must be a day, not an instant")
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _instant(value: Any, _: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _value_of(kind: type[Any]) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if isinstance(value, kind):
            return value
        if isinstance(value, Mapping):
            return kind(**value)
        return kind(value)

    return structure
