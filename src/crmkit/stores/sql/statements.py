"""Statements: built with SQLAlchemy once a shape, compiled to text, remembered, and run on the driver's cursor."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from sqlalchemy import (
    ColumnElement,
    FromClause,
    MetaData,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)

from crmkit.stores.sql.engines import Profile
from crmkit.stores.sql.lowering import Counted, Prepared, Shape
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.tables import HISTORY

if TYPE_CHECKING:
    from crmkit.stores.sql.codecs import Codec

__all__ = ["Statement", "Statements"]

TENANT: Final = 0
AS_OF: Final = 1
LIMIT: Final = 2
AFTER: Final = 3
AFTER_ID: Final = 4
FIRST: Final = 5
"""Where the values of a statement stand: tenant, instant, limit, place, and from here on the criteria's."""

_ALL: Final[Any] = literal_column("9223372036854775807")

_LISTED: Final = re.compile(r"l(\d+)_(\d+)")
"""The name of a parameter that stands for a list: where its values begin, and how many there are."""

_FIXED: Final = {"tenant": TENANT, "as_of": AS_OF, "limit": LIMIT, "after": AFTER, "after_id": AFTER_ID}


@attrs.frozen
class Statement:
    """The text of a statement and, for each of its parameters in order, where its value stands.

    A place below zero is that of a constant which the dialect has put in, counted from -1.
    """

    text: str
    order: tuple[int, ...]
    constants: tuple[Any, ...] = ()

    def bound(self, values: Sequence[Any]) -> list[Any]:
        """The parameters for these values."""
        if self.constants:
            return [values[place] if place >= 0 else self.constants[-1 - place] for place in self.order]
        return [values[place] for place in self.order]


class Statements:
    """Builds the reading statements of one schema; each shape once."""

    def __init__(self, made: MetaData, profile: Profile, naming: Naming) -> None:
        self._tables = made.tables
        self.profile = profile
        self._naming = naming
        self._known: dict[Any, Statement] = {}

    def rows(
        self,
        codec: "Codec",
        where: tuple[Shape, ...],
        *,
        past: bool,
        sort: str,
        alone: bool,
        descending: bool,
        after: str,
        limit: bool,
        segment: str,
        recent: bool = False,
    ) -> Statement:
        """Rows of an entity in order: by the sort column `alone` where no two rows have the same value in it, else by
        the id too.

        `after` is "", "id" (a place among equals) or "both"; `segment` is "", "full" or "empty": the rows whose sort
        column has a value, or has none. `recent` says that few past states held at the instant: they are looked up
        by it, and then put in order.
        """
        key = (codec, where, past, sort, alone, descending, after, limit, segment, recent)
        found = self._known.get(key)
        if found is None:
            about = codec.spec.about
            found = self._made(key, lambda: self._rows(about.table, about.kind, codec.names, *key[1:]))
        return found

    def counts(self, prepared: Prepared | None, counted: tuple[Counted, ...], *, past: bool) -> Statement:
        """How many rows there are for each of what is counted: first what was prepared, if anything was."""
        first = prepared.counted if prepared is not None else ()
        return self._made(("counts", prepared, counted, past), lambda: self._counts((*first, *counted), past=past))

    def text(self, key: Any, build: Callable[[], Any]) -> Statement:
        """Any other statement, remembered by its key."""
        return self._made(key, build)

    def table(self, name: str) -> FromClause:
        """A table by its name in the registry."""
        return self._tables[self._naming.key(name)]

    def _made(self, key: Any, build: Callable[[], Any]) -> Statement:
        found = self._known.get(key)
        if found is None:
            compiled = build().compile(dialect=self.profile.dialect)
            constants: list[Any] = []
            order: list[int] = []
            mark = self.profile.mark
            between = str(compiled).split(mark)
            text = [between[0]]
            for name, after in zip(compiled.positiontup or (), between[1:], strict=True):
                listed = _LISTED.fullmatch(name)
                first, width = map(int, listed.groups()) if listed else (0, 1)
                text += (", ".join([mark] * width), after)
                order += range(first, first + width) if listed else (_place(name, compiled.params, constants),)
            found = self._known[key] = Statement("".join(text), tuple(order), tuple(constants))
        return found

    def _rows(
        self,
        table: str,
        kind: str,
        columns: tuple[str, ...],
        where: tuple[Shape, ...],
        past: bool,  # noqa: FBT001 - called with a key's parts
        sort: str,
        alone: bool,  # noqa: FBT001
        descending: bool,  # noqa: FBT001
        after: str,
        limit: bool,  # noqa: FBT001
        segment: str,
        recent: bool,  # noqa: FBT001
    ) -> Any:
        sources = self.sources(table, past=past)
        every = (*columns, *({sort} - set(columns))) if past else columns
        arms: list[Any] = []
        for source in sources:
            arm = self._arm(source, every, kind, where, past=past, in_order=limit and not recent)
            if recent and source is sources[-1]:
                source = arm.limit(_ALL).subquery()  # noqa: PLW2901 - a limit, so that no engine makes one of both
                arm = select(*[source.c[name] for name in every])
            arms.append(self._ordered(arm, source, sort, alone, descending, after, limit, segment))
        if len(arms) == 1:
            return arms[0]
        inner = [select(arm.subquery()) for arm in arms]
        joined = union_all(*inner).subquery()
        outer = select(*[joined.c[name] for name in columns])
        by = [joined.c[sort]] if alone else [joined.c[sort], joined.c["id"]]
        if segment == "empty":
            by = [joined.c["id"]]
        outer = outer.order_by(*[one.desc() if descending else one.asc() for one in by])
        return outer.limit(bindparam("limit")) if limit else outer

    def _ordered(
        self,
        arm: Select[Any],
        source: FromClause,
        sort: str,
        alone: bool,  # noqa: FBT001
        descending: bool,  # noqa: FBT001
        after: str,
        limit: bool,  # noqa: FBT001
        segment: str,
    ) -> Select[Any]:
        column, id_ = source.c[sort], source.c["id"]
        if segment == "full":
            arm = arm.where(column.is_not(None))
        elif segment == "empty":
            arm = arm.where(column.is_(None))
        by_id = sort == "id" or segment == "empty"
        if after:
            arm = arm.where(self._behind(column, id_, by_id=by_id, alone=alone, descending=descending))
        by = [id_] if by_id else [column] if alone else [column, id_]
        arm = arm.order_by(*[one.desc() if descending else one.asc() for one in by])
        return arm.limit(bindparam("limit")) if limit else arm

    def _behind(
        self, column: ColumnElement[Any], id_: ColumnElement[Any], *, by_id: bool, alone: bool, descending: bool
    ) -> ColumnElement[bool]:
        """The rows behind the place that is given."""
        compare: Any = operator.lt if descending else operator.gt
        after: Any = bindparam("after")
        after_id: Any = bindparam("after_id")
        if by_id:
            found: ColumnElement[bool] = compare(id_, after_id)
        elif alone:
            found = compare(column, after)
        elif self.profile.rows_compare:
            found = compare(tuple_(column, id_), tuple_(after, after_id))
        else:
            edge: Any = operator.le if descending else operator.ge
            found = and_(edge(column, after), or_(compare(column, after), compare(id_, after_id)))
        return found

    def recent(self, table: str, kind: str, most: int) -> Statement:
        """How many past states of a table held at the instant or began later, counted up to so many."""
        return self._made(("recent", table, kind, most), lambda: self._recent(table, kind, most))

    def _recent(self, table: str, kind: str, most: int) -> Any:
        source = self.table(table + HISTORY)
        held = [source.c["tenant_id"] == bindparam("tenant"), source.c["until"] > bindparam("as_of")]
        if kind:
            held.append(source.c["kind"] == literal_column(f"'{kind}'"))
        found: Any = select(literal_column("1").label("one")).where(*held).limit(literal_column(str(most)))
        return select(func.count()).select_from(found.subquery())

    def _arm(
        self,
        source: FromClause,
        columns: tuple[str, ...],
        kind: str,
        where: tuple[Shape, ...],
        *,
        past: bool,
        in_order: bool = False,
    ) -> Select[Any]:
        condition = self.condition(source, kind, where, Counter(), past=past, in_order=in_order)
        return select(*[source.c[name] for name in columns]).where(condition)

    def _counts(self, asked: tuple[Counted, ...], *, past: bool) -> Any:
        numbers = Counter()
        found: list[ColumnElement[Any]] = []
        for place, (table, kind, where) in enumerate(asked):
            start = numbers.next
            parts: list[Any] = []
            for source in self.sources(table, past=past):
                numbers.next = start
                condition = self.condition(source, kind, where, numbers, past=past)
                parts.append(select(func.count()).select_from(source).where(condition).scalar_subquery())
            total = parts[0] if len(parts) == 1 else parts[0] + parts[1]
            found.append(total.label(f"n{place}"))
        return select(*found)

    def sources(self, table: str, *, past: bool) -> list[FromClause]:
        """Where the rows of a table are: where the past is asked, in two places."""
        present = self.table(table)
        return [present, self.table(table + HISTORY)] if past else [present]

    def condition(
        self,
        source: FromClause,
        kind: str,
        where: tuple[Shape, ...],
        numbers: "Counter",
        *,
        past: bool,
        in_order: bool = False,
    ) -> ColumnElement[bool]:
        """The rows of the tenant, of a kind, at the instant asked, that the criteria hold for.

        `in_order` says that the first few of an order are wanted: it is the order that an index is to serve.
        """
        held: list[ColumnElement[bool]] = [source.c["tenant_id"] == bindparam("tenant")]
        if kind:
            held.append(source.c["kind"] == literal_column(f"'{kind}'"))
        if past:
            held.append(source.c["recorded_at"] <= bindparam("as_of"))
            if "until" in source.c:
                until: Any = source.c["until"]
                held.append((self.profile.without_index(until) if in_order else until) > bindparam("as_of"))
        held += [self._shape(source, shape, numbers, past=past) for shape in where]
        return and_(*held)

    def _shape(self, source: FromClause, shape: Shape, numbers: "Counter", *, past: bool) -> ColumnElement[bool]:
        match shape:
            case ("false",):
                return false()
            case ("not", inner):
                held = self._shape(source, inner, numbers, past=past)
                return case((held, literal_column("1")), else_=literal_column("0")) == literal_column("0")
            case ("or", ways):
                each = [and_(true(), *[self._shape(source, one, numbers, past=past) for one in way]) for way in ways]
                return or_(false(), *each)
            case ("exists", *_):
                return self._exists(source, shape, numbers, past=past)
            case ("sum", *_):
                return self._sum(source, shape, numbers, past=past)
            case ("ended",):
                by = numbers.bind()
                return source.c["until"] <= by if "until" in source.c else false()
            case ("null", column, empty):
                return source.c[column].is_(None) if empty else source.c[column].is_not(None)
            case ("blank", column, empty):
                return source.c[column] == literal_column("''") if empty else source.c[column] != literal_column("''")
            case _:
                return self._comparison(source, shape, numbers)

    def _exists(self, source: FromClause, shape: Shape, numbers: "Counter", *, past: bool) -> ColumnElement[bool]:
        _, table, kind, via, to, where = shape
        found: list[ColumnElement[bool]] = []
        start = numbers.next
        for inner in self.sources(table, past=past):
            numbers.next = start
            other = inner.alias()
            condition = self.condition(other, kind, where, numbers, past=past)
            found.append(select(literal_column("1")).where(condition, other.c[via] == source.c[to]).exists())
        return or_(*found) if len(found) > 1 else found[0]

    def _sum(self, source: FromClause, shape: Shape, numbers: "Counter", *, past: bool) -> ColumnElement[bool]:
        _, table, via, amount, bounded, has_low, has_high = shape
        start = numbers.next
        sums: list[Any] = []
        for inner in self.sources(table, past=past):
            numbers.next = start
            other = inner.alias()
            condition = [self.condition(other, "", (), numbers, past=past), other.c[via] == source.c["id"]]
            if bounded:
                condition.append(other.c[f"{amount}_currency"] == numbers.bind())
            summed = select(func.coalesce(func.sum(other.c[amount]), literal_column("0"))).where(*condition)
            sums.append(summed.scalar_subquery())
        total = sums[0] if len(sums) == 1 else sums[0] + sums[1]
        held: list[ColumnElement[bool]] = [true()]
        if has_low:
            held.append(total >= numbers.bind())
        if has_high:
            held.append(total <= numbers.bind())
        return and_(*held)

    def _comparison(self, source: FromClause, shape: Shape, numbers: "Counter") -> ColumnElement[bool]:
        match shape:
            case ("=", column):
                equal: ColumnElement[bool] = source.c[column] == numbers.bind()
                return equal
            case ("money=", column, currency):
                return and_(source.c[column] == numbers.bind(), source.c[currency] == numbers.bind())
            case ("any", column):
                return self.profile.among(source.c[column], numbers.bind())
            case ("in", column, width):
                return source.c[column].in_([numbers.bind_list(width)])
            case ("starts", column, ends):
                text = source.c[column]
                ways = [and_(text >= numbers.bind(), *([text < numbers.bind()] if end else [])) for end in ends]
                return or_(*ways)
            case ("like", column):
                liked: ColumnElement[bool] = source.c[column].like(numbers.bind(), escape="!")
                return liked
            case ("between", column, has_low, has_high, currency, blank):
                held: list[ColumnElement[bool]] = [source.c[column].is_not(None)]
                if blank:
                    held.append(source.c[column] != literal_column("''"))
                if has_low:
                    held.append(source.c[column] >= numbers.bind())
                if has_high:
                    held.append(source.c[column] <= numbers.bind())
                if currency:
                    held.append(source.c[currency] == numbers.bind())
                return and_(*held)
            case _:
                raise TypeError(f"{shape!r} is no shape")


class Counter:
    """Gives each value of the criteria its parameter, in the order of the shape."""

    def __init__(self, first: int = 0) -> None:
        self.next = first

    def bind(self) -> Any:
        """The parameter of the next value."""
        self.next += 1
        return bindparam(f"p{self.next - 1}")

    def bind_list(self, width: int) -> Any:
        """The one parameter that stands for a list of the next values: compiling thousands takes seconds."""
        self.next += width
        return bindparam(f"l{FIRST + self.next - width}_{width}")


def _place(name: str, given: Mapping[str, Any], constants: list[Any]) -> int:
    fixed = _FIXED.get(name)
    if fixed is not None:
        return fixed
    if name.startswith("p") and name[1:].isdigit():
        return FIRST + int(name[1:])
    constants.append(given[name])
    return -len(constants)
