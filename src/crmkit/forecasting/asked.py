"""What is asked of a distribution of revenue: amounts and shares, refused where they cannot be meant."""

from typing import Any, Final

from crmkit.entities import Money, Percent
from crmkit.errors import Fault, Invalid

__all__ = ["amount_asked", "quantile_asked"]

_CERTAIN: Final = 10_000


def amount_asked(name: str, given: Any, currency: str) -> Money:
    """An amount in that currency. Raises Invalid on anything else."""
    if isinstance(given, Money) and given.currency == currency:
        return given
    said = f"is an amount in {currency}, such as Money(100000, {currency!r}), not {given!r}"
    if isinstance(given, Money):
        said += ": convert it at a rate, or ask for the figures in its currency=…"
    raise Invalid("the question", [Fault(name, said)])


def quantile_asked(given: Any) -> int:
    """The share of a quantile, in hundredths of a percent. Raises Invalid on what is not between 0 and 100 %."""
    try:
        share = Percent(given).basis_points
    except ValueError as wrong:
        raise Invalid("the question", [Fault("percent", str(wrong))]) from None
    if not 0 < share < _CERTAIN:
        said = f"a quantile lies between 0 and 100 %, both excluded, not at {given!r}: ask for 10 to have P10"
        raise Invalid("the question", [Fault("percent", said)])
    return share
