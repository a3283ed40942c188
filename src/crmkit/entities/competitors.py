"""Competitors: the companies one sells against."""

from typing import Annotated, ClassVar

import attrs

from crmkit.entities.facts import About, Fixed, Label, Numbered, Searchable
from crmkit.entities.fields import Count, Name, Notes, NumberText, Revenue, Web
from crmkit.entities.record import Record, record
from crmkit.entities.values import Address, Email, Phone, as_email, as_phone

__all__ = ["Competitor"]


@record(kw_only=True)
class Competitor(Record):
    """A company one sells against: whom to ask there, how large it is, what it is good and bad at."""

    about: ClassVar[About] = About(
        table="competitor", plural="competitors", es="Competencia", unique=(("number",),), shown_by="name"
    )

    number: Annotated[NumberText, Numbered("K"), Fixed(), Label("Número")] = ""
    name: Annotated[Name, Label("Nombre")]
    contact_person: Annotated[Name, Label("Persona de contacto")] = ""
    address: Annotated[Address | None, Searchable("city", "country"), Label("Dirección")] = None
    phone: Annotated[Phone | None, Label("Teléfono")] = attrs.field(default=None, converter=as_phone)
    email: Annotated[Email | None, Label("Correo electrónico", "E-mail")] = attrs.field(
        default=None, converter=as_email
    )
    web: Web = ""
    company_revenue: Revenue = None
    employees: Annotated[Count, Label("Empleados")] = None
    strengths: Annotated[Notes, Label("Puntos fuertes")] = ""
    weaknesses: Annotated[Notes, Label("Puntos débiles")] = ""
    notes: Notes = ""
