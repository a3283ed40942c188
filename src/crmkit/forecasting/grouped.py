"""Rolling opportunities up by a store's own groups: the grouping to ask for, and what its groups contribute.

A figure is rounded for each opportunity. Those in the wanted currency are summed as they are; those in another one
fall into groups of one value, probability and day, each of which is converted once and counted as often as it occurs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import attrs

from crmkit.entities import Account, Lead, Money, Opportunity, Percent, SalesPeriod, SalesTeam, TeamAssignment
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.roll_up import Contribution
from crmkit.forecasting.totals import Figures, Incomplete
from crmkit.queries import (
    AnyOf,
    Between,
    Bucket,
    Criterion,
    Currency,
    Either,
    Empty,
    Equals,
    Field,
    FirstOf,
    Grouped,
    Grouping,
    Least,
    Missing,
    Not,
    Only,
    Query,
    Related,
    Replaced,
    Share,
    Term,
    Through,
)

__all__ = ["CLOSE", "PLACES", "RollUpGrouping", "spans"]

_DAY: Final = timedelta(days=1)
CLOSE: Final = FirstOf((Field("closed_on"), Field("projected_close")))
"""The day on which an opportunity counts."""

PLACES: Final[dict[str, Term]] = {
    "salesperson": Field("salesperson"),
    "team": Least(
        TeamAssignment,
        via="target",
        field="holder",
        where=(Equals("primary", value=True), Related(SalesTeam, via="id", to="holder")),
    ),
    "territory": FirstOf((Field("territory"), Through("account", Account, Field("territory")))),
    "campaign": FirstOf((Field("campaign"), Through("lead", Lead, Field("campaign")))),
}
"""Where an opportunity belongs, by dimension. What every grouping has anyway, stage and currency, is not here."""


@attrs.frozen(kw_only=True)
class RollUpGrouping:
    """How opportunities are grouped for a roll-up by `dimensions`, in the currency of `valuation`.

    With `within`, those alone that close in the periods; else all, those of no period too. Of these, the ones for
    which every criterion of `where` holds.
    """

    dimensions: tuple[str, ...]
    valuation: Valuation
    periods: tuple[SalesPeriod, ...]
    within: bool
    where: tuple[Criterion, ...] = ()

    @property
    def grouping(self) -> Grouping[Opportunity]:
        """What to ask of a store."""
        value = Field("estimated_value")
        return Grouping(
            kind=Opportunity,
            where=self.where,
            ways=self._ways,
            by=(
                *([Bucket(CLOSE, self._bounds)] if "period" in self.dimensions else []),
                *(PLACES[name] for name in self._placed),
                Field("stage"),
                Field("forecast_category"),
                Field("status"),
                Currency("estimated_value"),
                *(self._foreign(term) for term in (value, self.probability, CLOSE)),
            ),
            sums=(value, Share(value, self.probability), Missing(self.probability)),
        )

    @property
    def query(self) -> Query[Opportunity]:
        """What finds the opportunities that are grouped."""
        closing = (Either(self._ways),) if self.within else ()
        return Query(kind=Opportunity, where=(*self.where, *closing))

    @property
    def _placed(self) -> list[str]:
        return [name for name in self.dimensions if name in PLACES]

    @property
    def probability(self) -> Term:
        """The opportunity's own probability, else its stage's."""
        shares = {
            code: stage.probability.basis_points
            for code, stage in self.valuation.stages.items()
            if stage.probability is not None
        }
        own = Field("probability")
        return FirstOf((own, Replaced(Field("stage"), shares))) if shares else own

    def _foreign(self, term: Term) -> Term:
        return Only(term, unless=Currency("estimated_value"), listed=(self.valuation.currency,))

    @property
    def _bounds(self) -> list[date]:
        """The days on which the period may become another one."""
        edges = {edge for one in self.periods for edge in (one.starts_on, _after(one.ends_on)) if edge is not None}
        return sorted(edges)

    @property
    def _ways(self) -> list[tuple[Criterion, ...]]:
        if not self.within:
            return [()]
        ways: list[tuple[Criterion, ...]] = []
        for first, last in spans(self.periods):
            ways.append((Between("closed_on", first, last),))
            ways.append((Empty("closed_on"), Between("projected_close", first, last)))
        return ways

    def contributions(self, groups: Iterable[Grouped]) -> Iterator[Contribution]:
        """What the groups contribute. Raises Refused without a rate that is needed, ValueError on an unknown status."""
        starts: list[date | None] = [None, *self._bounds]
        for group in groups:
            *places, stage, category, status, currency, value, probability, day = group.key
            period = None
            if "period" in self.dimensions:
                place = places.pop(0)
                period = None if place is None else self._period(starts[place])
            held = self.valuation.stages.get(stage or "")
            yield Contribution(
                figures=self._figures(
                    group,
                    status=status or "",
                    category=category or (held.forecast_category if held else ""),
                    foreign=None if value is None else (Money.of_minor(value, currency), probability, day),
                ),
                period=period.code if period else None,
                stage=stage,
                currency=currency,
                **dict(zip(self._placed, places, strict=True)),
            )

    def _period(self, day: date | None) -> SalesPeriod | None:
        """The first of the periods that a day falls into, if any."""
        return None if day is None else next((period for period in self.periods if day in period), None)

    def _figures(
        self, group: Grouped, *, status: str, category: str, foreign: tuple[Money, int | None, date | None] | None
    ) -> Figures:
        currency = self.valuation.currency
        outcome = self.valuation.outcome(status)
        gross, weighted, _ = group.sums
        if foreign is not None:
            value, probability, day = foreign
            one = self.valuation.convert(value, day)
            gross = one.minor * group.count
            likely = 0 if probability is None else one.weighted(Percent.of_basis_points(probability)).minor
            weighted = likely * group.count
        return Figures(
            gross=Money.of_minor(gross, currency),
            weighted=Money.of_minor({"won": gross, "lost": 0}.get(outcome, weighted), currency),
            outcome=outcome,
            stated_category=category,
            count=group.count,
        )

    def incomplete(self, groups: Iterable[Grouped]) -> Grouping[Opportunity] | None:
        """The grouping, each by itself, of the opportunities of which something is missing; None where there are none.

        `missing` tells of each what it is.
        """
        places = len(self.grouping.by)
        status, currency = places - 5, places - 4
        if not any(one.key[currency] is None or (one.sums[2] and self._is_open(one.key[status])) for one in groups):
            return None
        still_open = [code for code in self.valuation.outcomes if self._is_open(code)]
        telling = [code for code, stage in self.valuation.stages.items() if stage.probability is not None]
        uncertain = (AnyOf("status", still_open), Empty("probability"), Not(AnyOf("stage", telling)))
        return Grouping(
            kind=Opportunity,
            where=(*self.where, Either([(Empty("estimated_value"),), uncertain])),
            ways=self._ways,
            by=(Field("id"), Field("status"), Missing(Field("estimated_value")), Missing(self.probability)),
        )

    def missing(self, groups: Iterable[Grouped]) -> list[Incomplete]:
        """What is missing of each, in order of id."""
        found: list[Incomplete] = []
        for group in sorted(groups, key=lambda group: group.key[0].int):
            id, status, value, probability = group.key
            names = (("estimated_value", value), ("probability", probability and self._is_open(status)))
            found.append(Incomplete(id, tuple(name for name, gone in names if gone)))
        return found

    def _is_open(self, status: str | None) -> bool:
        return self.valuation.outcomes.get(status or "") == "open"


def _after(day: date) -> date | None:
    return None if day == date.max else day + _DAY


def spans(periods: Sequence[SalesPeriod]) -> list[tuple[date, date]]:
    """The days of the periods, as few spans as there may be; no two share a day."""
    found: list[tuple[date, date]] = []
    for one in sorted(periods, key=lambda period: (period.starts_on, period.ends_on)):
        if found and one.starts_on <= (_after(found[-1][1]) or date.max):
            found[-1] = (found[-1][0], max(found[-1][1], one.ends_on))
        else:
            found.append((one.starts_on, one.ends_on))
    return found
