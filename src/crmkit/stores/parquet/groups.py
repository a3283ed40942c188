"""Groupings as expressions of Ibis: terms over the rows of a sheet, and groups read from what an engine answers.

All arithmetic is of whole numbers that no engine gets wrong, though Ibis has none but its `/` for all engines, which
goes by floating point: what is divided is a multiple of the divisor and below 2⁵³, so that the quotient is exact. A
share is rounded half-even as in SQL. A sum is taken in two limbs, so that it may be longer than any number.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import FieldSpec, Spec
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
    Parts,
    Replaced,
    Share,
    Term,
    Through,
    Together,
    field_of_term,
)
from crmkit.stores.parquet.columns import instant
from crmkit.stores.parquet.criteria import Rows, compared, literal, met
from crmkit.stores.sql.columns import scale_of

__all__ = ["grouped", "question"]

_LIMB: Final = 10**9
_WHOLE: Final = 10_000
"""Basis points of all of it."""


@attrs.frozen
class Asked:
    """A grouping as a question to an engine: a table of groups, and how the parts of each of its keys are read."""

    table: Any
    reads: tuple[tuple[Callable[[Any], Any], ...], ...]
    sums: int


def question(grouping: Grouping[Any], rows: Any, others: Rows) -> Asked:
    """What to ask for a grouping over the rows of its kind. Raises Invalid on a term that there is not."""
    spec = grouping.kind.spec
    found: Any = literal(value=False)
    for way in grouping.ways:  # they exclude each other: one reading of the rows serves all of them
        found |= met(rows, spec, (*grouping.where, *way), others)
    terms = _Terms(spec, rows.filter(found), others)
    if grouping.parts is not None:
        terms.count_parts(grouping.parts, [term for term in grouping.terms if isinstance(term, OfPart)])
    for term in (*grouping.by, *grouping.sums):
        terms.reach(term)
    keys = {
        f"k{place}_{part}": value
        for place, term in enumerate(grouping.by)
        for part, value in enumerate(terms.together(term))
    }
    summed = {f"v{place}": terms.value(term) for place, term in enumerate(grouping.sums)}
    held = terms.rows.select(one=literal(1), **keys, **summed)
    sums: dict[str, Any] = {"n": held["one"].count()}
    for place, _ in enumerate(grouping.sums):
        value = held[f"v{place}"]
        for name, limb in (("h", _quotient(value, _LIMB)), ("l", value % _LIMB)):
            sums[f"{name}{place}"] = limb.sum().cast("int64").fill_null(0)  # a null would make floats of the column
    asked = held.group_by(list(keys)).aggregate(**sums) if keys else held.aggregate(**sums)
    reads = tuple(tuple(_READS[type_] for type_ in terms.types(term)) for term in grouping.by)
    return Asked(asked, reads, len(grouping.sums))


def grouped(asked: Asked, answer: Any) -> list[Grouped]:
    """The groups that an engine's answer, an Arrow table, tells of."""
    held: dict[str, list[Any]] = answer.to_pydict()
    keys = [
        _together([_read(held[f"k{place}_{part}"], read) for part, read in enumerate(reads)])
        for place, reads in enumerate(asked.reads)
    ]
    sums = [
        [(high or 0) * _LIMB + (low or 0) for high, low in zip(held[f"h{place}"], held[f"l{place}"], strict=True)]
        for place in range(asked.sums)
    ]
    every = range(len(held["n"]))
    return [
        Grouped(tuple([key[row] for key in keys]), held["n"][row], tuple([one[row] for one in sums])) for row in every
    ]


def _read(values: list[Any], read: Callable[[Any], Any]) -> list[Any]:
    """A column of keys, each value read once."""
    known = {value: read(value) for value in set(values) if value is not None}
    return [known.get(value) for value in values]


def _together(parts: list[list[Any]]) -> list[Any]:
    """A column of keys: the values of one, or tuples of those that are together, empty where the first is."""
    if len(parts) == 1:
        return parts[0]
    return [None if values[0] is None else values for values in zip(*parts, strict=True)]


def _text(value: str) -> str:
    return value


def _day(value: date) -> date:
    return value


_READS: Final[dict[str, Callable[[Any], Any]]] = {
    "id": UUID,
    "text": _text,
    "day": _day,
    "instant": instant,
    "whole": int,
}


class _Terms:
    """Terms of the rows of an entity. What leads to other records is joined first (`reach`), then told (`value`)."""

    def __init__(self, spec: Spec, rows: Any, others: Rows) -> None:
        self.spec = spec
        self.rows = rows
        self.others = others
        self._reached: dict[Term, str] = {}
        self._parts: _Terms | None = None

    @property
    def _of_part(self) -> "_Terms":
        """The terms of the parts that rows are counted with."""
        if self._parts is None:
            raise TypeError("a term of a part is of a grouping with parts")
        return self._parts

    def count_parts(self, parts: Parts, terms: Sequence[OfPart]) -> None:
        """Count each row once for each of its parts, or once by itself; of the parts, these terms are wanted."""
        kind = parts.kind.spec
        via = field_of_term(kind, parts.via, "id").stored
        of = field_of_term(self.spec, parts.of, "id").stored
        self._parts = of_part = _Terms(kind, self.others(parts.kind), self.others)
        for term in terms:
            of_part.reach(term.term)
        wanted = {f"part_{place}": of_part.value(term.term) for place, term in enumerate(dict.fromkeys(terms))}
        held = of_part.rows.select(part_of=of_part.rows[via], **wanted)
        self.rows = self.rows.left_join(held, self.rows[of] == held["part_of"]).drop("part_of")
        self._reached |= dict(zip(dict.fromkeys(terms), wanted, strict=True))

    def types(self, term: Any) -> tuple[str, ...]:
        """The types of the values of a term: of one, or of those that are together."""
        return tuple(map(self.type, term.terms)) if isinstance(term, Together) else (self.type(term),)

    def together(self, term: Any) -> list[Any]:
        """A term as expressions: one, or one each of those that are together, all empty where the first is."""
        if not isinstance(term, Together):
            return [self.value(term)]
        first, *others = [self.value(one) for one in term.terms]
        return [first, *(first.notnull().ifelse(one, _null(one.type())) for one in others)]

    def type(self, term: Any) -> str:
        """What a term's values are: id, text, day, instant or whole."""
        match term:
            case OfPart(inner):
                return self._of_part.type(inner)
            case Field(name):
                shape = field_of_term(self.spec, name).shape
                return shape if shape in ("id", "text", "day", "instant") else "whole"
            case KeyOf() | AddressPart() | Currency():
                return "text"
            case FirstOf(terms):
                return self.type(terms[0])
            case Through(_, kind, inner):
                return _Terms(kind.spec, None, self.others).type(inner)
            case Least():
                return "id"
            case Only(inner):
                return self.type(inner)
            case _:
                return "whole"

    def reach(self, term: Any) -> None:
        """Join what a term, or one that it is made of, leads to."""
        if term in self._reached:
            return
        match term:
            case Through(via, kind, inner):
                to = field_of_term(self.spec, via, "id").stored
                other = _Terms(kind.spec, self.others(kind), self.others)
                other.reach(inner)
                self._join(term, to, other.rows.select(id=other.rows["id"], value=other.value(inner)))
            case Least():
                self._join(term, "id", self._least(term))
            case _:
                for field in attrs.fields(type(term)):
                    held = getattr(term, field.name)
                    for one in held if isinstance(held, tuple) else (held,):
                        if isinstance(one, Term):
                            self.reach(one)

    def _join(self, term: Term, to: str, other: Any) -> None:
        """Join a table of ids and values, each id once."""
        name = f"reached_{len(self._reached)}"
        named = other.select(**{f"{name}_id": other["id"], name: other["value"]})
        joined = self.rows.left_join(named, self.rows[to] == named[f"{name}_id"])
        self.rows = joined.drop(f"{name}_id")
        self._reached[term] = name

    def _least(self, term: Least) -> Any:
        kind = term.kind.spec
        via, held = (field_of_term(kind, name, "id").stored for name in (term.via, term.field))
        others = self.others(term.kind)
        others = others.filter(
            met(others, kind, term.where, self.others), others[via].notnull(), others[held].notnull()
        )
        least = others.group_by(via).aggregate(value=others[held].min())
        return least.select(id=least[via], value=least["value"])

    def value(self, term: Any) -> Any:
        """A term as an expression of the rows, once all that the question leads to is joined."""
        match term:
            case Through() | Least() | OfPart():
                return self.rows[self._reached[term]]
            case Field(name):
                return self._field(field_of_term(self.spec, name))
            case KeyOf(name):
                return self.rows[f"{self.spec.by_name[name].stored}_match"]
            case AddressPart(name, part):
                return self.rows[compared(self.spec, f"{name}.{part}")[1]]
            case Currency(name):
                return self.rows[f"{field_of_term(self.spec, name, 'money').stored}_currency"]
            case FirstOf(terms):
                first, *more = [self.value(one) for one in terms]
                return first.coalesce(*more) if more else first
            case _:
                return self._made(term)

    def _field(self, field: FieldSpec) -> Any:
        held = self.rows[compared(self.spec, field.name)[1]]
        if field.shape == "decimal":
            return (held * 10 ** scale_of(field)).cast("int64")
        return held.cast("int64") if field.shape == "flag" else held

    def _made(self, term: Any) -> Any:
        import ibis  # noqa: PLC0415 - an optional dependency, loaded on use

        value = self.value(term.term)
        match term:
            case Replaced(_, by):
                nothing = _null()
                pairs = [(value == literal(key), literal(number).cast("int64")) for key, number in by.items()]
                return ibis.cases(*pairs, else_=nothing) if pairs else nothing
            case Bucket(_, bounds):
                steps = [(value < literal(bound), literal(place)) for place, bound in enumerate(bounds)]
                missing = (value.isnull(), _null())
                return ibis.cases(missing, *steps, else_=literal(len(bounds))).cast("int64")
            case Only(_, unless, listed):
                other = self.value(unless)
                wanted = other.notnull() & ~other.isin([literal(one) for one in listed])
                return wanted.ifelse(value, _null(value.type()))
            case Missing():
                return value.isnull().cast("int64")
            case Share(_, share):
                return _share(value, self.value(share))
            case _:
                raise TypeError(f"{term!r} is no term")


def _null(type_: Any = "int64") -> Any:
    import ibis  # noqa: PLC0415 - an optional dependency, loaded on use

    return ibis.null(type_)


def _quotient(value: Any, divisor: int) -> Any:
    """The whole quotient, towards zero, of a number below 2⁵³: of a multiple of the divisor, so that it is exact."""
    return ((value - value % divisor) / divisor).cast("int64")


def _share(value: Any, share: Any) -> Any:
    """value × share ÷ 10,000, a half to the even one, of either sign: the share of the whole ten-thousandths is whole,
    that of the rest is small.
    """
    amount, of = value.abs(), share.abs()
    rest = (amount % _WHOLE) * of
    whole = _quotient(amount, _WHOLE) * of + _quotient(rest, _WHOLE)
    left = rest % _WHOLE
    half = _WHOLE // 2
    up = (left > half) | ((left == half) & (whole % 2 == 1))
    rounded = whole + up.cast("int64")
    return ((value < 0) != (share < 0)).ifelse(-rounded, rounded)
