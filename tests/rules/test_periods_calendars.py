"""The periods of a sales year (S22)."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.entities import SalesPeriod
from crmkit.errors import Invalid
from crmkit.periods import CALENDARS, WEEKS, overlapping, period_of, quarter_end, year_periods

ONE, OTHER = UUID(int=1), UUID(int=2)


def period(starts_on, ends_on, kind="quarter", id=ONE, code="A"):
    return SalesPeriod(id=id, code=code, kind=kind, starts_on=starts_on, ends_on=ends_on)


@settings(deadline=None)
@given(st.integers(2, 9998), st.sampled_from(CALENDARS), st.integers(1, 12), st.sampled_from(WEEKS), st.integers(0, 6))
def test_periods_follow_each_other(year, kind, first_month, weeks, weekday):
    """The periods of a year have no gap and no overlap, whatever the year; their codes differ."""
    made = year_periods(year, kind, first_month=first_month, weeks=weeks, first_weekday=weekday, prefix="FY")
    assert all(after.starts_on - before.ends_on == timedelta(days=1) for before, after in pairwise(made))
    assert len({one.code for one in made}) == len(made)
    assert all(one.code.startswith("FY") for one in made)


@settings(deadline=None)
@given(st.integers(2, 9997), st.sampled_from(CALENDARS), st.integers(1, 12), st.sampled_from(WEEKS), st.integers(0, 6))
def test_years_follow_each_other(year, kind, first_month, weeks, weekday):
    """A year ends on the day before the next one begins."""
    last = year_periods(year, kind, first_month=first_month, weeks=weeks, first_weekday=weekday)[-1]
    following = year_periods(year + 1, kind, first_month=first_month, weeks=weeks, first_weekday=weekday)[0]
    assert following.starts_on - last.ends_on == timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "weeks", "codes"),
    [
        ("month", "", [f"2026-{month:02d}" for month in range(1, 13)]),
        ("month", "4-4-5", [f"2026-P{place:02d}" for place in range(1, 13)]),
        ("quarter", "", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("quarter", "5-4-4", ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        ("year", "", ["2026"]),
    ],
)
def test_codes(kind, weeks, codes):
    """Each kind has its own codes, so that all can stand beside each other."""
    made = year_periods(2026, kind, weeks=weeks)
    assert [one.code for one in made] == codes
    assert {one.kind for one in made} == {kind}


def test_a_quarter_has_its_days():
    """The last quarter of 2026 is October to December, both ends included."""
    last = year_periods(2026, "quarter")[-1]
    assert (last.starts_on, last.ends_on) == (date(2026, 10, 1), date(2026, 12, 31))
    assert date(2026, 10, 1) in last
    assert date(2026, 12, 31) in last
    assert date(2027, 1, 1) not in last


def test_a_year_that_begins_in_april():
    """It is named by the calendar year it begins in; its months keep their calendar names."""
    months = year_periods(2026, "month", first_month=4)
    assert (months[0].code, months[-1].code) == ("2026-04", "2027-03")
    quarters = year_periods(2026, "quarter", first_month=4)
    assert (quarters[0].code, quarters[0].starts_on) == ("2026-Q1", date(2026, 4, 1))
    assert quarters[-1].ends_on == date(2027, 3, 31)


@settings(deadline=None)
@given(year=st.integers(2, 9998))
def test_years_of_weeks_are_those_of_iso_8601(year):
    """With January first, a 4-4-5 year is the year of ISO 8601's week dates, which Python computes."""
    made = year_periods(year, "month", weeks="4-4-5")
    assert made[0].starts_on == date.fromisocalendar(year, 1, 1)
    assert made[-1].ends_on + timedelta(days=1) == date.fromisocalendar(year + 1, 1, 1)


@settings(deadline=None)
@given(year=st.integers(2, 9998), first_month=st.integers(1, 12), weekday=st.integers(0, 6))
def test_years_of_weeks_begin_on_the_nearest_weekday(year, first_month, weekday):
    """A year of weeks begins on its weekday at most three days from the first of its first month."""
    starts_on = year_periods(year, "year", first_month=first_month, weeks="4-4-5", first_weekday=weekday)[0].starts_on
    assert starts_on.weekday() == weekday
    assert abs((starts_on - date(year, first_month, 1)).days) <= 3


@pytest.mark.parametrize(
    ("year", "weeks", "expected"),
    [
        (2025, "4-4-5", [4, 4, 5] * 4),
        (2026, "4-4-5", [*[4, 4, 5] * 3, 4, 4, 6]),
        (2026, "4-5-4", [*[4, 5, 4] * 3, 4, 5, 5]),
        (2026, "5-4-4", [*[5, 4, 4] * 3, 5, 4, 5]),
    ],
)
def test_the_last_period_has_the_53rd_week(year, weeks, expected):
    """2026 has 53 weeks by ISO 8601, 2025 has 52."""
    assert [days(one) / 7 for one in year_periods(year, "month", weeks=weeks)] == expected
    quarters = [days(one) / 7 for one in year_periods(year, "quarter", weeks=weeks)]
    assert quarters == [13, 13, 13, 14 if year == 2026 else 13]


def days(one):
    return (one.ends_on - one.starts_on).days + 1


@pytest.mark.parametrize(
    ("year", "starts_on", "ends_on"),
    [
        (2022, date(2022, 1, 30), date(2023, 1, 28)),
        (2023, date(2023, 1, 29), date(2024, 2, 3)),
        (2024, date(2024, 2, 4), date(2025, 2, 1)),
        (2025, date(2025, 2, 2), date(2026, 1, 31)),
    ],
)
def test_the_retail_calendar(year, starts_on, ends_on):
    """Source: the 4-5-4 calendars that the National Retail Federation publishes; 2023 has 53 weeks."""
    (made,) = year_periods(year, "year", first_month=2, weeks="4-5-4", first_weekday=6)
    assert (made.starts_on, made.ends_on) == (starts_on, ends_on)


def test_all_faults_of_a_calendar_are_named():
    """A wrong year, kind, month, pattern and weekday are one error with five faults."""
    with pytest.raises(Invalid) as raised:
        year_periods(0, "week", first_month=13, weeks="4-4-4", first_weekday=7)
    assert [fault.field for fault in raised.value.faults] == ["year", "kind", "first_month", "weeks", "first_weekday"]


def test_a_period_that_ends_before_it_starts_is_rejected():
    """Its end must not be before its start; one day is a period."""
    with pytest.raises(Invalid, match="must not be before the start"):
        period(date(2026, 1, 2), date(2026, 1, 1))
    assert date(2026, 1, 1) in period(date(2026, 1, 1), date(2026, 1, 1))


def test_periods_that_share_a_day_overlap():
    """Both ends belong to a period, so that one shared day is an overlap; touching is none."""
    first = period(date(2026, 1, 1), date(2026, 3, 31))
    assert overlapping(first, [period(date(2026, 3, 31), date(2026, 6, 30), id=OTHER)]) is not None
    assert overlapping(first, [period(date(2026, 4, 1), date(2026, 6, 30), id=OTHER)]) is None
    assert overlapping(first, [period(date(2025, 1, 1), date(2027, 1, 1), id=OTHER)]) is not None


def test_overlap_is_within_a_kind():
    """A month may lie in a quarter."""
    first = period(date(2026, 1, 1), date(2026, 3, 31))
    assert overlapping(first, [period(date(2026, 1, 1), date(2026, 1, 31), kind="month", id=OTHER)]) is None


def test_a_period_does_not_overlap_with_itself():
    """A changed state of a saved period is compared with the others, not with its own past."""
    first = period(date(2026, 1, 1), date(2026, 3, 31))
    assert overlapping(first, [period(date(2026, 1, 1), date(2026, 4, 30))]) is None


def test_of_several_that_overlap_the_earliest_is_named():
    """What is named does not depend on the order in which they come."""
    first = period(date(2026, 1, 1), date(2026, 12, 31))
    early = period(date(2026, 2, 1), date(2026, 2, 28), id=OTHER, code="early")
    late = period(date(2026, 5, 1), date(2026, 5, 31), id=UUID(int=3), code="late")
    assert overlapping(first, [late, early]) is early


def test_a_day_has_its_period():
    """The period of a day, and none where the day is in none or there is no day."""
    quarters = year_periods(2026, "quarter")
    found = period_of(date(2026, 6, 30), quarters)
    assert found is not None
    assert found.code == "2026-Q2"
    assert period_of(date(2027, 1, 1), quarters) is None
    assert period_of(None, quarters) is None


@pytest.mark.parametrize("first_month", range(1, 13))
def test_the_end_of_a_quarter_for_every_starting_month(first_month: int) -> None:
    """Every day of three years, against counting on, day by day, to the eve of a quarter's first month."""
    firsts = {(first_month - 1 + step) % 12 + 1 for step in (0, 3, 6, 9)}
    day = date(2023, 1, 1)
    while day < date(2026, 1, 1):
        last = day
        while not ((last + timedelta(days=1)).day == 1 and (last + timedelta(days=1)).month in firsts):
            last += timedelta(days=1)
        assert quarter_end(day, first_month) == last
        day += timedelta(days=1)


@pytest.mark.parametrize("first_month", range(1, 13))
def test_the_end_of_a_quarter_is_a_period_s(first_month: int) -> None:
    """It is the last day of the quarter that a year's periods have for that day."""
    periods = [*year_periods(2025, first_month=first_month), *year_periods(2026, first_month=first_month)]
    for period in periods:
        assert quarter_end(period.starts_on, first_month) == quarter_end(period.ends_on, first_month) == period.ends_on


def test_quarters_at_the_end_of_time() -> None:
    """The last day there is ends a quarter; a quarter that ends after it is refused, and so is a month that is none."""
    assert quarter_end(date(9999, 11, 1)) == date.max
    with pytest.raises(Invalid, match="after the year 9999"):
        quarter_end(date(9999, 12, 1), 2)
    with pytest.raises(Invalid, match="first_month"):
        quarter_end(date(2026, 1, 1), 13)
