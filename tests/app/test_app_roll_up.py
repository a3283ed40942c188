"""Roll-ups, asked of every store."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from crmkit import Crm, Customer, Money, Opportunity, Prospect, SalesForecast, Salesperson, SalesTeam, at_least
from crmkit.entities import TeamAssignment
from crmkit.queries import Empty


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


@pytest.mark.parametrize("question", sorted(NARROWED))
def test_whatever_finds_opportunities_narrows_a_roll_up(pipeline: Crm, question: str) -> None:
    """It is of those that the same words find, in all periods or in one."""
    where, words = NARROWED[question]
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
