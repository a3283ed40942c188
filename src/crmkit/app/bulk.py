"""Converting many prospects: a batch a unit of work, set-based; what a batch cannot take together, row by row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.app.asking import names_asked
from crmkit.app.converting import applied, no_prospect, number_holder, reserved_findings, settling
from crmkit.app.matching import Alike
from crmkit.app.repository import as_id
from crmkit.changes import Changes
from crmkit.conversion.bulk import BulkRow
from crmkit.conversion.merge_plans import named
from crmkit.conversion.plans import ConversionPlan
from crmkit.conversion.prospects import (
    carried_groupings,
    conversion_changes,
    plan_conversion,
    request_of,
    with_duplicates,
)
from crmkit.entities import Account, Conversion, Customer, Prospect
from crmkit.errors import AlreadyConverted, CrmkitError, Finding, Invalid, NotFound, Refused, StalePlan, StoreError
from crmkit.queries import AnyOf, Query

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Wanted", "batches", "convert_batch"]


@attrs.frozen
class Wanted:
    """A row of the input: its number, what it names, and the values that it gives the customer; `named` is the number
    and name of the prospect, where they are known.
    """

    row: int
    prospect: Any
    given: Mapping[str, Any]
    named: str = ""


_FEW: Final = 5
"""How many customers that may be the same company a row names."""

_ROW: Final = "a row is an id, or a pair of an id and a mapping of values"


def batches(prospects: Iterable[Any], common: Mapping[str, Any], size: int) -> Iterator[list[Wanted | BulkRow]]:
    """The input a batch at a time: ids, or pairs of an id and the values for that customer, which win; what is neither
    is refused.
    """
    numbered = enumerate(prospects, 1)
    while some := list(islice(numbered, size)):
        yield [_wanted(row, one, common) for row, one in some]


def _wanted(row: int, one: Any, common: Mapping[str, Any]) -> Wanted | BulkRow:
    if not isinstance(one, tuple | list):
        return Wanted(row, one, common)
    try:
        prospect, values = one
        return Wanted(row, prospect, {**common, **names_asked("the row", "values", values)})
    except ValueError:
        reason = f"{_ROW}, not {len(one)} of them"
    except Invalid as wrong:
        reason = "; ".join(map(str, wrong.faults))
    return BulkRow(row=row, prospect=one, outcome="refused", reasons=(reason,))


def convert_batch(
    work: "Work", rows: Iterable[Wanted | BulkRow], seen: set[UUID], *, refuse_duplicates: bool
) -> list[BulkRow]:
    """What comes of each row. `seen` are the prospects of earlier rows; those of these are added."""
    found: dict[int, BulkRow] = {}
    ids: dict[int, tuple[Wanted, UUID]] = {}
    again: dict[int, tuple[Wanted, UUID]] = {}
    for wanted in rows:
        if isinstance(wanted, BulkRow):
            found[wanted.row] = wanted
            continue
        try:
            id = as_id("prospect", wanted.prospect)
        except NotFound as unknown:
            found[wanted.row] = _refused(wanted, [str(unknown)])
            continue
        if id in seen:
            again[wanted.row] = wanted, id
        else:
            seen.add(id)
            ids[wanted.row] = wanted, id
    accounts = work.unit.get_many(Account, [id for _, id in (*ids.values(), *again.values())])
    for row, (wanted, id) in again.items():
        found[row] = BulkRow(
            row=row, prospect=wanted.prospect, named=named(accounts.get(id)), outcome="repeated", customer_id=id
        )
    prospects: dict[int, tuple[Wanted, Prospect]] = {}
    for row, (asked, id) in ids.items():
        account = accounts.get(id)
        wanted = attrs.evolve(asked, named=named(account))
        if isinstance(account, Prospect):
            prospects[row] = wanted, account
        else:
            error = no_prospect(work, id, account)
            if isinstance(error, AlreadyConverted):
                found[row] = _already(wanted, error)
            else:
                found[row] = _refused(wanted, [str(error)])
    if prospects:
        found |= _converted(work, prospects, refuse_duplicates=refuse_duplicates)
    return [found[row] for row in sorted(found)]


def _converted(
    work: "Work", wanted: Mapping[int, tuple[Wanted, Prospect]], *, refuse_duplicates: bool
) -> dict[int, BulkRow]:
    found: dict[int, BulkRow] = {}
    plans: dict[int, ConversionPlan] = {}
    prospects = [prospect for _, prospect in wanted.values()]
    known = _Known.of(work, prospects)
    drafts = {row: known.plan(work, prospect, asked.given) for row, (asked, prospect) in wanted.items()}
    becoming = [draft.customer for draft in drafts.values()]
    earlier = _Earlier(Alike.of(work, prospects, Customer, becoming=becoming))
    for row, (asked, prospect) in wanted.items():
        plan = with_duplicates(drafts[row], earlier.alike.matches_of_both(prospect, drafts[row].customer))
        said = earlier.told(plan)
        if plan.refused or (said and refuse_duplicates):
            found[row] = _refused(asked, [*map(str, plan.refused), *(said if refuse_duplicates else ())])
        else:
            plans[row] = plan
            earlier.became(plan, row)
    made = _together(work, plans)
    for row, plan in plans.items():
        asked = wanted[row][0]
        if made is not None:
            found[row] = _made(asked, earlier.told(plan), made[row])
            continue
        try:
            found[row] = _made(asked, earlier.told(plan), applied(work, plan, replan=False))
        except (StoreError, StalePlan):
            raise
        except AlreadyConverted as already:
            found[row] = _already(asked, already)
        except CrmkitError as refused:
            found[row] = _refused(asked, list(_reasons(refused)))
    return found


def _together(work: "Work", plans: Mapping[int, ConversionPlan]) -> dict[int, Conversion] | None:
    """The receipts by row; None where not all of them can be applied at once."""
    if not plans:
        return {}
    each = {
        row: conversion_changes(plan, plan.carried, by=work.by, now=work.known.now, new_id=work.new_id)
        for row, plan in plans.items()
    }
    changes = Changes(
        creates=[record for one in each.values() for record in one.creates],
        updates=[update for one in each.values() for update in one.updates],
        quotes=[quote for one in each.values() for quote in one.quotes],
        events=tuple(event for one in each.values() for event in one.events),
    )
    try:
        made = work.write(changes)
    except StoreError:
        raise
    except CrmkitError:
        return None
    saved = {record.id: record for record in made.creates}
    receipts: dict[int, Conversion] = {}
    for row, one in each.items():
        for record in one.creates:
            receipt = saved[record.id]
            if isinstance(receipt, Conversion):
                receipts[row] = receipt
    return receipts


@attrs.frozen
class _Known:
    """What the plans of a batch are made of, read for all of its prospects at once."""

    carried: dict[UUID, dict[str, int]]
    numbers: dict[UUID, str]

    @classmethod
    def of(cls, work: "Work", prospects: list[Prospect]) -> "_Known":
        """Read it."""
        ids = [prospect.id for prospect in prospects]
        asked = carried_groupings(work.unit.registry, ids)
        carried: dict[UUID, dict[str, int]] = {id: dict.fromkeys(asked, 0) for id in ids}
        for plural, groups in zip(asked, work.unit.groups(list(asked.values())), strict=True):
            for group in groups:
                carried[group.key[0]][plural] = group.count
        undone = work.unit.find(Query(kind=Conversion, where=(AnyOf("account", ids),)))
        numbers = {one.account: one.customer_number for one in undone}
        return cls(carried, numbers)

    def plan(self, work: "Work", prospect: Prospect, given: Mapping[str, Any]) -> ConversionPlan:
        """The plan of one of the prospects."""
        number = given.get("number", "")
        return plan_conversion(
            prospect,
            given,
            work.known.policy,
            number="" if number else self.numbers.get(prospect.id, ""),
            carried=self.carried[prospect.id],
            number_holder=number_holder(work, number, prospect.id),
            settle=settling(work),
            findings=reserved_findings(work, number, prospect.id),
            request=request_of(prospect.id, given),
        )


@attrs.frozen
class _Earlier:
    """The customers that a row may be the same company as: those on file, and those that came of earlier rows."""

    alike: Alike
    rows: dict[UUID, int] = attrs.field(factory=dict)
    """Which customers came of earlier rows of the batch."""

    def became(self, plan: ConversionPlan, row: int) -> None:
        """A row's prospect is a customer that later rows may be the same company as."""
        if plan.customer is not None:
            self.alike.add(plan.customer)
            self.rows[plan.customer.id] = row

    def told(self, plan: ConversionPlan) -> list[str]:
        """Which customers the plan's may be, the first few in words."""
        few = [
            f"may be row {row}, {one.name}: {', '.join(one.reasons)}" if row else f"may be {one}"
            for one in plan.duplicates[:_FEW]
            for row in (self.rows.get(one.id),)
        ]
        more = len(plan.duplicates) - len(few)
        return [*few, f"may be {more} more"] if more else few


def _made(wanted: Wanted, said: Sequence[str], receipt: Conversion) -> BulkRow:
    return BulkRow(
        row=wanted.row,
        prospect=wanted.prospect,
        named=wanted.named,
        outcome="converted",
        receipt=receipt,
        customer_id=receipt.customer_id,
        customer_number=receipt.customer_number,
        reasons=tuple(said),
    )


def _already(wanted: Wanted, already: AlreadyConverted) -> BulkRow:
    return BulkRow(
        row=wanted.row,
        prospect=wanted.prospect,
        named=wanted.named,
        outcome="already",
        customer_id=already.customer_id,
        customer_number=already.customer_number,
    )


def _refused(wanted: Wanted, reasons: list[str]) -> BulkRow:
    return BulkRow(
        row=wanted.row, prospect=wanted.prospect, named=wanted.named, outcome="refused", reasons=tuple(reasons)
    )


def _reasons(refused: CrmkitError) -> Iterator[str]:
    findings: Iterable[Finding] = refused.findings if isinstance(refused, Refused) else ()
    said = list(map(str, findings))
    yield from said or [str(refused)]
