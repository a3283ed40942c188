"""What a roll-up does with prices and values in other currencies, asked of every store."""

from datetime import date

import pytest

from crmkit import Crm, Item, Money, Opportunity, Prospect, Refused, SalesForecast, Salesperson
from crmkit.entities import ExchangeRate, OpportunityItem
from crmkit.testing.clocks import ManualClock

CLOSE = date(2026, 5, 4)


@pytest.fixture
def deal(crm: Crm) -> Opportunity:
    """One of 150 EUR, with two lines without a price: their items list 100 USD and 100 EUR."""
    crm.sales_periods.make_year(2026, kind="quarter")
    account = crm.prospects.add(Prospect(name="Acme Bikes"))
    seller = crm.salespersons.add(Salesperson(name="Ana"))
    made = crm.opportunities.add(
        Opportunity(
            description="a fleet",
            account=account.id,
            salesperson=seller.id,
            estimated_value=Money(150, "EUR"),
            probability=50,
            projected_close=CLOSE,
        )
    )
    for currency in ("USD", "EUR"):
        item = crm.items.add(Item(description=currency, unit_price=100, currency=currency))
        crm.opportunity_items.add(OpportunityItem(opportunity=made.id, item=item.id))
    return made


def test_a_list_price_in_another_currency_counts_at_the_rate_of_the_deals_day(crm: Crm, deal: Opportunity) -> None:
    """100 USD at 0.5 weigh half of 100 EUR: as it stands, on a forecast, explained, and at rates that are handed in."""
    rates = [("USD", "0.5", date(2026, 1, 1)), ("USD", "3", date(2026, 6, 1))]
    for source, rate, day in rates:
        crm.exchange_rates.add(ExchangeRate(from_currency=source, to_currency="EUR", day=day, rate=rate))
    (period,) = crm.sales_periods.all(code="2026-Q2")
    forecast = crm.sales_forecasts.add(SalesForecast(owner=deal.salesperson, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id)
    for asked in ({}, {"forecast_status": "draft"}):
        rolled = crm.forecasting.roll_up(by="item", **asked)
        assert {row.shown["item"]: str(row.gross) for row in rolled} == {"USD": "50.00 EUR", "EUR": "100.00 EUR"}
        for row in rolled:
            told = crm.forecasting.explain(by="item", key=row.key["item"], figure="gross", **asked)
            assert told.total == row.gross
    (plan, euros) = sorted(
        crm.forecasting.roll_up(by="item", rates={("USD", "EUR"): 2}), key=lambda row: -row.gross.minor
    )
    assert (str(plan.gross), str(euros.gross)) == ("100.00 EUR", "50.00 EUR")


def test_a_list_price_without_a_rate_is_refused_and_the_deal_named(crm: Crm, deal: Opportunity) -> None:
    """By item alone: nothing else needs it. The refusal says which pair, on which day, of which opportunity."""
    assert str(crm.forecasting.roll_up(by="salesperson").total.gross) == "150.00 EUR"
    (period,) = crm.sales_periods.all(code="2026-Q2")
    forecast = crm.sales_forecasts.add(SalesForecast(owner=deal.salesperson, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id)
    named = (
        rf"of opportunity {deal.number} a fleet \({deal.id}\) is refused: no rate from USD to EUR on or before {CLOSE}"
    )
    for asked in (crm.forecasting.roll_up, crm.forecasting.explain):
        for more in ({}, {"forecast_status": "draft"}):
            with pytest.raises(Refused, match=named) as refused:
                asked(by="item", **more)
            assert refused.value.findings[0].record == deal.id


def test_a_value_without_a_rate_is_refused_with_the_opportunity_of_the_smallest_id(crm: Crm) -> None:
    """The same on every store, whatever order its groups come in."""
    account = crm.prospects.add(Prospect(name="Acme Bikes"))
    made = crm.opportunities.add_many(
        [
            Opportunity(
                description="more", account=account.id, estimated_value=Money(amount, "USD"), projected_close=CLOSE
            )
            for amount in (90, 10, 50)
        ]
    ).records
    first = min(made, key=lambda one: one.id.int)
    for by in ((), "salesperson", "item"):
        with pytest.raises(Refused, match=rf"USD of opportunity {first.number} more \({first.id}\) is r") as refused:
            crm.forecasting.roll_up(by=by)
        assert refused.value.findings[0].record == first.id
    for over_time in (crm.forecasting.trend, crm.forecasting.waterfall):
        with pytest.raises(Refused, match=rf"USD of opportunity {first.number} more \({first.id}\) is refused"):
            over_time(start=crm.now())


def test_whoever_needs_a_rate_that_there_is_not_names_the_opportunity_alike(crm: Crm, deal: Opportunity) -> None:
    """By number and id: a distribution, a simulation, a forecast and its lines, drafts and frozen."""
    owner = crm.salespersons.add(Salesperson(name="Ana")).id
    (quarter,) = crm.sales_periods.all(code="2026-Q2")
    foreign = crm.opportunities.add(
        Opportunity(
            account=deal.account,
            description="d",
            estimated_value=Money(90, "USD"),
            projected_close=CLOSE,
            probability=50,
        )
    )
    forecast = crm.sales_forecasts.add(SalesForecast(owner=owner, period=quarter.id)).id
    plan = {("USD", "EUR"): 1}
    crm.sales_forecasts.add_opportunities(forecast, [foreign.id])
    line = crm.sales_forecasts.get(forecast).lines[0]
    named = rf"^converting 90.00 USD of opportunity {foreign.number} d \({foreign.id}\) is refused"
    ask, forecasts = crm.forecasting, crm.sales_forecasts
    for refused in (
        ask.roll_up,
        ask.distribution,
        lambda: ask.simulation(runs=10),
        lambda: ask.roll_up(forecast_status="draft"),
        lambda: forecasts.figures(forecast),
        lambda: forecasts.explain(forecast, "weighted"),
    ):
        with pytest.raises(Refused, match=named):
            refused()
    crm.forecast_lines.update(line, override=Money(7, "GBP"))
    with pytest.raises(Refused, match=rf"^converting 7.00 GBP of opportunity {foreign.number} "):
        forecasts.figures(forecast, rates=plan)
    for pair in ("USD", "GBP"):
        crm.exchange_rates.add(ExchangeRate(from_currency=pair, to_currency="EUR", day=date(2026, 1, 1), rate="0.5"))
    forecasts.submit(forecast)
    with pytest.raises(Refused, match=named):
        forecasts.figures(forecast, rates=date(2025, 1, 1))


def test_over_time_a_missing_rate_is_of_an_opportunity_by_name(crm: Crm, deal: Opportunity, clock: ManualClock) -> None:
    """A pace names what was closed; a waterfall what moved, by item too, and what is gone since."""
    start, named = crm.now(), rf"of opportunity {deal.number} a fleet \({deal.id}\) is refused: no rate from"
    clock.tick(hours=1)
    crm.opportunities.update(deal, estimated_value=Money(151, "EUR"))
    with pytest.raises(Refused, match=f"^converting 1.00 USD {named} USD"):
        crm.forecasting.waterfall(start=start, by="item")
    crm.opportunities.win(deal.id)
    with pytest.raises(Refused, match=f"^converting 151.00 EUR {named} EUR"):
        crm.forecasting.pace(currency="GBP")
    with pytest.raises(Refused, match=f"^converting 150.00 EUR {named} EUR"):
        crm.forecasting.waterfall(start=start, currency="GBP")
    for line in crm.opportunity_items.all():
        crm.opportunity_items.delete(line.id)
    crm.opportunities.delete(deal.id)
    with pytest.raises(Refused, match=f"^converting 150.00 EUR {named} EUR"):
        crm.forecasting.waterfall(start=start, currency="GBP")


def test_columns_name_the_opportunity_of_the_smallest_id_by_its_id(crm: Crm) -> None:
    """They hold no numbers; whatever they are grouped by."""
    pytest.importorskip("pyarrow")
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    made = crm.opportunities.add_many(
        [
            Opportunity(
                description="d", account=account, estimated_value=Money(amount, currency), projected_close=CLOSE
            )
            for amount, currency in ((7, "EUR"), (90, "USD"), (10, "USD"), (50, "USD"))
        ]
    ).records[1:]
    first = min(made, key=lambda one: one.id.int)
    for by in ((), "salesperson"):
        with pytest.raises(Refused, match=rf"^converting {first.estimated_value} of opportunity {first.id} is refused"):
            crm.forecasting.columns().roll_up(by=by)


def test_columns_need_no_rate_outside_of_the_period_and_refuse_whom_the_roll_up_refuses(crm: Crm) -> None:
    """A deal in dollars of another quarter, or of no day, is not converted; one in the quarter is named by both."""
    pytest.importorskip("pyarrow")
    crm.sales_periods.make_year(2026, kind="quarter")
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    months = {"Q3": date(2026, 8, 1), "none": None, "valueless": CLOSE, "Q2": CLOSE}
    worth = {"Q2": Money(10, "EUR"), "valueless": None}
    made = {
        name: crm.opportunities.add(
            Opportunity(
                description=name,
                account=account,
                estimated_value=worth.get(name, Money(90, "USD")),
                projected_close=day,
            )
        )
        for name, day in months.items()
    }
    for by in ((), "period", "salesperson", ("stage", "period")):
        columns = crm.forecasting.columns()
        for period in ("2026-Q2", ("2026-Q2", "2026-Q1")):
            assert columns.roll_up(by=by, period=period) == crm.forecasting.roll_up(by=by, period=period)
    later = crm.opportunities.update(made["Q2"], estimated_value=Money(7, "GBP"))
    columns, findings = crm.forecasting.columns(), []
    for asked in (columns.roll_up, crm.forecasting.roll_up):
        with pytest.raises(Refused, match="no rate from GBP to EUR on or before 2026-05-04") as refused:
            asked(period="2026-Q2")
        findings.append(refused.value.findings)
    assert findings[0] == findings[1]
    assert findings[0][0].record == later.id
