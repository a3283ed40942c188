"""Forecasting over time, as a service: the waterfall between two instants."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from crmkit.app.looking_back import Side, at, pairs
from crmkit.app.periods_asked import check_kind, period_codes, periods_asked
from crmkit.app.scope import Scope
from crmkit.app.valuing import valuation
from crmkit.entities import Campaign, Opportunity, Record, Salesperson, SalesTeam, Territory
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.standings import MEASURES, RowKey, StandingGrouping, places_of
from crmkit.forecasting.waterfall import Waterfall, waterfall
from crmkit.queries import AnyOf, Criterion, criteria

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["OverTime"]

_NAMED: Final[dict[str, type[Record]]] = {
    "salesperson": Salesperson,
    "team": SalesTeam,
    "territory": Territory,
    "campaign": Campaign,
}


class OverTime:
    """What became of the pipeline, from the history that every record has."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def waterfall(
        self,
        *where: Criterion,
        start: datetime,
        end: datetime | None = None,
        by: str | Sequence[str] = (),
        period: str | Sequence[str] | None = None,
        period_kind: str = "quarter",
        measure: str = "gross",
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        **asked: Any,
    ) -> Waterfall:
        """How the open pipeline of one instant became that of another (`None`: now): what was new, reopened, won, lost,
        pushed, pulled, moved, up, down, due to rates; see `crmkit.forecasting.waterfall` for what each means.

        Of the opportunities that close in the `period` (a code or several; None is everything) and for which, as they
        stood, everything asked held: `salesperson=…`, `team=…`, as in `crm.opportunities.find`. Rows are `by` any of
        `crmkit.forecasting.DIMENSIONS` in which an opportunity is in one place. `measure` is "gross" (their value) or
        "weighted". Periods are those of the end; stages, statuses, rates and whatever else an opportunity hangs from
        are as they stood at each instant. start + all lines = end, for the whole and for every row, to the cent.

        Raises NotFound on an unknown period, Refused without a rate that is needed at either instant, Invalid.
        """
        dimensions = places_of(by)
        period = period_codes(period)
        check_kind(period_kind)
        if measure not in MEASURES:
            raise Invalid("the waterfall", [Fault("measure", f"is one of {', '.join(MEASURES)}, not {measure!r}")])
        with self._scope.reading() as work:
            now = work if end is None else at(work, end)
            then = at(now, start)
            periods = tuple(periods_asked(now, period, period_kind))

            def side(work: "Work") -> Side:
                reading = StandingGrouping(
                    dimensions=dimensions,
                    valuation=valuation(work, currency, rates),
                    periods=periods,
                    within=period is not None,
                    measure=measure,
                )
                return Side(work=work, reading=reading, wanted=(*where, *criteria(Opportunity.spec, asked, work.asker)))

            earlier, later = side(then), side(now)
            return waterfall(
                pairs(earlier, later, then.known.now),
                later=later.reading,
                ended=_ended(later),
                start=then.known.now,
                end=now.known.now,
                names={**_names(then, dimensions), **_names(now, dimensions)},
                settled=work.crm.settled(),
            )


def _ended(side: Side) -> dict[RowKey, tuple[int, int]]:
    """What each row comes to, of all that is open there: how many, and whole minor units."""
    reading = side.reading
    still_open = [code for code, outcome in reading.valuation.outcomes.items() if outcome == "open"]
    grouped = RollUpGrouping(
        dimensions=reading.dimensions,
        valuation=reading.valuation,
        periods=reading.periods,
        within=reading.within,
        where=(*side.wanted, AnyOf("status", still_open)),
    )
    (groups,) = side.work.unit.groups([grouped.grouping])
    return {key: (tally.count, tally.amount(reading.measure)) for key, tally in grouped.tallies(groups).items()}


def _names(work: "Work", dimensions: Sequence[str]) -> dict[str, dict[Any, str]]:
    """What is shown for ids, by dimension."""
    return {name: {one.id: str(one) for one in work.bare_all(_NAMED[name])} for name in dimensions if name in _NAMED}
