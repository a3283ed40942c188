"""What a chart is asked for, refused where it cannot be meant."""

from collections.abc import Mapping
from typing import Any, Final

from crmkit.errors import Fault, Invalid

__all__ = ["check"]

_LANGUAGES: Final = ("en", "es")


def check(given: Mapping[str, Any], kinds: type | tuple[type, ...], given_by: str, language: Any) -> None:
    """Whether a chart can draw what it was given, by argument, and write in the language. Raises Invalid, with all
    faults.
    """
    faults = [
        Fault(name, f"is what crm.forecasting.{given_by} gives, not {_called(one)}")
        for name, one in given.items()
        if not isinstance(one, kinds)
    ]
    if language not in _LANGUAGES:
        faults.append(Fault("language", f"is one of {', '.join(_LANGUAGES)}, not {language!r}"))
    if faults:
        raise Invalid("the chart", faults)


def _called(given: Any) -> str:
    """Short: an answer may have thousands of rows."""
    return repr(given) if given is None or isinstance(given, str | int) else f"a {type(given).__name__}"
