"""Dated exchange rates."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.entities import ExchangeRate, Money
from crmkit.errors import Refused
from crmkit.forecasting import Rates

DAY = date(2026, 10, 1)


def rate(from_currency, to_currency, value, day=DAY):
    return ExchangeRate(from_currency=from_currency, to_currency=to_currency, day=day, rate=Decimal(value))


def test_the_latest_rate_on_or_before_the_day_counts():
    """A rate holds from its day on until the next one; the records may come in any order."""
    rates = Rates([rate("USD", "EUR", "0.9", date(2026, 3, 1)), rate("USD", "EUR", "0.8", date(2026, 1, 1))])
    assert rates.rate("USD", "EUR", date(2026, 2, 28)) == Decimal("0.8")
    assert rates.rate("USD", "EUR", date(2026, 3, 1)) == Decimal("0.9")
    assert rates.rate("USD", "EUR", date(2030, 1, 1)) == Decimal("0.9")
    assert rates.rate("USD", "EUR", date(2025, 12, 31)) is None


def test_nothing_is_implied():
    """Neither the way back nor the way through a third currency follows from a rate."""
    rates = Rates([rate("USD", "EUR", "0.8"), rate("EUR", "GBP", "0.9")])
    assert rates.rate("EUR", "USD", DAY) is None
    assert rates.rate("USD", "GBP", DAY) is None


def test_a_missing_rate_is_a_clear_error():
    """The refusal names the pair, the day and the record, and what to do."""
    with pytest.raises(Refused) as raised:
        Rates().convert(Money(5, "USD"), "EUR", DAY, record=UUID(int=7))
    (finding,) = raised.value.findings
    assert (finding.code, finding.record) == ("no-rate", UUID(int=7))
    assert "from USD to EUR on or before 2026-10-01: add an exchange rate" in finding.message


def test_a_currency_in_itself_needs_no_rate():
    """EUR stays EUR."""
    assert Rates().convert(Money("1.23", "EUR"), "EUR", DAY) == Money("1.23", "EUR")


@pytest.mark.parametrize(
    ("money", "currency", "converted"),
    [
        (Money(2, "USD"), "EUR", Money("1.67", "EUR")),
        (Money(2, "UAH"), "EUR", Money("0.06", "EUR")),
        (Money(2, "EUR"), "USD", Money("2.40", "USD")),
    ],
)
def test_published_conversions(money, currency, converted):
    """Source: EspoCRM's tests (USD 1.0, EUR 1.2, UAH 0.035): 1.6666666667, 0.0583333333 and 2.4, here rounded to cents.

    Rates are kept to ten decimals, so its rates to a base are given per pair.
    """
    tenth = Decimal("1e-10")
    rates = Rates(
        [
            rate("USD", "EUR", (1 / Decimal("1.2")).quantize(tenth)),
            rate("UAH", "EUR", (Decimal("0.035") / Decimal("1.2")).quantize(tenth)),
            rate("EUR", "USD", "1.2"),
        ]
    )
    assert rates.convert(money, currency, DAY) == converted


def test_halves_go_to_the_even_unit():
    """0.125 is 0.12 and 0.375 is 0.38, below zero too."""
    rates = Rates([rate("USD", "EUR", "0.125")])
    assert rates.convert(Money(1, "USD"), "EUR", DAY) == Money("0.12", "EUR")
    assert rates.convert(Money(3, "USD"), "EUR", DAY) == Money("0.38", "EUR")
    assert rates.convert(Money(-1, "USD"), "EUR", DAY) == Money("-0.12", "EUR")


@settings(deadline=None)
@given(
    minor=st.integers(-(10**9), 10**9),
    scaled=st.integers(1, 10**13),
    pair=st.sampled_from([("USD", "EUR"), ("JPY", "EUR"), ("EUR", "JPY"), ("KWD", "JPY"), ("USD", "KWD")]),
)
def test_conversion_equals_exact_arithmetic(minor, scaled, pair):
    """amount × rate by fractions, rounded half-even to the other currency's minor unit, whatever units the two have."""
    digits = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}
    value = Decimal(scaled).scaleb(-10)
    held = Rates([rate(pair[0], pair[1], value)]).convert(Money.of_minor(minor, pair[0]), pair[1], DAY)
    exact = Fraction(minor, 10 ** digits[pair[0]]) * Fraction(scaled, 10**10)
    assert held == Money.of_minor(round(exact * 10 ** digits[pair[1]]), pair[1])
