"""Claims of the proof of a store about what tells records apart: numbers, for life, and keys of one thing."""

from typing import Any

import pytest

from crmkit.changes import Changes, Quote, Update
from crmkit.entities import (
    Account,
    Conversion,
    Customer,
    Item,
    Opportunity,
    OpportunityTask,
    Prospect,
    Registry,
    evolve,
)
from crmkit.errors import Duplicate
from crmkit.queries import (
    Grouping,
    KeyOf,
    Matches,
    Query,
)
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.records import World

__all__ = ["NumberClaims"]


class NumberClaims:
    """What every store promises of numbers and of keys that records are matched by."""

    def test_numbers_are_the_next_free_ones(self, work: Desk, registry: Registry) -> None:
        """In blocks too; a number that is given raises the next one."""
        world = World(registry)
        batch = [world.make(Item) for _ in range(3)]
        saved: dict[Any, Any] = work.save(*batch)
        assert [saved[one.id].code for one in batch] == ["I000001", "I000002", "I000003"]
        work.save(world.make(Item, code="i000041"), world.make(Item, code="X99"))
        with work.unit() as unit:
            assert unit.next_numbers(Item, 2) == ["I000042", "I000043"]
        after = world.make(Item)
        assert work.save(after)[after.id].code == "I000044"  # type: ignore[attr-defined]

    def test_numbers_are_given_in_order(self, work: Desk, registry: Registry) -> None:
        """One that brings its number raises those after it alone, of the same changes too."""
        world = World(registry)
        batch = [world.make(Item, code=code) for code in ("", "i000041", "X9", "", "I000007", "")]
        saved: dict[Any, Any] = work.save(*batch)
        assert [saved[one.id].code for one in batch] == ["I000001", "i000041", "X9", "I000042", "I000007", "I000043"]

    def test_a_record_can_quote_the_number_that_another_is_given(self, work: Desk, registry: Registry) -> None:
        """In a field of its own, in the same changes, of which it is part for good."""
        world = World(registry)
        prospect = world.make(Prospect)
        saved: Any = work.save(prospect)[prospect.id]
        kept = {name: getattr(saved, name) for name in ("id", "version", "recorded_at", "recorded_by", "name")}
        trace = world.make(Conversion, account=prospect.id)
        made = work.apply(
            Changes(
                creates=[trace],
                updates=[Update(saved, Customer(**kept))],
                quotes=[Quote(trace.id, "customer_number", prospect.id)],
            )
        )
        customer: Any = work.get(Customer, prospect.id)
        assert made.creates == (work.get(Conversion, trace.id),)
        assert made.creates[0].customer_number == customer.number != ""  # type: ignore[attr-defined]

    def test_tasks_are_numbered_within_their_opportunity(self, work: Desk, registry: Registry) -> None:
        """From 1 on, in each."""
        world = World(registry)
        first, second = world.make(Opportunity), world.make(Opportunity)
        tasks = [world.make(OpportunityTask, opportunity=one.id) for one in (first, second, first)]
        saved = work.save(*world.made)
        assert [saved[task.id].number for task in tasks] == [1, 1, 2]  # type: ignore[attr-defined]

    def test_an_account_keeps_its_id_and_numbers_for_life(
        self, work: Desk, registry: Registry, clock: ManualClock
    ) -> None:
        """As a customer it is no prospect any more, and its prospect number stays its own."""
        world = World(registry)
        prospect = world.make(Prospect, name="Acme")
        saved: Any = work.save(prospect)[prospect.id]
        clock.tick()
        customer = Customer(id=saved.id, name="Acme", number="C7", version=1, recorded_at=saved.recorded_at)
        work.apply(Changes(updates=[Update(saved, customer)]))
        assert work.get(Prospect, saved.id) is None
        assert work.get(Account, saved.id) == work.get(Customer, saved.id)
        assert [type(past.record) for past in work.history(Account, saved.id)] == [Prospect, Customer]
        with pytest.raises(Duplicate):
            work.save(world.make(Prospect, number=saved.number))

    def test_what_was_unique_is_free_once_there_is_another(
        self, work: Desk, registry: Registry, clock: ManualClock
    ) -> None:
        """A number is an account's own while it is of the other kind; once it has another, anybody may have it."""
        world = World(registry)
        customer = world.make(Customer, number="C7")
        saved: Any = work.save(customer)[customer.id]
        for kind, number in ((Prospect, "P8"), (Customer, "C9")):
            with pytest.raises(Duplicate):
                work.save(world.make(Customer, number="c7"))
            clock.tick()
            now = kind(
                id=saved.id, name=saved.name, number=number, version=saved.version, recorded_at=saved.recorded_at
            )
            saved = work.apply(Changes(updates=[Update(saved, now)])).updates[0].after
        free = world.make(Customer, number="c7")
        assert work.save(free)[free.id].number == "c7"  # type: ignore[attr-defined]
        with pytest.raises(Duplicate):
            work.save(world.make(Customer, number="C9"))

    # Matching

    def test_records_of_one_thing_are_found_by_their_key(self, work: Desk, registry: Registry) -> None:
        """Whatever their kind, by one key or several; what is not matched is not found; without a key nothing is."""
        world = World(registry)
        one = world.make(Prospect, name="Bolt & Sons, S.L.", phone="+34 911 234 567")
        two = world.make(Customer, name="BOLT AND SONS", phone="0034 911234567")
        three = world.make(Prospect, name="Nut GmbH", web="http://www.nut.example/about")
        work.save(*world.made)
        asked = {
            Matches("name", "bolt sons"): {one.id, two.id},
            Matches("name", ["bolt sons", "nut"]): {one.id, two.id, three.id},
            Matches("name", ["n", "bo"], start=True): {one.id, two.id, three.id},
            Matches("name", ["bolt t"], start=True): set(),
            Matches("phone", "+34911234567"): {one.id, two.id},
            Matches("web", "nut.example"): {three.id},
            Matches("name", "Bolt & Sons, S.L."): set(),
            Matches("name", ["", "nothing"]): set(),
            Matches("name", [""], start=True): set(),
            Matches("name", []): set(),
        }
        for criterion, found in asked.items():
            assert {row.id for row in work.ask(Query(kind=Account, where=(criterion,)))} == found, criterion
        assert [row.id for row in work.ask(Query(kind=Customer, where=(Matches("name", "bolt sons"),)))] == [two.id]

    def test_keys_follow_their_field(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """A changed name is found by its new key alone, and counted under it; the key of a converted account stays."""
        world = World(registry)
        made = world.make(Prospect, name="Bolt")
        saved: Any = work.save(made)[made.id]
        clock.tick()
        saved = work.apply(Changes(updates=[Update(saved, evolve(saved, name="Nut Ltd"))])).updates[0].after
        clock.tick()
        customer = Customer(id=saved.id, name=saved.name, version=saved.version, recorded_at=saved.recorded_at)
        work.apply(Changes(updates=[Update(saved, customer)]))
        assert work.ask(Query(kind=Account, where=(Matches("name", "bolt"),))) == []
        assert [one.id for one in work.ask(Query(kind=Account, where=(Matches("name", "nut"),)))] == [made.id]
        grouping = Grouping(kind=Account, where=(Matches("name", ["nut", "bolt"]),), by=(KeyOf("name"),))
        with work.unit(read_only=True) as unit:
            assert [(one.key, one.count) for one in unit.groups([grouping])[0]] == [(("nut",), 1)]
