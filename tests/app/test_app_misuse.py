"""What cannot be meant is refused in words, wherever it is handed in: no raw error of Python's or of a driver's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

import crmkit
from crmkit import (
    NIL,
    Crm,
    CrmkitError,
    Cursor,
    Estimate,
    Invalid,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityTask,
    Policy,
    Prospect,
    Refused,
    StoreError,
)


class World:
    """A CRM with a few records of one prospect."""

    def __init__(self, crm: Crm) -> None:
        self.crm: Any = crm  # since what is handed in here is of the wrong type
        self.acme = crm.prospects.add(Prospect(name="Acme"))
        self.lead = crm.leads.add(Lead(account=self.acme.id))
        self.chance = crm.leads.promote(self.lead.id, description="E-bikes")


@pytest.fixture
def world(crm: Crm) -> World:
    """On each store."""
    return World(crm)


@pytest.fixture
def quick(open_crm: Callable[..., Crm]) -> World:
    """In memory: of what is refused before any store is asked."""
    return World(open_crm("memory"))


async def awaited(*_: object) -> None:
    """A handler of which nothing would ever be run."""


async def streamed() -> AsyncIterator[object]:
    """Records that nobody awaits."""
    yield None


class Awaited:
    """An object whose call is to be awaited."""

    async def __call__(self, *_: object) -> None:
        """Nothing."""


ON_STORES: list[tuple[str, Callable[[World], object], type[CrmkitError], str]] = [
    ("limit with a fraction", lambda w: w.crm.leads.find(limit=1.5), Invalid, "limit: is a whole number"),
    ("limit that is a flag", lambda w: w.crm.leads.find(limit=True), Invalid, "limit: .*not True"),
    ("limit of text", lambda w: w.crm.leads.find(limit="x"), Invalid, "limit: .*not 'x'"),
    ("sort by a number", lambda w: w.crm.leads.find(sort=3), Invalid, "sort: cannot be 3"),
    ("sort by a minus", lambda w: w.crm.leads.find(sort="-"), Invalid, "sort: cannot be '-'"),
    ("after a number", lambda w: w.crm.leads.find(after=3), Invalid, "after: 3 is no place"),
    (
        "after a text among numbers",
        lambda w: w.crm.prospects.find(sort="employees", after=Cursor("x", NIL)),
        Invalid,
        "after: 'x' is no place",
    ),
    ("a criterion that is none", lambda w: w.crm.leads.find(3), Invalid, "where: 3 is no criterion"),
    ("count by what is none", lambda w: w.crm.leads.count(3), Invalid, "where: 3 is no criterion"),
    ("opportunities of no id", lambda w: w.crm.leads.opportunities("x"), NotFound, "an id is a UUID"),
    ("opportunities of no lead", lambda w: w.crm.leads.opportunities(uuid4()), NotFound, "no lead"),
    ("teams of no id", lambda w: w.crm.prospects.teams("x"), NotFound, "an id is a UUID"),
    ("teams of no account", lambda w: w.crm.prospects.teams(uuid4()), NotFound, "no account"),
]

ANYWHERE: list[tuple[str, Callable[[World], object], type[CrmkitError], str]] = [
    ("update by an id", lambda w: w.crm.prospects.update(w.acme.id, name="z"), Invalid, "read before, not a UUID"),
    ("get_many of one id", lambda w: w.crm.leads.get_many(w.lead.id), Invalid, "ids: must be several"),
    ("get_many of a text", lambda w: w.crm.leads.get_many("abc"), Invalid, "ids: must be several"),
    ("add_many of one", lambda w: w.crm.leads.add_many(w.lead), Invalid, "records: must be several"),
    ("add_many of one dict", lambda w: w.crm.prospects.add_many({"name": "A"}), Invalid, "records: must be several"),
    ("add_many, awaited", lambda w: w.crm.leads.add_many(streamed()), Invalid, "records: must be several"),
    ("a part that is none", lambda w: Estimate(account=w.acme.id, lines=[None]), Invalid, "lines: .*not NoneType"),  # type: ignore[list-item]
    ("custom by a number", lambda w: Prospect(name="A", custom={3: 4}), Invalid, "custom: .*by texts, not by 3"),  # type: ignore[dict-item]
    ("custom within", lambda w: Prospect(name="A", custom={"a": [{None: 4}]}), Invalid, "custom: .*not by None"),
    ("an order", lambda w: w.crm.leads.add(w.chance), Invalid, "expected a Lead, not an Opportunity"),
    ("not saved yet", lambda w: w.crm.leads.qualify(Lead(account=w.acme.id)), NotFound, "not saved yet: add it"),
    ("history of an id", lambda w: w.crm.history(w.acme.id), Invalid, "record: is a record, not a UUID"),
    ("roll up by a number", lambda w: w.crm.forecasting.roll_up(by=3), Invalid, "by: names one or several"),
    (
        "period that is a number",
        lambda w: w.crm.forecasting.roll_up(period=3),
        Invalid,
        "period: is a sales period or its code",
    ),
    ("kind of period", lambda w: w.crm.forecasting.roll_up(period_kind="eon"), Invalid, "period_kind: must be one of"),
    (
        "status of forecasts",
        lambda w: w.crm.forecasting.roll_up(forecast_status="open"),
        Invalid,
        "one or several of draft",
    ),
    ("no status", lambda w: w.crm.forecasting.roll_up(forecast_status=3), Invalid, "one or several of draft, submit"),
    (
        "roll up by a word",
        lambda w: w.crm.forecasting.roll_up(sallesperson=1),
        Invalid,
        "sallesperson: is no criterion",
    ),
    (
        "distribution",
        lambda w: w.crm.forecasting.distribution(period=3),
        Invalid,
        "period: is a sales period or its code",
    ),
    ("year of text", lambda w: w.crm.sales_periods.make_year("2026"), Invalid, "year: must be a whole number"),
    ("year of nothing", lambda w: w.crm.sales_periods.make_year(None), Invalid, "year: must be a whole number"),
    ("year of a float", lambda w: w.crm.sales_periods.make_year(2026.0), Invalid, "year: must be a whole number"),
    ("month of text", lambda w: w.crm.sales_periods.make_year(2026, first_month="1"), Invalid, "first_month: must be"),
]


@pytest.mark.parametrize(
    ("call", "error", "says"), [pytest.param(call, error, says, id=name) for name, call, error, says in ON_STORES]
)
def test_stores_agree_on_what_cannot_be_asked(
    world: World, call: Callable[[World], object], error: type[CrmkitError], says: str
) -> None:
    """A question that no store could answer alike is the same error on each."""
    with pytest.raises(error, match=says):
        call(world)


@pytest.mark.parametrize(
    ("call", "error", "says"), [pytest.param(call, error, says, id=name) for name, call, error, says in ANYWHERE]
)
def test_what_cannot_be_meant_is_refused_in_words(
    quick: World, everything: Any, call: Callable[[World], object], error: type[CrmkitError], says: str
) -> None:
    """The error is crmkit's, names the argument, and nothing has changed."""
    before = everything(quick.crm)
    with pytest.raises(error, match=says):
        call(quick)
    assert everything(quick.crm) == before


def test_ids_are_uuids_on_every_store(open_crm: Callable[..., Crm], store_name: str) -> None:
    """A host's source of ids that gives none is refused when it is asked, and nothing is saved."""
    crm = open_crm(store_name, starter=None, ids=lambda: "x")
    with pytest.raises(Invalid, match="ids: must give UUIDs, not a str"):
        crm.prospects.add(Prospect(name="Acme"))
    assert crm.prospects.count() == 0


def test_a_record_stands_for_its_id(quick: World) -> None:
    """Wherever an id is asked for, the record that has it does as well."""
    crm, acme, lead, chance = quick.crm, quick.acme, quick.lead, quick.chance
    task = crm.opportunity_tasks.add(OpportunityTask(opportunity=chance.id, description="Call"))
    assert crm.prospects.get(acme) == acme == crm.prospects.resolve(acme)
    assert crm.prospects.get_many([acme]) == [acme]
    assert crm.leads.opportunities(lead) == [chance]
    assert crm.opportunities.estimates(chance) == [] == list(crm.prospects.teams(acme))
    assert crm.leads.qualify(lead).status == "qualified"
    assert crm.opportunity_tasks.complete(task).status == "done"
    assert len(crm.opportunities.stages(chance)) == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"tasks_block_won": "no"}, "tasks_block_won: must be True or False, not 'no'"),
        ({"order_wins": None}, "order_wins: must be True or False, not None"),
        ({"fiscal_year_starts": True}, "fiscal_year_starts: must be a month"),
        ({"customer_defaults": {"currency": "XXX"}}, "currency 'XXX' is no ISO 4217"),
        ({"customer_defaults": {"number": "C1"}}, "number is each customer's own"),
        ({"customer_defaults": 3}, "customer_defaults: must be a mapping"),
        ({"customer_fields": None}, "customer_fields: must be a mapping"),
        ({"customer_required": None}, "customer_required: names fields of a customer, not None"),
        ({"customer_required": [3]}, "customer_required: 3 is no field"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(values: dict[str, Any], says: str) -> None:
    """It is refused when it is made, not when it first matters."""
    with pytest.raises(Invalid, match=says):
        Policy(**values)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"tenant": 3}, "tenant: is a text"),
        ({"currency": ["EUR"]}, "currency: .*no ISO 4217"),
        ({"time_zone": 3}, "time_zone: 3 is no time zone"),
        ({"clock": 3}, "clock: is called"),
        ({"ids": 3}, "ids: is called"),
        ({"policy": {"a": 1}}, "policy: is a crmkit.Policy, not dict"),
        ({"licences": 3}, "licences: is a mapping"),
        ({"rules": 3}, "rules: is a list of crmkit.Rule, not 3"),
        ({"rules": [3]}, "rules: holds crmkit.Rule, not 3"),
        ({"entities": [3]}, "entities: holds subclasses of crmkit.Record, not 3"),
        ({"starter": 3}, "starter: is a list of values"),
        ({"numbering": 3}, "numbering: is a mapping"),
        ({"numbering": {"nope": ("N", 3)}}, "numbering: 'nope' has no numbers; those that have are"),
        ({"numbering": {"leads": "L"}}, "numbering: leads: is a prefix and a number of digits"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], says: str) -> None:
    """`connect` names the setting and what it is."""
    with pytest.raises(Invalid, match=says):
        crmkit.connect("memory:", **settings)


def test_all_settings_that_cannot_be_are_named_at_once() -> None:
    """One call tells everything."""
    with pytest.raises(Invalid) as refused:
        crmkit.connect("memory:", tenant="", clock=3, policy=3, rules=3)
    assert [fault.field for fault in refused.value.faults] == ["tenant", "clock", "policy", "rules"]


def test_a_setting_that_no_store_knows_is_refused(fresh_url: Callable[[str], str], store_name: str) -> None:
    """A setting in error is named, with those that there are."""
    with pytest.raises(Invalid, match=r"nope: is no setting of connect or this store; the store takes .*timeout"):
        crmkit.connect(fresh_url(store_name), nope=3)


@pytest.mark.parametrize("handler", [3, awaited, Awaited(), streamed])
def test_a_handler_that_would_not_run_is_refused(quick: World, handler: Any) -> None:
    """A veto that is awaited by nobody would be none."""
    with pytest.raises(Invalid, match="handler: "):
        quick.crm.on("Created", handler, "before")


def test_what_is_no_amount_is_not_added_to_one() -> None:
    """The error says how to write it."""
    with pytest.raises(TypeError, match=r"cannot add int and EUR: write Money\('1', 'EUR'\)"):
        Money(1, "EUR") + 1  # type: ignore[operator]
    with pytest.raises(TypeError, match="cannot subtract str and EUR: use Money"):
        Money(1, "EUR") - "1"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda crm, folder: crm.dump(folder / "none" / "x"), "path: there is no folder .*none: make it first"),
        (lambda crm, folder: crm.dump(folder), "is a folder"),
        (lambda crm, _: crm.dump(None), "path: is a path of a file, not None"),
        (lambda crm, folder: crm.load(folder / "missing.gz"), "path: there is no file .*missing.gz"),
        (lambda crm, _: crm.copy_to(3), "other: is another Crm.*; not an int"),
    ],
)
def test_what_is_no_place_to_move_to_is_refused(quick: World, tmp_path: Path, call: Any, says: str) -> None:
    """Before anything is read or written, and before anything else that is in the way."""
    with pytest.raises(Invalid, match=says):
        call(quick.crm, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_closed_crm_says_so(open_crm: Callable[..., Crm], store_name: str) -> None:
    """From then on every call of it and of its views is a StoreError; closing it again is no error."""
    crm = open_crm(store_name)
    past = crm.as_of(crm.now())
    crm.close()
    crm.close()
    calls: list[Callable[[], object]] = [
        crm.prospects.find,
        lambda: crm.prospects.add(Prospect(name="Acme")),
        past.prospects.count,
        crm.settled,
        lambda: crm.begin().__enter__(),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="this CRM is closed: connect again"):
            call()


def test_a_closed_awaited_crm_says_so(fresh_url: Callable[[str], str], store_name: str) -> None:
    """As the ordinary one does, on every store."""

    async def main() -> None:
        crm = await crmkit.connect_async(fresh_url(store_name).replace("mysql+pymysql", "mysql+asyncmy"))
        await crm.close()
        await crm.close()
        with pytest.raises(StoreError, match="this CRM is closed: connect again"):
            await crm.prospects.find()

    asyncio.run(main())


def test_a_move_is_called_by_its_name(quick: World) -> None:
    """What is refused is what was asked for, not the update that it comes down to."""
    crm = quick.crm
    crm.opportunities.lose(quick.chance.id)
    with pytest.raises(Refused, match="winning the opportunity is refused: status: an opportunity cannot go from lost"):
        crm.opportunities.win(quick.chance.id)


def test_an_end_is_not_left(quick: World) -> None:
    """Of a status from which no move goes, it is said that it is an end."""
    crm = quick.crm
    estimate = crm.estimates.add(Estimate(account=quick.acme.id))
    order = crm.estimates.order(estimate.id, convert=True)
    crm.orders.complete(order.id)
    with pytest.raises(Refused, match=r"cancelling the order is refused: .*an order .*; from done it can go nowhere"):
        crm.orders.cancel(order.id)


def test_one_refers_and_two_refer(quick: World) -> None:
    """The words agree with the count."""
    crm = quick.crm
    with pytest.raises(Refused, match=r"1 lead refers to it by account .*; account: 1 opportunity refers to it"):
        crm.prospects.delete(quick.acme)
    crm.opportunities.add(Opportunity(description="More", account=quick.acme.id))
    with pytest.raises(Refused, match="2 opportunities refer to it"):
        crm.prospects.delete(quick.acme)


@pytest.mark.parametrize(
    ("given", "shown"), [("x" * 10_000, "x" * 79 + "…"), ("a\nb", r"'a\\nb'"), ("\ud800", "ud800")]
)
def test_what_was_given_for_an_id_is_shown_in_one_short_line(quick: World, given: Any, shown: str) -> None:
    """Whatever comes from outside, a log keeps its lines."""
    with pytest.raises(NotFound, match=shown) as missing:
        quick.crm.prospects.get(given)
    assert len(str(missing.value)) < 200
    assert str(missing.value).isprintable()


def test_ids_of_a_host_that_are_uuids_are_taken(open_crm: Callable[..., Crm]) -> None:
    """A source of ids is asked once a record."""
    ids = iter(UUID(int=number) for number in range(1, 9))
    crm = open_crm("memory", starter=None, ids=lambda: next(ids))
    assert crm.prospects.add(Prospect(name="Acme")).id == UUID(int=1)
