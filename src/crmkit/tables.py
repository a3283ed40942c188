"""Rows as a table: HTML for a notebook, plain or coloured text for a terminal."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any, Final
from uuid import UUID

from crmkit.entities import FrozenMap, Money, Percent, Record
from crmkit.errors import MissingExtra
from crmkit.printing import JOINERS, on_one_line

__all__ = ["html_table", "rich_table", "shown", "text_table"]

_NO_NAMES: Final[Mapping[UUID, str]] = {}
_FLAGS: Final = {"en": ("no", "yes"), "es": ("no", "sí")}
_TURNED: Final = str.maketrans("\u202d\u202e", "\ufffd\ufffd")
"""What makes text read the other way round than its letters do."""

_SHORT: Final = 40


def shown(value: object, names: Mapping[UUID, str] = _NO_NAMES, language: str = "en") -> str:
    """A value as people read it; nothing where it is empty.

    An id is shown by its name in `names`, else by its last eight digits (the first ones tell the time and are
    alike in records made together). Instants are shown in UTC to the second, several values with commas, decimals
    with commas between thousands, ratios in percent to one place (half-even).
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _FLAGS.get(language, _FLAGS["en"])[value]
    if isinstance(value, UUID):
        return names.get(value) or f"…{value.hex[-8:]}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").replace("+00:00", " UTC")
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, Fraction):
        return f"{Decimal(round(value * 1000)).scaleb(-1):,f} %"
    if isinstance(value, FrozenMap):
        return ", ".join(f"{key}: {shown(item, names, language)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return _several(value, names, language)
    return str(value)


def _several(values: Sequence[object], names: Mapping[UUID, str], language: str) -> str:
    first = values[0] if values else None
    if isinstance(first, Record) and not first.spec.about.shown_by:
        return f"{len(values)} × {first.spec.label(language)}"
    return ", ".join(shown(value, names, language) for value in values)


def html_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    caption: str = "",
    *,
    total: bool = False,
    names: Mapping[UUID, str] = _NO_NAMES,
    language: str = "en",
) -> str:
    """The rows as an HTML table under these headings; figures stand to the right, all text is escaped.

    With `total` the last row is set off from the others. What is short stays on one line, long text takes several.
    Colours are left to the page, so that it reads on light and on dark. `names` says what ids stand for and `language`
    (en, es) how flags read. Raises ValueError on a row that has not as many values as there are columns.
    """
    held = _held(columns, rows)
    right = _figures(columns, held)
    title = f'<caption style="{_CAPTION}">{_escaped(caption)}</caption>' if caption else ""
    head = "".join(_html_cell("th", name, right=right[place]) for place, name in enumerate(columns))
    body = "".join(
        "<tr>"
        + "".join(
            _html_cell("td", shown(value, names, language), right=_is_figure(value), last=total and row is held[-1])
            for value in row
        )
        + "</tr>\n"
        for row in held
    )
    return f"<table>{title}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


_CAPTION: Final = "text-align: left; padding: 0.2em 0.6em"
_CELL: Final = "padding: 0.2em 0.6em; vertical-align: top"
_ON_ONE_LINE: Final = "white-space: nowrap"
_ON_SEVERAL: Final = "min-width: 12em; max-width: 32em; overflow-wrap: anywhere"
_LAST: Final = "border-top: 1px solid; font-weight: bold"


def _html_cell(tag: str, text: str, *, right: bool, last: bool = False) -> str:
    short = len(text) <= _SHORT and "\n" not in text
    lines = "" if tag == "th" else _ON_ONE_LINE if short else _ON_SEVERAL
    side = f"text-align: {'right' if right else 'left'}"
    style = "; ".join(filter(None, (side, _CELL, lines, _LAST if last else "")))
    return f'<{tag} style="{style}">{_escaped(text).replace(chr(10), "<br>")}</{tag}>'


def _escaped(text: str) -> str:
    return escape(text.translate(_TURNED))


def text_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    names: Mapping[UUID, str] = _NO_NAMES,
    language: str = "en",
) -> str:
    """The rows as a table of plain text, a line each, under these headings; columns of figures stand to the right.

    Characters that would steer a terminal are replaced. Raises ValueError as `html_table` does.
    """
    held = _held(columns, rows)
    right = _figures(columns, held)
    lines = [list(map(on_one_line, columns))]
    lines += [[on_one_line(shown(value, names, language)) for value in row] for row in held]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(columns))]
    lines.insert(1, ["─" * width for width in widths])
    return "\n".join(
        "  ".join(
            _padded(text, width, right=side) for text, width, side in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def rich_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    caption: str = "",
    *,
    names: Mapping[UUID, str] = _NO_NAMES,
    language: str = "en",
) -> Any:
    """The rows as a `rich.table.Table`, for a terminal with colours.

    Raises MissingExtra without rich, ValueError as `html_table` does.
    """
    try:
        from rich.table import Table  # noqa: PLC0415 - an optional dependency, loaded on use
        from rich.text import Text  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("rich", "cli") from cause
    held = _held(columns, rows)
    table = Table(title=Text(on_one_line(caption)) if caption else None)
    for name, side in zip(columns, _figures(columns, held), strict=True):
        table.add_column(Text(on_one_line(name)), justify="right" if side else "left")
    for row in held:
        table.add_row(*(Text(on_one_line(shown(value, names, language))) for value in row))
    return table


def _held(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[Sequence[object]]:
    held = list(rows)
    for place, row in enumerate(held):
        if len(row) != len(columns):
            raise ValueError(f"row {place} has {len(row)} values for {len(columns)} columns")
    return held


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float | Decimal | Fraction | Money | Percent) and not isinstance(value, bool)


def _figures(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[bool]:
    """For each column whether it has figures and, empty cells apart, nothing else."""
    filled = [[value for value in column if value not in (None, "")] for column in zip(*rows, strict=True)]
    sides = [bool(values) and all(map(_is_figure, values)) for values in filled]
    return sides or [False] * len(columns)


def _width(text: str) -> int:
    """How many places of a terminal the text takes: wide characters two, marks that sit on others none."""
    return sum(
        0 if unicodedata.combining(one) or one in JOINERS else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks
