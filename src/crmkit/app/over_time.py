"""Forecasting over time, as a service: waterfalls, trends, and how accurate past forecasts were."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from crmkit.app.arguments import questions
from crmkit.app.dimensions import names_of, trees_of
from crmkit.app.looking_back import Side, looking_at, pairs
from crmkit.app.pacing import Pacing, window_asked
from crmkit.app.periods_asked import Periods, SomePeriods, check_kind, codes_of, given_periods, periods_asked
from crmkit.app.submitting import spells_of, submission
from crmkit.app.valuing import opportunities_named, tallies_of, valuation
from crmkit.entities import ForecastSnapshot, Money, Opportunity, SalesPeriod
from crmkit.entities.collecting import without_collecting
from crmkit.errors import Fault, Invalid, NotFound, Refused
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.forecasting.hindsight import Accuracy, Said, accuracy_of
from crmkit.forecasting.kept import figures_kept, roll_up_kept
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.roll_up import Group, RollUp, dimensions_of
from crmkit.forecasting.standings import MEASURES, RowKey, Standing, StandingGrouping
from crmkit.forecasting.totals import Totals
from crmkit.forecasting.trend import Trend, TrendPoint, instants
from crmkit.forecasting.waterfall import Waterfall
from crmkit.forecasting.waterfall_items import Parted
from crmkit.forecasting.waterfall_reckoning import waterfall
from crmkit.forecasting.waterfall_trees import Trees
from crmkit.queries import AnyOf, Between, Criterion, Equals

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["OverTime"]

_VIEWS: Final = ("owner_only", "without_adjustments", "without_manager_adjustments", "with_all_adjustments")
_MEASURES: Final[dict[str, Callable[[Totals], Money]]] = {
    "weighted": lambda totals: totals.weighted,
    "commit": lambda totals: totals.cumulative.commit,
    "best_case": lambda totals: totals.cumulative.best_case,
    "gross": lambda totals: totals.won + totals.open,
}
"""What a roll-up says of a period that is still to come."""


class OverTime(Pacing):
    """What became of the pipeline, from the history that every record has."""

    def waterfall(
        self,
        *where: Criterion,
        start: datetime,
        end: datetime | None = None,
        by: str | Sequence[str] = (),
        period: Periods = None,
        period_kind: str = "quarter",
        measure: str = "gross",
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        **asked: Any,
    ) -> Waterfall:
        """How the open pipeline of one instant became that of another (`None`: now): what was new, reopened, won, lost,
        pushed, pulled, moved, up, down, due to rates; see `crmkit.forecasting.waterfall` for what each means.

        Of the opportunities that close in the `period` (as in `roll_up`; None is everything) and for which, as they
        stood, everything asked held: `salesperson=…`, `team=…`, as in `crm.opportunities.find`. Rows are `by` any of
        `crmkit.forecasting.DIMENSIONS`; by item, an opportunity is its parts; along a tree, a row says what it is with
        all that is below it, too. `measure` is "gross" (their value, where nothing else is said) or "weighted". Periods
        are those of the end; stages, statuses, rates and whatever else an opportunity hangs from are as they stood at
        each instant. start + all lines = end, for the whole and for every row, to the cent.

        Raises NotFound on an unknown period, Refused without a rate that is needed at either instant, Invalid.
        """
        dimensions = dimensions_of(by)
        given = given_periods(period)
        check_kind(period_kind)
        if measure not in MEASURES:
            raise Invalid("the waterfall", [Fault("measure", f"is one of {', '.join(MEASURES)}, not {measure!r}")])
        with self._scope.reading() as work, without_collecting(None):
            now = work if end is None else looking_at(work, end, "end")
            then = looking_at(now, start)
            periods = tuple(periods_asked(now, given, period_kind))

            def side(work: "Work") -> Side:
                reading = StandingGrouping(
                    dimensions=dimensions,
                    valuation=valuation(work, currency, rates),
                    periods=periods,
                    within=given is not None,
                    measure=measure,
                )
                return Side(work=work, reading=reading, wanted=questions(Opportunity.spec, where, asked, work.asker))

            earlier, later = side(then), side(now)
            moving: Iterable[tuple[Standing | None, Standing | None]] = pairs(earlier, later, then.known.now)
            names, trees = _told(then, now, dimensions)
            with opportunities_named(now, then):
                by_rates: Callable[[Standing, Standing], int] | None = None
                if "item" in dimensions:
                    moving = parted = _parted(moving, earlier, later)
                    by_rates = parted.by_rates
                return waterfall(
                    moving,
                    by_rates=by_rates,
                    later=later.reading,
                    ended=_ended(later),
                    start=then.known.now,
                    end=now.known.now,
                    trees=trees,
                    names=names,
                    settled=work.crm.settled(),
                )

    def trend(
        self, *where: Criterion, start: datetime, end: datetime | None = None, every: Any = "week", **asked: Any
    ) -> Trend:
        """A roll-up through time: as it stood at the start, a step at a time, and at the end (None: now).

        `every` is "day", "week", "month", "quarter", "year" or a timedelta; all else is asked as of
        `crm.forecasting.roll_up`. Periods are those of the end, whenever they were made; all else is as it stood at
        each instant. Raises what that does, and Invalid on steps, or an instant that has not come yet.
        """
        with self._scope.reading() as work:
            last = looking_at(work, work.known.now if end is None else end, "end")
            first = looking_at(work, start).known.now
            points = [
                TrendPoint(one, looking_at(work, one, periods_of=last).forecasting.roll_up(*where, **asked))
                for one in instants(first, last.known.now, every, work.known.zone)
            ]
            figures = points[-1].figures
            return Trend(by=figures.by, currency=figures.currency, points=tuple(points))

    def take_snapshot(self, name: str, *where: Criterion, **asked: Any) -> ForecastSnapshot:
        """Keep a roll-up as it stands, under the name of a series: for those who want what was said to be on file.

        It is asked as of `crm.forecasting.roll_up`. Any instant can be asked about without it, by `trend` and `as_of`;
        what was kept stays as it was said, whatever policy or filter is asked later. Raises what `roll_up` does, and
        Refused on a view of the past.
        """
        with self._scope.writing() as work:
            found = work.forecasting.roll_up(*where, **asked)
            made = ForecastSnapshot(
                name=name,
                taken_at=work.known.now,
                by=" ".join(found.by),
                periods=" ".join(codes_of(asked.get("period"))),
                currency=found.currency,
                figures=figures_kept(found),
            )
            return work.forecast_snapshots.add(made)

    def snapshots(self, name: str, *, start: datetime | None = None, end: datetime | None = None) -> Trend:
        """The snapshots of a series, from the start to the end, where they are given: as a trend, the earliest first.

        Raises NotFound where there is none, Invalid where they are not all by the same dimensions in one currency, and
        on a start that is later than the end.
        """
        window_asked(start, end)
        with self._scope.reading() as work:
            held = work.bare_all(ForecastSnapshot, Equals("name", name), Between("taken_at", start, end))
            if not held:
                raise NotFound("forecast snapshot", name, "take one first: crm.forecasting.take_snapshot")
            held.sort(key=lambda one: (one.taken_at or work.known.now, one.id))
            first = held[0]
            if any((one.by, one.currency) != (first.by, first.currency) for one in held):
                said = f"the snapshots of {name} are not all by the same rows in one currency: ask for a part of them"
                raise Invalid("the series", [Fault("name", said)])
            points = [TrendPoint(one.taken_at or work.known.now, roll_up_kept(one)) for one in held]
            return Trend(by=points[0].figures.by, currency=first.currency, points=tuple(points))

    def accuracy(
        self,
        *where: Criterion,
        period: SomePeriods,
        at: datetime | timedelta = timedelta(),
        by: str | Sequence[str] = (),
        measure: str = "weighted",
        **asked: Any,
    ) -> Accuracy:
        """What roll-ups of periods said at an instant, against what was won in these periods: a row a period and group.

        `at` is an instant, or how long after the first moment of each period (before it, below zero). `measure` is what
        was expected then: "weighted" (value × probability, what was won already whole), "commit" or "best_case" (what
        was won, and what was at least so sure), "gross" (won and open). Periods are those of now, whenever they were
        made. All else is asked as of `crm.forecasting.roll_up`. Raises what that does, and Invalid on an instant that
        has not come yet.
        """
        wanted = given_periods(period) or ()
        said_by = _MEASURES.get(measure)
        if said_by is None:
            raise Invalid("the accuracy", [Fault("measure", f"is one of {', '.join(_MEASURES)}, not {measure!r}")])
        dimensions = tuple(name for name in dimensions_of(by) if name != "period")
        with self._scope.reading() as work:
            said: list[Said] = []
            for one in periods_asked(work, wanted, ""):
                instant = _instant(work, one, at)
                given: dict[str, Any] = {"period": one, "by": dimensions, **asked}
                then = looking_at(work, instant, "at", periods_of=work).forecasting.roll_up(*where, **given)
                actual = work.forecasting.roll_up(*where, **given)
                currency = actual.currency
                forecasts = {tuple(row.key.values()): said_by(row) for row in _rows(then)}
                actuals = {tuple(row.key.values()): row.won for row in _rows(actual)}
                none = Money.zero(currency)
                said += [
                    Said(
                        key=(one.code, *key),
                        at=instant,
                        forecast=forecasts.get(key, none),
                        actual=actuals.get(key, none),
                    )
                    for key in dict.fromkeys((*forecasts, *actuals))
                    if forecasts.get(key) or actuals.get(key) or not dimensions
                ]
            named = names_of(work.bare_all, dimensions)
            meaning = valuation(work, asked.get("currency", ""), asked.get("rates", AT_CLOSE))
            return accuracy_of(said, by=("period", *dimensions), currency=meaning.currency, names=named)

    def submitted_accuracy(
        self,
        *,
        period: SomePeriods,
        view: str = "with_all_adjustments",
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
    ) -> Accuracy:
        """What submitted forecasts said of their periods, against what their owners won in these: a row a forecast.

        Of each forecast it is the last submission, also of one that was reopened since, by one of the four views that
        `crm.sales_forecasts.figures` names. A salesperson's actual is of their own opportunities, a team's of those it
        is the primary team of. Raises NotFound on an unknown period, Refused without a rate that is needed, Invalid.
        """
        if view not in _VIEWS:
            raise Invalid("the accuracy", [Fault("view", f"is one of {', '.join(_VIEWS)}, not {view!r}")])
        wanted = given_periods(period) or ()
        with self._scope.reading() as work:
            meaning = valuation(work, currency, rates)
            said: list[Said] = []
            for one in periods_asked(work, wanted, ""):
                won = {
                    row.key[name]: row.won
                    for name in ("salesperson", "team")
                    for row in work.forecasting.roll_up(period=one, by=name, currency=currency, rates=rates)
                }
                for forecast in work.sales_forecasts.find(Equals("period", one.id)):
                    spells = spells_of(work, forecast.id)
                    if not spells:
                        continue
                    figures = submission(work, forecast, spells[-1], meaning).figures
                    amount = meaning.convert(getattr(figures, view), one.starts_on, record=forecast.id)
                    actual = won.get(forecast.owner, Money.zero(meaning.currency))
                    key = (one.code, forecast.owner)
                    said.append(Said(key=key, at=spells[-1].at, forecast=amount, actual=actual))
            named = names_of(work.bare_all, ("salesperson", "team"))
            owners = {"owner": {**named["salesperson"], **named["team"]}}
            return accuracy_of(said, by=("period", "owner"), currency=meaning.currency, names=owners)


def _parted(moving: Iterable[tuple[Standing | None, Standing | None]], earlier: Side, later: Side) -> Parted:
    """What moves, part by part."""
    held = list(moving)
    then, now = (
        side.lines(one for pair in held if (one := pair[place]) is not None and one.counts)
        for place, side in enumerate((earlier, later))
    )
    return Parted(held, earlier=earlier.reading, later=later.reading, then=then, now=now)


def _told(
    then: "Work", now: "Work", dimensions: Sequence[str]
) -> tuple[dict[str, dict[Any, str]], tuple[Trees, Trees] | None]:
    """What is shown for ids, as it is at the end, and of what was gone by then as it was; and the trees at both
    instants, where there is a dimension that is one. Records of a kind are read once for each.
    """
    reads = [cache(work.bare_all) for work in (then, now)]
    before, after = (names_of(read, dimensions) for read in reads)
    was, stands = (trees_of(read, dimensions) for read in reads)
    names = {name: {**before[name], **shown} for name, shown in after.items()}
    return names, (was, stands) if stands else None


def _rows(rolled: RollUp) -> Iterable[Group]:
    return rolled.rows if rolled.by else (rolled.total,)


def _instant(work: "Work", period: SalesPeriod, at: Any) -> datetime:
    """The instant at which a forecast of a period is looked at. Raises Invalid."""
    if isinstance(at, datetime):
        return at
    if not isinstance(at, timedelta):
        raise Invalid("the accuracy", [Fault("at", f"is an instant, or a timedelta from a period's start, not {at!r}")])
    return datetime.combine(period.starts_on, time(), work.known.zone).astimezone(UTC) + at


def _ended(side: Side) -> dict[RowKey, tuple[int, int]]:
    """What each row comes to, of all that is open there: how many, and whole minor units."""
    reading = side.reading
    grouped = RollUpGrouping(
        dimensions=reading.dimensions,
        valuation=reading.valuation,
        periods=reading.periods,
        within=reading.within,
        where=side.wanted,
        list_currency=side.work.known.currency,
    )
    (groups,) = side.work.unit.groups([grouped.grouping])  # all: a store answers it from an index
    try:
        tallies = grouped.tallies(groups)
    except Refused:  # for want of a rate, which perhaps what is closed alone needs
        still_open = [code for code, outcome in reading.valuation.outcomes.items() if outcome == "open"]
        tallies = tallies_of(side.work, attrs.evolve(grouped, where=(*side.wanted, AnyOf("status", still_open))))
    weighted = reading.measure == "weighted"
    found = {
        key: (
            tally.counts["open"],
            tally.amount("weighted") - tally.amount("won") if weighted else tally.amount("open"),
        )
        for key, tally in tallies.items()
    }
    return {key: figures for key, figures in found.items() if any(figures)}  # a part may be counted elsewhere
