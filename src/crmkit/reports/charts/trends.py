"""The chart of a trend."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmkit.entities import Money
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.trend import Trend
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.drawing import (
    COLOURS,
    GREY,
    INK,
    as_amounts,
    as_counts,
    as_instants,
    as_percent,
    blank,
    finished,
    nothing,
)
from crmkit.reports.charts.saying import percent, row_name, short, word

if TYPE_CHECKING:
    from crmkit.reports.charts.figure import Chart

__all__ = ["trend"]

_FIGURES: Final = ("won", "weighted", "gross")
_MOST: Final = 5
_APART: Final = 0.055
"""How far labels at the ends of lines are kept apart, as a part of the height."""

_LEAD: Final = 20
"""How many points a name is away from the end of its line."""

_READ: Final = {COLOURS[1]: "#8A5A00", COLOURS[5]: "#1F7FB5"}
"""Darker shades of those colours in which letters are too faint to be read on white."""


@attrs.frozen
class _Line:
    """A line through the instants: None where there is nothing at one."""

    label: str
    values: tuple[Any, ...]
    colour: str
    dashed: bool = False

    @property
    def heights(self) -> list[float]:
        return [_height(value) for value in self.values]


def trend(found: Trend, figure: str | Sequence[str] = "", *, most: int = _MOST, language: str = "en") -> "Chart":
    """Figures of a roll-up through time, a line each, named where they end.

    `figure` is one or several of those that `found.of` takes, all amounts, all numbers or all ratios. Several are of
    the whole, with its quota as a dashed line beside amounts: what is won, weighted and gross where nothing is said and
    there are no groups. By groups one figure, "weighted" unless it is said, has a line a group: the `most` largest at
    the end, the others together as "other" (ratios, which do not add up, without them). A line has gaps where there is
    nothing, and there is none of what is never there. Raises Invalid on a figure that there is not, on figures of
    several kinds, on what is no trend and on another language; MissingExtra.
    """
    check({"found": found}, Trend, "trend(start=…)", language)
    asked = [figure] if isinstance(figure, str) and figure else list(figure)
    asked = asked or (["weighted"] if found.by else [*_FIGURES])
    groups = bool(found.by) and len(asked) == 1
    lines, note = _by_group(found, asked[0], most, language) if groups else (_whole(found, asked, language), "")
    lines = [line for line in lines if any(value is not None for value in line.values)]
    kinds = {_kind(value) for line in lines for value in line.values} - {""}
    if len(kinds) > 1:
        raise Invalid("the trend", [Fault("figure", "are all amounts, all numbers, or all ratios")])
    kind = "".join(kinds)
    named = [word("trend", language).capitalize()]
    named += [word(asked[0].replace("_", " "), language)] if len(asked) == 1 else []
    title = ", ".join([*named, *([found.currency] if kind == "amount" else [])])
    return _drawn(found, lines, kind, title, note) if kind else nothing(title, language)


def _drawn(found: Trend, lines: Sequence[_Line], kind: str, title: str, note: str) -> "Chart":
    drawn, axes = blank(title)
    at: Any = [point.at for point in found.points]
    for line in lines:
        style = {"linestyle": "--", "linewidth": 1.4} if line.dashed else {"linewidth": 2.0}
        marks = {"marker": "o", "markersize": 3.5 if len(at) > 1 else 7} if len(at) <= 40 and not line.dashed else {}
        axes.plot(at, line.heights, color=line.colour, gid=line.label, **style, **marks)  # type: ignore[arg-type]
    {"amount": as_amounts, "number": as_counts, "ratio": as_percent}[kind](axes.yaxis)
    as_instants(axes.xaxis)
    heights = [height for line in lines for height in line.heights if height == height]  # noqa: PLR0124 - no gaps
    low, high = min(0.0, *heights), max(0.0, *heights)
    axes.set_ylim(low - (high - low) * 0.05 if low else 0, high + (high - low) * 0.06 or 1)
    axes.axhline(0, color=INK, linewidth=0.8)
    if len(at) == 1:
        axes.set_xlim(at[0] - timedelta(days=1), at[0] + timedelta(days=1))
    _name_ends(axes, at, lines, (high - low) or 1)
    return finished(drawn, note)


def _name_ends(axes: Any, instants: Sequence[Any], lines: Sequence[_Line], height: float) -> None:
    """Each line is named beside its end, with a piece of it between; where ends are close, names are kept apart."""
    told = []
    for line in lines:
        last = max(place for place, value in enumerate(line.values) if value is not None)
        told.append((line.heights[last], last, line))
    at = None
    for height_there, last, line in sorted(told, key=lambda one: one[:2]):
        at = height_there if at is None else max(height_there, at + height * _APART)
        axes.annotate(
            f"{line.label} {_said(line.values[last])}",
            (instants[last], height_there),
            xytext=(_LEAD, at),
            textcoords=("offset points", "data"),
            va="center",
            fontsize=9,
            color=_READ.get(line.colour, line.colour),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": line.colour,
                "linewidth": 1,
                "linestyle": "--" if line.dashed else "-",
                "shrinkA": 0,
                "shrinkB": 4,
                "relpos": (0, 0.5),
            },
        )


def _whole(found: Trend, figures: Sequence[str], language: str) -> list[_Line]:
    lines = [
        _Line(
            word(figure.replace("_", " "), language),
            tuple(value for _, value in found.of(figure)),
            COLOURS[place % len(COLOURS)],
        )
        for place, figure in enumerate(figures)
    ]
    quotas = tuple(value for _, value in found.of("quota"))
    amount = any(_kind(value) == "amount" for line in lines for value in line.values)
    if amount and "quota" not in figures and any(value is not None for value in quotas):
        lines.append(_Line(word("quota", language), quotas, INK, dashed=True))
    return lines


def _by_group(found: Trend, figure: str, most: int, language: str) -> tuple[list[_Line], str]:
    shown = {tuple(row.key.values()): row_name(row, language) for point in found.points for row in point.figures.rows}
    values = {key: tuple(value for _, value in found.of(figure, key)) for key in shown}
    ordered = sorted(values, key=lambda key: _rank(values[key]), reverse=True)
    lines = [_Line(shown[key], values[key], COLOURS[place % len(COLOURS)]) for place, key in enumerate(ordered[:most])]
    rest = ordered[most:]
    if not rest:
        return lines, ""
    others = [
        tuple(one for one in some if one is not None) for some in zip(*(values[key] for key in rest), strict=True)
    ]
    if any(_kind(value) == "ratio" for some in others for value in some):
        return lines, word("{} more are not shown", language).format(len(rest))
    summed = tuple(_sum(some) for some in others)
    return [*lines, _Line(f"{word('other', language)} ({len(rest)})", summed, GREY)], ""


def _rank(values: Sequence[Any]) -> tuple[float, float]:
    heights = [_height(value) for value in values if value is not None]
    return (_height(values[-1]) if values and values[-1] is not None else 0.0, max(heights, default=0.0))


def _sum(values: Sequence[Any]) -> Any:
    if not values:
        return None
    first = values[0]
    return Money.total(values, first.currency) if isinstance(first, Money) else sum(values)


def _kind(value: Any) -> str:
    match value:
        case Money():
            return "amount"
        case Fraction():
            return "ratio"
        case int() | Decimal():
            return "number"
        case _:
            return ""


def _height(value: Any) -> float:
    if value is None:
        return float("nan")
    return float(value.amount if isinstance(value, Money) else value)


def _said(value: Any) -> str:
    match value:
        case Money():
            return short(value.amount)
        case Fraction():
            return percent(value)
        case _:
            return f"{value:,}"
