"""Refused, clearly, with nothing lost: the error is typed, says what to do, and nothing has changed."""

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import crmkit
from crmkit import (
    Address,
    AlreadyConverted,
    Campaign,
    Conflict,
    Crm,
    CrmkitError,
    Customer,
    Duplicate,
    Estimate,
    EstimateLine,
    ExchangeRate,
    ForecastLine,
    Interaction,
    Invalid,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityContact,
    Order,
    Percent,
    Prospect,
    Quota,
    Refused,
    SalesContact,
    SalesForecast,
    SalesPeriod,
    Salesperson,
    SchemaTooNew,
    ShipToAddress,
    StalePlan,
    Territory,
    UnknownStore,
)


@pytest.fixture
def world(crm: Crm, beside: Callable[..., Crm]) -> SimpleNamespace:
    """What the refused calls are made on."""
    w = SimpleNamespace(crm=crm)
    w.prospect = crm.prospects.add(Prospect(name="Acme", number="P000007"))
    w.other = crm.prospects.add(Prospect(name="Other"))
    w.converted = crm.prospects.add(Prospect(name="Converted"))
    w.stale = crm.prospects.add(Prospect(name="Stale"))
    w.stale_plan = crm.conversion.plan(w.stale.id)
    crm.prospects.update(w.stale, employees=5)
    w.converted_plan = crm.conversion.plan(w.converted.id)
    crm.conversion.apply(w.converted_plan)
    w.contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[w.other.id]))
    w.lead = crm.leads.add(Lead(account=w.other.id, sales_contact=w.contact.id))
    w.chance = crm.opportunities.add(
        Opportunity(
            description="E-bikes",
            account=w.prospect.id,
            estimated_value=Money("100", "USD"),
            projected_close=date(2026, 3, 20),
            probability=50,
        )
    )
    w.sam = crm.salespersons.add(Salesperson(name="Sam"))
    w.period = crm.sales_periods.add(
        SalesPeriod(code="2026-Q1", kind="quarter", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    )
    crm.quotas.add(Quota(owner=w.sam.id, period=w.period.id, amount=Money(1, "EUR")))
    w.draft = crm.sales_forecasts.add(SalesForecast(owner=w.sam.id, period=w.period.id, currency="EUR"))
    crm.sales_forecasts.add_opportunities(w.draft.id, [w.chance.id])
    w.submitted = crm.sales_forecasts.submit(
        crm.sales_forecasts.add(SalesForecast(owner=w.sam.id, period=w.period.id)).id
    )
    w.campaign = crm.campaigns.add(Campaign(code="FAIR"))
    crm.opportunities.add(
        Opportunity(
            description="Of the fair", account=w.other.id, campaign=w.campaign.id, estimated_value=Money("1", "GBP")
        )
    )
    w.estimate = crm.estimates.add(Estimate(account=w.prospect.id, lines=[EstimateLine(description="E-bike")]))
    w.elsewhere = beside(tenant="other")
    w.theirs = w.elsewhere.prospects.add(Prospect(name="Theirs"))
    w.their_contact = w.elsewhere.sales_contacts.add(SalesContact(given_name="Eva", accounts=[w.theirs.id]))
    return w


def of_opportunity(w: SimpleNamespace, **values: Any) -> Any:
    """An opportunity saved with these values."""
    return w.crm.opportunities.add(Opportunity(**{"description": "O", "account": w.prospect.id, **values}))


NAIVE = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the fault under test
SURROGATE = "Acme \ud800 Bikes"
NUL = "Acme \x00 Bikes"
LONG = "9" * 40

REFUSALS: list[tuple[str, Callable[[SimpleNamespace], object], type[Exception], str]] = [
    # numbers
    (
        "duplicate number",
        lambda w: w.crm.prospects.add(Prospect(name="New", number="P000007")),
        Duplicate,
        "number 'P000007' is taken already; choose another",
    ),
    (
        "duplicate number in another case",
        lambda w: w.crm.prospects.add(Prospect(name="New", number="p000007")),
        Duplicate,
        "taken already; choose another",
    ),
    (
        "number of a converted prospect",
        lambda w: w.crm.prospects.add(Prospect(name="New", number=w.converted.number)),
        Duplicate,
        "taken already; choose another",
    ),
    (
        "duplicate code",
        lambda w: w.crm.campaigns.add(Campaign(code="fair")),
        Duplicate,
        "taken already; choose another",
    ),
    # accounts
    (
        "account missing",
        lambda w: w.crm.leads.add(Lead()),  # type: ignore[call-arg]
        Invalid,
        "account: is required",
    ),
    ("account None", lambda w: w.crm.leads.add(Lead(account=None)), Invalid, "account: is required"),
    (
        "account not an id",
        lambda w: w.crm.leads.add(Lead(account=w.prospect)),
        Invalid,
        "account: must be the id .a UUID. of a record, not Prospect",
    ),
    (
        "account unknown",
        lambda w: w.crm.leads.add(Lead(account=uuid4())),
        Invalid,
        "account: there is no account with the id",
    ),
    (
        "account of another kind of record",
        lambda w: w.crm.leads.add(Lead(account=w.contact.id)),
        Invalid,
        "account: there is no account with the id",
    ),
    (
        "account of another tenant",
        lambda w: w.crm.opportunities.add(Opportunity(description="O", account=w.theirs.id)),
        Invalid,
        "account: there is no account with the id",
    ),
    (
        "moved to an unknown account",
        lambda w: w.crm.opportunities.update(w.chance, account=uuid4()),
        Invalid,
        "account: there is no account with the id",
    ),
    # what only a customer may have
    (
        "order on a prospect",
        lambda w: w.crm.orders.add(Order(customer=w.prospect.id)),
        Invalid,
        "customer: must be a customer; this account is a prospect: convert it first",
    ),
    (
        "order from a prospect's estimate",
        lambda w: w.crm.estimates.order(w.estimate.id),
        Refused,
        r"convert it first, or ask for it \(convert=True\)",
    ),
    (
        "ship-to address on a prospect",
        lambda w: w.crm.ship_to_addresses.add(
            ShipToAddress(customer=w.prospect.id, code="MAIN", address=Address(city="Sevilla"))
        ),
        Invalid,
        "customer: must be a customer; this account is a prospect: convert it first",
    ),
    # contacts
    (
        "contact not of the lead's account",
        lambda w: w.crm.leads.add(Lead(account=w.prospect.id, sales_contact=w.contact.id)),
        Refused,
        "not cross-referenced to the account: add it to the contact's accounts first",
    ),
    (
        "contact not of the opportunity's account",
        lambda w: w.crm.opportunity_contacts.add(
            OpportunityContact(opportunity=w.chance.id, sales_contact=w.contact.id)
        ),
        Refused,
        "add it to the contact's accounts first",
    ),
    (
        "contact not of the interaction's account",
        lambda w: w.crm.interactions.add(Interaction(subject=w.prospect.id, sales_contact=w.contact.id)),
        Refused,
        "add it to the contact's accounts first",
    ),
    (
        "contact of another tenant",
        lambda w: w.crm.leads.add(Lead(account=w.prospect.id, sales_contact=w.their_contact.id)),
        CrmkitError,
        "there is no sales contact with the id|add it to the contact's accounts first",
    ),
    (
        "lead moved away from its contact",
        lambda w: w.crm.leads.update(w.lead, account=w.prospect.id),
        Refused,
        "add it to the contact's accounts first",
    ),
    (
        "lead of another account",
        lambda w: of_opportunity(w, lead=w.lead.id),
        Refused,
        "the lead belongs to another account",
    ),
    # codes
    (
        "status that is no code",
        lambda w: w.crm.leads.add(Lead(account=w.prospect.id, status="hopeless")),
        Invalid,
        "status: 'hopeless' is no lead status: there are new, contacted, qualified, disqualified",
    ),
    (
        "stage that is no code",
        lambda w: w.crm.opportunities.update(w.chance, stage="almost"),
        Invalid,
        "stage: 'almost' is no stage: there are qualification",
    ),
    (
        "code of another table",
        lambda w: of_opportunity(w, status="disqualified"),
        Invalid,
        "'disqualified' is no opportunity status: there are open, won, lost",
    ),
    # amounts
    ("amount that is no number", lambda w: Money("NaN", "EUR"), ValueError, "finite|NaN"),
    ("infinite amount", lambda w: Money(Decimal("Infinity"), "EUR"), ValueError, "finite|Infinity"),
    ("over-long amount", lambda w: Money(LONG, "EUR"), ValueError, "large|long|at most|bounds"),
    ("amount finer than a cent", lambda w: Money("0.001", "EUR"), ValueError, "round it first"),
    ("float amount", lambda w: Money(0.1, "EUR"), ValueError, "float"),
    (
        "amount without currency",
        lambda w: of_opportunity(w, estimated_value=100),
        Invalid,
        "estimated_value: must be Money",
    ),
    (
        "negative value",
        lambda w: of_opportunity(w, estimated_value=Money(-1, "EUR")),
        Invalid,
        "estimated_value: must not be below 0",
    ),
    ("quantity that is no number", lambda w: EstimateLine(quantity="NaN"), Invalid, "quantity: must be finite"),
    ("infinite quantity", lambda w: EstimateLine(quantity=Decimal("-Infinity")), Invalid, "quantity: must be finite"),
    ("text for a quantity", lambda w: EstimateLine(quantity="many"), Invalid, "quantity: 'many' is no number"),
    ("over-long quantity", lambda w: EstimateLine(quantity=LONG), Invalid, "quantity: is too l"),
    ("quantity too fine", lambda w: EstimateLine(quantity="0.00001"), Invalid, "quantity: .*round it first"),
    ("over-long price", lambda w: Item(unit_price=Decimal(LONG)), Invalid, "unit_price: is too l"),
    ("price that is no number", lambda w: Item(unit_price=Decimal("sNaN")), Invalid, "unit_price: must be finite"),
    (
        "employees too many",
        lambda w: Prospect(name="A", employees=10**30),
        Invalid,
        "employees: is too large|must not be",
    ),
    ("probability that is no number", lambda w: of_opportunity(w, probability="NaN"), Invalid, "probability: must be"),
    (
        "probability over 100",
        lambda w: of_opportunity(w, probability="100.01"),
        Invalid,
        "probability: must not be above",
    ),
    (
        "probability as a float",
        lambda w: of_opportunity(w, probability=0.6),
        Invalid,
        "probability: must be .*not float",
    ),
    ("rate that is no number", lambda w: Percent("NaN"), ValueError, "must be a finite"),
    (
        "line amount out of bounds",
        lambda w: w.crm.estimates.add(
            Estimate(
                account=w.prospect.id,
                currency="EUR",
                lines=[EstimateLine(quantity="9" * 14, unit_price="9" * 14)],
            )
        ),
        Invalid,
        "at most|too large|bounds|large",
    ),
    (
        "amount of a line added by itself out of bounds",
        lambda w: w.crm.estimate_lines.add(
            EstimateLine(estimate=w.estimate.id, quantity="9" * 14, unit_price="9" * 14)
        ),
        Invalid,
        "at most|too large|bounds|large",
    ),
    # currencies
    (
        "roll-up of mixed currencies",
        lambda w: w.crm.forecasting.roll_up(by="stage"),
        Refused,
        "no rate from (USD|GBP) to EUR on or before 2026-.*: add an exchange rate",
    ),
    (
        "figures of a forecast in another currency",
        lambda w: w.crm.sales_forecasts.figures(w.draft.id),
        Refused,
        "no rate from USD to EUR on or before 2026-03-20: add an exchange rate",
    ),
    (
        "submitting a forecast in another currency",
        lambda w: w.crm.sales_forecasts.submit(w.draft.id),
        Refused,
        "no rate from USD to EUR on or before 2026-03-20: add an exchange rate",
    ),
    (
        "effectiveness of a campaign in another currency",
        lambda w: w.crm.campaigns.effectiveness(w.campaign.id),
        Refused,
        "no rate from GBP to EUR",
    ),
    ("unknown currency", lambda w: w.crm.items.add(Item(currency="XXX")), Invalid, "currency: 'XXX' is no ISO 4217"),
    (
        "rate of a currency to itself",
        lambda w: ExchangeRate(from_currency="EUR", to_currency="EUR", day=date(2026, 1, 1), rate=1),
        Invalid,
        "must be another currency",
    ),
    # texts
    (
        "NUL in a name",
        lambda w: w.crm.prospects.add(Prospect(name=NUL)),
        Invalid,
        "name: must not contain a NUL.*remove it",
    ),
    (
        "lone surrogate in a name",
        lambda w: w.crm.prospects.add(Prospect(name=SURROGATE)),
        Invalid,
        "name: must not contain a lone surrogate.*decode it anew",
    ),
    ("NUL in notes", lambda w: w.crm.prospects.update(w.prospect, notes=NUL), Invalid, "notes: must not contain a NUL"),
    (
        "surrogate in a custom field",
        lambda w: w.crm.prospects.update(w.prospect, custom={"rating": SURROGATE}),
        Invalid,
        "lone surrogate",
    ),
    ("NUL in a custom field's name", lambda w: Prospect(name="A", custom={NUL: 1}), Invalid, "NUL"),
    ("NUL in a telephone number", lambda w: Prospect(name="A", phone=NUL), Invalid, "phone: must not contain a NUL"),
    (
        "NUL in an e-mail address",
        lambda w: Prospect(name="A", email="a\x00@x.example"),
        Invalid,
        "email: must not contain",
    ),
    ("surrogate in an address", lambda w: Prospect(name="A", address=Address(SURROGATE)), ValueError, "lone surrogate"),
    ("name too long", lambda w: Prospect(name="x" * 121), Invalid, "name: has 121 characters, at most 120"),
    ("name of blanks", lambda w: Prospect(name=" \t\n"), Invalid, "name: is required"),
    (
        "e-mail address that is none",
        lambda w: Prospect(name="A", email="ana at example"),
        Invalid,
        "is no e-mail address",
    ),
    # time
    (
        "naive instant",
        lambda w: w.crm.interactions.add(Interaction(subject=w.prospect.id, happened_at=NAIVE)),
        Invalid,
        "happened_at: must have a time zone",
    ),
    ("naive instant of a sweep", lambda w: w.crm.sweep(NAIVE), Invalid, "must have a time zone"),
    ("naive instant of the past", lambda w: w.crm.as_of(NAIVE), Invalid, "must have a time zone"),
    (
        "instant for a day",
        lambda w: of_opportunity(w, projected_close=w.crm.now()),
        Invalid,
        "projected_close: must be a date",
    ),
    (
        "text for a day",
        lambda w: of_opportunity(w, projected_close="2026-03-02"),
        Invalid,
        "projected_close: must be a date",
    ),
    # races
    (
        "stale version",
        lambda w: w.crm.prospects.update(w.stale, name="Mine"),
        Conflict,
        "read at version 1, but it is at version 2: read it again",
    ),
    ("stale plan", lambda w: w.crm.conversion.apply(w.stale_plan), StalePlan, "employees was None, is 5. Plan again"),
    ("second conversion", lambda w: w.crm.conversion.convert(w.converted.id), AlreadyConverted, "use customers.get"),
    ("plan applied twice", lambda w: w.crm.conversion.apply(w.converted_plan), AlreadyConverted, "use customers.get"),
    (
        "prospect updated after its conversion",
        lambda w: w.crm.prospects.update(w.converted, name="Still a prospect"),
        CrmkitError,
        "no prospect",
    ),
    # forecasts
    (
        "line on a forecast that is no draft",
        lambda w: w.crm.forecast_lines.add(ForecastLine(forecast=w.submitted.id, opportunity=w.chance.id)),
        Refused,
        "is submitted: reopen it first",
    ),
    (
        "opportunity added to a forecast that is no draft",
        lambda w: w.crm.sales_forecasts.add_opportunities(w.submitted.id, [w.chance.id]),
        Refused,
        "is submitted: reopen it first",
    ),
    (
        "lines of a forecast that is no draft, by updating it",
        lambda w: w.crm.sales_forecasts.update(w.submitted, lines=[ForecastLine(opportunity=w.chance.id)]),
        Refused,
        "is submitted: reopen it first",
    ),
    (
        "status of a forecast, by updating it",
        lambda w: w.crm.sales_forecasts.update(w.draft, status="approved"),
        Refused,
        "is changed by submit, approve and reopen",
    ),
    (
        "a draft approved",
        lambda w: w.crm.sales_forecasts.approve(w.draft.id),
        Refused,
        "cannot go from draft to approved; from draft it can go to submitted",
    ),
    (
        "dates of a period in use",
        lambda w: w.crm.sales_periods.update(w.period, ends_on=date(2026, 3, 30)),
        Refused,
        "forecast F000002 is submitted",
    ),
    ("a period in use, deleted", lambda w: w.crm.sales_periods.delete(w.period.id), Refused, "refer to it by period"),
    # others
    (
        "territory above itself",
        lambda w: _above_itself(w.crm),
        Refused,
        "would be above itself",
    ),
    (
        "quota twice",
        lambda w: w.crm.quotas.add(Quota(owner=w.sam.id, period=w.period.id, amount=Money(2, "EUR"))),
        Duplicate,
        "taken already",
    ),
]


QUESTIONS: list[tuple[str, Callable[[Crm], object], str]] = [
    ("float probability", lambda crm: crm.opportunities.find(probability=0.5), "probability: .*not float"),
    ("text for a probability", lambda crm: crm.opportunities.find(probability="much"), "probability: must be"),
    ("number for money", lambda crm: crm.opportunities.find(estimated_value=100), "estimated_value: must be Money"),
    ("number for money, by its other name", lambda crm: crm.opportunities.find(value=100), "value: must be Money"),
    ("number for a total", lambda crm: crm.estimates.find(total=1), "total: must be Money"),
    ("nothing for a total", lambda crm: crm.orders.find(total=None), "total: must be an amount"),
    (
        "bounds in two currencies",
        lambda crm: crm.prospects.find(revenue=crmkit.between(Money(1, "EUR"), Money(2, "USD"))),
        "revenue: has bounds in two currencies, EUR and USD",
    ),
    (
        "text for a day",
        lambda crm: crm.opportunities.find(projected_close="2026-03-02"),
        "projected_close: must be a date",
    ),
    ("text for a bound", lambda crm: crm.leads.find(received_on=crmkit.at_least("x")), "received_on: must be a date"),
    ("instant for a day", lambda crm: crm.opportunities.find(closed_on=crm.now()), "closed_on: must be a date"),
    ("naive instant", lambda crm: crm.interactions.find(happened_at=NAIVE), "happened_at: must have a time zone"),
    ("text for a span of days", lambda crm: crm.interactions.find(happened_on="x"), "happened_on: must be a date"),
    ("text for a running day", lambda crm: crm.campaigns.find(running_on="x"), "running_on: must be a date"),
    ("text for a number", lambda crm: crm.prospects.find(employees="many"), "employees: must be a whole number"),
    ("flag for a number", lambda crm: crm.prospects.find(employees=True), "employees: must be a whole number"),
    ("far too large a number", lambda crm: crm.prospects.find(employees=10**30), "employees: is too large"),
    (
        "a place that is none",
        lambda crm: crm.prospects.find(sort="employees", after=crmkit.Cursor(10**30, crmkit.NIL)),
        "after: .* is no place",
    ),
    ("number for a text", lambda crm: crm.prospects.find(name=5), "name: must be text"),
    ("number for a flag", lambda crm: crm.opportunity_tasks.find(required=1), "required: must be true or false"),
    ("number for a record", lambda crm: crm.leads.find(account=5), "account: must be a record, its id or its number"),
    (
        "part of an amount",
        lambda crm: crm.opportunities.find(value=crmkit.contains("5")),
        "can be looked for as a whole",
    ),
    (
        "part of a code",
        lambda crm: crm.opportunities.find(stage=crmkit.starts_with("p")),
        "can be looked for as a whole",
    ),
    ("an unknown kind", lambda crm: crm.interactions.find(kind="vendor"), "kind: is one of prospect, customer"),
    ("NUL", lambda crm: crm.prospects.find(name="a\x00"), "name: must not contain a NUL"),
    ("NUL in a city", lambda crm: crm.prospects.find(city="a\x00"), "city: must not contain a NUL"),
    ("lone surrogate", lambda crm: crm.sales_contacts.find(name="\ud800"), "name: must not contain a lone surrogate"),
    ("lone surrogate in a number", lambda crm: crm.leads.find(account="\ud800"), "account: must not contain a lone"),
    (
        "lone surrogate in an e-mail",
        lambda crm: crm.sales_contacts.find(email="\ud800"),
        "email: must not contain a lone",
    ),
    (
        "an unknown period kind",
        lambda crm: crm.sales_periods.make_year(2026, kind="week"),
        "kind: must be one of month",
    ),
    ("an unknown dimension", lambda crm: crm.forecasting.roll_up(by="colour"), "by: 'colour' is none of"),
    ("an unknown currency", lambda crm: crm.forecasting.roll_up(currency="XXX"), "currency: 'XXX' is no ISO 4217"),
]


@pytest.mark.parametrize(("ask", "says"), [pytest.param(ask, says, id=name) for name, ask, says in QUESTIONS])
def test_a_question_that_nothing_can_answer_is_refused(crm: Crm, ask: Callable[[Crm], object], says: str) -> None:
    """A value that no record can have there is an error that names the criterion, never an empty answer."""
    with pytest.raises(Invalid, match=says):
        ask(crm)


@pytest.mark.parametrize(("user", "says"), [(NUL, "NUL"), (SURROGATE, "surrogate"), ("x" * 121, "121 characters")])
def test_an_unusable_user_is_refused(crm: Crm, everything: Any, user: str, says: str) -> None:
    """A user's key that cannot be kept is refused before anything is done."""
    before = everything(crm)
    with pytest.raises(Invalid, match=f"by: .*{says}"), crm.begin(by=user) as work:
        work.prospects.add(Prospect(name="Acme"))
    assert everything(crm) == before


def test_a_clock_without_time_zone_is_refused(beside: Callable[..., Crm]) -> None:
    """A clock that gives instants without time zone is refused when it is asked, and nothing is written."""
    naive = beside(clock=lambda: NAIVE)
    with pytest.raises(Invalid, match="must give aware instants"):
        naive.prospects.add(Prospect(name="Acme"))
    assert beside().prospects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", uuid4()), ("version", 9), ("recorded_by", "somebody else"), ("recorded_at", None)],
)
def test_what_the_store_keeps_cannot_be_set(crm: Crm, everything: Any, field: str, value: Any) -> None:
    """Id, version, instant and user of a saved record are not a caller's to change."""
    prospect = crm.prospects.add(Prospect(name="Acme"))
    other = crm.prospects.add(Prospect(name="Other"))
    before = everything(crm)
    with pytest.raises(Invalid, match=f"{field}: is kept by the store and cannot be set"):
        crm.prospects.update(prospect, **{field: other.id if field == "id" else value})
    assert everything(crm) == before


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda w: w.crm.leads.promote(w.lead.id, colour="red"), id="promote"),
        pytest.param(lambda w: w.crm.estimates.order(w.estimate.id, convert=True, colour="red"), id="order"),
        pytest.param(lambda w: w.crm.leads.update(w.lead, colour="red"), id="update"),
    ],
)
def test_a_field_that_there_is_not_is_named(world: SimpleNamespace, everything: Any, call: Any) -> None:
    """A value for a field that the record has not is refused by name."""
    before = everything(world.crm)
    with pytest.raises(Invalid, match="colour: is no field of it"):
        call(world)
    assert everything(world.crm) == before


def _above_itself(crm: Crm) -> None:
    with crm.begin() as work:
        top = work.territories.add(Territory(code="TOP"))
        below = work.territories.add(Territory(code="BELOW", parent=top.id))
        work.territories.update(top, parent=below.id)


@pytest.mark.parametrize(("call", "error", "says"), [pytest.param(*rest, id=name) for name, *rest in REFUSALS])
def test_refused_with_nothing_lost(
    world: SimpleNamespace,
    everything: Any,
    call: Callable[[SimpleNamespace], object],
    error: type[Exception],
    says: str,
) -> None:
    """The call raises that error, whose message says what is wrong and what to do, and nothing has changed."""
    before, before_there = everything(world.crm), everything(world.elsewhere)
    with pytest.raises(error, match=says):
        call(world)
    assert everything(world.crm) == before
    assert everything(world.elsewhere) == before_there


def test_every_fault_at_once(crm: Crm) -> None:
    """One error lists every fault of a record, each with its field."""
    with pytest.raises(Invalid) as refused:
        Customer(
            name="",
            phone=NUL,
            email="nobody",
            employees=-1,
            company_revenue=5,
            currency="EURO",
            sic_code="1" * 11,
            credit_hold="yes",
        )
    named = {fault.field for fault in refused.value.faults}
    assert named == {*("name", "phone", "email", "employees", "company_revenue", "currency", "sic_code", "credit_hold")}
    assert all(name in str(refused.value) for name in named)
    prospect = crm.prospects.add(Prospect(name="Acme"))
    with pytest.raises(Invalid) as refused:
        crm.leads.add(Lead(account=prospect.id, status="no", source="no", quality="no"))
    assert {fault.field for fault in refused.value.faults} == {"status", "source", "quality"}


@pytest.mark.parametrize(
    "url", ["mongodb://localhost/crm", "sqlite3:///x.db", "file:///x.db", "acme.db", "", ":", "memory", "postgres"]
)
def test_an_unknown_store_is_refused(url: str) -> None:
    """A URL that no store answers to is refused, naming the schemes that there are."""
    with pytest.raises(UnknownStore, match=r"no store answers to .*: there are .*memory:, .*sqlite:///"):
        crmkit.connect(url)


@pytest.mark.parametrize("store", [None, 5, object(), ["memory:"]])
def test_what_is_no_store_is_refused(store: Any) -> None:
    """Something that is neither a URL, an engine nor a store is refused, saying what it could be."""
    with pytest.raises(UnknownStore, match="is neither a URL, an SQLAlchemy Engine nor a store"):
        crmkit.connect(store)


def test_a_database_of_a_newer_crmkit_is_refused(tmp_path: Path) -> None:
    """A database with a newer schema is refused with what to do, and nothing in it is touched."""
    url = f"sqlite:///{tmp_path}/crm.db"
    with crmkit.connect(url) as crm:
        crm.prospects.add(Prospect(name="Acme"))
    with contextlib.closing(sqlite3.connect(tmp_path / "crm.db")) as file, file:
        file.execute("UPDATE crmkit_schema SET version_num = '9999'")
    with contextlib.closing(sqlite3.connect(tmp_path / "crm.db")) as file:
        before = list(file.iterdump())
        with pytest.raises(SchemaTooNew, match=r"the database has schema 9999, .* upgrade crmkit"):
            crmkit.connect(url)
        assert list(file.iterdump()) == before


def test_a_rate_on_file_makes_mixed_currencies_add_up(world: SimpleNamespace) -> None:
    """With the rates that were missing the same questions are answered; nothing is implied from other rates."""
    crm: Crm = world.crm
    for source, target, rate in (("EUR", "USD", "2"), ("GBP", "USD", "1.5")):
        crm.exchange_rates.add(
            ExchangeRate(from_currency=source, to_currency=target, day=date(2026, 1, 1), rate=Decimal(rate))
        )
    with pytest.raises(Refused, match="no rate from"):
        crm.forecasting.roll_up(by="stage")
    for source, rate in (("USD", "0.8"), ("GBP", "1.2")):
        crm.exchange_rates.add(
            ExchangeRate(from_currency=source, to_currency="EUR", day=date(2026, 1, 1), rate=Decimal(rate))
        )
    assert crm.forecasting.roll_up(by="stage").total.gross == Money("81.20", "EUR")
    assert crm.sales_forecasts.figures(world.draft.id).weighted == Money("40", "EUR")
    assert crm.sales_forecasts.submit(world.draft.id).status == "submitted"


def test_texts_of_all_sorts_are_kept(crm: Crm) -> None:
    """Four-byte characters, marks and right-to-left text pass; blanks are trimmed in names and kept in notes."""
    names = [
        "🚲 Bikes",
        "Cafe\u0301",
        "שלום",
        "\U0001d518\U0001d52b",
        "a\u200db",
        "O'Brien; DROP TABLE",
        '"quoted"',
        "100%_\\",
    ]
    saved = [crm.prospects.add(Prospect(name=f"  {name} ", notes=f"  {name}\n")) for name in names]
    for name, prospect in zip(names, saved, strict=True):
        read = crm.prospects.get(prospect.id)
        shown = "Café" if name == "Cafe\u0301" else name
        assert (read.name, read.notes) == (shown, f"  {shown}\n")
        assert list(crm.prospects.find(name=crmkit.exactly(name))) == [read]


def test_a_record_of_an_entity_that_is_not_served_is_refused(crm: Crm) -> None:
    """The common base of prospects and customers is nothing that can be saved by itself."""
    with pytest.raises(Invalid, match="is no entity of this application"):
        crm.accounts.add(crmkit.Account(name="Neither"))
    prospect = crm.accounts.add(Prospect(name="Acme"))
    assert crm.prospects.get(prospect.id) == prospect
