"""The conformance kit on the cluster: pytest runs it, `CRMKIT_TEST_MARIADB_URL` says which node."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmkit.entities import Registry
from crmkit.repositories.store import Store
from crmkit.stores.opening import open_store
from crmkit.testing import StoreConformance
from crmkit.testing.servers import Servers


@pytest.fixture(scope="session")
def all_servers() -> Iterator[Servers]:
    """The node, with the databases that this run makes on it."""
    made = Servers(f"{os.getpid()}")
    yield made
    made.close()


class TestNode(StoreConformance):
    """The SQL store on one node, whose commits the others certify."""

    @pytest.fixture(autouse=True)
    def _database(self, all_servers: Servers) -> Iterator[None]:
        with all_servers.lent() as lent:
            self._url = lent.url("mariadb")
            yield

    def make_store(self, registry: Registry, folder: Path) -> Store:
        del folder
        return open_store(self._url, registry)
