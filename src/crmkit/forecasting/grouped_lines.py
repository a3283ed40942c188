"""Rolling lines of forecasts up by a store's own groups: the groupings to ask for, and what their groups come to.

A draft's lines are read from their opportunities, all others from their snapshots: two groupings of one form, which are
one statement. An override stands in place of what is expected of a line; values and overrides in another currency carry
what it takes to convert them.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

import attrs

from crmkit.entities import ForecastLine, Money, Opportunity, OpportunityItem, SalesForecast, SalesPeriod
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import CLOSE, LINE, PLACES, RollUpGrouping
from crmkit.forecasting.rate_policy import AT_CLOSE
from crmkit.forecasting.rates import at_rate
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.tallying import Tallying, standing_of, weighted_minor
from crmkit.forecasting.totals import Tally
from crmkit.queries import (
    AnyOf,
    Criterion,
    Currency,
    Field,
    FirstOf,
    Grouped,
    Grouping,
    Missing,
    OfPart,
    Only,
    Parts,
    Related,
    Replaced,
    Share,
    Term,
    Through,
    Together,
)

__all__ = ["LineGrouping"]

_DEAL: Final[Callable[[Term], Term]] = partial(Through, "opportunity", Opportunity)
_FORECAST: Final[Callable[[Term], Term]] = partial(Through, "forecast", SalesForecast)
_OVERRIDE: Final = Field("override")
_OVERRIDE_CURRENCY: Final = Currency("override")
_NOTHING: Final = Replaced(Field("probability"), {})
"""A whole number that is always empty."""
_NEVER: Final = Only(Field("recorded_at"), unless=_NOTHING)
"""An instant that is always empty."""
_RATE: Final = Decimal("0.0000000001")
"""In so much a rate is told."""


@attrs.frozen(kw_only=True)
class _Read:
    """What a line is read by: terms of its opportunity, or of its snapshot."""

    value: Term
    currency: Term
    probability: Term
    expected: Term
    close: Term
    stage: Term
    standing: Term


@attrs.frozen(kw_only=True)
class LineGrouping:
    """How lines of forecasts are grouped for a roll-up by `dimensions`, in the currency of `valuation`.

    Of the forecasts of these periods and `statuses`, those lines for whose opportunities every criterion of `where`
    holds. `list_currency` is that of list prices that do not name theirs.
    """

    dimensions: tuple[str, ...]
    valuation: Valuation
    periods: tuple[SalesPeriod, ...]
    statuses: tuple[str, ...]
    where: tuple[Criterion, ...] = ()
    list_currency: str = ""
    carries: int = attrs.field(init=False, default=2)

    @property
    def groupings(self) -> list[Grouping[ForecastLine]]:
        """What to ask of a store: of drafts, and of all others, as far as they are wanted."""
        drafts = [status for status in self.statuses if status == "draft"]
        others = [status for status in self.statuses if status != "draft"]
        found = []
        if drafts:
            found.append(self._grouping(drafts, self._from_opportunity, _NOTHING, _NOTHING, _NEVER))
        if others:
            found.append(self._grouping(others, self._from_snapshot, *self._kept))
        return found

    def tallies(self, groups: Iterable[Grouped]) -> dict[tuple[Key, ...], Tally]:
        """What the groups come to, by the key of each row.

        Raises Refused without a rate that is needed, ValueError on an unknown status.
        """
        return Tallying(self).of(groups)

    @property
    def kept(self) -> list[str]:
        """The dimensions that a group tells by a term of its own, in the order in which it does."""
        known = (*PLACES, "stage", "currency")
        return [*(["period"] if "period" in self.dimensions else []), *(one for one in self.dimensions if one in known)]

    @property
    def period_codes(self) -> dict[Any, str | None]:
        """The code of each period by its id."""
        return {one.id: one.code for one in self.periods}

    def converted(self, group: Grouped, carried: tuple[Any, ...]) -> tuple[int, int]:
        """Gross and weighted figure of a group whose values or overrides are in another currency."""
        foreign, override = carried
        gross, weighted, *_ = group.sums
        if foreign is not None:
            currency, value, day, rate, taken, probability, computed = foreign
            one = self._exchanged(Money.of_minor(value, currency), day, rate, taken)
            gross = one.minor * group.count
            if computed:
                weighted = weighted_minor(one, probability) * group.count
        if override is not None:
            currency, value, day, rate, taken = override
            weighted = self._exchanged(Money.of_minor(value, currency), day, rate, taken).minor * group.count
        return gross, weighted

    def _exchanged(self, money: Money, day: date | None, rate: int | None, taken: datetime | None) -> Money:
        if rate is not None:
            return at_rate(money, self.valuation.currency, rate * _RATE)
        return self.valuation.taken(self.valuation.day_of(taken)).convert(money, day)

    def _grouping(
        self, statuses: Sequence[str], read: _Read, rate: Term, override_rate: Term, taken: Term
    ) -> Grouping[ForecastLine]:
        wanted = self.valuation.currency
        places = {name: _DEAL(term) for name, term in PLACES.items()}
        places |= {"period": _FORECAST(Field("period")), "stage": read.stage, "currency": read.currency}
        foreign = Only(read.currency, unless=read.currency, listed=(wanted,))
        other = Only(_OVERRIDE_CURRENCY, unless=_OVERRIDE_CURRENCY, listed=(wanted,))
        at_home = Only(_OVERRIDE, unless=Replaced(_OVERRIDE_CURRENCY, {wanted: 1}))
        certain = Only(read.value, unless=FirstOf((read.probability, _OVERRIDE)))
        items = "item" in self.dimensions
        whole = Only(Field("id"), unless=OfPart(Field("id")))
        return Grouping(
            kind=ForecastLine,
            where=self._where(statuses),
            parts=Parts(OpportunityItem, via="opportunity", of="opportunity") if items else None,
            by=(
                *(places[name] for name in self.kept),
                read.standing,
                Together((foreign, read.value, read.close, rate, taken, read.probability, Missing(_OVERRIDE))),
                Together((other, _OVERRIDE, read.close, override_rate, taken)),
                *((whole, *map(OfPart, LINE[1:]), read.currency, _DEAL(CLOSE)) if items else ()),
            ),
            sums=(read.value, FirstOf((at_home, read.expected)), Missing(read.value), Missing(certain)),
        )

    def _where(self, statuses: Sequence[str]) -> tuple[Criterion, ...]:
        of_forecast = (AnyOf("period", [one.id for one in self.periods]), AnyOf("status", statuses))
        found: list[Criterion] = [Related(SalesForecast, via="id", to="forecast", where=of_forecast)]
        if self.where:
            found.append(Related(Opportunity, via="id", to="opportunity", where=self.where))
        return tuple(found)

    @property
    def _from_opportunity(self) -> _Read:
        value, probability = Field("estimated_value"), self._of_opportunities.probability
        return _Read(
            value=_DEAL(value),
            currency=_DEAL(Currency("estimated_value")),
            probability=_DEAL(probability),
            expected=_DEAL(Share(value, probability)),
            close=_DEAL(CLOSE),
            stage=_DEAL(Field("stage")),
            standing=_DEAL(standing_of(self.valuation, "forecast_category")),
        )

    @property
    def _from_snapshot(self) -> _Read:
        value, probability = Field("value"), Field("probability")
        return _Read(
            value=value,
            currency=Currency("value"),
            probability=probability,
            expected=Share(value, probability),
            close=Field("close_date"),
            stage=Field("stage"),
            standing=standing_of(self.valuation, "category", of_stage=False),
        )

    @property
    def _of_opportunities(self) -> RollUpGrouping:
        return RollUpGrouping(dimensions=(), valuation=self.valuation, periods=(), within=False)

    @property
    def _kept(self) -> tuple[Term, Term, Term]:
        """What a snapshot keeps to convert its value and its override by, where it counts: their rates, in forecasts of
        the currency wanted; when it was taken.
        """
        policy = self.valuation.policy
        taken = Field("recorded_at") if policy.way == "snapshot" else _NEVER
        if policy != AT_CLOSE:
            return _NOTHING, _NOTHING, taken
        alike = Replaced(_FORECAST(Field("currency")), {self.valuation.currency: 1})
        return Only(Field("rate"), unless=alike), Only(Field("override_rate"), unless=alike), taken
