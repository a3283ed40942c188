"""What hangs together has one account, from whichever side it is changed."""

from typing import Any

import pytest

from crmkit import Crm, Customer, Estimate, Lead, Opportunity, Order, Refused, SalesContact
from crmkit.entities import OpportunityContact


@pytest.fixture
def deal(crm: Crm) -> dict[str, Any]:
    """A lead, an opportunity and an estimate of one customer, and another customer."""
    one, other = (crm.customers.add(Customer(name=name)).id for name in ("Acme Bikes", "Bolt & Sons"))
    lead = crm.leads.add(Lead(account=one))
    opportunity = crm.leads.promote(lead.id)
    estimate = crm.estimates.add(Estimate(account=one, opportunity=opportunity.id, lead=lead.id))
    order = crm.orders.add(Order(customer=one, estimate=estimate.id))
    return {"other": other, "lead": lead, "opportunity": opportunity, "estimate": estimate, "order": order}


@pytest.mark.parametrize(
    ("plural", "name", "left"),
    [
        ("leads", "lead", ["opportunity", "estimate"]),
        ("opportunities", "opportunity", ["lead", "estimate"]),
        ("estimates", "estimate", ["lead", "opportunity", "order"]),
    ],
)
def test_nothing_is_left_with_another_account(
    crm: Crm, deal: dict[str, Any], plural: str, name: str, left: list[str]
) -> None:
    """An update of the account names all that would stay behind; a newcomer moved a deal away from its own orders."""
    with pytest.raises(Refused) as refused:
        crm.repository(plural).update(deal[name], account=deal["other"])
    assert sorted(one.record for one in refused.value.findings if one.record) == sorted(deal[one].id for one in left)
    assert crm.repository(plural).get(deal[name].id).account == deal[name].account


def test_what_is_taken_off_lets_it_go(crm: Crm, deal: dict[str, Any]) -> None:
    """With its estimate taken off and without the lead, an opportunity goes to another account."""
    crm.estimates.update(deal["estimate"], opportunity=None)
    moved = crm.opportunities.update(deal["opportunity"], account=deal["other"], lead=None)
    assert moved.account == deal["other"]


def test_contacts_have_to_be_of_the_new_account(crm: Crm) -> None:
    """An opportunity's contact who is not of the other account is in the way."""
    one, other = (crm.customers.add(Customer(name=name)).id for name in ("Acme Bikes", "Bolt & Sons"))
    ana = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[one]))
    opportunity = crm.opportunities.add(Opportunity(description="e-bikes", account=one))
    crm.opportunity_contacts.add(OpportunityContact(opportunity=opportunity.id, sales_contact=ana.id))
    with pytest.raises(Refused, match="not cross-referenced"):
        crm.opportunities.update(opportunity, account=other)
    crm.sales_contacts.update(ana, accounts=[one, other])
    assert crm.opportunities.update(opportunity, account=other).account == other
