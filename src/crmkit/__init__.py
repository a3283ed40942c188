"""crmkit: the CRM domain as a library. `crmkit.connect("sqlite:///acme.db")` is the way in.

Names are loaded when they are first used, so that importing crmkit is quick and brings nothing along.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0.dev0"

_HOMES = {
    "crmkit.app.crm": ("Crm", "connect"),
    "crmkit.app.page": ("Page",),
    "crmkit.app.repository": ("Added", "Repository", "RowFault"),
    "crmkit.app.work": ("Work",),
    "crmkit.changes": (
        "Changes",
        "ContactsExported",
        "ContactsImported",
        "ConversionUndone",
        "Created",
        "Deleted",
        "EstimateOrdered",
        "Event",
        "FollowUpDue",
        "ForecastStatusChanged",
        "LeadPromoted",
        "OpportunityAddedToForecast",
        "ProspectConverted",
        "StageChanged",
        "StatusChanged",
        "TaskCompleted",
        "TaskOverdue",
        "Update",
        "Updated",
    ),
    "crmkit.conversion": ("ConversionPlan",),
    "crmkit.entities": (
        "Account",
        "Address",
        "Announcement",
        "Campaign",
        "CampaignItem",
        "CampaignMember",
        "CampaignMemberStatus",
        "CampaignStatus",
        "CampaignType",
        "CodeValue",
        "Competitor",
        "ContactAccount",
        "ContactEmail",
        "ContactPhone",
        "ContactSalesperson",
        "ConversationEntry",
        "Conversion",
        "Customer",
        "Email",
        "Estimate",
        "EstimateLine",
        "EstimateStatus",
        "ExchangeRate",
        "FieldSpec",
        "ForecastAdjustment",
        "ForecastLine",
        "FrozenMap",
        "Interaction",
        "InteractionTopic",
        "Item",
        "Lead",
        "LeadQuality",
        "LeadStatus",
        "LostReason",
        "Money",
        "NIL",
        "Note",
        "Opportunity",
        "OpportunityCompetitor",
        "OpportunityContact",
        "OpportunityItem",
        "OpportunityStatus",
        "OpportunityTask",
        "Order",
        "OrderLine",
        "OrderStatus",
        "Percent",
        "Phone",
        "Prospect",
        "Quota",
        "Record",
        "Registry",
        "SalesContact",
        "SalesForecast",
        "SalesPeriod",
        "SalesTeam",
        "SalesTeamMember",
        "Salesperson",
        "ShipToAddress",
        "Source",
        "Spec",
        "Stage",
        "TaskPriority",
        "TaskStatus",
        "TaskType",
        "TeamAssignment",
        "Territory",
        "WonReason",
        "evolve",
        "record",
        "same_content",
    ),
    "crmkit.errors": (
        "AccessDenied",
        "AddressBookClosed",
        "AlreadyConverted",
        "Busy",
        "Conflict",
        "CrmkitError",
        "Duplicate",
        "Fault",
        "Finding",
        "Invalid",
        "Merged",
        "MissingExtra",
        "NotFound",
        "Refused",
        "SchemaTooNew",
        "StalePlan",
        "StoreError",
        "UnknownFormat",
        "UnknownStore",
        "Vetoed",
    ),
    "crmkit.policy": ("Policy",),
    "crmkit.queries": ("Query", "at_least", "at_most", "between", "contains", "exactly", "starts_with"),
    "crmkit.rules": ("Rule",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - a list, made of the names above

if TYPE_CHECKING:
    from crmkit.app.crm import Crm as Crm
    from crmkit.app.crm import connect as connect
    from crmkit.app.page import Page as Page
    from crmkit.app.repository import Added as Added
    from crmkit.app.repository import Repository as Repository
    from crmkit.app.repository import RowFault as RowFault
    from crmkit.app.work import Work as Work
    from crmkit.changes import *  # noqa: F403
    from crmkit.conversion import ConversionPlan as ConversionPlan
    from crmkit.entities import *  # noqa: F403
    from crmkit.errors import *  # noqa: F403
    from crmkit.policy import Policy as Policy
    from crmkit.queries import Query as Query
    from crmkit.queries import at_least as at_least
    from crmkit.queries import at_most as at_most
    from crmkit.queries import between as between
    from crmkit.queries import contains as contains
    from crmkit.queries import exactly as exactly
    from crmkit.queries import starts_with as starts_with
    from crmkit.rules import Rule as Rule


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'crmkit' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({"__version__", *_HOME_OF})
