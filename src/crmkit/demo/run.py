"""The steps of the demonstration, one function each."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs

import crmkit.app.crm
from crmkit.app.crm import Crm
from crmkit.changes import Event
from crmkit.demo.telling import heading, say, table
from crmkit.entities import (
    Address,
    Campaign,
    CampaignItem,
    CampaignMember,
    Competitor,
    Customer,
    Estimate,
    EstimateLine,
    Interaction,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityCompetitor,
    OpportunityItem,
    OpportunityTask,
    Order,
    Prospect,
    SalesContact,
    SalesForecast,
    Salesperson,
    SalesTeam,
    SalesTeamMember,
    TeamAssignment,
    Territory,
)
from crmkit.errors import AlreadyConverted, Fault, Invalid, MissingExtra
from crmkit.exchange.address_book import FileAddressBook

__all__ = ["run_demo"]


class _Clock:
    """The demonstration's own time: it goes on by a minute a look, so that a run is like any other."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def sleep(self, days: int) -> None:
        self.now += timedelta(days=days)


@attrs.define
class _Story:
    """What the steps hand on to each other."""

    crm: Crm
    clock: _Clock
    out: Path
    people: dict[str, Any] = attrs.field(factory=dict)


def run_demo(store: str, *, again: bool = False, language: str = "en", out: Path = Path()) -> int:
    """Walk the whole process on that store and say what happens; 0 when it all went well.

    Raises Invalid where the store's file is there already, unless it may be replaced (`again`).
    """
    if store.startswith("sqlite:///"):
        _make_room(Path(store.removeprefix("sqlite:///")), again=again)
    clock = _Clock()
    crm = crmkit.app.crm.connect(store, clock=clock, starter=language, user="demo")
    story = _Story(crm, clock, out)
    with crm:
        for step in (
            _people_and_items,
            _campaign,
            _prospect,
            _opportunity,
            _interactions,
            _estimate,
            _conversion,
            _order,
            _forecast,
            _figures,
            _due,
            _past,
            _out,
        ):
            step(story)
    say(f"\nDone. The records are in {store}; look at them with crmkit.connect({store!r}).")
    return 0


def _make_room(file: Path, *, again: bool) -> None:
    if not file.exists():
        return
    if not again:
        raise Invalid("the demonstration", [Fault("store", f"{file} is there already: --again replaces it")])
    for part in ("", "-wal", "-shm"):
        file.with_name(file.name + part).unlink(missing_ok=True)


def _people_and_items(story: _Story) -> None:
    heading("Who sells, where, and what")
    with story.crm.begin(by="demo") as work:
        north = work.territories.add(Territory(code="NORTH", description="The north"))
        eva = work.salespersons.add(Salesperson(name="Eva Soler", territory=north.id, user="eva"))
        luis = work.salespersons.add(Salesperson(name="Luis Prat", manager=eva.id, user="luis"))
        members = [SalesTeamMember(salesperson=one.id, role=role) for one, role in ((eva, "lead"), (luis, "field"))]
        team = work.sales_teams.add(SalesTeam(name="Wheels", leader=eva.id, members=members))
        bike = work.items.add(Item(code="EBIKE", description="Electric bicycle", unit_price="2900"))
        rack = work.items.add(Item(code="RACK", description="Charging rack", unit_price="450"))
    story.people |= {"north": north, "eva": eva, "luis": luis, "team": team, "bike": bike, "rack": rack}
    table(("Salesperson", "Manager"), [(eva.name, ""), (luis.name, eva.name)])


def _campaign(story: _Story) -> None:
    heading("A campaign")
    with story.crm.begin(by="eva") as work:
        campaign = work.campaigns.add(
            Campaign(
                code="FAIR26",
                description="Autumn fair",
                type="trade_fair",
                starts_on=date(2026, 9, 1),
                ends_on=date(2026, 10, 31),
                actual_cost=Money("4000", "EUR"),
                expected_revenue=Money("100000", "EUR"),
            )
        )
        work.campaign_items.add(CampaignItem(campaign=campaign.id, item=story.people["bike"].id))
    story.people["campaign"] = campaign
    say(f"{campaign.code}, {campaign.description}: cost {campaign.actual_cost}, status {campaign.status}.")


def _prospect(story: _Story) -> None:
    heading("A prospect, its contacts and its lead")
    held = story.people
    with story.crm.begin(by="luis") as work:
        acme = work.prospects.add(
            Prospect(
                name="Acme Bikes",
                address=Address("Harbour Road 1", city="Gijón", country="Spain"),
                phone="+34 600 000 001",
                email="office@acme-bikes.example",
                territory=held["north"].id,
                salesperson=held["luis"].id,
                employees=120,
                company_revenue=Money("9500000", "EUR"),
            )
        )
        ana = work.sales_contacts.add(
            SalesContact(
                given_name="Ana",
                family_name="Ríos",
                job_title="Fleet manager",
                emails=["ana@acme-bikes.example"],
                phones=["+34 600 000 002"],
                accounts=[acme.id],
                preferences={"newsletter": True},
            )
        )
        work.campaign_members.add(CampaignMember(campaign=held["campaign"].id, member=ana.id, status="responded"))
        lead = work.leads.add(
            Lead(
                account=acme.id,
                source="trade_fair",
                sales_contact=ana.id,
                salesperson=held["luis"].id,
                campaign=held["campaign"].id,
                description="40 electric bicycles",
                received_on=date(2026, 10, 5),
            )
        )
    held |= {"acme": acme, "ana": ana, "lead": lead}
    table(
        ("Number", "Name", "City", "Contact", "Lead"),
        [(acme.number, acme.name, acme.address.city if acme.address else "", str(ana), lead.number)],
    )


def _opportunity(story: _Story) -> None:
    heading("The lead becomes an opportunity")
    held = story.people
    with story.crm.begin(by="luis") as work:
        deal = work.leads.promote(
            held["lead"].id,
            estimated_value=Money("116000", "EUR"),
            probability=60,
            projected_close=date(2026, 12, 1),
            stage="qualification",
            follow_up_on=date(2026, 10, 12),
        )
        work.opportunity_items.add(
            OpportunityItem(opportunity=deal.id, item=held["bike"].id, quantity=40, price="2900")
        )
        rival = work.competitors.add(Competitor(name="Rivals Ltd", strengths="Price", weaknesses="Service"))
        work.opportunity_competitors.add(OpportunityCompetitor(opportunity=deal.id, competitor=rival.id))
        work.team_assignments.add(TeamAssignment(target=deal.id, holder=held["team"].id, primary=True))
        work.team_assignments.add(TeamAssignment(target=held["acme"].id, holder=held["team"].id))
        call = work.opportunity_tasks.add(
            OpportunityTask(opportunity=deal.id, description="Call Ana", owner="luis", due_on=date(2026, 10, 7))
        )
        work.opportunity_tasks.add(
            OpportunityTask(opportunity=deal.id, description="Send catalogue", owner="luis", due_on=date(2026, 10, 9))
        )
        work.opportunity_tasks.complete(call.id)
        deal = work.opportunities.update(deal, stage="proposal")
        tasks = work.opportunity_tasks.find(opportunity=deal.id, sort="number")
    held["deal"] = deal
    say(f"{deal.number}, {deal.description}: {deal.estimated_value} at {deal.probability}, stage {deal.stage}.")
    table(("Task", "Description", "Status", "Due"), [(t.number, t.description, t.status, t.due_on) for t in tasks])


def _interactions(story: _Story) -> None:
    heading("Interactions")
    held = story.people
    with story.crm.begin(by="luis") as work:
        work.interactions.add(
            Interaction(subject=held["acme"].id, description="First visit", reference=held["deal"].id)
        )
        work.interactions.add(Interaction(subject=held["ana"].id, description="Wants a test ride"))
        old = work.customers.add(Customer(name="Mill Street Works", phone="+34 600 000 009"))
        work.interactions.add(Interaction(subject=old.id, description="Asked for spare parts"))
        said = work.interactions.find(sort="happened_at")
    table(
        ("Number", "With", "Phone", "About"), [(i.number, i.contact_name, i.contact_phone, i.description) for i in said]
    )


def _estimate(story: _Story) -> None:
    heading("An estimate")
    held = story.people
    estimate = story.crm.estimates.add(
        Estimate(
            account=held["acme"].id,
            opportunity=held["deal"].id,
            lead=held["lead"].id,
            taken_by="luis",
            valid_until=date(2026, 11, 30),
            lines=[
                EstimateLine(item=held["bike"].id, description="Electric bicycle", quantity=40, unit_price=2900),
                EstimateLine(
                    item=held["rack"].id, description="Charging rack", quantity=2, unit_price=450, discount=10
                ),
            ],
        )
    )
    held["estimate"] = estimate
    lines = [(line.description, line.quantity, line.unit_price, line.discount, line.amount) for line in estimate.lines]
    table(("Line", "Quantity", "Unit price", "Discount", "Amount"), [*lines, ("total", "", "", "", estimate.total)])


def _conversion(story: _Story) -> None:
    heading("The prospect becomes a customer")
    crm, acme = story.crm, story.people["acme"]
    plan = crm.conversion.plan(acme.id)
    say(str(plan))
    receipt = crm.conversion.apply(plan)
    customer = crm.customers.get(receipt.customer_id)
    story.people["customer"] = customer
    say(f"\nApplied as {receipt.number}: customer {customer.number}, the same id as the prospect {acme.number}.")
    try:
        crm.conversion.apply(plan)
    except AlreadyConverted as refused:
        say(f"A second try: {refused}")


def _order(story: _Story) -> None:
    heading("The order")
    order: Order = story.crm.estimates.order(story.people["estimate"].id, purchase_order="PO-77")
    deal = story.crm.opportunities.win(story.people["deal"].id, reason="")
    estimates = story.crm.opportunities.estimates(deal.id)
    orders = story.crm.opportunities.orders(deal.id)
    rows = [("estimate", one.number, one.status, one.total) for one in estimates]
    rows += [("order", one.number, one.status, one.total) for one in orders]
    table(("Of the opportunity", "Number", "Status", "Total"), rows)
    say(f"{deal.number} is {deal.status} on {deal.closed_on}; the order is {order.number}.")


def _forecast(story: _Story) -> None:
    heading("A forecast")
    crm, held = story.crm, story.people
    crm.sales_periods.make_year(2026, kind="quarter")
    period = crm.sales_periods.find(code="2026-Q4")[0]
    with crm.begin(by="luis") as work:
        deals = [
            work.opportunities.add(
                Opportunity(
                    description=what,
                    account=held["customer"].id,
                    estimated_value=Money(value, "EUR"),
                    stage=stage,
                    salesperson=held["luis"].id,
                    projected_close=date(2026, 12, 15),
                )
            )
            for what, value, stage in (("20 cargo bikes", "64000", "negotiation"), ("Service plan", "9000", "proposal"))
        ]
    forecast = crm.sales_forecasts.add(SalesForecast(owner=held["luis"].id, period=period.id, description="Q4, Luis"))
    crm.sales_forecasts.add_opportunities(forecast.id)
    draft = crm.sales_forecasts.figures(forecast.id)
    crm.sales_forecasts.submit(forecast.id)
    crm.opportunities.update(deals[0], estimated_value=Money("70000", "EUR"))
    frozen = crm.sales_forecasts.figures(forecast.id)
    now = crm.forecasting.roll_up(period="2026-Q4", by=()).total
    rows = [("draft", draft.count, draft.gross, draft.weighted)]
    rows.append(("submitted, after a change of 6,000.00 EUR", frozen.count, frozen.gross, frozen.weighted))
    rows.append(("all opportunities of the quarter, as they stand", now.count, now.gross, now.weighted))
    table(("Figures", "Count", "Gross", "Weighted"), rows)


def _figures(story: _Story) -> None:
    heading("Rolled up, and what the campaign brought")
    rolled = story.crm.forecasting.roll_up(period="2026-Q4", by=("team", "salesperson"))
    rows = [(row.shown["team"], row.shown["salesperson"], row.count, row.won, row.open, row.weighted) for row in rolled]
    total = rolled.total
    rows.append(("total", "", total.count, total.won, total.open, total.weighted))
    table(("Team", "Salesperson", "Count", "Won", "Open", "Weighted"), rows)
    brought = story.crm.campaigns.effectiveness(story.people["campaign"].id)
    say(
        f"{brought.code}: won {brought.won_value} for {brought.cost}, "
        f"return on investment {brought.return_on_investment}, "
        f"response rate {brought.response_rate}."
    )


def _due(story: _Story) -> None:
    heading("What is due")
    told: list[str] = []

    def tell(event: Event, _: Crm) -> None:
        told.append(type(event).__name__)

    story.crm.on("TaskOverdue", tell)
    story.crm.on("FollowUpDue", tell)
    story.clock.sleep(10)
    story.crm.sweep()
    again = story.crm.sweep()
    say(f"The sweep announced {', '.join(told) or 'nothing'}; a second one, {len(again)}.")


def _past(story: _Story) -> None:
    heading("As it stood")
    crm = story.crm
    before = crm.conversions.find()[0].converted_at
    past = crm.as_of((before or story.clock()) - timedelta(seconds=1))
    say(f"A second before the conversion: {past.prospects.count()} prospects, {past.customers.count()} customers.")
    say(f"Now: {crm.prospects.count()} prospects, {crm.customers.count()} customers.")
    states = crm.customers.history(story.people["customer"].id)
    rows = [(s.record.version, type(s.record).__name__, s.record.recorded_by, s.record.recorded_at) for s in states]
    table(("Version", "Kind", "By", "Recorded"), rows)


def _out(story: _Story) -> None:
    heading("Contacts and workbook out")
    story.out.mkdir(parents=True, exist_ok=True)
    contacts = story.out / "crmkit-demo.vcf"
    contacts.unlink(missing_ok=True)
    written = story.crm.sales_contacts.export_to(FileAddressBook(contacts))
    say(f"{len(written)} contact to {contacts}")
    workbook = story.out / "crmkit-demo.xlsx"
    try:
        story.crm.to_excel(workbook)
    except MissingExtra as missing:
        say(f"no workbook: {missing}")
    else:
        say(f"everything to {workbook}")
