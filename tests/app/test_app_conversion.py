"""Conversion beyond the rows: plans, staleness, values, undo and redo."""

import json
import threading
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from crmkit import (
    Address,
    AlreadyConverted,
    Crm,
    CrmkitError,
    Customer,
    Estimate,
    Interaction,
    Invalid,
    Item,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityTask,
    Order,
    Policy,
    Prospect,
    Refused,
    SalesContact,
    ShipToAddress,
    StalePlan,
    same_content,
)
from crmkit.exchange.plans import plan_from_json, plan_to_json


@pytest.fixture
def prospect(crm: Crm) -> Prospect:
    """A prospect with something of every kind that carries over."""
    return furnish(crm)


def furnish(crm: Crm, name: str = "Acme Bikes") -> Prospect:
    """A prospect with leads, opportunities, tasks, an estimate, an interaction and a contact."""
    prospect = crm.prospects.add(
        Prospect(name=name, employees=120, email=f"hello@{name.split(maxsplit=1)[0].lower()}.example")
    )
    lead = crm.leads.add(Lead(account=prospect.id, description="E-bikes"))
    chance = crm.leads.promote(lead.id, estimated_value=Money("5000", "EUR"))
    crm.opportunity_tasks.add(OpportunityTask(opportunity=chance.id, description="Call"))
    crm.estimates.add(Estimate(account=prospect.id, opportunity=chance.id))
    crm.interactions.add(Interaction(subject=prospect.id, topic="inquiry", reference=lead.id))
    crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id]))
    return prospect


CARRIED = {
    "leads": 1,
    "opportunities": 1,
    "opportunity_tasks": 1,
    "estimates": 1,
    "interactions": 1,
    "contact_accounts": 1,
}


def contents(crm: Crm) -> dict[UUID, Any]:
    """All records of a tenant, as they are now."""
    return {one.id: one for spec in crm.registry.specs for one in crm.repository(spec.cls).all()}


class TestPlan:
    """A plan is a value; nothing is written."""

    def test_it_lists_everything(self, crm: Crm, beside: Any, prospect: Prospect, everything: Any) -> None:
        """Created, carried over, defaulted, refused and possible duplicates are all in the plan; nothing is written."""
        policy = Policy(customer_defaults={"sic_code": "0751", "employees": 5}, customer_required=["tax_number"])
        crm = beside(policy=policy)
        same_name = crm.customers.add(Customer(name="ACME bikes", number="C77"))
        same_mail = crm.customers.add(Customer(name="Other", email="HELLO@acme.example"))
        crm.customers.add(Customer(name="Bystander"))
        before = everything(crm)

        plan = crm.conversion.plan(prospect.id, number="c77", colour="red")

        assert everything(crm) == before
        assert plan.prospect == prospect
        assert plan.customer is not None
        assert (plan.customer.id, plan.customer.name, plan.customer.employees) == (prospect.id, "Acme Bikes", 120)
        assert {kind: count for kind, count in plan.carried.items() if count} == CARRIED
        assert [(one.field, one.value, one.by) for one in plan.defaulted] == [("sic_code", "0751", "policy")]
        assert {(one.code, one.field) for one in plan.refused} == {
            ("number-in-use", "number"),
            ("unknown-field", "colour"),
            ("required", "tax_number"),
        }
        assert {one.id: one.reasons for one in plan.duplicates} == {
            same_name.id: ("the same name",),
            same_mail.id: ("the same e-mail address",),
        }
        shown = str(plan)
        assert all(word in shown for word in ("Acme Bikes", "leads: 1", "sic_code = 0751", "tax_number", "C77"))
        assert "leads: 1" in plan._repr_html_()

    def test_two_plans_are_equal_when_nothing_has_changed(self, crm: Crm, prospect: Prospect) -> None:
        """Planning twice gives equal plans with one fingerprint; a change in between gives others."""
        one, other = crm.conversion.plan(prospect.id), crm.conversion.plan(prospect.id)
        assert one == other
        assert one.fingerprint == other.fingerprint
        lead = crm.leads.add(Lead(account=prospect.id)).id
        assert crm.conversion.plan(prospect.id, opportunity=lead) == crm.conversion.plan(prospect.id, opportunity=lead)
        crm.prospects.update(prospect, employees=121)
        changed = crm.conversion.plan(prospect.id)
        assert changed != one
        assert changed.fingerprint != one.fingerprint
        assert crm.conversion.plan(prospect.id, tax_number="B1").fingerprint != changed.fingerprint

    def test_it_raises_only_where_the_id_is_no_prospect(self, crm: Crm, prospect: Prospect) -> None:
        """An unknown id is not found; a customer's is converted already, even if it never was a prospect."""
        with pytest.raises(NotFound):
            crm.conversion.plan(uuid4())
        lead = crm.leads.find()[0]
        with pytest.raises(NotFound):
            crm.conversion.plan(lead.id)
        customer = crm.customers.add(Customer(name="Straight"))
        with pytest.raises(AlreadyConverted, match=customer.number):
            crm.conversion.plan(customer.id)

    def test_a_plan_with_refusals_is_not_applied(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """Applying a plan with refusals raises Refused with all of them, and changes nothing."""
        crm.customers.add(Customer(name="Other", number="C77"))
        plan = crm.conversion.plan(prospect.id, number="C77", employees=-1, colour="red")
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            crm.conversion.apply(plan)
        assert refused.value.findings == plan.refused
        assert {one.field for one in plan.refused} == {"number", "employees", "colour"}
        with pytest.raises(Refused):
            crm.conversion.convert(prospect.id, number="C77")
        assert everything(crm) == before

    def test_values_given_win(self, crm: Crm, beside: Any, prospect: Prospect) -> None:
        """Values given win over the prospect's, which win over the policy's defaults."""
        crm = beside(policy=Policy(customer_defaults={"employees": 5, "sic_code": "0751", "tax_number": "X"}))
        crm.conversion.convert(prospect.id, {"name": "Acme S.L."}, tax_number="B1", credit_hold=True, number="C500")
        customer = crm.customers.get(prospect.id)
        assert (customer.name, customer.tax_number, customer.credit_hold) == ("Acme S.L.", "B1", True)
        assert (customer.employees, customer.sic_code, customer.number) == (120, "0751", "C500")
        receipt = crm.conversions.find()[0]
        assert dict(receipt.given) == {"name": "Acme S.L.", "tax_number": "B1", "credit_hold": "True", "number": "C500"}


class TestApply:
    """Exactly once, on what was planned."""

    def test_the_receipt_keeps_the_trace(self, crm: Crm, clock: Any, prospect: Prospect) -> None:
        """The receipt says who converted what, when, by which policy, what carried over; the prospect is readable."""
        plan = crm.conversion.plan(prospect.id)
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ana") as work:
            receipt = work.conversion.apply(plan)
        assert receipt == crm.conversions.get(receipt.id)
        assert (receipt.account, receipt.prospect_number, receipt.customer_number) == (
            prospect.id,
            "P000001",
            crm.customers.get(prospect.id).number,
        )
        assert (receipt.converted_by, receipt.converted_at, receipt.policy) == ("ana", clock(), Policy().hash)
        assert dict(receipt.carried) == CARRIED
        assert crm.conversion.prospect_of(receipt.id) == prospect

    def test_a_stale_plan_is_refused_with_the_difference(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """Where the prospect has changed since, the plan is refused, saying what has; replanned it applies."""
        plan = crm.conversion.plan(prospect.id, tax_number="B1")
        crm.prospects.update(prospect, employees=130, name="Acme")
        before = everything(crm)
        with pytest.raises(StalePlan, match="employees was 120, is 130") as stale:
            crm.conversion.apply(plan)
        assert stale.value.differences == ("name was Acme Bikes, is Acme", "employees was 120, is 130")
        assert (stale.value.expected, stale.value.found) == (1, 2)
        assert "Plan again" in str(stale.value)
        assert everything(crm) == before
        crm.conversion.apply(plan, replan=True)
        customer = crm.customers.get(prospect.id)
        assert (customer.name, customer.employees, customer.tax_number) == ("Acme", 130, "B1")

    def test_a_changed_policy_makes_a_plan_stale(
        self, crm: Crm, beside: Any, prospect: Prospect, everything: Any
    ) -> None:
        """A plan made under another policy is refused; replanned, the new policy holds."""
        plan = crm.conversion.plan(prospect.id)
        strict = beside(policy=Policy(customer_required=["tax_number"]))
        before = everything(crm)
        with pytest.raises(StalePlan, match="the policy has changed"):
            strict.conversion.apply(plan)
        with pytest.raises(Refused, match="tax_number: is required"):
            strict.conversion.apply(plan, replan=True)
        assert everything(crm) == before
        other = beside(policy=Policy(customer_defaults={"sic_code": "0751"}))
        other.conversion.apply(plan, replan=True)
        assert crm.customers.get(prospect.id).sic_code == "0751"

    def test_what_was_added_since_carries_over(self, crm: Crm, prospect: Prospect) -> None:
        """Records added after the plan do not make it stale; they carry over and the receipt counts them."""
        plan = crm.conversion.plan(prospect.id)
        lead = crm.leads.add(Lead(account=prospect.id))
        receipt = crm.conversion.apply(plan)
        assert dict(receipt.carried) == {**CARRIED, "leads": 2}
        assert lead in list(crm.leads.find(account=receipt.customer_id))

    def test_a_second_time_names_the_customer(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """Applying, planning or converting a second time names the customer and changes nothing, replanned or not."""
        plan = crm.conversion.plan(prospect.id)
        receipt = crm.conversion.apply(plan)
        before = everything(crm)
        for again in (
            lambda: crm.conversion.apply(plan),
            lambda: crm.conversion.apply(plan, replan=True),
            lambda: crm.conversion.plan(prospect.id),
            lambda: crm.conversion.convert(prospect.id),
        ):
            with pytest.raises(AlreadyConverted, match=f"{receipt.customer_number} already") as second:
                again()
            assert (second.value.customer_id, second.value.customer_number) == (prospect.id, receipt.customer_number)
        assert everything(crm) == before

    def test_a_deleted_prospect_is_not_found(self, crm: Crm, everything: Any) -> None:
        """A plan for a prospect that was deleted since is refused as not found."""
        prospect = crm.prospects.add(Prospect(name="Gone"))
        plan = crm.conversion.plan(prospect.id)
        crm.prospects.delete(prospect)
        before = everything(crm)
        with pytest.raises(NotFound):
            crm.conversion.apply(plan)
        assert everything(crm) == before

    def test_whoever_else_tries_at_the_same_moment(self, crm: Crm, prospect: Prospect) -> None:
        """Of eight callers at the same moment one converts, the others are told that it is done."""
        plan = crm.conversion.plan(prospect.id)
        start = threading.Barrier(8)
        outcomes: list[Any] = []

        def convert(apply: bool) -> None:
            start.wait()
            try:
                outcomes.append(crm.conversion.apply(plan) if apply else crm.conversion.convert(prospect.id))
            except CrmkitError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=convert, args=(place % 2 == 0,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        failed = [one for one in outcomes if isinstance(one, CrmkitError)]
        assert len(outcomes) == 8
        assert [type(one) for one in failed] == [AlreadyConverted] * 7
        assert (crm.customers.count(), crm.conversions.count()) == (1, 1)
        assert [past.record.version for past in crm.accounts.history(prospect.id)] == [1, 2]

    def test_in_a_unit_of_work_it_is_part_of_it(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A conversion in a unit that fails later has not happened."""
        before = everything(crm)

        def fail(work: Any) -> None:
            work.conversion.convert(prospect.id)
            work.orders.add(Order(customer=prospect.id))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            crm.run(fail)
        assert everything(crm) == before


class TestOpportunity:
    """A conversion may also open an opportunity."""

    def test_from_a_lead_of_the_prospect(self, crm: Crm) -> None:
        """The opportunity has what goes over from the lead, of the customer, and the receipt names it."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id]))
        lead = crm.leads.add(Lead(account=prospect.id, description="E-bikes", source="web", sales_contact=contact.id))
        plan = crm.conversion.plan(prospect.id, opportunity=lead.id)
        assert plan.opportunity is not None
        assert plan.opportunity.description == "E-bikes"
        receipt = crm.conversion.apply(plan)
        chance = crm.opportunities.get(receipt.opportunity)
        assert (chance.account, chance.lead, chance.source) == (prospect.id, lead.id, "web")
        assert crm.leads.get(lead.id) == lead
        assert crm.leads.opportunities(lead.id) == [chance]
        assert [one.id for one in crm.sales_contacts.find(opportunity=chance.id)] == [contact.id]

    def test_a_fresh_one(self, crm: Crm) -> None:
        """An opportunity given is opened for the customer, with its defaults taken."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        receipt = crm.conversion.convert(
            prospect.id, opportunity=Opportunity(description="First order", account=prospect.id, probability=30)
        )
        chance = crm.opportunities.get(receipt.opportunity)
        assert (chance.description, chance.status, chance.account) == ("First order", "open", prospect.id)

    @pytest.mark.parametrize("wrong", ["unknown", "of another", "disqualified", "fresh of another", "bad code"])
    def test_what_speaks_against_it_is_in_the_plan(self, crm: Crm, everything: Any, wrong: str) -> None:
        """An unknown, disqualified or another's lead, or an opportunity that cannot be, is a refusal in the plan."""
        prospect, other = (crm.prospects.add(Prospect(name=name)) for name in ("Acme", "Other"))
        theirs = crm.leads.add(Lead(account=other.id))
        dead = crm.leads.add(Lead(account=prospect.id, status="disqualified"))
        wanted: Any = {
            "unknown": uuid4(),
            "of another": theirs.id,
            "disqualified": dead.id,
            "fresh of another": Opportunity(description="O", account=other.id),
            "bad code": Opportunity(description="O", account=prospect.id, stage="no such stage"),
        }[wrong]
        before = everything(crm)
        plan = crm.conversion.plan(prospect.id, opportunity=wanted)
        assert plan.refused
        assert "opportunity" in plan.refused[0].field or plan.refused[0].code == "disqualified"
        with pytest.raises(Refused):
            crm.conversion.apply(plan)
        assert everything(crm) == before

    def test_a_stale_plan_is_replanned_with_its_opportunity(self, crm: Crm) -> None:
        """Replanning keeps what was asked for: the opportunity is opened, once."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        lead = crm.leads.add(Lead(account=prospect.id))
        fresh = Opportunity(description="First order", account=prospect.id)
        for wanted in (lead.id, fresh):
            plan = crm.conversion.plan(prospect.id, opportunity=wanted)
            prospect = crm.prospects.update(prospect, employees=(prospect.employees or 0) + 1)
            receipt = crm.conversion.apply(plan, replan=True)
            assert crm.opportunities.count() == 1
            prospect = crm.conversion.undo(receipt.id)
            assert crm.opportunities.count() == 0


class TestUndo:
    """Back to the prospect, as long as nothing needs the customer."""

    def test_with_no_edits_every_record_equals_its_former_self(self, crm: Crm, clock: Any, prospect: Prospect) -> None:
        """Undone, every record says what it said before; only the trace is new. The prospect has its number again."""
        lead = crm.leads.add(Lead(account=prospect.id))
        before = contents(crm)
        receipt = crm.conversion.convert(prospect.id, opportunity=lead.id, credit_hold=True)
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ben") as work:
            back = work.conversion.undo(receipt.id)
        after = contents(crm)
        trace = after.pop(receipt.id)
        assert after.keys() == before.keys()
        assert all(same_content(after[id], before[id]) for id in before)
        assert {id for id in before if after[id] != before[id]} == {prospect.id}, "nothing else was touched"
        assert back == crm.prospects.get(prospect.id)
        assert (back.number, back.version) == (prospect.number, 3)
        assert (trace.undone_by, trace.undone_at) == ("ben", clock())
        with pytest.raises(NotFound):
            crm.customers.get(prospect.id)

    def test_edits_that_a_prospect_has_a_field_for_are_kept(self, crm: Crm, prospect: Prospect) -> None:
        """Company fields edited on the customer, and records edited or added since, keep their edits."""
        receipt = crm.conversion.convert(prospect.id)
        customer = crm.customers.get(prospect.id)
        crm.customers.update(customer, employees=130, notes="Pays well", custom={"rating": "A"})
        lead = crm.leads.update(crm.leads.find()[0], next_step="Visit")
        added = crm.leads.add(Lead(account=prospect.id, description="Since"))
        about = crm.interactions.add(Interaction(subject=prospect.id, topic="complaint"))
        back = crm.conversion.undo(receipt.id)
        assert (back.employees, back.notes, dict(back.custom)) == (130, "Pays well", {"rating": "A"})
        assert (back.name, back.email) == (prospect.name, prospect.email)
        assert crm.leads.get(lead.id) == lead
        assert crm.leads.get(added.id) == added
        assert crm.interactions.get(about.id) == about, (
            "an interaction keeps its topic even where there is no such topic"
        )

    def test_everything_in_the_way_is_named(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """An order, a ship-to address, an interaction about an item, a credit hold are all named; nothing changes."""
        receipt = crm.conversion.convert(prospect.id)
        order = crm.orders.add(Order(customer=prospect.id))
        ship_to = crm.ship_to_addresses.add(
            ShipToAddress(customer=prospect.id, code="MAIN", address=Address(city="Sevilla"))
        )
        item = crm.items.add(Item(description="E-bike"))
        about = crm.interactions.add(Interaction(subject=prospect.id, reference=item.id))
        customer = crm.customers.update(crm.customers.get(prospect.id), credit_hold=True)
        before = everything(crm)
        with pytest.raises(Refused, match=receipt.number) as refused:
            crm.conversion.undo(receipt.id)
        assert {one.record for one in refused.value.findings} == {order.id, ship_to.id, about.id, customer.id}
        said = str(refused.value)
        assert all(word in said for word in (order.number, "MAIN", about.number, "credit_hold", "set it back to False"))
        assert everything(crm) == before

        crm.orders.delete(order.id)
        crm.ship_to_addresses.delete(ship_to.id)
        crm.interactions.delete(about.id)
        crm.customers.update(customer, credit_hold=False)
        assert crm.conversion.undo(receipt.id).id == prospect.id

    def test_a_customer_that_became_part_of_it_is_in_the_way(self, crm: Crm, prospect: Prospect) -> None:
        """Who was a customer all along does not become part of a prospect: that merge is undone first."""
        other = crm.customers.add(Customer(name="Customer all along"))
        receipt = crm.conversion.convert(prospect.id)
        merge = crm.merging.merge(other.id, into=prospect.id)
        with pytest.raises(Refused, match=merge.number) as refused:
            crm.conversion.undo(receipt.id)
        assert [one.record for one in refused.value.findings] == [merge.id]
        assert crm.customers.resolve(other.id).id == prospect.id
        crm.merging.undo(merge.id)
        assert crm.conversion.undo(receipt.id).id == prospect.id
        assert crm.customers.get(other.id).name == "Customer all along"

    def test_what_it_is_now_is_said(self, crm: Crm, prospect: Prospect) -> None:
        """Who looks for the prospect is told that it is a customer."""
        crm.conversion.convert(prospect.id)
        with pytest.raises(NotFound, match="it is a customer"):
            crm.prospects.get(prospect.id)

    def test_an_interaction_about_an_order_is_in_the_way_by_its_order(self, crm: Crm, prospect: Prospect) -> None:
        """What refers to an order is in the way through the order that it refers to."""
        receipt = crm.conversion.convert(prospect.id)
        order = crm.orders.add(Order(customer=prospect.id))
        crm.interactions.add(Interaction(subject=prospect.id, reference=order.id))
        with pytest.raises(Refused, match=order.number):
            crm.conversion.undo(receipt.id)

    def test_a_second_time_is_refused(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """A conversion is undone once; an unknown one is not found."""
        receipt = crm.conversion.convert(prospect.id)
        crm.conversion.undo(receipt.id)
        before = everything(crm)
        with pytest.raises(Refused, match="undone already"):
            crm.conversion.undo(receipt.id)
        with pytest.raises(NotFound):
            crm.conversion.undo(uuid4())
        assert everything(crm) == before

    def test_the_first_of_two_is_not_undone_for_the_second(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """After undo and redo, only the last conversion can be undone."""
        first = crm.conversion.convert(prospect.id)
        crm.conversion.undo(first.id)
        second = crm.conversion.convert(prospect.id)
        before = everything(crm)
        with pytest.raises(Refused, match="undone already"):
            crm.conversion.undo(first.id)
        assert everything(crm) == before
        assert crm.conversion.undo(second.id).number == prospect.number

    def test_redo_keeps_the_customer_number(self, crm: Crm, prospect: Prospect) -> None:
        """Converted again, the account has its customer number again; nobody else got it, nor the prospect's."""
        first = crm.conversion.convert(prospect.id)
        crm.conversion.undo(first.id)
        other = crm.customers.add(Customer(name="Other"))
        another = crm.prospects.add(Prospect(name="Another"))
        plan = crm.conversion.plan(prospect.id)
        assert [(one.field, one.value) for one in plan.defaulted] == [("number", first.customer_number)]
        second = crm.conversion.apply(plan)
        assert second.customer_number == first.customer_number != other.number
        assert another.number != prospect.number
        assert crm.customers.get(prospect.id).number == first.customer_number

    def test_redo_with_another_number(self, crm: Crm, prospect: Prospect) -> None:
        """Converted again with a number of the caller's, the account has that one."""
        crm.conversion.undo(crm.conversion.convert(prospect.id).id)
        assert crm.conversion.convert(prospect.id, number="C900").customer_number == "C900"
        assert crm.customers.get(prospect.id).number == "C900"

    def test_the_numbers_of_an_account_are_reserved(self, crm: Crm, prospect: Prospect, everything: Any) -> None:
        """While the account is a customer its prospect number is taken, and the other way round after the undo."""
        receipt = crm.conversion.convert(prospect.id)
        before = everything(crm)
        with pytest.raises(CrmkitError, match="taken already"):
            crm.prospects.add(Prospect(name="Thief", number=prospect.number))
        assert everything(crm) == before
        crm.conversion.undo(receipt.id)
        before = everything(crm)
        with pytest.raises(CrmkitError, match="taken already"):
            crm.customers.add(Customer(name="Thief", number=receipt.customer_number))
        assert everything(crm) == before

    @pytest.mark.parametrize("replan", [False, True])
    def test_a_number_taken_since_is_told_with_who_has_it(self, crm: Crm, prospect: Prospect, replan: bool) -> None:
        """As the plan would tell by now; nothing is done."""
        plan = crm.conversion.plan(prospect.id, number="GOLD")
        crm.customers.add(Customer(name="Faster", number="gold"))
        with pytest.raises(Refused, match="gold is Faster's"):
            crm.conversion.apply(plan, replan=replan)
        assert crm.prospects.get(prospect.id) == prospect

    def test_a_plan_as_text_does_not_say_what_is_required(self, beside: Any, prospect: Prospect) -> None:
        """What the policy requires of a customer is asked when it is applied, too."""
        crm = beside(policy=Policy(customer_required=["tax_number"]))
        told = json.loads(plan_to_json(crm.conversion.plan(prospect.id)))
        assert [one[0] for one in told["refused"]] == ["required"]
        emptied = plan_from_json(json.dumps({**told, "refused": []}))
        with pytest.raises(Refused, match="tax_number: is required"):
            crm.conversion.apply(emptied)
        assert crm.prospects.get(prospect.id) == prospect

    def test_names_do_not_steer_what_is_said(self, crm: Crm, prospect: Prospect) -> None:
        """A refusal that quotes a record is in one line, whatever the record is called."""
        crm.customers.add(Customer(name="evil\nFAKE: done \x1b[2J\u202egnp", number="C77"))
        with pytest.raises(Refused) as refused:
            crm.conversion.convert(prospect.id, number="C77")
        assert "C77 is evil FAKE: done \ufffd[2J\ufffdgnp's" in str(refused.value)
        assert str(refused.value).isprintable()

    def test_a_number_that_is_kept_is_told_by_the_plan(self, crm: Crm, prospect: Prospect) -> None:
        """The number of an undone conversion is refused to another prospect, in any case, alone and in bulk; it is free
        once its account is gone, or has another.
        """
        other = crm.prospects.add(Prospect(name="Other"))
        first = crm.conversion.convert(prospect.id, number="KEPT-1")
        crm.conversion.undo(first.id)
        refused = crm.conversion.plan(other.id, number="kept-1", colour="red").refused
        assert {(one.code, one.field, one.record) for one in refused} == {
            ("number-in-use", "number", prospect.id),
            ("unknown-field", "colour", other.id),
        }
        assert "Acme Bikes" in str(refused[0])
        (row,) = crm.conversion.convert_many([other.id], number="kept-1").rows
        assert (row.outcome, "kept" in row.reasons[0]) == ("refused", True)
        assert not crm.conversion.plan(prospect.id, number="kept-1").refused
        crm.conversion.undo(crm.conversion.convert(prospect.id, number="KEPT-2").id)
        assert not crm.conversion.plan(other.id, number="KEPT-1").refused
        assert [one.code for one in crm.conversion.plan(other.id, number="KEPT-2").refused] == ["number-in-use"]
        assert crm.conversion.convert(other.id, number="KEPT-1").customer_number == "KEPT-1"
        bare, last = crm.prospects.add_many([Prospect(name="Bare"), Prospect(name="Last")]).records
        crm.conversion.undo(crm.conversion.convert(bare.id, number="KEPT-3").id)
        crm.prospects.delete(bare.id)
        assert crm.conversion.convert(last.id, number="KEPT-3").customer_number == "KEPT-3"


def test_an_order_in_the_same_step(crm: Crm, everything: Any) -> None:
    """Ordering from a prospect's estimate converts in the same step where asked to, and orders once."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    estimate = crm.estimates.add(Estimate(account=prospect.id, dated=date(2026, 1, 1)))
    order = crm.estimates.order(estimate.id, convert=True)
    assert order.customer == crm.customers.get(prospect.id).id
    assert (crm.conversions.count(), crm.estimates.get(estimate.id).status) == (1, "accepted")
    before = everything(crm)
    with pytest.raises(Refused, match=f"{order.number} came of it"):
        crm.estimates.order(estimate.id)
    assert everything(crm) == before
    assert crm.estimates.order(estimate.id, again=True).number != order.number


def test_an_order_in_the_same_step_is_all_or_nothing(crm: Crm, everything: Any) -> None:
    """Where the order cannot be, the conversion in the same step has not happened either."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    estimate = crm.estimates.add(Estimate(account=prospect.id, status="declined"))
    before = everything(crm)
    with pytest.raises(Refused, match="declined: reopen it first"):
        crm.estimates.order(estimate.id, convert=True)
    other = crm.estimates.add(Estimate(account=prospect.id))
    before = everything(crm)
    with pytest.raises(Invalid, match="'no such status' is no order status"):
        crm.estimates.order(other.id, convert=True, status="no such status")
    assert everything(crm) == before
    with crm.begin() as work:
        for wrong in ({"estimate": estimate.id}, {"estimate": other.id, "status": "no such status"}):
            with pytest.raises(CrmkitError):
                work.estimates.order(wrong.pop("estimate"), convert=True, **wrong)
    assert everything(crm) == before, "a call that is refused within a unit has done nothing"
