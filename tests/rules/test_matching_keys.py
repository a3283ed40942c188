"""Keys: what is written differently and is one thing has one; what is not, has not; and no text is too strange."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities.matching import (
    KEYS,
    LONGEST_KEY,
    company_key,
    domain_key,
    email_domain_key,
    email_key,
    person_key,
    phone_key,
    tax_number_key,
)

ONE_COMPANY = [
    ["Bolt & Sons, S.L.", "BOLT AND SONS SL", "Bolt + Sons", "Bolt y Sons S. L. U.", "bolt  &  sons (S.L.)"],
    ["Müller GmbH & Co. KG", "MULLER G.m.b.H.", "Müller Gesellschaft mit beschränkter Haftung", "Müller AG"],
    ["García y Cía., S.A.", "Garcia Sociedad Anónima", "GARCÍA S A"],
    ["Kowalski Sp. z o.o.", "Kowalski sp z oo", "Kowalski spółka z ograniczoną odpowiedzialnością"],
    ["Grupo Roble, S.A. de C.V.", "Grupo Roble S de RL de CV", "GRUPO ROBLE"],
    ["Acme Pty Ltd", "Acme (Pty) Limited", "ACME, Inc.", "Acme Corp.", "Acme PLC", "Acme LLC", "Acme Company"],
    ["Hansen A/S", "Hansen ApS", "Hansen AS", "HANSEN AB"],
    ["Virtanen Oy", "Virtanen Osakeyhtiö"],
    ["Rossi e Figli S.n.c.", "Rossi & Figli s.r.l.", "ROSSI FIGLI S.P.A."],
    ["SARL Dupont", "Dupont S.A.R.L.", "Dupont SAS"],
    ["Novák s.r.o.", "Novak a.s."],
    ["Kiss Kft.", "Kiss Zrt"],
    ["Horvat d.o.o.", "Horvat d.d."],
    ["Silva Lda.", "Silva, Ltda"],
    ["De Vries B.V.", "De Vries N.V.", "De Vries Besloten Vennootschap"],
    ["Yılmaz A.Ş.", "Yilmaz Ltd. Şti."],  # noqa: RUF001 - as it is written
    ["Sato K.K.", "SATO KK"],
    ["I.B.X. Corp.", "IBX", "I B X Inc"],
    ["O'Reilly's Pub", "OReillys Pub"],
    ["ООО Ромашка", "Ромашка ООО"],  # noqa: RUF001 - in Cyrillic
    ["株式会社サトウ", "サトウ株式会社", "サトウ（株）"],  # noqa: RUF001 - fullwidth, as it is written
]


@pytest.mark.parametrize("names", ONE_COMPANY, ids=lambda names: str(names[0]))
def test_one_company_has_one_key(names: list[str]) -> None:
    """However it writes its legal form, its accents, its dots and its ands."""
    assert len({company_key(name) for name in names}) == 1


def test_different_companies_have_different_keys() -> None:
    """No two of the companies above, and no two names that only sound alike."""
    keys = [company_key(names[0]) for names in ONE_COMPANY]
    assert len(set(keys)) == len(keys)
    assert company_key("Asa Depape") != company_key("casa depapel")
    assert company_key("Mueller") != company_key("Muller")


@pytest.mark.parametrize("name", ["AG", "S.A.", "Limited", "GmbH & Co. KG", "The Co", "株式会社", "SA SL"])
def test_a_name_of_legal_forms_alone_keeps_its_last_word(name: str) -> None:
    """Nothing is dropped down to nothing."""
    assert company_key(name)


@pytest.mark.parametrize("name", ["", "---", "?", "  "])
def test_a_name_without_letters_has_no_key(name: str) -> None:
    """It tells nobody apart."""
    assert company_key(name) == ""


@pytest.mark.parametrize(
    ("web", "key"),
    [
        ("https://user:pw@www.Acme.Example:8080/x?y#z", "acme.example"),
        ("WWW.ACME.EXAMPLE.", "acme.example"),
        ("//acme.example", "acme.example"),
        ("http://müller.example/", "xn--mller-kva.example"),
        ("shop.acme.example", "shop.acme.example"),
        ("https://www.facebook.com/acme", ""),
        ("es.linkedin.com/company/acme", ""),
        ("gmail.com", ""),
        ("localhost", ""),
        ("10.0.0.1", ""),
        ("none yet", ""),
    ],
)
def test_a_web_address_is_told_by_its_host(web: str, key: str) -> None:
    """Unless anybody may have a page there, or it is none."""
    assert domain_key(web) == key


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("Ana@ACME.example", "acme.example"),
        ("ana@müller.example", "xn--mller-kva.example"),
        ("Ana@gmail.com", "ana@gmail.com"),
        ("ana@hotmail.co.uk", "ana@hotmail.co.uk"),
        ("ana@yahoo.es", "ana@yahoo.es"),
        ("ana@live.example", "live.example"),
        ("nobody", ""),
    ],
)
def test_an_address_is_told_by_its_domain_unless_that_is_anybodys(address: str, key: str) -> None:
    """At a public provider the whole address tells."""
    assert email_domain_key(address) == key


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("+34 91 123 45 67", "+34911234567"),
        ("0034-911.234.567", "+34911234567"),
        ("(+34) 911 234 567", "+34911234567"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("tel:+1-800-555-0199;ext=5", "+18005550199"),
        ("+1 (555) 010-9999 x4", "+15550109999"),
        ("\N{FULLWIDTH PLUS SIGN}34 911 234 567", "+34911234567"),
        ("911 234 567 ext. 12", "911234567"),
        ("(020) 7946 0000", "02079460000"),
        ("12", ""),
        ("ask Ana", ""),
        ("+1234567890123456", ""),
    ],
)
def test_a_telephone_number_is_told_by_its_digits(number: str, key: str) -> None:
    """In E.164 where it says its country; without extension."""
    assert phone_key(number) == key


@pytest.mark.parametrize(
    ("number", "key"),
    [("es-B12 345.678", "ESB12345678"), ("n/a", ""), ("0000", ""), ("-", ""), ("99999999", ""), ("x1", "X1")],
)
def test_a_tax_number_is_told_by_letters_and_digits(number: str, key: str) -> None:
    """What stands for none is none."""
    assert tax_number_key(number) == key


def strange(folder: Path) -> Iterator[str]:
    """Every text of the collection of hostile inputs."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "replace")
            yield from text.splitlines()
            if path.suffix == ".csv":
                yield from (cell for row in csv.reader(text.splitlines()) for cell in row)
            if path.suffix == ".json":
                try:
                    said = json.loads(text)
                except (ValueError, RecursionError):
                    continue
                yield from (item for item in said if isinstance(item, str)) if isinstance(said, list) else ()


def lawful(text: str) -> None:
    """A key's key is itself, and it is not longer than a store keeps."""
    for by, key_of in KEYS.items():
        key = key_of(text)
        assert len(key) <= LONGEST_KEY
        if by == "e-mail domain" and "@" not in key:
            assert not key or key_of(f"x@{key}") == key
        else:
            assert key_of(key) == key, (by, text)
    assert person_key(person_key(text)) == person_key(text)


def test_no_text_is_too_strange(real_data: Path) -> None:
    """The hostile inputs raise nothing, and their keys are keys of themselves."""
    for text in strange(real_data / "fuzz"):
        lawful(text)


LETTERS = st.text(alphabet=st.sampled_from("aeislgmbhcokgdøéß '.&/-+@0123\u0301\u017f\ufdfa株式会社ОоΣσİ"), max_size=40)  # noqa: RUF001 - on purpose


@given(st.text(max_size=130) | LETTERS | st.lists(LETTERS, max_size=40).map(" ".join))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    """So a key may be asked for as it is stored."""
    lawful(text)


@given(st.text(max_size=300))
def test_an_email_key_is_an_address_or_nothing(text: str) -> None:
    """Whatever it is made from."""
    assert email_key(text).count("@") >= bool(email_key(text))


@pytest.mark.parametrize("key", [*KEYS.values(), person_key])
def test_no_more_of_a_text_is_looked_at_than_any_field_keeps(key: Callable[[str], str]) -> None:
    """Whatever stands behind the thousandth character, so that no text takes long."""
    for text in ("x" * 20_000, "sl " * 9_000, "a." * 10_000, "é" * 20_000, "1" * 20_000, "a@" * 10_000):
        assert key(text) == key(text[:1_000])


def test_a_scheme_stands_in_front() -> None:
    """One that stands further behind is none, and what stands in front of it is no host."""
    assert domain_key("https://acme.example/http://other.example") == "acme.example"
    assert domain_key("1http://acme.example") == ""
    assert domain_key(f"https://{'u' * 300}.example") == ""
