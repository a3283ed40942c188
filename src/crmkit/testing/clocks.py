"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

__all__ = ["ManualClock"]


class ManualClock:
    """Tells the instant it was set to: `connect(…, clock=ManualClock(datetime(2026, 3, 2, tzinfo=UTC)))`."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The instant it is."""
        return self.now

    def tick(self, step: timedelta = timedelta(seconds=1), **more: float) -> datetime:
        """Go on by that much, or by `days=`, `hours=` and the like; returns the instant it is then."""
        self.now += timedelta(**more) if more else step
        return self.now

    def set(self, instant: datetime) -> datetime:
        """Make it that instant, later or earlier."""
        self.now = instant.astimezone(UTC)
        return self.now
