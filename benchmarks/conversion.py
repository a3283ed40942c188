"""The conversion, measured: `python -m benchmarks.conversion [sqlite postgresql mariadb] [--rounds 9] …`.

A prospect with 20 dependants is converted in a transaction of its own, durably: by nine statements on the bare driver
that re-point them, by crmkit from a plan that was made before, by crmkit with the plan, and by the ORM of SQLAlchemy.
Each side has a database of its own with the same records, crmkit's schema and its indexes; all of them convert one
prospect in turns, and what counts is the median of the rounds' ratios. Afterwards the customers have the same on every
side.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import attrs
from sqlalchemy import create_engine

import crmkit
from benchmarks.generate import DEPENDANTS, SeededIds, prospects, salespersons
from benchmarks.repointing import ByHand, by_hand
from benchmarks.repointing_orm import ByOrm
from crmkit import (
    ContactAccount,
    Crm,
    Estimate,
    Interaction,
    Lead,
    Note,
    Opportunity,
    SalesContact,
    TeamAssignment,
    Work,
)
from crmkit.conversion.prospects import Carried
from crmkit.testing.servers import Servers

__all__ = ["ENGINES", "GOALS", "Sizes", "main"]

ENGINES: Final = ("sqlite", "postgresql", "mariadb")
GOALS: Final[Mapping[str, Mapping[str, float]]] = {
    "sqlite": {"apply": 0.7, "plan, apply": 1.0, "ORM / plan, apply": 8, "bulk": 2.5},
    "postgresql": {"apply": 0.35, "plan, apply": 0.7, "ORM / plan, apply": 4, "bulk": 1.3},
    "mariadb": {"apply": 0.7, "plan, apply": 1.5},
}
"""The ratios that are not to be exceeded; of the ORM's time to crmkit's, to be reached."""

_NOW: Final = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_AT: Final = 1_793_606_400_000_000
_PEOPLE: Final = 20


@attrs.frozen(kw_only=True)
class Sizes:
    """Conversions of each side in a round, rounds; dependants of large prospects; prospects of a bulk, its rounds."""

    conversions: int = 20
    rounds: int = 9
    many: int = 10_000
    bulk: int = 1_000
    bulks: int = 3
    seed: int = 1


# What is converted


def filled(crm: Crm, sizes: Sizes, count: int, dependants: Mapping[str, int], start: int = 0) -> list[UUID]:
    """So many prospects with so many dependants each; their ids."""
    with crm.begin() as work:
        sellers = [one.id for one in work.salespersons.add_many(salespersons(_PEOPLE)).records]
        persons = [
            SalesContact(family_name=f"Person {number}") for number in range(max(3, dependants["contact_accounts"]))
        ]
        contacts = [one.id for one in work.sales_contacts.add_many(persons).records]
        made = work.prospects.add_many(prospects(sizes.seed + start, count)).records
        for kind, per, make in _makers(sellers, contacts):
            width = dependants[per]
            added = work.repository(kind).add_many(
                make(account.id, number) for account in made for number in range(width)
            )
            if added.faults:
                raise AssertionError(str(added))
    return [one.id for one in made]


def _makers(sellers: list[UUID], contacts: list[UUID]) -> list[tuple[type[Any], str, Callable[[UUID, int], Any]]]:
    return [
        (Lead, "leads", lambda id, number: Lead(account=id, description=f"Inquiry {number}")),
        (
            Opportunity,
            "opportunities",
            lambda id, number: Opportunity(account=id, description=f"Sale {number}", stage="proposal"),
        ),
        (Estimate, "estimates", lambda id, _: Estimate(account=id)),
        (
            ContactAccount,
            "contact_accounts",
            lambda id, number: ContactAccount(sales_contact=contacts[number], account=id),
        ),
        (Interaction, "interactions", lambda id, number: Interaction(subject=id, description=f"Call {number}")),
        (
            TeamAssignment,
            "team_assignments",
            lambda id, number: TeamAssignment(target=id, holder=sellers[number % _PEOPLE]),
        ),
        (Note, "notes", lambda id, number: Note(target=id, text=f"Remark {number}")),
    ]


def hanging(work: Work, customer: UUID) -> dict[str, int]:
    """How many records of each kind hang from a customer."""
    work.customers.get(customer)
    found = Carried.of(work.unit.registry).counts(work.unit, customer)
    return {plural: count for plural, count in found.items() if count and plural in DEPENDANTS}


# One by one


@contextmanager
def sides(engine: str, new_url: Callable[[], str], sizes: Sizes) -> Iterator[tuple[list[Crm], list[str], list[UUID]]]:
    """Three databases with the same prospects: crmkit's own, that of the statements by hand, and the ORM's."""
    count = 2 * sizes.conversions * (sizes.rounds + 1)
    with ExitStack() as held:
        crms, urls, ids = [], [], []
        for _ in range(3):
            urls.append(new_url())
            crms.append(held.enter_context(crmkit.connect(urls[-1], clock=lambda: _NOW, ids=SeededIds(0))))
            ids = filled(crms[-1], sizes, count, DEPENDANTS)
            analyzed(engine, urls[-1], crms[-1])
        yield crms, urls, ids


def analyzed(engine: str, url: str, crm: Crm) -> None:
    """Let a server count its rows, as it does by itself in time."""
    if engine == "sqlite":
        return
    store: Any = crm.store
    made = create_engine(url, isolation_level="AUTOCOMMIT")
    with made.connect() as connection:
        verb = "VACUUM ANALYZE" if engine == "postgresql" else "ANALYZE TABLE"
        for table in store.schema.of_tenants:
            connection.exec_driver_sql(store.profile.quoted(f'{verb} "{table}"'))
    made.dispose()


def one_by_one(engine: str, new_url: Callable[[], str], sizes: Sizes) -> dict[str, list[float]]:
    """The seconds that each way took for a conversion, round by round. Raises AssertionError where sides differ."""
    with sides(engine, new_url, sizes) as (crms, urls, ids):
        crm, other, third = crms
        store: Any = crm.store
        hand, orm = by_hand(engine, urls[1], store.schema.metadata), ByOrm(urls[2], store.schema.metadata)
        new_id, numbers = SeededIds(2 * 10**9), iter(range(1, 10**9))
        stored: Callable[[UUID], Any] = str if engine == "postgresql" else lambda id: id.bytes
        taken: dict[str, list[float]] = {"hand": [], "apply": [], "plan, apply": [], "ORM": []}
        left = iter(ids)
        for number in range(sizes.rounds + 1):
            gc.collect()
            first, second = ([next(left) for _ in range(sizes.conversions)] for _ in range(2))
            new = [new_id() for _ in first]
            seconds = dict.fromkeys(taken, 0.0)
            for place, (one, another, made) in enumerate(zip(first, second, new, strict=True)):
                given = f"C{next(numbers):06d}", _AT
                plan = crm.conversion.plan(one)
                ways: dict[str, Callable[[], object]] = {
                    "hand": partial(hand.convert, one, made, *given),
                    "apply": partial(crm.conversion.apply, plan),
                    "plan, apply": partial(_converted, crm, another),
                    "ORM": partial(orm.convert, stored(one), stored(made), *given),
                }
                for way, spent in in_turns(ways, number + place).items():
                    seconds[way] += spent
            _agree(crm, [*first, *second])
            _agree(other, new)
            _agree(third, new)
            if number:
                for way, spent in seconds.items():
                    taken[way].append(spent / sizes.conversions)
        hand.close()
        orm.close()
    return taken


def in_turns(ways: Mapping[str, Callable[[], object]], number: int) -> dict[str, float]:
    """The seconds of each way, in an order that moves on by one from time to time."""
    names = list(ways)
    seconds: dict[str, float] = {}
    for name in names[number % len(names) :] + names[: number % len(names)]:
        start = perf_counter()
        ways[name]()
        seconds[name] = perf_counter() - start
    return seconds


def _converted(crm: Crm, account: UUID) -> None:
    crm.conversion.apply(crm.conversion.plan(account))


def _agree(crm: Crm, customers: Sequence[UUID]) -> None:
    with crm.begin(read_only=True) as work:
        for one in customers:
            assert hanging(work, one) == DEPENDANTS, "not everything carried over"


# However many hang from it


def by_dependants(engine: str, url: str, sizes: Sizes) -> dict[str, list[float]]:
    """The seconds of applying a plan, and of counting alone, where ten records hang from a prospect, and many."""
    few = {**dict.fromkeys(DEPENDANTS, 1), "leads": 4}
    per, rest = divmod(sizes.many, len(DEPENDANTS))
    many = {**dict.fromkeys(DEPENDANTS, per), "leads": per + rest}
    many |= {"team_assignments": min(per, _PEOPLE), "leads": per + rest + per - min(per, _PEOPLE)}
    taken: dict[str, list[float]] = {"few": [], "few, counts": [], "many": [], "many, counts": []}
    with crmkit.connect(url, clock=lambda: _NOW, ids=SeededIds(0)) as crm:
        accounts = {"few": [], "many": []}
        for place, (name, dependants) in enumerate({"few": few, "many": many}.items()):
            accounts[name] = filled(crm, sizes, sizes.bulks + 3, dependants, start=place + 1)
        analyzed(engine, url, crm)
        for number in range(sizes.bulks + 3):
            for name in ("few", "many") if number % 2 else ("many", "few"):
                plan = crm.conversion.plan(accounts[name][number])
                for what, way in (("", partial(crm.conversion.apply, plan)), (", counts", partial(_count, crm, plan))):
                    gc.collect()
                    start = perf_counter()
                    way()
                    if number:
                        taken[name + what].append(perf_counter() - start)
    return taken


def _count(crm: Crm, plan: Any) -> None:
    with crm.begin() as work:
        Carried.of(work.unit.registry).counts(work.unit, plan.prospect.id)


# In bulk


def in_bulk(engine: str, new_url: Callable[[], str], sizes: Sizes) -> dict[str, list[float]]:
    """The seconds of converting many prospects: by crmkit, a batch a transaction, and by set-based statements."""
    taken: dict[str, list[float]] = {"hand": [], "bulk": []}
    count = sizes.bulk * (sizes.bulks + 1)
    with (
        crmkit.connect(url := new_url(), clock=lambda: _NOW, ids=SeededIds(0)) as crm,
        crmkit.connect(other_url := new_url(), clock=lambda: _NOW, ids=SeededIds(0)) as other,
    ):
        ids = filled(crm, sizes, count, DEPENDANTS)
        assert ids == filled(other, sizes, count, DEPENDANTS)
        for one, where in ((crm, url), (other, other_url)):
            analyzed(engine, where, one)
        store: Any = crm.store
        hand = by_hand(engine, other_url, store.schema.metadata)
        for number in range(sizes.bulks + 1):
            chosen = ids[number * sizes.bulk : (number + 1) * sizes.bulk]
            seconds = in_turns(
                {
                    "hand": partial(_many_by_hand, hand, chosen, number * sizes.bulk),
                    "bulk": partial(_many, crm, chosen),
                },
                number,
            )
            _agree(crm, chosen)
            _agree(other, chosen)
            if number:
                for way, spent in seconds.items():
                    taken[way].append(spent)
        hand.close()
    return taken


def _many(crm: Crm, chosen: Sequence[UUID]) -> None:
    report = crm.conversion.convert_many(chosen)
    assert report.counts == {"converted": len(chosen)}, report


def _many_by_hand(hand: ByHand, chosen: Sequence[UUID], first: int) -> None:
    new_id = SeededIds(3 * 10**9 + first)
    for start in range(0, len(chosen), 500):
        some = chosen[start : start + 500]
        numbers = [f"C{first + start + number:06d}" for number in range(1, len(some) + 1)]
        counts, _ = hand.convert_many(some, numbers, _AT, new_id)
        assert all(counts[hand.key(id)] == DEPENDANTS for id in some)


# What is said


def said(
    name: str, ours: Sequence[float], theirs: Sequence[float], goal: float | None, *, at_least: bool = False
) -> str:
    """A line: the median of the rounds' ratios, their range, the goal, and the median times."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    ratio = median(ratios)
    kept = "" if goal is None else ("≥" if ratio >= goal else "<") if at_least else ("≤" if ratio <= goal else ">")
    spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
    times = f"{median(ours) * 1e6:>13,.0f} {median(theirs) * 1e6:>13,.0f}"
    return f"{name:<44} {ratio:>6.2f} {spread:>17} {kept:>2} {'' if goal is None else goal:<5} {times}"


def measured(engine: str, new_url: Callable[[], str], sizes: Sizes) -> list[str]:
    """Every question about an engine, as lines."""
    goals = GOALS[engine]
    one = one_by_one(engine, new_url, sizes)
    lines = [
        said("apply / nine statements", one["apply"], one["hand"], goals["apply"]),
        said("plan, apply / nine statements", one["plan, apply"], one["hand"], goals["plan, apply"]),
        said("ORM / apply", one["ORM"], one["apply"], None),
        said("ORM / plan, apply", one["ORM"], one["plan, apply"], goals.get("ORM / plan, apply"), at_least=True),
    ]
    many = by_dependants(engine, new_url(), sizes)
    lines.append(said(f"apply, {sizes.many:,} dependants / 10", many["many"], many["few"], None))
    less = {
        name: [whole - part for whole, part in zip(many[name], many[f"{name}, counts"], strict=True)]
        for name in ("few", "many")
    }
    lines.append(said("the same, the counts aside", less["many"], less["few"], None))
    bulk = in_bulk(engine, new_url, sizes)
    lines.append(said(f"{sizes.bulk:,} in bulk / set-based statements", bulk["bulk"], bulk["hand"], goals.get("bulk")))
    return lines


def main() -> None:
    """Measure, and print a table an engine."""
    given = argparse.ArgumentParser(prog="python -m benchmarks.conversion", description=__doc__)
    given.add_argument("engines", nargs="*", default=ENGINES, help=f"some of {', '.join(ENGINES)} (default: all)")
    for field in attrs.fields(Sizes):
        given.add_argument(f"--{field.name}", type=int, default=field.default, help=f"(default: {field.default})")
    asked = vars(given.parse_args())
    engines = asked.pop("engines")
    sizes = Sizes(**asked)
    print(f"Python {sys.version.split()[0]}; durable, each conversion a transaction; medians of {sizes.rounds} rounds")
    servers = Servers(f"conversion_{os.getpid()}")
    try:
        with TemporaryDirectory(prefix="crmkit-conversion-") as folder:
            files = (f"sqlite:///{Path(folder) / f'{number}.db'}" for number in range(1_000))
            for engine in engines:
                new_url = partial(next, files) if engine == "sqlite" else partial(servers.url, engine)
                lines = measured(engine, new_url, sizes)
                head = f"{engine:<44} {'ratio':>6} {'(range)':>17} {'goal':>8} {'µs':>13} {'µs of other':>13}"
                print(f"\n{head}\n{'-' * len(head)}", *lines, sep="\n", flush=True)
    finally:
        servers.close()


if __name__ == "__main__":
    main()
