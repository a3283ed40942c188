"""Policies for currencies, asked of every store."""

from datetime import date
from decimal import Decimal

import pytest

from crmkit import Crm, ExchangeRate, Invalid, Money, Opportunity, Prospect, Refused, SalesForecast, Salesperson
from crmkit.forecasting import RatePolicy
from crmkit.testing.clocks import ManualClock

JANUARY, TODAY, CLOSE = date(2026, 1, 1), date(2026, 3, 2), date(2026, 3, 31)


@pytest.fixture
def dollars(crm: Crm) -> Crm:
    """An opportunity of 100 dollars at 50 % on a forecast in euros; a dollar is 0.50 in January, 0.60 today, 0.80 when
    it closes.
    """
    crm.sales_periods.make_year(2026, kind="quarter")
    for day, rate in ((JANUARY, "0.5"), (TODAY, "0.6"), (CLOSE, "0.8")):
        crm.exchange_rates.add(ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=Decimal(rate)))
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    crm.opportunities.add(
        Opportunity(
            description="e-bikes",
            account=crm.prospects.add(Prospect(name="Acme Bikes")).id,
            salesperson=ana.id,
            estimated_value=Money(100, "USD"),
            probability=50,
            projected_close=CLOSE,
        )
    )
    period = next(crm.sales_periods.all(code="2026-Q1"))
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id)
    return crm


def test_one_policy_for_roll_ups_figures_and_distributions(dollars: Crm) -> None:
    """They come to the same: of the close date unless another is named."""
    (forecast,) = dollars.sales_forecasts.all()
    policies = {None: 80, "close": 80, "today": 60, "snapshot": 60, JANUARY: 50, "handed in": 20}
    for name, gross in policies.items():
        rates = {("USD", "EUR"): "0.2"} if name == "handed in" else name
        given = {} if rates is None else {"rates": rates}
        whole = dollars.forecasting.roll_up(period="2026-Q1", by="salesperson", **given).total
        lines = dollars.forecasting.roll_up(period="2026-Q1", forecast_status="draft", **given).total
        figures = dollars.sales_forecasts.figures(forecast.id, **given)
        for found in (whole, lines, figures):
            assert (found.gross, found.weighted) == (Money(gross, "EUR"), Money(gross // 2, "EUR")), name
        (deal,) = dollars.forecasting.distribution(period="2026-Q1", **given).deals
        assert deal.value == Money(gross, "EUR")


def test_a_past_pipeline_at_the_rates_of_then_and_of_now(dollars: Crm, clock: ManualClock) -> None:
    """A view of the past knows the rates of then; plan rates bring those that became known later."""
    then = dollars.now()
    clock.tick(days=1)
    later = ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 3, 3), rate=Decimal("0.7"))
    dollars.exchange_rates.add(later)
    past = dollars.as_of(then).forecasting
    assert past.roll_up(rates="today").total.gross == Money(60, "EUR")
    assert dollars.forecasting.roll_up(rates="today").total.gross == Money(70, "EUR")
    present = RatePolicy.plan(date(2026, 3, 3), dollars.exchange_rates.all())
    assert past.roll_up(rates=present).total.gross == Money(70, "EUR")


@pytest.mark.parametrize("store_name", ["memory"], indirect=True)
def test_a_missing_rate_names_pair_day_and_opportunity(dollars: Crm) -> None:
    """Whichever figure asks for it: none is left out without a word, none is counted raw."""
    (forecast,) = dollars.sales_forecasts.all()
    (deal,) = dollars.opportunities.all()
    service = dollars.forecasting
    for ask in (
        service.roll_up,
        service.distribution,
        lambda rates: dollars.sales_forecasts.figures(forecast.id, rates=rates),
    ):
        with pytest.raises(Refused, match="no rate from USD to EUR on or before 2025-12-31") as raised:
            ask(rates=date(2025, 12, 31))
        assert [one.record for one in raised.value.findings] == [deal.id]
        with pytest.raises(Invalid, match="rates: are one of close, snapshot, today"):
            ask(rates="yesterday")
