"""Groupings in SQL: terms lowered to shapes and values, built as expressions, and groups read from rows.

A shape names its values in order, as those of criteria do. What is grouped by is named in GROUP BY by its place,
since a parameter is not known to be the same one when it is written twice.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, case, func, literal_column, null, select, union_all

from crmkit.entities import Spec
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
    Replaced,
    Share,
    Term,
    Through,
    field_of_term,
)
from crmkit.stores.sql.codecs import uuid_of
from crmkit.stores.sql.lowering import Lowering, Shape
from crmkit.stores.sql.statements import Counter, Statements

__all__ = ["Lowered", "grouping_statement", "groups_of"]

Expression = ColumnElement[Any]

_LIMB: Final = 10**9
"""A sum that an engine does not hold is kept as two: of what is above this, and of the rest."""


class Lowered:
    """A grouping as shapes and their values: what its statement is remembered by, and how its groups are read."""

    def __init__(self, grouping: Grouping[Any], lowering: Lowering) -> None:
        spec = grouping.kind.spec
        self.values: list[Any] = []
        terms = _Terms(lowering, self.values)
        self.table, self.kind = spec.about.table, spec.about.kind
        by = [terms.lowered(spec, term) for term in grouping.by]
        self.types = tuple(type_ for _, type_ in by)
        self.by: tuple[Shape, ...] = tuple(shape for shape, _ in by)
        self.sums: tuple[Shape, ...] = tuple(terms.lowered(spec, term)[0] for term in grouping.sums)
        self.ways: tuple[tuple[Shape, ...], ...] = tuple(
            lowering.where(grouping.kind, (*grouping.where, *way), self.values) for way in grouping.ways
        )
        self.key = (self.table, self.kind, self.by, self.sums, self.ways)
        self.form = (self.types, tuple(map(_is_small, self.sums)))
        """What groups look like: groupings of one form can be one statement."""


class _Terms:
    """Lowers terms; adds their values to a list."""

    def __init__(self, lowering: Lowering, values: list[Any]) -> None:
        self.lowering = lowering
        self.values = values

    def lowered(self, spec: Spec, term: Term) -> tuple[Shape, str]:
        """The shape of a term of an entity, and the type of its values: id, text, day or whole."""
        match term:
            case Field(name):
                field = field_of_term(spec, name)
                column = self.lowering.stored(spec, name).value
                if field.shape == "text":
                    return ("column" if field.code_of else "filled", column.name), "text"
                return ("column", column.name), column.type if column.type in ("id", "day") else "whole"
            case KeyOf(name):
                return ("column", self.lowering.matched(spec, name).name), "text"
            case Currency(name):
                field_of_term(spec, name, "money")
                return ("column", self._column(spec, name, "currency")), "text"
            case FirstOf(terms):
                each = [self.lowered(spec, one) for one in terms]
                return ("first", tuple(shape for shape, _ in each)), each[0][1]
            case Through(via, kind, inner):
                field_of_term(spec, via, "id")
                to = self._column(spec, via, "value")
                shape, type_ = self.lowered(kind.spec, inner)
                return ("through", to, kind.spec.about.table, kind.spec.about.kind, shape), type_
            case Least():
                return self._least(term), "id"
            case _:
                return self._made(spec, term)

    def _column(self, spec: Spec, name: str, holds: str) -> str:
        column = self.lowering.stored(spec, name).holding(holds)
        if column is None:
            raise TypeError(f"{name} has no column of that kind")
        return column.name

    def _least(self, term: Least) -> Shape:
        kind = term.kind.spec
        via, held = (
            self._column(kind, field_of_term(kind, name, "id").name, "value") for name in (term.via, term.field)
        )
        where = self.lowering.where(term.kind, term.where, self.values)
        return ("least", kind.about.table, kind.about.kind, via, held, where)

    def _made(self, spec: Spec, term: Any) -> tuple[Shape, str]:
        shape, type_ = self.lowered(spec, term.term)
        match term:
            case Replaced(_, by):
                for key, value in by.items():
                    self.values += (self.lowering.profile.encode(type_, key), value)
                return ("replaced", shape, len(by)), "whole"
            case Bucket(_, bounds):
                self.values += [self.lowering.profile.encode(type_, bound) for bound in bounds]
                return ("bucket", shape, len(bounds)), "whole"
            case Only(_, unless, listed):
                other, of = self.lowered(spec, unless)
                self.values += [self.lowering.profile.encode(of, one) for one in listed]
                return ("only", shape, other, len(listed)), type_
            case Missing():
                return ("missing", shape), "whole"
            case Share(_, share):
                return ("share", shape, self.lowered(spec, share)[0]), "whole"
            case _:
                raise TypeError(f"{term!r} is no term")


def grouping_statement(asked: Sequence[Lowered], statements: Statements, *, past: bool) -> Any:
    """The statement of groupings of one form: a SELECT for each, each way and each source, put together. Which of them
    a row is of, its first column tells.
    """
    arms: list[Any] = []
    first = 0
    for place, one in enumerate(asked):
        for way, _ in enumerate(one.ways):
            sources = statements.sources(one.table, past=past)
            arms += [_Building(statements, first, past=past).arm(one, source, way, place) for source in sources]
        first += len(one.values)
    return arms[0] if len(arms) == 1 else union_all(*arms)


class _Building:
    """Builds one arm of a grouping's statement."""

    def __init__(self, statements: Statements, first: int, *, past: bool) -> None:
        self.statements = statements
        self.past = past
        self.numbers = Counter(first)
        self.joins: list[tuple[FromClause, Expression]] = []

    def arm(self, asked: Lowered, source: FromClause, way: int, place_of_asked: int) -> Any:
        """The groups of the rows of one source that go one way, each with the place of what was asked."""
        which = _constant(place_of_asked).label("g")
        keys = [self.term(source, shape).label(f"k{place}") for place, shape in enumerate(asked.by)]
        sums: list[Expression] = []
        for place, shape in enumerate(asked.sums):
            sums += self._summed(self.term(source, shape), place, small=_is_small(shape))
        conditions = [
            self.statements.condition(source, asked.kind, shapes, self.numbers, past=self.past)
            for shapes in asked.ways[: way + 1]  # those before it have their values before its own
        ]
        joined: Any = source
        for other, met in self.joins:
            joined = joined.outerjoin(other, met)
        found = select(which, *keys, func.count().label("n"), *sums).select_from(joined).where(conditions[-1])
        return found.group_by(*[literal_column(str(place)) for place, _ in enumerate(keys, 2)]) if keys else found

    def _summed(self, value: Expression, place: int, *, small: bool) -> list[Expression]:
        profile = self.statements.profile
        if profile.sums_are_wide or small:
            return [func.sum(value).label(f"s{place}")]
        return [
            func.sum(value.op(profile.divides, precedence=8)(_constant(_LIMB))).label(f"s{place}"),
            func.sum(value % _constant(_LIMB)).label(f"r{place}"),
        ]

    def term(self, source: FromClause, shape: Shape) -> Expression:
        """A term of the rows of a source."""
        match shape:
            case ("column", name):
                found: Expression = source.c[name]
            case ("filled", name):
                found = func.nullif(source.c[name], literal_column("''"))
            case ("first", shapes):
                found = func.coalesce(*[self.term(source, one) for one in shapes])
            case ("through", to, table, kind, inner):
                found = self._through(source, to, table, kind, inner)
            case ("least", table, kind, via, held, where):
                found = self._least(source, table, kind, via, held, where)
            case ("share", inner, share):
                found = self._share(self.term(source, inner) * self.term(source, share))
            case (_, inner, *_):
                found = self._made(source, shape, self.term(source, inner))
            case _:
                raise TypeError(f"{shape!r} is no term")
        return found

    def _made(self, source: FromClause, shape: Shape, value: Expression) -> Expression:
        match shape:
            case ("replaced", _, width):
                pairs = {self.numbers.bind(): self.numbers.bind() for _ in range(width)}
                return case(pairs, value=value) if pairs else null()
            case ("bucket", _, width):
                steps = [(value < self.numbers.bind(), _constant(place)) for place in range(width)]
                return case((value.is_(None), null()), *steps, else_=_constant(width))
            case ("only", _, unless, width):
                other = self.term(source, unless)
                return case((other.not_in([self.numbers.bind() for _ in range(width)]), value))
            case ("missing", _):
                return case((value.is_(None), _constant(1)), else_=_constant(0))
            case _:
                raise TypeError(f"{shape!r} is no term")

    def _share(self, product: Expression) -> Expression:
        """The product over 10,000, a half to the even one: adding 4,999, or 5,000 where that leads to an even one."""
        divides = self.statements.profile.divides

        def rounded(value: Expression) -> Expression:
            odd = value.op(divides, precedence=8)(_constant(10_000)) % _constant(2)
            found: Expression = (value + _constant(4_999) + odd).op(divides, precedence=8)(_constant(10_000))
            return found

        return case((product < _constant(0), -rounded(-product)), else_=rounded(product))

    def _through(self, source: FromClause, to: str, table: str, kind: str, inner: Shape) -> Expression:
        """A term of the row referred to, which is joined."""
        arms = [
            select(*[held.c[name] for name in sorted({"id", *_columns(inner)})]).where(
                self.statements.condition(held, kind, (), self.numbers, past=self.past)
            )
            for held in self.statements.sources(table, past=self.past)
        ]
        other: Any = (union_all(*arms) if len(arms) > 1 else arms[0]).subquery()
        self.joins.append((other, source.c[to] == other.c["id"]))
        return self.term(other, inner)

    def _least(
        self, source: FromClause, table: str, kind: str, via: str, held: str, where: tuple[Shape, ...]
    ) -> Expression:
        """The least of the rows that refer to this one; where the past is asked, they are in two places."""
        start = self.numbers.next
        found: list[Any] = []
        for inner in self.statements.sources(table, past=self.past):
            self.numbers.next = start
            other = inner.alias()
            condition = self.statements.condition(other, kind, where, self.numbers, past=self.past)
            asked = select(other.c[held]).where(condition, other.c[via] == source.c["id"], other.c[held].is_not(None))
            found.append(asked.order_by(other.c[held]).limit(literal_column("1")).scalar_subquery())
        if len(found) == 1:
            one: Expression = found[0]
            return one
        one, two = found
        return case((two.is_(None), one), (one < two, one), else_=two)


def _columns(shape: Shape) -> set[str]:
    """The columns that a term reads of its own row."""
    match shape:
        case ("column" | "filled", name):
            return {name}
        case ("first", shapes):
            return set().union(*map(_columns, shapes))
        case ("through", to, *_):
            return {to}
        case ("least", *_):
            return {"id"}
        case (_, inner, *more):
            return _columns(inner).union(*(_columns(one) for one in more if isinstance(one, tuple)))
        case _:
            raise TypeError(f"{shape!r} is no term")


def _is_small(shape: Shape) -> bool:
    """Whether the values of a term are so small that any engine holds their sum."""
    return bool(shape[0] == "missing")


def _constant(number: int) -> Any:
    return literal_column(str(number))


def _id_of(value: Any) -> UUID:
    return uuid_of(bytes(value))


def groups_of(
    asked: Lowered,
    rows: Sequence[Sequence[Any]],
    *,
    wide: bool,
    day_of: Callable[[Any], date] | None,
    memo: dict[Any, Any],
) -> list[Grouped]:
    """The groups that rows tell of, each key once. `wide` says that a sum is in one column; `memo` holds the values
    that were read before: the groups of one statement are of the same records.
    """
    width = len(asked.types)
    readers: dict[str, Callable[[Any], Any]] = {"id": _id_of, "whole": int}
    if day_of is not None:
        readers["day"] = day_of
    splits = [not wide and not _is_small(shape) for shape in asked.sums]
    reads = [readers.get(type_) for type_ in asked.types]
    found: list[Grouped] = []
    for row in rows:
        key: list[Any] = []
        for reader, value in zip(reads, row[:width], strict=True):
            if value is None or reader is None:
                key.append(value)
                continue
            known = memo.get((reader, value))
            if known is None:
                known = memo[reader, value] = reader(value)
            key.append(known)
        sums: list[int] = []
        held = iter(row[width + 1 :])
        for split in splits:
            value = int(next(held) or 0)
            sums.append(value * _LIMB + int(next(held) or 0) if split else value)
        found.append(Grouped(tuple(key), int(row[width]), tuple(sums)))
    return Grouped.merged(found)
