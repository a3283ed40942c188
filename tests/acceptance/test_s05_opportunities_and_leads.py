"""Opportunities with their tasks and competitors; prospects and leads."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from crmkit import (
    Address,
    Competitor,
    Crm,
    Estimate,
    Invalid,
    Lead,
    Money,
    Opportunity,
    OpportunityCompetitor,
    OpportunityTask,
    Prospect,
    Record,
    Refused,
)


@pytest.fixture
def prospect(crm: Crm) -> Prospect:
    """A company on file."""
    return crm.prospects.add(Prospect(name="Acme Bikes"))


@pytest.fixture
def opportunity(crm: Crm, prospect: Prospect) -> Opportunity:
    """A chance of a sale to it."""
    return crm.opportunities.add(Opportunity(description="40 e-bikes", account=prospect.id))


def test_s05_manage_all_tasks_of_an_opportunity(crm: Crm, clock, opportunity: Opportunity) -> None:
    """Two tasks are numbers 1 and 2 and open; one completed, the open list has one; overdue goes by the clock."""
    first = crm.opportunity_tasks.add(
        OpportunityTask(opportunity=opportunity.id, description="Call", due_on=date(2026, 3, 4))
    )
    second = crm.opportunity_tasks.add(
        OpportunityTask(opportunity=opportunity.id, description="Visit", due_on=date(2026, 3, 4))
    )
    assert [(task.number, task.status) for task in (first, second)] == [(1, "open"), (2, "open")]

    done = crm.opportunity_tasks.complete(first.id)
    assert (done.status, done.completed_on) == ("done", date(2026, 3, 2))
    assert list(crm.opportunity_tasks.find(opportunity=opportunity.id, status="open")) == [second]

    clock.tick(timedelta(days=2))  # the day it is due
    assert list(crm.opportunity_tasks.find(overdue=True)) == []
    clock.tick(timedelta(days=1))
    assert list(crm.opportunity_tasks.find(overdue=True)) == [second]
    assert list(crm.opportunity_tasks.find(overdue=False)) == [done]

    other = crm.opportunities.add(Opportunity(description="Helmets", account=opportunity.account))
    assert crm.opportunity_tasks.add(OpportunityTask(opportunity=other.id, description="Call")).number == 1
    reopened = crm.opportunity_tasks.reopen(first.id)
    assert (reopened.status, reopened.completed_on) == ("open", None)


def test_s06_competitors(crm: Crm, opportunity: Opportunity) -> None:
    """A competitor's contact and company data are saved and read equal; a query by opportunity finds those attached."""
    saved = crm.competitors.add(
        Competitor(
            name="Rival Wheels",
            contact_person="Luz Prado",
            address=Address("Calle Mayor 1", city="Sevilla", postal_code="41001", country="ES"),
            phone="+34 95 555 02 02",
            email="ventas@rival.example",
            web="https://rival.example",
            company_revenue=Money("7500000.50", "EUR"),
            employees=80,
            strengths="Price\nDelivery",
            weaknesses="Service",
            notes="  Older than we are ",
        )
    )
    crm.competitors.add(Competitor(name="Bystander"))
    assert crm.competitors.get(saved.id) == saved
    assert (saved.number, saved.notes, saved.strengths) == ("K000001", "  Older than we are ", "Price\nDelivery")
    assert list(crm.competitors.find(opportunity=opportunity.id)) == []

    crm.opportunity_competitors.add(OpportunityCompetitor(opportunity=opportunity.id, competitor=saved.id))
    assert list(crm.competitors.find(opportunity=opportunity.id)) == [saved]
    assert list(crm.opportunities.find(competitor=saved.id)) == [opportunity]


def test_s11_prospects_from_first_interest_on(crm: Crm) -> None:
    """A prospect needs a name only; its number is generated; leads, opportunities and estimates are listed by it."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    other = crm.prospects.add(Prospect(name="Borealis"))
    assert (prospect.number, other.number) == ("P000001", "P000002")
    lists: dict[Any, Callable[[UUID], Record]] = {
        crm.leads: lambda account: Lead(account=account),
        crm.opportunities: lambda account: Opportunity(description="Chance", account=account),
        crm.estimates: lambda account: Estimate(account=account),
    }
    for repository, new in lists.items():
        mine = [repository.add(new(prospect.id)), repository.add(new(prospect.id))]
        repository.add(new(other.id))
        assert list(repository.find(account=prospect.id)) == mine
        assert list(repository.find(account="P000001")) == mine
    with pytest.raises(Invalid, match="is required"):
        crm.prospects.add(Prospect(name=" "))


def test_s12_a_lead_needs_an_account_on_file(crm: Crm, beside, prospect: Prospect, everything) -> None:
    """A lead without an account, or of an unknown or another tenant's account, is refused, and nothing is saved."""
    elsewhere = beside(tenant="other")
    theirs = elsewhere.prospects.add(Prospect(name="Theirs"))
    before, before_there = everything(crm), everything(elsewhere)

    with pytest.raises(Invalid, match="account: is required"):
        crm.leads.add(Lead())  # type: ignore[call-arg]
    for account in (uuid4(), theirs.id):
        with pytest.raises(Invalid) as refused:
            crm.leads.add(Lead(account=account))
        assert [fault.field for fault in refused.value.faults] == ["account"]
    assert everything(crm) == before
    assert everything(elsewhere) == before_there
    assert crm.leads.add(Lead(account=prospect.id)).number == "L000001"


def test_s12_a_lead_needs_a_status(crm: Crm, prospect: Prospect, everything) -> None:
    """A lead without a status takes the default of the list; where there is none, it is refused."""
    assert crm.leads.add(Lead(account=prospect.id)).status == "new"
    crm.lead_statuses.update(crm.lead_statuses.find(code="new")[0], default=False)
    before = everything(crm)
    with pytest.raises(Invalid, match="no default value") as refused:
        crm.leads.add(Lead(account=prospect.id))
    assert [fault.field for fault in refused.value.faults] == ["status"]
    assert everything(crm) == before


def test_s12_promoting_keeps_the_lead_and_links_both_ways(crm: Crm, prospect: Prospect) -> None:
    """Promoting keeps the lead and links both ways; a second promotion gives a second opportunity."""
    lead = crm.leads.add(Lead(account=prospect.id, source="web", description="E-bikes", next_step="Call"))
    first = crm.leads.promote(lead.id)
    second = crm.leads.promote(lead.id, description="Spare parts")

    assert crm.leads.get(lead.id) == lead
    assert crm.leads.opportunities(lead.id) == [first, second]
    assert (first.lead, first.account, first.source, first.description, first.next_step) == (
        lead.id,
        prospect.id,
        "web",
        "E-bikes",
        "Call",
    )
    assert (second.lead, second.description, second.status) == (lead.id, "Spare parts", "open")
    assert first.number != second.number


def test_s12_a_disqualified_lead_is_not_promoted(crm: Crm, prospect: Prospect, everything) -> None:
    """A disqualified lead must be reopened before it is promoted."""
    lead = crm.leads.add(Lead(account=prospect.id, status="disqualified"))
    before = everything(crm)
    with pytest.raises(Refused, match="reopen it first"):
        crm.leads.promote(lead.id)
    assert everything(crm) == before
    lead = crm.leads.update(lead, status="new")
    assert crm.leads.promote(lead.id).lead == lead.id
