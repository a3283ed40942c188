"""The campaigns, with what they brought (R7)."""

from uuid import UUID

from crmkit.app.repository import Repository
from crmkit.app.valuing import valuation
from crmkit.campaigns.effectiveness import Effectiveness, effectiveness
from crmkit.entities import Campaign, CampaignMember, Lead, Opportunity
from crmkit.forecasting.figures import opportunity_figures
from crmkit.queries import Either, Empty, Equals, Query, Related

__all__ = ["Campaigns"]


class Campaigns(Repository[Campaign]):
    """The campaigns. What one brought is never stored but computed when it is asked for."""

    def opportunities(self, campaign: UUID) -> list[Opportunity]:
        """The opportunities that count for a campaign: its own, and those that came of its leads and have no other."""
        with self._scope.reading() as work:
            return work.unit.find(_counting(self._there(work, campaign).id))

    def effectiveness(self, campaign: UUID, *, currency: str = "") -> Effectiveness:
        """What a campaign brought and cost, in that currency (the application's). Raises NotFound; Refused without a
        rate that is needed.
        """
        with self._scope.reading() as work:
            found = self._there(work, campaign)
            meaning = valuation(work, currency)
            opportunities = work.unit.find(_counting(found.id))
            leads = {lead.id: lead for lead in work.known.all_of(Lead, campaign=found.id)}
            others = {one.lead for one in opportunities if one.lead is not None and one.lead not in leads}
            leads |= work.unit.get_many(Lead, others)
            members = work.known.all_of(CampaignMember, campaign=found.id)
            codes = work.known.codes("campaign_member_status")
            return effectiveness(
                found,
                leads=leads.values(),
                opportunities=[(one, opportunity_figures(one, meaning)) for one in opportunities],
                members=members,
                member_categories={code: str(getattr(value, "category", "")) for code, value in codes.items()},
                currency=meaning.currency,
                rates=meaning.rates,
                today=work.known.today,
            )


def _counting(campaign: UUID) -> Query[Opportunity]:
    of_lead = Related(Lead, via="id", to="lead", where=(Equals("campaign", campaign),))
    where = (Either([[Equals("campaign", campaign)], [Empty("campaign"), of_lead]]),)
    return Query(kind=Opportunity, where=where)
