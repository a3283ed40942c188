"""The ratios that sales are judged by, exact. Each is None where it would divide by nothing.

Coverage goes by three formulas in the field; they are three functions here.
"""

from fractions import Fraction

from crmkit.entities import Money

__all__ = [
    "accuracy",
    "attainment",
    "gap",
    "pipeline_coverage",
    "remaining_coverage",
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
