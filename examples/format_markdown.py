"""A format from outside crmkit: records as a Markdown table, and back.

Columns and cells are those of every other format (`crmkit.exchange.tabular`), so it works for each entity, a
plugin's too, and what was written reads back equal.
"""

import re
from collections.abc import Iterable
from typing import Final, TypeVar

from crmkit import Record, UnknownFormat
from crmkit.exchange.tabular import columns, record_of, row

__all__ = ["read_markdown", "write_markdown"]

R = TypeVar("R", bound=Record)

_ESCAPES: Final = {"\\": "\\\\", "|": "\\|", "\n": "\\n", "\r": "\\r"}
_ESCAPED: Final = {said: meant for meant, said in _ESCAPES.items()}


def write_markdown(kind: type[R], records: Iterable[R]) -> str:
    """The records as a table under the columns' names."""
    names = [column.name for column in columns(kind)]
    cells = [["" if cell is None else _said(str(cell)) for cell in row(record)] for record in records]
    return "".join(f"| {' | '.join(line)} |\n" for line in (names, ["---"] * len(names), *cells))


def read_markdown(kind: type[R], text: str) -> list[R]:
    """The records of a table that `write_markdown` wrote.

    Raises UnknownFormat where the text is no table of that kind, and Invalid on the first record that has bad values.
    """
    names, *lines = [_cells(line) for line in text.split("\n") if line] or [[]]
    if names != [column.name for column in columns(kind)] or set(lines[0] if lines else []) != {"---"}:
        raise UnknownFormat(f"this is no Markdown table of {kind.spec.about.plural.replace('_', ' ')}")
    return [record_of(kind, dict(zip(names, cells, strict=True))) for cells in lines[1:]]


def _said(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _cells(line: str) -> list[str]:
    parts = re.findall(r"(?:\\.|[^|\\])*\|", line)[1:]
    return [re.sub(r"\\.", lambda said: _ESCAPED[said[0]], part[1:-2]) for part in parts]
