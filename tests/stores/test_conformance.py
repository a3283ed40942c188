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


class TestSqlite(StoreConformance):
    """The SQL store on an SQLite file."""

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return open_store(f"sqlite:///{folder / 'store.db'}", registry)


class OnServer(StoreConformance):
    """The SQL store on a server."""

    server = ""

    @pytest.fixture(autouse=True)
    def _database(self, fresh_url: Callable[[str], str]) -> None:
        self._url = fresh_url(self.server)

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return open_store(self._url, registry)


class TestPostgresql(OnServer):
    """The SQL store on PostgreSQL."""

    server = "postgresql"


class TestMariadb(OnServer):
    """The SQL store on MariaDB."""

    server = "mariadb"
