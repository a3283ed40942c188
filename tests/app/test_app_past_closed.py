"""Whoever holds a view of the past finds nothing later in it, whatever is asked of it by the names it has."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from crmkit import Crm, NotFound, Opportunity, Prospect, Query, Record, Refused, StoreError
from crmkit.queries import Either, Ended, Grouping, Not, Related
from crmkit.stores.past import PastStore
from crmkit.testing.clocks import ManualClock

STEP = timedelta(seconds=10)


@pytest.fixture
def then(crm: Crm, clock: ManualClock) -> datetime:
    """An instant after which a deal was renamed, another was made, a third deleted."""
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    deals = [crm.opportunities.add(Opportunity(description=f"deal {n}", account=account)) for n in range(2)]
    clock.tick(STEP)
    then = clock()
    clock.tick(STEP)
    crm.opportunities.update(deals[0], description="renamed")
    crm.opportunities.delete(deals[1])
    crm.opportunities.add(Opportunity(description="later", account=account))
    clock.tick(STEP)
    return then


def seen(view: Crm) -> set[str]:
    return {one.description for one in view.opportunities.all()}


def test_a_later_instant_is_refused(crm: Crm, then: datetime) -> None:
    """A view goes back from where it is, and not forward."""
    view = crm.as_of(then)
    with pytest.raises(Refused, match="does not know what came later"):
        view.as_of(then + STEP)
    assert seen(view.as_of(then)) == {"deal 0", "deal 1"}
    assert seen(view.as_of(then - 2 * STEP)) == set()


def test_a_history_ends_at_the_instant(crm: Crm, then: datetime) -> None:
    """What was changed or deleted later stands as it did: the last state holds, and nobody has ended it."""
    view = crm.as_of(then)
    for one in view.opportunities.find():
        with view.begin(read_only=True) as work:
            for states in (view.history(one), view.opportunities.history(one.id), work.unit.history(type(one), one.id)):
                assert [(past.record, past.until, past.ended_by, past.deleted) for past in states] == [
                    (one, None, "", False)
                ]
            ids = [one.id]
            assert work.unit.histories(type(one), ids) == {one.id: work.unit.history(type(one), one.id)}
    later = next(one for one in crm.opportunities.all() if one.description == "later")
    with pytest.raises(NotFound):
        view.opportunities.history(later.id)
    assert view.history(later) == []


def test_the_clock_stands_still(crm: Crm, then: datetime) -> None:
    """It is the instant of the view, by every clock that hangs from it."""
    view = crm.as_of(then)
    with view.begin(read_only=True) as work:
        clocks = [view.now(), view.settings.clock(), work.crm.now(), work.known.now, work.unit.instant]
    assert clocks == [then] * 5
    assert view.settled() <= then


def test_its_store_begins_no_unit_of_the_present(crm: Crm, then: datetime) -> None:
    """A unit begun on it looks at the instant unasked; asked for a later one, or to write, it refuses."""
    view = crm.as_of(then)
    where = {"tenant": view.settings.tenant, "clock": crm.settings.clock}
    for asked in ({}, {"read_only": True}, {"as_of": then}):
        unit = view.store.begin(**where, **asked)
        assert {one.description for one in unit.find(Query(kind=Opportunity))} == {"deal 0", "deal 1"}
        with pytest.raises(StoreError):
            unit.next_numbers(Opportunity, 1)
        unit.rollback()
    with pytest.raises(Refused, match="does not know what came later"):
        view.store.begin(**where, as_of=then + STEP)


def test_a_unit_does_not_look_forward(crm: Crm, then: datetime) -> None:
    """Neither as of a later instant, nor by asking which states ended later, however deep in the question."""
    with crm.as_of(then).begin(read_only=True) as work:
        assert work.unit.as_of(then).counts([Query(kind=Opportunity)]) == [2]
        later = Ended(then + STEP)
        where = (Either([(Not(later),)]), Related(Opportunity, via="account", to="account", where=(later,)))
        asked = [Query(kind=Opportunity, where=(one,)) for one in (later, *where)]
        questions: list[Any] = [
            lambda: work.unit.as_of(then + STEP),
            *(lambda query=query: work.unit.find(query) for query in asked),
            *(lambda query=query: work.unit.counts([query]) for query in asked),
            *(lambda query=query: list(work.unit.stream(query)) for query in asked),
            *(
                lambda query=query: work.unit.groups([Grouping(kind=Opportunity, ways=[query.where])])
                for query in asked
            ),
        ]
        for question in questions:
            with pytest.raises(Refused, match="does not know what came later"):
                question()
        assert work.unit.find(Query(kind=Opportunity, where=(Ended(then),))) == []


def test_no_handler_is_taken(crm: Crm, then: datetime) -> None:
    """One that is registered on a view would be called later, with the CRM as it is then."""
    heard: list[Any] = []
    with pytest.raises(Refused, match="view of the past"):
        crm.as_of(then).on("OpportunityUpdated", lambda event, crm: heard.append(crm))
    crm.opportunities.update(crm.opportunities.find()[0], description="again")
    assert heard == []


def test_closing_a_view_leaves_the_crm_open(crm: Crm, then: datetime) -> None:
    """It has no connections of its own."""
    with crm.as_of(then):
        pass
    assert crm.opportunities.count() == 2


def hanging(root: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """All that can be reached by public names, through attributes and in containers, without calling anything."""
    found: dict[int, Any] = {}
    waiting = [("view", root, 0)]
    while waiting:
        path, one, far = waiting.pop()
        if id(one) in found or far > depth or isinstance(one, type | str | bytes | int | datetime | timedelta):
            continue
        found[id(one)] = one
        yield path, one
        if isinstance(one, dict | list | tuple | set | frozenset):
            inside = one.values() if isinstance(one, dict) else one
            waiting += [(f"{path}[…]", held, far + 1) for held in inside]
            continue
        for name in dir(one):
            if not name.startswith("_"):
                try:
                    held = getattr(one, name)
                except Exception:  # noqa: BLE001, S112 - what cannot be read leads nowhere
                    continue
                waiting.append((f"{path}.{name}", held, far + 1))
                bound = getattr(held, "__self__", None)  # a method tells whose it is
                waiting.append((f"{path}.{name}.__self__", bound, far + 1))


@pytest.mark.parametrize("store_name", ["memory", "sqlite"])
def test_nothing_later_hangs_from_it(crm: Crm, then: datetime) -> None:
    """No public name, however deep, leads to another store, to a record saved later, or to the CRM of the present."""
    view = crm.as_of(then)
    list(view.opportunities.find())
    with view.begin(read_only=True) as work:
        stores = 0
        for path, one in [*hanging(view, 5), *hanging(work, 5)]:
            assert not isinstance(one, Crm) or one.now() <= then, path
            assert one is not crm.store, path
            assert not isinstance(one, Record) or one.recorded_at is None or one.recorded_at <= then, path
            if hasattr(type(one), "begin") and hasattr(type(one), "prepare"):
                assert isinstance(one, PastStore), path
                stores += 1
    assert stores
