"""Amounts that follow offers, and orders that win: policies, off by default. Tryton's case with its figures."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Crm,
    Customer,
    Estimate,
    EstimateLine,
    ExchangeRate,
    Money,
    Opportunity,
    OpportunityTask,
    Order,
    OrderLine,
    Policy,
    Prospect,
    Refused,
    evolve,
)

FOLLOWING = Policy(amount_follows_offers=True, order_wins=True)


@pytest.fixture
def crm(open_crm: Callable[..., Crm], store_name: str) -> Crm:
    """A CRM whose amounts follow offers, and whose orders win."""
    return open_crm(store_name, policy=FOLLOWING)


@pytest.fixture
def deal(crm: Crm) -> Opportunity:
    """An opportunity of a customer, with an amount of its own: 10 units at 10."""
    customer = crm.customers.add(Customer(name="Acme"))
    return crm.opportunities.add(
        Opportunity(description="Units", account=customer.id, estimated_value=Money(100, "EUR"))
    )


def lines(*quantities: int, kind: Any = EstimateLine) -> list[Any]:
    """A line for each quantity, at 10."""
    return [kind(description="Unit", quantity=one, unit_price=10) for one in quantities]


def quoted(crm: Crm, deal: Opportunity, *quantities: int, **values: Any) -> Estimate:
    """A new estimate of the opportunity."""
    return crm.estimates.add(Estimate(account=deal.account, opportunity=deal.id, lines=lines(*quantities), **values))


def amount(crm: Crm, deal: Opportunity) -> Money | None:
    """What the opportunity is worth now."""
    return crm.opportunities.get(deal.id).estimated_value


def euros(number: int | str) -> Money:
    """So many."""
    return Money(number, "EUR")


def test_tryton_s_case(crm: Crm, deal: Opportunity) -> None:
    """10 units at 10, 9 of them quoted: 90; another quote of 1: 100; that one cancelled: 90; the first confirmed: won.

    Tryton, scenario of sale opportunities.
    """
    first = quoted(crm, deal, 9)
    assert amount(crm, deal) == euros(90)
    second = quoted(crm, deal, 1)
    assert amount(crm, deal) == euros(100)
    crm.estimates.decline(second.id)
    assert amount(crm, deal) == euros(90)
    crm.estimates.order(first.id)
    won = crm.opportunities.get(deal.id)
    assert (won.status, won.estimated_value, won.closed_on) == ("won", euros(90), date(2026, 3, 2))


def test_tryton_s_case_with_orders(crm: Crm, deal: Opportunity) -> None:
    """The same, where the second quote was ordered from and that order cancelled."""
    quoted(crm, deal, 9)
    order = crm.estimates.order(quoted(crm, deal, 1).id)
    assert amount(crm, deal) == euros(100), "an ordered estimate counts by its order"
    crm.orders.cancel(order.id)
    assert amount(crm, deal) == euros(90), "and does not come back once that is cancelled"


class TestPaths:
    """Whatever touches an offer, its opportunity follows in the same unit."""

    def test_lines_are_edited_as_parts(self, crm: Crm, deal: Opportunity) -> None:
        """Changed, added and taken away with their estimate."""
        estimate = quoted(crm, deal, 9)
        estimate = crm.estimates.update(estimate, lines=[evolve(estimate.lines[0], quantity=4), *lines(2)])
        assert amount(crm, deal) == euros(60)
        estimate = crm.estimates.update(estimate, lines=[])
        assert amount(crm, deal) == euros(0)

    def test_lines_are_edited_by_themselves(self, crm: Crm, deal: Opportunity) -> None:
        """Added, changed, discounted and deleted on their own, an estimate's and an order's."""
        estimate = quoted(crm, deal, 9)
        line = crm.estimate_lines.add(evolve(lines(1)[0], estimate=estimate.id))
        assert amount(crm, deal) == euros(100)
        line = crm.estimate_lines.update(line, quantity=3, discount=50)
        assert amount(crm, deal) == euros(105)
        crm.estimate_lines.delete(line)
        assert amount(crm, deal) == euros(90)
        order = crm.orders.add(Order(customer=deal.account, opportunity=deal.id))
        crm.order_lines.add(OrderLine(order=order.id, quantity=1, unit_price="0.125"))
        assert amount(crm, deal) == euros("90.12"), "rounded half-even a line"

    def test_many_are_added(self, crm: Crm, deal: Opportunity) -> None:
        """In one call."""
        crm.estimates.add_many(
            [Estimate(account=deal.account, opportunity=deal.id, lines=lines(one)) for one in (1, 2, 3)]
        )
        assert amount(crm, deal) == euros(60)

    def test_deleted_and_brought_back(self, crm: Crm, deal: Opportunity) -> None:
        """A deleted offer counts no more; undoing the deletion it counts again."""
        quoted(crm, deal, 9)
        other = quoted(crm, deal, 1)
        with crm.begin() as work:
            made = work.write(work.deletion(work.estimates.get(other.id)))
            deleted = attrs_of_offers(made)
        assert amount(crm, deal) == euros(90)
        with crm.begin() as work:
            work.write(deleted.inverse)
        assert amount(crm, deal) == euros(100)

    def test_moved_to_another_opportunity(self, crm: Crm, deal: Opportunity) -> None:
        """Both follow: the one that had it, and the one that gets it."""
        other = crm.opportunities.add(Opportunity(description="Other", account=deal.account))
        quoted(crm, deal, 9)
        moving = quoted(crm, deal, 1)
        crm.estimates.update(moving, opportunity=other.id)
        assert (amount(crm, deal), amount(crm, other)) == (euros(90), euros(10))

    def test_ordered_elsewhere(self, crm: Crm, deal: Opportunity) -> None:
        """An order of another opportunity, from an estimate of this one, takes the estimate's place there."""
        other = crm.opportunities.add(Opportunity(description="Other", account=deal.account))
        quoted(crm, deal, 9)
        crm.estimates.order(quoted(crm, deal, 1).id, opportunity=other.id)
        assert (amount(crm, deal), amount(crm, other)) == (euros(90), euros(10))

    def test_a_prospect_s_estimate_ordered_in_the_same_step(self, crm: Crm) -> None:
        """Converted, ordered, followed and won, all in one."""
        prospect = crm.prospects.add(Prospect(name="Acme"))
        deal = crm.opportunities.add(Opportunity(description="Units", account=prospect.id))
        crm.estimates.order(quoted(crm, deal, 9).id, convert=True)
        won = crm.opportunities.get(deal.id)
        assert (won.status, won.estimated_value) == ("won", euros(90))

    def test_an_accepted_one_counts_before_it_is_ordered(self, crm: Crm, deal: Opportunity) -> None:
        """Accepting changes no amount."""
        estimate = quoted(crm, deal, 9)
        crm.estimates.accept(estimate.id)
        quoted(crm, deal, 1)
        assert amount(crm, deal) == euros(100)

    def test_without_an_offer_the_amount_stays(self, crm: Crm, deal: Opportunity) -> None:
        """None made, or none left that counts: what was put down is not overwritten."""
        assert amount(crm, deal) == euros(100)
        only = quoted(crm, deal, 9)
        crm.estimates.decline(only.id)
        assert amount(crm, deal) == euros(90)
        crm.estimates.add(Estimate(account=deal.account, lines=lines(1)))
        assert amount(crm, deal) == euros(90)

    def test_it_is_told_and_kept(self, crm: Crm, deal: Opportunity, clock: Any) -> None:
        """Handlers hear of it before and after, history has it with its user, at the instant of the offer."""
        told: list[Any] = []
        for phase in ("before", "after"):
            crm.on("Updated", lambda event, _: told.append(event.after), phase)
        crm.on("StatusChanged", lambda event, _: told.append(event.after.status))
        clock.tick(timedelta(hours=1))
        with crm.begin(by="ana") as work:
            order = work.orders.add(Order(customer=deal.account, opportunity=deal.id, lines=lines(9, kind=OrderLine)))
        planned, saved, status = told
        assert planned.estimated_value == saved.estimated_value == euros(90)
        assert status == "won"
        (first, second) = crm.opportunities.history(deal.id)
        assert (first.record.estimated_value, second.record.estimated_value) == (euros(100), euros(90))
        assert (second.record.recorded_by, second.record.recorded_at) == ("ana", order.recorded_at)

    def test_a_veto_keeps_the_offer_out_too(self, crm: Crm, deal: Opportunity, everything: Any) -> None:
        """All or nothing."""

        def no(event: Any, _: Any) -> None:
            if isinstance(event.after, Opportunity):
                raise crmkit.Vetoed("not now")

        crm.on("Updated", no, "before")
        before = everything(crm)
        with pytest.raises(crmkit.Vetoed):
            quoted(crm, deal, 9)
        assert everything(crm) == before


def attrs_of_offers(made: crmkit.Changes) -> crmkit.Changes:
    """The deletions in the changes, without what followed from them."""
    return crmkit.Changes(deletes=made.deletes)


class TestCurrencies:
    """By rates on file, or a finding; never a raw sum."""

    def test_at_the_rate_of_the_day_that_it_is_dated(self, crm: Crm, deal: Opportunity) -> None:
        """Into the opportunity's currency, each offer at its day's rate."""
        for day, rate in ((date(2026, 1, 1), "0.5"), (date(2026, 2, 1), "0.9")):
            crm.exchange_rates.add(ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=Decimal(rate)))
        quoted(crm, deal, 9)
        quoted(crm, deal, 2, currency="USD", dated=date(2026, 1, 31))
        assert amount(crm, deal) == euros(100)
        quoted(crm, deal, 1, currency="USD", dated=date(2026, 2, 1))
        assert amount(crm, deal) == euros(109)

    def test_without_a_rate_it_says_what_to_do(self, crm: Crm, deal: Opportunity, everything: Any) -> None:
        """Refused, naming both currencies and the day; nothing is saved."""
        before = everything(crm)
        with pytest.raises(Refused, match="add an exchange rate from USD to EUR on or before 2026-03-02") as refused:
            quoted(crm, deal, 1, currency="USD")
        assert [one.code for one in refused.value.findings] == ["no-rate"]
        assert everything(crm) == before

    def test_without_an_amount_it_takes_the_currency_of_its_offers(self, crm: Crm, deal: Opportunity) -> None:
        """Where they have one; an amount in that currency needs no rate."""
        fresh = crm.opportunities.add(Opportunity(description="Fresh", account=deal.account))
        quoted(crm, fresh, 1, currency="USD")
        assert amount(crm, fresh) == Money(10, "USD")
        with pytest.raises(Refused, match="from EUR to USD"):
            quoted(crm, fresh, 1)

    def test_an_estimate_changes_its_currency(self, crm: Crm, deal: Opportunity) -> None:
        """The amount is counted anew."""
        crm.exchange_rates.add(
            ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 1, 1), rate=Decimal("0.5"))
        )
        estimate = quoted(crm, deal, 9)
        crm.estimates.update(estimate, currency="USD")
        assert amount(crm, deal) == euros(45)


class TestWinning:
    """An order wins its opportunity."""

    def test_an_order_of_its_own(self, crm: Crm, deal: Opportunity) -> None:
        """Without an estimate, when it is made; a cancelled one does not."""
        crm.orders.add(Order(customer=deal.account, opportunity=deal.id, status="cancelled"))
        assert crm.opportunities.get(deal.id).status == "open"
        order = crm.orders.add(Order(customer=deal.account))
        crm.orders.update(order, opportunity=deal.id)
        assert crm.opportunities.get(deal.id).status == "won"

    def test_reopened_it_is_won_by_completing_the_order(self, crm: Crm, deal: Opportunity) -> None:
        """Editing the order's lines does not win it again, completing it does; cancelling one loses nothing."""
        order = crm.orders.add(Order(customer=deal.account, opportunity=deal.id, lines=lines(1, kind=OrderLine)))
        crm.opportunities.reopen(deal.id)
        crm.orders.update(order, lines=lines(2, kind=OrderLine))
        assert (crm.opportunities.get(deal.id).status, amount(crm, deal)) == ("open", euros(20))
        crm.orders.complete(order.id)
        assert crm.opportunities.get(deal.id).status == "won"
        other = crm.orders.add(Order(customer=deal.account, opportunity=deal.id))
        crm.orders.cancel(other.id)
        assert crm.opportunities.get(deal.id).status == "won"

    def test_a_lost_one_stays_lost(self, crm: Crm, deal: Opportunity) -> None:
        """Reopening is somebody's decision (R3)."""
        crm.opportunities.lose(deal.id)
        crm.orders.add(Order(customer=deal.account, opportunity=deal.id))
        assert crm.opportunities.get(deal.id).status == "lost"

    def test_what_keeps_it_from_being_won_keeps_the_order_out(self, beside: Any, crm: Crm, everything: Any) -> None:
        """Open required tasks and a missing reason, where the policy minds them; once won by hand it goes."""
        strict = beside(policy=Policy(order_wins=True, tasks_block_won=True, won_reason_required=True))
        customer = crm.customers.add(Customer(name="Acme"))
        deal = crm.opportunities.add(Opportunity(description="Units", account=customer.id))
        task = crm.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call", required=True))
        before = everything(crm)
        with pytest.raises(Refused) as refused:
            strict.orders.add(Order(customer=customer.id, opportunity=deal.id))
        assert {one.code for one in refused.value.findings} == {"reason-required", "open-task"}
        assert everything(crm) == before
        strict.opportunity_tasks.complete(task.id)
        strict.opportunities.win(deal.id, reason="price")
        strict.orders.add(Order(customer=customer.id, opportunity=deal.id))

    def test_each_by_itself(self, open_crm: Any, store_name: str) -> None:
        """Either policy without the other."""
        for policy, expected in (
            (Policy(order_wins=True), ("won", None)),
            (Policy(amount_follows_offers=True), ("open", euros(10))),
            (Policy(), ("open", None)),
        ):
            crm = open_crm(store_name, policy=policy)
            customer = crm.customers.add(Customer(name="Acme"))
            deal = crm.opportunities.add(Opportunity(description="Units", account=customer.id))
            crm.orders.add(Order(customer=customer.id, opportunity=deal.id, lines=lines(1, kind=OrderLine)))
            now = crm.opportunities.get(deal.id)
            assert (now.status, now.estimated_value) == expected


def test_off_it_costs_no_statement(open_crm: Any, store_name: str) -> None:
    """And on, what touches no offer costs none either."""
    counted: dict[str, int] = {}
    for name, policy in (("off", Policy()), ("on", FOLLOWING)):
        crm = open_crm(store_name, policy=policy)
        if not hasattr(crm.store, "fault_at"):
            return
        customer = crm.customers.add(Customer(name="Acme"))
        deal = crm.opportunities.add(Opportunity(description="Units", account=customer.id))
        free = Estimate(account=customer.id, lines=lines(1))
        with counting(crm) as said:
            crm.opportunities.update(deal, next_step="Call")
            counted[f"{name} elsewhere"] = len(said)
            crm.estimates.add(free)
            counted[f"{name} of none"] = len(said)
            quoted(crm, deal, 9)
            counted[name] = len(said)
    assert counted["off elsewhere"] == counted["on elsewhere"]
    assert counted["off of none"] == counted["on of none"]
    assert counted["off"] < counted["on"]


class counting:  # noqa: N801 - reads as a verb
    """The statements that are sent meanwhile."""

    def __init__(self, crm: Crm) -> None:
        store: Any = crm.store
        unit = store.begin(tenant="x", clock=crm.now, read_only=True)
        unit.rollback()
        self._unit: Any = type(unit)
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> list[str]:
        said: list[str] = []
        execute = self._unit.execute

        def noted(unit: Any, statement: str, values: Any = ()) -> Any:
            said.append(statement)
            return execute(unit, statement, values)

        self._patch.setattr(self._unit, "execute", noted)
        return said

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


def test_several_at_once_are_all_counted(crm: Crm, deal: Opportunity) -> None:
    """Eight callers quote for one opportunity at the same moment: each is taken, and the amount is their sum."""
    start = threading.Barrier(8)
    failed: list[BaseException] = []

    def quote(quantity: int) -> None:
        start.wait()
        try:
            quoted(crm, deal, quantity)
        except crmkit.CrmkitError as error:
            failed.append(error)

    threads = [threading.Thread(target=quote, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert amount(crm, deal) == euros(360)


VERBS = ("quote", "order", "order from", "decline", "reopen", "accept", "cancel", "done", "edit", "delete")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(VERBS),
        st.integers(0, 9),
        st.integers(1, 9),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def module_crm(module_store: str, module_url: Callable[[str], str]) -> Iterator[Crm]:
    """One CRM for all examples."""
    with crmkit.connect(module_url(module_store), policy=Policy(amount_follows_offers=True)) as crm:
        yield crm


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_whatever_is_done_the_amount_is_the_sum(module_crm: Crm, steps: list[tuple[str, int, int]]) -> None:
    """After any steps, refused ones among them, it is the sum of what stands, counted from the records by hand."""
    crm = module_crm
    customer = crm.customers.add(Customer(name="Acme"))
    deal = crm.opportunities.add(Opportunity(description="Units", account=customer.id))
    expected: Money | None = None
    for verb, which, quantity in steps:
        estimates, orders = crm.opportunities.estimates(deal.id), crm.opportunities.orders(deal.id)
        with suppress(Refused):
            step(crm, deal, verb, quantity, chosen(estimates, which), chosen(orders, which))
        estimates, orders = crm.opportunities.estimates(deal.id), crm.opportunities.orders(deal.id)
        ordered = {one.estimate for one in orders}
        standing: list[Any] = [one for one in estimates if one.status != "declined" and one.id not in ordered]
        standing += [one for one in orders if one.status != "cancelled"]
        if standing:
            expected = euros(sum(int(line.quantity) * 10 for one in standing for line in one.lines))
        assert amount(crm, deal) == expected


def chosen(some: list[Any], which: int) -> Any:
    """One of them, if there are any."""
    return some[which % len(some)] if some else None


def step(crm: Crm, deal: Opportunity, verb: str, quantity: int, estimate: Estimate | None, order: Order | None) -> None:
    """One thing that somebody does."""
    if verb == "quote":
        quoted(crm, deal, quantity)
    elif verb == "order":
        crm.orders.add(Order(customer=deal.account, opportunity=deal.id, lines=lines(quantity, kind=OrderLine)))
    elif verb in ("cancel", "done") and order is not None:
        (crm.orders.cancel if verb == "cancel" else crm.orders.complete)(order.id)
    elif verb == "order from" and estimate is not None:
        crm.estimates.order(estimate.id, again=quantity > 5)
    elif verb in ("decline", "reopen", "accept") and estimate is not None:
        getattr(crm.estimates, verb)(estimate.id)
    elif verb == "edit" and estimate is not None:
        crm.estimates.update(estimate, lines=lines(quantity, 1))
    elif verb == "delete" and order is not None:
        crm.orders.delete(order)
    elif verb == "delete" and estimate is not None:
        crm.estimates.delete(estimate)
