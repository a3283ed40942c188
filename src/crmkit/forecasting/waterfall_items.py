"""Opportunities part by part, as a waterfall by item compares them: see `crmkit.forecasting.waterfall`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from crmkit.entities import Money
from crmkit.errors import Refused
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.items import Line, by_item, comparable
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.standings import RowKey, Standing, StandingGrouping

__all__ = ["Parted"]

_Pair: TypeAlias = tuple[Standing | None, Standing | None]
_Lines: TypeAlias = Mapping[UUID, Sequence[Line]]
_Parts: TypeAlias = dict[Key, tuple[int, int]]
"""By item, what the part counts, and 1 where the opportunity counts with it, else 0."""


class Parted:
    """Pairs of opportunities as pairs of their parts, an item each; their lines are given for both instants.

    A part that is not there stands as one that does not count, in the periods of the other one's row or not. Raises
    Refused without a rate that is needed.
    """

    def __init__(
        self, pairs: Iterable[_Pair], *, earlier: StandingGrouping, later: StandingGrouping, then: _Lines, now: _Lines
    ) -> None:
        self._pairs = pairs
        self._earlier, self._later = earlier, later
        self._then, self._now = then, now
        self._place = later.dimensions.index("item")
        self._period = later.dimensions.index("period") if "period" in later.dimensions else None
        self._keys: dict[RowKey, RowKey] = {}
        self._restated: tuple[UUID | None, _Parts | None] = (None, None)

    def __iter__(self) -> Iterator[_Pair]:
        for before, after in self._pairs:
            was = _parts(before, self._then, self._earlier.valuation)
            now = _parts(after, self._now, self._later.valuation)
            for item in dict.fromkeys((*was, *now)):
                old = self._part(before, item, was)
                new = self._part(after, item, now)
                yield self._beside(old, new), self._beside(new, old)

    def _part(self, whole: Standing | None, item: Key, parts: _Parts) -> Standing | None:
        """The part of an item; one that does not count where there is no such part."""
        if whole is None or not whole.counts:
            return whole
        key = (*whole.key[: self._place], item, *whole.key[self._place :])
        key = self._keys.setdefault(key, key)
        if item not in parts:
            return whole._replace(key=key, counts=False)
        figure, counted = parts[item]
        return whole._replace(key=key, figure=figure, counted=counted)

    def _beside(self, one: Standing | None, other: Standing | None) -> Standing | None:
        """Seen from the row of the other, where it is of another period, it is outside the periods."""
        place = self._period
        if one is None or other is None or one.counts or not one.key or place is None:
            return one
        return one if one.key[place] == other.key[place] else one._replace(within=False)

    def by_rates(self, out: Standing, into: Standing) -> int:
        """What other rates, or another day's, would have made of the former part, less what it counted: the former
        value is split anew, over the former lines.
        """
        id, parts = self._restated
        if id != out.id:
            parts = self._at_later_rates(out, into)
            self._restated = (out.id, parts)
        return 0 if parts is None else parts[out.key[self._place]][0] - out.figure

    def _at_later_rates(self, out: Standing, into: Standing) -> _Parts | None:
        later = self._later
        try:
            figure = later.figure(out.id, out.value, out.currency, out.share, into.day)
            return _parts(out._replace(figure=figure, day=into.day), self._then, later.valuation)
        except Refused:
            return None


def _parts(one: Standing | None, lines: _Lines, valuation: Valuation) -> _Parts:
    """The parts of one that counts, by item; None is the item of one that has no lines."""
    if one is None or not one.counts:
        return {}
    held = lines.get(one.id)
    if not held:
        return {None: (one.figure, one.counted)}
    figure = Money.of_minor(one.figure, valuation.currency)
    ordered = comparable(held, one.currency or "", one.day, valuation, record=one.id)
    return {item: (part.minor, int(here)) for item, part, _, here in by_item(figure, figure, ordered)}
