"""How many totals are put together in bars of equal width, so that the bars look as the chances lie.

Bars that hold one total here and two there, or none, have gaps and spikes of their own, which would be elsewhere if the
first bar began elsewhere. So there are as many bars as there is room for, unless these depend on where they begin, or
are a comb of many gaps: then they are about as wide as totals, or groups of them, are apart, or a few times that, where
it makes them even. Where nothing does, and where gaps are few and wide, the gaps are in the totals: they stay.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor, gcd
from typing import Final

import attrs

__all__ = ["Bars", "bars_of"]

_MOST: Final = 40
"""How many bars there may be."""

_LEAST: Final = 8
"""How many there are at least, where bars are widened to be even."""

_TAIL: Final = 0.001
_UNEVEN: Final = 0.05
"""How much of the chance may be in other bars if these begin elsewhere."""

_GAPS: Final = 8
"""From so many gaps on, bars are a comb."""

_EMPTY: Final = 1e-6
_ALIKE: Final = Fraction(11, 10)
"""Of widths that differ by no more than that, the one with the most even bars is taken."""

_CELLS: Final = 4_096
_BEGINNINGS: Final = 8
"""With how many beginnings bars are tried."""

Chances = list[tuple[Fraction, float]]
"""Totals in minor units, rising, with the chance of each."""


@attrs.frozen
class Bars:
    """What is drawn, in minor units: each bar by its middle and its chance, and how wide all are.

    `step` is how much each holds of what is put together; None where each is of one total.
    """

    chances: Chances
    width: Fraction
    step: Fraction | None = None


def bars_of(chances: Chances) -> Bars:
    """A bar a total where they are few, else bars that hold a step each; the outermost tails are left out then."""
    kept = chances if len(chances) <= _MOST else _without_tails(chances)
    first, last = kept[0][0], kept[-1][0]
    if len(kept) <= _MOST:
        return Bars(kept, Fraction((last - first) or abs(first) or 100) / 90)
    apart = gcd(*(int(total - first) for total, _ in kept))
    step = Fraction(apart * ceil((int(last - first) // apart + 1) / _MOST))
    plain = _put_together(kept, first - Fraction(apart, 2), step)
    cells = _Cells(kept)
    if cells.uneven(step) <= _UNEVEN and _gaps(plain.chances) < _GAPS:
        return plain
    even = sorted((one, uneven) for one in cells.steps() if (uneven := cells.uneven(one)) <= _UNEVEN)
    if not even:
        return plain
    step = min(((uneven, one) for one, uneven in even if one <= even[0][0] * _ALIKE))[1]
    return _put_together(kept, cells.beginning(step), step)


def _gaps(chances: Chances) -> int:
    """How often there is nothing between bars that hold something."""
    there = [chance > _EMPTY for _, chance in chances]
    return sum(there[place - 1] and not there[place] for place in range(1, len(there))) - (not there[-1])


def _put_together(kept: Chances, start: Fraction, step: Fraction) -> Bars:
    """Bars from the start on, the last of which holds the last total; all chances are in one."""
    held = [0.0] * (floor((kept[-1][0] - start) / step) + 1)
    for total, chance in kept:
        held[floor((total - start) / step)] += chance
    middle = start + step / 2
    return Bars([(middle + place * step, chance) for place, chance in enumerate(held)], step, step)


def _without_tails(chances: Chances) -> Chances:
    upto = list(accumulate(chance for _, chance in chances))
    highest = upto[-1] - _TAIL
    return [
        (total, chance)
        for (total, chance), reached in zip(chances, upto, strict=True)
        if reached > _TAIL and reached - chance < highest
    ]


class _Cells:
    """The chances as arrays, by which many widths of bars are tried."""

    def __init__(self, kept: Chances) -> None:
        import numpy as np  # noqa: PLC0415 - it is there, since there is matplotlib

        self._np = np
        self._kept = kept
        self._first, self._reach = kept[0][0], kept[-1][0] - kept[0][0]
        self._places = np.array([float(total - self._first) for total, _ in kept])
        self._chances = np.array([chance for _, chance in kept])
        if len(kept) > _CELLS:
            cell = np.minimum((self._places * (_CELLS / float(self._reach))).astype(np.int64), _CELLS - 1)
            self._chances = np.bincount(cell, weights=self._chances, minlength=_CELLS)
            self._places = (np.arange(_CELLS) + 0.5) * (float(self._reach) / _CELLS)

    def uneven(self, step: Fraction) -> float:
        """What part of the chance bars of that width hold more or less than others that begin half a bar before and
        after them would make one expect, whatever they begin with; 0 where they are even, and where they are far apart.
        """
        np, many = self._np, _BEGINNINGS
        held = np.bincount((self._places * (many / float(step))).astype(np.int64), weights=self._chances)
        bars = np.pad(np.convolve(held, np.ones(many)), many // 2)
        near = np.convolve(held, np.convolve(np.ones(many), [0.5, *[1.0] * (many - 1), 0.5]) / many)
        off = np.abs(bars - near).sum() / many - np.abs(np.diff(near)).sum() / 4
        return float(off / self._chances.sum())

    def steps(self) -> Iterator[Fraction]:
        """Widths to try: what the likeliest totals are apart from the likeliest of all."""
        likeliest = sorted(range(len(self._kept)), key=lambda place: -self._kept[place][1])
        middle = self._kept[likeliest[0]][0]
        found: dict[Fraction, None] = {}
        for place in likeliest:
            step = abs(self._kept[place][0] - middle)
            if self._reach / (_MOST - 1) <= step <= self._reach / _LEAST:
                found[step] = None
            if len(found) == 4 * _MOST:
                break
        return iter(found)

    def beginning(self, step: Fraction) -> Fraction:
        """Where the first bar begins: as far as can be from where totals are, of all that is so many steps apart."""
        np = self._np
        turns = np.exp(2j * np.pi * self._places / float(step))
        mean = float(np.angle((turns * self._chances).sum())) / (2 * np.pi) % 1
        before = round((mean - 0.5) * float(step)) - (step if mean > 0.5 else 0)
        return self._first + Fraction(before)
