"""Forecasters, and what they would have told: from what was known then, and nothing that came later."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import attrs
import pytest

from crmkit import (
    Crm,
    Invalid,
    Money,
    NotFound,
    Opportunity,
    Prospect,
    Query,
    Refused,
    SalesForecast,
    SalesPeriod,
    Salesperson,
)
from crmkit.forecasting.forecasters import (
    FORECASTERS,
    Forecast,
    NaiveBayes,
    Pipeline,
    RunRate,
    SeasonalNaive,
    StageAge,
    Submitted,
)
from crmkit.testing.clocks import ManualClock


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def instant(month: int, day: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.fixture
def past(open_crm: Callable[..., Crm], store_name: str, clock: ManualClock) -> Crm:
    """Won: 500 in January 2025, 900 in January 2026. Of 1,000 at 40 % and 2,000 at 30 %, made on 10 January 2026 for
    that quarter, the first was won for 1,200 in March, the second lost in April; another of 800 was made and won in
    February. Ana submitted the two on 20 January. It is July 2026.
    """
    clock.now = instant(1, year=2025)
    crm = open_crm(store_name)
    crm.sales_periods.make_year(2026, kind="quarter")
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    account = crm.prospects.add(Prospect(name="Acme")).id

    def deal(value: int, **values: Any) -> Opportunity:
        return crm.opportunities.add(
            Opportunity(
                description=f"of {value}", account=account, estimated_value=eur(value), salesperson=ana.id, **values
            )
        )

    crm.opportunities.win(deal(500).id, on=date(2025, 1, 15))
    clock.now = instant(1, 10)
    crm.opportunities.win(deal(900).id, on=date(2026, 1, 9))
    closing = date(2026, 3, 20)
    first = deal(1_000, probability=40, projected_close=closing, stage="proposal")
    second = deal(2_000, probability=30, projected_close=closing, stage="negotiation")
    clock.now = instant(1, 20)
    period = crm.sales_periods.find(code="2026-Q1")[0]
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id, [first.id, second.id])
    crm.sales_forecasts.submit(forecast.id)
    clock.now = instant(2, 10)
    crm.opportunities.win(deal(800, probability=90, projected_close=closing).id, on=date(2026, 2, 10))
    clock.now = instant(3, 20)
    crm.opportunities.win(crm.opportunities.update(first, estimated_value=eur(1_200)).id, on=date(2026, 3, 20))
    clock.now = instant(4, 2)
    crm.opportunities.lose(second.id, on=date(2026, 4, 2))
    clock.now = instant(7)
    return crm


NAMES = ("weighted", "stage", "run_rate", "seasonal", "submitted")


def test_each_tells_what_was_known_then(past: Crm) -> None:
    """On 1 February: 900 won so far, the two deals open, the third not heard of. By hand."""
    found = past.forecasting.back_test(*NAMES, periods="2026-Q1", days=31)
    told = {one.forecaster: one.forecast.mean for one in found.trials}
    stages = {one.code: one.probability.basis_points for one in past.stages.all() if one.probability is not None}
    assert told == {
        "weighted": eur(900 + 400 + 600),
        "stage": eur(900)
        + Money.of_minor(100_000 * stages["proposal"] // 10_000 + 200_000 * stages["negotiation"] // 10_000, "EUR"),
        "run_rate": eur(900 + 590),  # 900 in the last 90 days, 59 days are left
        "seasonal": eur(500),
        "submitted": eur(400 + 600),
    }
    assert {one.actual for one in found.trials} == {eur(900 + 800 + 1_200)}
    assert {one.at for one in found.trials} == {instant(2)}
    weighted = found["weighted"]
    assert weighted.accuracy == 1 - Fraction(2_900 - 1_900, 2_900)
    assert weighted.calibration.brier == (Fraction(6, 10) ** 2 + Fraction(3, 10) ** 2) / 2
    assert weighted.within == 1  # P90 is 900 + 2,000 or more: 900 + 3,000 has a chance of 12 %
    (row, *_) = found.to_rows()
    assert (row["p10"], row["p90"]) == (900, 3_900)


def test_origins_roll(past: Crm) -> None:
    """Several periods, several days in each: as many trials, each from its own view."""
    found = past.forecasting.back_test("weighted", periods=["2026-Q1", "2026-Q2"], days=(-80, 0, 15, 45))
    means = {(one.period, one.at): one.forecast.mean for one in found.trials}
    assert list(means.values()) == [eur(0), eur(0), eur(1_900), eur(900 + 800 + 400 + 600), *[eur(0)] * 4]
    assert list(means)[-1] == ("2026-Q2", instant(5, 16))


def test_todays_forecast_is_the_same_forecasters(past: Crm, clock: ManualClock) -> None:
    """By name, or handed in; of a period by its code, or the period itself; in a view as of then."""
    clock.now = instant(7, 2)
    period = past.sales_periods.find(code="2026-Q1")[0]
    view = past.as_of(instant(2))
    for asked in ("weighted", Pipeline()):
        assert view.forecasting.forecast(period="2026-Q1", by=asked).mean == eur(1_900)
        assert past.forecasting.forecast(period=period, by=asked).mean == eur(2_900)
    with past.begin(read_only=True) as work:
        assert work.forecasting.forecast(period="2026-Q1").mean == eur(2_900)
    with pytest.raises(NotFound):
        past.forecasting.forecast(period="2019-Q1")


@pytest.mark.parametrize("store_name", ["memory", "sqlite"])
def test_learnt_ones_learn_from_their_view(past: Crm) -> None:
    """Without history of won and lost ones they tell what the stages do; all that there are can be tried."""
    found = past.forecasting.back_test(
        NaiveBayes(own=False), StageAge(least=1, own=False), "stage", periods="2026-Q1", days=31
    )
    naive, aged, stage = found.trials
    assert naive.forecast == stage.forecast
    assert aged.forecast.mean == stage.forecast.mean  # won ones, so far, were in no stage
    every = past.forecasting.back_test(periods="2026-Q1")
    assert [one.forecaster for one in every.scores] == list(FORECASTERS)
    assert (
        repr(RunRate(days=30))
        in past.forecasting.back_test(RunRate(days=30), periods="2026-Q1")[repr(RunRate(days=30))].forecaster
    )


def test_the_same_days_of_other_years(crm: Crm, clock: ManualClock) -> None:
    """A February of 29 days looks back to one of 28, and one of 28 to all 29; without days left, nothing is added."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    for year, day in ((2027, 28), (2028, 29)):
        clock.now = instant(3, year=year)
        made = crm.opportunities.add(Opportunity(description="x", account=account, estimated_value=eur(year)))
        crm.opportunities.win(made.id, on=date(year, 2, day))
    for year, won in ((2028, 2_027), (2029, 2_028)):
        clock.now = instant(6, year=year)
        last = date(year, 3, 1) - timedelta(days=1)
        february = SalesPeriod(code="F", kind="month", starts_on=date(year, 2, 1), ends_on=last)
        assert crm.forecasting.forecast(period=february, by=SeasonalNaive()).mean == eur(won)
    assert crm.forecasting.forecast(
        period=attrs.evolve(february, starts_on=date(2028, 2, 1), ends_on=date(2028, 2, 29)), by="run_rate"
    ).mean == eur(2_028)


class Thief:
    """A forecaster that reads whatever it can of what came later, by every name that it is handed."""

    def __init__(self, later: Any) -> None:
        self.later = later
        self.refused: list[str] = []
        self.seen: set[Any] = set()

    def attempt(self, what: Callable[[], Any]) -> None:
        """What it gets is noted, and what it is refused."""
        try:
            found = what()
        except Refused as refused:
            self.refused.append(refused.findings[0].code)
            return
        for one in found if isinstance(found, list) else [found]:
            self.seen.add(one)

    def forecast(self, view: Any, period: SalesPeriod) -> Forecast:
        """Steals, then tells nothing."""
        now = view.now()
        ahead = now + timedelta(days=120)
        deals = list(view.opportunities.all())
        unit: dict[str, Any] = {"tenant": view.settings.tenant, "clock": lambda: ahead}

        def states(store_unit: Any) -> list[Any]:
            found = store_unit.find(Query(kind=Opportunity))
            return [past.record.recorded_at for one in found for past in store_unit.history(Opportunity, one.id)]

        def begun(**asked: Any) -> list[Any]:
            store_unit = view.store.begin(**unit, **asked)
            try:
                return states(store_unit)
            finally:
                store_unit.rollback()

        def within(unit_of: Callable[[Any], Any], *, read_only: bool = True) -> list[Any]:
            with view.begin(read_only=read_only) as work:
                return states(unit_of(work))

        attempts: list[Callable[[], Any]] = [
            lambda: view.as_of(ahead).now(),
            lambda: [one.recorded_at for one in view.as_of(ahead).opportunities.all()],
            view.settings.clock,
            view.settled,
            begun,
            lambda: begun(as_of=ahead),
            lambda: begun(read_only=False),
            lambda: within(lambda work: work.unit),
            lambda: within(lambda work: work.unit.as_of(ahead)),
            lambda: within(lambda work: work.unit, read_only=False),
            lambda: [past.record.recorded_at for one in deals for past in view.history(one)],
            lambda: [past.until for one in deals for past in view.opportunities.history(one.id) if past.until],
            lambda: [spell.left_at for one in deals for spell in view.opportunities.stages(one.id) if spell.left_at],
            lambda: [one.recorded_at for one in view.what_if().opportunities.all()],
            lambda: [one.recorded_at for one in view.what_if().as_of(ahead).opportunities.all()],
            lambda: [one.recorded_at for one in view.what_if().real.opportunities.all()],
            lambda: view.what_if().real.as_of(ahead).now(),
            lambda: view.on("Event", lambda event, crm: self.seen.add(crm.now())),
            lambda: view.forecasting.distribution(probabilities=self.later).mean,
            lambda: [one.at for one in view.forecasting.back_test("weighted", periods=period).trials],
            lambda: [view.forecasting.learn().at, view.forecasting.learn_conversion().at],
        ]
        for one in attempts:
            self.attempt(one)
        return Forecast(mean=Money.zero(view.settings.currency))


def test_a_thief_finds_nothing(past: Crm, everything: Any) -> None:
    """What it is refused says so; of what it gets, nothing is later than its view. The store is as it was."""
    stood = everything(past)
    thief = Thief(past.forecasting.learn())
    past.forecasting.back_test(thief, periods="2026-Q1", days=31)
    past.prospects.add(Prospect(name="Later"))
    assert thief.refused.count("future") == 6
    assert thief.refused.count("past") == 2
    assert thief.refused.count("not-over") == 1
    assert len(thief.refused) == 9
    limit = instant(2) + timedelta(seconds=1)  # what is imagined goes on from the instant of its view
    assert thief.seen
    assert all(isinstance(one, datetime) and one < limit for one in thief.seen)
    past.prospects.delete(past.prospects.find(name="Later")[0])
    assert everything(past) == stood


def test_what_cannot_be_tested_is_told(past: Crm, clock: ManualClock) -> None:
    """A period that is not over, no period, an instant that is not settled, what is no forecaster or no forecast."""

    class Wrong:
        def forecast(self, view: Any, period: SalesPeriod) -> Any:
            return 17

    class Foreign:
        def forecast(self, view: Any, period: SalesPeriod) -> Forecast:
            return Forecast(mean=Money(1, "USD"))

    test = past.forecasting.back_test
    with pytest.raises(Refused, match="2026-Q3 ends on"):
        test("weighted", periods=["2026-Q1", "2026-Q3"])
    for ahead in (timedelta(), timedelta(days=400)):
        view = past.as_of(clock() + ahead)
        with pytest.raises(Refused, match=r"2026-Q3 ends on 2026-09-30: what comes of it is not known yet"):
            view.forecasting.back_test("weighted", periods="2026-Q3")
        assert view.forecasting.back_test("weighted", periods="2026-Q1") == test("weighted", periods="2026-Q1")
    with pytest.raises(Refused, match="may still change"):
        test("weighted", periods="2026-Q2", days=91)
    for wrong in (Wrong(), Foreign(), Pipeline, object(), "nobody", 3):
        with pytest.raises(Invalid):
            test(wrong, periods="2026-Q1")
    unusable: list[dict[str, Any]] = [
        {"periods": []},
        {"periods": "2026-Q1", "days": "x"},
        {"periods": "2026-Q1", "bins": 0},
        {"periods": "2026-Q1", "days": []},
    ]
    for asked in unusable:
        with pytest.raises(Invalid):
            test("weighted", **asked)


def test_submitted_ones_count_once(past: Crm) -> None:
    """An opportunity on two forecasts counts once; on none, nothing is expected."""
    period = past.sales_periods.find(code="2026-Q1")[0]
    view = past.as_of(instant(2))
    assert Submitted().forecast(view, period).mean == eur(1_000)
    assert Submitted(statuses=("approved",)).forecast(view, period).mean == eur(0)
