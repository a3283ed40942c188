"""Charts of forecasting: what is drawn is what the values say, whatever names people have."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from io import StringIO
from itertools import pairwise
from math import comb
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import FrozenMap, Invalid, MissingExtra, Money, Percent, StageSpell, charts
from crmkit.forecasting import Contribution, Deal, OpportunityFigures, distribution, roll_up, simulate
from crmkit.forecasting.cohorts import StageConversion, TimeInStage, stage_conversion, time_in_stage
from crmkit.forecasting.trend import Trend, TrendPoint
from crmkit.forecasting.waterfall import LINES, Movements, Waterfall, WaterfallRow
from crmkit.reports.charts.saying import percent, short

START = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = ("contact", "proposal", "closing")


def eur(amount):
    return Money(amount, "EUR")


def person(number):
    return UUID(int=number)


def sold(who, outcome, value, weighted, period="2026-Q1", category="commit"):
    """An opportunity of a person, as it goes into a roll-up."""
    figures = OpportunityFigures(
        gross=eur(value), weighted=eur(weighted), outcome=outcome, stated_category=category, probability=Percent(50)
    )
    return Contribution(figures=figures, salesperson=person(who), period=period, currency="EUR")


def drawn(figure, what) -> list[tuple[float, float, float]]:
    """From where and how far each bar of a kind reaches, with its place, from the first place on."""
    axes: Any = figure.axes[0]
    found = []
    for patch in axes.patches:
        if patch.get_gid() == what:
            box = (patch.get_x(), patch.get_y(), patch.get_width(), patch.get_height())
            upright = box[2] == pytest.approx(0.66)
            place = box[0] + 0.33 if upright else box[1] + 0.33
            found.append((place, box[1] if upright else box[0], box[3] if upright else box[2]))
    return sorted(found)


def lengths(figure, what):
    return [length for _, _, length in drawn(figure, what)]


def texts(figure) -> str:
    """All that stands on the figure."""
    figure.draw_without_rendering()
    return "\n".join(one.get_text() for one in figure.findobj(match=lambda artist: hasattr(artist, "get_text")))


def marks(figure, what) -> list[Any]:
    """The lines and diamonds of a kind."""
    return [line for line in figure.axes[0].lines if line.get_gid() == what]


def lines(figure) -> dict[str, list[float]]:
    axes: Any = figure.axes[0]
    return {str(line.get_gid()): [float(y) for y in line.get_ydata()] for line in axes.lines if line.get_gid()}


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["open", "won", "lost"]), st.integers(0, 10**9)), min_size=1)
)
@settings(max_examples=10)
def test_bars_are_what_is_won_and_what_is_expected(deals):
    """Won and expected bars of all people add up to the total's weighted figure, each bar starting where won ends."""
    given = [
        sold(who, how, value, value if how == "won" else value // 2 if how == "open" else 0)
        for who, how, value in deals
    ]
    rolled = roll_up(given, by="salesperson", currency="EUR")
    figure = charts.forecast_against_quota(rolled)
    won, expected = drawn(figure, "won"), drawn(figure, "expected of what is open")
    assert sum(length for _, _, length in won + expected) == pytest.approx(
        sum(v if how == "won" else v // 2 if how == "open" else 0 for _, how, v in deals)
    )
    assert [start for _, start, _ in expected] == pytest.approx([length for _, _, length in won])
    reached = [one + more for (_, _, one), (_, _, more) in zip(won, expected, strict=True)]
    assert reached == sorted(reached, reverse=True)


def test_a_quota_is_a_line_across_its_bar_and_the_label_says_how_much_of_it_is_forecast():
    """Of 80,000 with 40,000 won and 20,000 expected, 75 % is forecast."""
    rolled = roll_up(
        [sold(1, "won", 40_000, 40_000), sold(1, "open", 40_000, 20_000)],
        by="salesperson",
        currency="EUR",
        names={"salesperson": {person(1): "Ana Ríos"}},
        quotas={(person(1),): eur(80_000)},
    )
    figure = charts.forecast_against_quota(rolled)
    (mark,) = marks(figure, "quota")
    assert set(mark.get_xdata()) == {80_000}
    assert "60,000, 75 % of quota" in texts(figure)
    assert "60,000, 75 % de la cuota" in texts(charts.forecast_against_quota(rolled, language="es"))


def test_the_categories_are_on_each_other_in_full():
    """What is committed, best case and pipeline stands on what is won, unweighted."""
    rolled = roll_up(
        [
            sold(1, "won", 5, 5),
            sold(1, "open", 7, 3, category="commit"),
            sold(1, "open", 11, 3, category="best_case"),
            sold(1, "open", 13, 3, category="pipeline"),
        ],
        by="salesperson",
        currency="EUR",
    )
    figure = charts.forecast_against_quota(rolled, of="categories")
    found = [drawn(figure, what)[0][1:] for what in ("won", "commit", "best case", "pipeline")]
    assert found == [(0, 5), (5, 7), (12, 11), (23, 13)]


def test_the_periods_of_one_owner_stand_in_their_order():
    """By period and salesperson, a key gives that person's periods, upright."""
    given = [sold(who, "won", who * 100 + n, 0, f"2026-Q{n}") for who in (1, 2) for n in (1, 2, 3)]
    rolled = roll_up(given, by=("period", "salesperson"), currency="EUR")
    assert lengths(charts.forecast_against_quota(rolled, person(2)), "won") == [201, 202, 203]
    with pytest.raises(Invalid, match="no periods"):
        charts.forecast_against_quota(rolled, person(3))


def test_what_cannot_be_drawn_against_a_quota_is_refused():
    """Another measure, no row, and roll-ups in two currencies; a roll-up by nothing has one bar, its total."""
    rolled = roll_up([sold(1, "won", 5, 5)], by=(), currency="EUR")
    assert lengths(charts.forecast_against_quota(rolled), "won") == [5]
    for wrong in ({"of": "gross"}, {"most": 0}):
        with pytest.raises(Invalid):
            charts.forecast_against_quota(rolled, **wrong)
    with pytest.raises(Invalid, match="not in EUR, USD"):
        charts.forecast_against_quota({"here": rolled, "there": roll_up([], by=(), currency="USD")})


def test_roll_ups_under_names_have_a_bar_for_each_ones_total():
    """A roll-up by person for each quarter gives the whole by quarter, with the quota of the whole."""
    rolled = {
        f"Q{n}": roll_up(
            [sold(1, "won", n, n), sold(2, "won", 10 * n, 10 * n)],
            by="salesperson",
            currency="EUR",
            quotas={(person(who),): eur(5 * n) for who in (1, 2)},
        )
        for n in (1, 2)
    }
    figure = charts.forecast_against_quota(rolled)
    assert lengths(figure, "won") == [11, 22]
    quotas = [line.get_ydata()[0] for line in marks(figure, "quota")]
    assert quotas == [10, 20]


@pytest.mark.parametrize(("by", "label"), [("salesperson", "other (28)"), ("period", "earlier (28)")])
def test_of_forty_groups_twelve_are_shown_and_the_rest_is_one_that_says_how_many(by, label):
    """The smallest, or the earliest periods, are together: nothing of the whole is left out."""
    given = [sold(n, "won", n, n, f"{1990 + n}") for n in range(1, 41)]
    figure = charts.forecast_against_quota(roll_up(given, by=by, currency="EUR"))
    found = lengths(figure, "won")
    assert (len(found), sum(found)) == (13, sum(range(1, 41)))
    assert label in texts(figure)


def test_along_a_tree_the_rest_is_counted_and_never_added_up():
    """Rows with all that is below them hold one another: their sum would count twice."""
    given = [sold(n, "won", n, n) for n in range(1, 41)]
    tree = {"salesperson": {person(n): person(40) for n in range(1, 40)}}
    figure = charts.forecast_against_quota(roll_up(given, by="salesperson", currency="EUR", trees=tree), most=3)
    assert lengths(figure, "won") == [sum(range(1, 41)), 39, 38]
    assert "37 more are not shown" in texts(figure)


def falls(start: int, steps: dict[str, int], name: str = "") -> Waterfall:
    """A waterfall of so many euros at the start, with these steps."""
    held = {line: eur(steps.get(line, 0)) for line in LINES}
    end = start + sum(steps.values())
    row = WaterfallRow(
        key=FrozenMap({"salesperson": person(1)} if name else {}),
        shown=FrozenMap({"salesperson": name} if name else {}),
        start=eur(start),
        start_count=int(start != 0),
        lines=FrozenMap(held),
        counts=FrozenMap({line: int(line in steps) for line in LINES}),
        end=eur(end),
        end_count=int(end != 0),
    )
    return Waterfall(
        by=("salesperson",) if name else (),
        currency="EUR",
        measure="gross",
        start=START,
        end=START + timedelta(days=90),
        rows=(row,) if name else (),
        total=row,
        movements=Movements([], "EUR"),
    )


AMOUNTS = st.integers(-(10**9), 10**9)


@given(AMOUNTS, st.dictionaries(st.sampled_from(LINES), AMOUNTS))
@settings(max_examples=15)
def test_a_step_begins_where_the_one_before_it_ends(start, steps):
    """From the start on, every line that something is on is a bar, and the last one ends at the end."""
    found = falls(start, steps)
    figure = charts.waterfall(found)
    if not (start or steps):
        assert "Nothing to show" in texts(figure)
        return
    bars: list[Any] = [bar for what in ("start", *LINES, "end") for bar in drawn(figure, what)]
    assert [length for _, _, length in bars] == [
        start,
        *(steps[one] for one in LINES if one in steps),
        start + sum(steps.values()),
    ]
    level = float(start)
    for _, base, length in bars[1:-1]:
        assert base == level
        level += length
    assert level == bars[-1][2]


def test_a_row_of_a_waterfall_is_drawn_by_its_key():
    """The chart of a row names it; of a key that there is not, there is none."""
    found = falls(10, {"new": 5, "lost": -3}, "Ana")
    assert "Open pipeline, gross, Ana, EUR" in texts(charts.waterfall(found, person(1)))
    with pytest.raises(KeyError):
        charts.waterfall(found, person(2))


def test_a_row_of_a_waterfall_is_drawn_with_all_that_is_below_it():
    """On demand, and the note says so; where there is no tree, there is none to draw."""
    found = falls(10, {"new": 5}, "Ana")
    (row,) = found.rows
    below = attrs.evolve(found, rows=(attrs.evolve(row, with_descendants=falls(100, {"up": 7}, "Ana").rows[0]),))
    figure = charts.waterfall(below, person(1), with_descendants=True)
    assert [length for _, _, length in drawn(figure, "start") + drawn(figure, "up")] == [100, 7]
    assert not drawn(figure, "new")
    assert "UTC; with all that is below" in texts(figure)
    with pytest.raises(Invalid, match="along a tree"):
        charts.waterfall(found, person(1), with_descendants=True)


def spell(stage, days, first=0, outcome=""):
    at = START + timedelta(days=first)
    left = None if days is None else at + timedelta(days=days)
    return StageSpell(stage=stage, entered_at=at, left_at=left, lasted=timedelta(days or 0), outcome=outcome)


def conversion(*held) -> StageConversion:
    return stage_conversion([((), how, some) for how, some in held], stages=STAGES, by=(), names={})


def test_a_funnel_says_how_many_came_to_each_stage():
    """Of four that came in, two reached the second stage, one the third, and one was won."""
    found = conversion(
        ("open", [spell("contact", None)]),
        ("lost", [spell("contact", 3, outcome="lost")]),
        ("open", [spell("contact", 3), spell("proposal", None, 3)]),
        ("won", [spell("contact", 3), spell("proposal", 3, 3), spell("closing", 3, 6, "won")]),
    )
    figure = charts.funnel(found)
    assert [drawn(figure, what)[0][2] for what in (*STAGES, "won")] == [4, 2, 1, 1]
    said = texts(figure)
    assert "2 · 50 %" in said
    assert "1 · 25 % (50 %)" in said
    assert "Of 4: 1 won, 1 lost, 2 open" in said
    assert lengths(charts.funnel(found, stage="proposal"), "proposal") == [2]
    with pytest.raises(Invalid, match="nobody entered"):
        charts.funnel(conversion(("open", [spell("contact", None)])), stage="closing")


def times(*held: Any, by: tuple[str, ...] = ()) -> TimeInStage:
    return time_in_stage(held, stages=STAGES, by=by, names={})


def test_time_in_stage_is_the_median_with_the_mean_beside_it():
    """Of 1, 2 and 9 days the median is 2 and the mean 4; who is still there counts in neither."""
    figure = charts.time_in_stage(times(((), [spell("contact", days) for days in (1, 2, 9, None)])))
    assert lengths(figure, "contact") == [2]
    (mean,) = [mark.get_xdata()[0] for mark in marks(figure, "mean")]
    assert mean == 4
    assert "2.0: 3 left, mean 4.0, longest 9.0; 1 still there" in texts(figure)


def to_hex(colour: Any) -> str:
    """A colour as matplotlib writes it."""
    return str(import_module("matplotlib.colors").to_hex(colour))


def ticks(figure) -> list[str]:
    """What stands along the values of lying bars."""
    figure.draw_without_rendering()
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


def test_while_nobody_has_left_a_stage_there_are_no_days():
    """The axis says so, where there were five noughts; parts of a day are told apart on it."""
    still = charts.time_in_stage(times(((), [spell("contact", None)])))
    assert ticks(still) == []
    assert "No data: nobody has left a stage" in texts(still)
    hours = charts.time_in_stage(times(((), [spell("contact", 0), spell("proposal", 0.1)])))
    assert ticks(hours)[:2] == ["0", "0.02"]
    assert "No data" not in texts(hours)
    assert len(set(ticks(charts.time_in_stage(times(((), [spell("contact", 0)])))))) > 1


def test_groups_that_are_too_many_are_counted_since_medians_do_not_add_up():
    """Of forty groups those with the most spells are shown."""
    held = [((person(n),), [spell("contact", n)] * n) for n in range(1, 41)]
    figure = charts.time_in_stage(times(*held, by=("salesperson",)), most=2)
    assert sorted(lengths(figure, "contact")) == [39, 40]
    assert "38 more are not shown" in texts(figure)


def through_time(*quarters: dict[int, int], by: tuple[str, ...] = ("salesperson",), quota: int = 0) -> Trend:
    """What each person has won at the end of each month."""
    points = [
        TrendPoint(
            START + timedelta(days=30 * n),
            roll_up(
                [sold(who, "won", value, value) for who, value in each.items()],
                by=by,
                currency="EUR",
                names={"salesperson": {person(n): f"P{n}" for n in range(1, 41)}},
                quotas={(person(1),): eur(quota)} if quota else {},
            ),
        )
        for n, each in enumerate(quarters)
    ]
    return Trend(by=by, currency="EUR", points=tuple(points))


def test_a_line_goes_through_the_figure_at_each_instant():
    """What is won of the whole, one instant after another; a row that was not there yet leaves a gap."""
    found = through_time({1: 5}, {1: 7, 2: 100}, {1: 9, 2: 90})
    shown = lines(charts.trend(found, "won"))
    assert shown["P1"] == [5, 7, 9]
    assert shown["P2"][0] != shown["P2"][0]
    assert shown["P2"][1:] == [100, 90]
    whole = lines(charts.trend(through_time({1: 5}, {1: 7, 2: 100}, by=()), ("won", "gross")))
    assert whole == {"won": [5, 107], "gross": [5, 107]}


def test_several_figures_are_of_the_whole_with_its_quota():
    """By groups too: the quota of the whole is known there, and what is never there has no line."""
    found = through_time({1: 5}, {1: 7, 2: 100}, quota=90)
    assert lines(charts.trend(found, ("won", "gross"))) == {"won": [5, 107], "gross": [5, 107], "quota": [90, 90]}
    assert list(lines(charts.trend(found, "attainment"))) == ["P1"]
    counted = lines(charts.trend(found, "count", most=1))
    assert (counted["P1"], counted["other (1)"][1:]) == ([1, 1], [1])


def test_each_name_at_the_end_of_a_line_tells_which_line_it_is():
    """A piece of the line leads to it; of two that end in one place each has its own colour, and a quota is dashed."""
    found = through_time({1: 5}, {1: 7, 2: 100}, quota=107)
    figure = charts.trend(found, ("won", "gross"))
    named: list[Any] = [one for one in figure.axes[0].texts if getattr(one, "arrow_patch", None)]
    of_lines = {line.get_gid(): line.get_color() for line in figure.axes[0].lines if line.get_gid()}
    led = {one.get_text().split(" ")[0]: one.arrow_patch for one in named}
    assert {name: to_hex(patch.get_edgecolor()) for name, patch in led.items()} == {
        name: to_hex(colour) for name, colour in of_lines.items()
    }
    assert {name for name, patch in led.items() if patch.get_linestyle() in ("--", "dashed")} == {"quota"}
    assert len({one.get_color() for one in named}) == 3


def test_lines_beyond_the_largest_are_added_up():
    """Of forty people's lines the others are one, and with those shown they are the whole."""
    found = through_time({n: n for n in range(1, 41)}, {n: 2 * n for n in range(1, 41)})
    shown = lines(charts.trend(found, "won", most=3))
    assert list(shown) == [*(f"P{n}" for n in (40, 39, 38)), "other (37)"]
    assert [sum(ys) for ys in zip(*shown.values(), strict=True)] == [820, 1640]


def test_figures_of_several_kinds_have_no_common_axis():
    """Amounts and numbers are refused together, as is one that there is not."""
    whole = through_time({1: 5}, by=())
    with pytest.raises(Invalid, match="all amounts, all numbers, or all ratios"):
        charts.trend(whole, ("won", "count"))
    with pytest.raises(Invalid, match="none of"):
        charts.trend(whole, "wonder")


def chances(figure) -> dict[int, float]:
    """The bars of a distribution: the middle of each, rounded, and how high it is."""
    bars: list[Any] = [patch for patch in figure.axes[0].patches if patch.get_gid() == "chance"]
    return {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in bars}


DEALS = [Deal(value=eur(v), probability=Percent(p)) for v, p in ((40_000, 60), (25_000, 50), (90_000, 10))]


def test_what_is_certain_is_one_bar():
    """Without a deal there is one total; it is seen whatever the quota is. The unit of millions stays large."""
    for quota in (None, eur(9_000_000)):
        figure = charts.distribution(distribution([], certain=eur(1_234_567)), quota=quota)
        bars: list[Any] = [patch for patch in figure.axes[0].patches if patch.get_gid() == "chance"]
        low, high = figure.axes[0].get_xlim()
        assert [bar.get_height() for bar in bars] == [1]
        assert bars[0].get_width() > (high - low) / 1000
    large = [Deal(value=eur(10**9 + n), probability=Percent(50)) for n in range(50)]
    assert re.search(r"Mean [\d,.]+ M;", texts(charts.distribution(distribution(large, certain=eur(0)))))


def test_few_totals_have_a_bar_each_as_high_as_their_chance():
    """Three deals make eight totals, of which each has the product of its deals' chances."""
    figure = charts.distribution(distribution(DEALS, certain=eur(0)), quota=eur(60_000))
    assert chances(figure) == pytest.approx(
        {
            0: 0.18,
            25_000: 0.18,
            40_000: 0.27,
            65_000: 0.27,
            90_000: 0.02,
            115_000: 0.02,
            130_000: 0.03,
            155_000: 0.03,
        }
    )
    said = texts(figure)
    for part in ("P10 0", "P50 40,000", "P90 65,000", "quota 60,000: 37 %", "Mean 45,500"):
        assert part in said


def test_many_totals_are_put_together_and_lose_only_the_outermost_tails():
    """Two hundred deals in forty steps: all but two thousandths of the chance is drawn."""
    deals = [Deal(value=eur(1000 + 37 * n), probability=Percent(50)) for n in range(200)]
    for found in (distribution(deals, certain=eur(0)), simulate(deals, certain=eur(0), runs=4000)):
        bars: list[Any] = [one for one in charts.distribution(found).axes[0].patches if one.get_gid() == "chance"]
        assert len(bars) == 40
        assert 0.997 <= sum(bar.get_height() for bar in bars) <= 1.000001


def binomial(of: int, won: int) -> float:
    """The chance that so many of equal deals are won, each in one of two cases."""
    return comb(of, won) / (1 << of)


@pytest.mark.parametrize("amount", [1, 1000, 10**9])
def test_equal_deals_have_no_false_gaps_and_no_spikes(amount):
    """Of 100 deals the totals that are left without tails have a bar each, of 203 each bar holds two of them."""
    deals = [Deal(value=eur(amount), probability=Percent(50)) for _ in range(203)]
    few = chances(charts.distribution(distribution(deals[:100], certain=eur(0))))
    assert few == pytest.approx({won * amount: binomial(100, won) for won in range(35, 66)})
    figure = charts.distribution(distribution(deals, certain=eur(0)))
    pairs = [binomial(203, won) + binomial(203, won + 1) for won in range(80, 124, 2)]
    assert list(chances(figure).values()) == pytest.approx(pairs)


def test_bars_hold_equally_many_of_the_steps_that_totals_are_apart():
    """Deals of 1,000 and 1,500 in a simulation and exactly: totals are 500 apart, on what is won."""
    deals = [Deal(value=eur(v), probability=Percent(50)) for v in (1000, 1500) for _ in range(50)]
    for found in (distribution(deals, certain=eur(123)), simulate(deals, certain=eur(123), runs=2000)):
        middles = list(chances(charts.distribution(found)))
        apart = {later - one for one, later in pairwise(middles)}
        assert len(apart) == 1
        assert apart.pop() % 500 == 0


def test_deals_that_are_nearly_equal_have_no_gaps_of_the_bars_own():
    """Of 100 deals of 1,000 and one of 1,037 or 1,250, each bar holds the totals of as many deals that are won; and of
    20 in steps of 10,000, three bars of which would find room in one. They were five full bars and an empty one.
    """
    for other in (1037, 1250):
        deals = [Deal(value=eur(v), probability=Percent(50)) for v in (*[1000] * 100, other)]
        bars = list(chances(charts.distribution(distribution(deals, certain=eur(0)))).values())
        expected = [binomial(101, won) for won in range(38, 64)]
        start = next(place for place, bar in enumerate(bars) if bar == pytest.approx(expected[0]))
        assert bars[start : start + len(expected)] == pytest.approx(expected)
        drawn = charts.distribution(simulate(deals, certain=eur(0), runs=4000))
        assert 0 not in list(chances(drawn).values())[2:-2]
    deals = [Deal(value=eur(v), probability=Percent(50)) for v in (*[10_000] * 20, 10_370, 110)]
    bars = list(chances(charts.distribution(distribution(deals, certain=eur(0)))).values())
    assert bars[4:10] == pytest.approx([binomial(21, won) for won in range(8, 14)])


def test_a_true_gap_stays_and_no_chance_is_lost_in_it():
    """Sixty deals of 1,000 and one of 400,000: two clusters, with nothing drawn between them."""
    deals = [Deal(value=eur(v), probability=Percent(p)) for v, p in (*[(1000, 50)] * 60, (400_000, 40))]
    bars = chances(charts.distribution(distribution(deals, certain=eur(0))))
    low, high = (sum(bar for middle, bar in bars.items() if (middle < 200_000) is below) for below in (True, False))
    assert [low, high] == pytest.approx([0.6, 0.4], abs=0.002)
    assert all(bar == 0 for middle, bar in bars.items() if 80_000 < middle < 390_000)
    assert sum(1 for bar in bars.values() if bar) >= 4


def test_what_the_two_blues_of_a_distribution_are_is_said_where_there_are_two():
    """Bars below P10 and above P90 are lighter; where there is one total, there is one blue."""
    figure = charts.distribution(distribution(DEALS, certain=eur(0)), language="es")
    assert "de P10 a P90\nmenos o más" in texts(figure)
    assert "P10 to P90" not in texts(charts.distribution(distribution([], certain=eur(5))))


EMPTY = crmkit.connect("memory:", currency="EUR").forecasting
GIVEN: dict[str, Any] = {
    "forecast_against_quota": EMPTY.roll_up(by="salesperson"),
    "waterfall": EMPTY.waterfall(start=START, end=START),
    "funnel": EMPTY.stage_conversion(),
    "time_in_stage": EMPTY.time_in_stage(),
    "distribution": EMPTY.distribution(),
    "trend": EMPTY.trend(start=START, by="salesperson"),
}
"""What each chart draws."""


@pytest.mark.parametrize(
    ("chart", "asked"),
    [
        ("forecast_against_quota", "roll_up(by=…)"),
        ("waterfall", "waterfall(start=…)"),
        ("funnel", "stage_conversion()"),
        ("time_in_stage", "time_in_stage()"),
        ("distribution", "distribution(…) or simulation(…)"),
        ("trend", "trend(start=…)"),
    ],
)
def test_what_a_chart_cannot_draw_is_refused_with_where_it_would_come_from(chart, asked):
    """Another answer, nothing at all and a text; and a language that there are no words of."""
    draw = getattr(charts, chart)
    others = [one for name, one in GIVEN.items() if name != chart]
    for wrong, called in [*((one, f"a {type(one).__name__}") for one in others), (None, "None"), ("x", "'x'")]:
        with pytest.raises(Invalid, match=re.escape(f"is what crm.forecasting.{asked} gives, not {called}")):
            draw(wrong)
    with pytest.raises(Invalid, match="language: is one of en, es, not 'xx'"):
        draw(GIVEN[chart], language="xx")


def test_which_of_several_roll_ups_is_none_is_said():
    """By its name; no language is passed over where there is none of them."""
    with pytest.raises(Invalid, match=re.escape("rolled['Q2']: is what")):
        charts.forecast_against_quota({"Q1": GIVEN["forecast_against_quota"], "Q2": GIVEN["trend"]})
    with pytest.raises(Invalid, match="language"):
        charts.forecast_against_quota({}, language="EN")


@pytest.mark.parametrize("language", ["en", "es"])
def test_where_there_is_nothing_the_chart_says_so(language):
    """A CRM without a record gives charts that say that there is nothing to show, and no error."""
    made = [getattr(charts, chart)(one, language=language) for chart, one in GIVEN.items()]
    said = {"en": "Nothing to show", "es": "Nada que mostrar"}[language]
    assert [said in texts(one) for one in made] == [True] * 6


HOSTILE = "$\\frac{1}{0}$ <b>&amp; \u202eback\u200f\nline\x1b[31m " + "long " * 20


def test_hostile_names_are_text_on_one_line_and_no_formulas():
    """A name is never taken for mathematics or markup, steers no direction, and is cut where it is long."""
    rolled = roll_up(
        [sold(1, "won", 1, 1)], by="salesperson", currency="EUR", names={"salesperson": {person(1): HOSTILE}}
    )
    point = TrendPoint(START, rolled)
    made = [
        charts.forecast_against_quota(rolled),
        charts.forecast_against_quota({HOSTILE: rolled}),
        charts.waterfall(falls(10, {"new": 5}, HOSTILE), person(1)),
        charts.trend(Trend(by=("salesperson",), currency="EUR", points=(point,))),
        charts.funnel(conversion(("won", [spell("contact", 3)])), names={"contact": HOSTILE}),
        charts.time_in_stage(times(((), [spell("contact", 3)])), names={"contact": HOSTILE}),
    ]
    for figure in made:
        said = texts(figure)
        assert "$\\frac{1}{0}$ <b>&amp;" in said
        assert not set("\u202e\u200f\x1b") & set(said)
        assert "long long long" not in said
        assert figure._repr_png_()[0].startswith(b"\x89PNG")


def letters(figure, label: str) -> str:
    """The letters, blanks apart, of a label in the order in which they stand from left to right."""
    font_manager, ft2font = import_module("matplotlib.font_manager"), import_module("matplotlib.ft2font")
    font = ft2font.FT2Font(font_manager.findfont("DejaVu Sans"))
    by_glyph = {font.get_char_index(ord(one)): one for one in label}
    held = StringIO()
    figure.savefig(held, format="svg")
    drawn = held.getvalue().partition(f"<!-- {label} -->")[2].partition("<!--")[0]
    found = re.findall(r'#DejaVuSans-([0-9a-f]+)"(?: transform="translate\(([0-9.]+))?', drawn)
    placed = sorted((float(x or 0), by_glyph.get(int(glyph, 16), "?")) for glyph, x in found)
    return "".join(letter for _, letter in placed).replace(" ", "")


def test_a_name_that_is_written_from_the_right_leaves_the_figures_behind_it():
    """Read from the left, a Hebrew name begins with its last letter; what follows it stands on its right all the same.

    Names in other scripts are as they are.
    """
    names = {person(1): "שרה לוי", person(2): "Ana", person(3): "محمد"}
    backwards = names[person(1)].replace(" ", "")[::-1]
    given = [sold(who, "won", 500 * who, 500 * who) for who in (1, 2, 3)]
    rolled = roll_up(given, by="salesperson", currency="EUR", names={"salesperson": names})
    figure = charts.trend(Trend(by=("salesperson",), currency="EUR", points=(TrendPoint(START, rolled),)), "won")
    assert letters(figure, "\u2068שרה לוי\u2069 500") == f"{backwards}500"
    assert letters(figure, "Ana 1 k") == "Ana1k"
    assert "\u2068محمد\u2069 1.5 k" in texts(figure)
    held = [((person(1),), [spell("contact", 3)])]
    found = time_in_stage(held, stages=STAGES, by=("salesperson",), names={"salesperson": names})
    assert letters(charts.time_in_stage(found), "\u2068שרה לוי\u2069 · contact") == f"{backwards}·contact"


def test_a_notebook_shows_a_chart_by_itself():
    """It gives a picture with twice as many dots as it is to be large."""
    png, size = charts.waterfall(falls(10, {"new": 5}))._repr_png_()
    assert png[16:24] == (1600).to_bytes(4, "big") + (900).to_bytes(4, "big")
    assert size == {"width": 800, "height": 450}


def test_nothing_global_is_touched_or_followed():
    """A dark style in use leaves a chart light; no window system and no pyplot is loaded, no setting changed."""
    code = (
        "import matplotlib, sys\n"
        "matplotlib.rcParams.update({'figure.facecolor': 'black', 'axes.facecolor': 'black', 'text.color': 'white'})\n"
        "before = matplotlib.rcParams.copy()\n"
        "import crmkit\n"
        "from crmkit.forecasting import roll_up\n"
        "figure = crmkit.charts.forecast_against_quota(roll_up([], by=(), currency='EUR'))\n"
        "figure.draw_without_rendering()\n"
        "assert matplotlib.rcParams.copy() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert figure.get_facecolor()[:3] == figure.axes[0].get_facecolor()[:3] == (1, 1, 1)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ran.returncode == 0, ran.stderr


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """Charts are an extra: the error says how it is installed."""
    for name in [one for one in sys.modules if one.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "crmkit.reports.charts.figure", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"pip install 'crmkit\[charts\]'"):
        charts.waterfall(falls(10, {"new": 5}))


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "0"),
        ("-950", "−950"),
        ("999.6", "1 k"),
        ("1234", "1.23 k"),
        ("999999", "1 M"),
        ("-1250000", "−1.25 M"),
        ("1250000000", "1,250 M"),
    ],
)
def test_a_shortened_amount_has_three_digits(amount, said):
    """Thousands and millions, rounded before the unit is chosen."""
    assert short(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Fraction(0), "0 %"),
        (Fraction(1), "100 %"),
        (Fraction(1, 3), "33 %"),
        (Fraction(999, 1000), "99.9 %"),
        (Fraction(99999, 100000), "> 99.9 %"),
        (Fraction(1, 100000), "< 0.1 %"),
        (Fraction(-1, 4), "−25 %"),
        (Fraction(12), "1,200 %"),
    ],
)
def test_a_percentage_says_nothing_that_is_not_so(ratio, said):
    """0 and 100 % are said of nothing else."""
    assert percent(ratio) == said
