"""The chart of how long opportunities stay in each stage."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crmkit.entities import FrozenMap
from crmkit.forecasting.cohorts import StageTime, TimeInStage
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.drawing import COLOURS, DIAMOND, GREY, Bars, as_days, blank, finished, nothing
from crmkit.reports.charts.saying import row_name, stage_name, word

if TYPE_CHECKING:
    from crmkit.reports.charts.figure import Chart

__all__ = ["time_in_stage"]

_MOST: Final = 8
_NO_NAMES: Final[Mapping[str, str]] = FrozenMap()
_DAY: Final = timedelta(days=1)


def time_in_stage(
    found: TimeInStage, *, most: int = _MOST, names: Mapping[str, str] = _NO_NAMES, language: str = "en"
) -> "Chart":
    """The median of the days in each stage, a bar each, with the mean as a diamond.

    Beside it stands how many left the stage and how many are still in it; both figures are of those that left, and
    while nobody has, there are none. By groups, those with the most spells are shown, at most `most` of them, and how
    many others there are is said: medians do not add up. `names` says how stages are called whose codes people do not
    read. Raises Invalid on what is no such answer and on another language, MissingExtra.
    """
    check({"found": found}, TimeInStage, "time_in_stage()", language)
    title = f"{word('time in stage', language).capitalize()}, {word('days', language)}"
    if not found.rows:
        return nothing(title, language)
    rows, more = _kept(found.rows, most)
    figure, axes = blank(title, height=1.5 + 0.34 * len(rows))
    bars = Bars(axes, upright=False)
    for place, row in enumerate(rows):
        middle, mean = ((one or timedelta()) / _DAY for one in (row.median, row.mean))
        bars.put(place, 0, middle, COLOURS[0], what=row.stage)
        if row.mean is not None:
            axes.plot([mean], [place], gid="mean", **DIAMOND)
        bars.write(place, max(middle, mean), _said(row, language), off=7)
    bars.name([_label(row, names, language) for row in rows])
    if any(row.left for row in rows):
        as_days(axes.xaxis)
        axes.set_xlim(0, axes.dataLim.xmax * 1.05 or 1)
        bars.explain([(word("median", language), COLOURS[0])], diamond=word("mean", language))
    else:
        axes.set_xticks([])
        axes.set_xlim(0, 1)
        axes.set_xlabel(word("no data: nobody has left a stage", language).capitalize(), color=GREY, fontsize=9)
    return finished(figure, word("{} more are not shown", language).format(more) if more else "")


def _kept(rows: Sequence[StageTime], most: int) -> tuple[list[StageTime], int]:
    """The rows of the groups with the most spells, in their order, and how many groups are left out."""
    spells: dict[FrozenMap[str], int] = {}
    for row in rows:
        spells[row.key] = spells.get(row.key, 0) + row.entered
    shown = set(sorted(spells, key=lambda key: -spells[key])[:most])
    return [row for row in rows if row.key in shown], max(len(spells) - most, 0)


def _label(row: StageTime, names: Mapping[str, str], language: str) -> str:
    return " · ".join(filter(None, (row_name(row, language), stage_name(row.stage, names))))


def _said(row: StageTime, language: str) -> str:
    still = word("{} still there", language).format(row.still)
    if row.median is None or row.mean is None or row.longest is None:
        return still
    mean, longest = (f"{one / _DAY:,.1f}" for one in (row.mean, row.longest))
    left = word("{} left, mean {}, longest {}", language).format(row.left, mean, longest)
    return f"{row.median / _DAY:,.1f}: {left}" + (f"; {still}" if row.still else "")
