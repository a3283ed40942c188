"""A rule from outside crmkit: no new order for a customer on credit hold.

A rule is a function of values. It is handed to `connect(rules=…)` and from then on holds wherever an order is
made: added, ordered from an estimate, imported. It says no by what it returns, all reasons at once.
"""

from collections.abc import Iterator
from typing import Final

from crmkit import Customer, Finding, Order, Rule
from crmkit.repositories.known import Known

__all__ = ["NO_ORDER_ON_CREDIT_HOLD"]


def _credit(before: Order | None, after: Order | None, known: Known) -> Iterator[Finding]:
    customer = known.get(Customer, after.customer) if before is None and after is not None else None
    if customer is not None and customer.credit_hold:
        yield Finding("credit-hold", f"{customer.name} is on credit hold: settle that first", "customer", customer.id)


NO_ORDER_ON_CREDIT_HOLD: Final = Rule(Order, _credit)
"""Refuses a new order while its customer is on credit hold; orders taken before are left alone."""
