"""Making an order of an estimate (R5): lines, lead and opportunity go over; dates of validity and totals do not."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from crmkit.changes import Changes, EstimateOrdered, Event, Update
from crmkit.entities import NIL, Estimate, EstimateLine, Order, OrderLine, evolve
from crmkit.errors import Finding

__all__ = ["order_changes", "order_findings", "order_of"]

_GOES_OVER = ("lead", "opportunity", "currency", "salesperson")
_LINE = ("position", "item", "description", "quantity", "unit_price", "discount")


def order_findings(
    estimate: Estimate, *, is_customer: bool, category: str, ordered: Iterable[Order], again: bool
) -> list[Finding]:
    """What speaks against ordering from an estimate whose status is of that category."""
    found: list[Finding] = []
    if not is_customer:
        found.append(
            Finding(
                "not-a-customer",
                "only a customer can order; this account is a prospect: convert it first, or ask for it (convert=True)",
                "account",
                estimate.account,
            )
        )
    if category == "declined":
        found.append(Finding("declined", "the estimate was declined: reopen it first", "status", estimate.id))
    if not again:
        found += [
            Finding("ordered-already", f"order {order.number} came of it; ask for another (again=True)", "", order.id)
            for order in ordered
        ]
    return found


def order_of(estimate: Estimate, values: Mapping[str, Any]) -> Order:
    """The order that an estimate gives; the values given win over the estimate's. Raises Invalid."""
    carried = {name: getattr(estimate, name) for name in _GOES_OVER}
    lines = tuple(_line(line) for line in estimate.lines)
    order = Order(**carried, lines=lines, customer=estimate.account, estimate=estimate.id)
    return evolve(order, **{**values, "customer": estimate.account, "estimate": estimate.id})


def _line(line: EstimateLine) -> OrderLine:
    return OrderLine(id=NIL, **{name: getattr(line, name) for name in _LINE})


def order_changes(estimate: Estimate, order: Order, accepted: str, *, again: bool) -> Changes:
    """The order with its lines, and the estimate accepted (with that status; empty: it is already).

    Unless the order may be one of several, the estimate is saved anew in any case: who comes second finds it changed.
    """
    after = evolve(estimate, status=accepted) if accepted else estimate
    updates = (Update(estimate, after),) if accepted or not again else ()

    def ordered(at: datetime, by: str, made: Changes) -> Event:
        saved = next(record for record in made.creates if isinstance(record, Order))
        return EstimateOrdered(at=at, by=by, estimate=estimate, order=saved)

    return Changes(creates=(order,), updates=updates, events=(ordered,))
