"""What a row of an answer is found by."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from crmkit import Crm, Money, NoRow, Opportunity, Prospect, Salesperson
from crmkit.testing.clocks import ManualClock

ANSWERS: dict[str, Callable[[Crm, Any], Any]] = {
    "roll-up": lambda crm, by: crm.forecasting.roll_up(by=by),
    "waterfall": lambda crm, by: crm.forecasting.waterfall(start=crm.now(), by=by),
    "pace": lambda crm, by: crm.forecasting.pace(by=by),
    "slippage": lambda crm, by: crm.forecasting.slippage(by=by),
}
answers = pytest.mark.parametrize("name", list(ANSWERS))


@pytest.fixture
def ana(crm: Crm, clock: ManualClock) -> Salesperson:
    """She has a deal of 50 EUR in the second quarter, another one of 7 EUR has nobody."""
    crm.sales_periods.make_year(2026, kind="quarter")
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    account = crm.prospects.add(Prospect(name="Acme")).id
    for owner, amount in ((ana.id, 50), (None, 7)):
        crm.opportunities.add(
            Opportunity(
                account=account,
                description="bikes",
                salesperson=owner,
                stage="proposal",
                estimated_value=Money(amount, "EUR"),
                projected_close=date(2026, 5, 4),
            )
        )
    clock.tick(days=1)
    return ana


@answers
def test_each_row_is_found_by_every_form_of_its_key(crm: Crm, ana: Salesperson, name: str) -> None:
    """Its own, a row that has it, the values in order, in any order by name; and `in` says the same."""
    (quarter,) = crm.sales_periods.all(code="2026-Q2")
    (stage,) = crm.stages.all(code="proposal")
    for by, values in (
        ("salesperson", [(ana,), (ana.id,), (str(ana.id),)]),
        (("salesperson", "period"), [(ana, quarter), (str(ana.id), "2026-Q2"), (ana.id, quarter)]),
        (("stage", "salesperson"), [(stage, ana), ("proposal", ana.id)]),
    ):
        found = ANSWERS[name](crm, by)
        assert [found[row.key] for row in found] == [found[row] for row in found] == list(found)
        assert [found[dict(reversed(list(row.key.items())))] for row in found] == list(found)
        assert [found[tuple(row.key.values())] for row in found] == list(found)
        (hers,) = [row for row in found if row.key["salesperson"] == ana.id]
        for value in values:
            assert found[value] is found.get(value) is hers
            assert value in found
            assert len(value) > 1 or (found[value[0]] is hers and value[0] in found)
    assert ANSWERS[name](crm, "salesperson")[None].key == {"salesperson": None}


@answers
def test_what_is_no_key_is_in_no_answer(crm: Crm, ana: Salesperson, name: str) -> None:
    """Too few values or too many, another dimension, somebody else, one who was never saved."""
    found = ANSWERS[name](crm, ("salesperson", "period"))
    strange = [ana, (ana,), (ana, "2026-Q2", None), {"salesperson": ana}, {"team": ana, "period": None}, (), None]
    strange += [("2026-Q2", ana), (Salesperson(name="Ben"), "2026-Q2"), (ana, "2026-Q3"), (ana, 2)]
    for key in strange:
        assert key not in found
        assert found.get(key) is None
        with pytest.raises(
            NoRow, match=rf"^no row of the {name} .*: its rows are by \(salesperson, period\), which has"
        ):
            found[key]
    said = f"which has ('{ana.id}', '2026-Q2') (Ana, 2026-Q2); (None, '2026-Q2') (none, 2026-Q2)"
    with pytest.raises(NoRow) as refused:
        found["2026-Q2"]
    assert refused.value.hint.endswith(said)


def test_a_refusal_names_a_few_of_many_keys(crm: Crm) -> None:
    """And how many more there are; a code that people read as it is stands once."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    stages = sorted(one.code for one in crm.stages.all())[:5]
    crm.opportunities.add_many([Opportunity(account=account, description="d", stage=one) for one in stages])
    rolled = crm.forecasting.roll_up(by="stage")
    first = [row.key["stage"] for row in rolled][:3]
    with pytest.raises(NoRow) as refused:
        rolled["nope"]
    shown = [
        f"'{code}'" if code == rolled[code].shown["stage"] else f"'{code}' ({rolled[code].shown['stage']})"
        for code in first
    ]
    assert refused.value.hint == f"its rows are by stage, which has {'; '.join(shown)}; 2 more"
    with pytest.raises(NoRow, match=r"which has none$"):
        crm.forecasting.roll_up(by="stage", period=crm.sales_periods.make_year(2031, kind="quarter")[0].code)["nope"]


def test_a_cell_is_explained_by_every_form_of_its_key(crm: Crm, ana: Salesperson) -> None:
    """As the roll-up takes it in brackets; an empty key is the total's."""
    for key in (
        ana,
        ana.id,
        str(ana.id),
        (ana,),
        {"salesperson": ana},
        crm.forecasting.roll_up(by="salesperson")[ana].key,
    ):
        assert crm.forecasting.explain(by="salesperson", key=key, figure="gross").total == Money(50, "EUR")
    nothings: list[Any] = [(), {}, crm.forecasting.roll_up().total.key]
    for nothing in nothings:
        assert crm.forecasting.explain(by="salesperson", key=nothing, figure="gross").total == Money(57, "EUR")


def test_a_trend_takes_every_form_of_a_key(crm: Crm, ana: Salesperson) -> None:
    """As each of its roll-ups does; of a row that there is not, None."""
    trend = crm.forecasting.trend(start=crm.now(), by="salesperson")
    for key in (ana, str(ana.id), {"salesperson": ana}):
        assert [amount for _, amount in trend.of("gross", key)] == [Money(50, "EUR")]
    assert [amount for _, amount in trend.of("gross", Salesperson(name="Ben"))] == [None]
