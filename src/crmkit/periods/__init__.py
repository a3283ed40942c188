"""Sales periods: a year's calendar, and which period a day falls into."""

from crmkit.periods.calendars import (
    CALENDARS,
    WEEKS,
    Calendar,
    Weeks,
    overlapping,
    period_of,
    quarter_end,
    year_periods,
)

__all__ = ["CALENDARS", "WEEKS", "Calendar", "Weeks", "overlapping", "period_of", "quarter_end", "year_periods"]
