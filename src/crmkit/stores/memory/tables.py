"""What is committed of a tenant in memory: tables of dictionaries, with their indexes and their history."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

from crmkit.entities import Record, Spec
from crmkit.queries import AnyOf, Equals, Matches, Query, comparable, match_key
from crmkit.repositories.store import Past

__all__ = ["State", "Table", "Unique", "held_values", "state_at"]

Unique: TypeAlias = tuple[str, ...]
"""What is unique together, by the names under which it is stored: kinds of one table may share it."""


class Table:
    """The committed records of one table of one tenant, with their indexes and their history."""

    __slots__ = ("by_match", "by_reference", "history", "rows", "unique", "values")

    def __init__(self) -> None:
        self.rows: dict[UUID, Record] = {}
        self.by_reference: dict[str, dict[UUID, dict[UUID, None]]] = {}
        self.by_match: dict[str, dict[str, dict[UUID, None]]] = {}
        self.unique: dict[Unique, dict[tuple[Any, ...], UUID]] = {}
        self.values: dict[UUID, dict[Unique, tuple[Any, ...]]] = {}
        self.history: dict[UUID, list[Past[Any]]] = {}

    def copy(self) -> "Table":
        """A table that changes apart from this one."""
        made = Table()
        made.rows = dict(self.rows)
        made.by_reference = {
            name: {to: dict(ids) for to, ids in index.items()} for name, index in self.by_reference.items()
        }
        made.by_match = {name: {key: dict(ids) for key, ids in index.items()} for name, index in self.by_match.items()}
        made.unique = {names: dict(index) for names, index in self.unique.items()}
        made.values = {id: dict(values) for id, values in self.values.items()}
        made.history = {id: list(states) for id, states in self.history.items()}
        return made

    def put(self, record: Record) -> None:
        """Keep the record in place of its former state, if there was one."""
        before = self.rows.get(record.id)
        if before is not None:
            self._forget(before)
        self.rows[record.id] = record
        for field, key in _matches(record):
            self.by_match.setdefault(field, {}).setdefault(key, {})[record.id] = None
        for name in _indexed_ids(record.spec):
            value = getattr(record, name)
            if value is not None:
                self.by_reference.setdefault(name, {}).setdefault(value, {})[record.id] = None
        for names, values in held_values(record).items():
            self._let_go(record.id, names)
            if None not in values:
                self.unique.setdefault(names, {})[values] = record.id
                self.values.setdefault(record.id, {})[names] = values

    def delete(self, id: UUID) -> None:
        """Forget the record, and all that it held unique. Its history stays."""
        before = self.rows.pop(id, None)
        if before is not None:
            self._forget(before)
        for names in list(self.values.get(id, ())):
            self._let_go(id, names)
        self.values.pop(id, None)

    def _forget(self, before: Record) -> None:
        """Take a former state out of the indexes. What it had unique stays its own for life, unless it has another
        value there: as a record that becomes another kind has none.
        """
        for name in _indexed_ids(before.spec):
            self.by_reference.get(name, {}).get(getattr(before, name), {}).pop(before.id, None)
        for field, key in _matches(before):
            self.by_match.get(field, {}).get(key, {}).pop(before.id, None)

    def _let_go(self, id: UUID, names: Unique) -> None:
        values = self.values.get(id, {}).pop(names, None)
        if values is not None:
            del self.unique[names][values]

    def holder(self, names: Unique, values: tuple[Any, ...]) -> UUID | None:
        """The record that holds these unique values, if one does."""
        return self.unique.get(names, {}).get(values)

    def by_index(self, query: Query[Any]) -> Iterable[UUID] | None:
        """The ids among which are those of the records that match, by an index; None where no criterion has one."""
        for criterion in query.where:
            values: tuple[Any, ...]
            if isinstance(criterion, Matches) and not criterion.start:
                keyed = self.by_match.get(criterion.field, {})
                return dict.fromkeys(id for key in criterion.keys for id in keyed.get(key, ()))
            if isinstance(criterion, Equals):
                values = (criterion.value,)
            elif isinstance(criterion, AnyOf):
                values = criterion.values
            else:
                continue
            if criterion.field == "id":
                return [value for value in dict.fromkeys(values) if isinstance(value, UUID)]
            if criterion.field in _indexed_ids(query.kind.spec):
                index = self.by_reference.get(criterion.field, {})
                return dict.fromkeys(id for value in values for id in index.get(value, ()))
        return None


class State:
    """Everything committed of one tenant at a moment; units that read hold on to it."""

    __slots__ = ("counters", "readers", "tables")

    def __init__(self, tables: dict[str, Table], counters: dict[tuple[str, str], int]) -> None:
        self.tables = tables
        self.counters = counters
        self.readers = 0


def state_at(instant: datetime, row: Record | None, history: Sequence[Past[Any]]) -> Record | None:
    """The state of a record at an instant."""
    if row is not None and row.recorded_at is not None and row.recorded_at <= instant:
        return row
    for past in reversed(history):
        if past.until is not None and past.record.recorded_at <= instant < past.until:
            return past.record  # type: ignore[no-any-return]
    return None


def held_values(record: Record) -> dict[Unique, tuple[Any, ...]]:
    """What the record has unique, by where; where one of the values is None, it holds nothing there."""
    found: dict[Unique, tuple[Any, ...]] = {}
    for names in record.spec.about.unique:
        values = tuple(_unique_value(record, name) for name in names)
        found[tuple(record.spec.by_name[name].stored for name in names)] = values
    return found


def _unique_value(record: Record, name: str) -> Any:
    field = record.spec.by_name[name]
    return comparable(field, getattr(record, name)) if field.searchable else getattr(record, name)


@cache
def _indexed_ids(spec: Spec) -> frozenset[str]:
    """The fields that hold ids of records, and those ids that a trace keeps of records that may be gone."""
    asked = {names[0] for names in spec.about.index}
    return frozenset(
        field.name for field in spec.fields if field.references or (field.shape == "id" and field.name in asked)
    )


def _matches(record: Record) -> Iterator[tuple[str, str]]:
    """Each field that the record is matched by, and its key there."""
    for field in record.spec.matched:
        if (key := match_key(field, getattr(record, field.name))) is not None:
            yield field.name, key
