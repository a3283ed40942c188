"""What is read from a declaration: an entity's fields, their shapes and their facts."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs

from crmkit.entities import facts
from crmkit.entities.facts import About, CodeOf, Label, Matched, Numbered, Parts, References, Searchable
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.matching import KEYS
from crmkit.entities.money import Money
from crmkit.entities.percent import Percent
from crmkit.entities.values import Address, Email, Phone

if TYPE_CHECKING:
    from crmkit.entities.record import Record

__all__ = ["BOOKKEEPING", "REQUIRED", "FieldSpec", "ItemType", "Spec", "spec_of"]

BOOKKEEPING: Final = ("id", "version", "recorded_at", "recorded_by")
"""The fields that a store fills in."""

REQUIRED: Final[Any] = type("Required", (), {"__repr__": lambda _: "REQUIRED", "__slots__": ()})()
"""Stands for the value of a required field that nobody gave."""

F = TypeVar("F")


@attrs.frozen(eq=False)
class FieldSpec:
    """One field as declared: its shape, whether it may be empty, and its facts.

    `shape` is one of: id, text, whole, flag, percent, money, decimal, day, instant, phone, email, address,
    plain (frozen plain data), parts.
    """

    name: str
    shape: str
    optional: bool
    default: Any
    facts: tuple[Any, ...]
    accept: Callable[[Any], Any] | None

    def fact(self, kind: type[F]) -> F | None:
        """The fact of that class, or None."""
        return next((fact for fact in self.facts if isinstance(fact, kind)), None)

    @property
    def required(self) -> bool:
        """Whether a record cannot be without it."""
        return self.default is REQUIRED

    @cached_property
    def stored(self) -> str:
        """The permanent stored name."""
        given = self.fact(facts.StoredAs)
        return given.name if given else self.name

    @cached_property
    def searchable(self) -> bool:
        """Whether a normalised key is stored beside it."""
        return self.shape in ("phone", "email") or self.fact(Searchable) is not None or self.numbered is not None

    @cached_property
    def matched_by(self) -> str:
        """The kind of key that it is matched by, or nothing."""
        given = self.fact(Matched)
        return given.by if given else ""

    @cached_property
    def numbered(self) -> Numbered | None:
        """How numbers are given, where they are."""
        return self.fact(Numbered)

    @cached_property
    def references(self) -> References | None:
        """The tables that its id is from."""
        return self.fact(References)

    @cached_property
    def code_of(self) -> str:
        """The code table that its value is from, or nothing."""
        given = self.fact(CodeOf)
        return given.table if given else ""

    @cached_property
    def parts(self) -> Parts | None:
        """The parts that it shows."""
        return self.fact(Parts)

    def label(self, language: str = "en") -> str:
        """What people read above it."""
        given = self.fact(Label)
        if given and language == "es":
            return given.es
        return (given.en if given else "") or self.name.replace("_", " ").capitalize()


@attrs.frozen(eq=False)
class Spec:
    """An entity as declared: what is said of it once, and its fields in order."""

    cls: "type[Record]"
    about: About
    fields: tuple[FieldSpec, ...]
    by_name: Mapping[str, FieldSpec]
    parts: tuple[FieldSpec, ...]
    content: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Spec of {self.cls.__name__}>"

    @cached_property
    def name(self) -> str:
        """The entity in running English text: sales contact."""
        return self.about.en or _spoken(self.cls.__name__)

    @cached_property
    def matched(self) -> tuple[FieldSpec, ...]:
        """The fields that its records are matched by."""
        return tuple(field for field in self.fields if field.matched_by)

    @cached_property
    def number(self) -> FieldSpec | None:
        """The field that people know it by and that is given on save, if it has one."""
        return next((field for field in self.fields if field.numbered), None)

    def label(self, language: str = "en") -> str:
        """The entity's name for people."""
        return self.about.es if language == "es" else self.name.capitalize()


def _spoken(name: str) -> str:
    return "".join(" " + c.lower() if c.isupper() else c for c in name).strip()


def spec_of(cls: "type[Record]", about: About | None) -> Spec:
    """What the class declares. Raises TypeError on a field of a type that no store knows."""
    fields = tuple(_field(field) for field in attrs.fields(cls))
    parts = tuple(field for field in fields if field.shape == "parts")
    content = tuple(field.name for field in fields if field.name not in BOOKKEEPING)
    by_name = {field.name: field for field in fields}
    return Spec(cls, about or cls.about, fields, by_name, parts, content)


_SHAPES: Final[dict[Any, str]] = {
    UUID: "id",
    str: "text",
    int: "whole",
    bool: "flag",
    Percent: "percent",
    Money: "money",
    Decimal: "decimal",
    date: "day",
    datetime: "instant",
    Phone: "phone",
    Email: "email",
    Address: "address",
}


_MATCHED: Final = frozenset({"text", "phone", "email"})


def _field(declared: Any) -> FieldSpec:
    annotation, said = _unwrapped(declared.type)
    optional = False
    if get_origin(annotation) in (UnionType, Union):
        options = [option for option in get_args(annotation) if option is not type(None)]
        optional = len(options) < len(get_args(annotation))
        annotation, more = _unwrapped(options[0]) if len(options) == 1 else (annotation, ())
        said += more
    if any(isinstance(fact, Parts) for fact in said):
        shape = "parts"
    elif get_origin(annotation) in (tuple, FrozenMap) or annotation is FrozenMap:
        shape = "plain"
        said = (*said, ItemType(get_args(annotation)[0] if get_origin(annotation) is tuple else None))
    else:
        shape = _SHAPES.get(annotation, "")
    if not shape:
        raise TypeError(f"{declared.name}: no store knows how to keep a {annotation!r}; use one of the known types")
    unknown = [fact.by for fact in said if isinstance(fact, Matched) and fact.by not in KEYS]
    if unknown or (shape not in _MATCHED and any(isinstance(fact, Matched) for fact in said)):
        raise TypeError(
            f"{declared.name}: a {shape} is not matched by {unknown or 'a key'}; keys are {', '.join(KEYS)}"
        )
    return FieldSpec(declared.name, shape, optional, declared.default, said, declared.metadata.get("crmkit"))


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(annotation) is not Annotated:
        return annotation, ()
    bare, *said = get_args(annotation)
    return bare, tuple(said)


@attrs.frozen
class ItemType:
    """What a tuple of plain values holds; None for a mapping."""

    of: Any
