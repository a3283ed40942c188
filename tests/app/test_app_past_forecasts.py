"""Forecasts, trees, quotas and adjustments in a view of the past: as they stood, whatever was changed since."""

from datetime import date, timedelta
from typing import Any

from crmkit import Crm, Money, Opportunity, Prospect, SalesForecast, Salesperson
from crmkit.entities import ForecastAdjustment, Quota, Territory
from crmkit.testing.clocks import ManualClock

STEP = timedelta(seconds=10)


def answers(crm: Crm, forecast: Any) -> dict[str, Any]:
    """What is asked of forecasting, with all that it hangs from."""
    ask = crm.forecasting
    return {
        "tree": ask.roll_up(by="salesperson", period="2026-Q2"),
        "territories": ask.roll_up(by="territory", period="2026-Q2"),
        "forecast": crm.sales_forecasts.figures(forecast),
        "submissions": crm.sales_forecasts.submissions(forecast),
        "lines": ask.roll_up(by="stage", period="2026-Q2", forecast_status=("draft", "submitted")),
        "pace": ask.pace(by="salesperson"),
        "slippage": ask.slippage(by="salesperson"),
        "stages": ask.stage_conversion(),
        "time in stage": ask.time_in_stage(),
    }


def test_forecasting_in_a_view_of_the_past_is_as_it_stood(crm: Crm, clock: ManualClock) -> None:
    """Trees, quotas, lines, adjustments, submissions and stages, at each of four instants."""
    _, quarter, *_ = crm.sales_periods.make_year(2026)
    boss, other = (crm.salespersons.add(Salesperson(name=name)).id for name in ("Cleo", "Dan"))
    ana = crm.salespersons.add(Salesperson(name="Ana", manager=boss))
    north = crm.territories.add(Territory(code="N", description="North"))
    inner = crm.territories.add(Territory(code="I", description="Inner", parent=north.id))
    account = crm.prospects.add(Prospect(name="Acme", territory=inner.id))
    quota = crm.quotas.add(Quota(owner=ana.id, period=quarter.id, amount=Money("500", "EUR")))
    deal = crm.opportunities.add(
        Opportunity(
            description="deal",
            account=account.id,
            salesperson=ana.id,
            stage="proposal",
            estimated_value=Money("100", "EUR"),
            projected_close=date(2026, 5, 5),
        )
    )
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=quarter.id)).id
    crm.sales_forecasts.add_opportunities(forecast)
    stood = []

    def stand() -> None:
        stood.append((clock(), answers(crm, forecast)))
        clock.tick(STEP)

    stand()
    crm.salespersons.update(ana, manager=other)
    crm.territories.update(inner, parent=None)
    crm.quotas.update(quota, amount=Money("900", "EUR"))
    stand()
    (proposal,) = crm.stages.find(code="proposal")
    crm.stages.update(proposal, probability=5, forecast_category="omitted")
    crm.sales_forecasts.submit(forecast)
    held = crm.forecast_adjustments.add(ForecastAdjustment(forecast=forecast, by="cleo", difference=Money("-7", "EUR")))
    stand()
    crm.forecast_adjustments.delete(held)
    crm.sales_forecasts.reopen(forecast)
    crm.opportunities.update(crm.opportunities.get(deal.id), projected_close=date(2026, 9, 1), stage="negotiation")
    stand()
    crm.opportunities.win(deal.id)
    clock.tick(minutes=5)  # longer than any transaction of other tests on the same server
    assert stood[-1][0] <= crm.settled()
    for instant, answered in stood:
        assert answers(crm.as_of(instant), forecast) == answered
    told = [answered["tree"][boss].with_descendants for _, answered in stood if boss in _keys(answered["tree"])]
    assert [str(one.open) for one in told] == ["100.00 EUR"]  # Ana was below Cleo at first alone


def _keys(rolled: Any) -> set[Any]:
    return {row.key["salesperson"] for row in rolled}
