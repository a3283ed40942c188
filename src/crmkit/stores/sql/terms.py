"""Terms as SQL expressions, and the SELECT of one arm of a grouping's statement.

What is grouped by is named in GROUP BY by its place, since a parameter is not known to be the same one when it is
written twice.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import (
    ColumnElement,
    FromClause,
    SmallInteger,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)

from crmkit.stores.sql.lowering import Shape
from crmkit.stores.sql.statements import Counter, Statements

if TYPE_CHECKING:
    from crmkit.stores.sql.grouping import Lowered

__all__ = ["LIMB", "SEPARATOR", "Arm", "Cell", "is_small"]

Expression = ColumnElement[Any]

Path = tuple[Shape, ...]
"""How a row is reached: by which columns, to which tables, from the row that is grouped on."""

LIMB: Final = 10**9
"""A sum that an engine may not hold is kept as two: of what is above this, and of the rest."""

SEPARATOR: Final = "|"
"""What stands between values that are together in a text."""


@attrs.frozen
class Cell:
    """A part of the rows: what is grouped by at `place` is `bucket` there.

    The columns of `empty` are empty in it, and `column` (if any) is at least the value at `low` and below the one at
    `high`, where these are given.
    """

    place: int
    bucket: int | None
    empty: tuple[str, ...]
    column: str
    low: int | None
    high: int | None


class Arm:
    """One SELECT of a grouping's statement, from one source; its values begin at `first`."""

    def __init__(self, statements: Statements, source: FromClause, first: int, *, past: bool, split: bool) -> None:
        self.statements = statements
        self.source = source
        self.first = first
        self.past = past
        self.split = split
        self.numbers = Counter(first)
        self.joined: Any = source
        self.reached: dict[Path, FromClause] = {}
        self.read: dict[Path, set[str]] = {}
        """Which columns are read where, the source's apart."""

    def statement(self, asked: "Lowered", way: int, number: int, cell: Cell | None) -> Any:
        """The groups of the rows of the source that go one way, each with the number of what was asked."""
        for shape in (*asked.by, *asked.sums):
            _reads(shape, (), self.read)
        if asked.parts:
            table, kind, via, of = asked.parts
            self.read.setdefault((("part",),), set()).add(via)
            parts = self._other((("part",),), table, kind)
            self.joined = self.joined.outerjoin(parts, self._there(parts, kind, parts.c[via] == self.source.c[of]))
            self.reached[("part",),] = parts
        fixed = cell.place if cell is not None else -1
        keys = [
            self._bucket(cell, shape) if cell is not None and place == fixed else self.term(shape)
            for place, shape in enumerate(asked.by)
        ]
        summed = [self.term(_inner(shape)) for shape in asked.sums]
        conditions = [
            self.statements.condition(self.source, asked.kind, shapes, self.numbers, past=self.past)
            for shapes in asked.ways[: way + 1]  # those before it have their values before its own
        ]
        met = (conditions[-1], *(self._within(cell) if cell is not None else ()))
        rows: Any = self.joined
        alone = asked.by_record and not (asked.parts or asked.sums)
        if self.statements.profile.reckons_once and not alone:
            rows = self._reckoned(asked, keys, summed, met, fixed)
            keys = [key if place == fixed else rows.c[f"k{place}"] for place, key in enumerate(keys)]
            summed = [rows.c[_name(asked, shape)] for shape in asked.sums]
            met = ()
        columns = [_constant(number).label("g"), *(key.label(f"k{place}") for place, key in enumerate(keys))]
        count: Expression = _constant(1) if alone else func.count()
        sums = [one for place, value in enumerate(summed) for one in self._summed(asked.sums[place], value, place)]
        found = select(*columns, count.label("n"), *sums).select_from(rows).where(*met)
        if alone:  # each row is a group: an engine would put them in order to find that out
            return found
        return found.group_by(*[literal_column(str(place + 2)) for place, _ in enumerate(keys) if place != fixed])

    def _reckoned(
        self,
        asked: "Lowered",
        keys: Sequence[Expression],
        summed: Sequence[Expression],
        met: Iterable[ColumnElement[bool]],
        fixed: int,
    ) -> FromClause:
        """The rows with what is asked of each, worked out once. The order, which is none, keeps the engine from writing
        it in wherever it is used, and from thinking, of what it has no statistics of, that every row is a group.
        """
        named = {f"k{place}": key for place, key in enumerate(keys) if place != fixed}
        named |= {_name(asked, shape): value for shape, value in zip(asked.sums, summed, strict=True)}
        columns = [value.label(name) for name, value in named.items()] or [_constant(1).label("one")]
        found = select(*columns).select_from(self.joined).where(*met).order_by(cast(null(), SmallInteger()))
        return found.subquery("reckoned")

    def _bucket(self, cell: Cell, shape: Shape) -> Expression:
        self.numbers.next += shape[-1]
        return null() if cell.bucket is None else _constant(cell.bucket)

    def _within(self, cell: Cell) -> Iterable[ColumnElement[bool]]:
        """The rows of a cell."""
        for name in cell.empty:
            yield self.source.c[name].is_(None)
        if cell.column:
            held = self.source.c[cell.column]
            bounds: list[Any] = [
                None if place is None else bindparam(f"p{self.first + place}") for place in (cell.low, cell.high)
            ]
            yield held.is_not(None)
            if bounds[0] is not None:
                yield held >= bounds[0]
            if bounds[1] is not None:
                yield held < bounds[1]

    def _summed(self, shape: Shape, value: Expression, place: int) -> list[Expression]:
        if shape[0] == "missing":
            return [(func.count() - func.count(value)).label(f"s{place}")]
        if not self.split:
            return [func.sum(value).label(f"s{place}")]
        divides = self.statements.profile.divides
        return [
            func.sum(value.op(divides, precedence=8)(_constant(LIMB))).label(f"s{place}"),
            func.sum(value % _constant(LIMB)).label(f"r{place}"),
        ]

    def term(self, shape: Shape, path: Path = ()) -> Expression:
        """A term of the rows that are reached so."""
        row = self.reached[path] if path else self.source
        match shape:
            case ("column", name):
                found: Expression = row.c[name]
            case ("filled", name):
                found = func.nullif(row.c[name], literal_column("''"))
            case ("first", shapes):
                found = func.coalesce(*[self.term(one, path) for one in shapes])
            case ("through", to, table, kind, inner):
                found = self._through(row, to, table, kind, inner, path)
            case ("part", inner):
                found = self.term(inner, (("part",),))
            case ("together", shapes, types):
                found = self._together(shapes, types, path)
            case ("least", table, kind, via, held, where):
                found = self._least(row, table, kind, via, held, where)
            case ("share", inner, share, signed):
                found = self._share(self.term(inner, path) * self.term(share, path), signed=signed)
            case ("only", inner, unless, width):
                value = self.term(inner, path)
                found = case((self._unless(unless, width, path), value))
            case (_, inner, *_):
                found = self._made(shape, self.term(inner, path))
            case _:
                raise TypeError(f"{shape!r} is no term")
        return found

    def _made(self, shape: Shape, value: Expression) -> Expression:
        match shape:
            case ("replaced", _, width):
                pairs = {self.numbers.bind(): self.numbers.bind() for _ in range(width)}
                return case(pairs, value=value) if pairs else null()
            case ("bucket", _, width):
                bounds = [self.numbers.bind() for _ in range(width)]
                return case((value.is_not(None), _searched(value, bounds, 0)))
            case ("missing", _):
                return case((value.is_(None), _constant(1)), else_=_constant(0))
            case _:
                raise TypeError(f"{shape!r} is no term")

    def _unless(self, unless: Shape, width: int, path: Path) -> ColumnElement[bool]:
        other = self.term(unless, path)
        listed = [self.numbers.bind() for _ in range(width)]
        return other.not_in(listed) if listed else other.is_not(None)

    def _together(self, shapes: tuple[Shape, ...], types: tuple[Any, ...], path: Path) -> Expression:
        """The values as a text. What they are is worked out for the rows alone that have the first one."""
        first, *others = shapes
        if first[0] == "only":
            value = self.term(first[1], path)
            condition = self._unless(first[2], first[3], path)
        else:
            value = self.term(first, path)
            condition = value.is_not(None)
        text: Expression = value
        for shape, type_ in zip(others, types[1:], strict=True):
            told = func.coalesce(self.statements.profile.told(self.term(shape, path), type_), literal_column("''"))
            text = text.concat(literal_column(f"'{SEPARATOR}'")).concat(told)
        return case((condition, text))

    def _share(self, product: Expression, *, signed: bool) -> Expression:
        """The product over 10,000, a half to the even one: adding 4,999, or 5,000 where that leads to an even one."""
        divides = self.statements.profile.divides

        def rounded(value: Expression) -> Expression:
            odd = value.op(divides, precedence=8)(_constant(10_000)) % _constant(2)
            found: Expression = (value + _constant(4_999) + odd).op(divides, precedence=8)(_constant(10_000))
            return found

        return (
            case((product < _constant(0), -rounded(-product)), else_=rounded(product)) if signed else rounded(product)
        )

    def _through(self, row: FromClause, to: str, table: str, kind: str, inner: Shape, path: Path) -> Expression:
        """A term of the row referred to, which is joined once."""
        step = (*path, ("through", to, table, kind))
        if step not in self.reached:
            other = self._other(step, table, kind)
            self.joined = self.joined.outerjoin(other, self._there(other, kind, row.c[to] == other.c["id"]))
            self.reached[step] = other
        return self.term(inner, step)

    def _other(self, path: Path, table: str, kind: str) -> FromClause:
        """The rows of another table; where the past is asked, they are in two places."""
        sources = self.statements.sources(table, past=self.past)
        if len(sources) == 1:
            return sources[0].alias()
        names = sorted({"id", *self.read.get(path, ())})
        arms = [
            select(*[held.c[name] for name in names]).where(
                self.statements.condition(held, kind, (), self.numbers, past=True)
            )
            for held in sources
        ]
        return union_all(*arms).subquery()

    def _there(self, other: FromClause, kind: str, met: ColumnElement[bool]) -> ColumnElement[bool]:
        """The condition on which the row of another table is joined."""
        return met if self.past else and_(self.statements.condition(other, kind, (), self.numbers, past=False), met)

    def _least(
        self, row: FromClause, table: str, kind: str, via: str, held: str, where: tuple[Shape, ...]
    ) -> Expression:
        """The least of the rows that refer to this one; where the past is asked, they are in two places."""
        start = self.numbers.next
        found: list[Any] = []
        for inner in self.statements.sources(table, past=self.past):
            self.numbers.next = start
            other = inner.alias()
            condition = self.statements.condition(other, kind, where, self.numbers, past=self.past)
            asked = select(other.c[held]).where(condition, other.c[via] == row.c["id"], other.c[held].is_not(None))
            found.append(asked.order_by(other.c[held]).limit(literal_column("1")).scalar_subquery())
        if len(found) == 1:
            one: Expression = found[0]
            return one
        one, two = found
        return case((two.is_(None), one), (one < two, one), else_=two)


def _searched(value: Expression, bounds: list[Any], first: int) -> Expression:
    """How many of the bounds are not above the value, beginning at `first`, by halves."""
    if not bounds:
        return literal_column(str(first))
    middle = len(bounds) // 2
    below = _searched(value, bounds[:middle], first)
    above = _searched(value, bounds[middle + 1 :], first + middle + 1)
    found: Expression = case((value < bounds[middle], below), else_=above)
    return found


def _reads(shape: Shape, path: Path, found: dict[Path, set[str]]) -> None:
    """Add the columns that a term reads, by where it reads them."""
    columns = found.setdefault(path, set())
    match shape:
        case ("column" | "filled", name):
            columns.add(name)
        case ("first" | "together", shapes, *_):
            for one in shapes:
                _reads(one, path, found)
        case ("through", to, table, kind, inner):
            columns.add(to)
            _reads(inner, (*path, ("through", to, table, kind)), found)
        case ("part", inner):
            _reads(inner, (("part",),), found)
        case ("least", *_):
            columns.add("id")
        case (_, inner, *more):
            for one in (inner, *(one for one in more if isinstance(one, tuple))):
                _reads(one, path, found)
        case _:
            raise TypeError(f"{shape!r} is no term")


def _inner(shape: Shape) -> Shape:
    """What is looked at for a sum: of how often something is missing, that."""
    inner: Shape = shape[1] if shape[0] == "missing" else shape
    return inner


def _name(asked: "Lowered", shape: Shape) -> str:
    """The column of what is looked at for a sum; one for all sums that look at the same."""
    return f"v{[_inner(one) for one in asked.sums].index(_inner(shape))}"


def is_small(shape: Shape) -> bool:
    """Whether the values of a term are so small that any engine holds their sum."""
    return bool(shape[0] == "missing")


def _constant(number: int) -> Any:
    return literal_column(str(number))
