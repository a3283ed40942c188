"""Forecasts on every store: whose figure it is, what managers put beside it, and what changed between submissions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

import crmkit
from crmkit import (
    Crm,
    ExchangeRate,
    ForecastAdjustment,
    ForecastLine,
    Money,
    NotFound,
    Opportunity,
    Policy,
    Prospect,
    Refused,
    SalesForecast,
    Salesperson,
    SalesTeam,
    TeamAssignment,
)
from crmkit.testing.clocks import ManualClock

in_memory = pytest.mark.parametrize("store_name", ["memory"], indirect=True)
"""For what no engine decides."""


def eur(amount: int) -> Money:
    """An amount in euros."""
    return Money(amount, "EUR")


@pytest.fixture
def forecast(crm: Crm) -> SalesForecast:
    """Ana's: 100 at 50 % and 200 at 10 %, both hers, and 1,000 at 10 % of Ben's; her first line is overridden by 60."""
    crm.sales_periods.make_year(2026, kind="quarter")
    cleo = crm.salespersons.add(Salesperson(name="Cleo", user="cleo"))
    ana = crm.salespersons.add(Salesperson(name="Ana", user="ana", manager=cleo.id))
    ben = crm.salespersons.add(Salesperson(name="Ben", user="ben", manager=ana.id))
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    made = [
        crm.opportunities.add(
            Opportunity(
                description=f"{value} for e-bikes",
                account=account,
                salesperson=owner.id,
                estimated_value=eur(value),
                probability=probability,
                projected_close=date(2026, 3, 20),
            )
        )
        for owner, value, probability in ((ana, 100, 50), (ana, 200, 10), (ben, 1000, 10))
    ]
    period = next(crm.sales_periods.all(code="2026-Q1"))
    found = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
    found = crm.sales_forecasts.add_opportunities(found.id, [one.id for one in made])
    line = next(one for one in found.lines if one.opportunity == made[0].id)
    crm.forecast_lines.update(line, override=eur(60))
    return crm.sales_forecasts.get(found.id)


def views(crm: Crm, forecast: SalesForecast) -> list[int]:
    """The four views and the weighted figure, in whole euros."""
    found = crm.sales_forecasts.figures(forecast.id)
    amounts = (
        found.owner_only,
        found.without_adjustments,
        found.weighted,
        found.without_manager_adjustments,
        found.with_all_adjustments,
    )
    return [int(one.amount) for one in amounts]


def adjust(crm: Crm, forecast: SalesForecast, by: str, **values: Money) -> ForecastAdjustment:
    """Put an adjustment beside the forecast."""
    return crm.forecast_adjustments.add(ForecastAdjustment(forecast=forecast.id, by=by, **values))


def test_the_owners_figure_and_the_managers_stand_beside_each_other(
    crm: Crm, forecast: SalesForecast, clock: ManualClock
) -> None:
    """Drafts, submitted and approved ones have all views; taking the adjustments away gives what was there before."""
    assert views(crm, forecast) == [70, 170, 180, 180, 180]
    mine = adjust(crm, forecast, "ana", difference=eur(5))
    clock.tick(hours=1)
    theirs = adjust(crm, forecast, "cleo", amount=eur(150))
    clock.tick(hours=1)
    last = adjust(crm, forecast, "ana", difference=eur(1))
    expected = [70, 170, 180, 186, 151]
    assert views(crm, forecast) == expected
    crm.sales_forecasts.submit(forecast.id)
    assert views(crm, forecast) == expected
    then = crm.now()
    clock.tick(hours=1)
    crm.sales_forecasts.approve(forecast.id)
    for one in (theirs, mine, last):
        crm.forecast_adjustments.delete(one.id)
    assert views(crm, forecast) == [70, 170, 180, 180, 180]
    assert views(crm.as_of(then), forecast) == expected


@in_memory
def test_what_is_the_owners_own_is_frozen_too(crm: Crm, forecast: SalesForecast) -> None:
    """Whoever has the opportunity later, a submitted forecast says whose it was."""
    crm.sales_forecasts.submit(forecast.id)
    for one in list(crm.opportunities.all()):
        crm.opportunities.update(one, salesperson=None)
    assert views(crm, forecast) == [70, 170, 180, 180, 180]
    crm.sales_forecasts.reopen(forecast.id)
    assert views(crm, forecast)[0] == 0


@in_memory
def test_a_teams_own_are_those_assigned_to_it(crm: Crm, forecast: SalesForecast) -> None:
    """Its leader's adjustments are the owner's, all others a manager's."""
    (cleo,) = crm.salespersons.find(name="Cleo")
    team = crm.sales_teams.add(SalesTeam(name="North", leader=cleo.id))
    first, *_, last = crm.sales_forecasts.get(forecast.id).lines
    crm.team_assignments.add(TeamAssignment(target=last.opportunity, holder=team.id))
    theirs = crm.sales_forecasts.add(SalesForecast(owner=team.id, period=forecast.period))
    crm.sales_forecasts.add_opportunities(theirs.id, [first.opportunity, last.opportunity])
    adjust(crm, theirs, "cleo", difference=eur(10))
    adjust(crm, theirs, "ana", difference=eur(3))
    whole = [100, 150, 150, 160, 163]
    assert views(crm, theirs) == whole
    crm.sales_forecasts.submit(theirs.id)
    assert views(crm, theirs) == whole


@in_memory
def test_no_setting_deletes_an_adjustment(crm: Crm, forecast: SalesForecast) -> None:
    """Another manager, owner, user, currency or policy, submitting and reopening: what was put beside it stays."""
    made = [adjust(crm, forecast, "cleo", difference=eur(5)), adjust(crm, forecast, "dan", amount=eur(9))]
    crm.salespersons.update(crm.salespersons.get(forecast.owner), manager=None, user="")
    (ben,) = crm.salespersons.find(name="Ben")
    crm.exchange_rates.add(
        ExchangeRate(from_currency="EUR", to_currency="USD", day=date(2026, 1, 1), rate=Decimal("1.1"))
    )
    draft = crm.sales_forecasts.get(forecast.id)
    crm.sales_forecasts.update(draft, owner=ben.id, currency="USD")
    crm.sales_forecasts.submit(forecast.id)
    crm.sales_forecasts.reopen(forecast.id)
    other = crmkit.connect(crm.store, clock=crm.settings.clock, currency="USD", policy=Policy(order_wins=True))
    assert {one.id for one in other.forecast_adjustments.all()} == {one.id for one in made}
    draft = crm.sales_forecasts.get(forecast.id)
    crm.sales_forecasts.update(draft, owner=forecast.owner, currency="EUR")
    assert views(crm, forecast)[-1] == 9


def test_submissions_are_found_in_the_history(crm: Crm, forecast: SalesForecast, clock: ManualClock) -> None:
    """Each with its frozen lines and the adjustments made while it stood, also where lines are gone since."""
    clock.tick(hours=1)
    crm.sales_forecasts.submit(forecast.id)
    clock.tick(hours=1)
    passing = adjust(crm, forecast, "cleo", difference=eur(-30))
    then = crm.now()
    clock.tick(hours=1)
    crm.sales_forecasts.reopen(forecast.id)
    crm.forecast_adjustments.delete(passing.id)
    first, second, third = crm.sales_forecasts.get(forecast.id).lines
    deals = {one.id: one for one in crm.opportunities.get_many([line.opportunity for line in (first, second, third)])}
    crm.forecast_lines.delete(second.id)
    crm.opportunities.update(deals[third.opportunity], estimated_value=eur(500))
    clock.tick(hours=1)
    fresh = crm.opportunities.add(
        Opportunity(
            description="more", account=deals[first.opportunity].account, estimated_value=eur(70), probability=100
        )
    )
    crm.sales_forecasts.add_opportunities(forecast.id, [fresh.id])
    crm.sales_forecasts.submit(forecast.id)
    clock.tick(hours=1)
    crm.sales_forecasts.approve(forecast.id)

    one, two = crm.sales_forecasts.submissions(forecast.id)
    assert (one.number, two.number, two.until) == (1, 2, None)
    instants = [one.at, then, one.until, two.at, two.approved_at]
    assert instants == sorted(set(filter(None, instants)))
    assert (one.figures.gross, one.figures.weighted, one.figures.with_all_adjustments) == (
        eur(1300),
        eur(180),
        eur(150),
    )
    assert (two.figures.gross, two.figures.weighted, two.figures.with_all_adjustments) == (eur(670), eur(180), eur(180))

    found = crm.sales_forecasts.compare(forecast.id, 1, 2)
    assert [line.opportunity for line in found.removed] == [second.opportunity]
    assert [line.opportunity for line in found.added] == [fresh.id]
    (changed,) = found.changed
    assert (changed.opportunity, changed.fields) == (third.opportunity, ("value",))
    assert (changed.gross, changed.weighted) == (eur(-500), eur(-50))
    assert (found.gross, found.weighted, found.adjustments) == (eur(-630), eur(0), eur(30))
    assert crm.sales_forecasts.compare(forecast.id) == found, "as it stands, the second submission"

    (past,) = crm.as_of(then).sales_forecasts.submissions(forecast.id)
    assert (past.until, past.figures.with_all_adjustments) == (None, eur(150))


def test_a_submission_against_the_draft_as_it_stands(crm: Crm, forecast: SalesForecast, clock: ManualClock) -> None:
    """Also within one open unit of work, where nobody else sees it yet."""
    with pytest.raises(NotFound, match="it was never submitted"):
        crm.sales_forecasts.compare(forecast.id)
    clock.tick(hours=1)
    crm.sales_forecasts.submit(forecast.id)
    clock.tick(hours=1)
    with crm.begin() as work:
        work.sales_forecasts.reopen(forecast.id)
        line = next(one for one in work.sales_forecasts.get(forecast.id).lines if one.override)
        work.opportunities.win(line.opportunity)
        found = work.sales_forecasts.compare(forecast.id)
    assert (found.gross, found.weighted) == (eur(0), eur(40))
    (changed,) = found.changed
    assert (changed.opportunity, changed.fields[-1]) == (line.opportunity, "category")
    assert "status" in changed.fields
    with pytest.raises(NotFound, match="it has 1"):
        crm.sales_forecasts.compare(forecast.id, 1, 2)


@in_memory
def test_only_submitting_writes_the_snapshot(crm: Crm, forecast: SalesForecast) -> None:
    """What is frozen is read from the opportunity, never told: by hand it is refused, field by field."""
    line = forecast.lines[0]
    with pytest.raises(Refused) as raised:
        crm.forecast_lines.update(line, value=eur(1), own=True, rate=Decimal(2))
    assert {(one.code, one.field) for one in raised.value.findings} == {
        ("by-submitting", name) for name in ("value", "own", "rate")
    }
    fresh = crm.opportunities.add(
        Opportunity(description="more", account=crm.opportunities.get(line.opportunity).account)
    )
    with pytest.raises(Refused, match="is written by submitting the forecast"):
        crm.forecast_lines.add(ForecastLine(forecast=forecast.id, opportunity=fresh.id, probability=50))
    assert crm.forecast_lines.update(line, note="sure").note == "sure"


@in_memory
def test_of_an_approved_forecast_it_is_said_what_can_be_done(crm: Crm, forecast: SalesForecast) -> None:
    """It is not reopened, so nobody is told to: an adjustment beside it is what there is."""
    line = forecast.lines[0]
    crm.sales_forecasts.submit(forecast.id)
    approved = crm.sales_forecasts.approve(forecast.id)
    edits: list[Callable[[], object]] = [
        lambda: crm.forecast_lines.update(crm.forecast_lines.get(line.id), override=eur(3)),
        lambda: crm.sales_forecasts.update(approved, currency="USD"),
        lambda: crm.sales_forecasts.add_opportunities(forecast.id, [line.opportunity]),
    ]
    for edit in edits:
        with pytest.raises(Refused, match="is approved: that is final; an adjustment may be put beside it") as refused:
            edit()
        assert "reopen" not in str(refused.value)
    before = crm.sales_forecasts.figures(forecast.id).with_all_adjustments
    crm.forecast_adjustments.add(ForecastAdjustment(forecast=forecast.id, by="cleo", difference=eur(1)))
    assert crm.sales_forecasts.figures(forecast.id).with_all_adjustments == before + eur(1)


@in_memory
def test_a_forecast_that_changed_its_currency_is_not_compared(
    crm: Crm, forecast: SalesForecast, clock: ManualClock
) -> None:
    """Figures in two currencies have no difference: the refusal names both."""
    crm.sales_forecasts.submit(forecast.id)
    clock.tick(hours=1)
    draft = crm.sales_forecasts.reopen(forecast.id)
    crm.sales_forecasts.update(draft, currency="USD")
    rates = {("EUR", "USD"): 2}
    assert crm.sales_forecasts.figures(forecast.id, rates=rates).gross == Money(2600, "USD")
    with pytest.raises(Refused, match="it was in EUR and then in USD"):
        crm.sales_forecasts.compare(forecast.id, rates=rates)


@in_memory
def test_figures_print_as_tables(crm: Crm, forecast: SalesForecast, clock: ManualClock) -> None:
    """With their lines, totals, adjustments and views; hostile text is escaped."""
    crm.forecast_adjustments.add(
        ForecastAdjustment(forecast=forecast.id, by="cleo", difference=eur(-30), note="<b>too high</b>\x1b[2J")
    )
    crm.sales_forecasts.submit(forecast.id)
    clock.tick(hours=1)
    figures = crm.sales_forecasts.figures(forecast.id)
    said, html = str(figures), figures._repr_html_()
    assert "cleo: <b>too high</b>" in said
    assert "\x1b" not in said
    assert "<b>" not in html
    assert "with all adjustments" in html
    rows = figures.to_rows()
    assert sum(row["gross"] for row in rows) == figures.gross.amount
    assert sum(row["weighted"] for row in rows) == figures.weighted.amount
    assert list(figures.to_pandas().columns) == list(rows[0])
    crm.sales_forecasts.reopen(forecast.id)
    comparison = crm.sales_forecasts.compare(forecast.id)
    assert str(comparison).count("same") == comparison._repr_html_().count("same") == 3
    assert [row["change"] for row in comparison.to_rows()] == ["same"] * 3
    assert list(comparison.to_pandas().columns) == list(comparison.to_rows()[0])
