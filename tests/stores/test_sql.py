"""What is SQLite's own in the SQL store: settings, types, keys in the engine, indexes, the schema's version."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pymysql.err import IntegrityError
from sqlalchemy import create_engine

import crmkit
from crmkit import Busy, Crm, Money, Opportunity, Order, Prospect, SchemaTooNew, UnknownStore
from crmkit.entities import ENTITIES, Registry
from crmkit.stores.sql import SqlStore, metadata
from crmkit.stores.sql.engines.mariadb import MariadbProfile
from crmkit.stores.sql.engines.sqlite import SqliteProfile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "crm.db"


@pytest.fixture
def crm(file: Path) -> Iterator[Crm]:
    """A CRM on it."""
    with crmkit.connect(f"sqlite:///{file}") as made:
        yield made


def test_an_acknowledged_commit_survives_power_loss_by_default(crm: Crm) -> None:
    """WAL with synchronous=FULL, foreign keys on; another durability is chosen by name."""
    with crm.begin(read_only=True) as work:
        asked: Any = work.unit
        values = [
            asked.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert values == ["wal", 2, 1]
    with pytest.raises(crmkit.Invalid, match="durability"):
        crmkit.connect("sqlite:///never.db", durability="some")


@pytest.mark.parametrize("strict", [True, False])
def test_a_value_of_another_type_is_refused_by_the_engine(file: Path, *, strict: bool) -> None:
    """By STRICT tables, and by CHECKs where SQLite is too old for them."""
    store = SqlStore(create_engine(f"sqlite:///{file}"), Registry(ENTITIES), profile=SqliteProfile(strict=strict))
    store.prepare()
    store.close()
    with closing(sqlite3.connect(file)) as raw:
        assert ("STRICT" in raw.execute("SELECT sql FROM sqlite_master WHERE name = 'item'").fetchone()[0]) == strict
        values = "'t', x'01', 'one', 0, '', NULL, 'C', 'c', '', NULL, NULL, ''"
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(f"INSERT INTO item VALUES ({values})")  # noqa: S608 - a literal of this test
        raw.execute("INSERT INTO item VALUES ('t', x'01', 1, 0, '', NULL, 'C', 'c', '', NULL, NULL, '')")


def test_the_engine_itself_refuses_an_order_on_a_prospect(crm: Crm, file: Path) -> None:
    """Whatever code writes to it; and to make a prospect of a customer that has one."""
    prospect = crm.prospects.add(Prospect(name="P"))
    customer = crm.customers.add(crmkit.Customer(name="C"))
    order = crm.orders.add(Order(customer=customer.id))
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute('UPDATE "order" SET customer = ? WHERE id = ?', (prospect.id.bytes, order.id.bytes))
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute("UPDATE account SET kind = 'prospect' WHERE id = ?", (customer.id.bytes,))
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute("UPDATE account SET company_revenue = 900000000000001, company_revenue_currency = 'EUR'")


def test_a_newer_schema_is_refused_and_untouched(crm: Crm, file: Path) -> None:
    """The message says to upgrade."""
    crm.close()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("UPDATE crmkit_schema SET version_num = '99'")
        raw.commit()
    before = file.read_bytes()
    with pytest.raises(SchemaTooNew, match="upgrade"):
        crmkit.connect(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_two_processes_make_one_schema(file: Path) -> None:
    """Both end well, with one starter set."""
    code = f"import crmkit; crmkit.connect('sqlite:///{file}').close()"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]  # noqa: S603 - this interpreter
    assert [one.wait(60) for one in running] == [0, 0, 0]
    with crmkit.connect(f"sqlite:///{file}") as crm:
        assert [one.code for one in crm.opportunity_statuses.find(sort="code")] == ["lost", "open", "won"]


def test_a_writer_that_is_held_up_too_long_says_so(file: Path) -> None:
    """And nothing of it is saved."""
    url = f"sqlite:///{file}"
    with crmkit.connect(url) as one, crmkit.connect(url, timeout=0.05) as other, one.begin() as work:
        work.prospects.add(Prospect(name="First"))
        with pytest.raises(Busy):
            other.prospects.add(Prospect(name="Second"))
        assert other.prospects.find() == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_lasts_as_long_as_its_store(url: str) -> None:
    """Across units."""
    with crmkit.connect(url) as crm:
        saved = crm.prospects.add(Prospect(name="P"))
        assert crm.prospects.get(saved.id) == saved


def test_an_unknown_store_is_refused_by_name() -> None:
    """With those that there are."""
    for url in ("nonsense://x", "oracle://x/y", "", "acme.db"):
        with pytest.raises(UnknownStore, match="memory:"):
            crmkit.connect(url)
    for url, driver in (
        ("sqlite+aiosqlite:///x.db", "standard library"),
        ("postgresql+psycopg2://x/y", "psycopg 3"),
        ("mysql+mysqldb://x/y", "PyMySQL"),
    ):
        with pytest.raises(UnknownStore, match=driver):
            crmkit.connect(url)
    with pytest.raises(UnknownStore):
        crmkit.connect(3)


@pytest.mark.parametrize("sort", ["", "projected_close", "-estimated_value"])
def test_a_page_by_key_reads_an_index(crm: Crm, sort: str) -> None:
    """No sort is made, and no table is read from end to end."""
    account = crm.prospects.add(Prospect(name="P"))
    rows = [
        Opportunity(
            description=f"O{n}", account=account.id, estimated_value=Money(n, "EUR"), projected_close=date(2026, 1, 2)
        )
        for n in range(30)
    ]
    crm.opportunities.add_many(rows)
    with crm.begin(read_only=True) as work:
        unit: Any = work.unit
        asked: list[str] = []
        unit.execute("SELECT 1")
        unit.transaction._connection.dbapi_connection.set_trace_callback(asked.append)
        page = work.opportunities.find(sort=sort, limit=5)
        assert page.next() is not None
        unit.transaction._connection.dbapi_connection.set_trace_callback(None)
        pages = [text for text in asked if "LIMIT" in text]
        plans = [row[3] for text in pages for row in unit.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()]
    assert len(pages) == 2
    assert not [plan for plan in plans if "TEMP B-TREE" in plan or plan.startswith("SCAN")]


def test_the_schema_of_a_plugin_comes_into_a_database_that_is_there(crm: Crm, file: Path) -> None:
    """Its tables are added, the others stay."""
    kept = crm.prospects.add(Prospect(name="P"))
    tables = set(metadata(engine="sqlite").tables)
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("DROP TABLE announcement")
        raw.execute("DROP TABLE announcement_history")
    with crmkit.connect(f"sqlite:///{file}") as again:
        assert again.prospects.get(kept.id) == kept
        assert again.sweep() == []
    with closing(sqlite3.connect(file)) as raw:
        assert {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == tables


def test_mariadb_names_a_constraint_whatever_the_value_is() -> None:
    """The bytes of an id may be quotes of both kinds: the key's name is read from what the server said itself."""
    said = """Duplicate entry 'default-\\x01"2\\xF0' for key 'uq_campaign_item_campaign_item'"""
    broken = MariadbProfile().broken_constraint(IntegrityError(1062, said))
    assert broken is not None
    assert (broken.kind, broken.name) == ("unique", "uq_campaign_item_campaign_item")
