"""What a waterfall costs, as a ratio to a roll-up by the same rows: `python -m benchmarks.flowing [URL]`.

Some opportunities are changed after an instant, so many that a tenth moves: close dates are pushed, values change,
owners do, deals are won. Then a roll-up and a waterfall since that instant are asked in turns; what counts is the
median of the rounds' ratios. The database is a file of SQLite's unless a URL is given, and is made anew.
"""

import argparse
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final
from uuid import UUID

import crmkit
from benchmarks.scale import fill
from crmkit import Crm, Money, Opportunity
from crmkit.changes import Changes, Update
from crmkit.entities import evolve

__all__ = ["change", "compared", "main"]

_BATCH: Final = 20_000
_BY: Final = ("period", "salesperson")


def change(crm: Crm, seed: int) -> int:
    """Change some of them, spread over all, a batch at a time, so that a tenth of all moves; how many."""
    random = Random(seed)
    sellers = [one.id for one in crm.salespersons.all()]
    chosen = [one for one in crm.opportunities.all() if random.random() < 0.12]
    for start in range(0, len(chosen), _BATCH):
        with crm.begin() as work:
            batch = chosen[start : start + _BATCH]
            work.unit.apply(Changes(updates=[Update(one, _changed(one, random, sellers)) for one in batch]))
    return len(chosen)


def _changed(one: Opportunity, random: Random, sellers: list[UUID]) -> Opportunity:
    match random.randrange(4):
        case 0:
            later = (one.projected_close or date(2026, 1, 1)) + timedelta(days=random.randint(1, 200))
            return evolve(one, projected_close=later)
        case 1:
            return evolve(one, estimated_value=Money.of_minor(random.randint(10**4, 10**8), "EUR"))
        case 2:
            return evolve(one, salesperson=random.choice(sellers))
        case _:
            return evolve(one, status="won", closed_on=date(2026, 11, 1))


def compared(crm: Crm, seed: int, rounds: int) -> tuple[int, int, list[tuple[float, float]]]:
    """How many were changed, how many of them moved, and the seconds of roll-up and waterfall, round by round."""
    crm.sales_periods.make_year(2026)
    start = max(one.recorded_at for one in crm.opportunities.find(sort="-id", limit=1) if one.recorded_at)
    changed = change(crm, seed)
    taken: list[tuple[float, float]] = []
    moved = 0
    for _ in range(rounds + 1):
        begun = perf_counter()
        rolled = crm.forecasting.roll_up(by=_BY)
        between = perf_counter()
        found = crm.forecasting.waterfall(start=start, by=_BY)
        taken.append((between - begun, perf_counter() - between))
        assert found.total.end == rolled.total.open, "the waterfall and the roll-up do not agree"
        moved = len(found.movements)
    return changed, moved, taken[1:]


def main() -> None:
    """Fill, change, measure, and print."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.flowing", description=__doc__)
    given.add_argument("url", nargs="?", help="of an empty database (default: a file of SQLite's)")
    given.add_argument("--opportunities", type=int, default=1_000_000)
    given.add_argument("--rounds", type=int, default=9)
    given.add_argument("--seed", type=int, default=1)
    asked = given.parse_args()
    with TemporaryDirectory(prefix="crmkit-flowing-") as folder:
        url = asked.url or f"sqlite:///{Path(folder) / 'flowing.db'}"
        filling = get_context("spawn").Process(target=fill, args=(url, asked.opportunities, asked.seed))
        filling.start()  # a process of its own, whose memory is given back
        filling.join()
        assert filling.exitcode == 0
        with crmkit.connect(url) as crm:
            changed, moved, taken = compared(crm, asked.seed, asked.rounds)
    ratio = median(flowing / rolling for rolling, flowing in taken)
    print(f"{asked.opportunities:,} opportunities, {changed:,} changed, of which {moved:,} moved")
    print(f"roll-up {median(one for one, _ in taken):.3f} s, waterfall {median(one for _, one in taken):.3f} s")
    print(f"a waterfall is {ratio:.2f} of a roll-up (goal: at most 3)")


if __name__ == "__main__":
    main()
