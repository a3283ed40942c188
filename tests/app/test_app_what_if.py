"""What if: whatever is done in an imagined CRM, the real one stays as it is, and the answers are those of a copy in
which the same was really done.
"""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Crm,
    Duplicate,
    Invalid,
    Item,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityItem,
    OpportunityTask,
    Prospect,
    Quota,
    Refused,
    SalesForecast,
    Salesperson,
    SalesTeam,
    StoreError,
    TeamAssignment,
    Territory,
    at_least,
    between,
)
from crmkit.forecasting import DIMENSIONS
from crmkit.testing.clocks import ManualClock

STEP = timedelta(seconds=10)


class Numbered:
    """Ids in an order that can be gone through twice."""

    def __init__(self, count: int = 0) -> None:
        self.count = count

    def __call__(self) -> UUID:
        self.count += 1
        return UUID(int=(0x7 << 76) | (0b10 << 62) | self.count)


def filled(crm: Crm) -> Crm:
    """Two salespersons, one above the other, a team, two territories, two accounts, six deals, a quota, a forecast."""
    crm.sales_periods.make_year(2026, kind="quarter")
    eva = crm.salespersons.add(Salesperson(name="Eva"))
    ana = crm.salespersons.add(Salesperson(name="Ana", manager=eva.id))
    team = crm.sales_teams.add(SalesTeam(name="North"))
    crm.sales_teams.add(SalesTeam(name="South"))
    places = [crm.territories.add(Territory(code=code)) for code in ("ES", "PT")]
    accounts = [
        crm.prospects.add(Prospect(name=name, territory=place.id))
        for name, place in zip(("Acme", "Bolt"), places, strict=True)
    ]
    period = crm.sales_periods.find()[0]
    items = [crm.items.add(Item(description=name)) for name in ("bike", "bell")]
    for number in range(6):
        deal = crm.opportunities.add(
            Opportunity(
                description=f"deal {number}",
                account=accounts[number % 2].id,
                estimated_value=Money(1_000 * (number + 1), "EUR") if number else None,
                probability=(None, 10, 35)[number % 3],
                stage=("proposal", "negotiation")[number % 2],
                salesperson=(ana.id, eva.id, None)[number % 3],
                projected_close=date(2026, 1 + number, 20),
            )
        )
        if number % 2:
            crm.team_assignments.add(TeamAssignment(target=deal.id, holder=team.id, primary=True))
        crm.opportunity_items.add(OpportunityItem(opportunity=deal.id, item=items[number % 2].id, price=number))
        crm.opportunity_items.add(OpportunityItem(opportunity=deal.id, item=items[0].id, price=7))
    crm.quotas.add(Quota(owner=ana.id, period=period.id, amount=Money("9000", "EUR")))
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id)
    return crm


class Doing:
    """Changes of many kinds, as a user would make them, each by its name; gives what it was refused by, if it was."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def __call__(self, verb: str, number: int) -> str:
        try:
            getattr(self, verb)(number)
        except (Duplicate, Invalid, NotFound, Refused) as refusal:
            return str(refusal)
        return ""

    def pick(self, plural: str, number: int) -> Any:
        found = list(self.crm.repository(plural).find())
        if not found:
            raise NotFound(plural, number)
        return found[number % len(found)]

    def revalue(self, number: int) -> None:
        value = Money(number * 137, "EUR")
        self.crm.opportunities.update(self.pick("opportunities", number), estimated_value=value, probability=number)

    def move(self, number: int) -> None:
        deal = self.pick("opportunities", number)
        self.crm.opportunities.update(deal, stage="negotiation", projected_close=date(2026, 1 + number % 12, 3))

    def hand_over(self, number: int) -> None:
        person = self.pick("salespersons", number)
        self.crm.opportunities.update(self.pick("opportunities", number // 2), salesperson=person.id)

    def win(self, number: int) -> None:
        self.crm.opportunities.win(self.pick("opportunities", number).id, on=date(2026, 2, 2))

    def lose(self, number: int) -> None:
        self.crm.opportunities.lose(self.pick("opportunities", number).id)

    def delete(self, number: int) -> None:
        self.crm.opportunities.delete(self.pick("opportunities", number))

    def add(self, number: int) -> None:
        account = self.pick("accounts", number)
        deal = self.crm.opportunities.add(
            Opportunity(description=f"new {number}", account=account.id, estimated_value=Money(number, "EUR"))
        )
        self.crm.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="call"))

    def inquire(self, number: int) -> None:
        lead = self.crm.leads.add(Lead(account=self.pick("accounts", number).id))
        self.crm.leads.promote(lead.id, estimated_value=Money(number, "EUR"))

    def settle_elsewhere(self, number: int) -> None:
        territory = self.pick("territories", number)
        self.crm.accounts.update(self.pick("accounts", number // 2), territory=territory.id, name=f"C{number}")

    def assign(self, number: int) -> None:
        team, deal = self.pick("sales_teams", number), self.pick("opportunities", number // 2)
        self.crm.team_assignments.add(TeamAssignment(target=deal.id, holder=team.id, primary=True))

    def resign(self, number: int) -> None:
        self.crm.team_assignments.delete(self.pick("team_assignments", number))

    def reprice(self, number: int) -> None:
        self.crm.opportunity_items.update(self.pick("opportunity_items", number), price=number)

    def ask_for_more(self, number: int) -> None:
        self.crm.quotas.update(self.pick("quotas", number), amount=Money(number * 100, "EUR"))

    def believe(self, number: int) -> None:
        self.crm.stages.update(self.crm.stages.find(code="proposal")[0], probability=number)

    def convert(self, number: int) -> None:
        self.crm.conversion.convert(self.pick("prospects", number).id)

    def undo(self, number: int) -> None:
        self.crm.conversion.undo(self.pick("conversions", number).id)

    def submit(self, number: int) -> None:
        self.crm.sales_forecasts.submit(self.pick("sales_forecasts", number).id)


VERBS = [name for name in vars(Doing) if not name.startswith("_") and name != "pick"]
DEEDS = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 40)), min_size=1, max_size=8)


def answers(crm: Crm) -> dict[str, Any]:
    """What questions of all sorts are answered."""
    asked = crm.opportunities
    team, person = crm.sales_teams.find()[0], crm.salespersons.find()[0]
    found: dict[str, Any] = {f"by {name}": crm.forecasting.roll_up(by=name).to_rows() for name in DIMENSIONS}
    found["incomplete"] = crm.forecasting.incomplete()
    found["quarter"] = crm.forecasting.roll_up(by=("team", "salesperson"), period="2026-Q1").to_rows()
    for by in (("stage", "period"), ("item", "territory")):
        found[f"lines by {by}"] = crm.forecasting.roll_up(by=by, forecast_status=("draft", "submitted")).to_rows()
    found["revenue"] = list(crm.forecasting.distribution(period=("2026-Q1", "2026-Q2")).steps())
    found["of the team"] = crm.forecasting.distribution(team=team).mean
    found["sorted"] = list(asked.find(sort="-estimated_value"))
    page: Any = asked.find(sort="projected_close", limit=2)
    pages = []
    while page is not None:
        pages.append(list(page))
        page = page.next()
    found["pages"] = pages
    found["few"] = list(asked.find(limit=3, sort="-id"))
    found["asked"] = [
        list(asked.find(team=team)),
        list(asked.find(salesperson=person, estimated_value=at_least(Money(2_000, "EUR")))),
        list(asked.find(projected_close=between(date(2026, 2, 1), date(2026, 5, 1)), sort="-probability", limit=2)),
        list(crm.accounts.find(name="a", sort="-name")),
    ]
    found["counted"] = [asked.count(), asked.count(team=team), asked.count(stage="proposal"), crm.accounts.count()]
    found["stages"] = [
        [(spell.stage, spell.entered_at, spell.left_at, spell.outcome) for spell in crm.opportunities.stages(one.id)]
        for one in asked.all()
    ]
    found["forecasts"] = [crm.sales_forecasts.figures(one.id) for one in crm.sales_forecasts.all()]
    return found


@pytest.fixture
def real(open_crm: Callable[..., Crm], store_name: str, clock: ManualClock) -> Crm:
    """A CRM with a pipeline; ids come in order."""
    crm = filled(open_crm(store_name, ids=Numbered()))
    clock.tick(STEP)
    return crm


@pytest.fixture
def copied(clock: ManualClock) -> Callable[[Crm], Crm]:
    """Makes a copy of a CRM, in memory."""

    def copy(crm: Crm) -> Crm:
        made = crmkit.connect("memory:", starter=None, clock=clock)
        crm.copy_to(made)
        return made

    return copy


def same_ids(*crms: Crm) -> None:
    """Let them give the same ids from here on."""
    for crm in crms:
        crm.settings = attrs.evolve(crm.settings, ids=Numbered(10**6))


@pytest.mark.parametrize("store_name", ["memory", "sqlite"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_it_is_as_if_it_were_really_done(
    real: Crm, copied: Any, clock: ManualClock, everything: Any, deeds: list[tuple[str, int]]
) -> None:
    """After any changes, all records, histories and answers are those of a copy in which they were made; the real one
    is as it was, and nobody was told.
    """
    heard: list[Any] = []
    end = real.on("Event", lambda event, crm: heard.append(event))
    stood, other = everything(real), copied(real)
    with real.what_if() as imagined:
        same_ids(imagined, other)
        start = clock()
        for verb, number in deeds:
            clock.tick(STEP)
            assert Doing(imagined)(verb, number) == Doing(other)(verb, number)
        assert answers(imagined) == answers(other)
        assert everything(imagined) == everything(other)
        assert answers(imagined.as_of(start)) == answers(real.as_of(start))
        for by in ("stage", ("salesperson", "item")):
            fell, really = (crm.forecasting.waterfall(start=start, by=by) for crm in (imagined, other))
            assert (fell.to_rows(), str(fell)) == (really.to_rows(), str(really))
        assert answers(imagined.as_of(clock() - STEP)) == answers(other.as_of(clock() - STEP))
    end()
    assert everything(real) == stood
    assert heard == []


def test_a_few_changes_on_every_store(real: Crm, copied: Any, clock: ManualClock, everything: Any) -> None:
    """On servers as in memory."""
    stood, other = everything(real), copied(real)
    deeds = [("revalue", 7), ("hand_over", 5), ("settle_elsewhere", 3), ("resign", 1), ("win", 2), ("delete", 4)]
    with real.what_if() as imagined:
        same_ids(imagined, other)
        for verb, number in [*deeds, ("add", 9), ("believe", 33), ("convert", 0)]:
            clock.tick(STEP)
            assert Doing(imagined)(verb, number) == Doing(other)(verb, number)
        assert answers(imagined) == answers(other)
    assert everything(real) == stood


def test_what_the_real_one_does_meanwhile_is_not_in_it(real: Crm, clock: ManualClock) -> None:
    """It stands on the real one as it stood; the real one is not held up, and goes on."""
    imagined = real.what_if()
    before = answers(imagined)
    with imagined.begin() as work:
        work.opportunities.update(work.opportunities.find()[1], probability=99)
        clock.tick(STEP)
        real.opportunities.update(real.opportunities.find()[2], probability=1)
        real.opportunities.delete(real.opportunities.find()[3])
    real.opportunities.win(real.opportunities.find()[1].id)
    assert imagined.opportunities.find()[1].probability == crmkit.Percent(99)
    imagined.opportunities.update(imagined.opportunities.find()[1], probability=10)
    assert answers(imagined)["by stage"] == before["by stage"]
    assert answers(imagined.real) == before


def test_it_is_compared_row_by_row(real: Crm) -> None:
    """A deal of 2,000 handed from Eva to Ana at 10 %: the one has what the other has not, the total is the same."""
    eva, ana = sorted(real.salespersons.find(), key=lambda one: one.name, reverse=True)
    imagined = real.what_if()
    deal = next(one for one in imagined.opportunities.all() if one.description == "deal 1")
    imagined.opportunities.update(deal, salesperson=ana.id)
    found = imagined.compare(by="salesperson")
    moved = {row.shown["salesperson"]: row.of("gross")[2] for row in found if row}
    assert moved == {"Eva": Money("-2000", "EUR"), "Ana": Money("2000", "EUR")}
    assert not found.total
    assert next(row for row in found if row.key["salesperson"] == eva.id).of("weighted")[2] == Money("-200", "EUR")
    (row,) = [row for row in found.to_rows() if row["salesperson"] == ana.id]
    assert row["gross_difference"] == row["gross_after"] - row["gross_before"] == 2_000
    assert "Ana" in str(found)
    assert "<table>" in found._repr_html_()


def test_probabilities_are_assumed(real: Crm) -> None:
    """The stage's takes the place of their own; without history nothing is learnt. Roll-ups go by what is assumed."""
    stages = {one.code: one.probability for one in real.stages.all()}
    for source, changed in (("stage", 4), ("score", 0), ("record", 0)):
        imagined = real.what_if()
        assert imagined.assume(source) == changed
        found = imagined.forecasting.roll_up().total.weighted
        likely = {one.id: one.probability for one in real.opportunities.all()} if not changed else {}
        expected = [
            one.estimated_value.weighted(likely.get(one.id) or stages[one.stage])
            for one in real.opportunities.all()
            if one.estimated_value is not None
        ]
        assert found == Money.total(expected, "EUR")
    assert not imagined.changes()


def test_what_is_imagined_is_listed(real: Crm) -> None:
    """What is new, what is changed and how it really is, what is gone; what was changed and changed back is not."""
    imagined = real.what_if()
    deals = [one for one in imagined.opportunities.all() if one.description != "deal 0"]
    changed = imagined.opportunities.update(deals[0], probability=77)
    back = imagined.opportunities.update(deals[1], probability=5)
    imagined.opportunities.update(back, probability=deals[1].probability)
    imagined.opportunities.delete(deals[4])
    made = imagined.prospects.add(Prospect(name="New"))
    found = imagined.changes()
    assert [(one.before, one.after) for one in found.updates] == [(deals[0], changed)]
    assert found.creates == (made,)
    assert deals[4] in found.deletes
    assert not real.what_if().changes()


def test_one_may_be_imagined_over_another(real: Crm) -> None:
    """The second begins as the first stands, and leaves it as it is."""
    first = real.what_if()
    Doing(first)("revalue", 1)
    Doing(first)("revalue", 1)
    second = first.what_if()
    assert answers(second) == answers(first)
    before = answers(first)
    for verb in ("win", "add", "settle_elsewhere"):
        Doing(second)(verb, 2)
    assert second.opportunities.count() == first.opportunities.count() + 1
    assert answers(first) == before
    assert second.real.opportunities.count() == first.opportunities.count()


def test_the_past_is_imagined_too(real: Crm, clock: ManualClock) -> None:
    """Over a view of the past it is that day, whatever came since, and numbers go on from those there were."""
    then = clock()
    clock.tick(timedelta(days=40))
    Doing(real)("win", 1)
    Doing(real)("add", 1)
    view = real.as_of(then)
    imagined = view.what_if()
    assert answers(imagined) == answers(view)
    Doing(imagined)("add", 3)
    assert imagined.opportunities.find(sort="-id", limit=1)[0].number == "O000007"
    assert imagined.now() - then < timedelta(seconds=1)
    assert answers(real.as_of(then)) == answers(view)


@pytest.mark.parametrize("store_name", ["memory", "sqlite"])
def test_what_is_imagined_can_be_kept_elsewhere(real: Crm, copied: Any, clock: ManualClock, everything: Any) -> None:
    """Copied into an empty store, with all histories, whatever the real one has done since; that one gets nothing."""
    imagined = real.what_if()
    clock.tick(STEP)
    for verb, number in [("revalue", 7), ("delete", 4), ("add", 1), ("convert", 0)]:
        assert Doing(imagined)(verb, number) == ""
    for verb, number in [("revalue", 8), ("move", 2), ("delete", 5), ("add", 2)]:
        assert Doing(real)(verb, number) == ""
    stood, mine = everything(real), everything(imagined)
    assert everything(copied(imagined)) == mine
    with pytest.raises(Refused, match="empty"):
        imagined.copy_to(real)
    assert everything(real) == stood


def test_its_own_handlers_hear_of_it(real: Crm) -> None:
    """Those of the real one do not, and those registered on it hear nothing of the real one."""
    there: list[Any] = []
    here: list[Any] = []
    imagined = real.what_if()
    real.on("Event", lambda event, crm: there.append(event))
    imagined.on("Updated", lambda event, crm: here.append((event.after.probability, crm)))
    Doing(imagined)("revalue", 7)
    assert there == []
    assert here == [(crmkit.Percent(7), imagined)]
    Doing(real)("revalue", 8)
    assert len(there) == 1
    assert len(here) == 1


def test_rules_hold_and_refusals_say_why(real: Crm) -> None:
    """What the real one refuses is refused here: a number that is taken, a record that others refer to, a stale one."""
    imagined = real.what_if()
    deal = imagined.opportunities.find()[1]
    with pytest.raises(Duplicate):
        imagined.opportunities.add(Opportunity(description="x", account=deal.account, number=deal.number))
    with pytest.raises(Refused):
        imagined.accounts.delete(deal.account)
    imagined.opportunities.update(deal, probability=3)
    with pytest.raises(crmkit.Conflict):
        imagined.opportunities.update(deal, probability=4)


def test_thrown_away_it_is_closed_and_the_real_one_open(real: Crm) -> None:
    """Nothing is left of it; asked again it says so."""
    with real.what_if() as imagined:
        Doing(imagined)("delete", 1)
    with pytest.raises(StoreError, match="closed"):
        imagined.opportunities.count()
    assert real.opportunities.count() == 6


def test_it_joins_no_transaction_of_a_host(real: Crm) -> None:
    """What a host commits is real."""
    with pytest.raises(StoreError, match="cannot join"), real.what_if().begin(connection=object()):
        raise AssertionError


def test_it_is_awaited_like_any_other(fresh_url: Callable[[str], str], store_name: str) -> None:
    """Compared, listed and thrown away under the same names, while the real one stays open."""

    async def imagine() -> None:
        url = fresh_url(store_name).replace("mysql+pymysql", "mysql+asyncmy")
        async with await crmkit.connect_async(url) as crm:
            account = await crm.prospects.add(Prospect(name="Acme"))
            value = Money("100", "EUR")
            deal = await crm.opportunities.add(Opportunity(description="x", account=account.id, estimated_value=value))
            async with crm.what_if() as imagined:
                await imagined.opportunities.update(deal, estimated_value=Money("250", "EUR"))
                assert (await imagined.compare()).total.of("gross") == (value, Money("250", "EUR"), Money("150", "EUR"))
                assert [one.before for one in (await imagined.changes()).updates] == [deal]
                assert await imagined.assume("record") == 0
                assert await imagined.real.opportunities.get(deal.id) == deal
            assert await crm.opportunities.get(deal.id) == deal

    asyncio.run(imagine())
