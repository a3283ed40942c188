"""What is the servers' own in the SQL store: sessions, races between units, lost connections, keys in the engine."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from sqlalchemy import create_engine, text

import crmkit
from crmkit import Account, Busy, Crm, Customer, Disconnected, MissingExtra, Order, OutcomeUnknown, Prospect, StoreError
from crmkit.testing.servers import SERVERS, Servers


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    """The servers that are tested."""
    return str(request.param)


@pytest.fixture
def url(server: str, fresh_url: Callable[[str], str]) -> str:
    """An empty database on it."""
    return fresh_url(server)


@pytest.fixture
def crm(url: str) -> Iterator[Crm]:
    """A CRM in that database."""
    with crmkit.connect(url, timeout=2) as made:
        yield made


def session(url: str, work: Any) -> int:
    """The number of the session that a unit of work runs in."""
    asked = "SELECT pg_backend_pid()" if url.startswith("postgresql") else "SELECT CONNECTION_ID()"
    return int(work.unit.execute(asked).fetchone()[0])


def kill(url: str, *sessions: int) -> None:
    """End sessions, as an administrator does."""
    verb = "SELECT pg_terminate_backend({})" if url.startswith("postgresql") else "KILL {}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for number in sessions:
            connection.execute(text(verb.format(number)))
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "module", "extra"),
    [
        ("postgresql+psycopg://127.0.0.1/none", "psycopg", "postgres"),
        ("postgresql://127.0.0.1/none", "psycopg", "postgres"),
        ("mysql+pymysql://127.0.0.1/none", "pymysql", "mysql"),
        ("mariadb://127.0.0.1/none", "pymysql", "mysql"),
    ],
)
def test_a_missing_driver_names_its_extra(monkeypatch: Any, url: str, module: str, extra: str) -> None:
    """Before anything is tried."""
    from crmkit.stores.sql.engines import postgresql  # noqa: PLC0415 - its memory is emptied for this test

    postgresql._adapting.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'crmkit\[{extra}\]'"):
        crmkit.connect(url)
    postgresql._adapting.cache_clear()


@pytest.mark.parametrize("url", ["postgresql+psycopg://127.0.0.1:1/none", "mysql+pymysql://127.0.0.1:1/none"])
def test_a_server_that_is_not_there_is_named(url: str) -> None:
    """As something that may be tried again."""
    with pytest.raises(Disconnected, match="cannot be reached"):
        crmkit.connect(url)


def test_sessions_are_crmkit_s_whatever_the_defaults_are(crm: Crm, server: str) -> None:
    """Strict, in UTC, compared by byte; four-byte characters and long texts are kept whole."""
    saved = crm.prospects.add(Prospect(name="Ñandú 😀", notes="x" * 70_000))
    assert crm.prospects.get(saved.id) == saved
    with crm.begin(read_only=True) as work:
        unit: Any = work.unit
        if server == "mariadb":
            asked = "SELECT @@sql_mode, @@time_zone, @@collation_connection"
            mode, zone, collation = unit.execute(asked).fetchone()
            assert "STRICT_ALL_TABLES" in mode
            assert (zone, collation) == ("+00:00", "utf8mb4_nopad_bin")
        else:
            (isolation,) = unit.execute("SHOW transaction_isolation").fetchone()
            assert isolation == "repeatable read"


def test_the_engine_itself_refuses_an_order_on_a_prospect(crm: Crm, url: str, server: str) -> None:
    """Whatever code writes to it; and to make a prospect of a customer that has one; and amounts out of bounds."""
    prospect = crm.prospects.add(Prospect(name="P"))
    customer = crm.customers.add(Customer(name="C"))
    order = crm.orders.add(Order(customer=customer.id))
    quote = '"' if server == "postgresql" else "`"
    engine = create_engine(url)
    for statement, values in (
        (f"UPDATE {quote}order{quote} SET customer = :a WHERE id = :b", {"a": prospect.id, "b": order.id}),  # noqa: S608
        ("UPDATE account SET kind = 'prospect' WHERE id = :a", {"a": customer.id}),
        ("UPDATE account SET company_revenue = 900000000000001, company_revenue_currency = 'EUR'", {}),
    ):
        bound = {name: id if server == "postgresql" else id.bytes for name, id in values.items()}
        with pytest.raises(Exception, match=r"constraint|CONSTRAINT|foreign key"), engine.begin() as connection:
            connection.execute(text(statement), bound)
    engine.dispose()


def test_an_undo_and_a_new_order_do_not_both_win(crm: Crm) -> None:
    """Whichever is first: no order is left on a prospect (60 races)."""
    for number in range(60):
        prospect = crm.prospects.add(Prospect(name=f"P{number}"))
        receipt = crm.conversion.convert(prospect.id)
        outcomes = together(
            partial(crm.conversion.undo, receipt.id),
            partial(crm.orders.add, Order(customer=prospect.id)),
        )
        assert sum(isinstance(one, Exception) for one in outcomes) == 1, outcomes
        assert all(not isinstance(one, StoreError) for one in outcomes)
    customers = {customer.id for customer in crm.customers.find()}
    assert {order.customer for order in crm.orders.find()} <= customers


def test_an_update_is_never_lost(crm: Crm) -> None:
    """Eight threads count up the same field, each again after a Conflict: nothing is lost."""
    prospect = crm.prospects.add(Prospect(name="P", employees=0))

    def count_up() -> None:
        done = 0
        while done < 5:
            now = crm.prospects.get(prospect.id)
            try:
                crm.prospects.update(now, employees=(now.employees or 0) + 1)
            except crmkit.Conflict:
                continue
            done += 1

    outcomes = together(*[count_up] * 8)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert crm.prospects.get(prospect.id).employees == 40
    assert len(crm.prospects.history(prospect.id)) == 41


def test_numbers_are_given_once_to_whoever_comes(crm: Crm) -> None:
    """Eight threads add fifteen records each: as many numbers, without a gap, and no deadlock comes out."""
    outcomes = together(*[lambda: [crm.prospects.add(Prospect(name="P")) for _ in range(15)]] * 8)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    numbers = [record.number for record in crm.prospects.find(sort="number")]
    assert numbers == [f"P{number:06}" for number in range(1, 121)]


def test_a_writer_that_is_held_up_too_long_says_so(url: str) -> None:
    """And nothing of it is saved."""
    with crmkit.connect(url) as one, crmkit.connect(url, timeout=1) as other:
        kept = one.prospects.add(Prospect(name="First"))
        with one.begin() as work:
            work.prospects.update(kept, name="Held")
            with pytest.raises(Busy), other.begin() as waiting:
                waiting.prospects.update(kept, name="Second")
        assert other.prospects.get(kept.id).name == "Held"


def test_a_lost_connection_before_the_commit_has_saved_nothing(crm: Crm, url: str) -> None:
    """It says so, the unit is over, and the next one has a new connection."""

    def fail() -> None:
        with crm.begin() as work:
            work.prospects.add(Prospect(name="Lost"))
            kill(url, session(url, work))
            work.prospects.add(Prospect(name="Lost too"))

    with pytest.raises(Disconnected):
        fail()
    assert crm.prospects.find() == []
    crm.prospects.add(Prospect(name="Found"))
    assert crm.prospects.count() == 1


def test_a_connection_that_was_lost_while_nobody_looked_is_replaced(crm: Crm, url: str) -> None:
    """A call on the CRM is run again, on a new one."""
    with crm.begin(read_only=True) as one, crm.begin(read_only=True) as other:
        sessions = session(url, one), session(url, other)
    kill(url, *sessions)
    assert crm.prospects.add(Prospect(name="P")).number == "P000001"


def test_reading_and_blocks_do_not_meet_a_connection_that_was_lost_in_the_pool(crm: Crm, url: str) -> None:
    """They begin on a new one: nothing had been done on the old one yet."""
    with crm.begin(read_only=True) as one:
        lost = session(url, one)
    kill(url, lost)
    assert crm.prospects.count() == 0
    with crm.begin(read_only=True) as one:
        lost = session(url, one)
    kill(url, lost)
    with crm.begin() as work:
        work.prospects.add(Prospect(name="P"))
    assert crm.prospects.count() == 1


def test_a_postgresql_session_that_was_idle_for_too_long_is_replaced(servers: Servers) -> None:
    """The server has ended it."""
    url = servers.url("postgresql")
    with crmkit.connect(url) as crm, crmkit.connect(url) as other:
        with crm.begin(read_only=True) as work:
            number = session(url, work)
            unit: Any = work.unit
            unit.execute("SET idle_session_timeout = 1")
        there = [1]
        while there:
            with other.begin(read_only=True) as work:
                asked = f"SELECT 1 FROM pg_stat_activity WHERE pid = {number}"  # noqa: S608 - a number
                looking: Any = work.unit
                there = looking.execute(asked).fetchall()
        assert crm.prospects.count() == 0


def test_a_postgresql_server_that_takes_no_writes_any_more_is_left(servers: Servers) -> None:
    """As after a fail-over: the unit is run again, whole, on another connection."""
    url = servers.url("postgresql")
    sessions: list[int] = []

    def task(work: Any) -> None:
        sessions.append(session(url, work))
        if len(sessions) == 1:
            work.unit.execute("SET TRANSACTION READ ONLY")
        work.prospects.add(Prospect(name="P"))

    with crmkit.connect(url) as crm:
        crm.run(task)
        assert crm.prospects.count() == 1
    assert len(set(sessions)) == 2


def test_a_postgresql_standby_says_what_it_is(servers: Servers) -> None:
    """To whoever writes there, as something to be tried again elsewhere."""
    url = servers.url("postgresql")
    crmkit.connect(url).close()
    with crmkit.connect(f"{url}%20-cdefault_transaction_read_only%3Don") as crm:
        assert crm.prospects.count() == 0
        with pytest.raises(Disconnected, match="standby"):
            crm.prospects.add(Prospect(name="P"))


def test_a_conversion_after_an_undo_waits_for_no_counter_of_customers(url: str) -> None:
    """It has its number already. Waiting, it deadlocked with first conversions, which lock the counters in turn."""
    with crmkit.connect(url) as one, crmkit.connect(url, timeout=1) as other:
        prospect = one.prospects.add(Prospect(name="P"))
        receipt = one.conversion.convert(prospect.id)
        one.conversion.undo(receipt.id)
        with one.begin() as work:
            taken = work.unit.next_numbers(Customer, 1)[0]
            again = other.conversion.convert(prospect.id)
    assert taken == "C000002"
    assert again.customer_number == receipt.customer_number == "C000001"


def test_a_connection_that_is_lost_in_the_commit_leaves_the_outcome_open(crm: Crm, url: str) -> None:
    """The error says so: nobody runs it again unasked."""
    ran: list[int] = []

    def task(work: Any) -> None:
        ran.append(1)
        work.prospects.add(Prospect(name="P"))
        kill(url, session(url, work))

    with pytest.raises(OutcomeUnknown, match="look"):
        crm.run(task)
    assert ran == [1]


def test_an_account_that_is_just_being_undone_is_found(crm: Crm, url: str, monkeypatch: Any) -> None:
    """A unit that writes asks for a prospect of that id, then for a customer, and found neither where one became the
    other in between: whoever edited or converted it was told that there was no such account.
    """
    with crmkit.connect(url) as other:
        prospect = other.prospects.add(Prospect(name="P"))
        receipt = other.conversion.convert(prospect.id)
        with crm.begin() as work:
            unit: Any = work.unit
            asked = type(unit)._run
            spoken: list[str] = []

            def undone_in_between(self: Any, spec: Any, *given: Any, **named: Any) -> Any:
                found = asked(self, spec, *given, **named)
                if self is unit and not spoken:
                    spoken.append(spec.name)
                    other.conversion.undo(receipt.id)
                return found

            monkeypatch.setattr(type(unit), "_run", undone_in_between)
            found = [unit.get(Account, prospect.id), *unit.get_many(Account, [prospect.id, receipt.id]).values()]
            assert unit.get(Account, receipt.id) is None
    assert spoken == ["prospect"]
    assert [type(one) for one in found] == [Prospect, Prospect]


def test_a_deadlock_is_run_again_whole(crm: Crm) -> None:
    """Two units that lock two records in opposite order, by `run`: both end well."""
    first, second = crm.prospects.add(Prospect(name="1")), crm.prospects.add(Prospect(name="2"))
    met = threading.Barrier(2, timeout=20)
    tried: list[str] = []

    def task(name: str, *ids: Any) -> Callable[[], None]:
        def in_order(work: Any) -> None:
            tried.append(name)
            for place, id in enumerate(ids):
                record = work.prospects.get(id)
                work.prospects.update(record, notes=record.notes + name)
                if place == 0 and tried.count(name) == 1:
                    met.wait()

        def again_where_another_was_faster() -> None:
            while True:
                with suppress(crmkit.Conflict):
                    return crm.run(in_order)

        return again_where_another_was_faster

    outcomes = together(task("a", first.id, second.id), task("b", second.id, first.id))
    assert outcomes == [None, None]
    assert sorted(crm.prospects.get(first.id).notes) == ["a", "b"]
    assert sorted(crm.prospects.get(second.id).notes) == ["a", "b"]
    assert len(tried) >= 3, "one of them was run again"


def test_a_unit_that_has_failed_takes_nothing_more(crm: Crm) -> None:
    """What a failed statement leaves of a transaction, engines differ in: it can only be rolled back."""

    def fail() -> None:
        with crm.begin() as work:
            work.prospects.add(Prospect(name="P"))
            unit: Any = work.unit
            with pytest.raises(StoreError):
                unit.execute("SELECT nonsense FROM nowhere")
            with pytest.raises(StoreError, match="rolled back"):
                work.prospects.add(Prospect(name="Q"))

    with pytest.raises(StoreError, match="rolled back"):
        fail()
    assert crm.prospects.find() == []


def test_tables_are_made_once_by_whoever_comes(url: str, server: str, all_servers: Any) -> None:
    """Six at a time: one schema, one starter set."""
    fresh = all_servers.url(server, fresh=True)
    outcomes = together(*[lambda: crmkit.connect(fresh).close()] * 6)
    assert outcomes == [None] * 6
    with crmkit.connect(fresh) as crm:
        assert [one.code for one in crm.opportunity_statuses.find(sort="code")] == ["lost", "open", "won"]
    all_servers.forget(fresh)


def test_a_prefix_keeps_two_apart_in_one_database(url: str, server: str, all_servers: Any) -> None:
    """Tables, keys and indexes have it in their names."""
    fresh = all_servers.url(server, fresh=True)
    with crmkit.connect(fresh, prefix="a_") as one, crmkit.connect(fresh, prefix="b_") as other:
        one.prospects.add(Prospect(name="P"))
        assert (one.prospects.count(), other.prospects.count()) == (1, 0)
        with pytest.raises(crmkit.Duplicate):
            one.prospects.add(Prospect(name="Q", number="P000001"))
    all_servers.forget(fresh)


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """What tasks give, or raise, that are started at the same moment."""
    start = threading.Barrier(len(tasks))
    outcomes: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        start.wait()
        try:
            outcomes[place] = task()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
