"""Every state of every record, read and written as it is: for moving to and from another store."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from crmkit.entities import Spec
from crmkit.queries import Query
from crmkit.repositories.store import Past
from crmkit.stores.sql.counters import Counters
from crmkit.stores.sql.instants import instant_of, micros
from crmkit.stores.sql.rows import Rows
from crmkit.stores.sql.tables import CLOCK, COUNTER

if TYPE_CHECKING:
    from crmkit.stores.sql.unit import SqlUnit

__all__ = ["counters", "keep", "keep_counters", "states"]

_FETCHED: Final = 1_000
_FIRST: Final = (bytes(16), -1)


def states(unit: "SqlUnit", spec: Spec) -> Iterator[Past[Any]]:
    """Every state of an entity's records, by id and version."""
    present = (Past(record, None) for record in unit.stream(Query(kind=spec.cls)))
    return heapq.merge(_past(unit, spec), present, key=lambda past: (past.record.id.int, past.record.version))


def _past(unit: "SqlUnit", spec: Spec) -> Iterator[Past[Any]]:
    codec = unit.store.schema.codec(spec)
    text = (
        f'{unit.store.schema.of_the_past(spec)} AND "id" >= ? AND ("id" > ? OR "version" > ?) '
        f'ORDER BY "id", "version" LIMIT {_FETCHED}'
    )
    id, version = _FIRST
    while True:
        rows = unit.ask(text, (unit.tenant, id, id, version)).fetchall()
        records = codec.decode(row[:-3] for row in rows)
        for record, row in zip(records, rows, strict=True):
            yield Past(record, instant_of(row[-3]), row[-2], bool(row[-1]))
        if len(rows) < _FETCHED:
            return
        id, version = records[-1].id.bytes, records[-1].version


def counters(unit: "SqlUnit") -> dict[tuple[str, str], int]:
    """Where the counters stand."""
    text = f'SELECT "kind", "scope", "last" FROM {unit.store.schema.named(COUNTER)} WHERE "tenant_id" = ?'  # noqa: S608
    rows = unit.ask(text, (unit.tenant,)).fetchall()
    return {(kind, scope): last for kind, scope, last in rows if kind != CLOCK}


def keep(unit: "SqlUnit", given: Sequence[Past[Any]]) -> None:
    """Take states as they are."""
    rows = Rows(unit)
    rows.keep([past.record for past in given if past.until is None], past=())
    ended = [past for past in given if past.until is not None]
    rows.keep(
        [past.record for past in ended],
        past=[(micros(past.until), past.ended_by, int(past.deleted)) for past in ended if past.until is not None],
    )


def keep_counters(unit: "SqlUnit", given: Mapping[tuple[str, str], int]) -> None:
    """Let the counters stand there, where they have not gone further."""
    held = Counters(unit)
    for (kind, scope), last in given.items():
        held.raise_to((unit.tenant, kind, scope), last)
