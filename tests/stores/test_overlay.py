"""A store over another one is a store like any other: what is changed in it is kept, found, counted and forgotten."""

from datetime import timedelta
from pathlib import Path

from crmkit.entities import Registry
from crmkit.repositories.store import Store
from crmkit.stores.opening import open_store
from crmkit.stores.overlay import OverlayStore
from crmkit.testing.conformance import START, StoreConformance


class TestOverMemory(StoreConformance):
    """Over an empty memory store."""

    def make_store(self, registry: Registry, folder: Path) -> Store:
        return OverlayStore(open_store("memory:", registry), START - timedelta(seconds=1))
