"""Probabilities learnt from how opportunities ended: the published scores come out of a store, by team and over all;
what is set by hand stays; only what is past counts.
"""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from crmkit import (
    Address,
    Crm,
    Invalid,
    Item,
    Money,
    NotFound,
    Opportunity,
    OpportunityItem,
    OpportunityStatus,
    Percent,
    Prospect,
    Refused,
    SalesTeam,
    Source,
    Stage,
    TeamAssignment,
)
from crmkit.stores.sql.unit import SqlUnit
from crmkit.testing.clocks import ManualClock

STEP = timedelta(days=1)
STAGES = ("first", "second", "third", "won")
CODES = [
    *(Stage(code=code, position=number, probability=20 * number) for number, code in enumerate(STAGES, 1)),
    *(OpportunityStatus(code=code, category=code, default=code == "open") for code in ("open", "won", "lost")),
    *(Source(code=f"source {number}") for number in range(3)),
]
FIELDS = ("stage", "country", "city", "source")
VALUE = Money("1000", "EUR")


class Office:
    """A CRM in which opportunities are opened and closed, each of an account of its own."""

    def __init__(self, crm: Crm, clock: ManualClock) -> None:
        self.crm = crm
        self.clock = clock

    def open(
        self, stage: int, places: tuple[int, int, int], team: SalesTeam | None = None, **values: Any
    ) -> Opportunity:
        """One in a stage; `places` are the country, the city and the source."""
        country, city, source = places
        address = Address(city=f"city {city}", country=f"Country {country}")
        account = self.crm.prospects.add(Prospect(name="Acme", address=address))
        given = {"estimated_value": VALUE, "projected_close": date(2026, 3, 31), "source": f"source {source}", **values}
        made = self.crm.opportunities.add(
            Opportunity(description="x", account=account.id, stage=STAGES[stage], **given)
        )
        if team is not None:
            self.crm.team_assignments.add(TeamAssignment(target=made.id, holder=team.id, primary=True))
        return made

    def close(
        self, *, won: bool, stage: int, places: tuple[int, int, int], team: SalesTeam | None = None, **values: Any
    ) -> Opportunity:
        """One that is closed a day after it was opened."""
        made = self.open(stage, places, team, **values)
        self.clock.tick(STEP)
        return (self.crm.opportunities.win if won else self.crm.opportunities.lose)(made.id)


@pytest.fixture
def office(open_crm: Callable[..., Crm], store_name: str, clock: ManualClock) -> Office:
    return Office(open_crm(store_name, starter=CODES), clock)


def percent(score: Any) -> str:
    return f"{float(score.chance) * 100:.2f}"


TEAM_1 = [(False, 0, (0, 0, 0)), (False, 1, (1, 1, 1)), (True, 2, (2, 2, 2))]
TEAM_2 = [(False, 2, (0, 1, 1)), (False, 1, (0, 1, 2)), (True, 0, (0, 2, 2))]


def test_published_scores_by_team_and_over_all(office: Office) -> None:
    """Source: the public tests of Odoo's predictive lead scoring. A team's count for it alone; without a team, all."""
    crm = office.crm
    one, two, idle = (crm.sales_teams.add(SalesTeam(name=name)) for name in ("one", "two", "idle"))
    for team, history in ((one, TEAM_1), (two, TEAM_2)):
        for won, stage, places in history:
            office.close(won=won, stage=stage, places=places, team=team)
    learnt = crm.forecasting.learn(fields=FIELDS)
    asked = {team: office.open(1, (0, 1, 2), team) for team in (one, two, None, idle)}
    scores = crm.forecasting.scores(learnt=learnt)
    assert percent(scores[asked[one].id]) == "33.49"
    assert percent(scores[asked[two].id]) == "7.74"
    assert scores[asked[idle].id] is None
    assert crm.forecasting.score(asked[one].id, learnt) == scores[asked[one].id]

    both = scores[asked[None].id]
    assert both is not None
    # 2 won and 4 lost, each count from 0.1 on: by hand, over both teams
    odds = Fraction(21, 41)  # at the first stage
    odds *= Fraction(21, 21) / Fraction(31, 41)  # the second: 2 won, 3 of the 4 lost came so far
    odds *= Fraction(11, 1 + 11 + 11) / Fraction(31, 31 + 11 + 1)  # country 0
    odds *= Fraction(1, 1 + 1 + 21) / Fraction(31, 11 + 31 + 1)  # city 1
    odds *= Fraction(21, 1 + 1 + 21) / Fraction(11, 11 + 21 + 11)  # source 2
    assert both.chance == odds / (1 + odds)
    assert {line.field: line.value for line in both.influences} == {
        "stage": "second",
        "country": "country 0",
        "city": "city 1",
        "source": "source 2",
    }


def test_what_is_closed_is_certain_and_without_history_there_is_none(office: Office) -> None:
    """100 when won, 0 when lost or in no stage; none while there are not both won and lost ones."""
    won = office.close(won=True, stage=1, places=(0, 0, 0))
    asked = office.open(0, (0, 0, 0))
    score = office.crm.forecasting.score
    assert score(asked.id) is None
    assert score(won.id) == office.crm.forecasting.scores(status="won")[won.id]
    lost = office.close(won=False, stage=1, places=(0, 0, 0))
    none = office.crm.opportunities.update(office.open(0, (0, 0, 0)), stage="")
    assert [found.chance for one in (won, lost, none) if (found := score(one.id)) is not None] == [1, 0, 0]
    assert score(asked.id) is not None
    with pytest.raises(NotFound):
        score(office.crm.prospects.find()[0].id)


@pytest.mark.parametrize("store_name", ["memory", "sqlite"])
def test_what_has_several_values_counts_from_fifty(office: Office) -> None:
    """Items, and lists of the host's own: 25 won and 25 lost count, one of each does not; one listed twice is one."""
    crm = office.crm
    often, rare = (crm.items.add(Item(description=name)) for name in ("often", "rare"))
    held = [
        office.open(0, (0, 0, 0), custom={"tags": ["large", "new"] if number < 50 else ["old"], "size": "M"})
        for number in range(52)
    ]
    for number, one in enumerate(held):
        for item in (often, often) if number < 50 else (rare,):
            crm.opportunity_items.add(OpportunityItem(opportunity=one.id, item=item.id))
        (crm.opportunities.win if number % 2 else crm.opportunities.lose)(one.id)
    asked = crm.opportunities.add(
        Opportunity(
            description="x", account=held[0].account, stage="first", custom={"tags": ["new", "old"], "size": "M"}
        )
    )
    for item in (often, rare):
        crm.opportunity_items.add(OpportunityItem(opportunity=asked.id, item=item.id))
    learnt = crm.forecasting.learn(fields=("item", "custom.tags", "custom.size"))
    score = crm.forecasting.score(asked.id, learnt)
    assert score is not None
    assert [(line.field, line.shown) for line in score.influences] == [
        ("item", "often"),
        ("custom.tags", "new"),
        ("custom.size", "M"),
    ]
    line = score.influences[0]
    assert (line.won, line.lost) == (Fraction(251, 251 + 11), Fraction(251, 251 + 11))


def test_what_is_set_by_hand_is_never_overwritten(office: Office) -> None:
    """The record's own stands before what is learnt, which stands before the stage's; nothing is saved."""
    crm = office.crm
    for won, stage, places in TEAM_1:
        office.close(won=won, stage=stage, places=places)
    hand, bare = office.open(1, (0, 1, 2), probability=81), office.open(1, (0, 1, 2))
    learnt = crm.forecasting.learn(fields=FIELDS)

    def chances(source: Any) -> dict[Any, Percent]:
        deals = crm.forecasting.distribution(period=None, probabilities=source).deals
        return {deal.opportunity: deal.probability for deal in deals}

    assert chances("record") == {hand.id: Percent(81), bare.id: Percent(40)}
    assert chances("stage") == {hand.id: Percent(40), bare.id: Percent(40)}
    assert chances(learnt) == {hand.id: Percent(81), bare.id: Percent("33.49")}
    assert chances(crm.forecasting.learn(fields=FIELDS, own=False)) == dict.fromkeys(
        (hand.id, bare.id), Percent("33.49")
    )
    assert set(chances("score")) == {hand.id, bare.id}
    assert chances(crm.forecasting.learn_conversion(least=9)) == {hand.id: Percent(81), bare.id: Percent(40)}
    with crm.what_if() as imagined:
        assert imagined.assume(learnt) == 1
        assert imagined.forecasting.roll_up(status="open").total.weighted == Money("1144.90", "EUR")  # 81 and 33.49 %
    assert [crm.opportunities.get(one.id) for one in (hand, bare)] == [hand, bare]


def test_only_what_is_past_counts(office: Office) -> None:
    """A view of the past learns what was closed by then, and takes nothing that was learnt later."""
    for won, stage, places in TEAM_1:
        office.close(won=won, stage=stage, places=places)
    asked = office.open(1, (0, 1, 2))
    office.clock.tick(STEP)
    then = office.clock()
    before = office.crm.forecasting.learn(fields=FIELDS)
    office.clock.tick(STEP)
    for won, stage, places in TEAM_2:
        office.close(won=won, stage=stage, places=places)
    view = office.crm.as_of(then)
    assert view.forecasting.learn(fields=FIELDS) == before
    later = office.crm.forecasting.learn(fields=FIELDS)
    assert percent(view.forecasting.score(asked.id, before)) == "33.49"
    assert percent(office.crm.forecasting.score(asked.id, later)) != "33.49"
    for question in (
        lambda: view.forecasting.score(asked.id, later),
        lambda: view.forecasting.distribution(probabilities=later),
        lambda: view.forecasting.distribution(probabilities=office.crm.forecasting.learn_conversion()),
    ):
        with pytest.raises(Refused, match="learn from the view itself"):
            question()


def test_those_that_stayed_as_long(office: Office) -> None:
    """Of those that were at least so long in a stage, the share won: those that stayed long were lost, here."""
    crm, clock = office.crm, office.clock
    for days, won in ((1, True), (2, True), (3, True), (4, False), (5, False), (6, True), (7, False)):
        made = office.open(0, (0, 0, 0))
        clock.tick(days * STEP)
        crm.opportunities.update(made, stage="second")
        clock.tick(STEP)
        (crm.opportunities.win if won else crm.opportunities.lose)(made.id)
    learnt = crm.forecasting.learn_conversion(least=2)
    lasted = [timedelta(days=days) for days in (0, 1, 2, 4, 6, 7, 70)]
    assert [learnt.share("first", days) for days in lasted] == [(4, 7), (4, 7), (3, 6), (1, 4), (1, 2), (1, 2), (1, 2)]
    assert learnt.share("second", STEP) == (4, 7)
    assert learnt.share("third", STEP) is None
    asked = office.open(0, (0, 0, 0))
    clock.tick(4 * STEP)
    deals = crm.forecasting.distribution(probabilities=learnt).deals
    assert [(deal.opportunity, deal.probability) for deal in deals] == [(asked.id, Percent(25))]
    assert str(learnt) == "learnt from 14 times in 2 stages"
    with pytest.raises(Invalid, match="least"):
        crm.forecasting.learn_conversion(least=0)


@pytest.mark.parametrize("store_name", ["sqlite", "postgresql"])
def test_it_takes_as_many_statements_for_many(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning, and the scores of all, however many opportunities there are."""
    asked: list[str] = []
    run = SqlUnit.execute

    def noted(unit: Any, text: str, values: Any = ()) -> Any:
        asked.append(text)
        return run(unit, text, values)

    monkeypatch.setattr(SqlUnit, "execute", noted)

    def taken() -> int:
        asked.clear()
        learnt = office.crm.forecasting.learn(fields=(*FIELDS, "territory", "item", "custom.tags"))
        office.crm.forecasting.scores(learnt=learnt)
        return len(asked)

    for won, stage, places in TEAM_1:
        office.close(won=won, stage=stage, places=places)
    few = taken()
    for won, stage, places in TEAM_2 * 5:
        office.close(won=won, stage=stage, places=places)
        office.open(stage, places)
    assert taken() == few


@pytest.mark.parametrize("fields", ["stage", ("stage", "colour"), ("account.address",), ("description",), (3,)])
@pytest.mark.parametrize("store_name", ["memory"])
def test_what_is_no_field_is_told(office: Office, fields: Any) -> None:
    """With those that there are."""
    with pytest.raises(Invalid, match="fields"):
        office.crm.forecasting.learn(fields=fields)


def test_deals_that_hang_together(office: Office) -> None:
    """Drawn from the opportunities, by the field named: of one source they stand and fall together at 100 %."""
    for source in (0, 0, 1):
        office.open(1, (0, 0, source), probability=50)
    found = office.crm.forecasting.simulation(correlation=100, together="source", runs=2_000, seed=4)
    assert set(found.totals) == {0, 100_000, 200_000, 300_000}
    assert found.runs == 2_000
    assert office.crm.forecasting.simulation(correlation=100, runs=100).totals[50] in (0, 300_000)
    again = office.crm.forecasting.simulation(correlation=100, together="source", runs=2_000, seed=4)
    assert again.totals == found.totals
    for wrong in ({"correlation": 101}, {"together": "item"}, {"together": "colour"}, {"runs": 0}):
        with pytest.raises(Invalid):
            office.crm.forecasting.simulation(**wrong)
