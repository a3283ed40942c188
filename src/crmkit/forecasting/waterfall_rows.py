"""A row of a waterfall under way, in whole minor units."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.forecasting.standings import RowKey, Standing
from crmkit.forecasting.tabled import placed
from crmkit.forecasting.waterfall import LINES, WaterfallRow

__all__ = ["Row"]

_TWO_WAYS: Final = frozenset({"pulled", "pushed", "moved"})
_STAYING: Final = frozenset({"up", "down", "rates"})
_OUT: Final = frozenset({"moved_out", "pulled_out", "pushed_out", "lost", "won", "deleted"})
_IN: Final = frozenset(LINES) - _OUT - _STAYING


class Row:
    """What is in it at the start and at the end, and its lines: each how many, and an amount.

    `between` are the lines of what went over between this row and another, apart from `lines`, until it is told.
    """

    __slots__ = ("between", "end", "key", "lines", "start")

    def __init__(self, key: RowKey, count: int = 0, amount: int = 0) -> None:
        self.key = key
        self.start = [count, amount]
        self.end = [count, amount]
        self.lines: dict[str, list[int]] = {}
        self.between: dict[str, list[int]] = {}

    def began_with(self, one: Standing) -> None:
        """It was here at the start."""
        self.start[0] += one.counted
        self.start[1] += one.figure

    def began_without(self, one: Standing) -> None:
        """It is among what is here at the end, and is none of those that have not moved."""
        self.start[0] -= one.counted
        self.start[1] -= one.figure

    def leave(self, path: str, one: Standing, *, between: bool = False) -> None:
        """It went out on a path, with what it counted at the start."""
        line = path + "_out" if path in _TWO_WAYS else path
        _add(self.between if between else self.lines, line, one.counted, -one.figure)

    def enter(self, path: str, one: Standing, *, between: bool = False) -> None:
        """It came in on a path, with what it counts at the end."""
        line = path + "_in" if path in _TWO_WAYS else path
        _add(self.between if between else self.lines, line, one.counted, one.figure)

    def stay(self, out: Standing, into: Standing, rates: int) -> str | None:
        """It was here and is; what is due to rates has a line of its own. The path that it is on, if any."""
        rest = into.figure - out.figure - rates
        path = "up" if rest > 0 else "down"
        if rest:
            _add(self.lines, path, 1, rest)
        if rates:
            _add(self.lines, "rates", 1, rates)
        if out.counted != into.counted:  # its largest part is another one now
            _add(self.lines, "moved_out" if out.counted else "moved_in", 1, 0)
        return path if rest else "rates" if rates else None

    def merge(self, other: "Row", *, between: bool = False) -> None:
        """Count all of another in; with what went over `between` rows, or without it."""
        _sum(self.start, other.start)
        _sum(self.end, other.end)
        for lines in (other.lines, *([other.between] if between else [])):
            for line, (count, amount) in lines.items():
                _add(self.lines, line, count, amount)

    def lose(self, other: "Row") -> None:
        """Another one was below this one at the start alone: what left it did so on its line, the rest has moved."""
        count, amount = other.start
        _sum(self.start, other.start)
        self._pass(other, _OUT, "moved_out", count, -amount)

    def gain(self, other: "Row") -> None:
        """Another one is below this one at the end alone: what entered it did so on its line, the rest has moved."""
        count, amount = other.end
        _sum(self.end, other.end)
        self._pass(other, _IN, "moved_in", count, amount)

    def _pass(self, other: "Row", through: frozenset[str], moved: str, count: int, amount: int) -> None:
        for lines, own in ((other.lines, True), (other.between, False)):
            for line, (some, figure) in lines.items():
                if line not in through:
                    continue
                count, amount = count - some, amount - figure
                if own:
                    _add(self.lines, line, some, figure)
        if count or amount:
            _add(self.lines, moved, count, amount)

    def told(
        self,
        dimensions: tuple[str, ...],
        currency: str,
        names: Mapping[str, Mapping[Any, str]],
        below: "Row | None" = None,
    ) -> WaterfallRow:
        """What it has come to; `below` is what it has come to with all that is below it."""
        lines = {line: list(held) for line, held in self.lines.items()}
        for line, (count, amount) in self.between.items():
            _add(lines, line, count, amount)
        none = [0, 0]
        place, shown = placed(dimensions, self.key, names)
        found = WaterfallRow(
            key=place,
            shown=shown,
            start=Money.of_minor(self.start[1], currency),
            start_count=self.start[0],
            lines=FrozenMap({line: Money.of_minor(lines.get(line, none)[1], currency) for line in LINES}),
            counts=FrozenMap({line: lines.get(line, none)[0] for line in LINES}),
            end=Money.of_minor(self.end[1], currency),
            end_count=self.end[0],
        )
        if below is None:
            return found
        return attrs.evolve(found, with_descendants=found if below is self else below.told(dimensions, currency, names))


def _add(lines: dict[str, list[int]], line: str, count: int, amount: int) -> None:
    held = lines.get(line)
    if held is None:
        lines[line] = [count, amount]
    else:
        held[0] += count
        held[1] += amount


def _sum(mine: list[int], theirs: list[int]) -> None:
    mine[0] += theirs[0]
    mine[1] += theirs[1]
