"""What is handed to a call that is no record: questions that no store could answer alike are refused before any."""

from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from crmkit.entities import FieldSpec, Record, Spec
from crmkit.errors import Fault, Invalid
from crmkit.queries import SORTABLE, Asker, Criterion, Cursor, criteria

__all__ = ["as_instant", "asking_faults", "questions", "several", "type_of"]

T = TypeVar("T")

_LARGEST_PLACE: Final = 2**63 - 1
"""The largest whole number that a cursor, which may come from outside, can name: no store keeps a larger one."""

_PLACES: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys(("text", "email", "phone"), (str,)),
    **dict.fromkeys(("whole", "percent", "money"), (int,)),
    "flag": (bool,),
    "decimal": (Decimal,),
    "day": (date,),
    "instant": (datetime,),
}
"""By the shape of a field, what the places in its order are."""


def type_of(given: Any) -> str:
    """What a refusal says of what was given instead."""
    return "None" if given is None else f"a value of type {type(given).__name__}"


def several(
    name: str, given: Iterable[T], *, subject: str = "the call", wanted: str = "several, such as a list"
) -> Iterable[T]:
    """What was given, which is one after another. Raises Invalid, about that subject and saying what is `wanted`, on
    one alone, whose letters or fields are not meant, and on what can only be awaited.
    """
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | bytearray | Mapping | Record):
        return given
    instead = "put a single one into a list"
    if isinstance(given, AsyncIterable):
        instead = "of an async generator, gather them first: [one async for one in …]"
    raise Invalid(subject, [Fault(name, f"must be {wanted}, not {type_of(given)}; {instead}")])


def as_instant(subject: str, name: str, given: Any) -> datetime:
    """An instant, in UTC. Raises Invalid, about that subject, on what is none, and on one without time zone."""
    if not isinstance(given, datetime):
        said = f"is an instant, such as datetime(2026, 1, 31, 12, tzinfo=UTC), not {given!r}"
        raise Invalid(subject, [Fault(name, said)])
    if given.tzinfo is None:
        raise Invalid(subject, [Fault(name, "must have a time zone, such as datetime(…, tzinfo=UTC)")])
    return given.astimezone(UTC)


def questions(spec: Spec, where: tuple[Any, ...], asked: Mapping[str, Any], asker: Asker) -> tuple[Criterion, ...]:
    """All the criteria of a question: those that are there, and those that its words ask for. Raises Invalid."""
    if faults := list(_no_criteria(where)):
        raise Invalid(f"the query for {spec.about.plural}", faults)
    return (*where, *criteria(spec, asked, asker))


def _no_criteria(where: tuple[Any, ...]) -> Iterator[Fault]:
    for one in where:
        if not isinstance(one, Criterion):
            yield Fault("where", f"{one!r} is no criterion: name a field, as in find(number=…)")


def asking_faults(spec: Spec, where: tuple[Any, ...], sort: Any, limit: Any, after: Cursor | None) -> Iterator[Fault]:
    """What is wrong with a question, its words apart: they are `criteria`'s to judge."""
    yield from _no_criteria(where)
    field = sort.removeprefix("-") if isinstance(sort, str) else sort
    declared = spec.by_name.get(field) if isinstance(field, str) else None
    if sort != "" and (declared is None or not _sortable(declared)):
        able = ", ".join(one.name for one in spec.fields if _sortable(one))
        yield Fault("sort", f"cannot be {field or sort!r}; can be {able}")
        return
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        yield Fault("limit", f"is a whole number, at least 1, or None for all; not {limit!r}")
    if after is not None and not _is_place(declared, after):
        yield Fault("after", f"{getattr(after, 'value', after)!r} is no place in that order")


def _sortable(field: FieldSpec) -> bool:
    return field.shape in SORTABLE and (field.shape != "text" or field.searchable)


def _is_place(field: FieldSpec | None, after: Any) -> bool:
    if not isinstance(after, Cursor) or not isinstance(after.id, UUID):
        return False
    if field is None or field.shape == "id" or after.value is None:
        return True
    of = _PLACES[field.shape]
    if type(after.value) is int and abs(after.value) > _LARGEST_PLACE:
        return False
    return type(after.value) in of
