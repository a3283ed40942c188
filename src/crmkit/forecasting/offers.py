"""What an opportunity's offers come to, where a policy lets its amount follow them, and when an order wins it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from crmkit.changes import Changes
from crmkit.entities import Estimate, EstimateLine, Money, Opportunity, Order, OrderLine, Record
from crmkit.entities.estimates import line_amount
from crmkit.errors import Finding
from crmkit.forecasting.rates import Rates

__all__ = ["Lines", "Offer", "amount_of", "currency_of", "overlaid", "standing", "touched", "winning"]

R = TypeVar("R", bound=Record)

Offer = Estimate | Order
Lines = Mapping[UUID, Sequence[EstimateLine | OrderLine]]
"""The lines of offers by their owner's id."""

Category = Callable[[str, str], str]
"""Gives the category of a code table's value."""

_COUNTS: Final[tuple[tuple[type[Record], tuple[str, ...]], ...]] = (
    (Estimate, ("opportunity", "status", "currency", "dated")),
    (Order, ("opportunity", "status", "currency", "dated", "estimate")),
    (EstimateLine, ("quantity", "unit_price", "discount")),
    (OrderLine, ("quantity", "unit_price", "discount")),
)
"""The fields that an amount depends on, by entity."""


def touched(changes: Changes) -> list[Any]:
    """The estimates, orders and lines in the changes that an opportunity's amount may depend on, before and after."""
    kinds = tuple(kind for kind, _ in _COUNTS)
    found: list[Record] = [
        record for record in (*changes.creates, *changes.restores, *changes.deletes) if isinstance(record, kinds)
    ]
    for update in changes.updates:
        for kind, names in _COUNTS:
            if isinstance(update.after, kind) and any(
                getattr(update.before, name) != getattr(update.after, name) for name in names
            ):
                found += (update.before, update.after)
    return found


def overlaid(kind: type[R], stored: Iterable[R], changes: Changes) -> dict[UUID, R]:
    """The records of that kind, by id, as they will be once the changes are applied."""
    found = {record.id: record for record in stored}
    for record in (*changes.creates, *changes.restores, *(update.after for update in changes.updates)):
        if isinstance(record, kind):
            found[record.id] = record
    for record in changes.deletes:
        found.pop(record.id, None)
    return found


def standing(
    opportunity: UUID, estimates: Iterable[Estimate], orders: Iterable[Order], category: Category
) -> list[Offer]:
    """The opportunity's offers that count: its orders that are not cancelled, and its estimates that are not declined
    and that nobody has ordered from (an ordered one counts by its order, as long as that one stands).
    """
    held = list(orders)
    ordered = {order.estimate for order in held}
    found: list[Offer] = [
        one
        for one in estimates
        if one.opportunity == opportunity
        and one.id not in ordered
        and category("estimate_status", one.status) != "declined"
    ]
    found += [
        one for one in held if one.opportunity == opportunity and category("order_status", one.status) != "cancelled"
    ]
    return found


def total_of(offer: Offer, lines: Lines) -> Money:
    """The sum of its lines, in its currency."""
    amounts = (
        line_amount(line.quantity, line.unit_price, line.discount, offer.currency) for line in lines.get(offer.id, ())
    )
    return Money.total(amounts, offer.currency)


def currency_of(opportunity: Opportunity, offers: Iterable[Offer], application: str) -> str:
    """The currency of the opportunity's amount: its own, or else its offers' if they have one, or the application's."""
    if opportunity.estimated_value is not None:
        return opportunity.estimated_value.currency
    held = {one.currency for one in offers}
    return held.pop() if len(held) == 1 else application


def amount_of(
    opportunity: Opportunity, offers: Collection[Offer], lines: Lines, currency: str, rates: Rates
) -> tuple[Money | None, list[Finding]]:
    """What the offers come to in that currency, each at the rate of the day that it is dated; None without any.

    A rate that is missing is a finding: currencies are never summed raw.
    """
    total, findings = Money.zero(currency), []
    for one in offers:
        amount = total_of(one, lines)
        if amount.currency != currency:
            if one.dated is None or rates.rate(amount.currency, currency, one.dated) is None:
                findings.append(_no_rate(opportunity, one, currency))
                continue
            amount = rates.convert(amount, currency, one.dated)
        total += amount
    return (total if offers else None), findings


def _no_rate(opportunity: Opportunity, offer: Offer, currency: str) -> Finding:
    said = (
        f"{offer.spec.name} {offer.number or 'being added'} is in {offer.currency} and the amount of opportunity "
        f"{opportunity.number}, which follows its offers, in {currency}: add an exchange rate from {offer.currency} to "
        f"{currency} on or before {offer.dated}, or give the opportunity an amount in {offer.currency}"
    )
    return Finding("no-rate", said, "currency", offer.id)


def winning(changes: Changes, category: Category) -> Iterator[UUID]:
    """The opportunities that get an order which stands, or whose order is done."""

    def stands(order: Order) -> bool:
        return category("order_status", order.status) != "cancelled"

    for record in (*changes.creates, *changes.restores):
        if isinstance(record, Order) and record.opportunity and stands(record):
            yield record.opportunity
    for update in changes.updates:
        before, after = update.before, update.after
        if not isinstance(before, Order) or not isinstance(after, Order) or not after.opportunity:
            continue
        done = before.status != after.status and category("order_status", after.status) == "done"
        if stands(after) and (done or before.opportunity != after.opportunity):
            yield after.opportunity
