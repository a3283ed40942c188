"""What became of records that are gone: tombstones of merged ones are looked at where a record is not found."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from crmkit.entities import Account, Merge, Record, SalesContact, Spec
from crmkit.entities.text import text_key, with_article
from crmkit.errors import Duplicate, Merged, NotFound
from crmkit.queries import AnyOf, Empty, Query
from crmkit.repositories.merged import MERGED, standing_merge, survivor_of
from crmkit.repositories.store import Reader

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["gone", "refuse_reserved", "refuse_used", "reserving"]

_BATCH = 500
_NUMBERS = ("absorbed_number", "other_number")
_STANDING = Empty("undone_at")
_BASES: Mapping[str, type[Record]] = {one.spec.about.table: one for one in (Account, SalesContact)}
"""By table, the kind that all records of it are of."""


def gone(reader: Reader, kind: type[Record], id: UUID, hint: str = "") -> NotFound:
    """What is said of an id that there is no record of: Merged, naming the survivor, where it was merged and that one
    is there still; what it is, where it is of the other kind.
    """
    table = kind.spec.about.table
    survivor = survivor_of(reader, table, id)
    if survivor is None:
        other = reader.get(Account, id) if table == Account.spec.about.table and not hint else None
        return NotFound(kind.spec.name, id, f"it is {with_article(other.spec.name)}" if other else hint)
    first = standing_merge(reader, id)
    absorbed = reader.registry.by_plural[first.absorbed_kind].cls if first else kind
    name = absorbed.spec.name if issubclass(absorbed, kind) else kind.spec.name
    if reader.get(_BASES[table], survivor) is None:
        return NotFound(name, id, f"it was merged into {survivor}, which is gone since")
    return Merged(name, id, survivor)


def reserving(reader: Reader, spec: Spec, numbers: Iterable[str]) -> dict[str, Merge]:
    """By the key of a number, the merge whose absorbed record had it: it gets it back when the merge is undone."""
    wanted = sorted({number for number in numbers if number})
    found: dict[str, Merge] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        asked = {name: Query(kind=Merge, where=(AnyOf(name, some), _STANDING)) for name in _NUMBERS}
        for name, count in zip(asked, reader.counts(list(asked.values())), strict=True):
            for merge in reader.find(asked[name]) if count else ():
                if _is_of(reader, spec, merge, name):
                    found[text_key(getattr(merge, name))] = merge
    return found


def _is_of(reader: Reader, spec: Spec, merge: Merge, field: str) -> bool:
    """Whether the number was one of that kind of record."""
    absorbed = reader.registry.by_plural[merge.absorbed_kind]
    same = absorbed.about.plural == spec.about.plural
    return same if field == "absorbed_number" else not same and absorbed.about.table == spec.about.table


def refuse_reserved(work: "Work", creates: Iterable[Record]) -> None:
    """Raise Duplicate where a new record is given the number of one that was merged."""
    given: dict[Spec, dict[str, Record]] = {}
    for record in creates:
        spec = record.spec
        if spec.about.table in MERGED and spec.number is not None and (number := getattr(record, spec.number.name)):
            given.setdefault(spec, {})[number] = record
    for spec, numbers in given.items():
        reserved = reserving(work.unit, spec, numbers)
        for number in numbers:
            if text_key(number) in reserved and spec.number is not None:
                raise Duplicate(spec.name, spec.number.name, number)


def refuse_used(work: "Work", creates: Iterable[Record]) -> None:
    """Raise Duplicate where a new record is given an id that one of its table has or ever had: that one's past, and
    what may be undone to it, would be the new one's.
    """
    given: dict[type[Record], list[Record]] = {}
    for record in creates:
        given.setdefault(type(record), []).append(record)
    for kind, records in given.items():
        used = work.unit.histories(kind, (record.id for record in records))
        for record in records:
            if record.id in used:
                raise Duplicate(kind.spec.name, "id", record.id)
