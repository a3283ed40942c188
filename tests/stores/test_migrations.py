"""From the schema of any release to this one's, on every engine; and crmkit's tables in a host's own migrations."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, inspect

import crmkit
from crmkit import MissingExtra, Prospect, SchemaTooNew, SchemaTooOld, StoreError
from crmkit.__main__ import main
from crmkit.entities import ENTITIES, Registry
from crmkit.exchange.plain import to_plain
from crmkit.stores.opening import open_store
from crmkit.stores.sql import metadata, migrations
from crmkit.stores.sql import store as store_module
from crmkit.testing.servers import SERVERS

FIXTURES = Path(__file__).parents[1] / "fixtures"
LATER = '''"""A later revision, for these tests: competitors have a motto."""
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade() -> None:
    prefix = op.get_context().opts["crmkit"].naming.prefix
    for table in ("competitor", "competitor_history"):
        op.execute(f"ALTER TABLE {prefix}{table} ADD COLUMN motto TEXT")
'''


@pytest.fixture(params=["sqlite", *SERVERS])
def empty(request: pytest.FixtureRequest, tmp_path: Path, servers: Any) -> Iterator[Callable[[], str]]:
    """Gives URLs of databases without tables."""
    made: list[str] = []

    def url() -> str:
        name = str(request.param)
        made.append(servers.url(name, fresh=True) if name in SERVERS else f"sqlite:///{tmp_path}/{len(made)}.db")
        return made[-1]

    yield url
    for one in made if request.param in SERVERS else ():
        servers.forget(one)


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The revisions of a release to come."""
    folder = tmp_path / "later" / "versions"
    folder.mkdir(parents=True)
    for file in migrations.VERSIONS.glob("*.py"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "0002.py").write_text(LATER, encoding="utf-8")
    return folder


def opened(url: str, **settings: Any) -> Any:
    """A store on a database, nothing made in it."""
    return open_store(url, Registry(ENTITIES), **settings)


def shape(url: str) -> dict[str, Any]:
    """All that the engine knows of the tables of a database."""
    engine = create_engine(url)
    looked = inspect(engine)
    found: dict[str, Any] = {}
    for table in looked.get_table_names():
        found[table] = (
            [(column["name"], str(column["type"]), column["nullable"]) for column in looked.get_columns(table)],
            looked.get_pk_constraint(table)["constrained_columns"],
            sorted((key["constrained_columns"], key["referred_table"]) for key in looked.get_foreign_keys(table)),
            sorted((str(key["name"]), key["column_names"]) for key in looked.get_unique_constraints(table)),
            sorted((str(index["name"]), index["column_names"]) for index in looked.get_indexes(table)),
            sorted(str(check["sqltext"]) for check in looked.get_check_constraints(table)),
        )
    engine.dispose()
    return found


def difference(engine: Engine, wanted: Any) -> list[Any]:
    """What Alembic would change in a database to have those tables."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "target_metadata": wanted})
        return [one for one in compare_metadata(context, wanted) if one[0] != "remove_table"]


def test_the_revisions_lead_to_today_s_schema(empty: Callable[[], str]) -> None:
    """An empty database that is upgraded has what one has that is new: to the last check and index."""
    upgraded, new = empty(), empty()
    assert len(crmkit.upgrade(upgraded)) > 80
    with crmkit.connect(new) as crm:
        saved = crm.prospects.add(Prospect(name="P"))
        assert crm.prospects.get(saved.id) == saved
    assert shape(upgraded) == shape(new)
    engine = create_engine(upgraded)
    assert difference(engine, metadata(engine=engine.dialect.name)) == []
    engine.dispose()
    with crmkit.connect(upgraded) as crm:
        assert crm.stages.count() > 3
        assert crm.upgrade() == []
    assert crmkit.upgrade(upgraded) == []


def test_a_prefix_and_a_schema_are_kept_to(empty: Callable[[], str], request: Any) -> None:
    """As `connect` does."""
    upgraded, new = empty(), empty()
    crmkit.upgrade(upgraded, prefix="crm_")
    crmkit.connect(new, prefix="crm_").close()
    assert shape(upgraded) == shape(new)
    assert all(name.startswith("crm_") for name in shape(new))


def test_a_dry_run_changes_nothing_and_says_all(empty: Callable[[], str]) -> None:
    """Its statements, run by hand, make the same schema."""
    dry, new = empty(), empty()
    statements = crmkit.upgrade(dry, dry_run=True)
    assert shape(dry) == {}
    engine = create_engine(dry)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%") if engine.dialect.name != "sqlite" else statement)
    engine.dispose()
    crmkit.upgrade(new)
    assert shape(dry) == shape(new)
    with crmkit.connect(dry) as crm:
        assert crm.prospects.add(Prospect(name="P")).number == "P000001"


def test_an_older_schema_is_upgraded_and_what_was_kept_stays(
    empty: Callable[[], str], later: Path, monkeypatch: Any
) -> None:
    """Until then it is refused, saying what to do; the newer one is refused by what is older."""
    url = empty()
    with crmkit.connect(url) as crm:
        kept = crm.competitors.add(crmkit.Competitor(name="Rival"))
    monkeypatch.setattr(store_module, "SCHEMA_VERSION", "0002")
    with pytest.raises(SchemaTooOld, match="upgrade"):
        crmkit.connect(url)
    store = opened(url)
    assert "motto" in " ".join(migrations.upgrade(store, dry_run=True, versions=later))
    assert len(migrations.upgrade(store, versions=later)) == 3
    assert migrations.upgrade(store, versions=later) == []
    store.close()
    with crmkit.connect(url) as crm:
        assert crm.competitors.get(kept.id) == kept
    monkeypatch.setattr(store_module, "SCHEMA_VERSION", "0001")
    with pytest.raises(SchemaTooNew):
        crmkit.connect(url)
    with pytest.raises(SchemaTooNew):
        crmkit.upgrade(url)
    assert len(shape(url)["competitor"][0]) == len(shape(url)["competitor_history"][0]) - 3


def test_an_upgrade_that_fails_can_be_run_again(empty: Callable[[], str], later: Path) -> None:
    """All is done, or nothing; on MariaDB, what was done is not done twice."""
    url = empty()
    crmkit.connect(url, starter=None).close()
    spoilt = later / "0002.py"
    whole = spoilt.read_text(encoding="utf-8")
    spoilt.write_text(whole + "    op.execute('ALTER TABLE nowhere ADD COLUMN x INTEGER')\n", encoding="utf-8")
    store = opened(url)
    before = shape(url)
    with pytest.raises(StoreError, match="not upgraded"):
        migrations.upgrade(store, versions=later)
    if store.profile.name != "MariaDB":
        assert shape(url) == before
        spoilt.write_text(whole, encoding="utf-8")
        migrations.upgrade(store, versions=later)
        assert "motto" in [column[0] for column in shape(url)["competitor"][0]]
    store.close()


def test_two_at_once_upgrade_once(empty: Callable[[], str]) -> None:
    """Three processes, and two threads in each: all end well."""
    url = empty()
    code = (
        "import crmkit, threading\n"
        f"threads = [threading.Thread(target=crmkit.upgrade, args=({url!r},)) for _ in range(2)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
        f"assert crmkit.upgrade({url!r}) == []\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]  # noqa: S603 - this interpreter
    assert [one.wait(120) for one in running] == [0, 0, 0]
    new = empty()
    crmkit.connect(new).close()
    assert shape(url) == shape(new)


def test_by_command(tmp_path: Path, capsys: Any) -> None:
    """`python -m crmkit upgrade URL`, with a dry run that prints."""
    url = f"sqlite:///{tmp_path}/crm.db"
    assert main(["upgrade", url, "--dry-run"]) == 0
    assert "CREATE TABLE" in capsys.readouterr().out
    assert main(["upgrade", url]) == 0
    assert "statements run" in capsys.readouterr().out
    assert main(["upgrade", url]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["upgrade", "memory:"]) == 1
    assert "no schema" in capsys.readouterr().err


def test_without_alembic_its_extra_is_named(tmp_path: Path, monkeypatch: Any) -> None:
    """A new database does not need it."""
    for name in ("alembic.runtime.migration", "alembic.script"):
        monkeypatch.setitem(sys.modules, name, None)
    crmkit.connect(f"sqlite:///{tmp_path}/new.db").close()
    with pytest.raises(MissingExtra, match=r"crmkit\[migrations\]"):
        crmkit.upgrade(f"sqlite:///{tmp_path}/crm.db")


def test_crmkit_s_tables_in_a_host_s_own_migrations(empty: Callable[[], str]) -> None:
    """Alembic compares the host's tables and crmkit's as one, and finds no difference once they are made."""
    engine = create_engine(empty())
    theirs = MetaData()
    ours = metadata(engine=engine.dialect.name, prefix="crm_")
    assert len(difference(engine, [theirs, ours])) > 80
    with engine.begin() as connection:
        ours.create_all(connection)
    assert difference(engine, [theirs, ours]) == []
    with crmkit.connect(engine, prefix="crm_") as crm:
        assert crm.prospects.add(Prospect(name="P")).number == "P000001"
    engine.dispose()


@pytest.mark.parametrize("release", ["1"])
def test_every_released_schema_is_upgraded_with_its_rows(tmp_path: Path, release: str) -> None:
    """A database that a release has made, with a record of every kind, is read back whole."""
    file = tmp_path / "crm.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((FIXTURES / f"schema_{release}.sql").read_text(encoding="utf-8"))
    crmkit.upgrade(f"sqlite:///{file}")
    kept = json.loads((FIXTURES / f"schema_{release}.json").read_text(encoding="utf-8"))
    with crmkit.connect(f"sqlite:///{file}", starter=None) as crm, crm.begin(read_only=True) as work:
        for plural, records in kept.items():
            found = [to_plain(one) for one in work.unit.stream(crmkit.Query(kind=crm.repository(plural).kind))]
            assert json.loads(json.dumps(found)) == records
    assert sum(map(len, kept.values())) > len(ENTITIES)
