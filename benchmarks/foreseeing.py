"""What it costs to look ahead: `python -m benchmarks.foreseeing [--rows 100000] [--deals 10000]`.

The distribution of open opportunities, in a process of its own: its seconds, and the most memory that the process had.
How learning from closed opportunities, and scoring all of them, grow when there are ten times as many. What a roll-up
costs in a what-if with some changes, and what the explanation of one cell does, over the roll-up of the real store:
medians of the rounds' ratios, in turns. The databases are files of SQLite's, made anew.
"""

import argparse
import resource
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import crmkit
from benchmarks.generate import SeededIds
from benchmarks.rolling import compared, fill, report
from crmkit import Crm, Money

_BY: Final = ("period", "salesperson")
_CLOSED: Final = 0.9
_ROLL_UP: Final = "roll-up"


def made(url: str, count: int, seed: int, closed: float) -> None:
    """Fill an empty database."""
    with crmkit.connect(url, ids=SeededIds(0), durability="off") as crm:
        fill(crm, count, seed, closed)


def spread(url: str, rounds: int) -> tuple[list[float], float]:
    """The seconds that the distribution of all took, round by round, and the megabytes that the process had at most."""
    taken = []
    with crmkit.connect(url) as crm:
        for _ in range(rounds):
            start = perf_counter()
            found = crm.forecasting.distribution()
            assert found.p10.low <= found.p50.low <= found.p90.low
            taken.append(perf_counter() - start)
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(task: Callable[..., Any], *given: Any) -> Any:
    """What a task gives in a process of its own, whose memory is given back."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(task, given)


def learning(urls: dict[int, str], rounds: int) -> None:
    """How the seconds of learning and of scoring grow with what there is to learn from."""
    taken: dict[int, dict[str, list[float]]] = {}
    closed: dict[int, int] = {}
    for count, url in urls.items():
        with crmkit.connect(url) as crm:
            learnt = crm.forecasting.learn()
            closed[count] = crm.opportunities.count(status_category=["won", "lost"])
            assert len(crm.forecasting.scores(learnt=learnt)) == count
            ways: dict[str, Callable[[], Any]] = {
                "learn a score": crm.forecasting.learn,
                "score all": lambda crm=crm, learnt=learnt: crm.forecasting.scores(learnt=learnt),  # type: ignore[misc]
                "learn from time in stage": crm.forecasting.learn_conversion,
            }
            taken[count] = compared(ways, rounds)
    few, many = urls
    print(f"from {closed[few]:,} to {closed[many]:,} closed opportunities, {many / few:.0f} times as many of all:")
    for name, seconds in taken[few].items():
        before, after = median(seconds), median(taken[many][name])
        print(f"  {name:<44} {before * 1e3:>10,.1f} ms {after * 1e3:>10,.1f} ms, {after / before:.1f} times")


def imagining(crm: Crm, changes: int, rounds: int, seed: int) -> None:
    """The roll-up of a what-if with some changes against that of the real store."""
    random = Random(seed)
    chosen = random.sample(list(crm.opportunities.find(status_category="open")), changes)
    with crm.what_if() as imagined:
        for one in chosen:
            imagined.opportunities.update(one, estimated_value=Money.of_minor(random.randint(10**4, 10**8), "EUR"))
        ours = f"what-if with {changes:,} changes"
        ways: dict[str, Callable[[], Any]] = {
            _ROLL_UP: lambda: crm.forecasting.roll_up(by=_BY),
            ours: lambda: imagined.forecasting.roll_up(by=_BY),
        }
        assert ways[_ROLL_UP]().total.count == ways[ours]().total.count
        report(compared(ways, rounds), ours, [_ROLL_UP], "no goal")


def explaining(crm: Crm, rounds: int) -> None:
    """The explanation of a cell against the roll-up that it is in: of one by period and owner, and of one by stage."""
    for by in (_BY, ("stage",)):
        rolled = crm.forecasting.roll_up(by=by)
        key = tuple(max(rolled, key=lambda row: row.count).key.values())
        ours = f"explain a cell by {' and '.join(by)}"
        ways: dict[str, Callable[[], Any]] = {
            _ROLL_UP: lambda by=by: crm.forecasting.roll_up(by=by),  # type: ignore[misc]
            ours: lambda by=by, key=key: crm.forecasting.explain(by=by, key=key),  # type: ignore[misc]
        }
        found = ways[ours]()
        assert found.total == rolled[key].weighted
        report(compared(ways, rounds), ours, [_ROLL_UP], f"of {len(found.parts):,} opportunities; no goal")


def main() -> None:
    """Fill, measure, and print."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.foreseeing", description=__doc__)
    given.add_argument("--rows", type=int, default=100_000, help="opportunities of all else")
    given.add_argument("--deals", type=int, default=10_000, help="open opportunities of a distribution")
    given.add_argument("--changes", type=int, default=100)
    given.add_argument("--rounds", type=int, default=5)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="crmkit-foreseeing-") as folder:
        urls = {count: f"sqlite:///{Path(folder) / f'{count}.db'}" for count in (asked.rows // 10, asked.rows)}
        deals = f"sqlite:///{Path(folder) / 'deals.db'}"
        _apart(made, deals, asked.deals, asked.seed, 0.0)
        seconds, megabytes = _apart(spread, deals, asked.rounds)
        print(f"the distribution of {asked.deals:,} opportunities: {median(seconds):.2f} s (goal: below 1), ", end="")
        print(f"in a process of {megabytes:.0f} MB (goal: below 200)", flush=True)
        for count, url in urls.items():
            _apart(made, url, count, asked.seed, _CLOSED)
        learning(urls, asked.rounds)
        with crmkit.connect(urls[asked.rows]) as crm:
            print(f"of {asked.rows:,} opportunities:", flush=True)
            imagining(crm, asked.changes, asked.rounds, asked.seed)
            explaining(crm, asked.rounds)


if __name__ == "__main__":
    main()
