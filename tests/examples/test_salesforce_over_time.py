"""The real Salesforce organisation, moved on by a rule that its files can be told by too: what became of it, computed
from the rows of its CSV alone.
"""

import csv
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import crmkit
from crmkit import Crm, Money
from crmkit.testing.clocks import ManualClock

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("CRMKIT_TEST_DATA", ROOT / ".." / "shared" / "data"))
FOLDER = DATA / "pipeline" / "salesforce_npsp" / "dev_org"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real inputs are not on this machine")

FAR = timedelta(days=400)


def rows() -> list[dict[str, str]]:
    with (FOLDER / "Opportunity.csv").open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def cents(row: dict[str, str]) -> int:
    return int(Decimal(row["amount"]) * 100)


def is_open(row: dict[str, str]) -> bool:
    return row["stage_name"] not in ("Closed Won", "Closed Lost")


def fate(row: dict[str, str]) -> str:
    """What becomes of an opportunity in the test, by its id: an open one is pushed, raised, won or left."""
    if is_open(row):
        return ("pushed", "up", "won", "left")[int(row["id"]) % 4]
    return "reopened" if int(row["id"]) % 50 == 0 else "closed"


@pytest.fixture(scope="module")
def moved(example: Callable[[str], ModuleType]) -> Iterator[tuple[Crm, datetime]]:
    """The organisation in memory, loaded and then moved on; and the instant between."""
    importer: Any = example("import_salesforce")
    clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with crmkit.connect("memory:", currency="USD", starter=importer.starter(), clock=clock) as crm:
        importer.load(crm, FOLDER)
        between = clock()
        clock.tick(days=1)
        by_id: dict[str, Any] = {one.custom["salesforce"]: one for one in crm.opportunities.all()}
        for row in rows():
            one = by_id[row["id"]]
            match fate(row):
                case "pushed":
                    crm.opportunities.update(one, projected_close=one.projected_close + FAR)
                case "up":
                    crm.opportunities.update(one, estimated_value=one.estimated_value + Money("10", "USD"))
                case "won":
                    crm.opportunities.win(one.id)
                case "reopened":
                    crm.opportunities.reopen(one.id)
        yield crm, between


def test_the_waterfall_of_everything(moved: tuple[Crm, datetime]) -> None:
    """42 open ones at first; each line is what the rows of the file come to by their ids."""
    crm, between = moved
    held = rows()
    found = crm.forecasting.waterfall(start=between).total
    sums = {name: [cents(row) for row in held if fate(row) == name] for name in ("up", "won", "reopened")}
    assert (found.start_count, found.start.minor) == (42, sum(cents(row) for row in held if is_open(row)))
    assert found.counts == {**dict.fromkeys(found.counts, 0), **{name: len(some) for name, some in sums.items()}}
    assert found.lines["won"].minor == -sum(sums["won"])
    assert found.lines["reopened"].minor == sum(sums["reopened"])
    assert found.lines["up"].minor == 10_00 * len(sums["up"])
    assert found.end.minor == found.start.minor + 10_00 * len(sums["up"]) - sum(sums["won"]) + sum(sums["reopened"])


def test_the_waterfall_of_each_quarter(moved: tuple[Crm, datetime]) -> None:
    """What is pushed goes out of one quarter and into a later one, or one that nobody made; nothing is lost between."""
    crm, between = moved
    found = crm.forecasting.waterfall(start=between, by="period")
    codes = {one.code for one in crm.sales_periods.all()}

    def quarter(day: date) -> str | None:
        code = f"{day.year}-Q{(day.month + 2) // 3}"
        return code if code in codes else None

    out: dict[str | None, int] = {}
    into: dict[str | None, int] = {}
    for row in rows():
        if fate(row) == "pushed":
            day = date.fromisoformat(row["close_date"])
            before, after = quarter(day), quarter(day + FAR)
            if before != after:
                out[before] = out.get(before, 0) - cents(row)
                into[after] = into.get(after, 0) + cents(row)
    assert out
    assert {row.key["period"]: row.lines["pushed_out"].minor for row in found if row.counts["pushed_out"]} == out
    assert {row.key["period"]: row.lines["pushed_in"].minor for row in found if row.counts["pushed_in"]} == into
    rolled = crm.as_of(between).forecasting.roll_up(by="period")
    assert {row.key: row.start for row in found if row.start_count} == {row.key: row.open for row in rolled if row.open}


def test_win_rate_and_slippage(moved: tuple[Crm, datetime]) -> None:
    """By number and by value, at first and later; and how often close dates were pushed, by 400 days each."""
    crm, between = moved
    held = rows()
    won = [cents(row) for row in held if row["stage_name"] == "Closed Won"]
    lost = [cents(row) for row in held if row["stage_name"] == "Closed Lost"]
    first = crm.as_of(between).forecasting.pace().total
    assert first.win_rate == Fraction(len(won), len(won) + len(lost)) == Fraction(294, 300)
    assert first.win_rate_by_value == Fraction(sum(won), sum(won) + sum(lost))
    assert (first.open_count, first.cycles) == (42, 0)  # whatever was closed had been closed before it was loaded
    reopened = [row for row in held if fate(row) == "reopened"]
    taken = [cents(row) for row in held if fate(row) == "won"]
    later = crm.forecasting.pace().total
    again = sum(row["stage_name"] == "Closed Won" for row in reopened)
    assert later.won_count == len(won) - again + len(taken)
    assert (later.cycles, later.cycle_mean) == (len(taken), Fraction(1))
    slipped = crm.forecasting.slippage().total
    pushed = sum(fate(row) == "pushed" for row in held)
    assert (slipped.pushes, slipped.pulls, slipped.days_pushed) == (pushed, 0, 400 * pushed)
