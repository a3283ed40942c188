"""The life of opportunities and their tasks (R3, R4)."""

from collections.abc import Iterator
from typing import Any, Final

from crmkit.entities import Opportunity, OpportunityTask, evolve
from crmkit.errors import Finding
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES", "is_overdue"]


def _category(opportunity: Opportunity | None, known: Known) -> str:
    return known.category("opportunity_status", opportunity.status) if opportunity else ""


def _closing(before: Opportunity | None, after: Opportunity, known: Known) -> Opportunity:
    """Won and lost ones have the day they were closed; open ones have neither day nor reason."""
    category = _category(after, known)
    if category == "open" and _category(before, known) in ("won", "lost"):
        return evolve(after, closed_on=None, won_reason="", lost_reason="")
    if category in ("won", "lost") and after.closed_on is None:
        return evolve(after, closed_on=known.today)
    return after


def _closed(before: Opportunity | None, after: Opportunity | None, known: Known) -> Iterator[Finding]:
    if after is None:
        return
    category = _category(after, known)
    for reason, needs in (("won_reason", "won"), ("lost_reason", "lost")):
        if getattr(after, reason) and category != needs:
            yield Finding("reason-without-outcome", f"only a {needs} opportunity has one", reason, after.id)
    if category == "open" and after.closed_on is not None:
        yield Finding("closed-but-open", "an open opportunity has no day it was closed", "closed_on", after.id)
    if category == _category(before, known):
        return
    if category == "won" and known.policy.won_reason_required and not after.won_reason:
        said = "is required by policy to win an opportunity: win(…, reason=…) gives one, or an update won_reason=…"
        yield Finding("reason-required", said, "won_reason", after.id)
    if category == "lost" and known.policy.lost_reason_required and not after.lost_reason:
        said = "is required by policy to lose an opportunity: lose(…, reason=…) gives one, or an update lost_reason=…"
        yield Finding("reason-required", said, "lost_reason", after.id)
    if category == "won" and known.policy.tasks_block_won and before is not None:
        yield from _open_required_tasks(after, known)


def _open_required_tasks(opportunity: Opportunity, known: Known) -> Iterator[Finding]:
    for task in known.all_of(OpportunityTask, opportunity=opportunity.id, required=True):
        if known.category("task_status", task.status) == "open":
            yield Finding("open-task", f"task {task.number}, {task.description!r}, is required and open", "", task.id)


def _completing(before: OpportunityTask | None, after: OpportunityTask, known: Known) -> OpportunityTask:
    """Completing sets the day, reopening clears it."""
    done = known.category("task_status", after.status) == "done"
    if done and after.completed_on is None:
        return evolve(after, completed_on=known.today)
    was_done = before is not None and known.category("task_status", before.status) == "done"
    if not done and was_done and after.completed_on is not None:
        return evolve(after, completed_on=None)
    return after


def _completed(_: Any, after: OpportunityTask | None, known: Known) -> Iterator[Finding]:
    if after and after.completed_on is not None and known.category("task_status", after.status) == "open":
        yield Finding("completed-but-open", "an open task has no day it was completed", "completed_on", after.id)


def is_overdue(task: OpportunityTask, known: Known) -> bool:
    """Open, and due before today."""
    open_task = known.category("task_status", task.status) == "open"
    return open_task and task.due_on is not None and task.due_on < known.today


RULES: Final = (
    Rule(Opportunity, _closed, _closing),
    Rule(OpportunityTask, _completed, _completing),
)
