"""What peers break on conversion (public issues of other products), each shown not to happen here."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from crmkit import (
    AlreadyConverted,
    Crm,
    Customer,
    Interaction,
    Lead,
    Opportunity,
    OpportunityTask,
    Policy,
    Prospect,
    Refused,
    SalesContact,
    TeamAssignment,
    Vetoed,
)
from crmkit.changes import Created, ProspectConverted


@pytest.fixture
def acme(crm: Crm) -> Prospect:
    """A prospect with a lead and fields of the host's own."""
    one = crm.prospects.add(Prospect(name="Acme", tax_number="B1", custom={"tier": 2, "tags": ["a", "b"]}))
    crm.leads.add(Lead(account=one.id, description="E-bikes"))
    return one


@pytest.mark.parametrize("event", [Created, ProspectConverted])
def test_a_conversion_that_fails_half_way_has_not_happened(
    crm: Crm, acme: Prospect, everything: Any, event: Any
) -> None:
    """Wherever it fails: no customer without its opportunity, no opportunity without its customer.

    EspoCRM 3499, Frappe CRM 551.
    """

    def fail(_: Any, __: Any) -> None:
        raise Vetoed("half way")

    lead = crm.leads.find()[0]
    before = everything(crm)
    end = crm.on(event, fail, "before")
    with pytest.raises(Vetoed):
        crm.conversion.convert(acme.id, opportunity=lead.id)
    assert everything(crm) == before
    end()
    crm.conversion.convert(acme.id, opportunity=lead.id)
    assert (crm.customers.count(), crm.opportunities.count()) == (1, 1)


def test_a_retry_or_a_double_click_makes_no_second_deal(crm: Crm, acme: Prospect) -> None:
    """One after the other or at the same moment, with a key or without: one customer, one opportunity.

    Frappe CRM 361, NPSP 2683.
    """
    lead = crm.leads.find()[0]
    start = threading.Barrier(4)
    outcomes: list[Any] = []

    def click() -> None:
        start.wait()
        try:
            outcomes.append(crm.conversion.convert(acme.id, opportunity=lead.id, key="form 1").id)
        except AlreadyConverted as already:
            outcomes.append(already.receipt)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receipt = crm.conversion.convert(acme.id, opportunity=lead.id, key="form 1")
    assert outcomes == [receipt.id] * 4
    with pytest.raises(AlreadyConverted):
        crm.conversion.convert(acme.id, opportunity=lead.id)
    assert [one.id for one in crm.opportunities.find()] == [receipt.opportunity]
    assert crm.customers.count() == 1


def test_a_match_does_not_overwrite_anybody(crm: Crm, acme: Prospect) -> None:
    """A customer of the same name and tax number may be the same company; neither record takes from the other.

    Frappe.
    """
    there = crm.customers.add(Customer(name="ACME", tax_number="B1", employees=7))
    plan = crm.conversion.plan(acme.id)
    assert [one.id for one in plan.duplicates] == [there.id]
    crm.conversion.apply(plan)
    assert crm.customers.get(there.id) == there
    became = crm.customers.get(acme.id)
    assert (became.name, became.employees, dict(became.custom)) == ("Acme", None, {"tier": 2, "tags": ("a", "b")})


@pytest.mark.parametrize("name", ["Acm", "me", "Acme Holding", "Macme", "%", "A_me"])
def test_part_of_a_name_is_no_match(crm: Crm, acme: Prospect, name: str) -> None:
    """A name that contains the other, or would as a pattern, is another company.

    Odoo, pull request 55174.
    """
    crm.customers.add(Customer(name=name))
    assert [one for one in crm.conversion.plan(acme.id).duplicates if "the same name" in one.reasons] == []


def test_activities_come_along(crm: Crm, acme: Prospect) -> None:
    """Interactions, tasks, contacts and teams are the customer's, none is left under the prospect.

    SuiteCRM 10791.
    """
    deal = crm.opportunities.add(Opportunity(account=acme.id, description="Deal"))
    seller = crm.salespersons.add(crm.salespersons.kind(name="Eva"))
    made: dict[str, Any] = {
        "interactions": crm.interactions.add(Interaction(subject=acme.id, description="Call")),
        "opportunity_tasks": crm.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call")),
        "team_assignments": crm.team_assignments.add(TeamAssignment(target=acme.id, holder=seller.id)),
        "sales_contacts": crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[acme.id])),
    }
    customer = crm.conversion.convert(acme.id).customer_id
    assert list(crm.interactions.find(subject=customer)) == [made["interactions"]]
    assert list(crm.opportunity_tasks.find(opportunity=deal.id)) == [made["opportunity_tasks"]]
    assert list(crm.team_assignments.find(target=customer)) == [made["team_assignments"]]
    assert crm.sales_contacts.of_account(customer) == [made["sales_contacts"]]
    assert crm.prospects.count() == 0


def test_custom_fields_are_not_emptied(crm: Crm, acme: Prospect) -> None:
    """A host's own fields are the customer's, and the prospect's again after an undo.

    Odoo.
    """
    receipt = crm.conversion.convert(acme.id)
    assert crm.customers.get(acme.id).custom == acme.custom
    assert crm.conversion.undo(receipt.id).custom == acme.custom


def test_failures_in_bulk_are_told(open_crm: Callable[..., Crm], store_name: str) -> None:
    """Each row that fails has its reasons, and those that can be are converted.

    Frappe CRM 1706.
    """
    crm = open_crm(store_name, policy=Policy(customer_required=["tax_number"]))
    good, bad = (crm.prospects.add(Prospect(name=name, tax_number=tax)) for name, tax in (("Good", "B1"), ("Bad", "")))
    report = crm.conversion.convert_many([bad.id, good.id])
    assert [row.outcome for row in report] == ["refused", "converted"]
    assert "tax_number" in report.rows[0].reasons[0]
    with pytest.raises(Refused, match="tax_number"):
        crm.conversion.convert(bad.id)
