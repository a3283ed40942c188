"""Who may use crmkit: anyone whose licence modules include SyteLineTrans."""

from typing import Any

import pytest

from crmkit import (
    AccessDenied,
    Campaign,
    Crm,
    Estimate,
    EstimateLine,
    Lead,
    Money,
    Opportunity,
    OpportunityTask,
    Prospect,
    SalesContact,
)

LICENCES = {"ana": ["SyteLineTrans"], "ben": ["Other", "SyteLineTransport"], "eva": ["More", "SyteLineTrans"]}


def use_everything(crm: Crm) -> None:
    """A bit of every service, in one go."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes", company_revenue=Money("1", "EUR")))
    crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id]))
    campaign = crm.campaigns.add(Campaign(description="Fair"))
    lead = crm.leads.add(Lead(account=prospect.id, campaign=campaign.id))
    opportunity = crm.leads.promote(lead.id)
    task = crm.opportunity_tasks.add(OpportunityTask(opportunity=opportunity.id, description="Call"))
    crm.opportunity_tasks.complete(task.id)
    estimate = crm.estimates.add(Estimate(account=prospect.id, lines=[EstimateLine(description="E-bike")]))
    crm.conversion.apply(crm.conversion.plan(prospect.id))
    crm.estimates.order(estimate.id)
    crm.opportunities.win(opportunity.id)
    crm.accounts.by_territory()
    crm.sweep()
    assert crm.customers.count() == crm.orders.count() == 1


@pytest.mark.parametrize("user", ["ana", "eva"])
def test_s28_with_the_licence_everything_works(beside: Any, user: str) -> None:
    """A user with the licence module may use all CRM services, by a mapping of licences or by a function."""
    for tenant, licences in (("one", LICENCES), ("two", lambda who: LICENCES.get(who, ()))):
        use_everything(beside(tenant=tenant, licences=licences, user=user))


CALLS = {
    "get": lambda crm, w: crm.prospects.get(w["prospect"].id),
    "get_many": lambda crm, w: crm.prospects.get_many([w["prospect"].id]),
    "find": lambda crm, w: crm.prospects.find(),
    "all": lambda crm, w: list(crm.prospects.all()),
    "count": lambda crm, w: crm.leads.count(),
    "history": lambda crm, w: crm.prospects.history(w["prospect"].id),
    "history of a record": lambda crm, w: crm.history(w["prospect"]),
    "add": lambda crm, w: crm.prospects.add(Prospect(name="New")),
    "add_many": lambda crm, w: crm.prospects.add_many([Prospect(name="New")]),
    "update": lambda crm, w: crm.prospects.update(w["prospect"], name="Changed"),
    "delete": lambda crm, w: crm.leads.delete(w["lead"].id),
    "promote": lambda crm, w: crm.leads.promote(w["lead"].id),
    "win": lambda crm, w: crm.opportunities.win(w["opportunity"].id),
    "complete": lambda crm, w: crm.opportunity_tasks.complete(w["task"].id),
    "plan": lambda crm, w: crm.conversion.plan(w["prospect"].id),
    "apply": lambda crm, w: crm.conversion.apply(w["plan"]),
    "convert": lambda crm, w: crm.conversion.convert(w["prospect"].id),
    "undo": lambda crm, w: crm.conversion.undo(w["prospect"].id),
    "order": lambda crm, w: crm.estimates.order(w["estimate"].id, convert=True),
    "by_territory": lambda crm, w: crm.accounts.by_territory(),
    "make_year": lambda crm, w: crm.sales_periods.make_year(2026),
    "effectiveness": lambda crm, w: crm.campaigns.effectiveness(w["campaign"].id),
    "roll_up": lambda crm, w: crm.forecasting.roll_up(period="2026-Q1", by="stage"),
    "sweep": lambda crm, w: crm.sweep(),
    "begin": lambda crm, w: crm.begin().__enter__(),
    "run": lambda crm, w: crm.run(lambda work: work.prospects.add(Prospect(name="New"))),
    "as_of": lambda crm, w: crm.as_of(crm.now()).prospects.find(),
    "code tables": lambda crm, w: crm.stages.find(),
    "to_excel": lambda crm, w: crm.to_excel(w["path"]),
}


@pytest.mark.parametrize("call", CALLS)
def test_s28_without_the_licence_everything_is_refused(
    crm: Crm, beside: Any, everything: Any, tmp_path: Any, call: str
) -> None:
    """A user without the module, or unknown, is refused whatever they ask, nothing changes, and the module is named."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    opportunity = crm.opportunities.add(Opportunity(description="E-bikes", account=prospect.id))
    world = {
        "path": tmp_path / "all.xlsx",
        "prospect": prospect,
        "opportunity": opportunity,
        "lead": crm.leads.add(Lead(account=prospect.id)),
        "task": crm.opportunity_tasks.add(OpportunityTask(opportunity=opportunity.id, description="Call")),
        "estimate": crm.estimates.add(Estimate(account=prospect.id)),
        "campaign": crm.campaigns.add(Campaign(description="Fair")),
        "plan": crm.conversion.plan(prospect.id),
    }
    before = everything(crm)
    for user in ("ben", "nobody", ""):
        with pytest.raises(AccessDenied, match="SyteLineTrans") as denied:
            CALLS[call](beside(licences=LICENCES, user=user), world)
        assert (denied.value.user, denied.value.module) == (user, "SyteLineTrans")
    assert everything(crm) == before


def test_s28_the_user_of_a_unit_of_work_is_the_one_who_is_asked_about(beside: Any) -> None:
    """The licence is that of the user whom a unit of work is begun by, in both directions."""
    crm = beside(licences=LICENCES, user="ben")
    with crm.begin(by="ana") as work:
        prospect = work.prospects.add(Prospect(name="Acme Bikes"))
    assert prospect.recorded_by == "ana"
    crm = beside(licences=LICENCES, user="ana")
    with pytest.raises(AccessDenied), crm.begin(by="ben"):
        pass
    assert crm.prospects.get(prospect.id) == prospect


def test_s28_without_a_policy_everything_is_open(crm: Crm) -> None:
    """Where no licences are handed in, everybody may use everything."""
    use_everything(crm)
