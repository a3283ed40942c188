"""What a period may come to where deals are won and lost together: drawn at random, the same draws for the same seed.

**The model** is the simplest that keeps each deal's probability exact and has one number for the dependence, the
correlation c. In each run every group of deals has a common draw U, uniform between 0 and 1, and every deal goes by it
with the chance √c, else by a draw of its own; it is won where the draw it goes by is below its probability. So each is
won with its own probability, whatever c is. Two deals of a group with the same probability are correlated by exactly c;
with different ones p < q the covariance is c·(p − pq). Of two draws the joint distribution is c·min(u, v) + (1 − c)·uv:
the copula of Fréchet (M. Fréchet, 1958; R. Nelsen, *An Introduction to Copulas*, 2006), for which c is Spearman's
coefficient. At 0 deals are independent, at 1 a group stands and falls together.

Given U, the deals of a group are independent: one with p ≤ U is won with the chance (1 − √c)p, any other with
√c + (1 − √c)p. So one draw a deal is enough. Draws are those of the Mersenne Twister, and nothing but the four
operations and a square root is done with them, which every machine rounds alike; a probability is met to 2⁻⁵².
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt, sqrt
from random import Random
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.arrays import drawn
from crmkit.entities import Money, Percent
from crmkit.entities.money import half_even
from crmkit.forecasting.asked import amount_asked, quantile_asked
from crmkit.forecasting.distribution import Deal
from crmkit.tables import html_table, text_table

__all__ = ["Simulation", "simulate"]

_CERTAIN: Final = 10_000
_NO_GROUPS: Final[Mapping[UUID, Hashable]] = {}


@attrs.frozen(eq=False)
class Simulation:
    """What the deals came to in each of many runs; `totals` rise.

    Every share is of the runs. With n runs it is, but for one time in a million, within √(7.25 ÷ n) of the true one
    (A. Dvoretzky, J. Kiefer, J. Wolfowitz; P. Massart, 1990): 0.027 for 10,000.
    """

    deals: tuple[Deal, ...]
    certain: Money
    correlation: Percent
    seed: int
    totals: tuple[int, ...] = attrs.field(repr=False)

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.certain.currency

    @property
    def runs(self) -> int:
        """How many runs there were."""
        return len(self.totals)

    @property
    def mean(self) -> Money:
        """The mean of the runs, rounded half-even to the minor unit."""
        return Money.of_minor(half_even(sum(self.totals), self.runs), self.currency)

    @property
    def deviation(self) -> Money:
        """The standard deviation of the runs, rounded down to the minor unit."""
        squares = self.runs * sum(total * total for total in self.totals) - sum(self.totals) ** 2
        return Money.of_minor(isqrt(squares) // self.runs, self.currency)

    def quantile(self, percent: Percent | int | str) -> Money:
        """The smallest total that was not exceeded in that share of the runs. Raises Invalid outside of 0 to 100 %,
        both excluded.
        """
        share = quantile_asked(percent)
        return Money.of_minor(self.totals[-(-share * self.runs // _CERTAIN) - 1], self.currency)

    @property
    def p10(self) -> Money:
        """What was exceeded in nine of ten."""
        return self.quantile(10)

    @property
    def p50(self) -> Money:
        """The median."""
        return self.quantile(50)

    @property
    def p90(self) -> Money:
        """What was exceeded in one of ten."""
        return self.quantile(90)

    def chance(self, quota: Money) -> Fraction:
        """The share of the runs that came to at least that. Raises Invalid on another currency, or what is no Money."""
        wanted = amount_asked("quota", quota, self.currency).minor
        return Fraction(self.runs - bisect_left(self.totals, wanted), self.runs)

    def upto(self, total: Money) -> Fraction:
        """The share of the runs that came to that at most. Raises Invalid on another currency, or what is no Money."""
        wanted = amount_asked("total", total, self.currency).minor
        return Fraction(bisect_right(self.totals, wanted), self.runs)

    def _cells(self) -> list[tuple[object, ...]]:
        named = ("certain", "p10", "p50", "p90", "mean", "deviation")
        return [(name.upper() if name[0] == "p" else name, getattr(self, name)) for name in named]

    @property
    def _note(self) -> str:
        return f"{len(self.deals)} deals, correlation {self.correlation}, {self.runs} runs, seed {self.seed}"

    def __str__(self) -> str:
        return f"{self._note}\n{text_table(('Revenue', 'Amount'), self._cells())}"

    def _repr_html_(self) -> str:
        return html_table(("Revenue", "Amount"), self._cells(), self._note)


def simulate(
    deals: Iterable[Deal],
    *,
    certain: Money,
    correlation: Percent | int | str = 0,
    seed: int = 0,
    runs: int = 10_000,
    groups: Mapping[UUID, Hashable] = _NO_GROUPS,
) -> Simulation:
    """What is `certain` and the deals that are won, in so many runs; see the module for the model.

    `groups` says which group an opportunity's deal belongs to: deals of different groups are independent. Those that it
    does not name are one group. Raises ValueError on mixed currencies, a correlation outside of 0 to 100 %, less than
    one run, or a seed that is no whole number.
    """
    held = tuple(deals)
    Money.total((deal.value for deal in held), certain.currency)
    share = Percent(correlation)
    if not 0 <= share.basis_points <= _CERTAIN:
        raise ValueError(f"a correlation lies between 0 and 100 %, not at {share}")
    if not _is_whole(runs) or runs < 1:
        raise ValueError(f"at least one run is needed, as a whole number, not {runs!r}")
    if not _is_whole(seed):
        raise ValueError(f"the seed is a whole number, not {seed!r}")
    numbers: dict[Hashable, int] = {}
    of_each = [numbers.setdefault(_group(deal, groups), len(numbers)) for deal in held]
    follows = sqrt(share.basis_points / _CERTAIN)
    chances = [deal.probability.basis_points / _CERTAIN for deal in held]
    below = [(1.0 - follows) * chance for chance in chances]
    above = [follows + one for one in below]
    values = [deal.value.minor for deal in held]
    drawing = _Drawing(values, chances, below, above, of_each, len(numbers))
    totals = drawn(Random(seed), runs, *attrs.astuple(drawing, recurse=False))  # noqa: S311 - no secret
    if totals is None:
        totals = _drawn_plainly(Random(seed), runs, drawing)  # noqa: S311 - no secret
    return Simulation(held, certain, share, seed, tuple(sorted(certain.minor + total for total in totals)))


def _is_whole(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _group(deal: Deal, groups: Mapping[UUID, Hashable]) -> Hashable:
    return None if deal.opportunity is None else groups.get(deal.opportunity)


@attrs.frozen
class _Drawing:
    """Of each deal its value, its chance, the chance to be won where the group's draw is not below that and where it
    is, and its group; and how many groups there are.
    """

    values: Sequence[int]
    chances: Sequence[float]
    below: Sequence[float]
    above: Sequence[float]
    groups: Sequence[int]
    count: int


def _drawn_plainly(random: Random, runs: int, drawing: _Drawing) -> list[Any]:
    deals = list(zip(drawing.values, drawing.chances, drawing.below, drawing.above, drawing.groups, strict=True))
    draw = random.random
    totals = []
    for _ in range(runs):
        common = [draw() for _ in range(drawing.count)]
        totals.append(
            sum(
                value
                for value, chance, below, above, group in deals
                if draw() < (above if common[group] < chance else below)
            )
        )
    return totals
