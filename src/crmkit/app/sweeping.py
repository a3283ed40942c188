"""The sweep for what is due, on a store (R12)."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from crmkit.app.arguments import as_instant
from crmkit.changes import Changes, Event
from crmkit.entities import Announcement, Interaction, Lead, Opportunity, OpportunityTask, Record, TaskStatus
from crmkit.events.due import due_things
from crmkit.queries import AnyOf, Between, Criterion, Equals, Query, Related

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["sweep"]

_BATCH = 500


def sweep(work: "Work", now: datetime | None) -> list[Event]:
    """Announce what is due at that instant and was not announced. Raises Invalid on an instant without time zone."""
    at = as_instant("sweep", "now", work.known.now if now is None else now)
    today = work.known.day(at)
    overdue = work.unit.find(Query(kind=OpportunityTask, where=_overdue(today)))
    follow_ups = _follow_ups(work, today)
    announced = _announced(work, [record.id for record in (*overdue, *follow_ups)])
    due = due_things(overdue, follow_ups, announced)
    events = [one.as_event(at, work.by) for one in due]
    for event in events:
        work.announce(event)
    if due:
        work.write(Changes(creates=[one.announcement(work.new_id()) for one in due]))
    return events


def _overdue(today: date) -> tuple[Criterion, ...]:
    open_status = Related(TaskStatus, via="code", to="status", where=(Equals("category", "open"),))
    return (Between("due_on", None, today - timedelta(days=1)), open_status)


def _follow_ups(work: "Work", today: date) -> list[Record]:
    due = Between("follow_up_on", None, today)
    found: list[Record] = []
    open_leads = [code for code in work.known.codes("lead_status") if _live(work, "lead_status", code, "disqualified")]
    found += work.unit.find(Query(kind=Lead, where=(due, AnyOf("status", open_leads))))
    open_ones = [
        code
        for code in work.known.codes("opportunity_status")
        if work.known.category("opportunity_status", code) == "open"
    ]
    found += work.unit.find(Query(kind=Opportunity, where=(due, AnyOf("status", open_ones))))
    found += work.unit.find(Query(kind=Interaction, where=(due, Equals("follow_up_done", value=False))))
    return found


def _live(work: "Work", table: str, code: str, over: str) -> bool:
    return work.known.category(table, code) != over


def _announced(work: "Work", targets: list[UUID]) -> list[Announcement]:
    found: list[Announcement] = []
    for start in range(0, len(targets), _BATCH):
        batch = targets[start : start + _BATCH]
        found += work.unit.find(Query(kind=Announcement, where=(AnyOf("target", batch),)))
    return found
