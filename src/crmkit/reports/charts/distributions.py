"""The chart of what a period may come to."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from crmkit.entities import Money
from crmkit.forecasting.distribution import Between, Distribution
from crmkit.forecasting.simulating import Simulation
from crmkit.reports.charts.drawing import COLOURS, INK, as_amounts, as_percent, blank, finished, nothing
from crmkit.reports.charts.saying import amounts, joined, percent, sentence, short, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.reports.charts.figure import Chart

__all__ = ["distribution"]

_FEW: Final = 40
_TAIL: Final = 0.001
_LIKELY, _UNLIKELY = COLOURS[0], "#A9CDE3"

Chances = list[tuple[float, float]]
"""Totals in whole units of the currency, rising, with the chance of each."""


def distribution(found: Distribution | Simulation, *, quota: Money | None = None, language: str = "en") -> "Chart":
    """How likely each total is, with P10, P50 and P90, and the chance to reach a quota.

    Up to 40 totals have a bar each, as high as its chance; more are put together in 40 steps of equal width, without
    the outermost tenth of a percent on either side. Bars from P10 to P90 are darker. Raises ValueError on a quota in
    another currency, MissingExtra.
    """
    title = f"{word('distribution of revenue', language).capitalize()}, {found.currency}"
    if not found.deals and not found.certain:
        return nothing(title, language)
    chances = list(_chances(found))
    figure, axes = blank(title)
    low, high = _edge(found.quantile(10), low=True), _edge(found.quantile(90), low=False)
    if len(chances) <= _FEW:
        width = ((chances[-1][0] - chances[0][0]) or abs(chances[0][0]) or 1.0) / 90
        axes.set_ylabel(word("chance", language).capitalize(), color=INK, fontsize=9)
    else:
        chances, width = _put_together(chances)
        said = word("chance of each {}", language).format(short(Decimal(repr(width))))
        axes.set_ylabel(sentence(said), color=INK, fontsize=9)
    for total, chance in chances:
        # a step is dark where most of it is within
        axes.bar(total, chance, width * 0.9, color=_LIKELY if low <= total <= high else _UNLIKELY, gid="chance")
    as_percent(axes.yaxis)
    as_amounts(axes.xaxis)
    axes.xaxis.grid(visible=False)
    axes.margins(x=0.04)
    axes.axhline(0, color=INK, linewidth=0.8)
    _mark(axes, found, quota, language)
    if len(chances) == 1:
        low, high = axes.dataLim.intervalx
        axes.set_xlim(low - 20 * width, high + 20 * width)
    return finished(figure, _note(found, language))


def _chances(found: Distribution | Simulation) -> Iterator[tuple[float, float]]:
    unit = Money.of_minor(1, found.currency).amount
    one = float(unit)
    if isinstance(found, Simulation):
        for total, times in sorted(Counter(found.totals).items()):
            yield total * one, times / found.runs
        return
    before = 0.0
    for reached, upto in found.steps():
        yield float(reached) * one, upto - before
        before = upto


def _put_together(chances: Chances) -> tuple[Chances, float]:
    """Steps of equal width, by their middle, and their width."""
    upto: list[float] = []
    for _, chance in chances:
        upto.append((upto[-1] if upto else 0.0) + chance)
    first = min(bisect_right(upto, _TAIL), len(chances) - 1)
    last = min(bisect_right(upto, upto[-1] - _TAIL), len(chances) - 1)
    low, high = chances[first][0], chances[last][0]
    width = (high - low) / _FEW or 1.0
    held = [0.0] * _FEW
    for total, chance in chances[first : last + 1]:
        held[min(int((total - low) / width), _FEW - 1)] += chance
    return [(low + (place + 0.5) * width, chance) for place, chance in enumerate(held)], width


def _edge(quantile: Between | Money, *, low: bool) -> float:
    if isinstance(quantile, Money):
        return float(quantile.amount)
    return float((quantile.low if low else quantile.high).amount)


def _middle(quantile: Between | Money) -> Money:
    if isinstance(quantile, Money):
        return quantile
    return Money.of_minor((quantile.low.minor + quantile.high.minor) // 2, quantile.low.currency)


def _mark(axes: "Axes", found: Distribution | Simulation, quota: Money | None, language: str) -> None:
    """Lines at the quantiles and at the quota, named above; each name has room whatever falls on one place."""
    marks = [_middle(found.quantile(percentage)) for percentage in (10, 50, 90)]
    exact = isinstance(found, Simulation) or found.exact
    labels = amounts(marks, room=60) if exact else [short(one.amount) for one in marks]
    for percentage, at, label, side, row in zip(
        (10, 50, 90), marks, labels, ("right", "center", "left"), (0, 1, 0), strict=True
    ):
        _line(axes, at, f"P{percentage} {label}", side=side, row=row, colour=INK)
    if quota is not None:
        said = f"{word('quota', language)} {amounts([quota], room=60)[0]}: {_chance(found, quota, language)}"
        _line(axes, quota, said, side="center", row=2, colour=COLOURS[3])


def _line(axes: "Axes", at: Money, text: str, *, side: str, row: int, colour: str) -> None:
    height = 1.02 + 0.065 * row
    x = float(at.amount)
    axes.plot(
        [x, x],
        [0, height],
        color=colour,
        linewidth=1.2,
        linestyle="--",
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        gid=text,
    )
    axes.annotate(
        text,
        (x, height),
        xycoords=axes.get_xaxis_transform(),
        xytext=({"right": -4, "left": 4}.get(side, 0), 0),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=9,
        color=colour,
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _chance(found: Distribution | Simulation, quota: Money, language: str) -> str:
    if isinstance(found, Simulation):
        return percent(found.chance(quota))
    low, high = map(percent, found.chance(quota))
    return low if low == high else word("{} to {}", language).format(low, high)


def _note(found: Distribution | Simulation, language: str) -> str:
    mean, certain = amounts([found.mean, found.certain], room=60)
    notes: Sequence[str] = (
        f"{word('mean', language)} {mean}",
        f"{word('won', language)} {certain}" if found.certain else "",
        word("deals: {}", language).format(f"{len(found.deals):,}"),
        word("runs: {}", language).format(f"{found.runs:,}") if isinstance(found, Simulation) else "",
    )
    return sentence(joined(notes))
