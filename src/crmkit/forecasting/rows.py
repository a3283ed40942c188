"""Rows that have a key: found by it, and put in order of what is shown."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from crmkit.entities.text import text_key
from crmkit.errors import NoRow

__all__ = ["row_of", "row_order"]

Row = TypeVar("Row")


def row_of(rows: Iterable[Row], key: Any, of: str, by: Sequence[str]) -> Row:
    """The row of a key: one id or code, or one for each dimension. Raises NoRow, naming what it is `of`, where there is
    no such row.
    """
    wanted = key if isinstance(key, tuple) else (key,)
    for row in rows:
        held: Any = row
        if tuple(held.key.values()) == wanted:
            return row
    raise NoRow(f"row of the {of}", str(key), f"its rows are by {', '.join(by) or 'nothing, see its total'}")


def row_order(row: Any) -> tuple[tuple[bool, str, str], ...]:
    """Rows are in order of the names shown, those that have none last."""
    return tuple((key is None, text_key(row.shown[dimension]), str(key)) for dimension, key in row.key.items())
