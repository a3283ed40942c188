"""What tests of applications and of stores need: a clock of one's own, records, and the proof of a store."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.testing.clocks import ManualClock as ManualClock
    from crmkit.testing.conformance import StoreConformance as StoreConformance

__all__ = ["ManualClock", "StoreConformance"]

_HOMES = {"ManualClock": "crmkit.testing.clocks", "StoreConformance": "crmkit.testing.conformance"}


def __getattr__(name: str) -> Any:
    """A name from its module, which is loaded on use: pytest is needed by the proof of a store alone."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - needed here alone

    return getattr(import_module(_HOMES[name]), name)
