"""Sales contacts as Outlook's CSV: its 92 English columns out; English, German and any other header in.

What a contact has no field for is kept in `SalesContact.extra["outlook"]`, by its English column, and written back.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from crmkit.entities import Address, Email, FrozenMap, Phone, SalesContact
from crmkit.errors import UnknownFormat
from crmkit.exchange.reading import ContactReading, Remark, contact_of, decoded

__all__ = ["ENGLISH", "GERMAN", "read_outlook_csv", "write_outlook_csv"]

_ENGLISH: Final = """
Title|First Name|Middle Name|Last Name|Suffix|Company|Department|Job Title|Business Street|Business Street 2
Business Street 3|Business City|Business State|Business Postal Code|Business Country/Region|Home Street
Home Street 2|Home Street 3|Home City|Home State|Home Postal Code|Home Country/Region|Other Street
Other Street 2|Other Street 3|Other City|Other State|Other Postal Code|Other Country/Region|Assistant's Phone
Business Fax|Business Phone|Business Phone 2|Callback|Car Phone|Company Main Phone|Home Fax|Home Phone
Home Phone 2|ISDN|Mobile Phone|Other Fax|Other Phone|Pager|Primary Phone|Radio Phone|TTY/TDD Phone|Telex|Account
Anniversary|Assistant's Name|Billing Information|Birthday|Business Address PO Box|Categories|Children
Directory Server|E-mail Address|E-mail Type|E-mail Display Name|E-mail 2 Address|E-mail 2 Type
E-mail 2 Display Name|E-mail 3 Address|E-mail 3 Type|E-mail 3 Display Name|Gender|Government ID Number|Hobby
Home Address PO Box|Initials|Internet Free Busy|Keywords|Language|Location|Manager's Name|Mileage|Notes
Office Location|Organizational ID Number|Other Address PO Box|Priority|Private|Profession|Referred By
Sensitivity|Spouse|User 1|User 2|User 3|User 4|Web Page
"""
ENGLISH: Final[tuple[str, ...]] = tuple(name for line in _ENGLISH.strip().splitlines() for name in line.split("|"))
"""The columns that Outlook writes in English, in its order."""

_GERMAN: Final = """
Anrede=Title|Vorname=First Name|Weitere Vornamen=Middle Name|Nachname=Last Name|Firma=Company|Abteilung=Department
Position=Job Title|Straße geschäftlich=Business Street|Straße geschäftlich 2=Business Street 2
Straße geschäftlich 3=Business Street 3|Ort geschäftlich=Business City|Region geschäftlich=Business State
Postleitzahl geschäftlich=Business Postal Code|Land/Region geschäftlich=Business Country/Region
Straße privat=Home Street|Straße privat 2=Home Street 2|Straße privat 3=Home Street 3|Ort privat=Home City
Bundesland/Kanton privat=Home State|Postleitzahl privat=Home Postal Code|Land/Region privat=Home Country/Region
Weitere Straße=Other Street|Weitere Straße 2=Other Street 2|Weitere Straße 3=Other Street 3|Weiterer Ort=Other City
Weiteres/r Bundesland/Kanton=Other State|Weitere Postleitzahl=Other Postal Code
Weiteres/e Land/Region=Other Country/Region|Telefon Assistent=Assistant's Phone|Fax geschäftlich=Business Fax
Telefon geschäftlich=Business Phone|Telefon geschäftlich 2=Business Phone 2|Rückmeldung=Callback|Autotelefon=Car Phone
Telefon Firma=Company Main Phone|Fax privat=Home Fax|Telefon privat=Home Phone|Telefon privat 2=Home Phone 2
Mobiltelefon=Mobile Phone|Weiteres Fax=Other Fax|Weiteres Telefon=Other Phone|Haupttelefon=Primary Phone
Mobiltelefon 2=Radio Phone|Telefon für Hörbehinderte=TTY/TDD Phone|Abrechnungsinformation=Billing Information
Benutzer 1=User 1|Benutzer 2=User 2|Benutzer 3=User 3|Benutzer 4=User 4|Beruf=Profession|Büro=Office Location
E-Mail-Adresse=E-mail Address|E-Mail-Typ=E-mail Type|E-Mail: Angezeigter Name=E-mail Display Name
E-Mail 2: Adresse=E-mail 2 Address|E-Mail 2: Typ=E-mail 2 Type|E-Mail 2: Angezeigter Name=E-mail 2 Display Name
E-Mail 3: Adresse=E-mail 3 Address|E-Mail 3: Typ=E-mail 3 Type|E-Mail 3: Angezeigter Name=E-mail 3 Display Name
Empfohlen von=Referred By|Geburtstag=Birthday|Geschlecht=Gender|Initialen=Initials
Internet Frei/Gebucht=Internet Free Busy|Jahrestag=Anniversary|Kategorien=Categories|Kinder=Children|Konto=Account
Name Assistent=Assistant's Name|Name des/r Vorgesetzten=Manager's Name|Notizen=Notes
Organisationsnr.=Organizational ID Number|Ort=Location|Partner=Spouse|Postfach geschäftlich=Business Address PO Box
Postfach privat=Home Address PO Box|Priorität=Priority|Privat=Private|Regierungsnr.=Government ID Number
Reisekilometer=Mileage|Sprache=Language|Stichwörter=Keywords|Vertraulichkeit=Sensitivity
Verzeichnisserver=Directory Server|Webseite=Web Page|Weiteres Postfach=Other Address PO Box
"""
GERMAN: Final[Mapping[str, str]] = {
    german: english
    for line in _GERMAN.strip().splitlines()
    for german, _, english in (pair.partition("=") for pair in line.split("|"))
}
"""Each German column with the English one that it is; those that are the same in both are left out."""

_PLAIN: Final = {
    "First Name": "given_name",
    "Last Name": "family_name",
    "Company": "company",
    "Job Title": "job_title",
    "Notes": "notes",
}
_PHONES: Final = {
    "Business Phone": "work",
    "Business Phone 2": "work 2",
    "Mobile Phone": "mobile",
    "Home Phone": "home",
    "Home Phone 2": "home 2",
    "Business Fax": "work fax",
    "Home Fax": "home fax",
    "Company Main Phone": "company",
    "Primary Phone": "primary",
    "Assistant's Phone": "assistant",
    "Callback": "callback",
    "Car Phone": "car",
    "ISDN": "isdn",
    "Other Phone": "other",
    "Other Fax": "other fax",
    "Pager": "pager",
    "Radio Phone": "radio",
    "TTY/TDD Phone": "tty",
    "Telex": "telex",
}
_EMAILS: Final = ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address")
_ADDRESSES: Final = {"Business": "work", "Home": "home", "Other": "other"}
_STREETS: Final = ("Street", "Street 2", "Street 3")
_TOWN: Final = {"City": "city", "State": "region", "Postal Code": "postal_code", "Country/Region": "country"}
_NO_DATE: Final = frozenset({"", "0/0/00", "00.00.00", "0.0.00"})
_KNOWN_BY: Final = frozenset({"First Name", "Last Name", "Company", "E-mail Address"})


def read_outlook_csv(
    data: bytes | str, header_map: Mapping[str, str] | None = None, encoding: str | None = None
) -> ContactReading:
    """Every contact of a file that Outlook exported, in English or German; in another language by a header map from
    its columns to the English ones.

    Short rows are rows whose last cells are empty. Raises UnknownFormat where the header is none of Outlook's.
    """
    names = {**GERMAN, "Home Country": "Home Country/Region", "Business Country": "Business Country/Region"}
    names |= {"Other Country": "Other Country/Region", **(header_map or {})}
    reader = csv.reader(io.StringIO(decoded(data, encoding), newline=""))
    header = [names.get(name.strip(), name.strip()) for name in next(reader, [])]
    if len(_KNOWN_BY.intersection(header)) < 3:
        expected = ", ".join(sorted(_KNOWN_BY))
        raise UnknownFormat(f"no Outlook contacts: expected a header with columns such as {expected}, or a header_map")
    contacts: list[SalesContact] = []
    remarks: list[Remark] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                named = {n: c for n, c in zip(header, cells, strict=False) if c.strip() and n}
                contacts += _contact(named, reader.line_num, remarks)
    except csv.Error as wrong:
        remarks.append(Remark(reader.line_num, f"the rest of the file cannot be read: {wrong}"))
    return ContactReading(tuple(contacts), tuple(remarks))


def _contact(cells: dict[str, str], line: int, remarks: list[Remark]) -> list[SalesContact]:
    left = dict(cells)
    values: dict[str, Any] = {field: left.pop(name) for name, field in _PLAIN.items() if name in left}
    if "notes" in values:
        values["notes"] = values["notes"].replace("\r\n", "\n")
    sources = {field: name for name, field in _PLAIN.items()}
    values["emails"] = tuple(_taken(left, _EMAILS, lambda name: Email(left[name]), line, remarks))
    values["phones"] = tuple(_taken(left, _PHONES, lambda name: Phone(left[name], _PHONES[name]), line, remarks))
    values["addresses"] = tuple(_addresses(left))
    if "Categories" in left:
        values["categories"] = tuple(part.strip() for part in left.pop("Categories").split(";") if part.strip())
    birthday = _day(left.get("Birthday", ""))
    if birthday is not None:
        values["birthday"] = birthday
        del left["Birthday"]
    values["extra"] = FrozenMap({"outlook": FrozenMap(left)})
    found, wrong = contact_of(values, line, remarks)
    if found is not None and wrong:
        left |= {sources[name]: cells[sources[name]] for name in wrong if name in sources}
        kept = {name: value for name, value in values.items() if name not in wrong}
        found, _ = contact_of({**kept, "extra": FrozenMap({"outlook": FrozenMap(left)})}, line, [])
    return [found] if found is not None else []


def _taken(left: dict[str, str], names: Iterable[str], make: Any, line: int, remarks: list[Remark]) -> Iterator[Any]:
    """The values made of these columns; one that cannot be made stays among the rest, with a remark."""
    for name in names:
        if name in left:
            try:
                made = make(name)
            except ValueError as wrong:
                remarks.append(Remark(line, f"{name} is kept as it stands: {wrong}"))
            else:
                del left[name]
                yield made


def _addresses(left: dict[str, str]) -> Iterator[Address]:
    for kind, purpose in _ADDRESSES.items():
        street = "\n".join(left.pop(f"{kind} {part}") for part in _STREETS if f"{kind} {part}" in left)
        town = {field: left.pop(f"{kind} {part}") for part, field in _TOWN.items() if f"{kind} {part}" in left}
        if street or town:
            yield Address(street.replace("\r\n", "\n"), **town, purpose=purpose)


def _day(text: str) -> date | None:
    """A day as ISO writes it, or as English Outlook does (month/day/year); None for none and for anything doubtful."""
    if text in _NO_DATE:
        return None
    try:
        if "/" in text:
            month, day, year = (int(part) for part in text.split("/"))
            return date(year, month, day) if year > 99 else None
        return date.fromisoformat(text)
    except ValueError:
        return None


def write_outlook_csv(contacts: Iterable[SalesContact]) -> str:
    """The contacts as a CSV file that Outlook imports: its 92 English columns, and behind them any others that were
    read; CRLF. What Outlook has no column for (a fourth e-mail address, say) is added to the notes.
    """
    rows = [_row(contact) for contact in contacts]
    further = sorted({name for row in rows for name in row} - set(ENGLISH))
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = (*ENGLISH, *further)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return out.getvalue()


def _row(contact: SalesContact) -> dict[str, str]:
    held = contact.extra.get("outlook", {})
    row = {str(name): str(value) for name, value in (held.items() if isinstance(held, Mapping) else ())}
    row |= {name: value for name, field in _PLAIN.items() if (value := getattr(contact, field))}
    spare: list[str] = []
    free = [name for name in _EMAILS if name not in row]
    for email in contact.emails:
        if free:
            row[free.pop(0)] = email.address
        else:
            spare.append(f"E-mail: {email.address}")
    _place_phones(contact, row, spare)
    _place_addresses(contact, row, spare)
    if contact.categories:
        row["Categories"] = ";".join(contact.categories)
    if contact.birthday is not None:
        row["Birthday"] = f"{contact.birthday.month}/{contact.birthday.day}/{contact.birthday.year:04d}"
    if spare:
        row["Notes"] = "\n".join(part for part in (row.get("Notes", ""), *spare) if part)
    return row


def _place_phones(contact: SalesContact, row: dict[str, str], spare: list[str]) -> None:
    by_purpose = {purpose: name for name, purpose in _PHONES.items()}
    for phone in contact.phones:
        name = by_purpose.get(phone.purpose, "")
        if not name or name in row:
            name = next((one for one in ("Other Phone", *_PHONES) if one not in row), "")
        if name:
            row[name] = phone.number
        else:
            spare.append(f"Phone: {phone.number}")


def _place_addresses(contact: SalesContact, row: dict[str, str], spare: list[str]) -> None:
    taken: set[str] = set()
    by_purpose = {purpose: kind for kind, purpose in _ADDRESSES.items()}
    for address in contact.addresses:
        kind = by_purpose.get(address.purpose, "")
        if not kind or kind in taken:
            kind = next((one for one in ("Other", *_ADDRESSES) if one not in taken), "")
        if not kind:
            spare.append(f"Address: {address}")
            continue
        taken.add(kind)
        lines = address.street.split("\n")
        lines = [*lines[:2], "\n".join(lines[2:])]
        row |= {f"{kind} {part}": line for part, line in zip(_STREETS, lines, strict=False) if line}
        row |= {f"{kind} {part}": value for part, field in _TOWN.items() if (value := getattr(address, field))}
