"""What an interaction takes from its subject, and what it may be about."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from crmkit.entities import (
    Account,
    Customer,
    Estimate,
    Interaction,
    Item,
    Lead,
    Opportunity,
    Order,
    Phone,
    Prospect,
    Record,
    SalesContact,
    evolve,
)
from crmkit.entities.contacts import ContactPhone
from crmkit.entities.text import with_article
from crmkit.errors import Finding
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES", "subject_kind"]

_REFERENCES: Final[dict[str, tuple[type[Record], ...]]] = {
    "prospect": (Lead, Opportunity, Estimate),
    "customer": (Lead, Opportunity, Estimate, Order, Item),
    "sales contact": (),
}


def subject_kind(subject: UUID, known: Known) -> str:
    """Whose interaction it is now: a prospect's, a customer's, a sales contact's; nothing where there is none."""
    account = known.get(Account, subject)
    if account is not None:
        return "customer" if isinstance(account, Customer) else "prospect" if isinstance(account, Prospect) else ""
    return "sales contact" if known.get(SalesContact, subject) is not None else ""


def _taking(before: Interaction | None, after: Interaction, known: Known) -> Interaction:
    """A new interaction takes the name and the telephone number of its contact, or else of its subject."""
    if before is not None or (after.contact_name and after.contact_phone):
        return after
    name, phone = _reached(after, known)
    return evolve(after, contact_name=after.contact_name or name, contact_phone=after.contact_phone or phone)


def _reached(interaction: Interaction, known: Known) -> tuple[str, Phone | None]:
    contact = known.get(SalesContact, interaction.sales_contact or interaction.subject)
    if contact is not None:
        phones = sorted(known.all_of(ContactPhone, sales_contact=contact.id), key=lambda phone: phone.position)
        return contact.display_name, phones[0].phone if phones else None
    account = known.get(Account, interaction.subject)
    return (account.name, account.phone) if account is not None else ("", None)


def _fits(before: Interaction | None, after: Interaction | None, known: Known) -> Iterator[Finding]:
    if after is None:
        return
    kind = subject_kind(after.subject, known)
    moved = before is None or before.subject != after.subject
    topic = known.codes("interaction_topic").get(after.topic)
    if (
        topic is not None
        and (before is None or moved or before.topic != after.topic)
        and getattr(topic, "category", "") != kind
    ):
        yield Finding("topic-of-another-kind", f"{after.topic!r} is no topic for a {kind}", "topic", after.id)
    if after.happened_at is not None and after.follow_up_on is not None:
        day = known.day(after.happened_at)
        if after.follow_up_on < day:
            yield Finding(
                "follow-up-before", f"must not be before the day it happened, {day}", "follow_up_on", after.id
            )
    if after.reference is not None and (before is None or moved or before.reference != after.reference):
        yield from _reference(after, kind, known)


def _reference(interaction: Interaction, kind: str, known: Known) -> Iterator[Finding]:
    allowed = _REFERENCES.get(kind, ())
    every = (Lead, Opportunity, Estimate, Order, Item)
    for candidate in every:
        found: Any = known.get(candidate, interaction.reference)
        if found is None:
            continue
        if candidate not in allowed:
            names = ", ".join(one.spec.name for one in allowed) or "nothing"
            yield Finding(
                "reference-not-allowed",
                f"an interaction with a {kind} may refer to {names}, not to {with_article(candidate.spec.name)}",
                "reference",
                found.id,
            )
        elif getattr(found, "account", getattr(found, "customer", interaction.subject)) != interaction.subject:
            yield Finding(
                "of-another-account", f"the {candidate.spec.name} belongs to another account", "reference", found.id
            )
        return


RULES: Final = (Rule(Interaction, _fits, _taking),)
