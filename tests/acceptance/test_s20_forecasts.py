"""Sales forecasts and periods: exact totals, which opportunities belong on them, and what freezes when."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from crmkit import (
    Crm,
    Duplicate,
    ForecastLine,
    Invalid,
    Money,
    Opportunity,
    Prospect,
    Refused,
    SalesForecast,
    SalesPeriod,
    Salesperson,
    SalesTeam,
    TeamAssignment,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
DAY = timedelta(days=1)


def eur(amount: str) -> Money:
    """An amount in euros."""
    return Money(amount, "EUR")


@pytest.fixture
def period(crm: Crm) -> SalesPeriod:
    """The first quarter of 2026."""
    return crm.sales_periods.add(SalesPeriod(code="2026-Q1", kind="quarter", starts_on=FIRST, ends_on=LAST))


@pytest.fixture
def ana(crm: Crm) -> Salesperson:
    """Who owns the forecast."""
    return crm.salespersons.add(Salesperson(name="Ana"))


@pytest.fixture
def forecast(crm: Crm, period: SalesPeriod, ana: Salesperson) -> SalesForecast:
    """Ana's forecast of the quarter."""
    return crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))


@pytest.fixture
def chance(crm: Crm, ana: Salesperson) -> Callable[..., Opportunity]:
    """Makes an opportunity of Ana's that closes within the quarter, unless said otherwise."""
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id

    def make(**values: Any) -> Opportunity:
        return crm.opportunities.add(
            Opportunity(
                **{
                    "description": "E-bikes",
                    "account": account,
                    "salesperson": ana.id,
                    "projected_close": date(2026, 3, 20),
                    "estimated_value": eur("100"),
                    "probability": 50,
                    **values,
                }
            )
        )

    return make


def test_s20_totals_are_exact(crm: Crm, forecast: SalesForecast, chance: Callable[..., Opportunity]) -> None:
    """Weighted is value times probability, rounded half-even a line; totals are the sums of the rounded figures."""
    for value, probability in (("0.25", 10), ("0.35", 10), ("0.45", "10"), ("999999999.99", "33.33"), ("7", "0.5")):
        chance(estimated_value=eur(value), probability=probability)
    chance(estimated_value=eur("10"), probability=None, stage="proposal")  # the stage's 50 %
    chance(estimated_value=None)
    chance(estimated_value=eur("3"), probability=None)
    crm.sales_forecasts.add_opportunities(forecast.id)

    figures = crm.sales_forecasts.figures(forecast.id)
    weighted = ["0.02", "0.04", "0.04", "333300000.00", "0.04", "5.00", "0.00", "0.00"]
    assert [str(line.figures.weighted.amount) for line in figures.lines] == weighted
    assert figures.weighted == eur("333300005.14")
    assert figures.gross == figures.open == eur("1000000021.04")
    assert (figures.count, len(figures.incomplete)) == (8, 2)
    assert {missing for one in figures.incomplete for missing in one.missing} == {"estimated_value", "probability"}


def test_s20_a_draft_follows_a_submitted_forecast_does_not(
    crm: Crm, forecast: SalesForecast, chance: Callable[..., Opportunity]
) -> None:
    """A draft's figures follow the opportunity, a submitted forecast's stay; reopened, they follow again."""
    one, other = chance(estimated_value=eur("100"), probability=50), chance(estimated_value=eur("10"), probability=10)
    crm.sales_forecasts.add_opportunities(forecast.id)

    def totals() -> tuple[Money, Money, Money]:
        figures = crm.sales_forecasts.figures(forecast.id)
        return figures.gross, figures.weighted, figures.won

    assert totals() == (eur("110"), eur("51"), eur("0"))
    one = crm.opportunities.update(one, estimated_value=eur("200"), stage="closing")
    assert totals() == (eur("210"), eur("101"), eur("0"))
    crm.opportunities.lose(other.id)
    assert totals() == (eur("210"), eur("100"), eur("0")), "a lost one stays, at 0 %"

    submitted = crm.sales_forecasts.submit(forecast.id)
    assert submitted.status == "submitted"
    line = submitted.lines[0]
    assert (line.value, line.probability, line.close_date, line.status, line.stage, line.account) == (
        one.estimated_value,
        one.probability,
        one.projected_close,
        one.status,
        one.stage,
        one.account,
    )
    crm.opportunities.update(one, estimated_value=eur("999"), probability=90)
    crm.opportunities.win(one.id)
    assert totals() == (eur("210"), eur("100"), eur("0"))
    assert crm.sales_forecasts.get(forecast.id) == submitted

    reopened = crm.sales_forecasts.reopen(forecast.id)
    assert (reopened.status, reopened.lines[0].value) == ("draft", None)
    assert totals() == (eur("1009"), eur("999"), eur("999"))


def test_s20_an_override_replaces_the_weighted_figure_alone(
    crm: Crm, forecast: SalesForecast, chance: Callable[..., Opportunity]
) -> None:
    """A line's override stands for its weighted figure; its gross figure stays."""
    forecast = crm.sales_forecasts.add_opportunities(forecast.id, [chance().id])
    crm.forecast_lines.update(forecast.lines[0], override=eur("80"))
    figures = crm.sales_forecasts.figures(forecast.id)
    assert (figures.gross, figures.weighted) == (eur("100"), eur("80"))


def test_s21_candidates_of_the_period(
    crm: Crm, forecast: SalesForecast, ana: Salesperson, chance: Callable[..., Opportunity]
) -> None:
    """Candidates are open, close inside the period, both ends included, and are the owner's or assigned to them."""
    ben = crm.salespersons.add(Salesperson(name="Ben"))
    first, last = chance(projected_close=FIRST), chance(projected_close=LAST)
    chance(projected_close=FIRST - DAY)
    chance(projected_close=LAST + DAY)
    chance(projected_close=None)
    crm.opportunities.lose(chance().id)
    crm.opportunities.win(chance().id)
    of_ben = chance(salesperson=ben.id)
    assigned = chance(salesperson=ben.id)
    crm.team_assignments.add(TeamAssignment(target=assigned.id, holder=ana.id))
    assert [one.id for one in crm.sales_forecasts.candidates(forecast.id)] == [first.id, assigned.id, last.id]

    team = crm.sales_teams.add(SalesTeam(name="North"))
    crm.team_assignments.add(TeamAssignment(target=of_ben.id, holder=team.id))
    of_team = crm.sales_forecasts.add(SalesForecast(owner=team.id, period=forecast.period))
    assert [one.id for one in crm.sales_forecasts.candidates(of_team.id)] == [of_ben.id]

    filled = crm.sales_forecasts.add_opportunities(forecast.id)
    assert [line.opportunity for line in filled.lines] == [first.id, assigned.id, last.id]
    assert crm.sales_forecasts.candidates(forecast.id) == []
    assert crm.sales_forecasts.add_opportunities(forecast.id) == filled


def test_s21_once_only_open_only_draft_only(
    crm: Crm, forecast: SalesForecast, everything: Any, chance: Callable[..., Opportunity]
) -> None:
    """An opportunity is added once; a duplicate, a lost one and any to a forecast that is no draft are rejected."""
    one, outside, lost = chance(), chance(projected_close=LAST + DAY, salesperson=None), chance()
    crm.opportunities.lose(lost.id)
    crm.sales_forecasts.add_opportunities(forecast.id, [one.id])
    filled = crm.sales_forecasts.add_opportunities(forecast.id, [outside.id])
    assert [line.opportunity for line in filled.lines] == [one.id, outside.id], "explicit ones may break the filter"
    flagged = [line.out_of_period for line in crm.sales_forecasts.figures(forecast.id).lines]
    assert flagged == [False, True]

    other = chance()
    before = everything(crm)
    for chosen, code in (([one.id], "on-it-already"), ([other.id, other.id], "on-it-already"), ([lost.id], "not-open")):
        with pytest.raises(Refused) as refused:
            crm.sales_forecasts.add_opportunities(forecast.id, [other.id, *chosen] if code == "not-open" else chosen)
        assert code in {finding.code for finding in refused.value.findings}
    with pytest.raises(Duplicate):
        crm.forecast_lines.add(ForecastLine(forecast=forecast.id, opportunity=one.id))
    with pytest.raises(Refused, match="only open ones are added"):
        crm.forecast_lines.add(ForecastLine(forecast=forecast.id, opportunity=lost.id))
    assert everything(crm) == before

    crm.sales_forecasts.submit(forecast.id)
    for status, then in (("submitted", "reopen it first"), ("approved", "that is final")):
        before = everything(crm)
        for add in (
            lambda: crm.sales_forecasts.add_opportunities(forecast.id, [other.id]),
            lambda: crm.sales_forecasts.add_opportunities(forecast.id),
            lambda: crm.forecast_lines.add(ForecastLine(forecast=forecast.id, opportunity=other.id)),
            lambda: crm.forecast_lines.delete(filled.lines[0].id),
        ):
            with pytest.raises(Refused, match=f"{status}: {then}"):
                add()
        assert everything(crm) == before
        if status == "submitted":
            crm.sales_forecasts.approve(forecast.id)


def test_s22_sales_periods(crm: Crm, period: SalesPeriod, everything: Any) -> None:
    """A start after the end is rejected; both ends belong to the period; two of one kind do not overlap."""
    assert FIRST in period
    assert LAST in period
    assert FIRST - DAY not in period
    assert LAST + DAY not in period
    one_day = crm.sales_periods.add(SalesPeriod(code="A day", kind="other", starts_on=FIRST, ends_on=FIRST))
    assert FIRST in one_day
    crm.sales_periods.add(SalesPeriod(code="2026", kind="year", starts_on=FIRST, ends_on=date(2026, 12, 31)))
    crm.sales_periods.add(SalesPeriod(code="2026-Q2", kind="quarter", starts_on=LAST + DAY, ends_on=date(2026, 6, 30)))
    before = everything(crm)

    with pytest.raises(Invalid, match="must not be before the start"):
        SalesPeriod(code="Back", kind="quarter", starts_on=LAST, ends_on=FIRST)
    for starts_on, ends_on in (
        (LAST, LAST),
        (FIRST - DAY, FIRST),
        (FIRST + DAY, LAST - DAY),
        (FIRST - DAY, LAST + DAY),
        (FIRST, LAST),
    ):
        with pytest.raises(Refused, match="overlaps 2026-Q1, 2026-01-01 to 2026-03-31") as refused:
            crm.sales_periods.add(SalesPeriod(code="Over", kind="quarter", starts_on=starts_on, ends_on=ends_on))
        assert {finding.code for finding in refused.value.findings} == {"overlap"}
        assert period.id in {finding.record for finding in refused.value.findings}
    with pytest.raises(Refused, match="overlaps 2026-Q2"):
        crm.sales_periods.update(period, ends_on=LAST + DAY)
    assert everything(crm) == before
    assert crm.sales_periods.update(period, ends_on=LAST - DAY).ends_on == LAST - DAY
