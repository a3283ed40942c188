"""How the engines answer the ready-made queries: by an index, without sorting what an index has in order."""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine

import crmkit
from crmkit import (
    Crm,
    Customer,
    Lead,
    Money,
    Opportunity,
    Prospect,
    SalesPeriod,
    Salesperson,
    Territory,
    at_least,
    between,
)
from crmkit.app.matching import Alike
from crmkit.app.valuing import valuation
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.stores.sql.unit import SqlUnit
from crmkit.testing.servers import SERVERS

MANY = 4_000
ACCOUNTS = 400


@pytest.fixture(scope="module", params=["sqlite", *SERVERS])
def filled(request: pytest.FixtureRequest, module_url: Callable[[str], str]) -> Any:
    """A CRM with some thousand opportunities and leads, whose statistics the engine knows; and what to ask for."""
    url = module_url(request.param)
    with crmkit.connect(url) as crm:
        sellers = crm.salespersons.add_many([Salesperson(name=f"S{number}") for number in range(40)]).records
        places = crm.territories.add_many([Territory(description=f"T{number}") for number in range(40)]).records
        accounts = crm.prospects.add_many(
            [
                Prospect(name=f"P{number}", territory=places[number % 40].id, salesperson=sellers[number % 40].id)
                for number in range(ACCOUNTS)
            ]
        ).records
        crm.opportunities.add_many(
            [
                Opportunity(
                    description=f"O{number}",
                    account=accounts[number % ACCOUNTS].id,
                    salesperson=sellers[number % 40].id,
                    territory=places[number % 40].id,
                    estimated_value=Money(number, "EUR"),
                    projected_close=date.fromordinal(date(2026, 1, 1).toordinal() + number % 700),
                )
                for number in range(MANY)
            ]
        )
        crm.leads.add_many([Lead(account=accounts[n % ACCOUNTS].id, description=f"L{n}") for n in range(MANY)])
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for table in ("account", "opportunity", "lead", "opportunity_history"):
                verb = {"mysql": "ANALYZE TABLE", "postg": "VACUUM ANALYZE"}.get(url[:5], "ANALYZE")
                connection.exec_driver_sql(f"{verb} {table}")
        engine.dispose()
        yield crm, {"account": accounts[7], "seller": sellers[3], "place": places[5]}


def asked(crm: Crm, monkeypatch: Any, ask: Callable[[Any], Any], table: str) -> list[Any]:
    """The plans of the statements that a question sends, of those about that table."""
    said: list[tuple[str, Any]] = []
    units: list[SqlUnit] = []
    execute = SqlUnit.execute

    def noted(self: SqlUnit, statement: str, values: Any = ()) -> Any:
        said.append((statement, values))
        units.append(self)
        return execute(self, statement, values)

    with crm.begin(read_only=True) as work:
        with monkeypatch.context() as patched:
            patched.setattr(SqlUnit, "execute", noted)
            ask(work)
        plans, unit = [], units[-1]
        store = unit.store
        if store.profile.name == "PostgreSQL":  # on few rows it may find reading all of them cheaper
            unit.execute("SET LOCAL enable_seqscan = off")
        explain = {"SQLite": "EXPLAIN QUERY PLAN ", "PostgreSQL": "EXPLAIN (FORMAT JSON) ", "MariaDB": "EXPLAIN "}
        quote = store.profile.quote
        for statement, values in said:
            if f"FROM {table}" in statement.replace(quote, ""):
                plans += unit.execute(explain[store.profile.name] + statement, values).fetchall()
    assert plans
    return plans


def scans(engine: str, plans: list[Any]) -> list[str]:
    """What of the plans reads a whole table."""
    if engine == "SQLite":
        return [row[3] for row in plans if row[3].startswith("SCAN") and "CONSTANT" not in row[3]]
    if engine == "MariaDB":
        return [str(row) for row in plans if row[3] == "ALL" and not row[2].startswith("<") and int(row[8] or 0) > 100]
    found = []
    for (plan,) in plans:
        text = json.dumps(plan)
        found += ["Seq Scan"] if '"Seq Scan"' in text else []
    return found


def sorts(engine: str, plans: list[Any]) -> list[str]:
    """What of the plans sorts."""
    if engine == "SQLite":
        return [row[3] for row in plans if "TEMP B-TREE" in row[3]]
    if engine == "MariaDB":
        return [str(row) for row in plans if "filesort" in str(row[9])]
    return [json.dumps(plan)[:200] for (plan,) in plans if '"Node Type": "Sort"' in json.dumps(plan)]


@pytest.mark.parametrize("sort", ["", "projected_close", "-projected_close", "-estimated_value", "number"])
@pytest.mark.parametrize("deep", [False, True])
def test_a_page_by_key_reads_its_rows_alone(filled: Any, monkeypatch: Any, sort: str, *, deep: bool) -> None:
    """From an index that has them in order, wherever the page begins: nothing is sorted, no table read through."""
    crm, _ = filled
    query = crm.opportunities.find(sort=sort, limit=1).query
    held = list(crm.opportunities.all(sort=sort))
    after = query.cursor(held[MANY // 2]) if deep else None
    plans = asked(
        crm, monkeypatch, lambda work: work.opportunities.find(sort=sort, limit=50, after=after), "opportunity"
    )
    engine = crm.store.profile.name
    assert scans(engine, plans) == []
    assert sorts(engine, plans) == []


QUESTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "account": lambda work, known: work.opportunities.find(account=known["account"].id),
    "salesperson": lambda work, known: work.opportunities.find(salesperson=known["seller"].id),
    "territory": lambda work, known: work.opportunities.find(territory=known["place"].id),
    "number": lambda work, known: work.opportunities.find(number="O000123"),
    "close": lambda work, known: work.opportunities.find(projected_close=between(date(2026, 2, 1), date(2026, 2, 5))),
    "value": lambda work, known: work.opportunities.find(estimated_value=at_least(Money(MANY - 20, "EUR"))),
    "get": lambda work, known: work.unit.get(Opportunity, known["account"].id),
    "get many": lambda work, known: work.unit.get_many(Opportunity, [known["account"].id, known["place"].id]),
    "count": lambda work, known: work.opportunities.count(account=known["account"].id),
}


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_what_picks_a_few_of_many_is_answered_by_an_index(filled: Any, monkeypatch: Any, question: str) -> None:
    """No table is read through for it."""
    crm, known = filled
    plans = asked(crm, monkeypatch, lambda work: QUESTIONS[question](work, known), "opportunity")
    assert scans(crm.store.profile.name, plans) == []


@pytest.mark.parametrize("question", ["account", "salesperson", "number", "get", "count"])
def test_so_it_is_about_the_past(filled: Any, monkeypatch: Any, question: str) -> None:
    """Each arm, of the present states and of the past ones, by an index."""
    crm, known = filled
    past = crm.as_of(crm.now())
    plans = asked(past, monkeypatch, lambda work: QUESTIONS[question](work, known), "opportunity")
    engine = crm.store.profile.name
    found = scans(engine, plans)
    assert [
        one for one in found if "history" not in one
    ] == [] or engine == "PostgreSQL"  # an empty history is read whole


@pytest.mark.parametrize("question", ["leads of an account", "conversion"])
def test_what_hangs_from_an_account_is_found_by_an_index(filled: Any, monkeypatch: Any, question: str) -> None:
    """Its leads; all that a conversion counts."""
    crm, known = filled
    ask = {
        "leads of an account": lambda work: work.leads.find(account=known["account"].id),
        "conversion": lambda work: work.conversion.plan(known["account"].id),
    }[question]
    plans = asked(crm, monkeypatch, ask, "lead")
    engine = crm.store.profile.name
    if engine == "PostgreSQL":
        large = [one for one in json.dumps([plan for (plan,) in plans]).split('"Node Type": ') if '"Seq Scan"' in one]
        assert [one for one in large if '"lead"' in one or '"opportunity"' in one or '"account"' in one] == []
    else:
        assert scans(engine, plans) == []


@pytest.mark.parametrize("question", ["matches", "suggestions", "a batch"])
def test_who_is_alike_is_found_by_the_index_of_a_key(filled: Any, monkeypatch: Any, question: str) -> None:
    """Whatever their kind: no table is read through, and no index of a kind is."""
    crm, known = filled
    some = [one.id for one in crm.prospects.find(limit=20)]
    ask = {
        "matches": lambda work: work.accounts.matches(known["account"]),
        "suggestions": lambda work: work.accounts.matches(known["account"], fuzzy=True),
        "a batch": lambda work: Alike.of(work, work.accounts.get_many(some), Customer, fresh=False),
    }[question]
    engine = crm.store.profile.name
    plans = [plan for plan in asked(crm, monkeypatch, ask, "account") if "_match" in str(plan)]
    assert plans
    if engine == "PostgreSQL":
        assert [plan for (plan,) in plans if '"Seq Scan"' in json.dumps(plan)] == []
        assert [plan for (plan,) in plans if "kind" in json.dumps(plan)] == []
    else:
        assert scans(engine, plans) == []


def grouped(crm: Crm, monkeypatch: Any, by: tuple[str, ...], *periods: SalesPeriod) -> list[Any]:
    """The plans of a roll-up's grouping."""
    with crm.begin(read_only=True) as work:
        meaning = valuation(work)
    made = RollUpGrouping(dimensions=by, valuation=meaning, periods=periods, within=bool(periods))
    ask = lambda work: work.unit.groups([made.grouping])  # noqa: E731
    return asked(crm, monkeypatch, ask, "opportunity")


def reads_rows(engine: str, plans: list[Any]) -> list[str]:
    """What of the plans reads rows of a table, not an index alone. On the few rows here, PostgreSQL may find the rows
    cheaper, and MariaDB has a tenant's together anyway: no table is read through.
    """
    if engine == "SQLite":
        return [row[3] for row in plans if "opportunity" in row[3] and "COVERING INDEX" not in row[3]]
    return scans(engine, plans)


@pytest.mark.parametrize("by", [(), ("period", "salesperson"), ("stage", "status", "category", "currency")])
def test_a_roll_up_reads_an_index_alone(filled: Any, monkeypatch: Any, by: tuple[str, ...]) -> None:
    """All that it needs of an opportunity stands there."""
    crm, _ = filled
    assert reads_rows(crm.store.profile.name, grouped(crm, monkeypatch, by)) == []


def test_a_roll_up_of_a_period_reads_no_other(filled: Any, monkeypatch: Any) -> None:
    """What closes in it, by the index that has the days first."""
    crm, _ = filled
    spring = SalesPeriod(code="Q2", kind="quarter", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30))
    plans = grouped(crm, monkeypatch, ("salesperson",), spring)
    engine = crm.store.profile.name
    assert reads_rows(engine, plans) == []
    if engine == "SQLite":
        assert [row[3] for row in plans if "opportunity" in row[3] and "closed_on" not in row[3]] == []
    elif engine == "MariaDB":
        assert [row for row in plans if row[2] == "opportunity" and row[3] != "range"] == []
    else:
        met = [cond for (plan,) in plans for cond in re.findall(r'"Index Cond": "(.*?)[^\\\\]"', json.dumps(plan))]
        assert met
        assert [cond for cond in met if "closed_on" not in cond and "projected_close" not in cond] == []
