"""How a value of each shape is checked and brought into its one form."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from crmkit.entities import facts
from crmkit.entities.facts import Kept
from crmkit.entities.frozen import FrozenMap, freeze
from crmkit.entities.money import Money, bounded
from crmkit.entities.percent import Percent, as_percent
from crmkit.entities.specs import REQUIRED, FieldSpec, ItemType, Spec
from crmkit.entities.text import kept_text, trimmed_text
from crmkit.entities.values import Address, Email, Phone, as_email, as_phone

__all__ = ["check_of", "checks_of"]

_LARGEST_WHOLE: Final = 9 * 10**15
_LARGEST_SCALED: Final = 9 * 10**18

Check = Callable[[Any], Any]


def checks_of(spec: Spec) -> tuple[tuple[str, bool, Any, Check], ...]:
    """For each field its name, whether it may be None, its default, and the check of a value."""
    return tuple((field.name, field.optional, field.default, check_of(field)) for field in spec.fields)


def check_of(field: FieldSpec) -> Check:
    """The function that brings a value of this field into its one form, or raises ValueError."""
    convert = _CONVERTERS[field.shape](field)
    lowest, highest = field.fact(facts.AtLeast), field.fact(facts.AtMost)

    def check(value: Any) -> Any:
        if value is REQUIRED or (value is None and not field.optional):
            raise ValueError("is required")
        settled = convert(value)
        if settled is None:
            if field.optional:
                return None
            raise ValueError("is required")
        if lowest is not None or highest is not None:
            size = settled.minor if isinstance(settled, Money) else settled
            if lowest is not None and size < lowest.least:
                raise ValueError(f"must not be below {lowest.least}")
            if highest is not None and size > highest.most:
                raise ValueError(f"must not be above {highest.most}")
        return settled

    return check


def _text(field: FieldSpec) -> Check:
    length = limit.length if (limit := field.fact(facts.MaxLen)) else 240
    one_of = field.fact(facts.OneOf)
    clean = kept_text if field.fact(Kept) else trimmed_text

    def convert(value: Any) -> str:
        text = clean(value)
        if field.required and not text:
            raise ValueError("is required")
        if len(text) > length:
            raise ValueError(f"has {len(text)} characters, at most {length} are kept")
        if one_of and text not in one_of.values and (text or field.required):
            raise ValueError(f"must be one of {', '.join(one_of.values)}, not {text!r}")
        return text

    return convert


def _id(_: FieldSpec) -> Check:
    def convert(value: Any) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return UUID(value)
        except (ValueError, TypeError, AttributeError):
            given = repr(value) if isinstance(value, str) else type(value).__name__
            said = f"must be the id (a UUID) of a record, not {given}: take the .id of one that add, get or find gave"
            raise ValueError(said) from None

    return convert


def _whole(_: FieldSpec) -> Check:
    def convert(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"must be a whole number, not {type(value).__name__}")
        if abs(value) > _LARGEST_WHOLE:
            raise ValueError("is too large")
        return value

    return convert


def _decimal(field: FieldSpec) -> Check:
    scale = given.digits if (given := field.fact(facts.Scale)) else 4

    def convert(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise ValueError(f"must be int, text or Decimal, not {type(value).__name__}")
        try:
            exact = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{value!r} is no number") from None
        if not exact.is_finite():
            raise ValueError("must be finite")
        if exact.adjusted() > 18 or len(exact.as_tuple().digits) > 28:
            raise ValueError("is too long")
        scaled = exact.scaleb(scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"has more than {scale} digits after the point: round it first")
        if abs(scaled) > _LARGEST_SCALED:
            raise ValueError("is too large")
        return Decimal(int(scaled)).scaleb(-scale)

    return convert


def _instant(_: FieldSpec) -> Check:
    def convert(value: Any) -> datetime:
        if not isinstance(value, datetime):
            raise ValueError(f"must be an instant (a datetime with a time zone), not {type(value).__name__}")
        if value.tzinfo is None:
            raise ValueError("must have a time zone, such as datetime(…, tzinfo=UTC)")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    return convert


def _exactly(kind: type, said: str) -> Callable[[FieldSpec], Check]:
    def make(field: FieldSpec) -> Check:
        accept = field.accept

        def convert(value: Any) -> Any:
            settled = accept(value) if accept is not None else value
            if settled is not None and (not isinstance(settled, kind) or type(settled) is datetime):
                raise ValueError(f"must be {said}, not {type(value).__name__}")
            return settled

        return convert

    return make


def _accepting(kind: type, said: str, accept: Check) -> Callable[[FieldSpec], Check]:
    def make(_: FieldSpec) -> Check:
        def convert(value: Any) -> Any:
            settled = accept(value)
            if settled is not None and not isinstance(settled, kind):
                raise ValueError(f"must be {said}, not {type(value).__name__}")
            return settled

        return convert

    return make


def _plain(field: FieldSpec) -> Check:
    item = field.fact(ItemType)
    of = item.of if item else None

    def convert(value: Any) -> Any:
        if of is None:
            if not isinstance(value, Mapping):
                raise ValueError(f"must be a mapping, not {type(value).__name__}")
            _refuse_keys(value)
            return _plain_data(freeze(value))
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ValueError(f"must be several values, not {type(value).__name__}")
        if of is str:
            return tuple(text for text in map(trimmed_text, value) if text)
        held = tuple(value)
        if not all(isinstance(one, of) for one in held):
            raise ValueError(f"must be {of.__name__} values")
        return held

    return convert


def _refuse_keys(value: Any) -> None:
    """Raise ValueError where something in it has a name that is no text."""
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise ValueError(f"names what it holds by texts, not by {wrong[0]!r}")
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for one in value:
        _refuse_keys(one)


def _plain_data(value: Any) -> Any:
    """Plain data as JSON knows it: texts, whole numbers, booleans, nothing, and tuples and mappings of these.

    Keys are in order, as stores give them back.
    """
    if isinstance(value, FrozenMap):
        held = {trimmed_text(key): _plain_data(item) for key, item in value.items()}
        return FrozenMap({key: held[key] for key in sorted(held)})
    if isinstance(value, tuple):
        return tuple(map(_plain_data, value))
    if isinstance(value, str):
        return kept_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= _LARGEST_WHOLE:
        return value
    raise ValueError(f"may hold text, whole numbers, true, false and nothing, not {value!r}: write it as text")


def _parts(field: FieldSpec) -> Check:
    parts = field.parts
    if parts is None:
        raise TypeError(f"{field.name} declares no parts")
    shown = parts.of.spec.by_name[parts.value] if parts.value else None  # type: ignore[attr-defined]
    ordered = shown is None or "position" in parts.of.spec.by_name  # type: ignore[attr-defined]
    check = check_of(shown) if shown else None

    def convert(value: Any) -> Any:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ValueError(f"must be several values, not {type(value).__name__}")
        held = tuple(value)
        if check is not None:
            held = tuple(map(check, held))
            return held if ordered else tuple(sorted(set(held)))
        wrong = next((type(part).__name__ for part in held if not isinstance(part, parts.of)), "")
        if wrong:
            raise ValueError(f"must be {parts.of.__name__} records, not {wrong}")
        return held

    return convert


def _money(field: FieldSpec) -> Check:
    check = _exactly(Money, "Money, such as Money('1200.50', 'EUR')")(field)

    def convert(value: Any) -> Any:
        settled = check(value)
        if settled is not None:
            bounded(settled.minor)
        return settled

    return convert


_CONVERTERS: Final[dict[str, Callable[[FieldSpec], Check]]] = {
    "id": _id,
    "text": _text,
    "whole": _whole,
    "flag": _exactly(bool, "true or false"),
    "percent": _accepting(Percent, "a percentage", as_percent),
    "money": _money,
    "decimal": _decimal,
    "day": _exactly(date, "a date"),
    "instant": _instant,
    "phone": _accepting(Phone, "a telephone number", as_phone),
    "email": _accepting(Email, "an e-mail address", as_email),
    "address": _exactly(Address, "an Address"),
    "plain": _plain,
    "parts": _parts,
}
