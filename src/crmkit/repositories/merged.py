"""What stands in the place of a record that was merged into another."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from crmkit.entities import Merge
from crmkit.queries import AnyOf, Empty, Equals, Query
from crmkit.repositories.store import Reader

__all__ = ["MERGED", "standing_merge", "survivor_of", "survivors_of"]

_BATCH: Final = 500

MERGED: Final = ("account", "sales_contact")
"""The tables whose records can be merged."""


def standing_merge(reader: Reader, absorbed: UUID) -> Merge | None:
    """The merge by which a record was absorbed, unless it was undone."""
    found = reader.find(Query(kind=Merge, where=(Equals("absorbed", absorbed), Empty("undone_at"))))
    return found[-1] if found else None


def survivor_of(reader: Reader, table: str, id: UUID) -> UUID | None:
    """The id that stands for a merged record of that table now, through all merges; None where it was not merged."""
    return survivors_of(reader, table, [id]).get(id)


def survivors_of(reader: Reader, table: str, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """By id of each that was merged, of that table, the id that stands for it now, through all merges."""
    if table not in MERGED:
        return {}
    asked, to = list(ids), dict[UUID, UUID]()
    wanted = sorted(set(asked))
    while wanted:
        for start in range(0, len(wanted), _BATCH):
            where = (AnyOf("absorbed", wanted[start : start + _BATCH]), Empty("undone_at"))
            for merge in reader.find(Query(kind=Merge, where=where)):
                if reader.registry.by_plural[merge.absorbed_kind].about.table == table:
                    to[merge.absorbed] = merge.survivor
        wanted = sorted({to[id] for id in wanted if id in to} - to.keys())
    return {id: _last(to, id) for id in asked if id in to}


def _last(to: Mapping[UUID, UUID], id: UUID) -> UUID:
    while id in to:
        id = to[id]
    return id
