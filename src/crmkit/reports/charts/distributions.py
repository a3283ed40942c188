"""The chart of what a period may come to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from crmkit.entities import Money
from crmkit.forecasting.distribution import Between, Distribution
from crmkit.forecasting.simulating import Simulation
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.binning import bars_of
from crmkit.reports.charts.drawing import COLOURS, INK, as_amounts, as_percent, blank, finished, legend_of, nothing
from crmkit.reports.charts.saying import amounts, joined, percent, sentence, short, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from crmkit.reports.charts.figure import Chart

__all__ = ["distribution"]

_LIKELY, _UNLIKELY = COLOURS[0], "#A9CDE3"


def distribution(found: Distribution | Simulation, *, quota: Money | None = None, language: str = "en") -> "Chart":
    """How likely each total is, with P10, P50 and P90, and the chance to reach a quota.

    Up to 40 totals have a bar each, as high as its chance. Where there are more, the outermost tenth of a percent on
    either side is left out, and what is still more than 40 is put together in at most 40 steps of equal width; where
    totals are a common step apart, or nearly so, each bar holds equally many of them. Bars from P10 to P90 are
    darker. Raises Invalid on a quota in another currency, on what is no such answer and on another language,
    MissingExtra.
    """
    check({"found": found}, (Distribution, Simulation), "distribution(…) or simulation(…)", language)
    title = f"{word('distribution of revenue', language).capitalize()}, {found.currency}"
    if not found.deals and not found.certain:
        return nothing(title, language)
    bars = bars_of(list(_chances(found)))
    unit = Fraction(Money.of_minor(1, found.currency).amount)
    figure, axes = blank(title)
    said = word("chance", language)
    if bars.step is not None:
        said = word("chance of each {}", language).format(short(_decimal(bars.step * unit)))
    axes.set_ylabel(sentence(said), color=INK, fontsize=9)
    low, high = _edge(found.quantile(10), low=True), _edge(found.quantile(90), low=False)
    width = float(bars.width * unit)
    likely = [low <= middle <= high for middle, _ in bars.chances]  # where most of a bar is within
    for (middle, chance), inside in zip(bars.chances, likely, strict=True):
        axes.bar(float(middle * unit), chance, width * 0.9, color=_LIKELY if inside else _UNLIKELY, gid="chance")
    as_percent(axes.yaxis)
    as_amounts(axes.xaxis)
    axes.xaxis.grid(visible=False)
    axes.margins(x=0.04)
    axes.axhline(0, color=INK, linewidth=0.8)
    _mark(axes, found, quota, language)
    if len(bars.chances) == 1:
        first, last = axes.dataLim.intervalx
        axes.set_xlim(first - 20 * width, last + 20 * width)
    if not all(likely):
        _explain(axes, language)
    return finished(figure, _note(found, language))


def _chances(found: Distribution | Simulation) -> Iterator[tuple[Fraction, float]]:
    """The totals that there is a chance of."""
    if isinstance(found, Simulation):
        for total, times in sorted(Counter(found.totals).items()):
            yield Fraction(total), times / found.runs
        return
    before = 0.0
    for reached, upto in found.steps():
        if upto > before:
            yield reached, upto - before
        before = upto


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _edge(quantile: Between | Money, *, low: bool) -> int:
    if isinstance(quantile, Money):
        return quantile.minor
    return (quantile.low if low else quantile.high).minor


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


def _explain(axes: "Axes", language: str) -> None:
    """What the two blues are, below the axis: above it are the names of the lines."""
    from matplotlib.patches import Patch  # noqa: PLC0415 - it is there, since there are axes

    told = ((_LIKELY, "from P10 to P90"), (_UNLIKELY, "less or more than that"))
    handles = [Patch(color=colour, label=word(text, language)) for colour, text in told]
    legend_of(axes, handles, "upper left", (0, -0.08))


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
