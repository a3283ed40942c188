"""How conversions are planned and applied within a unit of work (R1); `undoing` is the way back."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from crmkit.app.matching import Alike, matched_fields
from crmkit.app.repository import as_id
from crmkit.app.tombstones import gone, reserving
from crmkit.changes import Changes
from crmkit.conversion.leads import opportunity_of, promotion_findings
from crmkit.conversion.matching import keys_of
from crmkit.conversion.opened import NOTHING_OPENED, Opened, closing, filled_fields
from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import ConversionPlan
from crmkit.conversion.prospects import (
    Carried,
    conversion_changes,
    key_digest,
    plan_conversion,
    request_of,
    with_duplicates,
    without,
)
from crmkit.entities import (
    NIL,
    Account,
    Conversion,
    Customer,
    Lead,
    Opportunity,
    Prospect,
    Record,
    evolve,
)
from crmkit.entities.text import text_key
from crmkit.errors import (
    AlreadyConverted,
    Busy,
    Conflict,
    CrmkitError,
    Duplicate,
    Fault,
    Finding,
    Invalid,
    Merged,
    NotFound,
    Refused,
    StalePlan,
)
from crmkit.periods.calendars import quarter_end
from crmkit.queries import About, Between, Equals, Query
from crmkit.repositories.merged import standing_merge

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = [
    "applied",
    "converted_already",
    "differences",
    "lead_changed",
    "lead_now",
    "no_prospect",
    "number_holder",
    "once",
    "opened_for",
    "opening_of",
    "plan_of",
    "promoted_once",
    "prospect_with",
    "reserved_findings",
    "settling",
    "willing",
]


def plan_of(work: "Work", id: UUID | Prospect, values: Mapping[str, Any], opening: Opening | None) -> ConversionPlan:
    """What converting the prospect would do. Raises NotFound and AlreadyConverted."""
    prospect = prospect_with(work, id)
    id = prospect.id
    hanging = Carried.of(work.unit.registry)
    matched = matched_fields(prospect)
    counts = work.unit.counts(About(hanging.with_undone, id, (query for query, _ in matched)))
    carried = dict(zip(hanging.plurals, counts, strict=False))
    undone, *held = counts[len(carried) :]
    shared = any(count > own for (_, own), count in zip(matched, held, strict=True))
    findings: list[Finding] = []
    opened = opened_for(work, prospect, opening, findings) if opening is not None else NOTHING_OPENED
    number = values.get("number", "")
    holder = number_holder(work, number, id)
    findings += reserved_findings(work, number, id)
    plan = plan_conversion(
        prospect,
        values,
        work.known.policy,
        number="" if number or not undone else work.known.all_of(Conversion, account=id)[-1].customer_number,
        carried=carried,
        number_holder=holder,
        opened=opened,
        findings=findings,
        settle=settling(work),
        request=request_of(id, values, opening),
    )
    becoming = plan.customer
    if not shared and (becoming is None or keys_of(becoming) <= keys_of(prospect)):
        return plan
    alike = Alike.of(work, [prospect], Customer, becoming=[becoming])
    return with_duplicates(plan, alike.matches_of_both(prospect, becoming))


def prospect_with(work: "Work", id: UUID | Prospect) -> Prospect:
    """The prospect with that id. Raises NotFound, Merged and AlreadyConverted."""
    id = as_id("prospect", id)
    account = work.unit.get(Account, id)
    if isinstance(account, Prospect):
        return account
    raise no_prospect(work, id, account)


def no_prospect(work: "Work", id: UUID, account: Account | None) -> CrmkitError:
    """What is said of an id that is no prospect's: of a customer's, also of one that it was merged into, who was first;
    of one that was merged into another prospect, which.
    """
    error: CrmkitError | None = None
    if account is None:
        error = gone(work.unit, Prospect, id)
        account = work.unit.get(Account, error.survivor) if isinstance(error, Merged) else None
    if isinstance(account, Customer):
        return converted_already(work, account, id)
    return error or NotFound("prospect", id)


def converted_already(work: "Work", customer: Customer, prospect: UUID) -> AlreadyConverted:
    """What is said of a prospect that is to be converted, and is that customer or a part of it: who was first."""
    merge = standing_merge(work.unit, prospect) if prospect != customer.id else None
    if merge is None:
        traces = [one for one in work.known.all_of(Conversion, account=customer.id) if not one.merge]
    else:
        traces = [one] if (one := work.known.get(Conversion, merge.conversion)) else []
    standing = (one for one in traces if one.undone_at is None)
    trace = max(standing, key=lambda one: one.customer_version, default=None)
    if trace is None:
        return AlreadyConverted(customer.id, customer.number, prospect=prospect)
    return AlreadyConverted(customer.id, customer.number, trace.converted_by, trace.id, prospect)


def willing(plan: ConversionPlan) -> ConversionPlan:
    """The plan, if nothing speaks against it. Raises Refused, and Invalid on one that `plan` did not give."""
    if plan.refused:
        raise Refused("the conversion", plan.refused)
    if plan.customer is None:
        raise Invalid("the conversion", [Fault("plan", "has no customer, and no refusal: plan again")])
    return plan


def once(work: "Work", key: str, request: str, convert: Callable[[], Conversion]) -> Conversion:
    """The receipt of the request under that key, which is made unless it is there; of one that was faster too."""
    found = _under(work, key, request)
    if found is not None:
        return found
    try:
        return convert()
    except (AlreadyConverted, Conflict, Duplicate):
        found = _under(work, key, request)
        if found is None:
            raise
        return found


def _under(work: "Work", key: str, request: str) -> Conversion | None:
    held = work.known.all_of(Conversion, request_key=key_digest(key)) if key else []
    if held and held[0].request != request:
        said = f"the key was used for another request, conversion {held[0].number}: take a new one"
        raise Refused("the conversion", [Finding("key-in-use", said, "key", held[0].id)])
    return held[0] if held else None


def number_holder(work: "Work", number: Any, id: UUID) -> Customer | None:
    """The customer, another one than that, who has the number that is given, if it is one."""
    if not isinstance(number, str) or not number:
        return None
    found = work.unit.find(Query(kind=Customer, where=(Equals("number", number),), limit=1))
    return found[0] if found and found[0].id != id else None


def settling(work: "Work") -> Callable[[Customer], tuple[Customer, list[Finding]]]:
    """Gives a customer as it would be saved, and what the application's rules on customers say against it."""

    def settle(customer: Customer) -> tuple[Customer, list[Finding]]:
        try:
            return work.crm.rulebook.settle(None, customer, work.known)
        except Invalid as wrong:
            return customer, [Finding("invalid", fault.message, fault.field, customer.id) for fault in wrong.faults]

    return settle


def opening_of(wanted: "UUID | Lead | Opportunity | None", projected_close: date | None) -> Opening | None:
    """What is asked for: an opportunity from a lead, or the one given; nothing. Raises NotFound on a lead that is
    not saved.
    """
    if isinstance(wanted, Opportunity):
        return Opening(fresh=wanted, projected_close=projected_close)
    if wanted is None and projected_close is None:
        return None
    lead = as_id("lead", wanted) if isinstance(wanted, Lead) else wanted
    return Opening(lead=lead, projected_close=projected_close)


def reserved_findings(work: "Work", number: Any, prospect: UUID) -> list[Finding]:
    """What speaks against a number that is given to the customer that the prospect becomes: it is kept for one that was
    merged, or for a prospect whose conversion was undone.
    """
    if not isinstance(number, str) or not number:
        return []
    found = [
        Finding(
            "number-in-use", f"{number} was the number of a customer that was merged, by {one.number}", "number", one.id
        )
        for one in reserving(work.unit, Customer.spec, [number]).values()
    ]
    for one in _undone_with(work, number):
        kept = work.unit.get(Prospect, one.account)
        if kept is not None and kept.id != prospect and work.known.all_of(Conversion, account=kept.id)[-1] == one:
            said = f"{number} is kept for {kept.name}, whose conversion {one.number} was undone: give another number"
            found.append(Finding("number-in-use", said, "number", kept.id))
    return found


def _undone_with(work: "Work", number: str) -> list[Conversion]:
    """The conversions undone that had given a customer that number."""
    undone = work.unit.find(Query(kind=Conversion, where=(Between("undone_at"),)))
    return [one for one in undone if text_key(one.customer_number) == text_key(number)]


def opened_for(work: "Work", prospect: Prospect, asked: Opening, findings: list[Finding]) -> Opened:
    """The opportunity that is asked for; what speaks against it is put with the findings."""
    lead = None
    try:
        if asked.fresh is not None:
            fresh = asked.fresh
            if fresh.account != prospect.id:
                findings.append(Finding("of-another-account", "is of another account", "opportunity", prospect.id))
            if taken := _taken(work, fresh):
                findings.append(taken)
                return Opened(asked=asked)
        elif asked.lead is None:
            said = "a day to close is given, and no opportunity: give one, or a lead"
            findings.append(Finding("no-opportunity", said, "projected_close", prospect.id))
            return Opened(asked=asked)
        else:
            lead = work.unit.get(Lead, as_id("lead", asked.lead))
            if lead is None or lead.account != prospect.id:
                said = f"the prospect has no lead {asked.lead}"
                findings.append(Finding("no-lead", said, "opportunity", prospect.id))
                return Opened(asked=asked)
            findings += promotion_findings(lead, work.known.category("lead_status", lead.status))
            findings += [_promoted(lead, one) for one in _not_lost(work, lead)]
            fresh = opportunity_of(lead, {})
        policy = work.known.policy
        dated, by_policy = closing(fresh, asked, policy, quarter_end(work.known.today, policy.fiscal_year_starts))
        opened = _without_id(work.created(dated))
        filled = filled_fields(evolve(dated, id=NIL), opened, "a rule on saving", "opportunity.")
        return attrs.evolve(
            by_policy, asked=asked, opportunity=opened, lead=lead, defaulted=[*by_policy.defaulted, *filled]
        )
    except Invalid as wrong:
        findings += [Finding("invalid", fault.message, f"opportunity.{fault.field}") for fault in wrong.faults]
    except Refused as refused:
        findings += refused.findings
    except NotFound as unknown:
        findings.append(Finding("no-lead", str(unknown), "opportunity", prospect.id))
    return Opened(asked=asked)


def _taken(work: "Work", fresh: Opportunity) -> Finding | None:
    """What speaks against adding the opportunity: it is saved already, or another one has its number."""
    if fresh.version:
        said = "is saved already, and carries over by itself: leave it out, or give a new one"
        return Finding("saved-already", said, "opportunity", fresh.id)
    asked = Query(kind=Opportunity, where=(Equals("number", fresh.number),), limit=1)
    for other in work.unit.find(asked) if fresh.number else ():
        return Finding("number-in-use", f"{other.number} is {other.description}'s", "opportunity.number", other.id)
    return None


def _without_id(opportunity: Opportunity) -> Opportunity:
    """Plans are equal while nothing changes, so the id is given when the plan is applied."""
    return evolve(opportunity, id=NIL)


def applied(work: "Work", plan: ConversionPlan, *, replan: bool, key: str = "", last: bool = False) -> Conversion:
    """The receipt of what the plan says, done, and if that is the `last` of the unit's, saved.

    Raises AlreadyConverted, Refused, StalePlan.
    """
    policy = work.known.policy.hash
    if plan.policy != policy:
        if replan:
            return _again(work, plan, key, last=last)
        prospect_with(work, plan.prospect.id)
        raise StalePlan("prospect", plan.prospect.id, plan.prospect.version, None, ["the policy has changed"])
    lead = lead_now(work, plan)
    changed = lead_changed(work, plan, lead)
    if changed:
        prospect_with(work, plan.prospect.id)
        if replan:
            return _again(work, plan, key, last=last)
        raise StalePlan("prospect", plan.prospect.id, plan.prospect.version, plan.prospect.version, changed)
    if plan.customer is not None and (found := without(plan.customer, work.known.policy, plan.prospect.id)):
        raise Refused("the conversion", found)  # a plan may have come as text, which says what it likes
    carried = Carried.of(work.unit.registry).counts(work.unit, plan.prospect.id)
    changes = conversion_changes(plan, carried, by=work.by, now=work.known.now, new_id=work.new_id, key=key)
    try:
        made = _written(work, changes, lead, last=last)
    except Duplicate as taken:
        if taken.field == "number" and plan.given.get("number"):
            willing(plan_of(work, plan.prospect.id, plan.given, plan.opening))  # says who has it by now
        raise
    except Conflict as conflict:
        prospect = prospect_with(work, plan.prospect.id)
        if replan:
            return _again(work, plan, key, last=last)
        changed = [*differences(plan.prospect, prospect), *lead_changed(work, plan, lead_now(work, plan))]
        raise StalePlan("prospect", prospect.id, plan.prospect.version, prospect.version, changed) from conflict
    return next(record for record in made.creates if isinstance(record, Conversion))


def _written(work: "Work", changes: Changes, lead: Lead | None, *, last: bool) -> Changes:
    """The changes as they were saved; with a lead that an opportunity comes of, only that one does."""
    if lead is None:
        return work.write(changes, last=last)
    with work.whole():
        made = work.write(changes)
        promoted_once(work, lead, made)
    return made


def promoted_once(work: "Work", lead: Lead, made: Changes) -> None:
    """Raises Busy where an opportunity came of the lead that is not of these changes. They have changed its account, to
    which the opportunity refers: whoever promotes it from then on waits for them, and whoever did before is seen.
    """
    created = {record.id for record in made.creates}
    if any(one.id not in created for one in _not_lost(work, lead)):
        raise Busy(f"lead {lead.number} was being promoted meanwhile: try again")


def lead_now(work: "Work", plan: ConversionPlan) -> Lead | None:
    """The lead that an opportunity is to come of, as it is now, if there is one."""
    return work.known.get(Lead, plan.lead.id if plan.lead else None)


def lead_changed(work: "Work", plan: ConversionPlan, now: Lead | None) -> list[str]:
    """How the lead that an opportunity is to come of differs now from what it was planned on: one that came of it since
    is a difference, too.
    """
    if plan.lead is None:
        return []
    if now is None:
        return [f"lead {plan.lead.number} is gone"]
    found = [f"lead {now.number}: {one}" for one in differences(plan.lead, now)]
    return [*found, *(f"lead {now.number}: opportunity {one.number} came of it" for one in _not_lost(work, now))]


def _not_lost(work: "Work", lead: Lead) -> list[Opportunity]:
    """The opportunities of the lead that are open or won, in order: a lost one is no reason against another."""
    came = work.known.all_of(Opportunity, lead=lead.id)
    return [one for one in came if work.known.category("opportunity_status", one.status) != "lost"]


def _promoted(lead: Lead, came: Opportunity) -> Finding:
    said = f"opportunity {came.number} came of lead {lead.number}, and carries over by itself: leave the lead out"
    return Finding("promoted-already", said, "opportunity", came.id)


def _again(work: "Work", plan: ConversionPlan, key: str, *, last: bool) -> Conversion:
    anew = plan_of(work, plan.prospect.id, plan.given, plan.opening)
    return applied(work, willing(attrs.evolve(anew, request=plan.request)), replan=False, key=key, last=last)


def differences(planned: Record, now: Record) -> list[str]:
    """The fields in which a record differs from what it was, in words."""
    return [
        f"{name} was {getattr(planned, name)!s}, is {getattr(now, name)!s}"
        for name in now.spec.content
        if getattr(planned, name) != getattr(now, name)
    ]
