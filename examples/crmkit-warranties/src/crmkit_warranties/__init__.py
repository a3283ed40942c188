"""Warranties: what a customer's item is guaranteed for, and until when. An entity from outside crmkit."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from crmkit import Fault, Record, record
from crmkit.entities.facts import About, Fixed, Label, MaxLen, Numbered, References, Searchable

__all__ = ["Warranty"]


@record(kw_only=True)
class Warranty(Record):
    """The guarantee on one item of one customer, from `starts_on` to `ends_on`, both included.

    Only a customer has warranties: the store refuses one on a prospect, and the undoing of a conversion that would
    make a prospect of a customer who has one. `serial_number` is empty where the item has none; `terms` say
    what is covered, in words.
    """

    about: ClassVar[About] = About(
        table="warranty",
        plural="warranties",
        es="Garantía",
        unique=(("number",),),
        index=(("customer",), ("item",), ("ends_on",)),
        shown_by="number",
    )

    number: Annotated[str, MaxLen(30), Numbered("W"), Fixed(), Label("Número")] = ""
    customer: Annotated[UUID, References("account", kind="customer"), Fixed(), Label("Cliente")]
    item: Annotated[UUID, References("item"), Label("Artículo")]
    serial_number: Annotated[str, MaxLen(60), Searchable(), Label("Número de serie")] = ""
    starts_on: Annotated[date, Label("Empieza el")]
    ends_on: Annotated[date, Label("Termina el")]
    terms: Annotated[str, MaxLen(2000), Label("Condiciones")] = ""

    def _faults(self) -> Iterator[Fault]:
        if self.ends_on < self.starts_on:
            yield Fault("ends_on", "must not be before the start")

    def covers(self, day: date) -> bool:
        """Whether the item is under warranty on that day."""
        return self.starts_on <= day <= self.ends_on
