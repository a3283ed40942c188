"""Criteria as values: what a record must be to be found. Several are joined by AND.

A field is named by its attribute; a part of an address by a dot (`address.city`). Texts that are
searchable compare by their key (case does not count, accents do, `%` and `_` are letters); other values exactly.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import attrs

from crmkit.entities import Record

__all__ = [
    "AnyOf",
    "Between",
    "Contains",
    "Criterion",
    "Either",
    "Empty",
    "Ended",
    "Equals",
    "Matches",
    "Not",
    "Related",
    "StartsWith",
    "SumBetween",
    "changed_within",
    "nested",
]


class Criterion:
    """The root of all criteria."""

    __slots__ = ()


@attrs.frozen
class Equals(Criterion):
    """The field has that value; an empty value (None, or an empty text) is `Empty`'s to find."""

    field: str
    value: Any


def _values(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen
class AnyOf(Criterion):
    """The field has one of those values; none listed finds nothing."""

    field: str
    values: tuple[Any, ...] = attrs.field(converter=_values)


@attrs.frozen
class Between(Criterion):
    """The field is not empty and lies between the bounds, both included; None is no bound.

    Money compares by minor units within the bound's currency: amounts of another currency are not found.
    """

    field: str
    low: Any = None
    high: Any = None


@attrs.frozen
class Contains(Criterion):
    """The searchable text has that text somewhere in it."""

    field: str
    text: str


@attrs.frozen
class StartsWith(Criterion):
    """The searchable text starts with that text."""

    field: str
    text: str


def _keys(keys: str | Iterable[str]) -> tuple[str, ...]:
    held = (keys,) if isinstance(keys, str) else tuple(keys) if isinstance(keys, Iterable) else (keys,)
    if not all(isinstance(key, str) for key in held):
        raise TypeError(f"a key is text, as crmkit.entities.matching makes it, not {keys!r}")
    return held


@attrs.frozen
class Matches(Criterion):
    """The key that the field is `Matched` by is one of these; with `start`, it begins with one. None listed finds
    nothing. Of several kinds of a table, ask their common base: the index knows no kind.
    """

    field: str
    keys: tuple[str, ...] = attrs.field(converter=_keys)
    start: bool = attrs.field(default=False, kw_only=True)


@attrs.frozen
class Empty(Criterion):
    """The field is empty (None, or an empty text); with `empty=False`, it is not."""

    field: str
    empty: bool = True


@attrs.frozen
class Ended(Criterion):
    """The state that is seen had been replaced, or the record deleted, by that instant. Where the present is asked, it
    finds nothing: no state of it has ended.
    """

    by: datetime


@attrs.frozen
class Not(Criterion):
    """The criterion does not hold."""

    criterion: Criterion


def _ways(ways: Iterable[Iterable[Criterion]]) -> tuple[tuple[Criterion, ...], ...]:
    return tuple(tuple(way) for way in ways)


@attrs.frozen
class Either(Criterion):
    """At least one of the ways holds; a way holds when each of its criteria does."""

    ways: tuple[tuple[Criterion, ...], ...] = attrs.field(converter=_ways)


def _criteria(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    return tuple(criteria)


@attrs.frozen
class Related(Criterion):
    """There is a record of `kind` whose field `via` has the value of this record's field `to`, and for which
    `where` holds.

    From an owner to its parts: `Related(OpportunityCompetitor, via="opportunity", to="id", …)`; from a
    record to what it refers to: `Related(Account, via="id", to="account", …)`.
    """

    kind: type[Record]
    via: str
    to: str = "id"
    where: tuple[Criterion, ...] = attrs.field(default=(), converter=_criteria)


@attrs.frozen
class SumBetween(Criterion):
    """The sum of the money field `field` over the records of `kind` that refer to this one by `via` lies between the
    bounds, both included, in the bounds' currency; no record is a sum of zero.
    """

    kind: type[Record]
    via: str
    field: str
    low: Any = None
    high: Any = None


def nested(where: Iterable[Criterion]) -> Iterator[Criterion]:
    """The criteria, and all that are within them."""
    for criterion in where:
        yield criterion
        match criterion:
            case Not(inner):
                yield from nested((inner,))
            case Either(ways):
                yield from (one for way in ways for one in nested(way))
            case Related():
                yield from nested(criterion.where)
            case _:
                pass


def changed_within(where: Iterable[Criterion], change: Callable[[Criterion], Criterion]) -> tuple[Criterion, ...]:
    """The criteria, each that is none of several criteria changed, wherever it is."""
    made: list[Criterion] = []
    for criterion in where:
        match criterion:
            case Not(inner):
                made.append(Not(*changed_within((inner,), change)))
            case Either(ways):
                made.append(Either([changed_within(way, change) for way in ways]))
            case Related():
                made.append(attrs.evolve(criterion, where=changed_within(criterion.where, change)))
            case _:
                made.append(change(criterion))
    return tuple(made)
