"""An explanation as a table: what adds up to the figure, and what was rounded off on the way."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any, Final

from crmkit.entities import Money
from crmkit.forecasting.rates import EVER, Exchange
from crmkit.printing import on_one_line
from crmkit.tables import html_table, shown, text_table

if TYPE_CHECKING:
    from crmkit.forecasting.explaining import Explanation, Part

__all__ = ["COLUMNS", "html", "plain_rows", "text"]

_HEADS: Final = ("From", "Closes", "Value", "Gross", "Probability", "Unrounded", "Rounded off", "Notes", "Adds")


def text(explanation: "Explanation") -> str:
    """Plain text: what it is, the rule, the parts, the rates."""
    lines = list(_said(explanation))
    if explanation.operands:
        operands = "\n\n".join(text(one) for one in explanation.operands.values())
        return "\n".join([*lines, "", operands])
    return "\n".join([*lines, text_table(_HEADS, _rows(explanation)), *_rates(explanation)])


def html(explanation: "Explanation") -> str:
    """The same as HTML; all text is escaped."""
    said = "<br>".join(escape(line) for line in _said(explanation))
    if explanation.operands:
        return f"<p>{said}</p>\n" + "\n".join(html(one) for one in explanation.operands.values())
    rates = "".join(f"<li>{escape(line)}</li>" for line in _rates(explanation))
    listed = f"\n<ul>{rates}</ul>" if rates else ""
    return f"<p>{said}</p>\n{html_table(_HEADS, _rows(explanation), total=True)}{listed}"


def _said(explanation: "Explanation") -> Iterator[str]:
    named = explanation.figure.replace("_", " ").capitalize()
    yield on_one_line(f"{named} of {explanation.of}: {shown(explanation.value) or 'none'}")
    yield on_one_line(explanation.rule)


def _rows(explanation: "Explanation") -> Iterator[list[object]]:
    for part in explanation.parts:
        likely = part.figures.probability
        yield [
            part.name,
            part.close_date,
            part.value,
            part.figures.gross.amount,
            likely,
            _decimal(part.unrounded),
            _decimal(part.remainder) if part.remainder else None,
            ", ".join(_notes(part)),
            _plain(part.amount),
        ]
    for one in explanation.quotas:
        row: list[object] = [f"quota of {one.owner}, {one.period}", None, one.quota.amount, None, None, None, None]
        yield [*row, "", one.amount.amount]
    for made in explanation.adjustments:
        held = made.adjustment
        by = f"adjustment by {held.by}"
        note = "; ".join(filter(None, ("in place of all before it" if held.amount is not None else "", held.note)))
        yield [by, None, held.amount or held.difference, None, None, None, None, note, made.effect.amount]
    off = _decimal(explanation.remainder) if explanation.remainder else None
    yield ["total", None, None, None, None, None, off, "", _plain(explanation.total)]


def _notes(part: "Part") -> Iterator[str]:
    if part.figures.outcome != "open":
        yield part.figures.outcome
    if part.measure == "weighted" and part.override is not None:
        yield f"overridden by {part.override}"
    if part.share is not None:
        yield "the item's share"
    yield from (f"no {name.replace('_', ' ')}" for name in part.figures.incomplete)


def _rates(explanation: "Explanation") -> list[str]:
    return [_rate(one) for one in explanation.rates]


def _rate(one: Exchange) -> str:
    if one.since == EVER:
        day = "handed in"
    else:
        found = "frozen with the line" if one.since is None else f"in the record of {one.since}"
        day = found if one.day is None else f"for {one.day}, {found}"
    return f"1 {one.money.currency} = {one.rate.normalize():f} {one.result.currency}, {day}"


def _plain(value: Any) -> Any:
    return value.amount if isinstance(value, Money) else value


def _decimal(exact: Fraction | None) -> Decimal | None:
    """The fraction as a decimal, exactly: rates, probabilities and amounts are decimals, so their products are."""
    if exact is None:
        return None
    with localcontext(prec=60):
        return Decimal(exact.numerator) / Decimal(exact.denominator)


COLUMNS: Final = (
    "figure",
    "kind",
    "id",
    "name",
    "close_date",
    "value",
    "value_currency",
    "rate",
    "rate_day",
    "rate_since",
    "gross",
    "probability",
    "override",
    "override_currency",
    "unrounded",
    "remainder",
    "amount",
)
"""What each plain row of an explanation has; what a part has not is None."""


def plain_rows(explanation: "Explanation") -> list[dict[str, Any]]:
    """The parts, quotas and adjustments as dicts of plain values; of what is reckoned of others, the operands'."""
    if explanation.operands:
        return [row for one in explanation.operands.values() for row in plain_rows(one)]
    found = [_part_row(part) for part in explanation.parts]
    for one in explanation.quotas:
        told = {"kind": "quota", "id": one.quota.id, "name": f"{one.owner}, {one.period}", "amount": one.amount.amount}
        found.append({**told, **_own(one.quota.amount), **_rate_row(one.exchange)})
    for made in explanation.adjustments:
        held = made.adjustment
        told = {"kind": "adjustment", "id": held.id, "name": held.by, "amount": made.effect.amount}
        found.append({**told, **_own(held.amount or held.difference), **_rate_row(made.exchange)})
    return [{**dict.fromkeys(COLUMNS), "figure": explanation.figure, **row} for row in found]


def _part_row(part: "Part") -> dict[str, Any]:
    likely, override = part.figures.probability, part.override
    return {
        "kind": "opportunity",
        "id": part.opportunity,
        "name": part.name,
        "close_date": part.close_date,
        **_own(part.value),
        **_rate_row(part.exchange),
        "gross": part.figures.gross.amount,
        "probability": None if likely is None else likely.value,
        "override": None if override is None else override.amount,
        "override_currency": None if override is None else override.currency,
        "unrounded": _decimal(part.unrounded),
        "remainder": _decimal(part.remainder),
        "amount": _plain(part.amount),
    }


def _own(value: Money | None) -> dict[str, Any]:
    return {} if value is None else {"value": value.amount, "value_currency": value.currency}


def _rate_row(exchange: Exchange | None) -> dict[str, Any]:
    return {} if exchange is None else {"rate": exchange.rate, "rate_day": exchange.day, "rate_since": exchange.since}
