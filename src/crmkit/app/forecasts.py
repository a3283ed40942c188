"""The sales forecasts, with their life: add opportunities, submit, approve, reopen (R6)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import attrs

from crmkit.app.arguments import several
from crmkit.app.explaining import explained_forecast
from crmkit.app.repository import Repository, as_id
from crmkit.app.scope import repeated
from crmkit.app.submitting import assigned_to, figures_of, period_of, spells_of, submission, users_of
from crmkit.app.valuing import opportunities_of, valuation
from crmkit.changes import Changes
from crmkit.entities import Opportunity, SalesForecast, TeamAssignment
from crmkit.errors import Busy, Finding, NotFound, Refused
from crmkit.forecasting import moves
from crmkit.forecasting.explaining import Explanation
from crmkit.forecasting.lines import ForecastFigures
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.submissions import Comparison, Spell, Submission, compare
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
            held = opportunities_of(work.unit, [line.opportunity for line in found.lines])
            changes = moves.submit(
                found, found.lines, held, valuation(work), assigned=assigned_to(work.unit, found.owner)
            )
            with work.whole():
                submitted = self._moved(work, forecast, changes)
                frozen, there = ({line.id for line in one.lines} for one in (found, submitted))
                if frozen != there:
                    raise Busy(f"lines of forecast {found.number} were being added meanwhile: try again")
            return submitted

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
            return figures_of(work.unit, self._there(work, forecast), valuation(work, rates=rates))

    def explain(
        self,
        forecast: UUID,
        figure: str = "with_all_adjustments",
        *,
        opportunity: UUID | None = None,
        rates: RateChoice = AT_CLOSE,
    ) -> Explanation:
        """Why a figure of a forecast, or of its line of an opportunity, is what it is: the lines, rates, roundings and
        adjustments that make it, which add up to it exactly.

        `figure` is one of the four views, or a figure of a roll-up that needs no quota. Raises NotFound, also where the
        opportunity is not on it; Invalid on an unknown figure; Refused without a rate that is needed.
        """
        with self._scope.reading() as work:
            found = self._there(work, forecast)
            meaning = valuation(work, rates=rates)
            return explained_forecast(
                figures_of(work.unit, found, meaning),
                figure,
                valuation=meaning,
                owner_users=users_of(work.unit, found.owner),
                opportunity=None if opportunity is None else as_id("opportunity", opportunity),
            )

    def submissions(self, forecast: UUID, *, rates: RateChoice = AT_CLOSE) -> list[Submission]:
        """Every submission of a forecast, oldest first, with the figures of the lines that were frozen then, also of
        those that were reopened since. Raises as `figures` does.
        """
        with self._scope.reading() as work:
            found = self._there(work, forecast)
            meaning = valuation(work, rates=rates)
            return [submission(work, found, spell, meaning) for spell in spells_of(work, found.id)]

    def compare(
        self, forecast: UUID, before: int | None = None, after: int | None = None, *, rates: RateChoice = AT_CLOSE
    ) -> Comparison:
        """What came on, went off and changed between two submissions, by their numbers (the first is 1).

        Without `before` from the last submission that has been reopened, or else the standing one; without `after` to
        the forecast as it stands. Raises NotFound where there is no such submission; Refused where the forecast's
        currency changed in between, or without a rate that is needed; Invalid.
        """
        with self._scope.reading() as work:
            found = self._there(work, forecast)
            meaning = valuation(work, rates=rates)
            held = spells_of(work, found.id)
            first = _spell(found, held, _last(held) if before is None else before)
            start = submission(work, found, first, meaning).figures
            if after is None:
                end = figures_of(work.unit, found, meaning)
            else:
                end = submission(work, found, _spell(found, held, after), meaning).figures
            if start.currency != end.currency:
                said = f"it was in {start.currency} and then in {end.currency}, which no comparison spans"
                raise Refused(f"comparing forecast {found.number}", [Finding("currency", said, "currency", found.id)])
            return compare(start, end)

    def _moved(self, work: "Work", forecast: UUID, changes: Changes) -> SalesForecast:
        work.write(changes)
        return self._there(work, forecast)


def _last(held: Sequence[Spell]) -> int:
    """The number of the last submission that was reopened, else of the last one; 0 where there is none."""
    reopened = [one.number for one in held if one.until is not None]
    return (reopened or [len(held)])[-1]


def _spell(forecast: SalesForecast, held: Sequence[Spell], number: int) -> Spell:
    for one in held:
        if one.number == number:
            return one
    said = f"it has {len(held)}" if held else "it was never submitted: submit it first"
    which = f"submission {number}" if number else "submission"
    raise NotFound(f"{which} of forecast", forecast.number, said)


def _candidates(work: "Work", forecast: SalesForecast) -> list[Opportunity]:
    period = period_of(work.unit, forecast)
    meaning = valuation(work)
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
        assigned=assigned_to(work.unit, forecast.owner),
        already=[line.opportunity for line in forecast.lines],
        valuation=meaning,
    )


def _given(work: "Work", ids: Iterable[UUID]) -> list[Opportunity]:
    wanted = [as_id("opportunity", id) for id in several("opportunities", ids)]
    held = opportunities_of(work.unit, wanted)
    missing = next((id for id in wanted if id not in held), None)
    if missing is not None:
        raise NotFound("opportunity", missing)
    return [held[id] for id in wanted]
