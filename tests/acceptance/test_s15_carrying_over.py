"""All that is associated with a prospect goes over to the customer, or nothing happens at all."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Campaign,
    CampaignMember,
    Changes,
    Competitor,
    ContactAccount,
    ConversationEntry,
    Crm,
    Customer,
    Estimate,
    EstimateLine,
    Interaction,
    Item,
    Lead,
    Note,
    NotFound,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityItem,
    OpportunityTask,
    Prospect,
    SalesContact,
    Salesperson,
    SalesTeam,
    StoreError,
    TeamAssignment,
    Work,
)

BY_ACCOUNT = {
    "leads": "account",
    "opportunities": "account",
    "estimates": "account",
    "interactions": "subject",
    "sales_contacts": "account",
    "contact_accounts": "account",
    "team_assignments": "target",
    "notes": "target",
}
"""The repositories whose records hang from an account, with the criterion that asks for it."""

small = st.integers(0, 2)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """The shape of what hangs from a prospect: how many of each, and what hangs from those."""
    lead = st.fixed_dictionaries({"notes": small, "teams": small, "member": st.booleans(), "promoted": st.booleans()})
    opportunity = st.fixed_dictionaries(
        {"tasks": small, "items": small, "competitors": small, "contacts": small, "teams": small, "notes": small}
    )
    return {
        "custom": draw(st.dictionaries(st.sampled_from(["rating", "segment"]), st.text("äß%_ x", max_size=4))),
        "leads": draw(st.lists(lead, max_size=2)),
        "opportunities": draw(st.lists(opportunity, max_size=2)),
        "estimates": draw(st.lists(st.fixed_dictionaries({"lines": small, "chance": st.booleans()}), max_size=2)),
        "interactions": draw(st.lists(small, max_size=2)),
        "contacts": draw(st.lists(st.sampled_from(["here", "here and there"]), max_size=3)),
        "teams": draw(small),
        "notes": draw(small),
    }


class Grower:
    """Grows the graph of an account, the same way for every account."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.count = 0
        self.salesperson = crm.salespersons.add(Salesperson(name="Sam"))
        self.teams = [crm.sales_teams.add(SalesTeam(name=name)) for name in ("North", "South")]
        self.competitors = [crm.competitors.add(Competitor(name=name)) for name in ("Rival", "Other")]
        self.item = crm.items.add(Item(description="E-bike"))
        self.campaign = crm.campaigns.add(Campaign())
        self.there = crm.customers.add(Customer(name="Another"))

    def prospect(self, graph: dict[str, Any]) -> Prospect:
        """A prospect with all that the graph says."""
        with self.crm.begin() as work:
            account = work.prospects.add(Prospect(name="Acme Bikes", custom=graph["custom"])).id
            contacts = [self._contact(work, account, where) for where in graph["contacts"]]
            for lead in graph["leads"]:
                self._lead(work, account, lead, contacts)
            chances = [self._opportunity(work, account, one, contacts) for one in graph["opportunities"]]
            for estimate in graph["estimates"]:
                chance = chances[0] if chances and estimate["chance"] else None
                lines = [EstimateLine(description=f"Line {n}", unit_price=n) for n in range(estimate["lines"])]
                work.estimates.add(Estimate(account=account, opportunity=chance, lines=lines))
            for entries in graph["interactions"]:
                said = [ConversationEntry(text=f"Said {n}") for n in range(entries)]
                reference = chances[0] if chances else None
                work.interactions.add(
                    Interaction(subject=account, topic="first_contact", entries=said, reference=reference)
                )
            self._beside(work, account, graph)
            return work.prospects.get(account)

    def _contact(self, work: Work, account: UUID, where: str) -> SalesContact:
        accounts = [account, self.there.id] if where == "here and there" else [account]
        return work.sales_contacts.add(SalesContact(given_name="Ana", accounts=accounts, emails=["ana@example.com"]))

    def _beside(self, work: Any, target: UUID, graph: dict[str, Any]) -> None:
        for team in self.teams[: graph["teams"]]:
            work.team_assignments.add(TeamAssignment(target=target, holder=team.id))
        for _ in range(graph["notes"]):
            work.notes.add(Note(target=target, text="Remember"))

    def _lead(self, work: Any, account: UUID, graph: dict[str, Any], contacts: list[SalesContact]) -> None:
        contact = contacts[0].id if contacts else None
        lead = work.leads.add(Lead(account=account, sales_contact=contact, salesperson=self.salesperson.id))
        self._beside(work, lead.id, graph)
        if graph["member"]:
            work.campaign_members.add(CampaignMember(campaign=self.campaign.id, member=lead.id))
        if graph["promoted"]:
            work.leads.promote(lead.id)

    def _opportunity(self, work: Work, account: UUID, graph: dict[str, Any], contacts: list[SalesContact]) -> UUID:
        chance = work.opportunities.add(Opportunity(description="E-bikes", account=account, probability=40)).id
        for number in range(graph["tasks"]):
            work.opportunity_tasks.add(OpportunityTask(opportunity=chance, description=f"Task {number}"))
        for _ in range(graph["items"]):
            work.opportunity_items.add(OpportunityItem(opportunity=chance, item=self.item.id))
        for competitor in self.competitors[: graph["competitors"]]:
            work.opportunity_competitors.add(OpportunityCompetitor(opportunity=chance, competitor=competitor.id))
        for contact in contacts[: graph["contacts"]]:
            work.opportunity_contacts.add(OpportunityContact(opportunity=chance, sales_contact=contact.id))
        self._beside(work, chance, graph)
        return chance


def ids_by_kind(crm: Crm) -> dict[str, set[UUID]]:
    """The ids of all records, by repository."""
    return {spec.about.plural: {one.id for one in crm.repository(spec.cls).all()} for spec in crm.registry.specs}


def hanging(crm: Crm, account: UUID) -> dict[str, list[Any]]:
    """What every query by account gives for that one."""
    found = {plural: list(crm.repository(plural).find(**{by: account})) for plural, by in BY_ACCOUNT.items()}
    for plural in ("opportunity_tasks", "opportunity_items", "opportunity_competitors", "opportunity_contacts"):
        chances = [one.id for one in found["opportunities"]]
        found[plural] = list(crm.repository(plural).find(opportunity=chances))
    return found


@pytest.fixture
def tenants(crm: Crm, clock: Any) -> Callable[[], Crm]:
    """Opens a fresh tenant of the same store at each call: as good as a fresh store, and quicker."""
    count = iter(range(10**6))
    return lambda: crmkit.connect(crm.store, tenant=f"tenant {next(count)}", clock=clock)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=graphs(), others=graphs())
def test_s15_all_associated_information_goes_over(
    tenants: Callable[[], Crm], mine: dict[str, Any], others: dict[str, Any]
) -> None:
    """Ids and counts of each kind are the same before and after, and every query gives all under the customer alone."""
    crm = tenants()
    grower = Grower(crm)
    prospect, other = grower.prospect(mine), grower.prospect(others)
    ids, held, held_by_other = ids_by_kind(crm), hanging(crm, prospect.id), hanging(crm, other.id)

    receipt = crm.conversion.convert(prospect.id)

    assert receipt.customer_id == prospect.id
    after = ids_by_kind(crm)
    assert after.pop("prospects") == ids.pop("prospects") - {prospect.id}
    assert after.pop("customers") == ids.pop("customers") | {prospect.id}
    assert after.pop("conversions") == {receipt.id}
    ids.pop("conversions")
    assert after == ids
    assert hanging(crm, prospect.id) == held  # records and versions alike: nothing was re-pointed
    assert hanging(crm, other.id) == held_by_other
    with pytest.raises(NotFound):
        crm.prospects.get(prospect.id)
    customer = crm.customers.get(prospect.id)
    assert customer.custom == prospect.custom
    for plural in ("leads", "opportunities", "estimates"):
        of_customer = list(crm.repository(plural).find(account=customer.number))
        assert of_customer == held[plural]
        assert list(crm.repository(plural).find(account=prospect.number)) == []
    assert set(crm.interactions.find(kind="customer")) == set(held["interactions"])
    assert set(crm.interactions.find(kind="prospect")) == set(held_by_other["interactions"])
    counted = {kind: len(records) for kind, records in held.items() if records and kind != "sales_contacts"}
    assert dict(receipt.carried) == counted


def test_s15_no_kind_is_stored_beside_an_account(crm: Crm, store_name: str, tmp_path: Path) -> None:
    """No record that may hang from a prospect has a field or a column that says what kind its account is."""
    referring = [
        (spec, field)
        for spec, field in crm.registry.referring_to("account")
        if field.references and field.references.tables != ("*",) and field.references.kind == ""
    ]
    assert {spec.about.plural for spec, _ in referring} >= {"leads", "opportunities", "estimates", "interactions"}
    for spec, _ in referring:
        assert not [field.name for field in spec.fields if "kind" in field.name or "kind" in field.stored]
    if store_name == "sqlite":
        with contextlib.closing(sqlite3.connect(tmp_path / "crm0.db")) as file:
            columns = {
                (table, column[1])
                for spec, _ in referring
                for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                if spec.about.table in table
                for column in file.execute(f'PRAGMA table_xinfo("{table}")')
            }
        assert columns
        assert not [one for one in columns if "kind" in one[1]]


@attrs.define
class FailingUnit:
    """A unit whose `apply` or `commit` fails at a given point, having done the part before it."""

    unit: Any
    point: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unit, name)

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """Apply what comes before the point, then fail."""
        if self.point == "before anything":
            raise InjectedError
        if self.point == "after the creates":
            self.unit.apply(Changes(creates=changes.creates), by=by)
            raise InjectedError
        if self.point == "after the updates":
            self.unit.apply(Changes(updates=changes.updates), by=by)
            raise InjectedError
        made: Changes = self.unit.apply(changes, by=by)
        if self.point == "after everything":
            raise InjectedError
        return made

    def commit(self) -> None:
        """Fail at the last moment, or commit."""
        if self.point == "at the commit":
            raise InjectedError
        self.unit.commit()


class InjectedError(Exception):
    """What a test makes go wrong."""


@attrs.define
class FailingStore:
    """A store whose units fail at a given point."""

    store: Any
    point: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def begin(self, **asked: Any) -> Any:
        """A unit that fails where it writes."""
        unit = self.store.begin(**asked)
        return unit if asked.get("read_only") else FailingUnit(unit, self.point)


FULL = {
    "custom": {"rating": "A"},
    "leads": [{"notes": 1, "teams": 1, "member": True, "promoted": True}],
    "opportunities": [{"tasks": 2, "items": 1, "competitors": 1, "contacts": 1, "teams": 1, "notes": 1}],
    "estimates": [{"lines": 2, "chance": True}],
    "interactions": [2],
    "contacts": ["here", "here and there"],
    "teams": 1,
    "notes": 1,
}


@pytest.mark.parametrize(
    "point", ["before anything", "after the creates", "after the updates", "after everything", "at the commit"]
)
def test_s15_a_failure_half_way_leaves_the_store_as_it_was(crm: Crm, beside: Any, everything: Any, point: str) -> None:
    """Whatever part of the conversion was written when it fails, nothing of it stays, and it can be done afterwards."""
    prospect = Grower(crm).prospect(FULL)
    before = everything(crm)
    failing = beside()
    failing.store = FailingStore(crm.store, point)

    with pytest.raises(InjectedError):
        failing.conversion.convert(prospect.id)
    assert everything(crm) == before
    assert crm.conversion.convert(prospect.id).customer_id == prospect.id


def test_s15_a_handler_that_fails_at_any_event_leaves_the_store_as_it_was(crm: Crm, everything: Any) -> None:
    """An error in a *before* handler, whichever of the conversion's events it meets, leaves nothing written."""
    prospect = Grower(crm).prospect(FULL)
    before = everything(crm)
    seen: list[str] = []
    end = crm.on("Event", lambda event, _: seen.append(type(event).__name__), "before")
    plan = crm.conversion.plan(prospect.id)

    def convert_and_fail(work: Any) -> None:
        work.conversion.apply(plan)
        raise InjectedError

    with pytest.raises(InjectedError):
        crm.run(convert_and_fail)
    end()
    assert set(seen) == {"Created", "Updated", "ProspectConverted"}
    for place in range(len(seen)):
        events = iter(range(len(seen)))

        def fail(_: Any, __: Any, place: int = place, events: Iterator[int] = events) -> None:
            if next(events) == place:
                raise InjectedError

        end = crm.on("Event", fail, "before")
        with pytest.raises(InjectedError):
            crm.conversion.apply(plan)
        end()
        assert everything(crm) == before
    assert crm.conversion.apply(plan).customer_id == prospect.id


def test_s15_a_failing_statement_leaves_the_database_as_it_was(open_crm: Any, everything: Any, tmp_path: Path) -> None:
    """A write to any table that SQLite refuses half-way through the conversion takes the whole of it back."""
    crm = open_crm("sqlite")
    grower = Grower(crm)
    first, alike, prospect = (grower.prospect(FULL) for _ in range(3))
    crm.conversion.convert(first.id)
    with contextlib.closing(sqlite3.connect(tmp_path / "crm0.db", isolation_level=None)) as file:
        written = writes_of_a_conversion(crm, alike.id, file)
        assert ("account", "UPDATE") in written
        assert len(written) >= 3, "the account, its history and the trace are written"
        before = everything(crm)
        for table, verb in written:
            refusal = "BEGIN SELECT RAISE(ABORT, 'injected by a test'); END"
            file.execute(f'CREATE TRIGGER injected AFTER {verb} ON "{table}" {refusal}')
            with pytest.raises(StoreError, match="injected by a test"):
                crm.conversion.convert(prospect.id)
            assert everything(crm) == before
            file.execute("DROP TRIGGER injected")
    assert crm.conversion.convert(prospect.id).customer_id == prospect.id


def writes_of_a_conversion(crm: Crm, prospect: UUID, file: sqlite3.Connection) -> list[tuple[str, str]]:
    """Each table and verb that a conversion writes with, by triggers that keep a log."""
    tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    file.execute("CREATE TABLE written (name TEXT, verb TEXT)")
    for place, table in enumerate(tables):
        for verb in ("INSERT", "UPDATE", "DELETE"):
            noted = f"BEGIN INSERT INTO written VALUES ('{table}', '{verb}'); END"  # noqa: S608 - names of our tables
            file.execute(f'CREATE TRIGGER noted_{place}_{verb} AFTER {verb} ON "{table}" {noted}')
    crm.conversion.convert(prospect)
    written = list(file.execute("SELECT DISTINCT name, verb FROM written"))
    for place, _ in enumerate(tables):
        for verb in ("INSERT", "UPDATE", "DELETE"):
            file.execute(f"DROP TRIGGER noted_{place}_{verb}")
    file.execute("DROP TABLE written")
    return written


@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_s15_a_fault_at_each_statement_leaves_the_database_as_it_was(
    open_crm: Any, everything: Any, store: str
) -> None:
    """Whichever of the conversion's statements fails, by the store's own fault hook, nothing of it stays."""
    crm = open_crm(store)
    prospect = Grower(crm).prospect(FULL)
    before = everything(crm)
    statements = 0
    for place in range(100):
        countdown = iter(range(place))

        def fail(_: str, countdown: Iterator[int] = countdown) -> None:
            if next(countdown, None) is None:
                raise InjectedError

        crm.store.fault_at = fail
        try:
            crm.conversion.convert(prospect.id)
        except StoreError:
            crm.store.fault_at = None
            statements += 1
            assert everything(crm) == before
        else:
            break
    crm.store.fault_at = None
    assert 2 < statements < 99
    assert crm.customers.get(prospect.id).name == prospect.name


def test_s15_a_contact_keeps_its_other_accounts(crm: Crm) -> None:
    """A contact's links to other accounts are untouched by the conversion."""
    other = crm.customers.add(Customer(name="Another"))
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id, other.id]))
    links = list(crm.contact_accounts.find(sales_contact=contact.id))
    crm.conversion.convert(prospect.id)
    assert crm.sales_contacts.get(contact.id) == contact
    assert list(crm.contact_accounts.find(sales_contact=contact.id)) == links
    assert all(isinstance(link, ContactAccount) for link in links)
