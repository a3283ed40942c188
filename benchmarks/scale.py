"""What stays as it is when there are many: `python -m benchmarks.scale [URL] [--opportunities 1000000]`.

The memory that streaming all of them takes, the bytes of one that is held, what a page costs at any depth, as a
ratio to the first page, and what roll-ups and pages of the past cost, a tenth of them changed once, as a ratio to those
of the present. The database is a file of SQLite's unless a URL is given, and is made anew.
"""

import argparse
import gc
import resource
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import crmkit
from benchmarks.generate import SeededIds, opportunities, prospects, salespersons
from crmkit import Crm
from crmkit.changes import Changes, Update
from crmkit.entities import evolve

_BATCH = 20_000


def fill(url: str, count: int, seed: int) -> None:
    """Add so many opportunities, a batch at a time."""
    durability = {"durability": "off"} if url.startswith("sqlite") else {}
    with crmkit.connect(url, ids=SeededIds(0), **durability) as crm:
        _fill(crm, count, seed)


def _fill(crm: Crm, count: int, seed: int) -> None:
    sellers = [one.id for one in crm.salespersons.add_many(salespersons(20)).records]
    accounts = [one.id for one in crm.prospects.add_many(prospects(seed, 200)).records]
    for number in range(0, count, _BATCH):
        size = min(_BATCH, count - number)
        assert not crm.opportunities.add_many(opportunities(seed + number, size, accounts, sellers)).faults


def change(crm: Crm, seed: int) -> None:
    """Change a tenth of them, spread over all, a batch at a time."""
    random = Random(seed)
    chosen = [one for one in crm.opportunities.all() if random.random() < 0.1]
    for start in range(0, len(chosen), _BATCH):
        with crm.begin() as work:
            made = [
                Update(one, evolve(one, next_step="ask again", probability=50))
                for one in chosen[start : start + _BATCH]
            ]
            work.unit.apply(Changes(updates=made))


def past(crm: Crm, seed: int) -> list[tuple[str, float]]:
    """What questions cost as of before the changes and as of now, over their cost now; medians of rounds in turns."""
    settled = next(iter(crm.opportunities.find(sort="-id", limit=1))).recorded_at
    assert settled is not None
    change(crm, seed)
    views = {"now": crm, "before the changes": crm.as_of(settled), "after them": crm.as_of(crm.now())}
    totals = {name: view.forecasting.roll_up().total.count for name, view in views.items()}
    assert len(set(totals.values())) == 1, totals
    random = Random(seed)
    query = crm.opportunities.find(sort="projected_close", limit=1).query
    places = [query.cursor(one) for one in crm.opportunities.all(sort="projected_close") if random.random() < 0.0001]
    found = []
    with ExitStack() as stack:
        open_ = {name: stack.enter_context(view.begin(read_only=True)) for name, view in views.items()}
        asked: dict[str, tuple[int, Callable[[Any, int], Any]]] = {
            "roll-up by period and salesperson": (
                5,
                lambda work, _: work.forecasting.roll_up(by=("period", "salesperson")),
            ),
            "a page of 50 by projected_close": (
                60,
                lambda work, turn: work.opportunities.find(
                    sort="projected_close", limit=50, after=places[turn % len(places)]
                ),
            ),
            "a page of 50 by id": (60, lambda work, _: work.opportunities.find(limit=50)),
        }
        for name, (rounds, ask) in asked.items():
            taken: dict[str, list[float]] = {view: [] for view in open_}
            for turn in range(rounds + 1):
                for view, work in open_.items():
                    start = perf_counter()
                    ask(work, turn)
                    taken[view].append(perf_counter() - start)
            for view in list(open_)[1:]:
                ratios = [one / now for one, now in zip(taken[view][1:], taken["now"][1:], strict=True)]
                found.append((f"{name}, as of {view}", median(ratios)))
    return found


def streaming(crm: Crm) -> tuple[int, float]:
    """How many were streamed, and by how many megabytes the process has grown at its largest."""
    next(iter(crm.opportunities.all()))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in crm.opportunities.all())
    return count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def held(crm: Crm) -> float:
    """Bytes of one opportunity among many that are held, all that belongs to it included."""
    crm.opportunities.find(limit=10)
    gc.collect()
    tracemalloc.start()
    found = list(crm.opportunities.find(limit=_BATCH))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(found)


def pages(crm: Crm, sort: str, seed: int) -> list[tuple[str, float]]:
    """What a page of 50 costs at depths of 10, 50 and 90 in 100, over the first one's cost; medians of 15 in turns."""
    total = crm.opportunities.count()
    query = crm.opportunities.find(sort=sort, limit=1).query
    wanted = {int(total * share): share for share in (0.1, 0.5, 0.9)}
    places: dict[float, Any] = {}
    for number, one in enumerate(crm.opportunities.all(sort=sort)):
        if number in wanted:
            places[wanted[number]] = query.cursor(one)
    taken: dict[float, list[float]] = {share: [] for share in (0.0, *places)}
    random = Random(seed)
    for _ in range(16):
        order = list(taken)
        random.shuffle(order)
        for share in order:
            start = perf_counter()
            found = crm.opportunities.find(sort=sort, limit=50, after=places.get(share))
            taken[share].append(perf_counter() - start)
            assert len(found) == 50
    first = median(taken[0.0][1:])
    return [(f"{share:.0%} deep", median(taken[share][1:]) / first) for share in places]


def main() -> None:
    """Fill, measure, and print."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    given.add_argument("url", nargs="?", help="of an empty database (default: a file of SQLite's)")
    given.add_argument("--opportunities", type=int, default=1_000_000)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="crmkit-scale-") as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'scale.db'}"
        start = perf_counter()
        filling = get_context("spawn").Process(target=fill, args=(url, asked.opportunities, asked.seed))
        filling.start()  # a process of its own, whose memory is not counted
        filling.join()
        assert filling.exitcode == 0
        print(f"{asked.opportunities:,} opportunities added in {perf_counter() - start:.0f} s", flush=True)
        with crmkit.connect(url) as crm:
            count, growth = streaming(crm)
            print(f"streaming {count:,}: {growth:.1f} MB of growth")
            print(f"one that is held: {held(crm):,.0f} bytes")
            for sort in ("", "projected_close"):
                for depth, ratio in pages(crm, sort, asked.seed):
                    print(f"a page of 50 by {sort or 'id'}, {depth}: {ratio:.2f} of the first page", flush=True)
            for name, ratio in past(crm, asked.seed):
                print(f"{name}: {ratio:.2f} of the present")


if __name__ == "__main__":
    main()
