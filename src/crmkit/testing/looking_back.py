"""Claims of the proof of a store about looking back from an open unit, and what has ended since."""

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from crmkit.changes import Changes, Update
from crmkit.entities import Account, Customer, Item, Lead, Prospect, Record, Registry, evolve
from crmkit.queries import Ended, Equals, Not, Query, Related
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.records import World

__all__ = ["LookingBackClaims"]

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _by_id(*records: Record) -> list[Record]:
    return sorted(records, key=lambda one: one.id)


class LookingBackClaims:
    """What every store promises of the past seen from an open unit."""

    def test_a_unit_looks_back(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """From an open unit the past is seen as from a unit of its own, what it has written itself apart from it."""
        world = World(registry)
        prospect, other = world.make(Prospect, name="Before"), world.make(Prospect, name="Other")
        saved = work.save(*world.made)
        clock.tick()
        with work.unit() as unit:
            old: Any = saved[prospect.id]
            unit.apply(Changes(updates=[Update(old, evolve(old, name="After"))], deletes=[saved[other.id]]))
            view = unit.as_of(START)
            assert view.get(Prospect, prospect.id) == old
            assert {one.id for one in view.find(Query(kind=Prospect))} == {prospect.id, other.id}
            assert view.counts([Query(kind=Prospect, where=(Equals("name", "After"),))]) == [0]
            now = unit.as_of(clock())
            assert [one.name for one in now.find(Query(kind=Prospect))] == ["After"]
            assert [one.name for one in unit.find(Query(kind=Prospect))] == ["After"]

    def test_states_that_have_ended_are_found(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Replaced or deleted by an instant, and so on through what they relate to; none where the present is asked."""
        world = World(registry)
        made = [world.make(Prospect, name=name) for name in ("kept", "changed", "gone", "later")]
        leads = {one.id: world.make(Lead, account=one.id) for one in (made[0], made[1])}
        saved = work.save(*world.made)
        kept, changed, gone, later = (saved[one.id] for one in made)
        first = clock.tick()
        work.apply(Changes(updates=[Update(changed, evolve(changed, notes="new"))], deletes=[gone]))
        last = clock.tick()
        work.apply(Changes(updates=[Update(later, evolve(later, notes="new"))]))
        ended = Ended(first)
        with work.unit(as_of=START) as past:
            assert past.find(Query(kind=Prospect, where=(ended,))) == _by_id(changed, gone)
            assert past.find(Query(kind=Prospect, where=(Not(ended),))) == _by_id(kept, later)
            assert past.find(Query(kind=Prospect, where=(Ended(last),))) == _by_id(changed, gone, later)
            assert past.find(Query(kind=Prospect, where=(Ended(START),))) == []
            of_it = Related(Account, via="id", to="account", where=(ended,))
            assert [one.id for one in past.find(Query(kind=Lead, where=(of_it,)))] == [leads[changed.id].id]
        assert work.find(Prospect, Ended(last)) == []

    def test_histories_are_those_of_each(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Of many at once, of deleted ones too; of what never was there is none."""
        world = World(registry)
        items = [world.make(Item, description=str(number)) for number in range(5)]
        saved = work.save(*items)
        clock.tick()
        first, second = saved[items[0].id], saved[items[1].id]
        work.apply(Changes(updates=[Update(first, evolve(first, description="new"))], deletes=[second]))
        asked = [items[1].id, UUID(int=7), *[one.id for one in items], items[1].id]
        with work.unit(read_only=True) as unit:
            found = unit.histories(Item, asked)
            assert list(found) == [items[1].id, *[one.id for one in items if one is not items[1]]]
            assert found == {id: unit.history(Item, id) for id in found}
            assert [len(found[one.id]) for one in items] == [2, 1, 1, 1, 1]

    def test_whose_an_id_was_is_told(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """Though the record was deleted, by the same unit or before, and asked of any kind of its table: nobody is
        given its id again.
        """
        world = World(registry)
        prospect, customer = world.make(Prospect), world.make(Customer)
        asked = [customer.id, prospect.id, world.new_id()]
        saved = work.save(prospect, customer)
        clock.tick()
        with work.unit() as unit:
            unit.apply(Changes(deletes=[saved[prospect.id], saved[customer.id]]))
            for reader in (unit, unit.as_of(clock())):
                for kind in (Prospect, Customer, Account):
                    assert list(reader.histories(kind, asked)) == asked[:2]
        with work.unit(read_only=True) as later:
            assert list(later.histories(Prospect, asked)) == asked[:2]
