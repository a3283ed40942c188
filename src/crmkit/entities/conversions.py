"""The books of crmkit itself: conversions and what they carried, and what a sweep has announced."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from crmkit.entities.facts import About, Fixed, Label, MaxLen, Numbered, References, Searchable
from crmkit.entities.fields import NumberText, User
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.record import Record, record

__all__ = ["Announcement", "Conversion"]


@record(kw_only=True)
class Conversion(Record):
    """The trace of a conversion: the prospect as it last was, the customer that came of it, what carried over.

    `customer_version` is the version with which the account became a customer; the one before it, in the account's
    history, is the prospect as it last was. `carried` is the number of records a kind that carried over; `given`
    what the call set, as text; `policy` the hash of the policy it was made under; `opportunity` the one that the
    conversion opened, if it did. `request_key` and `request` tell, as digests, under which key it was asked for, if
    any, and what was asked. `undone_at` is empty unless the conversion was undone.
    """

    about: ClassVar[About] = About(
        table="conversion",
        plural="conversions",
        es="Conversión",
        belongs_to="account",
        unique=(("number",), ("request_key",)),
        index=(("account",),),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("V"), Fixed(), Label("Número")] = ""
    account: Annotated[UUID, References("account"), Fixed(), Label("Cuenta")]
    prospect_number: Annotated[NumberText, Label("Número de potencial")] = ""
    customer_number: Annotated[NumberText, Label("Número de cliente")] = ""
    customer_version: Annotated[int, Label("Versión del cliente")] = 0
    given: Annotated[FrozenMap[str], Label("Valores dados", "Values given")] = FrozenMap()
    carried: Annotated[FrozenMap[int], Label("Registros trasladados", "Carried over")] = FrozenMap()
    opportunity: Annotated[UUID | None, References("opportunity"), Label("Oportunidad")] = None
    policy: Annotated[str, MaxLen(64), Label("Política")] = ""
    request_key: Annotated[str, MaxLen(64), Searchable(), Fixed(), Label("Clave de la petición")] = ""
    request: Annotated[str, MaxLen(64), Fixed(), Label("Petición")] = ""
    converted_by: Annotated[User, Label("Convertido por")] = ""
    converted_at: Annotated[datetime | None, Label("Convertido en")] = None
    undone_by: Annotated[User, Label("Deshecho por")] = ""
    undone_at: Annotated[datetime | None, Label("Deshecho en")] = None

    @property
    def customer_id(self) -> UUID:
        """The customer's id: the very one the prospect had."""
        return self.account


@record(kw_only=True)
class Announcement(Record):
    """That a due thing was announced by a sweep, so that it is announced once."""

    about: ClassVar[About] = About(
        table="announcement",
        plural="announcements",
        es="Aviso",
        belongs_to="target",
        unique=(("target", "event", "due_on"),),
        family="internal",
    )

    target: Annotated[UUID, References("opportunity_task", "lead", "opportunity", "interaction"), Fixed()]
    event: Annotated[str, MaxLen(60), Fixed(), Label("Evento")]
    due_on: Annotated[date, Fixed(), Label("Vence el")]
