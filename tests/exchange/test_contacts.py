"""Contacts as programs really write them."""

from pathlib import Path

import pytest

from crmkit.entities import Email, Phone, SalesContact
from crmkit.errors import AddressBookClosed, UnknownFormat
from crmkit.exchange.address_book import FileAddressBook, contacts_from, contacts_to
from crmkit.exchange.outlook_csv import ENGLISH, GERMAN, read_outlook_csv, write_outlook_csv
from crmkit.exchange.vcard import read_vcards, write_vcards

# The cards of each real file and the people on them, read off the files by eye.
PEOPLE = {
    "ez-vcard/John_Doe_EVOLUTION.vcf": ["John Doe"],
    "ez-vcard/John_Doe_GMAIL.vcf": ["John Doe"],
    "ez-vcard/fullcontact.vcf": ["FirstName LastName"],
    "ez-vcard/gmail-list.vcf": ["Arnold Smith", "Chris Beatle", "Doug White"],
    "ez-vcard/gmail-single.vcf": ["Greg Dartmouth"],
    "ez-vcard/issue114.vcf": ["Dummy Dummy"],
    "ez-vcard/outlook-2003.vcf": ["John Doe"],
    "ez-vcard/rfc2426-example.vcf": ["Frank Dawson", "Tim Howes"],
    "ez-vcard/rfc6350-example.vcf": ["Simon Perreault"],
    "py-vobject/radicale-1587.vcf": ["Given Family"],
    "sabre/issue153.vcf": ["Test Benutzer"],
}


def without_version(contact: SalesContact) -> object:
    """A contact without the version of the card that it was read from."""
    card = {name: value for name, value in contact.extra["vcard"].items() if name != "version"}
    return contact.spec.cls, card, [getattr(contact, name) for name in contact.spec.content if name != "extra"]


@pytest.mark.parametrize("name", sorted(PEOPLE))
@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_real_cards_are_read_and_written_back(real_data: Path, name: str, version: str) -> None:
    """All cards of a file, and nothing of them is lost."""
    read = read_vcards((real_data / "contacts" / name).read_bytes())
    assert [one.display_name for one in read.contacts] == PEOPLE[name]
    text = write_vcards(read.contacts, version)
    again = read_vcards(text)
    assert [without_version(one) for one in again.contacts] == [without_version(one) for one in read.contacts]
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_one_bad_card_does_not_stop_the_rest() -> None:
    """A bad e-mail stays as it stands, with a remark; a card of nobody is told of."""
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Ríos\nEMAIL:nobody\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    text += "BEGIN:VCARD\nVERSION:2.1\nN;QUOTED-PRINTABLE:R=C3=ADos;Luis\nTEL;CELL:1\nEND:VCARD\n"
    read = read_vcards(text)
    assert [str(one) for one in read.contacts] == ["Ana Ríos", "Luis Ríos"]
    assert read.contacts[1].phones == (Phone("1", "cell"),)
    assert [remark.line for remark in read.remarks] == [4, 7]
    assert "EMAIL:nobody" in write_vcards(read.contacts)


def test_a_file_without_cards_is_refused() -> None:
    """It says what was expected."""
    with pytest.raises(UnknownFormat, match="BEGIN:VCARD"):
        read_vcards("a,b,c")


@pytest.mark.parametrize("name", ["outlook_en_cp1252.csv", "outlook_en_utf8bom.csv"])
def test_outlook_rows_are_read_and_written_back(real_data: Path, name: str) -> None:
    """102 contacts in either encoding, equal after another round."""
    read = read_outlook_csv((real_data / "contacts" / "outlook_derived" / name).read_bytes())
    assert len(read.contacts) == 102
    assert str(read.contacts[1]) == "Judith Warren"
    assert read.contacts[1].emails == (Email("jwarren26@linkedin.com"),)
    assert read_outlook_csv(write_outlook_csv(read.contacts)).contacts == read.contacts


def test_headers_of_three_kinds_are_known(real_data: Path) -> None:
    """English, German and the web's; every German column has its English one."""
    folder = real_data / "contacts" / "outlook_headers"
    for name in ("outlook_en_92.csv", "outlook_de_92_latin1.csv", "outlook_com_live_56.csv"):
        assert read_outlook_csv((folder / name).read_bytes()).contacts == ()
    assert len(ENGLISH) == len(set(ENGLISH)) == 92
    assert set(GERMAN.values()) <= set(ENGLISH)
    with pytest.raises(UnknownFormat, match="First Name"):
        read_outlook_csv("a,b,c\n1,2,3\n")


@pytest.mark.parametrize("name", ["book.vcf", "book.csv"])
def test_a_file_is_an_address_book(tmp_path: Path, name: str) -> None:
    """What is added is appended, twice too; a closed one refuses and nothing is written."""
    book = FileAddressBook(tmp_path / name)
    ana = SalesContact(given_name="Ana", family_name="Ríos", emails=["ana@example.com"], phones=["+34 1"])
    contacts_to(book, [ana])
    contacts_to(book, [ana, SalesContact(company="Acme")])
    assert [str(one) for one in book.all()] == ["Ana Ríos", "Ana Ríos", "Acme"]
    book.select([2])
    assert [str(one) for one in contacts_from(book)] == ["Acme"]
    before = (tmp_path / name).read_bytes()
    book.close()
    with pytest.raises(AddressBookClosed):
        contacts_to(book, [ana])
    with pytest.raises(AddressBookClosed):
        contacts_from(book)
    assert (tmp_path / name).read_bytes() == before
