"""Records as columns of an Arrow table, and groups of them: the same groups as every store's, by arithmetic on whole
columns. Needs pyarrow and numpy.

A column is a term's value of each record. Ids, codes and other texts are dictionary-encoded; a term of such columns
alone is worked out once for each combination of their values, not for each record.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import product, repeat
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
_AT_ONCE: Final = 1 << 16
"""How many records are looked at at once: few enough for a processor to have what is worked out of them near."""
_EXACT: Final = 1 << 53
"""Whole numbers below this are exact as floats."""
_LIMB: Final = 26
"""Sums are kept in two: of the lowest so many bits, and of what is above them. Of so many records, both are exact."""
_LOW: Final = (1 << _LIMB) - 1
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
    """Answers groupings from columns, some rows after the others: what is worked out of them stays near at hand."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.np, self.pa = _libraries()
        self.codes: dict[Term, _Coded] = {}
        self.near: tuple[slice, dict[Term, _Numbers]] = (slice(0), {})
        """The rows that are being looked at, and what was worked out of them."""

    @cached_property
    def count(self) -> int:
        """How many records there are."""
        return len(self.columns)

    @property
    def every_row(self) -> Iterator[slice]:
        """All rows, so many at a time; where there are none, these once."""
        return (slice(start, start + _AT_ONCE) for start in range(0, max(self.count, 1), _AT_ONCE))

    def groups(self, grouping: Grouping[Any]) -> list[Grouped]:
        np = self.np
        by = [self._coded(term) for term in grouping.by]
        bins, held, placed = prod(len(one.values) for one in by), None, None
        if bins > max(_MOST_BINS, 4 * self.count):
            held, placed = np.unique(self._places(by, slice(None)), return_inverse=True)
            bins = len(held)
        counts = np.zeros(bins, np.int64)
        sums = [_Sum(np, bins) for _ in grouping.sums]
        for rows in self.every_row:
            place = self._places(by, rows) if placed is None else placed[rows]
            counts += np.bincount(place, minlength=bins)
            for term, total in zip(grouping.sums, sums, strict=True):
                if isinstance(term, Missing):
                    total.count(place, self._missing(term.term, rows))
                else:
                    total.add(place, self._numbers(term, rows).numbers)
        filled = np.nonzero(counts)[0] if by else np.zeros(1, np.intp)
        rest, keys = filled if held is None else held[filled], []
        for one in reversed(by):
            rest, turns = np.divmod(rest, len(one.values))
            keys.append([one.values[turn] for turn in turns.tolist()])
        each = zip(*reversed(keys), strict=True) if keys else [()]
        totals = zip(*(total.of(filled) for total in sums), strict=True) if sums else repeat(())
        return [Grouped(key, count, so) for key, count, so in zip(each, counts[filled].tolist(), totals, strict=False)]

    def _places(self, by: Sequence[_Coded], rows: slice) -> Any:
        """The bin of each of these rows."""
        place = self.np.zeros(len(range(*rows.indices(self.count))), self.np.intp)
        for one in by:
            if len(one.values) > 1:
                place *= len(one.values)
                place += one.places[rows]
        return place

    # Terms: of some rows

    def _missing(self, term: Term, rows: slice) -> Any:
        if not isinstance(term, Share):
            return self._numbers(term, rows).missing
        either = [one for one in (self._missing(term.term, rows), self._missing(term.share, rows)) if one is not None]
        return None if not either else either[0] if len(either) == 1 else either[0] | either[1]

    def _numbers(self, term: Term, rows: slice) -> _Numbers:
        if self.near[0] != rows:
            self.near = (rows, {})
        found = self.near[1].get(term)
        if found is None:
            found = self.near[1][term] = self._reckoned(term, rows)
        return found

    def _reckoned(self, term: Term, rows: slice) -> _Numbers:
        np, name = self.np, self.columns.terms.get(term)
        if name is not None:
            held = self.columns.once("numbers", name, self._read)
            return _Numbers(held.numbers[rows], None if held.missing is None else held.missing[rows])
        match term:
            case FirstOf(terms):
                first, *others = (self._numbers(one, rows) for one in terms)
                for other in others:
                    first = self._first_of(first, other)
                return first
            case Replaced():
                coded = self._coded(term)
                places = coded.places[rows]
                values = np.array([value or 0 for value in coded.values], np.int64)
                missing = np.array([value is None for value in coded.values])
                return _Numbers(values[places], missing[places] if missing.any() else None)
            case Share(value, share):
                whole = self._numbers(value, rows).numbers * self._numbers(share, rows).numbers
                whole += 4_999 + ((whole // 10_000) & 1)
                whole //= 10_000
                return _Numbers(whole, self._missing(term, rows))
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

    # Terms of few values: of all rows

    def _coded(self, term: Term) -> _Coded:
        found = self.codes.get(term)
        if found is None:
            found = self.codes[term] = self._put_in_codes(term)
        return found

    def _put_in_codes(self, term: Term) -> _Coded:
        name = self.columns.terms.get(term)
        if name is not None:
            return self.columns.once("codes", name, self._dictionary)
        match term:
            case Bucket(inner, bounds):
                return self._bucket(inner, [_number(bound) for bound in bounds])
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

    def _alike(self, value: Any) -> _Coded:
        """One value for every record."""
        return _Coded(self.np.broadcast_to(self.np.int8(0), self.count), [value])

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
        if len(values) == 1:
            return self._alike(next(iter(values)))
        made = np.array(table, _narrow(np, len(values)))
        places = np.empty(self.count, made.dtype)
        for rows in self.every_row:
            places[rows] = made[self._places(coded, rows)]
        return _Coded(places, list(values))

    def _bucket(self, term: Term, bounds: list[int]) -> _Coded:
        np = self.np
        values = [*range(len(bounds) + 1), None]
        places = np.empty(self.count, _narrow(np, len(values)))
        for rows in self.every_row:
            held = self._numbers(term, rows)
            low, high = _span(held.numbers)
            if high - low < _MOST_DAYS:
                table = np.searchsorted(bounds, np.arange(low, high + 1), side="right").astype(places.dtype)
                places[rows] = table[held.numbers - low]
            else:
                places[rows] = np.searchsorted(bounds, held.numbers, side="right")
            if held.missing is not None:
                places[rows][held.missing] = len(values) - 1
        return _Coded(places, values)

    def _together(self, terms: tuple[Term, ...]) -> _Coded:
        """Few records are thought to have the first one: the others are put together for these alone."""
        np = self.np
        first = self._coded(terms[0])
        if all(value is None for value in first.values):
            return self._alike(None)
        has = np.array([value is not None for value in first.values])
        places = np.zeros(self.count, np.int32)
        values: dict[Any, int] = {None: 0}
        for rows in self.every_row:
            chosen = np.nonzero(has[first.places[rows]])[0]
            columns: list[list[Any]] = [[first.values[place] for place in first.places[rows][chosen].tolist()]]
            columns += [self._values(term, rows, chosen) for term in terms[1:]]
            places[rows][chosen] = [values.setdefault(one, len(values)) for one in zip(*columns, strict=True)]
        return _Coded(places, list(values))

    def _values(self, term: Term, rows: slice, chosen: Any) -> list[Any]:
        held = self._numbers(term, rows)
        found: list[Any] = held.numbers[chosen].tolist()
        if self._is_day(term):
            found = [date.fromordinal(_EPOCH + number) for number in found]
        if held.missing is not None:
            found = [None if gone else one for one, gone in zip(found, held.missing[chosen].tolist(), strict=True)]
        return found

    def _is_day(self, term: Term) -> bool:
        leaf = next(leaves(term))
        return bool(self.pa.types.is_date32(self.columns.table.schema.field(self.columns.terms[leaf]).type))


class _Sum:
    """A sum for each bin, exact: numpy counts in floats, so it is kept in two limbs."""

    def __init__(self, np: Any, bins: int) -> None:
        self.np, self.bins = np, bins
        self.high, self.low = np.zeros(bins, np.int64), np.zeros(bins, np.int64)

    def count(self, place: Any, flags: Any) -> None:
        """Add the number of flags that are set; None is none."""
        if flags is not None:
            self.low += self.np.bincount(place[flags], minlength=self.bins)

    def add(self, place: Any, numbers: Any) -> None:
        """Add the number of each record."""
        np = self.np
        if max(map(abs, _span(numbers))) * len(numbers) < _EXACT:
            whole = np.bincount(place, weights=numbers, minlength=self.bins).astype(np.int64)
            self.high += whole >> _LIMB
            self.low += whole & _LOW
        else:
            self.high += np.bincount(place, weights=numbers >> _LIMB, minlength=self.bins).astype(np.int64)
            self.low += np.bincount(place, weights=numbers & _LOW, minlength=self.bins).astype(np.int64)

    def of(self, filled: Any) -> list[int]:
        """The sums in these bins."""
        each = zip(self.high[filled].tolist(), self.low[filled].tolist(), strict=True)
        return [(high << _LIMB) + low for high, low in each]


def _span(numbers: Any) -> tuple[int, int]:
    """The lowest and the highest; of none, 0."""
    return (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)


def _narrow(np: Any, size: int) -> Any:
    return np.int8 if size < 127 else np.int16 if size < 32_767 else np.int32


def _number(bound: Any) -> int:
    return bound.toordinal() - _EPOCH if isinstance(bound, date) else int(bound)
