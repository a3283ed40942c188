"""Every figure is explained by parts that add up to it, on every store and at every instant."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import unescape
from random import Random
from typing import Any

import pytest

from crmkit import (
    Campaign,
    Crm,
    Customer,
    ExchangeRate,
    ForecastAdjustment,
    Invalid,
    Item,
    Lead,
    Money,
    NotFound,
    Opportunity,
    Prospect,
    Quota,
    SalesForecast,
    Salesperson,
    SalesTeam,
    Territory,
)
from crmkit.app.explaining import Explainer
from crmkit.app.forecasting import _gathered
from crmkit.entities import OpportunityItem, TeamAssignment
from crmkit.forecasting import Explanation
from crmkit.forecasting.explaining import cell
from crmkit.testing.clocks import ManualClock

RATES = {"EUR": Fraction(1), "USD": Fraction("0.9173"), "JPY": Fraction("0.006121")}
in_memory = pytest.mark.parametrize("store_name", ["memory"], indirect=True)
"""For what no engine decides."""


def eur(amount: object) -> Money:
    """An amount in euros."""
    return Money(amount, "EUR")


def fill(crm: Crm, seed: int, many: int) -> None:
    """Opportunities of all sorts in three currencies, with all that they are rolled up by; quotas, and a forecast."""
    random = Random(seed)  # noqa: S311 - a sample
    quarters = crm.sales_periods.make_year(2026, kind="quarter")
    for currency in ("USD", "JPY"):
        rate = Decimal(str(float(RATES[currency])))
        crm.exchange_rates.add(ExchangeRate(from_currency=currency, to_currency="EUR", day=date(2026, 1, 1), rate=rate))
    top = crm.salespersons.add(Salesperson(name="Top"))
    sellers = [top, *crm.salespersons.add_many([Salesperson(name=f"S{n}", manager=top.id) for n in (1, 2)]).records]
    north = crm.territories.add(Territory(description="North"))
    places = [north, crm.territories.add(Territory(description="Norther", parent=north.id))]
    team = crm.sales_teams.add(SalesTeam(name="T"))
    items = crm.items.add_many([Item(description=f"I{n}", unit_price=Decimal(n)) for n in range(3)]).records
    accounts = [crm.prospects.add(Prospect(name="P", territory=places[1].id)), crm.customers.add(Customer(name="C"))]
    crm.quotas.add_many(
        [
            Quota(owner=one.id, period=period.id, amount=Money.of_minor(random.randint(0, 10**7), currency))
            for one, currency in ((top, "EUR"), (sellers[1], "USD"))
            for period in quarters[:2]
        ]
    )
    fair = crm.campaigns.add(Campaign(description="Fair")).id
    leads = [crm.leads.add(Lead(account=accounts[0].id, campaign=campaign)).id for campaign in (fair, None)]
    made = []
    for number in range(many):
        ended, currency = random.choice((None, None, "won", "lost")), random.choice(("EUR", "EUR", "USD", "JPY"))
        made.append(
            Opportunity(
                description=f"deal {number}",
                account=accounts[number % 2].id,
                campaign=fair if number % 5 == 1 else None,
                lead=(None, *leads)[number % 6 // 2] if number % 2 == 0 else None,
                territory=random.choice((None, places[0].id)),
                salesperson=random.choice((None, *(seller.id for seller in sellers))),
                status=ended or "open",
                stage=random.choice(("", "qualification", "proposal", "closing")),
                forecast_category=random.choice(("", "", "commit", "omitted")),
                estimated_value=random.choice((None, *[Money.of_minor(random.randint(0, 10**7), currency)] * 6)),
                probability=random.choice((None, Decimal(random.randint(0, 10_000)) / 100)),
                projected_close=random.choice((None, *[date(2026, random.randint(1, 9), 9)] * 5)),
                closed_on=date(2026, random.randint(1, 9), 28) if ended else None,
            )
        )
    added = crm.opportunities.add_many(made).records
    lines = [
        OpportunityItem(opportunity=one.id, item=item.id, quantity=random.randint(1, 3))
        for one in added[::3]
        for item in random.sample(items, random.randint(1, 3))
    ]
    crm.opportunity_items.add_many(lines)
    crm.team_assignments.add_many([TeamAssignment(target=one.id, holder=team.id, primary=True) for one in added[::2]])
    forecast = crm.sales_forecasts.add(SalesForecast(owner=top.id, period=quarters[0].id))
    still_open = [one.id for one in added if one.status == "open"]
    forecast = crm.sales_forecasts.add_opportunities(forecast.id, still_open)
    for line in forecast.lines[::4]:
        crm.forecast_lines.update(line, override=Money.of_minor(random.randint(0, 10**6), random.choice(tuple(RATES))))
    for by, name in (("dan", "amount"), ("cleo", "difference")):
        adjustment = {name: Money.of_minor(random.randint(0, 10**5), "USD")}
        crm.forecast_adjustments.add(ForecastAdjustment(forecast=forecast.id, by=by, **adjustment))


ASKED: tuple[dict[str, Any], ...] = (
    {"by": ("salesperson", "period")},
    {"by": "salesperson", "period": ("2026-Q1", "2026-Q2"), "rates": date(2026, 1, 1)},
    {"by": ("item", "category"), "currency": "EUR"},
    {"by": ("territory", "team", "stage"), "status": "open"},
    {"by": ("category", "campaign", "status")},
    {"by": ("currency", "status"), "rates": {("USD", "EUR"): "0.1", ("JPY", "EUR"): "0.0321"}},
    {"by": ("salesperson", "item"), "forecast_status": ("draft", "submitted")},
)


def explained(crm: Crm, asked: dict[str, Any]) -> Iterator[tuple[Any, Explanation]]:
    """Each cell of a roll-up as its row has it, with its explanation: the total's and every row's, every figure."""
    rolled = crm.forecasting.roll_up(**asked)
    given = {"period": None, "period_kind": "quarter", "currency": "", "rates": "close", **asked}
    del given["by"]
    statuses = given.pop("forecast_status", None)
    figures = [one.name for one in rolled.columns if one.kind in ("whole", "amount", "ratio")]
    for key in ((), *(tuple(row.key.values()) for row in rolled)):
        with crm.begin(read_only=True) as work:
            gathered = _gathered(work, Explainer.of(rolled, key), (), statuses, **given)
        for figure in figures:
            yield cell(rolled[key] if key else rolled.total, figure), gathered.explained(figure)


def unrounded(crm: Crm, explanation: Explanation) -> None:
    """Each part is what fractions give of the opportunity's own fields, and so is what was rounded off."""
    for part in explanation.parts:
        deal = crm.opportunities.get(part.opportunity)
        value = deal.estimated_value
        if part.share is not None or part.override is not None or value is None:
            continue
        rate = part.exchange.rate if part.exchange else 1
        converted = Fraction(value.amount) * Fraction(rate)
        gross = Fraction(round(converted * 100), 100)
        assert part.figures.gross == eur(Decimal(gross.numerator) / Decimal(gross.denominator))
        likely = part.figures.probability
        share = Fraction(likely.value) / 100 if likely else 0
        exact = {"gross": converted, "weighted": gross * share}.get(part.measure)
        assert part.unrounded == exact
        if exact is not None:
            amount = Fraction(round(exact * 100), 100)
            assert part.amount == eur(Decimal(amount.numerator) / Decimal(amount.denominator))
            assert part.remainder == exact - amount


@in_memory
@pytest.mark.parametrize("seed", range(4))
def test_every_figure_of_every_cell_is_explained_by_parts_that_add_up_to_it(crm: Crm, seed: int) -> None:
    """By whatever it is rolled up, of opportunities and of lines: the parts come to the cell, and each is exact."""
    fill(crm, seed, many=25)
    for asked in ASKED:
        cells = list(explained(crm, asked))
        for value, explanation in cells:
            assert explanation.value == value == explanation.total, (asked, explanation.of, explanation.figure)
        for _, explanation in cells[:12]:
            unrounded(crm, explanation)


def test_every_store_explains_alike_and_as_it_stood(crm: Crm, clock: ManualClock) -> None:
    """A few cells on each store, before and after everything has changed."""
    fill(crm, seed=7, many=14)
    top = next(iter(crm.salespersons.find(name="Top")))
    asked: dict[str, Any] = {"by": ("salesperson", "period"), "key": (top.id, "2026-Q1")}
    figures = ("weighted_with_descendants", "won", "attainment", "quota", "cumulative_commit")
    then = crm.now()
    clock.tick(hours=1)
    before = {figure: crm.forecasting.explain(**asked, figure=figure) for figure in figures}
    for one in list(crm.opportunities.find(status="open")):
        crm.opportunities.update(one, estimated_value=eur(1), salesperson=None)
    past = crm.as_of(then).forecasting
    for figure, held in before.items():
        again = past.explain(**asked, figure=figure)
        assert (again.total, again.to_rows()) == (held.total, held.to_rows())
        row = past.roll_up(by=asked["by"])[asked["key"]]
        assert held.total == cell(row, figure)
    lines = crm.forecasting.explain(by="salesperson", forecast_status="draft", period="2026-Q1", figure="gross")
    assert lines.total == crm.forecasting.roll_up(forecast_status="draft", period="2026-Q1").total.gross


def test_what_cannot_be_in_a_row_is_not_read(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the opportunities of a row, whatever it is by, and of those below it, no other is."""
    fill(crm, seed=4, many=32)
    read: list[int] = []
    take = Explainer.take_opportunities

    def noted(self: Explainer, opportunities: Any, *given: Any) -> None:
        held = list(opportunities)
        read.append(len(held))
        take(self, held, *given)

    monkeypatch.setattr(Explainer, "take_opportunities", noted)
    for by in ("salesperson", "territory", "team", "campaign", "stage", "category", "status", "currency", "item"):
        for row in crm.forecasting.roll_up(by=by):
            (key,) = row.key.values()
            found = crm.forecasting.explain(by=by, key=key, figure="gross")
            expected = crm.opportunities.count(item=key) if by == "item" else (row.with_descendants or row).count
            assert (found.total, read.pop()) == (row.gross, expected)


def test_a_frozen_line_is_explained_in_the_stage_that_it_was_frozen_in(crm: Crm) -> None:
    """Wherever its opportunity has gone since."""
    fill(crm, seed=1, many=8)
    forecast = crm.sales_forecasts.submit(next(iter(crm.sales_forecasts.all())).id)
    for one in list(crm.opportunities.find(status="open")):
        crm.opportunities.update(one, stage="negotiation")
    asked: dict[str, Any] = {"by": "stage", "forecast_status": "submitted"}
    rows = list(crm.forecasting.roll_up(**asked))
    assert sum(row.count for row in rows) == len(crm.sales_forecasts.get(forecast.id).lines)
    for row in rows:
        (key,) = row.key.values()
        assert crm.forecasting.explain(**asked, key=key).total == row.weighted
        assert key != "negotiation"


def test_every_figure_of_a_forecast_is_explained(crm: Crm, clock: ManualClock) -> None:
    """The four views with their adjustments, totals and lines; of a draft, and frozen with the rates it counted at."""
    fill(crm, seed=3, many=12)
    (forecast,) = crm.sales_forecasts.all()
    views = ("owner_only", "without_adjustments", "without_manager_adjustments", "with_all_adjustments")

    def told() -> dict[str, Any]:
        figures, found = crm.sales_forecasts.figures(forecast.id), {}
        for figure in (*views, "weighted", "gross", "commit", "open_count", "cumulative_best_case", "win_rate"):
            explanation = crm.sales_forecasts.explain(forecast.id, figure)
            expected = figures.cumulative.best_case if "cumulative" in figure else getattr(figures, figure)
            assert explanation.total == explanation.value == expected, figure
            found[figure] = explanation
        for held in figures.lines:
            line = crm.sales_forecasts.explain(forecast.id, "weighted", opportunity=held.line.opportunity)
            assert line.total == held.figures.weighted
        return found

    draft = told()
    clock.tick(hours=1)
    crm.sales_forecasts.submit(forecast.id)
    for one in list(crm.exchange_rates.all()):
        crm.exchange_rates.delete(one.id)
    crm.exchange_rates.add(
        ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 1, 1), rate=Decimal("0.9173"))
    )
    frozen = told()
    assert {name: one.total for name, one in frozen.items()} == {name: one.total for name, one in draft.items()}
    assert {one.since for one in frozen["gross"].rates} == {None}
    assert date(2026, 1, 1) in {one.since for one in frozen["with_all_adjustments"].rates}, "the adjustments' rate"
    assert sum(one.effect.minor for one in frozen["with_all_adjustments"].adjustments) == (
        frozen["with_all_adjustments"].total.minor - frozen["weighted"].total.minor
    )


@in_memory
def test_an_explanation_prints_what_adds_up(crm: Crm) -> None:
    """The rule, each part with its rate and what was rounded off, in text and as HTML; hostile text is kept off."""
    crm.exchange_rates.add(
        ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 1, 1), rate=Decimal("0.9173"))
    )
    crm.opportunities.add(
        Opportunity(
            description="<i>e-bikes</i>\x1b[2J",
            account=crm.prospects.add(Prospect(name="Acme Bikes")).id,
            estimated_value=Money("10.01", "USD"),
            probability=33,
            projected_close=date(2026, 3, 20),
        )
    )
    found = crm.forecasting.explain(figure="weighted")
    text, html = str(found), found._repr_html_()
    assert "Weighted of the total: 3.03 EUR" in text
    assert "value × probability, rounded half-even" in text
    assert "3.0294" in text, "9.18 × 33 %"
    assert "-0.0006" in text
    assert "1 USD = 0.9173 EUR, for 2026-03-20, in the record of 2026-01-01" in text
    assert "\x1b" not in text
    assert "<i>" not in html
    assert "1 USD = 0.9173 EUR" in html
    assert "0.002173" in str(crm.forecasting.explain(figure="gross")), "10.01 × 0.9173 is 9.182173"
    assert "Won count of the total: 0" in str(crm.forecasting.explain(figure="win_rate"))
    assert list(found.to_pandas().columns) == list(found.to_rows()[0])
    (row,) = found.to_rows()
    assert (row["rate"], row["unrounded"], row["amount"]) == (Decimal("0.9173"), Decimal("3.0294"), Decimal("3.03"))


@in_memory
def test_a_hostile_name_does_not_turn_the_title_of_an_explanation(crm: Crm) -> None:
    """The row that is explained is named on one line, as HTML as in text, without what would turn it around."""
    ana = crm.salespersons.add(Salesperson(name="Ana \u202eboss\n<b>Ríos")).id
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    crm.opportunities.add(Opportunity(description="bikes", account=account, salesperson=ana))
    found = crm.forecasting.explain(by="salesperson", key=ana, figure="count")
    title = "Count of salesperson Ana \ufffdboss &lt;b&gt;Ríos: 1"
    assert found._repr_html_().startswith(f"<p>{title}<br>")
    assert str(found).startswith(unescape(title) + "\n")


@in_memory
def test_what_cannot_be_explained_is_told(crm: Crm) -> None:
    """A figure or a row that there is not, an opportunity that is not on the forecast."""
    fill(crm, seed=1, many=3)
    (forecast,) = crm.sales_forecasts.all()
    with pytest.raises(Invalid, match="'weigthed' is none of count"):
        crm.forecasting.explain(figure="weigthed")
    with pytest.raises(NotFound, match="no row of the roll-up"):
        crm.forecasting.explain(by="stage", key="daydream")
    with pytest.raises(Invalid, match="a forecast has no attainment"):
        crm.sales_forecasts.explain(forecast.id, "attainment")
    with pytest.raises(NotFound, match="line of the forecast"):
        crm.sales_forecasts.explain(forecast.id, "weighted", opportunity=forecast.id)
    line = crm.sales_forecasts.get(forecast.id).lines[0]
    with pytest.raises(Invalid, match="adjustments are of the whole forecast"):
        crm.sales_forecasts.explain(forecast.id, opportunity=line.opportunity)
