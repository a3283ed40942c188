"""How opportunities stood at an instant, as two instants are compared: what to ask a store for, and what it means."""

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import attrs

from crmkit.entities import Money, Opportunity, SalesPeriod
from crmkit.entities.money import half_even
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import CLOSE, PLACES, RollUpGrouping, spans
from crmkit.forecasting.roll_up import Key, dimensions_of
from crmkit.forecasting.totals import Outcome
from crmkit.queries import Criterion, Currency, Field, Grouped, Grouping, Term

__all__ = ["MEASURES", "Standing", "StandingGrouping", "places_of"]

MEASURES = ("gross", "weighted")
"""What can be counted of open opportunities: their value, or their value by their probability."""

_OWN = ("period", "stage", "category", "status", "currency")

RowKey: TypeAlias = tuple[Key, ...]


class Standing(NamedTuple):
    """How an opportunity stood at an instant.

    It `counts` where it is in the pipeline that is looked at: all that was asked for holds, it is open, and closes in
    the periods. `outcome` says whether it was open, won or lost, `within` whether it was to close (or had closed), on
    `day`, in the periods. `value`, `currency` and `share` (basis points) are its own. Where it counts, `key` is the row
    that it counts in and `figure` what it counts, in whole minor units of the waterfall's currency; `counted` is 0 for
    a part of it that is counted with another.
    """

    id: UUID
    counts: bool
    outcome: Outcome
    within: bool
    day: date | None
    key: RowKey
    value: int | None
    currency: str | None
    share: int | None
    figure: int
    counted: int = 1


def places_of(by: str | Iterable[str]) -> tuple[str, ...]:
    """Dimensions in each of which an opportunity is in one place. Raises Invalid on any other."""
    dimensions = dimensions_of(by)
    known = (*PLACES, *_OWN)
    spread = [name for name in dimensions if name not in known]
    if spread:
        said = f"an opportunity can be in several rows by {spread[0]}: take one or several of {', '.join(known)}"
        raise Invalid("the figures", [Fault("by", said)])
    return dimensions


@attrs.frozen(kw_only=True)
class StandingGrouping:
    """How opportunities are read, each by itself, to be compared: the row of each by `dimensions` (without the item,
    which only parts of it have), and what it counts by `measure` in the currency of `valuation`. With `within`, those
    alone count that close in the periods. Without `count`, none is valued, and each has its row, counted or not.
    """

    dimensions: tuple[str, ...]
    valuation: Valuation
    periods: tuple[SalesPeriod, ...]
    within: bool
    measure: str = "gross"
    count: bool = True

    def grouping(self, ways: Sequence[tuple[Criterion, ...]]) -> Grouping[Opportunity]:
        """What to ask a store for, of opportunities that go one of the ways."""
        return Grouping(
            kind=Opportunity,
            ways=ways,
            by=(
                Field("id"),
                Field("status"),
                CLOSE,
                Field("estimated_value"),
                Currency("estimated_value"),
                *(self._rolled.probability,) * self._weighted,
                *self._places,
            ),
        )

    @property
    def _weighted(self) -> bool:
        return self.measure == "weighted"

    @property
    def _rolled(self) -> RollUpGrouping:
        return RollUpGrouping(
            dimensions=self.dimensions, valuation=self.valuation, periods=self.periods, within=self.within
        )

    @property
    def _places(self) -> list[Term]:
        """What the rows are told by, besides what is read of every opportunity."""
        terms: list[Term] = [PLACES[name] for name in self.dimensions if name in PLACES]
        if "stage" in self.dimensions or "category" in self.dimensions:
            terms.append(Field("stage"))
        if "category" in self.dimensions:
            terms.append(Field("forecast_category"))
        return terms

    def standings(self, groups: Iterable[Grouped], asked: Container[UUID] | None) -> list[Standing]:
        """How each of them stood; `asked` holds those for which all that was asked held, None: all of them.

        Raises Refused without a rate that is needed.
        """
        found: list[Standing] = []
        days = _Days(self)
        outcomes: dict[str, Outcome] = {status: self.valuation.outcome(status) for status in self.valuation.outcomes}
        currency, weighted = self.valuation.currency, self._weighted
        rows = _Rows(self)
        share: int | None = None
        everything = not self.within
        for group in groups:
            id, status, day, value, own, *places = group.key
            if weighted:
                share, *places = places
            outcome: Outcome = outcomes[status]
            within = everything or days.within(day)
            counts = within and outcome == "open" and (asked is None or id in asked)
            figure = 0
            if counts and self.count:
                figure = value if own == currency and not weighted else self.figure(id, value, own, share, day)
            key = rows.key(places, status, day, own) if counts or not self.count else ()
            found.append(Standing(id, counts, outcome, within, day, key, value, own, share, figure))
        return found

    def figure(self, id: UUID, value: int | None, currency: str | None, share: int | None, day: date | None) -> int:
        """What a value counts that is for a day. Raises Refused without a rate that is needed."""
        if value is None or currency is None:
            return 0
        minor = value
        if currency != self.valuation.currency:
            minor = self.valuation.convert(Money.of_minor(value, currency), day, record=id).minor
        if self._weighted:
            return 0 if share is None else half_even(minor * share, 10_000)
        return minor


class _Days:
    """What days mean for the periods; remembered, since many opportunities close on one."""

    def __init__(self, of: StandingGrouping) -> None:
        self._periods = of.periods
        self._spans = spans(of.periods) if of.within else None
        self._within: dict[date | None, bool] = {}
        self._codes: dict[date | None, str | None] = {}

    def within(self, day: date | None) -> bool:
        """Whether it is in one of the periods looked at."""
        if self._spans is None:
            return True
        known = self._within.get(day)
        if known is None:
            known = day is not None and any(first <= day <= last for first, last in self._spans)
            self._within[day] = known
        return known

    def code(self, day: date | None) -> str | None:
        """The code of the first of the periods that it falls into, if any."""
        if day not in self._codes:
            found = None if day is None else next((one for one in self._periods if day in one), None)
            self._codes[day] = found.code if found else None
        return self._codes[day]


class _Rows:
    """The rows that opportunities belong to; equal keys are one object, by which they are told apart quickly."""

    def __init__(self, of: StandingGrouping) -> None:
        names = [name for name in of.dimensions if name != "item"]
        self._days = _Days(of)
        self._categories = {code: stage.forecast_category for code, stage in of.valuation.stages.items()}
        self._placed = [name for name in names if name in PLACES]
        given = (*self._placed, "stage", "forecast_category", "period", "status", "currency", "category")
        self._order = [given.index(name) for name in names]
        self._dated = "period" in names
        self._told = [place for place, name in enumerate(("status", "currency")) if name in names]
        self._seen: dict[tuple[Any, ...], RowKey] = {}
        self._known: dict[RowKey, RowKey] = {}

    def key(self, places: list[Any], status: str, day: date | None, currency: str | None) -> RowKey:
        """The row of what is in these places, with what is not among them."""
        code = self._days.code(day) if self._dated else None
        seen = (code, *places, *[(status, currency)[place] for place in self._told])
        known = self._seen.get(seen)
        if known is None:
            made = self._made(places, code, status, currency)
            known = self._seen[seen] = self._known.setdefault(made, made)
        return known

    def _made(self, places: list[Any], code: str | None, status: str, currency: str | None) -> RowKey:
        stage, own = (*places[len(self._placed) :], None, None)[:2]
        category = own or self._categories.get(stage or "") or None
        given = (*places[: len(self._placed)], stage, own, code, status, currency, category)
        return tuple([given[place] for place in self._order])
