"""A trend: one roll-up at several instants, one after another."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

import attrs

from crmkit.errors import Fault, Invalid
from crmkit.forecasting.roll_up import Group, RollUp
from crmkit.forecasting.schema import kinds_of_keys
from crmkit.forecasting.tabled import Tabled, keys
from crmkit.forecasting.totals import AMOUNTS
from crmkit.frames import arrow_table, data_frame

__all__ = ["Trend", "TrendPoint", "instants"]

_FIGURES: Final = ("count", *AMOUNTS)
_MOST: Final = 10_000
_STEPS: Final[dict[str, tuple[int, int]]] = {
    "day": (0, 1),
    "week": (0, 7),
    "month": (1, 0),
    "quarter": (3, 0),
    "year": (12, 0),
}


@attrs.frozen
class TrendPoint:
    """A roll-up as it stood at an instant."""

    at: datetime
    figures: RollUp


@attrs.frozen(kw_only=True)
class Trend(Tabled):
    """A roll-up at several instants, the earliest first: `trend.of("open")` is one figure of the whole through them."""

    by: tuple[str, ...]
    currency: str
    points: tuple[TrendPoint, ...]

    def __iter__(self) -> Iterator[TrendPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def of(self, figure: str, key: Any = None) -> list[tuple[datetime, Any]]:
        """A figure of the whole at each instant, or of a row by its key, in any form that the roll-up takes in
        brackets: None where there was no such row.

        Raises Invalid on a figure that a row of a roll-up has not.
        """
        if not hasattr(Group, figure) and figure not in _FIGURES:
            raise Invalid("the trend", [Fault("figure", f"{figure!r} is none of {', '.join(_FIGURES)} …")])
        found = []
        for point in self.points:
            figures = point.figures
            row = figures.total if key is None else figures.get(key)
            found.append((point.at, None if row is None else getattr(row, figure)))
        return found

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        return f"Trend, in {self.currency}"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        return [*self._kinds()]

    def _kinds(self) -> dict[str, str]:
        """The columns, each with the kind of what it holds."""
        return {"at": "instant", **kinds_of_keys(self.by), "count": "whole", **dict.fromkeys(AMOUNTS, "amount")}

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        return data_frame(self._kinds(), self.to_rows())

    def to_arrow(self) -> Any:
        """The rows as a pyarrow Table, with the columns of `to_rows`: the instant in UTC to the microsecond, keys and
        names are strings, the count int64, amounts decimal128(38, 4). Raises MissingExtra without pyarrow.
        """
        return arrow_table(self._kinds(), self.to_rows())

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for point in self.points:
            for row in point.figures.rows if self.by else (point.figures.total,):
                yield [point.at, *keys(row), *[getattr(row, name) for name in _FIGURES]]


def instants(start: datetime, end: datetime, every: Any, zone: tzinfo) -> list[datetime]:
    """From the start on, a step at a time, up to the end, which is always the last one.

    A step is "day", "week", "month", "quarter" or "year", at the same time of the day in the zone (of a month that
    has not the day, its last one), or a length of time. Raises Invalid on any other, and where there would be more than
    10,000.
    """
    if start > end:
        raise Invalid("the trend", [Fault("start", f"must not be later than the end, {end}")])
    step = _STEPS.get(every) if isinstance(every, str) else None
    length = every if isinstance(every, timedelta) else timedelta()
    if step is None and length <= timedelta():
        said = f"is one of {', '.join(_STEPS)}, or a timedelta above zero, not {every!r}"
        raise Invalid("the trend", [Fault("every", said)])
    found: list[datetime] = []
    at = start
    while at < end:
        if len(found) >= _MOST:
            raise Invalid("the trend", [Fault("every", f"would be more than {_MOST:,} steps: take longer ones")])
        found.append(at)
        at = start + length * len(found) if step is None else _after(start, step, len(found), zone)
    return [*found, end]


def _after(start: datetime, step: tuple[int, int], times: int, zone: tzinfo) -> datetime:
    months, days = step
    local = start.astimezone(zone)
    if months:
        month = local.year * 12 + local.month - 1 + months * times
        year, month = divmod(month, 12)
        local = local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
    local += timedelta(days=days * times)
    return local.astimezone(start.tzinfo)
