"""A roll-up as plain rows, and as a table in a notebook or a terminal."""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crmkit.entities import Money
from crmkit.forecasting.totals import AMOUNTS
from crmkit.tables import html_table, text_table

if TYPE_CHECKING:
    from crmkit.forecasting.roll_up import Group, RollUp

__all__ = ["as_decimal", "columns", "html", "plain_rows", "text"]

_COUNTS: Final = ("count", "open_count", "won_count", "lost_count")
_SHOWN: Final = ("count", *AMOUNTS)
_SIX_PLACES: Final = Decimal("0.000001")


def as_decimal(ratio: Fraction | None) -> Decimal | None:
    """A ratio rounded half-even to six places; None stays None."""
    if ratio is None:
        return None
    millionths = round(ratio * 10**6)
    with localcontext(prec=max(28, len(str(millionths)))):
        return Decimal(millionths).scaleb(-6).quantize(_SIX_PLACES, ROUND_HALF_EVEN)


def plain_rows(rolled: "RollUp") -> list[dict[str, Any]]:
    """The rows as dicts of plain values."""
    with_quotas = _has_quotas(rolled)
    return [dict(_plain(row, tree=bool(rolled.trees), quotas=with_quotas)) for row in rolled.rows]


def _plain(row: "Group", *, tree: bool, quotas: bool) -> Iterator[tuple[str, Any]]:
    for dimension, key in row.key.items():
        yield dimension, key
        yield f"{dimension}_shown", row.shown[dimension]
    # a dimension may be the currency too: then the opportunities' own and the figures' are told apart
    yield "figures_currency" if "currency" in row.key else "currency", row.currency
    for name in _COUNTS:
        yield name, getattr(row, name)
    for name in AMOUNTS:
        yield name, getattr(row, name).amount
    if tree and row.with_descendants is not None:
        for name in ("count", *AMOUNTS):
            held = getattr(row.with_descendants, name)
            yield f"{name}_with_descendants", held.amount if isinstance(held, Money) else held
    if quotas:
        yield "quota", None if row.quota is None else row.quota.amount
        yield "attainment", as_decimal(row.attainment)
        yield "gap", None if row.gap is None else row.gap.amount


def _has_quotas(rolled: "RollUp") -> bool:
    return any(row.quota is not None for row in rolled.rows)


def columns(rolled: "RollUp", rows: list[dict[str, Any]]) -> list[str]:
    """The names of the plain rows' columns; those of the dimensions alone where there is no row."""
    return list(rows[0]) if rows else [name for dimension in rolled.by for name in (dimension, f"{dimension}_shown")]


def html(rolled: "RollUp") -> str:
    """The rows and their total as an HTML table; figures stand to the right, all text is escaped."""
    note = f"; incomplete: {len(rolled.incomplete)}" if rolled.incomplete else ""
    return html_table(_heads(rolled), _table(rolled), rolled.currency + note)


def text(rolled: "RollUp") -> str:
    """The rows and their total as a table of plain text."""
    note = f"; incomplete: {len(rolled.incomplete)}" if rolled.incomplete else ""
    return f"In {rolled.currency}{note}\n{text_table(_heads(rolled), _table(rolled))}"


def _heads(rolled: "RollUp") -> list[str]:
    quotas = ("quota", "attainment", "gap") if _has_quotas(rolled) else ()
    return [name.replace("_", " ").capitalize() for name in (*rolled.by, *_SHOWN, *quotas)]


def _table(rolled: "RollUp") -> Iterator[list[object]]:
    quotas = _has_quotas(rolled)
    for row in rolled.rows:
        yield [*row.shown.values(), *_figures(row, quotas=quotas)]
    labels = ["total", *[""] * (len(rolled.by) - 1)] if rolled.by else []
    yield [*labels, *_figures(rolled.total, quotas=quotas)]


def _figures(row: "Group", *, quotas: bool) -> Iterator[object]:
    """The amounts without their currency, which stands above the table."""
    held = [getattr(row, name) for name in _SHOWN]
    for figure in (*held, row.quota, row.attainment, row.gap) if quotas else held:
        yield figure.amount if isinstance(figure, Money) else figure
