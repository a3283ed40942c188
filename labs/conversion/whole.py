"""Prospects with what hangs from them, and whether each is whole or wholly converted, whatever was in between."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import attrs

import crmkit
from crmkit import (
    Account,
    Conversion,
    Crm,
    Customer,
    Estimate,
    Lead,
    Opportunity,
    OpportunityTask,
    Prospect,
    Record,
    SalesContact,
    Work,
)

__all__ = ["Flock", "drive", "findings"]

KINDS: Final = (Lead, Opportunity, OpportunityTask, Estimate, SalesContact)


@attrs.frozen
class Flock:
    """Prospects, in the order in which they are to be converted, and everything as it was before."""

    ids: tuple[UUID, ...]
    prospects: dict[UUID, Prospect]
    hanging: dict[str, frozenset[Record]]
    carried: dict[UUID, dict[str, int]]


def drive(crm: Crm, count: int) -> Flock:
    """Make so many prospects, some with more hanging from them than others."""
    with crm.begin() as work:
        made = work.prospects.add_many(
            [Prospect(name=f"Company {number}", tax_number=f"T{number}", notes="n" * 200) for number in range(count)]
        )
        ids = tuple(one.id for one in made.records)
        work.leads.add_many([Lead(account=id, description="Inquiry") for id in ids[::2]])
        deals = work.opportunities.add_many([Opportunity(account=id, description="Deal") for id in ids[::3]]).records
        work.opportunity_tasks.add_many([OpportunityTask(opportunity=deal.id, description="Call") for deal in deals])
        work.estimates.add_many([Estimate(account=id) for id in ids[::5]])
        for id in ids[::10]:
            work.sales_contacts.add(SalesContact(given_name="Ana", accounts=[id]))
    every = {"leads": 2, "opportunities": 3, "opportunity_tasks": 3, "estimates": 5, "contact_accounts": 10}
    carried = {id: {kind: 1 for kind, nth in every.items() if number % nth == 0} for number, id in enumerate(ids)}
    with crm.begin(read_only=True) as work:
        prospects = {one.id: one for one in work.prospects.all()}
        return Flock(ids, prospects, _hanging(work), carried)


def _hanging(work: Work) -> dict[str, frozenset[Record]]:
    return {kind.spec.name: frozenset(work.repository(kind).all()) for kind in KINDS}


def findings(crm: Crm, flock: Flock, *, batch: int = 1, acknowledged: int = 0) -> tuple[int, list[str]]:
    """How many are customers, and everything that is torn.

    They were to be converted in the order of the flock, `batch` at a time, and `acknowledged` of them were: those must
    be there, none of a batch without the others, and at most one batch more.
    """
    wrong: list[str] = []
    with crm.begin(read_only=True) as work:
        if _hanging(work) != flock.hanging:
            wrong.append("something that hangs from a prospect is not as it was")
        accounts = {one.id: one for one in work.accounts.all()}
        traces: dict[UUID, list[Any]] = {id: [] for id in flock.ids}
        for one in work.conversions.all():
            traces.setdefault(one.account, []).append(one)
        customers = [id for id in flock.ids if isinstance(accounts.get(id), Customer)]
        for id in flock.ids:
            states = [accounts[id]] if id in accounts else []
            if not states or states[0].version > 1:
                states = [past.record for past in work.unit.history(Account, id)]
            wrong += _torn(flock, id, states, traces.pop(id))
        wrong += [f"a conversion of {id}, which is none of them" for id in traces]
    done = len(customers)
    if tuple(customers) != flock.ids[:done] or (done % batch and done != len(flock.ids)):
        wrong.append(f"{done} are customers, which are no whole batches of {batch}, or others before them")
    if not acknowledged <= done <= acknowledged + batch:
        wrong.append(f"{done} are customers, of {acknowledged} that were acknowledged")
    return done, wrong


def _torn(flock: Flock, id: UUID, states: Sequence[Record], traces: Sequence[Conversion]) -> list[str]:
    """What is torn of one account: it is as it was, or it is a customer with its trace, its history and its numbers."""
    before = flock.prospects[id]
    if not states or states[0] != before:
        return [f"account {id} is not as it was: {states[:1]}"]
    if len(states) == 1:
        return [f"account {id} is a prospect with {len(traces)} conversions"] if traces else []
    customer = states[-1]
    if len(states) != 2 or not isinstance(customer, Customer) or len(traces) != 1:
        return [f"account {id} has {len(states)} states, is a {customer.spec.name}, and has {len(traces)} conversions"]
    (trace,) = traces
    told = (trace.customer_version, trace.prospect_number, trace.customer_number, dict(trace.carried))
    there = (customer.version, before.number, customer.number, flock.carried[id])
    kept = crmkit.same_content(
        Prospect(**{name: getattr(customer, name) for name in Prospect.spec.content if name != "number"}),
        crmkit.evolve(before, id=crmkit.NIL, number=""),
    )
    return [] if told == there and kept else [f"account {id}: its receipt says {told}, and there is {there}"]
