"""The example of two handlers: a task after a proposal, and a veto of a win without a value."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import pytest

import crmkit
from crmkit import Crm, Lead, Money, Opportunity, Prospect, Vetoed


@pytest.fixture(params=["memory:", "sqlite"])
def crm(request, tmp_path: Path, example: Callable[[str], ModuleType]) -> Iterator[Crm]:
    url = "memory:" if request.param == "memory:" else f"sqlite:///{tmp_path / 'events.db'}"
    with crmkit.connect(url, user="luis", clock=lambda: datetime(2026, 10, 5, 9, 0, tzinfo=UTC)) as opened:
        example("events").listen(opened)
        yield opened


@pytest.fixture
def deal(crm: Crm) -> Opportunity:
    acme = crm.prospects.add(Prospect(name="Acme Bikes"))
    return crm.opportunities.add(Opportunity(description="40 e-bikes", account=acme.id, stage="qualification"))


def test_a_proposal_makes_one_task_a_week_on(crm: Crm, deal: Opportunity) -> None:
    """The task is its opportunity's, for who made the move, due seven days later; a further change makes no other."""
    deal = crm.opportunities.update(deal, stage="proposal")
    crm.opportunities.update(deal, description="50 e-bikes")
    (task,) = crm.opportunity_tasks.find(opportunity=deal.id)
    assert (task.description, task.owner, task.due_on) == ("Ask about the proposal", "luis", date(2026, 10, 12))


def test_another_stage_makes_no_task(crm: Crm, deal: Opportunity) -> None:
    """Only a move to the proposal is followed up."""
    crm.opportunities.update(deal, stage="negotiation")
    assert crm.opportunity_tasks.count() == 0


def test_a_win_without_value_is_vetoed(crm: Crm, deal: Opportunity) -> None:
    """It is refused with the reason, and the opportunity is as it was."""
    with pytest.raises(Vetoed, match=r"O000001 has no value"):
        crm.opportunities.win(deal.id)
    assert crm.opportunities.get(deal.id) == deal


def test_a_win_with_a_value_passes(crm: Crm, deal: Opportunity) -> None:
    """The veto concerns the missing value alone."""
    crm.opportunities.update(deal, estimated_value=Money("120000", "EUR"))
    assert crm.opportunities.win(deal.id).status == "won"


def test_other_records_that_change_status_are_left_alone(crm: Crm, deal: Opportunity) -> None:
    """A lead has no value at all, and moves as ever."""
    lead = crm.leads.add(Lead(account=deal.account))
    assert crm.leads.update(lead, status="qualified").status == "qualified"


def test_the_example_runs_as_a_script(run: Callable[..., str]) -> None:
    """It says what both handlers did."""
    script = Path(__file__).parents[2] / "examples" / "events.py"
    said = run(sys.executable, str(script)).splitlines()
    assert said[0].startswith("Task 1: Ask about the proposal, for luis, due on ")
    assert said[1:] == [
        "Not won: O000001 has no value: give it one before it is won",
        "O000001 is still open",
        "With a value it is won",
    ]
