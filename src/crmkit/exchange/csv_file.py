"""Records as CSV: UTF-8 with a byte order mark, the columns of `tabular`, one record a line.

A text that a spreadsheet would take for a formula is written behind an apostrophe, and read back without it.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Final, Generic, TextIO, TypeVar

import attrs

from crmkit.entities import Record
from crmkit.entities.text import with_article
from crmkit.errors import Invalid, UnknownFormat
from crmkit.exchange.tabular import Cell, columns, record_of, row

__all__ = ["CsvReading", "LineFault", "guarded", "read_csv", "unguarded", "write_csv"]

R = TypeVar("R", bound=Record)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@attrs.frozen
class LineFault:
    """Why a line was not taken: its number in the file, and the error."""

    line: int
    error: Invalid

    def __str__(self) -> str:
        return f"line {self.line}: {self.error}"


@attrs.frozen
class CsvReading(Generic[R]):
    """What a file held: the records, and the faults of the lines that held none."""

    records: tuple[R, ...]
    faults: tuple[LineFault, ...]


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def unguarded(cell: str) -> str:
    """The text that a guarded cell stands for."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def write_csv(target: "str | PathLike[str] | TextIO", records: Iterable[R], kind: type[R]) -> int:
    """Write records of one kind, with a header line; returns how many. Raises OSError."""
    count = 0
    with _open(target, "w") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in columns(kind)])
        for record in records:
            writer.writerow([_written(cell) for cell in row(record)])
            count += 1
    return count


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)


def read_csv(source: "str | PathLike[str] | TextIO", kind: type[R]) -> CsvReading[R]:
    """The records of a file that `write_csv` wrote, or one with some of its columns in any order.

    Lines that hold no record are reported with all their faults. Raises UnknownFormat where the header has no column of
    the kind.
    """
    known = {column.name for column in columns(kind)}
    found: list[R] = []
    faults: list[LineFault] = []
    with _open(source, "r") as file:
        reader = csv.reader(file)
        header = [name.lstrip("\ufeff").strip() for name in next(reader, [])]
        if not known.intersection(header):
            expected = ", ".join(sorted(known))
            raise UnknownFormat(
                f"no column of {with_article(kind.spec.name)} in the header: expected some of {expected}"
            )
        for cells in reader:
            if not cells:
                continue
            named: dict[str, Cell] = {n: unguarded(c) for n, c in zip(header, cells, strict=False) if n}
            try:
                found.append(record_of(kind, named))
            except Invalid as wrong:
                faults.append(LineFault(reader.line_num, wrong))
    return CsvReading(tuple(found), tuple(faults))


@contextmanager
def _open(where: "str | PathLike[str] | TextIO", mode: str) -> Iterator[TextIO]:
    if isinstance(where, str | PathLike):
        with Path(where).open(mode, encoding="utf-8-sig", newline="") as file:
            yield file  # type: ignore[misc]
    else:
        yield where
