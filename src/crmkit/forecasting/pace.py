"""Pace: how much of what closes is won, how long that takes, and how much it comes to a day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from statistics import median
from typing import Any, ClassVar, Final

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.forecasting.ratios import Velocity, win_rate
from crmkit.forecasting.rows import Keyed, row_order
from crmkit.forecasting.standings import RowKey
from crmkit.forecasting.tabled import Tabled, heads, keys, placed
from crmkit.forecasting.totals import Outcome

__all__ = ["Pace", "PaceRow", "Sale", "pace"]

_FIGURES: Final = (
    "open_count",
    "won_count",
    "lost_count",
    "won",
    "lost",
    "win_rate",
    "win_rate_by_value",
    "average_won",
    "cycle_mean",
    "cycle_median",
    "cycles",
    "velocity",
)


@attrs.frozen(kw_only=True)
class Sale:
    """An opportunity as it goes into the pace: the row it belongs to, how it stands, and its value.

    `cycle` is the days from the one on which it was first recorded to the one on which it was closed; None while it is
    open, and where it was recorded only after it had closed, so that nobody knows.
    """

    key: RowKey
    outcome: Outcome
    value: Money
    cycle: int | None = None


@attrs.frozen(kw_only=True)
class PaceRow:
    """A group: how many are open, how many were won and lost and what they came to, and how long the won ones took.

    `cycle_mean` and `cycle_median` are exact days, of the `cycles` won ones of which they are known; None of none.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    open_count: int
    won_count: int
    lost_count: int
    won: Money
    lost: Money
    cycle_mean: Fraction | None
    cycle_median: Fraction | None
    cycles: int

    @property
    def win_rate(self) -> Fraction | None:
        """won ÷ closed, by number; None while nothing is closed."""
        return win_rate(self.won_count, self.lost_count)

    @property
    def win_rate_by_value(self) -> Fraction | None:
        """won ÷ closed, by value; None while nothing of a value is closed."""
        return win_rate(self.won.minor, self.lost.minor)

    @property
    def average_won(self) -> Money | None:
        """The mean value of what was won, rounded half-even to the minor unit; None while nothing is."""
        return (
            Money.of_minor(round(Fraction(self.won.minor, self.won_count)), self.won.currency)
            if self.won_count
            else None
        )

    @property
    def velocity(self) -> Velocity | None:
        """open × mean value of what was won × win rate ÷ mean cycle: what is won a day, exactly, if it goes on so.

        None without a win, or with a mean cycle that is not known or of no days.
        """
        rate = self.win_rate
        if not self.won_count or rate is None or not self.cycle_mean:
            return None
        average = Fraction(self.won.minor, self.won_count)
        return Velocity(self.open_count * average * rate / self.cycle_mean, self.won.currency)


@attrs.frozen(kw_only=True)
class Pace(Keyed[PaceRow], Tabled):
    """The pace: a row a group, and the total."""

    called: ClassVar = "pace"

    by: tuple[str, ...]
    currency: str
    rows: tuple[PaceRow, ...]
    total: PaceRow

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        return f"Pace, in {self.currency}"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        return [*heads(self.by), *_FIGURES]

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for row in self.rows or ([] if self.by else [self.total]):
            yield [*keys(row), *[getattr(row, name) for name in _FIGURES]]


def pace(sales: Iterable[Sale], *, by: tuple[str, ...], currency: str, names: Mapping[str, Mapping[Any, str]]) -> Pace:
    """The pace of opportunities, by the rows that they belong to; their values are in the currency."""
    held: dict[RowKey, list[Sale]] = {}
    for one in sales:
        held.setdefault(one.key, []).append(one)
    every = [one for some in held.values() for one in some]
    rows = [_row(by, key, some, currency, names) for key, some in held.items()] if by else []
    return Pace(
        by=by,
        currency=currency,
        rows=tuple(sorted(rows, key=row_order)),
        total=_row((), (), every, currency, names),
    )


def _row(
    by: tuple[str, ...], key: RowKey, sales: Sequence[Sale], currency: str, names: Mapping[str, Mapping[Any, str]]
) -> PaceRow:
    place, shown = placed(by, key, names)
    won = [one for one in sales if one.outcome == "won"]
    lost = [one for one in sales if one.outcome == "lost"]
    cycles = [Fraction(one.cycle) for one in won if one.cycle is not None]
    return PaceRow(
        key=place,
        shown=shown,
        open_count=len(sales) - len(won) - len(lost),
        won_count=len(won),
        lost_count=len(lost),
        won=Money.total((one.value for one in won), currency),
        lost=Money.total((one.value for one in lost), currency),
        cycle_mean=sum(cycles, Fraction(0)) / len(cycles) if cycles else None,
        cycle_median=median(cycles) if cycles else None,
        cycles=len(cycles),
    )
