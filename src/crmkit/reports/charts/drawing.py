"""What all charts are drawn with: an empty figure, few colours, axes of amounts, bars with what they say beside them.

Colours are of the set that M. Okabe and K. Ito chose to be told apart by all people; they differ in lightness, too.
Every colour is set here, so that a style that is in use elsewhere makes no chart unreadable.
"""

from collections.abc import Callable, Sequence
from datetime import UTC
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from crmkit.errors import MissingExtra
from crmkit.reports.charts.saying import short, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from crmkit.reports.charts.figure import Chart

__all__ = [
    "COLOURS",
    "DIAMOND",
    "GREY",
    "INK",
    "Bars",
    "as_amounts",
    "as_counts",
    "as_days",
    "as_instants",
    "as_percent",
    "blank",
    "finished",
    "legend_of",
    "nothing",
]

INK: Final = "#1a1a1a"
GREY: Final = "#757575"
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
"""Blue, orange, green, vermilion, purple, sky blue."""

DIAMOND: Final[dict[str, Any]] = {
    "marker": "D",
    "markersize": 5,
    "color": COLOURS[1],
    "markeredgecolor": INK,
    "linestyle": "",
}
"""How a diamond is drawn."""

_WIDTH: Final = 8.0
_CROWDED: Final = 80
"""From how many letters on names below bars stand aslant."""

_FAINT: Final = "#dddddd"


def blank(title: str, *, height: float = 4.5) -> tuple["Chart", "Axes"]:
    """A figure of that height in inches with its title, and axes without a frame. Raises MissingExtra."""
    try:
        from crmkit.reports.charts.figure import Chart  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("matplotlib", "charts") from cause
    figure = Chart(figsize=(_WIDTH, height))
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    axes = figure.add_subplot()
    axes.set_facecolor("white")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(colors=INK, length=0, labelsize=9)
    axes.grid(visible=False)
    return figure, axes


def finished(figure: "Chart", note: str = "") -> "Chart":
    """The figure with a note below. No text in it is taken for a formula, whatever it holds."""
    from matplotlib.text import Text  # noqa: PLC0415 - it is there, since there is a figure

    if note:
        figure.supxlabel(note, x=0.01, ha="left", fontsize=8.5, color=GREY)
    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_parse_math(False)
            text.set_usetex(False)
    return figure


def nothing(title: str, language: str, note: str = "") -> "Chart":
    """A figure that says that there is nothing to show."""
    figure, axes = blank(title, height=2.0)
    axes.set_axis_off()
    said = word("nothing to show", language)
    axes.text(0.5, 0.5, said.capitalize(), ha="center", va="center", color=GREY, transform=axes.transAxes)
    return finished(figure, note)


def legend_of(
    axes: "Axes", handles: Sequence[Any], corner: Literal["lower left", "upper left"], at: tuple[float, float]
) -> "Legend":
    """What the colours and marks say, in one row: its corner at that place, in parts of the axes."""
    return axes.legend(
        handles=handles,
        loc=corner,
        bbox_to_anchor=at,
        ncols=len(handles),
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        handlelength=1.2,
        borderaxespad=0,
        borderpad=0,
    )


def as_amounts(axis: Any) -> None:
    """The axis is of amounts, which are shortened."""
    _ruled(axis, lambda value: short(Decimal(repr(float(value)))))


def as_counts(axis: Any) -> None:
    """The axis is of whole numbers."""
    _ruled(axis, lambda value: f"{value:,.0f}", whole=True)


def as_days(axis: Any) -> None:
    """The axis is of days, which may be parts of one."""
    _ruled(axis, lambda value: f"{value:,.4g}")


def as_percent(axis: Any) -> None:
    """The axis is of ratios, shown in percent."""
    _ruled(axis, lambda value: f"{value * 100:.3g} %".replace("-", "−"))


def as_instants(axis: Any) -> None:
    """The axis is of instants, shown in UTC by days and months as numbers, which are the same in every language."""
    dates: Any = import_module("matplotlib.dates")
    days = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"]
    around = ["", "", "%Y", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"]
    locator = dates.AutoDateLocator(tz=UTC, minticks=3, maxticks=8)
    zeros = ["", "%Y-%m", *days[1:-1]]
    axis.set_major_locator(locator)
    axis.set_major_formatter(
        dates.ConciseDateFormatter(locator, tz=UTC, formats=days, zero_formats=zeros, offset_formats=around)
    )
    axis.get_offset_text().set_color(INK)


def _ruled(axis: Any, said: Callable[[float], str], *, whole: bool = False) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - it is there, since there are axes

    axis.set_major_locator(MaxNLocator(nbins=6, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(lambda value, _: said(value))
    axis.grid(visible=True, color=_FAINT, linewidth=0.8)
    axis.axes.set_axisbelow(True)


@attrs.frozen
class Bars:
    """Bars at the places 0, 1, 2 …: upright from left to right, or lying from top to bottom."""

    axes: "Axes"
    upright: bool

    @property
    def value_axis(self) -> Any:
        """The axis of what the bars come to."""
        return self.axes.yaxis if self.upright else self.axes.xaxis

    def put(self, place: int, start: float, length: float, colour: str, *, what: str) -> None:
        """A bar from `start` on; `what` is kept as its `gid`."""
        if self.upright:
            self.axes.bar(place, length, 0.66, bottom=start, color=colour, gid=what)
        else:
            self.axes.barh(place, length, 0.66, left=start, color=colour, gid=what)

    def stack(self, place: int, pieces: Sequence[tuple[str, float, str]]) -> tuple[float, float]:
        """Bars on each other, each by what it is, its length and colour; what is below zero goes the other way.

        Gives how far they reach down and up.
        """
        low = high = 0.0
        for what, length, colour in pieces:
            self.put(place, low if length < 0 else high, length, colour, what=what)
            low, high = low + min(length, 0.0), high + max(length, 0.0)
        return low, high

    def mark(self, place: int, value: float, *, what: str) -> None:
        """A black line across a bar at a value."""
        across, at = [place - 0.42, place + 0.42], [value, value]
        xs, ys = (across, at) if self.upright else (at, across)
        self.axes.plot(xs, ys, color=INK, linewidth=2.2, solid_capstyle="butt", gid=what)

    def write(self, place: int, value: float, text: str, *, below: bool = False, off: int = 4) -> None:
        """A label so many points beyond the end of a bar."""
        off = -off if below else off
        at = (place, value) if self.upright else (value, place)
        self.axes.annotate(
            text,
            at,
            xytext=(0, off) if self.upright else (off, 0),
            textcoords="offset points",
            ha="center" if self.upright else "right" if below else "left",
            va="center" if not self.upright else "top" if below else "bottom",
            fontsize=8.5,
            color=INK,
            linespacing=1.15,
            annotation_clip=False,
        )

    def name(self, labels: Sequence[str]) -> None:
        """The names of the bars, and a line at zero."""
        places = list(range(len(labels)))
        longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
        crowded = longest * len(labels) > _CROWDED
        if self.upright and crowded:
            told = [label.replace("\n", " ") for label in labels]
            self.axes.set_xticks(places, told, rotation=35, ha="right", rotation_mode="anchor")
        elif self.upright:
            self.axes.set_xticks(places, labels)
        if self.upright:
            self.axes.set_xlim(-0.6, len(places) - 0.4)
            self.axes.axhline(0, color=INK, linewidth=0.8)
        else:
            self.axes.set_yticks(places, labels)
            self.axes.set_ylim(len(places) - 0.4, -0.6)
            self.axes.axvline(0, color=INK, linewidth=0.8)

    def leave_room(self, below: float, above: float) -> None:
        """Room for labels beyond the ends of the bars, as shares of what the axis holds."""
        low, high = self.axes.dataLim.intervaly if self.upright else self.axes.dataLim.intervalx
        whole = (max(high, 0.0) - min(low, 0.0)) or 1.0
        nearly = whole * 1e-9  # the line at zero is a rounding away from it
        reaches_down = low < -nearly
        limits = (
            low - whole * below if reaches_down else 0.0,
            high + whole * above if high > nearly or not reaches_down else 0.0,
        )
        (self.axes.set_ylim if self.upright else self.axes.set_xlim)(limits)

    def explain(self, entries: Sequence[tuple[str, str]], mark: str = "", diamond: str = "") -> None:
        """What the colours mean, above the bars, and what a line across them or a diamond is."""
        from matplotlib.lines import Line2D  # noqa: PLC0415 - it is there, since there are axes
        from matplotlib.patches import Patch  # noqa: PLC0415 - it is there, since there are axes

        shown: list[Any] = [Patch(color=colour, label=text) for text, colour in entries]
        if mark:
            shown.append(Line2D([], [], color=INK, linewidth=2.2, label=mark))
        if diamond:
            shown.append(Line2D([], [], **DIAMOND, label=diamond))
        legend = legend_of(self.axes, shown, "lower left", (0, 1.02))
        legend.set_zorder(3)
