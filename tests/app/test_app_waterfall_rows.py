"""Waterfalls by item and along trees, on every store, against a computation from the records as they stood."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import Crm, ExchangeRate, Money, Opportunity, Prospect, Salesperson
from crmkit.entities import Item, OpportunityItem, Percent, Territory
from crmkit.forecasting.waterfall import LINES, Waterfall, WaterfallRow
from crmkit.queries import AnyOf
from crmkit.testing.clocks import ManualClock

STEP = timedelta(seconds=10)
"""More than what is settled lags behind."""

EARLY, IN, LATE = date(2026, 1, 10), date(2026, 5, 5), date(2026, 8, 8)
SECOND, THIRD = "2026-Q2", "2026-Q3"
PERIODS = {"2026-Q1": (1, 3), SECOND: (4, 6), THIRD: (7, 9), "2026-Q4": (10, 12)}


class Market:
    """Four who sell, three territories and three items in two currencies; and what can happen to them."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        crm.sales_periods.make_year(2026)
        boss = crm.salespersons.add(Salesperson(name="Boss")).id
        lead = crm.salespersons.add(Salesperson(name="Lead", manager=boss)).id
        ana = crm.salespersons.add(Salesperson(name="Ana", manager=lead)).id
        ben = crm.salespersons.add(Salesperson(name="Ben", manager=boss)).id
        self.sellers = [boss, lead, ana, ben]
        land = crm.territories.add(Territory(code="L", description="land")).id
        self.territories = [
            land,
            *(crm.territories.add(Territory(code=code, description=code, parent=land)).id for code in "NS"),
        ]
        self.account = crm.prospects.add(Prospect(name="Acme", territory=self.territories[1])).id
        made = (("bike", "7", ""), ("lock", "3.5", "USD"), ("tour", None, ""))
        self.items = [
            crm.items.add(Item(description=name, unit_price=price, currency=currency)).id
            for name, price, currency in made
        ]
        crm.exchange_rates.add(ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2025, 1, 1), rate="0.8"))

    def pick(self, number: int) -> Any:
        return self._nth(self.crm.opportunities.find(), number)

    def line(self, number: int) -> Any:
        return self._nth(self.crm.opportunity_items.find(), number)

    @staticmethod
    def _nth(found: Any, number: int) -> Any:
        held = list(found)
        return held[number % len(held)] if held else None

    def add(self, number: int) -> None:
        made = self.crm.opportunities.add(
            Opportunity(
                description=f"deal {number}",
                account=self.account,
                salesperson=(*self.sellers, None)[number % 5],
                territory=(*self.territories, None)[number % 4],
                stage=("proposal", "negotiation")[number % 2],
                estimated_value=None if number % 13 == 12 else Money.of_minor(number * 101, ("EUR", "USD")[number % 2]),
                probability=number,
                projected_close=(IN, LATE, IN, EARLY, None)[number % 5],
            )
        )
        for place in range(number % 4):
            self._add_line(made.id, number + place)

    def _add_line(self, deal: Any, number: int) -> None:
        price = None if number % 3 else number
        item = self.items[number % 3]
        self.crm.opportunity_items.add(OpportunityItem(opportunity=deal, item=item, quantity=number % 4, price=price))

    def get_line(self, number: int) -> None:
        if one := self.pick(number):
            self._add_line(one.id, number)

    def change_line(self, number: int) -> None:
        if line := self.line(number):
            self.crm.opportunity_items.update(line, price=None if number % 3 else number, quantity=number % 5)

    def lose_line(self, number: int) -> None:
        if line := self.line(number):
            self.crm.opportunity_items.delete(line)

    def list_price(self, number: int) -> None:
        item = self.crm.items.get(self.items[number % 3])
        price, currency = (None, "") if number % 5 == 4 else (number, ("", "USD")[number % 2])
        self.crm.items.update(item, unit_price=price, currency=currency)

    def value(self, number: int) -> None:
        if one := self.pick(number):
            amount = Money.of_minor(number * 77, ("EUR", "USD")[number % 2])
            self.crm.opportunities.update(one, estimated_value=amount, probability=number)

    def shift(self, number: int) -> None:
        if (one := self.pick(number)) and not one.closed_on:
            self.crm.opportunities.update(one, projected_close=(EARLY, IN, LATE, None)[number % 4])

    def hand_over(self, number: int) -> None:
        if one := self.pick(number):
            self.crm.opportunities.update(one, salesperson=(*self.sellers, None)[number % 5])

    def place(self, number: int) -> None:
        if one := self.pick(number):
            place = (*self.territories, None)[number % 4]
            self.crm.opportunities.update(one, territory=place, stage=("proposal", "negotiation")[number % 2])

    def close(self, number: int) -> None:
        if (one := self.pick(number)) and not one.closed_on:
            verb = self.crm.opportunities.win if number % 2 else self.crm.opportunities.lose
            verb(one.id, on=(EARLY, IN, LATE)[number % 3])

    def reopen(self, number: int) -> None:
        if (one := self.pick(number)) and one.closed_on:
            self.crm.opportunities.reopen(one.id)

    def delete(self, number: int) -> None:
        if one := self.pick(number):
            for line in list(self.crm.opportunity_items.find(opportunity=one.id)):
                self.crm.opportunity_items.delete(line)
            self.crm.opportunities.delete(self.crm.opportunities.get(one.id))

    def rate(self, number: int) -> None:
        day = (EARLY, IN, LATE)[number % 3]
        made = ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=f"0.{number + 50}")
        if held := list(self.crm.exchange_rates.find(day=day)):
            self.crm.exchange_rates.update(held[0], rate=made.rate)
        else:
            self.crm.exchange_rates.add(made)

    def manager(self, number: int) -> None:
        """Ana, or Ben, comes under another one, or none."""
        boss, lead, ana, ben = self.sellers
        who, above = ((ana, (boss, lead, ben, None)), (ben, (boss, lead, None)))[number % 2]
        self.crm.salespersons.update(self.crm.salespersons.get(who), manager=above[number % len(above)])

    def redraw(self, number: int) -> None:
        land, north, south = self.territories
        if number % 2:
            account = self.crm.accounts.get(self.account)
            self.crm.accounts.update(account, territory=(*self.territories, None)[number % 4])
        else:
            parent = (land, north, None)[number % 3]
            self.crm.territories.update(self.crm.territories.get(south), parent=parent)


STAYING = [
    "add",
    "get_line",
    "change_line",
    "lose_line",
    "list_price",
    "value",
    "shift",
    "hand_over",
    "place",
    "close",
    "reopen",
    "delete",
    "rate",
]
MOVING = ["manager", "redraw"]
steps = st.lists(st.tuples(st.sampled_from([*STAYING, *MOVING]), st.integers(0, 40)), min_size=1, max_size=6)
BEGUN = [("add", number) for number in (1, 2, 3, 5, 6, 7, 10, 11)]

QUESTIONS: list[dict[str, Any]] = [
    {"by": "item"},
    {"by": ("item", "period"), "measure": "weighted"},
    {"by": ("salesperson", "item"), "period": SECOND},
    {"by": "salesperson", "stage": "proposal"},
    {"by": ("period", "territory"), "period": [SECOND, THIRD]},
    {"by": ("territory", "stage", "salesperson"), "measure": "weighted"},
    {"by": ("territory", "item", "salesperson")},
]

TREES = ("salesperson", "territory")
ANY = "all of a tree"


class Stood:
    """How all stood at an instant, read record by record."""

    def __init__(self, view: Crm) -> None:
        self.deals = {one.id: one for one in view.opportunities.find()}
        self.lines: dict[Any, list[OpportunityItem]] = {}
        for line in sorted(view.opportunity_items.find(), key=lambda line: line.id.int):
            self.lines.setdefault(line.opportunity, []).append(line)
        self.prices = {one.id: (one.unit_price, one.currency or "EUR") for one in view.items.find()}
        self.rates = sorted((one.day, Fraction(one.rate)) for one in view.exchange_rates.find())
        self.today = view.now().date()
        self.accounts = {one.id: one.territory for one in view.accounts.find()}
        self.parents = {one.id: one.manager for one in view.salespersons.find()}
        self.parents |= {one.id: one.parent for one in view.territories.find()}

    def rate(self, currency: str, day: date | None) -> Fraction:
        if currency == "EUR":
            return Fraction(1)
        return [rate for since, rate in self.rates if since <= (day or self.today)][-1]

    def counts(self, id: Any, asked: dict[str, Any]) -> bool:
        one = self.deals.get(id)
        wanted = "stage" not in asked or (one is not None and one.stage == asked["stage"])
        return one is not None and wanted and one.status == "open" and self.within(id, asked)

    def day(self, id: Any) -> date | None:
        one = self.deals[id]
        return one.closed_on or one.projected_close

    def within(self, id: Any, asked: dict[str, Any]) -> bool:
        wanted = asked.get("period")
        return wanted is None or self.period(id) in ([wanted] if isinstance(wanted, str) else wanted)

    def period(self, id: Any) -> str | None:
        day = self.day(id)
        return None if day is None else next(code for code, (a, b) in PERIODS.items() if a <= day.month <= b)

    def key(self, id: Any, item: Any, by: tuple[str, ...]) -> tuple[Any, ...]:
        one = self.deals[id]
        places = {
            "item": item,
            "period": self.period(id),
            "salesperson": one.salesperson,
            "territory": one.territory or self.accounts[one.account],
            "stage": one.stage or None,
        }
        return tuple(places[name] for name in by)

    def seen_from(self, key: tuple[Any, ...], by: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The key, those above it, and that of all trees as a whole."""
        yield from product(
            *([*self.up(place)] if name in TREES else [place] for name, place in zip(by, key, strict=True))
        )
        yield tuple(ANY if name in TREES else place for name, place in zip(by, key, strict=True))

    def up(self, place: Any) -> Iterator[Any]:
        yield place
        while place is not None and (place := self.parents[place]) is not None:
            yield place

    def parts(self, id: Any, asked: dict[str, Any], at: "Stood | None" = None) -> dict[Any, tuple[int, int]]:
        """By item, what it counts and whether it counts there, at the rates and the close date of another instant."""
        one, rated = self.deals[id], at or self
        day = rated.day(id)
        value = one.estimated_value
        figure = 0 if value is None else round(value.minor * rated.rate(value.currency, day))
        if asked.get("measure") == "weighted":
            figure = round(Fraction(figure * (one.probability or Percent(0)).basis_points, 10_000))
        lines = self.lines.get(id, ()) if "item" in asked["by"] else ()
        if not lines:
            return {None: (figure, 1)}
        priced = [self.priced(line, value) for line in lines]
        mixed = len({currency for weight, currency in priced if weight}) > 1
        weights = [weight * (rated.rate(currency, day) if mixed and weight else 1) for weight, currency in priced]
        if not any(weights):
            weights = [Fraction(line.quantity) for line in lines]
        if not any(weights):
            weights = [Fraction(1)] * len(lines)
        parts, heavy = Counter[Any](), Counter[Any]()
        for line, weight, part in zip(lines, weights, split(figure, weights), strict=True):
            parts[line.item] += part
            heavy[line.item] += weight  # type: ignore[assignment]
        largest = max(heavy, key=lambda item: heavy[item])
        return {item: (parts[item], int(item == largest)) for item in heavy}

    def priced(self, line: OpportunityItem, value: Money | None) -> tuple[Fraction, str]:
        own = value.currency if value else ""
        price, currency = (line.price, own) if line.price is not None or value is None else self.prices[line.item]
        return Fraction(line.quantity) * Fraction(price or 0), currency


def split(minor: int, weights: list[Fraction]) -> list[int]:
    """By largest remainders, the earlier of equals first."""
    exact = [minor * weight / sum(weights) for weight in weights]
    whole = [int(one) for one in exact]
    order = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in order[: minor - sum(whole)]:
        whole[place] += 1
    return whole


Lines = dict[str, list[int]]


class Expected:
    """What a waterfall has to say: each part on a path, as it is seen from a row."""

    def __init__(self, then: Stood, now: Stood, asked: dict[str, Any]) -> None:
        self.then, self.now, self.asked = then, now, asked
        by = asked["by"]
        self.by = (by,) if isinstance(by, str) else by
        self.own: dict[Any, Lines] = {}
        self.below: dict[Any, Lines] = {}
        self.movements: Counter[Any] = Counter()
        for id in {**then.deals, **now.deals}:
            was = then.parts(id, asked) if then.counts(id, asked) else {}
            now_is = now.parts(id, asked) if now.counts(id, asked) else {}
            restated = then.parts(id, asked, now) if was and now_is else {}
            for item in {**was, **now_is}:
                self.take(id, item, was.get(item), now_is.get(item), restated.get(item, (0, 0))[0])

    def take(self, id: Any, item: Any, before: Any, after: Any, restated: int) -> None:
        left = self.then.key(id, item, self.by) if before else None
        entered = self.now.key(id, item, self.by) if after else None
        path, rates = self.path(id), restated - before[0] if left == entered and before else 0
        self.put(self.own, {left} - {None}, {entered} - {None}, path, before, after, restated)
        was = set(self.then.seen_from(left, self.by)) if left else set()
        now_is = set(self.now.seen_from(entered, self.by)) if entered else set()
        self.put(self.below, was, now_is, path, before, after, restated)
        change = (after or (0,))[0] - (before or (0,))[0] - rates
        if left != entered or change or rates:
            if left == entered:
                path = "up" if change > 0 else "down" if change else "rates"
            told = (id, path, left, entered, (before or (0,))[0], (after or (0,))[0], rates)
            self.movements[told] += 1

    def put(self, rows: Any, was: Any, now_is: Any, path: str, before: Any, after: Any, restated: int) -> None:
        for key in was | now_is:
            row = rows.setdefault(key, {line: [0, 0] for line in ("start", *LINES, "end")})
            both = key in was and key in now_is
            ways = ("moved", "pushed", "pulled")
            if key in was:
                add(row, "start", before[1], before[0])
                if not both:
                    add(row, f"{path}_out" if path in ways else path, before[1], -before[0])
            if key in now_is:
                add(row, "end", after[1], after[0])
                if not both:
                    add(row, f"{path}_in" if path in ways else path, after[1], after[0])
            if both:
                rest = after[0] - restated
                add(row, "up" if rest > 0 else "down", int(rest != 0), rest)
                add(row, "rates", int(restated != before[0]), restated - before[0])
                add(row, "moved_out", int(before[1] > after[1]), 0)
                add(row, "moved_in", int(before[1] < after[1]), 0)

    def path(self, id: Any) -> str:
        """The first that holds, of what is not in one row at both instants."""
        was, now_is = self.then.deals.get(id), self.now.deals.get(id)
        if was is None:
            return "new"
        if now_is is None:
            return "deleted"
        if was.status != "open":
            return "reopened"
        if now_is.status != "open":
            return str(now_is.status)
        both = self.then.within(id, self.asked) and self.now.within(id, self.asked)
        if both and ("period" not in self.by or self.then.period(id) == self.now.period(id)):
            return "moved"
        before, after = self.then.day(id), self.now.day(id)
        return "pushed" if after is None or (before is not None and after > before) else "pulled"

    @property
    def whole(self) -> Lines:
        """All rows together."""
        return summed(self.own.values())

    @property
    def whole_below(self) -> Lines:
        """All, seen from above all trees."""
        return summed(row for key, row in self.below.items() if ANY in key)


def add(row: Lines, line: str, count: int, amount: int) -> None:
    row[line][0] += count
    row[line][1] += amount


def summed(rows: Any) -> Lines:
    found: Lines = {line: [0, 0] for line in ("start", *LINES, "end")}
    for row in rows:
        for line, (count, amount) in row.items():
            add(found, line, count, amount)
    return found


def lines_of(row: WaterfallRow) -> Lines:
    """What a row says, as it is expected."""
    return {
        "start": [row.start_count, row.start.minor],
        **{line: [row.counts[line], row.lines[line].minor] for line in LINES},
        "end": [row.end_count, row.end.minor],
    }


def told(rows: dict[Any, Lines]) -> dict[Any, Lines]:
    """Those in which there is something."""
    return {key: row for key, row in rows.items() if any(any(figures) for figures in row.values())}


def check(found: Waterfall, expected: Expected) -> None:
    """Rows, total and movements are what they have to be, and all rows balance."""
    along = any(name in TREES for name in expected.by)
    for row in (*found.rows, found.total):
        for one in (row, *([row.with_descendants] if row.with_descendants else [])):
            balance(one)
        assert (row.with_descendants is not None) == along
    assert told({tuple(row.key.values()): lines_of(row) for row in found}) == told(expected.own)
    assert lines_of(found.total) == expected.whole
    if along:
        rows = {tuple(row.key.values()): lines_of(row.with_descendants) for row in found if row.with_descendants}
        assert told(rows) == told({key: row for key, row in expected.below.items() if ANY not in key})
        assert found.total.with_descendants is not None
        assert lines_of(found.total.with_descendants) == expected.whole_below
    movements = Counter(
        (one.opportunity, one.path, one.left, one.entered, one.before.minor, one.after.minor, one.rates.minor)
        for one in found.movements
    )
    assert movements == expected.movements


def balance(row: WaterfallRow) -> None:
    out = [line for line in LINES if line.endswith("_out") or line in ("won", "lost", "deleted")]
    come = [line for line in LINES if line not in (*out, "up", "down", "rates")]
    assert row.start + Money.total(row.lines.values(), row.start.currency) == row.end
    assert row.start_count + sum(row.counts[line] for line in come) - sum(row.counts[line] for line in out) == (
        row.end_count
    )


def ends(found: Waterfall, end: str) -> dict[Any, Any]:
    """One end of each row, with all that is below it and without; rows of nothing left out."""
    held = {}
    for row in (*found.rows, found.total):
        both = [row, row.with_descendants or row]
        held[tuple(row.key.values())] = [(getattr(one, f"{end}_count"), getattr(one, end).minor) for one in both]
    return {key: figures for key, figures in held.items() if any(any(one) for one in figures)}


def stood(view: Crm, asked: dict[str, Any]) -> dict[Any, Any]:
    """What is open in a view, by its roll-up, as `ends` has it."""
    rolled = view.forecasting.roll_up(**{name: value for name, value in asked.items() if name != "measure"})
    weighted = asked.get("measure") == "weighted"
    held = {}
    for row in (*rolled.rows, rolled.total):
        both: list[Any] = [row, row.with_descendants or row]
        held[tuple(row.key.values())] = [
            (one.open_count, (one.weighted - one.won if weighted else one.open).minor) for one in both
        ]
    return {key: figures for key, figures in held.items() if any(any(one) for one in figures)}


def happen(market: Market, clock: ManualClock, happened: list[list[tuple[str, int]]]) -> list[Any]:
    """Make it happen; the instants after each step."""
    instants = []
    for verbs in happened:
        for verb, number in verbs:
            getattr(market, verb)(number)
            clock.tick(seconds=1)
        instants.append(clock())
        clock.tick(STEP)
    return instants


def check_laws(market: Market, instants: list[Any], questions: list[dict[str, Any]]) -> None:
    """Between all instants that follow each other, and over all of them, by each question."""
    crm = market.crm
    held = {instant: Stood(crm.as_of(instant)) for instant in instants}
    for asked in questions:
        steps = []
        for start, end in [*pairwise(instants), (instants[0], instants[-1])]:
            found = crm.forecasting.waterfall(start=start, end=end, **asked)
            check(found, Expected(held[start], held[end], asked))
            assert ends(found, "start") == stood(crm.as_of(start), asked)
            assert ends(found, "end") == stood(crm.as_of(end), asked)
            steps.append(found)
        *each, whole = steps
        joined = each[0]
        for step in each[1:]:
            joined = joined.then(step)
        assert (ends(joined, "start"), ends(joined, "end")) == (ends(whole, "start"), ends(whole, "end"))
        for row in (*joined.rows, joined.total):
            balance(row)
            balance(row.with_descendants or row)


@pytest.fixture
def tenants(crm: Crm, clock: ManualClock) -> Callable[[], Crm]:
    """Opens a fresh tenant of the same store at each call: as good as a fresh store, and quicker."""
    count = iter(range(10**6))
    return lambda: crmkit.connect(crm.store, tenant=f"tenant {next(count)}", clock=clock)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(steps, min_size=1, max_size=2))
def test_whatever_happens_rows_by_item_and_along_trees_say_it(
    tenants: Any, clock: ManualClock, happened: list[list[tuple[str, int]]]
) -> None:
    """Each part on its path, both ends as the roll-ups say, for a row and for all below it; and steps join."""
    market = Market(tenants())
    check_laws(market, happen(market, clock, [BEGUN, *happened]), QUESTIONS)


HAPPENED: list[list[tuple[str, int]]] = [
    [*BEGUN, *(("add", number) for number in (13, 14, 15, 17, 18, 19, 22, 23)), ("close", 3), ("close", 6)],
    [
        *(("get_line", number) for number in (1, 4, 7, 9)),
        ("change_line", 3),
        ("change_line", 11),
        ("lose_line", 2),
        ("lose_line", 8),
        ("list_price", 0),
        ("list_price", 7),
        ("shift", 28),
        ("shift", 1),
        ("shift", 10),
        ("value", 12),
        ("value", 9),
        ("value", 36),
        ("hand_over", 7),
        ("hand_over", 13),
        ("place", 2),
        ("place", 11),
        ("manager", 0),
        ("redraw", 4),
        ("rate", 7),
    ],
    [("close", 1), ("close", 2), ("delete", 5), ("reopen", 3), ("reopen", 6), ("add", 26), ("manager", 3)],
    [("shift", 7), ("shift", 0), ("shift", 5), ("rate", 4), ("manager", 2), ("redraw", 3), ("hand_over", 9)],
]
"""So much that every line has something on it."""


def test_all_lines_by_item_and_along_trees_on_every_store(crm: Crm, clock: ManualClock) -> None:
    """Of one history in which all that can happen does."""
    market = Market(crm)
    instants = happen(market, clock, HAPPENED)
    check_laws(market, instants, QUESTIONS)
    for by in ("item", "salesperson"):
        steps = [crm.forecasting.waterfall(start=a, end=b, by=(by, "period")) for a, b in pairwise(instants)]
        assert {line for found in steps for line in LINES if found.total.counts[line]} == set(LINES)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(happened=st.lists(st.tuples(st.sampled_from(STAYING), st.integers(0, 40)), min_size=1, max_size=8))
@pytest.mark.parametrize("store_name", ["memory"])
def test_with_all_below_it_a_row_is_the_waterfall_of_that_subtree(
    tenants: Any, clock: ManualClock, happened: list[tuple[str, int]]
) -> None:
    """While the tree stays as it is: whoever is handed what by whom below it."""
    market = Market(tenants())
    start, _ = happen(market, clock, [BEGUN, happened])
    ask = market.crm.forecasting.waterfall
    below = Stood(market.crm)
    for asked in ({"by": "salesperson"}, {"by": ("salesperson", "stage"), "period": SECOND, "measure": "weighted"}):
        whole = ask(start=start, **asked)
        for row in whole:
            seller = row.key["salesperson"]
            if seller is None:
                continue
            people = [one for one in market.sellers if seller in below.up(one)]
            rest = {name: key for name, key in row.key.items() if name != "salesperson"}
            alone = ask(AnyOf("salesperson", people), start=start, **{**asked, **rest, "by": ()}).total
            assert attrs.evolve(alone, key=row.key, shown=row.shown) == row.with_descendants
    everything = ask(start=start).total
    assert ask(start=start, by="salesperson").total.with_descendants == everything


def deal(crm: Crm, value: str, currency: str = "EUR", **more: Any) -> Opportunity:
    """An opportunity of the one account there is."""
    account = next(crm.accounts.all(), None) or crm.prospects.add(Prospect(name="Acme"))
    return crm.opportunities.add(
        Opportunity(description="deal", account=account.id, estimated_value=Money(value, currency), **more)
    )


def on_lines(row: WaterfallRow | None) -> dict[str, tuple[int, str]]:
    """The lines that something is on: how many, and the amount."""
    assert row is not None
    return {
        line: (count, str(row.lines[line].amount)) for line, count in row.counts.items() if count or row.lines[line]
    }


def test_a_list_price_that_changed_moves_what_is_split_by_it(crm: Crm, clock: ManualClock) -> None:
    """Nothing was written to the opportunity, nor to its lines; the largest part is another one then."""
    bike, lock = (crm.items.add(Item(description=name, unit_price=price)).id for name, price in (("b", 6), ("l", 4)))
    one = deal(crm, "100")
    for item in (bike, lock):
        crm.opportunity_items.add(OpportunityItem(opportunity=one.id, item=item))
    begin = clock()
    clock.tick(STEP)
    crm.items.update(crm.items.get(bike), unit_price=1)
    found = crm.forecasting.waterfall(start=begin, by="item")
    assert on_lines(found[bike]) == {"down": (1, "-40.00"), "moved_out": (1, "0.00")}
    assert on_lines(found[lock]) == {"up": (1, "40.00"), "moved_in": (1, "0.00")}
    assert [(one.path, one.left == one.entered, str(one.change)) for one in found.movements] == [
        ("up", True, "40.00 EUR"),
        ("down", True, "-40.00 EUR"),
    ]


@pytest.mark.parametrize("listed_in", ["EUR", ""])
def test_a_rate_moves_the_shares_of_list_prices_in_several_currencies(
    crm: Crm, clock: ManualClock, listed_in: str
) -> None:
    """Of an opportunity in the currency asked for, which no rate touches as a whole; and back by another day's rate."""
    rate, _ = (
        crm.exchange_rates.add(ExchangeRate(from_currency="EUR", to_currency="USD", day=day, rate=value))
        for day, value in ((date(2025, 1, 1), "2"), (LATE, "2"))
    )
    items = [crm.items.add(Item(description=code, unit_price=2, currency=code)).id for code in (listed_in, "USD")]
    one = deal(crm, "90", currency="USD", projected_close=IN)
    for item in items:
        crm.opportunity_items.add(OpportunityItem(opportunity=one.id, item=item))
    begin = clock()
    clock.tick(STEP)
    crm.exchange_rates.update(rate, rate="0.5")
    between = clock.tick(STEP)
    clock.tick(STEP)
    crm.opportunities.update(one, projected_close=LATE)
    ask = crm.forecasting.waterfall
    there, back = (
        ask(start=begin, end=between, by="item", currency="USD"),
        ask(start=between, by="item", currency="USD"),
    )
    less, more = {"rates": (1, "-30.00"), "moved_out": (1, "0.00")}, {"rates": (1, "30.00"), "moved_in": (1, "0.00")}
    assert [on_lines(there[item]) for item in items] == [less, more]
    assert [on_lines(back[item]) for item in items] == [more, less]
    assert [str(there[item].end) for item in items] == ["30.00 USD", "60.00 USD"]
    assert not ask(start=begin, currency="USD").movements, "by no item, nothing has moved"


def test_parts_that_go_and_come_with_another_period_are_pushed(crm: Crm, clock: ManualClock) -> None:
    """Seen from the quarter, the opportunity has left it; where the quarter is the same, its lines have moved."""
    crm.sales_periods.make_year(2026)
    bike, lock = (crm.items.add(Item(description=name)).id for name in ("b", "l"))
    pushed, still = (deal(crm, value, projected_close=IN) for value in ("5", "7"))
    lines = [crm.opportunity_items.add(OpportunityItem(opportunity=one.id, item=bike)) for one in (pushed, still)]
    begin = clock()
    clock.tick(STEP)
    crm.opportunities.update(pushed, projected_close=LATE)
    for one, line in zip((pushed, still), lines, strict=True):
        crm.opportunity_items.add(OpportunityItem(opportunity=one.id, item=lock))
        crm.opportunity_items.delete(line)
    found = crm.forecasting.waterfall(start=begin, by=("period", "item"))
    assert on_lines(found[SECOND, bike]) == {"pushed_out": (1, "-5.00"), "moved_out": (1, "-7.00")}
    assert on_lines(found[SECOND, lock]) == {"moved_in": (1, "7.00")}
    assert on_lines(found[THIRD, lock]) == {"pushed_in": (1, "5.00")}
    alone = crm.forecasting.waterfall(start=begin, by="item", period=SECOND)
    assert on_lines(alone[bike]) == on_lines(found[SECOND, bike])


def test_who_comes_under_another_manager_brings_what_they_have_along(crm: Crm, clock: ManualClock) -> None:
    """What was won meanwhile is won for the former manager; what is new is new for the later one."""
    old, new = (crm.salespersons.add(Salesperson(name=name)).id for name in ("Old", "New"))
    ana = crm.salespersons.add(Salesperson(name="Ana", manager=old))
    deal(crm, "1", salesperson=ana.id)
    won = deal(crm, "2", salesperson=ana.id)
    up = deal(crm, "4", salesperson=ana.id)
    begin = clock()
    clock.tick(STEP)
    crm.opportunities.win(won.id, on=IN)
    crm.opportunities.update(up, estimated_value=Money("5", "EUR"))
    deal(crm, "8", salesperson=ana.id)
    crm.salespersons.update(crm.salespersons.get(ana.id), manager=new)
    found = crm.forecasting.waterfall(start=begin, by="salesperson")
    assert on_lines(found[old].with_descendants) == {"won": (1, "-2.00"), "moved_out": (2, "-5.00")}
    assert on_lines(found[new].with_descendants) == {"new": (1, "8.00"), "moved_in": (2, "6.00")}
    whole = {"won": (1, "-2.00"), "new": (1, "8.00"), "up": (1, "1.00")}
    assert on_lines(found[ana.id]) == on_lines(found[ana.id].with_descendants) == whole
    assert on_lines(found.total.with_descendants) == whole
    assert [on_lines(found[one]) for one in (old, new)] == [{}, {}]


def test_rows_tell_what_is_below_them_in_their_plain_rows(crm: Crm, clock: ManualClock) -> None:
    """Beside the row's own figures; and who is gone by the end is called by their former name."""
    boss = crm.salespersons.add(Salesperson(name="Boss")).id
    ana = crm.salespersons.add(Salesperson(name="Ana", manager=boss))
    one = deal(crm, "1", salesperson=ana.id)
    begin = clock()
    clock.tick(STEP)
    crm.opportunities.delete(one)
    crm.salespersons.delete(crm.salespersons.get(ana.id))
    found = crm.forecasting.waterfall(start=begin, by="salesperson")
    assert [row["salesperson_shown"] for row in found.to_rows()] == ["Ana", "Boss"]
    figures = [
        (row["start"], row["start_with_descendants"], row["deleted_with_descendants"]) for row in found.to_rows()
    ]
    assert figures == [(1, 1, -1), (0, 1, -1)]
    empty = crm.forecasting.waterfall(start=begin, end=begin, by="salesperson", stage="closing")
    assert list(empty.to_pandas().columns) == list(found.to_rows()[0])
    assert "start_with_descendants" not in crm.forecasting.waterfall(start=begin, by="item").to_rows()[0]
