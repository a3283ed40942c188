"""The settings of stores: one that a store does not know is a mistake in writing, and said to be."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crmkit.errors import Fault, Invalid

__all__ = ["refuse_unknown"]


def refuse_unknown(settings: Mapping[str, Any], taken_by: Callable[..., Any], besides: Iterable[str] = ()) -> None:
    """Raise Invalid, naming every setting that the call takes no keyword for; `besides` are others that are known."""
    taken = inspect.signature(taken_by).parameters.values()
    known = {*besides, *(one.name for one in taken if one.kind is one.KEYWORD_ONLY)}
    said = f"is no setting of connect or this store; the store takes {', '.join(sorted(known)) or 'none'}"
    faults = [Fault(name, said) for name in settings if name not in known]
    if faults:
        raise Invalid("connect", faults)
