"""Pace, slippage, time in stage, conversion by cohort, accuracy and trends: read from the history of every store."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from crmkit import Crm, Invalid, Money, NoRow, NotFound, Opportunity, Prospect, Refused, SalesForecast, Salesperson
from crmkit.app import pacing
from crmkit.entities import ForecastAdjustment
from crmkit.entities.money import LARGEST
from crmkit.forecasting.kept import roll_up_kept
from crmkit.testing.clocks import ManualClock

DAY = timedelta(days=1)
EARLIER, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def quiet(open_crm: Callable[..., Crm]) -> Crm:
    """A CRM in memory: what follows is the same arithmetic on every store."""
    return open_crm("memory")


def deal(crm: Crm, value: str = "100", **more: Any) -> Opportunity:
    """An opportunity of the one account there is."""
    account = next(crm.accounts.all(), None) or crm.prospects.add(Prospect(name="Acme"))
    given = {"description": "deal", "account": account.id, "estimated_value": Money(value, "EUR"), **more}
    return crm.opportunities.add(Opportunity(**given))


def two_who_sell(crm: Crm) -> tuple[Any, Any]:
    ana, ben = (crm.salespersons.add(Salesperson(name=name)).id for name in ("Ana", "Ben"))
    return ana, ben


def test_the_pace_of_what_closed(crm: Crm, clock: ManualClock) -> None:
    """Won 3 for 300, 500 and 700 after 4, 10 and 13 days, lost 1 of 500, 2 open, on every store."""
    crm.sales_periods.make_year(2026)
    ana, ben = two_who_sell(crm)
    won = [deal(crm, value, salesperson=ana) for value in ("300", "500", "700")]
    lost = deal(crm, "500", salesperson=ben)
    for _ in range(2):
        deal(crm, "9", salesperson=ana, projected_close=date(2030, 1, 1))
    for one, days in zip(won, (4, 10, 13), strict=True):
        crm.opportunities.win(one.id, on=clock().date() + days * DAY)
    crm.opportunities.lose(lost.id, on=date(2026, 3, 31))
    late = deal(crm, "100000")
    crm.opportunities.win(late.id, on=date(2026, 7, 1))
    total = crm.forecasting.pace(period="2026-Q1").total
    assert (total.open_count, total.won_count, total.lost_count, total.cycles) == (2, 3, 1, 3)
    assert (total.win_rate, total.win_rate_by_value) == (Fraction(3, 4), Fraction(1500, 2000))
    assert (total.cycle_mean, total.cycle_median) == (Fraction(9), Fraction(10))
    assert total.average_won == Money("500", "EUR")
    assert total.velocity is not None
    assert total.velocity.a_day == Fraction(2 * 500_00 * 3, 4 * 9)
    found = crm.forecasting.pace(period="2026-Q1", by="salesperson")
    assert [(row.shown["salesperson"], row.won_count, row.lost_count, row.velocity) for row in found.rows][1] == (
        "Ben",
        0,
        1,
        None,
    )
    assert crm.forecasting.pace(period="2026-Q1", salesperson=ben).total.win_rate == 0
    (row,) = crm.forecasting.pace(period="2026-Q1", salesperson=ana).to_rows()
    assert (row["cycle_median"], row["win_rate"], row["velocity"]) == (10, 1, Decimal("111.11"))


def test_published_velocity(quiet: Crm, clock: ManualClock) -> None:
    """40 open × 25,000 × 25 % ÷ 90 days = 2,777.78 a day (a vendor's page)."""
    one = deal(quiet, "25000")
    quiet.opportunities.win(one.id, on=clock().date() + 90 * DAY)
    for _ in range(3):
        quiet.opportunities.lose(deal(quiet).id)
    for _ in range(40):
        deal(quiet)
    assert str(quiet.forecasting.pace().total.velocity) == "2,777.78 EUR a day"


def test_what_was_recorded_after_it_closed_has_no_cycle(quiet: Crm, clock: ManualClock) -> None:
    """Nobody knows how long it took; it counts in the win rate all the same."""
    one = deal(quiet)
    quiet.opportunities.win(one.id, on=clock().date() - DAY)
    total = quiet.forecasting.pace().total
    assert (total.win_rate, total.cycles, total.cycle_mean, total.velocity) == (Fraction(1), 0, None, None)
    assert quiet.forecasting.pace(salesperson=None, stage="closing").total.win_rate is None


def test_close_dates_that_were_moved(crm: Crm, clock: ManualClock) -> None:
    """Pushed twice by 10 and 20 days and pulled by 5; moves of closed ones, and values, are no shifts."""
    ana, _ = two_who_sell(crm)
    first = date(2026, 5, 1)
    one = deal(crm, salesperson=ana, projected_close=first)
    other = deal(crm, projected_close=first)
    deal(crm, salesperson=ana)
    instants = []
    for days in (10, 30, 25):
        clock.tick(days=1)
        instants.append(clock())
        one = crm.opportunities.update(one, projected_close=first + days * DAY)
    other = crm.opportunities.win(other.id)
    crm.opportunities.update(other, projected_close=first + 99 * DAY)
    found = crm.forecasting.slippage(by="salesperson")
    total = found.total
    figures = (total.opportunities, total.slipped, total.pushes, total.pulls, total.days_pushed, total.days_pulled)
    assert figures == (3, 1, 2, 1, 30, 5)
    assert (total.days_a_push, total.share_slipped) == (Fraction(15), Fraction(1, 3))
    assert [(row.shown["salesperson"], row.opportunities, row.pushes) for row in found.rows] == [
        ("Ana", 2, 2),
        ("none", 1, 0),
    ]
    (moved,) = found.opportunities
    assert [(shift.at, shift.before, shift.after) for shift in moved.shifts] == [
        (instants[0], first, first + 10 * DAY),
        (instants[1], first + 10 * DAY, first + 30 * DAY),
        (instants[2], first + 30 * DAY, first + 25 * DAY),
    ]
    part = crm.forecasting.slippage(start=instants[1], end=instants[2]).total
    assert (part.pushes, part.pulls) == (1, 0)
    then = crm.as_of(instants[0]).forecasting.slippage().total
    assert (then.pushes, then.pulls, then.opportunities) == (1, 0, 3)


def test_time_in_stage_over_all(quiet: Crm, clock: ManualClock) -> None:
    """Left after 2 and 5 days, and one that lasts: mean 3.5, by the spells that began in time."""
    one = deal(quiet, stage="qualification")
    other = deal(quiet, stage="qualification")
    deal(quiet, stage="qualification")
    clock.tick(days=2)
    quiet.opportunities.update(one, stage="proposal")
    between = clock()
    clock.tick(days=3)
    quiet.opportunities.lose(other.id)
    rows = {row.stage: row for row in quiet.forecasting.time_in_stage().rows}
    first = rows["qualification"]
    assert (first.entered, first.left, first.still) == (3, 2, 1)
    assert (first.mean, first.median, first.longest) == (3.5 * DAY, 3.5 * DAY, 5 * DAY)
    assert (rows["proposal"].entered, rows["proposal"].mean) == (1, None)
    assert [row.stage for row in quiet.forecasting.time_in_stage(start=between).rows] == ["proposal"]
    assert [row.stage for row in quiet.forecasting.time_in_stage(end=between).rows] == ["qualification"]
    assert list(rows) == [code for code in ("qualification", "proposal") if code in rows]


def test_conversion_by_cohort(crm: Crm, clock: ManualClock) -> None:
    """Of 5 that entered qualification: one skips to negotiation, one is won from it, one goes to proposal and is lost,
    one is lost, one stays; who skipped a stage, or was won, has passed it.
    """
    qualified = [deal(crm, stage="qualification") for _ in range(5)]
    start = clock()
    clock.tick(days=1)
    skips, wins, proposes, loses, _ = qualified
    crm.opportunities.update(skips, stage="negotiation")
    crm.opportunities.win(wins.id)
    proposes = crm.opportunities.update(proposes, stage="proposal")
    crm.opportunities.lose(loses.id)
    clock.tick(days=1)
    crm.opportunities.lose(proposes.id)
    found = crm.forecasting.stage_conversion()
    cohorts = {row.stage: row for row in found.rows}
    first = cohorts["qualification"]
    assert (first.entered, first.won, first.lost, first.open, first.still) == (5, 1, 2, 2, 1)
    reached = {"needs_analysis": 3, "proposal": 3, "negotiation": 2, "closing": 1}
    assert {stage: first.reached[stage] for stage in reached} == reached
    assert (first.rate("proposal"), first.win_rate) == (Fraction(3, 5), Fraction(1, 5))
    for error in (NoRow, KeyError):
        with pytest.raises(error, match=r"no stage after proposal nope: there are negotiation, closing$"):
            cohorts["proposal"].rate("nope")
    assert cohorts["proposal"].lost == cohorts["proposal"].entered == 1
    later = crm.forecasting.stage_conversion(start=start + timedelta(hours=1))
    assert sorted(row.stage for row in later.rows) == ["negotiation", "proposal"]
    assert all(row.won + row.lost + row.open == row.entered for row in found.rows)


def test_what_roll_ups_said_of_a_period(quiet: Crm, clock: ManualClock) -> None:
    """Said 150 weighted and 300 gross at the start of the quarter, won 200: off by a quarter, and by a half."""
    quiet.sales_periods.make_year(2026)
    ana, ben = two_who_sell(quiet)
    close = date(2026, 5, 5)
    first = deal(quiet, "200", salesperson=ana, probability=50, projected_close=close)
    deal(quiet, "100", salesperson=ben, probability=50, projected_close=close)
    clock.tick(days=30)  # the first of April
    quiet.opportunities.win(first.id, on=close)
    found = quiet.forecasting.accuracy(period="2026-Q2")
    (row,) = found.rows
    assert row.said_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert (row.forecast, row.actual, row.error) == tuple(Money(one, "EUR") for one in ("150", "200", "-50"))
    assert row.accuracy == Fraction(3, 4)
    assert (found.errors.mape, found.errors.wape, found.errors.bias) == (
        Fraction(1, 4),
        Fraction(1, 4),
        Fraction(-1, 4),
    )
    (gross,) = quiet.forecasting.accuracy(period="2026-Q2", measure="gross").rows
    assert gross.accuracy == Fraction(1, 2)
    rows = quiet.forecasting.accuracy(period=["2026-Q2"], by="salesperson").rows
    assert [(row.shown["salesperson"], row.accuracy) for row in rows] == [("Ana", Fraction(1, 2)), ("Ben", None)]
    by_owner = quiet.forecasting.accuracy(period="2026-Q2", by="salesperson").errors
    assert (by_owner.count, by_owner.skipped, by_owner.wape) == (2, 1, Fraction(150, 200))
    at = clock() - timedelta(hours=1)
    assert quiet.forecasting.accuracy(period="2026-Q2", at=at).rows[0].said_at == at
    assert quiet.forecasting.accuracy(period="2026-Q1", at=DAY * 65).rows[0].accuracy is None
    with pytest.raises(Invalid, match="must not be later"):
        quiet.forecasting.accuracy(period="2026-Q3")


def test_what_submitted_forecasts_said(quiet: Crm, clock: ManualClock) -> None:
    """The last submission counts, with its manager's adjustment or without, against what the owner won."""
    (_, quarter, *_) = quiet.sales_periods.make_year(2026)
    ana, _ = two_who_sell(quiet)
    one = deal(quiet, "400", salesperson=ana, probability=50, projected_close=date(2026, 5, 5))
    forecast = quiet.sales_forecasts.add(SalesForecast(owner=ana, period=quarter.id))
    quiet.sales_forecasts.add(SalesForecast(owner=ana, period=quarter.id))
    quiet.sales_forecasts.add_opportunities(forecast.id)
    quiet.sales_forecasts.submit(forecast.id)
    quiet.forecast_adjustments.add(ForecastAdjustment(forecast=forecast.id, by="boss", amount=Money("300", "EUR")))
    clock.tick(days=1)
    quiet.opportunities.update(one, estimated_value=Money("400", "EUR"), probability=90)
    quiet.opportunities.win(one.id, on=date(2026, 5, 6))
    (said,) = quiet.forecasting.submitted_accuracy(period="2026-Q2").rows
    assert (said.shown["owner"], said.forecast, said.actual) == ("Ana", Money("300", "EUR"), Money("400", "EUR"))
    (own,) = quiet.forecasting.submitted_accuracy(period="2026-Q2", view="without_adjustments").rows
    assert (own.forecast, own.accuracy) == (Money("200", "EUR"), Fraction(1, 2))
    quiet.sales_forecasts.reopen(forecast.id)
    assert quiet.forecasting.submitted_accuracy(period="2026-Q2").rows[0].forecast == Money("300", "EUR")


def test_a_figure_through_time(quiet: Crm, clock: ManualClock) -> None:
    """A roll-up as it stood, a week at a time, and at the end; a row that was not there yet is None."""
    ana, _ = two_who_sell(quiet)
    start = clock()
    one = deal(quiet, "100")
    clock.tick(days=7)
    deal(quiet, "20", salesperson=ana)
    clock.tick(days=3)
    quiet.opportunities.win(one.id)
    clock.tick(hours=1)
    found = quiet.forecasting.trend(start=start, by="salesperson")
    assert [at - start for at, _ in found.of("open")] == [0 * DAY, 7 * DAY, 10 * DAY + timedelta(hours=1)]
    assert [str(amount) for _, amount in found.of("open")] == ["100.00 EUR", "120.00 EUR", "20.00 EUR"]
    assert [amount and str(amount) for _, amount in found.of("gross", ana)] == [None, "20.00 EUR", "20.00 EUR"]
    assert found.to_rows()[0]["at"] == start
    assert len(quiet.forecasting.trend(start=start, every=DAY, end=start + 9 * DAY)) == 10
    assert quiet.forecasting.trend(start=start, every="month").of("win_rate")[-1][1] == 1


def test_periods_are_those_of_the_end(crm: Crm, clock: ManualClock) -> None:
    """A trend and an accuracy of a period that was made, or moved, after the instants that they ask about."""
    start = clock()
    close = date(2026, 5, 5)
    one = deal(crm, "200", probability=50, projected_close=close)
    deal(crm, "30", projected_close=date(2026, 7, 15))
    clock.tick(days=7)
    quarter = crm.sales_periods.make_year(2026)[1]
    assert quarter.code == "2026-Q2"
    clock.tick(days=1)
    won = crm.opportunities.win(one.id, on=close)
    clock.tick(minutes=1)
    found = crm.forecasting.trend(start=start + DAY, every=timedelta(days=4), period="2026-Q2", by="period")
    assert [str(amount) for _, amount in found.of("open", "2026-Q2")] == ["200.00 EUR", "200.00 EUR", "0.00 EUR"]
    (row,) = crm.forecasting.accuracy(period="2026-Q2", at=start + DAY).rows
    assert (str(row.forecast), str(row.actual)) == ("100.00 EUR", str(won.estimated_value))
    before_it_was_made = crm.as_of(start + DAY).forecasting
    for asked in (before_it_was_made.trend, crm.forecasting.trend):
        with pytest.raises(NotFound):
            asked(start=start, end=start + DAY, period="2026-Q2")
    crm.sales_periods.delete(crm.sales_periods.find(code="2026-Q3")[0])
    crm.sales_periods.update(quarter, ends_on=date(2026, 7, 31))
    opened = crm.forecasting.trend(start=start + DAY, every="year", period="2026-Q2").of("open")
    assert [str(amount) for _, amount in opened] == ["230.00 EUR", "30.00 EUR"]


def test_snapshots_keep_what_was_said(crm: Crm, clock: ManualClock) -> None:
    """A series of roll-ups as they were taken, with the names of then; nothing changes one, and anybody may go."""
    ana, _ = two_who_sell(crm)
    deal(crm, "100", salesperson=ana, probability=30, stage="proposal")
    deal(crm, "7")
    first = crm.forecasting.take_snapshot("weekly", by=("salesperson", "stage"))
    said = crm.forecasting.roll_up(by=("salesperson", "stage"))
    clock.tick(days=7)
    crm.opportunities.win(deal(crm, "50", salesperson=ana).id)
    crm.salespersons.update(crm.salespersons.get(ana), name="Anna")
    crm.forecasting.take_snapshot("weekly", by=("salesperson", "stage"))
    crm.forecasting.take_snapshot("other", by="stage")
    found = crm.forecasting.snapshots("weekly")
    assert [str(amount) for _, amount in found.of("gross")] == ["107.00 EUR", "157.00 EUR"]
    assert [at for at, _ in found.of("won")] == [clock() - 7 * DAY, clock()]
    assert [row.shown["salesperson"] for row in found.points[0].figures] == ["Ana", "none"]
    kept = found.points[0].figures
    assert [(row.key, row.gross, row.weighted, row.count) for row in kept] == [
        (row.key, row.gross, row.weighted, row.count) for row in said
    ]
    assert kept.total.weighted == said.total.weighted
    assert len(crm.forecasting.snapshots("weekly", start=clock())) == 1
    with pytest.raises(Invalid, match=r"start: must not be later .*: 2026-01-02 .* is later than 2026-01-01 "):
        crm.forecasting.snapshots("weekly", start=LATER, end=EARLIER)
    with pytest.raises(Invalid, match="is fixed"):
        crm.forecast_snapshots.update(first, currency="USD")
    with pytest.raises(NotFound):
        crm.forecasting.snapshots("monthly")
    crm.forecasting.take_snapshot("weekly", by="stage")
    with pytest.raises(Invalid, match=r"^the series is not valid: name: the snapshots of weekly are not all"):
        crm.forecasting.snapshots("weekly")
    with pytest.raises(Refused):
        crm.as_of(clock()).forecasting.take_snapshot("weekly")


def test_a_snapshot_keeps_sums_of_any_size(crm: Crm) -> None:
    """Amounts of records are bounded, sums of them are not; earlier snapshots have whole numbers."""
    largest = Money.of_minor(LARGEST, "EUR")
    account = crm.prospects.add(Prospect(name="Acme")).id
    crm.opportunities.add_many(
        [Opportunity(account=account, description="d", estimated_value=largest, probability=100) for _ in range(12)]
    )
    made = crm.forecasting.take_snapshot("large")
    rolled = crm.forecasting.snapshots("large").points[0].figures
    assert rolled.total.gross.minor == rolled.total.weighted.minor == 12 * LARGEST > 2**53
    earlier = {"0": {**made.figures["0"], "amounts": [7, *made.figures["0"]["amounts"][1:]]}}
    assert roll_up_kept(attrs.evolve(made, figures=earlier)).total.gross.minor == 7


def test_steps_of_a_trend_keep_the_day(quiet: Crm, clock: ManualClock) -> None:
    """From the 31st on, months end on their last day; the end is always there, once."""
    clock.tick(days=29)
    start = clock()
    clock.tick(days=92)
    days = [at.date().isoformat() for at, _ in quiet.forecasting.trend(start=start, every="month").of("count")]
    assert days == ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-01"]


@pytest.mark.parametrize(
    ("verb", "asked", "error"),
    [
        ("pace", {"period": "2026-Q9"}, NotFound),
        ("pace", {"nonsense": 1}, Invalid),
        ("slippage", {"start": datetime(2026, 1, 1)}, Invalid),  # noqa: DTZ001 - the fault under test
        ("slippage", {"by": "nonsense"}, Invalid),
        ("time_in_stage", {"end": "yesterday"}, Invalid),
        ("stage_conversion", {"start": 5}, Invalid),
        ("stage_conversion", {"start": LATER, "end": EARLIER}, Invalid),
        ("time_in_stage", {"start": LATER, "end": EARLIER}, Invalid),
        ("slippage", {"start": LATER, "end": EARLIER}, Invalid),
        ("accuracy", {"period": "2026-Q9"}, NotFound),
        ("accuracy", {"period": "2026-Q1", "measure": "hope"}, Invalid),
        ("accuracy", {"period": "2026-Q1", "at": 3}, Invalid),
        ("submitted_accuracy", {"period": "2026-Q1", "view": "hope"}, Invalid),
        ("trend", {"start": datetime(2026, 1, 1, tzinfo=UTC), "every": "fortnight"}, Invalid),
        ("trend", {"start": datetime(2000, 1, 1, tzinfo=UTC), "every": timedelta(seconds=1)}, Invalid),
        ("trend", {"start": datetime(2030, 1, 1, tzinfo=UTC)}, Invalid),
    ],
)
def test_what_cannot_be_meant_is_told(quiet: Crm, verb: str, asked: Any, error: Any) -> None:
    """By crmkit's own errors."""
    quiet.sales_periods.make_year(2026)
    with pytest.raises(error):
        getattr(quiet.forecasting, verb)(**asked)


def test_they_show_themselves(quiet: Crm, clock: ManualClock) -> None:
    """As text and as HTML with hostile names escaped, as rows and frames of one schema."""
    quiet.sales_periods.make_year(2026)
    hostile = quiet.salespersons.add(Salesperson(name="<i>Ana</i>")).id
    start = clock()
    one = deal(quiet, salesperson=hostile, stage="proposal", projected_close=date(2026, 3, 3))
    clock.tick(days=3)
    one = quiet.opportunities.update(one, projected_close=date(2026, 3, 9))
    quiet.opportunities.win(one.id)
    ask = quiet.forecasting
    for found in (
        ask.pace(by="salesperson"),
        ask.slippage(by="salesperson"),
        ask.time_in_stage(by="salesperson"),
        ask.stage_conversion(by="salesperson"),
        ask.accuracy(period="2026-Q1", at=clock(), by="salesperson"),
        ask.trend(start=start, by="salesperson"),
    ):
        assert "&lt;i&gt;Ana" in found._repr_html_()
        assert "<i>Ana</i>" in str(found)
        rows = found.to_rows()
        assert rows
        assert all(list(row) == found.columns() for row in rows)
        assert list(found.to_pandas().columns) == found.columns()


def test_what_was_not_touched_in_the_time_looked_at_is_not_read(
    crm: Crm, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five deals, one is moved on before the time looked at and one in it: the histories of no others are needed."""
    for month in range(5):
        deal(crm, stage="qualification", projected_close=date(2026, 4 + month, 1))
    before, later, *_ = crm.opportunities.all()
    for one in (before, later):
        clock.tick(days=1)
        start = clock()
        moved = crm.opportunities.update(one, stage="proposal", projected_close=date(2026, 12, 1))
    clock.tick(days=1)
    crm.opportunities.update(moved, estimated_value=Money(7, "EUR"))
    read: list[int] = []
    held = pacing._histories

    def noted(work: Any, ids: Any) -> Any:
        wanted = list(ids)
        read.append(len(wanted))
        return held(work, wanted)

    monkeypatch.setattr(pacing, "_histories", noted)
    slipped = crm.forecasting.slippage(start=start).total
    assert (slipped.opportunities, slipped.slipped, slipped.pushes) == (5, 1, 1)
    assert crm.forecasting.slippage().total.slipped == 2
    assert crm.forecasting.slippage(end=start).total.slipped == 1
    (row,) = crm.forecasting.time_in_stage(start=start).rows
    assert (row.stage, row.entered) == ("proposal", 1)
    (cohort,) = crm.forecasting.stage_conversion(start=start).rows
    assert (cohort.stage, cohort.entered, cohort.still) == ("proposal", 1, 1)
    assert read == [1, 2, 2, 1, 1]
