"""Who is the same company or person, on every store: the evidence, its reasons, and what is not decided for anyone."""

import asyncio
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmkit
from crmkit import (
    Address,
    Ambiguous,
    Crm,
    Customer,
    Email,
    Match,
    MissingExtra,
    NotFound,
    Phone,
    Prospect,
    SalesContact,
)
from crmkit.conversion.matching import account_match, contact_keys, contact_match, keys_of

NAMES = ("Bolt & Sons", "BOLT AND SONS, S.L.", "Nut GmbH", "Asa Depape", "casa depapel", "Gizmo")
TAXES = ("", "B-123", "ESB123", "C999")
EMAILS = (None, "a@bolt.example", "b@bolt.example", "a@gmail.com", "b@gmail.com")
PHONES = (None, "+34 911 234 567", "0034911234567", "911234567")


@st.composite
def accounts(draw: Any) -> Prospect:
    return Prospect(
        name=draw(st.sampled_from(NAMES)),
        legal_name=draw(st.sampled_from(("", *NAMES))),
        tax_number=draw(st.sampled_from(TAXES)),
        email=draw(st.sampled_from(EMAILS)),
        web=draw(st.sampled_from(("", "https://www.bolt.example/x"))),
        phone=draw(st.sampled_from(PHONES)),
    )


@st.composite
def contacts(draw: Any) -> SalesContact:
    return SalesContact(
        given_name=draw(st.sampled_from(("", "Ana", "A.", "Ana María", "Luis"))),
        family_name=draw(st.sampled_from(("Ríos", "Rios García", "Vega"))),
        emails=draw(st.lists(st.sampled_from(("h@x.example", "H@X.example", "b@x.example")), max_size=2)),
        phones=draw(st.lists(st.sampled_from(("+34 911234567", "0034 911 234 567")), max_size=1)),
    )


def said(match: Match[Any] | None) -> Any:
    """A match without whom it is with."""
    return None if match is None else (match.reasons, match.score, match.same)


@given(accounts(), accounts())
def test_what_one_account_says_of_another_the_other_says_of_it(one: Prospect, other: Prospect) -> None:
    """Reasons, score and whether it is the same."""
    shared = keys_of(one) & keys_of(other)
    assert said(account_match(one, other, shared)) == said(account_match(other, one, shared))


@given(contacts(), contacts())
def test_what_one_person_says_of_another_the_other_says_of_them(one: SalesContact, other: SalesContact) -> None:
    """Reasons, score and whether it is the same."""
    shared = contact_keys(one) & contact_keys(other)
    assert said(contact_match(one, other, shared)) == said(contact_match(other, one, shared))


def codes(matches: list[Match[Any]]) -> dict[Any, tuple[list[str], bool]]:
    """By name, the reasons' codes and whether it is the same."""
    return {one.record.name: ([reason.code for reason in one.reasons], one.same) for one in matches}


class TestAccounts:
    """`accounts.matches` and `match`."""

    def test_each_evidence_is_found_and_told(self, crm: Crm) -> None:
        """Whatever the kind and the writing; best first; weak evidence alone is not the same company."""
        asked = Prospect(
            name="Bolt & Sons",
            legal_name="Bolt Holding S.A.",
            tax_number="B-123 456",
            email="ana@bolt.example",
            phone="+34 911 234 567",
        )
        mine = crm.prospects.add(asked)
        others: list[Any] = [
            Customer(name="By tax", tax_number="b123456"),
            Prospect(name="BOLT AND SONS, S.L.", web="https://www.bolt.example"),
            Customer(name="By legal name", legal_name="Bolt y Sons"),
            Prospect(name="By domain", email="luis@BOLT.example"),
            Customer(name="By address", email="Ana@bolt.example"),
            Prospect(name="By phone", phone="0034 911234567"),
            Customer(name="bolt holding", phone="(+34) 911 234 567"),
            Customer(name="bolt & sons ag", tax_number="X999", email="x@bolt.example"),
            Customer(name="Bystander", email="ana@nut.example", phone="+34 911 234 568", tax_number="n/a"),
        ]
        for one in others:
            crm[type(one)].add(one)
        expected = {
            "By tax": (["tax number"], True),
            "BOLT AND SONS, S.L.": (["name", "domain"], True),
            "bolt holding": (["name", "phone"], True),
            "By legal name": (["name"], False),
            "bolt & sons ag": (["name", "domain", "other tax number"], False),
            "By address": (["email"], False),
            "By domain": (["domain"], False),
            "By phone": (["phone"], False),
        }
        for asking in (mine.id, mine, asked):
            found = [one for one in crm.accounts.matches(asking) if one.record.id != mine.id]
            assert codes(found) == expected
        assert [one.record.name for one in crm.accounts.matches(mine.id)][:3] == [
            "By tax",
            "BOLT AND SONS, S.L.",
            "bolt holding",
        ]
        assert codes(crm.customers.matches(mine.id)).keys() == {
            one.name for one in others if isinstance(one, Customer) and one.name in expected
        }
        assert codes(crm.prospects.matches(mine.id)).keys() == {
            one.name for one in others if isinstance(one, Prospect) and one.name in expected
        }
        for match in crm.accounts.matches(mine.id):
            back = next(one for one in crm.accounts.matches(match.record.id) if one.record.id == mine.id)
            assert said(back) == said(match)

    def test_ambiguity_stops_with_the_candidates(self, crm: Crm) -> None:
        """One is given, none is None, several are all named and none is taken."""
        made = crm.prospects.add(Prospect(name="Bolt", tax_number="B1"))
        assert crm.accounts.match(made.id) is None
        first = crm.customers.add(Customer(name="Other", tax_number="b-1"))
        found = crm.customers.match(made.id)
        assert found is not None
        assert found.record == first
        assert crm.prospects.match(made.id) is None
        second = crm.customers.add(Customer(name="Another", tax_number="B 1"))
        with pytest.raises(Ambiguous, match=r"Other.*Another") as several:
            crm.customers.match(made.id)
        assert {one.record.id for one in several.value.candidates} == {first.id, second.id}
        with pytest.raises(NotFound):
            crm.accounts.match(crm.sales_contacts.add(SalesContact(given_name="Ana")).id)

    def test_public_addresses_and_pages_tell_nothing(self, crm: Crm) -> None:
        """Two at one provider are not alike; of one whole address they are possibly."""
        for name, mail in (("One", "one@gmail.com"), ("Two", "two@gmail.com"), ("Three", "ONE@gmail.com")):
            crm.prospects.add(Prospect(name=name, email=mail, web="https://facebook.com/x"))
        one = crm.prospects.find(name="One")[0]
        assert codes(crm.accounts.matches(one)) == {"Three": (["email"], False)}

    def test_what_too_many_have_tells_nothing(self, crm: Crm) -> None:
        """A key of more than fifty is left out, for all of them alike; the others still count."""
        made = crm.prospects.add_many(
            [Prospect(name=f"C{n}", phone="+34 900 000 001", email=f"x{n}@d{n // 2}.example") for n in range(51)]
        ).records
        assert codes(crm.accounts.matches(made[0])) == {"C1": (["domain"], False)}
        assert codes(crm.accounts.matches(made[50])) == {}
        crm.prospects.delete(made[50])
        assert len(crm.accounts.matches(made[0])) == 49

    def test_a_plan_and_a_batch_say_the_same(self, crm: Crm) -> None:
        """Of customers alone, with the same reasons, best first."""
        crm.customers.add(Customer(name="Nut", email="a@bolt.example"))
        crm.customers.add(Customer(name="Bolt S.L.", tax_number="B1"))
        crm.prospects.add(Prospect(name="Bolt", email="b@bolt.example"))
        made = crm.prospects.add(Prospect(name="BOLT", tax_number="b-1", email="c@bolt.example"))
        plan = crm.conversion.plan(made.id)
        assert [one.name for one in plan.duplicates] == ["Bolt S.L.", "Nut"]
        report = crm.conversion.convert_many([made.id])
        assert report.rows[0].reasons == tuple(f"may be {one}" for one in plan.duplicates)
        assert codes(crm.customers.matches(made.id)).keys() == {"Bolt S.L.", "Nut"}

    def test_it_was_so_in_the_past(self, crm: Crm, clock: Any) -> None:
        """As of an instant, the records of that instant are held against each other."""
        clock.tick()
        made = crm.prospects.add(Prospect(name="Bolt"))
        other = crm.customers.add(Customer(name="BOLT"))
        then = clock()
        clock.tick()
        crm.customers.update(other, name="Nut")
        assert crm.accounts.matches(made.id) == []
        assert [one.record.name for one in crm.as_of(then).accounts.matches(made.id)] == ["BOLT"]

    def test_similar_names_are_suggested_where_asked_for(self, crm: Crm) -> None:
        """With the score and its parts; from both sides the same; never as the same company."""
        madrid, lugo = Address(city="Madrid"), Address(city="Lugo")
        one = crm.prospects.add(Prospect(name="Castellana Gizmos S.A.", address=madrid))
        two = crm.customers.add(Customer(name="Castelana Gizmos", address=lugo))
        crm.prospects.add_many([Prospect(name="Asa Depape"), Prospect(name="casa depapel")])
        assert crm.accounts.matches(one.id) == []
        (match,) = crm.accounts.matches(one.id, fuzzy=True)
        (back,) = crm.accounts.matches(two.id, fuzzy=True)
        assert match.record == two
        assert said(back) == said(match)
        assert match.suggested
        assert not match.same
        assert "'castelana gizmos' and 'castellana gizmos', 97 of 100; towns" in str(match)
        asa = crm.prospects.find(sort="name")[0]
        assert asa.name == "Asa Depape"
        assert crm.accounts.matches(asa, fuzzy=True) == []
        assert crm.accounts.match(one.id) is None

    def test_likeness_needs_its_extra_only_where_asked_for(self, crm: Crm, monkeypatch: Any) -> None:
        """Without it, MissingExtra names it."""
        made = crm.prospects.add(Prospect(name="Bolt"))
        monkeypatch.setitem(sys.modules, "rapidfuzz", None)
        assert crm.accounts.matches(made.id) == []
        with pytest.raises(MissingExtra, match="dedupe"):
            crm.accounts.matches(made.id, fuzzy=True)


class TestContacts:
    """`sales_contacts.matches` and `match`."""

    def test_one_address_in_a_household_is_only_possible(self, crm: Crm) -> None:
        """The same address and a name that agrees is the same person; under another name, or none, it is not."""
        ana = crm.sales_contacts.add(SalesContact(given_name="Ana", family_name="Ríos", emails=["Home@rios.example"]))
        for given_name in ("Luis", ""):
            crm.sales_contacts.add(
                SalesContact(given_name=given_name, family_name="Ríos", emails=[Email("home@rios.example")])
            )
        assert [one.same for one in crm.sales_contacts.matches(ana.id)] == [False, False]
        assert crm.sales_contacts.match(ana.id) is None
        again = crm.sales_contacts.add(
            SalesContact(given_name="A.", family_name="RIOS", emails=["other@x.example", "HOME@rios.example"])
        )
        found = crm.sales_contacts.match(ana)
        assert found is not None
        assert found.record == again
        back = crm.sales_contacts.match(again.id)
        assert back is not None
        assert back.record == ana
        crm.sales_contacts.add(SalesContact(given_name="Ana", family_name="Ríos", emails=["home@rios.example"]))
        with pytest.raises(Ambiguous):
            crm.sales_contacts.match(ana.id)

    def test_the_same_name_and_number_is_the_same_person(self, crm: Crm) -> None:
        """A number alone is colleagues'; a name alone is found at the same account."""
        acme = crm.customers.add(Customer(name="Acme"))
        ana = crm.sales_contacts.add(
            SalesContact(given_name="Ana", family_name="Ríos", phones=[Phone("+34 911 234 567")], accounts=[acme.id])
        )
        made = {
            "same": SalesContact(given_name="ana", family_name="rios", phones=["0034911234567"]),
            "colleague": SalesContact(given_name="Luis", family_name="Vega", phones=["+34911234567"]),
            "namesake": SalesContact(given_name="Ana", family_name="Ríos", accounts=[acme.id]),
            "elsewhere": SalesContact(given_name="Ana", family_name="Ríos"),
        }
        ids = {crm.sales_contacts.add(one).id: name for name, one in made.items()}
        found = crm.sales_contacts.matches(ana.id)
        assert [(ids[one.record.id], [reason.code for reason in one.reasons], one.same) for one in found] == [
            ("same", ["phone", "name"], True),
            ("namesake", ["name", "account"], False),
            ("colleague", ["phone", "other name"], False),
        ]

    def test_similar_names_at_one_account_are_suggested(self, crm: Crm) -> None:
        """Where asked for; at other accounts they are not."""
        acme = crm.customers.add(Customer(name="Acme"))
        ana = crm.sales_contacts.add(SalesContact(given_name="Anna", family_name="Rodríguez", accounts=[acme.id]))
        crm.sales_contacts.add(SalesContact(given_name="Ana", family_name="Rodrigues", accounts=[acme.id]))
        crm.sales_contacts.add(SalesContact(given_name="Ana", family_name="Rodrigues"))
        assert crm.sales_contacts.matches(ana.id) == []
        (match,) = crm.sales_contacts.matches(ana.id, fuzzy=True)
        assert match.suggested
        assert "'ana rodrigues' and 'anna rodriguez'" in str(match)


def test_it_is_awaited_too() -> None:
    """Under the same names, on a unit of work too."""

    async def ask() -> list[Any]:
        async with await crmkit.connect_async("memory:") as crm:
            made = await crm.prospects.add(Prospect(name="Bolt", tax_number="B1"))
            other = await crm.customers.add(Customer(name="Nut", tax_number="b-1"))
            ana = await crm.sales_contacts.add(SalesContact(given_name="Ana", emails=["a@x.example"]))
            async with crm.begin(read_only=True) as work:
                found = [await work.customers.match(made.id), *await work.accounts.matches(other.id)]
            return [*(one.record.name for one in found), await crm.sales_contacts.match(ana.id)]

    assert asyncio.run(ask()) == ["Nut", "Bolt", None]


def test_a_batch_with_its_likes_takes_few_statements(crm: Crm) -> None:
    """Not more than 20, where each prospect has one and shares a domain with others."""
    store: Any = crm.store
    if not hasattr(store, "fault_at"):
        return
    crm.customers.add_many([Customer(name=f"Company {n} Ltd", tax_number=f"t-{n}") for n in range(1, 61)])
    prospects = [Prospect(name=f"Company {n}", tax_number=f"T{n}", email=f"a@d{n % 3}.example") for n in range(1, 61)]
    made = crm.prospects.add_many(prospects).records
    unit: Any = type(store.begin(tenant="x", clock=crm.now, read_only=True))
    execute = unit.execute
    said: list[str] = []

    def noted(self: Any, statement: str, values: Any = ()) -> Any:
        said.append(statement)
        return execute(self, statement, values)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(unit, "execute", noted)
        patched.setattr(store, "fault_at", said.append)
        report = crm.conversion.convert_many([one.id for one in made])
    assert len(said) <= 20
    assert all("the same tax number" in row.reasons[0] for row in report)
