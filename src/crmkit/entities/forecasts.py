"""Sales forecasts: what an owner expects of a period, opportunity by opportunity."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final
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
    OneOf,
    Parts,
    References,
    Scale,
    Searchable,
)
from crmkit.entities.fields import Code, Currency, ForecastCategory, NumberText, Share, Text, User
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.money import Money
from crmkit.entities.percent import as_percent
from crmkit.entities.record import NIL, Record, record
from crmkit.entities.values import as_decimal_or_none, as_map
from crmkit.errors import Fault

__all__ = ["FROZEN", "SNAPSHOT", "ForecastAdjustment", "ForecastLine", "SalesForecast"]


SNAPSHOT: Final = (
    "value",
    "probability",
    "close_date",
    "status",
    "stage",
    "category",
    "account",
    "rate",
    "override_rate",
    "own",
)
"""The fields of a line that hold the opportunity as it stood when the forecast was submitted."""


FROZEN: Final = {
    "submitted": "reopen it first",
    "approved": "that is final; an adjustment may be put beside it",
}
"""What to do about a forecast that is no draft, by its status."""


@record(kw_only=True)
class ForecastLine(Record):
    """One opportunity on a forecast, once each.

    `override` replaces the line's weighted figure, empty where the owner trusts the arithmetic. While the
    forecast is a draft the line's figures are read from the opportunity, and the fields from `value` on are
    empty; once it is submitted they hold the opportunity as it stood then. `rate` and `override_rate` are those by
    which the value and the override counted in the forecast's currency, empty where they are in it; `own` says that
    the opportunity was the owner's: theirs as a salesperson, or assigned to them.
    """

    about: ClassVar[About] = About(
        table="forecast_line",
        plural="forecast_lines",
        es="Línea de pronóstico",
        belongs_to="forecast",
        unique=(("forecast", "opportunity"),),
        index=(("opportunity",),),
        family="part",
    )

    forecast: Annotated[UUID, References("sales_forecast"), Fixed(), Label("Pronóstico")] = NIL
    opportunity: Annotated[UUID, References("opportunity"), Fixed(), Label("Oportunidad")]
    override: Annotated[Money | None, AtLeast(0), Label("Importe sustituido")] = None
    note: Annotated[Text, Label("Nota")] = ""
    value: Annotated[Money | None, AtLeast(0), Label("Valor")] = None
    probability: Annotated[Share | None, Label("Probabilidad")] = attrs.field(default=None, converter=as_percent)
    close_date: Annotated[date | None, Label("Fecha de cierre")] = None
    status: Annotated[Code, CodeOf("opportunity_status"), Label("Estado")] = ""
    stage: Annotated[Code, CodeOf("stage"), Label("Etapa")] = ""
    category: ForecastCategory = ""
    account: Annotated[UUID | None, References("account"), Label("Cuenta")] = None
    rate: Annotated[Decimal | None, Scale(10), Label("Cambio")] = attrs.field(
        default=None, converter=as_decimal_or_none
    )
    override_rate: Annotated[Decimal | None, Scale(10), Label("Cambio del importe sustituido")] = attrs.field(
        default=None, converter=as_decimal_or_none
    )
    own: Annotated[bool, Label("Propia del titular", "Owner's own")] = False


def _lines(values: Iterable[ForecastLine]) -> tuple[ForecastLine, ...]:
    return tuple(values)


@record(kw_only=True)
class SalesForecast(Record):
    """What a salesperson or a team expects to sell in a period, in one currency.

    A draft follows its opportunities; submitted and approved ones are frozen. `currency` is the
    application's while empty.
    """

    about: ClassVar[About] = About(
        table="sales_forecast",
        plural="sales_forecasts",
        es="Pronóstico de ventas",
        unique=(("number",),),
        index=(("period",), ("owner",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("F"), Fixed(), Label("Número")] = ""
    description: Annotated[Text, Searchable(), Label("Descripción")] = ""
    owner: Annotated[UUID, References("salesperson", "sales_team"), Label("Titular")]
    period: Annotated[UUID, References("sales_period"), Label("Período")]
    currency: Annotated[Currency, FilledOnSave()] = ""
    status: Annotated[str, OneOf(("draft", "submitted", "approved")), Label("Estado")] = "draft"
    lines: Annotated[tuple[ForecastLine, ...], Parts(ForecastLine, "forecast"), Label("Líneas")] = attrs.field(
        default=(), converter=_lines
    )


@record(kw_only=True)
class ForecastAdjustment(Record):
    """A manager's own figure beside the owner's, never over it: an `amount` of their own or a `difference`."""

    about: ClassVar[About] = About(
        table="forecast_adjustment",
        plural="forecast_adjustments",
        es="Ajuste de pronóstico",
        belongs_to="forecast",
        index=(("forecast",),),
    )

    forecast: Annotated[UUID, References("sales_forecast"), Fixed(), Label("Pronóstico")]
    by: Annotated[User, Label("Por")]
    at: Annotated[datetime | None, FilledOnSave(), Label("En")] = None
    amount: Annotated[Money | None, Label("Importe")] = None
    difference: Annotated[Money | None, Label("Diferencia")] = None
    note: Annotated[Text, Label("Nota")] = ""

    def _faults(self) -> Iterator[Fault]:
        if (self.amount is None) == (self.difference is None):
            yield Fault("amount", "give either an amount or a difference")


@record(kw_only=True)
class ForecastSnapshot(Record):
    """A roll-up that is kept as it was at an instant: taken by `crm.forecasting.take_snapshot`, never changed.

    `name` is the series that it belongs to, `by` its dimensions and `periods` the codes it was asked for, with blanks
    between them. `figures` holds, by the position of each row, its key, what is shown for it, how many, and amounts in
    minor units of `currency`, as texts: plain data, so that nothing stands in the way of those that it tells of.
    """

    about: ClassVar[About] = About(
        table="forecast_snapshot",
        plural="forecast_snapshots",
        es="Instantánea de pronóstico",
        index=(("taken_at",),),
        shown_by="name",
    )

    name: Annotated[str, MaxLen(120), Searchable(), Fixed(), Label("Nombre")]
    taken_at: Annotated[datetime | None, Fixed(), Label("Tomada en")] = None
    by: Annotated[str, MaxLen(200), Fixed(), Label("Dimensiones", "Dimensions")] = ""
    periods: Annotated[Text, Fixed(), Label("Períodos")] = ""
    currency: Annotated[Currency, Fixed()] = ""
    figures: Annotated[FrozenMap[Any], Fixed(), Label("Cifras")] = attrs.field(default=FrozenMap(), converter=as_map)
