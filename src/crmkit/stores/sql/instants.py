"""Instants as stored numbers: microseconds since 1970, in UTC, on every engine."""

from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["instant_of", "micros"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Microseconds since 1970, in UTC."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant_of(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + _MICROSECOND * microseconds
