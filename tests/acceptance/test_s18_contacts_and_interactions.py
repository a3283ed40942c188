"""Sales contacts, and what was said with them, with prospects and with customers."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from crmkit import (
    Address,
    Crm,
    Customer,
    Email,
    Estimate,
    Interaction,
    Lead,
    Opportunity,
    Order,
    Phone,
    Prospect,
    Refused,
    SalesContact,
    Salesperson,
)


@pytest.fixture
def prospect(crm: Crm) -> Prospect:
    """A prospect with a telephone."""
    return crm.prospects.add(Prospect(name="Acme Bikes", phone="+34 91 555 01 01"))


@pytest.fixture
def customer(crm: Crm) -> Customer:
    """A customer with a telephone."""
    return crm.customers.add(Customer(name="Borealis", phone="+34 93 555 02 02"))


def test_s18_sales_contact_interactions(crm: Crm, clock, prospect: Prospect, everything) -> None:
    """Logged with a contact, dated by the clock; a topic of another kind is rejected; follow-ups due are listed."""
    contact = crm.sales_contacts.add(SalesContact(given_name="Ana", family_name="Ríos", phones=["+34 600 000 001"]))
    logged = crm.interactions.add(
        Interaction(
            subject=contact.id, topic="conversation", follow_up_on=date(2026, 3, 5), description="Wants a visit"
        )
    )
    assert (logged.number, logged.happened_at) == ("N000001", clock())
    assert (logged.contact_name, logged.contact_phone) == ("Ana Ríos", Phone("+34 600 000 001"))
    before = everything(crm)
    for topic in ("complaint", "first_contact"):
        with pytest.raises(Refused, match="no topic for a sales contact") as refused:
            crm.interactions.add(Interaction(subject=contact.id, topic=topic))
        assert [one.field for one in refused.value.findings] == ["topic"]
    lead = crm.leads.add(Lead(account=prospect.id))
    before["leads"] = everything(crm)["leads"]
    with pytest.raises(Refused, match="may refer to nothing"):
        crm.interactions.add(Interaction(subject=contact.id, reference=lead.id))
    with pytest.raises(Refused, match="must not be before"):
        crm.interactions.add(Interaction(subject=contact.id, follow_up_on=date(2026, 3, 1)))
    assert everything(crm) == before

    assert list(crm.interactions.find(follow_up_due=True)) == []
    clock.tick(timedelta(days=3))
    assert list(crm.interactions.find(follow_up_due=True)) == [logged]
    assert list(crm.interactions.find(kind="sales contact", follow_up_due=True)) == [logged]
    done = crm.interactions.update(logged, follow_up_done=True)
    assert list(crm.interactions.find(follow_up_due=True)) == []
    assert list(crm.interactions.find(follow_up_due=False)) == [done]


def test_s19_sales_contacts(crm: Crm, prospect: Prospect, customer: Customer) -> None:
    """The number is generated, preferences are stored, and the pick list of an account has its own contacts only."""
    sam = crm.salespersons.add(Salesperson(name="Sam"))
    contact = crm.sales_contacts.add(
        SalesContact(
            given_name="Ana",
            family_name="Ríos",
            company="Borealis",
            job_title="Buyer",
            emails=["ana@borealis.example", Email("ana@home.example", "home")],
            phones=["+34 600 000 001"],
            addresses=[Address("Calle Mayor 1", city="Sevilla")],
            birthday=date(1980, 2, 29),
            categories=["VIP"],
            preferences={"phone": False, "newsletter": True},
            accounts=[customer.id],
            salespersons=[sam.id],
        )
    )
    assert contact.number == "SC000001"
    read = crm.sales_contacts.get(contact.id)
    assert read == contact
    assert dict(read.preferences) == {"phone": False, "newsletter": True}
    crm.sales_contacts.add(SalesContact(given_name="Ben", accounts=[prospect.id]))
    crm.sales_contacts.add(SalesContact(given_name="Eva"))

    assert crm.sales_contacts.of_account(customer.id) == [contact]
    assert list(crm.sales_contacts.find(account=customer.id)) == [contact]
    with pytest.raises(Refused, match="add it to the contact's accounts first"):
        crm.leads.add(Lead(account=prospect.id, sales_contact=contact.id))
    assert crm.leads.add(Lead(account=customer.id, sales_contact=contact.id)).sales_contact == contact.id


def test_s23_prospect_interactions(crm: Crm, prospect: Prospect, customer: Customer, everything) -> None:
    """A prospect's interaction may refer to its lead, opportunity or estimate; never to an order or an item."""
    lead = crm.leads.add(Lead(account=prospect.id))
    opportunity = crm.opportunities.add(Opportunity(description="E-bikes", account=prospect.id))
    estimate = crm.estimates.add(Estimate(account=prospect.id))
    order = crm.orders.add(Order(customer=customer.id))
    accepted = [
        crm.interactions.add(Interaction(subject=prospect.id, topic="inquiry", reference=one.id))
        for one in (lead, opportunity, estimate)
    ]
    before = everything(crm)
    with pytest.raises(Refused, match="not to an order") as refused:
        crm.interactions.add(Interaction(subject=prospect.id, reference=order.id))
    assert [one.field for one in refused.value.findings] == ["reference"]
    with pytest.raises(Refused, match="no topic for a prospect"):
        crm.interactions.add(Interaction(subject=prospect.id, topic="order"))
    of_another = crm.leads.add(Lead(account=customer.id))
    before["leads"] = everything(crm)["leads"]
    with pytest.raises(Refused, match="belongs to another account"):
        crm.interactions.add(Interaction(subject=prospect.id, reference=of_another.id))
    assert everything(crm) == before
    assert list(crm.interactions.find(subject=prospect.id)) == accepted
    assert list(crm.interactions.find(kind="prospect")) == accepted


def test_s24_customer_interactions(crm: Crm, customer: Customer) -> None:
    """Contact name and phone come from the customer; editing them leaves it unchanged; an order is a fine reference."""
    order = crm.orders.add(Order(customer=customer.id))
    logged = crm.interactions.add(
        Interaction(
            subject=customer.id, topic="order", reference=order.id, happened_at=datetime(2026, 3, 1, 8, tzinfo=UTC)
        )
    )
    assert (logged.contact_name, logged.contact_phone) == ("Borealis", Phone("+34 93 555 02 02"))
    assert (logged.reference, logged.happened_at) == (order.id, datetime(2026, 3, 1, 8, tzinfo=UTC))

    edited = crm.interactions.update(logged, contact_name="Eva Sol", contact_phone="+34 600 000 009")
    assert (edited.contact_name, edited.contact_phone) == ("Eva Sol", Phone("+34 600 000 009"))
    assert crm.customers.get(customer.id) == customer
    emptied = crm.interactions.update(edited, contact_name="", contact_phone=None)
    assert (emptied.contact_name, emptied.contact_phone) == ("", None)


def test_s27_cross_reference_contacts(crm: Crm, prospect: Prospect, customer: Customer) -> None:
    """One contact is on two customers and a prospect, after the conversion on three customers, itself unchanged."""
    other = crm.customers.add(Customer(name="Cirrus"))
    accounts = {customer.id, other.id, prospect.id}
    contact = crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=accounts))

    def on(repository) -> set[UUID]:
        return {one.id for one in repository.find(sales_contact=contact.id)}

    assert (on(crm.customers), on(crm.prospects)) == ({customer.id, other.id}, {prospect.id})
    crm.conversion.convert(prospect.id)
    assert (on(crm.customers), on(crm.prospects)) == (accounts, set())
    assert crm.sales_contacts.get(contact.id) == contact
    assert set(contact.accounts) == accounts
    assert len(crm.sales_contacts.history(contact.id)) == 1
