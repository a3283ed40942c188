"""What belongs together: a contact is the account's, a lead and its opportunity have one account, trees a top."""

from collections.abc import Iterator
from itertools import starmap
from typing import Any, Final, TypeVar
from uuid import UUID

from crmkit.entities import (
    ContactAccount,
    Estimate,
    Interaction,
    Lead,
    Opportunity,
    OpportunityContact,
    Order,
    Record,
    Salesperson,
    Territory,
)
from crmkit.entities.text import with_article
from crmkit.errors import Finding
from crmkit.queries import Equals, Query
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES", "TREES", "is_contact_of", "line_above"]

R = TypeVar("R", bound=Record)

TREES: Final[tuple[tuple[type[Record], str], ...]] = ((Territory, "parent"), (Salesperson, "manager"))
"""What is in a tree, and the field that says who is above."""


def is_contact_of(contact: UUID, account: UUID, known: Known) -> bool:
    """Whether the sales contact is cross-referenced to the account (the pick rule)."""
    where = (Equals("sales_contact", contact), Equals("account", account))
    return known.reader.counts([Query(kind=ContactAccount, where=where)])[0] > 0


def _changed(before: Any, after: Any, *names: str) -> bool:
    return before is None or any(getattr(before, name) != getattr(after, name) for name in names)


def _pick(contact: UUID | None, account: UUID | None, known: Known, field: str) -> Iterator[Finding]:
    if contact is not None and account is not None and not is_contact_of(contact, account, known):
        yield Finding(
            "contact-of-another",
            "the sales contact is not cross-referenced to the account: add it to the contact's accounts first",
            field,
            contact,
        )


def _same_account(
    record: Any, account: UUID, names: tuple[tuple[str, type[Record]], ...], known: Known
) -> Iterator[Finding]:
    for name, kind in names:
        other: Any = known.get(kind, getattr(record, name))
        if other is not None and other.account != account:
            yield Finding("of-another-account", f"the {kind.spec.name} belongs to another account", name, other.id)


def _left_behind(
    record: Any, account: UUID, holders: tuple[tuple[type[Record], str, str], ...], known: Known
) -> Iterator[Finding]:
    """What refers to a record that goes to another account, and stays with the one that it has."""
    for kind, field, owner in holders:
        for other in known.all_of(kind, **{field: record.id}):
            if getattr(other, owner) != account:
                said = f"{kind.spec.name} {other} of it belongs to another account: take it off first ({field}=None)"
                yield Finding("of-another-account", said, "account", other.id)


def _lead(before: Lead | None, after: Lead | None, known: Known) -> Iterator[Finding]:
    if after is not None and _changed(before, after, "account", "sales_contact"):
        yield from _pick(after.sales_contact, after.account, known, "sales_contact")
    if after is not None and before is not None and before.account != after.account:
        holders = ((Opportunity, "lead", "account"), (Estimate, "lead", "account"), (Order, "lead", "customer"))
        yield from _left_behind(after, after.account, holders, known)


def _opportunity(before: Opportunity | None, after: Opportunity | None, known: Known) -> Iterator[Finding]:
    if after is not None and _changed(before, after, "account", "lead"):
        yield from _same_account(after, after.account, (("lead", Lead),), known)
    if after is not None and before is not None and before.account != after.account:
        holders = ((Estimate, "opportunity", "account"), (Order, "opportunity", "customer"))
        yield from _left_behind(after, after.account, holders, known)
        for contact in known.all_of(OpportunityContact, opportunity=after.id):
            yield from _pick(contact.sales_contact, after.account, known, "account")


def _opportunity_contact(
    before: OpportunityContact | None, after: OpportunityContact | None, known: Known
) -> Iterator[Finding]:
    if after is not None and _changed(before, after, "sales_contact"):
        opportunity = known.get(Opportunity, after.opportunity)
        if opportunity is not None:
            yield from _pick(after.sales_contact, opportunity.account, known, "sales_contact")


def _estimate(before: Estimate | None, after: Estimate | None, known: Known) -> Iterator[Finding]:
    if after is not None and _changed(before, after, "account", "lead", "opportunity"):
        yield from _same_account(after, after.account, (("lead", Lead), ("opportunity", Opportunity)), known)
    if after is not None and before is not None and before.account != after.account:
        yield from _left_behind(after, after.account, ((Order, "estimate", "customer"),), known)


def _order(before: Order | None, after: Order | None, known: Known) -> Iterator[Finding]:
    if after is not None and _changed(before, after, "customer", "lead", "opportunity", "estimate"):
        of = (("lead", Lead), ("opportunity", Opportunity), ("estimate", Estimate))
        yield from _same_account(after, after.customer, of, known)


def _interaction(before: Interaction | None, after: Interaction | None, known: Known) -> Iterator[Finding]:
    if after is None or not _changed(before, after, "subject", "sales_contact"):
        return
    if after.sales_contact is not None and after.sales_contact != after.subject:
        yield from _pick(after.sales_contact, after.subject, known, "sales_contact")


def _no_cycle(kind: type[Record], up: str) -> Rule:
    def check(before: Any, after: Any, known: Known) -> Iterator[Finding]:
        if after is None or not _changed(before, after, up):
            return
        line = [after, *line_above(kind, up, after, known)]
        again = getattr(line[-1], up)
        if any(one.id == again for one in line):
            said = f"would be above itself: {with_article(kind.spec.name)} tree has no cycles"
            yield Finding("cycle", said, up, again)

    return Rule(kind, check)


def line_above(kind: type[R], up: str, record: R, known: Known) -> Iterator[R]:
    """Who is above a record of a tree, the next first: up to the top, or to the last before one comes again."""
    seen, above = {record.id}, getattr(record, up)
    while above is not None and above not in seen:
        seen.add(above)
        found = known.get(kind, above)
        if found is None:
            return
        yield found
        above = getattr(found, up)


RULES: Final = (
    Rule(Lead, _lead),
    Rule(Opportunity, _opportunity),
    Rule(OpportunityContact, _opportunity_contact),
    Rule(Estimate, _estimate),
    Rule(Order, _order),
    Rule(Interaction, _interaction),
    *starmap(_no_cycle, TREES),
)
