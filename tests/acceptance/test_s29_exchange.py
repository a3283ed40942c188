"""Contacts in from and out to an address book, never synchronised; reports of the user's own, and to Excel."""

import csv
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from crmkit import (
    Address,
    AddressBookClosed,
    ContactsExported,
    ContactsImported,
    Crm,
    Event,
    Interaction,
    Lead,
    Money,
    Prospect,
    SalesContact,
)
from crmkit.exchange.address_book import FileAddressBook, MemoryAddressBook
from crmkit.exchange.csv_file import read_csv, write_csv
from crmkit.exchange.excel import read_workbook


@pytest.fixture(params=["memory", "contacts.vcf", "contacts.csv"])
def open_book(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """Opens an address book that holds these contacts, some of them highlighted: in memory, vCards, Outlook's CSV."""

    def open_one(contacts: Iterable[SalesContact], selected: Sequence[int] = ()) -> Any:
        if request.param == "memory":
            book = MemoryAddressBook()
        else:
            book = FileAddressBook(tmp_path / f"{len(list(tmp_path.iterdir()))} {request.param}")
        book.add(contacts)
        book.select(selected)
        return book

    return open_one


def people(*names: str) -> list[SalesContact]:
    """Contacts with these names."""
    return [
        SalesContact(given_name=name, emails=[f"{name.lower()}@example.com"], phones=["+34 600 000 001"])
        for name in names
    ]


def test_s29_import_does_not_synchronise(crm: Crm, open_book: Any) -> None:
    """Importing the same contact twice gives two records with different numbers; the first is left as it is."""
    book = open_book(people("Ana"), selected=[0])
    (first,) = crm.sales_contacts.import_from(book)
    (second,) = crm.sales_contacts.import_from(book)
    assert first.number != second.number
    assert list(crm.sales_contacts.find()) == [first, second]
    said = [(one.given_name, one.emails, one.phones) for one in (first, second)]
    assert said[0] == said[1]
    assert [len(crm.sales_contacts.history(one.id)) for one in (first, second)] == [1, 1]


def test_s30_export_does_not_synchronise(crm: Crm, open_book: Any, everything: Any) -> None:
    """Exporting the same contact twice leaves two in the address book, and nothing changed here."""
    ana = crm.sales_contacts.add(people("Ana")[0])
    book = open_book([])
    before = everything(crm)
    crm.sales_contacts.export_to(book, [ana.id])
    crm.sales_contacts.export_to(book, [ana.id])
    assert [one.given_name for one in book.all()] == ["Ana", "Ana"]
    assert everything(crm) == before


def test_s30_what_was_exported_can_be_imported_anew(crm: Crm, beside: Any, open_book: Any) -> None:
    """A contact exported to a book and imported from it is a new contact, here or in another company's CRM."""
    account = crm.prospects.add(Prospect(name="Acme"))
    ana = crm.sales_contacts.add(attrs.evolve(people("Ana")[0], accounts=[account.id]))
    book = open_book([])
    crm.sales_contacts.export_to(book)
    book.select([0])
    for other, number in ((crm, "SC000002"), (beside(tenant="other"), "SC000001")):
        (imported,) = other.sales_contacts.import_from(book)
        assert imported.id != ana.id
        assert (imported.number, imported.version, imported.accounts) == (number, 1, ())
        assert (imported.given_name, imported.emails) == (ana.given_name, ana.emails)
        assert [phone.number for phone in imported.phones] == [phone.number for phone in ana.phones]
    assert crm.sales_contacts.get(ana.id) == ana


def test_s31_the_address_book_must_be_open(crm: Crm, open_book: Any, everything: Any) -> None:
    """A closed address book is a typed error both ways; nothing is written on either side, and nothing is told."""
    ana = crm.sales_contacts.add(people("Ana")[0])
    heard: list[Event] = []
    crm.on(Event, lambda event, _: heard.append(event))
    book = open_book(people("Ben"), selected=[0])
    book.close()
    before = everything(crm)
    for call in (
        lambda: crm.sales_contacts.import_from(book),
        lambda: crm.sales_contacts.export_to(book),
        lambda: crm.sales_contacts.export_to(book, [ana.id]),
    ):
        with pytest.raises(AddressBookClosed, match="open it, then try again"):
            call()
    assert everything(crm) == before
    assert heard == []
    book.open()
    assert [one.given_name for one in book.all()] == ["Ben"]


def test_s32_import_takes_the_highlighted_contacts(crm: Crm, open_book: Any) -> None:
    """Of five contacts in the book with two highlighted, exactly these two are imported."""
    heard: list[ContactsImported] = []
    crm.on(ContactsImported, lambda event, _: heard.append(event))
    book = open_book(people("Ana", "Ben", "Eva", "Leo", "Sol"), selected=[1, 3])
    imported = crm.sales_contacts.import_from(book)
    assert [one.given_name for one in imported] == ["Ben", "Leo"]
    assert list(crm.sales_contacts.find()) == list(imported)
    assert [event.contacts for event in heard] == [imported]


def test_s33_export_selected_or_all(crm: Crm, open_book: Any) -> None:
    """Exporting the selected contact exports one, exporting all exports every one."""
    heard: list[ContactsExported] = []
    crm.on(ContactsExported, lambda event, _: heard.append(event))
    contacts = [crm.sales_contacts.add(one) for one in people("Ana", "Ben", "Eva")]
    one, every = open_book([]), open_book([])
    assert crm.sales_contacts.export_to(one, [contacts[1].id]) == (contacts[1],)
    assert [held.given_name for held in one.all()] == ["Ben"]
    assert crm.sales_contacts.export_to(every) == tuple(contacts)
    assert [held.given_name for held in every.all()] == ["Ana", "Ben", "Eva"]
    assert [len(event.contacts) for event in heard] == [1, 3]


LEAD_COLUMNS = (
    "id version recorded_at recorded_by number account status source quality description sales_contact salesperson "
    "territory campaign received_on next_step follow_up_on custom"
)
PROSPECT_COLUMNS = (
    "id version recorded_at recorded_by name legal_name tax_number "
    "address_street address_city address_region address_postal_code address_country address_purpose "
    "phone phone_purpose email email_purpose web territory salesperson sic_code "
    "company_revenue company_revenue_currency employees currency notes number custom"
)


@pytest.fixture
def filled(crm: Crm) -> Crm:
    """A CRM with records whose texts and figures a spreadsheet would love to misread."""
    for name in (
        "=1+1",
        "+34",
        "-5",
        "@SUM(A1)",
        "'quoted",
        "007",
        "1e5",
        "2026-03-02",
        "TRUE",
        'Año; "x",\n\ty',
        "🚲",
    ):
        crm.prospects.add(
            Prospect(
                name=name,
                phone="+34 91 555",
                address=Address("Calle 1\nPiso 2", city=name, purpose="work"),
                sic_code="0751",
                company_revenue=Money("12345678901.23", "EUR"),
                employees=0,
                notes=f"  {name}\n",
                custom={"rating": name, "nested": {"n": [1, None, True]}},
            )
        )
    prospect = crm.prospects.find()[0]
    lead = crm.leads.add(Lead(account=prospect.id, received_on=date(1899, 12, 31), description="=cmd|' /C calc'!A0"))
    crm.leads.promote(lead.id, estimated_value=Money("0.01", "EUR"), probability="33.33")
    crm.interactions.add(
        Interaction(subject=prospect.id, happened_at=datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC))
    )
    crm.sales_contacts.add(
        SalesContact(given_name="=1+1", emails=["a@x.example"], categories=["=2+2"], preferences={"phone": False})
    )
    return crm


def test_s35_rows_have_the_documented_columns_in_their_order(filled: Crm) -> None:
    """A row export has, for each entity, the documented columns in the documented order, and the records' values."""
    for repository, names in ((filled.leads, LEAD_COLUMNS), (filled.prospects, PROSPECT_COLUMNS)):
        for shown in repository.find().to_rows():
            assert list(shown) == names.split()
    lead, shown = filled.leads.find()[0], filled.leads.find().to_rows()[0]
    assert (shown["id"], shown["number"], shown["received_on"]) == (str(lead.id), "L000001", date(1899, 12, 31))
    (chance,) = filled.opportunities.find().to_rows()
    assert (chance["estimated_value"], chance["estimated_value_currency"]) == (Decimal("0.01"), "EUR")
    assert (chance["probability"], chance["lead"]) == (Decimal("33.33"), str(lead.id))
    for spec in filled.registry.specs:
        for shown in filled.repository(spec.cls).find().to_rows():
            names_shown = list(shown)
            assert names_shown[:4] == ["id", "version", "recorded_at", "recorded_by"]
            assert names_shown[-1] == "custom"
            declared = [field.name for field in spec.fields if field.name != "custom"]
            first = {name: next(n for n in names_shown if n == name or n.startswith(f"{name}_")) for name in declared}
            places = [names_shown.index(first[name]) for name in declared]
            assert places == sorted(places)


def test_s35_rows_of_both_kinds_of_account(filled: Crm) -> None:
    """Rows of prospects and customers together have the columns of both, empty where the one has no such field."""
    filled.conversion.convert(filled.prospects.find()[0].id, credit_hold=True)
    rows = filled.accounts.find().to_rows()
    assert len(rows) == 11
    assert {tuple(shown) for shown in rows} == {tuple(rows[0])}
    assert {"name", "number", "credit_hold"} <= set(rows[0])
    held = [shown["credit_hold"] for shown in rows]
    assert (held.count(True), held.count(None)) == (1, 10)
    assert len(filled.accounts.find().to_pandas()) == 11


@pytest.mark.parametrize("plural", ["prospects", "leads", "opportunities", "interactions", "sales_contacts", "stages"])
def test_s36_a_workbook_reads_back_equal(filled: Crm, tmp_path: Path, plural: str) -> None:
    """Records written to a workbook, by a query or all of them, read back equal, history's fields and all."""
    kind = filled.repository(plural).kind
    records = list(filled.repository(plural).find())
    assert records
    filled.repository(plural).find().to_excel(tmp_path / "some.xlsx")
    filled.to_excel(tmp_path / "all.xlsx")
    for name in ("some.xlsx", "all.xlsx"):
        reading = read_workbook(tmp_path / name, kind)
        assert reading.faults == ()
        assert list(reading.records) == records


@pytest.mark.parametrize("plural", ["prospects", "leads", "opportunities", "interactions", "sales_contacts", "stages"])
def test_s36_csv_reads_back_equal(filled: Crm, tmp_path: Path, plural: str) -> None:
    """Records written as CSV read back equal."""
    kind = filled.repository(plural).kind
    records = list(filled.repository(plural).find())
    assert write_csv(tmp_path / "some.csv", records, kind) == len(records)
    reading = read_csv(tmp_path / "some.csv", kind)
    assert reading.faults == ()
    assert list(reading.records) == records


def test_s36_a_formula_in_a_name_is_text(filled: Crm, tmp_path: Path) -> None:
    """`=1+1` in a name is text in the workbook, never a formula, and no cell of the CSV begins like one."""
    filled.to_excel(tmp_path / "all.xlsx")
    with zipfile.ZipFile(tmp_path / "all.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
        texts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert sheets
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<f " in sheet]
    assert "=1+1" in texts
    write_csv(tmp_path / "some.csv", filled.prospects.find(), Prospect)
    with (tmp_path / "some.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
