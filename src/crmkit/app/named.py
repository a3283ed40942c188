"""The repositories by name, for type checkers and readers; written by scripts/write_derived.py."""

from crmkit.app.campaigns import Campaigns
from crmkit.app.forecasts import SalesForecasts
from crmkit.app.repositories import Repositories
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
    Announcement,
    CampaignItem,
    CampaignMember,
    CampaignMemberStatus,
    CampaignStatus,
    CampaignType,
    Competitor,
    ContactAccount,
    ContactEmail,
    ContactPhone,
    ContactSalesperson,
    ConversationEntry,
    Conversion,
    Customer,
    EstimateLine,
    EstimateStatus,
    ExchangeRate,
    ForecastAdjustment,
    ForecastLine,
    ForecastSnapshot,
    Interaction,
    InteractionTopic,
    Item,
    LeadQuality,
    LeadStatus,
    LostReason,
    Merge,
    Note,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityItem,
    OpportunityStatus,
    OrderLine,
    OrderStatus,
    Prospect,
    Quota,
    Salesperson,
    SalesTeam,
    SalesTeamMember,
    ShipToAddress,
    Source,
    Stage,
    TaskPriority,
    TaskStatus,
    TaskType,
    TeamAssignment,
    Territory,
    WonReason,
)

__all__ = ["NamedRepositories"]


class NamedRepositories(Repositories):
    """Everything that stands on a `Crm` and on a unit of work, by name; entities of plugins have theirs too."""

    accounts: Accounts[Account]
    announcements: Repository[Announcement]
    campaign_items: Repository[CampaignItem]
    campaign_member_statuses: Repository[CampaignMemberStatus]
    campaign_members: Repository[CampaignMember]
    campaign_statuses: Repository[CampaignStatus]
    campaign_types: Repository[CampaignType]
    campaigns: Campaigns
    competitors: Repository[Competitor]
    contact_accounts: Repository[ContactAccount]
    contact_emails: Repository[ContactEmail]
    contact_phones: Repository[ContactPhone]
    contact_salespersons: Repository[ContactSalesperson]
    conversation_entries: Repository[ConversationEntry]
    conversions: Repository[Conversion]
    customers: Accounts[Customer]
    estimate_lines: Repository[EstimateLine]
    estimate_statuses: Repository[EstimateStatus]
    estimates: Estimates
    exchange_rates: Repository[ExchangeRate]
    forecast_adjustments: Repository[ForecastAdjustment]
    forecast_lines: Repository[ForecastLine]
    forecast_snapshots: Repository[ForecastSnapshot]
    interaction_topics: Repository[InteractionTopic]
    interactions: Repository[Interaction]
    items: Repository[Item]
    lead_qualities: Repository[LeadQuality]
    lead_statuses: Repository[LeadStatus]
    leads: Leads
    lost_reasons: Repository[LostReason]
    merges: Repository[Merge]
    notes: Repository[Note]
    opportunities: Opportunities
    opportunity_competitors: Repository[OpportunityCompetitor]
    opportunity_contacts: Repository[OpportunityContact]
    opportunity_items: Repository[OpportunityItem]
    opportunity_statuses: Repository[OpportunityStatus]
    opportunity_tasks: OpportunityTasks
    order_lines: Repository[OrderLine]
    order_statuses: Repository[OrderStatus]
    orders: Orders
    prospects: Accounts[Prospect]
    quotas: Repository[Quota]
    sales_contacts: SalesContacts
    sales_forecasts: SalesForecasts
    sales_periods: SalesPeriods
    sales_team_members: Repository[SalesTeamMember]
    sales_teams: Repository[SalesTeam]
    salespersons: Repository[Salesperson]
    ship_to_addresses: Repository[ShipToAddress]
    sources: Repository[Source]
    stages: Repository[Stage]
    task_priorities: Repository[TaskPriority]
    task_statuses: Repository[TaskStatus]
    task_types: Repository[TaskType]
    team_assignments: Repository[TeamAssignment]
    territories: Repository[Territory]
    won_reasons: Repository[WonReason]
