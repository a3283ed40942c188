"""What a change means beyond that records were created, updated and deleted: stages and statuses that moved."""

from collections.abc import Iterator
from datetime import datetime

from crmkit.changes import (
    Changes,
    Created,
    Deleted,
    Event,
    ForecastStatusChanged,
    OpportunityAddedToForecast,
    StageChanged,
    StatusChanged,
    TaskCompleted,
    Update,
    Updated,
)
from crmkit.entities import ForecastLine, Opportunity, OpportunityTask, SalesForecast
from crmkit.repositories.known import Known

__all__ = ["events_of"]


def events_of(changes: Changes, known: Known, at: datetime, by: str) -> Iterator[Event]:
    """Everything that the changes mean, in the order in which they are made."""
    for record in (*changes.creates, *changes.restores):
        yield Created(at=at, by=by, record=record)
        if isinstance(record, ForecastLine):
            forecast = known.get(SalesForecast, record.forecast)
            if forecast is not None:
                yield OpportunityAddedToForecast(at=at, by=by, forecast=forecast, line=record)
    for update in changes.updates:
        yield Updated(at=at, by=by, before=update.before, after=update.after)
        yield from _moves(update, known, at, by)
    for record in changes.deletes:
        yield Deleted(at=at, by=by, record=record)
    for event in changes.events:
        yield event(at, by, changes)


def _moves(update: Update, known: Known, at: datetime, by: str) -> Iterator[Event]:
    before, after = update.before, update.after
    if type(before) is not type(after):
        return
    if isinstance(before, Opportunity) and isinstance(after, Opportunity) and before.stage != after.stage:
        yield StageChanged(at=at, by=by, before=before, after=after)
    if isinstance(before, SalesForecast) and isinstance(after, SalesForecast):
        if before.status != after.status:
            yield ForecastStatusChanged(at=at, by=by, before=before, after=after)
        return
    field = after.spec.by_name.get("status")
    if field is None or not field.code_of or getattr(before, "status", "") == getattr(after, "status", ""):
        return
    yield StatusChanged(at=at, by=by, before=before, after=after)
    if isinstance(before, OpportunityTask) and isinstance(after, OpportunityTask):
        was, now = (known.category("task_status", task.status) for task in (before, after))
        if was == "open" and now == "done":
            yield TaskCompleted(at=at, by=by, task=after)
