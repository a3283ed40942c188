"""Kinds of field that recur: what a name, a code, a note, a weighted share is, said once."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from crmkit.entities.facts import AtLeast, AtMost, FilledOnSave, Kept, Label, MaxLen, OneOf, Scale, Searchable
from crmkit.entities.money import Money
from crmkit.entities.percent import Percent

Text = Annotated[str, MaxLen(240)]
ShortText = Annotated[str, MaxLen(60)]
Name = Annotated[str, MaxLen(120), Searchable()]
NumberText = Annotated[str, MaxLen(30)]
Code = Annotated[str, MaxLen(30)]
Notes = Annotated[str, MaxLen(100_000), Kept(), Label("Notas")]
User = Annotated[str, MaxLen(120)]
Web = Annotated[str, MaxLen(240), Label("Sitio web")]
Currency = Annotated[str, MaxLen(3), Label("Moneda")]
Share = Annotated[Percent, AtLeast(0), AtMost(100)]
Revenue = Annotated[Money | None, AtLeast(0), Label("Ingresos de la compañía")]
Count = Annotated[int | None, AtLeast(0), AtMost(10**9)]
Position = Annotated[int, AtLeast(0), AtMost(10**6), Label("Posición")]
Quantity = Annotated[Decimal, Scale(4), Label("Cantidad")]
UnitPrice = Annotated[Decimal, Scale(4), AtLeast(0), Label("Precio unitario")]
Dated = Annotated[date | None, FilledOnSave(), Label("Fecha")]
ForecastCategory = Annotated[
    str, OneOf(("pipeline", "best_case", "commit", "omitted")), Label("Categoría de pronóstico")
]
