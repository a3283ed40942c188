"""The figures of a forecast as a table: a line each, the total, and below it what adjustments make of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from crmkit.tables import html_table, text_table

if TYPE_CHECKING:
    from crmkit.forecasting.lines import ForecastFigures, LineFigures

__all__ = ["COLUMNS", "VIEWS", "figures_html", "figures_text", "plain_rows"]

VIEWS: Final = ("owner_only", "without_adjustments", "without_manager_adjustments", "with_all_adjustments")
"""The four views of what is expected, as a forecast's figures name them."""

_HEADS: Final = ("Opportunity", "Closes", "Value", "Probability", "Gross", "Weighted", "Marks")


def figures_text(figures: "ForecastFigures") -> str:
    """Plain text, with the forecast's number and status above."""
    return f"{_title(figures)}\n{text_table(_HEADS, _rows(figures))}"


def figures_html(figures: "ForecastFigures") -> str:
    """An HTML table; all text is escaped."""
    return html_table(_HEADS, _rows(figures), _title(figures))


COLUMNS: Final = (
    "opportunity",
    "name",
    "close_date",
    "value",
    "value_currency",
    "rate",
    "probability",
    "outcome",
    "category",
    "gross",
    "computed",
    "override",
    "override_currency",
    "weighted",
    "currency",
    "frozen",
    "own",
    "out_of_period",
    "missing",
)
"""What each plain row of a forecast's figures has."""


def plain_rows(figures: "ForecastFigures") -> list[dict[str, Any]]:
    """The lines as dicts of plain values, with `COLUMNS`."""
    return [dict(zip(COLUMNS, _plain(held), strict=True)) for held in figures.lines]


def _plain(held: "LineFigures") -> Iterator[Any]:
    shown, override = held.figures, held.line.override if held.overridden else None
    yield from (held.line.opportunity, held.name, held.close_date)
    yield from (None, None) if held.value is None else (held.value.amount, held.value.currency)
    yield None if held.exchange is None else held.exchange.rate
    yield None if shown.probability is None else shown.probability.value
    yield from (shown.outcome, shown.category, shown.gross.amount, held.computed.amount)
    yield from (None, None) if override is None else (override.amount, override.currency)
    yield from (shown.weighted.amount, shown.currency, held.frozen, held.own, held.out_of_period)
    yield ", ".join(shown.incomplete)


def _title(figures: "ForecastFigures") -> str:
    return f"Forecast {figures.forecast.number}, {figures.forecast.status}, in {figures.currency}"


def _rows(figures: "ForecastFigures") -> Iterator[list[object]]:
    for held in figures.lines:
        shown = held.figures
        yield [
            held.name or held.line.opportunity,
            held.close_date,
            held.value,
            shown.probability,
            shown.gross.amount,
            shown.weighted.amount,
            ", ".join(_marks(held)),
        ]
    yield ["total", None, None, None, figures.gross.amount, figures.weighted.amount, ""]
    for one in figures.adjustments:
        made = one.adjustment
        said = f"{made.by}: {made.note}" if made.note else made.by
        yield ["adjustment", None, made.amount or made.difference, None, None, one.effect.amount, said]
    for name in VIEWS:
        yield [name.replace("_", " "), None, None, None, None, getattr(figures, name).amount, ""]


def _marks(held: "LineFigures") -> Iterator[str]:
    if held.figures.outcome != "open":
        yield held.figures.outcome
    if held.overridden:
        yield "overridden"
    if not held.own:
        yield "not the owner's own"
    if held.out_of_period:
        yield "out of period"
    yield from (f"no {name.replace('_', ' ')}" for name in held.figures.incomplete)
