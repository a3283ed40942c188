"""What carries over into a customer is counted of what was the prospect's, whatever else a merge of contacts drops."""

from collections.abc import Callable
from itertools import product
from uuid import UUID

import pytest

from crmkit import Crm, Customer, Opportunity, Prospect, SalesContact
from crmkit.entities import OpportunityContact

WHOSE = ["P", "C", "Z", "PZ", "CZ", "PC", "PCZ"]
"""Accounts of a contact: the prospect, the customer, and one that has nothing to do with it."""


def seen(crm: Crm, accounts: set[UUID], chances: set[UUID]) -> dict[str, set[UUID]]:
    """By kind, the ids of what hangs from some accounts, or from some opportunities."""
    return {
        "contact_accounts": {one.id for one in crm.contact_accounts.all() if one.account in accounts},
        "opportunity_contacts": {one.id for one in crm.opportunity_contacts.all() if one.opportunity in chances},
    }


@pytest.mark.parametrize(("one", "other"), [pair for pair in product(WHOSE, WHOSE) if "Z" in pair[0] + pair[1]])
def test_links_elsewhere_are_not_the_prospects(open_crm: Callable[..., Crm], one: str, other: str) -> None:
    """Two contacts, one of whom is absorbed, with their links to the accounts and roles in opportunities there."""
    crm = open_crm("memory")
    accounts = {
        "P": crm.prospects.add(Prospect(name="Acme")).id,
        "C": crm.customers.add(Customer(name="Acme Ltd")).id,
        "Z": crm.prospects.add(Prospect(name="Zeta")).id,
    }
    chances = {
        key: crm.opportunities.add(Opportunity(description="E-bikes", account=account)).id
        for key, account in accounts.items()
    }
    contacts = [
        crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[accounts[key] for key in keys])).id
        for keys in (one, other, "P")
    ]
    for contact, keys in zip(contacts, (one, other, "P"), strict=True):
        for key in keys:
            crm.opportunity_contacts.add(OpportunityContact(opportunity=chances[key], sales_contact=contact))
    before = seen(crm, {accounts["P"]}, {chances["P"]})
    plan = crm.conversion.plan(accounts["P"], into=accounts["C"], merge_contacts=[(contacts[0], contacts[1])])
    receipt = crm.conversion.apply(plan)
    after = seen(crm, {accounts["C"]}, {chances["P"]})
    carried = {kind: len(ids & after[kind]) for kind, ids in before.items()}
    assert {kind: plan.carried[kind] for kind in carried} == carried
    assert {kind: receipt.carried.get(kind, 0) for kind in carried} == carried
