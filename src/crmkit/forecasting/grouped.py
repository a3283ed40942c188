"""Rolling opportunities up by a store's own groups: the grouping to ask for, and what its groups come to.

A figure is rounded for each opportunity. Those in the wanted currency are summed as they are; those in another one
fall into groups of one value, probability and day, each of which is converted once and counted as often as it occurs.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import (
    Account,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityItem,
    Percent,
    SalesPeriod,
    SalesTeam,
    TeamAssignment,
)
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.items import Line, by_item, comparable, line_of
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.totals import Incomplete, Outcome, Tally
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

_STANDINGS: Final = ("closed", "lost", "commit", "best_case", "pipeline", "omitted", "")
"""How an opportunity stands, as a whole number: how it ended, or else its category."""
_OUTCOMES: Final[dict[str, Outcome]] = {"closed": "won", "lost": "lost"}

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
                *([Bucket(CLOSE, self._bounds)] if "period" in self.dimensions else []),
                *(_PLACES[name] for name in self._placed),
                self._standing,
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
    def _standing(self) -> Term:
        """Its place in `_STANDINGS`; empty where the status is none that is open, won or lost."""
        numbers = {name: number for number, name in enumerate(_STANDINGS)}
        ended = {"won": numbers["closed"], "lost": numbers["lost"]}
        outcomes, stages = self.valuation.outcomes, self.valuation.stages
        of_stage = {code: numbers[one.forecast_category] for code, one in stages.items() if one.forecast_category}
        tables = (
            ("status", {code: ended[outcome] for code, outcome in outcomes.items() if outcome in ended}),
            ("forecast_category", {name: numbers[name] for name in _STANDINGS[2:-1]}),
            ("stage", of_stage),
            ("status", {code: numbers[""] for code, outcome in outcomes.items() if outcome == "open"}),
        )
        return FirstOf([Replaced(Field(name), table) for name, table in tables if table])

    @property
    def _foreign(self) -> Term:
        """What it takes to convert a value, where it is in another currency."""
        other = Only(_CURRENCY, unless=_CURRENCY, listed=(self.valuation.currency,))
        return Together((other, _VALUE, self.probability, CLOSE))

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
        return _Tallying(self).of(groups)

    @property
    def period_codes(self) -> list[str | None]:
        """For each bucket of days the code of the first of the periods that it is in, if any."""
        starts: list[date | None] = [None, *self._bounds]
        return [
            None if day is None else next((period.code for period in self.periods if day in period), None)
            for day in starts
        ]

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


@attrs.define
class _Split:
    """An opportunity whose figures are to be split over its lines, as far as these have come."""

    places: list[Key]
    standing: str
    gross: Money
    weighted: Money
    incomplete: int
    currency: str
    day: date | None
    lines: list[Line] = attrs.field(factory=list)


class _Tallying:
    """Sums groups up by the key of the row that they belong to."""

    def __init__(self, asked: RollUpGrouping) -> None:
        self.asked = asked
        self.valuation = asked.valuation
        self.found: dict[tuple[Key, ...], Tally] = {}
        self.splits: dict[UUID, _Split] = {}
        told = (*asked.kept, "status", "category", "item")
        self.order = [told.index(name) for name in asked.dimensions]
        """Where each dimension stands among what is told of a group."""

    def of(self, groups: Iterable[Grouped]) -> dict[tuple[Key, ...], Tally]:
        """The tallies of the groups."""
        periods = self.asked.period_codes if "period" in self.asked.dimensions else None
        width = len(self.asked.kept)
        for group in groups:
            key = group.key
            number, foreign = key[width : width + 2]
            if number is None:
                raise ValueError("an opportunity has a status that is none of open, won and lost")
            places = [*key[:width]]
            if periods is not None and places[0] is not None:
                places[0] = periods[places[0]]
            self._count(group, places, _STANDINGS[number], foreign, key[width + 2 :])
        for id, split in sorted(self.splits.items()):
            lines = comparable(split.lines, split.currency, split.day, self.valuation, record=id)
            for item, gross, weighted, here in by_item(split.gross, split.weighted, lines):
                count, incomplete = (1, split.incomplete) if here else (0, 0)
                self._put(split.places, split.standing, count, gross.minor, weighted.minor, incomplete, item)
        return self.found

    def _count(
        self,
        group: Grouped,
        places: list[Key],
        standing: str,
        foreign: tuple[Any, ...] | None,
        line: tuple[Any, ...],
    ) -> None:
        gross, weighted, valueless, uncertain = group.sums
        if foreign is not None:
            gross, weighted = self._converted(foreign, group.count)
        outcome = _OUTCOMES.get(standing, "open")
        incomplete = uncertain if outcome == "open" else valueless
        if outcome != "open":
            weighted = gross if outcome == "won" else 0
        if not line or line[0] is None:
            self._put(places, standing, group.count, gross, weighted, incomplete)
            return
        opportunity, *told, currency, day = line
        split = self.splits.get(opportunity)
        if split is None:
            whole, likely = (Money.of_minor(minor, self.valuation.currency) for minor in (gross, weighted))
            split = self.splits[opportunity] = _Split(places, standing, whole, likely, incomplete, currency or "", day)
        split.lines.append(line_of(*told, currency=currency, default=self.asked.list_currency))

    def _converted(self, foreign: tuple[Any, ...], count: int) -> tuple[int, int]:
        currency, value, probability, day = foreign
        one = self.valuation.convert(Money.of_minor(value, currency), day)
        likely = 0 if probability is None else one.weighted(Percent.of_basis_points(probability)).minor
        return one.minor * count, likely * count

    def _put(
        self,
        places: list[Key],
        standing: str,
        count: int,
        gross: int,
        weighted: int,
        incomplete: int,
        item: UUID | None = None,
    ) -> None:
        outcome = _OUTCOMES.get(standing, "open")
        every = (*places, outcome, standing or None, item)
        key = tuple([every[place] for place in self.order])
        tally = self.found.get(key)
        if tally is None:
            tally = self.found[key] = Tally(self.valuation.currency)
        tally.put(outcome, standing, count, gross, weighted, incomplete)


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
