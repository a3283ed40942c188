"""Pointing everything that refers to some records at others, as changes; set-based, a few questions an entity.

What would then be there twice (the same link, the same assignment, the same e-mail address) is dropped, and what
refers to that is pointed at its twin.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count as counting
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import FieldSpec, FrozenMap, Record, Registry, Spec
from crmkit.entities.facts import MaxLen
from crmkit.entities.record import BOOKKEEPING, stamped
from crmkit.queries import AnyOf, Query, comparable
from crmkit.repositories.store import Reader

__all__ = ["Reference", "Repointing", "last_of", "references_to"]

T = TypeVar("T")

_BATCH: Final = 500


@attrs.frozen(eq=False)
class Reference:
    """An entity and its field that may hold the id of a record of some table; `keys` are the fields, this one among
    them, that make two records the same.
    """

    spec: Spec
    field: FieldSpec
    keys: tuple[tuple[str, ...], ...]

    @property
    def place(self) -> str:
        """Repository and field, as traces keep them."""
        return f"{self.spec.about.plural}.{self.field.name}"


@lru_cache(maxsize=256)
def references_to(registry: Registry, table: str) -> tuple[Reference, ...]:
    """Everything that may refer to a record of that table."""
    return tuple(
        Reference(spec, field, tuple(_keys(registry, spec, field))) for spec, field in registry.referring_to(table)
    )


def _keys(registry: Registry, spec: Spec, field: FieldSpec) -> Iterator[tuple[str, ...]]:
    yield from (names for names in spec.about.unique if field.name in names)
    tables = field.references.tables if field.references else ()
    for owner in (owner for table in tables if table != "*" for owner in registry.of_table(table)):
        for parts in (shown.parts for shown in owner.parts):
            if parts and parts.of is spec.cls and parts.value and parts.owner == field.name:
                key = (parts.owner, parts.value)
                if key not in spec.about.unique:
                    yield key


def last_of(to: Mapping[T, T], id: T) -> T:
    """What stands in the place of an id, in the end."""
    while id in to:
        id = to[id]
    return id


class Repointing:
    """What changes where everything that refers to some records is to refer to others.

    Filled by `point`, read as `changes` and as what a trace keeps of it.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._before: dict[UUID, Record] = {}
        self._after: dict[UUID, Record] = {}
        self._dropped: dict[UUID, Record] = {}
        self._moved: dict[str, dict[UUID, list[UUID]]] = {}
        self._twins: dict[str, dict[UUID, UUID]] = {}
        self._adjusted: set[UUID] = set()
        self.renamed: list[str] = []
        """What got another code, in words."""

    def point(self, table: str, to: Mapping[UUID, UUID]) -> None:
        """Let what refers to a record of that table refer to the one that stands in its place."""
        dropped: dict[str, dict[UUID, UUID]] = {}
        for reference in references_to(self._reader.registry, table):
            for twin in self._pointed(reference, to):
                dropped.setdefault(reference.spec.about.table, {}).update(twin)
        for of_table, twins in dropped.items():
            self.point(of_table, {id: last_of(twins, id) for id in twins})

    @property
    def changes(self) -> Changes:
        """The updates and deletions."""
        updates = [Update(self._before[id], after) for id, after in self._after.items()]
        return Changes(updates=updates, deletes=tuple(self._dropped.values()))

    @property
    def moved(self) -> FrozenMap[Any]:
        """By repository and field, and by the id that stood there before, what refers to another since."""
        return FrozenMap(
            {
                place: FrozenMap({str(former): tuple(map(str, ids)) for former, ids in by_former.items()})
                for place, by_former in self._moved.items()
            }
        )

    @property
    def dropped(self) -> FrozenMap[Any]:
        """By repository, what is dropped and what is there in its place."""
        return FrozenMap(
            {kind: FrozenMap({str(id): str(twin) for id, twin in twins.items()}) for kind, twins in self._twins.items()}
        )

    @property
    def adjusted(self) -> FrozenMap[Any]:
        """By repository and id, the version in which something else was changed too."""
        made: dict[str, dict[str, int]] = {}
        for id in self._adjusted - self._dropped.keys():
            before = self._before[id]
            made.setdefault(before.spec.about.plural, {})[str(id)] = before.version + 1
        return FrozenMap({kind: FrozenMap(of_kind) for kind, of_kind in sorted(made.items())})

    @property
    def moved_counts(self) -> dict[str, int]:
        """How many records of each repository refer to another since."""
        ids: dict[str, set[UUID]] = {}
        for place, by_former in self._moved.items():
            ids.setdefault(place.partition(".")[0], set()).update(id for some in by_former.values() for id in some)
        return {kind: len(some) for kind, some in ids.items()}

    @property
    def dropped_counts(self) -> dict[str, int]:
        """How many records of each repository are dropped."""
        return {kind: len(twins) for kind, twins in self._twins.items()}

    @property
    def gone(self) -> tuple[Record, ...]:
        """What is dropped, as it is before."""
        return tuple(self._dropped.values())

    # One reference

    def _pointed(self, reference: Reference, to: Mapping[UUID, UUID]) -> Iterator[dict[UUID, UUID]]:
        """Point one field; gives what is dropped, and its twin."""
        name, spec = reference.field.name, reference.spec
        held = self._holding(spec, name, to)
        if not held:
            return
        owned = name == spec.about.belongs_to
        compared = bool(reference.keys) or (owned and bool({"position", "primary"} & spec.by_name.keys()))
        theirs = self._holding(spec, name, dict.fromkeys(to.values())) if compared else []
        known = _Known(reference, theirs)
        for record in held:
            former = getattr(record, name)
            after = stamped(record, {name: to[former]})
            twin = known.twin(after)
            if twin is not None and known.links(twin[0], after, twin[1]):
                yield self._drop(record, self._now(twin[1]))
                continue
            changed = known.fitted(after, taken=twin[0] if twin else ())
            if twin is not None:
                self.renamed.append(f"{spec.name} {record}: {changed}")
            self._put(record, changed)
            self._moved.setdefault(reference.place, {}).setdefault(former, []).append(record.id)
            if changed is not after:
                self._adjusted.add(record.id)
            known.add(changed)

    def _holding(self, spec: Spec, name: str, ids: Iterable[UUID]) -> list[Record]:
        """The records whose field refers to one of these, as they would be by now, in order."""
        wanted = list(ids)
        found: list[Record] = []
        for start in range(0, len(wanted), _BATCH):
            where = (AnyOf(name, wanted[start : start + _BATCH]),)
            asked: Query[Record] = Query(kind=spec.cls, where=where)
            found += self._reader.find(asked)
        now = [self._now(record) for record in found if record.id not in self._dropped]
        asked_for = set(wanted)
        now = [record for record in now if getattr(record, name) in asked_for]
        return sorted(now, key=lambda record: (getattr(record, "position", 0), record.id.int))

    def _now(self, record: Record) -> Record:
        return self._after.get(record.id, record)

    def _put(self, record: Record, after: Record) -> None:
        self._before.setdefault(record.id, record)
        self._after[record.id] = after

    def _drop(self, record: Record, twin: Record) -> dict[UUID, UUID]:
        """The record goes, what it says beyond its twin goes to that."""
        before = self._before.pop(record.id, record)
        self._after.pop(record.id, None)
        for by_former in self._moved.values():
            for ids in by_former.values():
                if record.id in ids:
                    ids.remove(record.id)
        self._dropped[record.id] = before
        self._twins.setdefault(record.spec.about.plural, {})[record.id] = twin.id
        united = _united(twin, record)
        if united != twin:
            self._put(twin, united)
            self._adjusted.add(twin.id)
        return {record.id: twin.id}


class _Known:
    """What stands at the place already: by the keys that make two records the same, and who is first there."""

    def __init__(self, reference: Reference, theirs: Sequence[Record]) -> None:
        self._reference = reference
        self._spec = reference.spec
        self._held: dict[tuple[tuple[str, ...], tuple[Any, ...]], Record] = {}
        self._owned = reference.field.name == reference.spec.about.belongs_to
        self._last: dict[UUID, int] = {}
        self._primary: set[UUID] = set()
        for record in theirs:
            self.add(record)

    def add(self, record: Record) -> None:
        """A record that stands there."""
        for names in self._reference.keys:
            if (key := self._key(names, record)) is not None:
                self._held.setdefault((names, key), record)
        owner = getattr(record, self._reference.field.name)
        self._last[owner] = max(self._last.get(owner, 0), getattr(record, "position", 0))
        if getattr(record, "primary", False):
            self._primary.add(owner)

    def twin(self, record: Record) -> tuple[tuple[str, ...], Record] | None:
        """The one that has the same key, with the key's fields."""
        for names in self._reference.keys:
            key = self._key(names, record)
            if key is not None and (twin := self._held.get((names, key))) is not None and twin.id != record.id:
                return names, twin
        return None

    def links(self, names: tuple[str, ...], record: Record, twin: Record) -> bool:
        """Whether the two are the same thing: a link of the same ends, the same value, or all of the same content."""
        others = [self._spec.by_name[name] for name in names if name != self._reference.field.name]
        if any(field.shape != "text" or field.searchable for field in others):
            return True
        said = (name for name in self._spec.content if name != "position")
        return all(getattr(record, name) == getattr(twin, name) for name in said)

    def fitted(self, record: Record, taken: tuple[str, ...]) -> Record:
        """The record with a place behind those that are there, second to who is first there, and with another code
        where its own is `taken`.
        """
        owner = getattr(record, self._reference.field.name)
        values: dict[str, Any] = {}
        if self._owned and "position" in self._spec.by_name:
            values["position"] = self._last.get(owner, 0) + 1
        if self._owned and getattr(record, "primary", False) and owner in self._primary:
            values["primary"] = False
        if taken:
            values |= self._renamed(record, taken)
        return stamped(record, values) if values else record

    def _renamed(self, record: Record, names: tuple[str, ...]) -> dict[str, str]:
        name = next(name for name in reversed(names) if self._spec.by_name[name].shape == "text")
        bound = self._spec.by_name[name].fact(MaxLen)
        for number in counting(2):
            tail = f" {number}"
            code = getattr(record, name)[: (bound.length if bound else 120) - len(tail)] + tail
            if self.twin(stamped(record, {name: code})) is None:
                return {name: code}
        return {}

    def _key(self, names: tuple[str, ...], record: Record) -> tuple[Any, ...] | None:
        values = tuple(
            comparable(field, value) if (field := self._spec.by_name[name]).searchable else value
            for name in names
            for value in (getattr(record, name),)
        )
        return None if None in values else values


def _united(twin: Record, dropped: Record) -> Record:
    """The twin with what the dropped one says beyond it: fields that it has empty, marks that it has not; a response
    to a campaign with its day.
    """
    values: dict[str, Any] = {}
    skipped = {*BOOKKEEPING, "position", "primary", twin.spec.about.belongs_to}
    for name in twin.spec.content:
        mine, theirs = getattr(twin, name), getattr(dropped, name)
        field = twin.spec.by_name[name]
        if name in skipped or field.references or field.numbered or mine == theirs:
            continue
        if mine in (None, "", False) or (field.shape == "plain" and not mine):
            values[name] = theirs
    if values.get("responded_on") and "status" in twin.spec.by_name:
        values["status"] = getattr(dropped, "status")  # noqa: B009 - of a field that the entity was asked for
    return stamped(twin, values) if values else twin
