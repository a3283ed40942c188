"""Merging prospects, customers and sales contacts, and taking it back: on every store."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

import crmkit
from crmkit import (
    NIL,
    Address,
    AlreadyConverted,
    Campaign,
    CampaignMember,
    Crm,
    CrmkitError,
    Customer,
    Duplicate,
    Estimate,
    Interaction,
    Invalid,
    Item,
    Lead,
    Merged,
    MergeUndone,
    Note,
    NotFound,
    Opportunity,
    OpportunityContact,
    Order,
    Prospect,
    RecordsMerged,
    Refused,
    SalesContact,
    Salesperson,
    ShipToAddress,
    StalePlan,
    TeamAssignment,
    Territory,
    evolve,
    same_content,
)


def contents(crm: Crm) -> dict[UUID, Any]:
    """All records of a tenant, as they are now."""
    return {one.id: one for spec in crm.registry.specs for one in crm.repository(spec.cls).all()}


def referring(crm: Crm, id: UUID) -> list[str]:
    """The fields of records that hold an id, those of traces apart."""
    return [
        f"{spec.about.plural}.{field.name}"
        for spec, field in (*crm.registry.referring_to("account"), *crm.registry.referring_to("sales_contact"))
        for one in crm.repository(spec.cls).all()
        if getattr(one, field.name) == id
    ]


def assert_undone(before: dict[UUID, Any], after: dict[UUID, Any], *traces: Any) -> None:
    """Every record says what it said before; only the traces are new."""
    assert after.keys() - {trace.id for trace in traces} == before.keys()
    assert [before[id] for id in before if not same_content(before[id], after[id])] == []


@pytest.fixture
def pair(crm: Crm) -> tuple[Customer, Customer]:
    """A customer, and one that is the same company, with something of every kind that an account has."""
    survivor = crm.customers.add(Customer(name="Acme Bikes", phone="+34 600 000 001"))
    return survivor, furnish(crm)


def furnish(crm: Crm, name: str = "Acme Bikes S.L.") -> Customer:
    """A customer with everything that can hang from one."""
    absorbed = crm.customers.add(Customer(name=name, employees=120, credit_hold=True))
    contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[absorbed.id]))
    lead = crm.leads.add(Lead(account=absorbed.id, sales_contact=contact.id))
    chance = crm.leads.promote(lead.id)
    estimate = crm.estimates.add(Estimate(account=absorbed.id, opportunity=chance.id))
    order = crm.estimates.order(estimate.id)
    crm.interactions.add(Interaction(subject=absorbed.id, sales_contact=contact.id, reference=order.id))
    crm.ship_to_addresses.add(ShipToAddress(customer=absorbed.id, code="MAIN", address=Address(city="Huelva")))
    crm.notes.add(Note(target=absorbed.id, text="Pays late"))
    seller = crm.salespersons.add(Salesperson(name="Ben"))
    crm.team_assignments.add(TeamAssignment(target=absorbed.id, holder=seller.id, role="sales", primary=True))
    return absorbed


MOVED = {
    "ship_to_addresses": 1,
    "contact_accounts": 1,
    "leads": 1,
    "opportunities": 1,
    "estimates": 1,
    "orders": 1,
    "interactions": 1,
    "team_assignments": 1,
    "notes": 1,
}


class TestPlan:
    """A plan is a value; nothing is written."""

    def test_it_says_everything(self, crm: Crm, pair: tuple[Customer, Customer], everything: Any) -> None:
        """What is set and kept, what moves and how many, are in the plan, which prints; nothing is written."""
        survivor, absorbed = pair
        before = everything(crm)
        plan = crm.customers.plan_merge(absorbed.id, into=survivor.id)
        assert everything(crm) == before
        assert dict(plan.moved) == MOVED
        assert not plan.dropped
        assert not plan.refused
        assert {one.field: (one.value, one.conflict) for one in plan.choices} == {
            "name": ("Acme Bikes", True),
            "employees": (120, False),
            "credit_hold": (True, True),
        }
        assert isinstance(plan.result, Customer)
        assert (plan.result.name, plan.result.employees, plan.result.number) == ("Acme Bikes", 120, survivor.number)
        assert all(said in str(plan) for said in ("Acme Bikes S.L.", "employees = 120", "leads: 1"))
        assert "leads: 1" in plan._repr_html_()

    def test_equal_while_nothing_changes(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Two plans are equal with one fingerprint while nothing changes; a change of either record gives others."""
        survivor, absorbed = pair
        one = crm.merging.plan(absorbed.id, into=survivor.id)
        assert one == crm.merging.plan(absorbed.id, into=survivor.id)
        crm.customers.update(survivor, employees=3)
        other = crm.merging.plan(absorbed.id, into=survivor.id)
        assert other != one
        assert other.fingerprint != one.fingerprint

    def test_every_refusal_at_once(self, crm: Crm, pair: tuple[Customer, Customer], everything: Any) -> None:
        """Unknown fields and rules, a number, what is to be asked are all refused at once, and nothing is written."""
        survivor, absorbed = pair
        before = everything(crm)
        plan = crm.merging.plan(
            absorbed.id,
            into=survivor.id,
            fields={"name": "ask", "colour": "keep", "web": "win"},
            number="C9",
            employees=-1,
        )
        assert {(one.code, one.field) for one in plan.refused} == {
            ("ask", "name"),
            ("unknown-field", "colour"),
            ("unknown-rule", "web"),
            ("unknown-field", "number"),
            ("invalid", "employees"),
        }
        with pytest.raises(Refused) as refused:
            crm.merging.apply(plan)
        assert refused.value.findings == plan.refused
        assert everything(crm) == before

    @pytest.mark.parametrize(
        ("one", "other", "code"),
        [
            ("customer", "customer", "same-record"),
            ("prospect", "customer", "unequal-kinds"),
            ("customer", "prospect", "unequal-kinds"),
            ("contact", "customer", "unequal-kinds"),
        ],
    )
    def test_only_two_of_a_kind(self, crm: Crm, one: str, other: str, code: str) -> None:
        """A record with itself, or two of unequal kinds, are refused; a prospect into a customer is a conversion."""
        ids = {
            "customer": crm.customers.add(Customer(name="C")).id,
            "prospect": crm.prospects.add(Prospect(name="P")).id,
            "contact": crm.sales_contacts.add(SalesContact(given_name="Ana")).id,
        }
        plan = crm.merging.plan(ids[one], into=ids[other])
        assert [finding.code for finding in plan.refused] == [code]

    def test_an_unknown_id_is_not_found(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """An id of nothing, or of another kind than the repository's, is not found."""
        survivor, absorbed = pair
        for plan in (crm.merging.plan, crm.customers.plan_merge):
            with pytest.raises(NotFound):
                plan(uuid4(), into=survivor.id)
            with pytest.raises(NotFound):
                plan(absorbed.id, into=uuid4())
        with pytest.raises(NotFound, match="it is a customer"):
            crm.prospects.plan_merge(absorbed.id, into=survivor.id)

    def test_a_stale_plan_is_refused_with_the_difference(
        self, crm: Crm, pair: tuple[Customer, Customer], everything: Any
    ) -> None:
        """Where either record has changed since, the plan is refused, saying what has; replanned it applies."""
        survivor, absorbed = pair
        plan = crm.merging.plan(absorbed.id, into=survivor.id, fields={"name": "take"})
        crm.customers.update(absorbed, name="Acme")
        before = everything(crm)
        with pytest.raises(StalePlan, match=r"name was Acme Bikes S\.L\., is Acme"):
            crm.merging.apply(plan)
        assert everything(crm) == before
        crm.merging.apply(plan, replan=True)
        assert crm.customers.get(survivor.id).name == "Acme"

    def test_what_was_added_since_goes_too(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Records added after the plan do not make it stale; they move, and the receipt counts them."""
        survivor, absorbed = pair
        plan = crm.merging.plan(absorbed.id, into=survivor.id)
        lead = crm.leads.add(Lead(account=absorbed.id))
        receipt = crm.merging.apply(plan)
        assert dict(receipt.counts) == {**MOVED, "leads": 2}
        assert crm.leads.get(lead.id).account == survivor.id


class TestSurvivorship:
    """What becomes of each field."""

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ("fill", ("One", "0751", "", "mine")),
            ("keep", ("One", "", "", "mine")),
            ("take", ("Two", "0751", "", "theirs")),
            ("join", ("One\n\nTwo", "0751", "", "mine\n\ntheirs")),
        ],
    )
    def test_by_rule(self, crm: Crm, rule: str, expected: tuple[str, ...]) -> None:
        """fill takes what the survivor lacks, keep nothing, take all that the other has, join both."""
        one = crm.prospects.add(Prospect(name="One", notes="mine"))
        two = crm.prospects.add(Prospect(name="Two", sic_code="0751", notes="theirs"))
        crm.prospects.merge(two.id, into=one.id, rule=rule)
        now = crm.prospects.get(one.id)
        assert (now.name, now.sic_code, now.tax_number, now.notes) == expected

    def test_a_field_has_a_rule_of_its_own_and_a_value_wins(self, crm: Crm) -> None:
        """A field's rule wins over the common one, a value given over both; the receipt keeps where each came from."""
        one = crm.prospects.add(Prospect(name="One", employees=1, web="one.example"))
        two = crm.prospects.add(Prospect(name="Two", employees=2, web="two.example"))
        receipt = crm.prospects.merge(
            two.id, into=one.id, rule="ask", fields={"employees": "take", "web": "keep"}, name="Both"
        )
        now = crm.prospects.get(one.id)
        assert (now.name, now.employees, now.web) == ("Both", 2, "one.example")
        assert dict(receipt.chosen) == {"name": "given", "employees": "take"}

    def test_lists_and_mappings_are_united(self, crm: Crm) -> None:
        """Categories, addresses and preferences of both persons are there, the survivor's winning, none twice."""
        home, work = Address(city="Sevilla"), Address(city="Huelva")
        one = crm.sales_contacts.add(
            SalesContact(given_name="Ana", categories=["a", "b"], addresses=[home], preferences={"phone": True})
        )
        two = crm.sales_contacts.add(
            SalesContact(
                given_name="Ana",
                categories=["b", "c"],
                addresses=[work, home],
                preferences={"phone": False, "newsletter": True},
                custom={"shoe": 38},
            )
        )
        crm.sales_contacts.merge(two.id, into=one.id)
        now = crm.sales_contacts.get(one.id)
        assert (now.categories, now.addresses) == (("a", "b", "c"), (home, work))
        assert dict(now.preferences) == {"phone": True, "newsletter": True}
        assert dict(now.custom) == {"shoe": 38}

    def test_a_rule_of_the_host_speaks_against_it(self, open_crm: Callable[..., Crm], store_name: str) -> None:
        """What a rule says against the survivor as it would be is in the plan."""

        def unheld(before: Any, after: Any, known: Any) -> Iterator[Any]:
            if after is not None and after.credit_hold and after.employees:
                yield crmkit.Finding("held", "is not for those whose credit is held", "employees", after.id)

        crm = open_crm(store_name, rules=[crmkit.Rule(Customer, unheld)])
        one = crm.customers.add(Customer(name="One", credit_hold=True))
        two = crm.customers.add(Customer(name="Two", employees=120))
        plan = crm.merging.plan(two.id, into=one.id)
        assert [finding.code for finding in plan.refused] == ["held"]


class TestApply:
    """All of it goes over, once."""

    def test_counts_and_ids_are_kept(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Every record is there with its id and number, of the survivor; nothing refers to the absorbed one."""
        survivor, absorbed = pair
        before = contents(crm)
        receipt = crm.customers.merge(absorbed.id, into=survivor.id)
        after = contents(crm)
        assert after.keys() == (before.keys() - {absorbed.id}) | {receipt.id}
        assert dict(receipt.counts) == MOVED
        assert referring(crm, absorbed.id) == []
        assert [one.id for one in crm.orders.find(customer=survivor.id)] == [crm.orders.find()[0].id]
        assert [one.role for one in crm.customers.teams(survivor.id)] == ["sales"]

    def test_the_receipt_is_the_tombstone(self, crm: Crm, clock: Any, pair: tuple[Customer, Customer]) -> None:
        """The receipt says who merged what into what, when; the absorbed record is readable as it was."""
        survivor, absorbed = pair
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ana") as work:
            receipt = work.customers.merge(absorbed.id, into=survivor.id)
        assert receipt == crm.merges.get(receipt.id)
        assert (receipt.absorbed, receipt.survivor, receipt.absorbed_number) == (
            absorbed.id,
            survivor.id,
            absorbed.number,
        )
        assert (receipt.number, receipt.absorbed_kind) == ("M000001", "customers")
        assert (receipt.merged_by, receipt.merged_at) == ("ana", clock())
        assert crm.merging.absorbed_of(receipt.id) == absorbed

    def test_get_raises_merged_and_resolve_follows(self, crm: Crm) -> None:
        """get, update and delete of an absorbed record raise Merged naming the last survivor; resolve gives that."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two", "Three"))
        crm.prospects.merge(one.id, into=two.id)
        crm.prospects.merge(two.id, into=three.id)
        for call in (
            lambda: crm.prospects.get(one.id),
            lambda: crm.accounts.get(one.id),
            lambda: crm.customers.get(one.id),
            lambda: crm.prospects.update(one, employees=3),
            lambda: crm.prospects.delete(one.id),
            lambda: crm.prospects.merge(one.id, into=three.id),
            lambda: crm.merging.plan(three.id, into=one.id),
        ):
            with pytest.raises(Merged) as merged:
                call()
            assert (merged.value.id, merged.value.survivor) == (one.id, three.id)
        assert crm.prospects.resolve(one.id) == crm.prospects.resolve(three.id) == crm.prospects.get(three.id)
        assert crm.prospects.get_many([one.id, three.id]) == [crm.prospects.get(three.id)]
        with pytest.raises(NotFound) as missing:
            crm.leads.get(one.id)
        assert type(missing.value) is NotFound
        with pytest.raises(NotFound):
            crm.prospects.resolve(uuid4())

    def test_what_refers_to_it_is_told_the_survivor(self, crm: Crm) -> None:
        """What is saved with the id of an absorbed account or contact is refused with the id of the last survivor."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two", "Three"))
        ana, anna = (crm.sales_contacts.add(SalesContact(given_name="Ana")) for _ in range(2))
        crm.prospects.merge(one.id, into=two.id)
        crm.prospects.merge(two.id, into=three.id)
        crm.sales_contacts.merge(ana.id, into=anna.id)
        saved = crm.leads.add(Lead(account=three.id))
        for call, survivor in (
            (lambda: crm.leads.add(Lead(account=one.id)), three),
            (lambda: crm.leads.update(saved, account=two.id), three),
            (lambda: crm.notes.add(Note(target=one.id, text="x")), three),
            (lambda: crm.interactions.add(Interaction(subject=ana.id)), anna),
        ):
            with pytest.raises(Invalid, match=f"it was merged into {survivor.id}; use that id"):
                call()
        with pytest.raises(Invalid) as other:
            crm.leads.add(Lead(account=ana.id))
        assert "merged" not in str(other.value)

    def test_the_number_stays_reserved(self, crm: Crm, everything: Any) -> None:
        """The number of an absorbed record, whatever its case, is given to nobody else, nor is a later one reused."""
        one = crm.customers.add(Customer(name="One"))
        two = crm.customers.add(Customer(name="Two", number="C77"))
        crm.customers.merge(two.id, into=one.id)
        before = everything(crm)
        with pytest.raises(Duplicate):
            crm.customers.add(Customer(name="Three", number="c77"))
        prospect = crm.prospects.add(Prospect(name="P", number="C77"))
        assert [one.code for one in crm.conversion.plan(prospect.id, number="C77").refused] == ["number-in-use"]
        crm.prospects.delete(prospect.id)
        added = crm.customers.add_many([Customer(name="Four", number="C77"), Customer(name="Five")])
        assert [fault.row for fault in added.faults] == [1]
        assert [one.number for one in added.records] == ["C000078"]
        crm.customers.delete(added.records[0].id)
        assert everything(crm) == before

    def test_a_converted_account_reserves_both_of_its_numbers(self, crm: Crm) -> None:
        """The prospect number of an absorbed customer stays its own: undone, its conversion can be undone too."""
        prospect = crm.prospects.add(Prospect(name="P", number="P77"))
        conversion = crm.conversion.convert(prospect.id)
        survivor = crm.customers.add(Customer(name="C"))
        receipt = crm.customers.merge(prospect.id, into=survivor.id)
        with pytest.raises(Duplicate):
            crm.prospects.add(Prospect(name="Q", number="P77"))
        with pytest.raises(Refused, match=receipt.number):
            crm.conversion.undo(conversion.id)
        crm.merging.undo(receipt.id)
        assert crm.conversion.undo(conversion.id).number == "P77"

    def test_converting_what_was_merged(self, crm: Crm) -> None:
        """A prospect that was merged is converted already where the survivor is a customer by now, else merged."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        crm.prospects.merge(one.id, into=two.id)
        with pytest.raises(Merged):
            crm.conversion.plan(one.id)
        receipt = crm.conversion.convert(two.id)
        with pytest.raises(AlreadyConverted, match=receipt.customer_number):
            crm.conversion.plan(one.id)
        assert crm.conversion.convert_many([one.id]).counts == {"already": 1}

    def test_events(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Merging and taking it back are told, with the records and the trace."""
        survivor, absorbed = pair
        told: list[Any] = []
        crm.on(RecordsMerged, lambda event, _: told.append(event))
        crm.on(MergeUndone, lambda event, _: told.append(event))
        receipt = crm.customers.merge(absorbed.id, into=survivor.id)
        crm.merging.undo(receipt.id)
        assert [type(event) for event in told] == [RecordsMerged, MergeUndone]
        assert (told[0].survivor.id, told[0].absorbed, told[0].merge) == (survivor.id, absorbed, receipt)
        assert (told[1].record.id, told[1].merge.undone_at is not None) == (absorbed.id, True)

    def test_pairs_stay_pairs(self, crm: Crm) -> None:
        """Unrelated pairs merged in one call stay pairs; what cannot be is reported, and harms no other pair."""
        a, b, c, d = (crm.prospects.add(Prospect(name=name)) for name in "ABCD")
        for one in (a, b, c, d):
            crm.leads.add(Lead(account=one.id))
        customer = crm.customers.add(Customer(name="E"))
        seen: list[Any] = []
        report = crm.merging.merge_many(
            [(b.id, a.id), (c.id, customer.id), (d.id, c.id), (b.id, c.id), (UUID(int=1), a.id)], progress=seen.append
        )
        assert [row.outcome for row in report] == ["merged", "refused", "merged", "refused", "refused"]
        assert report.counts == {"merged": 2, "refused": 3}
        assert list(report.rows) == seen
        assert "convert" in report.rows[1].reasons[0]
        assert {one.name for one in crm.prospects.find()} == {"A", "C"}
        assert [len(list(crm.leads.find(account=one.id))) for one in (a, c)] == [2, 2]
        assert "merged" in str(report)
        assert "merged" in report._repr_html_()

    def test_many_dependants_in_a_bounded_number_of_statements(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """3,000 leads and notes take hardly more statements than 300, there and back: some a thousand of each."""
        counted: list[int] = []
        for number in (150, 1_500):
            absorbed = furnish(crm, f"Other {number}")
            crm.leads.add_many([Lead(account=absorbed.id) for _ in range(number)])
            crm.notes.add_many([Note(target=absorbed.id, text="x") for _ in range(number)])
            with statements(crm) as run:
                receipt = crm.customers.merge(absorbed.id, into=pair[0].id)
                crm.merging.undo(receipt.id)
            assert receipt.counts["leads"] == number + 1
            counted.append(len(run))
        assert counted[1] - counted[0] <= 60


@contextmanager
def statements(crm: Crm) -> Iterator[list[str]]:
    """The statements that a store runs meanwhile; none of a store that has no statements."""
    store: Any = crm.store
    said: list[str] = []
    if not hasattr(store, "fault_at"):
        yield said
        return
    unit: Any = type(store.begin(tenant="x", clock=crm.now, read_only=True))
    execute = unit.execute

    def noted(self: Any, statement: str, values: Any = ()) -> Any:
        said.append(statement)
        return execute(self, statement, values)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(unit, "execute", noted)
        store.fault_at = said.append
        yield said
        store.fault_at = None


class TestDuplicates:
    """What would be there twice is there once, and what refers to it goes with it."""

    def test_links_and_assignments(self, crm: Crm) -> None:
        """A contact of both accounts is linked once, a seller of both is assigned once per role; one is primary."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        both = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one.id, two.id]))
        theirs = crm.sales_contacts.add(SalesContact(given_name="Ben", accounts=[two.id]))
        ann, bob = (crm.salespersons.add(Salesperson(name=name)) for name in ("Ann", "Bob"))
        mine = crm.team_assignments.add(TeamAssignment(target=one.id, holder=ann.id, role="Sales", primary=True))
        crm.team_assignments.add(TeamAssignment(target=two.id, holder=ann.id, role="Sales"))
        other = crm.team_assignments.add(TeamAssignment(target=two.id, holder=bob.id, primary=True))
        before = contents(crm)
        plan = crm.prospects.plan_merge(two.id, into=one.id)
        assert dict(plan.dropped) == {"contact_accounts": 1, "team_assignments": 1}
        receipt = crm.merging.apply(plan)
        assert crm.sales_contacts.get(both.id).accounts == (one.id,)
        assert crm.sales_contacts.get(theirs.id).accounts == (one.id,)
        assigned = {assigned.id: assigned.primary for assigned in crm.team_assignments.find(target=one.id)}
        assert assigned == {mine.id: True, other.id: False}
        crm.merging.undo(receipt.id)
        assert_undone(before, contents(crm), receipt)

    def test_what_refers_to_a_dropped_one(self, crm: Crm) -> None:
        """A note on a link that is dropped is a note on the one that stays; taken back, it is where it was."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one.id, two.id]))
        mine, theirs = (crm.contact_accounts.find(account=each.id)[0] for each in (one, two))
        note = crm.notes.add(Note(target=theirs.id, text="Met at the fair"))
        before = contents(crm)
        receipt = crm.prospects.merge(two.id, into=one.id)
        assert crm.notes.get(note.id).target == mine.id
        crm.merging.undo(receipt.id)
        assert_undone(before, contents(crm), receipt)

    def test_ship_to_addresses(self, crm: Crm) -> None:
        """The same address is there once; another one under the same code gets another code."""
        one, two = (crm.customers.add(Customer(name=name)) for name in ("One", "Two"))
        for customer, code, city in (
            (one, "MAIN", "Sevilla"),
            (one, "A", "Huelva"),
            (two, "MAIN", "Madrid"),
            (two, "A", "Huelva"),
        ):
            crm.ship_to_addresses.add(ShipToAddress(customer=customer.id, code=code, address=Address(city=city)))
        before = contents(crm)
        plan = crm.customers.plan_merge(two.id, into=one.id)
        assert plan.renamed == ("ship to address MAIN: MAIN 2",)
        receipt = crm.merging.apply(plan)
        assert {(each.code, each.address.city) for each in crm.ship_to_addresses.find(customer=one.id)} == {
            ("MAIN", "Sevilla"),
            ("A", "Huelva"),
            ("MAIN 2", "Madrid"),
        }
        crm.merging.undo(receipt.id)
        assert_undone(before, contents(crm), receipt)

    def test_persons(self, crm: Crm) -> None:
        """E-mails, telephones, links, parts in opportunities and campaigns of two persons are one's, in order."""
        acme, bolt = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
        seller = crm.salespersons.add(Salesperson(name="Ann"))
        one = crm.sales_contacts.add(
            SalesContact(given_name="Ana", emails=["ana@acme.example"], accounts=[acme.id], salespersons=[seller.id])
        )
        two = crm.sales_contacts.add(
            SalesContact(
                family_name="Ríos",
                emails=["ana@home.example", "ANA@acme.example", "a@b.example"],
                phones=["+34 600 000 002"],
                accounts=[acme.id, bolt.id],
                salespersons=[seller.id],
            )
        )
        chance = crm.opportunities.add(Opportunity(description="E-bikes", account=acme.id))
        for person, role in ((one, "decides"), (two, "decides"), (two, "pays")):
            crm.opportunity_contacts.add(OpportunityContact(opportunity=chance.id, sales_contact=person.id, role=role))
        campaign = crm.campaigns.add(Campaign(code="FAIR"))
        member = crm.campaign_members.add(CampaignMember(campaign=campaign.id, member=one.id))
        crm.campaign_members.add(
            CampaignMember(campaign=campaign.id, member=two.id, status="responded", responded_on=date(2026, 3, 1))
        )
        crm.leads.add(Lead(account=bolt.id, sales_contact=two.id))
        crm.interactions.add(Interaction(subject=two.id))
        before = contents(crm)
        receipt = crm.sales_contacts.merge(two.id, into=one.id)
        now = crm.sales_contacts.get(one.id)
        assert (now.given_name, now.family_name) == ("Ana", "Ríos")
        assert [str(email) for email in now.emails] == ["ana@acme.example", "ana@home.example", "a@b.example"]
        assert [str(phone) for phone in now.phones] == [str(phone) for phone in two.phones]
        assert set(now.accounts) == {acme.id, bolt.id}
        assert now.salespersons == (seller.id,)
        parts = crm.opportunity_contacts.find(opportunity=chance.id)
        assert sorted(part.role for part in parts) == ["decides", "pays"]
        answered = crm.campaign_members.get(member.id)
        assert (answered.status, answered.responded_on) == ("responded", date(2026, 3, 1))
        assert referring(crm, two.id) == []
        crm.merging.undo(receipt.id)
        assert_undone(before, contents(crm), receipt)


class TestUndo:
    """Back to two records, as long as nothing is in the way."""

    def test_with_no_edits_every_record_equals_its_former_self(
        self, crm: Crm, clock: Any, pair: tuple[Customer, Customer]
    ) -> None:
        """Undone, every record says what it said before; only the trace is new, and it says so."""
        survivor, absorbed = pair
        before = contents(crm)
        receipt = crm.customers.merge(absorbed.id, into=survivor.id, fields={"name": "take"})
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ben") as work:
            back = work.merging.undo(receipt.id)
        after = contents(crm)
        assert_undone(before, after, receipt)
        assert back == after[absorbed.id]
        assert (after[receipt.id].undone_by, after[receipt.id].undone_at) == ("ben", clock())
        assert crm.customers.get(absorbed.id).version == absorbed.version + 1
        assert [past.record.version for past in crm.customers.history(absorbed.id)] == [1, 2]

    def test_again_after_it(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Merging again works as the first time, and can be taken back as well."""
        survivor, absorbed = pair
        before = contents(crm)
        first = crm.customers.merge(absorbed.id, into=survivor.id)
        crm.merging.undo(first.id)
        second = crm.customers.merge(absorbed.id, into=survivor.id)
        assert second.counts == first.counts
        with pytest.raises(Merged):
            crm.customers.get(absorbed.id)
        with pytest.raises(Refused, match="undone already"):
            crm.merging.undo(first.id)
        crm.merging.undo(second.id)
        assert_undone(before, contents(crm), first, second)

    def test_edits_since_are_kept(self, crm: Crm, pair: tuple[Customer, Customer]) -> None:
        """Fields edited and records added or moved elsewhere since are as they were left; the rest goes back."""
        survivor, absorbed = pair
        lead = crm.leads.find()[0]
        receipt = crm.customers.merge(absorbed.id, into=survivor.id)
        crm.customers.update(crm.customers.get(survivor.id), employees=130, web="acme.example")
        edited = crm.leads.update(crm.leads.get(lead.id), next_step="Visit")
        added = crm.leads.add(Lead(account=survivor.id, description="Since"))
        note = crm.notes.find()[0]
        crm.notes.delete(note.id)
        crm.merging.undo(receipt.id)
        one, two = (crm.customers.get(each.id) for each in pair)
        assert (one.employees, one.web, one.credit_hold) == (130, "acme.example", False)
        assert (two.employees, two.web, two.credit_hold) == (120, "", True)
        back = crm.leads.get(lead.id)
        assert (back.account, back.next_step, back.version) == (absorbed.id, "Visit", edited.version + 1)
        assert crm.leads.get(added.id) == added

    def test_what_only_the_survivor_has_a_reason_for_is_in_the_way(self, crm: Crm, everything: Any) -> None:
        """An order of a moved estimate, an opportunity of a moved lead, made since, are in the way, all named."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[two.id]))
        lead = crm.leads.add(Lead(account=two.id))
        estimate = crm.estimates.add(Estimate(account=two.id))
        receipt = crm.prospects.merge(two.id, into=one.id)
        chance = crm.leads.promote(lead.id)
        order = crm.estimates.order(estimate.id, convert=True)
        named = crm.leads.add(Lead(account=one.id, sales_contact=contact.id))
        crm.opportunity_contacts.add(OpportunityContact(opportunity=chance.id, sales_contact=contact.id))
        item = crm.items.add(Item(description="E-bike"))
        crm.interactions.add(Interaction(subject=one.id, reference=item.id))
        before = everything(crm)
        with pytest.raises(Refused, match=receipt.number) as refused:
            crm.merging.undo(receipt.id)
        found = {(finding.code, finding.field) for finding in refused.value.findings}
        assert found == {
            ("of-another-account", "lead"),
            ("of-another-account", "estimate"),
            ("contact-of-another", "sales_contact"),
        }
        assert {finding.record for finding in refused.value.findings} >= {chance.id, order.id, named.id}
        assert everything(crm) == before

    def test_the_survivor_is_gone_or_merged_on(self, crm: Crm, everything: Any) -> None:
        """Where the survivor was merged on, the later merge is named, to be undone first; a lost one is named."""
        one, two, three = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two", "Three"))
        first = crm.prospects.merge(one.id, into=two.id)
        second = crm.prospects.merge(two.id, into=three.id)
        before = everything(crm)
        with pytest.raises(Refused, match=second.number) as refused:
            crm.merging.undo(first.id)
        assert [finding.code for finding in refused.value.findings] == ["merged-on"]
        assert everything(crm) == before
        crm.merging.undo(second.id)
        crm.merging.undo(first.id)
        assert {each.name for each in crm.prospects.find()} == {"One", "Two", "Three"}
        third = crm.prospects.merge(one.id, into=two.id)
        crm.prospects.delete(two.id)
        with pytest.raises(Refused) as lost:
            crm.merging.undo(third.id)
        assert [finding.code for finding in lost.value.findings] == ["no-survivor"]
        again = crm.prospects.add(evolve(crm.merging.absorbed_of(third.id), id=NIL, version=0, number=""))
        assert (again.name, again.id != one.id) == ("One", True)
        with pytest.raises(NotFound):
            crm.merging.undo(uuid4())

    def test_a_later_merge_that_counted_on_it(self, crm: Crm) -> None:
        """Where a later merge dropped a duplicate of what came with this one, that is to be undone first."""
        one, two, three = (
            crm.sales_contacts.add(SalesContact(given_name=name, emails=emails))
            for name, emails in (("Ana", []), ("Anna", ["a@b.example"]), ("Anne", ["A@b.example"]))
        )
        before = contents(crm)
        first = crm.sales_contacts.merge(two.id, into=one.id)
        second = crm.sales_contacts.merge(three.id, into=one.id)
        with pytest.raises(Refused, match=second.number):
            crm.merging.undo(first.id)
        crm.merging.undo(second.id)
        crm.merging.undo(first.id)
        assert_undone(before, contents(crm), first, second)

    def test_lost_ends(self, crm: Crm) -> None:
        """A territory of the absorbed record that was deleted since is in the way; a dropped link's end is not."""
        territory = crm.territories.add(Territory(description="South"))
        one = crm.prospects.add(Prospect(name="One", territory=crm.territories.add(Territory(description="North")).id))
        two = crm.prospects.add(Prospect(name="Two", territory=territory.id))
        contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one.id, two.id]))
        receipt = crm.prospects.merge(two.id, into=one.id)
        crm.sales_contacts.delete(contact.id)
        crm.territories.delete(territory.id)
        with pytest.raises(Refused) as refused:
            crm.merging.undo(receipt.id)
        assert [(finding.code, finding.field) for finding in refused.value.findings] == [
            ("lost-reference", "territory")
        ]

    def test_a_dropped_link_comes_back_if_its_other_end_is_there(self, crm: Crm) -> None:
        """A link to a contact that was deleted since stays gone; the merge can be undone all the same."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one.id, two.id]))
        receipt = crm.prospects.merge(two.id, into=one.id)
        crm.sales_contacts.delete(contact.id)
        crm.merging.undo(receipt.id)
        assert crm.contact_accounts.count() == 0
        assert crm.prospects.get(two.id).name == "Two"


class TestRaces:
    """Whoever else tries at the same moment."""

    def test_each_into_the_other(self, crm: Crm) -> None:
        """Of A into B and B into A at the same moment one wins, the other is told who survived, or that it is stale."""
        for _ in range(5):
            one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
            crm.leads.add_many([Lead(account=each.id) for each in (one, two)])
            outcomes = contend(
                partial(crm.prospects.merge, one.id, into=two.id),
                partial(crm.prospects.merge, two.id, into=one.id),
            )
            failed = [each for each in outcomes if isinstance(each, CrmkitError)]
            assert [type(each) for each in failed] in ([Merged], [StalePlan]), failed
            survivor = next(each for each in outcomes if not isinstance(each, CrmkitError)).survivor
            assert crm.leads.count(account=survivor) == 2
            assert [each.id for each in crm.prospects.find() if each.id in (one.id, two.id)] == [survivor]

    def test_against_what_is_added_meanwhile(self, crm: Crm) -> None:
        """Leads added to the absorbed account at the same moment are the survivor's, or were told that it is gone."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        outcomes = contend(
            lambda: crm.prospects.merge(two.id, into=one.id),
            *[lambda: crm.leads.add(Lead(account=two.id)) for _ in range(3)],
        )
        assert not isinstance(outcomes[0], CrmkitError), outcomes
        added = [each for each in outcomes[1:] if not isinstance(each, CrmkitError)]
        assert {type(each) for each in outcomes[1:]} <= {Lead, Invalid}
        assert {lead.id for lead in crm.leads.find(account=one.id)} == {lead.id for lead in added}

    def test_undone_twice(self, crm: Crm) -> None:
        """Of two who take a merge back at the same moment one does, the other is told that it is done."""
        one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
        receipt = crm.prospects.merge(two.id, into=one.id)
        outcomes = contend(*[lambda: crm.merging.undo(receipt.id)] * 2)
        assert sorted(type(each).__name__ for each in outcomes) == ["Prospect", "Refused"]
        assert crm.prospects.count() == 2


def contend(*calls: Callable[[], Any]) -> list[Any]:
    """What each call gives or raises, all begun at the same moment."""
    start = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int) -> None:
        start.wait()
        try:
            outcomes[place] = calls[place]()
        except CrmkitError as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_orders_of_a_merged_customer_are_the_survivors(crm: Crm) -> None:
    """What only a customer may have goes to the surviving customer, and the engine still refuses it on a prospect."""
    one, two = (crm.customers.add(Customer(name=name)) for name in ("One", "Two"))
    order = crm.orders.add(Order(customer=two.id))
    receipt = crm.customers.merge(two.id, into=one.id)
    assert crm.orders.get(order.id).customer == one.id
    crm.merging.undo(receipt.id)
    assert crm.orders.get(order.id).customer == two.id
