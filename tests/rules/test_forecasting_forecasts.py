"""Forecasts: figures of opportunities and lines, and a forecast's life (S20, S21)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import attrs
import pytest

from crmkit.changes import Update
from crmkit.entities import (
    ExchangeRate,
    ForecastAdjustment,
    ForecastLine,
    Money,
    Opportunity,
    OpportunityStatus,
    Percent,
    SalesForecast,
    Stage,
    evolve,
    same_content,
)
from crmkit.errors import NotFound, Refused
from crmkit.forecasting import (
    RatePolicy,
    Rates,
    Valuation,
    add_lines,
    adding_findings,
    adjusted,
    approve,
    candidates,
    forecast_figures,
    opportunity_figures,
    reopen,
    snapshot,
    submit,
    total_of,
)
from crmkit.periods import year_periods

ACME, ANA, BEN, TEAM = UUID(int=900), UUID(int=901), UUID(int=902), UUID(int=903)
TODAY = date(2026, 10, 5)
PERIOD = evolve(year_periods(2026, "quarter")[-1], id=UUID(int=800))
CODES = [
    OpportunityStatus(code="open", category="open"),
    OpportunityStatus(code="stalled", category="open"),
    OpportunityStatus(code="won", category="won"),
    OpportunityStatus(code="lost", category="lost"),
    Stage(code="proposal", probability=50, forecast_category="best_case"),
    Stage(code="first talk"),
]
RATES = [
    ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 1, 1), rate=Decimal("0.8")),
    ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 12, 1), rate=Decimal("0.9")),
]
VALUATION = Valuation.of(CODES, currency="EUR", today=TODAY, rates=RATES)
FORECAST = SalesForecast(id=UUID(int=700), number="F1", owner=ANA, period=PERIOD.id, currency="EUR")


def eur(amount):
    return Money(amount, "EUR")


def deal(id=1, **values):
    given = {
        "account": ACME,
        "description": f"deal {id}",
        "number": f"O{id}",
        "status": "open",
        "estimated_value": eur(1000),
        "probability": 60,
        "projected_close": date(2026, 11, 1),
        "salesperson": ANA,
    }
    return Opportunity(id=UUID(int=id), **{**given, **values})


def line(opportunity, **values):
    return ForecastLine(
        id=UUID(int=opportunity.id.int + 500), forecast=FORECAST.id, opportunity=opportunity.id, **values
    )


def figures(*deals, forecast=FORECAST, lines=None, adjustments=(), valuation=VALUATION):
    return forecast_figures(
        forecast,
        period=PERIOD,
        lines=[line(one) for one in deals] if lines is None else lines,
        opportunities={one.id: one for one in deals},
        valuation=valuation,
        adjustments=adjustments,
    )


def submitted(*deals, lines=None, valuation=VALUATION):
    """The forecast and its lines once it is submitted."""
    held = [line(one) for one in deals] if lines is None else lines
    return after(submit(FORECAST, held, {one.id: one for one in deals}, valuation))


def after(changes):
    """The forecast and its lines as the changes leave them."""
    (forecast, *lines) = [update.after for update in changes.updates]
    return forecast, lines


def test_an_opportunitys_own_probability_wins_over_its_stages():
    """The stage's probability and category count only where the opportunity has none."""
    own = opportunity_figures(deal(stage="proposal", probability=20, forecast_category="commit"), VALUATION)
    assert (own.weighted, own.probability, own.category) == (eur(200), Percent(20), "commit")
    stages = opportunity_figures(deal(stage="proposal", probability=None), VALUATION)
    assert (stages.weighted, stages.probability, stages.category) == (eur(500), Percent(50), "best_case")


@pytest.mark.parametrize(("status", "weighted", "category"), [("won", 1000, "closed"), ("lost", 0, "lost")])
def test_what_is_closed_counts_fully_or_not_at_all(status, weighted, category):
    """Won counts as 100 %, lost as 0 %, whatever probability is stored, which stays."""
    closed = deal(status=status, closed_on=date(2026, 10, 2), forecast_category="pipeline")
    found = opportunity_figures(closed, VALUATION)
    assert (found.weighted, found.gross, found.category) == (eur(weighted), eur(1000), category)
    assert closed.probability == 60
    assert (found.open, found.pipeline) == (eur(0), eur(0))


def test_half_a_cent_goes_to_the_even_cent():
    """0.25 at 50 % is 0.12, 0.35 at 50 % is 0.18: rounded half-even, per opportunity."""
    cents = [opportunity_figures(deal(estimated_value=eur(v), probability=50), VALUATION) for v in ("0.25", "0.35")]
    assert [one.weighted for one in cents] == [eur("0.12"), eur("0.18")]


def test_what_is_missing_counts_as_nothing_and_is_named():
    """A missing value or probability is zero in the sums and listed; a closed one needs no probability."""
    assert opportunity_figures(deal(estimated_value=None), VALUATION).incomplete == ("estimated_value",)
    unknown = opportunity_figures(deal(probability=None, stage="first talk"), VALUATION)
    assert (unknown.weighted, unknown.gross, unknown.incomplete) == (eur(0), eur(1000), ("probability",))
    assert opportunity_figures(deal(probability=None, status="won"), VALUATION).incomplete == ()


def test_the_rate_of_the_close_date_counts():
    """The day it closed, else the day it is projected to close, else today."""
    dollars = Money(100, "USD")
    december = opportunity_figures(deal(estimated_value=dollars, projected_close=date(2026, 12, 15)), VALUATION)
    assert december.gross == eur(90)
    undated = opportunity_figures(deal(estimated_value=dollars, projected_close=None), VALUATION)
    assert undated.gross == eur(80)
    won = deal(estimated_value=dollars, status="won", projected_close=date(2026, 12, 15), closed_on=date(2026, 11, 1))
    assert opportunity_figures(won, VALUATION).gross == eur(80)


def test_an_unknown_status_is_no_guess():
    """A status whose category is not known is an error, not open."""
    with pytest.raises(ValueError, match="no opportunity status"):
        opportunity_figures(deal(status="maybe"), VALUATION)


def test_category_roll_up_single_and_cumulative():
    """Deals of 50: closed ×1, commit ×3, best case ×2, pipeline ×4 give 50 / 150 / 100 / 200.

    Added up: closed 50, commit 200, best case 300, and so pipeline 500; open pipeline 450.
    Source: Salesforce Trailhead, collaborative forecasts, unit 2.
    """
    deals = [deal(1, status="won", estimated_value=eur(50))]
    for category, count in (("commit", 3), ("best_case", 2), ("pipeline", 4)):
        deals += [deal(2, forecast_category=category, estimated_value=eur(50))] * count
    total = total_of((opportunity_figures(one, VALUATION) for one in deals), "EUR")
    assert [total.won, total.commit, total.best_case, total.pipeline] == [eur(50), eur(150), eur(100), eur(200)]
    added = total.cumulative
    assert [added.closed, added.commit, added.best_case, added.pipeline] == [eur(50), eur(200), eur(300), eur(500)]
    assert added.open_pipeline == eur(450)
    assert total.uncategorised == eur(0)


def test_open_value_without_a_category_is_not_put_into_one():
    """Gross is won, lost and open; open is its categories and what has none."""
    total = total_of([opportunity_figures(deal(), VALUATION)], "EUR")
    assert (total.open, total.uncategorised, total.pipeline) == (eur(1000), eur(1000), eur(0))


def test_totals_are_the_sums_of_the_lines():
    """Gross and weighted are exact: two times 0.25 at 50 % is 0.24, the sum of the rounded lines, not 0.25."""
    found = figures(
        deal(1, estimated_value=eur("0.25"), probability=50), deal(2, estimated_value=eur("0.25"), probability=50)
    )
    assert (found.count, found.gross, found.weighted) == (2, eur("0.50"), eur("0.24"))
    assert found.weighted == Money.total((held.figures.weighted for held in found.lines), "EUR")


def test_a_draft_follows_its_opportunity():
    """A change of the opportunity shows in a draft's figures."""
    assert figures(deal()).weighted == eur(600)
    assert figures(deal(estimated_value=eur(2000), probability=10)).weighted == eur(200)


def test_a_submitted_forecast_does_not_follow():
    """Once submitted, no change of the opportunity, of its stage or of the rates moves the figures."""
    sold = deal(1, estimated_value=Money(100, "USD"), stage="proposal", probability=None, projected_close=None)
    forecast, lines = submitted(sold, deal(2, status="won"))
    expected = figures(sold, deal(2, status="won"))
    codes = [one for one in CODES if one.code != "proposal"] + [Stage(code="proposal", probability=1)]
    later = Valuation.of(codes, currency="EUR", today=date(2027, 1, 1))
    found = figures(
        deal(1, status="lost"), deal(2, estimated_value=eur(5)), forecast=forecast, lines=lines, valuation=later
    )
    assert (found.gross, found.weighted, found.won) == (expected.gross, expected.weighted, expected.won)
    assert found.weighted == eur(40 + 1000)
    assert all(held.frozen for held in found.lines)
    assert found.best_case == expected.best_case == eur(80)


def test_an_approved_forecast_stays_frozen():
    """Approving changes no line: the snapshot of the submission counts."""
    forecast, lines = submitted(deal())
    (approved,) = approve(forecast).updates
    assert figures(deal(estimated_value=eur(5)), forecast=approved.after, lines=lines).gross == eur(1000)


def test_a_reopened_forecast_follows_again():
    """Reopening drops the snapshot: the lines are what they were before they were submitted."""
    forecast, lines = submitted(deal(), lines=[line(deal(), override=eur(700), note="sure")])
    draft, back = after(reopen(forecast, lines))
    assert draft.status == "draft"
    assert same_content(back[0], line(deal(), override=eur(700), note="sure"))
    assert figures(deal(estimated_value=eur(5)), forecast=draft, lines=back).gross == eur(5)


def test_a_snapshot_holds_the_opportunity_as_it_stood():
    """Value, probability, close date, status, stage, category and account are kept on the line."""
    kept = snapshot(line(deal()), deal(stage="proposal"), VALUATION)
    assert (kept.value, kept.probability, kept.close_date) == (eur(1000), Percent(60), date(2026, 11, 1))
    assert (kept.status, kept.stage, kept.category, kept.account) == ("open", "proposal", "best_case", ACME)


def test_an_override_replaces_the_weighted_figure():
    """Gross stays; a probability is not missed then."""
    held = [line(deal(), override=eur(250))]
    found = figures(deal(probability=None), lines=held)
    assert (found.gross, found.weighted, found.incomplete) == (eur(1000), eur(250), ())
    assert found.lines[0].overridden


@pytest.mark.parametrize(("status", "weighted"), [("won", 1000), ("lost", 0)])
def test_the_outcome_ends_an_override(status, weighted):
    """A line won or lost stays, at 100 % or 0 %, whatever its owner had put in its place."""
    found = figures(deal(status=status), lines=[line(deal(), override=eur(250))])
    assert (found.count, found.weighted) == (1, eur(weighted))


@pytest.mark.parametrize(
    ("close", "out"),
    [(date(2026, 10, 1), False), (date(2026, 12, 31), False), (date(2027, 1, 1), True), (None, True)],
)
def test_a_line_that_leaves_the_period_stays_and_is_flagged(close, out):
    """It is counted as before; both ends of the period are in it."""
    found = figures(deal(projected_close=close))
    assert found.out_of_period == ((UUID(int=1),) if out else ())
    assert found.weighted == eur(600)


def test_incomplete_lines_are_listed():
    """Each with its opportunity and what is missing."""
    found = figures(deal(1), deal(2, estimated_value=None, probability=None))
    assert [(one.opportunity, one.missing) for one in found.incomplete] == [
        (UUID(int=2), ("estimated_value", "probability"))
    ]


def test_a_forecast_has_its_own_currency():
    """Its figures are in its currency, not in the application's."""
    found = figures(deal(estimated_value=Money(10, "USD")), forecast=evolve(FORECAST, currency="USD"))
    assert found.gross == Money(10, "USD")


def test_a_draft_needs_its_opportunities():
    """Without the opportunity a draft's line has no figures."""
    with pytest.raises(NotFound):
        figures(lines=[line(deal())])


def adjustment(minute, **values):
    at = datetime(2026, 10, 5, 12, minute, tzinfo=UTC)
    return ForecastAdjustment(forecast=FORECAST.id, by="cleo", at=at, **values)


def test_the_latest_amount_replaces_and_later_differences_add():
    """Adjustments count in the order of their instants, however they are handed in."""
    steps = [
        adjustment(1, difference=eur(10)),
        adjustment(2, amount=eur(500)),
        adjustment(3, difference=eur(-20)),
        adjustment(4, difference=eur(5)),
    ]
    assert adjusted(eur(600), steps[:1], VALUATION) == eur(610)
    assert adjusted(eur(600), reversed(steps), VALUATION) == eur(485)
    assert adjusted(eur(600), [], VALUATION) == eur(600)


def test_adjustments_change_only_the_adjusted_figure():
    """The owner's figures stay as they are beside the manager's."""
    plain, touched = figures(deal()), figures(deal(), adjustments=[adjustment(1, amount=eur(1))])
    assert touched.adjusted == eur(1)
    assert plain == attrs.evolve(touched, adjustments=(), with_all_adjustments=plain.weighted)


def test_candidates_are_open_due_in_the_period_and_the_owners():
    """Open, projected to close within the period (both ends), own or the team's, not on it yet; by close date."""
    wanted = [
        deal(2, projected_close=date(2026, 12, 31)),
        deal(1, projected_close=date(2026, 10, 1)),
        deal(3, salesperson=BEN, status="stalled"),
    ]
    others = [
        deal(4, salesperson=BEN),
        deal(5, projected_close=date(2027, 1, 1)),
        deal(6, projected_close=None),
        deal(7, status="won"),
        deal(8),
    ]
    found = candidates(
        [*wanted, *others], period=PERIOD, owner=ANA, assigned={UUID(int=3)}, already={UUID(int=8)}, valuation=VALUATION
    )
    assert [one.number for one in found] == ["O1", "O3", "O2"]


def test_opportunities_are_added_as_lines():
    """Explicit ones may be outside the period or another's: each gets one line, in their order."""
    chosen = [deal(2, salesperson=BEN, projected_close=None), deal(1)]
    changes = add_lines(FORECAST, chosen, valuation=VALUATION)
    assert changes.creates == tuple(ForecastLine(forecast=FORECAST.id, opportunity=UUID(int=id)) for id in (2, 1))
    assert not changes.updates


@pytest.mark.parametrize(
    ("forecast", "chosen", "already", "code"),
    [
        (FORECAST, [deal(1, status="lost")], [], "not-open"),
        (FORECAST, [deal(1, status="won")], [], "not-open"),
        (FORECAST, [deal(1)], [UUID(int=1)], "on-it-already"),
        (FORECAST, [deal(1), deal(1)], [], "on-it-already"),
        (evolve(FORECAST, status="submitted"), [deal(1)], [], "not-draft"),
        (evolve(FORECAST, status="approved"), [deal(1)], [], "not-draft"),
    ],
)
def test_what_breaks_a_rule_is_not_added(forecast, chosen, already, code):
    """Draft only, open only, once only; one that breaks it keeps all from being added."""
    with pytest.raises(Refused) as raised:
        add_lines(forecast, chosen, already=already, valuation=VALUATION)
    assert [finding.code for finding in raised.value.findings] == [code]


def test_everything_against_adding_is_said_at_once():
    """All reasons, each with its record."""
    found = adding_findings(
        evolve(FORECAST, status="approved"), [deal(1, status="lost")], already=[UUID(int=1)], valuation=VALUATION
    )
    assert [(one.code, one.record) for one in found] == [
        ("not-draft", FORECAST.id),
        ("not-open", UUID(int=1)),
        ("on-it-already", UUID(int=1)),
    ]


ALL_MOVES = {"submitted": lambda f: submit(f, [], {}, VALUATION), "approved": approve, "draft": lambda f: reopen(f, [])}


@pytest.mark.parametrize("target", ALL_MOVES)
@pytest.mark.parametrize("status", ALL_MOVES)
def test_moves_of_a_forecast(status, target):
    """Draft → submitted → approved and submitted → draft; every other of the nine moves is refused."""
    forecast = evolve(FORECAST, status=status)
    if (status, target) in {("draft", "submitted"), ("submitted", "approved"), ("submitted", "draft")}:
        assert ALL_MOVES[target](forecast).updates == (Update(forecast, evolve(forecast, status=target)),)
    else:
        with pytest.raises(Refused) as raised:
            ALL_MOVES[target](forecast)
        assert [finding.code for finding in raised.value.findings] == ["illegal-move"]


def test_submitting_names_every_missing_rate():
    """A forecast whose money cannot be converted is not submitted; each opportunity in the way is named."""
    deals = [deal(n, estimated_value=Money(1, "GBP")) for n in (1, 2)]
    with pytest.raises(Refused) as raised:
        submitted(*deals, deal(3))
    assert [(one.code, one.record) for one in raised.value.findings] == [
        ("no-rate", UUID(int=1)),
        ("no-rate", UUID(int=2)),
    ]


def test_submitting_freezes_the_rates_too():
    """Value and override stay what they are, with the rate that they counted at, so that one known later moves nothing;
    another policy than the close date's values them anew.
    """
    sold = deal(estimated_value=Money(100, "USD"))
    forecast, (frozen,) = submitted(sold, lines=[line(sold, override=Money(50, "USD"))])
    assert (frozen.value, frozen.rate) == (Money(100, "USD"), Decimal("0.8"))
    assert (frozen.override, frozen.override_rate) == (Money(50, "USD"), Decimal("0.8"))
    unknown = attrs.evolve(VALUATION, rates=Rates())
    found = figures(forecast=forecast, lines=[frozen], valuation=unknown)
    assert (found.gross, found.weighted) == (eur(80), eur(40))
    planned = attrs.evolve(unknown, policy=RatePolicy.of({("USD", "EUR"): "0.5"}))
    found = figures(forecast=forecast, lines=[frozen], valuation=planned)
    assert (found.gross, found.weighted) == (eur(50), eur(25))
    _, (reopened,) = after(reopen(forecast, [frozen]))
    assert same_content(reopened, line(sold, override=Money(50, "USD")))


@pytest.mark.parametrize(("policy", "gross"), [("close", 80), ("snapshot", 70), ("today", 90), (date(2026, 1, 1), 80)])
def test_a_frozen_line_can_be_valued_by_every_policy(policy, gross):
    """Kept in its own currency: at the rate frozen with it, of the day it was frozen on, of today, of a plan's day."""
    sold = deal(estimated_value=Money(100, "USD"))
    forecast, (frozen,) = submitted(sold)
    frozen = evolve(frozen, recorded_at=datetime(2026, 10, 7, tzinfo=UTC))
    between = ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 10, 6), rate=Decimal("0.7"))
    asked = Valuation.of(
        CODES, currency="EUR", today=date(2026, 12, 5), rates=[*RATES, between], policy=RatePolicy.of(policy)
    )
    assert figures(forecast=forecast, lines=[frozen], valuation=asked).gross == eur(gross)


def test_submitting_needs_every_opportunity():
    """A line cannot be frozen without the opportunity that it is about."""
    with pytest.raises(NotFound):
        submit(FORECAST, [line(deal())], {}, VALUATION)


def test_changes_of_a_forecast_are_bare():
    """The forecast in the changes has no lines; they are records of their own."""
    shown = evolve(FORECAST, lines=[line(deal())])
    (first, second) = submit(shown, shown.lines, {deal().id: deal()}, VALUATION).updates
    assert (first.before, first.after) == (FORECAST, evolve(FORECAST, status="submitted"))
    assert second.before == line(deal())
