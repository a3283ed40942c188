"""The proof of a store: subclass `StoreConformance`, say how to make the store, and run it with pytest.

class TestMine(StoreConformance):
    def make_store(self, registry, folder):
        return MyStore(folder / "mine", registry)
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmkit.changes import Changes, Update
from crmkit.entities import (
    ENTITIES,
    Account,
    Competitor,
    Conversion,
    Customer,
    EstimateLine,
    ExchangeRate,
    Item,
    Lead,
    Money,
    Note,
    Opportunity,
    Order,
    Prospect,
    Record,
    Registry,
    Stage,
    Territory,
    evolve,
)
from crmkit.errors import Conflict, Duplicate, Invalid, Refused, StoreError
from crmkit.queries import (
    About,
    Equals,
    Not,
    Query,
    Related,
    Template,
)
from crmkit.repositories.store import Store
from crmkit.testing.asking import AskingClaims
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.grouping import GroupingClaims
from crmkit.testing.harsh import HarshClaims
from crmkit.testing.looking_back import LookingBackClaims
from crmkit.testing.numbering import NumberClaims
from crmkit.testing.records import World

__all__ = ["StoreConformance"]

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StoreConformance(AskingClaims, NumberClaims, HarshClaims, GroupingClaims, LookingBackClaims):
    """What every store promises, a claim a test. Override `make_store`."""

    def make_store(self, registry: Registry, folder: Path) -> Store:
        """A new, empty store of these entities; `folder` is empty and its own."""
        raise TypeError(f"override make_store: it gives the store under test, for {registry!r} in {folder}")

    @pytest.fixture
    def registry(self) -> Registry:
        """The entities that are kept."""
        return Registry(ENTITIES)

    @pytest.fixture
    def clock(self) -> ManualClock:
        """The time, which only a test moves."""
        return ManualClock(START)

    @pytest.fixture
    def store(self, registry: Registry, tmp_path: Path) -> Iterator[Store]:
        """The store under test, ready."""
        made = self.make_store(registry, tmp_path)
        made.prepare()
        yield made
        made.close()

    @pytest.fixture
    def work(self, store: Store, clock: ManualClock) -> Desk:
        """A way to read and write on the store, a unit a call."""
        return Desk(store, clock)

    # Records come back

    @pytest.mark.parametrize("kind", ENTITIES, ids=lambda kind: str(kind.__name__))
    def test_every_entity_comes_back_equal(self, work: Desk, registry: Registry, kind: type[Record]) -> None:
        """A record with every field filled in is read as it was saved, and its history is that state."""
        world = World(registry)
        record = world.make(kind, full=True)
        saved = work.save(*world.made)[record.id]
        assert saved.version == 1
        assert saved.recorded_at == START
        assert saved.recorded_by == "tester"
        again = work.get(kind, record.id)
        assert again == saved
        assert evolve(again, version=0, recorded_at=None, recorded_by="") == record
        assert [past.record for past in work.history(kind, record.id)] == [saved]

    def test_get_of_an_unknown_id_is_none(self, work: Desk, registry: Registry) -> None:
        """So is that of a record of another kind."""
        world = World(registry)
        prospect = world.make(Prospect)
        work.save(prospect)
        assert work.get(Prospect, world.new_id()) is None
        assert work.get(Customer, prospect.id) is None
        assert work.get(Account, prospect.id) == work.get(Prospect, prospect.id)

    def test_get_many_answers_in_the_order_asked(self, work: Desk, registry: Registry) -> None:
        """Ids without a record are left out, repeated ones are answered once."""
        world = World(registry)
        items = [world.make(Item) for _ in range(5)]
        work.save(*items)
        ids = [items[3].id, world.new_id(), items[0].id, items[3].id]
        with work.unit(read_only=True) as unit:
            assert list(unit.get_many(Item, ids)) == [items[3].id, items[0].id]

    def test_no_criteria_is_everything(self, work: Desk, registry: Registry) -> None:
        """Found, streamed and counted alike, in order of id."""
        world = World(registry)
        items = [world.make(Item) for _ in range(7)]
        work.save(*reversed(items))
        query: Query[Any] = Query(kind=Item)
        with work.unit(read_only=True) as unit:
            assert [one.id for one in unit.find(query)] == [one.id for one in items]
            assert list(unit.stream(query)) == unit.find(query)
            assert unit.counts([query, Query(kind=Territory), query]) == [7, 0, 7]

    def test_questions_about_a_record_are_counted_for_each(self, work: Desk, registry: Registry) -> None:
        """By a template, whose other values stay as they are, and more behind it: for one record, then another."""
        world = World(registry)
        first, second = (world.make(Item, description=name) for name in ("First", "Second"))
        work.save(first, second)

        def asked(id: UUID) -> list[Query[Any]]:
            named = Equals("description", "First")
            return [Query(kind=Item, where=(Equals("id", id), named)), Query(kind=Item, where=(Not(Equals("id", id)),))]

        template, more = Template(asked), (Query(kind=Item), Query(kind=Territory))
        with work.unit(read_only=True) as unit:
            assert unit.counts(About(template, first.id, more)) == [1, 1, 2, 0]
            assert unit.counts(About(template, second.id)) == [0, 1]
            assert unit.counts(About(template, world.new_id())) == [0, 2]

    # Uniqueness and references

    def test_what_is_unique_is_refused_twice(self, work: Desk, registry: Registry) -> None:
        """Whatever its case; the field is named, and nothing is saved."""
        world = World(registry)
        work.save(world.make(Item, code="Bike"))
        other = world.make(Item, code="bIKE")
        with pytest.raises(Duplicate) as refused:
            work.save(other)
        assert refused.value.field == "code"
        assert work.get(Item, other.id) is None

    def test_what_is_unique_may_be_empty_twice(self, work: Desk, registry: Registry) -> None:
        """An empty searchable value is nobody's: two conversions without a key."""
        world = World(registry)
        account = world.make(Prospect).id
        made = [world.make(Conversion, account=account) for _ in range(2)]
        saved = work.save(*world.made)
        assert [getattr(saved[one.id], "request_key", None) for one in made] == ["", ""]
        with pytest.raises(Duplicate):
            work.save(*(World(registry, 900 + n).make(Conversion, account=account, request_key="k") for n in range(2)))

    def test_a_unique_value_is_free_after_the_unit_of_its_delete(self, work: Desk, registry: Registry) -> None:
        """Not before: no row may have held it when the unit began."""
        world = World(registry)
        first, second = world.make(Item, code="Bike"), world.make(Item, code="Bike")
        saved = work.save(first)[first.id]
        with pytest.raises(Duplicate):
            work.apply(Changes(creates=[second], deletes=[saved]))
        work.apply(Changes(deletes=[saved]))
        work.save(second)
        assert work.get(Item, second.id).code == "Bike"

    def test_a_reference_to_nothing_is_refused(self, work: Desk, registry: Registry) -> None:
        """It names the field; so does a code that is none, and a note on nothing."""
        world = World(registry)
        for record, field in (
            (Lead(id=world.new_id(), account=world.new_id()), "account"),
            (Prospect(id=world.new_id(), name="P", territory=world.new_id()), "territory"),
            (Note(id=world.new_id(), target=world.new_id(), text="N"), "target"),
        ):
            with pytest.raises(Invalid) as refused:
                work.save(record)
            assert [fault.field for fault in refused.value.faults] == [field]
        account = world.make(Prospect)
        with pytest.raises(Invalid, match="stage"):
            work.save(account, Opportunity(id=world.new_id(), description="O", account=account.id, stage="none"))
        assert work.find(Prospect) == []

    def test_only_a_customer_has_orders(self, work: Desk, registry: Registry) -> None:
        """An order on a prospect is refused, and a customer that has one stays one."""
        world = World(registry)
        prospect, customer = world.make(Prospect), world.make(Customer)
        work.save(prospect, customer)
        with pytest.raises(Invalid, match="customer"):
            work.save(world.make(Order, customer=prospect.id))
        work.save(world.make(Order, customer=customer.id))
        now = work.get(Customer, customer.id)
        back = Prospect(id=now.id, name=now.name, number="P9", version=now.version, recorded_at=now.recorded_at)
        with pytest.raises(Refused):
            work.apply(Changes(updates=[Update(now, back)]))
        assert work.get(Customer, customer.id) == now

    def test_what_others_refer_to_is_not_deleted(self, work: Desk, registry: Registry) -> None:
        """The refusal says who refers to it."""
        world = World(registry)
        prospect = world.make(Prospect)
        lead = world.make(Lead, account=prospect.id)
        saved = work.save(*world.made)
        with pytest.raises(Refused, match="lead"):
            work.apply(Changes(deletes=[saved[prospect.id]]))
        work.apply(Changes(deletes=[saved[prospect.id], saved[lead.id]]))
        assert work.get(Prospect, prospect.id) is None

    # Versions and history

    def test_a_stale_record_is_a_conflict(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Updating and deleting alike; both versions are named."""
        world = World(registry)
        item = world.make(Item, description="one")
        old = work.save(item)[item.id]
        clock.tick()
        work.apply(Changes(updates=[Update(old, evolve(old, description="two"))]))
        for changes in (Changes(updates=[Update(old, evolve(old, description="three"))]), Changes(deletes=[old])):
            with pytest.raises(Conflict) as conflict:
                work.apply(changes)
            assert (conflict.value.expected, conflict.value.found) == (1, 2)
        work.apply(Changes(deletes=[work.get(Item, item.id)]))
        with pytest.raises(Conflict) as gone:
            work.apply(Changes(deletes=[old]))
        assert gone.value.found is None

    def test_history_keeps_every_state(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """With the instant until which it held, who ended it, and whether by deleting."""
        world = World(registry)
        item = world.make(Item, description="one")
        first = work.save(item)[item.id]
        clock.tick()
        second = work.apply(Changes(updates=[Update(first, evolve(first, description="two"))])).updates[0].after
        end = clock.tick()
        work.apply(Changes(deletes=[second]))
        states = work.history(Item, item.id)
        assert [past.record for past in states] == [first, second]
        assert [past.until for past in states] == [START + timedelta(seconds=1), end]
        assert [(past.ended_by, past.deleted) for past in states] == [("tester", False), ("tester", True)]

    def test_the_past_is_answered_as_it_stood(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Got, found, counted and related alike."""
        world = World(registry)
        prospect = world.make(Prospect, name="Before")
        lead = world.make(Lead, account=prospect.id)
        saved = work.save(*world.made)
        clock.tick()
        old = saved[prospect.id]
        work.apply(Changes(updates=[Update(old, evolve(old, name="After"))], deletes=[saved[lead.id]]))
        named = Equals("name", "Before")
        with work.unit(as_of=START) as past:
            assert past.get(Prospect, prospect.id) == old
            assert past.find(Query(kind=Prospect, where=(named,))) == [old]
            of_it = Related(Account, via="id", to="account", where=(named,))
            assert [one.id for one in past.find(Query(kind=Lead, where=(of_it,)))] == [lead.id]
            assert past.counts([Query(kind=Lead), Query(kind=Prospect, where=(named,))]) == [1, 1]
        with work.unit(as_of=START - timedelta(microseconds=1)) as before:
            assert before.find(Query(kind=Account)) == []
        with work.unit(as_of=clock()) as now:
            assert now.counts([Query(kind=Lead), Query(kind=Prospect, where=(named,))]) == [0, 0]

    def test_a_restored_record_continues_its_version(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """It comes back as it was, one version on."""
        world = World(registry)
        item = world.make(Item)
        saved = work.save(item)[item.id]
        clock.tick()
        work.apply(Changes(deletes=[saved]))
        clock.tick()
        back = work.apply(Changes(restores=[saved])).restores[0]
        assert back.version == 2
        assert work.get(Item, item.id) == back
        assert evolve(back, version=1, recorded_at=saved.recorded_at) == saved

    def test_instants_never_go_back_within_a_record(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Though the clock does."""
        world = World(registry)
        item = world.make(Item)
        saved = work.save(item)[item.id]
        clock.tick(-timedelta(hours=1))
        after = work.apply(Changes(updates=[Update(saved, evolve(saved, description="later"))])).updates[0].after
        assert after.recorded_at is not None
        assert after.recorded_at > START

    # Units

    def test_a_rolled_back_unit_leaves_nothing(self, work: Desk, registry: Registry) -> None:
        """Neither records nor numbers."""
        world = World(registry)
        unit = work.store.begin(tenant="t", clock=work.clock)
        first = unit.apply(Changes(creates=[world.make(Item)])).creates[0]
        unit.rollback()
        assert work.find(Item) == []
        again = world.make(Item)
        assert work.save(again)[again.id].code == first.code  # type: ignore[attr-defined]

    def test_others_see_a_unit_when_it_is_committed(self, work: Desk, registry: Registry) -> None:
        """Not before; and a unit that reads sees one moment throughout."""
        world = World(registry)
        with work.unit(read_only=True) as reading:
            assert reading.find(Query(kind=Item)) == []
            unit = work.store.begin(tenant="t", clock=work.clock)
            unit.apply(Changes(creates=[world.make(Item)]))
            assert len(unit.find(Query(kind=Item))) == 1
            assert work.find(Item) == []
            unit.commit()
            assert reading.find(Query(kind=Item)) == []
        assert len(work.find(Item)) == 1

    def test_a_reading_unit_does_not_write(self, work: Desk, registry: Registry) -> None:
        """It says so."""
        world = World(registry)
        with work.unit(read_only=True) as unit, pytest.raises(StoreError):
            unit.apply(Changes(creates=[world.make(Item)]))

    def test_a_failed_apply_leaves_the_unit_as_it_was(self, work: Desk, registry: Registry) -> None:
        """What was done before stays, what came with the failure does not."""
        world = World(registry)
        kept, lost = world.make(Item, code="one"), world.make(Item, code="two")
        with work.unit() as unit:
            unit.apply(Changes(creates=[kept]))
            with pytest.raises(Duplicate):
                unit.apply(Changes(creates=[lost, world.make(Item, code="ONE")]))
        assert [one.id for one in work.find(Item)] == [kept.id]

    # Tenants

    def test_tenants_are_apart(self, work: Desk, registry: Registry, store: Store) -> None:
        """One's records, numbers and unique values are nothing to another."""
        world = World(registry)
        mine, theirs = world.make(Prospect), world.make(Prospect)
        other = Desk(store, work.clock, "other")
        assert work.save(mine)[mine.id].number == other.save(theirs)[theirs.id].number  # type: ignore[attr-defined]
        assert work.get(Prospect, theirs.id) is None
        assert [one.id for one in work.find(Prospect)] == [mine.id]
        with pytest.raises(Invalid):
            work.save(world.make(Lead, account=theirs.id))
        assert other.find(Lead) == []

    # Limits

    @pytest.mark.parametrize("minor", [9 * 10**14, -9 * 10**14 + 1, 1])
    @pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD", "CLF"])
    def test_money_is_exact(self, work: Desk, registry: Registry, minor: int, currency: str) -> None:
        """To the last minor unit, whatever the currency."""
        world = World(registry)
        line = world.make(EstimateLine, amount=Money.of_minor(minor, currency))
        assert work.save(*world.made)[line.id].amount == Money.of_minor(minor, currency)  # type: ignore[attr-defined]
        found: Any = work.get(EstimateLine, line.id)
        assert found.amount == Money.of_minor(minor, currency)

    def test_rates_dates_and_long_texts_are_kept_whole(self, work: Desk, registry: Registry) -> None:
        """Ten digits behind the point, the first and the last day, a hundred thousand characters."""
        world = World(registry)
        rate = world.make(ExchangeRate, rate=Decimal("0.0000000001"), day=date(1, 1, 1))
        far = world.make(ExchangeRate, rate=Decimal("899999999.9999999999"), day=date(9999, 12, 31))
        rival = world.make(Competitor, notes="  é😀\r\n" + "x" * 99_000 + "  ")
        work.save(*world.made)
        assert work.get(ExchangeRate, rate.id).rate == rate.rate
        assert work.get(ExchangeRate, far.id).day == date(9999, 12, 31)
        assert work.get(Competitor, rival.id).notes == rival.notes

    def test_codes_are_ordered_and_found_by_their_key(self, work: Desk, registry: Registry) -> None:
        """By code point of the key, not by any locale."""
        world = World(registry)
        for code in ("b", "A", "é", "Z", "a1", "ß", "ss0"):
            world.make(Stage, code=code, label=code)
        work.save(*world.made)
        shown = [one.code for one in work.ask(Query(kind=Stage, sort="code"))]
        assert shown == ["A", "a1", "b", "ß", "ss0", "Z", "é"]
