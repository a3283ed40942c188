"""Records with their parts: taken apart for a store, put together for a reader; set-based, one statement a kind."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import NIL, FieldSpec, Record, evolve, same_content
from crmkit.entities.record import stamped
from crmkit.errors import Conflict
from crmkit.queries import AnyOf, Query
from crmkit.repositories.store import Past, Reader

__all__ = ["assembled", "assembled_states", "bare", "parts_changed", "parts_of", "shown_parts"]

R = TypeVar("R", bound=Record)

_BATCH = 500

_MOMENT: Final = timedelta(microseconds=1)


def bare(record: R) -> R:
    """The record as stores keep it: without its parts."""
    shown = {field.name: () for field in record.spec.parts if getattr(record, field.name)}
    return stamped(record, shown) if shown else record


def assembled(reader: Reader, records: Sequence[R]) -> list[R]:
    """The records with their parts, in the same order."""
    kinds: set[type[Record]] = set(map(type, records))
    specs = [kind.spec for kind in kinds if kind.spec.parts]
    if not specs:
        return list(records)
    made: dict[UUID, dict[str, Any]] = {record.id: {} for record in records}
    for spec in specs:
        owners = [record.id for record in records if record.spec is spec]
        for field in spec.parts:
            for owner, held in _read(reader, field, owners).items():
                made[owner][field.name] = held
    return [stamped(record, shown) if (shown := made[record.id]) else record for record in records]


def assembled_states(reader: Reader, states: Iterable[Past[R]]) -> list[Past[R]]:
    """The states of a record, each with the parts that it had when it ended, the present one with those that it has.

    A question a state and kind of parts.
    """
    return [attrs.evolve(past, record=_as_it_ended(reader, past)) for past in states]


def _as_it_ended(reader: Reader, past: Past[R]) -> R:
    if past.until is None or not past.record.spec.parts:
        return assembled(reader, [past.record])[0]
    return assembled(reader.as_of(past.until - _MOMENT), [past.record])[0]


def _read(reader: Reader, field: FieldSpec, owners: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    parts = field.parts
    if parts is None:
        return {}
    found: dict[UUID, list[Record]] = {}
    for start in range(0, len(owners), _BATCH):
        batch = owners[start : start + _BATCH]
        held: list[Record] = reader.find(Query(kind=parts.of, where=[AnyOf(parts.owner, batch)]))
        for part in held:
            found.setdefault(getattr(part, parts.owner), []).append(part)
    return {owner: _shown(field, held) for owner, held in found.items()}


def _shown(field: FieldSpec, held: list[Record]) -> tuple[Any, ...]:
    parts = field.parts
    held.sort(key=lambda part: (getattr(part, "position", 0), part.id))
    if parts is None or not parts.value:
        return tuple(held)
    shown = [getattr(part, parts.value) for part in held]
    return tuple(shown if "position" in parts.of.spec.by_name else sorted(shown))  # type: ignore[attr-defined]


def parts_of(record: Record, new_id: Callable[[], UUID]) -> dict[str, list[Record]]:
    """The parts of a new record by the field that shows them, each with an id and its owner's."""
    made: dict[str, list[Record]] = {}
    for field in record.spec.parts:
        held = getattr(record, field.name)
        if field.parts is None or not held:
            continue
        made[field.name] = [
            _part(field, record.id, part, position, new_id())
            if field.parts.value
            else (stamped(part, {"id": new_id()}) if part.id == NIL else part)
            for position, part in enumerate(held, 1)
        ]
    return made


def shown_parts(record: R, parts: dict[str, list[Record]]) -> R:
    """The bare record with those parts shown."""
    if not parts:
        return record
    by_name = record.spec.by_name
    return stamped(record, {name: _shown(by_name[name], list(held)) for name, held in parts.items()})


def _part(field: FieldSpec, owner: UUID, value: Any, position: int, id: UUID) -> Record:
    parts = field.parts
    if parts is None:
        raise TypeError(f"{field.name} shows no parts")
    given = {"id": id, parts.owner: owner, parts.value: value}
    if "position" in parts.of.spec.by_name:  # type: ignore[attr-defined]
        given["position"] = position
    made: Record = parts.of(**given)
    return made


def parts_changed(
    reader: Reader, current: Record, base: Record, after: Record, named: Iterable[str], new_id: Callable[[], UUID]
) -> Changes:
    """What changes among a record's parts.

    `base` is what the caller had read and `after` what it wants. Parts are deleted only where their field was
    `named` and the caller had seen them: what another has added since stays. Raises Conflict where a
    part was changed since it was read.
    """
    changes = Changes()
    for field in current.spec.parts:
        if field.parts is None:
            continue
        stored = _stored_parts(reader, field, current.id)
        had, wanted = getattr(base, field.name), getattr(after, field.name)
        if field.parts.value:
            if field.name in named:
                changes += _values_changed(field, current.id, stored, had, wanted, new_id)
        else:
            changes += _records_changed(stored, had if field.name in named else (), wanted, new_id)
    return changes


def _stored_parts(reader: Reader, field: FieldSpec, owner: UUID) -> list[Record]:
    if field.parts is None:
        return []
    return reader.find(Query(kind=field.parts.of, where=[AnyOf(field.parts.owner, [owner])]))


def _records_changed(
    stored: list[Record], had: Sequence[Record], wanted: Sequence[Record], new_id: Callable[[], UUID]
) -> Changes:
    by_id = {part.id: part for part in stored}
    creates: list[Record] = []
    updates: list[Update] = []
    for part in wanted:
        if part.id == NIL:
            creates.append(stamped(part, {"id": new_id()}))
            continue
        now = by_id.get(part.id)
        if now is None or now.version != part.version:
            raise Conflict(part.spec.name, part.id, part.version, now.version if now else None)
        if not same_content(now, part):
            updates.append(Update(now, part))
    kept = {part.id for part in wanted}
    deletes = [by_id[part.id] for part in had if part.id not in kept and part.id in by_id]
    return Changes(creates=creates, updates=updates, deletes=deletes)


def _values_changed(
    field: FieldSpec,
    owner: UUID,
    stored: list[Record],
    had: Sequence[Any],
    wanted: Sequence[Any],
    new_id: Callable[[], UUID],
) -> Changes:
    parts = field.parts
    if parts is None:
        return Changes()
    left: dict[Any, list[Record]] = {}
    for part in sorted(stored, key=lambda part: getattr(part, "position", 0)):
        left.setdefault(getattr(part, parts.value), []).append(part)
    creates: list[Record] = []
    updates: list[Update] = []
    for position, value in enumerate(wanted, 1):
        if left.get(value):
            part = left[value].pop(0)
            if getattr(part, "position", position) != position:
                updates.append(Update(part, evolve(part, position=position)))
        else:
            creates.append(_part(field, owner, value, position, new_id()))
    seen = list(had)
    deletes: list[Record] = []
    for value, held in left.items():
        for part in held:
            if value in seen:
                seen.remove(value)
                deletes.append(part)
    return Changes(creates=creates, updates=updates, deletes=deletes)
