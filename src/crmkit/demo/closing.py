"""From an estimate over the conversion to an order."""

from datetime import date

from crmkit.demo.story import Story
from crmkit.demo.telling import amount, heading, say, table
from crmkit.entities import Estimate, EstimateLine
from crmkit.errors import AlreadyConverted, CrmkitError

__all__ = ["convert", "estimate", "order"]


def estimate(story: Story) -> None:
    """An estimate for the prospect."""
    heading("An estimate")
    bike, rack = story.bike, story.rack
    made = story.crm.estimates.add(
        Estimate(
            account=story.acme.id,
            opportunity=story.deal.id,
            lead=story.lead.id,
            taken_by="luis",
            valid_until=date(2026, 11, 30),
            lines=[
                EstimateLine(item=bike.id, description=bike.description, quantity=40, unit_price=2900),
                EstimateLine(item=rack.id, description=rack.description, quantity=2, unit_price=450, discount=10),
            ],
        )
    )
    story.estimate = made
    rows = [
        (line.description, line.quantity.normalize(), round(line.unit_price, 2), line.discount, amount(line.amount))
        for line in made.lines
    ]
    say(f"{made.number}, valid until {made.valid_until}:")
    table(
        ("Line", "Quantity", "Unit price", "Discount", "EUR"),
        [*rows, ("total", "", "", "", amount(made.total))],
    )


def convert(story: Story) -> None:
    """The prospect becomes a customer: planned, applied, checked, and not twice."""
    heading("The prospect becomes a customer")
    crm, acme = story.crm, story.acme
    before = story.belongings(acme.id)
    story.before_conversion = crm.now()
    plan = crm.conversion.plan(acme.id)
    say(str(plan))
    receipt = crm.conversion.apply(plan)
    story.customer = customer = crm.customers.get(receipt.customer_id)
    same = "the same id as" if customer.id == acme.id else "another id than"
    say(f"\nApplied as {receipt.number}: customer {customer.number}, {same} prospect {acme.number}.")
    after = story.belongings(customer.id)
    table(("It has", "As a prospect", "As a customer"), [(kind, before[kind], after[kind]) for kind in before])
    try:
        crm.conversion.apply(plan)
    except AlreadyConverted as refused:
        say(f"\nA second try is refused: {refused}")
    else:
        raise CrmkitError("a prospect was converted twice")


def order(story: Story) -> None:
    """The customer orders what was estimated, and the opportunity is won."""
    heading("The order")
    crm = story.crm
    made = crm.estimates.order(story.estimate.id, purchase_order="PO-77")
    deal = crm.opportunities.win(story.deal.id, reason="service")
    offers = [("estimate", one) for one in crm.opportunities.estimates(deal.id)]
    rows = [(kind, one.number, one.status, amount(one.total)) for kind, one in offers]
    rows += [("order", one.number, one.status, amount(one.total)) for one in crm.opportunities.orders(deal.id)]
    say(f"Order {made.number}; opportunity {deal.number} is {deal.status}, on {deal.closed_on}. Of it there are:")
    table(("Kind", "Number", "Status", "EUR"), rows)
