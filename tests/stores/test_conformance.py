"""Every store of ours keeps what a store promises."""

from pathlib import Path

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
