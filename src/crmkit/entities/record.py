"""What every record has in common, and how a class of records is declared.

`@record(kw_only=True)` is `attrs.frozen` with crmkit's checks: type checkers see attrs' own decorator. A field is
declared once; `Record.spec` holds what was read from the annotations.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import facts
from crmkit.entities.checks import checks_of
from crmkit.entities.facts import About, Label
from crmkit.entities.frozen import FrozenMap
from crmkit.entities.specs import BOOKKEEPING, REQUIRED, FieldSpec, Spec, spec_of
from crmkit.entities.twins import copier_of
from crmkit.entities.values import as_map
from crmkit.errors import Fault, Invalid

__all__ = ["BOOKKEEPING", "NIL", "FieldSpec", "Record", "Spec", "evolve", "record", "same_content", "stamped"]

NIL: Final = UUID(int=0)
"""The id of a record that is not saved yet; it is given on save."""

_set = object.__setattr__

R = TypeVar("R", bound="Record")


if TYPE_CHECKING:
    from attrs import frozen as record
else:

    def record(cls=None, **options):  # noqa: ANN001, ANN003, ANN201 - type checkers see attrs.frozen
        """attrs.frozen, with every fault of a value found at once; see the module's words."""
        if cls is None:
            return lambda decorated: record(decorated, **options)
        about = cls.__dict__.get("about")
        made = attrs.frozen(cls, repr=False, field_transformer=_declared, **options)
        made.spec = spec = spec_of(made, about)
        made.checks = checks_of(spec)
        return made


def _declared(_: type, fields: list[Any]) -> list[Any]:
    """attrs' fields with converters held back for `_settle`, so that the first fault does not hide the others."""
    return [
        field
        if "crmkit" in field.metadata
        else field.evolve(
            default=REQUIRED if field.default is attrs.NOTHING else field.default,
            converter=None,
            metadata={**field.metadata, "crmkit": field.converter},
        )
        for field in fields
    ]


@record(kw_only=True)
class Record:
    """A record of any kind.

    `id` is given on save while it is `NIL`. `version` counts its saved states from 1 (0: not saved yet),
    `recorded_at` is the instant and `recorded_by` the user of the last one. `custom` holds fields of the
    host's own, plain data. Records are frozen all the way down; two are equal when every field is.
    """

    spec: ClassVar[Spec]
    checks: ClassVar[tuple[tuple[str, bool, Any, Any], ...]]
    about: ClassVar[About] = About(table="", plural="", es="")

    id: Annotated[UUID, Label("Id")] = NIL
    version: Annotated[int, Label("Versión")] = 0
    recorded_at: Annotated[datetime | None, Label("Registrado el")] = None
    recorded_by: Annotated[str, facts.MaxLen(120), Label("Registrado por")] = ""
    custom: Annotated[FrozenMap[Any], Label("Campos propios", "Custom fields")] = attrs.field(
        default=FrozenMap(), converter=as_map
    )

    def __attrs_post_init__(self) -> None:
        _settle(self)

    def _faults(self) -> Iterator[Fault]:
        """What is wrong between fields, each of which is right by itself."""
        yield from ()

    def _adopt(self, field: FieldSpec, part: Any, position: int) -> Any:
        """A part as it is once this record owns it: its owner and its place among its siblings are set."""
        parts = field.parts
        if parts is None:
            return part
        changes: dict[str, Any] = {}
        if getattr(part, parts.owner) != self.id:
            changes[parts.owner] = self.id
        if "position" in part.spec.by_name and not part.position:
            changes["position"] = position
        return evolve(part, **changes) if changes else part

    def __str__(self) -> str:
        shown = self.spec.about.shown_by
        return str(getattr(self, shown)) if shown else f"{self.spec.name} {self.id}"

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{field.name}={value!r}"
            for field in self.spec.fields
            if (value := getattr(self, field.name)) != field.default
        )
        return f"{type(self).__name__}({shown})"


def evolve(record: R, **changes: Any) -> R:
    """The record with these fields changed; checked like a new one. Raises Invalid."""
    unknown = changes.keys() - record.spec.by_name.keys()
    if unknown:
        raise Invalid(record.spec.name, [Fault(name, "is no field of it") for name in sorted(unknown)])
    return attrs.evolve(record, **changes)


def same_content(one: object, other: object) -> bool:
    """Whether two records say the same, versions, instants and users apart; parts are compared likewise."""
    if not isinstance(one, Record) or type(one) is not type(other):
        return one == other
    return all(_same(getattr(one, name), getattr(other, name)) for name in ("id", *one.spec.content))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same_content, one, other))
    return bool(one == other)


def _settle(made: Record) -> None:
    """Bring every value into its one form, or raise Invalid with all that is wrong."""
    found: list[Fault] = []
    for name, optional, default, check in made.checks:
        value = getattr(made, name)
        if value is default and value is not REQUIRED:
            continue
        if value is None and optional:
            continue
        try:
            settled = check(value)
        except Invalid as nested:
            found += [Fault(f"{name}.{fault.field}", fault.message) for fault in nested.faults]
        except (ValueError, TypeError) as fault:
            found.append(Fault(name, str(fault)))
        else:
            if settled is not value:
                _set(made, name, settled)
    if not found:
        for field in made.spec.parts:
            _settle_parts(made, field, found)
        found += made._faults()
    if found:
        raise Invalid(made.spec.name, found)


def _settle_parts(made: Record, field: FieldSpec, found: list[Fault]) -> None:
    held = getattr(made, field.name)
    if not held or field.parts is None or field.parts.value:
        return
    taken = max((getattr(part, "position", 0) for part in held), default=0)
    adopted = []
    for part in held:
        if not getattr(part, "position", 1):
            taken += 1
        try:
            adopted.append(made._adopt(field, part, taken))
        except (ValueError, TypeError) as fault:
            found.append(Fault(field.name, str(fault)))
    if not found:
        if adopted and hasattr(adopted[0], "position"):
            adopted.sort(key=lambda part: part.position)
        _set(made, field.name, tuple(adopted))


def stamped(record: R, values: dict[str, Any]) -> R:
    """The record with these fields set, unchecked: for values that a check has passed or a store has made."""
    copy = _COPIES.get(type(record))
    if copy is None:
        copy = _COPIES[type(record)] = copier_of(type(record), list(record.spec.by_name))
    made: R = copy(record, values)
    return made


_COPIES: Final[dict[type, Any]] = {}
