"""What several records say together, whoever writes at the same moment: that on which it hangs is saved anew, or looked
at once more when those that refer to it are saved.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.changes import Changes, Update
from crmkit.entities import ForecastLine, Record, SalesForecast, SalesPeriod
from crmkit.errors import Busy
from crmkit.rules.belonging import TREES, line_above

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["forecasts_of_lines", "guarded", "still_drafts"]


def guarded(work: "Work", changes: Changes) -> tuple[Changes, frozenset[UUID]]:
    """The changes, with the records on which what they rely on hangs, and the ids of those that are saved anew. Raises
    Busy where it holds no more, which was asked of the rules before.

    Drafts have the dates of their period, and a tree has no cycles as long as its top says who moved in it last.
    """
    if not any(isinstance(update.after, _GUARDED) for update in changes.updates):
        return changes, frozenset()
    touched = {record.id for record in changes.touched()}
    holding = {one.id: one for one in (*_drafts(work, changes), *_tops(work, changes))}
    anew = {id: Update(one, one) for id, one in holding.items() if id not in touched}
    return attrs.evolve(changes, updates=[*changes.updates, *anew.values()]), frozenset(anew)


_GUARDED: Final[tuple[type[Record], ...]] = (SalesPeriod, *(kind for kind, _ in TREES))


def forecasts_of_lines(changes: Changes) -> set[UUID]:
    """The forecasts whose lines are changed and which are not, which rules have seen as drafts."""
    written = (*changes.creates, *(update.after for update in changes.updates), *changes.deletes)
    ids = {one.forecast for one in written if isinstance(one, ForecastLine)}
    return ids and ids - {record.id for record in (*changes.touched(), *changes.creates)}


def still_drafts(work: "Work", ids: Iterable[UUID]) -> None:
    """Raises Busy where a forecast is no draft any more, once its lines are saved: whoever submits it from then on
    waits for them, and looks whether there are more.
    """
    for forecast in work.unit.get_many(SalesForecast, ids).values():
        _draft(forecast)


def _draft(forecast: SalesForecast) -> SalesForecast:
    if forecast.status != "draft":
        raise Busy(f"forecast {forecast.number} was being submitted meanwhile: try again")
    return forecast


def _drafts(work: "Work", changes: Changes) -> Iterator[SalesForecast]:
    """The forecasts of periods whose dates are changed."""
    for update in changes.updates:
        period: Any = update.after
        if isinstance(period, SalesPeriod) and _dates(period) != _dates(update.before):
            yield from map(_draft, work.known.all_of(SalesForecast, period=period.id))


def _dates(period: Any) -> tuple[date, date]:
    return period.starts_on, period.ends_on


def _tops(work: "Work", changes: Changes) -> Iterator[Record]:
    """The tops of the trees from which and to which something moves. They are read before the way there is looked at
    once more: whoever moves something on it from then on saves them anew, too.
    """
    for update in changes.updates:
        before, after = update.before, update.after
        for kind, up in TREES:
            if not isinstance(after, kind) or getattr(after, up) in (None, getattr(before, up)):
                continue
            lines = [list(line_above(kind, up, one, work.known)) for one in (before, after)]
            now = [list(line_above(kind, up, one, work.known)) for one in (before, after)]
            if _ids(lines) != _ids(now) or any(getattr(line[-1], up) for line in now if line):
                raise Busy(f"the {kind.spec.name} {after.id} was being moved meanwhile: try again")
            yield from (line[-1] for line in lines if line)


def _ids(lines: Sequence[Sequence[Record]]) -> list[list[UUID]]:
    return [[one.id for one in line] for line in lines]
