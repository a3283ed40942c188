"""Every write is a value: what is created, updated and deleted, and what has happened thereby."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import attrs

from crmkit.entities import (
    Conversion,
    Customer,
    Estimate,
    ForecastLine,
    Lead,
    Merge,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    Record,
    SalesContact,
    SalesForecast,
)

__all__ = [
    "Changes",
    "ContactsExported",
    "ContactsImported",
    "ConversionUndone",
    "Created",
    "Deleted",
    "EstimateOrdered",
    "Event",
    "FollowUpDue",
    "ForecastStatusChanged",
    "LeadPromoted",
    "MergeUndone",
    "OpportunityAddedToForecast",
    "ProspectConverted",
    "Quote",
    "RecordsMerged",
    "StageChanged",
    "StatusChanged",
    "TaskCompleted",
    "TaskOverdue",
    "Update",
    "Updated",
]


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened, or is about to: at which instant and by which user."""

    about: ClassVar[str] = ""

    at: datetime
    by: str = ""


@attrs.frozen(kw_only=True)
class Created(Event):
    """A record was saved for the first time."""

    record: Record


@attrs.frozen(kw_only=True)
class Updated(Event):
    """A record was changed; `before` and `after` differ."""

    before: Record
    after: Record


@attrs.frozen(kw_only=True)
class Deleted(Event):
    """A record was deleted; `record` is as it last was."""

    record: Record


@attrs.frozen(kw_only=True)
class LeadPromoted(Event):
    """An opportunity was made from a lead."""

    lead: Lead
    opportunity: Opportunity


@attrs.frozen(kw_only=True)
class StageChanged(Event):
    """An opportunity moved to another stage."""

    before: Opportunity
    after: Opportunity


@attrs.frozen(kw_only=True)
class StatusChanged(Event):
    """A lead, an opportunity, a task, an estimate or an order moved to another status."""

    before: Record
    after: Record


@attrs.frozen(kw_only=True)
class TaskCompleted(Event):
    """A task of an opportunity was done."""

    task: OpportunityTask


@attrs.frozen(kw_only=True)
class TaskOverdue(Event):
    """A sweep found a task that is open past its due date; once per task and date."""

    task: OpportunityTask


@attrs.frozen(kw_only=True)
class FollowUpDue(Event):
    """A sweep found a lead, an opportunity or an interaction whose follow-up is due; once per record and date."""

    record: Record


@attrs.frozen(kw_only=True)
class ProspectConverted(Event):
    """A prospect became a customer."""

    prospect: Prospect
    customer: Customer
    conversion: Conversion


@attrs.frozen(kw_only=True)
class ConversionUndone(Event):
    """A customer became a prospect again, by undoing its conversion."""

    conversion: Conversion
    prospect: Prospect


@attrs.frozen(kw_only=True)
class RecordsMerged(Event):
    """A record absorbed another one of its kind, or a customer a prospect; `absorbed` is as it last was."""

    survivor: Record
    absorbed: Record
    merge: Merge


@attrs.frozen(kw_only=True)
class MergeUndone(Event):
    """A record that had been absorbed by another stands by itself again."""

    merge: Merge
    record: Record


@attrs.frozen(kw_only=True)
class EstimateOrdered(Event):
    """An order was made from an estimate."""

    estimate: Estimate
    order: Order


@attrs.frozen(kw_only=True)
class OpportunityAddedToForecast(Event):
    """An opportunity was put on a sales forecast."""

    forecast: SalesForecast
    line: ForecastLine


@attrs.frozen(kw_only=True)
class ForecastStatusChanged(Event):
    """A sales forecast was submitted, approved or reopened."""

    before: SalesForecast
    after: SalesForecast


@attrs.frozen(kw_only=True)
class ContactsImported(Event):
    """Sales contacts came in from an address book."""

    contacts: tuple[SalesContact, ...]


@attrs.frozen(kw_only=True)
class ContactsExported(Event):
    """Sales contacts went out to an address book."""

    contacts: tuple[SalesContact, ...]


@attrs.frozen
class Update:
    """A record before and after; the same identity, and at most another kind of its table."""

    before: Record
    after: Record

    @property
    def reversed(self) -> "Update":
        """The way back."""
        return Update(self.after, self.before)


@attrs.frozen
class Quote:
    """A field of a record that is created says the number that another one of the same changes has, or is given."""

    record: UUID
    field: str
    of: UUID


def _quotes(values: object) -> tuple[Quote, ...]:
    return tuple(values)  # type: ignore[arg-type]


def _records(values: object) -> tuple[Record, ...]:
    return tuple(values)  # type: ignore[arg-type]


def _updates(values: object) -> tuple[Update, ...]:
    return tuple(values)  # type: ignore[arg-type]


@attrs.frozen(kw_only=True)
class Changes:
    """What a rule wants done, all or nothing. A pure value: to be shown, compared, stored, applied once, inverted.

    `restores` are deleted records that come back as they were, continuing their version. `quotes` are the fields of
    creates that say the number of another record, which it may be given only now. `events` are what
    the changes mean to people, beyond that records were created, updated and deleted; each is made from
    the instant, the user and the changes as they were applied.
    """

    creates: tuple[Record, ...] = attrs.field(default=(), converter=_records)
    updates: tuple[Update, ...] = attrs.field(default=(), converter=_updates)
    deletes: tuple[Record, ...] = attrs.field(default=(), converter=_records)
    restores: tuple[Record, ...] = attrs.field(default=(), converter=_records)
    quotes: tuple[Quote, ...] = attrs.field(default=(), converter=_quotes)
    events: tuple[Callable[[datetime, str, "Changes"], Event], ...] = attrs.field(default=(), eq=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.creates or self.updates or self.deletes or self.restores)

    def __add__(self, other: "Changes") -> Self:
        return attrs.evolve(
            self,
            creates=self.creates + other.creates,
            updates=self.updates + other.updates,
            deletes=self.deletes + other.deletes,
            restores=self.restores + other.restores,
            quotes=self.quotes + other.quotes,
            events=self.events + other.events,
        )

    def resolved(
        self, *, creates: Iterable[Record], updates: Iterable[Update], restores: Iterable[Record] = ()
    ) -> "Changes":
        """These changes as they were made: with ids, numbers, versions."""
        return Changes(
            creates=creates,
            updates=updates,
            deletes=self.deletes,
            restores=restores,
            quotes=self.quotes,
            events=self.events,
        )

    @property
    def inverse(self) -> "Changes":
        """The changes that take these back, once they are applied (resolved: with ids, numbers, versions)."""
        return Changes(
            creates=(),
            updates=tuple(update.reversed for update in reversed(self.updates)),
            deletes=tuple(reversed(self.creates + self.restores)),
            restores=self.deletes,
        )

    def quoting(self, numbered: Iterable[Record]) -> dict[UUID, dict[str, Any]]:
        """The values of the fields that quote a number, by the id of their record; `numbered` have theirs."""
        found: dict[UUID, dict[str, Any]] = {}
        if self.quotes:
            by_id = {record.id: record for record in numbered if record.spec.number is not None}
            for quote in self.quotes:
                quoted = by_id[quote.of]
                name = quoted.spec.number.name if quoted.spec.number is not None else ""
                found.setdefault(quote.record, {})[quote.field] = getattr(quoted, name)
        return found

    def touched(self) -> Iterator[Record]:
        """Every record that must be there, unchanged, for these changes to be applied."""
        for update in self.updates:
            yield update.before
        yield from self.deletes
