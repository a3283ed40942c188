"""Rolling opportunities up by a store's own groups: the grouping to ask for, and what its groups come to.

A figure is rounded for each opportunity. Those in the wanted currency are summed as they are; those in another one
fall into groups of one value, probability and day, each of which is converted once and counted as often as it occurs.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import attrs

from crmkit.entities import (
    Account,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityItem,
    SalesPeriod,
    SalesTeam,
    TeamAssignment,
)
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.tallying import Tallying, standing_of, weighted_minor
from crmkit.forecasting.totals import Incomplete, Tally
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
    OfPart,
    Only,
    Parts,
    Query,
    Related,
    Replaced,
    Share,
    Term,
    Through,
    Together,
)

__all__ = ["CLOSE", "LINE", "PLACES", "RollUpGrouping", "spans"]

_DAY: Final = timedelta(days=1)
_VALUE: Final = Field("estimated_value")
_CURRENCY: Final = Currency("estimated_value")
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
"""Where an opportunity belongs, by dimension; what stands in itself, and how it stands, is not here."""

_PLACES: Final = {**PLACES, "stage": Field("stage"), "currency": _CURRENCY}

LINE: Final[tuple[Term, ...]] = (
    Field("opportunity"),
    Field("id"),
    Field("item"),
    Field("quantity"),
    Field("price"),
    Through("item", Item, Field("unit_price")),
    Through("item", Item, Field("currency")),
)
"""What is asked of each line, where value is split over lines: its opportunity, and what `line_of` takes."""

_OF_LINE: Final = (*map(OfPart, LINE), _CURRENCY, CLOSE)


@attrs.frozen(kw_only=True)
class RollUpGrouping:
    """How opportunities are grouped for a roll-up by `dimensions`, in the currency of `valuation`.

    With `within`, those alone that close in the periods; else all, those of no period too. Of these, the ones for
    which every criterion of `where` holds. `list_currency` is that of list prices that do not name theirs.
    """

    dimensions: tuple[str, ...]
    valuation: Valuation
    periods: tuple[SalesPeriod, ...]
    within: bool
    where: tuple[Criterion, ...] = ()
    list_currency: str = ""
    carries: int = attrs.field(init=False, default=1)

    @property
    def grouping(self) -> Grouping[Opportunity]:
        """What to ask of a store."""
        likely = Share(_VALUE, self.probability)
        items = "item" in self.dimensions
        return Grouping(
            kind=Opportunity,
            where=self.where,
            ways=self._ways,
            parts=Parts(OpportunityItem, via="opportunity") if items else None,
            by=(
                *([self.closing] if "period" in self.dimensions else []),
                *(_PLACES[name] for name in self._placed),
                standing_of(self.valuation, "forecast_category"),
                self._foreign,
                *(_OF_LINE if items else ()),
            ),
            sums=(_VALUE, likely, Missing(_VALUE), Missing(likely)),
        )

    @property
    def query(self) -> Query[Opportunity]:
        """What finds the opportunities that are grouped."""
        closing = (Either(self._ways),) if self.within else ()
        return Query(kind=Opportunity, where=(*self.where, *closing))

    @property
    def kept(self) -> list[str]:
        """The dimensions that a group tells by a term of its own, in the order in which it does; how it stands and its
        lines are behind them.
        """
        return [*(name for name in ("period",) if name in self.dimensions), *self._placed]

    @property
    def _placed(self) -> list[str]:
        return [name for name in self.dimensions if name in _PLACES]

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

    @property
    def _foreign(self) -> Term:
        """What it takes to convert a value, where it is in another currency."""
        other = Only(_CURRENCY, unless=_CURRENCY, listed=(self.valuation.currency,))
        return Together((other, _VALUE, self.probability, CLOSE))

    @property
    def closing(self) -> Bucket:
        """The bucket of the day on which it counts: what it means, `period_codes` says."""
        return Bucket(CLOSE, self._bounds)

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

    def tallies(self, groups: Iterable[Grouped]) -> dict[tuple[Key, ...], Tally]:
        """What the groups come to, by the key of each row.

        Raises Refused without a rate that is needed, ValueError on an unknown status.
        """
        return Tallying(self).of(groups)

    @property
    def period_codes(self) -> list[str | None]:
        """For each bucket of days the code of the first of the periods that it is in, if any."""
        starts: list[date | None] = [None, *self._bounds]
        return [
            None if day is None else next((period.code for period in self.periods if day in period), None)
            for day in starts
        ]

    def converted(self, group: Grouped, carried: tuple[Any, ...]) -> tuple[int, int]:
        """What the values of a group in another currency come to: gross and weighted."""
        ((currency, value, probability, day),) = carried
        one = self.valuation.convert(Money.of_minor(value, currency), day)
        return one.minor * group.count, weighted_minor(one, probability) * group.count

    @property
    def incomplete(self) -> Grouping[Opportunity]:
        """The grouping, each by itself, of the opportunities of which something is missing; `missing` says what."""
        still_open = [code for code in self.valuation.outcomes if self._is_open(code)]
        telling = [code for code, stage in self.valuation.stages.items() if stage.probability is not None]
        uncertain = (AnyOf("status", still_open), Empty("probability"), Not(AnyOf("stage", telling)))
        return Grouping(
            kind=Opportunity,
            where=(*self.where, Either([(Empty("estimated_value"),), uncertain])),
            ways=self._ways,
            by=(Field("id"), Field("status"), Missing(_VALUE), Missing(self.probability)),
        )

    def missing(self, groups: Iterable[Grouped]) -> tuple[Incomplete, ...]:
        """What is missing of each, in order of id."""
        found: list[Incomplete] = []
        for group in sorted(groups, key=lambda group: group.key[0].int):
            id, status, value, probability = group.key
            names = (("estimated_value", value), ("probability", probability and self._is_open(status)))
            found.append(Incomplete(id, tuple(name for name, gone in names if gone)))
        return tuple(found)

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
