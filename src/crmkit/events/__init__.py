"""Events: who hears of what, what a change means, and what is due."""

from crmkit.events.handlers import Handlers, event_types

__all__ = ["Handlers", "event_types"]
