"""What is asked of sales periods: one or several, by code or as records, or all of a kind."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crmkit.entities import SalesPeriod
from crmkit.entities.facts import OneOf
from crmkit.errors import Fault, Invalid, NotFound

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Periods", "SomePeriods", "check_kind", "codes_of", "given_periods", "periods_asked", "periods_found"]

SomePeriods = str | SalesPeriod | Sequence[str | SalesPeriod]
"""A sales period by its code, or as a record, or several that do not overlap."""

Periods = SomePeriods | None
"""None is all."""


def given_periods(period: Any) -> tuple[str | SalesPeriod, ...] | None:
    """What was given for periods, one or several. Raises Invalid on what can be none."""
    if period is None:
        return None
    alone = isinstance(period, str) or not isinstance(period, Iterable)
    given: tuple[Any, ...] = (period,) if alone else tuple(period)
    for one in given:
        if not isinstance(one, str | SalesPeriod):
            said = f"is a sales period or its code, or several, not {period!r}"
            raise Invalid("the figures", [Fault("period", said)])
    return given


def codes_of(period: Any) -> list[str]:
    """The codes of what was given for periods, each once; none for all. Raises Invalid as `given_periods` does."""
    return list(dict.fromkeys(one if isinstance(one, str) else one.code for one in given_periods(period) or ()))


def check_kind(kind: str) -> None:
    """Raise Invalid on a kind of sales periods that there is not."""
    kinds = SalesPeriod.spec.by_name["kind"].fact(OneOf)
    if kinds is not None and kind not in kinds.values:
        raise Invalid("the figures", [Fault("period_kind", f"must be one of {', '.join(kinds.values)}, not {kind!r}")])


def periods_asked(work: "Work", wanted: Sequence[str | SalesPeriod] | None, kind: str) -> list[SalesPeriod]:
    """The periods that were given; None: all of the kind. Raises NotFound, and Invalid on some that overlap.

    A record is taken as it is; one that was never saved is a span of days without quotas and forecasts. Of an instant
    that a later one looks back at, periods of a code are as they stand at the later one: a period that was made or
    moved since is part of the question.
    """
    known = work.periods_of.known
    if wanted is None:
        return known.all_of(SalesPeriod, kind=kind)
    return periods_found(wanted, lambda code: known.all_of(SalesPeriod, code=code))


def periods_found(
    wanted: Iterable[str | SalesPeriod], of_code: Callable[[str], Iterable[SalesPeriod]]
) -> list[SalesPeriod]:
    """The periods that were given, each once, those of codes looked up. Raises NotFound on a code that none has, and
    Invalid on two that overlap: a day is in one period of a question, or its sales and quotas would count twice.
    """
    found: dict[str, SalesPeriod] = {}
    for one in wanted:
        held = (one,) if isinstance(one, SalesPeriod) else tuple(of_code(one))
        if not held:
            raise NotFound("sales period", str(one), "make it first, or look at crm.sales_periods")
        for period in held:
            found.setdefault(period.code, period)
    for first, second in pairwise(sorted(found.values(), key=lambda one: one.starts_on)):
        if second.starts_on <= first.ends_on:
            said = f"{first.code} and {second.code} have days in common: ask for each by itself"
            raise Invalid("the figures", [Fault("period", said)])
    return list(found.values())
