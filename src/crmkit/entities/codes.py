"""The user's own lists: statuses, stages, sources, reasons, types and topics.

A value's `code` is permanent and is what records hold; renaming changes what is `shown`. A value in
use cannot be deleted but can be made inactive: still valid where it is used, no longer to be chosen.
"""

from typing import Annotated, ClassVar

import attrs

from crmkit.entities.facts import About, Fixed, Label, MaxLen, OneOf, Searchable
from crmkit.entities.fields import ForecastCategory, Position, Share
from crmkit.entities.percent import as_percent
from crmkit.entities.record import Record, record


@record(kw_only=True)
class CodeValue(Record):
    """One value of a list. `position` orders the list; `default` marks the value taken where none is given."""

    code: Annotated[str, MaxLen(30), Searchable(), Fixed(), Label("Código")]
    shown: Annotated[str, MaxLen(30), Label("Código mostrado", "Code shown")] = ""
    label: Annotated[str, MaxLen(120), Searchable(), Label("Etiqueta")] = ""
    position: Position = 0
    active: Annotated[bool, Label("Activo")] = True
    default: Annotated[bool, Label("Predeterminado")] = False


def _about(table: str, plural: str, es: str) -> About:
    return About(table=table, plural=plural, es=es, family="code", unique=(("code",),), shown_by="code")


@record(kw_only=True)
class LeadStatus(CodeValue):
    """Where a lead stands; its category says whether it is open, qualified or disqualified."""

    about: ClassVar[About] = _about("lead_status", "lead_statuses", "Estado de cliente potencial")
    category: Annotated[str, OneOf(("open", "qualified", "disqualified")), Label("Categoría")]


@record(kw_only=True)
class LeadQuality(CodeValue):
    """How promising a lead is; the list is ordered, the most promising first."""

    about: ClassVar[About] = _about("lead_quality", "lead_qualities", "Calidad de cliente potencial")


@record(kw_only=True)
class TaskPriority(CodeValue):
    """How pressing a task is; the list is ordered, the most pressing first."""

    about: ClassVar[About] = _about("task_priority", "task_priorities", "Prioridad de tarea")


@record(kw_only=True)
class OpportunityStatus(CodeValue):
    """Whether an opportunity is open, won or lost."""

    about: ClassVar[About] = _about("opportunity_status", "opportunity_statuses", "Estado de oportunidad")
    category: Annotated[str, OneOf(("open", "won", "lost")), Label("Categoría")]


@record(kw_only=True)
class Stage(CodeValue):
    """A step of the sales process; `position` orders them. It may give an opportunity its probability and
    forecast category, where the opportunity has none of its own.
    """

    about: ClassVar[About] = _about("stage", "stages", "Etapa")
    probability: Annotated[Share | None, Label("Probabilidad")] = attrs.field(default=None, converter=as_percent)
    forecast_category: ForecastCategory = ""


@record(kw_only=True)
class Source(CodeValue):
    """What brought a lead or an opportunity about: a fair, the web, a recommendation."""

    about: ClassVar[About] = _about("source", "sources", "Origen")


@record(kw_only=True)
class WonReason(CodeValue):
    """Why opportunities are won."""

    about: ClassVar[About] = _about("won_reason", "won_reasons", "Motivo de ganancia")


@record(kw_only=True)
class LostReason(CodeValue):
    """Why opportunities are lost."""

    about: ClassVar[About] = _about("lost_reason", "lost_reasons", "Motivo de pérdida")


@record(kw_only=True)
class TaskType(CodeValue):
    """What kind of work a task is: a call, a visit, a demonstration."""

    about: ClassVar[About] = _about("task_type", "task_types", "Tipo de tarea")


@record(kw_only=True)
class TaskStatus(CodeValue):
    """Whether a task is open or done."""

    about: ClassVar[About] = _about("task_status", "task_statuses", "Estado de tarea")
    category: Annotated[str, OneOf(("open", "done")), Label("Categoría")]


@record(kw_only=True)
class InteractionTopic(CodeValue):
    """What an interaction is about; each list belongs to prospects, customers or sales contacts."""

    about: ClassVar[About] = _about("interaction_topic", "interaction_topics", "Tema de interacción")
    category: Annotated[str, OneOf(("prospect", "customer", "sales contact")), Label("Categoría")]


@record(kw_only=True)
class CampaignType(CodeValue):
    """What kind of campaign: a fair, a mailing, a series of visits."""

    about: ClassVar[About] = _about("campaign_type", "campaign_types", "Tipo de campaña")


@record(kw_only=True)
class CampaignStatus(CodeValue):
    """Where a campaign stands: planned, running, over."""

    about: ClassVar[About] = _about("campaign_status", "campaign_statuses", "Estado de campaña")


@record(kw_only=True)
class CampaignMemberStatus(CodeValue):
    """Whether a member of a campaign was reached, or has responded."""

    about: ClassVar[About] = _about(
        "campaign_member_status", "campaign_member_statuses", "Estado de miembro de campaña"
    )
    category: Annotated[str, OneOf(("sent", "responded")), Label("Categoría")]


@record(kw_only=True)
class EstimateStatus(CodeValue):
    """Whether an estimate is open, accepted or declined."""

    about: ClassVar[About] = _about("estimate_status", "estimate_statuses", "Estado de orden estimada")
    category: Annotated[str, OneOf(("open", "accepted", "declined")), Label("Categoría")]


@record(kw_only=True)
class OrderStatus(CodeValue):
    """Whether an order is open, done or cancelled."""

    about: ClassVar[About] = _about("order_status", "order_statuses", "Estado de orden")
    category: Annotated[str, OneOf(("open", "done", "cancelled")), Label("Categoría")]
