"""The sales forecasts, with their life: add opportunities, submit, approve, reopen (R6)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from crmkit.app.arguments import several
from crmkit.app.repository import Repository, as_id
from crmkit.app.scope import repeated
from crmkit.app.valuing import opportunities_of, valuation
from crmkit.changes import Changes
from crmkit.entities import ForecastAdjustment, Opportunity, SalesForecast, SalesPeriod, TeamAssignment
from crmkit.errors import NotFound
from crmkit.forecasting import moves
from crmkit.forecasting.lines import ForecastFigures, forecast_figures
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.queries import AnyOf, Between, Either, Equals, Query, Related

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["SalesForecasts"]


class SalesForecasts(Repository[SalesForecast]):
    """The sales forecasts. A draft follows its opportunities; a submitted or approved one is frozen."""

    def candidates(self, forecast: UUID) -> list[Opportunity]:
        """The opportunities that belong on a forecast and are not on it yet: open, projected to close within its
        period, and the owner's, their own or assigned to them. Raises NotFound.
        """
        with self._scope.reading() as work:
            return _candidates(work, self._there(work, forecast))

    @repeated
    def add_opportunities(self, forecast: UUID, opportunities: Iterable[UUID] | None = None) -> SalesForecast:
        """Put these opportunities, or all candidates, on a draft; returns the forecast with its lines.

        Those given may be others than the candidates. Raises NotFound; Refused where the forecast is no draft, one is
        not open or one is on it already: then none is added.
        """
        with self._scope.writing() as work:
            found = self._there(work, forecast)
            chosen = _candidates(work, found) if opportunities is None else _given(work, opportunities)
            already = [line.opportunity for line in found.lines]
            changes = moves.add_lines(found, chosen, already=already, valuation=valuation(work))
            if changes:
                work.write(attrs.evolve(changes, creates=[work.created(line) for line in changes.creates]))
            return self._there(work, forecast)

    @repeated
    def submit(self, forecast: UUID) -> SalesForecast:
        """Freeze a draft as its opportunities stand. Raises NotFound; Refused from another status, or without a
        rate that is needed.
        """
        with self._scope.writing() as work:
            found = self._there(work, forecast)
            held = opportunities_of(work, [line.opportunity for line in found.lines])
            return self._moved(work, forecast, moves.submit(found, found.lines, held, valuation(work)))

    @repeated
    def approve(self, forecast: UUID) -> SalesForecast:
        """Approve a submitted forecast. Raises NotFound; Refused from another status."""
        with self._scope.writing() as work:
            return self._moved(work, forecast, moves.approve(self._there(work, forecast)))

    @repeated
    def reopen(self, forecast: UUID) -> SalesForecast:
        """Make a submitted forecast a draft again, which follows its opportunities. Raises NotFound; Refused from
        another status.
        """
        with self._scope.writing() as work:
            found = self._there(work, forecast)
            return self._moved(work, forecast, moves.reopen(found, found.lines))

    def figures(self, forecast: UUID, *, rates: RateChoice = AT_CLOSE) -> ForecastFigures:
        """What a forecast comes to, by line and in all, in its currency, others at `rates` as in
        `crm.forecasting.roll_up`. Raises NotFound; Refused without a rate that is needed; Invalid.
        """
        with self._scope.reading() as work:
            found = self._there(work, forecast)
            held = opportunities_of(work, [line.opportunity for line in found.lines]) if found.status == "draft" else {}
            return forecast_figures(
                found,
                period=_period(work, found),
                lines=found.lines,
                opportunities=held,
                valuation=valuation(work, rates=rates),
                adjustments=work.known.all_of(ForecastAdjustment, forecast=found.id),
            )

    def _moved(self, work: "Work", forecast: UUID, changes: Changes) -> SalesForecast:
        work.write(changes)
        return self._there(work, forecast)


def _period(work: "Work", forecast: SalesForecast) -> SalesPeriod:
    period = work.unit.get(SalesPeriod, forecast.period)
    if period is None:
        raise NotFound("sales period", forecast.period)
    return period


def _candidates(work: "Work", forecast: SalesForecast) -> list[Opportunity]:
    period = _period(work, forecast)
    meaning = valuation(work)
    assigned = work.known.all_of(TeamAssignment, holder=forecast.owner)
    own = Equals("salesperson", forecast.owner)
    theirs = Related(TeamAssignment, via="target", to="id", where=(Equals("holder", forecast.owner),))
    open_codes = [code for code, outcome in meaning.outcomes.items() if outcome == "open"]
    where = (
        Between("projected_close", period.starts_on, period.ends_on),
        AnyOf("status", open_codes),
        Either([[own], [theirs]]),
    )
    return moves.candidates(
        work.unit.find(Query(kind=Opportunity, where=where)),
        period=period,
        owner=forecast.owner,
        assigned=[one.target for one in assigned],
        already=[line.opportunity for line in forecast.lines],
        valuation=meaning,
    )


def _given(work: "Work", ids: Iterable[UUID]) -> list[Opportunity]:
    wanted = [as_id("opportunity", id) for id in several("opportunities", ids)]
    held = opportunities_of(work, wanted)
    missing = next((id for id in wanted if id not in held), None)
    if missing is not None:
        raise NotFound("opportunity", missing)
    return [held[id] for id in wanted]
