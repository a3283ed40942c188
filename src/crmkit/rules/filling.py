"""What holds for every entity alike: defaults are taken on save, codes must be codes, fixed fields stay."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import FieldSpec, Record, Spec
from crmkit.entities.facts import FilledOnSave, Fixed
from crmkit.entities.money import CURRENCIES
from crmkit.entities.record import evolve, stamped
from crmkit.errors import Fault
from crmkit.repositories.known import Known, no_code

__all__ = ["filled", "fixed_faults"]

R = TypeVar("R", bound=Record)


@attrs.frozen(eq=False)
class _Plan:
    """The fields of an entity that saving has something to do with."""

    coded: tuple[tuple[str, str, bool], ...]
    stamped: tuple[FieldSpec, ...]
    currencies: tuple[tuple[str, bool], ...]
    fixed: tuple[str, ...]


_PLANS: Final[dict[Spec, _Plan]] = {}


def _plan(spec: Spec) -> _Plan:
    made = _PLANS.get(spec)
    if made is None:
        needed = {field.name: field.fact(FilledOnSave) is not None for field in spec.fields}
        made = _PLANS[spec] = _Plan(
            coded=tuple((field.name, field.code_of, needed[field.name]) for field in spec.fields if field.code_of),
            stamped=tuple(field for field in spec.fields if needed[field.name] and field.shape in ("day", "instant")),
            currencies=tuple((f.name, needed[f.name]) for f in spec.fields if f.name == "currency"),
            fixed=tuple(field.name for field in spec.fields if field.fact(Fixed)),
        )
    return made


def filled(before: Record | None, after: R, known: Known, id: UUID | None = None) -> tuple[R, list[Fault]]:
    """The record with its defaults taken and with an id that it is given, and what is wrong with its codes."""
    plan = _plan(after.spec)
    values: dict[str, Any] = {} if id is None else {"id": id}
    faults: list[Fault] = []
    for name, table, needed in plan.coded:
        given = getattr(after, name)
        if given and before is not None and getattr(before, name) == given:
            continue
        if given:
            settled = _code(table, given, known, faults, name)
        elif needed:
            settled = known.default_code(table)
            if not settled:
                faults.append(Fault(name, f"is required: {table.replace('_', ' ')} has no default value to take"))
        else:
            continue
        if settled != given:
            values[name] = settled
    for field in plan.stamped:
        if getattr(after, field.name) is None:
            values[field.name] = known.now if field.shape == "instant" else known.today
    whole = False
    for name, needed in plan.currencies:
        given = getattr(after, name)
        if not given and needed:
            values[name] = known.currency
            whole = bool(after.spec.parts)
        elif given and given not in CURRENCIES:
            faults.append(Fault(name, f"{given!r} is no ISO 4217 currency code, such as EUR or USD"))
    if not values or faults:
        return after, faults
    return (evolve(after, **values) if whole else stamped(after, values)), faults


def _code(table: str, given: str, known: Known, faults: list[Fault], name: str) -> str:
    value = known.code(table, given)
    if value is None:
        choice = [code for code, one in known.codes(table).items() if one.active]
        faults.append(Fault(name, no_code(table, [given], choice)))
        return given
    if not value.active:
        faults.append(Fault(name, f"{given!r} is no longer to be chosen: it was made inactive"))
    return value.code


def fixed_faults(before: Record, after: Record) -> Iterator[Fault]:
    """The fields that are given once and would be changed."""
    for name in _plan(after.spec).fixed:
        if getattr(before, name) != getattr(after, name):
            yield Fault(name, f"is fixed once it is saved; it is {getattr(before, name)!s}")
