"""What outsiders add to crmkit: an entity, a store, a forecaster as packages, installed and run; a rule handed in."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

import crmkit
from crmkit import Customer, Order, Refused

pytest.importorskip("hatchling", reason="the examples are built with hatchling")

PACKAGES = ("crmkit-warranties", "crmkit-jsonstore", "crmkit-moving-average")


@pytest.fixture(scope="module")
def python(installed: Callable[..., Path]) -> Path:
    """A Python that has the packages installed."""
    return installed(*PACKAGES)


@pytest.fixture
def said(python: Path, run: Callable[..., str], tmp_path: Path) -> Callable[[str], dict[str, object]]:
    """Runs a script with that Python, in a folder of its own; returns what it printed, as JSON."""

    def script(text: str) -> dict[str, object]:
        path = tmp_path / "script.py"
        path.write_text(dedent(text), encoding="utf-8")
        answer: dict[str, object] = json.loads(run(str(python), str(path), cwd=tmp_path))
        return answer

    return script


WARRANTY = """
    import json
    from datetime import date
    import crmkit
    from crmkit import Customer, Invalid, Item, Prospect, at_most
    from crmkit_warranties import Warranty

    crm = crmkit.connect("{url}")
    customer = crm.customers.add(Customer(name="Acme Bikes"))
    prospect = crm.prospects.add(Prospect(name="Bravo Foods"))
    bike = crm.items.add(Item(description="E-bike"))
    days = dict(starts_on=date(2026, 5, 4), ends_on=date(2028, 5, 3))
    first = crm.warranties.add(Warranty(customer=customer.id, item=bike.id, serial_number="ÉB-7", **days))
    longer = crm.warranties.update(first, ends_on=date(2029, 5, 3))
    try:
        crm.warranties.add(Warranty(customer=prospect.id, item=bike.id, **days))
        refused = ""
    except Invalid as invalid:
        refused = invalid.faults[0].field
"""


@pytest.mark.parametrize("url", ["memory:", "sqlite:///acme.db", "jsonl:///acme.jsonl"])
def test_a_plugged_entity_is_kept_like_any_other(said, url):
    """Once its package is installed, warranties are numbered, found, kept with history, and only customers have any."""
    answer = said(
        WARRANTY.format(url=url)
        + """
    found = crm.warranties.find(customer=customer, serial_number="éb", ends_on=at_most(date(2029, 12, 31)))
    print(json.dumps({
        "number": longer.number, "same": list(found) == [longer], "versions": len(crm.history(longer)),
        "refused": refused, "left": crm.warranties.count(),
    }))
    """
    )
    assert answer == {"number": "W000001", "same": True, "versions": 2, "refused": "customer", "left": 1}


def test_a_plugged_entity_is_drawn_and_exported(said):
    """The chart shows warranties with what they refer to, and the workbook has a sheet of them."""
    answer = said(
        WARRANTY.format(url="sqlite:///acme.db")
        + """
    from python_calamine import CalamineWorkbook
    crm.to_excel("all.xlsx")
    header, *cells = CalamineWorkbook.from_path("all.xlsx").get_sheet_by_name("warranties").to_python()
    print(json.dumps({
        "drawn": sorted(line.split()[2] for line in crm.chart().splitlines() if line.split()[:1] == ["warranties"]),
        "rows": [[dict(zip(header, row))[name] for name in ("number", "serial_number")] for row in cells],
    }))
    """
    )
    assert answer == {"drawn": ["customers", "items"], "rows": [["W000001", "ÉB-7"]]}


def test_a_plugged_store_keeps_everything_across_processes(said):
    """What one process committed to the journal another reads, with its history; a torn last line is dropped."""
    first = said(WARRANTY.format(url="jsonl:///acme.jsonl") + '    print(json.dumps({"id": str(longer.id)}))')
    answer = said(
        f"""
    import json
    from uuid import UUID
    import crmkit
    with open("acme.jsonl", "ab") as file:
        file.write(b'{{"tenant":"def')
    with crmkit.connect("jsonl:///acme.jsonl") as crm:
        kept = crm.warranties.get(UUID("{first["id"]}"))
        print(json.dumps({{
            "ends": str(kept.ends_on), "ended": [str(past.record.ends_on) for past in crm.history(kept)],
            "accounts": crm.accounts.count(),
        }}))
    """
    )
    assert answer == {"ends": "2029-05-03", "ended": ["2028-05-03", "2029-05-03"], "accounts": 2}


def test_a_plugged_store_passes_the_conformance_suite(python, run):
    """The journal's own test is a subclass of the suite in fewer than 15 lines, and passes."""
    test = Path(__file__).resolve().parents[2] / "examples" / "crmkit-jsonstore" / "tests" / "test_journal.py"
    assert len(test.read_text(encoding="utf-8").splitlines()) < 15
    said = run(
        str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(test), cwd=test.parent
    )
    assert "passed" in said
    assert "failed" not in said


def test_a_plugged_forecaster_forecasts_and_is_put_to_the_test(said):
    """Installed, it is asked for by its name: the mean of what was won in the four spans before."""
    answer = said(
        """
    import json
    from datetime import UTC, date, datetime
    import crmkit
    from crmkit import Money, Opportunity, Prospect

    now = datetime(2025, 1, 1, tzinfo=UTC)
    crm = crmkit.connect("sqlite:///acme.db", clock=lambda: now)
    crm.sales_periods.make_year(2026, kind="month")
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    for month, amount in ((9, "100"), (10, "300"), (11, "50"), (12, "800")):
        now = datetime(2025, month, 15, tzinfo=UTC)
        deal = crm.opportunities.add(
            Opportunity(description="bikes", account=account, estimated_value=Money(amount, "EUR"))
        )
        crm.opportunities.win(deal.id)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = crm.forecasting.back_test("moving_average", periods="2026-01")
    (trial,) = told.trials
    print(json.dumps({
        "mean": str(trial.forecast.mean), "actual": str(trial.actual), "bias": told["moving_average"].errors.bias,
        "today": str(crm.forecasting.forecast(period="2026-03", by="moving_average").mean),
    }))
    """
    )
    assert answer == {"mean": "312.50 EUR", "actual": "0.00 EUR", "bias": None, "today": "212.50 EUR"}


def test_a_rule_from_outside_refuses_and_says_why(example):
    """A rule handed to `connect` refuses an order on credit hold, and lets one pass otherwise."""
    rule = example("rule_credit").NO_ORDER_ON_CREDIT_HOLD
    with crmkit.connect("memory:", rules=[rule]) as crm:
        good = crm.customers.add(Customer(name="Acme Bikes"))
        held = crm.customers.add(Customer(name="Bravo Foods", credit_hold=True))
        kept = crm.orders.add(Order(customer=good.id, dated=date(2026, 3, 2)))
        with pytest.raises(Refused, match="Bravo Foods is on credit hold") as refused:
            crm.orders.add(Order(customer=held.id))
        assert [finding.field for finding in refused.value.findings] == ["customer"]
        assert [order.id for order in crm.orders.all()] == [kept.id]


def test_a_rule_from_outside_leaves_what_was_there_before(example):
    """An order taken before its customer was put on hold may still be changed."""
    rule = example("rule_credit").NO_ORDER_ON_CREDIT_HOLD
    with crmkit.connect("memory:", rules=[rule]) as crm:
        customer = crm.customers.add(Customer(name="Acme Bikes"))
        order = crm.orders.add(Order(customer=customer.id))
        crm.customers.update(customer, credit_hold=True)
        assert crm.orders.update(order, purchase_order="4711").purchase_order == "4711"
