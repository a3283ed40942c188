"""How conversions are taken back within a unit of work (R1.4), and what is in the way."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from crmkit.app.later import first_to_undo
from crmkit.app.repository import as_id
from crmkit.conversion.prospects import undo_changes
from crmkit.entities import (
    Account,
    Conversion,
    Customer,
    Interaction,
    Item,
    Lead,
    Merge,
    Opportunity,
    OpportunityContact,
    Order,
    Prospect,
    Record,
    ShipToAddress,
    same_content,
)
from crmkit.errors import Busy, Conflict, Finding, NotFound, Refused
from crmkit.queries import AnyOf, Empty, Equals, Query, Related
from crmkit.repositories.merged import standing_merge
from crmkit.repositories.references import referrers

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["action_of", "conversion_of", "moved_since", "states_of", "taking_back", "undone", "untouched"]

R = TypeVar("R")

_CONTACTS: Final = "opportunity_contacts.sales_contact"


def conversion_of(work: "Work", receipt: UUID | Conversion) -> Conversion:
    """The conversion with that id. Raises NotFound."""
    conversion = work.unit.get(Conversion, as_id("conversion", receipt))
    if conversion is None:
        raise NotFound("conversion", as_id("conversion", receipt))
    return conversion


def states_of(work: "Work", conversion: Conversion) -> tuple[Prospect, Customer]:
    """The account before and right after its conversion, from its history."""
    states = {past.record.version: past.record for past in work.unit.history(Account, conversion.account)}
    before, after = states.get(conversion.customer_version - 1), states.get(conversion.customer_version)
    if not isinstance(before, Prospect) or not isinstance(after, Customer):
        raise NotFound("prospect", conversion.account, "its history was purged")
    return before, after


def action_of(trace: Conversion | Merge) -> str:
    """What taking it back is called in a refusal."""
    return f"undoing {trace.spec.name} {trace.number}"


def taking_back(trace: Conversion | Merge, take: Callable[[], R]) -> R:
    """What `take` gives, which undoes a conversion or a merge. Raises Refused naming everything in the way, or that it
    was undone already; Busy where others are changing what it is about.
    """
    action = action_of(trace)
    if trace.undone_at is not None:
        raise Refused(action, [Finding("undone", f"it was undone already, at {trace.undone_at}", "", trace.id)])
    try:
        return take()
    except Conflict as conflict:
        raise Busy(f"the {conflict.kind} {conflict.id} was being changed meanwhile: try again") from conflict


def undone(work: "Work", conversion: Conversion) -> Prospect:
    """The prospect that a conversion is taken back to. Raises Refused naming everything in the way."""
    action = action_of(conversion)
    customer = work.unit.get(Customer, conversion.account)
    if customer is None:
        raise Refused(action, [_no_customer(work, conversion.account)])
    prospect, as_converted = states_of(work, conversion)
    changes, found = undo_changes(
        conversion,
        prospect,
        as_converted,
        customer,
        opened=untouched(work, conversion),
        in_the_way=[*_needing(work, customer), *moved_since(work, conversion)],
        by=work.by,
        now=work.known.now,
    )
    work.refuse_if(action, found)
    made = work.write(changes)
    return next(update.after for update in made.updates if isinstance(update.after, Prospect))


def _no_customer(work: "Work", account: UUID) -> Finding:
    merge = standing_merge(work.unit, account)
    if merge is None:
        return Finding("no-customer", "the account is no customer any more", "", account)
    return Finding("merged", f"the customer was merged into another by {merge.number}: undo that first", "", merge.id)


def untouched(work: "Work", conversion: Conversion) -> tuple[Record, ...]:
    """The opportunity that a conversion opened, with its contact, where nobody has touched it or added to it since; a
    merge that was undone has not.
    """
    opened = work.unit.get(Opportunity, conversion.opportunity) if conversion.opportunity else None
    if opened is None or not _as_made(work, opened):
        return ()
    if referrers(work.unit, opened):
        return ()
    deletes = work.deletion(opened).deletes
    lead = work.known.get(Lead, opened.lead)
    return deletes if all(_of_the_opening(work, one, lead) for one in deletes if one.id != opened.id) else ()


def moved_since(work: "Work", conversion: Conversion) -> list[Finding]:
    """The standing merges of sales contacts that have changed the contact of what a conversion opened, and else nobody
    has touched.
    """
    opened = work.unit.get(Opportunity, conversion.opportunity) if conversion.opportunity else None
    if opened is None or not _as_made(work, opened):
        return []
    parts = work.known.all_of(OpportunityContact, opportunity=opened.id)
    survivors = AnyOf("survivor", [part.sales_contact for part in parts])
    moved = {str(part.id) for part in parts}
    return [
        first_to_undo(work, one, f"came later and changed the contact of opportunity {opened.number}")
        for one in work.unit.find(Query(kind=Merge, where=(survivors, Empty("undone_at"))))
        if not moved.isdisjoint(id for ids in one.moved.get(_CONTACTS, {}).values() for id in ids)
    ]


def _of_the_opening(work: "Work", part: Record, lead: Lead | None) -> bool:
    """Whether the conversion itself made the part: the lead's sales contact."""
    contact = lead.sales_contact if lead else None
    return isinstance(part, OpportunityContact) and part.sales_contact == contact and _as_made(work, part)


def _as_made(work: "Work", record: Record) -> bool:
    """Whether a record says what it said when it was made, and nobody has had to restore it since."""
    if record.version == 1:
        return True
    states = work.unit.history(type(record), record.id)
    return same_content(states[0].record, record) and not any(past.deleted for past in states)


def _needing(work: "Work", customer: Customer) -> list[Finding]:
    """What only a customer may have, and this one has."""
    found = [
        Finding("absorbed", f"conversion {one.number} made another prospect part of it: undo that first", "", one.id)
        for one in work.known.all_of(Conversion, account=customer.id)
        if one.merge and one.undone_at is None
    ]
    merges = Query(kind=Merge, where=(Equals("survivor", customer.id), Empty("undone_at"), Empty("conversion")))
    found += [
        Finding("absorbed", f"merge {one.number} made another customer part of it: undo that first", "", one.id)
        for one in work.known.find(merges)
        if one.absorbed_kind == Customer.spec.about.plural
    ]
    found += [
        Finding("order", f"order {order.number} needs the customer", "", order.id)
        for order in work.known.all_of(Order, customer=customer.id)
    ]
    found += [
        Finding("ship-to-address", f"ship-to address {one.code} needs the customer", "", one.id)
        for one in work.known.all_of(ShipToAddress, customer=customer.id)
    ]
    items = Query(kind=Interaction, where=(Equals("subject", customer.id), Related(Item, via="id", to="reference")))
    found += [
        Finding("interaction", f"interaction {one.number} is about an item, which only a customer's may be", "", one.id)
        for one in work.known.find(items)
    ]
    return found
