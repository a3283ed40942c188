"""What callers hand in for a conversion or a merge, checked before anything is read or written."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from crmkit.app.arguments import several, type_of
from crmkit.errors import Busy, Fault, Invalid, StalePlan

__all__ = [
    "batch_asked",
    "busy_if_stale",
    "key_asked",
    "names_asked",
    "plan_asked",
    "progress_asked",
    "rows_asked",
    "values_alone_asked",
]

P = TypeVar("P")
T = TypeVar("T")


def names_asked(subject: str, field: str, given: Any, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What is given by names of fields, `more` on top; nothing given is nothing. Raises Invalid on anything else."""
    if given is not None and not isinstance(given, Mapping):
        said = f"takes a mapping of fields, such as {{'name': …}}, not {type_of(given)}"
        raise Invalid(subject, [Fault(field, said)])
    wrong = [name for name in given or () if not isinstance(name, str)]
    if wrong:
        raise Invalid(subject, [Fault(field, f"{name!r} is no name of a field") for name in wrong])
    return {**(given or {}), **(more or {})}


def plan_asked(plan: Any, kind: type[P], subject: str, instead: str) -> P:
    """The plan that is to be applied. Raises Invalid on what is none, saying what does without one."""
    if not isinstance(plan, kind):
        said = f"takes what `plan` has given, not {type_of(plan)}; {instead} plans and applies at once"
        raise Invalid(subject, [Fault("plan", said)])
    return plan


def key_asked(key: Any) -> str:
    """The key under which a conversion is asked for. Raises Invalid on what is no text."""
    if not isinstance(key, str):
        raise Invalid("the conversion", [Fault("key", f"is text of the caller's, not {type_of(key)}")])
    try:
        key.encode()
    except UnicodeEncodeError as wrong:
        raise Invalid("the conversion", [Fault("key", "has a lone surrogate: it was decoded wrongly")]) from wrong
    return key


def values_alone_asked(subject: str, more: Mapping[str, Any], others: Collection[str]) -> None:
    """Raises Invalid where `more`, values for many, has what is asked for of one at a time."""
    said = "is asked for of one at a time, by convert: many are given values, for all, or in pairs of an id and values"
    if wrong := [Fault(name, said) for name in more if name in others]:
        raise Invalid(subject, wrong)


def batch_asked(batch: Any, subject: str) -> int:
    """How many rows are taken together. Raises Invalid on what is no whole number from 1 on."""
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise Invalid(subject, [Fault("batch", f"is a whole number and is at least 1, not {batch!r}")])
    return batch


def progress_asked(progress: Any, subject: str) -> Any:
    """What is called with what came of each batch. Raises Invalid on what cannot be called, or would not run."""
    if progress is None:
        return None
    if not callable(progress):
        raise Invalid(subject, [Fault("progress", f"must be callable, not {type_of(progress)}")])
    if any(map(inspect.iscoroutinefunction, (progress, getattr(progress, "__call__", None)))):  # noqa: B004 - its own
        said = "must be an ordinary function: nothing awaits it, so that a coroutine would never run"
        raise Invalid(subject, [Fault("progress", said)])
    return progress


def rows_asked(subject: str, field: str, given: Any, wanted: str) -> Iterator[Any]:
    """The rows of a list, a generator, or a mapping (pairs of a key and its value). Raises Invalid on what is none,
    saying what is `wanted`.
    """
    rows = given.items() if isinstance(given, Mapping) else given
    return iter(several(field, rows, subject=subject, wanted=wanted))


def busy_if_stale(task: Callable[[], T]) -> T:
    """What the task gives, which has planned by itself: that another was faster is met by trying again, since its
    caller has no plan to plan anew.
    """
    try:
        return task()
    except StalePlan as stale:
        said = f"the {stale.kind} {stale.id} was being changed meanwhile: try again"
        raise Busy(said) from stale
