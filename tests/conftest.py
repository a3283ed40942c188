"""What all tests share: a CRM on each store, a clock that only a test moves, real data, and how Hypothesis runs."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings

import crmkit
from crmkit import Crm
from crmkit.entities import ENTITIES, Registry
from crmkit.stores.opening import open_store
from crmkit.testing.clocks import ManualClock
from crmkit.testing.servers import SERVERS, Servers

ROOT = Path(__file__).parent.parent

settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("local", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real inputs; without it the test is skipped, or fails where CI=true."""
    folder = Path(os.environ.get("CRMKIT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        said = f"no real data in {folder}: set CRMKIT_TEST_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return folder


START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORES = ("memory", "sqlite", *SERVERS)


class CountingIds:
    """Ids that come in the same order on every store: 1, 2, 3, …"""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> UUID:
        self._count += 1
        return UUID(int=(0x7 << 76) | (0b10 << 62) | self._count)


@pytest.fixture(params=STORES)
def store_name(request: pytest.FixtureRequest) -> str:
    """The stores that every row is shown on."""
    return str(request.param)


@pytest.fixture
def clock() -> ManualClock:
    """Monday 2 March 2026, 9:00 UTC, until the test moves it."""
    return ManualClock(START)


@pytest.fixture(scope="session")
def all_servers() -> Iterator[Servers]:
    """The database servers, with what this run has made on them."""
    made = Servers(f"{os.getpid()}")
    yield made
    made.close()


@pytest.fixture
def servers(all_servers: Servers) -> Iterator[Servers]:
    """Databases for one test on the servers; where a server is not there, the test is skipped."""
    with all_servers.lent() as lent:
        yield lent


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no rows: a copy of it takes a quarter of the time that making them does."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    store = open_store(f"sqlite:///{file}", Registry(ENTITIES))
    store.prepare()
    store.close()
    return file


def urls(folder: Path, servers: Servers, empty_file: Path) -> Callable[[str], str]:
    """Gives the URL of an empty store, by the store's name; another one at every call."""
    numbers = iter(range(1_000))

    def url_of(name: str) -> str:
        if name in SERVERS:
            return servers.url(name)
        if name == "memory":
            return "memory:"
        file = shutil.copyfile(empty_file, folder / f"crm{next(numbers)}.db")
        return f"sqlite:///{file}"

    return url_of


@pytest.fixture
def fresh_url(tmp_path: Path, servers: Servers, empty_file: Path) -> Callable[[str], str]:
    """The URL of an empty store, by the store's name; another one at every call."""
    return urls(tmp_path, servers, empty_file)


@pytest.fixture(scope="module")
def module_url(
    tmp_path_factory: pytest.TempPathFactory, all_servers: Servers, empty_file: Path
) -> Iterator[Callable[[str], str]]:
    """As `fresh_url`, for all tests of a module."""
    with all_servers.lent() as lent:
        yield urls(tmp_path_factory.mktemp("module"), lent, empty_file)


@pytest.fixture(scope="module", params=STORES)
def module_store(request: pytest.FixtureRequest) -> str:
    """The stores, for what all tests of a module read."""
    return str(request.param)


@pytest.fixture
def open_crm(fresh_url: Callable[[str], str], clock: ManualClock) -> Iterator[Callable[..., Crm]]:
    """Opens the CRM of a fresh store by the store's name, with further settings."""
    opened: list[Crm] = []

    def open_one(name: str, **settings: Any) -> Crm:
        opened.append(crmkit.connect(fresh_url(name), **{"clock": clock, **settings}))
        return opened[-1]

    yield open_one
    for crm in opened:
        crm.close()


@pytest.fixture
def crm(open_crm: Callable[..., Crm], store_name: str) -> Crm:
    """A CRM with the starter set of code tables and nothing else."""
    return open_crm(store_name)


@pytest.fixture
def beside(crm: Crm, clock: ManualClock) -> Callable[..., Crm]:
    """Another CRM on the same store: for another user, another tenant, other settings."""

    def open_one(**settings: Any) -> Crm:
        return crmkit.connect(crm.store, **{"clock": clock, **settings})

    return open_one


def everything(crm: Crm) -> dict[str, dict[UUID, Any]]:
    """All records of a tenant with their history, by repository and id."""
    with crm.begin(read_only=True) as work:
        return {
            spec.about.plural: {
                record.id: (record, tuple(work.unit.history(spec.cls, record.id)))
                for record in work.repository(spec.cls).all()
            }
            for spec in crm.registry.specs
        }


@pytest.fixture(name="everything")
def everything_fixture() -> Callable[[Crm], dict[str, dict[UUID, Any]]]:
    """All records of a tenant with their history, by repository and id: to show that nothing has changed."""
    return everything


@pytest.fixture
def counting_ids() -> type[CountingIds]:
    """A source of ids that come in the same order wherever it is used."""
    return CountingIds
