"""Changes that are saved together with their unit, in as few steps as the engine can, are the same changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import crmkit
from crmkit import Conflict, Crm, Customer, Duplicate, Lead, Opportunity, Prospect, evolve
from crmkit.changes import Changes, Update
from crmkit.entities import Registry
from crmkit.repositories.store import Store
from crmkit.stores.opening import open_store
from crmkit.testing.clocks import ManualClock
from crmkit.testing.conformance import StoreConformance
from crmkit.testing.desk import Desk


class FinishingDesk(Desk):
    """Makes changes and ends the unit with them."""

    def apply(self, changes: Changes) -> Changes:
        unit: Any = self.store.begin(tenant=self.tenant, clock=self.clock, snapshot=False)
        try:
            made: Changes = unit.finish(changes, by="tester")
            unit.commit()
        except BaseException:
            unit.rollback()
            raise
        return made


class TestSqlite(StoreConformance):
    """All that a store promises, on an SQLite file."""

    engine = "sqlite"

    @pytest.fixture(autouse=True)
    def _database(self, fresh_url: Callable[[str], str]) -> None:
        self._url = fresh_url(self.engine)

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return open_store(self._url, registry)

    @pytest.fixture
    def work(self, store: Store, clock: ManualClock) -> Desk:
        return FinishingDesk(store, clock)


class TestPostgresql(TestSqlite):
    """The same on PostgreSQL, where small changes are one statement."""

    engine = "postgresql"


def sent(crm: Crm, call: Callable[[], object]) -> list[str]:
    """The statements that a call sends, those that begin and end transactions too."""
    store: Any = crm.store
    kind = type(store.profile)
    said: list[str] = []

    class Noting:
        def __init__(self, cursor: Any) -> None:
            object.__setattr__(self, "cursor", cursor)

        def execute(self, text: str, *values: Any) -> Any:
            said.append(" ".join(text.split()))
            return self.cursor.execute(text, *values)

        def executemany(self, text: str, *values: Any) -> Any:
            said.append(" ".join(text.split()))
            return self.cursor.executemany(text, *values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.cursor, name)

    cursor_of = kind.cursor
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kind, "cursor", lambda self, connection: Noting(cursor_of(self, connection)))
        call()
    return said


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def on_disk(request: pytest.FixtureRequest, open_crm: Any) -> Any:
    """A CRM on each engine."""
    return open_crm(request.param)


def converted_before(crm: Crm) -> None:
    """Each counter is there."""
    crm.conversion.convert(crm.prospects.add(Prospect(name="First")).id)


def test_a_conversion_takes_few_statements(on_disk: Crm) -> None:
    """To plan, two; to apply, on SQLite and MariaDB eight with what begins and ends it, on PostgreSQL two."""
    converted_before(on_disk)
    one = on_disk.prospects.add(Prospect(name="Acme"))
    assert len(sent(on_disk, lambda: on_disk.conversion.plan(one.id))) == 2
    plan = on_disk.conversion.plan(one.id)
    store: Any = on_disk.store
    said = sent(on_disk, lambda: on_disk.conversion.apply(plan))
    assert len(said) == (2 if store.profile.name == "PostgreSQL" else 8), said


def test_as_few_however_many_records_hang_from_it(on_disk: Crm) -> None:
    """None is read or written."""
    converted_before(on_disk)
    few, many = (on_disk.prospects.add(Prospect(name=name)) for name in ("Acme", "Bolt"))
    on_disk.leads.add_many([Lead(account=many.id, description=f"{number}") for number in range(300)])
    said = [sent(on_disk, lambda one=one: on_disk.conversion.convert(one.id)) for one in (few, many)]  # type: ignore[misc]
    assert said[0] == said[1]


def test_the_first_of_all_takes_a_counter_that_is_not_there(open_crm: Any) -> None:
    """What one statement cannot do is done step by step, and leaves nothing behind of the attempt."""
    crm = open_crm("postgresql")
    receipt = crm.conversion.convert(crm.prospects.add(Prospect(name="Acme")).id)
    assert (receipt.number, receipt.customer_number) == ("V000001", "C000001")
    assert len(crm.history(crm.customers.get(receipt.customer_id))) == 2


def test_one_who_comes_too_late_takes_no_number(on_disk: Crm) -> None:
    """A conversion that finds the prospect changed leaves the counters as they were."""
    converted_before(on_disk)
    one = on_disk.prospects.add(Prospect(name="Acme"))
    plan = on_disk.conversion.plan(one.id)
    on_disk.prospects.update(one, employees=5)
    with pytest.raises(Conflict):
        on_disk.conversion.apply(plan)
    assert on_disk.conversion.apply(plan, replan=True).customer_number == "C000002"


def test_with_an_opportunity_it_is_one_statement_too(open_crm: Any) -> None:
    """Which is numbered in it, as the customer is, whose number the trace says."""
    crm = open_crm("postgresql")
    converted_before(crm)
    crm.opportunities.add(Opportunity(account=crm.prospects.add(Prospect(name="Other")).id, description="First"))
    one = crm.prospects.add(Prospect(name="Acme"))
    plan = crm.conversion.plan(one.id, opportunity=Opportunity(account=one.id, description="Second"))
    said = sent(crm, lambda: crm.conversion.apply(plan))
    assert [text.split()[0] for text in said] == ["SELECT", "WITH"]
    receipt = crm.conversions.find(account=one.id)[0]
    assert crm.opportunities.get(receipt.opportunity).number == "O000002"
    assert receipt.customer_number == crm.customers.get(one.id).number == "C000002"


def test_a_number_that_is_taken_is_a_duplicate(on_disk: Crm) -> None:
    """Which names the field; nothing of the conversion is there."""
    converted_before(on_disk)
    store: Any = on_disk.store
    one: Any = on_disk.prospects.add(Prospect(name="Acme"))
    kept = {name: getattr(one, name) for name in ("id", "version", "recorded_at", "recorded_by", "name")}
    unit = store.begin(tenant="default", clock=on_disk.now, snapshot=False)
    with pytest.raises(Duplicate) as raised:
        unit.finish(Changes(updates=[Update(one, Customer(number="C000001", **kept))]))
    unit.rollback()
    assert raised.value.field == "number"
    assert on_disk.prospects.get(one.id) == one


def test_after_a_refusal_the_unit_begins_anew(on_disk: Crm) -> None:
    """It sees and changes what there is then."""
    store: Any = on_disk.store
    one = on_disk.prospects.add(Prospect(name="Acme"))
    now = on_disk.prospects.update(one, employees=5)
    unit = store.begin(tenant="default", clock=on_disk.now, snapshot=False)
    with pytest.raises(Conflict):
        unit.finish(Changes(updates=[Update(one, evolve(one, employees=6))]))
    assert unit.get(Prospect, one.id) == now
    unit.finish(Changes(updates=[Update(now, evolve(now, employees=7))]))
    unit.commit()
    assert on_disk.prospects.get(one.id).employees == 7


def test_those_who_listen_are_told_after_all_is_saved(on_disk: Crm) -> None:
    """With the numbers that were given."""
    told: list[Any] = []
    on_disk.on(crmkit.ProspectConverted, lambda event, _: told.append(event))
    receipt = on_disk.conversion.convert(on_disk.prospects.add(Prospect(name="Acme")).id)
    assert [event.conversion for event in told] == [receipt]
    assert told[0].customer.number == receipt.customer_number
