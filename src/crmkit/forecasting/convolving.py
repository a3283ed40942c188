"""The arithmetic of sums of independent deals: all totals with their chances, exact, or on a grid with proven bounds.

A deal is a pair: its value in minor units and its probability in basis points. Nothing here knows money.

**Exact.** While there are few distinct totals, each has its chance as a whole number over one denominator.

**On a grid.** Each value v is rounded to the nearest multiple of a step: v = a·step + ε. The sum of the deals that are
won is then step·Σ aᵢBᵢ + Σ εᵢBᵢ. The first sum is convolved; the second has the mean m = Σ εᵢpᵢ and is never further
from it than the sum of what each ε can do, and, but for a chance of at most δ, not further than Bernstein's inequality
says (S. Bernstein, 1924; in the form of Boucheron, Lugosi, Massart, *Concentration Inequalities*, 2013, § 2.8):
t = bL/3 + √((bL/3)² + 2VL), with L = ln(2/δ), the variance V = Σ εᵢ²pᵢ(1−pᵢ) and b = max|εᵢ|. Tails that are too thin
to matter are cut off while convolving; their mass, and the error of the floating point, are added to δ.
"""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor, gcd, log, sqrt
from typing import Any, Final, Protocol

import attrs

from crmkit.arrays import convolved

__all__ = ["CERTAIN", "Deal", "Exact", "Gridded", "Spread", "spread"]

Deal = tuple[int, int]

CERTAIN: Final = 10_000
"""The basis points of what is certain."""

_MOST_EXACT: Final = 1 << 16
"""How many distinct totals are kept with exact chances."""

_FEW: Final = 64
"""How many deals have exact chances at most: the denominator grows with each."""

_MOST_STEPS: Final = 1 << 18
"""How long a grid of the values' own common divisor may be."""

_DOUBT: Final = 1e-12
_CUT: Final = 1e-13
_ROUNDING: Final = 2.0**-53
_EVERY: Final = 32
"""After how many deals the tails are looked at."""


class Spread(Protocol):
    """All totals that independent deals may come to, with their chances."""

    @property
    def exact(self) -> bool:
        """Whether lower and upper bounds are one."""
        ...

    def below(self, total: int) -> tuple[Fraction, Fraction]:
        """The chance to stay below a total: a lower and an upper bound."""
        ...

    def quantile(self, share: int) -> tuple[int, int]:
        """The smallest total that is not exceeded with a chance of at least that share, in basis points: bounds."""
        ...

    def below_without(self, total: int, deal: Deal) -> Fraction:
        """The chance that the other deals stay below a total; on a grid, the middle of its bounds."""
        ...

    def steps(self) -> list[tuple[Fraction, float]]:
        """Totals, rising, each with the chance not to exceed it; for a picture."""
        ...


def spread(deals: Sequence[Deal], tolerance: int) -> Spread:
    """The totals of the deals; a quantile's bounds differ by at most `tolerance`, unless it is in a gap between totals.

    A tolerance of zero is met where the totals are few or have a common divisor; else the grid is of single units.
    """
    deals = sorted((value, chance) for value, chance in deals if value and chance)
    return _exact(deals) or _gridded(deals, tolerance)


@attrs.frozen
class Exact:
    """Totals, rising, with the weights of all up to each, out of `whole`."""

    totals: list[int]
    upto: list[int]
    whole: int

    @property
    def exact(self) -> bool:
        """See the protocol."""
        return True

    def below(self, total: int) -> tuple[Fraction, Fraction]:
        """See the protocol."""
        place = bisect_left(self.totals, total)
        found = Fraction(self.upto[place - 1], self.whole) if place else Fraction(0)
        return found, found

    def quantile(self, share: int) -> tuple[int, int]:
        """See the protocol."""
        found = self.totals[bisect_left(self.upto, Fraction(self.whole * share, CERTAIN))]
        return found, found

    def below_without(self, total: int, deal: Deal) -> Fraction:
        """See the protocol. F(x) = (1−p)·G(x) + p·G(x−v), solved for the others' G from the lowest total on."""
        value, chance = deal
        if not value or not chance:
            return self.below(total)[0]
        if chance == CERTAIN:
            return self.below(total + value)[0]
        common = gcd(chance, CERTAIN)
        won, out_of = chance // common, CERTAIN // common
        weight = 0
        for upto in range((total - 1) % value, total, value):
            place = bisect_left(self.totals, upto + 1)
            weight = ((self.upto[place - 1] if place else 0) - won * weight) // (out_of - won)
        return Fraction(weight * out_of, self.whole)

    def steps(self) -> list[tuple[Fraction, float]]:
        """See the protocol."""
        return [(Fraction(total), upto / self.whole) for total, upto in zip(self.totals, self.upto, strict=True)]


def _exact(deals: Sequence[Deal]) -> Exact | None:
    if len(deals) > _FEW:
        return None
    weights, whole = {0: 1}, 1
    for value, chance in deals:
        common = gcd(chance, CERTAIN)
        won, out_of = chance // common, CERTAIN // common
        longer: dict[int, int] = {}
        for total, weight in weights.items():
            if lost := out_of - won:
                longer[total] = longer.get(total, 0) + weight * lost
            longer[total + value] = longer.get(total + value, 0) + weight * won
        if len(longer) > _MOST_EXACT:
            return None
        weights, whole = longer, whole * out_of
    totals = sorted(weights)
    return Exact(totals, list(accumulate(weights[total] for total in totals)), whole)


@attrs.frozen
class Gridded:
    """The convolved sum of the rounded values: `upto[k]` is the chance that it is not above (first + k)·step.

    What the true sum is off by lies between `least` and `most`, but for a chance of `doubt`.
    """

    step: int
    first: int
    upto: Any
    least: Fraction
    most: Fraction
    doubt: float
    largest: int

    @property
    def exact(self) -> bool:
        """See the protocol: the totals are, and the chances up to the doubt."""
        return self.least == self.most

    def below(self, total: int) -> tuple[Fraction, Fraction]:
        """See the protocol."""
        if total <= 0:
            return Fraction(0), Fraction(0)
        if total > self.largest:
            return Fraction(1), Fraction(1)
        low, high = (self._upto(Fraction(total - 1) - off) for off in (self.most, self.least))
        return Fraction(max(low - self.doubt, 0.0)), Fraction(min(high + self.doubt, 1.0))

    def _upto(self, total: Fraction) -> float:
        place = floor(total / self.step) - self.first
        return 0.0 if place < 0 else float(self.upto[min(place, len(self.upto) - 1)])

    def quantile(self, share: int) -> tuple[int, int]:
        """See the protocol."""
        wanted = share / CERTAIN
        low = (self.first + self._place(wanted - self.doubt)) * self.step + self.least
        place = self._place(wanted + self.doubt)
        if place == len(self.upto):
            return max(ceil(low), 0), self.largest
        high = (self.first + place) * self.step + self.most
        return max(ceil(low), 0), min(floor(high), self.largest)

    def _place(self, wanted: float) -> int:
        return bisect_left(self.upto, wanted)

    def below_without(self, total: int, deal: Deal) -> Fraction:
        """See the protocol. The series runs towards the end at which it converges."""
        value, chance = deal
        steps, p = (value + self.step // 2) // self.step, chance / CERTAIN
        middle = (self.least + self.most) / 2 - Fraction(_error(value, self.step) * chance, CERTAIN)
        place = floor((total - 1 - middle) / self.step) - self.first
        if not steps or not chance:
            found = self.upto[min(place, len(self.upto) - 1)] if place >= 0 else 0.0
        elif 2 * chance <= CERTAIN:
            found = _series(self._downwards(place, steps), p / (1 - p)) / (1 - p)
        else:
            found = 1 - _series(self._upwards(place + steps, steps), (1 - p) / p) / p
        return Fraction(min(max(float(found), 0.0), 1.0))

    def _downwards(self, place: int, steps: int) -> list[float]:
        last = len(self.upto) - 1
        above = [float(self.upto[last])] * len(range(place, last, -steps))
        start = place - len(above) * steps
        return above + ([float(one) for one in self.upto[start::-steps]] if start >= 0 else [])

    def _upwards(self, place: int, steps: int) -> list[float]:
        below = len(range(place, 0, steps))
        start = place + below * steps
        return [1.0] * below + [1 - float(one) for one in self.upto[start::steps]]

    def steps(self) -> list[tuple[Fraction, float]]:
        """See the protocol: by the middle of what the true sum may be off by."""
        middle = (self.least + self.most) / 2
        return [((self.first + place) * self.step + middle, float(upto)) for place, upto in enumerate(self.upto)]


def _series(terms: Sequence[float], ratio: float) -> float:
    """Σ (−ratio)ʲ·termⱼ, from its end on."""
    found = 0.0
    for term in reversed(terms):
        found = term - ratio * found
    return found


def _gridded(deals: Sequence[Deal], tolerance: int) -> Gridded:
    step, off = _step(deals, tolerance)
    rounded = [((value + step // 2) // step, chance / CERTAIN) for value, chance in deals]
    moving = sorted((steps, chance) for steps, chance in rounded if steps)
    first, weights, cut = _convolved(moving)
    upto = _running(weights)
    mean = sum((Fraction(_error(value, step) * chance, CERTAIN) for value, chance in deals), Fraction(0))
    doubt = cut + 3 * len(moving) * _ROUNDING + (_DOUBT if off.uncertain else 0.0)
    return Gridded(step, first, upto, mean - off.most, mean + off.most, doubt, sum(value for value, _ in deals))


@attrs.frozen
class _Off:
    """How far the rounding may lead from its mean, and whether that holds but for the doubt, or always."""

    most: Fraction
    uncertain: bool


def _error(value: int, step: int) -> int:
    return value - (value + step // 2) // step * step


def _step(deals: Sequence[Deal], tolerance: int) -> tuple[int, _Off]:
    """The step of the grid: the largest that keeps the bounds within the tolerance."""
    common = gcd(*(value for value, _ in deals)) if deals else 1
    if not deals or sum(value for value, _ in deals) // common < _MOST_STEPS:
        return max(common, 1), _Off(Fraction(0), uncertain=False)
    step = max(tolerance // 2, 1)
    while step > 1:
        off = _off(deals, step)
        bracket = 2 * off.most + step
        if bracket <= tolerance:
            return step, off
        step = max(1, min(step * 9 // 10, int(step * Fraction(tolerance) / bracket)))
    return 1, _Off(Fraction(0), uncertain=False)


def _off(deals: Sequence[Deal], step: int) -> _Off:
    above = below = spread_ = 0
    largest = 0
    for value, chance in deals:
        error = _error(value, step)
        above, below = above + max(error, 0) * (CERTAIN - chance), below + max(-error, 0) * (CERTAIN - chance)
        above, below = above + max(-error, 0) * chance, below + max(error, 0) * chance
        spread_ += error * error * chance * (CERTAIN - chance)
        largest = max(largest, abs(error))
    always = Fraction(max(above, below), CERTAIN)
    doubted = log(2 / _DOUBT)
    linear = largest * doubted / 3
    likely = Fraction(ceil(linear + sqrt(linear * linear + 2 * (spread_ / CERTAIN**2) * doubted)))
    return _Off(likely, uncertain=True) if likely < always else _Off(always, uncertain=False)


def _convolved(deals: Sequence[tuple[int, float]]) -> tuple[int, Any, float]:
    """From which step on, the chance of each, and the mass that was cut off; deals rise by their steps."""
    budget = _CUT / (len(deals) // _EVERY + 1)
    return convolved(deals, every=_EVERY, budget=budget) or _convolved_plainly(deals, budget)


def _convolved_plainly(deals: Sequence[tuple[int, float]], budget: float) -> tuple[int, list[float], float]:
    now, first, cut = [1.0], 0, 0.0
    for number, (steps, chance) in enumerate(deals, 1):
        lost = 1.0 - chance
        then = [weight * lost for weight in now] + [0.0] * steps
        for place, weight in enumerate(now, steps):
            then[place] += weight * chance
        now = then
        if number % _EVERY == 0:
            low = bisect_left(list(accumulate(now)), budget)
            high = len(now) - bisect_left(list(accumulate(reversed(now))), budget)
            if low or high < len(now):
                cut += 2 * budget
                now, first = now[low:high], first + low
    return first, now, cut


def _running(weights: Any) -> Any:
    """The sums of all up to each. What was cut at either end is in the doubt."""
    if isinstance(weights, list):
        return list(accumulate(weights))
    return weights.cumsum()
