"""Taking a merge back: rules over values. What was edited since is kept; whatever is in the way is named, all of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.changes import Changes, Event, MergeUndone, Update
from crmkit.conversion.repointing import last_of
from crmkit.entities import (
    ContactAccount,
    Customer,
    Estimate,
    FrozenMap,
    Interaction,
    Item,
    Lead,
    Merge,
    Opportunity,
    OpportunityContact,
    Order,
    Record,
    evolve,
)
from crmkit.entities.record import BOOKKEEPING, stamped
from crmkit.errors import Finding, Invalid
from crmkit.queries import Empty, Equals, Query, Related
from crmkit.repositories.store import Reader

__all__ = ["Former", "Place", "apart_findings", "moved_back", "put_back", "replaced_by", "unmerge_changes"]

_OF_ACCOUNT: Final[tuple[tuple[type[Record], str, tuple[str, ...]], ...]] = (
    (Opportunity, "account", ("lead",)),
    (Estimate, "account", ("lead", "opportunity")),
    (Order, "customer", ("lead", "opportunity", "estimate")),
    (Interaction, "subject", ("reference",)),
)
"""What belongs to an account, with the fields that may only refer to something of the same account."""

_OF_CONTACT: Final[tuple[tuple[type[Record], str], ...]] = ((Lead, "account"), (Interaction, "subject"))
"""What names an account, and a sales contact who must be cross-referenced to it."""

_NOTHING: Final = object()


@attrs.frozen
class Former:
    """A record that a merge has changed: as it is now, before the merge, and right after it."""

    now: Record
    before: Record
    after: Record

    @property
    def places(self) -> Iterator["Place"]:
        """Where the merge has set something."""
        for field in self.before.spec.fields:
            name = field.name
            if name in BOOKKEEPING or field.numbered or field.shape == "parts" or name not in self.after.spec.by_name:
                continue
            was, became = getattr(self.before, name), getattr(self.after, name)
            if isinstance(was, Mapping) and isinstance(became, Mapping):
                keyed = (Place(name, key) for key in {**was, **became})
                yield from (one for one in keyed if one.of(self.before) != one.of(self.after))
            elif was != became:
                yield Place(name)


@attrs.frozen
class Place:
    """Where a record says something by itself: a field, or a key of one that has several, as of custom fields."""

    field: str
    key: str | None = None

    def __str__(self) -> str:
        return self.field if self.key is None else f"{self.field}.{self.key}"

    def of(self, record: Record | None) -> Any:
        """What a record says there; something like nothing else where it has no such field or key."""
        held = getattr(record, self.field, _NOTHING)
        if self.key is None:
            return held
        return held.get(self.key, _NOTHING) if isinstance(held, Mapping) else _NOTHING

    def put(self, held: Any, value: Any) -> Any:
        """What the field holds with that value there instead."""
        if self.key is None:
            return value
        kept = {key: one for key, one in (held or {}).items() if key != self.key}
        return FrozenMap(kept if value is _NOTHING else {**kept, self.key: value})


def replaced_by(merge: Merge) -> dict[str, str]:
    """What stands in the place of which id since the merge."""
    to = {str(merge.absorbed): str(merge.survivor)}
    for twins in merge.dropped.values():
        to.update({id: last_of(twins, id) for id in twins})
    return to


def moved_back(
    merge: Merge, found: Mapping[str, Mapping[UUID, Record]], restored: Iterable[UUID]
) -> dict[UUID, Record]:
    """What was moved and still refers to where it was moved to, as it would be.

    `found` are the records that there still are, by repository; `restored` the ids that come back.
    """
    to, there = replaced_by(merge), {str(id) for id in restored}
    made: dict[UUID, Record] = {}
    for place, by_former in merge.moved.items():
        plural, _, name = place.partition(".")
        for former, ids in by_former.items():
            for id in map(UUID, ids):
                record = made.get(id) or found.get(plural, {}).get(id)
                if record is not None and former in there and str(getattr(record, name)) == to[former]:
                    made[id] = stamped(record, {name: UUID(former)})
    return made


def put_back(former: Former, back: Record) -> Record:
    """The record with what the merge has set as it was before; what was edited since stays. Raises Invalid."""
    values: dict[str, Any] = {}
    for place in former.places:
        if place.field in back.spec.by_name and place.of(former.now) == place.of(former.after) == place.of(back):
            held = values.get(place.field, getattr(back, place.field))
            values[place.field] = place.put(held, place.of(former.before))
    return evolve(back, **values) if values else back


def unmerge_changes(
    merge: Merge,
    absorbed: Record,
    survivor: Former,
    *,
    adjusted: Iterable[Former],
    back: Mapping[UUID, Record],
    now: Mapping[UUID, Record],
    restored: Sequence[Record],
    by: str,
    at: datetime,
) -> tuple[Changes, list[Finding]]:
    """The way back from a merge, or what is in its way.

    `absorbed` and `restored` (what was dropped with it) are as they last were; `survivor` and `adjusted` what the merge
    has changed; `back` the moved records as they would be, `now` as they are.
    """
    found: list[Finding] = []
    after: dict[UUID, Record] = dict(back)
    before: dict[UUID, Record] = {id: now[id] for id in back}
    for former in (survivor, *adjusted):
        try:
            fitted = put_back(former, after.get(former.now.id, former.now))
        except Invalid as wrong:
            found += [Finding("invalid", fault.message, fault.field, former.now.id) for fault in wrong.faults]
            continue
        if fitted is not former.now or former is survivor:
            before[former.now.id], after[former.now.id] = former.now, fitted
    undone = evolve(merge, undone_at=at, undone_by=by)

    def event(instant: datetime, user: str, made: Changes) -> Event:
        trace = next(update.after for update in made.updates if isinstance(update.after, Merge))
        record = next(one for one in made.restores if one.id == absorbed.id)
        return MergeUndone(at=instant, by=user, merge=trace, record=record)

    updates = [Update(before[id], after[id]) for id in after]
    return (
        Changes(updates=(*updates, Update(merge, undone)), restores=(absorbed, *restored), events=(event,)),
        found,
    )


def apart_findings(
    reader: Reader, merge: Merge, absorbed: Record, back: Mapping[UUID, Record], restored: Sequence[Record]
) -> Iterator[Finding]:
    """What would refer to something of another account, or name another's contact, once the records have gone back.

    One question an entity and field, however many records.
    """
    of_account = absorbed.spec.about.table == "account"
    if of_account:
        yield from _crossing(reader, merge, absorbed, back)
    yield from _unlinked(reader, merge, back, restored, by="account" if of_account else "sales_contact")


def _crossing(reader: Reader, merge: Merge, absorbed: Record, back: Mapping[UUID, Record]) -> Iterator[Finding]:
    for kind, owner, names in _OF_ACCOUNT:
        for name in names:
            where = (Equals(owner, merge.survivor), Empty(name, empty=False))
            for record in reader.find(Query(kind=kind, where=where)):
                goes, other = record.id in back, getattr(record, name)
                if goes == (other in back) or (goes and _may_keep(reader, absorbed, other)):
                    continue
                said = "would go back, but refers to what stays" if goes else "refers to what would go back"
                yield Finding(
                    "of-another-account", f"{_called(record)} {said}{_way_out(record, name)}", name, record.id
                )


def _may_keep(reader: Reader, absorbed: Record, other: UUID) -> bool:
    """Whether a record that goes back may go on referring to that: to an item, which is nobody's, if a customer's."""
    return isinstance(absorbed, Customer) and reader.get(Item, other) is not None


def _unlinked(
    reader: Reader, merge: Merge, back: Mapping[UUID, Record], restored: Sequence[Record], *, by: str
) -> Iterator[Finding]:
    """Who would name a sales contact who is not cross-referenced to their account any more."""
    of_survivor = (Equals(by, merge.survivor),)
    links = reader.find(Query(kind=ContactAccount, where=of_survivor))
    now = {(link.sales_contact, link.account) for link in links}
    after = {
        (link.sales_contact, link.account)
        for link in (*(back.get(link.id, link) for link in links), *restored)
        if isinstance(link, ContactAccount)
    }
    for kind, owner in _OF_CONTACT:
        theirs = (Equals(owner if by == "account" else by, merge.survivor), Empty("sales_contact", empty=False))
        for record in reader.find(Query(kind=kind, where=theirs)):
            was, goes = ((one.sales_contact, getattr(one, owner)) for one in (record, back.get(record.id, record)))  # type: ignore[attr-defined]
            if was in now and goes not in after:
                yield _of_another(record)
    of_chance = (Related(Opportunity, via="id", to="opportunity", where=of_survivor),)
    parts = reader.find(Query(kind=OpportunityContact, where=of_chance if by == "account" else of_survivor))
    chances = reader.get_many(Opportunity, [part.opportunity for part in parts])
    for part in parts:
        chance = chances[part.opportunity]
        was = (part.sales_contact, chance.account)
        moved: tuple[Any, Any] = (back.get(part.id, part), back.get(chance.id, chance))
        goes = (moved[0].sales_contact, moved[1].account)
        if was in now and goes not in after:
            yield _of_another(part)


def _of_another(record: Record) -> Finding:
    said = f"{_called(record)} names a sales contact who would not be of its account any more"
    return Finding("contact-of-another", said + _way_out(record, "sales_contact"), "sales_contact", record.id)


def _way_out(record: Record, field: str) -> str:
    setting = f"set its {field.replace('_', ' ')} to none, or " if record.spec.by_name[field].optional else ""
    return f": {setting}delete it"


def _called(record: Record) -> str:
    number = record.spec.number
    return f"{record.spec.name} {getattr(record, number.name) if number else record}"
