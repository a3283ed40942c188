"""A roll-up as a table in a notebook or a terminal."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from crmkit.entities import Money
from crmkit.forecasting.totals import AMOUNTS
from crmkit.tables import html_table, text_table

if TYPE_CHECKING:
    from crmkit.forecasting.roll_up import Group, RollUp

__all__ = ["html", "text"]

_SHOWN: Final = ("count", *AMOUNTS)
_OF_QUOTAS: Final = ("quota", "attainment", "gap")


def html(rolled: "RollUp") -> str:
    """The rows and their total as an HTML table; figures stand to the right, all text is escaped."""
    return html_table(_heads(rolled), _table(rolled), rolled.currency + _note(rolled), total=True)


def text(rolled: "RollUp") -> str:
    """The rows and their total as a table of plain text."""
    return f"In {rolled.currency}{_note(rolled)}\n{text_table(_heads(rolled), _table(rolled))}"


def _note(rolled: "RollUp") -> str:
    count = rolled.total.incomplete_count
    return f"; incomplete: {count}" if count else ""


def _has_quotas(rolled: "RollUp") -> bool:
    return any(row.quota is not None for row in rolled.rows)


def _heads(rolled: "RollUp") -> list[str]:
    quotas = _OF_QUOTAS if _has_quotas(rolled) else ()
    return [name.replace("_", " ").capitalize() for name in (*rolled.by, *_SHOWN, *quotas)]


def _table(rolled: "RollUp") -> Iterator[list[object]]:
    quotas = _has_quotas(rolled)
    for row in rolled.rows if rolled.by else ():  # by nothing, the one row is the total
        yield [*row.shown.values(), *_figures(row, quotas=quotas)]
    labels = ["total", *[""] * (len(rolled.by) - 1)] if rolled.by else []
    yield [*labels, *_figures(rolled.total, quotas=quotas)]


def _figures(row: "Group", *, quotas: bool) -> Iterator[object]:
    """The amounts without their currency, which stands above the table."""
    for name in (*_SHOWN, *(_OF_QUOTAS if quotas else ())):
        figure = getattr(row, name)
        yield figure.amount if isinstance(figure, Money) else figure
