"""A lead gives one opportunity, unless another is asked for: promoted, or by a conversion, whoever else does so."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest

import crmkit
from crmkit import (
    AlreadyConverted,
    Busy,
    Crm,
    CrmkitError,
    Customer,
    Lead,
    Opportunity,
    Prospect,
    Refused,
    StalePlan,
    same_content,
)
from crmkit.testing.servers import SERVERS

INTO = pytest.mark.parametrize("into", [False, True], ids=["of its own", "into one that is there"])


@pytest.fixture
def lead(crm: Crm) -> Lead:
    """The lead of a prospect."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    return crm.leads.add(Lead(account=prospect.id, description="E-bikes"))


def target(crm: Crm, *, into: bool) -> dict[str, UUID]:
    """What makes a conversion one into a customer that is there."""
    return {"into": crm.customers.add(Customer(name="Acme Ltd")).id} if into else {}


class TestPromoting:
    """By `leads.promote`."""

    @pytest.mark.parametrize("ending", ["", "win"])
    def test_a_lead_with_an_opportunity_open_or_won_is_promoted_again_if_asked_for(
        self, crm: Crm, lead: Lead, everything: Any, ending: str
    ) -> None:
        """Else it is refused, and the opportunity is named."""
        first = crm.leads.promote(lead.id)
        if ending:
            crm.opportunities.win(first.id)
        before = everything(crm)
        with pytest.raises(Refused, match=rf"{first.number} came of lead {lead.number}.*again=True") as refused:
            crm.leads.promote(lead.id)
        assert [(one.code, one.record) for one in refused.value.findings] == [("promoted-already", first.id)]
        assert everything(crm) == before
        second = crm.leads.promote(lead.id, again=True, description="Spare parts")
        assert [one.id for one in crm.leads.opportunities(lead.id)] == [first.id, second.id]
        with pytest.raises(Refused) as refused:
            crm.leads.promote(lead.id)
        assert [one.record for one in refused.value.findings] == [first.id, second.id]

    def test_one_of_which_all_are_lost_is_promoted_as_any(self, crm: Crm, lead: Lead) -> None:
        """And so is one whose opportunity was deleted."""
        crm.opportunities.lose(crm.leads.promote(lead.id).id)
        second = crm.leads.promote(lead.id)
        crm.opportunities.delete(second.id)
        assert crm.leads.promote(lead.id).lead == lead.id

    def test_everything_against_it_is_said_at_once(self, crm: Crm, lead: Lead) -> None:
        """Promoted already, and disqualified since; asking for another reopens nothing."""
        crm.leads.promote(lead.id)
        crm.leads.disqualify(lead.id)
        with pytest.raises(Refused) as refused:
            crm.leads.promote(lead.id)
        assert [one.code for one in refused.value.findings] == ["promoted-already", "disqualified"]
        with pytest.raises(Refused, match="reopen it first"):
            crm.leads.promote(lead.id, again=True)

    def test_the_lead_says_what_it_said_in_a_version_of_its_own(self, crm: Crm, lead: Lead) -> None:
        """Its history tells when it was promoted, and by whom."""
        with crm.begin(by="ana") as work:
            work.leads.promote(lead.id)
        now = crm.leads.get(lead.id)
        assert same_content(now, lead)
        assert (now.version, now.recorded_by) == (2, "ana")


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


def _rivals(crms: list[Crm], lead: Lead, more: dict[str, UUID]) -> Iterator[Callable[[], Any]]:
    """Everybody promotes the lead, or converts with it, from a plan or at once."""
    plan = crms[0].conversion.plan(lead.account, opportunity=lead.id, **more)
    acts: list[Callable[[Crm], Any]] = [
        lambda crm: crm.leads.promote(lead.id),
        lambda crm: crm.conversion.convert(lead.account, opportunity=lead.id, **more),
        lambda crm: crm.leads.promote(lead.id),
        lambda crm: crm.conversion.apply(plan),
    ]
    for crm, act in zip(crms, cycle(acts), strict=False):
        yield partial(act, crm)


def _at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each gives, or meets, all begun at the same moment."""
    start = threading.Barrier(len(acts))
    came: list[Any] = []

    def run(act: Callable[[], Any]) -> None:
        start.wait()
        try:
            came.append(act())
        except CrmkitError as error:
            came.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


@INTO
@pytest.mark.parametrize("name", ["sqlite", *SERVERS])
def test_of_many_at_the_same_moment_one_makes_an_opportunity(
    fresh_url: Callable[[str], str], name: str, into: bool
) -> None:
    """However the others came to it, they are told so, in crmkit's words."""
    url = fresh_url(name)
    with ExitStack() as opened:
        crms = [opened.enter_context(crmkit.connect(url)) for _ in range(8)]
        more = target(crms[0], into=into)
        for number in range(12):
            prospect = crms[0].prospects.add(Prospect(name=f"Company {number}"))
            lead = crms[0].leads.add(Lead(account=prospect.id))
            came = _at_once(list(_rivals(crms, lead, more)))
            assert len(came) == len(crms)
            assert len(crms[0].leads.opportunities(lead.id)) == 1
            errors = [one for one in came if isinstance(one, CrmkitError)]
            assert {type(one) for one in errors} <= {Refused, StalePlan, AlreadyConverted, Busy}
            assert len(came) - len(errors) == 1
