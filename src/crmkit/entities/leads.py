"""Leads: inquiries of companies that are on file."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from crmkit.entities.facts import About, CodeOf, FilledOnSave, Fixed, Label, Numbered, References, Searchable
from crmkit.entities.fields import Code, NumberText, Text
from crmkit.entities.record import Record, record

__all__ = ["Lead"]


@record(kw_only=True)
class Lead(Record):
    """A sales inquiry: the recorded interest of exactly one account, a prospect or a customer.

    (In many other products a lead is an unqualified person; here that company is a `Prospect` and the lead
    its inquiry.) A lead that is promoted gives an opportunity and stays on file. `follow_up_on` is the day
    to come back to it, empty when nothing is planned; `received_on` the day of the inquiry.
    """

    about: ClassVar[About] = About(
        table="lead",
        plural="leads",
        es="Cliente potencial",
        unique=(("number",),),
        index=(("account",), ("campaign",), ("salesperson",), ("follow_up_on",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("L"), Fixed(), Label("Número")] = ""
    account: Annotated[UUID, References("account"), Label("Cuenta")]
    status: Annotated[Code, CodeOf("lead_status"), FilledOnSave(), Label("Estado")] = ""
    source: Annotated[Code, CodeOf("source"), Label("Origen")] = ""
    quality: Annotated[Code, CodeOf("lead_quality"), Label("Calidad")] = ""
    description: Annotated[Text, Searchable(), Label("Descripción")] = ""
    sales_contact: Annotated[UUID | None, References("sales_contact"), Label("Contacto de ventas")] = None
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    territory: Annotated[UUID | None, References("territory"), Label("Territorio")] = None
    campaign: Annotated[UUID | None, References("campaign"), Label("Campaña")] = None
    received_on: Annotated[date | None, Label("Recibido el")] = None
    next_step: Annotated[Text, Label("Próximo paso")] = ""
    follow_up_on: Annotated[date | None, Label("Seguimiento el", "Follow-up on")] = None
