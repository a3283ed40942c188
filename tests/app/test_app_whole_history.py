"""A state of the past is whole: it has the parts that it had when it ended."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crmkit import Crm, Estimate, EstimateLine, Money, Prospect, SalesContact
from crmkit.testing import ManualClock


@pytest.fixture(params=["real", "imagined"])
def crm(request: pytest.FixtureRequest, crm: Crm) -> Iterator[Crm]:
    """A CRM on each store, or one to imagine in."""
    if request.param == "real":
        yield crm
    else:
        with crm.what_if() as imagined:
            yield imagined


def test_lines_of_each_state(crm: Crm, clock: ManualClock) -> None:
    """A line that is added later is in no state that ended before; what is deleted had its lines."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    line = EstimateLine(description="Bike", quantity=2, unit_price=10)
    saved = crm.estimates.add(Estimate(account=account, lines=[line]))
    clock.tick(timedelta(days=1))
    renewed = crm.estimates.update(saved, taken_by="Ana")
    clock.tick(timedelta(days=1))
    longer = crm.estimates.update(renewed, lines=[*renewed.lines, EstimateLine(description="Lock", unit_price=3)])
    amounts = [Money("20", "EUR"), Money("23", "EUR")]
    assert [past.record for past in crm.estimates.history(saved.id)] == [saved, longer]
    assert [past.record.total for past in crm.history(saved)] == amounts
    then = crm.now()
    clock.tick(timedelta(days=1))
    crm.estimates.delete(saved.id)
    assert [past.record.total for past in crm.estimates.history(saved.id)] == amounts
    assert [past.record for past in crm.as_of(then).estimates.history(saved.id)] == [saved, longer]
    assert [len(past.record.lines) for past in crm.estimates.history(saved.id)] == [1, 2]


def test_an_absorbed_contact(crm: Crm, clock: ManualClock) -> None:
    """What it said before the merge is told with its addresses and accounts, also after an edit of the survivor."""
    account = crm.prospects.add(Prospect(name="Acme")).id
    ana = crm.sales_contacts.add(SalesContact(given_name="Ana", emails=["ana@acme.example"], accounts=[account]))
    again = crm.sales_contacts.add(
        SalesContact(
            given_name="Ana", emails=["ana@acme.example", "a@acme.example"], accounts=[account], phones=["600"]
        )
    )
    clock.tick(timedelta(days=1))
    receipt = crm.sales_contacts.merge(again.id, into=ana.id)
    clock.tick(timedelta(days=1))
    crm.sales_contacts.update(crm.sales_contacts.get(ana.id), emails=["ana@acme.example"], accounts=[])
    assert crm.merging.absorbed_of(receipt.id) == again
    assert [past.record for past in crm.sales_contacts.history(again.id)] == [again]
    assert crm.sales_contacts.history(ana.id)[0].record == ana
    assert crm.sales_contacts.history(ana.id)[-1].record == crm.sales_contacts.get(ana.id)
