"""What several records say together holds, whoever writes at the same moment."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

import crmkit
from crmkit import Crm, CrmkitError, Money, Opportunity, Prospect, SalesForecast, Salesperson, Territory
from crmkit.testing.servers import SERVERS

QUESTIONS = ("get", "get_many", "find", "counts", "groups")
CHANGES = ("apply", "finish")
Scene = tuple[Callable[[], object], Callable[[], object], Callable[[], None]]


class Between:
    """Lets another act while a call asks its store, before each of its questions in turn, and before it changes
    something.
    """

    def __init__(self, crm: Crm, patched: pytest.MonkeyPatch) -> None:
        with crm.begin() as work:
            self.unit = type(work.unit)
        self.patched = patched

    def each(self, scene: Callable[[], Scene]) -> int:
        """Play the scene (the call, what the other does, what holds then) until all moments were tried; how many."""
        for moment in range(1, 60):
            call, other, holds = scene()
            self.asked, self.moment, self.other, self.acted, self.over = 0, moment, other, False, False
            with self.patched.context() as patch, suppress(CrmkitError):
                for name in (*QUESTIONS, *CHANGES):
                    patch.setattr(self.unit, name, self.watched(getattr(self.unit, name), ends=name in CHANGES))
                call()
            if not self.acted:
                with suppress(CrmkitError):
                    other()
                holds()
                return moment - 1
            holds()
        raise AssertionError("it asks too much")

    def watched(self, ask: Any, *, ends: bool) -> Any:
        """A way of asking the store that lets the other act, once, when its time has come."""

        def asking(unit: Any, *given: Any, **named: Any) -> Any:
            self.asked += 1
            if self.asked == self.moment and not self.over:
                self.acted = True
                self.other()
            self.over = self.over or ends
            return ask(unit, *given, **named)

        return asking


@pytest.fixture(params=SERVERS)
def crm(request: pytest.FixtureRequest, open_crm: Callable[..., Crm]) -> Crm:
    """On a server, where others write meanwhile."""
    return open_crm(request.param)


@pytest.fixture
def other(crm: Crm, clock: Any) -> Crm:
    """Another who writes there."""
    return crmkit.connect(crm.store, clock=clock, user="another")


@pytest.fixture
def between(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> Between:
    """The moments."""
    return Between(crm, monkeypatch)


@pytest.mark.parametrize("first", ["add", "submit", "override"])
def test_a_submitted_forecast_has_only_frozen_lines(crm: Crm, other: Crm, between: Between, first: str) -> None:
    """Whether lines are added or changed while it is submitted, or it is submitted meanwhile."""
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    quarters = crm.sales_periods.make_year(2026, kind="quarter")
    acme = crm.prospects.add(Prospect(name="Acme"))
    value = Money("100", "EUR")
    deals = [
        crm.opportunities.add(Opportunity(account=acme.id, description=name, estimated_value=value))
        for name in ("E-bikes", "Scooters")
    ]

    def scene() -> Scene:
        forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=quarters[0].id))
        drafted = crm.sales_forecasts.add_opportunities(forecast.id, [deals[0].id])

        def holds() -> None:
            now = crm.sales_forecasts.get(forecast.id)
            assert now.status == "submitted"
            assert {line.value for line in now.lines} == {value}
            crm.sales_forecasts.delete(crm.sales_forecasts.reopen(forecast.id).id)

        calls: dict[str, Callable[[], object]] = {
            "add": lambda: other.sales_forecasts.add_opportunities(forecast.id, [deals[1].id]),
            "submit": lambda: other.sales_forecasts.submit(forecast.id),
        }
        if first == "submit":
            return lambda: crm.sales_forecasts.submit(forecast.id), calls["add"], holds
        if first == "add":
            return lambda: crm.sales_forecasts.add_opportunities(forecast.id, [deals[1].id]), calls["submit"], holds
        line = drafted.lines[0]
        return lambda: crm.forecast_lines.update(line, note="Sure"), calls["submit"], holds

    assert between.each(scene) > 2


@pytest.mark.parametrize("kind", [Territory, Salesperson])
def test_a_tree_has_no_cycle(crm: Crm, other: Crm, between: Between, kind: Any) -> None:
    """Two put each other's branch below their own: one does."""
    repository, up = ("territories", "parent") if kind is Territory else ("salespersons", "manager")

    def add(above: Any = None) -> Any:
        named = {"description": "Part"} if kind is Territory else {"name": "Ana"}
        return getattr(crm, repository).add(kind(**named, **{up: above and above.id}))

    def scene() -> Scene:
        top = add()
        left, right = add(top), add(top)
        below_left, below_right = add(left), add(right)

        def holds() -> None:
            above = {one.id: getattr(one, up) for one in getattr(crm, repository).all()}
            for one in above:
                line = [one]
                while (next_one := above[line[-1]]) is not None:
                    assert next_one not in line
                    line.append(next_one)

        return (
            lambda: getattr(crm, repository).update(left, **{up: below_right.id}),
            lambda: getattr(other, repository).update(right, **{up: below_left.id}),
            holds,
        )

    assert between.each(scene) > 2


def test_the_dates_of_a_submitted_forecast_stay(crm: Crm, other: Crm, between: Between) -> None:
    """Its period is changed while it is submitted."""
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    years = iter(range(2026, 2100))

    def scene() -> Scene:
        year = next(years)
        period = crm.sales_periods.make_year(year, kind="year")[0]
        forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))

        def holds() -> None:
            assert crm.sales_forecasts.get(forecast.id).status == "submitted"
            assert crm.sales_periods.get(period.id).ends_on == date(year, 12, 31) or not between.acted

        return (
            lambda: crm.sales_periods.update(period, ends_on=date(year, 12, 30)),
            lambda: other.sales_forecasts.submit(forecast.id),
            holds,
        )

    assert between.each(scene) > 2


def test_what_is_saved_anew_is_no_news(crm: Crm) -> None:
    """Whoever listens hears of what was done alone."""
    top = crm.salespersons.add(Salesperson(name="Ana"))
    ben, eva = (crm.salespersons.add(Salesperson(name=name, manager=top.id)) for name in ("Ben", "Eva"))
    heard: list[Any] = []
    for phase in ("before", "after"):
        crm.on("Updated", lambda event, _: heard.append(event.after.id), phase)
    crm.salespersons.update(eva, manager=ben.id)
    assert heard == [eva.id] * 2
    assert crm.salespersons.get(top.id).version == top.version + 1


def test_who_holds_a_forecast_may_save_it_once_it_has_lines(crm: Crm) -> None:
    """Its version is not that of its lines."""
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    period = crm.sales_periods.make_year(2026, kind="year")[0]
    acme = crm.prospects.add(Prospect(name="Acme"))
    deal = crm.opportunities.add(Opportunity(account=acme.id, description="E-bikes"))
    forecast = crm.sales_forecasts.add(SalesForecast(owner=ana.id, period=period.id))
    crm.sales_forecasts.add_opportunities(forecast.id, [deal.id])
    assert crm.sales_forecasts.update(forecast, currency="USD").lines[0].opportunity == deal.id
