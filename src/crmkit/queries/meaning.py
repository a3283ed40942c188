"""The values that a question is asked with, in the form that the field's values have: the same on every store."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from crmkit.entities import NIL, Email, FieldSpec, Money, Percent, Phone, Record
from crmkit.entities.facts import OneOf
from crmkit.entities.text import kept_text
from crmkit.queries.values import Part, Range

__all__ = ["ASKABLE", "meant"]

_LARGEST: Final = 9 * 10**15


def meant(field: FieldSpec, value: Any) -> Any:
    """The value, range, part of a text or list asked for, each in the field's form; nothing and "" stand for empty.

    Raises ValueError on what no record can have there, so that a wrong question is no empty answer.
    """
    if value is None or value == "":
        return value
    if isinstance(value, Range):
        low, high = meant(field, value.low), meant(field, value.high)
        if isinstance(low, Money) and isinstance(high, Money) and low.currency != high.currency:
            raise ValueError(f"has bounds in two currencies, {low.currency} and {high.currency}: give both in one")
        return Range(low, high)
    if isinstance(value, Part):
        if value.how != "exactly" and not (field.searchable and field.shape in ("text", "email")):
            raise ValueError("can be looked for as a whole only, not in part")
        return Part(_listed(field, _text(value.text)), value.how)
    if isinstance(value, set | frozenset | list | tuple):
        return [meant(field, one) for one in value]
    if isinstance(value, Record) and field.shape == "id":
        return _stood_for(field, value)
    return _listed(field, ASKABLE[field.shape](value))


def _stood_for(field: FieldSpec, record: Record) -> UUID:
    """The id of the record. Raises ValueError on one that has none yet, and on one that the field cannot refer to."""
    called = f"the {record.spec.name} {record}".rstrip()
    tables = field.references.tables if field.references else ("*",)
    if "*" not in tables and record.spec.about.table not in tables:
        raise ValueError(f"refers to {' or '.join(tables).replace('_', ' ')}, not to {called}")
    if record.id == NIL:
        raise ValueError(f"{called} is not saved yet: add it first, then give it or its id")
    return record.id


def _listed(field: FieldSpec, value: Any) -> Any:
    """The value, which is one of those that the field can have, where these are listed."""
    one_of = field.fact(OneOf)
    if one_of and value not in one_of.values:
        raise ValueError(f"must be one of {', '.join(one_of.values)}, not {value!r}")
    return value


def _text(value: Any) -> str:
    return kept_text(value)


def _id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str):
        return UUID(value)
    raise ValueError(f"must be a record, its id or its number, not {type(value).__name__}")


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a whole number, not {type(value).__name__}")
    if abs(value) > _LARGEST:
        raise ValueError("is too large")
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"must be int, text or Decimal, not {type(value).__name__}")
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is no number") from None
    if not exact.is_finite() or abs(exact) > _LARGEST:
        raise ValueError("must be finite and of a sensible size")
    return exact


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError(f"must be a day or an instant, not {type(value).__name__}")
    if value.tzinfo is None:
        raise ValueError("must have a time zone, such as datetime(…, tzinfo=UTC)")
    return value.astimezone(UTC)


def _one_of(said: str, *kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kinds) or (date in kinds and isinstance(value, datetime)):
            raise ValueError(f"must be {said}, not {type(value).__name__}")
        return _text(value) if isinstance(value, str) else value

    return check


ASKABLE: Final[dict[str, Callable[[Any], Any]]] = {
    "id": _id,
    "text": _one_of("text", str),
    "whole": _whole,
    "flag": _one_of("true or false", bool),
    "percent": Percent,
    "money": _one_of("Money, such as Money('1200.50', 'EUR')", Money),
    "decimal": _decimal,
    "day": _one_of("a date", date),
    "instant": _instant,
    "phone": _one_of("a telephone number", Phone, str),
    "email": _one_of("an e-mail address", Email, str),
}
"""The shapes of field that can be asked for, with what brings a value into their form."""
