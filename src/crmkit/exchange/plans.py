"""Conversion plans as JSON, and back: to be shown elsewhere, kept, and applied later."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmkit.conversion.plans import ConversionPlan, Defaulted, PossibleDuplicate, Unmapped
from crmkit.entities import Customer, FrozenMap, Lead, Opportunity, Prospect, Record
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
        "unmapped": [[one.field, _tagged(one.value)] for one in plan.unmapped],
        "refused": [
            [one.code, one.message, one.field, str(one.record) if one.record else None] for one in plan.refused
        ],
        "duplicates": [[str(one.id), one.number, one.name, list(one.reasons)] for one in plan.duplicates],
        "opportunity": _plain(plan.opportunity),
        "lead": _plain(plan.lead),
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
            unmapped=[Unmapped(field, _untagged(field, value)) for field, value in said["unmapped"]],
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


def _tagged(value: Any) -> dict[str, Any]:
    """A value, with whether it is of the field's own type or what somebody wrote for it."""
    written = value is None or isinstance(value, str | bool | int)
    return {"as": "written" if written else "field", "value": plain_value(value)}


def _untagged(name: str, said: Any) -> Any:
    if said["as"] == "written":
        return said["value"]
    field = Customer.spec.by_name.get(name) or Prospect.spec.by_name.get(name)
    return said["value"] if field is None else typed_value(field, said["value"])
