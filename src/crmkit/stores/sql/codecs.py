"""Rows in, records out: functions that are generated once per entity and then run at the speed of hand-written ones."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, SafeUUID

import attrs

from crmkit.entities import Address, Email, FieldSpec, FrozenMap, Money, Percent, Phone, Spec
from crmkit.entities.frozen import freeze
from crmkit.entities.matching import KEYS
from crmkit.entities.specs import ItemType
from crmkit.entities.text import text_key
from crmkit.entities.twins import setter_of, twin_of
from crmkit.stores.sql.columns import FieldColumns, empty_plain, scale_of
from crmkit.stores.sql.engines.profile import Profile
from crmkit.stores.sql.instants import instant_of, micros

__all__ = ["Codec"]

_set_int: Final = setter_of(UUID, "int")
_set_safe: Final = setter_of(UUID, "is_safe")
_new: Final = object.__new__
_UNKNOWN: Final = SafeUUID.unknown  # looked up in its class, it costs as much as the rest of an id


def uuid_of(value: bytes) -> UUID:
    """The UUID of 16 bytes, without the checks of its constructor."""
    made = _new(UUID)
    _set_int(made, int.from_bytes(value, "big"))
    _set_safe(made, _UNKNOWN)
    return made


class Codec:
    """How the records of one entity become rows and rows become records.

    `columns` are the stored columns in the order of `encode`, `stored` their names; `read` the ones that `decode`
    takes, in its order, and `names` theirs. `looked_up` are the places of those that say in which table a record is.
    """

    def __init__(self, spec: Spec, fields: Sequence[FieldColumns], profile: Profile) -> None:
        self.spec = spec
        self._encoded = {**_VALUES, "id": profile.encoded_id, "day": profile.encoded_day}
        self.fields = tuple(fields)
        self.columns = tuple(column for held in self.fields for column in held.columns)
        self.read = tuple(column for held in self.fields for column in held.read)
        self._by_field: dict[str, Callable[[Any], tuple[Any, ...]]] = {}
        self.names = tuple(column.name for column in self.read)
        self.stored = frozenset(column.name for column in self.columns)
        self.looked_up = frozenset(place for place, column in enumerate(self.columns) if column.holds == "table")
        self.encode: Callable[[Any], tuple[Any, ...]] = _encoder(self.fields, self._encoded)
        self.decode: Callable[[Iterable[Any]], list[Any]] = _decoder(spec, self.fields, profile.day_of)

    def of_field(self, held: FieldColumns, record: Any) -> tuple[Any, ...]:
        """The stored values of one field, in the order of its columns."""
        encode = self._by_field.get(held.field.name)
        if encode is None:
            encode = self._by_field[held.field.name] = _encoder((held,), self._encoded)
        return encode(record)

    def values(self, record: Any) -> dict[str, Any]:
        """The stored value of each column of a record."""
        return dict(zip((column.name for column in self.columns), self.encode(record), strict=True))


def _encoder(fields: Sequence[FieldColumns], values: Mapping[str, str]) -> Callable[[Any], tuple[Any, ...]]:
    known: dict[str, Any] = {
        "micros": micros,
        "text_key": text_key,
        "plain_text": plain_text,
        "address_text": address_text,
        "KEYS": KEYS,
    }
    lines = ["def encode(r):"]
    parts: list[str] = []
    for number, held in enumerate(fields):
        lines.append(f"    v{number} = r.{held.field.name}")
        parts += _encoded(held, f"v{number}", values)
    lines.append(f"    return ({', '.join(parts)},)")
    exec("\n".join(lines), known)  # noqa: S102 - made of the names of declared fields
    made: Callable[[Any], tuple[Any, ...]] = known["encode"]
    return made


def _encoded(held: FieldColumns, v: str, values: Mapping[str, str]) -> list[str]:
    field = held.field
    found: list[str] = []
    for column in held.columns:
        if column.holds == "currency":
            code = f"{v}.currency"
        elif column.holds == "purpose":
            code = f"{v}.purpose"
        elif column.holds == "key":
            code = f"(text_key({v}) or None)" if field.shape == "text" else f"{v}.key"
        elif column.holds == "match":
            code = f"(KEYS[{field.matched_by!r}]({_VALUES.get(field.shape, '{0}').format(v)}) or None)"
        elif column.holds == "part":
            code = f"(text_key({v}.{column.of}) or None)"
        elif column.holds == "kind":
            code = repr(column.of)
        else:
            code = _value(field, v, values)
        whole = field.shape in ("text", "plain") or not field.optional
        found.append(code if whole else f"(None if {v} is None else {code})")
    return found


_VALUES: Final[dict[str, str]] = {
    "money": "{0}.minor",
    "percent": "{0}.basis_points",
    "flag": "(1 if {0} else 0)",
    "instant": "micros({0})",
    "phone": "{0}.number",
    "email": "{0}.address",
    "address": "address_text({0})",
    "plain": "(plain_text({0}) if {0} else None)",
}


def _value(field: FieldSpec, v: str, values: Mapping[str, str]) -> str:
    if field.shape == "text" and field.code_of:
        return f"({v} or None)"
    if field.shape == "decimal":
        return f"int({v}.scaleb({scale_of(field)}))"
    return values.get(field.shape, "{0}").format(v)


def _decoder(
    spec: Spec, fields: Sequence[FieldColumns], day_of: Callable[[Any], date] | None
) -> Callable[[Iterable[Any]], list[Any]]:
    twin = twin_of(spec.cls)
    known: dict[str, Any] = {
        "new": _new,
        "cls": spec.cls,
        "Twin": twin or spec.cls,
        "UUID": UUID,
        "set_int": _set_int,
        "set_safe": _set_safe,
        "unknown": _UNKNOWN,
        "from_bytes": int.from_bytes,
        "uuid_of": uuid_of,
        "day_of": day_of,
        "instant_of": instant_of,
        "percent_of": Percent.of_basis_points,
        "Money": Money,
        "set_minor": setter_of(Money, "minor"),
        "set_currency": setter_of(Money, "currency"),
        "Decimal": Decimal,
        "Phone": Phone,
        "Email": Email,
        "address_of": address_of,
    }
    names: list[str] = []
    body: list[str] = []
    for number, held in enumerate(fields):
        columns = [f"c{number}_{place}" for place, _ in enumerate(held.read)]
        names += columns
        body += [f"        {line}" for line in _decoded(held, columns, known, f"f{number}", day_of)]
    sets = []
    for number, held in enumerate(fields):
        name = held.field.name
        if twin is not None:
            sets.append(f"        m.{name} = x{number}")
        else:
            known[f"set_{name}"] = setter_of(spec.cls, name)
            sets.append(f"        set_{name}(m, x{number})")
    body = [line.replace("f_out", "x") for line in body]
    empty = [f"        m.{field.name} = ()" for field in spec.parts]
    lines = [
        "def decode(rows):",
        "    out = []",
        "    add = out.append",
        "    ids = {}",
        "    days = {}",
        "    instants = {}",
        "    decimals = {}",
        "    phones = {}",
        f"    for {', '.join(names)}, in rows:",
        *body,
        "        m = new(Twin)",
        *sets,
        *empty,
        *(["        m.__class__ = cls"] if twin is not None else []),
        "        add(m)",
        "    return out",
    ]
    exec("\n".join(lines), known)  # noqa: S102 - made of the names of declared fields
    made: Callable[[Iterable[Any]], list[Any]] = known["decode"]
    return made


def _decoded(
    held: FieldColumns, c: list[str], known: dict[str, Any], tag: str, day_of: Callable[[Any], date] | None
) -> list[str]:
    field, first = held.field, c[0]
    x = "x" + tag[1:]
    match field.shape:
        case "text":
            return [f"{x} = {first} or ''"] if field.code_of else [f"{x} = {first}"]
        case "flag":
            return [f"{x} = {first} == 1"]
        case "plain":
            known[f"empty_{tag}"] = empty_plain(field)
            known[f"plain_{tag}"] = plain_reader(field)
            return [f"{x} = empty_{tag} if {first} is None else plain_{tag}({first})"]
        case "whole":
            return [f"{x} = {first}"]
        case "day" if day_of is None:
            return [f"{x} = {first}"]
    if field.name == "id":
        return [
            f"{x} = new(UUID)",
            f"set_int({x}, from_bytes({first}, 'big'))",
            f"set_safe({x}, unknown)",
        ]
    made = _made(field, c, x)
    if field.optional:
        return [f"if {first} is None:", f"    {x} = None", "else:", *(f"    {line}" for line in made)]
    return made


def _made(field: FieldSpec, c: list[str], x: str) -> list[str]:
    first = c[0]
    memo = {"id": ("ids", "uuid_of({0})"), "day": ("days", "day_of({0})"), "instant": ("instants", "instant_of({0})")}
    if field.shape in memo:
        table, make = memo[field.shape]
        return [f"{x} = {table}.get({first})", f"if {x} is None:", f"    {x} = {table}[{first}] = {make.format(first)}"]
    if field.shape == "percent":
        return [f"{x} = percent_of({first})"]
    if field.shape == "money":
        return [f"{x} = new(Money)", f"set_minor({x}, {first})", f"set_currency({x}, {c[1]})"]
    if field.shape == "decimal":
        scale = scale_of(field)
        key = f"({first}, {scale})"
        return [
            f"{x} = decimals.get({key})",
            f"if {x} is None:",
            f"    {x} = decimals[{key}] = Decimal({first}).scaleb(-{scale})",
        ]
    if field.shape in ("phone", "email"):
        kind = field.shape.capitalize()
        key = f"('{field.shape}', {first}, {c[1]})"
        return [
            f"{x} = phones.get({key})",
            f"if {x} is None:",
            f"    {x} = phones[{key}] = {kind}({first}, {c[1]})",
        ]
    return [f"{x} = address_of({first})"]


def address_text(address: Address) -> str:
    """An address as JSON text; empty parts are left out."""
    return _written({name: part for name, part in attrs.asdict(address).items() if part})


def address_of(text: str) -> Address:
    """The address of a JSON text."""
    return Address(**json.loads(text))


def plain_text(value: Any) -> str:
    """Plain data as JSON text, keys in order."""
    return _written(value)


def _plain(value: Any) -> Any:
    if isinstance(value, FrozenMap):
        return dict(value)
    if isinstance(value, Address | Phone | Email):
        return {name: part for name, part in attrs.asdict(value).items() if part}
    raise TypeError(f"no JSON for {value!r}")


_written: Final = json.JSONEncoder(default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def plain_reader(field: FieldSpec) -> Callable[[str], Any]:
    """How a JSON text becomes a value of the field."""
    item = field.fact(ItemType)
    of = item.of if item else None
    if of in (Address, Phone, Email):
        return lambda text: tuple(of(**said) for said in json.loads(text))
    return lambda text: freeze(json.loads(text))
