"""What the steps of the demonstration hand on to each other, and the time that passes in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import attrs

from crmkit.app.crm import Crm
from crmkit.entities import (
    Campaign,
    Customer,
    Estimate,
    Item,
    Lead,
    Opportunity,
    Prospect,
    SalesContact,
    Salesperson,
    SalesTeam,
    Territory,
)

__all__ = ["Clock", "Story"]


class Clock:
    """The demonstration's own time: it goes on by a minute a look, so that one run is like any other."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The instant it is now, a minute later than at the last look."""
        self.now += timedelta(minutes=1)
        return self.now

    def sleep(self, days: int) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)


@attrs.define
class Story:
    """The CRM, its clock, the folder for what is written out, and the records that earlier steps have made."""

    crm: Crm
    clock: Clock
    out: Path
    north: Territory = attrs.field(init=False)
    eva: Salesperson = attrs.field(init=False)
    luis: Salesperson = attrs.field(init=False)
    team: SalesTeam = attrs.field(init=False)
    bike: Item = attrs.field(init=False)
    rack: Item = attrs.field(init=False)
    campaign: Campaign = attrs.field(init=False)
    acme: Prospect = attrs.field(init=False)
    ana: SalesContact = attrs.field(init=False)
    lead: Lead = attrs.field(init=False)
    deal: Opportunity = attrs.field(init=False)
    estimate: Estimate = attrs.field(init=False)
    before_conversion: datetime = attrs.field(init=False)
    customer: Customer = attrs.field(init=False)

    def belongings(self, account: UUID) -> dict[str, int]:
        """How many records of each kind an account has, by what the user would ask for."""
        crm = self.crm
        return {
            "sales contacts": crm.sales_contacts.count(account=account),
            "leads": crm.leads.count(account=account),
            "opportunities": crm.opportunities.count(account=account),
            "estimates": crm.estimates.count(account=account),
            "interactions": crm.interactions.count(subject=account),
            "team assignments": crm.team_assignments.count(target=account),
        }
