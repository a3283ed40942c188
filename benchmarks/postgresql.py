"""The comparisons on PostgreSQL: `python -m benchmarks.postgresql [URL] [--opportunities 10000] [--rounds 9] …`.

The server is the one that tests use, unless a URL is given; what is made there is dropped at the end.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

import attrs

import crmkit
from benchmarks import floor_postgresql as floor
from benchmarks.compare import Measured, Question, Way, measure, table
from benchmarks.generate import SeededIds, opportunities, prospects, salespersons
from benchmarks.questions import Sizes
from crmkit import Opportunity
from crmkit.testing.servers import Servers

_NOW: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_PAGE: Final = 50


def _same(ours: Any, theirs: Any) -> None:
    assert ours == theirs, "crmkit and the floor give different answers"


def _always(ours: Way, theirs: Way) -> Callable[[], Any]:
    @contextmanager
    def round_() -> Iterator[tuple[Way, Way]]:
        yield ours, theirs

    return round_


def measured(url: str, sizes: Sizes) -> list[Measured]:
    """Every question, measured. Raises AssertionError where crmkit and the floor do not agree."""
    with crmkit.connect(url, clock=lambda: _NOW, ids=SeededIds(0)) as crm, closing(floor.opened(url)) as connection:
        cursor = connection.cursor()
        with crm.begin() as work:
            sellers = [one.id for one in work.salespersons.add_many(salespersons(20)).records]
            accounts = [one.id for one in work.prospects.add_many(prospects(sizes.seed, 200)).records]
            new = opportunities(sizes.seed, sizes.opportunities, accounts, sellers)
            records = list(work.opportunities.add_many(new).records)
        connection.execute("ANALYZE")
        random = Random(sizes.seed)
        ids = [one.id for one in random.choices(records, k=sizes.gets)]
        many = [one.id for one in random.sample(records, min(500, len(records)))]
        by_close = sorted(
            (one for one in records if one.projected_close), key=lambda one: (one.projected_close, one.id)
        )
        places = random.choices(by_close[: max(1, len(by_close) - _PAGE)], k=sizes.pages)
        query = crm.opportunities.find(sort="projected_close", limit=1).query
        count = f"{len(records):,} opportunities"
        with crm.begin(read_only=True) as work:
            work.opportunities.get(ids[0])

            def page_of(one: Opportunity) -> list[Opportunity]:
                return list(work.opportunities.find(sort="projected_close", limit=_PAGE, after=query.cursor(one)))

            questions = [
                Question(
                    name=f"read {count}",
                    target=1.15,
                    round=_always(lambda: list(work.opportunities.find()), lambda: floor.read_all(cursor)),
                    agree=_same,
                ),
                Question(
                    name="a page of 50 by key, on open work",
                    target=1.3,
                    round=_always(
                        lambda: [page_of(one) for one in places],
                        lambda: [floor.page(cursor, one, _PAGE) for one in places],
                    ),
                    agree=_same,
                    times=sizes.pages,
                ),
                Question(
                    name="get by id, on open work",
                    target=1.3,
                    round=_always(
                        lambda: [work.opportunities.get(id) for id in ids],
                        lambda: [floor.get(cursor, id) for id in ids],
                    ),
                    agree=_same,
                    times=sizes.gets,
                ),
                Question(
                    name="get_many of 500",
                    target=1.3,
                    round=_always(
                        lambda: [work.opportunities.get_many(many) for _ in range(10)],
                        lambda: [floor.get_many(cursor, many) for _ in range(10)],
                    ),
                    agree=_same,
                    times=10,
                ),
            ]
            found = [measure(question, sizes.rounds) for question in questions]
        found.append(measure(_alone(crm, ids), sizes.rounds))
        found.append(measure(_inserting(crm, cursor, new), sizes.rounds))
    return found


def _alone(crm: crmkit.Crm, ids: list[Any]) -> Question:
    """A get as a call by itself, against a checkout of the same pool with the same statement."""
    store: Any = crm.store

    def theirs() -> list[Opportunity]:
        found = []
        for id in ids:
            held = store.engine.raw_connection()
            cursor = store.profile.cursor(held.dbapi_connection)
            found.append(floor.get(cursor, id))
            cursor.close()
            held.close()
        return found

    ways = _always(lambda: [crm.opportunities.get(id) for id in ids], theirs)
    return Question(
        name="begin, get by id, close: a pool's checkout", target=1.5, round=ways, agree=_same, times=len(ids)
    )


def _inserting(crm: crmkit.Crm, cursor: Any, records: list[Opportunity]) -> Question:
    """Insert and commit, each side into the same tables, emptied after each round."""
    before = crm.opportunities.count()
    started = iter(range(10**9, 10**12, 10**7))

    @contextmanager
    def round_() -> Iterator[tuple[Way, Way]]:
        first = next(started)
        ids = SeededIds(next(started))

        def ours() -> int:
            assert not crm.opportunities.add_many(records).faults
            return len(records)

        def theirs() -> int:
            floor.insert(cursor, records, ids, _NOW)
            return len(records)

        object.__setattr__(crm.settings, "ids", SeededIds(first))
        yield ours, theirs
        assert crm.opportunities.count() == before + 2 * len(records)
        cursor.execute("DELETE FROM opportunity WHERE id >= %s", (SeededIds(10**9)().bytes,))
        cursor.execute("VACUUM opportunity")

    return Question(name=f"insert and commit {len(records):,}: binary COPY", target=1.3, round=round_, agree=_same)


def main() -> None:
    """Measure, and print the table."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.postgresql", description=__doc__)
    given.add_argument("url", nargs="?", help="of an empty database (default: one on the server that tests use)")
    for field in attrs.fields(Sizes):
        given.add_argument(f"--{field.name}", type=int, default=field.default, help=f"(default: {field.default})")
    asked = vars(given.parse_args())
    servers = Servers(f"benchmarks_{os.getpid()}")
    url = asked.pop("url") or servers.url("postgresql")
    sizes = Sizes(**asked)
    try:
        found = measured(url, sizes)
    finally:
        servers.close()
    print(f"Python {sys.version.split()[0]}, PostgreSQL on loopback, synchronous_commit=on, both sides")
    print(f"seed {sizes.seed}, medians of {sizes.rounds} rounds in turns\n")
    print(table(found))


if __name__ == "__main__":
    main()
