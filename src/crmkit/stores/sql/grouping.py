"""Groupings in SQL: terms lowered to shapes and values, put together as a statement, and groups read from rows.

A shape names its values in order, as those of criteria do.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import attrs
from sqlalchemy import union_all

from crmkit.entities import FieldSpec, Spec
from crmkit.entities.facts import AtLeast
from crmkit.queries import (
    AddressPart,
    Bucket,
    Currency,
    Field,
    FirstOf,
    Grouped,
    Grouping,
    KeyOf,
    Least,
    Missing,
    OfPart,
    Only,
    Replaced,
    Share,
    Term,
    Through,
    Together,
    field_of_term,
)
from crmkit.stores.sql.codecs import uuid_of
from crmkit.stores.sql.instants import instant_of
from crmkit.stores.sql.lowering import Lowering, Shape
from crmkit.stores.sql.statements import Statements
from crmkit.stores.sql.terms import LIMB, SEPARATOR, Arm, Cell, is_small

__all__ = ["Lowered", "grouping_statement", "groups_of"]

Type = Any
"""What the values of a term are: id, text, day, instant or whole; a tuple of these where it is of several together."""

_OF_RECORD: Final = ("column", "id")
_MOST_CELLS: Final = 64
"""How many cells one grouping is cut into at most."""


class Lowered:
    """A grouping as shapes and their values: what its statement is remembered by, and how its groups are read."""

    def __init__(self, grouping: Grouping[Any], lowering: Lowering) -> None:
        spec, parts = grouping.kind.spec, grouping.parts
        self.values: list[Any] = []
        terms = _Terms(lowering, self.values, None if parts is None else parts.kind.spec)
        self.table, self.kind = spec.about.table, spec.about.kind
        self.parts: Shape = ()
        if parts is not None:
            about = parts.kind.spec.about
            of = terms.reference(spec, parts.of)
            self.parts = (about.table, about.kind, terms.reference(parts.kind.spec, parts.via), of)
        by: list[tuple[Shape, Type]] = []
        self.spread: _Spread | None = None
        for place, term in enumerate(grouping.by):
            first = len(self.values)
            by.append(terms.lowered(spec, term))
            if self.spread is None and not grouping.where and not any(grouping.ways):
                self.spread = _spread(place, first, by[-1][0])
        self.types = tuple(type_ for _, type_ in by)
        self.by: tuple[Shape, ...] = tuple(shape for shape, _ in by)
        self.sums: tuple[Shape, ...] = tuple(terms.lowered(spec, term)[0] for term in grouping.sums)
        self.ways: tuple[tuple[Shape, ...], ...] = tuple(
            lowering.where(grouping.kind, (*grouping.where, *way), self.values) for way in grouping.ways
        )
        self.key = (self.table, self.kind, self.parts, self.by, self.sums, self.ways)
        self.by_record = _OF_RECORD in self.by
        """Whether each group is of one record: then no two rows that are read have one key."""
        self.form = (self.types, tuple(map(is_small, self.sums)))
        """What groups look like: groupings of one form can be one statement."""

    @property
    def cells(self) -> list[Cell | None]:
        """What the rows of the table are cut into: nothing, or the buckets that an index has one behind the other."""
        return [None] if self.spread is None else list(self.spread.cells())


@attrs.frozen
class _Spread:
    """What is grouped by at `place` is the bucket, among so many bounds whose values begin at `first`, of the first of
    the columns that is filled.
    """

    place: int
    first: int
    bounds: int
    columns: tuple[str, ...]

    def cells(self) -> Iterator[Cell]:
        """Each bucket of each column; and where none of them is filled, none."""
        for turn, column in enumerate(self.columns):
            empty = self.columns[:turn]
            for bucket in range(self.bounds + 1):
                low = self.first + bucket - 1 if bucket else None
                high = self.first + bucket if bucket < self.bounds else None
                yield Cell(self.place, bucket, empty, column, low, high)
        yield Cell(self.place, None, self.columns, "", None, None)


def _spread(place: int, first: int, shape: Shape) -> _Spread | None:
    """How rows can be cut by a term, so that each part is read where an index has it and nobody compares it again."""
    match shape:
        case ("bucket", ("first", columns), width) if all(one[0] == "column" for one in columns):
            found = _Spread(place, first, width, tuple(name for _, name in columns))
            return found if len(columns) * (width + 1) < _MOST_CELLS else None
        case _:
            return None


class _Terms:
    """Lowers terms; adds their values to a list."""

    def __init__(self, lowering: Lowering, values: list[Any], parts: Spec | None) -> None:
        self.lowering = lowering
        self.values = values
        self.parts = parts

    def lowered(self, spec: Spec, term: Term) -> tuple[Shape, Type]:
        """The shape of a term of an entity, and the type of its values."""
        match term:
            case Field(name):
                field = field_of_term(spec, name)
                column = self.lowering.stored(spec, name).value
                if field.shape == "text":
                    return ("column" if field.code_of else "filled", column.name), "text"
                return ("column", column.name), column.type if column.type in ("id", "day", "instant") else "whole"
            case KeyOf(name):
                return ("column", self.lowering.matched(spec, name).name), "text"
            case AddressPart(name, part):
                return ("filled", self.lowering.field(spec, f"{name}.{part}")[1].name), "text"
            case Currency(name):
                field_of_term(spec, name, "money")
                return ("column", self._column(spec, name, "currency")), "text"
            case FirstOf(terms):
                each = [self.lowered(spec, one) for one in terms]
                return ("first", tuple(shape for shape, _ in each)), each[0][1]
            case Through(via, kind, inner):
                to = self.reference(spec, via)
                shape, type_ = self.lowered(kind.spec, inner)
                return ("through", to, kind.spec.about.table, kind.spec.about.kind, shape), type_
            case Least():
                return self._least(term), "id"
            case _:
                return self._made(spec, term)

    def reference(self, spec: Spec, name: str) -> str:
        """The column of a field that is an id. Raises Invalid where it is none."""
        return self._column(spec, field_of_term(spec, name, "id").name, "value")

    def _column(self, spec: Spec, name: str, holds: str) -> str:
        column = self.lowering.stored(spec, name).holding(holds)
        if column is None:
            raise TypeError(f"{name} has no column of that kind")
        return column.name

    def _least(self, term: Least) -> Shape:
        kind = term.kind.spec
        via, held = self.reference(kind, term.via), self.reference(kind, term.field)
        where = self.lowering.where(term.kind, term.where, self.values)
        return ("least", kind.about.table, kind.about.kind, via, held, where)

    def _made(self, spec: Spec, term: Any) -> tuple[Shape, Type]:
        match term:
            case OfPart(inner):
                if self.parts is None:
                    raise TypeError(f"{term!r} is of a grouping with parts")
                shape, type_ = self.lowered(self.parts, inner)
                return ("part", shape), type_
            case Together(terms):
                each = [self.lowered(spec, one) for one in terms]
                types = tuple(of for _, of in each)
                return ("together", tuple(shape for shape, _ in each), types), types
        shape, type_ = self.lowered(spec, term.term)
        match term:
            case Replaced(_, by):
                if shape[0] == "filled" and "" not in by:
                    shape = ("column", shape[1])  # an empty text has nothing in the table, as it is
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
                signed = not _is_natural(spec, term.term)
                return ("share", shape, self.lowered(spec, share)[0], signed), "whole"
            case _:
                raise TypeError(f"{term!r} is no term")


def _is_natural(spec: Spec, term: Term) -> bool:
    """Whether the term is a field that is nowhere below zero."""
    field: FieldSpec | None = spec.by_name.get(term.name) if isinstance(term, Field) else None
    least = field.fact(AtLeast) if field else None
    return least is not None and least.least >= 0


def grouping_statement(asked: Sequence[Lowered], statements: Statements, *, past: bool, split: bool) -> Any:
    """The statement of groupings of one form: a SELECT for each, each way, each source and each cell, put together.
    Which of the groupings a row is of, its first column tells. With `split`, a sum that the engine may not hold is in
    two columns.
    """
    arms: list[Any] = []
    first = 0
    for number, one in enumerate(asked):
        for way, _ in enumerate(one.ways):
            present, *gone = statements.sources(one.table, past=past)
            uncut: list[Cell | None] = [None]
            for source in (present, *gone):
                for cell in one.cells if source is present else uncut:
                    arm = Arm(statements, source, first, past=past, split=split)
                    arms.append(arm.statement(one, way, number, cell))
        first += len(one.values)
    return arms[0] if len(arms) == 1 else union_all(*arms)


def groups_of(
    asked: Lowered,
    rows: Sequence[Sequence[Any]],
    *,
    split: bool,
    day_of: Callable[[Any], date] | None,
    memo: dict[Any, dict[Any, Any]],
) -> list[Grouped]:
    """The groups that rows tell of, each key once. `split` says that a sum is in two columns; `memo` holds the values
    that were read before, by their type: the groups of one statement are of the same records.

    It goes by columns: a row at a time takes several times as long, and there may be one for each record.
    """
    width = len(asked.types)
    held = [row for row in rows if row[width]] if width else rows  # a cell may be without rows
    if not held:
        return []
    columns = list(zip(*held, strict=True))
    keys = [
        [uuid_of(bytes(value)) for value in column]
        if shape == _OF_RECORD  # no two are the same: they are not worth remembering
        else _read(column, _reader(type_, day_of), memo.setdefault(type_, {None: None}))
        for shape, type_, column in zip(asked.by, asked.types, columns, strict=False)
    ]
    sums: list[list[int]] = []
    more = iter(columns[width + 1 :])
    for shape in asked.sums:
        column = [int(value or 0) for value in next(more)]
        if split and not is_small(shape):
            column = [value * LIMB + int(rest or 0) for value, rest in zip(column, next(more), strict=True)]
        sums.append(column)
    many = len(held)
    found = list(
        map(
            Grouped,
            zip(*keys, strict=True) if keys else [()] * many,
            map(int, columns[width]),
            zip(*sums, strict=True) if sums else [()] * many,
        )
    )
    return found if asked.by_record and len(asked.ways) == 1 else Grouped.merged(found)


def _read(column: Sequence[Any], reader: Callable[[Any], Any] | None, known: dict[Any, Any]) -> Sequence[Any]:
    """The values of a column of one type; `known` holds those that were read before."""
    if reader is None:
        return column
    for value in set(column) - known.keys():
        known[value] = reader(value)
    return list(map(known.__getitem__, column))


def _reader(type_: Type, day_of: Callable[[Any], date] | None) -> Callable[[Any], Any] | None:
    """What makes a term's value of a column's; None where it is one."""
    match type_:
        case "id":
            return lambda value: uuid_of(bytes(value))
        case "whole":
            return int
        case "instant":
            return instant_of
        case "day":
            return day_of
        case (_, *others):
            from_text: dict[Any, Callable[[str], Any]] = {
                "whole": int,
                "day": date.fromisoformat,
                "instant": lambda micros: instant_of(int(micros)),
            }
            reads = [from_text[one] for one in others]
            return lambda value: _apart(value, reads)
        case _:
            return None


def _apart(value: str, reads: Sequence[Callable[[str], Any]]) -> tuple[Any, ...]:
    """The values that stand together in a text, the first of which may be any."""
    first, *others = value.rsplit(SEPARATOR, len(reads))
    return (first, *(read(one) if one else None for read, one in zip(reads, others, strict=True)))
