"""Estimates and orders: what was offered, and what was ordered."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

import attrs

from crmkit.entities.facts import About, CodeOf, FilledOnSave, Fixed, Label, MaxLen, Numbered, Parts, References
from crmkit.entities.fields import Code, Currency, Dated, NumberText, Position, Quantity, Share, Text, UnitPrice, User
from crmkit.entities.money import Money, minor_digits
from crmkit.entities.percent import Percent
from crmkit.entities.record import NIL, FieldSpec, Record, evolve, record
from crmkit.entities.values import as_decimal

__all__ = ["Estimate", "EstimateLine", "Order", "OrderLine", "line_amount"]


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Percent, currency: str) -> Money:
    """quantity × unit price × (100 % − discount), rounded half-even to the currency's minor unit.

    Raises ValueError where the amount is out of bounds.
    """
    exact = int(quantity.scaleb(4)) * int(unit_price.scaleb(4)) * (10_000 - discount.basis_points)
    scaled = Decimal(exact).scaleb(minor_digits(currency) - 12)
    return Money.of_minor(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), currency)


def _discount(value: Percent | int | str | Decimal) -> Percent:
    return Percent(value)


@record(kw_only=True)
class _Line(Record):
    """What an estimate's and an order's line have in common; `amount` is computed from the others."""

    position: Position = 0
    item: Annotated[UUID | None, References("item"), Label("Artículo")] = None
    description: Annotated[Text, Label("Descripción")] = ""
    quantity: Quantity = attrs.field(default=Decimal("1.0000"), converter=as_decimal)
    unit_price: UnitPrice = attrs.field(default=Decimal("0.0000"), converter=as_decimal)
    discount: Annotated[Share, Label("Descuento")] = attrs.field(default=Percent(0), converter=_discount)
    amount: Annotated[Money | None, Label("Importe")] = None


@record(kw_only=True)
class EstimateLine(_Line):
    """One line of an estimate: an item or a text, how many, at what price, less what discount."""

    about: ClassVar[About] = About(
        table="estimate_line",
        plural="estimate_lines",
        es="Línea de orden estimada",
        belongs_to="estimate",
        index=(("estimate",), ("item",)),
        family="part",
    )

    estimate: Annotated[UUID, References("estimate"), Fixed(), Label("Orden estimada")] = NIL


@record(kw_only=True)
class OrderLine(_Line):
    """One line of an order: an item or a text, how many, at what price, less what discount."""

    about: ClassVar[About] = About(
        table="order_line",
        plural="order_lines",
        es="Línea de orden",
        belongs_to="order",
        index=(("order",), ("item",)),
        family="part",
    )

    order: Annotated[UUID, References("order"), Fixed(), Label("Orden")] = NIL


def _estimate_lines(values: Iterable[EstimateLine]) -> tuple[EstimateLine, ...]:
    return tuple(values)


def _order_lines(values: Iterable[OrderLine]) -> tuple[OrderLine, ...]:
    return tuple(values)


@record(kw_only=True)
class _Offer(Record):
    """What an estimate and an order have in common."""

    currency: Annotated[Currency, FilledOnSave()] = ""

    def _adopt(self, field: FieldSpec, part: Any, position: int) -> Any:
        adopted = super()._adopt(field, part, position)
        if not self.currency:
            return adopted
        amount = line_amount(adopted.quantity, adopted.unit_price, adopted.discount, self.currency)
        return adopted if adopted.amount == amount else evolve(adopted, amount=amount)

    @property
    def total(self) -> Money | None:
        """The sum of its lines, in its currency; None while it has no currency."""
        lines: tuple[_Line, ...] = getattr(self, "lines", ())
        if not self.currency:
            return None
        return Money.total((line.amount for line in lines if line.amount is not None), self.currency)


@record(kw_only=True)
class Estimate(_Offer):
    """A quotation for a prospect or a customer. `taken_by` is the user who wrote it; `valid_until` is empty
    where it has no end; `lead` and `opportunity` are what it belongs to, if anything.
    """

    about: ClassVar[About] = About(
        table="estimate",
        plural="estimates",
        es="Orden estimada",
        unique=(("number",),),
        index=(("account",), ("opportunity",), ("lead",), ("dated",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("Q"), Fixed(), Label("Número")] = ""
    account: Annotated[UUID, References("account"), Label("Cuenta")]
    lead: Annotated[UUID | None, References("lead"), Label("Cliente potencial")] = None
    opportunity: Annotated[UUID | None, References("opportunity"), Label("Oportunidad")] = None
    status: Annotated[Code, CodeOf("estimate_status"), FilledOnSave(), Label("Estado")] = ""
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    taken_by: Annotated[User, Label("Tomada por")] = ""
    dated: Dated = None
    projected_date: Annotated[date | None, Label("Fecha prevista")] = None
    valid_until: Annotated[date | None, Label("Válida hasta")] = None
    lines: Annotated[tuple[EstimateLine, ...], Parts(EstimateLine, "estimate"), Label("Líneas")] = attrs.field(
        default=(), converter=_estimate_lines
    )


@record(kw_only=True)
class Order(_Offer):
    """A customer's order; only a customer can have one. `purchase_order` is the customer's own number for it;
    `estimate` the quotation it came from, if any.
    """

    about: ClassVar[About] = About(
        table="order",
        plural="orders",
        es="Orden",
        unique=(("number",),),
        index=(("customer",), ("opportunity",), ("estimate",), ("lead",), ("dated",)),
        shown_by="number",
    )

    number: Annotated[NumberText, Numbered("D"), Fixed(), Label("Número")] = ""
    customer: Annotated[UUID, References("account", kind="customer"), Fixed(), Label("Cliente")]
    estimate: Annotated[UUID | None, References("estimate"), Label("Orden estimada")] = None
    opportunity: Annotated[UUID | None, References("opportunity"), Label("Oportunidad")] = None
    lead: Annotated[UUID | None, References("lead"), Label("Cliente potencial")] = None
    status: Annotated[Code, CodeOf("order_status"), FilledOnSave(), Label("Estado")] = ""
    salesperson: Annotated[UUID | None, References("salesperson"), Label("Vendedor")] = None
    taken_by: Annotated[User, Label("Tomada por")] = ""
    purchase_order: Annotated[str, MaxLen(60), Label("Pedido del cliente")] = ""
    dated: Dated = None
    projected_date: Annotated[date | None, Label("Fecha prevista")] = None
    lines: Annotated[tuple[OrderLine, ...], Parts(OrderLine, "order"), Label("Líneas")] = attrs.field(
        default=(), converter=_order_lines
    )
