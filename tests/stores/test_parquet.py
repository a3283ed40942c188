"""An export in Parquet files answers what the store that it was taken from does, and is there whole or not at all."""

import asyncio
import json
import os
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import attrs
import pytest

import crmkit
from crmkit import Crm, Opportunity, Prospect
from crmkit.changes import Changes, Update
from crmkit.entities import (
    ENTITIES,
    Account,
    Address,
    Campaign,
    Competitor,
    Customer,
    Estimate,
    EstimateLine,
    ExchangeRate,
    Lead,
    Money,
    Note,
    OpportunityItem,
    Record,
    Registry,
    Stage,
    TeamAssignment,
    evolve,
    record,
)
from crmkit.entities.facts import About, Label, StoredAs
from crmkit.errors import Invalid, Refused, StoreError, UnknownFormat
from crmkit.queries import (
    AnyOf,
    Between,
    Contains,
    Criterion,
    Either,
    Empty,
    Ended,
    Equals,
    Matches,
    Not,
    Query,
    Related,
    StartsWith,
    SumBetween,
)
from crmkit.repositories.store import Past
from crmkit.stores.memory import MemoryStore
from crmkit.stores.sql.columns import FieldColumns, Layout, layouts
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.grouping import GroupingClaims
from crmkit.testing.records import World

pytest.importorskip("ibis", reason="the extra ibis is not installed")

from crmkit.stores.parquet import Exported, ParquetStore
from crmkit.stores.parquet.columns import Sheet
from crmkit.stores.parquet.folder import write

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SNAPSHOT = Path(__file__).parent.parent / "snapshots" / "arrow_schema.txt"


class Exporting:
    """A store that is written to in memory, and read from an export of what is there."""

    def __init__(self, registry: Registry, folder: Path, backend: Any = None) -> None:
        self.memory = MemoryStore(registry)
        self.registry = registry
        self.folder = folder
        self.exports = 0
        self.changed = True
        self.parquet = ParquetStore(folder, registry, backend=backend)

    def prepare(self) -> bool:
        return self.memory.prepare()

    def begin(self, *, tenant: str, clock: Callable[[], datetime], read_only: bool = False, **asked: Any) -> Any:
        if not read_only and asked.get("as_of") is None:
            self.changed = True
            return self.memory.begin(tenant=tenant, clock=clock, **asked)
        if self.changed:
            self.export(tenant, clock)
        return self.parquet.begin(tenant=tenant, clock=clock, read_only=True, **asked)

    def export(self, tenant: str, clock: Callable[[], datetime]) -> None:
        self.exports += 1
        folder = self.folder / str(self.exports)
        unit = self.memory.begin(tenant=tenant, clock=clock, read_only=True)
        held = Exported(tenant=tenant, taken_at=clock(), settled=clock(), history=True)
        write(folder, self.registry, held, lambda spec: unit.states(spec.cls))
        unit.commit()
        self.parquet.folder = folder
        self.changed = False

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        return self.memory.settled(now, tenant=tenant)

    def close(self) -> None:
        self.parquet.close()


@pytest.fixture
def registry() -> Registry:
    return Registry(ENTITIES)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(registry: Registry, tmp_path: Path) -> Iterator[Exporting]:
    made = Exporting(registry, tmp_path)
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def work(store: Any, clock: ManualClock) -> Desk:
    return Desk(store, clock)


class TestGroups(GroupingClaims):
    """What every store promises of groups, sums and pages of the past, asked of exports on DuckDB."""


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    import ibis  # noqa: PLC0415 - the only use
    from pyspark.sql import SparkSession  # noqa: PLC0415 - of an extra that tests do without

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", value=False)
    session = builder.config("spark.sql.shuffle.partitions", 1).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield ibis.pyspark.connect(session)
    session.stop()


@pytest.mark.skipif(
    os.environ.get("CRMKIT_TEST_SPARK") != "1", reason="CRMKIT_TEST_SPARK=1 asks for it: the extra spark and Java"
)
@pytest.mark.filterwarnings("ignore")  # PySpark 4 calls pandas 3 as it called pandas 2
class TestGroupsOnSpark(GroupingClaims):
    """The same, asked of exports on Spark."""

    @pytest.fixture
    def store(self, registry: Registry, tmp_path: Path, spark: Any) -> Iterator[Exporting]:
        made = Exporting(registry, tmp_path, spark)
        made.prepare()
        yield made
        made.close()


def everything(registry: Registry, work: Desk, clock: ManualClock) -> None:
    """A record of each entity with every field filled in, and then with a second state; one of them deleted."""
    world = World(registry)
    for kind in ENTITIES:
        world.make(kind, full=True)
    saved = work.save(*world.made).values()
    clock.tick(minutes=1)
    others = [one for one in saved if not isinstance(one, Note)]
    updates = [Update(one, evolve(one, custom={"seen": True})) for one in others]
    work.apply(Changes(updates=updates, deletes=[one for one in saved if isinstance(one, Note)][-1:]))
    clock.tick(minutes=1)


def test_every_state_of_every_entity_comes_back_equal(
    registry: Registry, store: Exporting, work: Desk, clock: ManualClock
) -> None:
    """From the files themselves and through the engine, as they stand and as they stood."""
    everything(registry, work, clock)
    there = store.memory.begin(tenant="t", clock=clock, read_only=True)
    with work.unit(read_only=True) as here:
        for kind in ENTITIES:
            states = list(there.states(kind))
            assert list(here.states(kind)) == states  # type: ignore[attr-defined]
            ids = list(dict.fromkeys(past.record.id for past in states))
            assert here.histories(kind, ids) == there.histories(kind, ids)
            assert here.get_many(kind, ids) == there.get_many(kind, ids)
        assert sum(len(list(there.states(kind))) for kind in ENTITIES) > 2 * len(ENTITIES)
        then = START + timedelta(seconds=30)
        for kind in (Note, Account, Opportunity):
            assert here.as_of(then).find(Query(kind=kind)) == there.as_of(then).find(Query(kind=kind))
            assert here.find(Query(kind=kind)) == there.find(Query(kind=kind))


SPRING = date(2026, 4, 1)
QUESTIONS: dict[type[Record], list[Criterion]] = {
    Competitor: [
        Equals("name", "ÑANDÚ"),
        Equals("name", "Nandu"),
        Contains("name", "%"),
        Contains("name", "_"),
        Contains("name", "'\\"),
        StartsWith("name", "ac"),
        AnyOf("name", ("ñandú", "acme", "")),
        AnyOf("name", ()),
        Empty("contact_person"),
        Empty("contact_person", empty=False),
        Not(Between("employees", 10, 20)),
        Either([[Equals("employees", 10)], [Equals("name", "acme")]]),
        Either([]),
        Equals("company_revenue", Money("5", "EUR")),
        Between("company_revenue", Money("1", "USD"), None),
        Equals("address.city", "GIJÓN"),
        Contains("address.city", "jó"),
        Empty("address"),
        Equals("email", "ANA@example.COM"),
        Equals("phone", "+34-600 1"),
        Ended(START),
    ],
    Opportunity: [
        Equals("probability", "12.25"),
        AnyOf("stage", ("a", "b")),
        Empty("stage"),
        Between("projected_close", SPRING, SPRING + timedelta(days=2)),
        Between("recorded_at", START, START),
        Between("recorded_at", None, START - timedelta(microseconds=1)),
        Related(Account, via="id", to="account", where=[Contains("name", "a")]),
        Not(Related(OpportunityItem, via="opportunity", where=[Between("quantity", Decimal(2), None)])),
        Related(Lead, via="id", to="lead"),
        Not(Related(Lead, via="id", to="lead")),
    ],
    ExchangeRate: [Between("rate", Decimal("1.0000000001"), None), Equals("rate", "1.25"), AnyOf("rate", ["1.25"])],
    Estimate: [
        SumBetween(EstimateLine, "estimate", "amount", Money("12.50", "EUR"), Money("12.50", "EUR")),
        SumBetween(EstimateLine, "estimate", "amount", None, Money("0", "EUR")),
        SumBetween(EstimateLine, "estimate", "amount", Money("0.01", "USD"), None),
        SumBetween(EstimateLine, "estimate", "amount", None, None),
    ],
    Prospect: [Matches("name", ["acme"]), Matches("name", ["a"], start=True), Matches("name", []), Empty("territory")],
    Account: [Contains("name", "m")],
    Customer: [],
}


def market(registry: Registry, work: Desk) -> None:
    """Some records of the kinds that questions are about."""
    world = World(registry)
    for code in ("a", "b"):
        world.make(registry.code_table("stage"), code=code)
    revenue = Money("5", "EUR")
    world.make(Competitor, name="Ñandú", employees=10, company_revenue=revenue, address=Address("x", city="Gijón"))
    world.make(Competitor, name="50%_off", employees=20, company_revenue=Money("5", "USD"))
    world.make(Competitor, name="Acme", employees=21, contact_person="Ana", email="Ana@example.com", phone="+346001")
    world.make(Competitor, name="ac_dc '\\ 😀")
    accounts = [world.make(Prospect, name="Acme S.L."), world.make(Customer, name="Brand")]
    lead = world.make(Lead, account=accounts[0].id)
    for number in range(12):
        close = None if number % 5 == 0 else SPRING + timedelta(days=number % 4)
        deal = world.make(
            Opportunity,
            account=accounts[number % 2].id,
            lead=lead.id if number % 4 == 0 else None,
            description=f"Ö{number * 7 % 12} \U0001f600"[: 3 + number % 2],
            stage=("a", "b", "")[number % 3],
            estimated_value=None if number % 6 == 0 else Money.of_minor(number * 11_111 % 7, "EUR"),
            probability=None if number % 4 == 1 else ("12.25", 40)[number % 2],
            projected_close=close,
        )
        if number % 3:
            world.make(OpportunityItem, opportunity=deal.id, quantity=Decimal(number) / 4)
    estimates = [world.make(Estimate).id for _ in range(3)]
    for number, amount in ((0, "10"), (0, "2.50"), (1, "12.50")):
        world.make(EstimateLine, estimate=estimates[number], amount=Money(amount, "EUR"))
    world.make(EstimateLine, estimate=estimates[2], amount=Money("12.50", "USD"))
    for number, rate in enumerate(("1.25", "1.0000000001", "1")):
        world.make(ExchangeRate, from_currency="USD", to_currency="EUR", day=SPRING + timedelta(number), rate=rate)
    work.save(*world.made)


def test_what_is_found_is_what_memory_finds(
    registry: Registry, store: Exporting, work: Desk, clock: ManualClock
) -> None:
    """By any criterion, and in any order, page by page."""
    market(registry, work)
    there = store.memory.begin(tenant="t", clock=clock, read_only=True)
    seen = 0
    with work.unit(read_only=True) as here:
        for kind, criteria in QUESTIONS.items():
            queries: list[Query[Any]] = [Query(kind=kind), *(Query(kind=kind, where=[one]) for one in criteria)]
            for query in queries:
                assert here.find(query) == there.find(query), query.where
            assert here.counts(queries) == there.counts(queries)
        for sort in ("id", "description", "estimated_value", "projected_close"):
            for descending in (False, True):
                page: Query[Any] = Query(kind=Opportunity, sort=sort, descending=descending, limit=7)
                while found := there.find(page):
                    assert here.find(page) == found, page
                    seen += len(found)
                    page = evolved(page, page.cursor(found[-1]))
    assert seen == 4 * 2 * 12


def evolved(query: Query[Any], after: Any) -> Query[Any]:
    return Query(kind=query.kind, sort=query.sort, descending=query.descending, limit=query.limit, after=after)


def test_what_cannot_be_asked_is_refused(registry: Registry, work: Desk) -> None:
    """As on any store."""
    market(registry, work)
    with work.unit(read_only=True) as here:
        for criterion in (Equals("nothing", 1), Equals("address.nothing", "x"), Matches("notes", ["a"])):
            with pytest.raises(Invalid):
                here.find(Query(kind=Competitor, where=[criterion]))
        with pytest.raises(Invalid):
            here.find(Query(kind=Competitor, where=[Related(Account, via="nothing")]))


# Roll-ups


@pytest.fixture
def seller(clock: ManualClock) -> Crm:
    """Deals of all sorts, in three currencies, some of which have changed since."""
    crm = crmkit.connect("memory:", clock=clock, starter="en")
    crm.sales_periods.make_year(2026, kind="quarter")
    north = crm.territories.add(crmkit.Territory(description="North"))
    chief = crm.salespersons.add(crmkit.Salesperson(name="Ana"))
    team = crm.sales_teams.add(crmkit.SalesTeam(name="T"))
    sellers = [chief.id, crm.salespersons.add(crmkit.Salesperson(name="Ben", manager=chief.id)).id, None]
    accounts = [
        crm.prospects.add(Prospect(name="Acme", territory=north.id)).id,
        crm.customers.add(Customer(name="Brand")).id,
    ]
    crm.exchange_rates.add(ExchangeRate(from_currency="USD", to_currency="EUR", day=date(2026, 1, 1), rate="0.9173"))
    crm.exchange_rates.add(ExchangeRate(from_currency="JPY", to_currency="EUR", day=date(2026, 1, 1), rate="0.0061"))
    crm.exchange_rates.add(ExchangeRate(from_currency="JPY", to_currency="EUR", day=date(2026, 5, 1), rate="0.0064"))
    campaigns = [crm.campaigns.add(Campaign(code="C1", description="Fair")).id, None]
    items = [crm.items.add(crmkit.Item(description=f"I{n}", unit_price="3.5", currency="EUR")) for n in range(3)]
    for number in range(40):
        deal = crm.opportunities.add(
            Opportunity(
                description=f"deal {number}",
                account=accounts[number % 2],
                campaign=campaigns[number % 2],
                salesperson=sellers[number % 3],
                stage=("qualification", "proposal", "")[number % 3],
                estimated_value=None
                if number % 9 == 0
                else Money.of_minor(number * 12_345 + 5, ("EUR", "EUR", "USD", "JPY")[number % 4]),
                probability=None if number % 7 == 0 else number * 2,
                projected_close=date(2026, 1 + number % 12, 15),
            )
        )
        for turn in range(number % 4):
            quantity = Decimal(number % 5 + 1) / 4
            price = None if turn else Decimal("2.0001")
            part = OpportunityItem(opportunity=deal.id, item=items[turn].id, quantity=quantity, price=price)
            crm.opportunity_items.add(part)
        if number % 5 == 0:
            crm.team_assignments.add(TeamAssignment(target=deal.id, holder=team.id, primary=True))
        clock.tick(minutes=1)
        if number % 6 == 1:
            crm.opportunities.win(deal.id)
        elif number % 6 == 2:
            crm.opportunities.update(crm.opportunities.get(deal.id), probability=55)
    return crm


CUTS: tuple[dict[str, Any], ...] = (
    {"by": ("period", "salesperson")},
    {"by": ("team", "territory", "currency"), "period": "2026-Q2"},
    {
        "by": ("stage", "category", "status"),
        "currency": "USD",
        "rates": {("EUR", "USD"): "1.1", ("JPY", "USD"): "0.007"},
    },
    {"by": "item"},
    {"by": "campaign", "stage": "proposal", "period": ["2026-Q1", "2026-Q3"]},
)


def test_a_roll_up_over_an_export_is_that_of_the_store(seller: Crm, tmp_path: Path) -> None:
    """In every cell, today and as of then, from the export of the present and from that of a view of the past."""
    then = START + timedelta(minutes=15)
    seller.to_parquet(tmp_path / "now")
    seller.as_of(then).to_parquet(tmp_path / "then", history=False)
    now, past = (
        crmkit.connect(f"parquet:///{tmp_path / name}", clock=seller.settings.clock) for name in ("now", "then")
    )
    for asked in CUTS:
        found = seller.forecasting.roll_up(**asked)
        assert found.total.count
        assert now.forecasting.roll_up(**asked) == found
    for asked in CUTS[:2]:
        found = seller.as_of(then).forecasting.roll_up(**asked)
        assert found != seller.forecasting.roll_up(**asked)
        assert now.as_of(then).forecasting.roll_up(**asked) == found
        assert past.as_of(then).forecasting.roll_up(**asked) == found


def test_a_waterfall_and_an_explanation_over_an_export_are_those_of_the_store(seller: Crm, tmp_path: Path) -> None:
    """What is read of the history, and of single records."""
    seller.to_parquet(tmp_path / "x")
    past = crmkit.connect(f"parquet:///{tmp_path / 'x'}", clock=seller.settings.clock)
    for by in ("stage", ("salesperson", "item")):
        asked: dict[str, Any] = {"start": START + timedelta(minutes=15), "by": by}
        found = seller.forecasting.waterfall(**asked)
        assert found.movements
        assert past.forecasting.waterfall(**asked) == found
    cell: dict[str, Any] = {"stage": "proposal", "period": "2026-Q2"}
    assert past.forecasting.explain(**cell) == seller.forecasting.explain(**cell)


# Whole, or not at all


def test_an_export_that_fails_leaves_nothing(registry: Registry, tmp_path: Path) -> None:
    """Neither files nor a folder that could be taken for one."""

    def states_of(spec: Any) -> Iterator[Any]:
        if spec.cls is Lead:
            raise OSError("the disk is full")
        return iter(())

    held = Exported(tenant="t", taken_at=START, settled=START, history=True)
    with pytest.raises(OSError, match="full"):
        write(tmp_path / "x", registry, held, states_of)
    assert list((tmp_path / "x").iterdir()) == []


def test_files_that_read_otherwise_are_not_kept(registry: Registry, tmp_path: Path) -> None:
    """What is written is read again, and compared with what is there."""
    world = World(registry)
    stages = iter([evolve(world.make(Stage), version=1, recorded_at=START) for _ in range(9)])

    def states_of(spec: Any) -> Iterator[Any]:
        return iter([Past(next(stages), None)] if spec.cls is Stage else [])

    held = Exported(tenant="t", taken_at=START, settled=START, history=True)
    with pytest.raises(StoreError, match="differs"):
        write(tmp_path / "x", registry, held, states_of)
    assert list((tmp_path / "x").iterdir()) == []


def test_an_export_is_not_written_over(tmp_path: Path) -> None:
    """Another tenant's goes beside it."""
    acme, other = (crmkit.connect("memory:", tenant=name, starter="en") for name in ("ac/me", "other"))
    held = acme.to_parquet(tmp_path / "x", history=False)
    assert held.total == sum(acme[kind].count() for kind in ENTITIES if kind.spec.about.family == "code")
    with pytest.raises(Invalid, match="never written over"):
        acme.to_parquet(tmp_path / "x")
    other.to_parquet(tmp_path / "x")
    assert crmkit.connect(f"parquet:///{tmp_path / 'x'}", tenant="ac/me").stages.count() == acme.stages.count()
    with pytest.raises(StoreError, match="'ac/me', 'other'"):
        crmkit.connect(f"parquet:///{tmp_path / 'x'}", tenant="third").stages.count()


def test_an_export_is_only_read(tmp_path: Path) -> None:
    """By any way to write; and of a past that was not written, nothing is said."""
    crmkit.connect("memory:").to_parquet(tmp_path / "x", history=False)
    crm = crmkit.connect(f"parquet:///{tmp_path / 'x'}")
    with pytest.raises(StoreError, match="only read"):
        crm.stages.add(Stage(code="new"))
    with crm.begin(read_only=True) as work, pytest.raises(StoreError, match="only read"):
        work.unit.apply(Changes())
    with pytest.raises(StoreError, match="no history"):
        crm.as_of(START).stages.count()
    with pytest.raises(Refused):
        crm.as_of(START).on("Created", print)
    with pytest.raises(StoreError, match="holds no export"):
        crmkit.connect(f"parquet:///{tmp_path / 'nothing'}")


def test_it_is_awaited_as_well(tmp_path: Path) -> None:
    """Writing and asking."""

    async def asked() -> tuple[int, int]:
        async with await crmkit.connect_async("memory:") as crm:
            held = await crm.to_parquet(tmp_path / "x", history=False)
        async with await crmkit.connect_async(f"parquet:///{tmp_path / 'x'}") as past:
            return held.rows["stage/current"], await past.stages.count()

    there, here = asyncio.run(asked())
    assert there == here > 0


def test_what_an_export_holds_is_said(seller: Crm, tmp_path: Path) -> None:
    """How many records and past states, of whom, as of when."""
    held = seller.to_parquet(tmp_path / "x")
    present = sum(seller[kind].count() for kind in ENTITIES)
    past = sum(len(seller.history(one)) - 1 for one in seller.opportunities.all())
    assert str(held) == f"{present} records of tenant 'default' and {past} past ones, as of {seller.now()}"


def test_an_export_of_another_application_is_told(tmp_path: Path) -> None:
    """Of a newer release, or of one that had other fields."""
    crmkit.connect("memory:").to_parquet(tmp_path / "x")
    url = f"parquet:///{tmp_path / 'x'}"
    with pytest.raises(UnknownFormat, match="not there"):
        crmkit.connect(url, entities=[Asset]).repository("assets").count()
    about = tmp_path / "x" / "tenant=default" / "_crmkit.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "version": 99}))
    with pytest.raises(UnknownFormat, match="upgrade"):
        crmkit.connect(url).stages.count()


@record(kw_only=True)
class Asset(Record):
    """A host's own entity."""

    about = About(table="asset", plural="assets", es="Activo")

    worth: Annotated[Money | None, Label("Valor")] = None


# Columns


def test_the_columns_are_those_that_were_committed() -> None:
    """Whoever changes a field sees what becomes of its columns; scripts/write_schema.py writes them anew."""
    scripts = Path(__file__).parent.parent.parent / "scripts"
    assert SNAPSHOT.read_text(encoding="utf-8") == runpy.run_path(str(scripts / "write_schema.py"))["arrow"]()


def test_a_field_that_no_column_holds_is_an_error() -> None:
    """It is never a text, silently; nor are two fields one column."""
    (stage,) = layouts(Registry([Stage])).values()
    field = attrs.evolve(stage.of_spec[""][0].field, shape="spectrum")
    strange = Layout("stage", stage.specs, {"": (FieldColumns(field, stage.of_spec[""][0].columns),)})
    with pytest.raises(TypeError, match="spectrum"):
        _ = Sheet(strange).columns
    twice = Layout("stage", stage.specs, {"": tuple(ended(held) for held in stage.of_spec[""][:1])})
    with pytest.raises(ValueError, match="ended_at"):
        _ = Sheet(twice).columns


def ended(held: FieldColumns) -> FieldColumns:
    """The field under the name that a state's end has."""
    field = attrs.evolve(held.field, facts=(*held.field.facts, StoredAs("ended_at")))
    return attrs.evolve(held, field=field)
