"""What cannot be meant of a forecast, a roll-up, a distribution or a file is refused in words."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import crmkit
from crmkit import Crm, Invalid, Money, NotFound, Opportunity, Prospect, SalesForecast, Salesperson
from crmkit.forecasting.comparing import difference
from crmkit.forecasting.scoring import Closed, Learnt


class World:
    """A deal of 5 EUR on a forecast that was never submitted, with what is reckoned of it."""

    def __init__(self, crm: Crm) -> None:
        self.crm: Any = crm  # since what is handed in here is of the wrong type
        crm.sales_periods.make_year(2026, kind="quarter")
        account = crm.prospects.add(Prospect(name="Acme"))
        self.deal = crm.opportunities.add(
            Opportunity(
                description="bikes",
                account=account.id,
                estimated_value=Money(5, "EUR"),
                probability=50,
                projected_close=date(2026, 5, 4),
            )
        )
        owner = crm.salespersons.add(Salesperson(name="Ana"))
        (period,) = crm.sales_periods.all(code="2026-Q2")
        self.forecast = crm.sales_forecasts.add(SalesForecast(owner=owner.id, period=period.id))
        self.exact: Any = crm.forecasting.distribution()
        self.drawn: Any = crm.forecasting.simulation(runs=10)
        self.rolled: Any = crm.forecasting.roll_up(by="stage")
        closed = [Closed(won=won, stage="s", values={"source": "web"}) for won in (True, False)]
        self.score: Any = Learnt.of(closed, stages=["s"], fields=["source"]).score("s", {})


@pytest.fixture(scope="module")
def world() -> World:
    """In memory: of what is refused before any store is asked."""
    return World(crmkit.connect("memory:"))


AMOUNTS: tuple[Any, ...] = (None, 5, "x", Money(5, "USD"))
SHARES: tuple[Any, ...] = (0, 101, "x", None, 1.5)
CALLS: list[tuple[str, Callable[[World], object], str]] = [
    *[(f"chance {one}", lambda w, one=one: w.exact.chance(one), "quota: is an amount in EUR") for one in AMOUNTS],
    *[(f"effects {one}", lambda w, one=one: w.exact.effects(one), "quota: is an amount in EUR") for one in AMOUNTS],
    *[(f"drawn {one}", lambda w, one=one: w.drawn.chance(one), "quota: is an amount in EUR") for one in AMOUNTS],
    *[(f"upto {one}", lambda w, one=one: w.drawn.upto(one), "total: is an amount in EUR") for one in AMOUNTS],
    *[(f"quantile {one}", lambda w, one=one: w.exact.quantile(one), "percent: ") for one in SHARES],
    *[(f"drawn quantile {one}", lambda w, one=one: w.drawn.quantile(one), "percent: ") for one in SHARES],
    ("scores of ids", lambda w: w.crm.forecasting.scores([w.deal.id]), "where: .* is no criterion"),
    ("roll-up of ids", lambda w: w.crm.forecasting.roll_up([w.deal.id]), "where: .* is no criterion"),
    ("waterfall of ids", lambda w: w.crm.forecasting.waterfall(w.deal.id, start=w.crm.now()), "where: .* no criterion"),
    ("pace of ids", lambda w: w.crm.forecasting.pace(w.deal.id), "where: .* is no criterion"),
    ("distribution of ids", lambda w: w.crm.forecasting.distribution([w.deal.id]), "where: .* is no criterion"),
    ("together", lambda w: w.crm.forecasting.simulation(together="x"), "simulation .*together: 'x' is no field by"),
    ("seed", lambda w: w.crm.forecasting.simulation(seed="x"), "the seed is a whole number, not 'x'"),
    ("runs", lambda w: w.crm.forecasting.simulation(runs="x"), "at least one run .* not 'x'"),
    ("own", lambda w: w.crm.forecasting.learn(own="x"), "own: is True, .* or False; not 'x'"),
    ("own of conversion", lambda w: w.crm.forecasting.learn_conversion(own=None), "own: is True"),
    ("without", lambda w: w.score.without("nope"), "field: is one of stage, source, not 'nope'"),
    ("figure", lambda w: difference(w.rolled, w.rolled).total.of("zz"), "figure: is one of count, .*, not 'zz'"),
    ("account", lambda w: Opportunity(description="d", account="zzz"), "account: must be the id .* take the .id"),
    ("period", lambda w: SalesForecast(owner=w.deal.id, period="2026-Q3"), "period: must be the id .*'2026-Q3'"),
    ("as of nothing", lambda w: w.crm.as_of(None), "instant: is an instant, .* not None"),
    ("sweep at a text", lambda w: w.crm.sweep("now"), "now: is an instant, .* not 'now'"),
    ("grammar", lambda w: w.crm.forecasting.roll_up(period=3), "^the figures are not valid"),
]


@pytest.mark.parametrize(("call", "says"), [pytest.param(call, says, id=name) for name, call, says in CALLS])
def test_what_cannot_be_meant_of_figures_is_refused_in_words(
    world: World, call: Callable[[World], object], says: str
) -> None:
    """The error is Invalid, and names the argument with what to give."""
    with pytest.raises(Invalid, match=says):
        call(world)


def test_a_row_that_there_is_not_is_not_found_and_a_key_error(world: World) -> None:
    """Either may be caught; it says what the rows are by."""
    for error in (NotFound, KeyError):
        with pytest.raises(error, match="no row of the roll-up x: its rows are by stage"):
            world.rolled["x"]


def test_a_submission_that_there_is_not_is_named(world: World) -> None:
    """Which one, of which forecast."""
    number = world.forecast.number
    with pytest.raises(NotFound, match=f"^no submission of forecast {number}: it was never submitted: submit it"):
        world.crm.sales_forecasts.compare(world.forecast.id)
    with pytest.raises(NotFound, match=f"^no submission 3 of forecast {number}: "):
        world.crm.sales_forecasts.compare(world.forecast.id, 3)


@pytest.mark.parametrize("write", ["page", "workbook", "dump"])
def test_a_file_that_cannot_be_there_is_refused_in_words(world: World, tmp_path: Path, write: str) -> None:
    """By whatever writes it, alike: no path, a folder, a folder that is not there."""
    pytest.importorskip("xlsxwriter")
    crm = world.crm
    written = {"page": lambda path: crm.opportunities.find().to_excel(path), "workbook": crm.to_excel, "dump": crm.dump}
    for path, says in (
        (None, "path: is a path of a file, not None"),
        ("", "path: is a path of a file, not ''"),
        (tmp_path, "is a folder: name a file in it"),
        (tmp_path / "none" / "o.xlsx", "there is no folder .*: make it first"),
    ):
        with pytest.raises(Invalid, match=says):
            written[write](path)
    assert list(tmp_path.iterdir()) == []


def test_an_export_below_a_file_is_refused_in_words(world: World, tmp_path: Path) -> None:
    """A folder cannot be there."""
    pytest.importorskip("pyarrow")
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match=r"folder: .*file is a file: name a folder"):
        world.crm.to_parquet(tmp_path / "file" / "deep" / "folder")
