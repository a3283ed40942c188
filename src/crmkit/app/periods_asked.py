"""What is asked of sales periods: one or several codes, or all of a kind."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.entities import SalesPeriod
from crmkit.entities.facts import OneOf
from crmkit.errors import Fault, Invalid, NotFound

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["check_kind", "period_codes", "periods_asked"]


def period_codes(period: Any) -> tuple[str, ...] | None:
    """The codes of periods, one or several. Raises Invalid on what can be none."""
    if period is None:
        return None
    codes = (period,) if isinstance(period, str) or not isinstance(period, Iterable) else tuple(period)
    if not all(isinstance(one, str) for one in codes):
        said = f"is the code of a sales period, or several, not {period!r}"
        raise Invalid("the figures", [Fault("period", said)])
    return codes


def check_kind(kind: str) -> None:
    """Raise Invalid on a kind of sales periods that there is not."""
    kinds = SalesPeriod.spec.by_name["kind"].fact(OneOf)
    if kinds is not None and kind not in kinds.values:
        raise Invalid("the figures", [Fault("period_kind", f"must be one of {', '.join(kinds.values)}, not {kind!r}")])


def periods_asked(work: "Work", wanted: str | Sequence[str] | None, kind: str) -> list[SalesPeriod]:
    """The periods of these codes; None: all of the kind. Raises NotFound.

    Of an instant that a later one looks back at, they are as they stand at the later one: a period that was made or
    moved since is part of the question.
    """
    known = work.periods_of.known
    if wanted is None:
        return known.all_of(SalesPeriod, kind=kind)
    found: list[SalesPeriod] = []
    for code in (wanted,) if isinstance(wanted, str) else wanted:
        held = known.all_of(SalesPeriod, code=code)
        if not held:
            raise NotFound("sales period", code, "make it first, or look at crm.sales_periods")
        found += held
    return found
