"""Sales periods, quotas and exchange rates: when, how much is asked for, and in what money."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, AtLeast, Fixed, Label, MaxLen, OneOf, References, Scale, Searchable
from crmkit.entities.fields import Currency, Text
from crmkit.entities.money import CURRENCIES, Money
from crmkit.entities.record import Record, record
from crmkit.entities.values import as_decimal
from crmkit.errors import Fault

__all__ = ["ExchangeRate", "Quota", "SalesPeriod"]


@record(kw_only=True)
class SalesPeriod(Record):
    """A span of days that sales are planned and counted by, both ends included; no two of a kind overlap."""

    about: ClassVar[About] = About(
        table="sales_period",
        plural="sales_periods",
        es="Período de ventas",
        unique=(("code",),),
        index=(("kind", "starts_on"),),
        shown_by="code",
    )

    code: Annotated[str, MaxLen(30), Searchable(), Fixed(), Label("Código")]
    description: Annotated[Text, Label("Descripción")] = ""
    kind: Annotated[str, OneOf(("month", "quarter", "year", "other")), Label("Clase")]
    starts_on: Annotated[date, Label("Empieza el")]
    ends_on: Annotated[date, Label("Termina el")]

    def _faults(self) -> Iterator[Fault]:
        if self.ends_on < self.starts_on:
            yield Fault("ends_on", "must not be before the start")

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@record(kw_only=True)
class Quota(Record):
    """What a salesperson, a team or a territory is asked to sell in a period."""

    about: ClassVar[About] = About(
        table="quota", plural="quotas", es="Cuota", unique=(("owner", "period"),), index=(("period",),)
    )

    owner: Annotated[UUID, References("salesperson", "sales_team", "territory"), Label("Titular")]
    period: Annotated[UUID, References("sales_period"), Label("Período")]
    amount: Annotated[Money, AtLeast(0), Label("Importe")]


@record(kw_only=True)
class ExchangeRate(Record):
    """1 of `from_currency` is `rate` of `to_currency` from that day on, until a later day has another rate.

    Nothing is implied: neither the way back nor a way through a third currency.
    """

    about: ClassVar[About] = About(
        table="exchange_rate",
        plural="exchange_rates",
        es="Tipo de cambio",
        unique=(("from_currency", "to_currency", "day"),),
    )

    from_currency: Annotated[Currency, Label("De la moneda")]
    to_currency: Annotated[Currency, Label("A la moneda")]
    day: Annotated[date, Label("Día")]
    rate: Annotated[Decimal, Scale(10), Label("Cambio")] = attrs.field(converter=as_decimal)

    def _faults(self) -> Iterator[Fault]:
        for name in ("from_currency", "to_currency"):
            if getattr(self, name) not in CURRENCIES:
                yield Fault(name, f"{getattr(self, name)!r} is no ISO 4217 currency code, such as EUR or USD")
        if self.from_currency == self.to_currency:
            yield Fault("to_currency", "must be another currency")
        if self.rate <= 0:
            yield Fault("rate", "must be above zero")
