"""Converting a prospect into a customer, and back (R1): rules over values.

The account keeps its id, so nothing is re-pointed: the conversion is one change of one record, and its trace.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.changes import Changes, ConversionUndone, Event, ProspectConverted, Quote, Update
from crmkit.conversion.into import Absorbing
from crmkit.conversion.leads import promotion_changes
from crmkit.conversion.mapping import carried_values, custom_edited, defaults_taken, missing
from crmkit.conversion.matching import Match
from crmkit.conversion.opened import NOTHING_OPENED, Opened, filled_fields
from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import ConversionPlan, Defaulted, PossibleDuplicate, ordered
from crmkit.entities import NIL, Conversion, Customer, FrozenMap, Opportunity, Prospect, Record, Registry, evolve
from crmkit.entities.record import stamped
from crmkit.errors import Finding, Invalid
from crmkit.policy import Policy
from crmkit.queries import About, AnyOf, Criterion, Equals, Field, Grouping, Query, Related, Template, Term, Through
from crmkit.repositories.store import Reader

__all__ = [
    "Carried",
    "carried_groupings",
    "carried_queries",
    "conversion_changes",
    "conversion_trace",
    "hanging_among",
    "key_digest",
    "plan_conversion",
    "request_of",
    "undo_changes",
    "with_duplicates",
    "without",
]

_NOT_CARRIED: Final = frozenset({"conversions", "forecast_lines", "announcements"})
_BLANK: Final = Conversion(account=NIL)


def plan_conversion(
    prospect: Prospect,
    given: Mapping[str, Any],
    policy: Policy,
    *,
    number: str = "",
    carried: Mapping[str, int],
    number_holder: Customer | None = None,
    opened: Opened = NOTHING_OPENED,
    findings: Iterable[Finding] = (),
    settle: Callable[[Customer], tuple[Customer, list[Finding]]] | None = None,
    request: str = "",
) -> ConversionPlan:
    """What the conversion would do, as a value.

    Values given win over the prospect's, those over the policy's defaults. `number` is the customer's reserved
    number, where it has one from an undone conversion; `number_holder` the customer who has the number given.
    `settle` gives the customer as it would be saved, and what the application's rules say against it.
    """
    refused = list(findings)
    fields = Customer.spec.by_name
    carrying = carried_values(prospect, policy, given)
    values = carrying.values
    refused += carrying.refused
    defaulted = defaults_taken(values, policy, given)
    if number and "number" not in given:
        values["number"] = number
        defaulted.append(Defaulted("number", number, "the undone conversion"))
    for name, value in given.items():
        if name in fields and name not in ("id", "version", "recorded_at", "recorded_by"):
            values[name] = value
        else:
            refused.append(Finding("unknown-field", "a customer has no such field to be given", name, prospect.id))
    if number_holder is not None:
        refused.append(
            Finding("number-in-use", f"{number_holder.number} is {number_holder.name}'s", "number", number_holder.id)
        )
    customer = _customer(prospect, values, refused)
    if customer is not None and settle is not None:
        planned, (customer, found) = customer, settle(customer)
        refused += found
        defaulted += filled_fields(planned, customer, "a rule on saving")
    if customer is not None:
        refused += without(customer, policy, prospect.id)
    return ConversionPlan(
        prospect=prospect,
        customer=customer,
        given=FrozenMap(given),
        carried=FrozenMap(carried),
        defaulted=[*defaulted, *opened.defaulted],
        unmapped=[*carrying.unmapped, *opened.unmapped],
        refused=refused,
        opportunity=opened.opportunity,
        lead=opened.lead,
        opening=opened.asked,
        policy=policy.hash,
        request=request,
    )


def with_duplicates(plan: ConversionPlan, matches: Iterable[Match[Customer]]) -> ConversionPlan:
    """The plan with the customers that are or may be the same company."""
    found = tuple(map(_possible, matches))
    return attrs.evolve(plan, duplicates=found) if found else plan


def _possible(match: Match[Customer]) -> PossibleDuplicate:
    customer = match.record
    return PossibleDuplicate(customer.id, customer.number, customer.name, tuple(map(str, match.reasons)))


def request_of(
    prospect: UUID, given: Mapping[str, Any], opening: Opening | None = None, into: Absorbing | None = None
) -> str:
    """A digest of what is asked for, whatever the prospect is by then: equal requests have equal ones."""
    asked = (str(opening.lead or ""), repr(opening.fresh), str(opening.projected_close or "")) if opening else ()
    said = (prospect.hex, sorted((name, str(ordered(value))) for name, value in given.items()), asked)
    return hashlib.sha256(repr((*said, repr(into)) if into else said).encode()).hexdigest()


def key_digest(key: str) -> str:
    """An idempotency key as it is kept: of one length, whatever letters it has."""
    return hashlib.sha256(key.encode()).hexdigest()


def _customer(prospect: Prospect, values: Mapping[str, Any], refused: list[Finding]) -> Customer | None:
    kept = {name: getattr(prospect, name) for name in ("id", "version", "recorded_at", "recorded_by")}
    try:
        return Customer(**kept, **values)
    except Invalid as wrong:
        refused += [Finding("invalid", fault.message, fault.field, prospect.id) for fault in wrong.faults]
        return None


@attrs.frozen
class Carried:
    """What hangs from an account: those that refer to it, and its opportunities' own. In a registry they are the same
    questions about each account; `plurals` are the repositories that they are asked of.

    `template` asks them alone, `with_undone` for conversions of the account besides, undone ones.
    """

    plurals: tuple[str, ...]
    template: Template
    with_undone: Template

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, registry: Registry) -> "Carried":
        """In that registry."""

        def queries(account: UUID) -> list[Query[Record]]:
            return list(carried_queries(registry, account).values())

        def more(account: UUID) -> list[Query[Record]]:
            return [*queries(account), Query(kind=Conversion, where=(Equals("account", account),))]

        return cls(tuple(carried_queries(registry, NIL)), Template(queries), Template(more))

    def counts(self, reader: Reader, account: UUID) -> dict[str, int]:
        """How many records hang from the account, by repository."""
        return dict(zip(self.plurals, reader.counts(About(self.template, account)), strict=True))


def carried_queries(registry: Registry, account: UUID) -> dict[str, Query[Record]]:
    """By repository, the records that hang from an account."""
    found: dict[str, Query[Record]] = {}
    for plural, kind, field, of_opportunity in _hanging(registry):
        of_account = Equals("account" if of_opportunity else field, account)
        way: Criterion = Related(Opportunity, via="id", to=field, where=(of_account,)) if of_opportunity else of_account
        found[plural] = Query(kind=kind, where=(way,))
    return found


def carried_groupings(registry: Registry, accounts: Sequence[UUID]) -> dict[str, Grouping[Record]]:
    """By repository, how many records hang from each of several accounts: groups by account."""
    found: dict[str, Grouping[Record]] = {}
    for plural, kind, field, of_opportunity in _hanging(registry):
        of_account = AnyOf("account" if of_opportunity else field, accounts)
        way: Criterion = Related(Opportunity, via="id", to=field, where=(of_account,)) if of_opportunity else of_account
        by: Term = Through(field, Opportunity, Field("account")) if of_opportunity else Field(field)
        found[plural] = Grouping(kind=kind, where=(way,), by=(by,))
    return found


def hanging_among(reader: Reader, account: UUID, records: Sequence[Record]) -> dict[str, int]:
    """By repository, how many of some records hang from an account."""
    found: dict[str, int] = {}
    for plural, kind, field, of_opportunity in _hanging(reader.registry):
        held = [getattr(record, field) for record in records if isinstance(record, kind)]
        if of_opportunity and held:
            chances = reader.get_many(Opportunity, held)
            held = [chances[id].account for id in held]
        found[plural] = held.count(account)
    return found


@lru_cache(maxsize=16)
def _hanging(registry: Registry) -> tuple[tuple[str, type[Record], str, bool], ...]:
    """Repository, entity and field of what refers to an account, or (True) belongs to an opportunity."""
    of_account = [
        (spec.about.plural, spec.cls, field.name, False)
        for spec, field in registry.referring_to("account")
        if spec.about.plural not in _NOT_CARRIED and field.references and not field.references.kind
    ]
    of_opportunity = [
        (spec.about.plural, spec.cls, field.name, True)
        for spec, field in registry.referring_to("opportunity")
        if spec.about.belongs_to == field.name and field.references and field.references.tables == ("opportunity",)
    ]
    return (*of_account, *of_opportunity)


def without(customer: Customer, policy: Policy, prospect: UUID) -> list[Finding]:
    """What speaks against a customer that a prospect would become: what the policy requires, and it is without."""
    said = "is required of a customer by policy, and nobody gave it"
    return [Finding("required", said, name, prospect) for name in missing(customer, policy)]


def conversion_changes(
    plan: ConversionPlan,
    carried: Mapping[str, int],
    *,
    by: str,
    now: datetime,
    new_id: Callable[[], UUID],
    key: str = "",
) -> Changes:
    """The plan as changes: the prospect becomes the customer, and the trace of it is written, with the key that it was
    asked for under.

    Raises ValueError on a plan without a customer (one with refusals).
    """
    if plan.customer is None:
        raise ValueError("a plan with refusals cannot be made into changes")
    opened, opening = plan.opportunity, Changes()
    if opened is not None:
        opened = evolve(opened, id=new_id())
        opening = promotion_changes(plan.lead, opened, new_id()) if plan.lead else Changes(creates=(opened,))
    conversion = conversion_trace(
        plan,
        carried,
        {"id": new_id(), "account": plan.prospect.id, "opportunity": opened.id if opened else None},
        by=by,
        now=now,
        key=key,
    )
    prospect = plan.prospect

    def converted(at: datetime, user: str, made: Changes) -> Event:
        customer = next(update.after for update in made.updates if update.after.id == prospect.id)
        trace = next(record for record in made.creates if record.id == conversion.id)
        return ProspectConverted(
            at=at, by=user, prospect=prospect, customer=_as(Customer, customer), conversion=_as(Conversion, trace)
        )

    quotes = () if plan.customer.number else (Quote(conversion.id, "customer_number", prospect.id),)
    made_customer = Update(prospect, plan.customer)
    made = Changes(creates=(conversion,), updates=(made_customer,), quotes=quotes, events=(converted,))
    return opening + made if opening else made


def conversion_trace(
    plan: ConversionPlan, carried: Mapping[str, int], more: Mapping[str, Any], *, by: str, now: datetime, key: str
) -> Conversion:
    """The trace of a conversion by that plan, unnumbered; `more` are its fields that the plan does not tell."""
    customer = plan.customer
    known = {
        "prospect_number": plan.prospect.number,
        "customer_number": customer.number if customer else "",
        "customer_version": plan.prospect.version + 1,
        "given": FrozenMap({name: str(value) for name, value in plan.given.items()}),
        "carried": FrozenMap({kind: count for kind, count in carried.items() if count}),
        "policy": plan.policy,
        "request": plan.request,
        "request_key": key_digest(key) if key else "",
        "converted_by": by,
        "converted_at": now,
    }
    return stamped(_BLANK, {**known, **more})


def _as(kind: type[Any], record: Record) -> Any:
    if not isinstance(record, kind):
        raise TypeError(f"expected a {kind.__name__}, not a {type(record).__name__}")
    return record


def _set_back(was: Any) -> str:
    return "empty it" if was is None or was in ("", ()) else f"set it back to {was!s}"


def undo_changes(
    conversion: Conversion,
    prospect: Prospect,
    as_converted: Customer,
    customer: Customer,
    *,
    opened: Sequence[Record] = (),
    in_the_way: Sequence[Finding] = (),
    by: str,
    now: datetime,
) -> tuple[Changes, list[Finding]]:
    """The way back from a conversion, or everything that is in its way.

    `prospect` is as it was before the conversion, `as_converted` the customer right after it and `customer` as it
    is now: fields edited since are kept where a prospect has them, else they are in the way. `opened` is the
    opportunity that the conversion opened, with its parts, where nobody has touched it since: it goes.
    """
    found = list(in_the_way)
    kept: dict[str, Any] = {}
    for field in customer.spec.fields:
        if field.name in ("id", "version", "recorded_at", "recorded_by"):
            continue
        now_is, was = getattr(customer, field.name), getattr(as_converted, field.name)
        if now_is == was:
            continue
        if field.name == "custom":
            kept["custom"] = custom_edited(prospect.custom, was, now_is)
        elif field.name in prospect.spec.by_name and field.name != "number":
            kept[field.name] = now_is
        else:
            found.append(
                Finding(
                    "edited-since",
                    f"was set to {now_is!s} since, and a prospect has no such field: {_set_back(was)}",
                    field.name,
                    customer.id,
                )
            )
    back = evolve(prospect, version=customer.version, recorded_at=customer.recorded_at, **kept)
    undone = evolve(conversion, undone_at=now, undone_by=by)

    def event(at: datetime, user: str, made: Changes) -> Event:
        account = next(update.after for update in made.updates if update.after.id == prospect.id)
        trace = next(update.after for update in made.updates if update.after.id == conversion.id)
        return ConversionUndone(at=at, by=user, conversion=_as(Conversion, trace), prospect=_as(Prospect, account))

    updates = (Update(customer, back), Update(conversion, undone))
    return Changes(updates=updates, deletes=opened, events=(event,)), found
