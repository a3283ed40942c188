"""From a campaign to a qualified opportunity."""

from datetime import date

from crmkit.demo.story import Story
from crmkit.demo.telling import heading, say, table
from crmkit.entities import (
    Address,
    Campaign,
    CampaignItem,
    CampaignMember,
    Competitor,
    Customer,
    Interaction,
    Item,
    Lead,
    Money,
    OpportunityCompetitor,
    OpportunityItem,
    OpportunityTask,
    Prospect,
    SalesContact,
    Salesperson,
    SalesTeam,
    SalesTeamMember,
    TeamAssignment,
    Territory,
)

__all__ = ["announce", "meet", "organise", "promote", "record_interest", "talk", "work_on_it"]


def organise(story: Story) -> None:
    """The company itself: territory, salespersons, a sales team, items."""
    heading("Who sells, where, and what")
    with story.crm.begin(by="eva") as work:
        story.north = work.territories.add(Territory(code="NORTH", description="The north"))
        story.eva = work.salespersons.add(Salesperson(name="Eva Soler", territory=story.north.id, user="eva"))
        story.luis = work.salespersons.add(Salesperson(name="Luis Prat", manager=story.eva.id, user="luis"))
        members = [
            SalesTeamMember(salesperson=story.eva.id, role="lead"),
            SalesTeamMember(salesperson=story.luis.id, role="field"),
        ]
        story.team = work.sales_teams.add(SalesTeam(name="Wheels", leader=story.eva.id, members=members))
        story.bike = work.items.add(Item(code="EBIKE", description="Electric bicycle", unit_price="2900"))
        story.rack = work.items.add(Item(code="RACK", description="Charging rack", unit_price="450"))
    names = ", ".join(one.name for one in (story.eva, story.luis))
    say(f"Sales team {story.team.code}, {story.team.name}: {names}.")
    items = story.crm.items.find(sort="code")
    table(("Item", "Description", "Unit price"), [(one.code, one.description, one.unit_price) for one in items])


def announce(story: Story) -> None:
    """A campaign, with the item it is about."""
    heading("A campaign")
    with story.crm.begin(by="eva") as work:
        story.campaign = work.campaigns.add(
            Campaign(
                code="FAIR26",
                description="Autumn fair",
                type="trade_fair",
                status="running",
                starts_on=date(2026, 9, 1),
                ends_on=date(2026, 10, 31),
                budget=Money("5000", "EUR"),
                actual_cost=Money("4000", "EUR"),
                expected_revenue=Money("100000", "EUR"),
            )
        )
        work.campaign_items.add(CampaignItem(campaign=story.campaign.id, item=story.bike.id))
    made = story.campaign
    say(f"{made.code}, {made.description}, for item {story.bike.code}: cost {made.actual_cost}, {made.status}.")


def meet(story: Story) -> None:
    """A company that is no customer yet, two people in it, both members of the campaign."""
    heading("A prospect and its contacts")
    with story.crm.begin(by="luis") as work:
        story.acme = work.prospects.add(
            Prospect(
                name="Acme Bikes",
                address=Address("Harbour Road 1", city="Gijón", country="Spain"),
                phone="+34 600 000 001",
                email="office@acme-bikes.example",
                territory=story.north.id,
                salesperson=story.luis.id,
                employees=120,
                company_revenue=Money("9500000", "EUR"),
            )
        )
        people = [
            _contact(story, "Ana", "Ríos", "Fleet manager", "+34 600 000 002"),
            _contact(story, "Iker", "Vidal", "Buyer", "+34 600 000 003"),
        ]
        story.ana, iker = work.sales_contacts.add_many(people).records
        for contact, status in ((story.ana, "responded"), (iker, "sent")):
            work.campaign_members.add(CampaignMember(campaign=story.campaign.id, member=contact.id, status=status))
        contacts = work.sales_contacts.of_account(story.acme.id)
    say(f"{story.acme.number}, {story.acme.name}, {story.acme.employees} employees.")
    table(
        ("Number", "Contact", "Job title", "Phone"),
        [(c.number, str(c), c.job_title, c.phones[0].number) for c in contacts],
    )


def _contact(story: Story, given_name: str, family_name: str, job_title: str, phone: str) -> SalesContact:
    return SalesContact(
        given_name=given_name,
        family_name=family_name,
        company=story.acme.name,
        job_title=job_title,
        emails=[f"{given_name.lower()}@acme-bikes.example"],
        phones=[phone],
        accounts=[story.acme.id],
        salespersons=[story.luis.id],
    )


def record_interest(story: Story) -> None:
    """A lead: an inquiry of the company that is on file."""
    heading("A lead")
    story.lead = story.crm.leads.add(
        Lead(
            account=story.acme.id,
            source="trade_fair",
            sales_contact=story.ana.id,
            salesperson=story.luis.id,
            campaign=story.campaign.id,
            description="40 electric bicycles",
            received_on=date(2026, 10, 5),
        )
    )
    lead = story.lead
    say(f"{lead.number}, {lead.description}: status {lead.status}, from campaign {story.campaign.code}.")


def promote(story: Story) -> None:
    """The lead becomes an opportunity, and stays on file."""
    heading("The lead becomes an opportunity")
    with story.crm.begin(by="luis") as work:
        deal = work.leads.promote(
            story.lead.id,
            estimated_value=Money("116000", "EUR"),
            probability=60,
            projected_close=date(2026, 12, 1),
            stage="qualification",
        )
        work.opportunity_items.add(OpportunityItem(opportunity=deal.id, item=story.bike.id, quantity=40, price="2900"))
        story.deal = work.opportunities.update(deal, stage="proposal")
    deal = story.deal
    say(f"{deal.number}, {deal.description}: {deal.estimated_value} at {deal.probability}, stage {deal.stage}.")


def work_on_it(story: Story) -> None:
    """Tasks, a competitor, and the sales team that works for the prospect and on the opportunity."""
    heading("Team, competitor and tasks")
    deal = story.deal
    with story.crm.begin(by="luis") as work:
        work.team_assignments.add(TeamAssignment(target=story.acme.id, holder=story.team.id))
        work.team_assignments.add(TeamAssignment(target=deal.id, holder=story.team.id, primary=True))
        rival = work.competitors.add(Competitor(name="Velo Norte", strengths="Price", weaknesses="Service"))
        work.opportunity_competitors.add(OpportunityCompetitor(opportunity=deal.id, competitor=rival.id))
        call = work.opportunity_tasks.add(
            OpportunityTask(opportunity=deal.id, description="Call Ana", owner="luis", due_on=date(2026, 10, 7))
        )
        work.opportunity_tasks.add(
            OpportunityTask(opportunity=deal.id, description="Send catalogue", owner="luis", due_on=date(2026, 10, 9))
        )
        work.opportunity_tasks.complete(call.id)
        tasks = work.opportunity_tasks.find(opportunity=deal.id, sort="number")
    say(f"{story.team.name} works on {deal.number}, against {rival.name} (strong in {rival.strengths.lower()}).")
    table(("Task", "Description", "Status", "Due"), [(t.number, t.description, t.status, t.due_on) for t in tasks])


def talk(story: Story) -> None:
    """An interaction of each kind: with a prospect, a sales contact and a customer."""
    heading("Interactions")
    with story.crm.begin(by="luis") as work:
        mill = work.customers.add(Customer(name="Mill Works", phone="+34 600 000 009"))
        work.interactions.add(Interaction(subject=story.acme.id, description="First visit", reference=story.deal.id))
        work.interactions.add(Interaction(subject=story.ana.id, description="Wants a test ride"))
        work.interactions.add(Interaction(subject=mill.id, description="Asked for spare parts"))
        said = work.interactions.find(sort="number")
    kinds = {story.acme.id: "prospect", story.ana.id: "sales contact", mill.id: "customer"}
    rows = [(one.number, kinds[one.subject], one.contact_name, one.contact_phone, one.description) for one in said]
    table(("Number", "Of a", "With", "Phone", "About"), rows)
