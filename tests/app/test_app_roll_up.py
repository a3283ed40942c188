"""Roll-ups, asked of every store."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from crmkit import (
    Campaign,
    Crm,
    Customer,
    Invalid,
    Item,
    Lead,
    Money,
    NotFound,
    Opportunity,
    Prospect,
    SalesForecast,
    Salesperson,
    SalesTeam,
    Territory,
    at_least,
)
from crmkit.entities import ExchangeRate, OpportunityItem, TeamAssignment
from crmkit.forecasting import DIMENSIONS
from crmkit.forecasting.totals import AMOUNTS
from crmkit.queries import Empty
from crmkit.testing.clocks import ManualClock


@pytest.fixture
def pipeline(crm: Crm) -> Crm:
    """Twelve opportunities of two quarters, two accounts and two sellers, of all sorts; two of them closed."""
    crm.sales_periods.make_year(2026, kind="quarter")
    sellers = crm.salespersons.add_many([Salesperson(name="Ana"), Salesperson(name="Ben")]).records
    accounts = (crm.prospects.add(Prospect(name="Acme Bikes")), crm.customers.add(Customer(name="Norte Foods")))
    team = crm.sales_teams.add(SalesTeam(name="North"))
    added = crm.opportunities.add_many(
        [
            Opportunity(
                description=f"deal {number}",
                account=accounts[number % 2].id,
                salesperson=None if number % 4 == 2 else sellers[number % 2].id,
                stage=("qualification", "proposal", "")[number % 3],
                source=("web", "call")[number // 6],
                estimated_value=None if number == 5 else Money.of_minor(10_001 * (number + 1), "EUR"),
                probability=(None, 33, 50)[number % 3],
                projected_close=date(2026, 1 + number // 2, 7),
            )
            for number in range(12)
        ]
    ).records
    for one in added[::3]:
        crm.team_assignments.add(TeamAssignment(target=one.id, holder=team.id, primary=True))
    crm.opportunities.win(added[0].id, on=date(2026, 2, 1))
    crm.opportunities.lose(added[3].id, on=date(2026, 2, 2))
    return crm


NARROWED: dict[str, tuple[tuple[Any, ...], dict[str, Callable[[Crm], Any]]]] = {
    "a person": ((), {"salesperson": lambda crm: next(iter(crm.salespersons.all()))}),
    "a source": ((), {"source": lambda crm: "web"}),
    "a range of values": ((), {"estimated_value": lambda crm: at_least(Money("400", "EUR"))}),
    "a team": ((), {"team": lambda crm: next(iter(crm.sales_teams.all()))}),
    "a status and a stage": ((), {"status": lambda crm: "open", "stage": lambda crm: "proposal"}),
    "a criterion": ((Empty("salesperson"),), {}),
    "none": ((), {"source": lambda crm: "partner"}),
}


def test_whatever_finds_opportunities_narrows_a_roll_up(pipeline: Crm) -> None:
    """It is of those that the same words find, in all periods or in one."""
    for where, words in NARROWED.values():
        asked = {word: value(pipeline) for word, value in words.items()}
        found = list(pipeline.opportunities.find(*where, **asked))
        rolled = pipeline.forecasting.roll_up(*where, by=("stage", "salesperson"), **asked)
        assert rolled.total.count == sum(row.count for row in rolled) == len(found)
        assert rolled.total.gross == Money.total((one.estimated_value for one in found if one.estimated_value), "EUR")
        first = [one for one in found if (one.closed_on or one.projected_close or date.max) <= date(2026, 3, 31)]
        assert pipeline.forecasting.roll_up(*where, period="2026-Q1", **asked).total.count == len(first)


def test_the_same_words_narrow_the_lines_of_forecasts(pipeline: Crm) -> None:
    """A line counts where they hold for its opportunity."""
    ana = next(iter(pipeline.salespersons.all()))
    forecast = pipeline.sales_forecasts.add(
        SalesForecast(owner=ana.id, period=pipeline.sales_periods.find(code="2026-Q2")[0].id)
    )
    some = list(pipeline.opportunities.find(status="open", salesperson=ana))
    pipeline.sales_forecasts.add_opportunities(forecast.id, [one.id for one in some])
    web = pipeline.forecasting.roll_up(forecast_status="draft", source="web").total
    assert 0 < web.count < pipeline.forecasting.roll_up(forecast_status="draft").total.count == len(some)
    assert web.count == sum(one.source == "web" for one in some)


def test_a_deal_on_two_forecasts_of_the_status_counts_on_both(pipeline: Crm) -> None:
    """A roll-up of forecast lines is of lines: of opportunities, it is one of these as they stand."""
    ana = next(iter(pipeline.salespersons.all()))
    (period,) = pipeline.sales_periods.all(code="2026-Q2")
    deal = next(iter(pipeline.opportunities.find(status="open", salesperson=ana)))
    for _ in range(2):
        forecast = pipeline.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
        pipeline.sales_forecasts.add_opportunities(forecast.id, [deal.id])
        pipeline.sales_forecasts.submit(forecast.id)
    assert pipeline.forecasting.roll_up(forecast_status="submitted").total.count == 2


STAGES = {"qualification": (1_000, "pipeline"), "proposal": (5_000, "best_case"), "closing": (9_000, "commit")}
"""The probability and the category that the starter set gives them."""
RATES = {"EUR": Fraction(1), "USD": Fraction("0.9173"), "JPY": Fraction("0.006121")}
MINOR = {"EUR": 100, "USD": 100, "JPY": 1}


def market(crm: Crm, many: int = 60, seed: int = 7) -> None:
    """Opportunities of all sorts, with all that they can be rolled up by, in three currencies."""
    random = Random(seed)  # noqa: S311 - a sample
    crm.sales_periods.make_year(2026, kind="quarter")
    crm.exchange_rates.add_many(
        [
            ExchangeRate(from_currency=one, to_currency="EUR", day=date(2026, 1, 1), rate=Decimal(rate))
            for one, rate in (("USD", "0.9173"), ("JPY", "0.006121"))
        ]
    )
    top = crm.salespersons.add(Salesperson(name="Top"))
    sellers = crm.salespersons.add_many([Salesperson(name=f"S{place}", manager=top.id) for place in range(3)]).records
    north = crm.territories.add(Territory(description="North"))
    places = [north, crm.territories.add(Territory(description="Norther", parent=north.id))]
    teams = crm.sales_teams.add_many([SalesTeam(name=f"T{place}") for place in range(2)]).records
    campaigns = crm.campaigns.add_many([Campaign(code=f"C{place}") for place in range(2)]).records
    items = crm.items.add_many([Item(description=f"I{place}", unit_price=Decimal(place)) for place in range(3)]).records
    accounts = [crm.prospects.add(Prospect(name="P", territory=places[1].id)), crm.customers.add(Customer(name="C"))]
    leads = crm.leads.add_many([Lead(account=one.id, campaign=campaigns[0].id) for one in accounts]).records
    made = []
    for number in range(many):
        ended = random.choice((None, None, "won", "lost"))
        currency = random.choice(("EUR", "EUR", "USD", "JPY"))
        side = number % 2
        made.append(
            Opportunity(
                description=f"deal {number}",
                account=accounts[side].id,
                lead=leads[side].id if random.random() < 0.3 else None,
                campaign=random.choice((None, campaigns[1].id)),
                territory=random.choice((None, places[0].id)),
                salesperson=random.choice((None, *(seller.id for seller in sellers))),
                status=ended or "open",
                stage=random.choice(("", *STAGES)),
                forecast_category=random.choice(("", "", "commit", "omitted")),
                estimated_value=random.choice((None, *[Money.of_minor(random.randint(0, 10**9), currency)] * 6)),
                probability=random.choice((None, Decimal(random.randint(0, 10_000)) / 100)),
                projected_close=random.choice((None, *[date(2026, random.randint(1, 12), 9)] * 5)),
                closed_on=date(2026, random.randint(1, 12), 28) if ended else None,
            )
        )
    added = crm.opportunities.add_many(made).records
    crm.opportunity_items.add_many(
        [
            OpportunityItem(
                opportunity=one.id,
                item=random.choice(items).id,
                quantity=Decimal(random.randint(0, 3)),
                price=random.choice((None, Decimal("2.5"))),
            )
            for one in added
            for _ in range(random.randint(0, 3))
        ]
    )
    crm.team_assignments.add_many(
        [
            TeamAssignment(target=one.id, holder=team.id, primary=random.random() < 0.7)
            for one in added
            for team in teams[: random.randint(0, 2)]
        ]
    )


def even(exact: Fraction) -> int:
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


def expected(crm: Crm) -> list[tuple[dict[str, Any], Counter[str]]]:
    """What each opportunity should contribute, from its own fields and fractions alone: where, and how much."""
    accounts = {one.id: one for one in crm.accounts.all()}
    leads = {one.id: one for one in crm.leads.all()}
    prices = {one.id: one.unit_price for one in crm.items.all()}
    assigned: dict[Any, list[Any]] = {}
    for held in crm.team_assignments.all():
        if held.primary:
            assigned.setdefault(held.target, []).append(held.holder)
    lines_of: dict[Any, list[OpportunityItem]] = {}
    for line in crm.opportunity_items.all():
        lines_of.setdefault(line.opportunity, []).append(line)
    found = []
    for one in crm.opportunities.all():
        value, day = one.estimated_value, one.closed_on or one.projected_close
        points, category = STAGES.get(one.stage, (None, ""))
        if one.probability is not None:
            points = one.probability.basis_points
        category = one.forecast_category or category
        gross = even(RATES[value.currency] * value.minor / MINOR[value.currency] * 100) if value else 0
        weighted = {"won": gross, "lost": 0}.get(one.status, even(Fraction(gross * (points or 0), 10_000)))
        category = {"won": "closed", "lost": "lost"}.get(one.status, category)
        missing = value is None or (one.status == "open" and points is None)
        where = {
            "period": f"2026-Q{(day.month + 2) // 3}" if day else None,
            "salesperson": one.salesperson,
            "team": min(assigned.get(one.id, ()), default=None),
            "territory": one.territory or accounts[one.account].territory,
            "stage": one.stage or None,
            "category": category or None,
            "status": one.status,
            "campaign": one.campaign or (leads[one.lead].campaign if one.lead else None),
            "currency": value.currency if value else None,
        }
        lines = sorted(lines_of.get(one.id, ()), key=lambda line: line.id)
        rate = RATES[value.currency] if value else Fraction(1)
        each = [
            (Fraction(prices[line.item] or 0) if value else Fraction())
            if line.price is None
            else Fraction(line.price) * rate
            for line in lines
        ]
        priced = [Fraction(line.quantity) * price for line, price in zip(lines, each, strict=True)]
        weights = priced if any(priced) else [Fraction(line.quantity) for line in lines]
        weights = weights if any(weights) else [Fraction(1) for _ in lines]
        shares: Counter[Any] = Counter()
        for line, weight in zip(lines, weights, strict=True):
            shares[line.item] += weight  # type: ignore[assignment]
        main = max(shares, key=lambda item: shares[item]) if lines else None
        items: list[Any] = [line.item for line in lines] or [None]
        parts = zip(
            items,
            split(gross, weights) if lines else [gross],
            split(weighted, weights) if lines else [weighted],
            strict=True,
        )
        counted = False
        for item, part, likely in parts:
            here = item == main and not counted
            counted = counted or here
            figures = Counter(gross=part, weighted=likely, count=int(here), incomplete_count=int(here and missing))
            figures[one.status] += part
            if category in AMOUNTS[5:]:
                figures[category] += part
            found.append(({**where, "item": item}, figures))
    return found


def summed(contributions: list[tuple[dict[str, Any], Counter[str]]], by: tuple[str, ...]) -> dict[Any, Counter[str]]:
    found: dict[Any, Counter[str]] = {}
    for where, figures in contributions:
        found.setdefault(tuple(where[name] for name in by), Counter()).update(figures)
    return found


def told(rolled: Any) -> dict[Any, Counter[str]]:
    return {
        tuple(row.key.values()): Counter(
            {
                **{name: getattr(row, name).minor for name in AMOUNTS},
                "count": row.count,
                "incomplete_count": row.incomplete_count,
            }
        )
        for row in rolled
        if row.count or row.gross
    }


CHOICES = ((), *((one,) for one in DIMENSIONS), ("period", "salesperson"), ("item", "team", "category"), DIMENSIONS)


def test_every_partition_is_what_the_opportunities_come_to(crm: Crm, clock: ManualClock) -> None:
    """By any dimension and by all of them, each row is the sum of rounded parts, and they sum to the one total; so it
    is of one period, and as of an instant before everything changed.
    """
    market(crm)
    contributions = expected(crm)
    (whole,) = summed(contributions, ()).values()
    then = crm.now()
    clock.tick(minutes=1)

    def hold(view: Any) -> None:
        for by in CHOICES:
            rolled = view.forecasting.roll_up(by=by)
            assert told(rolled) == {
                key: sums for key, sums in summed(contributions, by).items() if sums["count"] or sums["gross"]
            }
            for name in AMOUNTS:
                assert getattr(rolled.total, name).minor == whole[name]

    hold(crm)
    spring = [one for one in contributions if one[0]["period"] == "2026-Q2"]
    for by in (("salesperson",), ("item", "period")):
        assert told(crm.forecasting.roll_up(by=by, period="2026-Q2")) == {
            key: sums for key, sums in summed(spring, by).items() if sums["count"] or sums["gross"]
        }
    with crm.begin() as work:
        for one in list(work.opportunities.all())[::2]:
            work.opportunities.update(one, estimated_value=Money(1, "EUR"), projected_close=None, stage="")
    assert told(crm.forecasting.roll_up(by="stage")) != summed(contributions, ("stage",))
    hold(crm.as_of(then))


def test_columns_roll_up_to_the_same_value(crm: Crm, clock: ManualClock) -> None:
    """By whatever there are columns of, in any period and currency, of some opportunities or all, now or then."""
    pytest.importorskip("pyarrow")
    market(crm)
    then = crm.now()
    clock.tick(minutes=1)
    columns = crm.forecasting.columns()
    for by in CHOICES:
        if "item" not in by:
            assert columns.roll_up(by=by) == crm.forecasting.roll_up(by=by)
    for asked in ({"period": ("2026-Q2", "2026-Q4")}, {"currency": "EUR", "period_kind": "year"}):
        by = ("salesperson", "period")
        assert columns.roll_up(by=by, **asked) == crm.forecasting.roll_up(by=by, **asked)
        assert columns.roll_up(by="team", **asked) == crm.forecasting.roll_up(by="team", **asked)
    before = crm.forecasting.roll_up(by="stage", status="open")
    crm.opportunities.update(next(iter(crm.opportunities.find(status="open"))), estimated_value=Money(1, "EUR"))
    view = crm.as_of(then)
    assert view.forecasting.columns(status="open").roll_up(by="stage") == before


def test_what_columns_cannot_answer_is_refused(crm: Crm) -> None:
    """By item, an unknown period or currency."""
    pytest.importorskip("pyarrow")
    columns = crm.forecasting.columns()
    assert (len(columns), columns.roll_up(by="stage").rows) == (0, ())
    for by, asked, error in (
        ("item", {}, Invalid),
        ("stage", {"period": "2031-Q1"}, NotFound),
        ("stage", {"currency": "XXX"}, Invalid),
    ):
        with pytest.raises(error):
            columns.roll_up(by=by, **asked)


def test_what_is_incomplete_is_named_where_it_is_asked(pipeline: Crm) -> None:
    """As many as the roll-up counts, each with what it is without, narrowed by the same words."""
    rolled = pipeline.forecasting.roll_up(by="stage")
    found = pipeline.forecasting.incomplete()
    held = {one.id: one for one in pipeline.opportunities.all()}
    assert len(found) == rolled.total.incomplete_count > 0
    for one in found:
        assert ("estimated_value" in one.missing) == (held[one.opportunity].estimated_value is None)
    assert len(pipeline.forecasting.incomplete(stage="proposal")) == rolled["proposal"].incomplete_count
    assert pipeline.forecasting.incomplete(source="partner", period="2026-Q1") == ()


def test_a_roll_up_is_one_grouped_statement(pipeline: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is by and of; beside it there are the names, codes and rates, a statement a kind."""
    store: Any = pipeline.store
    if not hasattr(store, "profile"):
        return
    unit: Any = type(store.begin(tenant="x", clock=pipeline.now, read_only=True))
    execute, said = unit.execute, []

    def noted(self: Any, statement: str, values: Any = ()) -> Any:
        said.append(statement)
        return execute(self, statement, values)

    monkeypatch.setattr(unit, "execute", noted)
    every = ("draft", "submitted", "approved")
    ways: tuple[dict[str, Any], ...] = (
        {},
        *({"forecast_status": some, "rates": rates} for some in (every, "draft") for rates in ("close", "snapshot")),
    )
    for by, asked in product((("period", "salesperson"), ("item", "team", "territory", "campaign"), ()), ways):
        said.clear()
        pipeline.forecasting.roll_up(by=by, **asked)
        assert sum("sum(" in statement for statement in said) == 1
        assert len(said) == len({statement.partition("FROM")[2].split()[0] for statement in said}) <= 12
