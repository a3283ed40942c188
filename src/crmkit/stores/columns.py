"""Records as columns of an Arrow table, and groups of them: the same groups as every store's, by arithmetic on whole
columns. Needs pyarrow and numpy.

A column is a term's value of each record. Ids, codes and other texts are dictionary-encoded; a term of such columns
alone is worked out once for each combination of their values, not for each record.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.errors import MissingExtra
from crmkit.queries import Bucket, FirstOf, Grouped, Grouping, Missing, Replaced, Share, Term, Together
from crmkit.stores.terms import leaves, told

__all__ = ["Columns"]

V = TypeVar("V", bound="_Coded | _Numbers")

_EPOCH: Final = date(1970, 1, 1).toordinal()
_LIMB: Final = 26
"""Sums are kept in two: of the lowest so many bits, and of what is above them. Both are exact as floats, in which numpy
counts, for 2²⁷ records."""
_EXACT: Final = 1 << 53
"""Whole numbers below this are exact as floats."""
_AT_ONCE: Final = 1 << 26
"""How many records are summed at once."""
_MOST_DAYS: Final = 1 << 20
_MOST_BINS: Final = 1 << 22


def _libraries() -> tuple[Any, Any]:
    try:
        import numpy as np  # noqa: PLC0415 - an optional dependency, loaded on use
        import pyarrow as pa  # noqa: PLC0415
    except ImportError as cause:
        raise MissingExtra("arrow", "pyarrow and numpy") from cause
    return np, pa


@attrs.frozen(eq=False)
class _Coded:
    """A value of few for each record: the place of it in `values`."""

    places: Any
    values: list[Any]


@attrs.frozen(eq=False)
class _Numbers:
    """A whole number, or a day as the number of days since 1970, for each record; 0 where it is missing."""

    numbers: Any
    missing: Any
    """Which are missing, as flags; None where none is."""


@attrs.frozen(eq=False)
class Columns:
    """A pyarrow Table with a column for each term of `terms`, in their order.

    Ids are binary(16), texts strings, both dictionary-encoded; money, percentages and other whole numbers int64; days
    date32. An empty value is null.
    """

    table: Any
    terms: Mapping[Term, str]
    _read: dict[tuple[str, str], "_Coded | _Numbers"] = attrs.field(factory=dict, init=False, repr=False)
    """What was read of a column before: whoever asks for one roll-up asks for another."""

    @classmethod
    def of(cls, groups: Iterable[Grouped], terms: Mapping[Term, str], types: Mapping[str, str]) -> "Columns":
        """From groups of one record each, whose key is the values of the terms. `types` says of each name whether it is
        an id, a text, a whole number or a day. Raises MissingExtra.
        """
        _, pa = _libraries()
        held = list(zip(*(group.key for group in groups), strict=True)) or [()] * len(terms)
        made = [_column(pa, types[name], values) for name, values in zip(terms.values(), held, strict=True)]
        return cls(pa.table(made, names=list(terms.values())), terms)

    def groups(self, grouping: Grouping[Any]) -> list[Grouped]:
        """The groups of all records, in no order. The grouping asks by terms made of those that there are columns of;
        it has no criteria, ways or parts.
        """
        if grouping.where or any(grouping.ways) or grouping.parts:
            raise TypeError("columns are grouped as they are: narrow what they are made of")
        return _Reckoning(self).groups(grouping)

    def once(self, kind: str, name: str, read: Callable[[str], V]) -> V:
        """What is read of a column, the first time; as it was read, ever after."""
        found: Any = self._read.get((kind, name))
        if found is None:
            found = self._read[kind, name] = read(name)
        made: V = found
        return made

    def __len__(self) -> int:
        return int(self.table.num_rows)


def _column(pa: Any, type_: str, values: Sequence[Any]) -> Any:
    if type_ == "whole":
        return pa.array(values, pa.int64())
    if type_ == "day":
        return pa.array(values, pa.date32())
    places: dict[Any, int] = {}
    indices = [None if value is None else places.setdefault(value, len(places)) for value in values]
    known = [value.bytes if isinstance(value, UUID) else value for value in places]
    width = pa.int8() if len(known) < 127 else pa.int16() if len(known) < 32_767 else pa.int32()
    of = pa.binary(16) if type_ == "id" else pa.string()
    return pa.DictionaryArray.from_arrays(pa.array(indices, width), pa.array(known, of))


class _Reckoning:
    """Answers groupings from columns; each term is worked out once."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.np, self.pa = _libraries()
        self.known: dict[Term, _Coded | _Numbers] = {}

    @cached_property
    def count(self) -> int:
        """How many records there are."""
        return len(self.columns)

    def groups(self, grouping: Grouping[Any]) -> list[Grouped]:
        np = self.np
        by = [self._coded(term) for term in grouping.by]
        sums = [self._summed(term) for term in grouping.sums]
        sizes = [len(one.values) for one in by]
        bins, held = prod(sizes), None
        place = np.zeros(self.count, np.intp)
        for one in by:
            place *= len(one.values)
            place += one.places
        if bins > max(_MOST_BINS, 4 * self.count):
            held, place = np.unique(place, return_inverse=True)
            bins = len(held)
        counts = np.bincount(place, minlength=bins)
        totals = [summed(place, bins) for summed in sums]
        found: list[Grouped] = []
        for number in np.nonzero(counts)[0].tolist() if by else [0]:
            rest, key = number if held is None else int(held[number]), []
            for one, size in zip(reversed(by), reversed(sizes), strict=True):
                rest, turn = divmod(rest, size)
                key.append(one.values[turn])
            found.append(Grouped(tuple(reversed(key)), int(counts[number]), tuple(total(number) for total in totals)))
        return Grouped.merged(found)

    # What is summed

    def _summed(self, term: Term) -> Any:
        """Gives, for the place of each record and the number of bins, what gives the sum in a bin."""
        if isinstance(term, Missing):
            missing = self._missing(term.term)
            return lambda place, bins: self._counted(place, missing, bins)
        numbers = self._numbers(term).numbers
        return lambda place, bins: self._added(place, numbers, bins)

    def _counted(self, place: Any, missing: Any, bins: int) -> Any:
        if missing is None:
            return lambda _: 0
        counts = self.np.bincount(place[missing], minlength=bins)
        return lambda number: int(counts[number])

    def _added(self, place: Any, numbers: Any, bins: int) -> Any:
        """Exact: numpy counts in floats, so sums are in limbs, unless even all of them together are short enough."""
        np = self.np
        most = max(int(numbers.max()), -int(numbers.min())) if self.count else 0
        if most * self.count < _EXACT:
            whole = np.bincount(place, weights=numbers, minlength=bins)
            return lambda number: int(whole[number])
        totals: list[tuple[Any, Any]] = []
        for start in range(0, self.count, _AT_ONCE):
            part, where = numbers[start : start + _AT_ONCE], place[start : start + _AT_ONCE]
            low = np.bincount(where, weights=part & ((1 << _LIMB) - 1), minlength=bins)
            totals.append((np.bincount(where, weights=part >> _LIMB, minlength=bins), low))
        return lambda number: sum((int(high[number]) << _LIMB) + int(low[number]) for high, low in totals)

    # Terms

    def _missing(self, term: Term) -> Any:
        if not isinstance(term, Share):
            return self._numbers(term).missing
        either = [one for one in (self._missing(term.term), self._missing(term.share)) if one is not None]
        return None if not either else either[0] if len(either) == 1 else either[0] | either[1]

    def _numbers(self, term: Term) -> _Numbers:
        found = self.known.get(term)
        if not isinstance(found, _Numbers):
            found = self.known[term] = self._reckoned(term)
        return found

    def _reckoned(self, term: Term) -> _Numbers:
        name = self.columns.terms.get(term)
        if name is not None:
            return self.columns.once("numbers", name, self._read)
        match term:
            case FirstOf(terms):
                first, *others = map(self._numbers, terms)
                for other in others:
                    first = self._first_of(first, other)
                return first
            case Replaced():
                coded = self._coded(term)
                values = self.np.array([value or 0 for value in coded.values], self.np.int64)
                missing = self.np.array([value is None for value in coded.values])
                return _Numbers(values[coded.places], missing[coded.places] if missing.any() else None)
            case Share(value, share):
                whole = self._numbers(value).numbers * self._numbers(share).numbers
                whole += 4_999 + ((whole // 10_000) & 1)
                whole //= 10_000
                return _Numbers(whole, self._missing(term))
            case _:
                raise TypeError(f"{term!r} is made of columns that there are not")

    def _first_of(self, first: _Numbers, other: _Numbers) -> _Numbers:
        if first.missing is None:
            return first
        numbers = self.np.where(first.missing, other.numbers, first.numbers)
        return _Numbers(numbers, None if other.missing is None else first.missing & other.missing)

    def _read(self, name: str) -> _Numbers:
        held = self._whole(name)
        missing = held.is_null().to_numpy(zero_copy_only=False) if held.null_count else None
        of = self.np.int32 if self.pa.types.is_date32(held.type) else self.np.int64
        numbers = self.np.frombuffer(held.buffers()[1] or b"", of)[held.offset : held.offset + len(held)]
        if missing is not None and numbers[missing].any():  # what stands where nothing is may be anything
            numbers = self.np.where(missing, 0, numbers)
        return _Numbers(numbers, missing)

    def _whole(self, name: str) -> Any:
        chunks = self.columns.table.column(name)
        return chunks.chunk(0) if chunks.num_chunks == 1 else chunks.combine_chunks()

    def _coded(self, term: Term) -> _Coded:
        found = self.known.get(term)
        if not isinstance(found, _Coded):
            found = self.known[term] = self._put_in_codes(term)
        return found

    def _put_in_codes(self, term: Term) -> _Coded:
        name = self.columns.terms.get(term)
        if name is not None:
            return self.columns.once("codes", name, self._dictionary)
        match term:
            case Bucket(inner, bounds):
                return self._bucket(self._numbers(inner), [_number(bound) for bound in bounds])
            case Together(terms):
                return self._together(terms)
            case _:
                return self._combined(term)

    def _dictionary(self, name: str) -> _Coded:
        held = self._whole(name)
        values = held.dictionary.to_pylist()
        if held.dictionary.type == self.pa.binary(16):
            values = [UUID(bytes=value) for value in values]
        indices = held.indices
        if indices.null_count or not values:
            indices = indices.cast(self.pa.int32()).fill_null(len(values))
            values = [*values, None]
        return _Coded(indices.to_numpy(zero_copy_only=False), values)

    def _combined(self, term: Term) -> _Coded:
        """A term of dictionary-encoded columns, worked out for each combination of their values."""
        np = self.np
        bases = list(dict.fromkeys(leaves(term)))
        coded = [self._coded(base) for base in bases]
        values: dict[Any, int] = {}
        table = [
            values.setdefault(told(term, dict(zip(bases, chosen, strict=True))), len(values))
            for chosen in product(*(one.values for one in coded))
        ]
        place = coded[0].places.astype(np.int32)
        for one in coded[1:]:
            place *= len(one.values)
            place += one.places
        return _Coded(np.array(table, np.int16 if len(values) < 32_767 else np.int32)[place], list(values))

    def _bucket(self, held: _Numbers, bounds: list[int]) -> _Coded:
        np = self.np
        values: list[Any] = list(range(len(bounds) + 1))
        if not self.count:
            return _Coded(np.zeros(0, np.intp), values)
        low, high = int(held.numbers.min()), int(held.numbers.max())
        if high - low < _MOST_DAYS:
            table = np.searchsorted(bounds, np.arange(low, high + 1), side="right").astype(np.int32)
            places = table[held.numbers - low]
        else:
            places = np.searchsorted(bounds, held.numbers, side="right").astype(np.int32)
        if held.missing is not None:
            places[held.missing] = len(values)
            values.append(None)
        return _Coded(places, values)

    def _together(self, terms: tuple[Term, ...]) -> _Coded:
        """Few records are thought to have the first one: the others are put together for these alone."""
        np = self.np
        first = self._coded(terms[0])
        has = np.array([value is not None for value in first.values])
        places = np.zeros(self.count, np.int32)
        values: dict[Any, int] = {None: 0}
        rows = np.nonzero(has[first.places])[0] if has.any() else ()
        if len(rows):
            columns: list[list[Any]] = [[first.values[place] for place in first.places[rows].tolist()]]
            columns += [self._values(term, rows) for term in terms[1:]]
            places[rows] = [values.setdefault(one, len(values)) for one in zip(*columns, strict=True)]
        return _Coded(places, list(values))

    def _values(self, term: Term, rows: Any) -> list[Any]:
        held = self._numbers(term)
        found: list[Any] = held.numbers[rows].tolist()
        if self._is_day(term):
            found = [date.fromordinal(_EPOCH + number) for number in found]
        if held.missing is not None:
            found = [None if gone else one for one, gone in zip(found, held.missing[rows].tolist(), strict=True)]
        return found

    def _is_day(self, term: Term) -> bool:
        leaf = next(leaves(term))
        return bool(self.pa.types.is_date32(self.columns.table.schema.field(self.columns.terms[leaf]).type))


def _number(bound: Any) -> int:
    return bound.toordinal() - _EPOCH if isinstance(bound, date) else int(bound)
