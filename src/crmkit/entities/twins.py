"""Frozen records filled fast: by a mutable twin that becomes the record.

An entity's `__init__` checks and converts; what comes from a store has been through that already, so reading skips
it. A *twin* is a class with the same slots over the same base, whose attributes may be set; once filled its
`__class__` is set to the entity's. CPython allows that between classes of one layout (3.11 to 3.14, tried when
a codec is made), and it takes a fifth of the time of `__init__`. Where it is refused, the slots' own descriptors set
the values past the frozen `__setattr__`: slower, equally right.

The twin replaces `__delattr__` too: the two share one slot of the type, and while either is Python code the
other is called through it, five times slower.
"""

from collections.abc import Callable, Sequence
from inspect import getattr_static
from typing import Any

__all__ = ["copier_of", "setter_of", "twin_of"]


def twin_of(cls: type) -> type | None:
    """A class whose instances may be filled and then become instances of `cls`; None where Python refuses."""
    slots = cls.__dict__.get("__slots__")
    if slots is None or len(cls.__bases__) != 1 or "__dict__" in slots:
        return None
    body = {
        "__slots__": tuple(slots),
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
        "__module__": __name__,
    }
    try:
        made: type = type(f"{cls.__name__}Twin", cls.__bases__, body)
        object.__new__(made).__class__ = cls  # type: ignore[assignment]
    except TypeError:
        return None
    return made


def setter_of(cls: type, name: str) -> Callable[[Any, Any], None]:
    """The function that sets one slot of an instance, frozen or not."""
    descriptor = getattr_static(cls, name)
    setter: Callable[[Any, Any], None] = descriptor.__set__
    return setter


def copier_of(cls: type, names: Sequence[str]) -> Callable[[Any, dict[str, Any]], Any]:
    """A function that copies an instance with some of these slots set anew, unchecked; made once per class."""
    twin = twin_of(cls)
    if twin is None:
        return _copier_by_descriptors(cls, names)
    lines = [
        "def copy(record, values):",
        "    made = new(Twin)",
        *(f"    made.{name} = record.{name}" for name in names),
        "    for name, value in values.items():",
        "        setattr(made, name, value)",
        "    made.__class__ = cls",
        "    return made",
    ]
    known: dict[str, Any] = {"new": object.__new__, "Twin": twin, "cls": cls}
    exec("\n".join(lines), known)  # noqa: S102 - the names are the class's own slots
    made: Callable[[Any, dict[str, Any]], Any] = known["copy"]
    return made


def _copier_by_descriptors(cls: type, names: Sequence[str]) -> Callable[[Any, dict[str, Any]], Any]:
    setters = {name: setter_of(cls, name) for name in names}

    def copy(record: Any, values: dict[str, Any]) -> Any:
        made: Any = object.__new__(cls)
        for name, setter in setters.items():
            setter(made, values[name] if name in values else getattr(record, name))
        return made

    return copy
