"""What holds of every merge, whatever hangs from the two records: on every store."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Address,
    Crm,
    Customer,
    Estimate,
    Interaction,
    Lead,
    Note,
    Prospect,
    SalesContact,
    Salesperson,
    ShipToAddress,
    TeamAssignment,
    same_content,
)

SIDES: Final = st.sampled_from(("one", "two"))
ADDED: Final = st.one_of(
    st.tuples(st.just("lead"), SIDES),
    st.tuples(st.just("estimate"), SIDES),
    st.tuples(st.just("contact"), st.sampled_from(("one", "two", "both"))),
    st.tuples(st.just("assignment"), SIDES, st.sampled_from(("a", "b", "A")), st.booleans()),
    st.tuples(st.just("note"), st.sampled_from(("one", "two", "link"))),
    st.tuples(st.just("interaction"), SIDES),
    st.tuples(st.just("address"), SIDES, st.sampled_from(("MAIN", "B")), st.sampled_from(("Sevilla", "Huelva"))),
)
"""Something that hangs from one of two accounts, or from both."""
FIELDS: Final = st.fixed_dictionaries(
    {},
    optional={
        "employees": st.integers(0, 9),
        "web": st.sampled_from(("a.example", "b.example")),
        "notes": st.text("xy ", max_size=5),
        "custom": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2),
    },
)


@pytest.fixture(scope="module")
def crm(module_url: Callable[[str], str], module_store: str) -> Iterator[Crm]:
    """One CRM for all examples: each makes accounts of its own."""
    with crmkit.connect(module_url(module_store)) as crm:
        yield crm


def contents(crm: Crm) -> dict[UUID, Any]:
    """All records of a tenant, as they are now."""
    return {one.id: one for spec in crm.registry.specs for one in crm.repository(spec.cls).all()}


def hang(crm: Crm, accounts: dict[str, Any], added: tuple[Any, ...], seller: Salesperson, seen: set[Any]) -> None:
    """Add what was drawn; what there can only be once, once."""
    what, side, *more = added
    of: Any = accounts.get(side)
    if what == "lead":
        crm.leads.add(Lead(account=of.id))
    elif what == "estimate":
        crm.estimates.add(Estimate(account=of.id))
    elif what == "contact":
        linked = [one.id for one in accounts.values()] if side == "both" else [of.id]
        crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=linked))
    elif what == "assignment":
        role, primary = more
        key = (side, role.lower())
        if key not in seen:
            seen.add(key)
            crm.team_assignments.add(TeamAssignment(target=of.id, holder=seller.id, role=role.lower(), primary=primary))
    elif what == "note":
        links: Any = list(crm.contact_accounts.find(account=accounts["two"].id)) if side == "link" else [of]
        for one in links[:1]:
            crm.notes.add(Note(target=one.id, text="x"))
    elif what == "interaction":
        crm.interactions.add(Interaction(subject=of.id))
    elif isinstance(of, Customer) and (side, more[0]) not in seen:
        seen.add((side, more[0]))
        crm.ship_to_addresses.add(ShipToAddress(customer=of.id, code=more[0], address=Address(city=more[1])))


@given(
    kind=st.sampled_from((Prospect, Customer, "into")),
    fields=st.tuples(FIELDS, FIELDS),
    hanging=st.lists(ADDED, max_size=8),
    rule=st.sampled_from(("fill", "keep", "take", "join")),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_there_and_back(crm: Crm, kind: Any, fields: Any, hanging: Any, rule: str) -> None:
    """Merged, every record is there once or was a duplicate, and none refers to what is gone; taken back, each says
    what it said before. Of a conversion into a customer the same holds.
    """
    classes = (Customer, Prospect) if kind == "into" else (kind, kind)
    accounts = {
        side: crm.repository(cls).add(cls(name=side, **said))
        for side, cls, said in zip(("one", "two"), classes, fields, strict=True)
    }
    seller = crm.salespersons.add(Salesperson(name="Ann"))
    seen: set[Any] = set()
    for one in hanging:
        hang(crm, accounts, one, seller, seen)
    before = contents(crm)
    one, two = accounts["one"], accounts["two"]
    if kind == "into":
        receipt: Any = crm.conversion.convert(two.id, into=one.id, rule=rule)
        merge = crm.merges.get(receipt.merge)
    else:
        receipt = merge = crm.merging.merge(two.id, into=one.id, rule=rule)
    after = contents(crm)
    dropped = {UUID(id) for twins in merge.dropped.values() for id in twins}
    assert before.keys() - after.keys() == {two.id, *dropped}
    assert after.keys() - before.keys() == {receipt.id, merge.id}
    moved = {UUID(id) for by_former in merge.moved.values() for ids in by_former.values() for id in ids}
    assert Counter(before[id].spec.about.plural for id in moved) == Counter(merge.counts)
    gone = {two.id, *dropped}
    for spec in crm.registry.specs:
        held = [field.name for field in spec.fields if field.references]
        assert not [one for one in after.values() if one.spec is spec and gone & {getattr(one, name) for name in held}]
    if kind == "into":
        crm.conversion.undo(receipt.id)
    else:
        crm.merging.undo(receipt.id)
    again = contents(crm)
    assert again.keys() - {receipt.id, merge.id} == before.keys()
    assert [before[id] for id in before if not same_content(before[id], again[id])] == []
