"""Merging a record into another of its kind: rules over values. `unmerging` is the way back."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crmkit.changes import Changes, Event, RecordsMerged, Update
from crmkit.conversion.merge_plans import RULES, FieldChoice, MergePlan, differing, is_empty
from crmkit.conversion.repointing import Repointing
from crmkit.entities import FieldSpec, FrozenMap, Merge, Record, evolve
from crmkit.entities.record import BOOKKEEPING
from crmkit.errors import Finding, Invalid

__all__ = ["kind_findings", "merge_changes", "plan_merge"]


def kind_findings(absorbed: Record, survivor: Record) -> Iterator[Finding]:
    """What speaks against merging these two at all."""
    if absorbed.id == survivor.id:
        yield Finding("same-record", "a record cannot be merged with itself: name two", "", absorbed.id)
    kinds = (absorbed.spec.about.plural, survivor.spec.about.plural)
    if kinds[0] == kinds[1]:
        return
    if kinds == ("prospects", "customers"):
        said = "a prospect becomes part of a customer by its conversion: use conversion.convert(…, into=…)"
    elif kinds == ("customers", "prospects"):
        said = "a customer cannot become part of a prospect: convert the prospect into the customer instead"
    else:
        said = f"a {absorbed.spec.name} cannot become part of a {survivor.spec.name}"
    yield Finding("unequal-kinds", said, "", absorbed.id)


def plan_merge(
    absorbed: Record,
    survivor: Record,
    given: Mapping[str, Any],
    *,
    rule: str = "fill",
    rules: Mapping[str, str],
    repointing: Repointing,
    findings: Iterable[Finding] = (),
    said: Record | None = None,
) -> MergePlan:
    """What the merge would do, as a value. Values given win over the `rules` of fields, those over the `rule`.

    `said` is the absorbed record in the survivor's terms, where it is of another kind.
    """
    refused = list(findings)
    refused += _rule_findings(survivor, rule, rules)
    choices = list(_choices(said or absorbed, survivor, given, rule, rules))
    refused += [
        Finding("ask", f"{_asked(one)}: say which", one.field, survivor.id)
        for one in choices
        if one.rule == "ask" and one.conflict
    ]
    fields = survivor.spec.by_name
    for name in given:
        field = fields.get(name)
        if field is None or name in BOOKKEEPING or field.numbered or field.shape == "parts":
            why = "is the survivor's own" if field and field.numbered else "is no field that can be given"
            refused.append(Finding("unknown-field", why, name, survivor.id))
    result: Record | None = None
    try:
        result = evolve(survivor, **{one.field: one.value for one in choices if one.value != one.survivor})
    except Invalid as wrong:
        refused += [Finding("invalid", fault.message, fault.field, survivor.id) for fault in wrong.faults]
    return MergePlan(
        absorbed=absorbed,
        survivor=survivor,
        result=result,
        rule=rule,
        rules=FrozenMap(rules),
        given=FrozenMap(given),
        choices=choices,
        moved=repointing.moved_counts,
        dropped=repointing.dropped_counts,
        renamed=repointing.renamed,
        refused=refused,
    )


def _asked(choice: FieldChoice) -> str:
    mine, theirs = choice.survivor, choice.absorbed
    if not isinstance(mine, Mapping):
        return f"is {_said(mine)} or {_said(theirs)}"
    return ", ".join(f"{key} is {_said(mine[key])} or {_said(theirs[key])}" for key in differing(mine, theirs))


def _said(value: Any) -> str:
    return repr(str(value))


def _rule_findings(survivor: Record, rule: str, rules: Mapping[str, str]) -> Iterator[Finding]:
    for name, one in (("", rule), *rules.items()):
        field = survivor.spec.by_name.get(name)
        if one not in RULES:
            yield Finding("unknown-rule", f"{one!r} is no rule: there are {', '.join(RULES)}", name, survivor.id)
        elif name and (field is None or name in BOOKKEEPING or field.numbered):
            yield Finding("unknown-field", "is no field that a rule can be given for", name, survivor.id)
        elif field is not None and field.shape == "parts":
            yield Finding("unknown-field", "needs no rule: both records' are united", name, survivor.id)


def _choices(
    absorbed: Record, survivor: Record, given: Mapping[str, Any], rule: str, rules: Mapping[str, str]
) -> Iterator[FieldChoice]:
    for field in survivor.spec.fields:
        name = field.name
        if name in BOOKKEEPING or field.numbered or field.shape == "parts":
            continue
        mine = getattr(survivor, name)
        theirs = getattr(absorbed, name, field.default)
        if name in given:
            yield FieldChoice(name, mine, theirs, "given", given[name])
        elif mine != theirs and not _empty(field, theirs):
            chosen = rules.get(name, rule)
            yield FieldChoice(name, mine, theirs, chosen, _value(field, mine, theirs, chosen))


def _empty(field: FieldSpec, value: Any) -> bool:
    return value is None or value is False or (not value and field.shape in ("text", "plain"))


def _value(field: FieldSpec, mine: Any, theirs: Any, rule: str) -> Any:
    """What comes of a field that the absorbed record says something else in."""
    if rule == "keep":
        return mine
    if isinstance(mine, Mapping):
        return _by_key(mine, theirs, rule)
    if rule == "take" or _empty(field, mine):
        return theirs
    return _of_both(mine, theirs, rule)


def _by_key(mine: Mapping[str, Any], theirs: Mapping[str, Any], rule: str) -> FrozenMap[Any]:
    """Both mappings' keys; each that both have goes by the rule as a field does."""
    both: dict[str, Any] = {}
    for key in differing(mine, theirs):
        taken = rule == "take" and not isinstance(mine[key], Mapping)
        both[key] = theirs[key] if taken else _of_both(mine[key], theirs[key], rule)
    filled = {
        key: value for key, value in theirs.items() if key not in mine or (is_empty(mine[key]) and not is_empty(value))
    }
    return FrozenMap({**mine, **filled, **both})


def _of_both(mine: Any, theirs: Any, rule: str) -> Any:
    """What comes of two values, neither of them empty: both where they can be united, else the survivor's."""
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _by_key(mine, theirs, rule)
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return (*mine, *(one for one in theirs if one not in mine))
    if rule == "join" and isinstance(mine, str) and isinstance(theirs, str):
        return f"{mine}\n\n{theirs}"
    return mine


def merge_changes(
    plan: MergePlan,
    repointing: Repointing,
    *,
    id: UUID,
    other_number: str,
    by: str,
    now: datetime,
    conversion: UUID | None = None,
) -> Changes:
    """The plan as changes: what referred to the absorbed record refers to the survivor, which has what was chosen; the
    absorbed one is deleted, and its tombstone is written under that id. `conversion` is the one that it is part of.

    Raises ValueError on a plan without a result (one with refusals).
    """
    if plan.result is None:
        raise ValueError("a plan with refusals cannot be made into changes")
    absorbed, survivor = plan.absorbed, plan.survivor
    number = absorbed.spec.number
    merge = Merge(
        id=id,
        absorbed_kind=absorbed.spec.about.plural,
        absorbed=absorbed.id,
        survivor=survivor.id,
        absorbed_number=getattr(absorbed, number.name) if number else "",
        other_number=other_number,
        absorbed_version=absorbed.version,
        survivor_version=survivor.version + 1,
        moved=repointing.moved,
        dropped=repointing.dropped,
        adjusted=repointing.adjusted,
        chosen=FrozenMap({one.field: one.rule for one in plan.choices if one.value != one.survivor}),
        conversion=conversion,
        merged_by=by,
        merged_at=now,
    )

    def merged(at: datetime, user: str, made: Changes) -> Event:
        after = next(update.after for update in made.updates if update.after.id == survivor.id)
        trace = next(record for record in made.creates if isinstance(record, Merge))
        return RecordsMerged(at=at, by=user, survivor=after, absorbed=absorbed, merge=trace)

    made = Changes(creates=(merge,), updates=(Update(survivor, plan.result),), events=(merged,))
    return made + repointing.changes + Changes(deletes=(absorbed,))
