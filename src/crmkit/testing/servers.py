"""Databases on the servers that tests may reach, each of a run's own; where a server is not there, tests skip."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

__all__ = ["SERVERS", "Servers"]

SERVERS: Final = ("postgresql", "mariadb")
_URLS: Final = {
    "postgresql": ("CRMKIT_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test"),
    "mariadb": ("CRMKIT_TEST_MARIADB_URL", "mysql+pymysql://root@127.0.0.1:3306/test"),
}


class Servers:
    """Gives empty databases: schemas of their own on PostgreSQL, databases on MariaDB. They are used again by the
    next test, emptied, since making some ninety tables takes longer than most tests.
    """

    def __init__(self, run: str) -> None:
        self._run = run
        self._engines: dict[str, Engine] = {}
        self._made: dict[str, list[str]] = {}
        self._in_use: set[str] = set()
        self._number = 0

    def url(self, server: str, *, fresh: bool = False) -> str:
        """Where an empty database is, until the end of the test. With `fresh`, it has no tables either."""
        engine = self._engine(server)
        made = self._made.setdefault(server, [])
        name = next((one for one in made if one not in self._in_use), "") if not fresh else ""
        with engine.connect() as connection:
            if name:
                _empty(connection, server, name)
            else:
                self._number += 1
                name = f"crmkit_test_{self._run}_{self._number}"
                _drop(connection, server, name)
                _create(connection, server, name)
                made.append(name)
        self._in_use.add(name)
        url = engine.url
        if server == "postgresql":
            url = url.update_query_dict({"options": f"-csearch_path={name}"})
        else:
            url = url.set(database=name)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def lent(self) -> Iterator["Servers"]:
        """For one test, or one module: what it was given goes back at its end."""
        before = set(self._in_use)
        yield self
        self._in_use = before

    def forget(self, url: str) -> None:
        """Drop a database that a test has left other tables in."""
        parsed = make_url(url)
        server = "postgresql" if parsed.get_backend_name() == "postgresql" else "mariadb"
        named = parsed.query.get("options", "")
        name = str(named).partition("search_path=")[2] if server == "postgresql" else str(parsed.database)
        self._made[server].remove(name)
        with self._engine(server).connect() as connection:
            _drop(connection, server, name)

    def close(self) -> None:
        """Drop everything that was made."""
        for server, names in self._made.items():
            with self._engine(server).connect() as connection:
                for name in names:
                    _drop(connection, server, name)
        for engine in self._engines.values():
            engine.dispose()

    def _engine(self, server: str) -> Engine:
        if server not in self._engines:
            variable, default = _URLS[server]
            url = os.environ.get(variable, default)
            try:
                engine = create_engine(url, isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except Exception as cause:  # noqa: BLE001 - whatever the reason, there is no server to test with
                said = f"no {server} server at {url}: set {variable} ({type(cause).__name__})"
                if os.environ.get("CI") == "true":
                    pytest.fail(said)
                pytest.skip(said)
            self._engines[server] = engine
        return self._engines[server]


def _create(connection: Any, server: str, name: str) -> None:
    kind = "SCHEMA" if server == "postgresql" else "DATABASE"
    connection.execute(text(f"CREATE {kind} {name}"))


def _drop(connection: Any, server: str, name: str) -> None:
    if server == "postgresql":
        connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
    else:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))


def _empty(connection: Any, server: str, name: str) -> None:
    schema = {"name": name}
    tables = text("SELECT table_name FROM information_schema.tables WHERE table_schema = :name")
    names = [table for (table,) in connection.execute(tables, schema) if table != "crmkit_schema"]
    if server == "postgresql":
        deletes = "".join(f'DELETE FROM {name}."{table}";' for table in names)  # noqa: S608 - names that the server gave
        said = f"SET LOCAL session_replication_role = replica; SET LOCAL lock_timeout = 5000; {deletes}"
        connection.exec_driver_sql(f"DO $$ BEGIN {said} END $$")
    else:
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        connection.exec_driver_sql("START TRANSACTION")
        for table in names:
            connection.exec_driver_sql(f"DELETE FROM {name}.`{table}`")  # noqa: S608 - as above
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("SET foreign_key_checks = 1")
