"""Sales contacts as vCards: 3.0 (RFC 2426) and 4.0 (RFC 6350) in and out, 2.1 in.

What a contact has no field for (photos, further names, extensions, unknown parameters) is kept in
`SalesContact.extra["vcard"]` and written back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from crmkit.entities import Address, Email, FrozenMap, Phone, SalesContact
from crmkit.errors import Fault, Invalid, UnknownFormat
from crmkit.exchange.content_lines import ContentLine, content_lines, escaped, folded, split_value
from crmkit.exchange.reading import ContactReading, Remark, contact_of, decoded

__all__ = ["read_vcards", "write_vcards"]

_SILENT: Final = frozenset({"internet", "pref", "voice", "x400"})
_VERSIONS: Final = ("3.0", "4.0")
_FIELD_OF: Final = {
    "ORG": "company",
    "TITLE": "job_title",
    "BDAY": "birthday",
    "NOTE": "notes",
    "CATEGORIES": "categories",
    "EMAIL": "emails",
    "TEL": "phones",
    "ADR": "addresses",
}
_UNDERSTOOD: Final = frozenset({"TYPE", "PREF", "ENCODING", "CHARSET", "VALUE"})
_ONCE: Final = frozenset({"ORG", "TITLE", "BDAY", "NOTE"})


def read_vcards(data: bytes | str, encoding: str | None = None) -> ContactReading:
    """Every contact of a file of vCards; one bad card never stops the rest.

    Raises UnknownFormat where there is no vCard in it.
    """
    remarks: list[Remark] = []
    contacts: list[SalesContact] = []
    card: list[ContentLine] = []
    depth, seen = 0, False
    for line in content_lines(decoded(data, encoding)):
        if isinstance(line, tuple):
            if depth:
                remarks.append(Remark(line[0], f"is no property of a vCard: {line[1][:60]!r}"))
            continue
        edge = line.value.strip().upper() == "VCARD"
        if line.name == "BEGIN" and edge:
            depth, seen = depth + 1, True
            if depth == 1:
                card = []
                continue
        elif line.name == "END" and edge and depth:
            depth -= 1
            if depth == 0:
                contacts += _contact(card, remarks)
                continue
        if depth:
            card.append(line)
    if depth:
        remarks.append(Remark(card[-1].number if card else 0, "the last vCard has no end; it is taken as it stands"))
        contacts += _contact(card, remarks)
    if not seen:
        raise UnknownFormat("no vCard: expected a line BEGIN:VCARD")
    return ContactReading(tuple(contacts), tuple(remarks))


def _contact(card: list[ContentLine], remarks: list[Remark]) -> list[SalesContact]:
    reader = _Card(remarks)
    nested = 0
    for line in card:
        nested += (line.name == "BEGIN") - (line.name == "END")
        if nested or line.name == "END":
            reader.kept.append(line.raw)
        else:
            reader.take(line)
    found, wrong = contact_of(reader.values(), card[0].number if card else 0, remarks)
    if found is None:
        return []
    if wrong:
        reader.kept += [raw for name, raw in reader.sources if name in wrong]
        for name in wrong:
            reader.plain.pop(name, None)
        found, _ = contact_of(reader.values(), card[0].number, [])
    return [found] if found is not None else []


class _Card:
    """One card, as it is read."""

    def __init__(self, remarks: list[Remark]) -> None:
        self.remarks = remarks
        self.plain: dict[str, Any] = {}
        self.kept: list[str] = []
        self.sources: list[tuple[str, str]] = []
        self.more: dict[str, Any] = {}
        self.formatted = ""

    def take(self, line: ContentLine) -> None:
        """Put a property where it belongs."""
        field = _FIELD_OF.get(line.name, "")
        if line.name == "VERSION":
            self.more["version"] = line.value.strip()
        elif line.name == "N" and "given_name" not in self.plain:
            self._name(line)
        elif line.name == "FN" and not self.formatted:
            self.formatted = line.text.strip()
        elif not field or (line.name in _ONCE and field in self.plain) or line.group:
            self.kept.append(line.raw)
        else:
            try:
                self._field(field, line)
            except ValueError as wrong:
                self.remarks.append(Remark(line.number, f"{line.name} is kept as it stands: {wrong}"))
                self.kept.append(line.raw)

    def _name(self, line: ContentLine) -> None:
        parts = [part.strip() for part in split_value(line.value, ";")] + [""] * 5
        self.plain["family_name"], self.plain["given_name"] = parts[0], parts[1]
        self.sources += [("family_name", line.raw), ("given_name", line.raw)]
        if any(parts[2:5]):
            self.more["name"] = tuple(parts[2:5])

    def _field(self, field: str, line: ContentLine) -> None:
        match line.name:
            case "ORG":
                units = split_value(line.value, ";")
                self.plain[field] = units[0]
                if any(units[1:]):
                    self.more["units"] = tuple(units[1:])
            case "TITLE" | "NOTE":
                self.plain[field] = line.text
            case "BDAY":
                self.plain[field] = _day(line.value)
            case "CATEGORIES":
                self.plain[field] = (*self.plain.get(field, ()), *split_value(line.value, ","))
            case _:
                self._several(field, line)
        self.sources.append((field, line.raw))

    def _several(self, field: str, line: ContentLine) -> None:
        purpose = ",".join(one for one in line.all("TYPE") if one not in _SILENT)
        value: Email | Phone | Address
        if line.name == "EMAIL":
            value = Email(line.text.strip().removeprefix("mailto:"), purpose)
        elif line.name == "TEL":
            value = Phone(line.text.strip().removeprefix("tel:"), purpose)
        else:
            value = _address(line, purpose)
        held = self.plain.get(field, ())
        first = "pref" in line.all("TYPE") or "1" in line.all("PREF")
        self.plain[field] = (value, *held) if first else (*held, value)
        others = ";".join(_parameter(*held) for held in line.parameters if held[0] not in _UNDERSTOOD)
        if others:
            self.more.setdefault("parameters", {})[f"{line.name}:{_written(value)}"] = others

    def values(self) -> dict[str, Any]:
        """The fields of the contact."""
        values = dict(self.plain)
        named = values.get("given_name") or values.get("family_name") or self.formatted == values.get("company")
        if self.formatted and not named:
            given, _, family = self.formatted.rpartition(" ")
            values["given_name"], values["family_name"] = given, family
        more = dict(self.more)
        said = " ".join(part for part in (values.get("given_name"), values.get("family_name")) if part)
        if self.formatted and self.formatted != said:
            more["formatted"] = self.formatted
        if self.kept:
            more["lines"] = tuple(self.kept)
        values["extra"] = FrozenMap({"vcard": more})
        return values


def _parameter(name: str, value: str) -> str:
    return f'{name}="{value}"' if re.search("[,;:]", value) else f"{name}={value}"


def _written(value: Email | Phone | Address) -> str:
    """The value of the property that such a value is written as."""
    if isinstance(value, Email):
        return escaped(value.address)
    if isinstance(value, Phone):
        return escaped(value.number)
    parts = ("", "", value.street, value.city, value.region, value.postal_code, value.country)
    return ";".join(map(escaped, parts))


def _address(line: ContentLine, purpose: str) -> Address:
    box, extended, street, city, region, code, country, *_ = [*split_value(line.value, ";"), *[""] * 7]
    return Address(
        "\n".join(part for part in (box, extended, street) if part),
        city=city,
        region=region,
        postal_code=code,
        country=country,
        purpose=purpose,
    )


def _day(value: str) -> date:
    found = re.match(r"\s*(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?\s*$", value)
    if found is None:
        raise ValueError(f"{value!r} is no whole date")
    return date(int(found[1]), int(found[2]), int(found[3]))


def write_vcards(contacts: Iterable[SalesContact], version: str = "4.0") -> str:
    """The contacts as a file of vCards of version 3.0 or 4.0. Raises Invalid on another version."""
    if version not in _VERSIONS:
        raise Invalid("vCards", [Fault("version", f"is one of {', '.join(_VERSIONS)}, not {version!r}")])
    return folded(line for contact in contacts for line in _card(contact, version))


def _card(contact: SalesContact, version: str) -> Iterator[str]:
    held = contact.extra.get("vcard", FrozenMap())
    kept: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    yield "BEGIN:VCARD"
    yield f"VERSION:{version}"
    yield f"FN:{escaped(str(kept.get('formatted') or contact.display_name))}"
    names = (contact.family_name, contact.given_name, *kept.get("name", ("", "", "")))
    yield f"N:{';'.join(escaped(str(name)) for name in names)}"
    if contact.company:
        yield f"ORG:{';'.join(escaped(str(unit)) for unit in (contact.company, *kept.get('units', ())))}"
    if contact.job_title:
        yield f"TITLE:{escaped(contact.job_title)}"
    yield from _several(contact, version, kept.get("parameters", {}))
    if contact.birthday is not None:
        yield f"BDAY:{contact.birthday:%Y-%m-%d}" if version == "3.0" else f"BDAY:{contact.birthday:%Y%m%d}"
    if contact.notes:
        yield f"NOTE:{escaped(contact.notes)}"
    if contact.categories:
        yield f"CATEGORIES:{','.join(map(escaped, contact.categories))}"
    for line in kept.get("lines", ()):
        yield str(line)
    yield "END:VCARD"


def _several(contact: SalesContact, version: str, parameters: Mapping[str, str]) -> Iterator[str]:
    for name, held in (("EMAIL", contact.emails), ("TEL", contact.phones), ("ADR", contact.addresses)):
        for value in held:
            yield _line(name, value.purpose, _written(value), version, parameters)


def _line(name: str, purpose: str, value: str, version: str, parameters: Mapping[str, str]) -> str:
    said = re.sub(r"[^\w,-]", "-", purpose)
    kind = f";TYPE={said.upper() if version == '3.0' else said}" if said else ""
    others = parameters.get(f"{name}:{value}", "")
    return f"{name}{kind}{f';{others}' if others else ''}:{value}"
