"""Converting a prospect into a customer that is there, and taking it back: on every store."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from crmkit import (
    AlreadyConverted,
    ConversionUndone,
    Crm,
    CrmkitError,
    Customer,
    Estimate,
    Interaction,
    Invalid,
    Lead,
    Merged,
    Opportunity,
    OpportunityTask,
    Policy,
    Prospect,
    ProspectConverted,
    Refused,
    SalesContact,
    Salesperson,
    StalePlan,
    StoreError,
    TeamAssignment,
    same_content,
)
from crmkit.conversion.matching import COMMON
from crmkit.exchange.plans import plan_from_json, plan_to_json


def contents(crm: Crm) -> dict[UUID, Any]:
    """All records of a tenant, as they are now."""
    return {one.id: one for spec in crm.registry.specs for one in crm.repository(spec.cls).all()}


@pytest.fixture
def pair(crm: Crm) -> tuple[Prospect, Customer]:
    """A prospect with something of every kind, and the customer that is the same company."""
    customer = crm.customers.add(Customer(name="Acme Bikes", employees=100, number="C77"))
    prospect = crm.prospects.add(Prospect(name="ACME Bikes S.L.", employees=120, web="acme.example"))
    ann = crm.salespersons.add(Salesperson(name="Ann"))
    both = crm.sales_contacts.add(SalesContact(given_name="Eva", accounts=[customer.id, prospect.id]))
    crm.sales_contacts.add(
        SalesContact(given_name="Ana", family_name="Ríos", emails=["ana@acme.example"], accounts=[customer.id])
    )
    ana = crm.sales_contacts.add(
        SalesContact(
            given_name="Ana M.",
            family_name="Ríos",
            emails=["ANA@acme.example"],
            job_title="Buyer",
            accounts=[prospect.id],
        )
    )
    lead = crm.leads.add(Lead(account=prospect.id, description="E-bikes", sales_contact=ana.id))
    chance = crm.leads.promote(lead.id)
    crm.opportunity_tasks.add(OpportunityTask(opportunity=chance.id, description="Call"))
    crm.estimates.add(Estimate(account=prospect.id, opportunity=chance.id))
    crm.interactions.add(Interaction(subject=prospect.id, sales_contact=both.id, topic="inquiry"))
    for account in (customer, prospect):
        crm.team_assignments.add(TeamAssignment(target=account.id, holder=ann.id, role="sales"))
    return prospect, customer


CARRIED = {
    "contact_accounts": 1,
    "leads": 1,
    "opportunities": 1,
    "opportunity_tasks": 1,
    "opportunity_contacts": 1,
    "estimates": 1,
    "interactions": 1,
}
DROPPED = {"contact_accounts": 1, "team_assignments": 1}


class TestPlan:
    """A plan is a value; nothing is written."""

    def test_it_says_everything(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """What carries over, is dropped, set and kept, and who may be the same person: all in a plan that prints."""
        prospect, customer = pair
        before = everything(crm)
        plan = crm.conversion.plan(prospect.id, into=customer.id)
        assert everything(crm) == before
        assert not plan.refused
        assert {kind: count for kind, count in plan.carried.items() if count} == CARRIED
        assert plan.into is not None
        assert plan.into.customer == customer
        assert dict(plan.into.dropped) == DROPPED
        assert {one.field: (one.survivor, one.absorbed, one.value) for one in plan.into.choices} == {
            "name": ("Acme Bikes", "ACME Bikes S.L.", "Acme Bikes"),
            "employees": (100, 120, 100),
            "web": ("", "acme.example", "acme.example"),
        }
        assert [one.field for one in plan.into.conflicts] == ["name", "employees"]
        assert [one.reasons for one in plan.into.persons] == [("the same e-mail address", "names that agree")]
        assert plan.customer is not None
        assert (plan.customer.id, plan.customer.number, plan.customer.web) == (customer.id, "C77", "acme.example")
        shown = str(plan)
        assert all(said in shown for said in ("into customer C77", "offered", "leads: 1", "web = acme.example"))
        assert "offered" in plan._repr_html_()

    def test_it_goes_to_json_and_back(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """A plan goes to JSON and comes back equal, with one fingerprint, and can be applied."""
        prospect, customer = pair
        plan = crm.conversion.plan(
            prospect.id, into=customer.id, fields={"name": "take"}, merge_contacts="same", employees=7
        )
        back = plan_from_json(plan_to_json(plan))
        assert back == plan
        assert back.fingerprint == plan.fingerprint
        crm.conversion.apply(back)
        now = crm.customers.get(customer.id)
        assert (now.name, now.employees) == ("ACME Bikes S.L.", 7)

    def test_the_fingerprint_tells_the_customer(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Another version of the customer, another rule or another pair gives another fingerprint."""
        prospect, customer = pair
        plans = [
            crm.conversion.plan(prospect.id),
            crm.conversion.plan(prospect.id, into=customer.id),
            crm.conversion.plan(prospect.id, into=customer.id, rule="take"),
            crm.conversion.plan(prospect.id, into=customer.id, merge_contacts="same"),
        ]
        crm.customers.update(customer, web="x.example")
        plans.append(crm.conversion.plan(prospect.id, into=customer.id))
        assert len({plan.fingerprint for plan in plans}) == len(plans)

    def test_every_refusal_at_once(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """What is to be asked, unknown fields, a number, a contact that there is not, a field required: all at once."""
        prospect, customer = pair
        before = everything(crm)
        plan = crm.conversion.plan(
            prospect.id,
            into=customer.id,
            fields={"employees": "ask", "colour": "keep"},
            merge_contacts=[(uuid4(), uuid4())],
            number="C9",
        )
        assert {(one.code, one.field) for one in plan.refused} == {
            ("ask", "employees"),
            ("unknown-field", "colour"),
            ("unknown-field", "number"),
            ("no-contact", "merge_contacts"),
        }
        with pytest.raises(Refused):
            crm.conversion.apply(plan)
        assert everything(crm) == before

    def test_a_customer_that_there_is_not(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """An unknown customer, a prospect's id, a merged one are refusals; rules without a customer are invalid."""
        prospect, customer = pair
        merged = crm.customers.add(Customer(name="Other"))
        crm.customers.merge(merged.id, into=customer.id)
        for id in (uuid4(), prospect.id, merged.id, "C77"):
            plan = crm.conversion.plan(prospect.id, into=id)
            assert [one.code for one in plan.refused] == ["no-customer"]
            assert plan_from_json(plan_to_json(plan)) == plan
        assert crm.conversion.plan(prospect.id, into=merged.id).refused[0].record == customer.id
        with pytest.raises(Invalid):
            crm.conversion.plan(prospect.id, rule="take")

    def test_the_policy_holds(self, crm: Crm, beside: Any, pair: tuple[Prospect, Customer]) -> None:
        """Fields go where the policy says, what it requires must be there, its defaults are for new customers."""
        prospect, customer = pair
        policy = Policy(
            customer_fields={"web": "notes", "notes": None},
            customer_defaults={"sic_code": "1"},
            customer_required=["tax_number"],
        )
        plan = beside(policy=policy).conversion.plan(prospect.id, into=customer.id)
        assert [(one.code, one.field) for one in plan.refused] == [("required", "tax_number")]
        assert plan.customer is not None
        assert (plan.customer.web, plan.customer.notes, plan.customer.sic_code) == ("", "acme.example", "")

    def test_into_the_match(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """The match is the one customer that is surely the same company; of none or several, none is taken."""
        prospect, customer = pair
        prospect = crm.prospects.update(prospect, tax_number="B 123")
        plan = crm.conversion.plan(prospect.id, into="match")
        assert [(one.code, one.field) for one in plan.refused] == [("no-match", "into")]
        customer = crm.customers.update(customer, tax_number="B123")
        plan = crm.conversion.plan(prospect.id, into="match")
        assert plan.into is not None
        assert (plan.into.customer, plan.refused) == (customer, ())
        assert plan_from_json(plan_to_json(plan)) == plan
        assert crm.conversion.apply(plan).customer_id == customer.id

    def test_into_the_match_while_it_is_the_only_one(
        self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any
    ) -> None:
        """A second one makes the plan stale, and is named; planned anew it is refused. Once it is gone, all is well."""
        prospect = crm.prospects.update(pair[0], tax_number="B 123")
        customer = crm.customers.update(pair[1], tax_number="B123")
        plan = plan_from_json(plan_to_json(crm.conversion.plan(prospect.id, into="match")))
        other = crm.customers.add(Customer(name="Other", tax_number="B-123"))
        before = everything(crm)
        with pytest.raises(StalePlan) as stale:
            crm.conversion.apply(plan)
        assert [other.number in said and "the same tax number" in said for said in stale.value.differences] == [True]
        with pytest.raises(Refused) as refused:
            crm.conversion.apply(plan, replan=True)
        asked = crm.conversion.plan(prospect.id, into="match").refused
        assert refused.value.findings == asked
        assert {(one.code, one.record) for one in asked} == {("ambiguous", customer.id), ("ambiguous", other.id)}
        assert everything(crm) == before
        crm.customers.delete(other)
        assert crm.conversion.apply(plan).customer_id == customer.id

    def test_into_the_match_that_is_none_any_more(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Where too many have a number for it to tell anything, nothing is sure: the plan is stale; one that names its
        customer is not.
        """
        prospect = crm.prospects.update(pair[0], tax_number="B 123")
        customer = crm.customers.update(pair[1], tax_number="B123")
        plan, named = (crm.conversion.plan(prospect.id, into=one) for one in ("match", customer.id))
        crm.prospects.add_many([Prospect(name=f"P{number}", tax_number="B123") for number in range(COMMON)])
        with pytest.raises(StalePlan) as stale:
            crm.conversion.apply(plan)
        assert stale.value.differences == (f"customer {customer.number} is not surely the same company any more",)
        with pytest.raises(Refused) as refused:
            crm.conversion.apply(plan, replan=True)
        assert [one.code for one in refused.value.findings] == ["no-match"]
        assert crm.conversion.apply(named).customer_id == customer.id

    def test_persons_who_only_may_be_the_same(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Who shares no more than a name, or a switchboard's number, is offered, and not taken for "same"."""
        prospect, customer = pair
        for account, given in ((customer, "Eva"), (prospect, "Evo")):
            crm.sales_contacts.add(
                SalesContact(given_name=given, family_name="Gil", phones=["+34 600 000 009"], accounts=[account.id])
            )
            crm.sales_contacts.add(SalesContact(given_name="Tom", family_name="Paz", accounts=[account.id]))
        plan = crm.conversion.plan(prospect.id, into=customer.id, merge_contacts="same")
        assert plan.into is not None
        offered = [one for one in plan.into.persons if not one.certain]
        assert sorted(one.reasons[0] for one in offered) == ["the same name", "the same telephone number"]
        assert len(plan.into.contacts) == 1

    def test_ambiguity_stops_with_the_candidates(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Where a contact is surely two of the customer's, none is taken: both are named; the pair can be given."""
        prospect, customer = pair
        other = crm.sales_contacts.add(
            SalesContact(given_name="A.", family_name="Ríos", emails=["ana@acme.example"], accounts=[customer.id])
        )
        plan = crm.conversion.plan(prospect.id, into=customer.id, merge_contacts="same")
        assert [one.code for one in plan.refused] == ["ambiguous-contact"]
        assert other.number in plan.refused[0].message
        assert plan.into is not None
        (mine,) = {one.absorbed for one in plan.into.persons if one.certain}
        assert not crm.conversion.plan(prospect.id, into=customer.id, merge_contacts=[(mine, other.id)]).refused


class TestApply:
    """All of it goes over, once."""

    def test_counts_and_ids_are_kept(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Every record is the customer's, under its id; nothing is there twice, and the prospect names the customer."""
        prospect, customer = pair
        before = contents(crm)
        receipt = crm.conversion.convert(prospect.id, into=customer.id)
        after = contents(crm)
        gone = before.keys() - after.keys()
        assert prospect.id in gone
        assert {one.spec.about.plural for id in gone if (one := before[id]) != prospect} == set(DROPPED)
        assert after.keys() - before.keys() == {receipt.id, receipt.merge}
        assert dict(receipt.carried) == CARRIED
        assert (receipt.account, receipt.customer_id, receipt.customer_number) == (customer.id, customer.id, "C77")
        assert (receipt.prospect, receipt.prospect_id, receipt.prospect_number) == (
            prospect.id,
            prospect.id,
            prospect.number,
        )
        assert receipt.customer_version == crm.customers.get(customer.id).version == 2
        for find in (crm.leads.find, crm.opportunities.find, crm.estimates.find):
            assert [one.account for one in find()] == [customer.id]
        with pytest.raises(Merged) as merged:
            crm.prospects.get(prospect.id)
        assert merged.value.survivor == customer.id
        assert crm.accounts.resolve(prospect.id).id == customer.id
        assert crm.conversion.prospect_of(receipt.id) == prospect

    def test_who_comes_second(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """A second conversion, into whatever customer, names this one and its receipt, and changes nothing."""
        prospect, customer = pair
        other = crm.customers.add(Customer(name="Other"))
        plans = [crm.conversion.plan(prospect.id), crm.conversion.plan(prospect.id, into=other.id)]
        with crm.begin(by="ana") as work:
            receipt = work.conversion.convert(prospect.id, into=customer.id)
        before = everything(crm)
        for again in (
            lambda: crm.conversion.plan(prospect.id),
            lambda: crm.conversion.convert(prospect.id, into=customer.id),
            lambda: crm.conversion.apply(plans[0]),
            lambda: crm.conversion.apply(plans[1], replan=True),
        ):
            with pytest.raises(AlreadyConverted) as second:
                again()
            assert (second.value.customer_id, second.value.by, second.value.receipt) == (customer.id, "ana", receipt.id)
            assert second.value.prospect_id == prospect.id
            assert f"prospect {prospect.id} is part of customer {customer.number} already" in str(second.value)
        assert everything(crm) == before

    def test_a_stale_plan(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """A customer changed since makes the plan stale, saying what has changed; replanned it applies."""
        prospect, customer = pair
        plan = crm.conversion.plan(prospect.id, into=customer.id, merge_contacts="same")
        crm.customers.update(customer, web="new.example")
        before = everything(crm)
        with pytest.raises(StalePlan, match=r"customer C77: web was , is new\.example"):
            crm.conversion.apply(plan)
        assert everything(crm) == before
        crm.conversion.apply(plan, replan=True)
        assert crm.customers.get(customer.id).web == "new.example"
        assert crm.merges.count() == 2

    def test_under_a_key(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """Asked again under its key it gives the same receipt; another customer or rule is another request."""
        prospect, customer = pair
        receipt = crm.conversion.convert(prospect.id, into=customer.id, key="a")
        assert crm.conversion.convert(prospect.id, into=customer.id, key="a") == receipt
        for other in ({}, {"into": uuid4()}, {"into": customer.id, "rule": "take"}):
            with pytest.raises(Refused, match="another request"):
                crm.conversion.convert(prospect.id, key="a", **other)

    def test_persons_are_merged_with_it(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """With the same persons merged, the customer has each once, and what named the other names that one."""
        prospect, customer = pair
        plan = crm.conversion.plan(prospect.id, into=customer.id, merge_contacts="same")
        assert plan.into is not None
        assert "merged" in str(plan)
        assert dict(plan.into.dropped) == {"contact_accounts": 2, "contact_emails": 1, "team_assignments": 1}
        crm.conversion.apply(plan)
        (kept,) = [one for one in crm.sales_contacts.find() if one.family_name == "Ríos"]
        assert (kept.job_title, [str(email) for email in kept.emails]) == ("Buyer", ["ana@acme.example"])
        assert len(crm.sales_contacts.of_account(customer.id)) == 2
        assert [lead.sales_contact for lead in crm.leads.find()] == [kept.id]
        with pytest.raises(Merged):
            crm.sales_contacts.get(plan.into.contacts[0][0])

    def test_it_opens_an_opportunity_of_the_customer(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """From a lead, whose contact is merged with it, or fresh: the opportunity is the customer's."""
        prospect, customer = pair
        lead = crm.leads.add(Lead(account=prospect.id, sales_contact=crm.leads.find()[0].sales_contact))
        receipt = crm.conversion.convert(prospect.id, into=customer.id, opportunity=lead.id, merge_contacts="same")
        chance = crm.opportunities.get(receipt.opportunity)
        assert (chance.account, chance.lead) == (customer.id, lead.id)
        (kept,) = [one for one in crm.sales_contacts.find() if one.family_name == "Ríos"]
        assert [one.sales_contact for one in crm.opportunity_contacts.find(opportunity=chance.id)] == [kept.id]
        other = crm.prospects.add(Prospect(name="Other"))
        fresh = Opportunity(description="First order", account=other.id)
        again = crm.conversion.convert(other.id, into=customer.id, opportunity=fresh)
        assert crm.opportunities.get(again.opportunity).account == customer.id

    def test_events(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """It is told as a conversion, and its undoing as one, with the prospect and the customer."""
        prospect, customer = pair
        told: list[Any] = []
        crm.on(ProspectConverted, lambda event, _: told.append(event))
        crm.on(ConversionUndone, lambda event, _: told.append(event))
        receipt = crm.conversion.convert(prospect.id, into=customer.id)
        crm.conversion.undo(receipt.id)
        assert [type(event) for event in told] == [ProspectConverted, ConversionUndone]
        assert (told[0].prospect, told[0].customer.id, told[0].conversion) == (prospect, customer.id, receipt)
        assert (told[1].prospect.id, told[1].conversion.undone_at is not None) == (prospect.id, True)

    def test_half_of_it_is_never_kept(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """Where it fails after persons were merged, a unit that goes on all the same cannot be committed."""
        prospect, customer = pair
        before = everything(crm)

        def veto(event: Any, work: Any) -> None:
            raise ZeroDivisionError

        crm.on(ProspectConverted, veto, phase="before")

        def going_on(work: Any) -> None:
            with pytest.raises(ZeroDivisionError):
                work.conversion.convert(prospect.id, into=customer.id, merge_contacts="same")

        with pytest.raises(StoreError, match="half-way"):
            crm.run(going_on)
        assert everything(crm) == before

    def test_at_the_same_moment(self, crm: Crm) -> None:
        """Of a plain conversion, one into a customer and an edit of that one, each is whole or told why not."""
        for _ in range(3):
            prospect = crm.prospects.add(Prospect(name="Acme"))
            customer = crm.customers.add(Customer(name="Acme"))
            crm.leads.add(Lead(account=prospect.id))
            calls: list[Callable[[], Any]] = [
                partial(crm.conversion.convert, prospect.id),
                partial(crm.conversion.convert, prospect.id, into=customer.id),
                partial(crm.customers.update, customer, employees=5),
            ]
            start = threading.Barrier(len(calls))
            outcomes: list[Any] = [None] * len(calls)

            def run(place: int, calls: Any = calls, start: Any = start, outcomes: Any = outcomes) -> None:
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
            made = [one for one in outcomes[:2] if not isinstance(one, CrmkitError)]
            assert len(made) <= 1
            lead = crm.leads.find(account=made[0].customer_id if made else prospect.id)
            assert len(list(lead)) == 1
            for one in outcomes:
                if isinstance(one, CrmkitError):
                    assert isinstance(one, AlreadyConverted | StalePlan) or type(one).__name__ == "Conflict"


class TestUndo:
    """Back to the prospect and the customer."""

    @pytest.mark.parametrize("contacts", [(), "same"])
    def test_with_no_edits_every_record_equals_its_former_self(
        self, crm: Crm, pair: tuple[Prospect, Customer], contacts: Any
    ) -> None:
        """Undone, every record says what it said before, the persons merged and the opportunity opened with it too."""
        prospect, customer = pair
        lead = crm.leads.add(Lead(account=prospect.id, sales_contact=crm.leads.find()[0].sales_contact))
        before = contents(crm)
        receipt = crm.conversion.convert(
            prospect.id, into=customer.id, rule="take", merge_contacts=contacts, opportunity=lead.id
        )
        traces = {receipt.id, *(one.id for one in crm.merges.find())}
        back = crm.conversion.undo(receipt.id)
        after = contents(crm)
        assert after.keys() - traces == before.keys()
        assert [before[id] for id in before if not same_content(before[id], after[id])] == []
        assert back == crm.prospects.get(prospect.id)
        with pytest.raises(Refused, match="undone already"):
            crm.conversion.undo(receipt.id)

    def test_again_after_it(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """It can be converted again, into the customer or into one of its own, with a number of its own."""
        prospect, customer = pair
        first = crm.conversion.convert(prospect.id, into=customer.id)
        crm.conversion.undo(first.id)
        second = crm.conversion.convert(prospect.id, into=customer.id, merge_contacts="same")
        crm.conversion.undo(second.id)
        third = crm.conversion.convert(prospect.id)
        assert third.customer_id == prospect.id
        assert third.customer_number not in ("", "C77")

    def test_edits_since_are_kept(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """What was edited on the customer since stays with it; what was edited in what carried over goes back so."""
        prospect, customer = pair
        receipt = crm.conversion.convert(prospect.id, into=customer.id)
        crm.customers.update(crm.customers.get(customer.id), notes="Pays well")
        lead = crm.leads.update(crm.leads.find()[0], next_step="Visit")
        crm.conversion.undo(receipt.id)
        now = crm.customers.get(customer.id)
        assert (now.notes, now.web) == ("Pays well", "")
        assert (crm.leads.get(lead.id).account, crm.leads.get(lead.id).next_step) == (prospect.id, "Visit")

    def test_what_is_in_the_way_is_named(self, crm: Crm, pair: tuple[Prospect, Customer], everything: Any) -> None:
        """An order of an estimate that would go back to the prospect is in the way; nothing is undone in part."""
        prospect, customer = pair
        receipt = crm.conversion.convert(prospect.id, into=customer.id, merge_contacts="same")
        order = crm.estimates.order(crm.estimates.find()[0].id)
        before = everything(crm)
        with pytest.raises(Refused, match=receipt.number) as refused:
            crm.conversion.undo(receipt.id)
        assert {one.record for one in refused.value.findings} == {order.id}
        assert everything(crm) == before

    def test_what_was_opened_and_touched_since(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """The refusal of an opportunity that was edited since says what to do; done, the conversion is undone."""
        prospect, customer = pair
        lead = crm.leads.add(Lead(account=prospect.id))
        receipt = crm.conversion.convert(prospect.id, into=customer.id, opportunity=lead.id)
        chance = crm.opportunities.update(crm.opportunities.get(receipt.opportunity), description="Edited")
        with pytest.raises(Refused, match=f"{chance.number} refers to .*: set its lead to none, or delete it"):
            crm.conversion.undo(receipt.id)
        crm.opportunities.update(chance, lead=None)
        assert crm.conversion.undo(receipt.id).id == prospect.id
        assert crm.opportunities.get(chance.id).account == customer.id

    def test_what_is_in_the_way_of_contacts_too(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """What is in the way of the account and of the contacts that were merged with it is named at once."""
        prospect, customer = pair
        receipt = crm.conversion.convert(prospect.id, into=customer.id, merge_contacts="same")
        order = crm.estimates.order(crm.estimates.find()[0].id)
        (kept,) = [one for one in crm.sales_contacts.find() if one.family_name == "Ríos"]
        other = crm.sales_contacts.add(SalesContact(family_name="Ríos", accounts=[customer.id]))
        later = crm.merging.merge(kept.id, into=other.id)
        with pytest.raises(Refused, match=receipt.number) as refused:
            crm.conversion.undo(receipt.id)
        assert {order.id, later.id} <= {one.record for one in refused.value.findings}
        crm.merging.undo(later.id)
        crm.orders.delete(crm.orders.get(order.id))
        assert crm.conversion.undo(receipt.id).id == prospect.id

    def test_a_merged_contact_that_was_deleted_since(self, crm: Crm, everything: Any) -> None:
        """There is no way back, and that is said: not that it was undone, and nothing is half done."""
        prospect, customer = crm.prospects.add(Prospect(name="Elm")), crm.customers.add(Customer(name="Fern"))
        one, other = (
            crm.sales_contacts.add(SalesContact(family_name="Ríos", accounts=[of.id])) for of in (prospect, customer)
        )
        receipt = crm.conversion.convert(prospect, into=customer, merge_contacts=[(one, other)])
        crm.sales_contacts.delete(other.id)
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            crm.conversion.undo(receipt)
        assert [(one.code, one.record) for one in refused.value.findings] == [("no-survivor", other.id)]
        assert everything(crm) == before

    def test_by_its_receipt_alone(self, crm: Crm, pair: tuple[Prospect, Customer]) -> None:
        """The merge in a conversion is undone by the conversion; until then the customer cannot be a prospect again."""
        prospect, _ = pair
        other = crm.prospects.add(Prospect(name="Was a prospect"))
        own = crm.conversion.convert(other.id)
        receipt = crm.conversion.convert(prospect.id, into=other.id)
        with pytest.raises(Refused, match=receipt.number):
            crm.merging.undo(receipt.merge)
        with pytest.raises(Refused, match=receipt.number):
            crm.conversion.undo(own.id)
        with pytest.raises(AlreadyConverted) as already:
            crm.conversion.plan(other.id)
        assert already.value.receipt == own.id
        crm.conversion.undo(receipt.id)
        crm.conversion.undo(own.id)
        assert {one.id for one in crm.prospects.find()} == {prospect.id, other.id}
