"""A value of one field as a value of another: as it is, cut to its length, or in another type."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from crmkit.entities import Address, Email, FieldSpec, FrozenMap, Money, Percent, Phone
from crmkit.entities.checks import check_of
from crmkit.entities.facts import Kept, MaxLen
from crmkit.entities.text import kept_text, trimmed_text

__all__ = ["Becoming", "converted"]

Becoming = Literal["", "cut", "changed"]
"""What becomes of a value: it stays as it is, is cut to the length that is kept, or changes in form."""

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def converted(value: Any, field: FieldSpec | None) -> tuple[Any, Becoming]:
    """The value as that field's, or as a host's own where it is None, and whether it had to be cut or changed.

    Raises ValueError where it cannot be one: a text that is no number, an amount for a number of employees.
    """
    if field is None:
        own = _own(value)
        return own, "" if _same(own, value) else "changed"
    if field.shape == "text":
        return _text(value, field)
    made = value if _fits(value, field.shape) else _parsed(said(value), field.shape)
    settled = check_of(field)(made)
    return settled, "" if _same(settled, value) else "changed"


def said(value: Any) -> str:
    """A single value as text that says all of it, but for the purpose of a telephone number or an e-mail address.

    Raises ValueError on several values.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Money():
            return f"{value.amount:f} {value.currency}"
        case Percent():
            return f"{value.value:f}"
        case datetime() | date():
            return value.isoformat()
        case int() | Decimal() | UUID() | Phone() | Email() | Address():
            return str(value)
        case _:
            raise ValueError("several values are no single one")


def _own(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str | tuple | Mapping):
        return value
    if isinstance(value, Address):
        return FrozenMap({name: one for name, one in attrs.asdict(value).items() if one})
    return said(value)


def _text(value: Any, field: FieldSpec) -> tuple[str, Becoming]:
    text = said(value)
    clean = (kept_text if field.fact(Kept) else trimmed_text)(text)
    limit = given.length if (given := field.fact(MaxLen)) else len(clean)
    settled = check_of(field)(clean[:limit])
    if len(clean) > limit:
        return settled, "cut"
    return settled, "" if _same(settled, value) else "changed"


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


_TYPES: Final[dict[str, type]] = {
    "whole": int,
    "flag": bool,
    "percent": Percent,
    "money": Money,
    "decimal": Decimal,
    "instant": datetime,
    "phone": Phone,
    "email": Email,
    "address": Address,
    "id": UUID,
}


def _fits(value: Any, shape: str) -> bool:
    if shape == "day":
        return isinstance(value, date) and not isinstance(value, datetime)
    kind = _TYPES.get(shape)
    return kind is not None and isinstance(value, kind) and isinstance(value, bool) == (kind is bool)


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def _flag(text: str) -> bool:
    found = _FLAGS.get(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is neither true nor false")
    return found


def _money(text: str) -> Money:
    amount, _, currency = text.strip().rpartition(" ")
    return Money(amount, currency)


_PARSED: Final[dict[str, Callable[[str], Any]]] = {
    "whole": _whole,
    "flag": _flag,
    "percent": Percent,
    "money": _money,
    "decimal": str,
    "day": lambda text: date.fromisoformat(text.strip()),
    "instant": lambda text: datetime.fromisoformat(text.strip()),
    "phone": Phone,
    "email": Email,
    "address": Address,
}


def _parsed(text: str, shape: str) -> Any:
    parse = _PARSED.get(shape)
    if parse is None:
        raise ValueError(f"nothing else can be {shape}")
    return parse(text)
