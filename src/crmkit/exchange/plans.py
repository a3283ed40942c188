"""Conversion plans as JSON, and back: to be shown elsewhere, kept, and applied later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

from crmkit.conversion.into import Absorbing, Into, SamePerson
from crmkit.conversion.merge_plans import FieldChoice
from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import Becomes, ConversionPlan, Defaulted, PossibleDuplicate, Unmapped
from crmkit.entities import NIL, Customer, FieldSpec, FrozenMap, Lead, Opportunity, Prospect, Record
from crmkit.entities.frozen import freeze
from crmkit.errors import CrmkitError, Fault, Finding, Invalid
from crmkit.exchange.plain import from_plain, plain_value, to_plain, typed_value

__all__ = ["plan_from_json", "plan_to_json"]

_FORMAT = "crmkit conversion plan 1"


def plan_to_json(plan: ConversionPlan) -> str:
    """The plan as JSON text; `plan_from_json` gives a plan that is equal to it. Raises Invalid on what is no plan of a
    conversion.
    """
    _must_be(plan, ConversionPlan, "a plan of a conversion (a merge is planned where it is applied)")
    said = {
        "format": _FORMAT,
        "prospect": to_plain(plan.prospect),
        "customer": _plain(plan.customer),
        "given": {name: _tagged(value) for name, value in plan.given.items()},
        "carried": dict(plan.carried),
        "defaulted": [[one.field, _tagged(one.value), one.by] for one in plan.defaulted],
        "unmapped": [[one.field, _tagged(one.value), one.how, one.to, _tagged(one.becomes)] for one in plan.unmapped],
        "refused": [
            [one.code, one.message, one.field, str(one.record) if one.record else None] for one in plan.refused
        ],
        "duplicates": [[str(one.id), one.number, one.name, list(one.reasons)] for one in plan.duplicates],
        "opportunity": _plain(plan.opportunity),
        "lead": _plain(plan.lead),
        "opening": _opening(plan.opening),
        "into": _into(plan.into),
        "policy": plan.policy,
        "request": plan.request,
    }
    return json.dumps(said, ensure_ascii=False)


def plan_from_json(text: str) -> ConversionPlan:
    """The plan of JSON text. Raises Invalid on text that cannot have come of a plan, saying what is wrong with it.

    Whoever can change the text can change what is written: see docs/conversion.md.
    """
    _must_be(text, str | bytes | bytearray, "the text that plan_to_json writes")
    try:
        said = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise Invalid("conversion plan", [Fault("", f"is no JSON: {wrong}")]) from wrong
    if not isinstance(said, Mapping) or said.get("format") != _FORMAT:
        raise Invalid("conversion plan", [Fault("format", f"must be {_FORMAT!r}, as plan_to_json writes it")])
    try:
        plan = ConversionPlan(
            prospect=from_plain(Prospect, said["prospect"]),
            customer=_record(Customer, said["customer"]),
            given=FrozenMap({name: _untagged(name, value) for name, value in said["given"].items()}),
            carried=said["carried"],
            defaulted=[Defaulted(field, _untagged(field, value), by) for field, value, by in said["defaulted"]],
            unmapped=[
                Unmapped(field, _untagged(field, value), how, to, _untagged(to, becomes))
                for field, value, how, to, becomes in said["unmapped"]
            ],
            refused=[
                Finding(code, message, field, UUID(record) if record else None)
                for code, message, field, record in said["refused"]
            ],
            duplicates=[
                PossibleDuplicate(UUID(id), number, name, tuple(reasons))
                for id, number, name, reasons in said["duplicates"]
            ],
            opportunity=_record(Opportunity, said["opportunity"]),
            lead=_record(Lead, said["lead"]),
            opening=_opened(said["opening"]),
            into=_absorbing(said["into"]),
            policy=said["policy"],
            request=said["request"],
        )
    except CrmkitError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        said_wrong = f"{type(wrong).__name__}: {wrong}"
        raise Invalid("conversion plan", [Fault("", f"was altered: {said_wrong}")]) from wrong
    faults = [*_unlike_a_plan(plan), *_mistyped(plan)]
    if faults:
        raise Invalid("conversion plan", faults)
    return plan


def _must_be(given: object, kind: Any, what: str) -> None:
    if not isinstance(given, kind):
        raise Invalid("conversion plan", [Fault("", f"must be {what}, not {type(given).__name__}")])


def _unlike_a_plan(plan: ConversionPlan) -> Iterator[Fault]:
    """What no plan says."""
    if plan.prospect.id == NIL or plan.prospect.version < 1:
        yield Fault("prospect", "is not saved, so that nothing was planned on it")
    if plan.customer is None and not plan.refused:
        yield Fault("customer", "is missing, and nothing is refused")
    if plan.customer is not None and plan.customer.id != _becomes(plan):
        yield Fault("customer", "has another id than what it comes of")
    if plan.into is not None and plan.into.customer is None and not plan.refused:
        yield Fault("into", "has no customer, and nothing is refused")
    if plan.opening is None and (plan.opportunity is not None or plan.lead is not None):
        yield Fault("opportunity", "was not asked for")
    if plan.opening is not None and plan.opportunity is None and not plan.refused:
        yield Fault("opportunity", "was asked for and is missing, and nothing is refused")
    for name, one in (("opportunity", plan.opportunity), ("lead", plan.lead)):
        if one is not None and one.account != plan.prospect.id and not plan.refused:
            yield Fault(name, "is of another account, and nothing is refused")


def _becomes(plan: ConversionPlan) -> UUID | None:
    if plan.into is None:
        return plan.prospect.id
    return plan.into.customer.id if plan.into.customer else None


def _mistyped(plan: ConversionPlan) -> Iterator[Fault]:
    """What is of another type than in a plan, where the records do not look themselves."""
    into = plan.into
    texts = {
        "policy": [plan.policy],
        "request": [plan.request],
        "defaulted": [text for one in plan.defaulted for text in (one.field, one.by)],
        "unmapped": [text for one in plan.unmapped for text in (one.field, one.to)],
        "refused": [text for one in plan.refused for text in (one.code, one.message, one.field)],
        "duplicates": [text for one in plan.duplicates for text in (one.number, one.name, *one.reasons)],
        "into.asked": [into.asked.rule, *into.asked.rules.values()] if into else [],
        "into.choices": [text for one in into.choices for text in (one.field, one.rule)] if into else [],
        "into.renamed": into.renamed if into else [],
        "into.persons": [
            text
            for one in (into.persons if into else ())
            for text in (one.absorbed_name, one.survivor_name, *one.reasons)
        ],
    }
    for name, some in texts.items():
        yield from (Fault(name, f"must be text, not {text!r}") for text in some if not isinstance(text, str))
    counts = {"carried": plan.carried, "into.dropped": into.dropped if into else {}}
    unsure = [one.certain for one in (into.persons if into else ()) if not isinstance(one.certain, bool)]
    yield from (Fault("into.persons", f"must be true or false, not {one!r}") for one in unsure)
    for name, counted in counts.items():
        wrong = [count for count in counted.values() if isinstance(count, bool) or not isinstance(count, int)]
        yield from (Fault(name, f"must be counts, not {count!r}") for count in wrong)
    known = get_args(Becomes)
    yield from (Fault("unmapped", f"{one.how!r} is none of {known}") for one in plan.unmapped if one.how not in known)


def _plain(record: Record | None) -> dict[str, Any] | None:
    return None if record is None else to_plain(record)


def _record(kind: type[Any], said: Any) -> Any:
    return None if said is None else from_plain(kind, said)


def _opening(opening: Opening | None) -> dict[str, Any] | None:
    if opening is None:
        return None
    return {
        "lead": _tagged(opening.lead),
        "fresh": _plain(opening.fresh),
        "projected_close": _tagged(opening.projected_close),
    }


def _opened(said: Any) -> Opening | None:
    if said is None:
        return None
    return Opening(
        lead=_untagged("id", said["lead"]),
        fresh=_record(Opportunity, said["fresh"]),
        projected_close=_untagged("opportunity.projected_close", said["projected_close"]),
    )


def _into(into: Into | None) -> dict[str, Any] | None:
    if into is None:
        return None
    asked = into.asked
    return {
        "asked": {
            "customer": _tagged(asked.customer),
            "rule": asked.rule,
            "rules": dict(asked.rules),
            "contacts": asked.contacts if asked.contacts == "same" else _pairs(asked.contacts),
        },
        "customer": _plain(into.customer),
        "choices": [
            [one.field, _tagged(one.survivor), _tagged(one.absorbed), one.rule, _tagged(one.value)]
            for one in into.choices
        ],
        "dropped": dict(into.dropped),
        "renamed": list(into.renamed),
        "persons": [
            [str(one.absorbed), str(one.survivor), one.absorbed_name, one.survivor_name, list(one.reasons), one.certain]
            for one in into.persons
        ],
        "contacts": _pairs(into.contacts),
    }


def _pairs(pairs: Iterable[tuple[Any, Any]]) -> list[list[str]]:
    return [[str(one), str(other)] for one, other in pairs]


def _paired(said: Iterable[Any]) -> tuple[tuple[UUID, UUID], ...]:
    return tuple((UUID(one), UUID(other)) for one, other in said)


def _absorbing(said: Any) -> Into | None:
    if said is None:
        return None
    asked = said["asked"]
    return Into(
        asked=Absorbing(
            customer=_untagged("id", asked["customer"]),
            rule=asked["rule"],
            rules=FrozenMap(asked["rules"]),
            contacts="same" if asked["contacts"] == "same" else _paired(asked["contacts"]),
        ),
        customer=_record(Customer, said["customer"]),
        choices=[
            FieldChoice(field, _untagged(field, mine), _untagged(field, theirs), rule, _untagged(field, value))
            for field, mine, theirs, rule, value in said["choices"]
        ],
        dropped=said["dropped"],
        renamed=said["renamed"],
        persons=[
            SamePerson(
                absorbed=UUID(absorbed),
                survivor=UUID(survivor),
                absorbed_name=absorbed_name,
                survivor_name=survivor_name,
                reasons=tuple(reasons),
                certain=certain,
            )
            for absorbed, survivor, absorbed_name, survivor_name, reasons, certain in said["persons"]
        ],
        contacts=_paired(said["contacts"]),
    )


def _tagged(value: Any) -> dict[str, Any]:
    """A value, with whether it is of the field's own type, plain data, or what somebody wrote for it."""
    written = value is None or isinstance(value, str | bool | int)
    said = "written" if written else "plain" if isinstance(value, FrozenMap | tuple) else "field"
    return {"as": said, "value": plain_value(value)}


def _untagged(name: str, said: Any) -> Any:
    if said["as"] == "written":
        return said["value"]
    if said["as"] == "plain":
        return freeze(said["value"])
    field = _field(name)
    return said["value"] if field is None else typed_value(field, said["value"])


def _field(name: str) -> FieldSpec | None:
    of_opportunity = name.removeprefix("opportunity.")
    if of_opportunity != name:
        return Opportunity.spec.by_name.get(of_opportunity)
    return Customer.spec.by_name.get(name) or Prospect.spec.by_name.get(name)
