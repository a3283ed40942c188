"""How the demonstration talks: headings, sentences and tables, by rich where it is installed."""

import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from crmkit.entities import Money, Percent
from crmkit.tables import rich_table, text_table

__all__ = ["amount", "heading", "percent", "say", "table"]


def heading(text: str) -> None:
    """A heading."""
    sys.stdout.write(f"\n== {text}\n")


def say(text: str) -> None:
    """A sentence, or several lines."""
    sys.stdout.write(f"{text}\n")


def amount(value: Money | None) -> Decimal | None:
    """An amount in a table that names its currency elsewhere."""
    return None if value is None else value.amount


def percent(share: Fraction | None) -> Percent | None:
    """A share as a percentage, to a hundredth; nothing where it would divide by nothing."""
    return None if share is None else Percent.of_basis_points(round(share * 10_000))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table."""
    held = list(rows)
    try:
        from rich import box  # noqa: PLC0415 - an optional dependency, loaded on use
        from rich.console import Console  # noqa: PLC0415 - as above

        drawn = rich_table(columns, held)
    except ImportError:
        sys.stdout.write(text_table(columns, held) + "\n")
        return
    drawn.box, drawn.show_edge, drawn.padding = box.SIMPLE_HEAD, False, (0, 1, 0, 0)
    for column in drawn.columns:
        column.overflow = "fold"
    Console(highlight=False).print(drawn)
