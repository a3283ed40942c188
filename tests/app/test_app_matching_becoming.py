"""Possible duplicates are those of the prospect, and those of the customer that it would become."""

from collections.abc import Callable
from typing import Any

import pytest

from crmkit import Crm, Customer, Policy, Prospect

MAPPED = Policy(customer_fields={"custom.vat": "tax_number", "tax_number": None})
BY = pytest.mark.parametrize(
    ("settings", "given", "custom"),
    [({}, {"tax_number": "b 1"}, {}), ({"policy": MAPPED}, {}, {"vat": "B.1"})],
    ids=["given", "mapped"],
)


@BY
def test_a_key_that_comes_with_the_conversion(
    open_crm: Callable[..., Crm], store_name: str, settings: Any, given: Any, custom: Any
) -> None:
    """Planned, and refused in bulk, with the reason; what the prospect says itself counts as well."""
    crm = open_crm(store_name, **settings)
    known = [crm.customers.add(Customer(name=name, tax_number=tax)) for name, tax in (("One", "B-1"), ("Two", "C-2"))]
    prospect = crm.prospects.add(Prospect(name="One", tax_number="C-2", custom=custom))
    plan = crm.conversion.plan(prospect.id, **given)
    assert [(one.id, one.reasons[0]) for one in plan.duplicates] == [(one.id, "the same tax number") for one in known]
    (row,) = crm.conversion.convert_many([(prospect.id, given)], refuse_duplicates=True).rows
    assert row.outcome == "refused"
    assert [reason.partition(":")[0] for reason in row.reasons] == [f"may be {one.number} {one.name}" for one in known]


@BY
@pytest.mark.parametrize("batch", [1, 2, 500])
def test_earlier_rows(
    open_crm: Callable[..., Crm], store_name: str, settings: Any, given: Any, custom: Any, batch: int
) -> None:
    """As the customers that came of them, in one batch or in several."""
    crm = open_crm(store_name, **settings)
    first = crm.prospects.add(Prospect(name="One", custom=custom))
    second = crm.prospects.add(Prospect(name="Two", custom=custom))
    third = crm.prospects.add(Prospect(name="Three"))
    asked = [(first.id, given), (second.id, given), third.id]
    found = crm.conversion.convert_many(asked, refuse_duplicates=True, batch=batch)
    assert [row.outcome for row in found.rows] == ["converted", "refused", "converted"]
    assert "the same tax number" in found.rows[1].reasons[0]
