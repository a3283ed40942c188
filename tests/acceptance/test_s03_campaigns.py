"""Campaigns: what belongs to them and what they brought."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest

from crmkit import (
    Campaign,
    CampaignItem,
    CampaignMember,
    CampaignStatus,
    CampaignType,
    Crm,
    Duplicate,
    Invalid,
    Item,
    Lead,
    Money,
    Opportunity,
    Prospect,
    SalesContact,
)


@pytest.fixture
def prospect(crm: Crm) -> Prospect:
    """A company that campaigns are about."""
    return crm.prospects.add(Prospect(name="Acme Bikes"))


def test_s03_follow_a_campaign_by_its_opportunities(crm: Crm, prospect: Prospect) -> None:
    """The opportunities tied to a campaign are all found from it; those of another are not."""
    fair, mailing = (crm.campaigns.add(Campaign(code=code)) for code in ("FAIR", "MAIL"))
    of_fair = {
        crm.opportunities.add(Opportunity(description=name, account=prospect.id, campaign=fair.id)).id
        for name in ("first", "second", "third")
    }
    of_mailing = crm.opportunities.add(Opportunity(description="other", account=prospect.id, campaign=mailing.id))
    crm.opportunities.add(Opportunity(description="of none", account=prospect.id))

    assert {one.id for one in crm.opportunities.find(campaign=fair.id)} == of_fair
    assert {one.id for one in crm.opportunities.find(campaign="fair")} == of_fair
    assert [one.id for one in crm.opportunities.find(campaign=mailing.id)] == [of_mailing.id]


def test_s04_campaign_effectiveness(crm: Crm, prospect: Prospect) -> None:
    """Cost 1000; won 4000, lost 500, open 2000 at 50 %; 4 of 10 responded: the ratios and sums are exactly these."""
    campaign = crm.campaigns.add(Campaign(code="FAIR", actual_cost=Money("1000", "EUR")))

    def opportunity(value: str, probability: int = 10) -> Opportunity:
        return crm.opportunities.add(
            Opportunity(
                description=value,
                account=prospect.id,
                campaign=campaign.id,
                estimated_value=Money(value, "EUR"),
                probability=probability,
            )
        )

    won, lost, _ = opportunity("4000"), opportunity("500"), opportunity("2000", 50)
    nothing_closed = crm.campaigns.effectiveness(campaign.id)
    assert nothing_closed.conversion_rate is None
    assert (nothing_closed.opportunities, nothing_closed.open) == (3, 3)

    crm.opportunities.win(won.id)
    crm.opportunities.lose(lost.id)
    for count in range(10):
        contact = crm.sales_contacts.add(SalesContact(given_name=f"Contact {count}"))
        status = "responded" if count < 4 else ""
        crm.campaign_members.add(CampaignMember(campaign=campaign.id, member=contact.id, status=status))

    found = crm.campaigns.effectiveness(campaign.id)
    assert found.conversion_rate == Fraction(1, 2)
    assert found.won_value == Money("4000", "EUR")
    assert found.return_on_investment == Fraction(3)
    assert found.weighted_open == Money("1000", "EUR")
    assert found.response_rate == Fraction(4, 10)
    assert (found.won, found.lost, found.open) == (1, 1, 1)


def test_s07_create_campaigns(crm: Crm, everything) -> None:
    """An empty code is generated; a code of 11 characters and an end before the start are rejected."""
    generated = crm.campaigns.add(Campaign(description="Spring"))
    assert generated.code == "C00001"
    assert crm.campaigns.add(Campaign(code="ABCDEFGHIJ")).code == "ABCDEFGHIJ"
    before = everything(crm)

    with pytest.raises(Invalid, match="11 characters, at most 10") as too_long:
        crm.campaigns.add(Campaign(code="ABCDEFGHIJK"))
    assert [fault.field for fault in too_long.value.faults] == ["code"]
    with pytest.raises(Invalid, match="not be before the start") as backwards:
        crm.campaigns.add(Campaign(code="BACK", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1)))
    assert [fault.field for fault in backwards.value.faults] == ["ends_on"]
    with pytest.raises(Invalid, match="not be before the start"):
        crm.campaigns.update(generated, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1))
    assert everything(crm) == before


def test_s08_add_items_to_a_campaign(crm: Crm, everything) -> None:
    """An item is added to a campaign once; again, and to an unknown campaign, it is rejected."""
    campaign = crm.campaigns.add(Campaign(code="FAIR"))
    other = crm.campaigns.add(Campaign(code="MAIL"))
    item = crm.items.add(Item(code="EB1", description="E-bike", unit_price=Decimal("2999.90")))
    added = crm.campaign_items.add(CampaignItem(campaign=campaign.id, item=item.id))
    elsewhere = crm.campaign_items.add(CampaignItem(campaign=other.id, item=item.id))
    before = everything(crm)

    with pytest.raises(Duplicate) as again:
        crm.campaign_items.add(CampaignItem(campaign=campaign.id, item=item.id))
    assert again.value.kind == "campaign item"
    with pytest.raises(Invalid) as unknown:
        crm.campaign_items.add(CampaignItem(campaign=uuid4(), item=item.id))
    assert [fault.field for fault in unknown.value.faults] == ["campaign"]
    assert everything(crm) == before
    assert list(crm.campaign_items.find(campaign=campaign.id)) == [added]
    assert {one.id for one in crm.campaign_items.find(item=item.id)} == {added.id, elsewhere.id}


@pytest.mark.parametrize(
    ("field", "repository", "kind"),
    [
        pytest.param("type", "campaign_types", CampaignType, id="s09-types"),
        pytest.param("status", "campaign_statuses", CampaignStatus, id="s10-statuses"),
    ],
)
def test_s09_s10_campaign_types_and_statuses(crm: Crm, everything, field: str, repository: str, kind: type) -> None:
    """A user-defined campaign type or status is used by a campaign; an unknown one is rejected."""
    crm.repository(repository).add(kind(code="podcast", label="Podcast"))
    campaign = crm.campaigns.add(Campaign(code="FAIR", **{field: "podcast"}))
    assert getattr(crm.campaigns.get(campaign.id), field) == "podcast"
    assert list(crm.campaigns.find(**{field: "podcast"})) == [campaign]
    before = everything(crm)

    with pytest.raises(Invalid, match="'smoke signals' is no campaign") as unknown:
        crm.campaigns.add(Campaign(code="OTHER", **{field: "smoke signals"}))
    assert [fault.field for fault in unknown.value.faults] == [field]
    with pytest.raises(Invalid, match="podcast"):
        crm.campaigns.update(campaign, **{field: "smoke signals"})
    assert everything(crm) == before


def test_s09_campaign_types(crm: Crm) -> None:
    """The campaign types are the user's own list: renamed, its users stay; made inactive, it is not chosen anew."""
    podcast = crm.campaign_types.add(CampaignType(code="podcast", label="Podcast"))
    campaign = crm.campaigns.add(Campaign(code="FAIR", type="podcast"))
    podcast = crm.campaign_types.update(podcast, shown="radio")
    assert crm.campaigns.get(campaign.id) == campaign
    by_shown = crm.campaigns.add(Campaign(code="NEXT", type="radio"))
    assert by_shown.type == "podcast"

    crm.campaign_types.update(podcast, active=False)
    assert crm.campaigns.update(campaign, description="still of that type").type == "podcast"
    with pytest.raises(Invalid, match="no longer to be chosen"):
        crm.campaigns.add(Campaign(code="LATE", type="podcast"))


def test_s10_campaign_statuses(crm: Crm) -> None:
    """A campaign without a status takes the list's default; while a list has none, the status is required."""
    assert crm.campaigns.add(Campaign(code="FAIR")).status == "planned"
    crm.campaign_statuses.update(crm.campaign_statuses.find(code="planned")[0], default=False)
    with pytest.raises(Invalid, match="no default value") as refused:
        crm.campaigns.add(Campaign(code="NEXT"))
    assert [fault.field for fault in refused.value.faults] == ["status"]


def test_s04_opportunities_count_for_the_campaign_of_their_lead(crm: Crm, prospect: Prospect) -> None:
    """An opportunity counts for its own campaign, else for its lead's, and once only."""
    fair, mailing = (crm.campaigns.add(Campaign(code=code)) for code in ("FAIR", "MAIL"))
    lead = crm.leads.add(Lead(account=prospect.id, campaign=fair.id))
    crm.opportunities.add(Opportunity(description="by its lead", account=prospect.id, lead=lead.id))
    crm.opportunities.add(Opportunity(description="by itself", account=prospect.id, lead=lead.id, campaign=mailing.id))
    assert crm.campaigns.effectiveness(fair.id).opportunities == 1
    assert crm.campaigns.effectiveness(mailing.id).opportunities == 1
    assert (crm.campaigns.effectiveness(fair.id).leads, crm.campaigns.effectiveness(mailing.id).leads) == (1, 0)
