"""Plans that go elsewhere: as JSON and back, and what they count by id."""

import json
from typing import Any
from uuid import uuid4

import pytest

import crmkit
from crmkit import (
    Crm,
    Customer,
    Email,
    Invalid,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityTask,
    Phone,
    Policy,
    Prospect,
    SalesContact,
)
from crmkit.exchange.plans import plan_from_json, plan_to_json


@pytest.fixture
def acme(crm: Crm) -> Prospect:
    """A prospect with a lead, two opportunities and a task."""
    one = crm.prospects.add(Prospect(name="Ñandú «Bikes»", tax_number="X1", phone=Phone("+34 91 1"), employees=12))
    crm.leads.add(Lead(account=one.id, description="Inquiry"))
    for number in range(2):
        deal = crm.opportunities.add(Opportunity(account=one.id, description=f"Deal {number}"))
    crm.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call"))
    return one


def test_a_plan_goes_to_json_and_back(crm: Crm, beside: Any, acme: Prospect) -> None:
    """Equal in all that it says, and applied as the plan itself would be."""
    crm.conversion.convert(crm.prospects.add(Prospect(name="Other", tax_number="X1")).id)
    other = beside(policy=Policy(customer_defaults={"sic_code": "100"}))
    lead = crm.leads.find(account=acme.id)[0]
    plan = other.conversion.plan(
        acme.id, opportunity=lead.id, company_revenue=Money("12.50", "EUR"), email=Email("a@example.com"), employees=13
    )
    assert plan.duplicates
    assert plan.defaulted
    again = plan_from_json(plan_to_json(plan))
    assert again == plan
    assert again.fingerprint == plan.fingerprint
    receipt = other.conversion.apply(again)
    assert crm.customers.get(receipt.customer_id).company_revenue == Money("12.50", "EUR")


def test_a_plan_with_refusals_too(crm: Crm, acme: Prospect) -> None:
    """What speaks against it, what was written by hand and fields that there are not, all come back."""
    plan = crm.conversion.plan(acme.id, colour="red", phone="+34 600", number="")
    assert plan.refused
    assert plan_from_json(plan_to_json(plan)) == plan


def test_what_is_no_plan_is_refused(crm: Crm, acme: Prospect) -> None:
    """With what is wrong with it."""
    text = plan_to_json(crm.conversion.plan(acme.id))
    altered = json.loads(text)
    del altered["carried"]
    unknown = {**json.loads(text), "prospect": {"nme": "Acme"}}
    for wrong in ("", "[]", "{", '{"format": "another"}', json.dumps(altered), json.dumps(unknown)):
        with pytest.raises(Invalid):
            plan_from_json(wrong)


@pytest.mark.parametrize("place", range(2, 6))
@pytest.mark.parametrize("wrong", [None, [None], ["x", 1.5], {"a": 1}, 3.5])
def test_a_plan_that_is_read_can_be_shown(crm: Crm, acme: Prospect, place: int, wrong: Any) -> None:
    """Whatever is said of a person: Invalid, or a plan that is printed and written again."""
    customer = crm.customers.add(Customer(name="Other"))
    for account in (acme.id, customer.id):
        crm.sales_contacts.add(SalesContact(given_name="Ana", emails=["a@b.example"], accounts=[account]))
    said = json.loads(plan_to_json(crm.conversion.plan(acme.id, into=customer.id)))
    said["into"]["persons"][0][place] = wrong
    try:
        plan = plan_from_json(json.dumps(said))
    except Invalid:
        return
    assert "the same person" in str(plan)
    assert plan_from_json(plan_to_json(plan)) == plan


def test_ids_are_listed_when_asked_for(crm: Crm, acme: Prospect) -> None:
    """Just those that the plan counts, before the conversion and after it."""
    plan = crm.conversion.plan(acme.id)
    carried = crm.conversion.carried(acme.id)
    assert {kind: len(ids) for kind, ids in carried.items()} == {kind: n for kind, n in plan.carried.items() if n}
    assert carried["opportunities"] == sorted(one.id for one in crm.opportunities.find(account=acme.id))
    assert carried["opportunity_tasks"] == [one.id for one in crm.opportunity_tasks.find()]
    crm.conversion.apply(plan)
    assert crm.conversion.carried(acme.id) == carried
    with pytest.raises(NotFound):
        crm.conversion.carried(uuid4())


def test_the_plan_of_another_database_is_stale_or_unknown(acme: Prospect, crm: Crm) -> None:
    """A plan that comes from elsewhere is held against what is there."""
    text = plan_to_json(crm.conversion.plan(acme.id))
    with crmkit.connect("memory:") as other, pytest.raises(NotFound):
        other.conversion.apply(plan_from_json(text))
