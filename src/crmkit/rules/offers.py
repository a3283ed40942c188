"""Lines of estimates and orders that are saved by themselves: their place and their amount follow from their owner."""

from collections.abc import Callable
from typing import Any, Final

from crmkit.entities import Estimate, EstimateLine, Order, OrderLine, Record, evolve
from crmkit.entities.estimates import line_amount
from crmkit.errors import Fault, Invalid
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES"]


def _priced(owner_kind: type[Record], owner: str) -> Callable[[Any, Any, Known], Any]:
    def complete(_: Any, after: Any, known: Known) -> Any:
        offer: Any = known.get(owner_kind, getattr(after, owner))
        if offer is None:
            return after
        position = after.position
        if not position:
            siblings = known.all_of(type(after), **{owner: offer.id})
            position = max((line.position for line in siblings), default=0) + 1
        try:
            amount = line_amount(after.quantity, after.unit_price, after.discount, offer.currency)
        except ValueError as fault:
            raise Invalid(after.spec.name, [Fault("amount", str(fault))]) from None
        return evolve(after, position=position, amount=amount)

    return complete


RULES: Final = (
    Rule(EstimateLine, complete=_priced(Estimate, "estimate")),
    Rule(OrderLine, complete=_priced(Order, "order")),
)
