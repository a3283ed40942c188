"""How the demonstration talks: headings, sentences and tables, by rich where it is installed."""

import sys
from collections.abc import Iterable, Sequence

from crmkit.reports.tables import text_table

__all__ = ["heading", "say", "table"]


def heading(text: str) -> None:
    """A heading."""
    sys.stdout.write(f"\n== {text}\n")


def say(text: str) -> None:
    """A sentence, or several lines."""
    sys.stdout.write(f"{text}\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table."""
    held = [tuple(row) for row in rows]
    try:
        from rich.console import Console  # noqa: PLC0415 - an optional dependency, loaded on use

        from crmkit.reports.tables import rich_table  # noqa: PLC0415 - loaded on use
    except ImportError:
        sys.stdout.write(text_table(columns, held) + "\n")
    else:
        Console().print(rich_table(columns, held))
