"""Handlers of events: *before* ones may veto, *after* ones run once the transaction has committed."""

import inspect
import logging
from collections.abc import Callable
from typing import Any, Final, Literal

from crmkit import changes
from crmkit.changes import Event
from crmkit.errors import Fault, Invalid

__all__ = ["Handlers", "event_types"]

_LOG: Final = logging.getLogger("crmkit.events")

Phase = Literal["before", "after"]
Handler = Callable[[Any, Any], object]


def event_types() -> dict[str, type[Event]]:
    """Every type of event by its name."""
    named = {name: getattr(changes, name) for name in changes.__all__}
    return {
        n: kind for n, kind in named.items() if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }


def _awaits(handler: Handler) -> bool:
    """Whether calling it does nothing yet: a coroutine function, a generator, or an object whose call is one."""
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    calls = (handler, inspect.getattr_static(type(handler), "__call__", None))
    return any(is_one(call) for is_one in kinds for call in calls)


class Handlers:
    """Who wants to hear of what. A handler is called with the event and with the CRM it can work on:

    the open unit of work in the phase `before`, where raising `Vetoed` (or any error) keeps the change from
    being saved; the `Crm` in the phase `after`, where an error is logged under `crmkit.events` and harms nobody.
    """

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, type[Event]], list[Handler]] = {}

    def on(self, event: type[Event] | str, handler: Handler, phase: Phase = "after") -> Callable[[], None]:
        """Call the handler on events of that type (by class or name; `Event` for all) in that phase.

        Returns a function that ends it. Raises Invalid on a type or phase that there is not, and on a handler that
        cannot be called, or would have to be awaited.
        """
        kind = event_types().get(event) if isinstance(event, str) else event
        if event == "Event":
            kind = Event
        faults = []
        if kind is None or not (isinstance(kind, type) and issubclass(kind, Event)):
            faults.append(Fault("event", f"{event!r} is no event; there are {', '.join(sorted(event_types()))}"))
        if phase not in ("before", "after"):
            faults.append(Fault("phase", f"is before or after, not {phase!r}"))
        given: Any = handler
        if not callable(given):
            faults.append(Fault("handler", f"is a function of the event and the CRM, not {type(given).__name__}"))
        elif _awaits(handler):
            said = "does nothing yet when it is called, and nobody awaits it: hand in an ordinary function"
            faults.append(Fault("handler", said))
        if faults or kind is None:
            raise Invalid("the handler", faults)
        held = self._handlers.setdefault((phase, kind), [])
        held.append(handler)

        def end() -> None:
            if handler in held:
                held.remove(handler)

        return end

    def wanted(self, kind: type[Event]) -> bool:
        """Whether anybody wants to hear of events of that type."""
        return any(
            self._handlers.get((phase, one))
            for phase in ("before", "after")
            for one in kind.__mro__
            if one is not object
        )

    @property
    def any_after(self) -> bool:
        """Whether anybody wants to hear of what was committed."""
        return any(held for (phase, _), held in self._handlers.items() if phase == "after")

    @property
    def any(self) -> bool:
        """Whether anybody wants to hear of anything."""
        return any(self._handlers.values())

    def before(self, event: Event, work: object) -> None:
        """Ask everybody who may object; the first objection is raised."""
        for handler in self._of("before", event):
            handler(event, work)

    def after(self, event: Event, crm: object) -> None:
        """Tell everybody who wants to know; one that fails is logged, the others are told all the same."""
        for handler in self._of("after", event):
            try:
                handler(event, crm)
            except Exception:  # noqa: BLE001 - a handler of the host may fail in any way
                _LOG.exception("a handler of %s failed; what happened stays", type(event).__name__)

    def _of(self, phase: Phase, event: Event) -> list[Handler]:
        return [
            handler
            for kind in type(event).__mro__
            if kind is not object
            for handler in self._handlers.get((phase, kind), ())
        ]
