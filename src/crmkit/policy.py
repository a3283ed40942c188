"""Policies: what a company decides for itself, as frozen values with a hash that traces keep."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import attrs

from crmkit.entities import Customer
from crmkit.entities.frozen import FrozenMap, freeze
from crmkit.entities.specs import BOOKKEEPING
from crmkit.errors import Fault, Invalid

__all__ = ["Policy"]


def _frozen(values: Mapping[str, Any]) -> FrozenMap[Any]:
    frozen: FrozenMap[Any] = freeze(values)
    return frozen


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else tuple(values)


@attrs.frozen(kw_only=True)
class Policy:
    """What a company decides for itself; every default is the plain case.

    `customer_defaults` are values that a customer gets on conversion where neither the call nor the prospect has one;
    `customer_required` names the fields that a customer must have. `tasks_block_won`: an opportunity with
    open required tasks cannot be won. `won_reason_required` and `lost_reason_required`: closing needs a reason.
    Raises Invalid on a name that is no field of a customer.
    """

    customer_defaults: FrozenMap[Any] = attrs.field(default=FrozenMap(), converter=_frozen)
    customer_required: tuple[str, ...] = attrs.field(default=(), converter=_names)
    tasks_block_won: bool = False
    won_reason_required: bool = False
    lost_reason_required: bool = False

    def __attrs_post_init__(self) -> None:
        fields = Customer.spec.by_name
        faults = [
            Fault(what, f"{name!r} is no field of a customer")
            for what, names in (
                ("customer_defaults", self.customer_defaults),
                ("customer_required", self.customer_required),
            )
            for name in names
            if name not in fields or name in BOOKKEEPING
        ]
        if faults:
            raise Invalid("policy", faults)

    @cached_property
    def hash(self) -> str:
        """A fingerprint of all that the policy says: equal policies have equal ones, on every machine."""
        said = attrs.asdict(self, recurse=False)
        return hashlib.sha256(json.dumps(said, default=_plain, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, FrozenMap) else str(value)
