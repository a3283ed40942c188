"""The same steps on memory, SQLite, PostgreSQL and MariaDB, whatever they are: the same answers and the same errors."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import crmkit
from crmkit import (
    Competitor,
    Crm,
    CrmkitError,
    Customer,
    Estimate,
    EstimateLine,
    Interaction,
    Item,
    Lead,
    Money,
    Note,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    SalesContact,
    SalesForecast,
    Salesperson,
    StoreError,
    TeamAssignment,
    Territory,
    between,
    contains,
    starts_with,
)
from crmkit.entities import ENTITIES, Registry
from crmkit.queries import SORTABLE
from crmkit.stores.opening import open_store
from crmkit.testing.clocks import ManualClock

LONG = os.environ.get("CRMKIT_TEST_LONG") == "1"
STORES = ("memory", "sqlite", "postgresql", "mariadb")
NAMES = st.sampled_from(
    [
        "Acme",
        "acme",
        "ACME ",
        "Ácme",
        "Ñandú",
        "ñandu",
        "50%_",
        "50%",
        "😀",
        "😃",
        "straße",
        "STRASSE",
        "a\u0301",
        "á",
        "x'; --",
    ]
)
PLACES = st.integers(0, 30)
MONEY = st.none() | st.builds(Money.of_minor, st.sampled_from([0, 1, 333, 10**14, 9 * 10**14]), st.just("EUR"))
DAYS = st.none() | st.sampled_from([date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 1)])
SHARES = st.none() | st.sampled_from([0, 33, 60, 100])
PLURALS = (
    *("accounts", "prospects", "customers", "leads", "opportunities", "opportunity_tasks", "estimates", "orders"),
    *("interactions", "sales_contacts", "contact_accounts", "contact_emails", "conversions", "competitors", "items"),
    *("territories", "salespersons", "team_assignments", "notes", "estimate_lines", "sales_forecasts"),
)


class Counting:
    """Ids that come in the same order on every store."""

    def __init__(self, run: int) -> None:
        self._next = run << 20

    def __call__(self) -> Any:
        self._next += 1
        return UUID(int=(0x7 << 76) | (0b10 << 62) | self._next)


class Steps(RuleBasedStateMachine):
    """A tenant on each store, and what may be done to it."""

    open_stores: tuple[Any, ...] = ()
    runs = iter(range(1, 1_000_000))

    @initialize()
    def begin(self) -> None:
        """A fresh tenant on each store, with one clock and the same ids."""
        run = next(self.runs)
        self.clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.crms = [
            crmkit.connect(store, tenant=f"run {run}", clock=self.clock, ids=Counting(run), user="ana")
            for store in self.open_stores
        ]
        self.instants = [self.clock()]

    def same(self, step: Callable[[Crm], Any]) -> Any:
        """What the step answers, or raises, on every store alike."""
        outcomes = []
        for crm in self.crms:
            try:
                outcomes.append(("answered", step(crm)))
            except StoreError:
                raise
            except CrmkitError as error:
                outcomes.append((type(error).__name__, str(error)))
        for name, outcome in zip(STORES, outcomes, strict=True):
            assert outcome == outcomes[0], f"{name} differs from memory"
        kind, found = outcomes[0]
        return found if kind == "answered" else None

    def held(self, plural: str, place: int) -> Any:
        """A record of that kind that is there, or None."""
        found = self.crms[0].repository(plural).find()
        return found[place % len(found)] if found else None

    def done(self, step: Callable[[Crm], Any]) -> None:
        """A step that may change something, on every store; time goes on."""
        self.clock.tick(timedelta(seconds=1))
        self.same(step)
        self.instants.append(self.clock())

    # What may be added

    @rule(name=NAMES, employees=st.none() | st.integers(0, 50), number=st.sampled_from(["", "", "p000009", "N1", "n1"]))
    def add_prospect(self, name: str, employees: int | None, number: str) -> None:
        self.done(lambda crm: crm.prospects.add(Prospect(name=name, employees=employees, number=number)))

    @rule(name=NAMES, number=st.sampled_from(["", "", "C000003", "c000003"]))
    def add_customer(self, name: str, number: str) -> None:
        self.done(lambda crm: crm.customers.add(Customer(name=name, number=number)))

    @rule(name=NAMES, place=PLACES)
    def add_contact(self, name: str, place: int) -> None:
        account = self.held("accounts", place)
        accounts = [account.id] if account else []
        emails = ["a@b.c", f"{place}@b.c"]
        self.done(lambda crm: crm.sales_contacts.add(SalesContact(family_name=name, accounts=accounts, emails=emails)))

    @rule(place=PLACES, name=NAMES, value=MONEY, share=SHARES, close=DAYS)
    def add_deal(self, place: int, name: str, value: Money | None, share: int | None, close: date | None) -> None:
        account = self.held("accounts", place)
        if account:
            deal = Opportunity(
                description=name, account=account.id, estimated_value=value, probability=share, projected_close=close
            )
            self.done(lambda crm: crm.opportunities.add(deal))

    @rule(place=PLACES, what=st.sampled_from(["lead", "estimate", "order", "interaction", "note", "line", "task"]))
    def hang(self, place: int, what: str) -> None:
        account, deal = self.held("accounts", place), self.held("opportunities", place)
        estimate = self.held("estimates", place)
        if account is None:
            return
        made: dict[str, Any] = {
            "lead": lambda: Lead(account=account.id, description=f"L{place}"),
            "estimate": lambda: Estimate(
                account=account.id, lines=[EstimateLine(description="x", quantity=2, unit_price="3.50")]
            ),
            "order": lambda: Order(customer=account.id),
            "interaction": lambda: Interaction(subject=account.id, description=f"I{place}"),
            "note": lambda: Note(target=account.id, text="n"),
            "line": lambda: EstimateLine(estimate=estimate.id, description="more", amount=Money("1", "EUR")),
            "task": lambda: OpportunityTask(opportunity=deal.id, description=f"T{place}", due_on=date(2026, 3, 1)),
        }
        needed = {"line": estimate, "task": deal}.get(what, account)
        if needed is not None:
            record = made[what]()
            self.done(lambda crm: crm.repository(type(record)).add(record))

    @rule(name=NAMES, place=PLACES, what=st.sampled_from(["territory", "salesperson", "competitor", "item"]))
    def add_master(self, name: str, place: int, what: str) -> None:
        above = self.held("territories", place)
        record: Any = {
            "territory": Territory(description=name, parent=above.id if above else None),
            "salesperson": Salesperson(name=name),
            "competitor": Competitor(name=name),
            "item": Item(description=name, code="I1" if place == 0 else ""),
        }[what]
        self.done(lambda crm: crm.repository(type(record)).add(record))

    @rule(place=PLACES, other=PLACES)
    def assign(self, place: int, other: int) -> None:
        account, seller = self.held("accounts", place), self.held("salespersons", other)
        if account and seller:
            given = TeamAssignment(target=account.id, holder=seller.id, primary=place % 2 == 0)
            self.done(lambda crm: crm.team_assignments.add(given))

    # What may become of it

    @rule(plural=st.sampled_from(PLURALS), place=PLACES, text=NAMES)
    def edit(self, plural: str, place: int, text: str) -> None:
        record = self.held(plural, place)
        named = next(
            (name for name in ("notes", "description", "name") if record and name in record.spec.by_name), None
        )
        if named:
            self.done(lambda crm: crm.repository(type(record)).update(record, **{named: text}))

    @rule(place=PLACES, other=PLACES)
    def move_territory(self, place: int, other: int) -> None:
        one, above = self.held("territories", place), self.held("territories", other)
        if one:
            self.done(lambda crm: crm.territories.update(one, parent=above.id))

    @rule(plural=st.sampled_from(PLURALS), place=PLACES)
    def delete(self, plural: str, place: int) -> None:
        record = self.held(plural, place)
        if record:
            self.done(lambda crm: crm.repository(type(record)).delete(record.id))

    @rule(place=PLACES, stale=st.booleans())
    def edit_what_was_read_before(self, place: int, *, stale: bool) -> None:
        record = self.held("accounts", place)
        if record:
            older = [past.record for past in self.crms[0].history(record)]
            read = older[0] if stale else older[-1]
            self.done(lambda crm: crm.repository(type(read)).update(read, notes=f"edited {place}"))

    @rule(place=PLACES)
    def convert(self, place: int) -> None:
        account = self.held("accounts", place)
        if account:
            self.same(lambda crm: crm.conversion.plan(account.id))
            self.done(lambda crm: crm.conversion.convert(account.id))

    @rule(place=PLACES)
    def undo(self, place: int) -> None:
        receipt = self.held("conversions", place)
        if receipt:
            self.done(lambda crm: crm.conversion.undo(receipt.id))

    @rule(place=PLACES, verb=st.sampled_from(["win", "lose", "reopen"]))
    def end(self, place: int, verb: str) -> None:
        deal = self.held("opportunities", place)
        if deal:
            self.done(lambda crm: getattr(crm.opportunities, verb)(deal.id))

    @rule(place=PLACES)
    def promote(self, place: int) -> None:
        lead = self.held("leads", place)
        if lead:
            self.done(lambda crm: crm.leads.promote(lead.id))

    @rule(place=PLACES, convert=st.booleans())
    def order(self, place: int, *, convert: bool) -> None:
        estimate = self.held("estimates", place)
        if estimate:
            self.done(lambda crm: crm.estimates.order(estimate.id, convert=convert))

    @rule(place=PLACES, verb=st.sampled_from(["add", "add_opportunities", "submit", "approve", "reopen"]))
    def forecast(self, place: int, verb: str) -> None:
        seller, made = self.held("salespersons", place), self.held("sales_forecasts", place)
        if not self.crms[0].sales_periods.count():
            self.done(lambda crm: crm.sales_periods.make_year(2026))
        period = self.held("sales_periods", 0)
        if verb == "add" and seller:
            self.done(lambda crm: crm.sales_forecasts.add(SalesForecast(owner=seller.id, period=period.id)))
        elif verb != "add" and made:
            self.done(lambda crm: getattr(crm.sales_forecasts, verb)(made.id))

    @rule(place=PLACES)
    def fail_half_way(self, place: int) -> None:
        account = self.held("accounts", place)

        def half(crm: Crm) -> None:
            with crm.begin() as work:
                work.prospects.add(Prospect(name="never"))
                work.orders.add(Order(customer=account.id if account else crmkit.NIL))
                raise crmkit.Vetoed("enough")

        self.done(half)

    # What is asked

    @rule(plural=st.sampled_from(PLURALS), data=st.data())
    def ask(self, plural: str, data: Any) -> None:
        repository = self.crms[0].repository(plural)
        spec = repository.kind.spec
        able = [f.name for f in spec.fields if f.shape in SORTABLE and (f.shape != "text" or f.searchable)]
        sort = data.draw(st.sampled_from(["", *able])) if able else ""
        way = data.draw(st.sampled_from(["", "-"])) if sort else ""
        limit = data.draw(st.sampled_from([None, 1, 2, 5]))

        def paged(crm: Crm) -> list[Any]:
            page: Any = crm.repository(plural).find(sort=way + sort, limit=limit)
            found = []
            while page:
                found.append(list(page))
                page = page.next()
            return found

        self.same(paged)
        self.same(lambda crm: list(crm.repository(plural).all(sort=way + sort)))

    @rule(
        name=NAMES,
        how=st.sampled_from([lambda text: text, contains, starts_with, crmkit.exactly]),
        plural=st.sampled_from(["accounts", "prospects", "customers", "competitors", "salespersons"]),
    )
    def ask_by_name(self, name: str, how: Callable[[str], Any], plural: str) -> None:
        self.same(lambda crm: list(crm.repository(plural).find(name=how(name), sort="name")))

    @rule(low=DAYS, high=DAYS, least=MONEY)
    def ask_for_deals(self, low: date | None, high: date | None, least: Money | None) -> None:
        asked: dict[str, Any] = {"projected_close": between(low, high)} if low and high else {"projected_close": None}
        if least is not None:
            asked["estimated_value"] = crmkit.at_least(least)
        self.same(lambda crm: list(crm.opportunities.find(**asked)))
        self.same(lambda crm: crm.opportunities.count(**asked))

    @rule(by=st.sampled_from(["stage", "salesperson", "territory", "team", "period"]))
    def roll_up(self, by: str) -> None:
        self.same(lambda crm: crm.forecasting.roll_up(by=by))

    @precondition(lambda self: len(self.instants) > 1)
    @rule(data=st.data(), plural=st.sampled_from(PLURALS))
    def look_back(self, data: Any, plural: str) -> None:
        instant = data.draw(st.sampled_from(self.instants))
        self.same(lambda crm: list(crm.as_of(instant).repository(plural).find()))
        self.same(lambda crm: crm.as_of(instant).repository(plural).count())

    @rule(plural=st.sampled_from(PLURALS), place=PLACES)
    def look_at_history(self, plural: str, place: int) -> None:
        record = self.held(plural, place)
        if record:
            self.same(lambda crm: crm.history(record))

    def teardown(self) -> None:
        """At the end all of it is the same, and its past."""
        if hasattr(self, "crms"):
            self.same(lambda crm: [list(crm.repository(plural).all()) for plural in PLURALS])


@pytest.fixture(scope="module")
def stores(module_url: Callable[[str], str]) -> Any:
    """One of each, for all runs."""
    opened = []
    for name in STORES:
        store = open_store(module_url(name), Registry(ENTITIES))
        store.prepare()
        opened.append(store)
    yield tuple(opened)
    for store in opened:
        store.close()


def test_stores_cannot_be_told_apart(stores: tuple[Any, ...]) -> None:
    """Whatever is done, every answer and every error is the same; many more runs where CRMKIT_TEST_LONG=1."""
    Steps.open_stores = stores
    run_state_machine_as_test(
        Steps,
        settings=settings(
            max_examples=2_000 if LONG else 40,
            stateful_step_count=50 if LONG else 40,
            deadline=None,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )
