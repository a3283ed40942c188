"""Opportunities: qualified chances of a sale, with their tasks, items, competitors and contacts."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import (
    About,
    AtLeast,
    CodeOf,
    FilledOnSave,
    Fixed,
    Label,
    Numbered,
    References,
    Scale,
    Searchable,
)
from crmkit.entities.fields import Code, ForecastCategory, NumberText, Quantity, Share, ShortText, Text, User
from crmkit.entities.money import Money
from crmkit.entities.percent import as_percent
from crmkit.entities.record import Record, record
from crmkit.entities.values import as_decimal, as_decimal_or_none
from crmkit.errors import Fault

__all__ = ["Opportunity", "OpportunityCompetitor", "OpportunityContact", "OpportunityItem", "OpportunityTask"]


@record(kw_only=True)
class Opportunity(Record):
    """A qualified chance of a sale to one account.

    `probability` is in percent; while it is empty the stage's counts. `territory` is read from the account
    while empty. `closed_on` is the day it was won or lost, empty while open; a won opportunity may have a won
    reason, a lost one a lost reason, never both. `forecast_category` is the stage's while empty.
    `lead` is the inquiry it came from, empty where it came straight.
    """

    about: ClassVar[About] = About(
        table="opportunity",
        plural="opportunities",
        es="Oportunidad",
        unique=(("number",),),
        index=(
            ("account",),
            ("lead",),
            ("campaign",),
            ("salesperson",),
            ("stage",),
            ("projected_close",),
            ("estimated_value",),
            ("follow_up_on",),
        ),
        counted=(
            "closed_on",
            "projected_close",
            "salesperson",
            "status",
            "stage",
            "forecast_category",
            "probability",
            "estimated_value",
        ),
        shown_by="description",
    )

    number: Annotated[NumberText, Numbered("O"), Fixed(), Label("Número")] = ""
    description: Annotated[Text, Searchable(), Label("Descripción")]
    account: Annotated[UUID, References("account"), Label("Cuenta")]
    status: Annotated[Code, CodeOf("opportunity_status"), FilledOnSave(), Label("Estado")] = ""
    stage: Annotated[Code, CodeOf("stage"), Label("Etapa")] = ""
    source: Annotated[Code, CodeOf("source"), Label("Origen")] = ""
    lead: Annotated[UUID | None, References("lead"), Label("Cliente potencial")] = None
    campaign: Annotated[UUID | None, References("campaign"), Label("Campaña")] = None
    estimated_value: Annotated[Money | None, AtLeast(0), Label("Valor estimado")] = None
    probability: Annotated[Share | None, Label("Probabilidad")] = attrs.field(default=None, converter=as_percent)
    projected_close: Annotated[date | None, Label("Cierre previsto")] = None
    closed_on: Annotated[date | None, Label("Cerrada el")] = None
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    territory: Annotated[UUID | None, References("territory"), Label("Territorio")] = None
    won_reason: Annotated[Code, CodeOf("won_reason"), Label("Motivo de ganancia")] = ""
    lost_reason: Annotated[Code, CodeOf("lost_reason"), Label("Motivo de pérdida")] = ""
    forecast_category: ForecastCategory = ""
    next_step: Annotated[Text, Label("Próximo paso")] = ""
    follow_up_on: Annotated[date | None, Label("Seguimiento el", "Follow-up on")] = None

    def _faults(self) -> Iterator[Fault]:
        if self.won_reason and self.lost_reason:
            yield Fault("lost_reason", "an opportunity has a won reason or a lost reason, not both")


@record(kw_only=True)
class OpportunityTask(Record):
    """Work to be done for an opportunity, numbered 1, 2, … within it.

    `owner` is a user, not a salesperson. `completed_on` is empty while the task is open; `due_on` empty when
    there is no hurry. A `required` task may, by policy, keep the opportunity from being won.
    """

    about: ClassVar[About] = About(
        table="opportunity_task",
        plural="opportunity_tasks",
        es="Tarea de la oportunidad",
        belongs_to="opportunity",
        unique=(("opportunity", "number"),),
        index=(("due_on",), ("owner",)),
        shown_by="description",
    )

    opportunity: Annotated[UUID, References("opportunity"), Fixed(), Label("Oportunidad")]
    number: Annotated[int, AtLeast(0), Numbered("", 0, scope="opportunity"), Fixed(), Label("Número")] = 0
    description: Annotated[Text, Searchable(), Label("Descripción")]
    type: Annotated[Code, CodeOf("task_type"), Label("Tipo")] = ""
    status: Annotated[Code, CodeOf("task_status"), FilledOnSave(), Label("Estado")] = ""
    owner: Annotated[User, Searchable(), Label("Responsable")] = ""
    priority: Annotated[Code, CodeOf("task_priority"), Label("Prioridad")] = ""
    due_on: Annotated[date | None, Label("Vence el")] = None
    required: Annotated[bool, Label("Obligatoria")] = False
    completed_on: Annotated[date | None, Label("Completada el")] = None


@record(kw_only=True)
class OpportunityItem(Record):
    """An item that an opportunity is about, with how many and at what price each; unknown ones are empty."""

    about: ClassVar[About] = About(
        table="opportunity_item",
        plural="opportunity_items",
        es="Artículo de la oportunidad",
        belongs_to="opportunity",
        index=(("opportunity",), ("item",)),
        family="part",
    )

    opportunity: Annotated[UUID, References("opportunity"), Fixed(), Label("Oportunidad")]
    item: Annotated[UUID, References("item"), Label("Artículo")]
    quantity: Quantity = attrs.field(default=Decimal("1.0000"), converter=as_decimal)
    price: Annotated[Decimal | None, Scale(4), AtLeast(0), Label("Precio")] = attrs.field(
        default=None, converter=as_decimal_or_none
    )
    comment: Annotated[Text, Label("Comentario")] = ""


@record(kw_only=True)
class OpportunityCompetitor(Record):
    """A competitor for an opportunity; `won_by` marks the one that got it."""

    about: ClassVar[About] = About(
        table="opportunity_competitor",
        plural="opportunity_competitors",
        es="Competidor de la oportunidad",
        belongs_to="opportunity",
        unique=(("opportunity", "competitor"),),
        index=(("competitor",),),
        family="part",
    )

    opportunity: Annotated[UUID, References("opportunity"), Fixed(), Label("Oportunidad")]
    competitor: Annotated[UUID, References("competitor"), Label("Competidor")]
    won_by: Annotated[bool, Label("Ganada por")] = False
    note: Annotated[Text, Label("Nota")] = ""


@record(kw_only=True)
class OpportunityContact(Record):
    """A person's part in an opportunity: decides, advises, pays. `primary` marks the one to talk to first."""

    about: ClassVar[About] = About(
        table="opportunity_contact",
        plural="opportunity_contacts",
        es="Contacto de la oportunidad",
        belongs_to="opportunity",
        unique=(("opportunity", "sales_contact", "role"),),
        index=(("sales_contact",),),
        family="part",
    )

    opportunity: Annotated[UUID, References("opportunity"), Fixed(), Label("Oportunidad")]
    sales_contact: Annotated[UUID, References("sales_contact"), Label("Contacto de ventas")]
    role: Annotated[ShortText, Label("Función")] = ""
    primary: Annotated[bool, Label("Principal")] = False
