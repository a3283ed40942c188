"""Laws that hold for any values: what is written is read, and every store answers the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit
from crmkit import Address, Crm, Email, Money, Opportunity, Percent, Phone, Prospect, SalesContact
from crmkit.entities.money import CURRENCIES, LARGEST
from crmkit.entities.text import text_key
from crmkit.exchange.plain import from_json, to_json
from crmkit.exchange.tabular import record_of, row
from crmkit.testing.clocks import ManualClock

LETTERS = st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00")
NAMES = st.text(LETTERS, min_size=1, max_size=40).filter(str.strip)
TEXTS = st.text(LETTERS, max_size=40)
MONEY = st.builds(Money.of_minor, st.integers(0, LARGEST), st.sampled_from(sorted(CURRENCIES)))
PERCENTS = st.builds(Percent.of_basis_points, st.integers(0, 10_000))
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
ADDRESSES = st.builds(Address, TEXTS, city=TEXTS, region=TEXTS, postal_code=TEXTS, country=TEXTS, purpose=TEXTS)
CUSTOM = st.dictionaries(
    NAMES, st.none() | st.booleans() | st.integers(-9, 9) | TEXTS | st.lists(TEXTS, max_size=3), max_size=3
)
PROSPECTS = st.builds(
    Prospect,
    name=NAMES,
    legal_name=TEXTS,
    address=st.none() | ADDRESSES,
    phone=st.none() | st.builds(Phone, NAMES, TEXTS),
    email=st.none() | st.just(Email("Ana@Example.com", "work")),
    company_revenue=st.none() | MONEY,
    employees=st.none() | st.integers(0, 10**9),
    notes=TEXTS,
    custom=CUSTOM,
)
DEALS = st.fixed_dictionaries(
    {
        "description": NAMES,
        "estimated_value": st.none() | MONEY,
        "probability": st.none() | PERCENTS,
        "projected_close": st.none() | DAYS,
        "next_step": TEXTS,
    }
)
CONTACTS = st.builds(
    SalesContact,
    given_name=NAMES,
    emails=st.lists(st.sampled_from(["a@b.c", "A@b.c", "x@y.z"]), max_size=4),
    phones=st.lists(NAMES.map(Phone), max_size=3),
    addresses=st.lists(ADDRESSES, max_size=2),
    categories=st.lists(NAMES, max_size=3),
    birthday=st.none() | DAYS,
)


@pytest.fixture(scope="module")
def stores(module_url: Callable[[str], str]) -> Iterator[list[Crm]]:
    """A CRM on each store, with one clock."""
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    with ExitStack() as opened:
        yield [
            opened.enter_context(crmkit.connect(module_url(name), clock=clock))
            for name in ("memory", "sqlite", "postgresql", "mariadb")
        ]


@given(record=PROSPECTS | CONTACTS)
def test_json_gives_back_what_it_was_given(record: Any) -> None:
    """Whatever the values."""
    assert from_json(type(record), to_json(record)) == record


@given(record=PROSPECTS)
def test_a_row_gives_back_what_it_was_given(record: Prospect) -> None:
    """Whatever the values."""
    assert record_of(Prospect, row(record)) == record


@given(prospect=PROSPECTS, deal=DEALS, contact=CONTACTS)
def test_every_store_keeps_any_values(stores: list[Crm], prospect: Prospect, deal: Any, contact: SalesContact) -> None:
    """What is saved is read, and all stores say the same."""
    answers = []
    for crm in stores:
        with crm.begin() as work:
            account = work.prospects.add(prospect)
            saved = work.opportunities.add(Opportunity(account=account.id, **deal))
            person = work.sales_contacts.add(contact)
            assert work.prospects.get(account.id) == account
            assert work.opportunities.get(saved.id) == saved
            assert work.sales_contacts.get(person.id) == person
            found = work.opportunities.find(description=crmkit.exactly(saved.description), account=account.id)
            answers.append([crmkit.evolve(one, id=crmkit.NIL, account=crmkit.NIL, number="") for one in found])
        assert crm.prospects.get(account.id) == account
        assert crm.sales_contacts.get(person.id) == person
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) == 1


@given(value=st.integers(-LARGEST, LARGEST), share=st.integers(0, 10_000))
def test_a_weighted_amount_is_the_nearest_minor_unit(value: int, share: int) -> None:
    """A half goes to the even one."""
    exact = Fraction(value * share, 10_000)
    assert Money.of_minor(value, "EUR").weighted(Percent.of_basis_points(share)).minor == round(exact)


@given(value=st.integers(-LARGEST, LARGEST), weights=st.lists(st.integers(0, 1000), min_size=1, max_size=9))
def test_an_allocated_amount_loses_nothing(value: int, weights: list[int]) -> None:
    """The parts sum to the whole, and each is within one minor unit of its share."""
    if not sum(weights):
        weights[0] = 1
    parts = Money.of_minor(value, "EUR").allocate(weights)
    assert sum(part.minor for part in parts) == value
    assert all(abs(part.minor - Fraction(value * w, sum(weights))) < 1 for part, w in zip(parts, weights, strict=True))


@given(minor=st.integers(-LARGEST, LARGEST), currency=st.sampled_from(sorted(CURRENCIES)))
def test_an_amount_is_read_as_it_is_shown(minor: int, currency: str) -> None:
    """From its decimal, whatever the currency's minor unit."""
    money = Money.of_minor(minor, currency)
    assert Money(money.amount, currency) == money == Money(str(money.amount), currency)


@given(points=st.integers(-(10**9), 10**9))
def test_a_percentage_is_read_as_it_is_shown(points: int) -> None:
    """To the hundredth of a percent."""
    share = Percent.of_basis_points(points)
    assert Percent(str(share)) == share == Percent(Decimal(points) / 100)


@given(text=st.text(LETTERS))
def test_a_key_has_no_other_key(text: str) -> None:
    """Making a key of a key changes nothing, and case is no part of it."""
    assert text_key(text_key(text)) == text_key(text)
