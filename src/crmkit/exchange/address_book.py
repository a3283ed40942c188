"""Address books: where sales contacts are imported from and exported to. Nothing is synchronised; records are added."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import Protocol

from crmkit.entities import SalesContact
from crmkit.errors import AddressBookClosed, UnknownFormat
from crmkit.exchange.outlook_csv import read_outlook_csv, write_outlook_csv
from crmkit.exchange.vcard import read_vcards, write_vcards

__all__ = ["AddressBook", "FileAddressBook", "MemoryAddressBook", "contacts_from", "contacts_to"]


class AddressBook(Protocol):
    """Somebody's address book. It must be open to be read or added to."""

    @property
    def is_open(self) -> bool:
        """Whether it can be used now."""
        ...

    def selection(self) -> Sequence[SalesContact]:
        """The contacts that are highlighted in it, unsaved, in its order. Raises AddressBookClosed."""
        ...

    def all(self) -> Sequence[SalesContact]:
        """Every contact in it, unsaved, in its order. Raises AddressBookClosed."""
        ...

    def add(self, contacts: Iterable[SalesContact]) -> None:
        """Append the contacts, all or none, whether it has them already or not. Raises AddressBookClosed."""
        ...


def contacts_from(book: AddressBook) -> tuple[SalesContact, ...]:
    """The contacts selected in the book. Raises AddressBookClosed."""
    if not book.is_open:
        raise AddressBookClosed
    return tuple(book.selection())


def contacts_to(book: AddressBook, contacts: Iterable[SalesContact]) -> None:
    """Append the contacts to the book. Raises AddressBookClosed; then nothing is written."""
    if not book.is_open:
        raise AddressBookClosed
    book.add(contacts)


class MemoryAddressBook:
    """An address book in memory. `select` highlights; at first nothing is."""

    def __init__(self, contacts: Iterable[SalesContact] = (), *, opened: bool = True) -> None:
        self.is_open = opened
        self._selected: list[int] = []
        self._contacts = list(contacts)

    def open(self) -> None:
        """Open it."""
        self.is_open = True

    def close(self) -> None:
        """Close it."""
        self.is_open = False

    def select(self, chosen: Iterable[int] | Callable[[SalesContact], bool]) -> None:
        """Highlight the contacts at these places, or those for which a function holds. Raises AddressBookClosed."""
        held = self.all()
        if callable(chosen):
            self._selected = [place for place, contact in enumerate(held) if chosen(contact)]
        else:
            self._selected = [place for place in chosen if -len(held) <= place < len(held)]

    def selection(self) -> Sequence[SalesContact]:
        """See `AddressBook`."""
        held = self.all()
        return [held[place] for place in self._selected]

    def all(self) -> Sequence[SalesContact]:
        """See `AddressBook`."""
        self._check()
        return self._read()

    def add(self, contacts: Iterable[SalesContact]) -> None:
        """See `AddressBook`."""
        self._check()
        self._append(list(contacts))

    def _check(self) -> None:
        if not self.is_open:
            raise AddressBookClosed

    def _read(self) -> list[SalesContact]:
        return list(self._contacts)

    def _append(self, contacts: list[SalesContact]) -> None:
        self._contacts += contacts


class FileAddressBook(MemoryAddressBook):
    """An address book in a file: vCards (`.vcf`) or Outlook's CSV (`.csv`). A file that is not there is an empty book.

    Adding writes a new file beside it and puts it in its place, so that a failure leaves the old one.
    """

    def __init__(self, path: "str | PathLike[str]", *, opened: bool = True, version: str = "4.0") -> None:
        super().__init__(opened=opened)
        self.path = Path(path)
        self.version = version
        if self.path.suffix.lower() not in (".vcf", ".csv"):
            raise UnknownFormat(f"{self.path.name}: an address book is a .vcf or a .csv file")

    @property
    def _vcards(self) -> bool:
        return self.path.suffix.lower() == ".vcf"

    def _read(self) -> list[SalesContact]:
        if not self.path.exists() or not self.path.stat().st_size:
            return []
        data = self.path.read_bytes()
        return list((read_vcards(data) if self._vcards else read_outlook_csv(data)).contacts)

    def _append(self, contacts: list[SalesContact]) -> None:
        if self._vcards:
            before = self.path.read_bytes() if self.path.exists() else b""
            if before and not before.endswith(b"\n"):
                before += b"\r\n"
            self._replace(before + write_vcards(contacts, self.version).encode())
        else:
            text = write_outlook_csv([*self._read(), *contacts])
            self._replace(b"\xef\xbb\xbf" + text.encode())

    def _replace(self, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
