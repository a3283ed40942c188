"""Placeholder."""
from crmkit.app.repository import Repository
from crmkit.entities import SalesForecast
class SalesForecasts(Repository[SalesForecast]):
    """P."""
