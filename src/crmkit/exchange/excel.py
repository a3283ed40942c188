"""Records as a workbook: one sheet a kind, texts always as text, and back."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from os import PathLike, fspath
from typing import Any, Final, TypeVar

from crmkit.entities import Record
from crmkit.errors import Fault, Invalid, MissingExtra, UnknownFormat
from crmkit.exchange.csv_file import CsvReading, LineFault
from crmkit.exchange.paths import new_file
from crmkit.exchange.tabular import Cell, Column, columns, record_of, row

__all__ = ["read_workbook", "write_workbook"]

R = TypeVar("R", bound=Record)

_MOST_ROWS: Final = 1_048_576
_MOST_CHARACTERS: Final = 32_767
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's own dates have no time zone
_NONCHARACTERS: Final = {"_xFFFE_": "\ufffe", "_xFFFF_": "\uffff"}
"""What the writer makes of two characters that XML cannot hold, and the reader does not turn back."""


def write_workbook(
    path: "str | PathLike[str]",
    sheets: Iterable[tuple[type[Record], Iterable[Record]]],
    *,
    language: str = "en",
    created: datetime = _MADE,
) -> None:
    """Write records, one sheet a kind named after its repository; equal records give an equal file.

    The first row holds the columns' permanent names. A kind with more rows than a sheet takes goes on on a second
    one. Exact amounts are numbers where a spreadsheet keeps them exactly (15 digits), else texts. Raises MissingExtra
    without xlsxwriter; Invalid on what is no path of a file in a folder that is there, and on a text longer than a cell
    takes; then nothing is written. OSError where it cannot be written.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an optional dependency, loaded on use
        from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - as above
    except ImportError as cause:
        raise MissingExtra("xlsxwriter", "excel") from cause
    book = xlsxwriter.Workbook(fspath(new_file(path)), {"constant_memory": True, "strings_to_formulas": False})
    writer = _Writer(book, language)
    try:
        book.set_properties({"created": created})
        for kind, records in sheets:
            writer.sheet(kind, records)
    except BaseException:
        book.fileclosed = True
        raise
    try:
        book.close()
    except FileCreateError as cause:
        raise OSError(f"{path} cannot be written: {cause}") from cause


class _Writer:
    """Writes sheets into a workbook."""

    def __init__(self, book: Any, language: str) -> None:
        self.book = book
        self.language = language
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.formats = {
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "decimal": book.add_format({"num_format": "#,##0.00##"}),
        }

    def sheet(self, kind: type[Record], records: Iterable[Record]) -> None:
        """One kind, on as many sheets as it needs."""
        shown = columns(kind, self.language)
        plural = kind.spec.about.plural
        sheet, line, number = self._new(plural, shown), 1, 1
        for record in records:
            if line >= _MOST_ROWS:
                number += 1
                sheet, line = self._new(f"{plural[:27]} {number}", shown), 1
            for place, cell in enumerate(row(record)):
                self._write(sheet, line, place, cell, shown[place], record)
            line += 1

    def _new(self, name: str, shown: tuple[Column, ...]) -> Any:
        sheet = self.book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(shown):
            sheet.write_string(0, place, column.name, self.head)
            sheet.set_column(place, place, 38 if column.name == "id" else max(12, min(28, len(column.label) + 2)))
        sheet.autofilter(0, 0, 0, len(shown) - 1)
        return sheet

    def _write(self, sheet: Any, line: int, place: int, cell: Cell, column: Column, record: Record) -> None:
        if cell is None:
            return
        if isinstance(cell, bool):
            sheet.write_boolean(line, place, cell)
        elif isinstance(cell, datetime):
            sheet.write_string(line, place, cell.isoformat())
        elif isinstance(cell, date) and cell >= date(1900, 3, 1):
            sheet.write_datetime(line, place, cell, self.formats["day"])
        elif isinstance(cell, int | Decimal) and _exact(cell):
            sheet.write_number(line, place, cell, self.formats["decimal"] if isinstance(cell, Decimal) else None)
        else:
            text = str(cell)
            if len(text) > _MOST_CHARACTERS:
                fault = Fault(
                    column.name, f"{record} has {len(text)} characters there; a cell takes {_MOST_CHARACTERS}"
                )
                raise Invalid("the workbook", [fault])
            sheet.write_string(line, place, text)


def _exact(number: int | Decimal) -> bool:
    """Whether a spreadsheet keeps the number to its last digit."""
    digits = Decimal(number).normalize().as_tuple().digits
    return len(digits) <= 15


def read_workbook(path: "str | PathLike[str]", kind: type[R]) -> CsvReading[R]:
    """The records of a kind in a workbook that `write_workbook` wrote. Rows that hold none are reported.

    Raises MissingExtra without python-calamine, UnknownFormat where the file is no workbook or has no such sheet.
    """
    try:
        import python_calamine  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("python-calamine", "excel") from cause
    plural = kind.spec.about.plural
    try:
        book = python_calamine.CalamineWorkbook.from_path(fspath(path))
    except (python_calamine.CalamineError, OSError) as cause:
        raise UnknownFormat(f"{fspath(path)} is no workbook: {cause}") from cause
    names = [name for name in book.sheet_names if name == plural[:31] or name.startswith(f"{plural[:27]} ")]
    if not names:
        raise UnknownFormat(f"the workbook has no sheet {plural!r}; it has {', '.join(book.sheet_names)}")
    found: list[R] = []
    faults: list[LineFault] = []
    for name in names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        header = [str(cell) for cell in rows[0]] if rows else []
        typed = {column.name: column for column in columns(kind)}
        for line, cells in enumerate(rows[1:], 2):
            named = {n: _read(typed.get(n), c) for n, c in zip(header, cells, strict=False) if n}
            try:
                found.append(record_of(kind, named))
            except Invalid as wrong:
                faults.append(LineFault(line, wrong))
    return CsvReading(tuple(found), tuple(faults))


def _read(column: Column | None, cell: Any) -> Cell:
    if isinstance(cell, str):
        for written, character in _NONCHARACTERS.items():
            cell = cell.replace(written, character)
        return cell or None
    if isinstance(cell, float):
        return int(cell) if column is not None and column.type == "whole" else Decimal(repr(cell))
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC) if column is not None and column.type == "instant" else cell.date()
    return cell  # type: ignore[no-any-return]
