"""Campaigns: what they brought, computed from their leads, opportunities and members."""

from crmkit.campaigns.effectiveness import Converts, Effectiveness, Figured, campaign_of, effectiveness

__all__ = ["Converts", "Effectiveness", "Figured", "campaign_of", "effectiveness"]
