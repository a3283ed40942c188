"""The periods of a sales year: months, quarters, the year itself, or twelve periods of 4, 4 and 5 weeks."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, Literal, get_args

from crmkit.entities import NIL, SalesPeriod
from crmkit.errors import Fault, Invalid

__all__ = ["CALENDARS", "Calendar", "overlapping", "period_of", "quarter_end", "year_periods"]

Calendar = Literal["month", "quarter", "year", "4-4-5"]
"""How a year is divided."""

CALENDARS: Final[tuple[str, ...]] = get_args(Calendar)
"""The divisions of a year that there are."""

_WEEKS: Final = (4, 4, 5) * 4
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)


def year_periods(
    year: int, kind: str = "quarter", *, first_month: int = 1, prefix: str = ""
) -> tuple[SalesPeriod, ...]:
    """The periods of a year, not saved yet: one after the other, with no gap and no overlap.

    The year begins on the first of `first_month` of the calendar year `year`, which also names it: with
    `first_month=4` the year 2026 runs from April 2026 to March 2027. `kind` is one of `CALENDARS`:

    - "month": twelve, coded by the calendar month, "2026-01";
    - "quarter": four, "2026-Q1" is the first one of that year;
    - "year": one, "2026";
    - "4-4-5": twelve periods of whole weeks, Monday to Sunday, of the kind month, "2026-P01". The year begins on the
      Monday nearest to the first of `first_month` (at most three days before or after it) and ends on the day
      before the next one begins; a year of 53 weeks gives its last period the week more, so that it has
      six. With `first_month=1` these are the years of ISO 8601's week dates.

    `prefix` is put before each code. Raises Invalid on another kind, month or year (1 to 9998).
    """
    faults = list(_faults(year, kind, first_month))
    if faults:
        raise Invalid("calendar", faults)
    if kind == "4-4-5":
        return tuple(_by_weeks(year, first_month, prefix))
    return tuple(_by_months(year, kind, first_month, prefix))


def _faults(year: int, kind: str, first_month: int) -> Iterator[Fault]:
    if not 1 <= year <= 9998:
        yield Fault("year", "must be from 1 to 9998")
    if kind not in CALENDARS:
        yield Fault("kind", f"must be one of {', '.join(CALENDARS)}, not {kind!r}")
    if not 1 <= first_month <= 12:
        yield Fault("first_month", "must be from 1 (January) to 12 (December)")


def _by_months(year: int, kind: str, first_month: int, prefix: str) -> Iterator[SalesPeriod]:
    length = {"month": 1, "quarter": 3, "year": 12}[kind]
    for place in range(12 // length):
        starts_on = _month(year, first_month + place * length)
        ends_on = _month(year, first_month + (place + 1) * length) - _DAY
        code = {
            "month": f"{starts_on.year:04d}-{starts_on.month:02d}",
            "quarter": f"{year:04d}-Q{place + 1}",
            "year": f"{year:04d}",
        }[kind]
        yield SalesPeriod(code=prefix + code, kind=kind, starts_on=starts_on, ends_on=ends_on)


def _month(year: int, month: int) -> date:
    """The first day of a month, counted on from January of that year: 13 is the next January."""
    later, place = divmod(month - 1, 12)
    return date(year + later, place + 1, 1)


def quarter_end(day: date, first_month: int = 1) -> date:
    """The last day of the quarter that the day is in, in years that begin on the first of `first_month`.

    Raises Invalid on another month, and on a day whose quarter ends after the year 9999.
    """
    if not 1 <= first_month <= 12:
        raise Invalid("calendar", list(_faults(1, "quarter", first_month)))
    into = (day.month - first_month) % 3
    if day.year == date.max.year and day.month + 3 - into > 12:
        if day.month + 3 - into == 13:
            return date.max
        raise Invalid("calendar", [Fault("day", f"is in a quarter that ends after the year {date.max.year}")])
    return _month(day.year, day.month + 3 - into) - _DAY


def _by_weeks(year: int, first_month: int, prefix: str) -> Iterator[SalesPeriod]:
    starts_on = _nearest_monday(date(year, first_month, 1))
    end = _nearest_monday(date(year + 1, first_month, 1))
    for place, weeks in enumerate(_WEEKS, 1):
        following = end if place == len(_WEEKS) else starts_on + weeks * _WEEK
        yield SalesPeriod(
            code=f"{prefix}{year:04d}-P{place:02d}", kind="month", starts_on=starts_on, ends_on=following - _DAY
        )
        starts_on = following


def _nearest_monday(day: date) -> date:
    """The Monday at most three days away."""
    after = (7 - day.weekday()) % 7
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
