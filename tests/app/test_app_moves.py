"""Guarded moves between statuses (R2, R3), and what a company's policy adds to them."""

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from crmkit import (
    Crm,
    Estimate,
    EstimateLine,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityStatus,
    OpportunityTask,
    Order,
    Policy,
    Prospect,
    Record,
    Refused,
)

CODES = {
    "leads": {"open": "new", "qualified": "qualified", "disqualified": "disqualified"},
    "opportunities": {"open": "open", "won": "won", "lost": "lost"},
    "estimates": {"open": "open", "accepted": "accepted", "declined": "declined"},
    "orders": {"open": "open", "done": "done", "cancelled": "cancelled"},
    "opportunity_tasks": {"open": "open", "done": "done"},
}
"""By repository a starter status of each category."""

LEGAL = {
    "leads": "open>qualified qualified>open open>disqualified qualified>disqualified disqualified>open",
    "opportunities": "open>won open>lost won>open lost>open",
    "estimates": "open>accepted open>declined declined>open",
    "orders": "open>done open>cancelled",
    "opportunity_tasks": "open>done done>open",
}
"""The moves that rule R2 lists; any other is refused."""

MOVES = [(plural, start, to) for plural, codes in CODES.items() for start, to in product(codes, codes) if start != to]


def in_status(crm: Crm, plural: str, status: str) -> Any:
    """A new record of that kind in that status."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    if plural == "leads":
        return crm.leads.add(Lead(account=account, status=status))
    if plural == "opportunities":
        return crm.opportunities.add(Opportunity(description="E", account=account, status=status))
    if plural == "estimates":
        return crm.estimates.add(Estimate(account=account, status=status))
    if plural == "orders":
        return crm.orders.add(Order(customer=crm.conversion.convert(account).customer_id, status=status))
    chance = crm.opportunities.add(Opportunity(description="E", account=account))
    return crm.opportunity_tasks.add(OpportunityTask(opportunity=chance.id, description="T", status=status))


@pytest.mark.parametrize(("plural", "start", "to"), MOVES)
def test_every_move(crm: Crm, everything: Any, plural: str, start: str, to: str) -> None:
    """A move that R2 lists is done; any other is refused, names where one can go from there, and changes nothing."""
    record: Record = in_status(crm, plural, CODES[plural][start])
    target = CODES[plural][to]
    if f"{start}>{to}" in LEGAL[plural].split():
        assert crm.repository(plural).update(record, status=target).status == target
        return
    before = everything(crm)
    with pytest.raises(
        Refused, match=rf"cannot go from {start} to {to}; from {start} it can go (to|nowhere)"
    ) as refused:
        crm.repository(plural).update(record, status=target)
    assert [(one.code, one.record) for one in refused.value.findings] == [("illegal-move", record.id)]
    assert everything(crm) == before


def test_within_a_category_any_change_is_free(crm: Crm) -> None:
    """From one status to another of the same category a record goes freely."""
    lead = crm.leads.update(in_status(crm, "leads", "new"), status="contacted")
    assert crm.leads.update(lead, status="new").status == "new"
    crm.opportunity_statuses.add(OpportunityStatus(code="won_big", category="won"))
    won = in_status(crm, "opportunities", "won")
    assert crm.opportunities.update(won, status="won_big").closed_on == won.closed_on


class TestOpportunities:
    """How opportunities end."""

    def test_winning_sets_the_day(self, crm: Crm, clock: Any) -> None:
        """Won today or on the day given, for a reason; the stored probability stays; reopened, day and reason go."""
        chance = crm.opportunities.update(in_status(crm, "opportunities", "open"), probability=30)
        clock.tick(timedelta(days=1))
        won = crm.opportunities.win(chance.id, reason="price")
        assert (won.status, won.closed_on, won.won_reason, won.probability) == (
            "won",
            date(2026, 3, 3),
            "price",
            chance.probability,
        )
        assert crm.opportunities.win(chance.id, reason="service") == won, "won is won"
        reopened = crm.opportunities.reopen(chance.id)
        assert (reopened.status, reopened.closed_on, reopened.won_reason) == ("open", None, "")
        lost = crm.opportunities.lose(chance.id, reason="no_budget", on=date(2026, 2, 1))
        assert (lost.status, lost.closed_on, lost.lost_reason) == ("lost", date(2026, 2, 1), "no_budget")

    def test_the_day_is_that_of_the_time_zone(self, open_crm: Any, store_name: str, clock: Any) -> None:
        """The day something was closed or completed is the day in the application's time zone."""
        crm = open_crm(store_name, time_zone="Pacific/Auckland")
        clock.tick(timedelta(hours=5))
        assert crm.opportunities.win(in_status(crm, "opportunities", "open").id).closed_on == date(2026, 3, 3)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            pytest.param({"won_reason": "price"}, "won_reason", id="won reason while open"),
            pytest.param({"lost_reason": "price"}, "lost_reason", id="lost reason while open"),
            pytest.param({"status": "won", "lost_reason": "price"}, "lost_reason", id="lost reason when won"),
            pytest.param({"closed_on": date(2026, 1, 1)}, "closed_on", id="day while open"),
        ],
    )
    def test_outcome_and_reason_agree(self, crm: Crm, everything: Any, values: dict[str, Any], field: str) -> None:
        """An open opportunity has neither day nor reason, a won one no lost reason."""
        chance = in_status(crm, "opportunities", "open")
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            crm.opportunities.update(chance, **values)
        assert [one.field for one in refused.value.findings] == [field]
        assert everything(crm) == before

    def test_a_list_without_the_category_says_so(self, crm: Crm, everything: Any) -> None:
        """Where no status means won, winning is refused and says what to add."""
        chance = in_status(crm, "opportunities", "open")
        crm.opportunity_statuses.delete(crm.opportunity_statuses.find(code="won")[0])
        before = everything(crm)
        with pytest.raises(Refused, match="no opportunity status has the category won: add one"):
            crm.opportunities.win(chance.id)
        assert everything(crm) == before


class TestPolicy:
    """What a company decides for itself; every default is the plain case."""

    def test_by_default_nothing_is_in_the_way(self, crm: Crm) -> None:
        """Without a policy, neither open required tasks nor a missing reason keep an opportunity from being closed."""
        chance = in_status(crm, "opportunities", "open")
        crm.opportunity_tasks.add(OpportunityTask(opportunity=chance.id, description="T", required=True))
        assert crm.opportunities.win(chance.id).won_reason == ""
        crm.opportunities.reopen(chance.id)
        assert crm.opportunities.lose(chance.id).lost_reason == ""

    def test_open_required_tasks_block_won(self, beside: Any, everything: Any) -> None:
        """With `tasks_block_won`, each open required task is named; done or not required ones are not in the way."""
        crm = beside(policy=Policy(tasks_block_won=True))
        chance = in_status(crm, "opportunities", "open")
        tasks = [
            crm.opportunity_tasks.add(
                OpportunityTask(opportunity=chance.id, description=f"T{number}", required=number < 2)
            )
            for number in range(3)
        ]
        before = everything(crm)
        for attempt in (
            lambda: crm.opportunities.win(chance.id),
            lambda: crm.opportunities.update(chance, status="won"),
        ):
            with pytest.raises(Refused, match="is required and open") as refused:
                attempt()
            assert {one.record for one in refused.value.findings} == {tasks[0].id, tasks[1].id}
        assert everything(crm) == before
        crm.opportunities.lose(chance.id)
        crm.opportunities.reopen(chance.id)
        for task in tasks[:2]:
            crm.opportunity_tasks.complete(task.id)
        assert crm.opportunities.win(chance.id).status == "won"

    @pytest.mark.parametrize("outcome", ["won", "lost"])
    def test_a_reason_is_required(self, beside: Any, everything: Any, outcome: str) -> None:
        """With `won_reason_required` or `lost_reason_required`, that outcome needs a reason, and the other does not."""
        crm = beside(policy=Policy(**{f"{outcome}_reason_required": True}))
        chance = in_status(crm, "opportunities", "open")
        close = {"won": crm.opportunities.win, "lost": crm.opportunities.lose}
        before = everything(crm)
        said = rf"{outcome}_reason: is required by policy to (\w+) an opportunity: \1\(…, reason=…\)"
        with pytest.raises(Refused, match=said):
            close[outcome](chance.id)
        assert everything(crm) == before
        other = close["lost" if outcome == "won" else "won"](chance.id)
        assert other.status != outcome
        crm.opportunities.reopen(chance.id)
        assert close[outcome](chance.id, reason="price").status == outcome

    def test_required_fields_of_a_customer(self, beside: Any, everything: Any) -> None:
        """With `customer_required`, a conversion needs these fields, given or the prospect's; all missing are named."""
        crm = beside(policy=Policy(customer_required=["tax_number", "employees", "address"]))
        prospect = crm.prospects.add(Prospect(name="Acme", employees=0))
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            crm.conversion.convert(prospect.id)
        assert {one.field for one in refused.value.findings} == {"tax_number", "address"}
        assert everything(crm) == before

    def test_policies_that_say_the_same_have_one_hash(self) -> None:
        """The fingerprint of a policy depends on what it says alone, not on the order in which it was said."""
        one = Policy(customer_defaults={"sic_code": "1", "employees": 2}, customer_required=["name"])
        other = Policy(customer_required=("name",), customer_defaults={"employees": 2, "sic_code": "1"})
        assert one == other
        assert one.hash == other.hash != Policy().hash
        assert Policy(tasks_block_won=True).hash != Policy(won_reason_required=True).hash


class TestTasks:
    """Completing sets the day, reopening clears it."""

    def test_completing(self, crm: Crm, clock: Any) -> None:
        """Completed today or on the day given; again leaves it as it was; reopened, the day goes."""
        task = in_status(crm, "opportunity_tasks", "open")
        done = crm.opportunity_tasks.complete(task.id, on=date(2026, 2, 28))
        assert (done.status, done.completed_on) == ("done", date(2026, 2, 28))
        clock.tick(timedelta(days=1))
        assert crm.opportunity_tasks.complete(task.id) == done
        assert crm.opportunity_tasks.reopen(task.id).completed_on is None
        assert crm.opportunity_tasks.complete(task.id).completed_on == date(2026, 3, 3)

    def test_an_open_task_has_no_day_of_completion(self, crm: Crm) -> None:
        """A day of completion on an open task is refused."""
        with pytest.raises(Refused, match="completed_on"):
            crm.opportunity_tasks.update(in_status(crm, "opportunity_tasks", "open"), completed_on=date(2026, 3, 1))


class TestVerbs:
    """Each move has its verb, which does what R2 lists and refuses the rest."""

    VERBS = (
        ("leads", "qualify", "qualified"),
        ("leads", "disqualify", "disqualified"),
        ("leads", "reopen", "open"),
        ("opportunities", "win", "won"),
        ("opportunities", "lose", "lost"),
        ("opportunities", "reopen", "open"),
        ("estimates", "accept", "accepted"),
        ("estimates", "decline", "declined"),
        ("estimates", "reopen", "open"),
        ("orders", "complete", "done"),
        ("orders", "cancel", "cancelled"),
        ("opportunity_tasks", "complete", "done"),
        ("opportunity_tasks", "reopen", "open"),
    )

    @pytest.mark.parametrize(("plural", "verb", "to"), VERBS)
    def test_a_verb_does_its_move(self, crm: Crm, everything: Any, plural: str, verb: str, to: str) -> None:
        """From wherever R2 lets it go; where it is there already nothing is written; else it is refused."""
        for start, code in CODES[plural].items():
            record = in_status(crm, plural, code)
            before = everything(crm)
            move = getattr(crm.repository(plural), verb)
            if start == to:
                assert move(record.id) == record
                assert everything(crm) == before
            elif f"{start}>{to}" in LEGAL[plural].split():
                assert move(record.id).status == CODES[plural][to]
            else:
                with pytest.raises(Refused, match=f"cannot go from {start} to {to}"):
                    move(record.id)
                assert everything(crm) == before

    @pytest.mark.parametrize(("plural", "verb", "to"), VERBS)
    def test_what_is_not_there_is_not_found(self, crm: Crm, plural: str, verb: str, to: str) -> None:
        """A verb on an unknown id says so, before anything about its status."""
        with pytest.raises(NotFound):
            getattr(crm.repository(plural), verb)(uuid4())
        assert to in CODES[plural]

    def test_a_move_is_told(self, crm: Crm) -> None:
        """Handlers hear of each move as StatusChanged, before and after it."""
        told: list[tuple[str, str]] = []
        crm.on("StatusChanged", lambda event, _: told.append((event.before.status, event.after.status)))
        lead = in_status(crm, "leads", "new")
        crm.leads.qualify(lead.id)
        crm.leads.disqualify(lead.id)
        crm.leads.reopen(lead.id)
        assert told == [("new", "qualified"), ("qualified", "disqualified"), ("disqualified", "new")]

    def test_a_disqualified_lead_is_promoted_once_reopened(self, crm: Crm) -> None:
        """Disqualified it is refused with what to do; reopened it gives an opportunity."""
        lead = in_status(crm, "leads", "disqualified")
        with pytest.raises(Refused, match="reopen it first"):
            crm.leads.promote(lead.id)
        crm.leads.reopen(lead.id)
        assert crm.leads.promote(lead.id).lead == lead.id


class TestStages:
    """Time in stage (R3), on every store."""

    def test_stages_with_who_and_how_long(self, crm: Crm, clock: Any) -> None:
        """Each stage with the instants, the users and the time; the present one until now; won, none lasts."""
        with crm.begin(by="ana") as work:
            chance = work.opportunities.add(
                Opportunity(description="E", account=work.prospects.add(Prospect(name="A")).id, stage="proposal")
            )
        start = clock()
        clock.tick(timedelta(hours=3))
        with crm.begin(by="ben") as work:
            chance = work.opportunities.update(chance, stage="closing")
        clock.tick(timedelta(days=2))
        crm.opportunities.update(chance, next_step="Call")
        first, second = crm.opportunities.stages(chance.id)
        assert (first.stage, first.entered_at, first.entered_by) == ("proposal", start, "ana")
        assert (first.left_by, first.lasted) == ("ben", timedelta(hours=3))
        assert (second.stage, second.left_at, second.lasted) == ("closing", None, timedelta(days=2))
        clock.tick(timedelta(hours=1))
        crm.opportunities.win(chance.id)
        clock.tick(timedelta(days=9))
        last = crm.opportunities.stages(str(chance.id))[-1]
        assert (last.outcome, last.lasted) == ("won", timedelta(days=2, hours=1))

    def test_stages_as_they_stood(self, crm: Crm, clock: Any) -> None:
        """A view of the past knows the stages up to its instant, which the one of then lasted to."""
        chance = crm.opportunities.update(in_status(crm, "opportunities", "open"), stage="proposal")
        clock.tick(timedelta(hours=3))
        then = clock()
        clock.tick(timedelta(hours=3))
        crm.opportunities.update(chance, stage="closing")
        seen = crm.as_of(then).opportunities.stages(chance.id)[-1]
        assert (seen.stage, seen.left_at, seen.lasted) == ("proposal", None, timedelta(hours=3))
        with pytest.raises(NotFound):
            crm.as_of(then - timedelta(days=1)).opportunities.stages(chance.id)
        with pytest.raises(NotFound):
            crm.opportunities.stages(uuid4())


class TestOrdering:
    """An order made of an estimate (R5)."""

    def test_lines_go_over_dates_and_totals_are_made_anew(self, crm: Crm, clock: Any) -> None:
        """Lead, opportunity, currency and lines are the estimate's; it is dated today, and projected for no day."""
        account = crm.conversion.convert(crm.prospects.add(Prospect(name="Acme")).id).customer_id
        lead = crm.leads.add(Lead(account=account))
        deal = crm.leads.promote(lead.id)
        estimate = crm.estimates.add(
            Estimate(
                account=account,
                lead=lead.id,
                opportunity=deal.id,
                currency="USD",
                dated=date(2026, 1, 1),
                projected_date=date(2026, 1, 31),
                valid_until=date(2026, 2, 1),
                lines=[EstimateLine(description="Bike", quantity=3, unit_price="0.335", discount=50)],
            )
        )
        clock.tick(timedelta(days=1))
        order = crm.estimates.order(estimate.id)
        assert (order.lead, order.opportunity, order.estimate) == (lead.id, deal.id, estimate.id)
        assert (order.dated, order.projected_date) == (date(2026, 3, 3), None)
        assert [(one.description, one.quantity, one.unit_price, one.discount) for one in order.lines] == [
            (one.description, one.quantity, one.unit_price, one.discount) for one in estimate.lines
        ]
        assert order.total == Money("0.50", "USD"), "1.005 less half, rounded half-even"
        assert {one.id for one in order.lines}.isdisjoint(one.id for one in estimate.lines)
        now = crm.estimates.get(estimate.id)
        assert (now.status, now.valid_until, now.total) == ("accepted", date(2026, 2, 1), estimate.total)
        in_euros = crm.estimates.order(estimate.id, again=True, currency="EUR")
        assert in_euros.total == Money("0.50", "EUR"), "computed anew in the order's currency"

    def test_a_declined_estimate_is_ordered_from_once_reopened(self, crm: Crm, everything: Any) -> None:
        """Declined it is refused, with what to do; reopened it is ordered from, and accepted."""
        account = crm.conversion.convert(crm.prospects.add(Prospect(name="Acme")).id).customer_id
        estimate = crm.estimates.decline(crm.estimates.add(Estimate(account=account)).id)
        before = everything(crm)
        with pytest.raises(Refused, match="reopen it first"):
            crm.estimates.order(estimate.id)
        assert everything(crm) == before
        crm.estimates.reopen(estimate.id)
        assert crm.estimates.order(estimate.id).estimate == estimate.id
        assert crm.estimates.get(estimate.id).status == "accepted"

    def test_a_prospect_s_is_refused_unless_it_is_converted_in_the_same_step(self, crm: Crm, everything: Any) -> None:
        """The refusal says how; in the same step there is one customer and one order, which its opportunity lists."""
        account = crm.prospects.add(Prospect(name="Acme")).id
        deal = crm.opportunities.add(Opportunity(description="E", account=account))
        estimate = crm.estimates.add(Estimate(account=account, opportunity=deal.id))
        before = everything(crm)
        with pytest.raises(Refused, match="convert=True"):
            crm.estimates.order(estimate.id)
        assert everything(crm) == before
        order = crm.estimates.order(estimate.id, convert=True)
        assert crm.opportunities.orders(deal.id) == [order]
        assert [one.status for one in crm.opportunities.estimates(deal.id)] == ["accepted"]
        assert crm.conversions.count() == 1
