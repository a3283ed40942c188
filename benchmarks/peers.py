"""crmkit beside the ORMs of SQLAlchemy and Django: `python -m benchmarks.peers [--postgresql] [--rounds 7] …`.

Each does the same work on the same data, in crmkit's own table with its indexes and constraints, at equal settings. The
peers are spared what crmkit does beyond: rules, errors in the domain's words, sums and percentages as values. Python's
collector runs as it does by default, so that crmkit gains by pausing it while it builds many records; with
`--uncollected` it is paused for the peers, too.
"""

import argparse
import gc
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol
from uuid import UUID

import attrs
import django
import sqlalchemy
from sqlalchemy import NullPool, create_engine

import crmkit
from benchmarks import peers_django, peers_sqlalchemy
from benchmarks.compare import Measured, Question, Way, measure, table
from benchmarks.floor import COLUMNS, TENANT
from benchmarks.generate import SeededIds, opportunities, prospects, salespersons
from benchmarks.questions import Sizes
from crmkit import Crm, Opportunity, Work
from crmkit.testing.servers import Servers

_NOW: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_PAGE: Final = 50


class Peer(Protocol):
    """An ORM with a session or connection to one database."""

    name: str

    def read_all(self) -> list[Any]:
        """All opportunities, by id."""

    def page(self, close: date, id: UUID, limit: int) -> list[Any]:
        """So many opportunities, by projected close, that come behind that place."""

    def get(self, id: UUID) -> Any:
        """The opportunity with that id, read anew."""

    def insert(self, rows: list[dict[str, Any]]) -> None:
        """Save opportunities with these values, and commit."""

    def close(self) -> None:
        """Let go of what is open."""


_PEERS: Final[tuple[Callable[[str], Peer], ...]] = (peers_sqlalchemy.Peer, peers_django.Peer)


def _connected(url: str) -> Crm:
    return crmkit.connect(url, clock=lambda: _NOW, ids=SeededIds(0))


def _market(crm: Crm, sizes: Sizes) -> list[Opportunity]:
    """Save accounts and salespersons; gives opportunities of theirs that are not on file yet."""
    sellers = [one.id for one in crm.salespersons.add_many(salespersons(20)).records]
    accounts = [one.id for one in crm.prospects.add_many(prospects(sizes.seed, 200)).records]
    return opportunities(sizes.seed, sizes.opportunities, accounts, sellers)


@contextmanager
def _by_hand(url: str) -> Iterator[Callable[[str], Any]]:
    """A connection in autocommit, that runs what it is told."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection.exec_driver_sql


# Reading


def _agree(theirs: list[Any], ours: list[Any]) -> None:
    """The records of both sides, or those of every page, have equal values."""
    for one, other in zip(theirs, ours, strict=True):
        if isinstance(one, list):
            _agree(one, other)
        else:
            assert _facts(one) == _facts(other), "crmkit and the peer give different answers"


def _facts(one: Any) -> tuple[Any, ...]:
    value, currency, share = one.estimated_value, getattr(one, "estimated_value_currency", None), one.probability
    if isinstance(one, Opportunity):
        value, currency = (value.minor, value.currency) if value else (None, None)
        share = share.basis_points if share is not None else None
    plain = (one.id, one.number, one.description, one.account, one.projected_close, one.recorded_at)
    return (*plain, one.stage or "", value, currency, share)


def reading(url: str, sizes: Sizes) -> Iterator[Question]:
    """Read all, a page of 50 by key, and one by id, of the opportunities on file; on connections that are open."""
    with _connected(url) as crm:
        records = list(crm.opportunities.add_many(_market(crm, sizes)).records)
        if not url.startswith("sqlite"):
            with _by_hand(url) as run:
                run("ANALYZE")
        with crm.begin(read_only=True) as work:
            for opened in _PEERS:
                with closing(opened(url)) as peer:
                    yield from _read(work, peer, records, sizes)


def _read(work: Work, peer: Peer, records: list[Opportunity], sizes: Sizes) -> Iterator[Question]:
    file = work.opportunities
    random = Random(sizes.seed)
    ids = [one.id for one in random.choices(records, k=sizes.gets)]
    by_close = sorted((one.projected_close, one.id, one) for one in records if one.projected_close)
    places = random.choices(by_close[: max(1, len(by_close) - _PAGE)], k=sizes.pages)
    query = file.find(sort="projected_close", limit=1).query

    def pages() -> list[list[Opportunity]]:
        cursors = [query.cursor(one) for _, _, one in places]
        return [list(file.find(sort="projected_close", limit=_PAGE, after=cursor)) for cursor in cursors]

    def their_pages() -> list[list[Any]]:
        return [peer.page(close, id, _PAGE) for close, id, _ in places]

    asked: list[tuple[str, float, int, Way, Way]] = [
        (f"read {len(records):,}", 3.5, 1, peer.read_all, lambda: list(file.find())),
        (f"a page of {_PAGE} by key", 6, len(places), their_pages, pages),
        ("get by id", 6, len(ids), lambda: [peer.get(id) for id in ids], lambda: [file.get(id) for id in ids]),
    ]
    for what, target, times, theirs, ours in asked:
        name = f"{what}: {peer.name}"
        yield Question(name=name, target=target, round=_always(theirs, ours), agree=_agree, times=times)


def _always(theirs: Way, ours: Way) -> Callable[[], AbstractContextManager[tuple[Way, Way]]]:
    return lambda: nullcontext((theirs, ours))


# Writing


def _values(records: list[Opportunity], new_id: SeededIds) -> list[dict[str, Any]]:
    """What crmkit saves of these opportunities, whose ids, numbers and keys it makes itself."""
    return [
        {
            "tenant_id": TENANT,
            "id": new_id(),
            "version": 1,
            "recorded_at": _NOW,
            "recorded_by": "",
            "number": f"O{count:06d}",
            "number_key": f"o{count:06d}",
            "description": one.description,
            "description_key": " ".join(one.description.lower().split()),
            "account": one.account,
            "status": one.status or "open",
            "stage": one.stage or None,
            "source": one.source or None,
            "estimated_value": one.estimated_value.minor if one.estimated_value else None,
            "estimated_value_currency": one.estimated_value.currency if one.estimated_value else None,
            "probability": one.probability.basis_points if one.probability is not None else None,
            "projected_close": one.projected_close,
            "salesperson": one.salesperson,
            "forecast_category": one.forecast_category,
            "next_step": one.next_step,
            "follow_up_on": one.follow_up_on,
        }
        for count, one in enumerate(records, 1)
    ]


def inserting(url: str, other: str, sizes: Sizes) -> Iterator[Question]:
    """Insert opportunities and commit, crmkit into one database and the peers into the other, emptied each round."""
    with _connected(url) as crm, _connected(other) as same, _by_hand(url) as run, _by_hand(other) as run_other:
        records = _market(crm, sizes)
        assert _market(same, sizes) == records
        new_id = SeededIds(10**9)
        columns = COLUMNS.removeprefix("id, ")
        stored = f"SELECT number_key, description_key, {columns} FROM opportunity ORDER BY id"  # noqa: S608 - our own names
        vacuum = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)") if url.startswith("sqlite") else ("VACUUM opportunity",)

        def ours() -> None:
            assert not crm.opportunities.add_many(records).faults

        for opened in _PEERS:
            with closing(opened(other)) as peer:

                @contextmanager
                def round_(peer: Peer = peer) -> Iterator[tuple[Way, Way]]:
                    yield lambda: peer.insert(_values(records, new_id)), ours
                    rows = run(stored).fetchall()
                    assert len(rows) == len(records)
                    assert rows == run_other(stored).fetchall(), "not the same was inserted"
                    for tell in (run, run_other):
                        tell("DELETE FROM opportunity")
                        tell("DELETE FROM number_counter WHERE kind = 'opportunity.'")
                        for statement in vacuum:
                            tell(statement)

                name = f"insert and commit {len(records):,}: {peer.name}"
                yield Question(name=name, target=3.5, round=round_, agree=lambda _, __: None)


def measured(urls: list[str], sizes: Sizes) -> list[Measured]:
    """Every question, measured, in three empty databases. Raises AssertionError where crmkit and a peer disagree."""
    found = [measure(question, sizes.rounds) for question in reading(urls[0], sizes)]
    return found + [measure(question, sizes.rounds) for question in inserting(urls[1], urls[2], sizes)]


def main() -> None:
    """Measure, and print the table."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    given.add_argument("--postgresql", action="store_true", help="on the server that tests use (default: on SQLite)")
    given.add_argument("--uncollected", action="store_true", help="with Python's collector paused for both sides")
    for field in attrs.fields(Sizes):
        if field.name != "conversions":
            given.add_argument(f"--{field.name}", type=int, default=field.default, help=f"(default: {field.default})")
    asked = vars(given.parse_args())
    on_server, uncollected = asked.pop("postgresql"), asked.pop("uncollected")
    sizes = Sizes(**asked)
    if uncollected:
        gc.disable()
    servers = Servers(f"peers_{os.getpid()}")
    with TemporaryDirectory(prefix="crmkit-peers-") as folder, closing(servers):
        if on_server:
            urls = [servers.url("postgresql") for _ in range(3)]
            where = "PostgreSQL on loopback, synchronous_commit=on, both sides"
        else:
            urls = [f"sqlite:///{Path(folder) / name}.db" for name in ("reading", "ours", "theirs")]
            where = f"SQLite {sqlite3.sqlite_version}: a file, WAL, synchronous=FULL, both sides"
        found = measured(urls, sizes)
    print(f"Python {sys.version.split()[0]}{', its collector paused' if uncollected else ''}, {where}")
    print(f"SQLAlchemy {sqlalchemy.__version__}, Django {django.__version__}")
    print(f"seed {sizes.seed}, medians of {sizes.rounds} rounds in turns")
    print("ratio: the peer's time as a multiple of crmkit's\n")
    print(table(found, sides=("peer", "crmkit"), at_least=True))


if __name__ == "__main__":
    main()
