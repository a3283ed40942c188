"""A grouping as a value: which records, by what of theirs they fall into groups, and what is summed of each.

What a record is grouped by, and what is summed, are *terms*: a value of the record, of one that it refers to, or
made of these. Every store gives the same groups, and sums to the last unit: amounts are whole minor units,
percentages whole basis points, and a rounded term is rounded for each record before it is summed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs

from crmkit.entities import FieldSpec, FrozenMap, Record, Spec
from crmkit.errors import Fault, Invalid
from crmkit.queries.criteria import Criterion

__all__ = [
    "GROUPED",
    "AddressPart",
    "Bucket",
    "Currency",
    "Field",
    "FirstOf",
    "Grouped",
    "Grouping",
    "KeyOf",
    "Least",
    "Missing",
    "OfPart",
    "Only",
    "Parts",
    "Replaced",
    "Share",
    "Term",
    "Through",
    "Together",
    "field_of_term",
]

R = TypeVar("R", bound=Record, covariant=True)

GROUPED: Final = frozenset({"id", "whole", "flag", "percent", "money", "decimal", "day", "instant", "text"})
"""The shapes that a field may have to be a term; of texts, codes and those that are not searchable."""


class Term:
    """The root of all terms. A term of a record is an id, a text, a whole number, a day, an instant, or None where it
    is empty.
    """

    __slots__ = ()


@attrs.frozen
class Field(Term):
    """The field's value: money in minor units, a percentage in basis points, a flag as 1 or 0, a decimal in units of
    its last digit.
    """

    name: str


@attrs.frozen
class KeyOf(Term):
    """The key that the field is `Matched` by."""

    name: str


@attrs.frozen
class AddressPart(Term):
    """The key of a part of an address, one by which records are found: a country, without its case."""

    field: str
    part: str


@attrs.frozen
class Currency(Term):
    """The currency of a money field."""

    field: str


def _terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(terms)


@attrs.frozen
class FirstOf(Term):
    """The first of those terms that is not empty; they are of one shape."""

    terms: tuple[Term, ...] = attrs.field(converter=_terms)


def _map(values: Mapping[Any, Any]) -> FrozenMap[Any]:
    return FrozenMap(values)


@attrs.frozen
class Replaced(Term):
    """What stands for the term's value in a table of whole numbers; empty where the table has nothing for it."""

    term: Term
    by: FrozenMap[Any] = attrs.field(converter=_map)


@attrs.frozen
class Through(Term):
    """A term of the record of `kind` that the field `via` refers to; empty where there is none."""

    via: str
    kind: type[Record]
    term: Term


def _criteria(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    return tuple(criteria)


@attrs.frozen
class Least(Term):
    """The smallest id in `field` among the records of `kind` that refer to this one by `via` and meet `where`."""

    kind: type[Record]
    via: str
    field: str
    where: tuple[Criterion, ...] = attrs.field(default=(), converter=_criteria)


def _values(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen
class Bucket(Term):
    """How many of the bounds, which rise, are not above the term's value: 0 is before the first. Empty where it is."""

    term: Term
    bounds: tuple[Any, ...] = attrs.field(converter=_values)


@attrs.frozen
class Only(Term):
    """The term where another one is not empty and none of those listed, else empty."""

    term: Term
    unless: Term
    listed: tuple[Any, ...] = attrs.field(default=(), converter=_values)


@attrs.frozen
class Missing(Term):
    """1 where the term is empty, else 0."""

    term: Term


@attrs.frozen
class Share(Term):
    """That share, in basis points, of a whole number, rounded half-even; empty where either is."""

    term: Term
    share: Term


@attrs.frozen
class Together(Term):
    """Those terms as one, whose value is a tuple; empty where the first of them is. The others are whole, days or
    instants.
    """

    terms: tuple[Term, ...] = attrs.field(converter=_terms)


@attrs.frozen
class OfPart(Term):
    """A term of the part that the record is counted with; empty where it has none."""

    term: Term


@attrs.frozen
class Parts:
    """The records of `kind` that refer by `via` to a record, or to the one that its field `of` refers to."""

    kind: type[Record]
    via: str
    of: str = "id"


def _ways(ways: Iterable[Iterable[Criterion]]) -> tuple[tuple[Criterion, ...], ...]:
    return tuple(tuple(way) for way in ways)


@attrs.frozen(kw_only=True)
class Grouping(Generic[R]):
    """Records of `kind` for which every criterion of `where` holds, in groups of those that are equal in all of `by`.

    With `ways`, those that go one of several ways, which must exclude each other: a record that goes two is
    counted twice. With `parts`, a record is counted once for each of its parts, or once by itself where it has none.
    `sums` are terms that are whole numbers; an empty one adds nothing.
    """

    kind: type[R]
    where: tuple[Criterion, ...] = attrs.field(default=(), converter=_criteria)
    ways: tuple[tuple[Criterion, ...], ...] = attrs.field(default=((),), converter=_ways)
    parts: Parts | None = None
    by: tuple[Term, ...] = attrs.field(default=(), converter=_terms)
    sums: tuple[Term, ...] = attrs.field(default=(), converter=_terms)

    @property
    def terms(self) -> Iterator[Term]:
        """All terms, and those that they are made of."""
        waiting: list[Any] = [*self.by, *self.sums]
        while waiting:
            term = waiting.pop()
            yield term
            for field in attrs.fields(type(term)):
                held = getattr(term, field.name)
                waiting += [one for one in (held if isinstance(held, tuple) else (held,)) if isinstance(one, Term)]

    @property
    def criteria(self) -> Iterator[Criterion]:
        """All criteria: its own, its ways' and those of its terms."""
        yield from self.where
        for way in self.ways:
            yield from way
        for term in self.terms:
            if isinstance(term, Least):
                yield from term.where


@attrs.frozen
class Grouped:
    """A group: its value in each term that it was grouped by, how many records it has, and its sums."""

    key: tuple[Any, ...]
    count: int
    sums: tuple[int, ...]

    @staticmethod
    def merged(groups: Iterable["Grouped"]) -> list["Grouped"]:
        """The groups, those of one key made one."""
        found: dict[tuple[Any, ...], Grouped] = {}
        for group in groups:
            held = found.get(group.key)
            if held is None:
                found[group.key] = group
            else:
                sums = tuple(one + more for one, more in zip(held.sums, group.sums, strict=True))
                found[group.key] = Grouped(group.key, held.count + group.count, sums)
        return list(found.values())


def field_of_term(spec: Spec, name: str, shape: str = "") -> FieldSpec:
    """The field of that name, of that shape if one is named. Raises Invalid where it cannot be a term."""
    field = spec.by_name.get(name)
    if field is None or field.shape not in GROUPED or field.searchable or (shape and field.shape != shape):
        known = f"is no field of the shape {shape}" if shape else "is no field to group or sum by"
        raise Invalid(f"the grouping of {spec.about.plural}", [Fault(name, known)])
    return field
