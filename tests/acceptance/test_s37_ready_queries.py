"""The nine ready-made queries: no criteria give all, each criterion narrows, text is literal and without case."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import crmkit
from crmkit import (
    Address,
    Campaign,
    CampaignItem,
    Competitor,
    Crm,
    Customer,
    Estimate,
    ForecastLine,
    Invalid,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityCompetitor,
    OpportunityItem,
    OpportunityTask,
    Prospect,
    SalesContact,
    SalesForecast,
    SalesPeriod,
    Salesperson,
    SalesTeam,
    SalesTeamMember,
    TeamAssignment,
    Territory,
    at_least,
    at_most,
    between,
    contains,
    exactly,
    starts_with,
)
from crmkit.queries import SORTABLE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)
ONE, TWO, THREE = (Money(amount, "EUR") for amount in (100, 200, 300))


def populate(crm: Crm) -> SimpleNamespace:
    """Of each kind two records that differ in everything that can be asked for, and a third that says little."""
    w = SimpleNamespace()
    w.north, w.south = (crm.territories.add(Territory(code=code)) for code in ("NORTH", "SOUTH"))
    w.ana, w.ben = (crm.salespersons.add(Salesperson(name=name)) for name in ("Ana", "Ben"))
    w.bike, w.lock = (crm.items.add(Item(code=code, description=code)) for code in ("BIKE", "LOCK"))
    _campaigns(crm, w)
    _accounts(crm, w)
    _contacts(crm, w)
    _chances(crm, w)
    _forecasts(crm, w)
    return w


def _campaigns(crm: Crm, w: SimpleNamespace) -> None:
    w.fair = crm.campaigns.add(
        Campaign(
            code="FAIR",
            description="Fair of Árnes 100%",
            type="trade_fair",
            status="running",
            owner="eva",
            starts_on=MARCH,
            ends_on=APRIL,
            budget=ONE,
        )
    )
    w.mail = crm.campaigns.add(
        Campaign(
            code="MAIL",
            description="Mail_ing 1000",
            type="mailing",
            status="over",
            owner="leo",
            starts_on=MAY,
            ends_on=MAY,
            budget=TWO,
        )
    )
    w.plain_campaign = crm.campaigns.add(Campaign(code="PLAIN"))
    crm.campaign_items.add(CampaignItem(campaign=w.fair.id, item=w.bike.id))
    crm.campaign_items.add(CampaignItem(campaign=w.mail.id, item=w.lock.id))


def _accounts(crm: Crm, w: SimpleNamespace) -> None:
    one = {
        "name": "Äcme 100% Bikes",
        "territory": w.north.id,
        "sic_code": "0751",
        "company_revenue": ONE,
        "employees": 10,
        "salesperson": w.ana.id,
        "address": Address(city="Málaga", country="ES"),
    }
    two = {
        "name": "Ba_ckwheels 1000",
        "territory": w.south.id,
        "sic_code": "3711",
        "company_revenue": TWO,
        "employees": 20,
        "salesperson": w.ben.id,
        "address": Address(city="Porto", country="PT"),
    }
    w.acme, w.back = crm.prospects.add(Prospect(**one)), crm.prospects.add(Prospect(**two))
    w.plain_prospect = crm.prospects.add(Prospect(name="Plain"))
    w.customer = crm.customers.add(Customer(name="Customer"))
    rival = {"address": Address(city="Málaga"), "employees": 10, "company_revenue": ONE, "contact_person": "Luz"}
    w.rival = crm.competitors.add(Competitor(name="Ri%val", **rival))
    other = {"address": Address(city="Porto"), "employees": 20, "company_revenue": TWO, "contact_person": "Rui"}
    w.other = crm.competitors.add(Competitor(name="O_ther", **other))
    w.plain_competitor = crm.competitors.add(Competitor(name="Plain"))
    w.team_one = crm.sales_teams.add(
        SalesTeam(code="T1", name="Team% One", leader=w.ana.id, members=[SalesTeamMember(salesperson=w.ana.id)])
    )
    w.team_two = crm.sales_teams.add(
        SalesTeam(code="T2", name="Team_ Two", leader=w.ben.id, members=[SalesTeamMember(salesperson=w.ben.id)])
    )
    w.plain_team = crm.sales_teams.add(SalesTeam(code="T3", name="Plain"))
    crm.team_assignments.add(TeamAssignment(target=w.acme.id, holder=w.team_one.id))
    crm.team_assignments.add(TeamAssignment(target=w.back.id, holder=w.team_two.id))


def _contacts(crm: Crm, w: SimpleNamespace) -> None:
    w.rios = crm.sales_contacts.add(
        SalesContact(
            given_name="Ana María",
            family_name="Rí%os",
            company="Äcme",
            emails=["Ana@acme.example"],
            phones=["+34 600 000 001"],
            accounts=[w.acme.id],
            salespersons=[w.ana.id],
        )
    )
    w.sol = crm.sales_contacts.add(
        SalesContact(
            given_name="Eva",
            family_name="S_ol",
            company="Backwheels",
            emails=["eva@back.example"],
            phones=["0034600000002"],
            accounts=[w.back.id],
            salespersons=[w.ben.id],
        )
    )
    w.plain_contact = crm.sales_contacts.add(SalesContact(company="Plain"))


def _chances(crm: Crm, w: SimpleNamespace) -> None:
    w.lead = crm.leads.add(
        Lead(
            account=w.acme.id,
            status="qualified",
            source="web",
            quality="hot",
            description="Wants 100% e-bikes",
            sales_contact=w.rios.id,
            salesperson=w.ana.id,
            territory=w.north.id,
            campaign=w.fair.id,
            received_on=MARCH,
            follow_up_on=APRIL,
        )
    )
    w.other_lead = crm.leads.add(
        Lead(
            account=w.back.id,
            status="contacted",
            source="call",
            quality="cold",
            description="Wants 1000 e_bikes",
            sales_contact=w.sol.id,
            salesperson=w.ben.id,
            territory=w.south.id,
            campaign=w.mail.id,
            received_on=MAY,
            follow_up_on=MAY,
        )
    )
    w.plain_lead = crm.leads.add(Lead(account=w.plain_prospect.id))
    w.chance = crm.opportunities.add(
        Opportunity(
            description="Chance% one",
            account=w.acme.id,
            lead=w.lead.id,
            stage="proposal",
            source="web",
            campaign=w.fair.id,
            estimated_value=ONE,
            probability=25,
            projected_close=MARCH,
            salesperson=w.ana.id,
            forecast_category="commit",
            follow_up_on=MARCH,
        )
    )
    w.other_chance = crm.opportunities.add(
        Opportunity(
            description="Chance_ two",
            account=w.back.id,
            lead=w.other_lead.id,
            stage="closing",
            source="call",
            campaign=w.mail.id,
            estimated_value=TWO,
            probability="75.5",
            projected_close=MAY,
            salesperson=w.ben.id,
            status="won",
            closed_on=APRIL,
            won_reason="price",
            forecast_category="pipeline",
            follow_up_on=MAY,
        )
    )
    w.plain_chance = crm.opportunities.add(Opportunity(description="Plain", account=w.plain_prospect.id))
    for chance, competitor, item, team in (
        (w.chance, w.rival, w.bike, w.team_one),
        (w.other_chance, w.other, w.lock, w.team_two),
    ):
        crm.opportunity_competitors.add(OpportunityCompetitor(opportunity=chance.id, competitor=competitor.id))
        crm.opportunity_items.add(OpportunityItem(opportunity=chance.id, item=item.id))
        crm.team_assignments.add(TeamAssignment(target=chance.id, holder=team.id))
    w.task = crm.opportunity_tasks.add(
        OpportunityTask(
            opportunity=w.chance.id,
            description="Call% them",
            type="call",
            owner="Eva",
            priority="high",
            due_on=date(2026, 3, 1),
            required=True,
        )
    )
    w.other_task = crm.opportunity_tasks.add(
        OpportunityTask(
            opportunity=w.other_chance.id,
            description="Visit_ them",
            type="visit",
            owner="leo",
            priority="low",
            due_on=MAY,
            status="done",
        )
    )
    w.plain_task = crm.opportunity_tasks.add(OpportunityTask(opportunity=w.plain_chance.id, description="Plain"))
    crm.estimates.add(Estimate(account=w.acme.id))


def _forecasts(crm: Crm, w: SimpleNamespace) -> None:
    w.q1 = crm.sales_periods.add(
        SalesPeriod(code="2026-Q1", kind="quarter", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))
    )
    w.q2 = crm.sales_periods.add(
        SalesPeriod(code="2026-Q2", kind="quarter", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30))
    )
    w.forecast = crm.sales_forecasts.add(
        SalesForecast(
            owner=w.ana.id, period=w.q1.id, description="For% Ana", lines=[ForecastLine(opportunity=w.chance.id)]
        )
    )
    w.other_forecast = crm.sales_forecasts.add(
        SalesForecast(owner=w.team_two.id, period=w.q2.id, currency="USD", description="For_ team")
    )
    w.other_forecast = crm.sales_forecasts.submit(w.other_forecast.id)
    w.plain_forecast = crm.sales_forecasts.add(SalesForecast(owner=w.ben.id, period=w.q2.id))


ALL = {
    "campaigns": ("fair", "mail", "plain_campaign"),
    "competitors": ("rival", "other", "plain_competitor"),
    "sales_contacts": ("rios", "sol", "plain_contact"),
    "sales_teams": ("team_one", "team_two", "plain_team"),
    "sales_forecasts": ("forecast", "other_forecast", "plain_forecast"),
    "prospects": ("acme", "back", "plain_prospect"),
    "leads": ("lead", "other_lead", "plain_lead"),
    "opportunities": ("chance", "other_chance", "plain_chance"),
    "opportunity_tasks": ("task", "other_task", "plain_task"),
}
"""The nine kinds with the records of `populate`."""

Asked = Callable[[Any], dict[str, Any]]

CASES: list[tuple[str, Asked, set[str]]] = [
    # Campaign: type, status, dates, item
    ("campaigns", lambda w: {"type": "trade_fair"}, {"fair"}),
    ("campaigns", lambda w: {"type": ["mailing", "calls"]}, {"mail"}),
    ("campaigns", lambda w: {"type": None}, {"plain_campaign"}),
    ("campaigns", lambda w: {"status": "running"}, {"fair"}),
    ("campaigns", lambda w: {"status": ["over", "planned"]}, {"mail", "plain_campaign"}),
    ("campaigns", lambda w: {"starts_on": between(MARCH, APRIL)}, {"fair"}),
    ("campaigns", lambda w: {"starts_on": at_most(MARCH)}, {"fair"}),
    ("campaigns", lambda w: {"starts_on": at_most(MARCH - timedelta(days=1))}, set()),
    ("campaigns", lambda w: {"ends_on": at_least(MAY)}, {"mail"}),
    ("campaigns", lambda w: {"ends_on": None}, {"plain_campaign"}),
    ("campaigns", lambda w: {"running_on": MARCH}, {"fair", "plain_campaign"}),
    ("campaigns", lambda w: {"running_on": APRIL}, {"fair", "plain_campaign"}),
    ("campaigns", lambda w: {"running_on": APRIL + timedelta(days=1)}, {"plain_campaign"}),
    ("campaigns", lambda w: {"item": w.bike.id}, {"fair"}),
    ("campaigns", lambda w: {"item": "lock"}, {"mail"}),
    ("campaigns", lambda w: {"item": None}, {"plain_campaign"}),
    ("campaigns", lambda w: {"code": "mail"}, {"mail"}),
    ("campaigns", lambda w: {"description": "árnes"}, {"fair"}),
    ("campaigns", lambda w: {"owner": "eva"}, {"fair"}),
    ("campaigns", lambda w: {"budget": at_least(TWO)}, {"mail"}),
    # Competitor: name, city, opportunity
    ("competitors", lambda w: {"name": "RI%VAL"}, {"rival"}),
    ("competitors", lambda w: {"city": "málaga"}, {"rival"}),
    ("competitors", lambda w: {"city": "malaga"}, set()),
    ("competitors", lambda w: {"opportunity": w.other_chance.id}, {"other"}),
    ("competitors", lambda w: {"opportunity": None}, {"plain_competitor"}),
    ("competitors", lambda w: {"employees": between(10, 19)}, {"rival"}),
    ("competitors", lambda w: {"company_revenue": at_least(TWO)}, {"other"}),
    ("competitors", lambda w: {"contact_person": "luz"}, {"rival"}),
    # Sales contact: name, company, e-mail, account, salesperson
    ("sales_contacts", lambda w: {"name": "ana"}, {"rios"}),
    ("sales_contacts", lambda w: {"name": "RÍ%OS maría"}, {"rios"}),
    ("sales_contacts", lambda w: {"name": "ana sol"}, set()),
    ("sales_contacts", lambda w: {"given_name": exactly("eva")}, {"sol"}),
    ("sales_contacts", lambda w: {"company": "äCME"}, {"rios"}),
    ("sales_contacts", lambda w: {"email": "ana@ACME.example"}, {"rios"}),
    ("sales_contacts", lambda w: {"email": "back.example"}, {"sol"}),
    ("sales_contacts", lambda w: {"email": None}, {"plain_contact"}),
    ("sales_contacts", lambda w: {"phone": "+34600000002"}, {"sol"}),
    ("sales_contacts", lambda w: {"account": w.acme.id}, {"rios"}),
    ("sales_contacts", lambda w: {"account": w.back.number}, {"sol"}),
    ("sales_contacts", lambda w: {"account": None}, {"plain_contact"}),
    ("sales_contacts", lambda w: {"salesperson": w.ben.id}, {"sol"}),
    ("sales_contacts", lambda w: {"salesperson": [w.ana.id, w.ben.id]}, {"rios", "sol"}),
    # Sales team: name, member, target
    ("sales_teams", lambda w: {"name": "team% one"}, {"team_one"}),
    ("sales_teams", lambda w: {"member": w.ana.id}, {"team_one"}),
    ("sales_teams", lambda w: {"member": None}, {"plain_team"}),
    ("sales_teams", lambda w: {"target": w.back.id}, {"team_two"}),
    ("sales_teams", lambda w: {"target": w.chance.id}, {"team_one"}),
    ("sales_teams", lambda w: {"target": None}, {"plain_team"}),
    ("sales_teams", lambda w: {"leader": w.ben.id}, {"team_two"}),
    # Sales forecast: owner, period, status
    ("sales_forecasts", lambda w: {"owner": w.ana.id}, {"forecast"}),
    ("sales_forecasts", lambda w: {"owner": w.team_two.id}, {"other_forecast"}),
    ("sales_forecasts", lambda w: {"owner": "T2"}, {"other_forecast"}),
    ("sales_forecasts", lambda w: {"period": w.q1.id}, {"forecast"}),
    ("sales_forecasts", lambda w: {"period": "2026-Q2"}, {"other_forecast", "plain_forecast"}),
    ("sales_forecasts", lambda w: {"status": "submitted"}, {"other_forecast"}),
    ("sales_forecasts", lambda w: {"status": ["draft", "approved"]}, {"forecast", "plain_forecast"}),
    ("sales_forecasts", lambda w: {"description": "for%"}, {"forecast"}),
    # Prospect: name, territory, SIC, revenue, employees, salesperson
    ("prospects", lambda w: {"name": "äCME"}, {"acme"}),
    ("prospects", lambda w: {"name": "acme"}, set()),
    ("prospects", lambda w: {"name": starts_with("ba")}, {"back"}),
    ("prospects", lambda w: {"territory": w.north.id}, {"acme"}),
    ("prospects", lambda w: {"territory": "south"}, {"back"}),
    ("prospects", lambda w: {"territory": None}, {"plain_prospect"}),
    ("prospects", lambda w: {"sic_code": "0751"}, {"acme"}),
    ("prospects", lambda w: {"sic_code": starts_with("37")}, {"back"}),
    ("prospects", lambda w: {"company_revenue": between(ONE, ONE)}, {"acme"}),
    ("prospects", lambda w: {"revenue": at_least(Money("100.01", "EUR"))}, {"back"}),
    ("prospects", lambda w: {"revenue": at_least(Money("0", "USD"))}, set()),
    ("prospects", lambda w: {"employees": at_least(20)}, {"back"}),
    ("prospects", lambda w: {"employees": between(10, 20)}, {"acme", "back"}),
    ("prospects", lambda w: {"employees": None}, {"plain_prospect"}),
    ("prospects", lambda w: {"salesperson": w.ana.id}, {"acme"}),
    ("prospects", lambda w: {"salesperson": w.ben}, {"back"}),
    ("prospects", lambda w: {"salesperson": None}, {"plain_prospect"}),
    ("prospects", lambda w: {"city": "porto"}, {"back"}),
    ("prospects", lambda w: {"sales_contact": w.rios.id}, {"acme"}),
    ("prospects", lambda w: {"team": w.team_two.id}, {"back"}),
    # Lead: status, source, quality, account, salesperson, territory, campaign, dates, follow-up
    ("leads", lambda w: {"status": "qualified"}, {"lead"}),
    ("leads", lambda w: {"status_category": "open"}, {"other_lead", "plain_lead"}),
    ("leads", lambda w: {"source": "call"}, {"other_lead"}),
    ("leads", lambda w: {"source": None}, {"plain_lead"}),
    ("leads", lambda w: {"quality": "hot"}, {"lead"}),
    ("leads", lambda w: {"account": w.back.id}, {"other_lead"}),
    ("leads", lambda w: {"account": w.acme.number.lower()}, {"lead"}),
    ("leads", lambda w: {"salesperson": w.ana.id}, {"lead"}),
    ("leads", lambda w: {"territory": w.south.id}, {"other_lead"}),
    ("leads", lambda w: {"campaign": w.fair.id}, {"lead"}),
    ("leads", lambda w: {"received_on": between(MARCH, MARCH)}, {"lead"}),
    ("leads", lambda w: {"follow_up_on": at_least(MAY)}, {"other_lead"}),
    ("leads", lambda w: {"follow_up_on": None}, {"plain_lead"}),
    ("leads", lambda w: {"description": "100%"}, {"lead"}),
    ("leads", lambda w: {"sales_contact": w.sol.id}, {"other_lead"}),
    ("leads", lambda w: {"team": None}, {"lead", "other_lead", "plain_lead"}),
    # Opportunity: status, stage, source, account, salesperson, territory, campaign, value, probability, dates …
    ("opportunities", lambda w: {"status": "won"}, {"other_chance"}),
    ("opportunities", lambda w: {"status_category": "open"}, {"chance", "plain_chance"}),
    ("opportunities", lambda w: {"stage": "proposal"}, {"chance"}),
    ("opportunities", lambda w: {"stage": None}, {"plain_chance"}),
    ("opportunities", lambda w: {"source": "web"}, {"chance"}),
    ("opportunities", lambda w: {"account": w.back.id}, {"other_chance"}),
    ("opportunities", lambda w: {"salesperson": w.ana.id}, {"chance"}),
    ("opportunities", lambda w: {"territory": w.north.id}, {"chance"}),  # by its account
    ("opportunities", lambda w: {"territory": "SOUTH"}, {"other_chance"}),
    ("opportunities", lambda w: {"campaign": "mail"}, {"other_chance"}),
    ("opportunities", lambda w: {"estimated_value": between(ONE, ONE)}, {"chance"}),
    ("opportunities", lambda w: {"value": at_least(TWO)}, {"other_chance"}),
    ("opportunities", lambda w: {"probability": at_most(25)}, {"chance"}),
    ("opportunities", lambda w: {"probability": "75.5"}, {"other_chance"}),
    ("opportunities", lambda w: {"projected_close": between(MARCH, APRIL)}, {"chance"}),
    ("opportunities", lambda w: {"closed_on": APRIL}, {"other_chance"}),
    ("opportunities", lambda w: {"closed_on": None}, {"chance", "plain_chance"}),
    ("opportunities", lambda w: {"competitor": w.rival.id}, {"chance"}),
    ("opportunities", lambda w: {"competitor": None}, {"plain_chance"}),
    ("opportunities", lambda w: {"item": w.lock.id}, {"other_chance"}),
    ("opportunities", lambda w: {"lead": w.lead.id}, {"chance"}),
    ("opportunities", lambda w: {"team": w.team_one.id}, {"chance"}),
    ("opportunities", lambda w: {"description": "chance_"}, {"other_chance"}),
    ("opportunities", lambda w: {"won_reason": "price"}, {"other_chance"}),
    ("opportunities", lambda w: {"forecast_category": "commit"}, {"chance"}),
    # Task: opportunity, type, status, owner, priority, due, required, overdue
    ("opportunity_tasks", lambda w: {"opportunity": w.chance.id}, {"task"}),
    ("opportunity_tasks", lambda w: {"opportunity": w.chance.number}, {"task"}),
    ("opportunity_tasks", lambda w: {"type": "visit"}, {"other_task"}),
    ("opportunity_tasks", lambda w: {"status": "done"}, {"other_task"}),
    ("opportunity_tasks", lambda w: {"status_category": "open"}, {"task", "plain_task"}),
    ("opportunity_tasks", lambda w: {"owner": "eVA"}, {"task"}),
    ("opportunity_tasks", lambda w: {"owner": None}, {"plain_task"}),
    ("opportunity_tasks", lambda w: {"priority": "low"}, {"other_task"}),
    ("opportunity_tasks", lambda w: {"due_on": at_most(date(2026, 3, 1))}, {"task"}),
    ("opportunity_tasks", lambda w: {"due": between(MARCH, MAY)}, {"other_task"}),
    ("opportunity_tasks", lambda w: {"required": True}, {"task"}),
    ("opportunity_tasks", lambda w: {"required": False}, {"other_task", "plain_task"}),
    ("opportunity_tasks", lambda w: {"overdue": True}, {"task"}),
    ("opportunity_tasks", lambda w: {"overdue": False}, {"other_task", "plain_task"}),
    ("opportunity_tasks", lambda w: {"completed_on": date(2026, 3, 2)}, {"other_task"}),
    ("opportunity_tasks", lambda w: {"description": "CALL%"}, {"task"}),
]

R10 = {
    "campaigns": {"type", "status", "starts_on", "ends_on", "item"},
    "competitors": {"name", "city", "opportunity"},
    "sales_contacts": {"name", "company", "email", "account", "salesperson"},
    "sales_teams": {"name", "member", "target"},
    "sales_forecasts": {"owner", "period", "status"},
    "prospects": {"name", "territory", "sic_code", "company_revenue", "employees", "salesperson"},
    "leads": {
        *("status", "source", "quality", "account", "salesperson", "territory", "campaign", "received_on"),
        "follow_up_on",
    },
    "opportunities": {
        *("status", "stage", "source", "account", "salesperson", "territory", "campaign", "estimated_value"),
        *("probability", "projected_close", "closed_on", "competitor", "item"),
    },
    "opportunity_tasks": {"opportunity", "type", "status", "owner", "priority", "due_on", "required", "overdue"},
}
"""The criteria that rule R10 asks for at least."""


@pytest.fixture(scope="module")
def filled(module_store: str, module_url: Any):
    """A CRM with the records of `populate`, which the tests only read."""
    crm = crmkit.connect(module_url(module_store), clock=lambda: NOW)
    yield crm, populate(crm)
    crm.close()


def keys(w: SimpleNamespace, plural: str, found: Any) -> set[str]:
    """The names in `populate` of the records found."""
    by_id = {getattr(w, name).id: name for name in ALL[plural]}
    return {by_id[record.id] for record in found}


@pytest.mark.parametrize("plural", ALL)
def test_s37_no_criteria_is_all(filled, plural: str) -> None:
    """Of each of the nine kinds, a query without criteria gives every record, and counts them."""
    crm, w = filled
    assert keys(w, plural, crm.repository(plural).find()) == set(ALL[plural])
    assert crm.repository(plural).count() == 3
    assert list(crm.repository(plural).all()) == list(crm.repository(plural).find())


@pytest.mark.parametrize(
    ("plural", "asked", "expected"),
    CASES,
    ids=[f"{place}-{plural}" for place, (plural, _, _) in enumerate(CASES)],
)
def test_s37_each_criterion_narrows(filled, plural: str, asked: Asked, expected: set[str]) -> None:
    """A criterion finds the records that match it and no others; found, counted and streamed alike."""
    crm, w = filled
    repository = crm.repository(plural)
    assert keys(w, plural, repository.find(**asked(w))) == expected
    assert repository.count(**asked(w)) == len(expected)
    assert keys(w, plural, repository.all(**asked(w))) == expected


@pytest.mark.parametrize("plural", R10)
def test_s37_every_criterion_of_the_rule_is_there_and_shown(filled, plural: str) -> None:
    """Each criterion that R10 names is understood, and has at least one case here with a match and a miss."""
    crm, w = filled
    assert R10[plural] <= set(crm.repository(plural).criteria)
    shown = {word for kind, asked, expected in CASES if kind == plural and 0 < len(expected) < 3 for word in asked(w)}
    assert shown >= R10[plural]


@pytest.mark.parametrize("plural", R10)
def test_s37_criteria_are_joined_by_and(filled, plural: str) -> None:
    """Two criteria that different records match find nothing together; two of one record find it."""
    crm, w = filled
    mine = [asked(w) for kind, asked, expected in CASES if kind == plural and expected == {ALL[plural][0]}]
    theirs = [asked(w) for kind, asked, expected in CASES if kind == plural and expected == {ALL[plural][1]}]
    together = {**mine[0], **mine[-1]}
    assert keys(w, plural, crm.repository(plural).find(**together)) == {ALL[plural][0]}
    crossed = next({**one, **other} for one in mine for other in theirs if not one.keys() & other.keys())
    assert list(crm.repository(plural).find(**crossed)) == []


@pytest.mark.parametrize(
    ("plural", "field"),
    [
        ("campaigns", "description"),
        ("competitors", "name"),
        ("sales_contacts", "family_name"),
        ("sales_teams", "name"),
        ("sales_forecasts", "description"),
        ("prospects", "name"),
        ("leads", "description"),
        ("opportunities", "description"),
        ("opportunity_tasks", "description"),
    ],
)
def test_s37_wildcards_are_letters_and_case_does_not_count(filled, plural: str, field: str) -> None:
    """`%` and `_` find only texts that have them; case finds the same, as a whole, at the start and within."""
    crm, w = filled
    repository = crm.repository(plural)
    first, second = (getattr(getattr(w, name), field) for name in ALL[plural][:2])
    assert "%" in first
    assert "_" in second
    assert "%" not in second
    assert "_" not in first
    assert keys(w, plural, repository.find(**{field: "%"})) == {ALL[plural][0]}
    assert keys(w, plural, repository.find(**{field: "_"})) == {ALL[plural][1]}
    for how in (contains, starts_with, exactly):
        for text, name in ((first, ALL[plural][0]), (second, ALL[plural][1])):
            for written in (text.upper(), text.lower()):
                assert keys(w, plural, repository.find(**{field: how(written)})) == {name}
    for pattern in ("%%", "*", "?", ".", first.replace("%", "_"), second.replace("_", "%"), "\\"):
        assert list(repository.find(**{field: exactly(pattern)})) == []
    assert list(repository.find(**{field: starts_with("%")})) == []


def test_s37_codes_are_asked_for_as_people_write_them(open_crm, store_name: str) -> None:
    """A code is found in any case, and by the code shown once it was renamed; one that there is not is refused."""
    crm = open_crm(store_name)
    w = populate(crm)
    crm.stages.update(crm.stages.find(code="proposal")[0], shown="Offer made")
    for asked in ("proposal", "PROPOSAL", "offer MADE", exactly("Offer made"), ["offer made", "needs_analysis"]):
        assert keys(w, "opportunities", crm.opportunities.find(stage=asked)) == {"chance"}
    assert keys(w, "opportunities", crm.opportunities.find(stage=["Proposal", None])) == {"chance", "plain_chance"}
    for asked in ("nonsense", exactly("nonsense"), ["offer made", "nonsense"]):
        with pytest.raises(Invalid, match=r"stage: 'nonsense' is no stage: there are .*proposal"):
            crm.opportunities.find(stage=asked)
    assert crm.campaigns.count(status="RUNNING") == 1


@pytest.mark.parametrize("plural", ALL)
def test_s37_a_word_that_is_no_criterion_is_refused(filled, plural: str) -> None:
    """Every word that is no criterion is named, with those that are."""
    crm, _ = filled
    with pytest.raises(Invalid) as refused:
        crm.repository(plural).find(colour="red", smell="sweet")
    assert [fault.field for fault in refused.value.faults] == ["colour", "smell"]
    assert all(word in str(refused.value) for word in R10[plural])


@pytest.mark.parametrize("other", ["sqlite", "postgresql", "mariadb"])
def test_s37_the_same_order_on_every_store(open_crm, counting_ids, other: str) -> None:
    """The same query gives equal records in the same order on every store: by each field, both ways, page by page."""
    crms = [open_crm(name, ids=counting_ids()) for name in ("memory", other)]
    for crm in crms:
        populate(crm)
    for plural in ALL:
        memory, stored = (crm.repository(plural) for crm in crms)
        assert list(memory.find()) == list(stored.find())
        for field in memory.kind.spec.fields:
            if field.shape not in SORTABLE or (field.shape == "text" and not field.searchable):
                continue
            for sort in (field.name, f"-{field.name}"):
                whole = list(memory.find(sort=sort))
                assert list(stored.find(sort=sort)) == whole
                for repository in (memory, stored):
                    page, paged = repository.find(sort=sort, limit=1), []
                    while page:
                        paged += page
                        page = page.next()
                    assert paged == whole
