"""Sales periods in a question: by code or as records, each once, none that has days in common with another."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crmkit import Crm, Invalid, Money, NotFound, Opportunity, Prospect, Quota, SalesForecast, SalesPeriod, Salesperson
from crmkit.forecasting.forecasters import Forecast
from crmkit.testing.clocks import ManualClock

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)

ASKED: dict[str, Callable[[Crm, Any], Any]] = {
    "roll_up": lambda crm, period: crm.forecasting.roll_up(by="period", period=period),
    "roll_up of lines": lambda crm, period: crm.forecasting.roll_up(period=period, forecast_status="draft"),
    "explain": lambda crm, period: crm.forecasting.explain(period=period).total,
    "incomplete": lambda crm, period: crm.forecasting.incomplete(period=period),
    "waterfall": lambda crm, period: str(crm.forecasting.waterfall(period=period, start=BEGIN, end=BEGIN)),
    "trend": lambda crm, period: crm.forecasting.trend(period=period, start=BEGIN, end=BEGIN).points,
    "pace": lambda crm, period: crm.forecasting.pace(period=period),
    "accuracy": lambda crm, period: crm.forecasting.accuracy(period=period, at=BEGIN).to_rows(),
    "submitted_accuracy": lambda crm, period: crm.forecasting.submitted_accuracy(period=period).to_rows(),
    "distribution": lambda crm, period: crm.forecasting.distribution(period=period).mean,
    "simulation": lambda crm, period: crm.forecasting.simulation(period=period, runs=10).mean,
    "take_snapshot": lambda crm, period: crm.forecasting.take_snapshot("series", period=period).periods,
}
asking = pytest.mark.parametrize("name", list(ASKED))


@pytest.fixture
def spring(crm: Crm, clock: ManualClock) -> Crm:
    """A deal of 50 EUR in May, on a forecast, and a quota of 90 EUR for the quarter and of 30 EUR for May."""
    quarters = crm.sales_periods.make_year(2026, kind="quarter")
    months = crm.sales_periods.make_year(2026, kind="month")
    ana = crm.salespersons.add(Salesperson(name="Ana")).id
    account = crm.prospects.add(Prospect(name="Acme")).id
    deal = crm.opportunities.add(
        Opportunity(
            account=account,
            description="bikes",
            salesperson=ana,
            probability=40,
            estimated_value=Money(50, "EUR"),
            projected_close=date(2026, 5, 4),
        )
    )
    for period, amount in ((quarters[1], 90), (months[4], 30)):
        crm.quotas.add(Quota(owner=ana, period=period.id, amount=Money(amount, "EUR")))
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana, period=quarters[1].id))
    crm.sales_forecasts.add_opportunities(forecast.id, [deal.id])
    clock.tick(days=1)
    return crm


@asking
def test_a_record_stands_for_its_code_and_counts_once(spring: Crm, name: str) -> None:
    """Alone, among others, and given twice, in both ways."""
    second, third = (spring.sales_periods.find(code=code)[0] for code in ("2026-Q2", "2026-Q3"))
    ask = ASKED[name]
    assert ask(spring, second) == ask(spring, "2026-Q2") == ask(spring, [second, "2026-Q2", "2026-Q2"])
    assert ask(spring, (second, third)) == ask(spring, ["2026-Q2", third]) == ask(spring, ["2026-Q2", "2026-Q3"])


@asking
def test_periods_that_overlap_are_refused(spring: Crm, name: str) -> None:
    """In either order, with both named: a day in two would count its sales once, and its quotas twice."""
    may = spring.sales_periods.find(code="2026-05")[0]
    for periods in (["2026-Q2", "2026-05"], [may, "2026-Q2"], ["2026-Q2", "2026-Q1", may]):
        with pytest.raises(Invalid, match=r"^the figures are not valid: period: 2026-.* have days in common"):
            ASKED[name](spring, periods)
    with pytest.raises(Invalid) as refused:
        ASKED[name](spring, ["2026-05", "2026-Q2"])
    assert {"2026-Q2", "2026-05"} <= set(refused.value.faults[0].message.split())
    ASKED[name](spring, ["2026-05", "2026-Q1", "2026-06"])


@asking
def test_what_is_no_period_is_refused(spring: Crm, name: str) -> None:
    """A code that there is not, and a record of another kind."""
    with pytest.raises(NotFound, match=r"^no sales period 2031-Q1: make it first"):
        ASKED[name](spring, "2031-Q1")
    for nothing in (spring.salespersons.find()[0], 3, [3]):
        with pytest.raises(Invalid, match="period: is a sales period or its code, or several, not "):
            ASKED[name](spring, nothing)


def test_a_period_that_was_never_saved_is_a_span_of_days(spring: Crm) -> None:
    """What closes in it counts; nobody has a quota for it."""
    for last, gross in ((4, 50), (3, 0)):
        span = SalesPeriod(code="span", kind="other", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, last))
        found = spring.forecasting.roll_up(by=("period", "salesperson"), period=span)
        assert (found.total.gross, found.total.quota) == (Money(gross, "EUR"), None)
        assert [row.key["period"] for row in found] == (["span"] if gross else [])


class OfRollUps:
    """Tells the weighted pipeline, by whatever of the view takes the period that it is handed."""

    def forecast(self, view: Any, period: SalesPeriod) -> Forecast:
        ask = view.forecasting
        assert ask.pace(period=period).total.won_count == len(ask.incomplete(period=period)) == 0
        assert ask.waterfall(period=period, start=view.now()).total.change == Money(0, "EUR")
        assert ask.explain(period=period, by="salesperson").total == ask.roll_up(period=period).total.weighted
        return Forecast(mean=ask.roll_up(period=period).total.weighted)


def test_a_forecaster_asks_roll_ups_of_a_period_that_was_made_later(crm: Crm, clock: ManualClock) -> None:
    """The view knows no period of that code; what it is handed counts as it is."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    closing = date(2026, 5, 4)
    deal = Opportunity(
        account=account, description="d", probability=40, estimated_value=Money(50, "EUR"), projected_close=closing
    )
    crm.opportunities.add(deal)
    clock.tick(days=200)
    crm.sales_periods.make_year(2026, kind="quarter")
    clock.tick(days=1)
    found = crm.forecasting.back_test(OfRollUps(), "weighted", periods="2026-Q2")
    assert [trial.forecast.mean for trial in found.trials] == [Money(20, "EUR")] * 2


def test_columns_take_the_same_periods(spring: Crm) -> None:
    """As the roll-up does that the store gives."""
    pytest.importorskip("pyarrow")
    columns = spring.forecasting.columns()
    second = spring.sales_periods.find(code="2026-Q2")[0]
    by = {"by": ("period", "salesperson")}
    for periods in (second, [second, "2026-Q2"], ["2026-Q3", second]):
        assert columns.roll_up(period=periods, **by) == spring.forecasting.roll_up(period=periods, **by)
    with pytest.raises(Invalid, match="have days in common"):
        columns.roll_up(period=["2026-Q2", "2026-05"])
    with pytest.raises(NotFound, match="2031-Q1"):
        columns.roll_up(period="2031-Q1")
    with pytest.raises(Invalid, match="stage: is not asked of columns: narrow them when they are made"):
        columns.roll_up(stage="proposal")
