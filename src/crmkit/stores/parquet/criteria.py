"""Criteria as expressions of Ibis over the rows of a sheet. Each is true or false of every row, never null."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from crmkit.entities import FieldSpec, Money, Record, Spec
from crmkit.entities.facts import Searchable
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
    Related,
    StartsWith,
    SumBetween,
    comparable,
)

__all__ = ["Rows", "compared", "literal", "met"]

Rows = Callable[[type[Record]], Any]
"""The rows of the records of a kind, as a table of Ibis."""

_DECIMAL: Final = "decimal(38, 18)"
"""What any decimal is compared as: finer than any column, and as long."""


def met(rows: Any, spec: Spec, where: Iterable[Criterion], others: Rows) -> Any:
    """Whether every criterion holds for a row. Raises Invalid on a field that there is not."""
    found: Any = literal(value=True)
    for criterion in where:
        found &= _met(rows, spec, criterion, others)
    return found


def literal(value: Any) -> Any:
    """A value as an engine compares it."""
    import ibis  # noqa: PLC0415 - an optional dependency, loaded on use

    match value:
        case UUID():
            return ibis.literal(str(value))
        case datetime():
            return ibis.literal(value.astimezone(UTC))
        case Decimal():
            return ibis.literal(value, type=_DECIMAL)
        case _:
            return ibis.literal(value)


def compared(spec: Spec, name: str) -> tuple[FieldSpec, str]:
    """The field of that name (or a part of an address, by a dot), and the column that it is compared by. Raises Invalid
    where there is none.
    """
    base, _, part = name.partition(".")
    field = spec.by_name.get(base)
    by_part = field.fact(Searchable) if field is not None and part else None
    if field is None or field.shape == "parts" or (part and (by_part is None or part not in by_part.parts)):
        raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that can be asked for")])
    if part:
        return field, f"{field.stored}_{part}_key"
    keyed = field.shape in ("phone", "email") or (field.shape == "text" and field.searchable and not field.code_of)
    ending = {"money": "_minor", "percent": "_basis_points"}.get(field.shape, "_key" if keyed else "")
    return field, f"{field.stored}{ending}"


def _met(rows: Any, spec: Spec, criterion: Criterion, others: Rows) -> Any:
    match criterion:
        case Not(inner):
            return ~_met(rows, spec, inner, others)
        case Either(ways):
            found: Any = literal(value=False)
            for way in ways:
                found |= met(rows, spec, way, others)
            return found
        case Related():
            return _related(rows, spec, criterion, others)
        case SumBetween():
            return _sum_between(rows, criterion, others)
        case Ended(by):
            return _holds(rows["ended_at"] <= literal(by))
        case Matches():
            return _matches(rows, spec, criterion)
        case _:
            return _field_met(rows, spec, criterion)


def _holds(condition: Any) -> Any:
    return condition.fill_null(literal(value=False))


def _within(value: Any, among: Any) -> Any:
    """Whether a value, which may be null, is one of a column's, which are not."""
    return value.notnull() & value.isin(among)


def _related(rows: Any, spec: Spec, criterion: Related, others: Rows) -> Any:
    kind = criterion.kind.spec
    via, to = kind.by_name.get(criterion.via), spec.by_name.get(criterion.to)
    if via is None or to is None:
        name = criterion.to if via else criterion.via
        raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that relates records")])
    other = others(criterion.kind)
    found = other.filter(met(other, kind, criterion.where, others), other[via.stored].notnull())
    return _within(rows[to.stored], found[via.stored])


def _sum_between(rows: Any, criterion: SumBetween, others: Rows) -> Any:
    """By the records whose sum is not 0: those of the others is, and is between the bounds or not."""
    kind = criterion.kind.spec
    via = kind.by_name[criterion.via].stored
    field, amount = compared(kind, criterion.field)
    bounds = [bound for bound in (criterion.low, criterion.high) if bound is not None]
    currencies = {bound.currency for bound in bounds}
    if len(currencies) > 1:
        return literal(value=False)
    parts = others(criterion.kind)
    parts = parts.filter(parts[amount].notnull(), parts[via].notnull())
    if currencies:
        parts = parts.filter(parts[f"{field.stored}_currency"] == literal(currencies.pop()))
    sums = parts.group_by(via).aggregate(total=parts[amount].sum())
    low, high = (None if bound is None else bound.minor for bound in (criterion.low, criterion.high))
    inside = literal(value=True)
    if low is not None:
        inside &= sums["total"] >= low
    if high is not None:
        inside &= sums["total"] <= high
    zero_is_inside = (low is None or low <= 0) and (high is None or high >= 0)
    if zero_is_inside:
        return ~rows["id"].isin(sums.filter(~inside)[via])
    return rows["id"].isin(sums.filter(inside)[via])


def _matches(rows: Any, spec: Spec, criterion: Matches) -> Any:
    field = spec.by_name.get(criterion.field)
    if field is None or not field.matched_by:
        raise Invalid(f"the query for {spec.about.plural}", [Fault(criterion.field, "is no field that is matched")])
    keys = [key for key in criterion.keys if key]
    held = rows[f"{field.stored}_match"]
    if not criterion.start:
        return _holds(held.isin(keys)) if keys else literal(value=False)
    found: Any = literal(value=False)
    for key in keys:
        found |= _holds(held.startswith(key))
    return found


def _field_met(rows: Any, spec: Spec, criterion: Any) -> Any:
    field, name = compared(spec, criterion.field)
    held = rows[name]
    partial = "." in criterion.field
    match criterion:
        case Empty(_, empty):
            return held.isnull() if empty else held.notnull()
        case Equals(_, wanted):
            value = _value(field, wanted, partial=partial)
            if value is None:
                return literal(value=False)
            found = held == literal(value)
            if isinstance(wanted, Money) and field.shape == "money":
                found &= rows[f"{field.stored}_currency"] == literal(wanted.currency)
            return _holds(found)
        case AnyOf(_, several):
            values = [value for one in several if (value := _value(field, one, partial=partial)) is not None]
            return _holds(held.isin([literal(value) for value in values])) if values else literal(value=False)
        case Between(_, low, high):
            return _between(rows, field, held, [low, high], partial=partial)
        case Contains(_, text):
            return _holds(held.contains(literal(text_key(text))))
        case StartsWith(_, text):
            return _holds(held.startswith(literal(text_key(text))))
        case _:
            raise TypeError(f"{criterion!r} is no criterion")


def _between(rows: Any, field: FieldSpec, held: Any, bounds: list[Any], *, partial: bool) -> Any:
    currencies = {bound.currency for bound in bounds if isinstance(bound, Money)}
    if len(currencies) > 1:
        return literal(value=False)
    low, high = (_value(field, bound, partial=partial) for bound in bounds)
    found = held.notnull()
    if low is not None:
        found &= held >= literal(low)
    if high is not None:
        found &= held <= literal(high)
    if currencies and field.shape == "money":
        found &= rows[f"{field.stored}_currency"] == literal(currencies.pop())
    return _holds(found)


def _value(field: FieldSpec, value: Any, *, partial: bool) -> Any:
    """The value as it is compared with the column; None for an empty one."""
    if value is None or value == "":
        return None
    if partial:
        return text_key(str(value)) or None
    if field.shape == "decimal" and isinstance(value, int | str):
        return Decimal(value)
    try:
        return comparable(field, value)
    except ValueError as cause:
        raise Invalid("the query", [Fault(field.name, str(cause))]) from cause
