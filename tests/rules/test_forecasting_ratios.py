"""Published ratios of the field."""

from fractions import Fraction

import pytest

from crmkit.entities import Money
from crmkit.forecasting import (
    accuracy,
    attainment,
    errors_of,
    gap,
    pipeline_coverage,
    remaining_coverage,
    sales_velocity,
    weighted_coverage,
    win_rate,
)


def eur(amount):
    return Money(amount, "EUR")


def test_attainment():
    """450k closed of 500k quota is 90 %. Source: a public glossary."""
    assert attainment(eur(450_000), eur(500_000)) == Fraction(9, 10)
    assert gap(eur(450_000), eur(500_000)) == eur(50_000)


def test_a_quota_of_nothing_has_no_attainment():
    """At quota 0 there is none, and no error."""
    assert attainment(eur(5), eur(0)) is None
    assert pipeline_coverage(eur(5), eur(0)) is None
    assert weighted_coverage(eur(5), eur(0), Fraction(1, 4)) is None


def test_the_three_coverages():
    """500k of 125k is 4.0; 500k at a win rate of 25 % of 100k is 1.25; open ÷ (quota − closed).

    Source: vendors' pages.
    """
    assert pipeline_coverage(eur(500_000), eur(125_000)) == 4
    assert weighted_coverage(eur(500_000), eur(100_000), Fraction(1, 4)) == Fraction(5, 4)
    assert remaining_coverage(eur(90), eur(100), eur(70)) == 3


@pytest.mark.parametrize("closed", [100, 101])
def test_nothing_remaining_has_no_coverage(closed):
    """Once the quota is reached, nothing remains to be covered."""
    assert remaining_coverage(eur(90), eur(100), eur(closed)) is None


def test_win_rate():
    """10 won and 30 lost are 25 %; with nothing closed there is none. Source: a vendor's page."""
    assert win_rate(10, 30) == Fraction(1, 4)
    assert win_rate(0, 0) is None


@pytest.mark.parametrize(
    ("actual", "forecast", "expected"),
    [(100, 90, Fraction(9, 10)), (100, 110, Fraction(9, 10)), (100, 250, 0), (100, 100, 1), (0, 10, None)],
)
def test_accuracy(actual, forecast, expected):
    """max(0, 1 − |A − F| ÷ |A|); none at A = 0. Source: HubSpot's documentation."""
    assert accuracy(eur(actual), eur(forecast)) == expected


def test_currencies_are_not_divided():
    """A ratio of two currencies would mean nothing."""
    with pytest.raises(ValueError, match="convert at a rate first"):
        attainment(eur(1), Money(1, "USD"))
    with pytest.raises(ValueError, match="convert at a rate first"):
        accuracy(eur(1), Money(1, "USD"))


@pytest.mark.parametrize(
    ("count", "average", "rate", "cycle", "a_day", "in_90_days"),
    [(40, 25_000, 25, 90, "2777.78", "250000"), (18, 42_000, 24, 78, "2326.15", "209353.85")],
)
def test_sales_velocity(count, average, rate, cycle, a_day, in_90_days):
    """Rounded once, at the end: a day's rounded rate times 90 would be 209,353.50. Source: vendors' pages, the first
    with the figures that they print, the second computed anew (the page multiplies the rounded rate).
    """
    found = sales_velocity(count, eur(average), Fraction(rate, 100), cycle)
    assert found is not None
    assert (found.over(1), found.over(90)) == (eur(a_day), eur(in_90_days))


def test_the_levers_of_velocity():
    """10 % more on each of three levers and a cycle 10 % shorter give 47.9 % more. Source: 1.1³ ÷ 0.9, by hand."""
    before = sales_velocity(100, eur(1_000), Fraction(20, 100), 100)
    after = sales_velocity(110, eur(1_100), Fraction(22, 100), 90)
    assert before is not None
    assert after is not None
    assert round(after.a_day / before.a_day - 1, 3) == Fraction(479, 1000)


def test_no_velocity_without_a_cycle():
    """A cycle of no days has none, and no error."""
    assert sales_velocity(1, eur(1), Fraction(1, 2), 0) is None


def test_errors_of_forecasts():
    """100 against 90, 50 against 75, 0 against 10: MAPE (10 % + 50 %) ÷ 2, WAPE 45 ÷ 150, bias (−10 + 25 + 10) ÷ 150.

    Source: by hand.
    """
    found = errors_of([(eur(100), eur(90)), (eur(50), eur(75)), (eur(0), eur(10))])
    assert (found.count, found.skipped) == (3, 1)
    assert (found.mape, found.wape, found.bias) == (Fraction(3, 10), Fraction(45, 150), Fraction(25, 150))


def test_errors_where_nothing_came():
    """With every actual at 0, or no pair at all, there is none, and no error."""
    for pairs in ([], [(eur(0), eur(5))]):
        found = errors_of(pairs)
        assert (found.mape, found.wape, found.bias) == (None, None, None)


def test_errors_of_one_currency():
    """Pairs in two currencies are refused."""
    with pytest.raises(ValueError, match="convert at a rate first"):
        errors_of([(eur(1), eur(1)), (Money(1, "USD"), Money(1, "USD"))])
