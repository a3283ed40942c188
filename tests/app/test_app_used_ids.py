"""An id is a record's for life: nobody is given it again, whatever became of the record, on every store alike."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from crmkit import Crm, Customer, Duplicate, Estimate, EstimateLine, Item, Prospect, SalesContact

ID = UUID("01940000-0000-7000-8000-000000000007")


@pytest.fixture(params=[False, True], ids=["real", "imagined"])
def either(request: pytest.FixtureRequest, crm: Crm) -> Callable[[], Crm]:
    """Gives the CRM as it is by then, or what is imagined over it."""
    return crm.what_if if request.param else lambda: crm


def refused(crm: Crm, record: Any) -> Duplicate:
    """What is said when the record is added."""
    with pytest.raises(Duplicate) as error:
        getattr(crm, record.spec.about.plural).add(record)
    assert str(error.value).startswith(f"{record.spec.name}: id {record.id} is taken already; leave it out")
    return error.value


def test_the_id_of_who_was_deleted_is_taken(crm: Crm, either: Callable[[], Crm]) -> None:
    """At once, and not only when the new record is changed; its history stays that of one record."""
    first = crm.prospects.add(Prospect(id=ID, name="First"))
    crm.prospects.delete(first)
    now = either()
    said = refused(now, Prospect(id=ID, name="Second"))
    assert (said.kind, said.field, said.value) == ("prospect", "id", ID)
    refused(now, Customer(id=ID, name="Second"))
    assert [past.record.name for past in now.prospects.history(ID)] == ["First"]
    assert now.accounts.count() == 0


def test_the_id_of_who_was_deleted_in_the_same_unit_is_taken(either: Callable[[], Crm]) -> None:
    """As after it; the rest of the unit is saved."""
    crm = either()
    with crm.begin() as work:
        first = work.prospects.add(Prospect(id=ID, name="First"))
        work.prospects.delete(first)
        with pytest.raises(Duplicate, match="leave it out"):
            work.prospects.add(Prospect(id=ID, name="Second"))
        other = work.prospects.add(Prospect(name="Other"))
    assert list(crm.prospects.all()) == [other]


def test_the_id_of_who_is_there_is_taken(either: Callable[[], Crm]) -> None:
    """Of an account, whichever kind it is of."""
    crm = either()
    crm.customers.add(Customer(id=ID, name="First"))
    refused(crm, Prospect(id=ID, name="Second"))
    refused(crm, Customer(id=ID, name="Second"))


def test_the_id_of_who_was_merged_stays_its_own(crm: Crm, either: Callable[[], Crm]) -> None:
    """So that the merge can be undone."""
    one = crm.sales_contacts.add(SalesContact(id=ID, family_name="A"))
    receipt = crm.sales_contacts.merge(one, into=crm.sales_contacts.add(SalesContact(family_name="B")))
    now = either()
    refused(now, SalesContact(id=ID, family_name="C"))
    assert now.merging.undo(receipt).id == ID


def test_parts_keep_their_ids_too(either: Callable[[], Crm]) -> None:
    """A line that is given the id of one that is gone is refused with the record that it would be of."""
    crm = either()
    acme = crm.prospects.add(Prospect(name="Acme"))
    item = crm.items.add(Item(description="Bike"))
    line: Any = EstimateLine(id=ID, item=item.id, quantity=1)
    estimate = crm.estimates.add(Estimate(account=acme.id, lines=[line]))
    crm.estimates.update(estimate, lines=())
    with pytest.raises(Duplicate) as error:
        crm.estimates.add(Estimate(account=acme.id, lines=[line]))
    assert (error.value.kind, error.value.field, error.value.value) == ("estimate line", "id", ID)
    assert crm.estimates.count() == 1


def test_rows_of_used_ids_are_reported(either: Callable[[], Crm]) -> None:
    """Each by itself; the others are saved, and an id that is new is kept."""
    crm = either()
    crm.prospects.delete(crm.prospects.add(Prospect(id=ID, name="First")))
    fresh = UUID(int=ID.int + 1)
    added = crm.prospects.add_many([Prospect(id=ID, name="1"), Prospect(id=fresh, name="2"), Prospect(name="3")])
    assert [(fault.row, type(fault.error)) for fault in added.faults] == [(1, Duplicate)]
    assert [one.name for one in added.records] == ["2", "3"]
    changed = crm.prospects.update(added.records[0], name="2b")
    assert (changed.id, changed.version) == (fresh, 2)
