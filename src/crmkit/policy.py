"""Policies: what a company decides for itself, as frozen values with a hash that traces keep."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Literal, get_args

import attrs

from crmkit.entities import Customer, FieldSpec, Prospect, Record
from crmkit.entities.checks import check_of
from crmkit.entities.frozen import FrozenMap, freeze
from crmkit.entities.money import CURRENCIES
from crmkit.entities.specs import BOOKKEEPING
from crmkit.errors import Fault, Invalid

__all__ = ["CUSTOM", "CloseDate", "Policy"]

CUSTOM: Final = "custom."
"""What stands before the name of a host's own field."""

CloseDate = Literal["given", "fiscal_quarter", "none"]
"""given: as the opportunity has it; fiscal_quarter: the last day of the present one, where it has none; none: empty."""


def _frozen(values: Mapping[str, Any]) -> FrozenMap[Any]:
    frozen: FrozenMap[Any] = freeze(values)
    return frozen


def _names(values: Iterable[str]) -> tuple[str, ...]:
    """What is no names is left as it is, for `Policy` to say so with all else."""
    return (values,) if isinstance(values, str) else tuple(values) if isinstance(values, Iterable) else values


@attrs.frozen(kw_only=True)
class Policy:
    """What a company decides for itself; every default is the plain case. A host's own fields are named `custom.x`.

    On conversion: `customer_fields` says which field of a prospect becomes which of the customer, or None: it is
    dropped, and the plan says so. Those that it does not name go to the field of the same name. `customer_defaults`
    are values that a customer gets where neither the call nor the prospect has one; `customer_required` names the
    fields that a customer must have. `close_date` is when an opportunity that a conversion opens is projected to
    close, unless the call says; `fiscal_year_starts` is the month (1 to 12) that fiscal years start in.

    Of opportunities: with `tasks_block_won` one with open required tasks cannot be won. `won_reason_required` and
    `lost_reason_required`: closing needs a reason. `amount_follows_offers`: the estimated value is the sum of its
    estimates that are not declined and have no order, and of its orders that are not cancelled. `order_wins`: an order
    wins it.

    Raises Invalid, with everything that is wrong: fields that there are not, two that go to one, values that cannot be.
    """

    customer_fields: FrozenMap[str | None] = attrs.field(default=FrozenMap(), converter=_frozen)
    customer_defaults: FrozenMap[Any] = attrs.field(default=FrozenMap(), converter=_frozen)
    customer_required: tuple[str, ...] = attrs.field(default=(), converter=_names)
    close_date: CloseDate = "given"
    fiscal_year_starts: int = 1
    tasks_block_won: bool = False
    won_reason_required: bool = False
    lost_reason_required: bool = False
    amount_follows_offers: bool = False
    order_wins: bool = False

    def __attrs_post_init__(self) -> None:
        faults = [*_mapping_faults(self.customer_fields), *_default_faults(self.customer_defaults)]
        faults += [*_required_faults(self.customer_required), *_flag_faults(self)]
        if self.close_date not in get_args(CloseDate):
            said = ", ".join(get_args(CloseDate))
            faults.append(Fault("close_date", f"must be one of {said}, not {self.close_date!r}"))
        if type(self.fiscal_year_starts) is not int or self.fiscal_year_starts not in range(1, 13):
            faults.append(Fault("fiscal_year_starts", "must be a month from 1 (January) to 12 (December)"))
        if faults:
            raise Invalid("policy", faults)

    @cached_property
    def hash(self) -> str:
        """A fingerprint of all that the policy says: equal policies have equal ones, on every machine."""
        said = attrs.asdict(self, recurse=False)
        return hashlib.sha256(json.dumps(said, default=_plain, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, FrozenMap) else str(value)


def _is_field(name: Any, fields: Mapping[str, FieldSpec]) -> bool:
    """Whether it names a field that people fill, or a host's own."""
    if not isinstance(name, str):
        return False
    return len(name) > len(CUSTOM) if name.startswith(CUSTOM) else name in fields and name not in BOOKKEEPING


def _flag_faults(policy: Policy) -> Iterator[Fault]:
    """A text such as "no" would say yes."""
    for field in attrs.fields(Policy):
        value = getattr(policy, field.name)
        if isinstance(field.default, bool) and not isinstance(value, bool):
            yield Fault(field.name, f"must be True or False, not {value!r}")


def _required_faults(names: Any) -> Iterator[Fault]:
    if not isinstance(names, tuple):
        yield Fault("customer_required", f"names fields of a customer, not {names!r}")
        return
    for name in names:
        if not _is_field(name, Customer.spec.by_name):
            yield Fault("customer_required", f"{name!r} is no field of a customer")


def _default_faults(defaults: Any) -> Iterator[Fault]:
    if not isinstance(defaults, Mapping):
        yield Fault("customer_defaults", f"must be a mapping of fields to values, not {type(defaults).__name__}")
        return
    fields = Customer.spec.by_name
    for name, value in defaults.items():
        if not _is_field(name, fields):
            yield Fault("customer_defaults", f"{name!r} is no field of a customer")
            continue
        if name == "number":
            yield Fault("customer_defaults", "number is each customer's own: leave it out, the next is given")
            continue
        field = fields["custom"] if name.startswith(CUSTOM) else fields[name]
        try:
            check_of(field)({name: value} if name.startswith(CUSTOM) else value)
        except (ValueError, TypeError) as fault:
            yield Fault("customer_defaults", f"{name} {fault}")
            continue
        if name == "currency" and value and value not in CURRENCIES:
            yield Fault("customer_defaults", f"{name} {value!r} is no ISO 4217 currency code, such as EUR or USD")


def _mapping_faults(mapping: Any) -> Iterator[Fault]:
    if not isinstance(mapping, Mapping):
        yield _fault(f"must be a mapping of a prospect's fields to a customer's, not {type(mapping).__name__}")
        return
    of_prospects, of_customers = _fields_of(Prospect), Customer.spec.by_name
    sources: dict[str, list[str]] = {}
    for source, target in mapping.items():
        if not _is_field(source, of_prospects):
            yield _fault(f"{source!r} is no field of a prospect")
        elif target is None:
            continue
        elif source == "custom" or target == "custom":
            yield _fault("name a host's own fields one by one, as custom.x, or drop them all by custom: None")
        elif not _is_field(target, of_customers):
            yield _fault(f"{target!r} is no field of a customer")
        elif target == "number":
            yield _fault("a customer's number is given by the call, or is the next: keep the prospect's in custom.x")
        else:
            sources.setdefault(target, []).append(source)
            yield from _id_faults(of_prospects.get(source), of_customers.get(target), source, target)
    for target, named in sources.items():
        if target in of_prospects and target not in mapping:
            named.append(target)
        if len(named) > 1:
            said = " and ".join(sorted(named))
            yield _fault(f"{said} go to one field, {target}: let another go elsewhere, or nowhere (None)")


def _id_faults(source: FieldSpec | None, target: FieldSpec | None, name: str, to: str) -> Iterator[Fault]:
    """The id of a record stays one of that kind."""
    if target is None or target.references is None:
        return
    if source is None or source.references != target.references:
        yield _fault(f"{name} is not the id of a {' or '.join(target.references.tables)}, as {to} is")


def _fields_of(kind: type[Record]) -> dict[str, FieldSpec]:
    """The fields of an entity and of those that plugins have derived from it."""
    fields = dict(kind.spec.by_name)
    for derived in kind.__subclasses__():
        fields |= _fields_of(derived)
    return fields


def _fault(message: str) -> Fault:
    return Fault("customer_fields", message)
