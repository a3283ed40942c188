"""Conversion plans as JSON, and back: to be shown elsewhere, kept, and applied later."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmkit.conversion.into import Absorbing, Into, SamePerson
from crmkit.conversion.merge_plans import FieldChoice
from crmkit.conversion.opening import Opening
from crmkit.conversion.plans import ConversionPlan, Defaulted, PossibleDuplicate, Unmapped
from crmkit.entities import Customer, FieldSpec, FrozenMap, Lead, Opportunity, Prospect, Record
from crmkit.entities.frozen import freeze
from crmkit.errors import CrmkitError, Fault, Finding, Invalid
from crmkit.exchange.plain import from_plain, plain_value, to_plain, typed_value

__all__ = ["plan_from_json", "plan_to_json"]

_FORMAT = "crmkit conversion plan 1"


def plan_to_json(plan: ConversionPlan) -> str:
    """The plan as JSON text; `plan_from_json` gives a plan that is equal to it."""
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
    """The plan of JSON text. Raises Invalid on text that is no plan, saying what is wrong with it."""
    try:
        said = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise Invalid("conversion plan", [Fault("", f"is no JSON: {wrong}")]) from wrong
    if not isinstance(said, Mapping) or said.get("format") != _FORMAT:
        raise Invalid("conversion plan", [Fault("format", f"must be {_FORMAT!r}, as plan_to_json writes it")])
    try:
        return ConversionPlan(
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
