"""From a query to a *shape* and its values.

The shape is all that the statement's text depends on, as nested tuples: it is what compiled statements are
remembered by. The values are in the order in which the shape names them.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import Money, Record, Registry, Spec
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
    Template,
    comparable,
)
from crmkit.stores.sql.columns import Column, FieldColumns, Layout, scale_of
from crmkit.stores.sql.engines import Profile
from crmkit.stores.sql.instants import micros

__all__ = ["FALSE", "Counted", "Lowering", "Prepared", "Shape"]

Shape = tuple[Any, ...]

Counted = tuple[str, str, tuple[Shape, ...]]
"""The rows of a table, of a kind, for which criteria hold: what is counted."""

FALSE: Final[Shape] = ("false",)

_ANY: Final = UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")
"""Stands for the id of the record that a template's queries are about."""

_SURROGATES: Final = (0xD800, 0xE000)


@attrs.frozen(eq=False)
class Prepared:
    """A template's queries, lowered: what is counted, and the values, without those that are the id of the record."""

    counted: tuple[Counted, ...]
    values: tuple[Any, ...]

    def about(self, id: UUID) -> list[Any]:
        """The values for that record."""
        held = id.bytes
        return [held if value is None else value for value in self.values]


class Lowering:
    """Lowers the queries of one registry for one engine."""

    def __init__(self, registry: Registry, layouts: Mapping[str, Layout], profile: Profile) -> None:
        self.registry = registry
        self.layouts = layouts
        self.profile = profile
        self._named: dict[Spec, dict[str, FieldColumns]] = {}
        self._fields: dict[tuple[Spec, str], tuple[FieldColumns, Column]] = {}
        self._of_ids: dict[tuple[Spec, str], Shape] = {}
        """The shapes of fields that equal an id: what is asked most."""
        self._prepared: dict[Template, Prepared] = {}

    def where(self, kind: type[Record], criteria: tuple[Criterion, ...], values: list[Any]) -> tuple[Shape, ...]:
        """The shapes of the criteria; their values are added to `values`."""
        return tuple(self._criterion(kind.spec, criterion, values) for criterion in criteria)

    def counted(self, queries: Iterable[Query[Any]], values: list[Any]) -> tuple[Counted, ...]:
        """What queries count; their values are added to `values`."""
        found: list[Counted] = []
        for query in queries:
            about = query.kind.spec.about
            found.append((about.table, about.kind, self.where(query.kind, query.where, values)))
        return tuple(found)

    def prepared(self, template: Template) -> Prepared:
        """A template's queries, lowered once."""
        found = self._prepared.get(template)
        if found is None:
            values: list[Any] = []
            counted = self.counted(template.make(_ANY), values)
            any_id = _ANY.bytes
            found = Prepared(counted, tuple(None if value == any_id else value for value in values))
            self._prepared[template] = found
        return found

    def field(self, spec: Spec, name: str) -> tuple[FieldColumns, Column]:
        """The stored field of that name, and the column it is compared by. Raises Invalid where there is none."""
        known = self._fields.get((spec, name))
        if known is not None:
            return known
        base, _, part = name.partition(".")
        held = self.held(spec, base)
        column = held.compared if held and not part else None
        if held is not None and part:
            column = held.holding("part", part)
        if held is None or column is None:
            raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that can be asked for")])
        self._fields[spec, name] = held, column
        return held, column

    def held(self, spec: Spec, name: str) -> FieldColumns | None:
        """The stored field of that name, or None."""
        named = self._named.get(spec)
        if named is None:
            fields = self.layouts[spec.about.table].fields(spec)
            named = self._named[spec] = {held.field.name: held for held in fields}
        return named.get(name)

    def stored(self, spec: Spec, name: str) -> FieldColumns:
        """The stored field of that name. Raises Invalid where there is none."""
        held = self.held(spec, name)
        if held is None:
            raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that can be asked for")])
        return held

    def sort(self, query: Query[Any]) -> tuple[str, bool, bool]:
        """The column that a query is in order of, whether it may be empty, and whether no two rows have the same value
        in it, so that no id is needed to tell them apart; the id's for none.
        """
        if query.sort in ("", "id"):
            return "id", False, True
        held, column = self.field(query.kind.spec, query.sort)
        alone = (query.sort,) in query.kind.spec.about.unique
        return column.name, column.nullable or held.compared.holds == "key", alone

    def place(self, query: Query[Any]) -> tuple[Any, Any]:
        """The cursor's value and id as they are bound."""
        after = query.after
        if after is None:
            return None, None
        if query.sort in ("", "id"):
            return None, self.profile.encode("id", after.id)
        held, column = self.field(query.kind.spec, query.sort)
        value = _scaled(after.value, scale_of(held.field)) if held.field.shape == "decimal" else after.value
        return self.profile.encode(column.type, value), self.profile.encode("id", after.id)

    def _criterion(self, spec: Spec, criterion: Criterion, values: list[Any]) -> Shape:
        if type(criterion) is Equals and type(criterion.value) is UUID:
            shape = self._of_ids.get((spec, criterion.field))
            if shape is not None:
                values.append(criterion.value.bytes)
                return shape
        match criterion:
            case Not(inner):
                return ("not", self._criterion(spec, inner, values))
            case Either(ways):
                return ("or", tuple(tuple(self._criterion(spec, one, values) for one in way) for way in ways))
            case Related():
                return self._related(spec, criterion, values)
            case SumBetween():
                return self._sum(criterion, values)
            case Matches():
                return self._matches(spec, criterion, values)
            case Ended(by):
                values.append(micros(by))
                return ("ended",)
            case Empty(field, empty):
                held, column = self.field(spec, field)
                blank = held.field.shape == "text" and column.holds == "value" and column.type == "text"
                return ("blank" if blank else "null", column.name, empty)
            case _:
                return self._compared(spec, criterion, values)

    def _related(self, spec: Spec, criterion: Related, values: list[Any]) -> Shape:
        kind = criterion.kind.spec
        via = self.held(kind, criterion.via)
        to = self.held(spec, criterion.to)
        if via is None or to is None:
            name = criterion.to if via else criterion.via
            raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that relates records")])
        inner = self.where(criterion.kind, criterion.where, values)
        return ("exists", kind.about.table, kind.about.kind, via.value.name, to.value.name, inner)

    def _matches(self, spec: Spec, criterion: Matches, values: list[Any]) -> Shape:
        column = self.matched(spec, criterion.field)
        keys = [key for key in criterion.keys if key]
        if not keys:
            return FALSE
        if criterion.start:
            ends = [(key, _behind(key)) for key in keys]
            values += [bound for pair in ends for bound in pair if bound]
            return ("starts", column.name, tuple(bool(end) for _, end in ends))
        return self.among(column.name, keys, values)

    def among(self, name: str, bounds: Sequence[Any], values: list[Any]) -> Shape:
        """The column has one of these values: a list is one value where the engine takes such; else their number
        is rounded up, so that few statements are compiled.
        """
        if len(bounds) == 1:
            values.append(bounds[0])
            return ("=", name)
        if self.profile.takes_lists:
            values.append(list(bounds))
            return ("any", name)
        width = 1 << (len(bounds) - 1).bit_length()
        values += [*bounds, *[bounds[-1]] * (width - len(bounds))]
        return ("in", name, width)

    def matched(self, spec: Spec, name: str) -> Column:
        """The column of the key that a field is matched by. Raises Invalid where there is none."""
        held = self.held(spec, name)
        column = held.holding("match") if held else None
        if column is None:
            raise Invalid(f"the query for {spec.about.plural}", [Fault(name, "is no field that is matched")])
        return column

    def _sum(self, criterion: SumBetween, values: list[Any]) -> Shape:
        kind = criterion.kind.spec
        _, amount = self.field(kind, criterion.field)
        _, via = self.field(kind, criterion.via)
        bounds = [bound for bound in (criterion.low, criterion.high) if bound is not None]
        currencies = {bound.currency for bound in bounds}
        if len(currencies) > 1:
            return FALSE
        if currencies:
            values.append(currencies.pop())
        values += [bound.minor for bound in bounds]
        shown = (criterion.low is not None, criterion.high is not None)
        return ("sum", kind.about.table, via.name, amount.name, bool(bounds), *shown)

    def _compared(self, spec: Spec, criterion: Any, values: list[Any]) -> Shape:
        held, column = self.field(spec, criterion.field)
        name = column.name
        match criterion:
            case Equals(_, value):
                bound = self._bound(held, column, value)
                if bound is None:
                    return FALSE
                values.append(bound)
                if isinstance(value, Money) and held.field.shape == "money":
                    values.append(value.currency)
                    return ("money=", name, f"{name}_currency")
                shape = ("=", name)
                if column.type == "id":
                    self._of_ids[spec, criterion.field] = shape
                return shape
            case AnyOf(_, several):
                bounds = [bound for one in several if (bound := self._bound(held, column, one)) is not None]
                if not bounds:
                    return FALSE
                return self.among(name, bounds, values)
            case Between(_, low, high):
                return self._between(held, column, low, high, values)
            case Contains(_, text):
                values.append(f"%{_escaped(text)}%")
                return ("like", name)
            case StartsWith(_, text):
                values.append(f"{_escaped(text)}%")
                return ("like", name)
            case _:
                raise TypeError(f"{criterion!r} is no criterion")

    def _between(self, held: FieldColumns, column: Column, low: Any, high: Any, values: list[Any]) -> Shape:
        currencies = {bound.currency for bound in (low, high) if isinstance(bound, Money)}
        if len(currencies) > 1:
            return FALSE
        bounds = [self._bound(held, column, bound) for bound in (low, high)]
        values += [bound for bound in bounds if bound is not None]
        money = held.holding("currency")
        currency = money.name if money is not None and currencies else ""
        if currency:
            values.append(currencies.pop())
        blank = held.field.shape == "text" and column.holds == "value" and column.type == "text"
        return ("between", column.name, bounds[0] is not None, bounds[1] is not None, currency, blank)

    def _bound(self, held: FieldColumns, column: Column, value: Any) -> Any:
        """The value as it is bound to be compared with that column; None for an empty one."""
        field = held.field
        if isinstance(value, UUID) and column.type == "id":
            return value.bytes
        if value is None or value == "":
            return None
        if column.holds == "part":
            return text_key(str(value)) or None
        try:
            key = comparable(field, value)
        except ValueError as cause:
            raise Invalid("the query", [Fault(field.name, str(cause))]) from cause
        if field.shape == "decimal":
            return _scaled(key, scale_of(field))
        if field.shape == "id" and not isinstance(key, UUID):
            raise Invalid("the query", [Fault(field.name, f"must be an id (a UUID), not {key!r}")])
        return self.profile.encode(column.type, key)


def _behind(start: str) -> str:
    """The first text behind all that begin with this one; empty where there is none."""
    last = ord(start[-1]) + 1
    if last == _SURROGATES[0]:
        last = _SURROGATES[1]
    return start[:-1] + chr(last) if last <= sys.maxunicode else ""


def _scaled(value: Any, scale: int) -> Any:
    """A decimal as it is stored; one that is finer than the column stays a fraction between two whole numbers."""
    if value is None:
        return None
    scaled = Decimal(value).scaleb(scale)
    return int(scaled) if scaled == scaled.to_integral_value() else float(scaled)


def _escaped(text: str) -> str:
    """The key of a text as a LIKE pattern in which every character means itself."""
    return text_key(text).replace("!", "!!").replace("%", "!%").replace("_", "!_")
