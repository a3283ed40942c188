"""Two handlers from outside crmkit: a follow-up task after a proposal, and a veto of a win without a value.

`python examples/events.py` shows both. Every event and its payload stand in docs/events.md.
"""

from datetime import timedelta
from typing import Final

import crmkit
from crmkit import Crm, Money, Opportunity, OpportunityTask, Prospect, StageChanged, StatusChanged, Vetoed

__all__ = ["listen", "main"]

_DAYS: Final = 7


def ask_about_the_proposal(event: StageChanged, crm: Crm) -> None:
    """After: the stage change is saved, and stays whatever becomes of the task, which is a unit of work of its own."""
    deal = event.after
    if deal.stage != "proposal":
        return
    asked_on = event.at.date() + timedelta(days=_DAYS)
    task = OpportunityTask(opportunity=deal.id, description="Ask about the proposal", owner=event.by, due_on=asked_on)
    crm.opportunity_tasks.add(task)


def no_win_without_value(event: StatusChanged, work: object) -> None:  # noqa: ARG001 - every handler is called with both
    """Before: nothing is saved yet, and raising `Vetoed` keeps it from being saved.

    It hears of leads, tasks, estimates and orders too, so it looks at what has moved.
    """
    deal = event.after
    if isinstance(deal, Opportunity) and deal.status == "won" and deal.estimated_value is None:
        raise Vetoed(f"{deal.number} has no value: give it one before it is won")


def listen(crm: Crm) -> None:
    """Let both handlers hear what happens through this `Crm`."""
    crm.on(StageChanged, ask_about_the_proposal)
    crm.on(StatusChanged, no_win_without_value, "before")


def main() -> None:
    """Both at work, in memory."""
    with crmkit.connect("memory:", user="luis") as crm:
        listen(crm)
        acme = crm.prospects.add(Prospect(name="Acme Bikes"))
        deal = crm.opportunities.add(Opportunity(description="40 e-bikes", account=acme.id))

        deal = crm.opportunities.update(deal, stage="proposal")
        for task in crm.opportunity_tasks.find(opportunity=deal.id):
            print(f"Task {task.number}: {task.description}, for {task.owner}, due on {task.due_on}")

        try:
            crm.opportunities.win(deal.id)
        except Vetoed as vetoed:
            print(f"Not won: {vetoed.reason}")
        print(f"{deal.number} is still {crm.opportunities.get(deal.id).status}")

        crm.opportunities.update(deal, estimated_value=Money("120000", "EUR"))
        print(f"With a value it is {crm.opportunities.win(deal.id).status}")


if __name__ == "__main__":
    main()
