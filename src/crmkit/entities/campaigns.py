"""Campaigns: what marketing does, for which items, and whom it reaches; and the items themselves."""

import re
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
    MaxLen,
    Numbered,
    References,
    Scale,
    Searchable,
)
from crmkit.entities.fields import Code, Count, Currency, Name, NumberText, Text, User
from crmkit.entities.money import Money
from crmkit.entities.record import Record, record
from crmkit.entities.values import as_decimal_or_none
from crmkit.errors import Fault

__all__ = ["Campaign", "CampaignItem", "CampaignMember", "Item"]


@record(kw_only=True)
class Item(Record):
    """Something that is sold. `unit_price` is its list price in `currency` (empty: the application's)."""

    about: ClassVar[About] = About(
        table="item", plural="items", es="Artículo", unique=(("code",),), shown_by="description"
    )

    code: Annotated[NumberText, Numbered("I"), Fixed(), Label("Código")] = ""
    description: Annotated[Name, Label("Descripción")] = ""
    unit_price: Annotated[Decimal | None, Scale(4), AtLeast(0), Label("Precio unitario")] = attrs.field(
        default=None, converter=as_decimal_or_none
    )
    currency: Currency = ""


@record(kw_only=True)
class Campaign(Record):
    """A marketing or sales campaign. What it cost and what was expected of it are empty while unknown; what it
    brought is never stored but computed from its leads and opportunities.
    """

    about: ClassVar[About] = About(
        table="campaign",
        plural="campaigns",
        es="Campaña",
        unique=(("code",),),
        index=(("starts_on",),),
        shown_by="code",
    )

    code: Annotated[str, MaxLen(10), Numbered("C", 5), Fixed(), Label("Código")] = ""
    description: Annotated[Text, Searchable(), Label("Descripción")] = ""
    type: Annotated[Code, CodeOf("campaign_type"), Label("Tipo")] = ""
    status: Annotated[Code, CodeOf("campaign_status"), FilledOnSave(), Label("Estado")] = ""
    owner: Annotated[User, Label("Responsable")] = ""
    starts_on: Annotated[date | None, Label("Empieza el")] = None
    ends_on: Annotated[date | None, Label("Termina el")] = None
    budget: Annotated[Money | None, AtLeast(0), Label("Presupuesto")] = None
    actual_cost: Annotated[Money | None, AtLeast(0), Label("Coste real")] = None
    audience_size: Annotated[Count, Label("Tamaño de la audiencia")] = None
    expected_responses: Annotated[Count, Label("Respuestas esperadas")] = None
    expected_revenue: Annotated[Money | None, AtLeast(0), Label("Ingresos esperados")] = None

    def _faults(self) -> Iterator[Fault]:
        if self.code and not re.fullmatch(r"[^\W_]+", self.code):
            yield Fault("code", "has letters and digits only")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            yield Fault("ends_on", "must not be before the start")


@record(kw_only=True)
class CampaignItem(Record):
    """An item that a campaign promotes; once per campaign."""

    about: ClassVar[About] = About(
        table="campaign_item",
        plural="campaign_items",
        es="Artículo de la campaña",
        belongs_to="campaign",
        unique=(("campaign", "item"),),
        index=(("item",),),
    )

    campaign: Annotated[UUID, References("campaign"), Fixed(), Label("Campaña")]
    item: Annotated[UUID, References("item"), Label("Artículo")]
    note: Annotated[Text, Label("Nota")] = ""


@record(kw_only=True)
class CampaignMember(Record):
    """A sales contact or a lead that a campaign addresses; once per campaign. `responded_on` is empty until they do."""

    about: ClassVar[About] = About(
        table="campaign_member",
        plural="campaign_members",
        es="Miembro de la campaña",
        belongs_to="campaign",
        unique=(("campaign", "member"),),
        index=(("member",),),
    )

    campaign: Annotated[UUID, References("campaign"), Fixed(), Label("Campaña")]
    member: Annotated[UUID, References("sales_contact", "lead"), Label("Miembro")]
    status: Annotated[Code, CodeOf("campaign_member_status"), FilledOnSave(), Label("Estado")] = ""
    responded_on: Annotated[date | None, Label("Respondió el")] = None
