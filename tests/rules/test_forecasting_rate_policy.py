"""At which day's rate other currencies count."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities import ExchangeRate, ForecastAdjustment, Money, Percent
from crmkit.errors import Invalid, Refused
from crmkit.forecasting import RatePolicy, Valuation, adjusted

TODAY, CLOSE, TAKEN, PLAN = date(2026, 10, 5), date(2026, 11, 1), date(2026, 9, 1), date(2026, 1, 1)
RATE_OF = {PLAN: "0.5", TAKEN: "0.6", TODAY: "0.7", CLOSE: "0.8"}
RATES = [
    ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=Decimal(rate)) for day, rate in RATE_OF.items()
]
DOLLARS = Money(100, "USD")


def valued(given, rates=RATES, currency="EUR", zone=UTC):
    return Valuation.of((), currency=currency, today=TODAY, rates=rates, policy=RatePolicy.of(given), zone=zone)


@pytest.mark.parametrize(
    ("policy", "day"), [("close", CLOSE), ("snapshot", TAKEN), ("today", TODAY), (PLAN, PLAN), (RatePolicy(), CLOSE)]
)
def test_the_policy_says_whose_days_rate_counts(policy, day):
    """Of the close date, of the day it was taken down, of today, or of the plan's day; that is the whole difference."""
    held = valued(policy).taken(TAKEN)
    assert held.convert(DOLLARS, CLOSE) == Money(Decimal(100) * Decimal(RATE_OF[day]), "EUR")


@pytest.mark.parametrize("policy", ["close", "snapshot", "today"])
def test_what_stands_as_it_is_and_has_no_day_counts_at_todays_rate(policy):
    """Without a close date, and without a snapshot, there is no other day."""
    assert valued(policy).convert(DOLLARS, None) == Money(70, "EUR")


def test_rates_that_are_handed_in_hold_for_every_day_and_alone():
    """No rate on file is looked at beside them."""
    handed = valued({("USD", "EUR"): "0.25"})
    assert {handed.convert(DOLLARS, day) for day in (None, date.min, PLAN, CLOSE, date.max)} == {Money(25, "EUR")}
    with pytest.raises(Refused, match="no rate from GBP to EUR for any day: hand one in"):
        handed.convert(Money(1, "GBP"), CLOSE)


def test_a_plan_may_bring_its_own_records():
    """As when a past pipeline is counted at rates that were not known then."""
    later = [ExchangeRate(from_currency="USD", to_currency="EUR", day=TODAY, rate=Decimal("0.9"))]
    assert valued(RatePolicy.plan(TODAY, later), rates=()).convert(DOLLARS, CLOSE) == Money(90, "EUR")


@pytest.mark.parametrize("policy", ["close", "snapshot", "today", date(2025, 1, 1)])
def test_a_missing_rate_names_the_pair_the_day_and_the_record(policy):
    """The day is the one whose rate the policy wants, since that is the rate to add."""
    held = valued(policy, rates=()).taken(TAKEN)
    day = {"close": CLOSE, "snapshot": TAKEN, "today": TODAY}.get(policy, date(2025, 1, 1))
    with pytest.raises(Refused, match=f"no rate from USD to EUR on or before {day}") as raised:
        held.convert(DOLLARS, CLOSE, record=UUID(int=7))
    assert [(one.code, one.record) for one in raised.value.findings] == [("no-rate", UUID(int=7))]


@pytest.mark.parametrize(
    "given",
    [
        "closing",
        "plan",
        7,
        None,
        datetime(2026, 1, 1, tzinfo=UTC),
        {"USD": "0.9"},
        {("USD", "EUR"): 0.9},
        {("USD", "EUR"): "0"},
        {("USD", "XYZ"): "1"},
    ],
)
def test_what_is_no_policy_is_told(given):
    """A word that there is not, an instant, a rate without its pair, a float, nothing, an unknown currency."""
    with pytest.raises(Invalid):
        RatePolicy.of(given)


@pytest.mark.parametrize("given", [("plan", None), ("today", PLAN)])
def test_plan_rates_have_a_day_and_no_others_do(given):
    """A policy that says half of it is none."""
    with pytest.raises(Invalid, match="is given for plan rates"):
        RatePolicy(*given)


def test_an_adjustments_day_is_the_one_in_the_applications_zone():
    """Made at 23:30 UTC on the 4th, it is of the 5th in Madrid."""
    late = ForecastAdjustment(
        forecast=UUID(int=1), by="cleo", at=datetime(2026, 10, 4, 23, 30, tzinfo=UTC), difference=DOLLARS
    )
    for zone, rate in ((UTC, 60), (ZoneInfo("Europe/Madrid"), 70)):
        assert adjusted(Money(0, "EUR"), [late], valued("close", zone=zone)) == Money(rate, "EUR")


@given(
    minor=st.integers(0, 10**9),
    rate=st.decimals("0.0001", "1000", places=4),
    points=st.integers(0, 10_000),
    policy=st.sampled_from(["close", "snapshot", "today", PLAN]),
)
def test_whatever_the_policy_a_figure_is_exact(minor, rate, points, policy):
    """Converted and weighted it is what fractions give, rounded half-even twice."""
    records = [ExchangeRate(from_currency="USD", to_currency="JPY", day=PLAN, rate=rate)]
    held = valued(policy, currency="JPY", rates=records)
    converted = round(Fraction(minor, 100) * Fraction(rate))
    found = held.convert(Money.of_minor(minor, "USD"), CLOSE)
    assert found == Money(converted, "JPY")
    assert found.weighted(Percent.of_basis_points(points)) == Money(round(converted * Fraction(points, 10_000)), "JPY")
