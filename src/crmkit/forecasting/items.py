"""What an opportunity's lines have of its figures (R6.5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Final
from uuid import UUID

import attrs

from crmkit.entities import Item, Money, OpportunityItem
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.totals import Figures

__all__ = ["Line", "by_item", "comparable", "line_of", "lines_of", "list_price", "shares", "split_figures"]

_SCALE: Final = 4
"""Quantities and prices are whole ten-thousandths."""


@attrs.frozen
class Line:
    """A line of an opportunity: its item, how much of it, at what price each; in ten-thousandths, None if not known.

    `currency` is that of the price: empty where it is the one of the opportunity's value.
    """

    id: UUID
    item: UUID
    quantity: int
    price: int | Fraction | None
    currency: str = ""

    @property
    def weight(self) -> int | Fraction:
        """Quantity × price, in the currency of the price; nothing without a price."""
        return max(0, self.quantity) * (self.price or 0)


def line_of(
    id: UUID,
    item: UUID,
    quantity: int,
    price: int | None,
    listed: int | None,
    listed_in: str | None,
    *,
    currency: str | None,
    default: str,
) -> Line:
    """A line as a store tells it, of an opportunity whose value is in `currency` (None: it has no value, and the line
    no other price than its own). Without a price it has the item's list price, which is in `listed_in`, or else in the
    currency that is the `default`.
    """
    if price is None and currency is not None:
        return Line(id, item, quantity, listed, listed_in or default)
    return Line(id, item, quantity, price)


def lines_of(lines: Iterable[OpportunityItem], prices: Mapping[UUID, tuple[int, str]]) -> list[Line]:
    """The lines as shares are reckoned of them. `prices` are the items' list prices with their currencies, for lines
    without a price.
    """
    found = []
    for one in lines:
        listed, currency = prices.get(one.item, (None, ""))
        price = None if one.price is None else int(one.price.scaleb(_SCALE))
        quantity = int(one.quantity.scaleb(_SCALE))
        if price is None:
            found.append(Line(one.id, one.item, quantity, listed, currency))
        else:
            found.append(Line(one.id, one.item, quantity, price))
    return found


def list_price(item: Item, default: str) -> tuple[int, str] | None:
    """The item's list price in ten-thousandths and its currency, where it has one; `default` is the application's."""
    if item.unit_price is None:
        return None
    return int(item.unit_price.scaleb(_SCALE)), item.currency or default


def comparable(
    lines: Iterable[Line], currency: str, day: date | None, valuation: Valuation, *, record: UUID
) -> list[Line]:
    """The lines of an opportunity (`record`) whose value is in `currency`, in order, with prices that can be compared.

    Where those that weigh anything are in several currencies, each counts in the valuation's, exactly, at the rate for
    the opportunity's close date; where they are in one, no rate is needed. Raises Refused without a rate that is
    needed.
    """
    ordered = sorted(lines, key=lambda line: line.id.int)
    priced_in = list(dict.fromkeys(line.currency or currency for line in ordered if line.weight))
    if len(priced_in) < 2:
        return ordered
    rates = {one: _rate(one, day, valuation, record) for one in priced_in}
    return [
        attrs.evolve(line, price=line.price * rates[line.currency or currency], currency=valuation.currency)
        if line.weight and line.price
        else line
        for line in ordered
    ]


def _rate(currency: str, day: date | None, valuation: Valuation, record: UUID) -> Fraction:
    found = valuation.exchange(Money(1, currency), day, record=record)
    return Fraction(1) if found is None else Fraction(found.rate)


def shares(lines: Sequence[Line]) -> list[int]:
    """What the lines weigh: quantity × price; where that is nothing for all of them, their quantity, else alike.

    A line without a price weighs nothing beside others that have one. Prices are in one currency: see `comparable`.
    """
    weights = [one.weight for one in lines]
    whole = lcm(*(weight.denominator for weight in weights))
    for found in ([int(weight * whole) for weight in weights], [max(0, one.quantity) for one in lines]):
        if any(found):
            return found
    return [1] * len(lines)


def by_item(gross: Money, weighted: Money, lines: Iterable[Line]) -> list[tuple[UUID, Money, Money, bool]]:
    """The figures split over an opportunity's lines: for each item its part of the gross and of the weighted figure,
    and whether the opportunity counts there.

    Both figures, rounded as they are, are split by the same shares, in whole minor units, what is left to the largest
    remainders and of equals to the earlier line: so the parts sum to the opportunity's own figures, and a won one's
    are alike. It counts once, where the largest share is.
    """
    ordered = sorted(lines, key=lambda line: line.id.int)
    weights = shares(ordered)
    nothing = Money.of_minor(0, gross.currency)
    parts: dict[UUID, tuple[Money, Money, int]] = {}
    for line, weight, one, likely in zip(
        ordered, weights, gross.allocate(weights), weighted.allocate(weights), strict=True
    ):
        held = parts.get(line.item, (nothing, nothing, 0))
        parts[line.item] = (held[0] + one, held[1] + likely, held[2] + weight)
    first = max(parts, key=lambda item: parts[item][2])
    return [(item, one, likely, item == first) for item, (one, likely, _) in parts.items()]


def split_figures(figures: Figures, lines: Iterable[Line]) -> list[tuple[UUID | None, Figures]]:
    """The figures of one opportunity, an item each; the whole under None where it has no lines."""
    held = list(lines)
    if not held:
        return [(None, figures)]
    return [
        (
            item,
            Figures(
                gross=gross,
                weighted=weighted,
                outcome=figures.outcome,
                stated_category=figures.stated_category,
                count=figures.count if here else 0,
                incomplete_count=figures.incomplete_count if here else 0,
            ),
        )
        for item, gross, weighted, here in by_item(figures.gross, figures.weighted, held)
    ]
