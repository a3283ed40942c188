"""Tenants are apart: in every call, statement and message; by the server's own policies where asked for."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, text

import crmkit
from crmkit import (
    Campaign,
    CampaignMember,
    Crm,
    CrmkitError,
    Customer,
    Estimate,
    Interaction,
    Lead,
    Money,
    Note,
    Opportunity,
    Order,
    Prospect,
    SalesContact,
    Salesperson,
    TeamAssignment,
    Territory,
)
from crmkit.demo.run import STEPS
from crmkit.demo.story import Clock, Story
from crmkit.stores.sql import distribution, metadata
from crmkit.testing.servers import SERVERS

MARK = "Sésamo"
"""What stands in every text of the other tenant's records, and never in what this one is told."""


def grown(crm: Crm) -> list[Any]:
    """A tenant with some of everything, each with the secret in it."""
    with crm.begin() as work:
        territory = work.territories.add(Territory(description=f"{MARK} territory", code="SESAMO"))
        seller = work.salespersons.add(Salesperson(name=f"{MARK} seller"))
        prospect = work.prospects.add(Prospect(name=f"{MARK} prospect", territory=territory.id, number="SESAMO1"))
        customer = work.customers.add(Customer(name=f"{MARK} customer", number="SESAMO2"))
        contact = work.sales_contacts.add(SalesContact(family_name=MARK, accounts=[prospect.id]))
        lead = work.leads.add(Lead(account=prospect.id, description=MARK, number="SESAMO3"))
        deal = work.opportunities.add(
            Opportunity(account=customer.id, description=MARK, estimated_value=Money("1", "EUR"), number="SESAMO4")
        )
        campaign = work.campaigns.add(Campaign(description=MARK, code="SESAMO5"))
        return [
            *(territory, seller, prospect, customer, contact, lead, deal, campaign),
            work.estimates.add(Estimate(account=customer.id, opportunity=deal.id)),
            work.orders.add(Order(customer=customer.id)),
            work.interactions.add(Interaction(subject=prospect.id, description=MARK)),
            work.notes.add(Note(target=prospect.id, text=MARK)),
            work.repository(TeamAssignment).add(TeamAssignment(target=prospect.id, holder=seller.id)),
            work.repository(CampaignMember).add(CampaignMember(campaign=campaign.id, member=contact.id)),
        ]


@pytest.fixture
def two(crm: Crm, beside: Callable[..., Crm], everything: Any) -> tuple[Crm, Crm, list[Any]]:
    """This tenant, another one of the same store, and the other's records."""
    other = beside(tenant="other")
    return crm, other, grown(other)


def attempts(crm: Crm, theirs: list[Any]) -> dict[str, Callable[[Any], Any]]:
    """What may be tried with a record of another tenant."""
    account = crm.prospects.add(Prospect(name="Mine")).id

    def repository(one: Any) -> Any:
        return crm.repository(type(one))

    return {
        "get": lambda one: repository(one).get(one.id),
        "get_many": lambda one: repository(one).get_many([one.id]),
        "find": lambda one: list(repository(one).find()) + list(repository(one).all()),
        "count": lambda one: repository(one).count(),
        "history": lambda one: repository(one).history(one.id),
        "history of a record": crm.history,
        "update": lambda one: (
            repository(one).update(one, notes="taken") if "notes" in one.spec.by_name else repository(one).update(one)
        ),
        "delete": lambda one: repository(one).delete(one.id),
        "delete a record": lambda one: repository(one).delete(one),
        "add again": lambda one: repository(one).add(one),
        "number": lambda one: repository(one).find(number=one.number) if "number" in one.spec.by_name else [],
        "plan": lambda one: crm.conversion.plan(one.id),
        "convert": lambda one: crm.conversion.convert(one.id),
        "undo": lambda one: crm.conversion.undo(one.id),
        "promote": lambda one: crm.leads.promote(one.id),
        "win": lambda one: crm.opportunities.win(one.id),
        "order": lambda one: crm.estimates.order(one.id),
        "effectiveness": lambda one: crm.campaigns.effectiveness(one.id),
        "lead of": lambda one: crm.leads.add(Lead(account=one.id, description="x")),
        "lead by": lambda one: crm.leads.add(Lead(account=account, description="x", salesperson=one.id)),
        "contact of": lambda one: crm.sales_contacts.add(SalesContact(family_name="x", accounts=[one.id])),
        "deal of": lambda one: crm.opportunities.add(Opportunity(account=account, description="x", lead=one.id)),
        "deal in": lambda one: crm.opportunities.add(Opportunity(account=account, description="x", territory=one.id)),
        "order for": lambda one: crm.orders.add(Order(customer=one.id)),
        "interaction with": lambda one: crm.interactions.add(Interaction(subject=one.id, description="x")),
        "note on": lambda one: crm.notes.add(Note(target=one.id, text="x")),
        "assigned": lambda one: crm.repository(TeamAssignment).add(TeamAssignment(target=account, holder=one.id)),
        "member": lambda one: crm.repository(CampaignMember).add(CampaignMember(campaign=one.id, member=one.id)),
        "roll up": lambda one: crm.forecasting.roll_up(by="salesperson"),
        "by territory": lambda one: crm.prospects.by_territory(),
        "sweep": lambda one: crm.sweep(),
        "leads of": lambda one: crm.leads.find(account=one.id),
        "past": lambda one: crm.as_of(crm.now()).repository(type(one)).find(),
    }


NAMES = sorted(attempts(crmkit.connect("memory:"), []))


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_call_reaches_another_s_rows(two: tuple[Crm, Crm, list[Any]], everything: Any, data: Any) -> None:
    """Whatever is tried with the other tenant's ids: nothing comes out, in answers or errors, and nothing changes."""
    crm, other, theirs = two
    before = everything(other)
    tries = attempts(crm, theirs)
    for _ in range(8):
        name, one = data.draw(st.sampled_from(NAMES)), data.draw(st.sampled_from(theirs))
        try:
            said = repr(tries[name](one))
        except CrmkitError as error:
            said = f"{error} {error!r}"
        given_back = said if name not in ("add again", "update", "history of a record") else ""
        assert MARK not in given_back, name
        assert "SESAMO" not in given_back, name
    assert everything(other) == before


def test_a_copy_of_another_s_record_is_a_record_of_one_s_own(two: tuple[Crm, Crm, list[Any]]) -> None:
    """The same id and number may be in both tenants: neither knows of the other."""
    crm, other, theirs = two
    prospect = next(one for one in theirs if isinstance(one, Prospect))
    mine = crm.prospects.add(Prospect(id=prospect.id, name="Mine", number=prospect.number))
    assert (crm.prospects.get(prospect.id), other.prospects.get(prospect.id)) == (mine, prospect)
    crm.prospects.delete(mine)
    assert other.prospects.get(prospect.id) == prospect


FORBIDDEN = re.compile(r"\b(nextval|now\(|current_timestamp|get_lock|advisory)", re.IGNORECASE)
"""What engines that are spread over machines have not, or have of each machine."""


class Watching:
    """A driver's cursor whose statements are kept."""

    def __init__(self, cursor: Any, said: list[tuple[str, Any]]) -> None:
        self._cursor = cursor
        self._said = said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def execute(self, statement: str, values: Any = ()) -> Any:
        self._said.append((statement, values))
        return self._cursor.execute(statement, values) if values else self._cursor.execute(statement)

    def executemany(self, statement: str, rows: Any) -> Any:
        self._said += [(statement, row) for row in rows]
        return self._cursor.executemany(statement, rows)


@pytest.mark.parametrize("store", ["sqlite", *SERVERS])
def test_every_statement_names_the_tenant(open_crm: Any, store: str, monkeypatch: Any, tmp_path: Any) -> None:
    """The whole sales process, statement by statement: each table that is read or written is bound to the tenant, so
    that a distributed engine finds all of it on one node; nothing asks a sequence or the server's clock.
    """
    clock = Clock()
    crm = open_crm(store, tenant="acme", clock=clock, user="eva")
    tables = set(crm.store.schema.of_tenants)
    said: list[tuple[str, Any]] = []
    make = crm.store.profile.cursor
    monkeypatch.setattr(crm.store.profile, "cursor", lambda connection: Watching(make(connection), said))
    monkeypatch.setattr(type(crm.store.profile), "copies_from", None)
    story = Story(crm, clock, tmp_path)
    for step in STEPS:
        step(story)
    crm.as_of(crm.now()).opportunities.find(account="acme")
    crm.forecasting.roll_up(by=("stage", "salesperson"))
    assert len(said) > 300
    for statement, values in said:
        parts = {"OF", *re.findall(r"\b(\w+) AS \((?:INSERT|UPDATE)", statement)}  # of the statement itself
        read = re.findall(r'\b(?:FROM|JOIN|INTO|UPDATE)\s+["`]?(\w+)["`]?', statement)
        named = [name for name in read if name not in parts]
        touched = [name for name in named if name in tables]
        assert len(touched) == len(named), statement
        assert len(re.findall(r"\btenant_id\b", statement)) >= len(touched), statement
        assert [one for one in values if one == "acme"] or not touched, statement
        assert not re.search(r"\b(nextval|now\(|current_timestamp|get_lock|advisory)", statement, re.IGNORECASE), (
            statement
        )


@contextmanager
def a_role(url: str) -> Iterator[str]:
    """The URL for somebody who is no superuser, with a schema of their own."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    schema = str(make_url(url).query["options"]).partition("search_path=")[2]
    role = f"{schema}_role"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT ALL ON SCHEMA {schema} TO {role}"))
    yield make_url(url).set(username=role).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


@pytest.fixture
def secured(servers: Any) -> Iterator[tuple[Crm, Crm, str]]:
    """Two tenants in a database whose server guards the rows, reached by somebody who is no superuser."""
    url = servers.url("postgresql", fresh=True)
    with a_role(url) as as_role, crmkit.connect(as_role, tenant="one", row_security=True) as one:
        yield one, crmkit.connect(one.store, tenant="other"), as_role
    servers.forget(url)


def test_the_server_itself_keeps_tenants_apart(secured: tuple[Crm, Crm, str]) -> None:
    """With `row_security`, PostgreSQL shows and takes only the tenant's rows, whatever statement is sent."""
    one, other, _ = secured
    mine, theirs = one.prospects.add(Prospect(name="Mine")), other.prospects.add(Prospect(name="Theirs"))
    assert (one.prospects.get(mine.id), other.prospects.get(theirs.id)) == (mine, theirs)
    one.conversion.convert(mine.id)
    with one.begin() as work:
        unit: Any = work.unit
        assert unit.execute("SELECT DISTINCT tenant_id FROM account").fetchall() == [("one",)]
        assert unit.execute("UPDATE account SET name = 'taken' WHERE tenant_id = 'other'").rowcount == 0
    unit = other.store.begin(tenant="other", clock=other.settings.clock)
    with pytest.raises(crmkit.StoreError, match="row-level security"):
        unit.execute("INSERT INTO number_counter VALUES ('one', 'k', '', 1)")
    unit.rollback()
    assert (one.customers.count(), other.prospects.get(theirs.id)) == (1, theirs)


def test_a_host_s_transaction_is_told_whose_rows_it_is_about(secured: tuple[Crm, Crm, str]) -> None:
    """Joined units see their tenant's rows; the host by itself sees none."""
    one, _, url = secured
    one.prospects.add(Prospect(name="Mine"))
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM account")).scalar_one() == 0
        with one.begin(connection=connection) as work:
            assert work.prospects.count() == 1
        connection.rollback()
    engine.dispose()


def test_citus_is_told_of_every_table_in_order() -> None:
    """Those that are referred to come first, and all are kept beside the first one."""
    statements = distribution(prefix="crm_", schema="sales")
    named = [re.findall(r"'sales\.crm_(\w+)'", statement) for statement in statements]
    order = [names[0] for names in named]
    made = metadata(engine="postgresql", prefix="crm_", schema="sales")
    assert sorted(order) == sorted(key.removeprefix("sales.crm_") for key in made.tables)
    for table in made.tables.values():
        for key in table.foreign_keys:
            assert order.index(key.column.table.name[4:]) <= order.index(table.name[4:])
    spread = [names for names, statement in zip(named, statements, strict=True) if "distributed" in statement]
    assert {names[1] for names in spread[1:]} == {spread[0][0]}
    assert [names for names in named if names not in spread] == [["crmkit_schema"]]


def test_citus_keeps_the_whole_process(servers: Any) -> None:
    """Where the extension is installed: tables spread by tenant take what ordinary ones take."""
    url = servers.url("postgresql", fresh=True)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            there = connection.execute(text("SELECT 1 FROM pg_available_extensions WHERE name = 'citus'")).all()
            if not there:
                pytest.skip("the extension citus is not installed on the server")
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS citus"))
            crmkit.connect(url, starter=None).close()
            for statement in distribution():
                connection.exec_driver_sql(statement)
        with crmkit.connect(url, tenant="one") as one, crmkit.connect(url, tenant="other") as other:
            mine = one.prospects.add(Prospect(name="Mine"))
            one.conversion.undo(one.conversion.convert(mine.id).id)
            assert (one.prospects.count(), other.prospects.count()) == (1, 0)
    finally:
        engine.dispose()
        servers.forget(url)
