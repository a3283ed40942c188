"""Sales contacts: persons, cross-referenced to the accounts and salespersons they deal with."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, Fixed, Label, Matched, Numbered, Parts, References
from crmkit.entities.fields import Name, Notes, NumberText, Position, Text
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.record import NIL, Record, record
from crmkit.entities.values import Address, Email, Phone, as_email, as_emails, as_map, as_phone, as_phones
from crmkit.errors import Fault

__all__ = ["ContactAccount", "ContactEmail", "ContactPhone", "ContactSalesperson", "SalesContact"]


def _part(table: str, plural: str, es: str, *unique: str, index: str = "") -> About:
    return About(
        table=table,
        plural=plural,
        es=es,
        belongs_to="sales_contact",
        unique=(unique,) if unique else (),
        index=((index,),) if index else (("sales_contact",),),
        family="part",
    )


@record(kw_only=True)
class ContactAccount(Record):
    """The cross-reference of a sales contact with an account, a prospect or a customer; once each."""

    about: ClassVar[About] = _part(
        "contact_account",
        "contact_accounts",
        "Cuenta del contacto",
        "sales_contact",
        "account",
        index="account",
    )
    sales_contact: Annotated[UUID, References("sales_contact"), Fixed(), Label("Contacto de ventas")] = NIL
    account: Annotated[UUID, References("account"), Label("Cuenta")]


@record(kw_only=True)
class ContactSalesperson(Record):
    """The cross-reference of a sales contact with a salesperson who deals with them; once each."""

    about: ClassVar[About] = _part(
        "contact_salesperson",
        "contact_salespersons",
        "Vendedor del contacto",
        "sales_contact",
        "salesperson",
        index="salesperson",
    )
    sales_contact: Annotated[UUID, References("sales_contact"), Fixed(), Label("Contacto de ventas")] = NIL
    salesperson: Annotated[UUID, References("salesperson"), Label("Vendedor")]


@record(kw_only=True)
class ContactEmail(Record):
    """An e-mail address of a sales contact; `position` orders a person's addresses, the first is preferred."""

    about: ClassVar[About] = _part("contact_email", "contact_emails", "Correo electrónico del contacto")
    sales_contact: Annotated[UUID, References("sales_contact"), Fixed(), Label("Contacto de ventas")] = NIL
    position: Position = 0
    email: Annotated[Email, Matched("e-mail address"), Label("Correo electrónico", "E-mail")] = attrs.field(
        converter=as_email  # pyright: ignore[reportGeneralTypeIssues] - an empty text is a fault that the check finds
    )


@record(kw_only=True)
class ContactPhone(Record):
    """A telephone number of a sales contact; `position` orders a person's numbers, the first is preferred."""

    about: ClassVar[About] = _part("contact_phone", "contact_phones", "Teléfono del contacto")
    sales_contact: Annotated[UUID, References("sales_contact"), Fixed(), Label("Contacto de ventas")] = NIL
    position: Position = 0
    phone: Annotated[Phone, Matched("phone"), Label("Teléfono")] = attrs.field(
        converter=as_phone  # pyright: ignore[reportGeneralTypeIssues] - an empty text is a fault that the check finds
    )


def _ids(values: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(values)


def _addresses(values: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(values)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@record(kw_only=True)
class SalesContact(Record):
    """A person one deals with. At least one of given name, family name, company and e-mail is known.

    `accounts` are the companies the person is cross-referenced with and `salespersons` the colleagues who deal
    with them: both are sets, shown in order of id. `preferences` says by channel or purpose (phone,
    newsletter …) whether the person allows it; what is not in it was never asked.
    """

    about: ClassVar[About] = About(
        table="sales_contact",
        plural="sales_contacts",
        es="Contacto de ventas",
        unique=(("number",),),
        shown_by="display_name",
    )

    number: Annotated[NumberText, Numbered("SC"), Fixed(), Label("Número")] = ""
    given_name: Annotated[Name, Label("Nombre")] = ""
    family_name: Annotated[Name, Label("Apellidos")] = ""
    company: Annotated[Name, Label("Compañía")] = ""
    job_title: Annotated[Text, Label("Cargo")] = ""
    emails: Annotated[
        tuple[Email, ...],
        Parts(ContactEmail, "sales_contact", "email"),
        Label("Correos electrónicos", "E-mails"),
    ] = attrs.field(default=(), converter=as_emails)
    phones: Annotated[tuple[Phone, ...], Parts(ContactPhone, "sales_contact", "phone"), Label("Teléfonos")] = (
        attrs.field(default=(), converter=as_phones)
    )
    addresses: Annotated[tuple[Address, ...], Label("Direcciones")] = attrs.field(default=(), converter=_addresses)
    birthday: Annotated[date | None, Label("Cumpleaños")] = None
    notes: Notes = ""
    categories: Annotated[tuple[str, ...], Label("Categorías")] = attrs.field(default=(), converter=_texts)
    preferences: Annotated[FrozenMap[bool], Label("Preferencias")] = attrs.field(default=FrozenMap(), converter=as_map)
    accounts: Annotated[tuple[UUID, ...], Parts(ContactAccount, "sales_contact", "account"), Label("Cuentas")] = (
        attrs.field(default=(), converter=_ids)
    )
    salespersons: Annotated[
        tuple[UUID, ...], Parts(ContactSalesperson, "sales_contact", "salesperson"), Label("Vendedores")
    ] = attrs.field(default=(), converter=_ids)
    extra: Annotated[FrozenMap[Any], Label("Otros datos", "Other data")] = attrs.field(
        default=FrozenMap(), converter=as_map
    )

    @property
    def display_name(self) -> str:
        """The person's name as people say it; the company's or the first e-mail address where it is unknown."""
        named = " ".join(part for part in (self.given_name, self.family_name) if part)
        return named or self.company or (str(self.emails[0]) if self.emails else "")

    def _faults(self) -> Iterator[Fault]:
        if not (self.given_name or self.family_name or self.company or self.emails):
            yield Fault("family_name", "give at least one of given name, family name, company and e-mail")
        wrong = [key for key, allowed in self.preferences.items() if not isinstance(allowed, bool)]
        if wrong:
            yield Fault("preferences", f"each is true or false; not so: {', '.join(sorted(wrong))}")
