"""What it comes to: forecast, roll-up, campaign; what is due, and how it stood before."""

from datetime import date

from crmkit.demo.story import Story
from crmkit.demo.telling import amount, heading, percent, say, table
from crmkit.entities import Money, Opportunity, SalesForecast, Salesperson, TeamAssignment

__all__ = ["forecast", "look_back", "measure_campaign", "plan_year", "roll_up", "sweep"]


def plan_year(story: Story) -> None:
    """The sales periods, and more opportunities of the new customer, which the team works on."""
    heading("Sales periods, and more opportunities")
    story.crm.sales_periods.make_year(2026, kind="quarter")
    with story.crm.begin(by="luis") as work:
        for what, value, stage, owner in (
            ("20 cargo bikes", "64000", "negotiation", story.luis),
            ("Service plan", "9000", "proposal", story.eva),
        ):
            made = work.opportunities.add(_opportunity(story, what, value, stage, owner))
            work.team_assignments.add(TeamAssignment(target=made.id, holder=story.team.id, primary=True))
        found = work.opportunities.find(account=story.customer.id, sort="number")
    say("Periods: " + ", ".join(one.code for one in story.crm.sales_periods.find(sort="code")) + ".")
    table(
        ("Number", "Description", "Stage", "Status", "Closes", "EUR"),
        [
            (one.number, one.description, one.stage, one.status, one.projected_close, amount(one.estimated_value))
            for one in found
        ],
    )


def _opportunity(story: Story, what: str, value: str, stage: str, owner: Salesperson) -> Opportunity:
    return Opportunity(
        description=what,
        account=story.customer.id,
        estimated_value=Money(value, "EUR"),
        stage=stage,
        salesperson=owner.id,
        projected_close=date(2026, 12, 15),
        follow_up_on=date(2026, 10, 12),
    )


def forecast(story: Story) -> None:
    """The team's forecast: opportunities added, submitted, and frozen from then on."""
    heading("A forecast")
    crm = story.crm
    period = crm.sales_periods.find(code="2026-Q4")[0]
    made = crm.sales_forecasts.add(SalesForecast(owner=story.team.id, period=period.id, description="Q4, Wheels"))
    added = crm.sales_forecasts.add_opportunities(made.id)
    draft = crm.sales_forecasts.figures(made.id)
    crm.sales_forecasts.submit(made.id)
    changed = crm.opportunities.find(description="20 cargo bikes")[0]
    crm.opportunities.update(changed, estimated_value=Money("70000", "EUR"))
    submitted = crm.sales_forecasts.figures(made.id)
    now = crm.forecasting.roll_up(period=period.code).total
    say(f"{made.number} of team {story.team.name} for {period.code}: {len(added.lines)} open opportunities added.")
    say(f"Then it is submitted; then {changed.number} goes from {changed.estimated_value} to 70,000.00 EUR.")
    table(
        ("In EUR", "Count", "Gross", "Weighted"),
        [
            (what, one.count, amount(one.gross), amount(one.weighted))
            for what, one in (
                ("forecast, draft", draft),
                ("forecast, submitted", submitted),
                ("all of the quarter, as it stands", now),
            )
        ],
    )


def roll_up(story: Story) -> None:
    """The quarter by team and salesperson; it sums to the total."""
    heading("Rolled up by team and salesperson")
    rolled = story.crm.forecasting.roll_up(period="2026-Q4", by=("team", "salesperson"))
    rows = [
        (
            row.shown["team"],
            row.shown["salesperson"],
            row.count,
            *map(amount, (row.won, row.open, row.weighted)),
            amount(row.with_descendants.weighted if row.with_descendants else None),
        )
        for row in rolled
        if row.count
    ]
    total = rolled.total
    rows.append(("total", "", total.count, *map(amount, (total.won, total.open, total.weighted)), None))
    say("In EUR; the last column counts in those who report to the salesperson.")
    table(("Team", "Salesperson", "Count", "Won", "Open", "Weighted", "In all"), rows)


def measure_campaign(story: Story) -> None:
    """What the campaign brought."""
    heading("What the campaign brought")
    brought = story.crm.campaigns.effectiveness(story.campaign.id)
    table(
        ("Figure", brought.code),
        [
            ("leads", brought.leads),
            ("opportunities", brought.opportunities),
            ("won", brought.won),
            ("won value", brought.won_value),
            ("cost", brought.cost),
            ("return on investment", percent(brought.return_on_investment)),
            ("members who responded", percent(brought.response_rate)),
        ],
    )


def sweep(story: Story) -> None:
    """Ten days later: what is due is announced, once."""
    heading("What is due")
    story.clock.sleep(10)
    due = story.crm.sweep()
    again = story.crm.sweep()
    say(f"Ten days later a sweep announces {len(due)} things that are due, and a second one {len(again)}:")
    rows = []
    for event in due:
        record = getattr(event, "task", None) or getattr(event, "record", None)
        rows.append((type(event).__name__, getattr(record, "description", "")))
    table(("Event", "Of"), rows)


def look_back(story: Story) -> None:
    """The same questions, as things stood before the conversion; and an account's history."""
    heading("As it stood, and how it came about")
    past = story.crm.as_of(story.before_conversion)
    say("Before the conversion, and now:")
    table(
        ("", "Prospects", "Customers", "Opportunities", "Weighted, EUR"),
        [
            (
                when,
                crm.prospects.count(),
                crm.customers.count(),
                crm.opportunities.count(),
                amount(crm.forecasting.roll_up().total.weighted),
            )
            for when, crm in (("before", past), ("now", story.crm))
        ],
    )
    states = story.crm.history(story.customer)
    say(f"\nThe states of {story.customer.name}:")
    rows = [(s.record.version, type(s.record).__name__, s.record.recorded_by, s.record.recorded_at) for s in states]
    table(("Version", "Kind", "By", "Recorded"), rows)
