"""Every store of ours keeps what a store promises."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crmkit.entities import Registry
from crmkit.repositories.store import Store
from crmkit.stores.opening import open_store
from crmkit.testing.conformance import StoreConformance


class TestMemory(StoreConformance):
    """The memory store."""

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return open_store("memory:", registry)


class OnSql(StoreConformance):
    """The SQL store on an engine."""

    engine = ""

    @pytest.fixture(autouse=True)
    def _database(self, fresh_url: Callable[[str], str]) -> None:
        self._url = fresh_url(self.engine)

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return open_store(self._url, registry)


class TestSqlite(OnSql):
    """The SQL store on an SQLite file."""

    engine = "sqlite"


class TestPostgresql(OnSql):
    """The SQL store on PostgreSQL."""

    engine = "postgresql"


class TestMariadb(OnSql):
    """The SQL store on MariaDB."""

    engine = "mariadb"
