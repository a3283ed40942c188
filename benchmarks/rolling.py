"""What a roll-up by period and salesperson costs: `python -m benchmarks.rolling sqlite --rows 1000000`.

On an engine it is compared with the best of three statements written by hand for this one question over the same
covering index; in memory, and through Arrow columns, with a loop over the same objects that adds integers. All give the
same figures: how many, gross, weighted, won, lost, open, by category, and how many are incomplete. The rows are made
anew: some won, some lost, one in twenty without a value, half of them with their stage's probability.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import crmkit
from benchmarks.generate import SeededIds, opportunities, prospects, salespersons
from crmkit import Crm, Opportunity
from crmkit.entities import evolve
from crmkit.forecasting import RollUp

_BATCH: Final = 20_000
_URLS: Final = {
    "postgresql": "postgresql+psycopg://postgres@127.0.0.1/test",
    "mariadb": "mysql+pymysql://root@127.0.0.1/test",
}
_BY: Final = ("period", "salesperson")
_OUTCOMES: Final = ("won", "lost", "open")
_CATEGORIES: Final = ("commit", "best_case", "pipeline", "omitted")
_FIGURES: Final = ("count", "incomplete_count", "gross", "weighted", *_OUTCOMES, *_CATEGORIES)
Answer = dict[tuple[Any, Any], tuple[int, ...]]


def fill(crm: Crm, count: int, seed: int, closed: float = 0.4) -> None:
    """Add so many opportunities over eight quarters, a batch at a time: that share of them closed."""
    random = Random(seed)
    for year in (2026, 2027):
        crm.sales_periods.make_year(year, kind="quarter")
    sellers = [one.id for one in crm.salespersons.add_many(salespersons(20)).records]
    accounts = [one.id for one in crm.prospects.add_many(prospects(seed, 200)).records]
    for number in range(0, count, _BATCH):
        size = min(_BATCH, count - number)
        made = [_closed(one, random, closed) for one in opportunities(seed + number, size, accounts, sellers)]
        assert not crm.opportunities.add_many(made).faults


def _closed(one: Opportunity, random: Random, share: float) -> Opportunity:
    if random.random() >= share or one.projected_close is None:
        return one
    day = one.projected_close + timedelta(days=random.randint(-20, 20))
    return evolve(one, status=random.choice(("won", "lost")), closed_on=day)


def told(rolled: RollUp) -> Answer:
    """The figures of a roll-up, in minor units."""
    return {
        tuple(row.key.values()): tuple(  # type: ignore[misc]
            getattr(held, "minor", held) for held in (getattr(row, name) for name in _FIGURES)
        )
        for row in rolled
        if row.count
    }


class ByHand:
    """Statements for this one question, with the codes of the starter set in them."""

    def __init__(self, crm: Crm) -> None:
        store: Any = crm.store
        self.periods = sorted(crm.sales_periods.all(), key=lambda one: one.starts_on)
        self.divides = store.profile.divides
        self.day = "DATE " if store.profile.name != "SQLite" else ""
        stages = [value for value in crm.stages.all() if value.probability is not None]
        likely = " ".join(f"WHEN '{one.code}' THEN {one.probability.basis_points}" for one in stages if one.probability)
        told = " ".join(f"WHEN '{one.code}' THEN '{one.forecast_category}'" for one in stages)
        numbers = " ".join(f"WHEN '{one.code}' THEN {_CATEGORIES.index(one.forecast_category)}" for one in stages)
        own = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(_CATEGORIES))
        product = f"estimated_value * COALESCE(probability, CASE stage {likely} END)"
        self.product = product
        self.weighted = f"({product} + 4999 + ({product} {self.divides} 10000) % 2) {self.divides} 10000"
        self.category = f"COALESCE(NULLIF(forecast_category, ''), CASE stage {told} END)"
        self.standing = (
            f"CASE status WHEN 'won' THEN 10 WHEN 'lost' THEN 11 ELSE COALESCE(CASE forecast_category {own} END, "
            f"CASE stage {numbers} END, 12) END"
        )
        self.foreign = "COUNT(CASE WHEN estimated_value_currency <> 'EUR' THEN 1 END)"
        self.of = "FROM opportunity WHERE tenant_id = 'default'"

    @property
    def statements(self) -> dict[str, str]:
        """Each by its name; `answer` reads the rows of all but the first, `plain` those of the first."""
        close = "COALESCE(closed_on, projected_close)"
        edges = [self._day(one.starts_on) for one in self.periods]
        edges.append(self._day(self.periods[-1].ends_on + timedelta(days=1)))
        bucket = f"CASE WHEN {close} IS NULL THEN -1 ELSE {_halved(close, edges, 0)} END"
        sums = (
            f"COUNT(*), COUNT(estimated_value), COUNT({self.product}), SUM(estimated_value), SUM({self.weighted}), "
            f"{self.foreign}"
        )
        arms = []
        for place in range(len(edges) + 1):
            bounds = ([f"{{0}} >= {edges[place - 1]}"] if place else []) + (
                [f"{{0}} < {edges[place]}"] if place < len(edges) else []
            )
            met = " AND ".join(bounds)
            arms += [
                self._arm(place, sums, met.format("closed_on")),
                self._arm(place, sums, f"closed_on IS NULL AND {met.format('projected_close')}"),
            ]
        arms.append(self._arm(-1, sums, "closed_on IS NULL AND projected_close IS NULL"))
        return {
            "a sum for each figure": self._plain(bucket),
            "a number for how it stands": (
                f"SELECT {bucket}, salesperson, {self.standing}, {sums} {self.of} GROUP BY 1, 2, 3"
            ),
            "a range of days after the other": " UNION ALL ".join(arms),
        }

    def _arm(self, place: int, sums: str, met: str) -> str:
        return (
            f"SELECT {place} AS p, salesperson AS s, {self.standing} AS c, {sums} {self.of} AND {met} "
            f"GROUP BY salesperson, {self.standing}"
        )

    def _plain(self, bucket: str) -> str:
        value = "estimated_value"
        still_open = "status = 'open'"
        counted = [
            "COUNT(*)",
            f"COUNT(CASE WHEN {value} IS NULL OR ({still_open} AND {self.product} IS NULL) THEN 1 END)",
            f"SUM({value})",
            f"SUM(CASE status WHEN 'won' THEN {value} WHEN 'open' THEN {self.weighted} END)",
            *(f"SUM(CASE WHEN status = '{name}' THEN {value} END)" for name in _OUTCOMES),
            *(f"SUM(CASE WHEN {still_open} AND {self.category} = '{name}' THEN {value} END)" for name in _CATEGORIES),
            self.foreign,
        ]
        return f"SELECT {bucket}, salesperson, {', '.join(counted)} {self.of} GROUP BY 1, 2"

    def _day(self, day: date) -> str:
        return f"{self.day}'{day.isoformat()}'"

    def plain(self, rows: Sequence[Sequence[Any]]) -> Answer:
        """What the rows of the first statement say."""
        found: dict[tuple[Any, Any], list[int]] = defaultdict(lambda: [0] * len(_FIGURES))
        for bucket, seller, *figures, foreign in rows:
            assert not foreign
            held = found[self._period(bucket), _id(seller)]
            held[:] = [one + int(more or 0) for one, more in zip(held, figures, strict=True)]
        return {key: tuple(figures) for key, figures in found.items()}

    def answer(self, rows: Sequence[Sequence[Any]]) -> Answer:
        """What the rows of the other statements say."""
        found: dict[tuple[Any, Any], list[int]] = defaultdict(lambda: [0] * len(_FIGURES))
        for bucket, seller, standing, count, valued, likely, gross, weighted, foreign in rows:
            if not count:
                continue
            assert not foreign
            figures, gross_, weighted_ = found[self._period(bucket), _id(seller)], int(gross or 0), int(weighted or 0)
            outcome = {10: 0, 11: 1}.get(standing, 2)
            figures[0] += count
            figures[1] += count - (likely if outcome == 2 else valued)
            figures[2] += gross_
            figures[3] += (gross_, 0, weighted_)[outcome]
            figures[4 + outcome] += gross_
            if standing < len(_CATEGORIES):
                figures[7 + standing] += gross_
        return {key: tuple(figures) for key, figures in found.items()}

    def _period(self, bucket: int) -> str | None:
        return self.periods[bucket - 1].code if 0 < bucket <= len(self.periods) else None


def _halved(value: str, edges: Sequence[str], first: int) -> str:
    if not edges:
        return str(first)
    middle = len(edges) // 2
    below, above = _halved(value, edges[:middle], first), _halved(value, edges[middle + 1 :], first + middle + 1)
    return f"CASE WHEN {value} < {edges[middle]} THEN {below} ELSE {above} END"


def _id(value: Any) -> Any:
    return None if value is None else bytes(value) if not hasattr(value, "bytes") else value.bytes


def loop(objects: Sequence[Opportunity], crm: Crm) -> Callable[[], Answer]:
    """A loop that somebody writes by hand for this one question: integers, and each thing looked up once."""
    periods = sorted(crm.sales_periods.all(), key=lambda one: one.starts_on)
    codes = {
        day: one.code
        for one in periods
        for day in (one.starts_on + timedelta(days=d) for d in range((one.ends_on - one.starts_on).days + 1))
    }
    stages = {one.code: one for one in crm.stages.all()}
    likely = {code: one.probability.basis_points for code, one in stages.items() if one.probability is not None}
    categories = {code: one.forecast_category for code, one in stages.items()}
    places = {name: 7 + place for place, name in enumerate(_CATEGORIES)}

    def run() -> Answer:
        found: dict[tuple[Any, Any], list[int]] = {}
        for one in objects:
            key = (codes.get(one.closed_on or one.projected_close), one.salesperson)  # type: ignore[arg-type]
            figures = found.get(key)
            if figures is None:
                figures = found[key] = [0] * len(_FIGURES)
            figures[0] += 1
            value = one.estimated_value
            if value is None:
                figures[1] += 1
                continue
            if value.currency != "EUR":
                raise ValueError("of one currency alone")
            gross = value.minor
            figures[2] += gross
            status = one.status
            if status == "open":
                figures[6] += gross
                share = one.probability
                points = likely.get(one.stage) if share is None else share.basis_points
                if points is None:
                    figures[1] += 1
                else:
                    whole, rest = divmod(gross * points, 10_000)
                    figures[3] += whole + (rest > 5_000 or (rest == 5_000 and whole & 1))
                place = places.get(one.forecast_category or categories.get(one.stage, ""))
                if place is not None:
                    figures[place] += gross
            elif status == "won":
                figures[3] += gross
                figures[4] += gross
            else:
                figures[5] += gross
        return {key: tuple(figures) for key, figures in found.items()}

    return run


def compared(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """The seconds that each way took in each round, in turns; a first round warms up and is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    order = list(ways)
    for number in range(rounds + 1):
        for name in order if number % 2 else reversed(order):
            start = perf_counter()
            ways[name]()
            if number:
                taken[name].append(perf_counter() - start)
    return taken


def report(taken: dict[str, list[float]], ours: str, others: Sequence[str], target: str) -> None:
    """The medians, and what ours takes of the best of the others: the median of the rounds' ratios."""
    for name, seconds in taken.items():
        print(f"  {name:<44} {median(seconds) * 1e3:>10,.1f} ms")
    best = min(others, key=lambda name: median(taken[name]))
    ratios = [one / other for one, other in zip(taken[ours], taken[best], strict=True)]
    print(f"  {ours}: {median(ratios):.3f} of {best!r} ({min(ratios):.3f} to {max(ratios):.3f}; {target})")


@contextmanager
def _database(engine: str, url: str) -> Iterator[str]:
    if engine == "sqlite":
        with TemporaryDirectory(prefix="crmkit-rolling-") as folder:
            yield f"sqlite:///{Path(folder) / 'rolling.db'}"
        return
    given, name = make_url(url or _URLS[engine]), "crmkit_rolling"
    server = create_engine(given, isolation_level="AUTOCOMMIT")
    force = " WITH (FORCE)" if engine == "postgresql" else ""
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}{force}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield given.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name}{force}"))
    server.dispose()


def of_engine(engine: str, url: str, count: int, rounds: int, seed: int) -> None:
    """The roll-up on an engine, and that of one group, against statements by hand."""
    settings = {"durability": "off"} if engine == "sqlite" else {}
    with (
        _database(engine, url) as made,
        crmkit.connect(made, ids=SeededIds(0), **settings) as crm,
        closing(create_engine(make_url(made), isolation_level="AUTOCOMMIT").raw_connection()) as connection,
    ):
        fill(crm, count, seed)
        cursor = connection.cursor()
        if engine == "postgresql":
            cursor.execute("SET jit = off")  # as crmkit has it: what is by hand is the faster for it too
        verbs = {"postgresql": "VACUUM ANALYZE opportunity", "mariadb": "ANALYZE TABLE opportunity"}
        cursor.execute(verbs.get(engine, "ANALYZE"))
        if engine == "mariadb":
            cursor.fetchall()
        print(f"{engine}, {count:,} opportunities:", flush=True)
        ways = _by_hand(crm, cursor)
        by_hand = list(ways)
        ours = {(key[0], _id(key[1])): figures for key, figures in told(crm.forecasting.roll_up(by=_BY)).items()}
        for name in by_hand:
            assert ways[name]() == ours, f"{name!r} gives another answer"
        seller = next(iter(crm.salespersons.all()))
        ways["crmkit"] = lambda: crm.forecasting.roll_up(by=_BY)
        ways["crmkit, of one quarter"] = lambda: crm.forecasting.roll_up(by="salesperson", period="2026-Q3")
        ways["crmkit, of one quarter and salesperson"] = lambda: crm.forecasting.roll_up(
            period="2026-Q3", salesperson=seller
        )
        report(compared(ways, rounds), "crmkit", by_hand, "goal: at most 1.2")
        cursor.close()


def _by_hand(crm: Crm, cursor: Any) -> dict[str, Callable[[], Any]]:
    """The statements by hand, each by its name."""
    store: Any = crm.store
    hand = ByHand(crm)

    def asking(statement: str, read: Callable[[Any], Answer]) -> Callable[[], Answer]:
        said = statement if store.profile.mark == "?" else statement.replace("%", "%%")
        given = () if store.profile.mark == "?" else ((),)

        def ask() -> Answer:
            cursor.execute(said, *given)
            return read(cursor.fetchall())

        return ask

    return {
        name: asking(statement, hand.plain if place == 0 else hand.answer)
        for place, (name, statement) in enumerate(hand.statements.items())
    }


def of_objects(*, arrow: bool, count: int, rounds: int, seed: int) -> None:
    """The roll-up in memory, or through Arrow columns, against a loop over the same objects."""
    with crmkit.connect("memory:", ids=SeededIds(0)) as crm:
        fill(crm, count, seed)
        objects = list(crm.opportunities.all())
        ways: dict[str, Callable[[], Any]] = {"a loop over the objects": loop(objects, crm)}
        expected = ways["a loop over the objects"]()
        if arrow:
            start = perf_counter()
            columns = crm.forecasting.columns()
            print(f"columns of {count:,} opportunities made in {perf_counter() - start:.1f} s")
            ways["crmkit"] = lambda: columns.roll_up(by=_BY)
        else:
            ways["crmkit"] = lambda: crm.forecasting.roll_up(by=_BY)
        assert told(ways["crmkit"]()) == expected, "another answer"
        print(f"{'Arrow columns' if arrow else 'memory'}, {count:,} opportunities:")
        goal = "goal: at most 0.067, fifteen times faster" if arrow else "goal: at most 1.2"
        report(compared(ways, rounds), "crmkit", ["a loop over the objects"], goal)


def main() -> None:
    """Fill, measure, and print."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.rolling", description=__doc__)
    given.add_argument("of", choices=("sqlite", "postgresql", "mariadb", "memory", "arrow"))
    given.add_argument("--rows", type=int, default=1_000_000)
    given.add_argument("--rounds", type=int, default=7)
    given.add_argument("--seed", type=int, default=1)
    given.add_argument("--url", default="", help="of a server's database; one of its own is made beside it")
    asked = given.parse_args()
    if asked.of in ("memory", "arrow"):
        of_objects(arrow=asked.of == "arrow", count=asked.rows, rounds=asked.rounds, seed=asked.seed)
    else:
        of_engine(asked.of, asked.url, asked.rows, asked.rounds, asked.seed)


if __name__ == "__main__":
    main()
