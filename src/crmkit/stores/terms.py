"""Terms as plain Python functions of a record, and groups of them: what every store's answer must equal."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import attrs

from crmkit.entities import Record, Spec
from crmkit.entities.money import half_even
from crmkit.queries import (
    Bucket,
    Currency,
    Field,
    FirstOf,
    Grouped,
    Grouping,
    KeyOf,
    Least,
    Missing,
    Only,
    Query,
    Replaced,
    Share,
    Term,
    Through,
    comparable,
    field_of_term,
    match_key,
)

__all__ = ["Records", "groups"]

Value = Callable[[Any], Any]


@attrs.frozen
class Records:
    """What terms lead to: `find` answers a query, `get` gives the record of a kind with an id, or None."""

    find: Callable[[Query[Any]], Iterable[Record]]
    get: Callable[[type[Record], UUID], Record | None]


def groups(grouping: Grouping[Any], rows: Iterable[Record], records: Records) -> list[Grouped]:
    """The rows, all of which belong to it, in groups."""
    spec = grouping.kind.spec
    by = [_value(spec, term, records) for term in grouping.by]
    summed = [_value(spec, term, records) for term in grouping.sums]
    counts: dict[tuple[Any, ...], int] = {} if by else {(): 0}
    sums: dict[tuple[Any, ...], list[int]] = {} if by else {(): [0] * len(summed)}
    for row in rows:
        key = tuple([value(row) for value in by])
        held = sums.get(key)
        if held is None:
            counts[key], held = 0, [0] * len(summed)
            sums[key] = held
        counts[key] += 1
        for place, value in enumerate(summed):
            held[place] += value(row) or 0
    return [Grouped(key, count, tuple(sums[key])) for key, count in counts.items()]


def _value(spec: Spec, term: Term, records: Records) -> Value:
    match term:
        case Field(name):
            field = field_of_term(spec, name)
            if field.shape == "flag":
                return lambda row: int(getattr(row, name))
            return lambda row: comparable(field, getattr(row, name))
        case KeyOf(name):
            matched = spec.by_name[name]
            return lambda row: match_key(matched, getattr(row, name))
        case Currency(name):
            field_of_term(spec, name, "money")
            return lambda row: None if (held := getattr(row, name)) is None else held.currency
        case FirstOf(terms):
            each = [_value(spec, one, records) for one in terms]
            return lambda row: next((held for value in each if (held := value(row)) is not None), None)
        case Through(via, kind, inner):
            field_of_term(spec, via, "id")
            of_other = _value(kind.spec, inner, records)
            return lambda row: None if (other := _through(row, via, kind, records)) is None else of_other(other)
        case Least():
            return _least(spec, term, records)
        case _:
            return _made(spec, term, records)


def _through(row: Record, via: str, kind: type[Record], records: Records) -> Record | None:
    id = getattr(row, via)
    return None if id is None else records.get(kind, id)


def _least(spec: Spec, term: Least, records: Records) -> Value:
    del spec
    field_of_term(term.kind.spec, term.via, "id")
    field_of_term(term.kind.spec, term.field, "id")
    least: dict[UUID, UUID] = {}
    for other in records.find(Query(kind=term.kind, where=term.where)):
        owner, held = getattr(other, term.via), getattr(other, term.field)
        if held is not None:
            least[owner] = min(held, least.get(owner, held))
    return lambda row: least.get(row.id)


def _made(spec: Spec, term: Any, records: Records) -> Value:
    value = _value(spec, term.term, records)
    match term:
        case Replaced(_, by):
            return lambda row: by.get(value(row))
        case Bucket(_, bounds):
            return lambda row: None if (held := value(row)) is None else bisect_right(bounds, held)
        case Only(_, unless, listed):
            other = _value(spec, unless, records)
            unwanted = (None, *listed)
            return lambda row: None if other(row) in unwanted else value(row)
        case Missing():
            return lambda row: int(value(row) is None)
        case Share(_, share):
            part = _value(spec, share, records)
            return lambda row: (
                None if (held := value(row)) is None or (of := part(row)) is None else half_even(held * of, 10_000)
            )
        case _:
            raise TypeError(f"{term!r} is no term")
