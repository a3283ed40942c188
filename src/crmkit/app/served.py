"""Which entities are served by more than the plain repository."""

from typing import Any, Final

from crmkit.app.campaigns import Campaigns
from crmkit.app.forecasts import SalesForecasts
from crmkit.app.repository import Repository
from crmkit.app.verbs import (
    Accounts,
    Estimates,
    Leads,
    Opportunities,
    OpportunityTasks,
    Orders,
    SalesContacts,
    SalesPeriods,
)
from crmkit.entities import (
    Account,
    Campaign,
    Customer,
    Estimate,
    Lead,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    Record,
    SalesContact,
    SalesForecast,
    SalesPeriod,
)

__all__ = ["SERVED"]

SERVED: Final[dict[type[Record], type[Repository[Any]]]] = {
    Account: Accounts,
    Prospect: Accounts,
    Customer: Accounts,
    Lead: Leads,
    Opportunity: Opportunities,
    OpportunityTask: OpportunityTasks,
    Estimate: Estimates,
    Order: Orders,
    SalesContact: SalesContacts,
    SalesForecast: SalesForecasts,
    SalesPeriod: SalesPeriods,
    Campaign: Campaigns,
}
