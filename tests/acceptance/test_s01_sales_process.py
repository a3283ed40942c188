"""The sales process as a whole: from the first interest of a prospect to a customer's order."""

from datetime import date

import pytest

from crmkit import (
    AlreadyConverted,
    Crm,
    Customer,
    Estimate,
    EstimateLine,
    Lead,
    Money,
    NotFound,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    Refused,
)


def test_s01_whole_sales_process(crm: Crm) -> None:
    """Run the whole sales process: lead, opportunity, prospect to customer, order; at the end all links stand."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    lead = crm.leads.add(Lead(account=prospect.id, source="trade_fair", description="40 e-bikes for rental"))
    opportunity = crm.leads.promote(
        lead.id, estimated_value=Money("120000", "EUR"), probability=60, projected_close=date(2026, 6, 30)
    )
    task = crm.opportunity_tasks.add(OpportunityTask(opportunity=opportunity.id, description="Send the offer"))
    estimate = crm.estimates.add(
        Estimate(
            account=prospect.id,
            lead=lead.id,
            opportunity=opportunity.id,
            lines=[EstimateLine(description="E-bike", quantity=40, unit_price="2999.90", discount="2.5")],
        )
    )
    receipt = crm.conversion.convert(prospect.id)
    order = crm.estimates.order(estimate.id, purchase_order="4711")

    customer = crm.customers.get(prospect.id)
    assert (customer.name, customer.number) == ("Acme Bikes", receipt.customer_number)
    assert crm.leads.get(lead.id).account == customer.id
    opportunity = crm.opportunities.get(opportunity.id)
    assert (opportunity.account, opportunity.lead, opportunity.source) == (customer.id, lead.id, "trade_fair")
    assert crm.opportunity_tasks.get(task.id).opportunity == opportunity.id
    estimate = crm.estimates.get(estimate.id)
    assert (estimate.account, estimate.status) == (customer.id, "accepted")
    order = crm.orders.get(order.id)
    assert (order.customer, order.estimate, order.lead, order.opportunity) == (
        customer.id,
        estimate.id,
        lead.id,
        opportunity.id,
    )
    assert order.total == estimate.total == Money("116996.10", "EUR")  # 40 × 2999.90 × 97.5 %
    assert crm.opportunities.orders(opportunity.id) == [order]


def test_s02_one_integrated_model(crm: Crm) -> None:
    """A customer made by conversion is the very id that estimates and orders use; there is no second lookup table."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    estimate = crm.estimates.add(Estimate(account=prospect.id, lines=[EstimateLine(description="Lock", unit_price=10)]))
    receipt = crm.conversion.convert(prospect.id)
    order = crm.estimates.order(estimate.id)
    straight = crm.orders.add(Order(customer=receipt.customer_id))

    assert receipt.customer_id == prospect.id == crm.estimates.get(estimate.id).account
    assert {one.id for one in crm.orders.find(customer=prospect.id)} == {order.id, straight.id}
    account_tables = {spec.about.table for spec in crm.registry.specs if issubclass(spec.cls, Customer | Prospect)}
    assert account_tables == {"account"}
    assert [one.id for one in crm.accounts.find()] == [prospect.id]


def test_s13_support_up_to_order_entry(crm: Crm, everything) -> None:
    """An estimate of a converted prospect copies to an order; one of an unconverted prospect is rejected."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    lines = [
        EstimateLine(description="E-bike", quantity=2, unit_price="1000.005"),
        EstimateLine(description="Helmet", quantity="3.5", unit_price="40", discount=10),
    ]
    estimate = crm.estimates.add(Estimate(account=prospect.id, valid_until=date(2026, 4, 1), lines=lines))
    before = everything(crm)

    with pytest.raises(Refused, match="convert it first") as refused:
        crm.estimates.order(estimate.id)
    assert [(one.code, one.record) for one in refused.value.findings] == [("not-a-customer", prospect.id)]
    assert everything(crm) == before

    crm.conversion.convert(prospect.id)
    order = crm.estimates.order(estimate.id)
    copied = ("position", "description", "quantity", "unit_price", "discount", "amount")
    assert [[getattr(line, name) for name in copied] for line in order.lines] == [
        [getattr(line, name) for name in copied] for line in estimate.lines
    ]
    assert order.total == Money("2126.01", "EUR")  # 2000.01 + 126.00
    assert order.dated == date(2026, 3, 2)


def test_s14_convert_a_prospect_quickly(crm: Crm) -> None:
    """One call converts: the customer has the prospect's data, `prospects.get` refuses, a second call names it."""
    prospect = crm.prospects.add(
        Prospect(
            name="Acme Bikes",
            legal_name="Acme Bikes S.L.",
            tax_number="B1234567",
            phone="+34 91 555 01 01",
            email="hello@acme.example",
            sic_code="0751",
            employees=120,
            company_revenue=Money("5000000", "EUR"),
            notes="Met at the fair",
            custom={"rating": "A"},
        )
    )
    receipt = crm.conversion.convert(prospect.id)

    customer = crm.customers.get(receipt.customer_id)
    shared = [name for name in prospect.spec.content if name in customer.spec.by_name and name != "number"]
    assert {name: getattr(customer, name) for name in shared} == {name: getattr(prospect, name) for name in shared}
    assert (customer.number, customer.credit_hold) == ("C000001", False)
    with pytest.raises(NotFound):
        crm.prospects.get(prospect.id)
    with pytest.raises(AlreadyConverted, match="C000001") as second:
        crm.conversion.convert(prospect.id)
    assert (second.value.customer_id, second.value.customer_number) == (prospect.id, "C000001")
    assert [one.id for one in crm.customers.find()] == [prospect.id]
    assert crm.conversions.count() == 1


def test_s25_opportunities_follow_estimates(crm: Crm) -> None:
    """An estimate with an opportunity is listed on it with its total and status, before and after conversion."""
    prospect = crm.prospects.add(Prospect(name="Acme Bikes"))
    opportunity = crm.opportunities.add(Opportunity(description="40 e-bikes", account=prospect.id))
    other = crm.opportunities.add(Opportunity(description="Helmets", account=prospect.id))
    estimate = crm.estimates.add(
        Estimate(
            account=prospect.id,
            opportunity=opportunity.id,
            lines=[EstimateLine(description="E-bike", quantity=3, unit_price="99.99")],
        )
    )
    before = crm.opportunities.estimates(opportunity.id)
    assert [(one.id, one.total, one.status) for one in before] == [(estimate.id, Money("299.97", "EUR"), "open")]
    assert crm.opportunities.estimates(other.id) == []

    crm.conversion.convert(prospect.id)
    assert crm.opportunities.estimates(opportunity.id) == before
    assert list(crm.estimates.find(opportunity=opportunity.id)) == before
    of_customer = crm.estimates.add(Estimate(account=prospect.id, opportunity=opportunity.id))
    assert [one.id for one in crm.opportunities.estimates(opportunity.id)] == [estimate.id, of_customer.id]
