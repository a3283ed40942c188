"""The chart of how far those came that entered a stage."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from crmkit.entities import FrozenMap
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.cohorts import Cohort, StageConversion
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.drawing import COLOURS, Bars, as_counts, blank, finished, nothing
from crmkit.reports.charts.saying import joined, percent, row_name, sentence, stage_name, word

if TYPE_CHECKING:
    from crmkit.reports.charts.figure import Chart

__all__ = ["funnel"]

_NO_NAMES: Final[Mapping[str, str]] = FrozenMap()


def funnel(
    found: StageConversion,
    key: Any = None,
    *,
    stage: str = "",
    names: Mapping[str, str] = _NO_NAMES,
    language: str = "en",
) -> "Chart":
    """Of those that entered a stage, how many came to each later one, and how many were won: a bar each.

    The `stage` is the first one that somebody entered, unless it is said. It is of all groups together, or of the one
    of a `key`: an id or code, or one for each dimension. `names` says how stages are called whose codes people do not
    read. Raises Invalid on a stage or a key that nobody entered, on what is no such answer and on another language,
    MissingExtra.
    """
    check({"found": found}, StageConversion, "stage_conversion()", language)
    title = word("funnel", language).capitalize()
    if not found.rows and key is None and not stage:
        return nothing(title, language)
    rows = _rows(found, key, stage)
    first = rows[0]
    reached = [(first.stage, sum(row.entered for row in rows))]
    reached += [(later, sum(row.reached[later] for row in rows)) for later in first.reached]
    won, lost, still = (sum(getattr(row, outcome) for row in rows) for outcome in ("won", "lost", "open"))
    counts = [*(count for _, count in reached), won]
    labels = [stage_name(code, names) for code, _ in reached]
    of = [] if key is None else [row_name(first, language)]
    figure, axes = blank(", ".join([f"{title}: {labels[0]}", *of]), height=1.5 + 0.38 * len(counts))
    bars = Bars(axes, upright=False)
    for place, count in enumerate(counts):
        last = place == len(counts) - 1
        bars.put(place, 0, count, COLOURS[2 if last else 0], what="won" if last else reached[place][0])
        bars.write(place, count, _said(counts, place))
    as_counts(axes.xaxis)
    bars.name([*labels, word("won", language).capitalize()])
    said = word("of {}: {} won, {} lost, {} open", language).format(f"{counts[0]:,}", won, lost, still)
    explained = word("percent of those that entered, in brackets of the stage before", language)
    return finished(figure, joined([sentence(said), explained]))


def _rows(found: StageConversion, key: Any, stage: str) -> list[Cohort]:
    wanted = key if isinstance(key, tuple) else (key,)
    rows = [row for row in found.rows if key is None or tuple(row.key.values()) == wanted]
    entered = {row.stage for row in rows}
    first = stage or next((one for one in found.stages if one in entered), "")
    held = [row for row in rows if row.stage == first]
    if not held:
        said = f"nobody entered {stage!r}" if rows or key is None else f"there is no row of {key!r}"
        raise Invalid("the funnel", [Fault("stage" if rows or key is None else "key", said)])
    return held


def _said(counts: Sequence[int], place: int) -> str:
    count, whole = counts[place], counts[0]
    if not place or not whole:
        return f"{count:,}"
    before = counts[place - 1]
    step = f" ({percent(Fraction(count, before))})" if before and place > 1 else ""
    return f"{count:,} · {percent(Fraction(count, whole))}{step}"
