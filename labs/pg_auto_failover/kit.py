"""The conformance kit on the pair: pytest runs it, `CRMKIT_TEST_POSTGRES_URL` says where the pair is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.entities import Registry
from crmkit.repositories.store import Store
from crmkit.stores.opening import open_store
from crmkit.testing.conformance import StoreConformance
from crmkit.testing.servers import Servers


@pytest.fixture(scope="session")
def all_servers() -> Iterator[Servers]:
    """The pair, with the schemas that this run makes on it."""
    made = Servers(f"{os.getpid()}")
    yield made
    made.close()


class TestPair(StoreConformance):
    """The SQL store on whichever node takes writes."""

    @pytest.fixture(autouse=True)
    def _schema(self, all_servers: Servers) -> Iterator[None]:
        with all_servers.lent() as lent:
            self._url = lent.url("postgresql")
            yield

    def make_store(self, registry: Registry, folder: Path) -> Store:
        del folder
        return open_store(self._url, registry)
