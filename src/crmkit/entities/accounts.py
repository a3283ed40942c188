"""Accounts: the companies one sells to. A prospect and a customer are two kinds of one lasting identity."""

from typing import Annotated, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, Fixed, Label, Matched, MaxLen, Numbered, References, Searchable, StoredAs
from crmkit.entities.fields import Count, Currency, Name, Notes, NumberText, Revenue, Web
from crmkit.entities.record import Record, record
from crmkit.entities.values import Address, Email, Phone, as_email, as_phone

__all__ = ["Account", "Customer", "Prospect", "ShipToAddress"]


@record(kw_only=True)
class Account(Record):
    """A company, as prospect or as customer: always exactly one of the two.

    `legal_name` and `tax_number` are what its papers say; `sic_code` its Standard Industrial Classification
    (a text: leading zeros count). `company_revenue` is what it turns over in a year and `employees` how many
    it employs, both empty while unknown. `currency` is the one it is quoted in, empty for the
    application's. `territory` only tells reports where it belongs; it never hides it from anyone.
    """

    about: ClassVar[About] = About(table="account", plural="accounts", es="Cuenta", shown_by="name")

    name: Annotated[Name, Matched("company name"), Label("Nombre")]
    legal_name: Annotated[Name, Matched("company name"), Label("Razón social")] = ""
    tax_number: Annotated[str, MaxLen(40), Searchable(), Matched("tax number"), Label("Número fiscal")] = ""
    address: Annotated[Address | None, Searchable("city", "country"), Label("Dirección")] = None
    phone: Annotated[Phone | None, Matched("phone"), Label("Teléfono")] = attrs.field(default=None, converter=as_phone)
    email: Annotated[Email | None, Matched("e-mail domain"), Label("Correo electrónico", "E-mail")] = attrs.field(
        default=None, converter=as_email
    )
    web: Annotated[Web, Matched("web domain")] = ""
    territory: Annotated[UUID | None, References("territory"), Label("Territorio")] = None
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    sic_code: Annotated[str, MaxLen(10), Searchable(), Label("Código SIC", "SIC code")] = ""
    company_revenue: Revenue = None
    employees: Annotated[Count, Label("Empleados")] = None
    currency: Currency = ""
    notes: Notes = ""


@record(kw_only=True)
class Prospect(Account):
    """A company that is not a customer yet: one may record interest, quote and follow up, but not take an order."""

    about: ClassVar[About] = About(
        table="account",
        plural="prospects",
        es="Potencial",
        kind="prospect",
        unique=(("number",),),
        index=(("name",), ("territory",), ("salesperson",)),
        shown_by="name",
    )

    number: Annotated[
        NumberText, Numbered("P"), Fixed(), StoredAs("prospect_number"), Label("Número de potencial", "Prospect number")
    ] = ""


@record(kw_only=True)
class Customer(Account):
    """A company one can sell to. `credit_hold`: its credit is held; a host may make a rule of it."""

    about: ClassVar[About] = About(
        table="account",
        plural="customers",
        es="Cliente",
        kind="customer",
        unique=(("number",),),
        index=(("name",), ("territory",), ("salesperson",)),
        shown_by="name",
    )

    number: Annotated[
        NumberText, Numbered("C"), Fixed(), StoredAs("customer_number"), Label("Número de cliente", "Customer number")
    ] = ""
    credit_hold: Annotated[bool, Label("Crédito retenido")] = False


@record(kw_only=True)
class ShipToAddress(Record):
    """Where goods for a customer go; `code` tells a customer's addresses apart. Only a customer has any."""

    about: ClassVar[About] = About(
        table="ship_to_address",
        plural="ship_to_addresses",
        es="Dirección de envío",
        belongs_to="customer",
        unique=(("customer", "code"),),
        family="part",
        shown_by="code",
    )

    customer: Annotated[UUID, References("account", kind="customer"), Fixed(), Label("Cliente")]
    code: Annotated[str, MaxLen(30), Label("Código")]
    name: Annotated[Name, Label("Nombre")] = ""
    address: Annotated[Address, Label("Dirección")]
    phone: Annotated[Phone | None, Label("Teléfono")] = attrs.field(default=None, converter=as_phone)
