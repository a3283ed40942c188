"""The conformance kit can fail: stores broken on purpose are each caught by the claim that they break."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from crmkit.changes import Changes
from crmkit.entities import ENTITIES, Record, Registry
from crmkit.entities.record import stamped
from crmkit.queries import Query
from crmkit.stores.memory import MemoryStore, MemoryUnit
from crmkit.testing.clocks import ManualClock
from crmkit.testing.conformance import Desk, StoreConformance


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


BROKEN: list[tuple[type[MemoryUnit], str]] = [
    (LosesAField, "test_rates_dates_and_long_texts_are_kept_whole"),
    (Shuffles, "test_no_criteria_is_everything"),
    (SwallowsRollback, "test_a_rolled_back_unit_leaves_nothing"),
    (LiesAboutCounts, "test_no_criteria_is_everything"),
    (ForgetsHistory, "test_history_keeps_every_state"),
    (IgnoresUniqueness, "test_what_is_unique_is_refused_twice"),
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
    offered = {"store": store, "clock": clock, "registry": store.registry, "work": Desk(store, clock)}
    test = getattr(StoreConformance(), name)
    return lambda: test(**{key: offered[key] for key in inspect.signature(test).parameters})


@pytest.mark.parametrize(("unit", "name"), BROKEN, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_store_is_caught(unit: type[MemoryUnit], name: str) -> None:
    """By the named claim, which a whole store keeps."""
    claim(name, MemoryStore(Registry(ENTITIES)))()
    with pytest.raises((AssertionError, pytest.fail.Exception, Exception)):
        claim(name, broken_store(unit))()


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
