"""A conversion opens no second opportunity of a lead: one that is open or won carries over by itself."""

from typing import Any
from uuid import UUID

import pytest

from crmkit import (
    Crm,
    Customer,
    Lead,
    Opportunity,
    Prospect,
    Refused,
    StalePlan,
    same_content,
)

INTO = pytest.mark.parametrize("into", [False, True], ids=["of its own", "into one that is there"])


@pytest.fixture
def lead(crm: Crm) -> Lead:
    """The lead of a prospect."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    return crm.leads.add(Lead(account=prospect.id, description="E-bikes"))


def target(crm: Crm, *, into: bool) -> dict[str, UUID]:
    """What makes a conversion one into a customer that is there."""
    return {"into": crm.customers.add(Customer(name="Acme Ltd")).id} if into else {}


class TestConverting:
    """By a conversion that opens one."""

    @INTO
    @pytest.mark.parametrize("how", ["promoted", "opened by a conversion undone since", "added by hand"])
    def test_the_plan_refuses_and_names_the_opportunity(self, crm: Crm, lead: Lead, into: bool, how: str) -> None:
        """Whatever it came by: it carries over by itself."""
        if how == "promoted":
            chance = crm.leads.promote(lead.id)
        elif how == "added by hand":
            chance = crm.opportunities.add(Opportunity(account=lead.account, lead=lead.id, description="By hand"))
        else:
            receipt = crm.conversion.convert(lead.account, opportunity=lead.id)
            chance = crm.opportunities.update(crm.opportunities.get(receipt.opportunity), next_step="Call")
            crm.conversion.undo(receipt.id)
        more = target(crm, into=into)
        plan = crm.conversion.plan(lead.account, opportunity=lead.id, **more)
        assert [(one.code, one.record) for one in plan.refused] == [("promoted-already", chance.id)]
        assert f"opportunity {chance.number} came of lead {lead.number}" in str(plan)
        with pytest.raises(Refused, match="carries over by itself"):
            crm.conversion.convert(lead.account, opportunity=lead.id, **more)
        crm.conversion.convert(lead.account, **more)
        assert [one.id for one in crm.opportunities.find()] == [chance.id]

    @INTO
    def test_a_plan_made_before_it_was_promoted_is_stale(
        self, crm: Crm, lead: Lead, into: bool, everything: Any
    ) -> None:
        """The difference names the opportunity; planned anew, it is refused."""
        plan = crm.conversion.plan(lead.account, opportunity=lead.id, **target(crm, into=into))
        chance = crm.leads.promote(lead.id)
        before = everything(crm)
        with pytest.raises(StalePlan) as stale:
            crm.conversion.apply(plan)
        assert stale.value.differences == (f"lead {lead.number}: opportunity {chance.number} came of it",)
        with pytest.raises(Refused, match="carries over by itself"):
            crm.conversion.apply(plan, replan=True)
        assert everything(crm) == before
        crm.opportunities.lose(chance.id)
        opened = crm.conversion.apply(plan).opportunity
        assert [one.id for one in crm.leads.opportunities(lead.id)] == [chance.id, opened]

    @INTO
    def test_undone_and_converted_again_the_lead_gives_one(self, crm: Crm, lead: Lead, into: bool) -> None:
        """What went with the undo is in nobody's way; afterwards the lead says what it said before."""
        more = target(crm, into=into)
        for _ in range(2):
            receipt = crm.conversion.convert(lead.account, opportunity=lead.id, **more)
            crm.conversion.undo(receipt.id)
            assert same_content(crm.leads.get(lead.id), lead)
        assert crm.opportunities.count() == 0
