"""The conformance kit can fail: stores broken on purpose are each caught by the claim that they break."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import attrs
import pytest

from crmkit.changes import Changes
from crmkit.entities import ENTITIES, Money, Record, Registry
from crmkit.entities.record import stamped
from crmkit.queries import Contains, Equals, Query
from crmkit.stores.memory import MemoryStore, MemoryUnit
from crmkit.stores.memory.tables import State
from crmkit.testing.clocks import ManualClock
from crmkit.testing.conformance import StoreConformance
from crmkit.testing.desk import Desk


class LosesAField(MemoryUnit):
    def get(self, kind: type[Any], id: Any) -> Any:
        found: Any = super().get(kind, id)
        return stamped(found, {"notes": ""}) if found is not None and "notes" in found.spec.by_name else found


class Shuffles(MemoryUnit):
    def find(self, query: Query[Any]) -> list[Any]:
        return super().find(query)[::-1]


class SwallowsRollback(MemoryUnit):
    def rollback(self) -> None:
        self.commit()


class LiesAboutCounts(MemoryUnit):
    def counts(self, queries: Any) -> list[int]:
        return [count + 1 for count in super().counts(queries)]


class ForgetsHistory(MemoryUnit):
    def history(self, kind: type[Any], id: Any) -> list[Any]:
        return super().history(kind, id)[-1:]


class IgnoresUniqueness(MemoryUnit):
    def _claim(self, record: Record) -> None:
        pass


class NeverLetsGo(MemoryUnit):
    def write_to(self, state: State) -> None:
        super().write_to(state)
        for table in state.tables.values():
            table.values.clear()


class IgnoresVersions(MemoryUnit):
    def _check_version(self, record: Record) -> None:
        pass


class IgnoresReferences(MemoryUnit):
    def _check_references(self, *_: Any) -> None:
        pass


class CommitsHalf(MemoryUnit):
    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        made = [super(CommitsHalf, self).apply(Changes(creates=[one]), by=by) for one in changes.creates]
        rest = super().apply(attrs.evolve(changes, creates=()), by=by)
        return attrs.evolve(rest, creates=[record for one in made for record in one.creates])


class PutsEmptyFirst(MemoryUnit):
    def find(self, query: Query[Any]) -> list[Any]:
        found = super().find(query)
        if query.sort in ("", "id"):
            return found
        return sorted(found, key=lambda one: query.cursor(one).value is not None)


class ReadsPatterns(MemoryUnit):
    def _matching(self, query: Query[Any]) -> Any:
        read = [isinstance(one, Contains) and "%" in one.text for one in query.where]
        nobody = (Equals("name", "nobody"),)
        return super()._matching(attrs.evolve(query, where=nobody) if any(read) else query)


class CutsTexts(MemoryUnit):
    def _place(self, record: Record) -> None:
        notes = getattr(record, "notes", "")
        super()._place(stamped(record, {"notes": notes[:65_535]}) if notes else record)


class RoundsMoney(MemoryUnit):
    def _place(self, record: Record) -> None:
        amount = getattr(record, "amount", None)
        rounded = None if amount is None else Money.of_minor(int(amount.minor / 1000.0) * 1000, amount.currency)
        super()._place(record if rounded is None else stamped(record, {"amount": rounded}))


class ShowsThePresent(MemoryUnit):
    def _row(self, table: str, id: Any, *, present: bool = False) -> Any:
        del present
        return super()._row(table, id, present=True)


class RepeatsInStreams(MemoryUnit):
    def stream(self, query: Query[Any]) -> Any:
        found = super().find(query)
        yield from found
        yield from found[:1]


class GivesNumbersTwice(MemoryUnit):
    def _last(self, counter: tuple[str, str]) -> int:
        return 0 if counter[0] == "item." else super()._last(counter)


class RaisesCountersFirst(MemoryUnit):
    def _applied(self, changes: Changes, by: str) -> Changes:
        for record in sorted(changes.creates, key=lambda one: not getattr(one, "code", "")):
            if record.spec.about.table == "item" and record.spec.number and record.code:  # type: ignore[attr-defined]
                self._numbered(record)
        return super()._applied(changes, by)


class GoesBackInTime(MemoryUnit):
    def _later(self, record: Record) -> datetime:
        return self.instant


class ShiftsUntil(MemoryUnit):
    def history(self, kind: type[Any], id: Any) -> list[Any]:
        return [
            past if past.until is None else attrs.evolve(past, until=past.until + timedelta(microseconds=1))
            for past in super().history(kind, id)
        ]


class DropsWhatIsAskedForTwice(MemoryUnit):
    def get_many(self, kind: type[Any], ids: Any) -> dict[Any, Any]:
        return dict(list(super().get_many(kind, ids).items())[:500])


class WritesWhileReading(MemoryUnit):
    def __init__(self, *given: Any, read_only: bool, **named: Any) -> None:
        del read_only
        super().__init__(*given, read_only=False, **named)


class ForgetsCounters(MemoryUnit):
    def counters(self) -> dict[tuple[str, str], int]:
        return {}


class SumsAsFloats(MemoryUnit):
    def groups(self, groupings: Any) -> list[list[Any]]:
        return [
            [attrs.evolve(one, sums=tuple(int(float(number)) for number in one.sums)) for one in found]
            for found in super().groups(groupings)
        ]


class SplitsGroups(MemoryUnit):
    def groups(self, groupings: Any) -> list[list[Any]]:
        (grouping,) = groupings
        each = super().groups([attrs.evolve(grouping, ways=(way,)) for way in grouping.ways])
        return [[one for found in each for one in found]]


class GroupsThePresent(MemoryUnit):
    def groups(self, groupings: Any) -> list[list[Any]]:
        self._as_of = None
        return super().groups(groupings)


class LooksAtThePresent(MemoryUnit):
    def as_of(self, instant: datetime) -> Self:
        del instant
        return self


class NeverEnds(MemoryUnit):
    def _until(self, record: Record) -> None:
        del record


class TellsTheLastStateAlone(MemoryUnit):
    def histories(self, kind: type[Any], ids: Any) -> dict[Any, list[Any]]:
        return {id: states[-1:] for id, states in super().histories(kind, ids).items()}


class ForgetsWhatItDeletes(MemoryUnit):
    def histories(self, kind: type[Any], ids: Any) -> dict[Any, list[Any]]:
        return {id: states for id, states in super().histories(kind, ids).items() if states[-1].until is None}


BROKEN: list[tuple[type[MemoryUnit], str]] = [
    (SumsAsFloats, "test_a_sum_may_be_longer_than_any_amount"),
    (SplitsGroups, "test_ways_are_added_up"),
    (GroupsThePresent, "test_groups_of_the_past"),
    (LooksAtThePresent, "test_a_unit_looks_back"),
    (NeverEnds, "test_states_that_have_ended_are_found"),
    (TellsTheLastStateAlone, "test_histories_are_those_of_each"),
    (ForgetsWhatItDeletes, "test_whose_an_id_was_is_told"),
    (PutsEmptyFirst, "test_days_and_counts_go_to_their_ends"),
    (ReadsPatterns, "test_naughty_texts_are_kept_and_found"),
    (CutsTexts, "test_rates_dates_and_long_texts_are_kept_whole"),
    (RoundsMoney, "test_money_is_exact"),
    (ShowsThePresent, "test_the_past_is_answered_as_it_stood"),
    (RepeatsInStreams, "test_no_criteria_is_everything"),
    (GivesNumbersTwice, "test_numbers_are_the_next_free_ones"),
    (RaisesCountersFirst, "test_numbers_are_given_in_order"),
    (GoesBackInTime, "test_instants_never_go_back_within_a_record"),
    (ShiftsUntil, "test_history_keeps_every_state"),
    (DropsWhatIsAskedForTwice, "test_many_ids_are_got_at_once"),
    (WritesWhileReading, "test_a_reading_unit_does_not_write"),
    (ForgetsCounters, "test_all_states_move_to_another_tenant_and_are_the_same"),
    (LosesAField, "test_rates_dates_and_long_texts_are_kept_whole"),
    (Shuffles, "test_no_criteria_is_everything"),
    (SwallowsRollback, "test_a_rolled_back_unit_leaves_nothing"),
    (LiesAboutCounts, "test_no_criteria_is_everything"),
    (ForgetsHistory, "test_history_keeps_every_state"),
    (IgnoresUniqueness, "test_what_is_unique_is_refused_twice"),
    (NeverLetsGo, "test_what_was_unique_is_free_once_there_is_another"),
    (IgnoresVersions, "test_a_stale_record_is_a_conflict"),
    (IgnoresReferences, "test_a_reference_to_nothing_is_refused"),
    (CommitsHalf, "test_a_failed_apply_leaves_the_unit_as_it_was"),
]


def broken_store(unit: type[MemoryUnit]) -> MemoryStore:
    """A memory store whose units are of that class."""

    class Broken(MemoryStore):
        def begin(
            self,
            *,
            tenant: str,
            clock: Any,
            read_only: bool = False,
            as_of: datetime | None = None,
            snapshot: bool = True,
        ) -> MemoryUnit:
            return unit(self, tenant, clock, read_only=read_only or as_of is not None, as_of=as_of)

    return Broken(Registry(ENTITIES), timeout=0.2)


def claim(name: str, store: MemoryStore) -> Callable[[], object]:
    """A test of the kit, with what it asks for."""
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    offered: dict[str, Any] = {"store": store, "clock": clock, "registry": store.registry, "work": Desk(store, clock)}
    test = getattr(StoreConformance(), name)
    offered |= {"minor": 9 * 10**14 - 1, "currency": "EUR"}
    return lambda: test(**{key: offered[key] for key in inspect.signature(test).parameters})


@pytest.mark.parametrize(("unit", "name"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_store_is_caught(unit: type[MemoryUnit], name: str) -> None:
    """By the named claim, which a whole store keeps."""
    claim(name, MemoryStore(Registry(ENTITIES)))()
    with pytest.raises((AssertionError, pytest.fail.Exception, Exception)):
        claim(name, broken_store(unit))()


def test_the_table_in_the_documentation_is_this_list() -> None:
    """Which claim catches which fault: docs/conformance.md says so, a row each."""
    text = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    listed = {(row[1].strip().strip("`"), row[3].strip().strip("`")) for row in rows}
    assert listed == {(unit.__name__, name) for unit, name in BROKEN} | {("Leaks", "test_tenants_are_apart")}


def test_a_leaked_tenant_is_caught(tmp_path: Path) -> None:
    """A store that mixes tenants breaks the claim that they are apart."""

    class Leaks(MemoryStore):
        def begin(
            self,
            *,
            tenant: str,
            clock: Any,
            read_only: bool = False,
            as_of: datetime | None = None,
            snapshot: bool = True,
        ) -> MemoryUnit:
            return super().begin(tenant="everybody", clock=clock, read_only=read_only, as_of=as_of, snapshot=snapshot)

    with pytest.raises(AssertionError):
        claim("test_tenants_are_apart", Leaks(Registry(ENTITIES)))()
