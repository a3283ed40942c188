"""The questions, each with crmkit's way and the floor's, on databases that a seed makes."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

import crmkit
from benchmarks import floor
from benchmarks.compare import Question, Way
from benchmarks.generate import SeededIds, opportunities, prospects, salespersons
from crmkit import Crm, Opportunity

__all__ = ["Sizes", "inserting", "reading"]

_NOW: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_PAGE: Final = 50


@attrs.frozen(kw_only=True)
class Sizes:
    """How much is asked: opportunities on file, gets and pages a round, rounds."""

    opportunities: int = 10_000
    gets: int = 1_000
    pages: int = 100
    rounds: int = 9
    seed: int = 1


def _connected(path: Path, start: int = 0) -> Crm:
    return crmkit.connect(f"sqlite:///{path}", clock=lambda: _NOW, ids=SeededIds(start))


def _same(ours: Any, theirs: Any) -> None:
    assert ours == theirs, "crmkit and the floor give different answers"
    assert type(ours) is type(theirs)


@contextmanager
def _market(path: Path, sizes: Sizes, *, filled: bool) -> Iterator[tuple[Crm, list[Opportunity]]]:
    """A database with accounts and salespersons; and opportunities, on file if `filled`."""
    with _connected(path) as crm:
        with crm.begin() as work:
            sellers = [one.id for one in work.salespersons.add_many(salespersons(20)).records]
            accounts = [one.id for one in work.prospects.add_many(prospects(sizes.seed, 200)).records]
            records = opportunities(sizes.seed, sizes.opportunities, accounts, sellers)
            if filled:
                records = list(work.opportunities.add_many(records).records)
        yield crm, records


@contextmanager
def reading(folder: Path, sizes: Sizes) -> Iterator[list[Question]]:
    """Read all, pages of 50 by key, and some by id, of what is on file: a call at a time, and on open work."""
    path = folder / "reading.db"
    with _market(path, sizes, filled=True) as (crm, records), closing(floor.opened(path)) as connection:
        cursor = connection.cursor()
        random = Random(sizes.seed)
        ids = [one.id for one in random.choices(records, k=sizes.gets)]
        many = [one.id for one in random.sample(records, min(500, len(records)))]
        by_close = sorted(
            (one for one in records if one.projected_close), key=lambda one: (one.projected_close, one.id)
        )
        places = random.choices(by_close[: max(1, len(by_close) - _PAGE)], k=sizes.pages)
        query = crm.opportunities.find(sort="projected_close", limit=1).query

        def page(of: Any, one: Opportunity) -> list[Opportunity]:
            return list(of.opportunities.find(sort="projected_close", limit=_PAGE, after=query.cursor(one)))

        def paged(of: Any) -> tuple[Way, Way]:
            return lambda: [page(of, one) for one in places], lambda: [floor.page(cursor, one, _PAGE) for one in places]

        def got(of: Any) -> tuple[Way, Way]:
            return lambda: [of.opportunities.get(id) for id in ids], lambda: [floor.get(cursor, id) for id in ids]

        def checked_out() -> list[Opportunity]:
            found = []
            store: Any = crm.store
            for id in ids:
                held = store.engine.raw_connection()
                found.append(floor.get(held.dbapi_connection.cursor(), id))
                held.close()
            return found

        every: tuple[Way, Way] = (lambda: list(crm.opportunities.all()), lambda: floor.read_all(connection))
        found: tuple[Way, Way] = (lambda: list(crm.opportunities.find()), lambda: floor.read_all(connection))
        count = f"{len(records):,} opportunities"
        with crm.begin(read_only=True) as work:
            several: tuple[Way, Way] = (
                lambda: [work.opportunities.get_many(many) for _ in range(10)],
                lambda: [floor.get_many(cursor, many) for _ in range(10)],
            )
            yield [
                Question(name=f"read {count}: find()", target=1.15, round=_always(found), agree=_same),
                Question(name=f"read {count}: all(), streamed", target=1.15, round=_always(every), agree=_same),
                Question(
                    name="a page of 50 by key", target=2, round=_always(paged(crm)), agree=_same, times=sizes.pages
                ),
                Question(
                    name="a page of 50 by key, on open work",
                    target=1.3,
                    round=_always(paged(work)),
                    agree=_same,
                    times=sizes.pages,
                ),
                Question(name="get by id", target=4, round=_always(got(crm)), agree=_same, times=sizes.gets),
                Question(
                    name="begin, get by id, close: a pool's checkout",
                    target=1.5,
                    round=_always((got(crm)[0], checked_out)),
                    agree=_same,
                    times=sizes.gets,
                ),
                Question(
                    name="get by id, on open work", target=1.3, round=_always(got(work)), agree=_same, times=sizes.gets
                ),
                Question(name="get_many of 500", target=1.3, round=_always(several), agree=_same, times=10),
            ]


def _always(ways: tuple[Way, Way]) -> Callable[[], Any]:
    @contextmanager
    def round_() -> Iterator[tuple[Way, Way]]:
        yield ways

    return round_


def inserting(folder: Path, sizes: Sizes) -> Question:
    """Insert opportunities and commit, each round into fresh copies of one database."""
    base = folder / "empty.db"
    with _market(base, sizes, filled=False) as (_, records):
        pass

    @contextmanager
    def round_() -> Iterator[tuple[Way, Way]]:
        paths = [Path(shutil.copyfile(base, folder / f"insert{which}.db")) for which in (0, 1)]
        with _connected(paths[0], 10**9) as crm:
            connection = floor.opened(paths[1])

            def ours() -> list[Opportunity]:
                with crm.begin() as work:
                    added = work.opportunities.add_many(records)
                assert not added.faults
                return list(added.records)

            def theirs() -> list[Opportunity]:
                floor.insert(connection, records, SeededIds(10**9), _NOW)
                return []

            yield ours, theirs
            assert floor.read_all(connection) == list(crm.opportunities.all()), "not the same was inserted"
            connection.close()
        for path in paths:
            path.unlink()

    name = f"insert and commit {sizes.opportunities:,} opportunities"
    return Question(name=name, target=1.2, round=round_, agree=lambda _, __: None)
