"""Promoting a lead to an opportunity (R2): the lead stays on file, the opportunity says where it came from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit.changes import Changes, Event, LeadPromoted
from crmkit.entities import Lead, Opportunity, OpportunityContact, evolve
from crmkit.errors import Finding

__all__ = ["opportunity_of", "promotion_changes", "promotion_findings"]

_GOES_OVER = ("account", "source", "salesperson", "territory", "campaign")


def promotion_findings(lead: Lead, category: str) -> list[Finding]:
    """What speaks against promoting a lead whose status is of that category."""
    if category != "disqualified":
        return []
    return [Finding("disqualified", "the lead is disqualified: reopen it first", "status", lead.id)]


def opportunity_of(lead: Lead, values: Mapping[str, Any]) -> Opportunity:
    """The opportunity that a lead gives; the values given win over the lead's. Raises Invalid."""
    carried = {name: getattr(lead, name) for name in _GOES_OVER}
    carried["description"] = lead.description or f"Lead {lead.number}"
    carried["next_step"] = lead.next_step
    return evolve(Opportunity(**carried), **{**values, "lead": lead.id})


def promotion_changes(lead: Lead, opportunity: Opportunity, contact_id: UUID) -> Changes:
    """The opportunity, with the lead's sales contact as its primary one (under `contact_id`)."""
    contacts: tuple[OpportunityContact, ...] = ()
    if lead.sales_contact is not None:
        contacts = (
            OpportunityContact(
                id=contact_id, opportunity=opportunity.id, sales_contact=lead.sales_contact, primary=True
            ),
        )

    def promoted(at: datetime, by: str, made: Changes) -> Event:
        saved = next(record for record in made.creates if isinstance(record, Opportunity))
        return LeadPromoted(at=at, by=by, lead=lead, opportunity=saved)

    return Changes(creates=(opportunity, *contacts), events=(promoted,))
