"""The periods of a sales year: months, quarters, the year itself; by the calendar, or in whole weeks."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, Literal, get_args

from crmkit.entities import NIL, SalesPeriod
from crmkit.errors import Fault, Invalid

__all__ = ["CALENDARS", "WEEKS", "Calendar", "Weeks", "overlapping", "period_of", "quarter_end", "year_periods"]

Calendar = Literal["month", "quarter", "year"]
"""How a year is divided."""

CALENDARS: Final[tuple[str, ...]] = get_args(Calendar)
"""The divisions of a year that there are."""

Weeks = Literal["", "4-4-5", "4-5-4", "5-4-4"]
"""How many weeks the months of a quarter have; nothing where months are those of the calendar."""

WEEKS: Final[tuple[str, ...]] = get_args(Weeks)
"""The patterns of weeks that there are."""

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)


def year_periods(
    year: int,
    kind: str = "quarter",
    *,
    first_month: int = 1,
    weeks: str = "",
    first_weekday: int = 0,
    prefix: str = "",
) -> tuple[SalesPeriod, ...]:
    """The periods of a year, not saved yet: one after the other, with no gap and no overlap.

    The year begins on the first of `first_month` of the calendar year `year`, which also names it: with
    `first_month=4` the year 2026 runs from April 2026 to March 2027. `kind` is one of `CALENDARS`:

    - "month": twelve, coded by the calendar month, "2026-01"; by weeks "2026-P01";
    - "quarter": four, "2026-Q1" is the first one of that year;
    - "year": one, "2026".

    With `weeks`, one of `WEEKS`, they are of whole weeks that begin on `first_weekday` (0 is Monday, 6 Sunday), and the
    months of each quarter have so many. The year then begins on that weekday nearest to the first of `first_month` (at
    most three days before or after it) and ends on the day before the next one begins; a year of 53 weeks gives its
    last period the week more. "4-4-5" with `first_month=1` has the years of ISO 8601's week dates; "4-5-4" with
    `first_month=2, first_weekday=6` is the calendar of the National Retail Federation.

    `prefix` is put before each code. Raises Invalid on another kind, pattern, weekday, month or year (2 to 9998).
    """
    faults = list(_faults(year, kind, first_month, weeks, first_weekday))
    if faults:
        raise Invalid("calendar", faults)
    starts = _by_weeks(year, first_month, weeks, first_weekday) if weeks else _by_months(year, first_month)
    length = _MONTHS[kind]
    return tuple(
        SalesPeriod(
            code=prefix + _code(year, kind, place // length, "" if weeks else starts[place].isoformat()[:7]),
            kind=kind,
            starts_on=starts[place],
            ends_on=starts[place + length] - _DAY,
        )
        for place in range(0, 12, length)
    )


def _faults(year: int, kind: str, first_month: int, weeks: str, first_weekday: int) -> Iterator[Fault]:
    if not _is_whole(year, 2, 9998):
        yield Fault("year", f"must be a whole number from 2 to 9998, not {year!r}")
    if kind not in CALENDARS:
        yield Fault("kind", f"must be one of {', '.join(CALENDARS)}, not {kind!r}")
    if not _is_whole(first_month, 1, 12):
        yield Fault("first_month", "must be from 1 (January) to 12 (December)")
    if weeks not in WEEKS:
        yield Fault("weeks", f"must be one of {', '.join(filter(None, WEEKS))}, or left out, not {weeks!r}")
    if not _is_whole(first_weekday, 0, 6):
        yield Fault("first_weekday", "must be from 0 (Monday) to 6 (Sunday)")


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _code(year: int, kind: str, place: int, month: str) -> str:
    if kind == "month":
        return month or f"{year:04d}-P{place + 1:02d}"
    return f"{year:04d}-Q{place + 1}" if kind == "quarter" else f"{year:04d}"


def _by_months(year: int, first_month: int) -> list[date]:
    """The first days of twelve months, and of the next year."""
    return [_month(year, first_month + place) for place in range(13)]


def _month(year: int, month: int) -> date:
    """The first day of a month, counted on from January of that year: 13 is the next January."""
    later, place = divmod(month - 1, 12)
    return date(year + later, place + 1, 1)


def quarter_end(day: date, first_month: int = 1) -> date:
    """The last day of the quarter that the day is in, in years that begin on the first of `first_month`.

    Raises Invalid on another month, and on a day whose quarter ends after the year 9999.
    """
    if not 1 <= first_month <= 12:
        raise Invalid("calendar", list(_faults(2000, "quarter", first_month, "", 0)))
    into = (day.month - first_month) % 3
    if day.year == date.max.year and day.month + 3 - into > 12:
        if day.month + 3 - into == 13:
            return date.max
        raise Invalid("calendar", [Fault("day", f"is in a quarter that ends after the year {date.max.year}")])
    return _month(day.year, day.month + 3 - into) - _DAY


def _by_weeks(year: int, first_month: int, weeks: str, first_weekday: int) -> list[date]:
    """The first days of twelve months of whole weeks, and of the next year."""
    starts = [_nearest(date(year, first_month, 1), first_weekday)]
    for count in [int(one) for one in weeks.split("-")] * 4:
        starts.append(starts[-1] + count * _WEEK)
    return [*starts[:-1], _nearest(date(year + 1, first_month, 1), first_weekday)]


def _nearest(day: date, weekday: int) -> date:
    """That weekday, at most three days away."""
    after = (weekday - day.weekday()) % 7
    return day + (after if after <= 3 else after - 7) * _DAY


def overlapping(period: SalesPeriod, others: Iterable[SalesPeriod]) -> SalesPeriod | None:
    """The earliest of the others that is of the same kind and shares a day with the period; None where none does.

    The period itself, by its id, does not count. Both ends of a period belong to it.
    """
    shared = (
        other
        for other in others
        if other.kind == period.kind
        and other is not period
        and (other.id == NIL or other.id != period.id)
        and other.starts_on <= period.ends_on
        and period.starts_on <= other.ends_on
    )
    return min(shared, key=lambda other: (other.starts_on, other.code), default=None)


def period_of(day: date | None, periods: Iterable[SalesPeriod]) -> SalesPeriod | None:
    """The first of the periods that the day falls into; None where it is in none, or there is no day."""
    if day is None:
        return None
    return next((period for period in periods if day in period), None)
