"""What comes of reading contacts from a file: the contacts, and a remark on everything that did not fit."""

from collections.abc import Mapping
from typing import Any

import attrs

from crmkit.entities import SalesContact
from crmkit.errors import Fault, Invalid

__all__ = ["ContactReading", "Remark", "contact_of", "decoded"]


@attrs.frozen
class Remark:
    """Something about a line of a file: what was not taken as it stood, or why a contact was not taken at all."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@attrs.frozen
class ContactReading:
    """The contacts of a file, not saved yet, and remarks. Nothing that was read is lost: what has no field of its own
    is in `SalesContact.extra`, and is written back.
    """

    contacts: tuple[SalesContact, ...]
    remarks: tuple[Remark, ...] = ()


def contact_of(values: Mapping[str, Any], line: int, remarks: list[Remark]) -> tuple[SalesContact | None, set[str]]:
    """The contact with those of the values that are right, and the names of the fields whose values are not.

    A remark is added for each fault. None where nothing is left that a contact could be known by.
    """
    held = dict(values)
    wrong: set[str] = set()
    while True:
        try:
            return SalesContact(**held), wrong
        except Invalid as invalid:
            remarks += [Remark(line, str(fault)) for fault in invalid.faults]
            bad = {_field(fault) for fault in invalid.faults} & held.keys()
            if not bad:
                return None, wrong
            wrong |= bad
            for name in bad:
                del held[name]


def _field(fault: Fault) -> str:
    return fault.field.partition(".")[0]


def decoded(data: bytes | str, encoding: str | None = None) -> str:
    """The text of a file: by its byte order mark, else strictly as UTF-8, else as Windows-1252; or as the caller says.

    Bytes that Windows-1252 does not know become the control characters of the same code. Raises ValueError
    (UnicodeDecodeError) where the caller's encoding does not fit, LookupError where there is no such encoding.
    """
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if encoding is not None:
        return data.decode(encoding).removeprefix("\ufeff")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in data)
