"""Managers' adjustments of a forecast: kept beside the owner's figure, never over it (R6)."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from uuid import UUID

import attrs

from crmkit.entities import ForecastAdjustment, Money
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.rates import Exchange

__all__ = ["Adjusted", "adjusted", "adjustments_applied", "made_by"]


@attrs.frozen
class Adjusted:
    """An adjustment with what it does: by how much it moves the figure that those before it left, and to what.

    `exchange` is how it was converted, None where it is in the forecast's currency.
    """

    adjustment: ForecastAdjustment
    effect: Money
    figure: Money
    exchange: Exchange | None = None


def adjustments_applied(
    weighted: Money, adjustments: Iterable[ForecastAdjustment], valuation: Valuation
) -> tuple[Adjusted, ...]:
    """What each adjustment does to the weighted figure, in the order in which they count.

    They are taken in the order of their instants, those that have none yet last: an amount takes the place of
    the figure so far, a difference is added to it. So the latest amount counts, and the differences since; without
    an amount, the weighted figure and all differences. One in another currency is for the day on which it was made.
    Raises Refused without a rate that is needed.
    """
    figure, found = weighted, []
    for one in sorted(adjustments, key=_order):
        given = one.difference if one.amount is None else one.amount
        if given is None:  # no record is saved without one of the two
            continue
        exchange = valuation.exchange(given, valuation.day_of(one.at), record=one.id)
        moved = given if exchange is None else exchange.result
        after = figure + moved if one.amount is None else moved
        found.append(Adjusted(one, after - figure, after, exchange))
        figure = after
    return tuple(found)


def adjusted(weighted: Money, adjustments: Iterable[ForecastAdjustment], valuation: Valuation) -> Money:
    """The weighted figure after the adjustments, as `adjustments_applied` takes them; without any, itself."""
    applied = adjustments_applied(weighted, adjustments, valuation)
    return applied[-1].figure if applied else weighted


def made_by(adjustments: Iterable[ForecastAdjustment], users: Collection[str]) -> list[ForecastAdjustment]:
    """Those that one of these users made; "" is nobody."""
    return [one for one in adjustments if one.by and one.by in users]


def _order(adjustment: ForecastAdjustment) -> tuple[bool, datetime, UUID]:
    return adjustment.at is None, adjustment.at or datetime.min.replace(tzinfo=UTC), adjustment.id
