"""What a campaign brought, computed and never stored (R7)."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Protocol
from uuid import UUID

import attrs

from crmkit.entities import Campaign, CampaignMember, Lead, Money, Opportunity
from crmkit.tables import html_table, text_table

__all__ = ["Converts", "Effectiveness", "Figured", "campaign_of", "effectiveness"]


class Figured(Protocol):
    """The figures of one opportunity, all in one currency, as `crmkit.forecasting.OpportunityFigures` has them."""

    @property
    def gross(self) -> Money:
        """Its value."""
        ...

    @property
    def weighted(self) -> Money:
        """What is expected of it."""
        ...

    @property
    def outcome(self) -> str:
        """open, won or lost."""
        ...


class Converts(Protocol):
    """Converts money at the rate of a day, as `crmkit.forecasting.Rates` does."""

    def convert(self, money: Money, currency: str, day: date) -> Money:
        """The money in that currency. Raises Refused without a rate."""
        ...


@attrs.frozen(kw_only=True)
class Effectiveness:
    """What a campaign cost and brought; all amounts in one currency.

    `cost`, `budget` and `expected_revenue` are None where the campaign does not say. Ratios are exact
    fractions (1/2 is 50 %), None where they would divide by nothing. Amounts a piece are rounded
    half-even to the minor unit.
    """

    campaign: UUID
    code: str
    currency: str
    leads: int
    opportunities: int
    open: int
    won: int
    lost: int
    value: Money
    weighted: Money
    open_value: Money
    weighted_open: Money
    won_value: Money
    lost_value: Money
    members: int
    responded: int
    cost: Money | None = None
    budget: Money | None = None
    expected_revenue: Money | None = None

    @property
    def conversion_rate(self) -> Fraction | None:
        """won ÷ (won + lost), by number; None while nothing is closed."""
        closed = self.won + self.lost
        return Fraction(self.won, closed) if closed else None

    @property
    def response_rate(self) -> Fraction | None:
        """Members who responded ÷ members; None without members."""
        return Fraction(self.responded, self.members) if self.members else None

    @property
    def return_on_investment(self) -> Fraction | None:
        """(won value − cost) ÷ cost; None at cost 0 or unknown."""
        if not self.cost:
            return None
        return Fraction(self.won_value.minor - self.cost.minor, self.cost.minor)

    @property
    def cost_per_lead(self) -> Money | None:
        """cost ÷ leads; None without leads, or where the cost is unknown."""
        return _each(self.cost, self.leads)

    @property
    def cost_per_won(self) -> Money | None:
        """cost ÷ opportunities won; None while none is won, or where the cost is unknown."""
        return _each(self.cost, self.won)

    @property
    def variance_to_budget(self) -> Money | None:
        """cost − budget: above zero where more was spent than planned; None where either is unknown."""
        return None if self.cost is None or self.budget is None else self.cost - self.budget

    @property
    def variance_to_expected_revenue(self) -> Money | None:
        """won value − expected revenue: below zero where less was won than expected; None where that is unknown."""
        return None if self.expected_revenue is None else self.won_value - self.expected_revenue

    def _figures(self) -> list[tuple[str, object]]:
        names = [field.name for field in attrs.fields(type(self)) if field.name not in ("campaign", "code", "currency")]
        names += [name for name, held in vars(type(self)).items() if isinstance(held, property)]
        return [(name.replace("_", " ").capitalize(), getattr(self, name)) for name in names]

    def __str__(self) -> str:
        return text_table(("figure", self.code), self._figures())

    def _repr_html_(self) -> str:
        return html_table(("figure", self.code), self._figures())


def _each(cost: Money | None, count: int) -> Money | None:
    """cost ÷ count, rounded half-even to the minor unit."""
    if cost is None or not count:
        return None
    return Money.of_minor(round(Fraction(cost.minor, count)), cost.currency)


def campaign_of(opportunity: Opportunity, leads: Mapping[UUID, Lead]) -> UUID | None:
    """The campaign that an opportunity counts for: its own, else its lead's (`leads` by id), else None."""
    if opportunity.campaign is not None or opportunity.lead is None:
        return opportunity.campaign
    lead = leads.get(opportunity.lead)
    return lead.campaign if lead else None


def effectiveness(
    campaign: Campaign,
    *,
    leads: Iterable[Lead],
    opportunities: Iterable[tuple[Opportunity, Figured]],
    members: Iterable[CampaignMember],
    member_categories: Mapping[str, str],
    currency: str,
    rates: Converts,
    today: date,
) -> Effectiveness:
    """What the campaign brought, of what is handed in; what belongs to other campaigns is passed over.

    `leads` are the campaign's, and the leads of all opportunities given; `opportunities` come with their figures in
    `currency`, each counts once however often it is given. `member_categories` gives the category (sent, responded)
    of each member status; a member also has responded where it has the day on which it did. The campaign's own
    amounts are converted at the rate of its first day, else its last, else of today. Raises Refused without
    a rate that is needed, ValueError on figures in another currency.
    """
    by_id = {lead.id: lead for lead in leads}
    figures = {
        opportunity.id: figured
        for opportunity, figured in opportunities
        if campaign_of(opportunity, by_id) == campaign.id
    }
    groups: dict[str, list[Figured]] = {"open": [], "won": [], "lost": []}
    for figured in figures.values():
        groups[figured.outcome].append(figured)
    held = {member.member: member for member in members if member.campaign == campaign.id}.values()
    day = campaign.starts_on or campaign.ends_on or today

    def converted(money: Money | None) -> Money | None:
        return None if money is None else rates.convert(money, currency, day)

    return Effectiveness(
        campaign=campaign.id,
        code=campaign.code,
        currency=currency,
        leads=sum(lead.campaign == campaign.id for lead in by_id.values()),
        opportunities=len(figures),
        open=len(groups["open"]),
        won=len(groups["won"]),
        lost=len(groups["lost"]),
        value=Money.total((one.gross for one in figures.values()), currency),
        weighted=Money.total((one.weighted for one in figures.values()), currency),
        open_value=Money.total((one.gross for one in groups["open"]), currency),
        weighted_open=Money.total((one.weighted for one in groups["open"]), currency),
        won_value=Money.total((one.gross for one in groups["won"]), currency),
        lost_value=Money.total((one.gross for one in groups["lost"]), currency),
        members=len(held),
        responded=sum(
            member_categories.get(member.status) == "responded" or member.responded_on is not None for member in held
        ),
        cost=converted(campaign.actual_cost),
        budget=converted(campaign.budget),
        expected_revenue=converted(campaign.expected_revenue),
    )
