"""Opportunities made by the million as an export in Parquet files, with their figures added up on the way.

The figures know nothing of crmkit: whole numbers alone, rounded half to the even for each opportunity.
"""

import binascii
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs
import numpy as np
import pyarrow as pa

import crmkit
from crmkit import Crm, Prospect, Salesperson, SalesTeam, Territory
from crmkit.entities import ENTITIES, ExchangeRate, Registry
from crmkit.repositories.store import Past
from crmkit.stores.parquet import Exported
from crmkit.stores.parquet.folder import CURRENT, Writing

NOW: Final = datetime(2026, 11, 26, 9, tzinfo=UTC)
SELLERS, TERRITORIES, TEAMS, ACCOUNTS = 200, 40, 12, 20_000
BATCH: Final = 500_000
CURRENCIES: Final = ("EUR", "USD", "JPY")
RATES: Final = {"USD": (9_173, 9_310, 9_021, 9_250), "JPY": (61, 62, 60, 63)}
"""What one of it is in EUR from the first day of each quarter on, in ten-thousandths."""

STATUSES: Final = ("open", "won", "lost")
FIGURES: Final = ("count", "gross", "weighted", "won", "open", "lost")
CUTS: Final = (("period", "salesperson"), ("territory", "stage"), ("team", "currency"))

Ints = np.ndarray[Any, np.dtype[np.int64]]


@attrs.frozen
class Around:
    """The records that opportunities refer to: ids by place, None where there is none."""

    crm: Crm
    accounts: list[Prospect]
    account_territory: Ints
    values: dict[str, list[Any]]
    """By dimension, what stands for each place of it; the last one is None where there may be none."""

    stage_share: Ints
    """The basis points of each stage; 0 for none."""


def around(random: np.random.Generator) -> Around:
    """A company with sellers under managers, territories, teams, quarters and dated rates, in memory."""
    crm = crmkit.connect("memory:", clock=lambda: NOW)
    crm.sales_periods.make_year(2026, kind="quarter")
    territories = crm.territories.add_many([Territory(description=f"T{n}") for n in range(TERRITORIES)]).records
    chiefs = crm.salespersons.add_many([Salesperson(name=f"Chief {n}") for n in range(10)]).records
    others = [Salesperson(name=f"Seller {n}", manager=chiefs[n % 10].id) for n in range(SELLERS - 10)]
    sellers = [*chiefs, *crm.salespersons.add_many(others).records]
    teams = crm.sales_teams.add_many([SalesTeam(name=f"Team {n}") for n in range(TEAMS)]).records
    for currency, rates in RATES.items():
        for quarter, rate in enumerate(rates):
            day = date(2026, 1 + 3 * quarter, 1)
            said = f"{rate / 10_000:.4f}"
            crm.exchange_rates.add(ExchangeRate(from_currency=currency, to_currency="EUR", day=day, rate=said))
    places = random.integers(0, TERRITORIES + 1, ACCOUNTS)
    accounts = [
        Prospect(
            id=UUID(int=(0x7 << 76) | (0b10 << 62) | number),
            version=1,
            recorded_at=NOW,
            number=f"P{number:06}",
            name=f"Company {number}",
            territory=territories[place].id if place < TERRITORIES else None,
        )
        for number, place in enumerate(places, 1)
    ]
    stages = sorted(crm.stages.all(), key=lambda stage: stage.position)
    return Around(
        crm,
        accounts,
        places,
        {
            "period": ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"],
            "salesperson": [*(one.id for one in sellers), None],
            "territory": [*(one.id for one in territories), None],
            "team": [*(one.id for one in teams), None],
            "stage": [*(one.code for one in stages), None],
            "currency": list(CURRENCIES),
        },
        np.array([*(stage.probability.basis_points if stage.probability else 0 for stage in stages), 0]),
    )


class Totals:
    """The figures of each group of each cut, in minor units."""

    def __init__(self, values: dict[str, list[Any]]) -> None:
        self.values = values
        self.held = {
            cut: np.zeros((len(FIGURES), *(len(values[name]) for name in cut)), dtype=np.int64) for cut in CUTS
        }

    def add(self, places: dict[str, Ints], figures: list[Ints]) -> None:
        """Add a batch: where each opportunity belongs, and its figures."""
        for cut, held in self.held.items():
            where = tuple(places[name] for name in cut)
            for number, figure in enumerate(figures):
                np.add.at(held[number], where, figure)

    def rows(self, cut: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, ...]]:
        """The groups that have an opportunity, by what they are of."""
        held = self.held[cut]
        return {
            tuple(self.values[name][place] for name, place in zip(cut, key, strict=True)): tuple(
                int(held[(number, *key)]) for number, _ in enumerate(FIGURES)
            )
            for key in zip(*np.nonzero(held[0]), strict=True)
        }


def half_even(product: Ints, divisor: int) -> Ints:
    """A quotient, a half to the even one."""
    whole, rest = np.divmod(product, divisor)
    return whole + ((2 * rest > divisor) | ((2 * rest == divisor) & (whole % 2 == 1)))


def make(folder: Path, count: int, seed: int) -> Totals:
    """Write an export of so many opportunities, a tenth of a million rows a row group, and add their figures up."""
    random = np.random.default_rng(seed)
    world = around(random)
    totals = Totals(world.values)
    registry = Registry(ENTITIES)
    with (
        Writing(folder, registry, Exported(tenant="default", taken_at=NOW, settled=NOW, history=False)) as writing,
        world.crm.begin(read_only=True) as work,
    ):
        unit: Any = work.unit
        for name, sheet in writing.sheets.items():
            if name in ("opportunity", "team_assignment"):
                continue
            states = [(spec, list(unit.states(spec.cls))) for spec in sheet.layout.specs]
            if name == "account":
                states = [(Prospect.spec, [Past(one, None) for one in world.accounts])]
            writing.write(name, CURRENT, [sheet.encoded(spec, held) for spec, held in states if held])
        opportunity, assignment = (writing.sheets[name].schema for name in ("opportunity", "team_assignment"))
        with (
            writing.opened("opportunity", CURRENT) as deals,
            writing.opened("team_assignment", CURRENT) as assignments,
        ):
            for first in range(0, count, BATCH):
                batch = _Batch(world, random, first, min(BATCH, count - first))
                deals.add(_record_batch(opportunity, batch.deals(), batch.size))
                assignments.add(_record_batch(assignment, *batch.assignments()))
                totals.add(batch.places, batch.figures())
        writing.written("opportunity", CURRENT, deals.rows)
        writing.written("team_assignment", CURRENT, assignments.rows)
    return totals


class _Batch:
    """Some opportunities, as columns of numbers; `first` is the number of the first one."""

    def __init__(self, world: Around, random: np.random.Generator, first: int, size: int) -> None:
        self.world = world
        self.size = size
        self.numbers = np.arange(first, first + size)
        self.ids = _ids(self.numbers, random)
        self.account = random.integers(0, ACCOUNTS, size)
        self.days = random.integers(0, 365, size)
        own = np.where(random.random(size) < 0.1, random.integers(0, TERRITORIES, size), -1)
        self.own_territory = own
        quarter = np.searchsorted(np.array([90, 181, 273]), self.days, side="right")  # the quarters of 2026
        self.places: dict[str, Ints] = {
            "period": quarter,
            "salesperson": random.integers(0, SELLERS + 1, size),
            "territory": np.where(own < 0, world.account_territory[self.account], own),
            "team": np.where(random.random(size) < 0.05, random.integers(0, TEAMS, size), TEAMS),
            "stage": random.integers(0, len(world.values["stage"]) - 1, size),
            "currency": np.where(random.random(size) < 0.01, random.integers(1, len(CURRENCIES), size), 0),
        }
        self.status = random.choice(3, size, p=[0.6, 0.25, 0.15])
        self.value = random.integers(1, 10**8, size)
        self.stated = random.random(size) < 0.7
        """Whether it has a probability of its own, else its stage's counts."""
        self.share = np.where(self.stated, random.integers(0, 10_001, size), world.stage_share[self.places["stage"]])

    def figures(self) -> list[Ints]:
        """The figures of each, in cents of EUR."""
        gross = self.value.copy()
        for number, currency in enumerate(CURRENCIES[1:], 1):
            of = self.places["currency"] == number
            cents = 1 if currency == "USD" else 100  # a yen is its own minor unit
            rate = np.array(RATES[currency])[self.places["period"][of]]
            gross[of] = half_even(self.value[of] * rate * cents, 10_000)
        weighted = np.where(self.status == 1, gross, half_even(gross * self.share, 10_000))
        weighted[self.status == 2] = 0
        of_status = [np.where(self.status == status, gross, 0) for status in (1, 0, 2)]
        return [np.ones(self.size, dtype=np.int64), gross, weighted, *of_status]

    def deals(self) -> dict[str, Any]:
        """Their columns; those that are not here are empty."""
        size, values = self.size, self.world.values
        number = _numbered(b"O", self.numbers)
        digits = np.where(self.places["currency"] == 2, 10_000, 100)
        day = pa.array((self.days + (date(2026, 1, 1) - date(1970, 1, 1)).days).astype("int32")).cast(pa.date32())
        closed = pa.array(self.status > 0)
        stated = pa.array(self.stated)
        return {
            **_books(size, self.ids),
            "number": number,
            "number_key": pa.compute.utf8_lower(number),
            "description": pa.repeat("deal", size),
            "description_key": pa.repeat("deal", size),
            "account": _taken([str(one.id) for one in self.world.accounts], self.account),
            "status": _taken(STATUSES, self.status),
            "stage": _taken(values["stage"], self.places["stage"]),
            "salesperson": _taken(values["salesperson"], self.places["salesperson"]),
            "territory": _taken(values["territory"], self.own_territory),
            "estimated_value": _decimals(self.value * digits, 19, 4),
            "estimated_value_minor": pa.array(self.value),
            "estimated_value_currency": _taken(CURRENCIES, self.places["currency"]),
            "probability": _only(_decimals(self.share, 11, 2), stated),
            "probability_basis_points": _only(pa.array(self.share), stated),
            "projected_close": day,
            "closed_on": _only(day, closed),
        }

    def assignments(self) -> tuple[dict[str, Any], int]:
        """Who works for those that have a team."""
        chosen = np.nonzero(self.places["team"] < TEAMS)[0]
        size = len(chosen)
        ids = _ids(self.numbers[chosen], np.random.default_rng(int(self.numbers[0])))
        return {
            **_books(size, ids),
            "target": self.ids.take(pa.array(chosen)),
            "holder": _taken(self.world.values["team"], self.places["team"][chosen]),
            "primary": pa.repeat(pa.scalar(value=True), size),
        }, size


def _books(size: int, ids: Any) -> dict[str, Any]:
    return {
        "id": ids,
        "version": pa.repeat(pa.scalar(1, pa.int64()), size),
        "recorded_at": pa.repeat(pa.scalar(NOW, pa.timestamp("us", tz="UTC")), size),
        "deleted": pa.repeat(pa.scalar(value=False), size),
    }


def _record_batch(schema: pa.Schema, columns: dict[str, Any], size: int) -> pa.RecordBatch:
    arrays = [columns.get(field.name, pa.nulls(size, field.type)) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _taken(values: Any, places: Ints) -> Any:
    """The value at each place; a place below 0 is empty."""
    held = pa.array([None if one is None else str(one) for one in values], pa.string())
    return held.take(pa.array(places, mask=places < 0))


def _only(values: Any, where: Any) -> Any:
    return pa.compute.if_else(where, values, pa.scalar(None, values.type))


def _decimals(scaled: Ints, precision: int, scale: int) -> Any:
    """Decimals of so many units of their last digit."""
    whole = pa.array(scaled).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(scaled), whole.buffers())


def _texts(characters: np.ndarray[Any, np.dtype[np.uint8]]) -> Any:
    """Texts of one length, from rows of ASCII characters."""
    size, width = characters.shape
    offsets = np.arange(size + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(characters)
    return pa.Array.from_buffers(pa.string(), size, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _numbered(prefix: bytes, numbers: Ints) -> Any:
    digits = (numbers[:, None] // 10 ** np.arange(8)[::-1] % 10 + ord("0")).astype(np.uint8)
    return _texts(np.hstack([np.full((len(numbers), 1), prefix[0], dtype=np.uint8), digits]))


def _ids(numbers: Ints, random: np.random.Generator) -> Any:
    """Ids of version 7 in rising order, a thousand a millisecond."""
    raw = random.integers(0, 256, (len(numbers), 16), dtype=np.uint8)
    high = ((0x019B << 32) + numbers // 1_000 << 16) | 0x7000 | numbers % 1_000
    raw[:, :8] = high.astype(">u8")[:, None].view(np.uint8)
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = np.frombuffer(binascii.hexlify(raw.tobytes()), dtype=np.uint8).reshape(-1, 32)
    dash = np.full((len(numbers), 1), ord("-"), dtype=np.uint8)
    parts: Iterator[Any] = (text[:, start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
    joined: list[Any] = []
    for part in parts:
        joined += [part, dash]
    return _texts(np.hstack(joined[:-1]))
