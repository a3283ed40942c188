"""Pace, slippage, and stages over time, as a service: what the histories of opportunities tell."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from crmkit.app.arguments import questions
from crmkit.app.dimensions import names_of
from crmkit.app.looking_back import Side
from crmkit.app.periods_asked import Periods, given_periods, periods_asked
from crmkit.app.scope import Scope
from crmkit.app.valuing import opportunities_named, valuation
from crmkit.entities import Money, Opportunity, SalesPeriod
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.cohorts import StageConversion, TimeInStage, stage_conversion, time_in_stage
from crmkit.forecasting.pace import Pace, Sale, pace
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.slippage import Slippage, shifts, slippage
from crmkit.forecasting.stages import stage_spells
from crmkit.forecasting.standings import RowKey, Standing, StandingGrouping, places_of
from crmkit.forecasting.totals import Outcome
from crmkit.queries import Between, Criterion, Field, Grouping
from crmkit.repositories.store import Past

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Pacing", "window_asked"]

_BATCH = 5_000


class Pacing:
    """How opportunities move on; each answer is of those for which everything asked holds, by rows as they stand."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def pace(
        self,
        *where: Criterion,
        period: Periods = None,
        by: str | Sequence[str] = (),
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        **asked: Any,
    ) -> Pace:
        """Win rate by number and by value, the length of the sales cycle (mean and median, exact), sales velocity.

        Of what was closed in the `period` (as in `crm.forecasting.roll_up`; None is ever); open are those that are open
        now, whenever they are to close. A cycle is the days from the one on which an opportunity was first recorded to
        the one on which it was closed. `by`, `currency`, `rates` and what else is asked are as in
        `crm.forecasting.waterfall`. Raises NotFound on an unknown period, Refused without a rate that is needed,
        Invalid.
        """
        given = given_periods(period)
        with self._scope.reading() as work, opportunities_named(work):
            found = _Found.of(work, where, asked, by, currency=currency, rates=rates, given=given)
            closed = {id: one for id, one in found.standings.items() if one.outcome in ("won", "lost") and one.within}
            won = [id for id, one in closed.items() if one.outcome == "won"]
            cycles = {id: _cycle(work, states, closed[id]) for id, states in _histories(work, won)}
            sales = [
                Sale(
                    key=one.key,
                    outcome=one.outcome,
                    value=found.value(id, one) if id in closed else Money.zero(found.reading.valuation.currency),
                    cycle=cycles.get(id),
                )
                for id, one in found.standings.items()
                if one.outcome == "open" or id in closed
            ]
            return pace(sales, by=found.by, currency=found.reading.valuation.currency, names=found.names)

    def slippage(
        self,
        *where: Criterion,
        start: datetime | None = None,
        end: datetime | None = None,
        by: str | Sequence[str] = (),
        **asked: Any,
    ) -> Slippage:
        """How often and how far close dates were moved while opportunities were open: pushes, pulls, days.

        From `start` on and before `end`, where they are given. `by` and what else is asked are as in
        `crm.forecasting.waterfall`. Raises Invalid.
        """
        window = window_asked(start, end)
        with self._scope.reading() as work:
            found = _Found.of(work, where, asked, by)
            category = partial(work.known.category, "opportunity_status")
            moved = {
                id: [one for one in shifts(states, category) if window.holds(one.at)]
                for id, states in _histories(work, found.changed(window))
            }
            held = ((id, one.key, moved.get(id, ())) for id, one in found.standings.items())
            return slippage(held, by=found.by, names=found.names)

    def time_in_stage(
        self,
        *where: Criterion,
        start: datetime | None = None,
        end: datetime | None = None,
        by: str | Sequence[str] = (),
        **asked: Any,
    ) -> TimeInStage:
        """How long opportunities stay in each stage: mean, median and longest of the times that are over, and how many
        still last. See `crm.opportunities.stages` for one.

        Of times that began from `start` on and before `end`, where they are given. `by` and what else is asked are as
        in `crm.forecasting.waterfall`. Raises Invalid.
        """
        window = window_asked(start, end)
        with self._scope.reading() as work:
            found = _Found.of(work, (*where, *window.written), asked, by)
            held = ((found.standings[id].key, spells) for id, spells in found.spells())
            stages = list(work.known.codes("stage"))
            return time_in_stage(held, stages=stages, by=found.by, names=found.names, window=window.bounds)

    def stage_conversion(
        self,
        *where: Criterion,
        start: datetime | None = None,
        end: datetime | None = None,
        by: str | Sequence[str] = (),
        **asked: Any,
    ) -> StageConversion:
        """From stage to stage, by cohort: of those that first entered a stage from `start` on and before `end`, how
        many reached each later one, were won, lost, or are open still.

        `by` and what else is asked are as in `crm.forecasting.waterfall`. Raises Invalid.
        """
        window = window_asked(start, end)
        with self._scope.reading() as work:
            found = _Found.of(work, (*where, *window.written), asked, by)
            held: Iterator[tuple[RowKey, Outcome, Any]] = (
                (found.standings[id].key, found.standings[id].outcome, spells) for id, spells in found.spells()
            )
            stages = list(work.known.codes("stage"))
            return stage_conversion(held, stages=stages, by=found.by, names=found.names, window=window.bounds)


@attrs.frozen
class Window:
    """The time from a start on and before an end, where they are given."""

    start: datetime | None
    end: datetime | None

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Both ends."""
        return self.start, self.end

    @property
    def written(self) -> tuple[Criterion, ...]:
        """For opportunities that were written to from the start on: what happened to any other was before it."""
        return () if self.start is None else (Between("recorded_at", self.start),)

    def holds(self, instant: datetime) -> bool:
        """Whether an instant is in it."""
        return (self.start is None or instant >= self.start) and (self.end is None or instant < self.end)


def window_asked(start: Any, end: Any) -> Window:
    """The time from a start to an end, either of which may be open. Raises Invalid on what is none."""
    wrong = [
        Fault(name, "must be an instant with a time zone, such as datetime(…, tzinfo=UTC)")
        for name, one in (("start", start), ("end", end))
        if one is not None and (not isinstance(one, datetime) or one.tzinfo is None)
    ]
    if not wrong and start is not None and end is not None and start > end:
        wrong = [Fault("start", f"must not be later than the end: {start} is later than {end}")]
    if wrong:
        raise Invalid("the time looked at", wrong)
    return Window(start, end)


@attrs.frozen(kw_only=True)
class _Found:
    """The opportunities that were asked for, with the rows that they belong to."""

    work: "Work"
    reading: StandingGrouping
    wanted: tuple[Criterion, ...]
    standings: Mapping[UUID, Standing]
    names: Mapping[str, Mapping[Any, str]]

    @classmethod
    def of(
        cls,
        work: "Work",
        where: tuple[Criterion, ...],
        asked: Mapping[str, Any],
        by: str | Sequence[str],
        *,
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        given: Sequence[str | SalesPeriod] | None = None,
    ) -> "_Found":
        """Those for which everything asked holds. Raises Invalid, NotFound."""
        reading = StandingGrouping(
            dimensions=places_of(by),
            valuation=valuation(work, currency, rates),
            periods=tuple(periods_asked(work, given, "quarter")),
            within=given is not None,
            count=False,
        )
        wanted = questions(Opportunity.spec, where, asked, work.asker)
        standings = {one.id: one for one in Side(work=work, reading=reading, wanted=()).standings([wanted])}
        names = names_of(work.bare_all, reading.dimensions)
        return cls(work=work, reading=reading, wanted=wanted, standings=standings, names=names)

    @property
    def by(self) -> tuple[str, ...]:
        """The dimensions of the rows."""
        return self.reading.dimensions

    def value(self, id: UUID, one: Standing) -> Money:
        """What one is worth, in the currency asked for. Raises Refused without a rate that is needed."""
        return Money.of_minor(
            self.reading.figure(id, one.value, one.currency, one.share, one.day), self.reading.valuation.currency
        )

    def changed(self, window: Window) -> Iterable[UUID]:
        """Those that were changed since they were made, in the window or later: no other was in it."""
        changed = (*self.wanted, *window.written, Between("version", 2))
        asked: Grouping[Opportunity] = Grouping(kind=Opportunity, where=changed, by=(Field("id"),))
        return [group.key[0] for group in self.work.unit.groups([asked])[0]]

    def spells(self) -> Iterator[tuple[UUID, Any]]:
        """The times in stages of each."""
        category = partial(self.work.known.category, "opportunity_status")
        for id, states in _histories(self.work, self.standings):
            yield id, stage_spells(states, category, self.work.known.now)


def _histories(work: "Work", ids: Any) -> Iterator[tuple[UUID, list[Past[Opportunity]]]]:
    """The saved states of each, a few thousand at a time."""
    wanted = list(ids)
    for first in range(0, len(wanted), _BATCH):
        yield from work.unit.histories(Opportunity, wanted[first : first + _BATCH]).items()


def _cycle(work: "Work", states: Sequence[Past[Opportunity]], closed: Standing) -> int | None:
    """The days from when it was first recorded until it was closed; None where it had been closed by then."""
    first = states[0].record.recorded_at
    if first is None or closed.day is None:
        return None
    days = (closed.day - work.known.day(first)).days
    return days if days >= 0 else None
