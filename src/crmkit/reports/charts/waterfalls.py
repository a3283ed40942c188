"""The chart of a waterfall."""

from typing import TYPE_CHECKING, Any, Final

from crmkit.entities import Money
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.waterfall import Waterfall, WaterfallRow
from crmkit.reports.charts.asked import check
from crmkit.reports.charts.drawing import COLOURS, GREY, Bars, as_amounts, blank, finished, nothing
from crmkit.reports.charts.saying import amounts, instant, on_lines, row_name, signed, word

if TYPE_CHECKING:
    from crmkit.reports.charts.figure import Chart

__all__ = ["waterfall"]

_ENDS, _UP, _DOWN = GREY, COLOURS[0], COLOURS[3]
_ROOM: Final = 100


def waterfall(found: Waterfall, key: Any = None, *, with_descendants: bool = False, language: str = "en") -> "Chart":
    """From what was open at the start, by a step for each line that something is on, to what is open at the end.

    It is of the whole, or of the row of a `key`, as the waterfall takes it in brackets; along a tree, on demand, with
    all that is below it. Raises NoRow where there is no such row, Invalid where there is no tree, on what
    is no waterfall and on another language, MissingExtra.
    """
    check({"found": found}, Waterfall, "waterfall(start=…)", language)
    row = found.total if key is None else found[key]
    of = [row_name(row, language)] if row.key else []
    if with_descendants:
        row = _with_descendants(row)
    named = [word("open pipeline", language).capitalize(), word(found.measure, language)]
    title = ", ".join([*named, *of, found.currency])
    note = word("from {} to {}", language).format(instant(found.start), f"{instant(found.end)} UTC")
    if with_descendants:
        note += f"; {word('with all that is below', language)}"
    steps = _steps(row)
    if len(steps) == 2 and not row.start_count and not row.end_count:
        return nothing(title, language, note)
    figure, axes = blank(title)
    bars = Bars(axes, upright=True)
    labels = amounts([amount for _, _, amount in steps], room=_ROOM)
    for place, ((line, base, amount), label) in enumerate(zip(steps, labels, strict=True)):
        ends = line in ("start", "end")
        colour = _ENDS if ends else _UP if amount.minor >= 0 else _DOWN
        bars.put(place, float(base.amount), float(amount.amount), colour, what=line)
        tip = base + amount
        bars.write(place, float(tip.amount), label if ends else signed(label, amount), below=amount.minor < 0)
        if place + 1 < len(steps):
            level = float(tip.amount)
            axes.plot([place + 0.33, place + 0.67], [level, level], color=GREY, linewidth=0.8)
    as_amounts(axes.yaxis)
    bars.name([on_lines(word(line.replace("_", " "), language).capitalize()) for line, _, _ in steps])
    bars.leave_room(0.08, 0.08)
    return finished(figure, note)


def _with_descendants(row: WaterfallRow) -> WaterfallRow:
    if row.with_descendants is None:
        said = "is of rows along a tree: ask for the waterfall by salesperson or territory"
        raise Invalid("the chart", [Fault("with_descendants", said)])
    return row.with_descendants


def _steps(row: WaterfallRow) -> list[tuple[str, Money, Money]]:
    """Start, each line that something is on, and end: where it begins, and by how much it goes on from there."""
    none = Money.zero(row.start.currency)
    steps, at = [("start", none, row.start)], row.start
    for line, amount in row.lines.items():
        if row.counts[line] or amount:
            steps.append((line, at, amount))
            at += amount
    return [*steps, ("end", none, row.end)]
