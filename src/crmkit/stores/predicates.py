"""Criteria as plain Python functions of a record: what every store's answer must equal."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from crmkit.entities import FieldSpec, Money, Record, Spec
from crmkit.entities.text import text_key
from crmkit.errors import Fault, Invalid
from crmkit.queries import (
    AnyOf,
    Between,
    Contains,
    Criterion,
    Either,
    Empty,
    Ended,
    Equals,
    Matches,
    Not,
    Query,
    Related,
    StartsWith,
    SumBetween,
    comparable,
    match_key,
)

__all__ = ["Around", "Find", "predicate", "read_value"]

Predicate = Callable[[Any], bool]
Find = Callable[[Query[Any]], Iterable[Record]]


@attrs.frozen
class Around:
    """What a criterion may ask besides the record: `find` answers a query, `until` gives the instant at which a state
    ended, None while it has not.
    """

    find: Find
    until: Callable[[Any], datetime | None]


def read_value(spec: Spec, name: str) -> tuple[FieldSpec, Callable[[Any], Any]]:
    """The field of that name (or a part of an address, by a dot) and how its comparable value is read of a record.

    Raises Invalid on a field that there is not.
    """
    base, _, part = name.partition(".")
    field = spec.by_name.get(base)
    if field is None or field.shape == "parts" or (part and field.shape != "address"):
        raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that can be asked for")])
    if part:
        return field, lambda record: text_key(getattr(held, part)) or None if (held := getattr(record, base)) else None
    if field.shape in ("id", "whole", "flag", "day", "instant", "decimal"):
        return field, lambda record: getattr(record, base)
    return field, lambda record: comparable(field, getattr(record, base))


def predicate(spec: Spec, where: Iterable[Criterion], around: Around) -> Predicate:
    """Whether every criterion holds for a record of that entity."""
    tests = [_test(spec, criterion, around) for criterion in where]
    if len(tests) == 1:
        return tests[0]
    return lambda record: all(test(record) for test in tests)


def _test(spec: Spec, criterion: Criterion, around: Around) -> Predicate:
    match criterion:
        case Not(inner):
            held = _test(spec, inner, around)
            return lambda record: not held(record)
        case Either(ways):
            each = [predicate(spec, way, around) for way in ways]
            return lambda record: any(way(record) for way in each)
        case Related(kind, via, to, where):
            related = {getattr(other, via) for other in around.find(Query(kind=kind, where=where))} - {None, ""}
            return lambda record: getattr(record, to) in related
        case SumBetween():
            return _sum_between(criterion, around.find)
        case Ended(by):
            return lambda record: (until := around.until(record)) is not None and until <= by
        case Matches():
            return _matches(spec, criterion)
        case _:
            return _field_test(spec, criterion)


def _matches(spec: Spec, criterion: Matches) -> Predicate:
    field = spec.by_name.get(criterion.field)
    if field is None or not field.matched_by:
        raise Invalid(f"the query for {spec.about.plural}", [Fault(criterion.field, "is no field that is matched")])
    keys = tuple(filter(None, criterion.keys))
    if criterion.start:
        return lambda record: (
            (key := match_key(field, getattr(record, field.name))) is not None and key.startswith(keys)
        )
    return lambda record: match_key(field, getattr(record, field.name)) in keys


def _field_test(spec: Spec, criterion: Any) -> Predicate:
    field, value = read_value(spec, criterion.field)
    partial = "." in criterion.field
    match criterion:
        case Equals(_, wanted):
            if isinstance(wanted, Money) and field.shape == "money":
                return lambda record: getattr(record, field.name) == wanted
            key = _key(field, wanted, partial=partial)
            return lambda record: key is not None and value(record) == key
        case AnyOf(_, wanted):
            keys = {_key(field, one, partial=partial) for one in wanted} - {None}
            return lambda record: value(record) in keys
        case Between(_, low, high):
            return _between(field, value, low, high, partial=partial)
        case Contains(_, text):
            part = text_key(text)
            return lambda record: (held := value(record)) is not None and part in held
        case StartsWith(_, text):
            start = text_key(text)
            return lambda record: (held := value(record)) is not None and held.startswith(start)
        case Empty(_, empty):
            return lambda record: (value(record) is None or value(record) == "") == empty
        case _:
            raise TypeError(f"{criterion!r} is no criterion")


def _key(field: FieldSpec, value: Any, *, partial: bool) -> Any:
    if partial:
        return text_key(str(value)) or None
    if field.shape == "instant" and isinstance(value, datetime):
        return value.astimezone(UTC)
    if field.shape == "decimal" and isinstance(value, int | str):
        return Decimal(value)
    return comparable(field, value)


def _between(field: FieldSpec, value: Callable[[Any], Any], low: Any, high: Any, *, partial: bool) -> Predicate:
    currencies = {bound.currency for bound in (low, high) if isinstance(bound, Money)}
    lowest, highest = (_key(field, bound, partial=partial) for bound in (low, high))

    def between(record: Any) -> bool:
        held = value(record)
        if held is None or held == "":
            return False
        if currencies and currencies != {getattr(record, field.name).currency}:
            return False
        return (lowest is None or held >= lowest) and (highest is None or held <= highest)

    return between


def _sum_between(criterion: SumBetween, find: Find) -> Predicate:
    bounds = [bound for bound in (criterion.low, criterion.high) if bound is not None]
    currencies = {bound.currency for bound in bounds}
    sums: dict[Any, int] = {}
    for part in find(Query(kind=criterion.kind)):
        amount = getattr(part, criterion.field)
        if amount is not None and (not currencies or amount.currency in currencies):
            owner = getattr(part, criterion.via)
            sums[owner] = sums.get(owner, 0) + amount.minor
    low, high = (None if bound is None else bound.minor for bound in (criterion.low, criterion.high))

    def between(record: Any) -> bool:
        total = sums.get(record.id, 0)
        return (low is None or total >= low) and (high is None or total <= high)

    return between
