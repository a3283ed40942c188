"""Terms as plain Python, and groups of records by them: what every store's answer must equal.

The loop over the records is written anew for each grouping, as somebody would write it by hand for this one question,
and then run: calling a function for each term of each record costs several times as much.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from types import CodeType
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import Record, Spec
from crmkit.entities.facts import Scale
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
    Query,
    Replaced,
    Share,
    Term,
    Through,
    Together,
    comparable,
    field_of_term,
    match_key,
)
from crmkit.stores.predicates import read_value

__all__ = ["Records", "groups", "leaves", "told"]

_UNSEEN: Final = object()
_WITHOUT: Final = (None,)


@attrs.frozen
class Records:
    """What terms lead to: `find` answers a query, `get` gives the record of a kind with an id, or None."""

    find: Callable[[Query[Any]], Iterable[Record]]
    get: Callable[[type[Record], UUID], Record | None]


def groups(grouping: Grouping[Any], rows: Iterable[Record], records: Records) -> list[Grouped]:
    """The rows, all of which belong to it, in groups, each key once."""
    loop = _Loop(grouping, records)
    found = loop.run(rows)
    if not grouping.by and not found:
        found[()] = [0] * (1 + len(grouping.sums))
    reads = loop.reads
    return [Grouped(tuple([read(key) for read in reads]), count, tuple(sums)) for key, (count, *sums) in found.items()]


def told(term: Term, values: Mapping[Term, Any]) -> Any:
    """A term by the values of those that it is made of. Raises TypeError where one is not among them."""
    if term in values:
        return values[term]
    match term:
        case FirstOf(terms):
            return next((found for one in terms if (found := told(one, values)) is not None), None)
        case Replaced(inner, by):
            return by.get(told(inner, values))
        case Only(inner, unless, listed):
            other = told(unless, values)
            return None if other is None or other in listed else told(inner, values)
        case Missing(inner):
            return int(told(inner, values) is None)
        case _:
            raise TypeError(f"{term!r} is not made of what is known")


def leaves(term: Any) -> Iterator[Term]:
    """The terms that a term is made of and that are made of none; one that leads to another record is one of them."""
    if isinstance(term, FirstOf | Together):
        for one in term.terms:
            yield from leaves(one)
    elif isinstance(term, Replaced | Bucket | Only | Missing | Share):
        yield from leaves(term.term)
        for name in ("unless", "share"):
            if (other := getattr(term, name, None)) is not None:
                yield from leaves(other)
    else:
        yield term


@lru_cache(maxsize=64)
def _compiled(text: str) -> CodeType:
    return compile(text, "<a grouping>", "exec")


class _Buckets(dict[Any, int]):
    """The bucket of each value that was met."""

    def __init__(self, bounds: tuple[Any, ...]) -> None:
        self.bounds = bounds

    def __missing__(self, value: Any) -> int:
        found = self[value] = bisect_right(self.bounds, value)
        return found


class _Loop:
    """Writes the loop of one grouping. Each term becomes a variable, worked out once a record; None where it is empty.

    Its text is made of names of declared fields and of variables; whatever else it needs is handed in.
    """

    def __init__(self, grouping: Grouping[Any], records: Records) -> None:
        self.grouping = grouping
        self.records = records
        self.handed: dict[str, Any] = {}
        self.lines: list[str] = []
        self.depth = 1
        self.known: dict[tuple[str, Any], str] = {}
        """The variables of terms that have been worked out at this place, by the record they are of."""
        self.count = 0
        self.key: dict[str, int] = {}
        """The variables that are the key of a group, and where each stands. A group may have several."""
        self.reads: list[Callable[[tuple[Any, ...]], Any]] = []
        """What reads the terms that are grouped by from a key."""

    def run(self, rows: Iterable[Record]) -> dict[tuple[Any, ...], list[int]]:
        """The count and sums of each group, by its key."""
        spec, parts = self.grouping.kind.spec, self.grouping.parts
        self._line("for row in rows:")
        self.depth = 2
        shared = {} if parts is None else self._shared(spec)
        if parts is not None:
            field_of_term(spec, parts.of, "id")
            parts_of = self._hand(_parts_of(parts, self.records))
            self._line(f"for part in {parts_of}(row.{parts.of}, {self._hand(_WITHOUT)}):")
            self.depth = 3
        for term in self.grouping.by:
            self.reads.append(self._keyed(spec, term, shared))
        self._line(f"key = ({''.join(f'{name}, ' for name in self.key)})")
        self._line("try:")
        self._line("    group = found[key]")
        self._line("except KeyError:")
        self._line(f"    group = found[key] = [0] * {1 + len(self.grouping.sums)}")
        self._line("group[0] += 1")
        for place, term in enumerate(self.grouping.sums, 1):
            missing = isinstance(term, Missing)
            summed = term.term if isinstance(term, Missing) else term
            name = shared.get(summed) or self._of(spec, summed, "row")
            self._line(f"if {name} is{'' if missing else ' not'} None:")
            self._line(f"    group[{place}] += {1 if missing else name}")
        named: dict[str, Any] = {}
        lines = _without_copies(self.lines)
        text = "\n".join([f"def loop(rows, found, {', '.join(self.handed)}):", *lines, "    return found"])
        exec(_compiled(text), named)  # noqa: S102 - made of the names of declared fields
        found: dict[tuple[Any, ...], list[int]] = named["loop"](rows, {}, **self.handed)
        return found

    def _keyed(self, spec: Spec, term: Term, shared: Mapping[Term, str]) -> Callable[[tuple[Any, ...]], Any]:
        """Put a term into the key; gives what reads it from there.

        Ids are told by their numbers, which hash faster.
        """
        name = shared.get(term) or self._of(spec, term, "row")
        if self._is_id(spec, term):
            place = self._place(self._set(f"None if {name} is None else {name}.int"))
            return lambda key: None if key[place] is None else UUID(int=key[place])
        return itemgetter(self._place(name))

    def _place(self, name: str) -> int:
        return self.key.setdefault(name, len(self.key))

    def _is_id(self, spec: Spec, term: Term) -> bool:
        match term:
            case Field(name):
                return field_of_term(spec, name).shape == "id"
            case FirstOf(terms):
                return self._is_id(spec, terms[0])
            case Through(_, kind, inner):
                return self._is_id(kind.spec, inner)
            case OfPart(inner) if self.grouping.parts is not None:
                return self._is_id(self.grouping.parts.kind.spec, inner)
            case Only(inner):
                return self._is_id(spec, inner)
            case _:
                return isinstance(term, Least)

    def _shared(self, spec: Spec) -> dict[Term, str]:
        """The variables of what is the same for all parts of a record."""
        summed = [term.term if isinstance(term, Missing) else term for term in self.grouping.sums]
        terms = dict.fromkeys((*self.grouping.by, *summed))
        return {term: self._of(spec, term, "row") for term in terms if not _is_of_part(term)}

    def _line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def _hand(self, value: Any) -> str:
        name = f"h{len(self.handed)}"
        self.handed[name] = value
        return name

    def _new(self) -> str:
        self.count += 1
        return f"v{self.count}"

    @contextmanager
    def _if(self, condition: str) -> Iterator[None]:
        """What comes in it is done on that condition alone: what it works out is not known behind it."""
        self._line(f"if {condition}:")
        known, self.known = self.known, dict(self.known)
        self.depth += 1
        yield
        self.depth -= 1
        self.known = known

    def _of(self, spec: Spec, term: Term, record: str) -> str:
        """The variable of a term of the record in the variable `record`."""
        name = self.known.get((record, term))
        if name is None:
            name = self._worked_out(spec, term, record)
            self.known[record, term] = name
        return name

    def _set(self, code: str) -> str:
        name = self._new()
        self._line(f"{name} = {code}")
        return name

    def _worked_out(self, spec: Spec, term: Term, record: str) -> str:
        match term:
            case Field(name):
                return self._field(spec, name, record)
            case KeyOf(name):
                key, matched = self._hand(match_key), self._hand(spec.by_name[name])
                return self._set(f"{key}({matched}, {record}.{name})")
            case AddressPart(name, part):
                read = self._hand(read_value(spec, f"{name}.{part}")[1])
                return self._set(f"{read}({record})")
            case Currency(name):
                field_of_term(spec, name, "money")
                money = self._read(record, name)
                return self._set(f"None if {money} is None else {money}.currency")
            case FirstOf(terms):
                first, *others = terms
                found = self._set(self._of(spec, first, record))
                for other in others:
                    with self._if(f"{found} is None"):
                        self._line(f"{found} = {self._of(spec, other, record)}")
                return found
            case Through():
                return self._through(spec, term, record)
            case Least():
                least = self._hand(_least(term, self.records).get)
                return self._set(f"{least}({record}.id)")
            case OfPart(inner):
                parts = self.grouping.parts
                if parts is None:
                    raise TypeError(f"{term!r} is of a grouping with parts")
                return self._inside("part is not None", lambda: self._of(parts.kind.spec, inner, "part"))
            case _:
                return self._made(spec, term, record)

    def _inside(self, condition: str, work_out: Callable[[], str]) -> str:
        """What is worked out on that condition, else empty."""
        found = self._set("None")
        with self._if(condition):
            self._line(f"{found} = {work_out()}")
        return found

    def _read(self, record: str, name: str) -> str:
        """The variable of a field as the record has it."""
        known = self.known.get((record, name))
        if known is None:
            known = self.known[record, name] = self._set(f"{record}.{name}")
        return known

    def _field(self, spec: Spec, name: str, record: str) -> str:
        field = field_of_term(spec, name)
        held = self._read(record, name)
        match field.shape:
            case "text":
                return self._set(f"{held} or None")
            case "money" | "percent":
                part = "minor" if field.shape == "money" else "basis_points"
                return self._set(f"None if {held} is None else {held}.{part}")
            case "flag":
                return self._set(f"int({held})")
            case "decimal":
                scale = field.fact(Scale)
                digits = scale.digits if scale else 4
                return self._set(f"None if {held} is None else int({held}.scaleb({digits}))")
            case "id" | "whole" | "day" | "instant":
                return held
            case _:
                compared, of = self._hand(comparable), self._hand(field)
                return self._set(f"{compared}({of}, {held})")

    def _through(self, spec: Spec, term: Through, record: str) -> str:
        """A term of the record referred to."""
        other = self._referred(spec, term, record)
        return self._inside(f"{other} is not None", lambda: self._of(term.kind.spec, term.term, other))

    def _referred(self, spec: Spec, term: Through, record: str) -> str:
        """The variable of the record referred to, which is looked up once, however many refer to it and ask for it."""
        place = (record, (term.via, term.kind))
        other = self.known.get(place)
        if other is None:
            field_of_term(spec, term.via, "id")
            via = self._read(record, term.via)
            seen, unseen = self._hand({}), self._hand(_UNSEEN)
            other = self.known[place] = self._set(f"None if {via} is None else {seen}.get({via}, {unseen})")
            with self._if(f"{other} is {unseen}"):
                get, kind = self._hand(self.records.get), self._hand(term.kind)
                self._line(f"{other} = {seen}[{via}] = {get}({kind}, {via})")
        return other

    def _made(self, spec: Spec, term: Any, record: str) -> str:
        match term:
            case Only(inner, unless, listed):
                other = self._of(spec, unless, record)
                wanted = f"{other} not in {self._hand((None, *listed))}"
                return self._inside(wanted, lambda: self._of(spec, inner, record))
            case Together(terms):
                first = self._of(spec, terms[0], record)
                return self._inside(
                    f"{first} is not None",
                    lambda: f"({''.join(f'{self._of(spec, one, record)}, ' for one in terms)})",
                )
        if isinstance(term, Replaced):
            return self._replaced(spec, term, record)
        value = self._of(spec, term.term, record)
        match term:
            case Bucket(_, bounds):
                return self._set(f"None if {value} is None else {self._hand(_Buckets(bounds))}[{value}]")
            case Missing():
                return self._set(f"1 if {value} is None else 0")
            case Share(_, share):
                return self._inside(f"{value} is not None", lambda: self._share(value, self._of(spec, share, record)))
            case _:
                raise TypeError(f"{term!r} is no term")

    def _replaced(self, spec: Spec, term: Replaced, record: str) -> str:
        inner, table = term.term, dict(term.by)
        if isinstance(inner, Field) and "" not in table and field_of_term(spec, inner.name).shape == "text":
            value = self._read(record, inner.name)  # an empty text has nothing in the table, as it is
        else:
            value = self._of(spec, inner, record)
        return self._set(f"{self._hand(table.get)}({value})")

    def _share(self, value: str, share: str) -> str:
        """As `half_even` rounds it."""

        def rounded() -> str:
            whole, rest = self._new(), self._new()
            self._line(f"{whole}, {rest} = divmod({value} * {share}, 10000)")
            self._line(f"if {rest} >= 5000 and ({rest} > 5000 or {whole} & 1):")
            self._line(f"    {whole} += 1")
            return whole

        return self._inside(f"{share} is not None", rounded)


_NAME: Final = re.compile(r"\bv\d+\b")
_MADE: Final = re.compile(r"( *)(v\d+) = (.+)")


def _without_copies(lines: Sequence[str]) -> list[str]:
    """The lines, where a variable that is only made to be copied in the next one is not made: each costs every row."""
    used = Counter(name for line in lines for name in _NAME.findall(line))
    kept: list[str] = []
    for line in lines:
        made = _MADE.fullmatch(kept[-1]) if kept else None
        copied = _MADE.fullmatch(line)
        if made and copied and (copied[1], copied[3]) == (made[1], made[2]) and used[made[2]] == 2:
            kept[-1] = f"{copied[1]}{copied[2]} = {made[3]}"
        else:
            kept.append(line)
    return kept


def _is_of_part(term: Any) -> bool:
    return any(isinstance(one, OfPart) for one in leaves(term))


def _parts_of(parts: Parts, records: Records) -> Callable[..., Iterable[Record | None]]:
    """What gives the parts of a record by its id, or else what it is told."""
    field_of_term(parts.kind.spec, parts.via, "id")
    found: dict[UUID, list[Record]] = {}
    for one in records.find(Query(kind=parts.kind)):
        found.setdefault(getattr(one, parts.via), []).append(one)
    return found.get


def _least(term: Least, records: Records) -> dict[UUID, UUID]:
    field_of_term(term.kind.spec, term.via, "id")
    field_of_term(term.kind.spec, term.field, "id")
    least: dict[UUID, UUID] = {}
    for other in records.find(Query(kind=term.kind, where=term.where)):
        owner, held = getattr(other, term.via), getattr(other, term.field)
        if held is not None:
            least[owner] = min(held, least.get(owner, held))
    return least
