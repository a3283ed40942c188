"""What a campaign brought (S3, S4)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from crmkit.campaigns import campaign_of, effectiveness
from crmkit.entities import (
    Campaign,
    CampaignMember,
    ExchangeRate,
    Lead,
    Money,
    Opportunity,
    OpportunityStatus,
)
from crmkit.errors import Refused
from crmkit.forecasting import NO_RATES, Rates, Valuation, opportunity_figures

SPRING, AUTUMN, ACME = UUID(int=10), UUID(int=11), UUID(int=1)
TODAY = date(2026, 10, 5)
VALUATION = Valuation.of(
    [OpportunityStatus(code=code, category=code) for code in ("open", "won", "lost")], currency="EUR", today=TODAY
)


def eur(amount):
    return Money(amount, "EUR")


def campaign(**values):
    return Campaign(id=SPRING, code="SPRING", **{"actual_cost": eur(1000), **values})


def deal(id, status="open", value=100, **values):
    return Opportunity(
        id=UUID(int=id),
        account=ACME,
        description="a deal",
        status=status,
        estimated_value=eur(value),
        **{"campaign": SPRING, **values},
    )


def lead(id, campaign=SPRING):
    return Lead(id=UUID(int=id), account=ACME, status="new", campaign=campaign)


def members(sent, responded):
    return [
        CampaignMember(
            campaign=SPRING, member=UUID(int=1000 + place), status="answered" if place < responded else "mailed"
        )
        for place in range(sent)
    ]


def brought(*deals, of=None, leads=(), held=(), rates=NO_RATES):
    return effectiveness(
        of or campaign(),
        leads=leads,
        opportunities=[(one, opportunity_figures(one, VALUATION)) for one in deals],
        members=held,
        member_categories={"answered": "responded", "mailed": "sent"},
        currency="EUR",
        rates=rates,
        today=TODAY,
    )


def test_a_campaign_of_three_opportunities():
    """Cost 1000; won 4000, lost 500, open 2000 at 50 %: rate 1/2, won 4000, return 3.0, weighted open 1000 (S4)."""
    found = brought(deal(1, "won", 4000), deal(2, "lost", 500), deal(3, "open", 2000, probability=50))
    assert found.conversion_rate == Fraction(1, 2)
    assert found.return_on_investment == 3
    assert (found.won_value, found.lost_value, found.weighted_open) == (eur(4000), eur(500), eur(1000))
    assert (found.opportunities, found.open, found.won, found.lost) == (3, 1, 1, 1)
    assert (found.value, found.weighted, found.open_value) == (eur(6500), eur(5000), eur(2000))


def test_four_of_ten_members_responded():
    """10 members of whom 4 responded give a response rate of 0.4 (S4); without members there is none."""
    assert brought(held=members(10, 4)).response_rate == Fraction(4, 10)
    assert brought().response_rate is None


def test_a_member_with_a_day_of_response_has_responded():
    """The day counts like the status."""
    answered = CampaignMember(campaign=SPRING, member=UUID(int=5), status="mailed", responded_on=date(2026, 3, 1))
    assert brought(held=[answered]).responded == 1


def test_while_nothing_is_closed_there_is_no_rate():
    """Neither a conversion rate nor a cost per won; the return is what was spent for nothing."""
    found = brought(deal(1))
    assert (found.conversion_rate, found.cost_per_won) == (None, None)
    assert found.return_on_investment == -1


@pytest.mark.parametrize("cost", [None, 0])
def test_without_a_cost_there_is_no_return(cost):
    """A campaign that cost nothing, or nobody knows what, has no return on investment."""
    found = brought(deal(1, "won"), of=campaign(actual_cost=None if cost is None else eur(cost)))
    assert found.return_on_investment is None
    assert found.cost_per_won == (None if cost is None else eur(0))


def test_cost_per_lead_and_per_won():
    """Cost ÷ number, to the cent, halves to the even one: 1000 ÷ 3 is 333.33, 0.25 ÷ 2 is 0.12."""
    found = brought(deal(1, "won"), deal(2, "won"), leads=[lead(20), lead(21), lead(22), lead(23, AUTUMN)])
    assert (found.leads, found.cost_per_lead, found.cost_per_won) == (3, eur("333.33"), eur(500))
    assert brought(leads=[lead(20), lead(21)], of=campaign(actual_cost=eur("0.25"))).cost_per_lead == eur("0.12")
    assert brought().cost_per_lead is None


def test_variances():
    """Cost − budget, and won value − expected revenue; none where the campaign does not say."""
    found = brought(deal(1, "won", 4000), of=campaign(budget=eur(800), expected_revenue=eur(5000)))
    assert (found.variance_to_budget, found.variance_to_expected_revenue) == (eur(200), eur(-1000))
    assert (brought().variance_to_budget, brought().variance_to_expected_revenue) == (None, None)


def test_an_opportunity_counts_for_its_own_campaign_else_its_leads():
    """Its own wins over its lead's; without either it counts for none (S3)."""
    leads = {one.id: one for one in (lead(20), lead(21, AUTUMN))}
    assert campaign_of(deal(1, lead=UUID(int=21)), leads) == SPRING
    assert campaign_of(deal(1, campaign=None, lead=UUID(int=21)), leads) == AUTUMN
    assert campaign_of(deal(1, campaign=None), leads) is None
    assert campaign_of(deal(1, campaign=None, lead=UUID(int=99)), leads) is None


def test_each_opportunity_counts_once_and_only_for_its_campaign():
    """One found by its campaign and by its lead is one; those of other campaigns are passed over."""
    both = deal(1, lead=UUID(int=20))
    others = [deal(2, campaign=AUTUMN, lead=UUID(int=20)), deal(3, campaign=None)]
    by_lead = deal(4, campaign=None, lead=UUID(int=20))
    found = brought(both, both, *others, by_lead, leads=[lead(20)])
    assert (found.opportunities, found.value) == (2, eur(200))


def test_a_campaigns_money_is_converted_at_its_first_day():
    """Cost, budget and expected revenue in another currency need a rate of that day."""
    abroad = campaign(actual_cost=Money(1000, "USD"), starts_on=date(2026, 3, 1))
    rates = Rates(
        [
            ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=Decimal(rate))
            for day, rate in ((date(2026, 3, 1), "0.8"), (date(2026, 4, 1), "0.9"))
        ]
    )
    assert brought(of=abroad, rates=rates).cost == eur(800)
    with pytest.raises(Refused, match="no rate from USD to EUR on or before 2026-03-01"):
        brought(of=abroad)


def test_the_table_of_a_notebook_shows_every_figure():
    """All stored and computed figures are rows; the code is escaped by being letters and digits only."""
    shown = brought(deal(1, "won", 4000), held=members(10, 4))._repr_html_()
    for text in ("Return on investment", "Response rate", "40.0 %", "4,000.00 EUR", "SPRING"):
        assert text in shown
