"""The starter set: code tables that a new tenant begins with, and may replace value by value.

Codes are permanent and the same in every language; only the labels are translated. Each table that a required
status is from has exactly one default, and every category that a rule knows has a value.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from crmkit.entities import (
    CampaignMemberStatus,
    CampaignStatus,
    CampaignType,
    CodeValue,
    EstimateStatus,
    InteractionTopic,
    LeadQuality,
    LeadStatus,
    LostReason,
    OpportunityStatus,
    OrderStatus,
    Source,
    Stage,
    TaskPriority,
    TaskStatus,
    TaskType,
    WonReason,
)
from crmkit.errors import Fault, Invalid

__all__ = ["Language", "starter_codes"]

Language = Literal["en", "es"]
"""The languages that the labels come in, by their ISO 639-1 codes."""

_Value = tuple[str, str, str, Mapping[str, Any]]
"""A code, its English and its Spanish label, and what else the value says."""

_STEP: Final = 10
"""Positions leave room, so that a value can be put between two others without moving them."""


def _of(category: str, *, default: bool = False) -> Mapping[str, Any]:
    return {"category": category, "default": default}


def _likely(percent: int, category: str) -> Mapping[str, Any]:
    return {"probability": percent, "forecast_category": category}


_PLAIN: Final[Mapping[str, Any]] = {}
_DEFAULT: Final[Mapping[str, Any]] = {"default": True}

_TABLES: Final[tuple[tuple[type[CodeValue], tuple[_Value, ...]], ...]] = (
    (
        LeadStatus,
        (
            ("new", "New", "Nuevo", _of("open", default=True)),
            ("contacted", "Contacted", "Contactado", _of("open")),
            ("qualified", "Qualified", "Calificado", _of("qualified")),
            ("disqualified", "Disqualified", "Descartado", _of("disqualified")),
        ),
    ),
    (
        LeadQuality,
        (
            ("hot", "Hot", "Caliente", _PLAIN),
            ("warm", "Warm", "Tibio", _PLAIN),
            ("cold", "Cold", "Frío", _PLAIN),
        ),
    ),
    (
        TaskPriority,
        (
            ("high", "High", "Alta", _PLAIN),
            ("medium", "Medium", "Media", _PLAIN),
            ("low", "Low", "Baja", _PLAIN),
        ),
    ),
    (
        OpportunityStatus,
        (
            ("open", "Open", "Abierta", _of("open", default=True)),
            ("won", "Won", "Ganada", _of("won")),
            ("lost", "Lost", "Perdida", _of("lost")),
        ),
    ),
    (
        Stage,
        (
            ("qualification", "Qualification", "Calificación", _likely(10, "pipeline")),
            ("needs_analysis", "Needs analysis", "Análisis de necesidades", _likely(20, "pipeline")),
            ("proposal", "Proposal", "Propuesta", _likely(50, "best_case")),
            ("negotiation", "Negotiation", "Negociación", _likely(75, "commit")),
            ("closing", "Closing", "Cierre", _likely(90, "commit")),
        ),
    ),
    (
        Source,
        (
            ("web", "Website", "Sitio web", _PLAIN),
            ("recommendation", "Recommendation", "Recomendación", _PLAIN),
            ("trade_fair", "Trade fair", "Feria", _PLAIN),
            ("campaign", "Campaign", "Campaña", _PLAIN),
            ("call", "Telephone call", "Llamada telefónica", _PLAIN),
            ("partner", "Partner", "Socio comercial", _PLAIN),
            ("other", "Other", "Otro", _PLAIN),
        ),
    ),
    (
        WonReason,
        (
            ("price", "Price", "Precio", _PLAIN),
            ("product", "Product", "Producto", _PLAIN),
            ("service", "Service", "Servicio", _PLAIN),
            ("delivery", "Delivery time", "Plazo de entrega", _PLAIN),
            ("relationship", "Relationship", "Relación", _PLAIN),
        ),
    ),
    (
        LostReason,
        (
            ("price", "Price", "Precio", _PLAIN),
            ("product", "Product", "Producto", _PLAIN),
            ("delivery", "Delivery time", "Plazo de entrega", _PLAIN),
            ("competitor", "Lost to a competitor", "Ganó un competidor", _PLAIN),
            ("no_budget", "No budget", "Sin presupuesto", _PLAIN),
            ("no_decision", "No decision", "Sin decisión", _PLAIN),
        ),
    ),
    (
        TaskType,
        (
            ("call", "Call", "Llamada", _PLAIN),
            ("visit", "Visit", "Visita", _PLAIN),
            ("email", "E-mail", "Correo electrónico", _PLAIN),
            ("demonstration", "Demonstration", "Demostración", _PLAIN),
            ("offer", "Write an offer", "Preparar una oferta", _PLAIN),
            ("other", "Other", "Otra", _PLAIN),
        ),
    ),
    (
        TaskStatus,
        (
            ("open", "Open", "Abierta", _of("open", default=True)),
            ("done", "Done", "Hecha", _of("done")),
        ),
    ),
    (
        InteractionTopic,
        (
            ("first_contact", "First contact", "Primer contacto", _of("prospect")),
            ("presentation", "Presentation", "Presentación", _of("prospect")),
            ("inquiry", "Inquiry", "Consulta", _of("prospect")),
            ("order", "Order", "Orden", _of("customer")),
            ("complaint", "Complaint", "Reclamación", _of("customer")),
            ("service", "Service", "Servicio", _of("customer")),
            ("review", "Account review", "Revisión de la cuenta", _of("customer")),
            ("introduction", "Introduction", "Toma de contacto", _of("sales contact")),
            ("conversation", "Conversation", "Conversación", _of("sales contact")),
            ("invitation", "Invitation", "Invitación", _of("sales contact")),
        ),
    ),
    (
        CampaignType,
        (
            ("trade_fair", "Trade fair", "Feria", _PLAIN),
            ("mailing", "Mailing", "Envío de correo", _PLAIN),
            ("calls", "Telephone calls", "Llamadas telefónicas", _PLAIN),
            ("event", "Event", "Evento", _PLAIN),
            ("advertising", "Advertising", "Publicidad", _PLAIN),
            ("other", "Other", "Otro", _PLAIN),
        ),
    ),
    (
        CampaignStatus,
        (
            ("planned", "Planned", "Planificada", _DEFAULT),
            ("running", "Running", "En curso", _PLAIN),
            ("over", "Over", "Terminada", _PLAIN),
            ("cancelled", "Cancelled", "Anulada", _PLAIN),
        ),
    ),
    (
        CampaignMemberStatus,
        (
            ("sent", "Sent", "Enviado", _of("sent", default=True)),
            ("responded", "Responded", "Respondió", _of("responded")),
        ),
    ),
    (
        EstimateStatus,
        (
            ("open", "Open", "Abierta", _of("open", default=True)),
            ("accepted", "Accepted", "Aceptada", _of("accepted")),
            ("declined", "Declined", "Rechazada", _of("declined")),
        ),
    ),
    (
        OrderStatus,
        (
            ("open", "Open", "Abierta", _of("open", default=True)),
            ("done", "Done", "Terminada", _of("done")),
            ("cancelled", "Cancelled", "Anulada", _of("cancelled")),
        ),
    ),
)


def starter_codes(language: str) -> tuple[CodeValue, ...]:
    """The values of all code tables, unsaved, with labels in English ("en") or Spanish ("es").

    They come table by table, each in the order of its list. Raises Invalid on another language.
    """
    if language not in get_args(Language):
        raise Invalid("the starter set", [Fault("language", f"comes in en and es, not in {language!r}")])
    return tuple(
        table(code=code, label=es if language == "es" else en, position=place * _STEP, **said)
        for table, values in _TABLES
        for place, (code, en, es, said) in enumerate(values, start=1)
    )
