"""Converting a prospect into a customer that is there: a merge, with the trace of a conversion."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.app.asking import names_asked, rows_asked
from crmkit.app.converting import (
    applied,
    differences,
    lead_changed,
    lead_now,
    opened_for,
    plan_of,
    promoted_once,
    prospect_with,
    willing,
)
from crmkit.app.matching import account_matches
from crmkit.app.merging import (
    Asked,
    busy_if_used,
    merge_plan_of,
    merged,
    other_number,
    settled_plan,
    willing_merge,
)
from crmkit.app.repository import as_id
from crmkit.app.tombstones import gone
from crmkit.changes import Changes, Event, ProspectConverted
from crmkit.conversion.into import Absorbing, Into, pairs_asked, same_persons
from crmkit.conversion.leads import promotion_changes
from crmkit.conversion.mapping import carried_values
from crmkit.conversion.matching import one_match
from crmkit.conversion.merge_plans import MergePlan
from crmkit.conversion.merging import merge_changes, plan_merge
from crmkit.conversion.opened import NOTHING_OPENED
from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import ConversionPlan
from crmkit.conversion.prospects import Carried, conversion_trace, hanging_among, request_of, without
from crmkit.conversion.repointing import Repointing, last_of
from crmkit.entities import (
    ContactAccount,
    Conversion,
    Customer,
    FrozenMap,
    Lead,
    Opportunity,
    Prospect,
    Record,
    SalesContact,
    evolve,
)
from crmkit.errors import Ambiguous, Busy, Conflict, Fault, Finding, Invalid, NotFound, Refused, StalePlan
from crmkit.queries import AnyOf, Query

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["asked_of", "converted_by", "planned"]

_NOTHING: Final = Asked(given={}, rules={})


def asked_of(
    customer: "UUID | Customer | str | None", rule: str, rules: Mapping[str, str] | None, contacts: Any
) -> Absorbing | None:
    """What is asked for, where a customer is named. Raises Invalid on rules or contacts without one, and on what is
    neither.
    """
    fields = names_asked("the conversion", "fields", rules)
    if customer is None:
        if rule != "fill" or rules or contacts:
            said = "is needed: rules for fields and contacts to merge are for a customer that is there"
            raise Invalid("the conversion", [Fault("into", said)])
        return None
    named = as_id("customer", customer) if isinstance(customer, Record) else customer
    return Absorbing(customer=named, rule=rule, rules=FrozenMap(fields), contacts=_pairs_given(contacts))


def _pairs_given(contacts: Any) -> Any:
    if isinstance(contacts, str) and contacts == "same":
        return contacts
    wanted = 'pairs of sales contacts, absorbed and survivor, or "same"'
    pairs = list(rows_asked("the conversion", "merge_contacts", contacts, wanted))
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise Invalid("the conversion", [Fault("merge_contacts", f"takes {wanted}")])
    return tuple(tuple(map(_contact_id, pair)) for pair in pairs)


def _contact_id(contact: Any) -> Any:
    return as_id("sales contact", contact) if isinstance(contact, Record) else contact


def planned(
    work: "Work", id: UUID | Prospect, given: Mapping[str, Any], opening: Opening | None, asked: Absorbing | None
) -> ConversionPlan:
    """What converting the prospect would do. Raises NotFound and AlreadyConverted.

    Where each question sees its own moment, what speaks against it may be the work of who was faster: it is told of a
    prospect that still is as it was planned on.
    """
    while True:
        plan = plan_of(work, id, given, opening) if asked is None else _plan_into(work, id, given, opening, asked)
        if not plan.refused or prospect_with(work, plan.prospect.id).version == plan.prospect.version:
            return plan


def converted_by(work: "Work", plan: ConversionPlan, *, replan: bool, key: str, last: bool) -> Conversion:
    """The receipt of what the plan says, done; `last` says that nothing else is done in the unit.

    Raises AlreadyConverted, Refused, StalePlan.
    """
    if plan.into is None:
        return applied(work, plan, replan=replan, key=key, last=last)
    return _applied_into(work, plan, plan.into, replan=replan, key=key)


# Planning


def _plan_into(
    work: "Work", id: UUID | Prospect, given: Mapping[str, Any], opening: Opening | None, asked: Absorbing
) -> ConversionPlan:
    prospect = prospect_with(work, id)
    findings: list[Finding] = []
    customer = _customer(work, prospect, asked.customer, findings)
    opened = opened_for(work, prospect, opening, findings) if opening is not None else NOTHING_OPENED
    carried = Carried.of(work.unit.registry).counts(work.unit, prospect.id)
    carrying = carried_values(prospect, work.known.policy, given)
    plan = ConversionPlan(
        prospect=prospect,
        customer=None,
        given=FrozenMap(given),
        carried=carried,
        defaulted=opened.defaulted,
        unmapped=[*carrying.unmapped, *opened.unmapped],
        refused=[*findings, *carrying.refused],
        opportunity=opened.opportunity,
        lead=opened.lead,
        opening=opened.asked,
        into=Into(asked=asked),
        policy=work.known.policy.hash,
        request=request_of(prospect.id, given, opening, asked),
    )
    return plan if customer is None else _joined(work, plan, customer, asked, carrying.values)


def _joined(
    work: "Work", plan: ConversionPlan, customer: Customer, asked: Absorbing, values: Mapping[str, Any]
) -> ConversionPlan:
    """The plan with what becomes of the prospect and that customer."""
    findings: list[Finding] = list(plan.refused)
    persons = same_persons(*_contacts(work, plan.prospect.id, customer.id))
    pairs, ambiguous = pairs_asked(asked, persons)
    findings += ambiguous
    repointing = Repointing(work.unit)
    for one, other in pairs:
        wrong = _pair_findings(work, one, other)
        findings += wrong
        if not wrong:
            repointing.point("sales_contact", {one: other})
    repointing.point("account", {plan.prospect.id: customer.id})
    merge = plan_merge(
        plan.prospect,
        customer,
        plan.given,
        rule=asked.rule,
        rules=asked.rules,
        repointing=repointing,
        findings=findings,
        said=_as_customer(plan.prospect, values, findings),
    )
    merge = settled_plan(work, merge)
    result = merge.result if isinstance(merge.result, Customer) else None
    required = without(result, work.known.policy, customer.id) if result is not None else ()
    carried = _left(work, plan.prospect.id, plan.carried, repointing)
    into = Into(
        asked=asked,
        customer=customer,
        choices=merge.choices,
        dropped=repointing.dropped_counts,
        renamed=repointing.renamed,
        persons=persons,
        contacts=pairs,
    )
    return attrs.evolve(plan, customer=result, carried=carried, refused=[*merge.refused, *required], into=into)


def _left(work: "Work", prospect: UUID, counts: Mapping[str, int], repointing: Repointing) -> dict[str, int]:
    """What carries over of what hangs from a prospect: all but what is dropped of it."""
    dropped = hanging_among(work.unit, prospect, repointing.gone) if repointing.gone else {}
    return {kind: count - dropped.get(kind, 0) for kind, count in counts.items()}


def _customer(work: "Work", prospect: Prospect, id: Any, findings: list[Finding]) -> Customer | None:
    if id == "match":
        return _matching(work, prospect, findings)
    try:
        wanted = as_id("customer", id)
        found = work.unit.get(Customer, wanted)
        if found is not None:
            return found
        error = gone(work.unit, Customer, wanted)
    except NotFound as unknown:
        error = unknown
    findings.append(Finding("no-customer", str(error), "into", getattr(error, "survivor", None)))
    return None


def _matching(work: "Work", prospect: Prospect, findings: list[Finding]) -> Customer | None:
    """The one customer that is surely the same company; of several none is taken, and all are named."""
    try:
        match = one_match("the prospect", account_matches(work, prospect, Customer, fuzzy=False))
    except Ambiguous as several:
        findings += [Finding("ambiguous", f"may be {one}", "into", one.record.id) for one in several.candidates]
        return None
    if match is not None:
        return match.record
    said = "no customer is surely the same company: name one, or convert it into one of its own"
    findings.append(Finding("no-match", said, "into", prospect.id))
    return None


def _contacts(work: "Work", *accounts: UUID) -> list[list[SalesContact]]:
    """The contacts of each account, in order of id."""
    links = work.unit.find(Query(kind=ContactAccount, where=(AnyOf("account", accounts),)))
    ids = sorted({link.sales_contact for link in links})
    contacts = {one.id: one for one in work.read_many(list(work.unit.get_many(SalesContact, ids).values()))}
    of_each = ({link.sales_contact for link in links if link.account == account} for account in accounts)
    return [[contacts[id] for id in sorted(held) if id in contacts] for held in of_each]


def _pair_findings(work: "Work", one: UUID, other: UUID) -> list[Finding]:
    try:
        refused = merge_plan_of(work, one, other, _NOTHING, SalesContact).refused
    except NotFound as unknown:
        return [Finding("no-contact", str(unknown), "merge_contacts")]
    return [attrs.evolve(finding, field=f"merge_contacts.{finding.field}".strip(".")) for finding in refused]


def _as_customer(prospect: Prospect, values: Mapping[str, Any], findings: list[Finding]) -> Customer | None:
    """The prospect in the words of a customer, as the policy has it."""
    try:
        return Customer(id=prospect.id, **values)
    except Invalid as wrong:
        findings += [Finding("invalid", fault.message, fault.field, prospect.id) for fault in wrong.faults]
        return None


# Applying


def _applied_into(work: "Work", plan: ConversionPlan, into: Into, *, replan: bool, key: str) -> Conversion:
    lead = lead_now(work, plan)
    stale = _stale(work, plan, into)
    if stale:
        if not replan:
            raise StalePlan("prospect", plan.prospect.id, plan.prospect.version, None, stale)
        anew = planned(work, plan.prospect.id, plan.given, plan.opening, into.asked)
        return converted_by(work, willing(attrs.evolve(anew, request=plan.request)), replan=False, key=key, last=False)
    id = work.new_id()
    with work.whole():
        try:
            for one, other in into.contacts:
                pair = willing_merge(merge_plan_of(work, one, other, _NOTHING, SalesContact))
                merged(work, pair, replan=False, conversion=id)
            changes = _changes(work, plan, into, id, key)
            if lead is not None and _changed_since(work, lead, into):  # until it was read, to be saved
                raise Busy(f"lead {lead.number} was being changed meanwhile: try again")
            made = work.write(changes)
            if lead is not None:
                promoted_once(work, lead, made)
        except Conflict as conflict:
            if now := _stale(work, plan, into):
                found = conflict.found if conflict.id == plan.prospect.id else None
                raise StalePlan("prospect", plan.prospect.id, plan.prospect.version, found, now) from conflict
            raise Busy(f"the {conflict.kind} {conflict.id} was being changed meanwhile: try again") from conflict
        except Refused as refused:
            raise busy_if_used(refused) from refused
    return next(record for record in made.creates if isinstance(record, Conversion))


def _stale(work: "Work", plan: ConversionPlan, into: Into) -> list[str]:
    """How what it was planned on differs by now. Raises AlreadyConverted, Merged and NotFound."""
    if plan.policy != work.known.policy.hash:
        return ["the policy has changed"]
    prospect = prospect_with(work, plan.prospect.id)
    found = differences(plan.prospect, prospect)
    if into.customer is not None:
        now = work.unit.get(Customer, into.customer.id)
        if now is None:
            return [*found, f"customer {into.customer.number} is none any more"]
        found += [f"customer {now.number}: {one}" for one in differences(into.customer, now)]
        if now.version != into.customer.version and not found:
            found.append(f"customer {now.number} was at version {into.customer.version}, is at {now.version}")
        if into.asked.customer == "match":
            found += _matched_since(work, prospect, now)
    return [*found, *lead_changed(work, plan, lead_now(work, plan))]


def _changed_since(work: "Work", lead: Lead, into: Into) -> bool:
    """Whether others have changed the lead; each merge of its contact has, too."""
    contact, version = lead.sales_contact, lead.version
    for one, other in into.contacts:
        if contact == one:
            contact, version = other, version + 1
    now = work.unit.get(Lead, lead.id)
    return now is None or now.version != version


def _matched_since(work: "Work", prospect: Prospect, customer: Customer) -> list[str]:
    """What speaks by now against taking that customer for the one match."""
    same = [one for one in account_matches(work, prospect, Customer, fuzzy=False) if one.same]
    others = [one for one in same if one.record.id != customer.id]
    found = [f"the prospect may be {one} as well" for one in others]
    if len(others) == len(same):
        found.append(f"customer {customer.number} is not surely the same company any more")
    return found


def _changes(work: "Work", plan: ConversionPlan, into: Into, id: UUID, key: str) -> Changes:
    """The merge, the trace, and what is opened."""
    prospect, customer = plan.prospect, into.customer
    if customer is None or plan.customer is None:
        raise ValueError("a plan with refusals cannot be made into changes")
    repointing = Repointing(work.unit)
    repointing.point("account", {prospect.id: customer.id})
    counts = Carried.of(work.unit.registry).counts(work.unit, prospect.id)  # what came later is in the way of applying
    carried = _left(work, prospect.id, counts, repointing)
    merge_id = work.new_id()
    merging = merge_changes(
        MergePlan(absorbed=prospect, survivor=customer, result=plan.customer, choices=into.choices),
        repointing,
        id=merge_id,
        other_number=other_number(work, prospect),
        by=work.by,
        now=work.known.now,
        conversion=id,
    )
    opening, opened = _opening(work, plan, into, customer)
    more = {
        "id": id,
        "account": customer.id,
        "customer_version": customer.version + 1,
        "opportunity": opened,
        "prospect": prospect.id,
        "merge": merge_id,
    }
    trace = conversion_trace(plan, carried, more, by=work.by, now=work.known.now, key=key)

    def converted(at: Any, user: str, made: Changes) -> Event:
        after = next(update.after for update in made.updates if update.after.id == customer.id)
        saved = next(record for record in made.creates if record.id == id)
        return _event(ProspectConverted, at=at, by=user, prospect=prospect, customer=after, conversion=saved)

    return opening + merging + Changes(creates=(trace,), events=(converted,))


def _event(kind: Any, **said: Any) -> Event:
    made: Event = kind(**said)
    return made


def _opening(work: "Work", plan: ConversionPlan, into: Into, customer: Customer) -> tuple[Changes, UUID | None]:
    """What opens an opportunity of the customer, and its id; the lead's contact may be merged by then."""
    if plan.opportunity is None:
        return Changes(), None
    opened: Opportunity = evolve(plan.opportunity, id=work.new_id(), account=customer.id)
    if plan.lead is None:
        return Changes(creates=(opened,)), opened.id
    contact = plan.lead.sales_contact
    contact = last_of(dict(into.contacts), contact) if contact is not None else None
    lead: Lead = evolve(plan.lead, account=customer.id, sales_contact=contact)
    return promotion_changes(lead, opened, work.new_id()), opened.id
