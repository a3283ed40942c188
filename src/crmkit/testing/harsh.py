"""Claims of the proof of a store that go to its limits: hostile texts, many ids, failing statements, tenants."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import pytest

from crmkit.changes import Changes, Update
from crmkit.entities import (
    ENTITIES,
    Competitor,
    Item,
    Opportunity,
    Prospect,
    Record,
    Registry,
    SalesContact,
    evolve,
    same_content,
)
from crmkit.entities.specs import BOOKKEEPING
from crmkit.errors import CrmkitError
from crmkit.queries import Contains, Equals, Query, StartsWith
from crmkit.repositories.store import Movable, Store
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.records import World

__all__ = ["NAUGHTY", "HarshClaims"]

NAUGHTY: Final = (
    *("'", '"', "`", "\\", "\\'", "%", "_", "%s", "?", ":name", "$1", "{0}", "--", "/* */", ";", "#", "!", "[a]", "^a"),
    *("' OR 1=1 --", "'); DROP TABLE account; --", "=1+1", "@SUM(1)", "<script>", "&amp;", "NULL", "None", "true", "0"),
    *(
        "\U0001f600",
        "\U0001f469\u200d\U0001f467",
        "\U0001f1ea\U0001f1f8",
        "e\u0301",
        "\u00e9",
        "\ufb01",
        "\u00df",
        "\u1e9e",
    ),
    *(
        "\u0130",
        "\u0131",
        "\u017f",
        "\u212a",
        "\u2126",
        "\u200bzero",
        "a\u00a0b",
        "\ufeffx",
        "\U0001d49c",
        "\U00010348",
    ),
    *("\u202etxet", "العربية", "עברית", "中文", "日本語", "한국어", "ไทย", "a\tb", "a\nb", "a\r\nb", "a\u2028b"),
    *("e" * 110, "é" * 110, "\U0001f600" * 110, "\u00df" * 110),
)
"""Texts that break what is built naively."""


class HarshClaims:
    """What every store promises at its limits, a claim a test."""

    def test_naughty_texts_are_kept_and_found(self, work: Desk, registry: Registry) -> None:
        """Each comes back as it was saved, is found by itself alone, whatever letters a pattern would read in it."""
        world = World(registry)
        saved = {}
        for number, text in enumerate(NAUGHTY):
            record = world.make(Prospect, name=f"{number} {text}", notes=f" {text} ")
            saved[record.id] = record
        work.save(*world.made)
        for id, record in saved.items():
            again = work.get(Prospect, id)
            assert (again.name, again.notes) == (record.name, record.notes)
            name = again.name
            assert [one.id for one in work.find(Prospect, Equals("name", name))] == [id]
            assert id in [one.id for one in work.find(Prospect, Contains("name", name[1:]))]
            assert id in [one.id for one in work.find(Prospect, StartsWith("name", name))]

    def test_texts_that_differ_in_case_or_form_alone_are_one_key(self, work: Desk, registry: Registry) -> None:
        """Found by each other, and no two of them unique; accents tell apart."""
        world = World(registry)
        for name in ("STRASSE", "straße", "Straße "):
            world.make(Prospect, name=name)
        other = world.make(Prospect, name="Stráße")
        work.save(*world.made)
        found = work.find(Prospect, Equals("name", "strasse"))
        assert len(found) == 3
        assert other.id not in [one.id for one in found]

    def test_many_ids_are_got_at_once(self, work: Desk, registry: Registry) -> None:
        """In the order asked, however many."""
        world = World(registry)
        items = [world.make(Item) for _ in range(1_234)]
        work.save(*items)
        asked = [one.id for one in reversed(items)]
        with work.unit(read_only=True) as unit:
            assert list(unit.get_many(Item, asked)) == asked
            assert len(list(unit.stream(Query(kind=Item, sort="code")))) == 1_234

    @pytest.mark.parametrize("kind", ENTITIES, ids=lambda kind: str(kind.__name__))
    def test_many_are_changed_and_deleted_at_once(
        self, work: Desk, registry: Registry, clock: ManualClock, kind: type[Record]
    ) -> None:
        """Several records are changed in one apply, what is unique apart, then all deleted; each state is as it was."""
        world = World(registry)
        before = [world.make(kind) for _ in range(7)]
        wanted = [world.make(kind, full=True) for _ in range(7)]
        kept = {"id", *BOOKKEEPING, *(name for names in kind.spec.about.unique for name in names)}
        names = [field.name for field in kind.spec.fields if field.name not in kept and field.shape != "parts"]
        saved = work.save(*(one for one in world.made if one not in wanted))
        held = [saved[one.id] for one in before]
        after = [
            evolve(one, **{name: getattr(full, name) for name in names}) for one, full in zip(held, wanted, strict=True)
        ]
        clock.tick()
        made = work.apply(Changes(updates=[Update(*pair) for pair in zip(held, after, strict=True)]))
        changed = [update.after for update in made.updates]
        assert all(map(same_content, changed, after))
        with work.unit(read_only=True) as unit:
            found = unit.get_many(kind, [one.id for one in held])
        assert [found[one.id] for one in held] == changed
        clock.tick()
        work.apply(Changes(deletes=changed))
        for old, new in zip(held, changed, strict=True):
            assert [past.record for past in work.history(kind, old.id)] == [old, new]

    def test_days_and_counts_go_to_their_ends(self, work: Desk, registry: Registry) -> None:
        """The first and the last day, zero and the most."""
        world = World(registry)
        account = world.make(Prospect, employees=0)
        first = world.make(Opportunity, account=account.id, projected_close=date(1, 1, 1))
        last = world.make(Opportunity, account=account.id, projected_close=date(9999, 12, 31))
        none = world.make(Opportunity, account=account.id, projected_close=None)
        work.save(*world.made)
        for descending, expected in ((False, [first, last, none]), (True, [last, first, none])):
            shown = work.ask(Query(kind=Opportunity, sort="projected_close", descending=descending))
            assert [one.id for one in shown] == [one.id for one in expected]

    def test_a_failure_at_any_statement_leaves_nothing(
        self, work: Desk, registry: Registry, clock: ManualClock, store: Store
    ) -> None:
        """Of an apply with creates, an update and a delete; where the store lets statements fail (`fault_at`)."""
        if not hasattr(store, "fault_at"):
            pytest.skip("the store has no fault_at to let statements fail")
        breakable: Any = store
        world = World(registry)
        kept, gone = world.make(Prospect, name="kept"), world.make(Prospect, name="gone")
        saved = work.save(kept, gone)
        clock.tick()
        contact = world.make(SalesContact)
        new = [contact, world.make(Competitor)]
        edited = Update(saved[kept.id], evolve(saved[kept.id], notes="edited"))
        changes = Changes(creates=new, updates=[edited], deletes=[saved[gone.id]])
        statements = 0
        for place in range(200):
            breakable.fault_at = _failing(iter(range(place)))
            try:
                work.apply(changes)
            except (CrmkitError, ZeroDivisionError):
                breakable.fault_at = None
                statements += 1
                assert {one.id: one for one in work.find(Prospect)} == saved
                assert work.find(Competitor) == []
                assert [past.record for past in work.history(Prospect, kept.id)] == [saved[kept.id]]
            else:
                break
        breakable.fault_at = None
        assert statements > 3
        assert [one.notes for one in work.find(Prospect)] == ["edited"]

    def test_no_call_reaches_another_tenant_s_record(
        self, work: Desk, registry: Registry, clock: ManualClock, store: Store
    ) -> None:
        """Read, found, counted, related, changed, deleted or restored: it is as if it were not there."""
        world = World(registry)
        theirs = world.make(Prospect, name="theirs")
        other = Desk(store, clock, "other")
        saved = other.save(theirs)[theirs.id]
        with work.unit(read_only=True) as unit:
            assert unit.get(Prospect, saved.id) is None
            assert unit.get_many(Prospect, [saved.id]) == {}
            assert unit.find(Query(kind=Prospect)) == []
            assert list(unit.stream(Query(kind=Prospect))) == []
            assert unit.counts([Query(kind=Prospect, where=(Equals("id", saved.id),))]) == [0]
            assert unit.history(Prospect, saved.id) == []
        changed = evolve(saved, name="taken")
        for changes in (
            Changes(updates=[Update(saved, changed)]),
            Changes(deletes=[saved]),
            Changes(restores=[saved]),
            Changes(creates=[world.make(Opportunity, account=saved.id)]),
        ):
            with pytest.raises(CrmkitError):
                work.apply(changes)
        assert other.get(Prospect, saved.id) == saved
        assert other.history(Prospect, saved.id)[0].record == saved

    def test_all_states_move_to_another_tenant_and_are_the_same(
        self, work: Desk, registry: Registry, clock: ManualClock, store: Store
    ) -> None:
        """Given and taken as they are, with the counters; where the store can (`Movable`)."""
        world = World(registry)
        kept, gone = world.make(Prospect, name="kept"), world.make(Prospect, name="gone")
        saved = work.save(kept, gone)
        clock.tick(timedelta(seconds=5))
        work.apply(
            Changes(updates=[Update(saved[kept.id], evolve(saved[kept.id], notes="x"))], deletes=[saved[gone.id]])
        )
        other = Desk(store, clock, "other")
        with work.unit(read_only=True) as giving, other.unit() as taking:
            if not (isinstance(giving, Movable) and isinstance(taking, Movable)):
                pytest.skip("the store gives and takes no histories")
            states, counters = list(giving.states(Prospect)), giving.counters()
            taking.keep(states)
            taking.keep_counters(counters)
            assert list(taking.states(Prospect)) == states
            assert taking.counters() == counters
        assert [past.record.version for past in other.history(Prospect, kept.id)] == [1, 2]
        assert other.history(Prospect, gone.id) == work.history(Prospect, gone.id)
        fresh: Any = world.make(Prospect)
        number = work.save(fresh)[fresh.id].number  # type: ignore[attr-defined]
        assert other.save(fresh)[fresh.id].number == number  # type: ignore[attr-defined]


def _failing(left: Iterator[int]) -> Any:
    def fail(_: str) -> None:
        if next(left, None) is None:
            raise ZeroDivisionError

    return fail
