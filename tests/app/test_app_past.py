"""Views of the past: `as_of(t)` answers every question as it stood at t, and changes nothing."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Crm,
    Estimate,
    EstimateLine,
    Invalid,
    Lead,
    Money,
    NotFound,
    Opportunity,
    Prospect,
    Refused,
    SalesContact,
)

STEP = timedelta(seconds=10)
"""More than what is settled lags behind."""


def answers(crm: Crm) -> dict[str, Any]:
    """What questions of all sorts are answered: records with parts, found, got, counted, sorted, listed by account."""
    with crm.begin(read_only=True) as work:
        found: dict[str, Any] = {
            plural: list(work.repository(plural).find(sort="-recorded_at"))
            for plural in (
                "accounts",
                "prospects",
                "customers",
                "leads",
                "opportunities",
                "estimates",
                "sales_contacts",
            )
        }
        for plural in ("estimate_lines", "contact_emails", "conversions"):
            found[plural] = list(work.repository(plural).all())
        found["got"] = [work.repository("accounts").get(one.id) for one in found["accounts"]]
        found["many"] = work.estimates.get_many(one.id for one in found["estimates"])
        found["counted"] = {plural: work.repository(plural).count() for plural in ("leads", "prospects", "estimates")}
        found["by account"] = [list(work.leads.find(account=one.id)) for one in found["accounts"]]
        found["by territory"] = work.accounts.by_territory()
        found["searched"] = list(work.accounts.find(name="a", employees=crmkit.at_least(1)))
        return found


class Editing:
    """Edits of many kinds; each takes what it needs from what is there, and does nothing where there is nothing."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def pick(self, plural: str, number: int) -> Any:
        """One of the records there are, or None."""
        found = list(self.crm.repository(plural).find())
        return found[number % len(found)] if found else None

    def add(self, number: int) -> None:
        """A prospect with a contact."""
        prospect = self.crm.prospects.add(Prospect(name=f"A{number}", employees=number))
        self.crm.sales_contacts.add(SalesContact(given_name="Ana", emails=["a@x.example"], accounts=[prospect.id]))

    def edit(self, number: int) -> None:
        """A change of an account."""
        if account := self.pick("accounts", number):
            self.crm.accounts.update(account, employees=number, name=f"B{number}")

    def inquire(self, number: int) -> None:
        """A lead, promoted."""
        if account := self.pick("accounts", number):
            lead = self.crm.leads.add(Lead(account=account.id))
            self.crm.leads.promote(lead.id, estimated_value=Money(number, "EUR"))

    def quote(self, number: int) -> None:
        """An estimate of two lines."""
        if account := self.pick("accounts", number):
            lines = [EstimateLine(description=f"L{number}", unit_price=number), EstimateLine(description="M")]
            self.crm.estimates.add(Estimate(account=account.id, lines=lines))

    def requote(self, number: int) -> None:
        """A line more, and one less."""
        if estimate := self.pick("estimates", number):
            self.crm.estimates.update(
                estimate, lines=[*estimate.lines[1:], EstimateLine(description="N", unit_price=number)]
            )

    def convert(self, number: int) -> None:
        """A conversion."""
        if prospect := self.pick("prospects", number):
            self.crm.conversion.convert(prospect.id)

    def undo(self, number: int) -> None:
        """The undoing of one, where it can be undone."""
        if conversion := self.pick("conversions", number):
            try:
                self.crm.conversion.undo(conversion.id)
            except Refused:
                return

    def delete(self, number: int) -> None:
        """The deletion of an estimate, or of an account that nobody refers to."""
        for plural in ("estimates", "accounts"):
            if record := self.pick(plural, number):
                try:
                    self.crm.repository(plural).delete(record)
                except Refused:
                    continue
                return


EDITS = ["add", "edit", "inquire", "quote", "requote", "convert", "undo", "delete"]
edits = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 30)), min_size=4, max_size=14)


@pytest.fixture
def tenants(crm: Crm, clock: Any) -> Callable[[], Crm]:
    """Opens a fresh tenant of the same store at each call: as good as a fresh store, and quicker."""
    count = iter(range(10**6))
    return lambda: crmkit.connect(crm.store, tenant=f"tenant {next(count)}", clock=clock)


@settings(max_examples=9, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=edits)
def test_what_is_settled_does_not_change(tenants: Callable[[], Crm], clock: Any, edits: list[tuple[str, int]]) -> None:
    """`as_of(t)`, for t settled, is what was answered at t, and stays so whatever is edited later."""
    crm = tenants()
    editing = Editing(crm)
    stood: list[tuple[datetime, dict[str, Any]]] = []
    for verb, number in edits:
        getattr(editing, verb)(number)
        stood.append((clock(), answers(crm)))
        clock.tick(STEP)
    clock.tick(timedelta(minutes=5))  # longer than any transaction of other tests on the same server
    assert stood[-1][0] <= crm.settled()
    for instant, answered in stood:
        assert answers(crm.as_of(instant)) == answered
        assert answers(crm.as_of(instant + STEP / 2)) == answered


def test_before_the_first_record_there_is_nothing(crm: Crm, clock: Any) -> None:
    """A view of a time before everything finds nothing, and `get` raises NotFound."""
    start = clock()
    clock.tick(STEP)
    prospect = crm.prospects.add(Prospect(name="Acme"))
    clock.tick(STEP)
    view = crm.as_of(start)
    assert list(view.prospects.find()) == []
    with pytest.raises(NotFound):
        view.prospects.get(prospect.id)
    assert crm.as_of(clock()).prospects.get(prospect.id) == prospect


def test_the_account_is_what_it_was(crm: Crm, clock: Any) -> None:
    """Before its conversion an account is a prospect in a view of the past, and a customer after it."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    clock.tick(STEP)
    before = clock()
    clock.tick(STEP)
    receipt = crm.conversion.convert(prospect.id)
    clock.tick(STEP)
    converted = clock()
    clock.tick(STEP)
    crm.conversion.undo(receipt.id)

    assert crm.as_of(before).prospects.get(prospect.id) == prospect
    assert crm.as_of(before).customers.count() == 0
    assert crm.as_of(converted).customers.get(prospect.id).number == receipt.customer_number
    assert crm.as_of(converted).prospects.count() == 0
    assert crm.as_of(converted).conversions.get(receipt.id) == receipt
    assert crm.prospects.get(prospect.id).number == prospect.number


def test_parts_are_those_of_the_time(crm: Crm, clock: Any) -> None:
    """A record in a view of the past has the lines that it had then, with the total that it had then."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    estimate = crm.estimates.add(Estimate(account=prospect.id, lines=[EstimateLine(description="A", unit_price=5)]))
    clock.tick(STEP)
    before = clock()
    clock.tick(STEP)
    crm.estimates.update(estimate, lines=[EstimateLine(description="B", unit_price=7)])
    view = crm.as_of(before)
    assert view.estimates.get(estimate.id) == view.estimates.find()[0] == estimate
    assert view.estimates.get(estimate.id).total == Money("5", "EUR")


def test_today_is_the_day_of_the_view(crm: Crm, clock: Any) -> None:
    """What depends on today depends on the day of the view: overdue then, not now."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    chance = crm.opportunities.add(Opportunity(description="E", account=prospect.id))
    crm.opportunity_tasks.add(
        crmkit.OpportunityTask(opportunity=chance.id, description="Call", due_on=date(2026, 3, 3))
    )
    start = clock()
    clock.tick(timedelta(days=5))
    assert crm.opportunity_tasks.count(overdue=True) == 1
    assert crm.as_of(start).opportunity_tasks.count(overdue=True) == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda view, p: view.prospects.add(Prospect(name="New")), id="add"),
        pytest.param(lambda view, p: view.prospects.update(p, name="New"), id="update"),
        pytest.param(lambda view, p: view.prospects.delete(p.id), id="delete"),
        pytest.param(lambda view, p: view.conversion.convert(p.id), id="convert"),
        pytest.param(lambda view, p: view.sweep(), id="sweep"),
        pytest.param(lambda view, p: view.begin().__enter__(), id="begin"),
    ],
)
def test_a_view_of_the_past_changes_nothing(crm: Crm, clock: Any, everything: Any, change: Any) -> None:
    """Whatever would write through a view of the past is refused, and says why."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    before = everything(crm)
    with pytest.raises(Refused, match="view of the past"):
        change(crm.as_of(clock()), prospect)
    assert everything(crm) == before


def test_an_instant_needs_a_time_zone(crm: Crm) -> None:
    """An instant without a time zone is refused, since nobody knows which one it is."""
    with pytest.raises(Invalid, match="must have a time zone"):
        crm.as_of(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001 - the fault under test


def test_answers_about_the_past_say_how_far_they_are_settled(crm: Crm, clock: Any) -> None:
    """A page about the past carries the instant up to which answers are final; one about the present does not."""
    crm.prospects.add(Prospect(name="Acme"))
    assert crm.prospects.find().settled is None
    page = crm.as_of(clock()).prospects.find()
    assert page.settled is not None
    assert page.settled <= clock() - timedelta(seconds=5)
    assert crm.settled() <= clock() - timedelta(seconds=5)


def test_a_clock_that_goes_back_does_not_take_history_along(crm: Crm, clock: Any) -> None:
    """An instant never moves backwards within a record, whatever the clock does."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    clock.tick(timedelta(hours=-1))
    changed = crm.prospects.update(prospect, employees=3)
    assert changed.recorded_at is not None
    assert prospect.recorded_at is not None
    assert changed.recorded_at > prospect.recorded_at
    assert crm.as_of(prospect.recorded_at).prospects.get(prospect.id) == prospect
