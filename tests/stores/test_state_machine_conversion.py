"""Prospects become customers and prospects again, in any way and any order, on every store: nothing is lost by it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import crmkit
from crmkit import (
    AlreadyConverted,
    Crm,
    Interaction,
    Lead,
    Opportunity,
    OpportunityTask,
    Prospect,
    Refused,
    SalesContact,
    same_content,
)
from crmkit.entities import ENTITIES, Record, Registry
from crmkit.stores.memory import MemoryStore, MemoryUnit
from crmkit.stores.opening import open_store
from crmkit.testing.clocks import ManualClock

PLACES = st.integers(0, 30)
HANGING = ("leads", "opportunities", "opportunity_tasks", "interactions", "contact_accounts", "sales_contacts")


class Conversions(RuleBasedStateMachine):
    """A tenant, and what should be in it: `former` has each account's last state as a prospect, `standing` the receipts
    of the conversions that stand, `numbers` the customer's number that an account has for life.
    """

    store: Any = None
    runs = iter(range(1, 1_000_000))

    @initialize()
    def begin(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        self.crm: Crm = crmkit.connect(self.store, tenant=f"conversions {next(self.runs)}", clock=self.clock)
        self.former: dict[UUID, Prospect] = {}
        self.standing: dict[UUID, Any] = {}
        self.numbers: dict[UUID, str] = {}
        self.keys: dict[str, Any] = {}
        self.carried: dict[UUID, dict[str, int]] = {}
        self.hanging: dict[str, dict[UUID, Any]] = {plural: {} for plural in HANGING}
        for _ in range(3):
            self.add(1)

    def contents(self) -> dict[UUID, Any]:
        """Every record there is, as it is now."""
        return {one.id: one for spec in self.crm.registry.specs for one in self.crm.repository(spec.cls).all()}

    def chosen(self, among: Any, place: int) -> UUID | None:
        those = sorted(among)
        return those[place % len(those)] if those else None

    def prospects(self) -> set[UUID]:
        return self.former.keys() - self.standing.keys()

    def converted(self, id: UUID, receipt: Any) -> None:
        """A conversion that was acknowledged."""
        assert receipt.account == id
        assert receipt.prospect_number == self.former[id].number
        assert self.numbers.setdefault(id, receipt.customer_number) == receipt.customer_number
        assert dict(receipt.carried) == self.carried[id]
        self.standing[id] = receipt

    @rule(several=st.integers(0, 2))
    def add(self, several: int) -> None:
        self.clock.tick(timedelta(seconds=1))
        with self.crm.begin() as work:
            prospect = work.prospects.add(Prospect(name=f"Company {len(self.former)}", employees=several))
            made: list[Any] = []
            for _ in range(several):
                deal = work.opportunities.add(Opportunity(account=prospect.id, description="Deal"))
                made += [deal, work.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call"))]
                made.append(work.leads.add(Lead(account=prospect.id)))
                made.append(work.interactions.add(Interaction(subject=prospect.id, topic="inquiry")))
                made.append(work.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id])))
        self.former[prospect.id] = prospect
        counts = dict.fromkeys(HANGING[:-1], several)
        self.carried[prospect.id] = {kind: count for kind, count in counts.items() if count}
        self.hanging = {plural: {one.id: one for one in self.crm.repository(plural).all()} for plural in HANGING}

    @rule(place=PLACES)
    def apply_twice(self, place: int) -> None:
        """Applying a plan twice is applying it once."""
        id = self.chosen(self.prospects(), place)
        if id is None:
            return
        plan = self.crm.conversion.plan(id)
        self.converted(id, self.crm.conversion.apply(plan))
        after = self.contents()
        with pytest.raises(AlreadyConverted) as second:
            self.crm.conversion.apply(plan)
        assert second.value.receipt == self.standing[id].id
        assert self.contents() == after

    @rule(place=PLACES, key=st.sampled_from(["a", "b", "c"]))
    def ask_under_a_key(self, place: int, key: str) -> None:
        """A key gives its first receipt for the same account, whatever was in between, and refuses another one."""
        id = self.chosen(self.former, place)
        if id is None or (key not in self.keys and id in self.standing):
            return
        if key not in self.keys:
            self.keys[key] = self.crm.conversion.convert(id, key=key)
            self.converted(id, self.keys[key])
        elif self.keys[key].account == id:
            assert self.crm.conversion.convert(id, key=key).id == self.keys[key].id
        else:
            with pytest.raises(Refused):
                self.crm.conversion.convert(id, key=key)

    @rule(data=st.data(), batch=st.integers(1, 4))
    def convert_many(self, data: Any, batch: int) -> None:
        """In bulk, in any order and size of batch, each comes out as by itself."""
        rows = data.draw(st.lists(st.sampled_from(sorted(self.former)), max_size=6))
        first = [row for place, row in enumerate(rows) if row not in rows[:place]]
        wanted = [id for id in first if id not in self.standing]
        report = self.crm.conversion.convert_many(rows, batch=batch)
        made = report.of("converted")
        assert [row.customer_id for row in made] == wanted
        assert len(report.of("already")) == len(first) - len(wanted)
        assert len(report.of("repeated")) == len(rows) - len(first)
        for id, row in zip(wanted, made, strict=True):
            self.converted(id, row.receipt)

    @rule(place=PLACES)
    def convert_and_undo(self, place: int) -> None:
        """Undone, every record says what it said before; only the trace is new."""
        id = self.chosen(self.prospects(), place)
        if id is None:
            return
        before = self.contents()
        self.converted(id, self.crm.conversion.convert(id, credit_hold=True))
        self.clock.tick(timedelta(seconds=1))
        self.undo_of(id)
        after = self.contents()
        assert len(after.keys() - before.keys()) == 1
        assert all(same_content(after[one], before[one]) for one in before)

    @rule(place=PLACES)
    def undo(self, place: int) -> None:
        id = self.chosen(self.standing, place)
        if id is not None:
            self.undo_of(id)

    def undo_of(self, id: UUID) -> None:
        receipt = self.standing.pop(id)
        back = self.crm.conversion.undo(receipt.id)
        assert same_content(back, self.former[id])
        with pytest.raises(Refused):
            self.crm.conversion.undo(receipt.id)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Each account is one or the other, with what hangs from it as it ever was, and nothing of a customer's under a
        prospect.
        """
        if not hasattr(self, "crm"):
            return
        assert {one.id for one in self.crm.prospects.all()} == self.prospects()
        customers = {one.id: one.number for one in self.crm.customers.all()}
        assert customers == {id: self.numbers[id] for id in self.standing}
        for plural, those in self.hanging.items():
            assert {one.id: one for one in self.crm.repository(plural).all()} == those
        under = {one.subject for one in self.crm.interactions.find(kind="prospect")}
        assert not under & self.standing.keys()


@pytest.mark.parametrize("name", ["memory", "sqlite", "postgresql", "mariadb"])
def test_conversions_lose_nothing(name: str, module_url: Callable[[str], str]) -> None:
    """Whatever is converted, undone and converted again, one by one or in bulk."""
    store = open_store(module_url(name), Registry(ENTITIES))
    store.prepare()
    Conversions.store = store
    try:
        run_state_machine_as_test(
            Conversions,
            settings=settings(
                max_examples=25 if name == "memory" else 8,
                stateful_step_count=12,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        store.close()


def test_a_store_that_looks_at_no_version_is_noticed() -> None:
    """The machine can fail: a plan that is applied twice converts twice there."""

    class Blind(MemoryUnit):
        def _check_version(self, record: Record) -> None:
            pass

    class BlindStore(MemoryStore):
        def begin(
            self,
            *,
            tenant: str,
            clock: Any,
            read_only: bool = False,
            as_of: datetime | None = None,
            snapshot: bool = True,
        ) -> MemoryUnit:
            return Blind(self, tenant, clock, read_only=read_only or as_of is not None, as_of=as_of)

    Conversions.store = BlindStore(Registry(ENTITIES), timeout=0.2)
    found: BaseException | None = None
    try:
        run_state_machine_as_test(
            Conversions,
            settings=settings(max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.generate]),
        )
    except (AssertionError, Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - whatever it is noticed by
        found = error
    assert found is not None
