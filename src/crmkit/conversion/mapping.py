"""Which field of a prospect becomes which of the customer, by the policy, and what is lost or changed on the way.

A prospect's field goes to the customer's of the same name unless the policy says otherwise; a host's own fields are
named `custom.x`, on either side. Nothing that a prospect says is lost without being listed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from crmkit.conversion.becoming import converted
from crmkit.conversion.plans import Defaulted, Unmapped
from crmkit.entities import Customer, FrozenMap, Prospect
from crmkit.entities.specs import BOOKKEEPING
from crmkit.errors import Finding
from crmkit.policy import CUSTOM, Policy

__all__ = ["Carried", "carried_values", "custom_edited", "defaults_taken", "missing"]

_SKIPPED: Final = frozenset({*BOOKKEEPING, "number"})


@attrs.frozen
class Carried:
    """What a prospect's values come to: the customer's, those that are lost or changed, and what speaks against it."""

    values: dict[str, Any]
    unmapped: list[Unmapped]
    refused: list[Finding]


def carried_values(prospect: Prospect, policy: Policy, given: Mapping[str, Any]) -> Carried:
    """The customer's values that come from the prospect. Fields that are `given` win; what they replace is listed."""
    made = Carried({}, [], [])
    if policy.customer_fields:
        _by_policy(prospect, policy.customer_fields, given, made)
    else:
        _by_name(prospect, given, made)
    return made


def _by_name(prospect: Prospect, given: Mapping[str, Any], made: Carried) -> None:
    fields = Customer.spec.by_name
    for field in prospect.spec.fields:
        name = field.name
        if name in _SKIPPED:
            continue
        value = getattr(prospect, name)
        if name in fields:
            made.values[name] = value
        elif value != field.default:
            made.unmapped.append(Unmapped(name, value))
    if "custom" in given:
        made.unmapped.extend(_replaced(prospect.custom, given["custom"]))


def _replaced(custom: Mapping[str, Any], given: Any) -> Iterator[Unmapped]:
    """The host's own fields that those of the call take the place of, without naming them."""
    named = given if isinstance(given, Mapping) else ()
    for key, value in custom.items():
        if key not in named:
            yield Unmapped(CUSTOM + key, value, "replaced", "custom")


def _by_policy(prospect: Prospect, mapping: Mapping[str, str | None], given: Mapping[str, Any], made: Carried) -> None:
    sources = [one for one in _sources(prospect) if one[0] != "number" or one[0] in mapping]
    filled = {name for name, _, empty in sources if not empty}
    taken = {target for name, target in mapping.items() if target and target != name and name in filled}
    custom: dict[str, Any] = {}
    for name, value, empty in sources:
        target = _target(name, mapping)
        if target == name:
            _as_it_is(name, value, empty=empty or name in taken, given=given, made=made, custom=custom)
            if name in taken and not empty:
                made.unmapped.append(Unmapped(name, value, "replaced", name))
        elif empty:
            continue
        elif target is None:
            made.unmapped.append(Unmapped(name, value, "dropped"))
        elif ("custom" if target.startswith(CUSTOM) else target) in given:
            made.unmapped.append(Unmapped(name, value, "replaced", target))
        else:
            _convert(name, value, target, made, custom, prospect)
    made.values["custom"] = FrozenMap(custom)


def _as_it_is(
    name: str, value: Any, *, empty: bool, given: Mapping[str, Any], made: Carried, custom: dict[str, Any]
) -> None:
    """A field that goes to the customer's of the same name, if there is one."""
    if name in Customer.spec.by_name:
        made.values[name] = value
    elif not name.startswith(CUSTOM):
        if not empty:
            made.unmapped.append(Unmapped(name, value))
    elif "custom" in given:
        made.unmapped.extend(_replaced({name.removeprefix(CUSTOM): value}, given["custom"]))
    elif not empty or value is None:
        custom[name.removeprefix(CUSTOM)] = value


def _convert(name: str, value: Any, target: str, made: Carried, custom: dict[str, Any], prospect: Prospect) -> None:
    field = None if target.startswith(CUSTOM) else Customer.spec.by_name[target]
    try:
        becomes, how = converted(value, field)
    except ValueError as fault:
        said = f"{value!s} cannot become the {target} of a customer: {fault}"
        made.refused.append(Finding("cannot-become", said, name, prospect.id))
        return
    if field is None:
        custom[target.removeprefix(CUSTOM)] = becomes
    else:
        made.values[target] = becomes
    if how:
        made.unmapped.append(Unmapped(name, value, how, target, becomes))


def _sources(prospect: Prospect) -> Iterator[tuple[str, Any, bool]]:
    """Each field by name, a host's own by key, with its value and whether it is empty."""
    for field in prospect.spec.fields:
        if field.name in BOOKKEEPING:
            continue
        value = getattr(prospect, field.name)
        if field.name == "custom":
            for key, one in value.items():
                yield CUSTOM + key, one, one is None
        else:
            yield field.name, value, value == field.default


def _target(name: str, mapping: Mapping[str, str | None]) -> str | None:
    if name in mapping:
        return mapping[name]
    return mapping.get("custom", name) if name.startswith(CUSTOM) else name


def defaults_taken(values: dict[str, Any], policy: Policy, given: Mapping[str, Any]) -> list[Defaulted]:
    """The policy's defaults that are taken, put among the customer's values, as neither call nor prospect has one."""
    taken: list[Defaulted] = []
    fields = Customer.spec.by_name
    for name, value in policy.customer_defaults.items():
        if name.startswith(CUSTOM):
            own, key = values.get("custom", FrozenMap()), name.removeprefix(CUSTOM)
            if "custom" in given or own.get(key) is not None:
                continue
            values["custom"] = FrozenMap({**own, key: value})
        elif name in given or values.get(name, fields[name].default) != fields[name].default:
            continue
        else:
            values[name] = value
        taken.append(Defaulted(name, value, "policy"))
    return taken


def missing(customer: Customer, policy: Policy) -> list[str]:
    """The fields that the policy requires and the customer is without."""
    fields = Customer.spec.by_name
    return [
        name
        for name in policy.customer_required
        if (
            customer.custom.get(name.removeprefix(CUSTOM)) in (None, "")
            if name.startswith(CUSTOM)
            else getattr(customer, name) == fields[name].default
        )
    ]


def custom_edited(before: Mapping[str, Any], converted: Mapping[str, Any], now: Mapping[str, Any]) -> FrozenMap[Any]:
    """A prospect's own fields with the edits made on the customer's since: set, changed or taken away, key by key."""
    edited = {key: value for key, value in now.items() if key not in converted or converted[key] != value}
    kept = {key: value for key, value in before.items() if key in now or key not in converted}
    return FrozenMap({**kept, **edited})
