"""What an opportunity's lines have of its figures (R6.5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

import attrs

from crmkit.entities import Item, Money, OpportunityItem
from crmkit.forecasting.totals import Figures

__all__ = ["Line", "by_item", "lines_of", "list_price", "shares", "split_figures"]

_SCALE: Final = 4
"""Quantities and prices are whole ten-thousandths."""


@attrs.frozen
class Line:
    """A line of an opportunity: its item, how much of it, at what price each; in ten-thousandths, None if not known."""

    id: UUID
    item: UUID
    quantity: int
    price: int | None


def lines_of(lines: Iterable[OpportunityItem], prices: Mapping[UUID, int]) -> list[Line]:
    """The lines as shares are reckoned of them. `prices` are the items' list prices, for lines without a price."""
    return [
        Line(
            id=one.id,
            item=one.item,
            quantity=int(one.quantity.scaleb(_SCALE)),
            price=prices.get(one.item) if one.price is None else int(one.price.scaleb(_SCALE)),
        )
        for one in lines
    ]


def list_price(item: Item, currency: str, default: str) -> int | None:
    """The item's list price in ten-thousandths, where it has one in that currency; `default` is the application's."""
    if item.unit_price is None or (item.currency or default) != currency:
        return None
    return int(item.unit_price.scaleb(_SCALE))


def shares(lines: Sequence[Line]) -> list[int]:
    """What the lines weigh: quantity × price; where that is nothing for all of them, their quantity, else alike.

    A line without a price weighs nothing beside others that have one.
    """
    quantities = [max(0, one.quantity) for one in lines]
    for weights in ([much * (one.price or 0) for much, one in zip(quantities, lines, strict=True)], quantities):
        if any(weights):
            return weights
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
