"""The sweep: what is due at a moment, and has not been announced yet (R12)."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

import attrs

from crmkit.changes import Event, FollowUpDue, TaskOverdue
from crmkit.entities import Announcement, OpportunityTask, Record

__all__ = ["Due", "due_things"]


@attrs.frozen
class Due:
    """A record with something due on a day, and the name of the event that says so."""

    record: Record
    event: str
    on: date

    def announcement(self, id: UUID) -> Announcement:
        """The entry in the books that it was announced."""
        return Announcement(id=id, target=self.record.id, event=self.event, due_on=self.on)

    def as_event(self, at: datetime, by: str) -> Event:
        """The event itself."""
        if isinstance(self.record, OpportunityTask):
            return TaskOverdue(at=at, by=by, task=self.record)
        return FollowUpDue(at=at, by=by, record=self.record)


def due_things(
    overdue: Iterable[OpportunityTask], follow_ups: Iterable[Record], announced: Iterable[Announcement]
) -> list[Due]:
    """What is due and not in the books yet: a task once for each due date, a follow-up once for each of its days."""
    known = {(one.target, one.event, one.due_on) for one in announced}
    found = [Due(task, "TaskOverdue", task.due_on) for task in overdue if task.due_on is not None]
    found += [
        Due(record, "FollowUpDue", day) for record in follow_ups if (day := getattr(record, "follow_up_on", None))
    ]
    return [due for due in found if (due.record.id, due.event, due.on) not in known]
