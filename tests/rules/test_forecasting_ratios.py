"""Published ratios of the field."""

from fractions import Fraction

import pytest

from crmkit.entities import Money
from crmkit.forecasting import (
    accuracy,
    attainment,
    gap,
    pipeline_coverage,
    remaining_coverage,
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
