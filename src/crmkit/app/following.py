"""Opportunities that follow their offers, where the policy says so: in the changes that touch an offer or its lines."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import Estimate, EstimateLine, ExchangeRate, Opportunity, Order, OrderLine, Record, evolve
from crmkit.errors import Finding, Refused
from crmkit.forecasting.offers import Lines, amount_of, currency_of, overlaid, standing, touched, winning
from crmkit.forecasting.rates import NO_RATES, Rates
from crmkit.queries import AnyOf, Query

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["followed"]

R = TypeVar("R", bound=Record)


def followed(work: "Work", changes: Changes) -> tuple[Changes, frozenset[UUID]]:
    """The changes, with what follows from them for opportunities, and the ids of those. Raises Refused where that
    cannot be.
    """
    policy = work.known.policy
    records = touched(changes)
    if not records:
        return changes, frozenset()
    ids = _opportunities(work, records, changes)
    won = set(winning(changes, work.known.category)) if policy.order_wins else set()
    gone = {record.id for record in changes.deletes}
    # Read before their offers: whoever changes an offer meanwhile changes the opportunity too, and that is noticed.
    stored = work.unit.get_many(Opportunity, sorted(ids - gone)) if ids else {}
    if not stored:
        return changes, frozenset()
    planned = {update.after.id: update.after for update in changes.updates if isinstance(update.after, Opportunity)}
    now = {id: planned.get(id, one) for id, one in stored.items()}
    after = _amounts(work, now, changes) if policy.amount_follows_offers else now
    updates = []
    for id, one in after.items():
        becomes = _won(work, one) if id in won else one
        if becomes != now[id]:
            updates.append(Update(stored[id], work.settle(stored[id], becomes, "updating")))
    following = frozenset(update.after.id for update in updates)
    kept = [update for update in changes.updates if update.after.id not in following]
    return attrs.evolve(changes, updates=[*kept, *updates]), following


def _opportunities(work: "Work", records: Iterable[Any], changes: Changes) -> set[UUID]:
    """Those whose offers these records are, or belong to."""
    estimates = {one.estimate for one in records if isinstance(one, EstimateLine | Order) and one.estimate}
    orders = {one.order for one in records if isinstance(one, OrderLine)}
    offers: list[Any] = [one for one in records if isinstance(one, Estimate | Order)]
    offers += _read(work, Estimate, estimates, changes)
    offers += _read(work, Order, orders, changes)
    return {one.opportunity for one in offers if one.opportunity is not None}


def _read(work: "Work", kind: type[R], ids: set[UUID], changes: Changes) -> list[R]:
    held = overlaid(kind, (), changes)
    missing = sorted(ids - held.keys())
    stored = work.unit.get_many(kind, missing).values() if missing else ()
    return [*(held[id] for id in ids & held.keys()), *stored]


def _amounts(work: "Work", opportunities: dict[UUID, Opportunity], changes: Changes) -> dict[UUID, Opportunity]:
    """The opportunities with what their offers come to; those without an offer that counts as they are."""
    ids = sorted(opportunities)
    estimates = overlaid(Estimate, _of(work, Estimate, "opportunity", ids), changes)
    found = {one.id: one for one in _of(work, Order, "opportunity", ids)}
    found |= {one.id: one for one in _of(work, Order, "estimate", sorted(estimates))}
    orders = overlaid(Order, found.values(), changes)
    counting = {id: standing(id, estimates.values(), orders.values(), work.known.category) for id in ids}
    lines = _lines(work, [offer for offers in counting.values() for offer in offers], changes)
    after = {}
    findings: list[Finding] = []
    for id, one in opportunities.items():
        offers = counting[id]
        currency = currency_of(one, offers, work.known.currency)
        foreign = any(offer.currency != currency for offer in offers)
        rates = Rates(work.unit.find(Query(kind=ExchangeRate))) if foreign else NO_RATES
        amount, wrong = amount_of(one, offers, lines, currency, rates)
        findings += wrong
        after[id] = one if wrong or amount is None else evolve(one, estimated_value=amount)
    work.refuse_if("an amount that follows its offers", findings)
    return after


def _of(work: "Work", kind: type[R], field: str, ids: list[UUID]) -> list[R]:
    return work.unit.find(Query(kind=kind, where=(AnyOf(field, ids),))) if ids else []


def _lines(work: "Work", offers: Iterable[Estimate | Order], changes: Changes) -> Lines:
    held = list(offers)
    estimates = sorted(one.id for one in held if isinstance(one, Estimate))
    orders = sorted(one.id for one in held if isinstance(one, Order))
    lines: dict[UUID, list[EstimateLine | OrderLine]] = {}
    for of_estimate in overlaid(EstimateLine, _of(work, EstimateLine, "estimate", estimates), changes).values():
        lines.setdefault(of_estimate.estimate, []).append(of_estimate)
    for of_order in overlaid(OrderLine, _of(work, OrderLine, "order", orders), changes).values():
        lines.setdefault(of_order.order, []).append(of_order)
    return lines


def _won(work: "Work", opportunity: Opportunity) -> Opportunity:
    """The opportunity won, if it is open: one that was lost is reopened first, by whoever decides that."""
    if work.known.category("opportunity_status", opportunity.status) != "open":
        return opportunity
    code = work.known.code_of_category("opportunity_status", "won")
    if not code:
        said = "no opportunity status has the category won: add one"
        raise Refused("an order that wins its opportunity", [Finding("no-status", said, "status", opportunity.id)])
    return evolve(opportunity, status=code)
