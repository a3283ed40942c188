"""How merges are planned, applied and undone within a unit of work."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.app.asking import busy_if_stale, names_asked
from crmkit.app.later import Undoing, first_to_undo, later_findings, opened_first, touched
from crmkit.app.repository import as_id
from crmkit.app.tombstones import gone, reserving
from crmkit.app.undoing import action_of, taking_back
from crmkit.changes import Changes
from crmkit.conversion.merge_plans import MergePlan
from crmkit.conversion.merging import kind_findings, merge_changes, plan_merge
from crmkit.conversion.repointing import Repointing
from crmkit.conversion.unmerging import Former, apart_findings, moved_back, unmerge_changes
from crmkit.entities import Account, Conversion, Customer, Merge, Record, SalesContact
from crmkit.errors import Busy, Conflict, Fault, Finding, Invalid, NotFound, Refused, StalePlan
from crmkit.queries import Equals, Query
from crmkit.repositories.merged import standing_merge
from crmkit.repositories.parts import assembled_states
from crmkit.repositories.references import unknown_references
from crmkit.repositories.store import Past

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = [
    "Asked",
    "absorbed_of",
    "asked_in",
    "busy_if_used",
    "merge_of",
    "merge_plan_of",
    "merged",
    "merged_at_once",
    "other_number",
    "record_or_none",
    "settled_plan",
    "taken_back",
    "unmerged",
    "unmerging",
    "whole_absorbed_of",
    "willing_merge",
]

_KINDS: Final[tuple[type[Record], ...]] = (Account, SalesContact)


@attrs.frozen(kw_only=True)
class Asked:
    """What a caller asks for beside the two records: values, and the rules for fields."""

    given: Mapping[str, Any]
    rule: str = "fill"
    rules: Mapping[str, str]


def asked_in(
    rule: str,
    fields: Mapping[str, str] | None,
    values: Mapping[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Asked:
    """What a call asks for. Raises Invalid on values and fields that are no mappings."""
    given = names_asked("the merge", "values", values, more)
    return Asked(given=given, rule=rule, rules=names_asked("the merge", "fields", fields))


def merge_plan_of(
    work: "Work",
    absorbed: UUID | Record,
    into: UUID | Record,
    asked: Asked,
    kind: type[Record] | None = None,
) -> MergePlan:
    """What merging the one into the other would do. Raises NotFound and Merged."""
    one, other = (_record(work, id, kind) for id in (absorbed, into))
    if kind is not None and not isinstance(one, kind):
        raise NotFound(kind.spec.name, one.id, f"it is a {one.spec.name}")
    findings = list(kind_findings(one, other))
    repointing = Repointing(work.unit)
    if not findings:
        repointing.point(one.spec.about.table, {one.id: other.id})
    plan = plan_merge(
        one, other, asked.given, rule=asked.rule, rules=asked.rules, repointing=repointing, findings=findings
    )
    return settled_plan(work, plan)


def settled_plan(work: "Work", plan: MergePlan) -> MergePlan:
    """The plan with the survivor as it would be saved: what a rule says against it is in the plan."""
    if plan.result is None or plan.result == plan.survivor:
        return plan
    try:
        return attrs.evolve(plan, result=work.settle(plan.survivor, plan.result, "merging into"))
    except Invalid as wrong:
        more = [Finding("invalid", fault.message, fault.field, plan.survivor.id) for fault in wrong.faults]
    except Refused as refused:
        more = list(refused.findings)
    return attrs.evolve(plan, refused=(*plan.refused, *more))


def record_or_none(work: "Work", id: Any) -> Record | None:
    """The record to merge with that id, if there is one."""
    try:
        return _record(work, id, None)
    except NotFound:
        return None


def _record(work: "Work", id: UUID | Record, kind: type[Record] | None) -> Record:
    kinds = _KINDS if kind is None else (Account if issubclass(kind, Account) else kind,)
    spoken = "record to merge" if kind is None else kind.spec.name
    wanted = as_id(spoken, id)
    for one in kinds:
        found = work.read(one, wanted)
        if found is not None:
            return found
    raise next((error for one in kinds if (error := gone(work.unit, one, wanted)).hint), NotFound(spoken, wanted))


def willing_merge(plan: MergePlan) -> MergePlan:
    """The plan, if nothing speaks against it. Raises Refused, and Invalid on one that `plan` did not give."""
    if plan.refused:
        raise Refused("the merge", plan.refused)
    if plan.result is None:
        raise Invalid("the merge", [Fault("plan", "has no result, and no refusal: plan again")])
    return plan


def merged_at_once(work: "Work", plan: MergePlan) -> Merge:
    """The receipt of a plan that was made in the same unit. Raises Merged, NotFound, Refused, Busy."""
    return busy_if_stale(lambda: merged(work, willing_merge(plan), replan=False))


def merged(work: "Work", plan: MergePlan, *, replan: bool, conversion: UUID | None = None) -> Merge:
    """The receipt of what the plan says, done, as a part of a conversion if one is given. Raises Merged, NotFound,
    StalePlan, Refused, Busy.
    """
    absorbed, survivor = plan.absorbed, plan.survivor
    repointing = Repointing(work.unit)
    repointing.point(absorbed.spec.about.table, {absorbed.id: survivor.id})
    changes = merge_changes(
        plan,
        repointing,
        id=work.new_id(),
        other_number=other_number(work, absorbed),
        by=work.by,
        now=work.known.now,
        conversion=conversion,
    )
    try:
        made = work.write(changes)
    except Conflict as conflict:
        now = [_record(work, one.id, type(one)) for one in (absorbed, survivor)]
        stale = [(one, other) for one, other in zip((absorbed, survivor), now, strict=True) if one != other]
        if not stale:
            raise Busy(f"the {conflict.kind} {conflict.id} was being changed meanwhile: try again") from conflict
        if replan:
            asked = Asked(given=plan.given, rule=plan.rule, rules=plan.rules)
            anew = merge_plan_of(work, absorbed.id, survivor.id, asked, type(absorbed))
            return merged(work, willing_merge(anew), replan=False)
        one, other = stale[0]
        raise StalePlan(one.spec.name, one.id, one.version, other.version, list(_differences(stale))) from conflict
    except Refused as refused:
        raise busy_if_used(refused) from refused
    return next(record for record in made.creates if isinstance(record, Merge))


def busy_if_used(refused: Refused) -> Exception:
    """What was added to a record while it was merged is met by trying again: it goes with it."""
    if refused.findings and all(one.code == "in-use" for one in refused.findings):
        return Busy("something was added to the merged record meanwhile: try again")
    return refused


def _differences(stale: list[tuple[Record, Record]]) -> Iterator[str]:
    for planned, now in stale:
        if type(planned) is not type(now):
            yield f"the {planned.spec.name} is a {now.spec.name}"
            continue
        for name in now.spec.content:
            if getattr(planned, name) != getattr(now, name):
                yield f"{name} was {getattr(planned, name)!s}, is {getattr(now, name)!s}"


def other_number(work: "Work", absorbed: Record) -> str:
    """The number that an account had as the other kind, which is its own for life."""
    if not isinstance(absorbed, Account):
        return ""
    traces = [one for one in work.known.all_of(Conversion, account=absorbed.id) if not one.merge]
    if not traces:
        return ""
    return traces[-1].prospect_number if isinstance(absorbed, Customer) else traces[-1].customer_number


def merge_of(work: "Work", receipt: UUID | Merge) -> Merge:
    """The merge with that id. Raises NotFound."""
    merge = work.unit.get(Merge, as_id("merge", receipt))
    if merge is None:
        raise NotFound("merge", as_id("merge", receipt))
    return merge


def absorbed_of(work: "Work", merge: Merge) -> Record:
    """The absorbed record as it last was before the merge, bare. Raises NotFound where its history was purged."""
    return _absorbed_state(work, merge).record


def whole_absorbed_of(work: "Work", merge: Merge) -> Record:
    """As `absorbed_of`, with the parts that it had."""
    return assembled_states(work.unit, [_absorbed_state(work, merge)])[0].record


def _absorbed_state(work: "Work", merge: Merge) -> Past[Record]:
    kind = work.unit.registry.by_plural[merge.absorbed_kind].cls
    return _past_state(work, kind, merge.absorbed, merge.absorbed_version)


def _state(work: "Work", kind: type[Record], id: UUID, version: int) -> Record:
    return _past_state(work, kind, id, version).record


def _past_state(work: "Work", kind: type[Record], id: UUID, version: int) -> Past[Record]:
    for past in work.unit.history(kind, id):
        if past.record.version == version:
            return past
    raise NotFound(kind.spec.name, id, "its history was purged")


def unmerged(work: "Work", receipt: UUID | Merge) -> Record:
    """The record that had been absorbed, by itself again. Raises NotFound; Refused naming everything in the way."""
    merge = merge_of(work, receipt)
    return taking_back(merge, lambda: _unmerged(work, merge))


def _unmerged(work: "Work", merge: Merge) -> Record:
    action = action_of(merge)
    conversion = work.known.get(Conversion, merge.conversion)
    if conversion is not None and conversion.merge == merge.id:
        said = f"it was done by conversion {conversion.number}: undo that"
        raise Refused(action, [Finding("part-of-conversion", said, "", conversion.id)])
    changes, found = unmerging(work, merge, action)
    work.refuse_if(action, found)
    return taken_back(work, merge, changes)


def unmerging(work: "Work", merge: Merge, action: str) -> tuple[Changes, list[Finding]]:
    """The way back from a merge, and everything in its way. Raises Refused where there is no survivor."""
    registry = work.unit.registry
    table = registry.by_plural[merge.absorbed_kind].about.table
    kind = Account if table == Account.spec.about.table else registry.by_plural[merge.absorbed_kind].cls
    survivor = work.read(kind, merge.survivor)
    if survivor is None:
        raise Refused(action, [_no_survivor(work, merge)])
    absorbed = absorbed_of(work, merge)
    dropped = list(_dropped(work, merge))
    restored = list(_restorable(work, absorbed, dropped))
    there = _there(work, merge)
    back = moved_back(merge, there, [absorbed.id, *(one.id for one in restored)])
    undoing = Undoing(
        merge=merge,
        absorbed=absorbed,
        survivor=Former(
            survivor,
            _state(work, kind, merge.survivor, merge.survivor_version - 1),
            _state(work, kind, merge.survivor, merge.survivor_version),
        ),
        adjusted=list(_adjusted(work, merge, there)),
        dropped=dropped,
        there=there,
        back=back,
    )
    found = [*later_findings(work, undoing), *_taken(work, merge, absorbed), *_lost_ends(work, absorbed)]
    found += opened_first(work, merge, apart_findings(work.unit, merge, absorbed, back, restored))
    changes, more = unmerge_changes(
        merge,
        absorbed,
        undoing.survivor,
        adjusted=undoing.adjusted,
        back=back,
        now={id: record for of_kind in there.values() for id, record in of_kind.items()},
        restored=restored,
        by=work.by,
        at=work.known.now,
    )
    return changes, [*found, *more]


def taken_back(work: "Work", merge: Merge, changes: Changes) -> Record:
    """The record that had been absorbed, once the changes are saved."""
    try:
        made = work.write(changes)
    except Refused as refused:
        raise busy_if_used(refused) from refused
    return work.read_many([one for one in made.restores if one.id == merge.absorbed])[0]


def _no_survivor(work: "Work", merge: Merge) -> Finding:
    later = standing_merge(work.unit, merge.survivor)
    if later is None:
        said = "the record that it was merged into was deleted, and there is no way back: add anew what absorbed_of has"
        return Finding("no-survivor", said, "", merge.survivor)
    return first_to_undo(work, later, "merged on the record that it was merged into", "merged-on")


def _taken(work: "Work", merge: Merge, absorbed: Record) -> Iterator[Finding]:
    """Who has the absorbed record's number by now."""
    number = absorbed.spec.number
    given = getattr(absorbed, number.name) if number else ""
    if number is None or not given:
        return
    for holder in work.unit.find(Query(kind=type(absorbed), where=(Equals(number.name, given),))):
        yield Finding("number-in-use", f"{given} is {holder}'s by now", number.name, holder.id)
    other = reserving(work.unit, absorbed.spec, [given])
    yield from (
        Finding("number-in-use", f"{given} is reserved by merge {one.number}", number.name, one.id)
        for one in other.values()
        if one.id != merge.id
    )


def _lost_ends(work: "Work", absorbed: Record) -> Iterator[Finding]:
    for _, fault in unknown_references(work.unit, [absorbed]):
        yield Finding("lost-reference", fault.message, fault.field, absorbed.id)


def _there(work: "Work", merge: Merge) -> dict[str, dict[UUID, Record]]:
    """What was moved or adjusted and is still there, by repository; read once a kind."""
    specs = work.unit.registry.by_plural
    return {
        plural: work.unit.get_many(specs[plural].cls, ids) for plural, ids in touched(merge).items() if plural in specs
    }


def _adjusted(work: "Work", merge: Merge, there: Mapping[str, Mapping[UUID, Record]]) -> Iterator[Former]:
    for plural, versions in merge.adjusted.items():
        for text, version in versions.items():
            now = there.get(plural, {}).get(UUID(text))
            if now is not None:
                before, after = (_state(work, type(now), now.id, one) for one in (version - 1, version))
                yield Former(now, before, after)


def _dropped(work: "Work", merge: Merge) -> Iterator[Record]:
    """What was dropped as a duplicate, as it last was."""
    for plural, twins in merge.dropped.items():
        kind = work.unit.registry.by_plural[plural].cls
        for past in work.unit.histories(kind, map(UUID, twins)).values():
            if past[-1].deleted:
                yield past[-1].record


def _restorable(work: "Work", absorbed: Record, dropped: Sequence[Record]) -> Iterator[Record]:
    """What was dropped, where its other ends are still there."""
    coming = {(one.spec.about.table, one.id) for one in (absorbed, *dropped)}
    lost = {record.id for record, _ in unknown_references(work.unit, dropped, coming)}
    yield from (record for record in dropped if record.id not in lost)
