"""What a period may come to: the distribution of its revenue, from deals that are won independently of each other (R6).

The mean says what many such periods come to. A single one comes to one of the totals that its deals can make; how
likely each is follows from the deals alone: it is computed, not approximated by a normal curve or drawn at random.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor, isqrt
from uuid import UUID

import attrs

from crmkit.entities import Money, Percent
from crmkit.entities.money import half_even
from crmkit.forecasting.asked import amount_asked, quantile_asked
from crmkit.forecasting.convolving import CERTAIN, Spread, spread
from crmkit.tables import html_table, text_table

__all__ = ["Between", "Deal", "Distribution", "Effect", "distribution"]

_TOLERANCE = 1_000
"""The bounds of a quantile are at most this part of the gross value apart."""


@attrs.frozen(kw_only=True)
class Deal:
    """What may be won: its value, its probability, and the opportunity that it is of, if it is of one.

    Raises ValueError on a value below zero, or a probability outside of 0 to 100 %.
    """

    value: Money
    probability: Percent
    opportunity: UUID | None = None

    def __attrs_post_init__(self) -> None:
        if self.value.minor < 0:
            raise ValueError(f"a deal's value must not be below zero, as {self.value} is")
        if not 0 <= self.probability.basis_points <= CERTAIN:
            raise ValueError(f"a deal's probability must be from 0 to 100 %, not {self.probability}")


@attrs.frozen
class Between:
    """An amount that is known to lie between two, both included; the same one twice where it is known exactly."""

    low: Money
    high: Money

    @property
    def exact(self) -> bool:
        """Whether it is known to the minor unit."""
        return self.low == self.high

    def __str__(self) -> str:
        return str(self.low) if self.exact else f"{self.low} to {self.high}"


@attrs.frozen
class Effect:
    """What a deal does for the chance to reach a quota: the chance once it is won, and once it is lost."""

    deal: Deal
    won: Fraction
    lost: Fraction

    @property
    def swing(self) -> Fraction:
        """By how much the chance differs."""
        return self.won - self.lost


@attrs.frozen(eq=False)
class Distribution:
    """All totals that the deals may come to.

    `certain` is what is won already. Percentages of `quantile` and of the results are exact shares; where `exact` is
    False the totals are too many to be told apart, and a quantile has a proven lower and upper bound, at most a
    thousandth of the gross value apart (more only where the quantile falls into a gap between totals).
    """

    deals: tuple[Deal, ...]
    certain: Money
    _spread: Spread = attrs.field(alias="spread", repr=False)

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.certain.currency

    @property
    def exact(self) -> bool:
        """Whether every quantile is known to the minor unit."""
        return self._spread.exact

    @property
    def gross(self) -> Money:
        """What it comes to if every deal is won."""
        return Money.total((self.certain, *(deal.value for deal in self.deals)), self.currency)

    @property
    def mean(self) -> Money:
        """What it comes to on average: the certain, and Σ value × probability, rounded half-even once."""
        parts = sum(deal.value.minor * deal.probability.basis_points for deal in self.deals)
        return self.certain + Money.of_minor(half_even(parts, CERTAIN), self.currency)

    @property
    def deviation(self) -> Money:
        """The standard deviation, rounded down to the minor unit: √Σ value²·p·(1 − p)."""
        return Money.of_minor(isqrt(floor(self._variance)), self.currency)

    @property
    def _variance(self) -> Fraction:
        parts = sum(
            deal.value.minor**2 * deal.probability.basis_points * (CERTAIN - deal.probability.basis_points)
            for deal in self.deals
        )
        return Fraction(parts, CERTAIN**2)

    def quantile(self, percent: Percent | int | str) -> Between:
        """The smallest total that is not exceeded with that probability: `quantile(10)` is P10, exceeded in nine
        of ten. Raises Invalid outside of 0 to 100 %, both excluded.
        """
        low, high = self._spread.quantile(quantile_asked(percent))
        return Between(self._whole(low), self._whole(high))

    def _whole(self, minor: int) -> Money:
        return self.certain + Money.of_minor(minor, self.currency)

    @property
    def p10(self) -> Between:
        """What is exceeded in nine of ten."""
        return self.quantile(10)

    @property
    def p50(self) -> Between:
        """The median."""
        return self.quantile(50)

    @property
    def p90(self) -> Between:
        """What is exceeded in one of ten."""
        return self.quantile(90)

    def chance(self, quota: Money) -> tuple[Fraction, Fraction]:
        """The chance to reach at least that: a lower and an upper bound, the same twice where it is exact.

        Raises Invalid on another currency, or what is no Money.
        """
        low, high = self._spread.below((amount_asked("quota", quota, self.currency) - self.certain).minor)
        return 1 - high, 1 - low

    def effects(self, quota: Money) -> list[Effect]:
        """For each deal, in their order, the chance to reach a quota once it is won and once it is lost.

        On a grid each is the middle of its bounds. Raises Invalid on another currency, or what is no Money.
        """
        wanted = (amount_asked("quota", quota, self.currency) - self.certain).minor
        return [Effect(deal, *self._effect(wanted, deal.value.minor, deal.probability)) for deal in self.deals]

    def _effect(self, wanted: int, value: int, probability: Percent) -> tuple[Fraction, Fraction]:
        deal = value, probability.basis_points
        won, lost = (1 - self._spread.below_without(max(one, 0), deal) for one in (wanted - value, wanted))
        return won, lost

    def steps(self) -> Iterator[tuple[Fraction, float]]:
        """Totals in minor units, rising, each with the chance not to exceed it: for a picture."""
        for total, chance in self._spread.steps():
            yield total + self.certain.minor, chance

    def _cells(self) -> list[tuple[object, ...]]:
        quantiles = (("P10", self.p10), ("P50", self.p50), ("P90", self.p90))
        known = (("mean", self.mean), ("deviation", self.deviation), ("gross", self.gross))
        rows: list[tuple[object, ...]] = [("certain", self.certain, self.certain)]
        rows += [(name, one.low, one.high) for name, one in quantiles]
        rows += [(name, one, one) for name, one in known]
        return [row[:2] for row in rows] if self.exact else rows

    @property
    def _heads(self) -> tuple[str, ...]:
        return ("Revenue", "Amount") if self.exact else ("Revenue", "At least", "At most")

    def __str__(self) -> str:
        return text_table(self._heads, self._cells())

    def _repr_html_(self) -> str:
        return html_table(self._heads, self._cells(), f"{len(self.deals)} deals")


def distribution(deals: Iterable[Deal], *, certain: Money) -> Distribution:
    """The distribution of what is `certain` and of the deals that are won. Raises ValueError on mixed currencies."""
    held = tuple(deals)
    gross = Money.total((deal.value for deal in held), certain.currency)
    pairs = [(deal.value.minor, deal.probability.basis_points) for deal in held]
    return Distribution(held, certain, spread(pairs, gross.minor // _TOLERANCE))
