"""The ratios that sales are judged by, exact. Each is None where it would divide by nothing.

Coverage goes by three formulas in the field; they are three functions here.
"""

from collections.abc import Iterable
from fractions import Fraction

import attrs

from crmkit.entities import Money

__all__ = [
    "Errors",
    "Velocity",
    "accuracy",
    "attainment",
    "errors_of",
    "gap",
    "pipeline_coverage",
    "remaining_coverage",
    "sales_velocity",
    "weighted_coverage",
    "win_rate",
]


def _ratio(above: Money, below: Money) -> Fraction | None:
    if above.currency != below.currency:
        raise ValueError(f"cannot divide {above.currency} by {below.currency}: convert at a rate first")
    return Fraction(above.minor, below.minor) if below.minor else None


def attainment(won: Money, quota: Money) -> Fraction | None:
    """won ÷ quota: 9/10 is 90 % of what was asked. None at quota 0."""
    return _ratio(won, quota)


def gap(won: Money, quota: Money) -> Money:
    """quota − won: what is still to be sold; below zero once the quota is exceeded."""
    return quota - won


def pipeline_coverage(pipeline: Money, quota: Money) -> Fraction | None:
    """pipeline ÷ quota: how many times the pipeline holds what is asked. None at quota 0."""
    return _ratio(pipeline, quota)


def weighted_coverage(pipeline: Money, quota: Money, rate: Fraction) -> Fraction | None:
    """pipeline × win rate ÷ quota: the coverage by what is usually won of a pipeline. None at quota 0."""
    plain = _ratio(pipeline, quota)
    return None if plain is None else plain * rate


def remaining_coverage(open_value: Money, quota: Money, closed: Money) -> Fraction | None:
    """open ÷ (quota − closed): the coverage of what is still to be sold. None where nothing remains."""
    remaining = quota - closed
    return _ratio(open_value, remaining) if remaining.minor > 0 else None


def win_rate(won: int, lost: int) -> Fraction | None:
    """won ÷ (won + lost), by number. None while nothing is closed."""
    return Fraction(won, won + lost) if won + lost else None


def accuracy(actual: Money, forecast: Money) -> Fraction | None:
    """max(0, 1 − |actual − forecast| ÷ |actual|): 1 is exact. None where the actual is 0.

    Source: HubSpot's documentation of forecast accuracy.
    """
    if not actual:
        return None
    if actual.currency != forecast.currency:
        raise ValueError(f"cannot compare {actual.currency} and {forecast.currency}: convert at a rate first")
    return max(Fraction(0), 1 - Fraction(abs(actual.minor - forecast.minor), abs(actual.minor)))


@attrs.frozen
class Velocity:
    """How much is won a day: exactly so many minor units of a currency, a fraction."""

    a_day: Fraction
    currency: str

    def over(self, days: int) -> Money:
        """What is won in so many days, rounded half-even to the minor unit, once."""
        return Money.of_minor(round(self.a_day * days), self.currency)

    def __str__(self) -> str:
        return f"{self.over(1)} a day"


def sales_velocity(count: int, average: Money, rate: Fraction, cycle: Fraction | int) -> Velocity | None:
    """count × average value × win rate ÷ length of the sales cycle in days. None at a cycle of no days."""
    return Velocity(count * average.minor * rate / cycle, average.currency) if cycle else None


@attrs.frozen(kw_only=True)
class Errors:
    """How far several forecasts were from what came of them; each measure is None where it would divide by nothing.

    `mape` is the mean of |actual − forecast| ÷ |actual| over those whose actual is not 0 (`skipped` counts the others),
    `wape` the sum of all |actual − forecast| ÷ the sum of all |actual|, and `bias` the sum of forecast − actual ÷ the
    sum of |actual|: above zero where forecasts were too high.
    """

    count: int
    skipped: int
    mape: Fraction | None
    wape: Fraction | None
    bias: Fraction | None


def errors_of(pairs: Iterable[tuple[Money, Money]]) -> Errors:
    """The errors of pairs of an actual amount and its forecast. Raises ValueError on mixed currencies."""
    held = [(actual, forecast - actual) for actual, forecast in pairs]
    currencies = sorted({actual.currency for actual, _ in held})
    if len(currencies) > 1:
        raise ValueError(f"cannot add errors in {', '.join(currencies)}: convert at a rate first")
    parts = [Fraction(abs(off.minor), abs(actual.minor)) for actual, off in held if actual]
    whole = sum(abs(actual.minor) for actual, _ in held)
    return Errors(
        count=len(held),
        skipped=len(held) - len(parts),
        mape=sum(parts, Fraction(0)) / len(parts) if parts else None,
        wape=Fraction(sum(abs(off.minor) for _, off in held), whole) if whole else None,
        bias=Fraction(sum(off.minor for _, off in held), whole) if whole else None,
    )
