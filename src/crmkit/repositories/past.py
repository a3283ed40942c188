"""History as it was to be seen at an instant."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from crmkit.entities import Record
from crmkit.repositories.store import Past

__all__ = ["as_stood"]

R = TypeVar("R", bound=Record)


def as_stood(states: Iterable[Past[R]], instant: datetime) -> list[Past[R]]:
    """The states as they were to be seen at an instant: later ones are not there, and what ended later still holds."""
    return [
        past if past.until is not None and past.until <= instant else Past(past.record, None)
        for past in states
        if past.record.recorded_at is not None and past.record.recorded_at <= instant
    ]
