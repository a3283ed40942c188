"""Forecasting as a service: roll-ups of opportunities as they stand, or of forecast lines (R6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.app.arguments import questions
from crmkit.app.back_testing import BackTesting
from crmkit.app.columns import OpportunityColumns
from crmkit.app.dimensions import names_of, trees_of
from crmkit.app.explaining import Explainer
from crmkit.app.foreseeing import Foreseeing, closing_in
from crmkit.app.over_time import OverTime
from crmkit.app.periods_asked import Periods, check_kind, given_periods, periods_asked
from crmkit.app.valuing import opportunities_of, tallies_of, valuation
from crmkit.entities import (
    Account,
    ForecastLine,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityItem,
    Quota,
    Record,
    SalesForecast,
    SalesPeriod,
    Salesperson,
    SalesTeam,
    TeamAssignment,
    Territory,
)
from crmkit.entities.collecting import without_collecting
from crmkit.entities.facts import OneOf
from crmkit.errors import Fault, Invalid, Refused
from crmkit.forecasting.explaining import Explanation
from crmkit.forecasting.figures import Valuation, close_day, naming
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.forecasting.grouped_lines import LineGrouping
from crmkit.forecasting.items import Line, comparable, lines_of, list_price, split_figures
from crmkit.forecasting.lines import LineFigures, line_figures
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.roll_up import (
    Contribution,
    Key,
    RollUp,
    dimensions_of,
    primary_team,
    quotas_by,
    rolled,
)
from crmkit.forecasting.row_criteria import row_criteria
from crmkit.forecasting.totals import Figures, Incomplete, Tally
from crmkit.queries import AnyOf, Criterion, Equals, Related

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["ForecastingService"]

R = TypeVar("R", bound=Record)

_OWNERS: Final[dict[str, type[Record]]] = {"salesperson": Salesperson, "team": SalesTeam, "territory": Territory}


class ForecastingService(BackTesting, Foreseeing, OverTime):
    """Turns a pipeline into figures; in a view of the past, as it stood then."""

    def roll_up(
        self,
        *where: Criterion,
        by: str | Sequence[str] = (),
        period: Periods = None,
        period_kind: str = "quarter",
        currency: str = "",
        forecast_status: str | Sequence[str] | None = None,
        rates: RateChoice = AT_CLOSE,
        **asked: Any,
    ) -> RollUp:
        """The opportunities by any of `crmkit.forecasting.DIMENSIONS`, with their figures; it sums to the total.

        `period` is a sales period or its code, or several that do not overlap: what closes in them, by the day it was
        closed or is projected to; None is everything, sorted where asked into the periods of `period_kind`. A record is
        taken as it is, also by a view of a day on which it was not made yet; one that was never saved is a span of days
        without quotas and forecasts. Figures are in `currency` (the application's), other currencies at `rates`:
        "close" (of the close date), "snapshot", "today", a day whose rates are the plan's, or a mapping of pairs (see
        `crmkit.forecasting.RatePolicy`). With `forecast_status` it is of the lines of forecasts of these statuses
        instead: a deal on two of them counts on both. Whatever `crm.opportunities.find` can ask narrows it to the
        opportunities for which it holds, as they stand: `salesperson=…`, `source=…`; quotas stay whole. Raises NotFound
        on an unknown period, Refused without a rate that is needed, Invalid on periods that overlap, and on an unknown
        dimension, kind of period, forecast status or word.
        """
        dimensions = dimensions_of(by)
        given = given_periods(period)
        check_kind(period_kind)
        statuses = _statuses(forecast_status)
        with self._scope.reading() as work, without_collecting(None):
            meaning = valuation(work, currency, rates)
            periods = periods_asked(work, given, period_kind)
            wanted = questions(Opportunity.spec, where, asked, work.asker)
            sorter = Sorter(work, dimensions, periods)
            asked_for: dict[str, Any] = {
                "dimensions": dimensions,
                "valuation": meaning,
                "periods": tuple(periods),
                "where": wanted,
                "list_currency": work.known.currency,
            }
            if statuses is None:
                tallies = tallies_of(work, RollUpGrouping(within=given is not None, **asked_for))
            else:
                tallies = _line_tallies(sorter, LineGrouping(statuses=statuses, **asked_for))
            return rolled(
                tallies,
                by=dimensions,
                currency=meaning.currency,
                names=sorter.names(),
                trees=sorter.trees(),
                quotas=_quotas(sorter, periods if given is not None or "period" in dimensions else [], meaning),
            )

    def explain(
        self,
        *where: Criterion,
        key: Any = (),
        figure: str = "weighted",
        by: str | Sequence[str] = (),
        period: Periods = None,
        period_kind: str = "quarter",
        currency: str = "",
        forecast_status: str | Sequence[str] | None = None,
        rates: RateChoice = AT_CLOSE,
        **asked: Any,
    ) -> Explanation:
        """Why a cell of a roll-up is what it is: the opportunities or lines, rates, quotas and roundings that make it,
        which add up to it exactly.

        Everything is asked as in `roll_up`; `key` is that of the row, as the roll-up takes it in brackets (nothing: the
        total), and `figure` the name of a column of its rows. Raises NotFound where there is no such row, Invalid on
        an unknown figure, and as `roll_up` does.
        """
        given = {"period": period, "period_kind": period_kind, "currency": currency, "rates": rates, **asked}
        with self._scope.reading() as work, without_collecting(None):
            rolled = work.forecasting.roll_up(*where, by=by, forecast_status=forecast_status, **given)
            gathered = _gathered(work, Explainer.of(rolled, key), where, _statuses(forecast_status), **given)
            return gathered.explained(figure)

    def incomplete(self, *where: Criterion, period: Periods = None, **asked: Any) -> tuple[Incomplete, ...]:
        """The opportunities that a roll-up counts as incomplete, in order of id, and what each is without: its value
        or, while it is open, a probability.

        Those that close in the `period` (as in `roll_up`; None is everything) and for which everything asked holds.
        Raises NotFound on an unknown period, Invalid.
        """
        given = given_periods(period)
        with self._scope.reading() as work:
            periods = None if given is None else periods_asked(work, given, "")
            asking = closing_in(valuation(work), periods, questions(Opportunity.spec, where, asked, work.asker))
            return asking.missing(work.unit.groups([asking.incomplete])[0])

    def columns(self, *where: Criterion, **asked: Any) -> OpportunityColumns:
        """The opportunities for which everything asked holds, as columns of an Arrow table that roll-ups run on.

        They stay as they are now: for many roll-ups of the same ones, or to take them elsewhere. Raises Invalid;
        MissingExtra without pyarrow and numpy.
        """
        with self._scope.reading() as work:
            return OpportunityColumns.of(work, questions(Opportunity.spec, where, asked, work.asker))


def _gathered(
    work: "Work",
    explainer: Explainer,
    where: tuple[Criterion, ...],
    statuses: tuple[str, ...] | None,
    *,
    period: Any,
    period_kind: str,
    currency: str,
    rates: RateChoice,
    **asked: Any,
) -> Explainer:
    """The parts of a row of a roll-up, which was asked for by the same words."""
    given, meaning = given_periods(period), valuation(work, currency, rates)
    periods = periods_asked(work, given, period_kind)
    sorter = Sorter(work, explainer.rolled.by, periods)
    narrow = row_criteria(explainer.row.key, sorter.trees(), meaning, as_they_stand=statuses is None)
    wanted = (*questions(Opportunity.spec, where, asked, work.asker), *narrow)
    if statuses is None:
        code = explainer.row.key.get("period")
        closing = RollUpGrouping(
            dimensions=(),
            valuation=meaning,
            periods=tuple(one for one in periods if code in (None, one.code)),
            within=given is not None or code is not None,
            where=wanted,
        )
        explainer.take_opportunities(work.unit.stream(closing.query), sorter, meaning)
    else:
        explainer.take_lines(sorter.figured_lines(meaning, statuses, wanted), sorter, meaning)
    quoted = periods if given is not None or "period" in sorter.dimensions else []
    explainer.take_quotas(_quotas(sorter, quoted, meaning), quoted, sorter, meaning)
    return explainer


def _line_tallies(sorter: "Sorter", grouped: LineGrouping) -> dict[tuple[Key, ...], Tally]:
    """What lines of forecasts come to, by the key of each row."""
    groups = sorter.work.unit.groups(grouped.groupings)
    try:
        return grouped.tallies(chain.from_iterable(groups))
    except Refused:  # each by itself: of the first without a rate, the refusal names the opportunity
        lines = sorter.figured_lines(grouped.valuation, grouped.statuses, grouped.where)
        for _ in sorter.placed([(deal, held.figures, period) for deal, held, period in lines], grouped.valuation):
            pass
        raise


def _statuses(forecast_status: Any) -> tuple[str, ...] | None:
    """The statuses of forecasts, one or several; None stays None. Raises Invalid on one that there is not."""
    if forecast_status is None:
        return None
    statuses: tuple[Any, ...] = (forecast_status,)
    if isinstance(forecast_status, Iterable) and not isinstance(forecast_status, str):
        statuses = tuple(forecast_status)
    known = SalesForecast.spec.by_name["status"].fact(OneOf)
    if known is not None and (unknown := [status for status in statuses if status not in known.values]):
        said = f"is one or several of {', '.join(known.values)}, not {unknown[0]!r}"
        raise Invalid("the figures", [Fault("forecast_status", said)])
    return statuses


def _quotas(sorter: "Sorter", periods: Sequence[SalesPeriod], meaning: Valuation) -> Mapping[tuple[Key, ...], Money]:
    asked = [name for name in sorter.dimensions if name in _OWNERS]
    if len(asked) != 1 or not periods:
        return {}
    quotas = sorter.work.bare_all(Quota, AnyOf("period", [one.id for one in periods]))
    return quotas_by(
        sorter.dimensions,
        quotas,
        owners={one.id for one in sorter.all_of(_OWNERS[asked[0]])},
        periods={one.id: one for one in periods},
        valuation=meaning,
    )


@attrs.frozen
class Sorter:
    """Says of opportunities where they belong, reading only what the dimensions ask for."""

    work: "Work"
    dimensions: tuple[str, ...]
    periods: list[SalesPeriod]
    _read: dict[type[Record], list[Any]] = attrs.field(factory=dict, init=False)

    def all_of(self, kind: type[R]) -> list[R]:
        """All records of a kind, which are read once."""
        if kind not in self._read:
            self._read[kind] = self.work.bare_all(kind)
        return self._read[kind]

    def figured_lines(
        self, meaning: Valuation, statuses: Sequence[str], wanted: tuple[Criterion, ...]
    ) -> list[tuple[Opportunity, LineFigures, SalesPeriod]]:
        """The lines of the forecasts of these periods and statuses, of the opportunities for which all that is wanted
        holds; frozen ones by their snapshot, with the opportunity as it is sorted.
        """
        by_id = {one.id: one for one in self.periods}
        where = (AnyOf("period", list(by_id)), AnyOf("status", statuses))
        forecasts = {one.id: one for one in self.work.bare_all(SalesForecast, *where)}
        of_wanted = [Related(Opportunity, via="id", to="opportunity", where=wanted)] if wanted else []
        lines = self.work.bare_all(ForecastLine, AnyOf("forecast", list(forecasts)), *of_wanted)
        held = opportunities_of(self.work.unit, [line.opportunity for line in lines])
        figured = []
        for line in lines:
            forecast = forecasts[line.forecast]
            period = by_id[forecast.period]
            shown = line_figures(
                line,
                forecast=forecast,
                period=period,
                opportunity=held.get(line.opportunity),
                valuation=meaning,
            )
            as_stood = held[line.opportunity]
            if shown.frozen:
                as_stood = attrs.evolve(as_stood, stage=line.stage, estimated_value=line.value)
            figured.append((as_stood, shown, period))
        return figured

    def placed(
        self, found: Sequence[tuple[Opportunity, Figures, SalesPeriod | None]], meaning: Valuation
    ) -> Iterator[tuple[int, Contribution]]:
        """Where each belongs, with its place among those found: several times where it is split by item."""
        accounts = self._territories([one for one, _, _ in found])
        campaigns = self._campaigns([one for one, _, _ in found])
        teams = self._teams()
        lines = self._lines_of([one for one, _, _ in found])
        prices = self._prices() if lines else {}
        for place, (opportunity, whole, period) in enumerate(found):
            priced = _priced(opportunity, lines.get(opportunity.id, ()), prices, meaning)
            for item, figures in split_figures(whole, priced):
                yield (
                    place,
                    Contribution.of(
                        opportunity,
                        figures,
                        period=period,
                        team=teams.get(opportunity.id),
                        territory=accounts.get(opportunity.account),
                        campaign=campaigns.get(opportunity.lead) if opportunity.lead else None,
                        item=item,
                    ),
                )

    def _lines_of(self, opportunities: Iterable[Opportunity]) -> dict[UUID, list[OpportunityItem]]:
        """The lines over which each opportunity's figures are split."""
        held: dict[UUID, list[OpportunityItem]] = {}
        if "item" in self.dimensions:
            wanted = dict.fromkeys(one.id for one in opportunities)
            for line in self.work.bare_all(OpportunityItem, AnyOf("opportunity", list(wanted))):
                held.setdefault(line.opportunity, []).append(line)
        return held

    def _prices(self) -> dict[UUID, tuple[int, str]]:
        """The list prices of items, with their currencies."""
        default = self.work.known.currency
        return {one.id: price for one in self.all_of(Item) if (price := list_price(one, default)) is not None}

    def _territories(self, opportunities: Iterable[Opportunity]) -> dict[UUID, UUID | None]:
        if "territory" not in self.dimensions:
            return {}
        wanted = {one.account for one in opportunities if one.territory is None}
        return {id: account.territory for id, account in self.work.unit.get_many(Account, wanted).items()}

    def _campaigns(self, opportunities: Iterable[Opportunity]) -> dict[UUID, UUID | None]:
        if "campaign" not in self.dimensions:
            return {}
        wanted = {one.lead for one in opportunities if one.campaign is None and one.lead is not None}
        return {id: lead.campaign for id, lead in self.work.unit.get_many(Lead, wanted).items()}

    def _teams(self) -> dict[UUID, UUID | None]:
        if "team" not in self.dimensions:
            return {}
        teams = {one.id for one in self.all_of(SalesTeam)}
        held: dict[UUID, list[TeamAssignment]] = {}
        for one in self.work.bare_all(TeamAssignment, Equals("primary", value=True)):
            held.setdefault(one.target, []).append(one)
        return {target: primary_team(assignments, teams) for target, assignments in held.items()}

    def names(self) -> dict[str, dict[Any, str]]:
        """What is shown for ids, by dimension."""
        return names_of(self.all_of, self.dimensions)

    def trees(self) -> dict[str, dict[UUID, UUID | None]]:
        """The parents of ids, for the dimensions that are trees."""
        return trees_of(self.all_of, self.dimensions)


def _priced(
    whole: Opportunity, lines: Sequence[OpportunityItem], prices: Mapping[UUID, tuple[int, str]], meaning: Valuation
) -> list[Line]:
    """The lines of an opportunity that is worth so much, with prices that can be compared."""
    value = whole.estimated_value
    made = lines_of(lines, {} if value is None else prices)
    currency = "" if value is None else value.currency
    try:
        return comparable(made, currency, close_day(whole), meaning, record=whole.id)
    except Refused as refused:
        raise naming(refused, whole) from None
