"""The opportunity that a conversion opens: when it is projected to close, and what was filled in by which rule."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import attrs

from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import Defaulted, Unmapped
from crmkit.entities import Lead, Opportunity, Record, evolve
from crmkit.policy import Policy

__all__ = ["NOTHING_OPENED", "Opened", "closing", "filled_fields"]

_CLOSE: Final = "opportunity.projected_close"


def _several(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Opened:
    """The opportunity that would be opened, what asked for it, and what of it is defaulted or dropped."""

    asked: Opening | None = None
    opportunity: Opportunity | None = None
    lead: Lead | None = None
    defaulted: tuple[Defaulted, ...] = attrs.field(default=(), converter=_several)
    unmapped: tuple[Unmapped, ...] = attrs.field(default=(), converter=_several)


NOTHING_OPENED: Final = Opened()
"""A conversion that opens none."""


def closing(opportunity: Opportunity, asked: Opening, policy: Policy, quarter_end: date) -> tuple[Opportunity, Opened]:
    """The opportunity with the day that it is projected to close, and by which rule where the call did not give it.

    `quarter_end` is the last day of the present fiscal quarter.
    """
    had, day = opportunity.projected_close, asked.projected_close
    if day is not None:
        return evolve(opportunity, projected_close=day), NOTHING_OPENED
    if policy.close_date == "fiscal_quarter" and had is None:
        said = Defaulted(_CLOSE, quarter_end, "policy: end of the fiscal quarter")
        return evolve(opportunity, projected_close=quarter_end), Opened(defaulted=[said])
    if policy.close_date == "none" and had is not None:
        dropped = Unmapped(_CLOSE, had, "dropped")
        return evolve(opportunity, projected_close=None), Opened(unmapped=[dropped])
    return opportunity, NOTHING_OPENED


def filled_fields(before: Record, after: Record, by: str, prefix: str = "") -> Iterator[Defaulted]:
    """The fields that saving fills in: a code by its list's default, any other by the rule that is named."""
    if after is before:
        return
    for name in after.spec.content:
        value = getattr(after, name)
        if value != getattr(before, name):
            table = after.spec.by_name[name].code_of
            rule = f"the default {table.replace('_', ' ')}" if table and not getattr(before, name) else by
            yield Defaulted(prefix + name, value, rule)
