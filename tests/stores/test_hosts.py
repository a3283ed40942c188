"""Inside a host: its engine, its connection, its session, its transaction, which crmkit never ends for it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import crmkit
from crmkit import Crm, Duplicate, Order, Prospect, StoreError
from crmkit.testing.servers import SERVERS


class Base(DeclarativeBase):
    """A host's own tables."""


class Invoice(Base):
    """A host's own row."""

    __tablename__ = "host_invoice"
    id: Mapped[int] = mapped_column(primary_key=True)


def sends_begin(engine: Engine) -> Engine:
    """An SQLite engine that sends BEGIN itself, as SQLAlchemy's documentation shows."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON").close()

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def enforces_references(engine: Engine) -> Engine:
    """An SQLite engine in the driver's own way of transactions."""

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON").close()

    return engine


@pytest.fixture(params=["sqlite", "sqlite that sends BEGIN", *SERVERS])
def engine(request: pytest.FixtureRequest, fresh_url: Callable[[str], str], servers: Any) -> Iterator[Engine]:
    """A host's engine, of its own making, with its own tables beside crmkit's."""
    name, _, rest = str(request.param).partition(" ")
    url = servers.url(name, fresh=True) if name in SERVERS else fresh_url(name)
    made = create_engine(url)
    if name == "sqlite":
        made = sends_begin(made) if rest else enforces_references(made)
    Base.metadata.create_all(made)
    yield made
    made.dispose()
    if name in SERVERS:
        servers.forget(url)


@pytest.fixture
def crm(engine: Engine) -> Crm:
    """A CRM on the host's engine."""
    return crmkit.connect(engine)


def invoices(engine: Engine) -> int:
    """How many rows the host has committed."""
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT COUNT(*) FROM host_invoice")).scalar_one())


def test_the_host_s_pool_is_as_it_was(engine: Engine, crm: Crm) -> None:
    """After crmkit has used its connections, the host's transactions begin and roll back as ever."""
    crm.prospects.add(Prospect(name="P"))
    for _ in range(3):
        with Session(engine) as session:
            session.add(Invoice(id=1))
            session.flush()
            session.rollback()
    assert invoices(engine) == 0
    assert crm.prospects.count() == 1


def knows_its_transactions(engine: Engine) -> bool:
    """Whether the driver says when a transaction has begun: SQLite's in its own way does not."""
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        return not isinstance(driver, sqlite3.Connection) or driver.isolation_level is None


class TestConnection:
    """`begin(connection=…)`, with a connection of SQLAlchemy's."""

    def test_the_host_s_commit_saves_both(self, engine: Engine, crm: Crm) -> None:
        """What crmkit wrote is not seen before."""
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO host_invoice VALUES (1)"))
            with crm.begin(connection=connection) as work:
                saved = work.prospects.add(Prospect(name="P"))
                assert work.prospects.get(saved.id) == saved
            assert connection.in_transaction()
            connection.commit()
        assert (invoices(engine), crm.prospects.count()) == (1, 1)

    def test_the_host_s_rollback_undoes_both(self, engine: Engine, crm: Crm) -> None:
        """Though the unit has ended well, as does the number that was given."""
        with engine.connect() as connection:
            with crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="P"))
            connection.execute(text("INSERT INTO host_invoice VALUES (1)"))
            connection.rollback()
        assert (invoices(engine), crm.prospects.count()) == (0, 0)
        assert crm.prospects.add(Prospect(name="Q")).number == "P000001"

    def test_a_unit_that_fails_leaves_the_host_s_part(self, engine: Engine, crm: Crm) -> None:
        """Only its own savepoint is taken back."""
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO host_invoice VALUES (1)"))
            with crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="P", number="N1"))
            with pytest.raises(Duplicate), crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="Q", number="n1"))
        assert (invoices(engine), [one.name for one in crm.prospects.find()]) == (1, ["P"])

    def test_it_works_under_the_host_s_savepoints(self, engine: Engine, crm: Crm) -> None:
        """A savepoint that the host takes back takes the unit along; or the join is refused, saying what helps."""
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO host_invoice VALUES (1)"))
            savepoint = connection.begin_nested()
            if knows_its_transactions(engine):
                with crm.begin(connection=connection) as work:
                    work.prospects.add(Prospect(name="P"))
            else:
                with pytest.raises(StoreError, match="send BEGIN"), crm.begin(connection=connection) as work:
                    work.prospects.add(Prospect(name="P"))
            savepoint.rollback()
            with crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="Q"))
        assert (invoices(engine), [one.name for one in crm.prospects.find()]) == (1, ["Q"])

    def test_autocommit_is_refused(self, engine: Engine, crm: Crm) -> None:
        """It would not be all or nothing."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:  # noqa: SIM117
            with pytest.raises(StoreError, match="autocommit"), crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="P"))
        assert crm.prospects.find() == []

    def test_another_engine_s_connection_is_refused(self, engine: Engine) -> None:
        """Both are named."""
        with crmkit.connect("memory:") as memory, engine.connect() as connection:  # noqa: SIM117
            with pytest.raises(StoreError, match="cannot join"), memory.begin(connection=connection):
                pass


class TestSession:
    """`begin(session=…)`."""

    def test_both_are_saved_by_the_session_s_commit(self, engine: Engine, crm: Crm) -> None:
        """And what the session has pending is written before crmkit's statements."""
        with Session(engine) as session:
            session.add(Invoice(id=1))
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="P"))
                assert session.query(Invoice).count() == 1
            session.add(Invoice(id=2))
            assert crm.prospects.count() == 0 if engine.dialect.name != "sqlite" else True
            session.commit()
        assert (invoices(engine), crm.prospects.count()) == (2, 1)

    def test_both_are_undone_by_its_rollback(self, engine: Engine, crm: Crm) -> None:
        """Whichever wrote first."""
        with Session(engine) as session:
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="P"))
            session.add(Invoice(id=1))
            session.flush()
            session.rollback()
        assert (invoices(engine), crm.prospects.count()) == (0, 0)

    def test_a_savepoint_of_the_session_within_the_unit_is_kept_to(self, engine: Engine, crm: Crm) -> None:
        """What is done in a savepoint that the host takes back is gone, what was done before it is not."""
        with Session(engine) as session:
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="P"))
                savepoint = session.begin_nested()
                work.prospects.add(Prospect(name="Q"))
                savepoint.rollback()
                assert [one.name for one in work.prospects.find()] == ["P"]
            session.commit()
        assert [one.name for one in crm.prospects.find()] == ["P"]

    def test_a_unit_goes_on_in_no_other_transaction(self, engine: Engine, crm: Crm) -> None:
        """A host that commits in the middle of it is told."""

        def go_on(session: Session) -> None:
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="P"))
                session.commit()
                work.prospects.add(Prospect(name="Q"))

        with Session(engine) as session, pytest.raises(StoreError):
            go_on(session)
        assert [one.name for one in crm.prospects.find()] in ([], ["P"])

    def test_handlers_are_told_once_the_session_has_committed(self, engine: Engine, crm: Crm) -> None:
        """Not before, and not where it is rolled back, the whole or a savepoint around the unit."""
        told: list[str] = []
        crm.on("Created", lambda created, _: told.append(created.record.name))
        with Session(engine) as session:
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="kept"))
            assert told == []
            session.commit()
            assert told == ["kept"]
            with crm.begin(session=session) as work:
                work.prospects.add(Prospect(name="lost"))
            session.rollback()
            session.commit()
            assert told == ["kept"]
            if knows_its_transactions(engine):
                with session.begin_nested() as savepoint:
                    with crm.begin(session=session) as work:
                        work.prospects.add(Prospect(name="lost too"))
                    savepoint.rollback()
                session.commit()
        assert told == ["kept"]


class TestDriver:
    """`begin(connection=…)`, with the driver's own connection, as other frameworks have it."""

    @pytest.fixture
    def driver(self, engine: Engine) -> Iterator[Any]:
        """A connection of the driver."""
        fairy = engine.raw_connection()
        yield fairy.dbapi_connection
        fairy.dbapi_connection.rollback()  # type: ignore[union-attr]
        fairy.close()

    def test_it_joins_what_is_begun(self, engine: Engine, crm: Crm, driver: Any) -> None:
        """And leaves the end to the host."""
        begin(driver)
        driver.cursor().execute("INSERT INTO host_invoice VALUES (1)")
        with crm.begin(connection=driver) as work:
            work.prospects.add(Prospect(name="P"))
        with pytest.raises(Duplicate), crm.begin(connection=driver) as work:
            work.prospects.add(Prospect(name="Q", number="P000001"))
        driver.rollback()
        assert (invoices(engine), crm.prospects.count()) == (0, 0)
        begin(driver)
        with crm.begin(connection=driver) as work:
            work.prospects.add(Prospect(name="P"))
        driver.commit()
        assert crm.prospects.count() == 1

    def test_without_a_transaction_it_is_refused(self, crm: Crm, driver: Any) -> None:
        """Nobody would commit; but where the driver begins one with whatever comes first, that is the host's."""
        driver.rollback()
        if type(driver).__module__.startswith("psycopg"):
            with crm.begin(connection=driver) as work:
                work.prospects.add(Prospect(name="P"))
            driver.rollback()
        else:
            with pytest.raises(StoreError, match="begin"), crm.begin(connection=driver) as work:
                work.prospects.add(Prospect(name="P"))
        assert crm.prospects.find() == []

    def test_none_is_no_connection(self, crm: Crm) -> None:
        """A framework that has not connected yet hands it out: no unit of its own is made of that."""
        with pytest.raises(crmkit.Invalid, match="connected"), crm.begin(connection=None):
            pass
        with pytest.raises(crmkit.Invalid, match="connected"), crm.begin(session=None):
            pass

    def test_handlers_after_the_commit_need_to_know_of_it(self, crm: Crm, driver: Any) -> None:
        """The host hands in what calls back once it has committed; without, it is refused rather than forgotten."""
        told: list[str] = []
        waiting: list[Callable[[], None]] = []
        crm.on("Created", lambda created, _: told.append(created.record.name))
        begin(driver)
        with pytest.raises(crmkit.Invalid, match="on_commit"), crm.begin(connection=driver):
            pass
        with crm.begin(connection=driver, on_commit=waiting.append) as work:
            work.prospects.add(Prospect(name="P"))
        assert told == []
        driver.commit()
        for tell in waiting:
            tell()
        assert told == ["P"]


def begin(driver: Any) -> None:
    """Begin a transaction as the host would."""
    driver.cursor().execute("BEGIN")


class TestRefused:
    """Connections that answers could not be relied on with."""

    def test_references_that_are_not_enforced(self, tmp_path: Path) -> None:
        """On SQLite they have to be switched on."""
        file = tmp_path / "crm.db"
        engine = create_engine(f"sqlite:///{file}")
        crm = crmkit.connect(engine)
        with engine.connect() as connection:  # noqa: SIM117
            with pytest.raises(StoreError, match="PRAGMA foreign_keys"), crm.begin(connection=connection) as work:
                work.prospects.add(Prospect(name="P"))
        with pytest.raises(crmkit.Invalid):
            crm.orders.add(Order(customer=crm.settings.ids()))
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 0
        engine.dispose()

    def test_a_savepoint_before_the_driver_began(self, tmp_path: Path) -> None:
        """On SQLite in the driver's way, its end would be a commit: it is refused, and nothing is saved."""
        engine = enforces_references(create_engine(f"sqlite:///{tmp_path / 'crm.db'}"))
        crm = crmkit.connect(engine)
        with engine.connect() as connection:
            with connection.begin_nested():  # noqa: SIM117
                with pytest.raises(StoreError, match="send BEGIN itself"), crm.begin(connection=connection) as work:
                    work.prospects.add(Prospect(name="P"))
            connection.rollback()
        assert crm.prospects.find() == []
        engine.dispose()

    def test_bytes_for_text(self, tmp_path: Path) -> None:
        """A connection that gives bytes where text is stored."""
        engine = create_engine(f"sqlite:///{tmp_path / 'crm.db'}")

        @event.listens_for(engine, "connect")
        def _(connection: Any, _: object) -> None:
            connection.text_factory = bytes

        with pytest.raises(StoreError, match="text_factory"):
            crmkit.connect(engine)
        engine.dispose()

    def test_a_mode_that_cuts_values(self, fresh_url: Callable[[str], str]) -> None:
        """On MariaDB, where the host has left the strict mode."""
        engine = create_engine(fresh_url("mariadb"), connect_args={"init_command": "SET SESSION sql_mode = ''"})
        with pytest.raises(StoreError, match="sql_mode"):
            crmkit.connect(engine)
        engine.dispose()
