"""Merges and conversions of the same records, undone in any order: exactly, or not before the later ones."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Conversion,
    Crm,
    CrmkitError,
    Customer,
    Lead,
    Merge,
    Note,
    Prospect,
    Refused,
    SalesContact,
    Salesperson,
    TeamAssignment,
    same_content,
)

RULES: Final = st.sampled_from(("fill", "keep", "take", "join"))
FIELDS: Final = st.fixed_dictionaries(
    {
        "employees": st.sampled_from((None, 1, 2)),
        "notes": st.sampled_from(("", "x", "y")),
        "custom": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2),
    },
)
ACCOUNT: Final = st.integers(0, 3)
CONTACT: Final = st.integers(0, 2)
WORLD: Final = st.fixed_dictionaries(
    {
        "kinds": st.tuples(*[st.sampled_from((Prospect, Customer))] * 4),
        "fields": st.tuples(*[FIELDS] * 4),
        "persons": st.tuples(
            *[st.tuples(st.sets(ACCOUNT, max_size=3), st.lists(st.sampled_from("ef"), unique=True, max_size=2))] * 3
        ),
        "leads": st.lists(st.tuples(ACCOUNT, CONTACT, st.booleans()), max_size=3),
        "sellers": st.lists(st.tuples(ACCOUNT, st.booleans()), max_size=3, unique_by=lambda one: one[0]),
    }
)
STEP: Final = st.one_of(
    *[
        st.tuples(st.just("accounts"), st.just(one), st.just(into), RULES, st.booleans())
        for one, into in ((1, 0), (2, 0))
    ],
    *[
        st.tuples(st.just("contacts"), st.just(one), st.just(into), RULES, st.just(value=False))
        for one, into in ((0, 1),)
    ],
    st.tuples(st.just("accounts"), ACCOUNT, ACCOUNT, RULES, st.booleans()),
    st.tuples(st.just("contacts"), CONTACT, CONTACT, RULES, st.just(value=False)),
    st.tuples(st.just("convert"), ACCOUNT, ACCOUNT, RULES, st.booleans()),
)
"""A step of a history: what, which, into which, and how. Most often several go into one."""


@pytest.fixture(scope="module")
def one_crm(module_url: Callable[[str], str], module_store: str) -> Iterator[Crm]:
    """One CRM for all examples: each makes records of its own."""
    with crmkit.connect(module_url(module_store)) as crm:
        yield crm


def contents(crm: Crm) -> dict[UUID, Any]:
    """All records of a tenant, those of traces apart."""
    specs = [spec for spec in crm.registry.specs if spec.cls not in (Merge, Conversion)]
    return {one.id: one for spec in specs for one in crm.repository(spec.cls).all()}


def made(crm: Crm, world: dict[str, Any]) -> tuple[list[UUID], list[UUID]]:
    """The accounts and the contacts of a world that was drawn, with what hangs from them."""
    accounts = [
        crm.repository(kind).add(kind(name="N", **said)).id
        for kind, said in zip(world["kinds"], world["fields"], strict=True)
    ]
    contacts = [
        crm.sales_contacts.add(
            SalesContact(
                given_name="Ana",
                accounts=[accounts[each] for each in sorted(linked)],
                emails=[f"{mail}@b.example" for mail in mails],
            )
        ).id
        for linked, mails in world["persons"]
    ]
    for account, contact, named in world["leads"]:
        linked = account in world["persons"][contact][0]
        person = contacts[contact] if named and linked else None
        crm.leads.add(Lead(account=accounts[account], sales_contact=person))
    seller = crm.salespersons.add(Salesperson(name="Ann"))
    for account, primary in world["sellers"]:
        target = accounts[account]
        crm.team_assignments.add(TeamAssignment(target=target, holder=seller.id, role="a", primary=primary))
    for link in list(crm.contact_accounts.find(account=accounts[0])):
        crm.notes.add(Note(target=link.id, text="x"))
    return accounts, contacts


def done(crm: Crm, accounts: list[UUID], contacts: list[UUID], step: tuple[Any, ...]) -> Any:
    """The receipt of a step, or nothing where it cannot be done."""
    what, one, other, rule, opening = step
    try:
        if what == "contacts":
            return crm.sales_contacts.merge(contacts[one], into=contacts[other], rule=rule)
        kinds = [type(crm.accounts.get(accounts[each])) for each in (one, other)]
        lead = next(iter(crm.leads.find(account=accounts[one])), None) if opening else None
        asked: Any = {"opportunity": lead.id if lead else None}
        if what == "convert":
            return crm.conversion.convert(accounts[one], **asked)
        if kinds == [Prospect, Customer]:
            into = accounts[other]
            return crm.conversion.convert(accounts[one], into=into, rule=rule, merge_contacts="same", **asked)
        return crm.merging.merge(accounts[one], into=accounts[other], rule=rule)
    except CrmkitError:
        return None


def undone(crm: Crm, receipt: Any) -> Refused | None:
    """What is in the way of undoing it, if anything is."""
    try:
        (crm.merging if isinstance(receipt, Merge) else crm.conversion).undo(receipt)
    except Refused as refused:
        return refused
    return None


@given(
    world=WORLD,
    steps=st.lists(STEP, min_size=2, max_size=8),
    order=st.none() | st.randoms(use_true_random=False),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_in_any_order(one_crm: Crm, world: Any, steps: Any, order: Any) -> None:
    """Undone in any order, each is taken back or refused, and then nothing has changed and a later one is named; with
    those that were refused undone in reverse order, every record says what it said before.
    """
    crm = one_crm
    accounts, contacts = made(crm, world)
    before = contents(crm)
    receipts = [receipt for step in steps if (receipt := done(crm, accounts, contacts, step)) is not None]
    standing = dict(enumerate(receipts))
    shuffled = list(standing)
    if order is not None:  # else the first one first, where most is in the way
        order.shuffle(shuffled)
    for place in shuffled:
        now = contents(crm)
        refused = undone(crm, receipts[place])
        if refused is None:
            del standing[place]
        else:
            later = {one.number for at, one in standing.items() if at > place}
            assert any(number in str(refused) for number in later), refused
            assert contents(crm) == now
    for place in sorted(standing, reverse=True):
        assert undone(crm, receipts[place]) is None
    after = contents(crm)
    assert after.keys() == before.keys()
    assert [(before[id], after[id]) for id in before if not same_content(before[id], after[id])] == []


def in_order(crm: Crm, first: Any, second: Any) -> Refused:
    """What is in the way of undoing the first; then both are undone, the last one first."""
    refused = undone(crm, first)
    assert refused is not None
    assert undone(crm, second) is None
    assert undone(crm, first) is None
    return refused


def test_contacts_and_then_their_accounts(crm: Crm) -> None:
    """Where the accounts of two contacts are merged after these, the link that would go back was dropped: refused."""
    one, two = (crm.prospects.add(Prospect(name=name)) for name in ("One", "Two"))
    ana, anna = (crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[each.id])) for each in (one, two))
    first = crm.sales_contacts.merge(ana.id, into=anna.id)
    second = crm.prospects.merge(one.id, into=two.id)
    refused = in_order(crm, first, second)
    assert [(one.code, one.record) for one in refused.findings] == [("built-upon", second.id)]
    assert [list(crm.sales_contacts.get(each.id).accounts) for each in (ana, anna)] == [[one.id], [two.id]]


@pytest.mark.parametrize("rule", ["take", "fill", "join"])
@pytest.mark.parametrize("field", ["employees", "notes", "custom"])
@pytest.mark.parametrize("kind", [Customer, Prospect])
def test_two_that_set_one_field(crm: Crm, kind: Any, field: str, rule: str) -> None:
    """Where a later one has set what the first one had set, the later one is named with the field, and both are exact
    in the other order; where it has set nothing, either order is.
    """
    values = {"employees": (1, 5, 6), "notes": ("1", "5", "6"), "custom": ({"a": 1}, {"a": 5}, {"a": 6})}[field]
    own = kind(name="C", **({} if rule == "fill" else {field: values[0]}))
    survivor = crm.repository(kind).add(own)
    others = [crm.prospects.add(Prospect(name="C", **{field: value})).id for value in values[1:]]
    into = crm.conversion.convert if kind is Customer else crm.prospects.merge
    asked: Any = {"into": survivor.id, "fields": {field: rule}}
    first, second = (into(other, **asked) for other in others)
    if rule == "fill" or (field, rule) in {("employees", "join"), ("custom", "join")}:
        assert undone(crm, first) is None
        assert undone(crm, second) is None
    else:
        assert {(one.code, one.field, one.record) for one in in_order(crm, first, second).findings} == {
            ("set-since", {"custom": "custom.a"}.get(field, field), second.id)
        }
    assert same_content(crm.repository(kind).get(survivor.id), survivor)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("rule", ["take", "fill", "join"])
@pytest.mark.parametrize("kind", [Customer, Prospect])
def test_several_that_set_keys_of_their_own(crm: Crm, kind: Any, rule: str, order: tuple[int, ...]) -> None:
    """Custom fields are fields each for itself: none is lost, none asked about, and each goes with its own merge, in
    whatever order; one that was edited since keeps its edit, and the others of its merge go.
    """
    survivor = crm.repository(kind).add(kind(name="C", custom={"own": 1}))
    said: list[dict[str, Any]] = [{"a": 5, "edited": 5}, {"b": None}, {"c": {"d": [6]}}]
    others = [crm.prospects.add(Prospect(name="C", custom=one)).id for one in said]
    into = crm.conversion.convert if kind is Customer else crm.prospects.merge
    receipts = [into(other, into=survivor.id, fields={"custom": rule}) for other in others]
    now = crm.repository(kind).get(survivor.id)
    assert now.custom == {"own": 1, "a": 5, "edited": 5, "b": None, "c": {"d": (6,)}}
    crm.repository(kind).update(now, custom={**now.custom, "edited": 9, "new": 9})
    left = dict(enumerate(said))
    for place in order:
        assert undone(crm, receipts[place]) is None
        del left[place]
        kept = {key for one in left.values() for key in one}
        assert crm.repository(kind).get(survivor.id).custom.keys() == kept | {"own", "edited", "new"}
    assert crm.repository(kind).get(survivor.id).custom == {"own": 1, "edited": 9, "new": 9}


@pytest.mark.parametrize(("rule", "survives"), [("keep", {"a": 1, "b": 2}), ("take", {"a": 5, "b": 2, "c": 6})])
def test_custom_fields_survive_each_by_the_rule(crm: Crm, rule: str, survives: dict[str, int]) -> None:
    """What the absorbed record does not say is not taken from it; keys that both have are asked about, others not."""
    one = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"a": 1, "b": 2}))
    other = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"a": 5, "c": 6}))
    plan = crm.sales_contacts.plan_merge(other.id, into=one.id, fields={"custom": "ask"})
    assert [(finding.code, finding.field) for finding in plan.refused] == [("ask", "custom")]
    third = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"c": 6}))
    assert not crm.sales_contacts.plan_merge(third.id, into=one.id, fields={"custom": "ask"}).refused
    receipt = crm.sales_contacts.merge(other.id, into=one.id, fields={"custom": rule})
    assert dict(crm.sales_contacts.get(one.id).custom) == survives
    crm.merging.undo(receipt.id)
    assert same_content(crm.sales_contacts.get(one.id), one)


def test_a_custom_field_that_a_conversion_made_something_else_of(crm: Crm) -> None:
    """It is named by its key; the others of the merge are not."""
    one = crm.prospects.add(Prospect(name="One", custom={"a": 1}))
    two = crm.prospects.add(Prospect(name="Two", custom={"a": 5, "b": 5}))
    first = crm.prospects.merge(two.id, into=one.id, fields={"custom": "take"})
    second = crm.conversion.convert(one.id, custom={"a": 9, "b": 5})
    (found,) = in_order(crm, first, second).findings
    assert (found.code, found.field, found.record) == ("set-since", "custom.a", second.id)
    assert dict(crm.prospects.get(one.id).custom) == {"a": 1}


def test_a_conversion_that_made_something_else_of_a_field(crm: Crm) -> None:
    """What a merge had set, and the survivor's conversion has not taken over, is not put back before that is undone."""
    one, two = (crm.prospects.add(Prospect(name="One", employees=count)) for count in (1, 5))
    first = crm.prospects.merge(two.id, into=one.id, fields={"employees": "take"})
    second = crm.conversion.convert(one.id, employees=9)
    (found,) = in_order(crm, first, second).findings
    assert (found.code, found.field, found.record) == ("set-since", "employees", second.id)
    assert crm.prospects.get(one.id).employees == 1


def test_what_a_conversion_opened_goes_after_a_merge_that_moved_it(crm: Crm) -> None:
    """A merge of the contact of the opened opportunity is in the way; undone, it has touched nothing."""
    prospect = crm.prospects.add(Prospect(name="One"))
    ana, anna = (crm.sales_contacts.add(SalesContact(given_name="Ana", accounts=[prospect.id])) for _ in range(2))
    lead = crm.leads.add(Lead(account=prospect.id, sales_contact=ana.id))
    first = crm.conversion.convert(prospect.id, opportunity=lead.id)
    second = crm.sales_contacts.merge(ana.id, into=anna.id)
    assert [one.record for one in in_order(crm, first, second).findings] == [second.id]
    assert crm.opportunities.count() == crm.opportunity_contacts.count() == 0
