"""Interactions: what was said and done with a prospect, a customer or a sales contact; and notes on any record."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, CodeOf, FilledOnSave, Fixed, Label, MaxLen, Numbered, Parts, References
from crmkit.entities.fields import Code, Name, Notes, NumberText, Position, ShortText, User
from crmkit.entities.record import NIL, Record, record
from crmkit.entities.values import Phone, as_phone

__all__ = ["ConversationEntry", "Interaction", "Note"]


@record(kw_only=True)
class ConversationEntry(Record):
    """One thing said in an interaction. `internal`: among colleagues; `incoming`: said by the other side."""

    about: ClassVar[About] = About(
        table="conversation_entry",
        plural="conversation_entries",
        es="Entrada de conversación",
        belongs_to="interaction",
        index=(("interaction",),),
        family="part",
    )

    interaction: Annotated[UUID, References("interaction"), Fixed(), Label("Interacción")] = NIL
    position: Position = 0
    text: Annotated[Notes, Label("Texto")]
    internal: Annotated[bool, Label("Interna")] = False
    incoming: Annotated[bool, Label("Entrante")] = False
    channel: Annotated[ShortText, Label("Canal")] = ""
    by: Annotated[User, Label("Por")] = ""
    at: Annotated[datetime | None, FilledOnSave(), Label("En")] = None


def _entries(values: Iterable[ConversationEntry]) -> tuple[ConversationEntry, ...]:
    return tuple(values)


@record(kw_only=True)
class Interaction(Record):
    """A call, a visit, a letter: with an account or a sales contact, the `subject`.

    Whose interaction it is (a prospect's, a customer's or a contact's) follows from what the subject is now.
    `contact_name` and `contact_phone` are copied from the subject and may be changed here without changing it
    there. `follow_up_on` is the day to come back to it, empty when nothing is planned.
    `reference` is what it was about: nothing for a contact; a lead, an opportunity or an estimate
    for a prospect; those, an order or an item for a customer.
    """

    about: ClassVar[About] = About(
        table="interaction",
        plural="interactions",
        es="Interacción",
        unique=(("number",),),
        index=(("subject",), ("sales_contact",), ("salesperson",), ("happened_at",), ("follow_up_on",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("N"), Fixed(), Label("Número")] = ""
    subject: Annotated[UUID, References("account", "sales_contact"), Label("Sujeto")]
    topic: Annotated[Code, CodeOf("interaction_topic"), Label("Tema")] = ""
    description: Annotated[str, MaxLen(100_000), Label("Descripción")] = ""
    happened_at: Annotated[datetime | None, FilledOnSave(), Label("Ocurrió en")] = None
    follow_up_on: Annotated[date | None, Label("Seguimiento el", "Follow-up on")] = None
    follow_up_done: Annotated[bool, Label("Seguimiento hecho", "Follow-up done")] = False
    contact_name: Annotated[Name, Label("Nombre del contacto")] = ""
    contact_phone: Annotated[Phone | None, Label("Teléfono del contacto")] = attrs.field(
        default=None, converter=as_phone
    )
    sales_contact: Annotated[UUID | None, References("sales_contact"), Label("Contacto de ventas")] = None
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    reference: Annotated[
        UUID | None, References("lead", "opportunity", "estimate", "order", "item"), Label("Referencia")
    ] = None
    entries: Annotated[tuple[ConversationEntry, ...], Parts(ConversationEntry, "interaction"), Label("Entradas")] = (
        attrs.field(default=(), converter=_entries)
    )


@record(kw_only=True)
class Note(Record):
    """A remark on any record, by a user."""

    about: ClassVar[About] = About(
        table="note", plural="notes", es="Nota", belongs_to="target", index=(("target",),), family="part"
    )

    target: Annotated[UUID, References("*"), Fixed(), Label("Registro")]
    text: Annotated[Notes, Label("Texto")]
    author: Annotated[User, Label("Autor")] = ""
    at: Annotated[datetime | None, FilledOnSave(), Label("En")] = None
