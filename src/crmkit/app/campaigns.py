"""Placeholder."""

from crmkit.app.repository import Repository
from crmkit.entities import Campaign


class Campaigns(Repository[Campaign]):
    """P."""
