"""The reckoning of a waterfall: opportunities put on their paths, and what the rows come to (`waterfall` has the
meaning).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from crmkit.errors import Refused
from crmkit.forecasting.rows import row_order
from crmkit.forecasting.standings import RowKey, Standing, StandingGrouping
from crmkit.forecasting.waterfall import Held, Movements, Waterfall
from crmkit.forecasting.waterfall_rows import Row
from crmkit.forecasting.waterfall_trees import Subtrees, Trees

__all__ = ["due_to_rates", "waterfall"]

_NO_NAMES: Final[Mapping[str, Mapping[Any, str]]] = {}


def waterfall(
    pairs: Iterable[tuple[Standing | None, Standing | None]],
    *,
    later: StandingGrouping,
    ended: Mapping[RowKey, tuple[int, int]],
    start: datetime,
    end: datetime,
    by_rates: Callable[[Standing, Standing], int] | None = None,
    trees: tuple[Trees, Trees] | None = None,
    names: Mapping[str, Mapping[Any, str]] = _NO_NAMES,
    settled: datetime | None = None,
) -> Waterfall:
    """The waterfall of opportunities as they stood at the start and at the end (None: there was none), by the paths of
    `crmkit.forecasting.waterfall`.

    `pairs` holds each that may have moved, or each of its parts, once; the others count the same at both instants.
    `later` is how they were read at the end; `ended` what each row comes to there, of all opportunities: how many, and
    whole minor units. `by_rates` says how much of a difference is due to rates (None: `due_to_rates`). `trees` gives
    the parent of each id at the start and at the end, by dimension. `names` gives what is shown, by dimension and key.
    """
    reckoned = _Reckoning(later, ended, by_rates or (lambda out, into: due_to_rates(out, into, later)))
    for before, after in pairs:
        reckoned.take(before, after)
    by, currency = later.dimensions, later.valuation.currency
    whole = Row(())
    for row in reckoned.rows:
        whole.merge(row, between=True)
    below = reckoned.subtrees(trees) if trees else None
    found = [row.told(by, currency, names, under) for row, under in below or ((row, None) for row in reckoned.rows)]
    return Waterfall(
        by=by,
        currency=currency,
        measure=later.measure,
        start=start,
        end=end,
        rows=tuple(sorted(found, key=row_order)) if by else (),
        total=whole.told((), currency, names, below.whole() if below else None),
        movements=Movements(reckoned.held, currency),
        settled=settled,
    )


def due_to_rates(out: Standing, into: Standing, later: StandingGrouping) -> int:
    """What other rates, or another day's rate, would have made of the former value, less what it counted."""
    if out.value is None or out.currency == later.valuation.currency:
        return 0
    try:
        return later.figure(out.id, out.value, out.currency, out.share, into.day) - out.figure
    except Refused:
        return 0


class _Rows:
    """Rows by their key; one that is asked for is there, and is one object."""

    def __init__(self, ended: Mapping[RowKey, tuple[int, int]]) -> None:
        self._by_key = {key: Row(key, *figures) for key, figures in ended.items()}
        self._near: dict[int, tuple[RowKey, Row]] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(self._by_key.values())

    def of(self, key: RowKey) -> Row:
        """The row of a key. Most keys are an object that was asked for before: ids are slow to compare."""
        near = self._near.get(id(key))
        if near is None:
            row = self._by_key.get(key)
            if row is None:
                row = self._by_key[key] = Row(key)
            near = self._near[id(key)] = (key, row)  # the key is kept, so that no other object is where it is
        return near[1]


class _Reckoning:
    """Puts opportunities on their paths, and on the lines of their rows."""

    def __init__(
        self,
        later: StandingGrouping,
        ended: Mapping[RowKey, tuple[int, int]],
        by_rates: Callable[[Standing, Standing], int],
    ) -> None:
        self.rows = _Rows(ended)
        self.held: list[Held] = []
        self._by = later.dimensions
        self._period = self._by.index("period") if "period" in self._by else None
        self._by_rates = by_rates
        self._gone_over: list[tuple[Standing, Standing, str]] = []

    def take(self, before: Standing | None, after: Standing | None) -> None:
        """One as it stood at both instants."""
        out = before if before is not None and before.counts else None
        into = after if after is not None and after.counts else None
        if out is None:
            if into is not None:
                self._entered(before, into)
        elif into is None:
            self._left(out, after)
        else:
            left, entered = self.rows.of(out.key), self.rows.of(into.key)
            left.began_with(out)
            entered.began_without(into)
            if left is entered:
                self._stayed(left, out, into)
            else:
                self._went_over(left, entered, out, into)

    def _entered(self, before: Standing | None, into: Standing) -> None:
        row, path = self.rows.of(into.key), _entering(before, into)
        row.began_without(into)
        row.enter(path, into)
        self.held.append((into.id, path, None, into.key, 0, into.figure, 0))

    def _left(self, out: Standing, after: Standing | None) -> None:
        row, path = self.rows.of(out.key), _leaving(out, after)
        row.began_with(out)
        row.leave(path, out)
        self.held.append((out.id, path, out.key, None, out.figure, 0, 0))

    def _stayed(self, row: Row, out: Standing, into: Standing) -> None:
        rates = self._by_rates(out, into)
        path = row.stay(out, into, rates)
        if path is not None:
            self.held.append((into.id, path, out.key, into.key, out.figure, into.figure, rates))

    def _went_over(self, left: Row, entered: Row, out: Standing, into: Standing) -> None:
        """Seen from each row, the other is outside: no rate of the other instant has a part in it."""
        place, path = self._period, "moved"
        if place is not None and out.key[place] != into.key[place]:
            path = _shifted(out.day, into.day)
        left.leave(path, out, between=True)
        entered.enter(path, into, between=True)
        self.held.append((into.id, path, out.key, into.key, out.figure, into.figure, 0))
        self._gone_over.append((out, into, path))

    def subtrees(self, trees: tuple[Trees, Trees]) -> Subtrees:
        """The rows with all that is below them."""
        found = Subtrees(self.rows, self._by, trees)
        for out, into, path in self._gone_over:
            found.go_over(out, into, path, self._by_rates)
        return found


def _entering(before: Standing | None, into: Standing) -> str:
    if before is None:
        return "new"
    if before.outcome != "open":
        return "reopened"
    return "moved" if before.within else _shifted(before.day, into.day)


def _leaving(out: Standing, after: Standing | None) -> str:
    if after is None:
        return "deleted"
    if after.outcome != "open":
        return after.outcome
    return "moved" if after.within else _shifted(out.day, after.day)


def _shifted(before: date | None, after: date | None) -> str:
    """Pushed to a later day, or to none; else pulled."""
    return "pushed" if after is None or (before is not None and after > before) else "pulled"
