"""What a criterion is asked for beyond one value: ranges, texts taken whole or in part, and emptiness."""

from typing import Any

import attrs

__all__ = ["Part", "Range", "at_least", "at_most", "between", "contains", "exactly", "starts_with"]


@attrs.frozen
class Range:
    """From `low` to `high`, both included; None is no bound."""

    low: Any = None
    high: Any = None


@attrs.frozen
class Part:
    """A text, and whether it is the whole, the start or any part of what is looked for."""

    text: str
    how: str


def between(low: Any, high: Any) -> Range:
    """Both bounds included: `projected_close=between(date(2026, 10, 1), date(2026, 12, 31))`."""
    return Range(low, high)


def at_least(low: Any) -> Range:
    """That or more: `estimated_value=at_least(Money("10000", "EUR"))`."""
    return Range(low, None)


def at_most(high: Any) -> Range:
    """That or less."""
    return Range(None, high)


def contains(text: str) -> Part:
    """Texts that have this anywhere in them, case apart; what a bare text means for searchable texts."""
    return Part(text, "contains")


def exactly(text: str) -> Part:
    """Texts that are this, case apart."""
    return Part(text, "exactly")


def starts_with(text: str) -> Part:
    """Texts that start with this, case apart."""
    return Part(text, "starts with")
