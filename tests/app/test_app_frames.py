"""Waterfalls and trends as frames and tables: one schema whatever the data, and every figure exact."""

from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest

from crmkit import Crm, Money, Opportunity, Prospect, Salesperson
from crmkit.forecasting.waterfall import LINES
from crmkit.testing.clocks import ManualClock

BY = ("salesperson", "stage", "currency")
"""An id, a code that may be missing, and one that has the name of another column."""

AMOUNTS = ("gross", "weighted", "won", "lost", "open", "commit", "best_case", "pipeline", "omitted")


def asked(crm: Crm, clock: ManualClock) -> tuple[dict[str, Any], dict[str, Any]]:
    """A waterfall and a trend of two deals, in the third decimal of a dinar, and the same with nothing in them."""
    ana = crm.salespersons.add(Salesperson(name="Ana")).id
    account = crm.prospects.add(Prospect(name="Acme")).id
    start = clock()
    clock.tick(seconds=10)
    for stage in ("proposal", ""):
        amount = Money("1234567890.125", "KWD")
        crm.opportunities.add(
            Opportunity(
                description="bikes",
                account=account,
                salesperson=ana,
                stage=stage,
                estimated_value=amount,
                projected_close=date(2026, 5, 5),
            )
        )
    ask = crm.forecasting
    full = {
        "waterfall": ask.waterfall(start=start, by=BY, currency="KWD"),
        "trend": ask.trend(start=start, by=BY, currency="KWD"),
    }
    empty = {
        "waterfall": ask.waterfall(start=start, end=start, by=BY, currency="KWD"),
        "trend": ask.trend(start=start, end=start, by=BY, currency="KWD"),
    }
    return full, empty


@pytest.mark.parametrize("name", ["waterfall", "trend"])
def test_an_arrow_table_has_one_schema_whatever_the_data(crm: Crm, clock: ManualClock, name: str) -> None:
    """Ids and codes are strings, counts whole, amounts decimals of fixed width, instants in UTC."""
    pa = pytest.importorskip("pyarrow")
    full, empty = (each[name] for each in asked(crm, clock))
    table = full.to_arrow()
    assert empty.to_arrow().num_rows == 0
    assert empty.to_arrow().schema == table.schema
    lines = ("start", *LINES, "end")
    amounts = {*lines, *(f"{line}_with_descendants" for line in lines)} if name == "waterfall" else {*AMOUNTS}
    assert {field.name for field in table.schema if field.type == pa.decimal128(38, 4)} == amounts
    counts = {one.replace("_with", "_count_with") if "_with" in one else f"{one}_count" for one in amounts}
    wholes = {field.name for field in table.schema if field.type == pa.int64()}
    assert wholes == (counts if name == "waterfall" else {"count"})
    others = {field.name: field.type for field in table.schema if field.name not in amounts | wholes}
    own = {"figures_currency": pa.string()} if name == "waterfall" else {"at": pa.timestamp("us", tz="UTC")}
    assert others == {**{one: pa.string() for by in BY for one in (by, f"{by}_shown")}, **own}
    rows = table.to_pylist()
    assert [{**row, "salesperson": str(row["salesperson"])} for row in full.to_rows()] == rows
    assert [row["stage"] for row in rows] == ["proposal", None]
    assert {row["new" if name == "waterfall" else "gross"] for row in rows} == {Decimal("1234567890.125")}
    if name == "trend":
        assert all(row["at"].tzinfo is not None and row["at"].astimezone(UTC) == full.points[-1].at for row in rows)


@pytest.mark.parametrize("name", ["waterfall", "trend"])
def test_a_frame_of_nothing_has_the_types_of_one_with_rows(crm: Crm, clock: ManualClock, name: str) -> None:
    """Ids and amounts are the objects they are, codes and names texts, counts whole, instants in UTC."""
    pytest.importorskip("pandas")
    full, empty = (each[name].to_pandas() for each in asked(crm, clock))
    assert (len(full), len(empty)) == (2, 0)
    assert dict(empty.dtypes) == dict(full.dtypes)
    assert list(empty.columns) == list(full.columns)
    own = {"figures_currency": "string"} if name == "waterfall" else {"at": "datetime64[us, UTC]", "gross": "object"}
    expected = {"salesperson": "object", "salesperson_shown": "string", "stage": "string", **own}
    found = {one: str(empty.dtypes[one]).replace("[ns", "[us") for one in expected}
    assert found == expected
    counts = [one for one in empty.columns if "count" in one]
    assert {str(empty.dtypes[one]) for one in counts} == {"Int64"}


def test_what_no_row_has_keeps_its_type(crm: Crm, clock: ManualClock) -> None:
    """A stage that none of the rows has is missing as a text is."""
    pytest.importorskip("pandas")
    start = clock()
    clock.tick(seconds=10)
    account = crm.prospects.add(Prospect(name="Acme")).id
    value = Money(5, "EUR")
    crm.opportunities.add(Opportunity(description="bikes", account=account, estimated_value=value))
    frame = crm.forecasting.waterfall(start=start, by="stage").to_pandas()
    assert list(frame["stage"].isna()) == [True]
    assert str(frame.dtypes["stage"]) == "string"


def test_roll_ups_of_some_and_of_none_make_one_frame(crm: Crm, clock: ManualClock) -> None:
    """Quarters put one behind the other keep their types: whole numbers stay whole, where a quarter has no row too."""
    pd = pytest.importorskip("pandas")
    start = clock()
    asked(crm, clock)
    ask = crm.forecasting
    for by in (BY, "stage"):
        full = ask.roll_up(by=by, currency="KWD").to_pandas()
        empty = crm.as_of(start).forecasting.roll_up(by=by, currency="KWD").to_pandas()
        assert (len(full), len(empty)) == (2, 0)
        assert dict(empty.dtypes) == dict(full.dtypes)
        both = pd.concat([empty, full, empty])
        assert dict(both.dtypes) == dict(full.dtypes)
        wholes = [name for name in both.columns if "count" in name]
        assert {str(both.dtypes[name]) for name in wholes} == {"Int64"}
        assert sum(both["count"]) == 2
