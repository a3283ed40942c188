"""Roll-ups of forecast lines are the sums of the single lines, worked out here from their own fields by fractions."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Campaign,
    Crm,
    Customer,
    ExchangeRate,
    Item,
    Lead,
    Money,
    Opportunity,
    Prospect,
    Refused,
    SalesForecast,
    Salesperson,
    SalesTeam,
    Stage,
    Territory,
)
from crmkit.entities import OpportunityItem, TeamAssignment
from crmkit.forecasting import DIMENSIONS, RatePolicy, Rates
from crmkit.forecasting.totals import AMOUNTS
from crmkit.testing.clocks import ManualClock

STAGES: Final = ("", "qualification", "proposal", "closing", "vague")
MINOR: Final = {"EUR": 100, "USD": 100, "JPY": 1}
WORTH: Final = {"EUR": Decimal(1), "USD": Decimal("0.9173"), "JPY": Decimal("0.006121")}
EARLY: Final = date(2020, 1, 1)
BROUGHT: Final = tuple(
    ExchangeRate(from_currency=one, to_currency=other, day=EARLY, rate="1.0307")
    for one, other in permutations(MINOR, 2)
)
HANDED_IN: Final = {pair: Decimal("0.51") for pair in permutations(MINOR, 2)}


def fixed(crm: Crm, day: date, more: str) -> None:
    """A rate of that day for each pair."""
    for one, other in permutations(MINOR, 2):
        rate = (WORTH[one] / WORTH[other] * Decimal(more)).quantize(Decimal("0.0000000001"))
        crm.exchange_rates.add(ExchangeRate(from_currency=one, to_currency=other, day=day, rate=rate))


def filled(crm: Crm, seed: int, many: int, clock: ManualClock) -> None:
    """Opportunities of all sorts on forecasts of all statuses, some on several, some with overrides; then most of the
    opportunities change, and so do rates.
    """
    random = Random(seed)  # noqa: S311 - a sample

    def amount(most: int = 10**7) -> Money:
        return Money.of_minor(random.randint(0, most), random.choice(("EUR", "EUR", "USD", "JPY")))

    periods = [*crm.sales_periods.make_year(2026)[:3], *crm.sales_periods.make_year(2026, kind="month")[:2]]
    for day, more in ((EARLY, "1"), (date(2026, 3, 1), "1.07"), (date(2026, 5, 1), "0.94")):
        fixed(crm, day, more)
    crm.stages.add(Stage(code="vague", label="Vague"))
    top = crm.salespersons.add(Salesperson(name="Top"))
    sellers = [top, *crm.salespersons.add_many([Salesperson(name=f"S{n}", manager=top.id) for n in (1, 2)]).records]
    north = crm.territories.add(Territory(description="North"))
    places = [north, crm.territories.add(Territory(description="Norther", parent=north.id))]
    teams = crm.sales_teams.add_many([SalesTeam(name=f"T{n}") for n in range(2)]).records
    campaigns = crm.campaigns.add_many([Campaign(code=f"C{n}") for n in range(2)]).records
    items = crm.items.add_many(
        [Item(description=f"I{n}", unit_price=n or None, currency=currency) for n, currency in enumerate(("", *MINOR))]
    ).records
    accounts = [crm.prospects.add(Prospect(name="P", territory=places[1].id)), crm.customers.add(Customer(name="C"))]
    leads = crm.leads.add_many([Lead(account=one.id, campaign=campaigns[0].id) for one in accounts]).records

    def drawn(number: int) -> dict[str, Any]:
        return {
            "lead": random.choice((None, leads[number % 2].id)),
            "campaign": random.choice((None, campaigns[1].id)),
            "territory": random.choice((None, places[0].id)),
            "salesperson": random.choice((None, *(seller.id for seller in sellers))),
            "stage": random.choice(STAGES),
            "forecast_category": random.choice(("", "", "commit", "omitted")),
            "estimated_value": random.choice((None, *[amount()] * 6)),
            "probability": random.choice((None, Decimal(random.randint(0, 10_000)) / 100)),
            "projected_close": random.choice((None, *[date(2026, random.randint(1, 9), 9)] * 5)),
        }

    added = crm.opportunities.add_many(
        [Opportunity(description="D", account=accounts[number % 2].id, **drawn(number)) for number in range(many)]
    ).records
    crm.opportunity_items.add_many(
        [
            OpportunityItem(
                opportunity=one.id,
                item=random.choice(items).id,
                quantity=random.randint(0, 3),
                price=random.choice((None, Decimal("2.5"))),
            )
            for one in added
            for _ in range(random.choice((0, 0, 1, 2, 3)))
        ]
    )
    crm.team_assignments.add_many(
        [
            TeamAssignment(target=one.id, holder=holder.id, primary=random.random() < 0.7)
            for one in added
            for holder in random.sample([*teams, top], random.randint(0, 2))
        ]
    )
    made = []
    for number in range(7):
        currency = random.choice(("EUR", "EUR", "USD"))
        period = periods[number % len(periods)]
        one = crm.sales_forecasts.add(SalesForecast(owner=top.id, period=period.id, currency=currency))
        one = crm.sales_forecasts.add_opportunities(one.id, [deal.id for deal in random.sample(added, many // 3)])
        for line in random.sample(one.lines, many // 6):
            crm.forecast_lines.update(line, override=amount(10**6))
        made.append(one.id)

    def end(deals: list[Opportunity]) -> None:
        for deal in deals:
            close = random.choice((crm.opportunities.win, crm.opportunities.lose))
            close(deal.id, on=date(2026, random.randint(1, 3), 1))

    end(added[: many // 6])
    for number, hours in ((1, 1), (2, 23), (4, 1), (5, 23)):
        clock.tick(hours=hours)
        crm.sales_forecasts.submit(made[number])
    crm.sales_forecasts.approve(made[4])
    clock.tick(days=2)
    fixed(crm, date(2026, 3, 4), "1.21")
    for code, probability, category in (("vague", 40, "commit"), ("proposal", 35, "omitted")):
        (stage,) = crm.stages.find(code=code)
        crm.stages.update(stage, probability=probability, forecast_category=category)
    end(added[many // 6 : many // 3])
    for number in range(many // 4, many // 4 * 3):
        current = crm.opportunities.get(added[number].id)
        if current.status == "open":
            crm.opportunities.update(current, **drawn(number))


def rounded(exact: Fraction) -> int:
    """Python rounds a fraction half-even."""
    return round(exact)


def split(minor: int, weights: list[Fraction]) -> list[int]:
    """By largest remainders, the earlier of equals first."""
    exact = [minor * weight / sum(weights) for weight in weights]
    whole = [int(one) for one in exact]
    order = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], place))
    for place in order[: minor - sum(whole)]:
        whole[place] += 1
    return whole


class ByHand:
    """The lines of forecasts, each by itself, of records that are read as they are."""

    def __init__(self, crm: Crm, today: date) -> None:
        self.today = today
        self.periods = {one.id: one for one in crm.sales_periods.all()}
        self.forecasts = list(crm.sales_forecasts.all())
        self.deals = {one.id: one for one in crm.opportunities.all()}
        self.accounts = {one.id: one for one in crm.accounts.all()}
        self.leads = {one.id: one for one in crm.leads.all()}
        self.items = {one.id: one for one in crm.items.all()}
        self.parts = sorted(crm.opportunity_items.all(), key=lambda part: part.id)
        self.rates = list(crm.exchange_rates.all())
        self.stages: dict[str, tuple[int | None, str]] = {
            one.code: (one.probability.basis_points if one.probability else None, one.forecast_category)
            for one in crm.stages.all()
        }
        teams = {one.id for one in crm.sales_teams.all()}
        self.holders = [
            (one.target, one.holder) for one in crm.team_assignments.all() if one.primary and one.holder in teams
        ]
        self.above = {
            **{one.id: one.manager for one in crm.salespersons.all()},
            **{one.id: one.parent for one in crm.territories.all()},
        }

    def rate(self, source: str, wanted: str, day: date | None, taken: date, rates: Any) -> Fraction:
        """What 1 of a currency is in the one wanted, by a choice of rates, of what is for a day."""
        if source == wanted:
            return Fraction(1)
        if isinstance(rates, dict):
            return Fraction(rates[source, wanted])
        known = self.rates
        if isinstance(rates, RatePolicy):
            known, rates = list(BROUGHT), "close"
        by = {"close": day or self.today, "snapshot": taken, "today": self.today}.get(str(rates), rates)
        several = [one for one in known if (one.from_currency, one.to_currency) == (source, wanted) and one.day <= by]
        return Fraction(max(several, key=lambda one: one.day).rate)

    def contributions(
        self, statuses: tuple[str, ...], codes: tuple[str, ...], wanted: str, rates: Any, met: Callable[[Any], bool]
    ) -> Iterator[tuple[dict[str, Any], Counter[str]]]:
        """Where each line counts, and what."""
        for forecast in self.forecasts:
            period = self.periods[forecast.period]
            if forecast.status in statuses and period.code in codes:
                for line in forecast.lines:
                    if met(self.deals[line.opportunity]):
                        yield from self.contribution(forecast, line, wanted, rates, period.code)

    def contribution(
        self, forecast: SalesForecast, line: Any, wanted: str, rates: Any, code: str
    ) -> Iterator[tuple[dict[str, Any], Counter[str]]]:
        deal = self.deals[line.opportunity]
        stood, taken = deal.closed_on or deal.projected_close, self.today
        points, category = self.stages.get(deal.stage, (None, ""))
        value, day, held, category = deal.estimated_value, stood, deal, deal.forecast_category or category
        kept: Any = (None, None)
        if forecast.status != "draft":
            held, points, category = line, None, line.category
            value, day, taken = line.value, line.close_date, line.recorded_at.date()
            if rates == "close" and forecast.currency == wanted:
                kept = (line.rate, line.override_rate)
        if held.probability is not None:
            points = held.probability.basis_points

        def converted(money: Money, rate: Any) -> int:
            by = self.rate(money.currency, wanted, day, taken, rates) if rate is None else Fraction(rate)
            return rounded(Fraction(money.minor, MINOR[money.currency]) * by * MINOR[wanted])

        gross = converted(value, kept[0]) if value else 0
        weighted = rounded(Fraction(gross * (points or 0), 10_000))
        if line.override is not None:
            weighted, points = converted(line.override, kept[1]), 0
        weighted = {"won": gross, "lost": 0}.get(held.status, weighted)
        category = {"won": "closed", "lost": "lost"}.get(held.status, category)
        missing = value is None or (held.status == "open" and points is None)
        where = {
            "period": code,
            "salesperson": deal.salesperson,
            "team": min((holder for target, holder in self.holders if target == deal.id), default=None),
            "territory": deal.territory or self.accounts[deal.account].territory,
            "stage": held.stage or None,
            "category": category or None,
            "status": held.status,
            "campaign": deal.campaign or (self.leads[deal.lead].campaign if deal.lead else None),
            "currency": value.currency if value else None,
        }
        parts = [part for part in self.parts if part.opportunity == deal.id]
        weights = self.weights(parts, value, lambda source: self.rate(source, wanted, stood, self.today, rates))
        shares: dict[Any, Fraction] = {}
        for part, weight in zip(parts, weights, strict=True):
            shares[part.item] = shares.get(part.item, Fraction()) + weight
        main = max(shares, key=lambda item: shares[item]) if shares else None
        each = zip(split(gross, weights), split(weighted, weights), strict=True) if parts else [(gross, weighted)]
        items: list[Any] = [part.item for part in parts] or [None]
        counted = False
        for item, (whole, likely) in zip(items, each, strict=True):
            here = item == main and not counted
            counted = counted or here
            figures = Counter(gross=whole, weighted=likely, count=int(here), incomplete_count=int(here and missing))
            figures[held.status] += whole
            if category in AMOUNTS[5:]:
                figures[category] += whole
            yield {**where, "item": item}, figures

    def weights(self, parts: list[Any], value: Money | None, rate: Callable[[str], Fraction]) -> list[Fraction]:
        """Quantity × price, else the quantity, else alike."""
        priced = []
        for part in parts:
            item, price, currency = self.items[part.item], part.price, value.currency if value else ""
            if price is None and value is not None:
                price, currency = item.unit_price, item.currency or "EUR"
            priced.append(Fraction(part.quantity) * Fraction(price or 0) * (rate(currency) if currency else 1))
        for weights in (priced, [Fraction(part.quantity) for part in parts]):
            if any(weights):
                return weights
        return [Fraction(1) for _ in parts]

    def below(self, id: Any, top: Any) -> bool:
        """Whether it is that one, or below it in its tree."""
        while top is not None and id is not None and id != top:
            id = self.above[id]
        return bool(id == top)


def told(totals: Any) -> Counter[str]:
    """The figures of a row, those that are not zero."""
    amounts = {name: getattr(totals, name).minor for name in AMOUNTS}
    return +Counter({**amounts, "count": totals.count, "incomplete_count": totals.incomplete_count})


def summed(contributions: list[tuple[dict[str, Any], Counter[str]]], by: tuple[str, ...]) -> dict[Any, Counter[str]]:
    found: dict[Any, Counter[str]] = {}
    for where, figures in contributions:
        found.setdefault(tuple([where[name] for name in by]), Counter()).update(figures)
    return {key: +figures for key, figures in found.items() if +figures}


MET: Final[dict[str, tuple[dict[str, Any], Callable[[Any], bool]]]] = {
    "any": ({}, lambda _: True),
    "a stage": ({"stage": "proposal"}, lambda deal: deal.stage == "proposal"),
    "open": ({"status": "open"}, lambda deal: deal.status == "open"),
    "without a seller": ({"salesperson": None}, lambda deal: deal.salesperson is None),
}
PERIODS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"period_kind": "month"},
    {"period": "2026-Q1"},
    {"period": ("2026-Q3", "2026-Q1")},
    {"period": ("2026-01", "2026-Q2")},
)
ASKED: Final = st.fixed_dictionaries(
    {
        "by": st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=4).map(tuple),
        "statuses": st.sets(st.sampled_from(("draft", "submitted", "approved")), min_size=1).map(sorted).map(tuple),
        "currency": st.sampled_from(("", "EUR", "USD", "JPY")),
        "rates": st.sampled_from(
            (*("close",) * 3, "snapshot", "today", EARLY, HANDED_IN, RatePolicy(rates=Rates(BROUGHT)))
        ),
        "when": st.sampled_from(PERIODS),
        "met": st.sampled_from(list(MET)),
    }
)


def hold(crm: Crm, hand: ByHand, asked: dict[str, Any]) -> int:
    """The roll-up is what the single lines come to: every row, what is below it, and the total; gives how many lines
    these are.
    """
    words, met = MET[asked["met"]]
    by, rates, when = asked["by"], asked["rates"], asked["when"]
    codes = when.get("period") or tuple(
        one.code for one in hand.periods.values() if one.kind == when.get("period_kind", "quarter")
    )
    codes = (codes,) if isinstance(codes, str) else codes
    each = list(hand.contributions(asked["statuses"], codes, asked["currency"] or "EUR", rates, met))
    rolled = crm.forecasting.roll_up(
        by=by, forecast_status=asked["statuses"], currency=asked["currency"], rates=rates, **when, **words
    )
    expected = summed(each, by)
    assert {tuple(row.key.values()): told(row) for row in rolled if told(row)} == expected
    assert told(rolled.total) == summed(each, ()).get((), Counter())
    if by in (("salesperson",), ("territory",)):
        for row in rolled:
            (top,) = row.key.values()
            below = [figures for (id,), figures in expected.items() if hand.below(id, top)]
            assert told(row.with_descendants) == sum(below, Counter())
    return len(each)


@pytest.fixture(scope="module")
def forecasts(module_store: str, module_url: Callable[[str], str]) -> Iterator[tuple[Crm, Crm, ByHand, ByHand]]:
    """One CRM for all examples, and as it stood before the last changes; and all of it by hand."""
    clock = ManualClock(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    with crmkit.connect(module_url(module_store), clock=clock) as crm:
        filled(crm, 11, 36, clock)
        then = crm.now()
        clock.tick(minutes=1)
        for forecast in list(crm.sales_forecasts.find(status="submitted"))[:1]:
            crm.sales_forecasts.reopen(forecast.id)
        for deal in list(crm.opportunities.find(status="open"))[::2]:
            crm.opportunities.update(deal, estimated_value=Money(7, "JPY"), stage="closing", salesperson=None)
        past = crm.as_of(then)
        yield crm, past, ByHand(crm, clock().date()), ByHand(past, then.date())


@settings(max_examples=60)
@given(asked=ASKED, past=st.booleans())
def test_a_roll_up_of_lines_is_what_the_single_lines_come_to(
    forecasts: tuple[Crm, Crm, ByHand, ByHand], asked: dict[str, Any], past: bool
) -> None:
    """By whatever, of any statuses, at any rates, in any currency and periods, narrowed; now, and as it stood."""
    crm, view, now, then = forecasts
    hold(view, then, asked) if past else hold(crm, now, asked)


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), several=st.lists(ASKED, min_size=5, max_size=5))
def test_so_it_is_whatever_the_lines_are(seed: int, several: list[dict[str, Any]]) -> None:
    """In memory: of other opportunities, other forecasts and other overrides at every turn."""
    clock = ManualClock(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    with crmkit.connect("memory:", clock=clock) as crm:
        filled(crm, seed, 18, clock)
        hand = ByHand(crm, clock().date())
        every: dict[str, Any] = {"statuses": ("draft", "submitted", "approved"), "currency": "", "rates": "close"}
        assert hold(crm, hand, {**every, "by": DIMENSIONS, "when": {}, "met": "any"}) > 0
        for asked in several:
            hold(crm, hand, asked)


def test_so_it_is_of_an_export(tmp_path: Path) -> None:
    """Past the database, now and as it stood."""
    pytest.importorskip("ibis")
    clock = ManualClock(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    every: dict[str, Any] = {"statuses": ("draft", "submitted", "approved"), "when": {}, "met": "open"}
    with crmkit.connect("memory:", clock=clock) as crm:
        filled(crm, 5, 18, clock)
        crm.to_parquet(tmp_path / "x")
        export = crmkit.connect(f"parquet:///{tmp_path / 'x'}", clock=clock)
        hand = ByHand(crm, clock().date())
        for by, rates in ((DIMENSIONS, "close"), (("period", "team"), "snapshot")):
            assert hold(export, hand, {**every, "by": by, "currency": "USD", "rates": rates}) > 0


def test_what_explains_a_row_comes_to_it(forecasts: tuple[Crm, Crm, ByHand, ByHand]) -> None:
    """By item too, where a deal is on several forecasts, with values that are not alike."""
    crm, *_ = forecasts
    asked: dict[str, Any] = {"by": "item", "forecast_status": ("draft", "submitted", "approved"), "currency": "USD"}
    for row in crm.forecasting.roll_up(**asked):
        for figure in ("gross", "weighted", "count"):
            assert crm.forecasting.explain(**asked, key=row.key["item"], figure=figure).total == getattr(row, figure)


def test_a_line_without_a_rate_is_refused_and_the_deal_named(crm: Crm) -> None:
    """Whether its value is in another currency or what stands in its place, or what its items cost."""
    crm.sales_periods.make_year(2026)
    (period,) = crm.sales_periods.all(code="2026-Q2")
    ana = crm.salespersons.add(Salesperson(name="Ana")).id
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana, period=period.id)).id
    for value, override, by in (
        (Money(5, "USD"), None, "salesperson"),
        (Money(5, "EUR"), Money(4, "USD"), "salesperson"),
        (Money(5, "EUR"), None, "item"),
    ):
        deal = crm.opportunities.add(Opportunity(description="D", account=account, estimated_value=value))
        for currency in ("USD", "EUR"):
            item = crm.items.add(Item(description="I", unit_price=1, currency=currency))
            crm.opportunity_items.add(OpportunityItem(opportunity=deal.id, item=item.id))
        (line,) = crm.sales_forecasts.add_opportunities(forecast, [deal.id]).lines
        crm.forecast_lines.update(line, override=override)
        with pytest.raises(Refused, match="no rate from USD to EUR") as refused:
            crm.forecasting.roll_up(by=by, forecast_status="draft")
        assert refused.value.findings[0].record == deal.id
        crm.forecast_lines.delete(crm.forecast_lines.get(line.id))
