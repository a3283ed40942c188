"""The way back from a conversion, of one into a customer that was there, too, and the prospect that was converted."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit.app.merging import absorbed_of, merge_of, taken_back, unmerged, unmerging
from crmkit.app.undoing import action_of, conversion_of, moved_since, states_of, taking_back, undone, untouched
from crmkit.changes import Changes, ConversionUndone, Event, Update
from crmkit.entities import Conversion, Merge, Prospect, Record, evolve
from crmkit.errors import Finding, NotFound, Refused

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["prospect_of", "taken_apart"]


def taken_apart(work: "Work", receipt: UUID | Conversion) -> Prospect:
    """The prospect that a conversion is taken back to. Raises Refused naming everything in the way."""
    conversion = conversion_of(work, receipt)
    take = undone if conversion.merge is None else _undone_into
    return taking_back(conversion, lambda: take(work, conversion))


def prospect_of(work: "Work", receipt: UUID | Conversion) -> Prospect:
    """The prospect as it was when it was converted. Raises NotFound."""
    conversion = conversion_of(work, receipt)
    if conversion.merge is None:
        return states_of(work, conversion)[0]
    prospect = absorbed_of(work, merge_of(work, conversion.merge))
    if not isinstance(prospect, Prospect):
        raise NotFound("prospect", conversion.prospect_id)
    return prospect


def _undone_into(work: "Work", conversion: Conversion) -> Prospect:
    action = action_of(conversion)
    parts = [one for one in work.known.all_of(Merge, conversion=conversion.id) if one.undone_at is None]
    of_account = next((one for one in parts if one.id == conversion.merge), None)
    if of_account is None:
        raise NotFound("merge", conversion.merge or conversion.id, "its trace was purged")
    contacts = [one for one in reversed(parts) if one.id != of_account.id]
    opened = untouched(work, conversion)
    changes, found = unmerging(work, of_account, action)
    moved = moved_since(work, conversion)
    going = {one.id for one in opened} | ({conversion.opportunity} if moved else set())
    found = [*moved, *(finding for finding in found if finding.record not in going)]
    if found:
        found += [finding for part in contacts for finding in _in_the_way(work, part, action)]
    work.refuse_if(action, found)
    undone_one = evolve(conversion, undone_at=work.known.now, undone_by=work.by)

    def event(at: Any, user: str, made: Changes) -> Event:
        trace: Any = next(update.after for update in made.updates if update.after.id == conversion.id)
        back = next(one for one in made.restores if one.id == conversion.prospect)
        return ConversionUndone(at=at, by=user, conversion=trace, prospect=_as_prospect(back))

    changes += Changes(updates=(Update(conversion, undone_one),), deletes=opened, events=(event,))
    with work.whole():
        prospect = _as_prospect(taken_back(work, of_account, changes))
        refused: list[Finding] = []
        for part in contacts:
            try:
                unmerged(work, part.id)
            except Refused as in_the_way:
                refused += in_the_way.findings
        work.refuse_if(action, refused)
    return prospect


def _in_the_way(work: "Work", contacts: Merge, action: str) -> list[Finding]:
    """What speaks against taking merged contacts apart, whatever becomes of their accounts."""
    try:
        found = unmerging(work, contacts, action)[1]
    except Refused as in_the_way:
        found = list(in_the_way.findings)
    return [one for one in found if one.code != "contact-of-another"]  # they go back with the account


def _as_prospect(record: Record) -> Prospect:
    if not isinstance(record, Prospect):
        raise TypeError(f"expected a Prospect, not a {type(record).__name__}")
    return record
