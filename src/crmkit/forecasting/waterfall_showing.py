"""A waterfall as plain rows, and as a table in a notebook or a terminal."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from crmkit.forecasting.schema import kinds_of_keys
from crmkit.tables import html_table, text_table

if TYPE_CHECKING:
    from crmkit.forecasting.waterfall import Waterfall, WaterfallRow

__all__ = ["columns", "html", "plain_rows", "text"]


def plain_rows(found: "Waterfall") -> list[dict[str, Any]]:
    """The rows as dicts of plain values; the total alone where it is by nothing."""
    return [dict(_plain(row, found.currency)) for row in found.rows or ([] if found.by else [found.total])]


def _plain(row: "WaterfallRow", currency: str) -> Iterator[tuple[str, Any]]:
    for dimension, key in row.key.items():
        yield dimension, key
        yield f"{dimension}_shown", row.shown[dimension]
    yield _currency(row.key), currency
    yield from _figures(row)
    if row.with_descendants is not None:
        for name, figure in _figures(row.with_descendants):
            yield f"{name}_with_descendants", figure


def _currency(by: Iterable[str]) -> str:
    """The column of the figures' currency, which is told apart from the opportunities' own where rows are by that."""
    return "figures_currency" if "currency" in by else "currency"


def _figures(row: "WaterfallRow") -> Iterator[tuple[str, Any]]:
    yield "start", row.start.amount
    yield "start_count", row.start_count
    for line, amount in row.lines.items():
        yield line, amount.amount
        yield f"{line}_count", row.counts[line]
    yield "end", row.end.amount
    yield "end_count", row.end_count


def columns(found: "Waterfall") -> dict[str, str]:
    """The columns of the plain rows, each with the kind of what it holds: see `crmkit.frames.arrow_table`."""
    total = found.total
    figures = [name for name, _ in _figures(total)]
    if total.with_descendants is not None:
        figures += [f"{name}_with_descendants" for name in figures]
    return {
        **kinds_of_keys(found.by),
        _currency(found.by): "text",
        **{name: "whole" if "_count" in name else "amount" for name in figures},
    }


def html(found: "Waterfall") -> str:
    """An HTML table; figures stand to the right, all text is escaped."""
    heads, rows = _table(found)
    return html_table(heads, rows, _caption(found), total=True)


def text(found: "Waterfall") -> str:
    """A table of plain text."""
    heads, rows = _table(found)
    return f"{_caption(found)}\n{text_table(heads, rows)}"


def _caption(found: "Waterfall") -> str:
    start, end = (instant.isoformat(" ", "minutes").replace("+00:00", " UTC") for instant in (found.start, found.end))
    return f"Open pipeline, {found.measure}, in {found.currency}, from {start} to {end}"


def _table(found: "Waterfall") -> tuple[list[str], list[list[object]]]:
    """The lines that something is on: below each other, or beside each other where there are rows."""
    total = found.total
    lines = [line for line, count in total.counts.items() if count or total.lines[line]]
    if not found.by:
        steps = [[_said(line), total.counts[line], total.lines[line].amount] for line in lines]
        first: list[object] = ["Start", total.start_count, total.start.amount]
        return ["", "Count", "Amount"], [first, *steps, ["End", total.end_count, total.end.amount]]
    heads = [*map(_said, found.by), "Start", *map(_said, lines), "End"]
    labels = ["total", *[""] * (len(found.by) - 1)]
    rows = [[*row.shown.values(), *_amounts(row, lines)] for row in found.rows]
    return heads, [*rows, [*labels, *_amounts(total, lines)]]


def _amounts(row: "WaterfallRow", lines: list[str]) -> list[object]:
    return [row.start.amount, *(row.lines[line].amount for line in lines), row.end.amount]


def _said(name: str) -> str:
    return name.replace("_", " ").capitalize()
