"""What several records say together hangs on one of them: whoever changes another saves that one anew, so that of two
who do so at the same moment one finds it changed.
"""

from collections.abc import Iterator, Sequence
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

__all__ = ["guarded"]


def guarded(work: "Work", changes: Changes) -> tuple[Changes, frozenset[UUID]]:
    """The changes, with the records on which what they rely on hangs, and the ids of those
    that are saved anew. Raises Busy where it holds
    no more, which was asked of the rules before.

    A forecast is as frozen as its lines and the dates of its period, and a tree has no cycles as long as its top says
    who moved in it last.
    """
    if not any(type(one) in _GUARDED for one in _written(changes)):
        return changes, frozenset()
    touched = {record.id for record in changes.touched()} | {record.id for record in changes.creates}
    holding = {one.id: one for one in (*_forecasts(work, changes, touched), *_tops(work, changes))}
    anew = {id: Update(one, one) for id, one in holding.items() if id not in touched}
    return attrs.evolve(changes, updates=[*changes.updates, *anew.values()]), frozenset(anew)


_GUARDED: Final = {ForecastLine, SalesPeriod, *(kind for kind, _ in TREES)}


def _written(changes: Changes) -> Iterator[Record]:
    yield from changes.creates
    yield from (update.after for update in changes.updates)
    yield from changes.deletes


def _forecasts(work: "Work", changes: Changes, touched: set[UUID]) -> Iterator[SalesForecast]:
    """The drafts whose lines, or the dates of whose periods, are changed."""
    ids = {one.forecast for one in _written(changes) if isinstance(one, ForecastLine)} - touched
    found = list(work.unit.get_many(SalesForecast, sorted(ids)).values())
    for update in changes.updates:
        period: Any = update.after
        if isinstance(period, SalesPeriod) and _dates(period) != _dates(update.before):
            found += work.known.all_of(SalesForecast, period=period.id)
    for forecast in found:
        if forecast.status != "draft":
            raise Busy(f"forecast {forecast.number} was being {forecast.status} meanwhile: try again")
        yield forecast


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
