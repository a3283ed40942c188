"""The same application, awaited: on every store, with the names of `Crm`, cancelled and at the same time."""

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import crmkit
from crmkit import (
    AlreadyConverted,
    AsyncCrm,
    Conflict,
    Crm,
    Customer,
    Estimate,
    EstimateLine,
    Lead,
    MissingExtra,
    Money,
    NotFound,
    Opportunity,
    Policy,
    Prospect,
    Stage,
    StoreError,
    UnknownStore,
)
from crmkit.app.awaited.faces import face_of
from crmkit.app.conversion import ConversionService
from crmkit.app.forecasting import ForecastingService
from crmkit.app.merge_service import MergingService
from crmkit.app.served import SERVED
from crmkit.app.work import Work
from crmkit.testing.clocks import ManualClock

Opening = Callable[..., Any]

PLAIN = {"as_of", "what_if", "now", "on", "chart", "repository", "begin", "reading", "writing", "all"}
"""What is not awaited by a plain `await`: it neither reads nor writes, or is a context manager or an iterator."""
NOT_OF_WORK = {
    "new_id",
    "read",
    "read_many",
    "settle",
    "refuse_if",
    "created",
    "write",
    "announce",
    "deletion",
    "finish",
}
NOT_OF_WORK |= {"bare_all", "code", "whole"}
"""What rules and services are made of; an application calls repositories."""


@pytest.fixture
def opening(fresh_url: Callable[[str], str], store_name: str, clock: ManualClock) -> Opening:
    """Opens a CRM, awaited, on a fresh store."""
    url = fresh_url(store_name).replace("mysql+pymysql", "mysql+asyncmy")

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[AsyncCrm]:
        async with await crmkit.connect_async(url, clock=clock, **settings) as crm:
            yield crm

    return opened


def awaited(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Has a test run in an event loop of its own, within twenty seconds."""

    def run(opening: Opening) -> None:
        async def within() -> None:
            async with asyncio.timeout(20), opening() as crm:
                await test(crm)

        asyncio.run(within())

    run.__doc__ = test.__doc__
    return run


@awaited
async def test_the_sales_process(crm: AsyncCrm) -> None:
    """From a prospect to a forecast, every call awaited."""
    async with crm.begin(by="ana") as work:
        acme = await work.prospects.add(Prospect(name="Acme"))
        deal = await work.opportunities.add(
            Opportunity(
                description="Bikes",
                account=acme.id,
                estimated_value=Money("120000", "EUR"),
                probability=60,
                projected_close=date(2026, 12, 1),
            )
        )
        deal = await work.opportunities.update(deal, stage="proposal")
    await crm.sales_periods.make_year(2026)
    plan = await crm.conversion.plan(acme.id)
    receipt = await crm.conversion.apply(plan)
    assert (await crm.customers.get(receipt.customer_id)).recorded_by == ""
    with pytest.raises(AlreadyConverted):
        await crm.conversion.convert(acme.id)
    figures = await crm.forecasting.roll_up(period="2026-Q4", by="stage")
    assert str(figures.total.weighted) == "72,000.00 EUR"
    assert [past.record.version for past in await crm.history(deal)] == [1, 2]
    await crm.conversion.undo(receipt.id)
    assert await crm.prospects.count() == 1
    with pytest.raises(NotFound):
        await crm.customers.get(acme.id)


def test_moves_policies_and_stages(opening: Opening) -> None:
    """Verbs, what a policy adds to them, and time in stage, awaited."""

    async def run() -> None:
        policy = Policy(amount_follows_offers=True, order_wins=True, close_date="fiscal_quarter")
        async with opening(policy=policy) as crm:
            acme = await crm.prospects.add(Prospect(name="Acme"))
            lead = await crm.leads.qualify((await crm.leads.add(Lead(account=acme.id))).id)
            plan = await crm.conversion.plan(acme.id, opportunity=lead.id)
            assert plan.opportunity.projected_close == date(2026, 3, 31)
            receipt = await crm.conversion.apply(plan)
            line = EstimateLine(description="Bike", quantity=2, unit_price=50)
            quote = await crm.estimates.add(Estimate(account=acme.id, opportunity=receipt.opportunity, lines=[line]))
            order = await crm.estimates.order((await crm.estimates.accept(quote.id)).id)
            deal = await crm.opportunities.get(receipt.opportunity)
            assert (deal.status, deal.estimated_value) == ("won", Money(100, "EUR"))
            assert (await crm.orders.complete(order.id)).status == "done"
            assert [one.outcome for one in await crm.opportunities.stages(deal.id)] == ["won"]

    asyncio.run(run())


@awaited
async def test_merging(crm: AsyncCrm) -> None:
    """Merging, and converting into a customer, stand on the awaited CRM and on its units of work too."""
    one, two = [await crm.prospects.add(Prospect(name=name)) for name in ("One", "Two")]
    customer = await crm.customers.add(Customer(name="C"))
    receipt = await crm.merging.apply(await crm.prospects.plan_merge(one.id, into=two.id))
    assert (await crm.prospects.resolve(one.id)).id == two.id
    await crm.merging.undo(receipt.id)
    async with crm.begin() as work:
        conversion = await work.conversion.convert(one.id, into=customer.id)
        await work.merging.merge(two.id, into=(await work.prospects.add(Prospect(name="Three"))).id)
    await crm.conversion.undo(conversion.id)
    assert await crm.prospects.count() == 2


@awaited
async def test_pages_streams_and_the_past(crm: AsyncCrm) -> None:
    """A page's next one is awaited, everything is streamed by `async for`, a view of the past answers as ever."""
    added = await crm.prospects.add_many([Prospect(name=f"P{number:04}") for number in range(1_200)])
    assert len(added.records) == 1_200
    page, names = await crm.prospects.find(sort="name", limit=500), []
    while page is not None:
        names += [one.name for one in page]
        page = await page.next()
    assert names == [f"P{number:04}" for number in range(1_200)]
    assert [one.name async for one in crm.prospects.all(sort="name")] == names
    async for one in crm.prospects.all(sort="-name"):
        assert one.name == "P1199"
        break
    past = crm.as_of(crm.now())
    assert await past.prospects.count() == 1_200
    assert (await crm.settled()) <= crm.now()


@awaited
async def test_a_block_that_raises_saves_nothing(crm: AsyncCrm) -> None:
    """And the error comes out as it is."""

    async def fail() -> None:
        async with crm.begin() as work:
            await work.prospects.add(Prospect(name="P"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await crm.prospects.find() == []


@awaited
async def test_calls_of_one_unit_at_the_same_time_come_one_after_the_other(crm: AsyncCrm) -> None:
    """A unit is one transaction on one connection."""
    async with crm.begin() as work:
        saved = await asyncio.gather(*[work.prospects.add(Prospect(name=f"P{n}")) for n in range(20)])
    assert {one.number for one in saved} == {f"P{n:06}" for n in range(1, 21)}


@awaited
async def test_units_at_the_same_time_are_apart(crm: AsyncCrm) -> None:
    """Of twelve tasks that convert the same prospect one wins; counting up twelve times loses nothing."""
    prospect = await crm.prospects.add(Prospect(name="P", employees=0))

    async def count_up() -> None:
        while True:
            now = await crm.prospects.get(prospect.id)
            try:
                await crm.prospects.update(now, employees=(now.employees or 0) + 1)
            except Conflict:
                continue
            return

    await asyncio.gather(*[count_up() for _ in range(12)])
    assert (await crm.prospects.get(prospect.id)).employees == 12
    outcomes = await asyncio.gather(*[crm.conversion.convert(prospect.id) for _ in range(12)], return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyConverted"] * 11 + ["Conversion"]


@awaited
async def test_run_runs_again_what_was_in_the_way(crm: AsyncCrm) -> None:
    """A coroutine function, whole."""
    tried: list[int] = []

    async def task(work: Any) -> str:
        tried.append(1)
        saved = await work.prospects.add(Prospect(name="P"))
        if len(tried) < 3:
            raise crmkit.Busy("another was in the way")
        return str(saved.number)

    assert await crm.run(task, by="ana") == "P000001"
    assert len(tried) == 3


@awaited
async def test_a_cancelled_unit_is_rolled_back_and_leaks_nothing(crm: AsyncCrm) -> None:
    """However far it has come, many times; the connections go back, and others go on."""
    kept = await crm.prospects.add(Prospect(name="kept"))
    for attempt in range(30):
        reached = asyncio.Event()

        async def unit(reached: asyncio.Event = reached) -> None:
            async with crm.begin() as work:
                now = await work.prospects.get(kept.id)
                await work.prospects.update(now, notes="cancelled")
                reached.set()
                for number in range(1_000):
                    await work.prospects.add(Prospect(name=f"lost {number}"))

        task = asyncio.create_task(unit())
        await asyncio.wait([task, asyncio.ensure_future(reached.wait())], return_when=asyncio.FIRST_COMPLETED)
        assert not task.done()
        await asyncio.sleep(0.001 * (attempt % 5))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await crm.prospects.count() == 1
    assert await crm.prospects.get(kept.id) == kept
    store: Any = crm.store
    if hasattr(store, "engine"):
        assert store.engine.pool.checkedout() == 0
    assert (await crm.prospects.update(kept, notes="free")).notes == "free"


@awaited
async def test_a_cancelled_call_leaks_nothing(crm: AsyncCrm) -> None:
    """A call by itself is saved or not, and its connection goes back."""
    for attempt in range(20):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.001 * attempt):
                await crm.prospects.add_many([Prospect(name="P") for _ in range(50)])
    assert await crm.prospects.count() % 50 == 0
    store: Any = crm.store
    if hasattr(store, "engine"):
        assert store.engine.pool.checkedout() == 0


@awaited
async def test_the_event_loop_goes_on(crm: AsyncCrm) -> None:
    """While a thousand records are written, other tasks are served."""
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    beating = asyncio.create_task(beat())
    await crm.prospects.add_many([Prospect(name="P") for _ in range(1_000)])
    beating.cancel()
    assert beats > 5


def test_a_statement_that_takes_long_is_interrupted(tmp_path: Any) -> None:
    """On SQLite, by the driver: the task does not wait for its end."""

    async def check() -> None:
        async with await crmkit.connect_async(f"sqlite:///{tmp_path}/crm.db") as crm:
            started = threading.Event()

            async def unit() -> None:
                async with crm.begin(read_only=True) as work:
                    inner: Any = work.unit
                    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"

                    def ask() -> None:
                        started.set()
                        inner.execute(forever)

                    await work._runner.run(ask)

            task = asyncio.create_task(unit())
            await asyncio.to_thread(started.wait)
            await asyncio.sleep(0.1)
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - begun < 10
            assert await crm.prospects.find() == []

    asyncio.run(check())


@pytest.mark.parametrize("store_name", ["postgresql", "mariadb"], indirect=False)
def test_a_host_s_asynchronous_session_is_joined(store_name: str, fresh_url: Callable[[str], str]) -> None:
    """Its commit saves both, its rollback undoes both; an ordinary one is refused."""
    url = fresh_url(store_name).replace("mysql+pymysql", "mysql+asyncmy")

    async def check() -> None:
        engine = create_async_engine(url)
        async with await crmkit.connect_async(engine, starter=None) as crm:
            told: list[str] = []
            crm.on("Created", lambda created, _: told.append(created.record.code))
            for code, end in (("kept", "commit"), ("lost", "rollback")):
                async with AsyncSession(engine) as session:
                    await session.execute(text("SELECT 1"))
                    async with crm.begin(session=session) as work:
                        await work.stages.add(Stage(code=code))
                    assert await crm.stages.count() == (0 if code == "kept" else 1)
                    await getattr(session, end)()
            assert told == ["kept"]
            assert [one.code for one in await crm.stages.find()] == ["kept"]
            async with engine.connect() as connection:
                async with crm.begin(connection=connection, on_commit=lambda _: None) as work:
                    await work.stages.add(Stage(code="joined"))
                await connection.rollback()
            assert await crm.stages.count() == 1
            with pytest.raises(StoreError, match="not asynchronous"):
                async with crm.begin(session=object()):
                    pass
        await engine.dispose()

    asyncio.run(check())


def test_a_driver_that_is_not_there_names_its_extra(monkeypatch: Any) -> None:
    """And a driver that cannot be awaited is refused."""
    with pytest.raises(UnknownStore, match="asyncmy"):
        asyncio.run(crmkit.connect_async("mysql+pymysql://127.0.0.1/none"))
    for module in ("greenlet", "asyncmy"):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(MissingExtra, match=r"crmkit\[async\]"):
            asyncio.run(crmkit.connect_async("mysql+asyncmy://127.0.0.1/none"))
        monkeypatch.delitem(sys.modules, module)


def public(cls: type) -> set[str]:
    """The names of a class's public methods."""
    return {name for name, _ in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


def test_every_call_of_the_application_is_there() -> None:
    """What a `Crm` and its unit of work can do, their awaited faces can: under the same names, awaited."""
    for name in public(Crm) - PLAIN - {"run"}:
        assert inspect.iscoroutinefunction(getattr(AsyncCrm, name)), name
    for name in public(Work) - PLAIN - NOT_OF_WORK:
        assert inspect.iscoroutinefunction(getattr(crmkit.AsyncWork, name)), name
    for name in ("begin", "run", "as_of", "to_excel", "sweep"):
        ordinary, faced = (inspect.signature(getattr(cls, name)) for cls in (Crm, AsyncCrm))
        assert list(ordinary.parameters) == list(faced.parameters), name


@pytest.mark.parametrize(
    "cls",
    [ConversionService, ForecastingService, MergingService, *SERVED.values()],
    ids=lambda cls: cls.__name__,
)
def test_every_call_of_a_repository_or_service_is_there(cls: type) -> None:
    """With its signature and docstring, awaited; what is streamed is iterated over."""
    face = face_of(cls)
    assert public(cls)
    for name in public(cls):
        ordinary, faced = getattr(cls, name), getattr(face, name)
        assert inspect.signature(ordinary) == inspect.signature(faced)
        assert ordinary.__doc__ == faced.__doc__
        assert inspect.isasyncgenfunction(faced) if name == "all" else inspect.iscoroutinefunction(faced)
