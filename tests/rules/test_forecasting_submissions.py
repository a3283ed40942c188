"""Views of a forecast, adjustments, and what lies between two submissions."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities import (
    ForecastAdjustment,
    ForecastLine,
    Money,
    Opportunity,
    OpportunityStatus,
    SalesForecast,
    evolve,
)
from crmkit.errors import Invalid
from crmkit.forecasting import RatePolicy, Valuation, compare, forecast_figures
from crmkit.forecasting.submissions import COMPARED, spells
from crmkit.periods import year_periods
from crmkit.repositories.store import Past

ANA, BEN = UUID(int=901), UUID(int=902)
PERIOD = evolve(year_periods(2026, "quarter")[-1], id=UUID(int=800))
FORECAST = SalesForecast(id=UUID(int=700), number="F1", owner=ANA, period=PERIOD.id, currency="EUR")
CODES = [OpportunityStatus(code=code, category=code) for code in ("open", "won", "lost")]
VALUATION = Valuation.of(CODES, currency="EUR", today=date(2026, 10, 5))
START = datetime(2026, 10, 5, 12, tzinfo=UTC)


def eur(minor):
    return Money.of_minor(minor, "EUR")


@st.composite
def parts(draw):
    """Opportunities with their lines, some overridden; adjustments by the owner and by two managers."""
    deals, lines = [], []
    for number in draw(st.lists(st.integers(1, 8), unique=True, max_size=6)):
        deals.append(
            Opportunity(
                id=UUID(int=number),
                account=UUID(int=1),
                description="a deal",
                status=draw(st.sampled_from(["open", "open", "won", "lost"])),
                estimated_value=draw(st.none() | st.integers(0, 10**6).map(eur)),
                probability=draw(st.none() | st.integers(0, 100)),
                salesperson=draw(st.sampled_from([ANA, BEN, None])),
                projected_close=draw(st.sampled_from([None, date(2026, 11, 1), date(2027, 1, 1)])),
            )
        )
        override = draw(st.none() | st.integers(0, 10**6).map(eur))
        lines.append(ForecastLine(id=UUID(int=500 + number), opportunity=deals[-1].id, override=override))
    return deals, lines


@st.composite
def adjustments(draw):
    made = []
    for number in range(draw(st.integers(0, 5))):
        name = draw(st.sampled_from(["amount", "difference"]))
        made.append(
            ForecastAdjustment(
                id=UUID(int=600 + number),
                forecast=FORECAST.id,
                by=draw(st.sampled_from(["ana", "cleo", "dan"])),
                at=START + timedelta(minutes=draw(st.integers(0, 5))),
                **{name: eur(draw(st.integers(-(10**6), 10**6)))},
            )
        )
    return made


def figures(held, made=()):
    deals, lines = held
    return forecast_figures(
        FORECAST,
        period=PERIOD,
        lines=lines,
        opportunities={one.id: one for one in deals},
        valuation=VALUATION,
        adjustments=made,
        owner_users=["ana"],
    )


def product(deal):
    """Value × probability in cents, half-even, by fractions."""
    share = {"won": Fraction(1), "lost": Fraction(0)}.get(deal.status)
    if share is None:
        share = Fraction(deal.probability.value) / 100 if deal.probability is not None else Fraction(0)
    return round((deal.estimated_value.minor if deal.estimated_value else 0) * share)


def in_order(start, made):
    """The figure after adjustments, taken one by one."""
    for one in sorted(made, key=lambda one: (one.at, one.id)):
        start = one.amount.minor if one.amount is not None else start + one.difference.minor
    return start


@given(held=parts(), made=adjustments())
def test_the_four_views_are_what_the_field_means_by_them(held, made):
    """The owner's own without anything; all without anything; with overrides and the owner's adjustments; with all."""
    deals, lines = held
    found = figures(held, made)
    expected = {line.opportunity: line.override for line in lines if line.override is not None}
    weighted = sum(
        expected[one.id].minor if one.id in expected and one.status == "open" else product(one) for one in deals
    )
    assert found.owner_only.minor == sum(product(one) for one in deals if one.salesperson == ANA)
    assert found.without_adjustments.minor == sum(map(product, deals))
    assert found.weighted.minor == weighted
    assert found.without_manager_adjustments.minor == in_order(weighted, [one for one in made if one.by == "ana"])
    assert found.with_all_adjustments.minor == in_order(weighted, made)
    assert sum(one.effect.minor for one in found.adjustments) == found.with_all_adjustments.minor - weighted


@given(held=parts(), made=adjustments(), data=st.data())
def test_taking_adjustments_away_restores_the_number_exactly(held, made, data):
    """Whatever was added, in whatever order it goes, what remains gives what it gave alone."""
    kept = data.draw(st.lists(st.sampled_from(made), unique=True) if made else st.just([]))
    before = figures(held, kept)
    more = figures(held, [*kept, *(one for one in made if one not in kept)])
    assert figures(held, [one for one in made if one in kept]) == before
    assert figures(held) == attrs.evolve(
        more, adjustments=(), without_manager_adjustments=more.weighted, with_all_adjustments=more.weighted
    )


@given(first=parts(), second=parts(), third=parts(), made=adjustments())
def test_what_lies_between_two_states_adds_up_and_composes(first, second, third, made):
    """Line by line it sums to the difference of the totals, and two steps come to the one from end to end."""
    one, two, three = figures(first), figures(second, made), figures(third)
    for before, after in ((one, two), (two, three), (one, three)):
        found = compare(before, after)
        for name in ("gross", "weighted"):
            moved = sum(getattr(line, name).minor for line in found.lines)
            assert moved == found.total(name).minor == getattr(after, name).minor - getattr(before, name).minor
        by_change = [found.added, found.removed, found.changed, found.of("same")]
        assert sorted(str(line.opportunity) for lines in by_change for line in lines) == sorted(
            str(line.opportunity) for line in found.lines
        )
        assert {line.opportunity for line in found.added} == ids(after) - ids(before)
        assert {line.opportunity for line in found.removed} == ids(before) - ids(after)
    for name in COMPARED:
        whole = compare(one, three).total(name)
        assert compare(one, two).total(name) + compare(two, three).total(name) == whole
    back = compare(two, one)
    assert [
        (-line.gross.minor, -line.weighted.minor) for line in sorted(back.lines, key=lambda one: one.opportunity)
    ] == [
        (line.gross.minor, line.weighted.minor)
        for line in sorted(compare(one, two).lines, key=lambda one: one.opportunity)
    ]


def ids(figures):
    return {one.line.opportunity for one in figures.lines}


@given(held=parts(), made=adjustments())
def test_nothing_lies_between_a_state_and_itself(held, made):
    """No line, no adjustment and no total has changed."""
    found = compare(figures(held, made), figures(held, made))
    assert found.lines == found.of("same")
    assert {found.total(name).minor for name in COMPARED} == {0}
    assert found.adjustments == eur(0)


def test_what_changed_is_named():
    """The fields that people change are told by name, whether they move a figure or not."""
    deal = Opportunity(
        id=UUID(int=1),
        account=UUID(int=1),
        description="a deal",
        status="open",
        estimated_value=eur(100),
        probability=0,
    )
    line = ForecastLine(opportunity=deal.id)
    before = figures(([deal], [line]))
    later = evolve(deal, projected_close=date(2026, 12, 1), forecast_category="commit", probability=50, status="won")
    (found,) = compare(before, figures(([later], [evolve(line, override=eur(7))]))).changed
    assert found.fields == ("probability", "close_date", "status", "category", "override")
    assert (found.gross, found.weighted) == (eur(0), eur(100))


def test_rates_and_owners_that_changed_are_named():
    """They move figures of the whole by themselves: a rate alone, that of an override that counts, an owner alone."""
    deal = Opportunity(
        id=UUID(int=1),
        account=UUID(int=1),
        description="a deal",
        salesperson=ANA,
        status="open",
        estimated_value=Money.of_minor(100, "USD"),
        probability=50,
        projected_close=date(2026, 11, 1),
    )
    line = ForecastLine(opportunity=deal.id)

    def at(rate, deal=deal, line=line):
        valued = attrs.evolve(VALUATION, policy=RatePolicy.of({("USD", "EUR"): rate}))
        return forecast_figures(FORECAST, period=PERIOD, lines=[line], opportunities={deal.id: deal}, valuation=valued)

    overridden = evolve(line, override=Money.of_minor(30, "USD"))
    in_euros = evolve(deal, estimated_value=eur(100))
    for before, after, fields, owner_only in (
        (at("0.9"), at("0.5"), ("rate",), eur(-20)),
        (at("0.9", line=overridden), at("0.5", line=overridden), ("rate",), eur(-20)),
        (at("0.9", in_euros, overridden), at("0.5", in_euros, overridden), ("rate",), eur(0)),
        (at(1), at(1, evolve(deal, salesperson=None)), ("owner",), eur(-50)),
        (at(1), at(1, evolve(deal, salesperson=None), overridden), ("override", "owner"), eur(-50)),
        (at("0.9"), at("0.5", in_euros), ("value",), eur(5)),
        (at("0.9", evolve(deal, estimated_value=None)), at("0.5"), ("value",), eur(25)),
        (at("0.9"), at("0.9"), (), eur(0)),
    ):
        (found,) = compare(before, after).lines
        assert (found.fields, found.change) == (fields, "changed" if fields else "same")
        assert compare(before, after).total("owner_only") == owner_only
        assert ", ".join(fields) in str(compare(before, after))


def test_two_forecasts_are_not_compared():
    """Nor one in two currencies."""
    one = figures(([], []))
    other = attrs.evolve(one, forecast=evolve(FORECAST, id=UUID(int=701)))
    with pytest.raises(ValueError, match="not two forecasts"):
        compare(one, other)
    with pytest.raises(ValueError, match="was in USD and is in EUR"):
        compare(attrs.evolve(one, currency="USD"), one)
    with pytest.raises(Invalid, match="is one of gross"):
        compare(one, one).total("grossness")


def test_a_submission_lasts_until_the_forecast_is_reopened():
    """Drafts between them are none; edits of a submitted one and its approval are within it."""
    told = ["draft", "draft", "submitted", "submitted", "draft", "submitted", "approved"]
    states = [
        Past(evolve(FORECAST, status=status, version=place, recorded_at=START + timedelta(hours=place)), None)
        for place, status in enumerate(told)
    ]
    hours = [
        tuple(None if at is None else (at - START) // timedelta(hours=1) for at in (one.at, one.approved_at, one.until))
        for one in spells(states)
    ]
    assert hours == [(2, None, 4), (5, 6, None)]
    fleeting = [Past(evolve(FORECAST, status=one, recorded_at=START), None) for one in ("submitted", "draft")]
    assert spells([*fleeting, *states]) == spells(states)
