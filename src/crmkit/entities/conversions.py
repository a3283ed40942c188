"""The books of crmkit itself: conversions, merges and what they carried, and what a sweep has announced."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from crmkit.entities.facts import About, Fixed, Label, MaxLen, Numbered, References, Searchable
from crmkit.entities.fields import NumberText, User
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.record import Record, record

__all__ = ["Announcement", "Conversion", "Merge"]


@record(kw_only=True)
class Conversion(Record):
    """The trace of a conversion: the prospect as it last was, the customer that came of it, what carried over.

    `customer_version` is the version with which the account became a customer; the one before it, in the account's
    history, is the prospect as it last was. `carried` is the number of records a kind that carried over; `given`
    what the call set, as text; `policy` the hash of the policy it was made under; `opportunity` the one that the
    conversion opened, if it did. `request_key` and `request` tell, as digests, under which key it was asked for, if
    any, and what was asked. `undone_at` is empty unless the conversion was undone.

    Where the prospect became part of a customer that was there, `account` is that customer's, `prospect` the id that
    the prospect had, and `merge` the merge by which that was done.

    It is a trace: ids are kept alone, also of what was merged or deleted since.
    """

    about: ClassVar[About] = About(
        table="conversion",
        plural="conversions",
        es="Conversión",
        unique=(("number",), ("request_key",)),
        index=(("account",),),
        marks=("undone_at",),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("V"), Fixed(), Label("Número")] = ""
    account: Annotated[UUID, Fixed(), Label("Cuenta")]
    prospect_number: Annotated[NumberText, Label("Número de potencial")] = ""
    customer_number: Annotated[NumberText, Label("Número de cliente")] = ""
    customer_version: Annotated[int, Label("Versión del cliente")] = 0
    given: Annotated[FrozenMap[str], Label("Valores dados", "Values given")] = FrozenMap()
    carried: Annotated[FrozenMap[int], Label("Registros trasladados", "Carried over")] = FrozenMap()
    opportunity: Annotated[UUID | None, Fixed(), Label("Oportunidad")] = None
    prospect: Annotated[UUID | None, Fixed(), Label("Potencial")] = None
    merge: Annotated[UUID | None, Fixed(), Label("Fusión")] = None
    policy: Annotated[str, MaxLen(64), Label("Política")] = ""
    request_key: Annotated[str, MaxLen(64), Searchable(), Fixed(), Label("Clave de la petición")] = ""
    request: Annotated[str, MaxLen(64), Fixed(), Label("Petición")] = ""
    converted_by: Annotated[User, Label("Convertido por")] = ""
    converted_at: Annotated[datetime | None, Label("Convertido en")] = None
    undone_by: Annotated[User, Label("Deshecho por")] = ""
    undone_at: Annotated[datetime | None, Label("Deshecho en")] = None

    @property
    def customer_id(self) -> UUID:
        """The customer's id: the very one the prospect had, or that of the customer that it became part of."""
        return self.account

    @property
    def prospect_id(self) -> UUID:
        """The id that the prospect had."""
        return self.account if self.prospect is None else self.prospect


@record(kw_only=True)
class Merge(Record):
    """The trace of a merge, and the tombstone of the record that was absorbed by another one.

    `absorbed_kind` is the absorbed one's repository, `absorbed_number` its number and `other_number` the one that it
    had as the other kind of account, if it ever was one: both stay reserved. The versions are the survivor's right
    after the merge and the absorbed one's last. `moved` says, by repository and field, which ids refer to the
    survivor since and to whom before; `dropped`, by repository, which records were the same as one of the
    survivor's, and as which; `adjusted`, by repository and id, in which version a record was changed besides.
    `chosen` is where each field that the merge has set came from; `conversion` the one that it was a part of, if any.
    `undone_at` is empty unless it was undone.
    """

    about: ClassVar[About] = About(
        table="merge",
        plural="merges",
        es="Fusión",
        unique=(("number",),),
        index=(("absorbed",), ("survivor",), ("absorbed_number",), ("other_number",), ("conversion",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("M"), Fixed(), Label("Número")] = ""
    absorbed_kind: Annotated[str, MaxLen(60), Fixed(), Label("Tipo absorbido")]
    absorbed: Annotated[UUID, Fixed(), Label("Absorbido")]
    survivor: Annotated[UUID, Fixed(), Label("Superviviente")]
    absorbed_number: Annotated[NumberText, Searchable(), Fixed(), Label("Número absorbido")] = ""
    other_number: Annotated[NumberText, Searchable(), Fixed(), Label("Otro número")] = ""
    absorbed_version: Annotated[int, Fixed(), Label("Versión del absorbido")] = 0
    survivor_version: Annotated[int, Fixed(), Label("Versión del superviviente")] = 0
    moved: Annotated[FrozenMap[Any], Fixed(), Label("Registros trasladados")] = FrozenMap()
    dropped: Annotated[FrozenMap[Any], Fixed(), Label("Duplicados eliminados", "Dropped duplicates")] = FrozenMap()
    adjusted: Annotated[FrozenMap[Any], Fixed(), Label("Registros ajustados", "Adjusted records")] = FrozenMap()
    chosen: Annotated[FrozenMap[str], Fixed(), Label("Valores elegidos", "Chosen values")] = FrozenMap()
    conversion: Annotated[UUID | None, Fixed(), Label("Conversión")] = None
    merged_by: Annotated[User, Label("Fusionado por")] = ""
    merged_at: Annotated[datetime | None, Label("Fusionado en")] = None
    undone_by: Annotated[User, Label("Deshecho por")] = ""
    undone_at: Annotated[datetime | None, Label("Deshecho en")] = None

    @property
    def counts(self) -> FrozenMap[int]:
        """How many records of each repository refer to the survivor since."""
        ids: dict[str, set[str]] = {}
        for place, by_former in self.moved.items():
            held = ids.setdefault(place.partition(".")[0], set())
            for some in by_former.values():
                held.update(some)
        return FrozenMap({repository: len(some) for repository, some in ids.items()})


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
