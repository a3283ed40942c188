"""What was done after a merge and counts on it: that is to be undone first, or something would be lost on the way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final
from uuid import UUID

import attrs

from crmkit.conversion.repointing import references_to
from crmkit.conversion.unmerging import Former
from crmkit.entities import Account, Conversion, FrozenMap, Merge, OpportunityContact, Record, Registry
from crmkit.errors import Finding
from crmkit.queries import AnyOf, Empty, Query
from crmkit.repositories.merged import MERGED

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Undoing", "first_to_undo", "later_findings", "opened_first", "states", "touched"]

_BATCH: Final = 500


@attrs.frozen(kw_only=True, eq=False)
class Undoing:
    """A merge that is to be undone: the absorbed record and what was `dropped` with it, as they last were; what it has
    changed; what was moved or adjusted and is `there` now, by repository; what would go `back`.
    """

    merge: Merge
    absorbed: Record
    survivor: Former
    adjusted: Sequence[Former]
    dropped: Sequence[Record]
    there: Mapping[str, Mapping[UUID, Record]]
    back: Mapping[UUID, Record]


def touched(merge: Merge) -> dict[str, dict[UUID, None]]:
    """By repository, the ids of what a merge has moved or adjusted."""
    ids: dict[str, dict[UUID, None]] = {}
    for place, by_former in merge.moved.items():
        ids.setdefault(place.partition(".")[0], {}).update(dict.fromkeys(map(UUID, chain(*by_former.values()))))
    for plural, versions in merge.adjusted.items():
        ids.setdefault(plural, {}).update(dict.fromkeys(map(UUID, versions)))
    return ids


def states(work: "Work", kind: type[Record], id: UUID) -> dict[int, Record]:
    """By version, what there is of a record's history."""
    return {past.record.version: past.record for past in work.unit.history(kind, id)}


def first_to_undo(work: "Work", merge: Merge, said: str, code: str = "built-upon", field: str = "") -> Finding:
    """That a merge, or the conversion that it is a part of, has to be undone first."""
    conversion = work.known.get(Conversion, merge.conversion)
    by = merge if conversion is None else conversion
    return Finding(code, f"{by.spec.name} {by.number} {said}: undo that first", field, by.id)


def opened_first(work: "Work", merge: Merge, found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; of what another conversion opened, and of its contact, that the conversion is to be undone."""
    of_records = list(found)
    ids = [one.record for one in of_records if one.record is not None]
    parts = {part.id: part.opportunity for part in work.unit.get_many(OpportunityContact, ids).values()}
    opened = (AnyOf("opportunity", [*ids, *parts.values()]), Empty("undone_at"))
    asked = Query(kind=Conversion, where=opened)
    by = {one.opportunity: one for one in (work.unit.find(asked) if ids else ()) if one.id != merge.conversion}
    for finding in of_records:
        conversion = by.get(parts.get(finding.record, finding.record) if finding.record else None)
        if conversion is None:
            yield finding
        else:
            said = f"conversion {conversion.number} came later and opened what would not go together then"
            yield Finding("built-upon", f"{said}: undo that first", "", conversion.id)


def later_findings(work: "Work", undoing: Undoing) -> Iterator[Finding]:
    """The later merges and conversions that still stand and count on what the merge has done."""
    yield from _converted(work, undoing)
    merge = undoing.merge
    ours = {id for ids in touched(merge).values() for id in ids}
    twins = {UUID(twin) for of_kind in merge.dropped.values() for twin in of_kind.values()}
    ends = _ends(work.unit.registry, (undoing.absorbed, *undoing.dropped)) - {merge.survivor, merge.absorbed}
    for other in _later(work, undoing):
        dropped = {UUID(id): UUID(twin) for of_kind in other.dropped.values() for id, twin in of_kind.items()}
        if not (ours | twins).isdisjoint(dropped):
            yield first_to_undo(work, other, "came later and dropped what would go back, as a duplicate")
        elif not undoing.back.keys().isdisjoint(dropped.values()):
            yield first_to_undo(work, other, "came later and dropped duplicates of what would go back")
        elif other.absorbed in ends:
            yield first_to_undo(work, other, "came later and absorbed what something that would come back refers to")
        elif _moved_on(merge, other):
            yield first_to_undo(work, other, "came later and moved on what would go back")
        yield from _set_again(work, undoing, other)


def _converted(work: "Work", undoing: Undoing) -> Iterator[Finding]:
    """The fields of a prospect that its conversion since has not taken over as the merge had set them."""
    merge, survivor = undoing.merge, undoing.survivor
    if type(survivor.now) is type(survivor.before):
        return
    made = [one for one in work.known.all_of(Conversion, account=merge.survivor) if not one.merge]
    conversion = next((one for one in made if one.undone_at is None), None)
    if conversion is None:
        return
    of_account = states(work, Account, merge.survivor)
    was, became = (of_account.get(conversion.customer_version - ago) for ago in (1, 0))
    for place in survivor.places:
        value = place.of(survivor.after)
        if place.of(was) == value and place.of(became) != value:
            said = f"conversion {conversion.number} came later and made something else of it: undo that first"
            yield Finding("set-since", said, str(place), conversion.id)


def _set_again(work: "Work", undoing: Undoing, other: Merge) -> Iterator[Finding]:
    """The fields that a later merge has set on the very records on which this one had set them."""
    ours = list(undoing.adjusted)
    theirs = {UUID(id): version for versions in other.adjusted.values() for id, version in versions.items()}
    if other.survivor == undoing.merge.survivor:
        ours.append(undoing.survivor)
        theirs[other.survivor] = other.survivor_version
    for former in ours:
        version = theirs.get(former.now.id)
        if version is None:
            continue
        kind = Account if former.now.spec.about.table == Account.spec.about.table else type(former.now)
        known = states(work, kind, former.now.id)
        before, after = known.get(version - 1), known.get(version)
        if before is not None and after is not None:
            again = set(Former(former.now, before, after).places)
            for place in former.places:
                if place in again:
                    yield first_to_undo(work, other, "came later and set it too", "set-since", str(place))


def _moved_on(merge: Merge, other: Merge) -> bool:
    """Whether the other has moved what this one had moved, by the same field."""
    none: FrozenMap[tuple[str, ...]] = FrozenMap()
    return any(
        not set(chain(*by_former.values())).isdisjoint(chain(*other.moved.get(place, none).values()))
        for place, by_former in merge.moved.items()
    )


# Which came later


def _later(work: "Work", undoing: Undoing) -> list[Merge]:
    """The standing merges since that may have dropped or moved what the merge has touched, in their order: of what is
    referred to by it, or was.
    """
    merge, registry = undoing.merge, work.unit.registry
    linking = _linking(registry)
    there = [one for plural, held in undoing.there.items() if plural in linking for one in held.values()]
    gone = list(_gone(work, undoing))
    wanted = _ends(registry, (*there, *gone, *undoing.dropped, undoing.absorbed)) | {merge.survivor}
    seen: set[UUID] = set()
    found: dict[UUID, Merge] = {}
    while wanted := wanted - seen:
        seen |= wanted
        new = [one for one in _standing(work, wanted) if one.id not in found and _is_later(one, merge)]
        found |= {one.id: one for one in new}
        wanted = {one.absorbed for one in new}
    return sorted(found.values(), key=_order)


def _is_later(one: Merge, merge: Merge) -> bool:
    return _order(one) > _order(merge) and (one.conversion is None or one.conversion != merge.conversion)


def _order(merge: Merge) -> tuple[int, str]:
    """Merges are numbered in the order in which they are saved."""
    return len(merge.number), merge.number


def _standing(work: "Work", ids: Iterable[UUID]) -> Iterator[Merge]:
    """The merges that stand, of which one of these is the absorbed record or the survivor."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), _BATCH):
        for side in ("absorbed", "survivor"):
            where = (AnyOf(side, wanted[start : start + _BATCH]), Empty("undone_at"))
            yield from work.unit.find(Query(kind=Merge, where=where))


def _gone(work: "Work", undoing: Undoing) -> Iterator[Record]:
    """What the merge has moved or adjusted and is not there any more, as it last was."""
    specs = work.unit.registry.by_plural
    for plural, ids in touched(undoing.merge).items():
        lost = [id for id in ids if id not in undoing.there.get(plural, {})]
        if lost and plural in specs:
            yield from (past[-1].record for past in work.unit.histories(specs[plural].cls, lost).values())


@lru_cache(maxsize=16)
def _linking(registry: Registry) -> frozenset[str]:
    """The repositories whose records may be dropped by a merge, as the same as another."""
    return frozenset(
        reference.spec.about.plural
        for table in MERGED
        for reference in references_to(registry, table)
        if reference.keys
    )


def _ends(registry: Registry, records: Iterable[Record]) -> set[UUID]:
    """What the records refer to that may be merged."""
    fields = {
        (reference.spec.about.plural, reference.field.name)
        for table in MERGED
        for reference in references_to(registry, table)
    }
    by_plural: dict[str, list[str]] = {}
    for plural, name in fields:
        by_plural.setdefault(plural, []).append(name)
    return {
        value
        for record in records
        for name in by_plural.get(record.spec.about.plural, ())
        if (value := getattr(record, name)) is not None
    }
