"""Forecasters: what a period will come to, told from the CRM as it stood at an instant.

A forecaster is any object with `forecast(view, period)`. It is handed a view of the past, which knows nothing later and
cannot be changed, so that the same forecaster tells today's forecast and can be put to the test over the past.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Protocol, Self, runtime_checkable
from uuid import UUID

import attrs

from crmkit.entities import Money, SalesPeriod
from crmkit.entities.money import half_even
from crmkit.forecasting.convolving import CERTAIN
from crmkit.forecasting.distribution import Distribution
from crmkit.forecasting.learning import DEFAULT_FIELDS, LEAST, Probabilities
from crmkit.queries import Between
from crmkit.tables import html_table, text_table

__all__ = [
    "FORECASTERS",
    "Forecast",
    "Forecaster",
    "NaiveBayes",
    "Pipeline",
    "RunRate",
    "SeasonalNaive",
    "StageAge",
    "Submitted",
    "View",
]

_DAY: Final = timedelta(days=1)

Chances = tuple[tuple[UUID, Fraction], ...]


class View(Protocol):
    """What a forecaster is handed: `crm.as_of(instant)`, of which these are the names it needs most."""

    def now(self) -> datetime:
        """The instant of the view."""
        ...

    @property
    def settings(self) -> Any:
        """The application's settings: currency, time zone."""
        ...

    @property
    def forecasting(self) -> Any:
        """Roll-ups, distributions, what is learnt."""
        ...

    @property
    def opportunities(self) -> Any:
        """The opportunities."""
        ...

    @property
    def sales_forecasts(self) -> Any:
        """The forecasts that people made."""
        ...


def _pairs(chances: Mapping[UUID, Fraction] | Iterable[tuple[UUID, Fraction]]) -> Chances:
    pairs: Iterable[Any] = chances.items() if isinstance(chances, Mapping) else chances
    return tuple(pairs)


@attrs.frozen(kw_only=True)
class Forecast:
    """What a period is expected to come to: the `mean`, and as far as the forecaster tells, what is exceeded in nine of
    ten (`p10`) and in one of ten (`p90`), and for opportunities the chance to be won in the period.

    Raises ValueError on mixed currencies, quantiles the wrong way round, and chances outside of 0 to 1; TypeError on
    what is no amount.
    """

    mean: Money
    p10: Money | None = None
    p90: Money | None = None
    chances: Chances = attrs.field(default=(), converter=_pairs)
    distribution: Distribution | None = attrs.field(default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        told: dict[str, Any] = {"mean": self.mean, "p10": self.p10, "p90": self.p90}
        for name, one in told.items():
            if not isinstance(one, Money) and (one is not None or name == "mean"):
                raise TypeError(f"the {name} of a forecast is an amount, such as Money(100000, 'EUR'), not {one!r}")
        known = [one for one in (self.p10, self.mean, self.p90) if one is not None]
        if len({one.currency for one in known}) > 1:
            raise ValueError("the amounts of a forecast are in one currency: convert at a rate first")
        if self.p10 is not None and self.p90 is not None and self.p10 > self.p90:
            raise ValueError(f"P10, {self.p10}, must not be above P90, {self.p90}: it is what nine of ten exceed")
        wrong = next((chance for _, chance in self.chances if not 0 <= chance <= 1), None)
        if wrong is not None:
            raise ValueError(f"a chance lies between 0 and 1, not at {wrong}")

    @classmethod
    def of(cls, found: Distribution) -> Self:
        """From a distribution: its mean, P10 at its least, P90 at its most, and the probability of each deal."""
        chances = {
            deal.opportunity: Fraction(deal.probability.basis_points, CERTAIN)
            for deal in found.deals
            if deal.opportunity is not None
        }
        return cls(mean=found.mean, p10=found.p10.low, p90=found.p90.high, chances=chances, distribution=found)

    def _cells(self) -> list[tuple[object, ...]]:
        named = (("mean", self.mean), ("P10", self.p10), ("P90", self.p90), ("chances", len(self.chances) or None))
        return [(name, held) for name, held in named if held is not None]

    def __str__(self) -> str:
        return text_table(("Forecast", "Amount"), self._cells())

    def _repr_html_(self) -> str:
        return html_table(("Forecast", "Amount"), self._cells())


@runtime_checkable
class Forecaster(Protocol):
    """Tells what a period will come to, from a view and nothing else."""

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """The forecast of the period, in the application's currency, as of the view's instant.

        The view knows nothing later: what asks for it is refused. The period is handed over as a value, since the view
        may not know it yet; whatever takes a period takes it. May raise whatever the view raises.
        """
        ...


@attrs.frozen
class Pipeline:
    """What is won, and each open opportunity that closes in the period with its probability; see `Probabilities`."""

    probabilities: Probabilities = "record"

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        return Forecast.of(view.forecasting.distribution(period=period, probabilities=self.probabilities))


@attrs.frozen
class NaiveBayes:
    """As `Pipeline`, with scores learnt from the view by these fields."""

    fields: tuple[str, ...] = DEFAULT_FIELDS
    own: bool = True

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        return Pipeline(view.forecasting.learn(fields=self.fields, own=self.own)).forecast(view, period)


@attrs.frozen
class StageAge:
    """As `Pipeline`, with the share won of those that were as long in the stage, learnt from the view."""

    least: int = LEAST
    own: bool = True

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        return Pipeline(view.forecasting.learn_conversion(least=self.least, own=self.own)).forecast(view, period)


@attrs.frozen
class RunRate:
    """What is won in the period so far, and for each day that is left what was won a day over the last `days`."""

    days: int = 90

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        today = _today(view)
        so_far = _won(view, period.starts_on, min(period.ends_on, today - _DAY))
        lately = _won(view, today - self.days * _DAY, today - _DAY)
        left = max((period.ends_on - max(today, period.starts_on)).days + 1, 0)
        return Forecast(mean=so_far + Money.of_minor(half_even(lately.minor * left, self.days), lately.currency))


@attrs.frozen
class SeasonalNaive:
    """What was won in the same days so many years before: the yardstick that a forecaster should beat."""

    years: int = 1

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        first, after = (_earlier(day, self.years) for day in (period.starts_on, period.ends_on + _DAY))
        return Forecast(mean=_won(view, first, after - _DAY))


@attrs.frozen
class Submitted:
    """What people submitted: the expected figure of each opportunity on a forecast of these statuses for the period.
    One that is on several counts once, as the forecast made last has it. Managers' adjustments do not count.
    """

    statuses: tuple[str, ...] = ("submitted", "approved")

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """See the protocol."""
        expected: dict[UUID, Money] = {}
        for one in view.sales_forecasts.all(period=period.id, status=list(self.statuses), sort="id"):
            for line in view.sales_forecasts.figures(one.id).lines:
                expected[line.line.opportunity] = line.figures.weighted
        return Forecast(mean=Money.total(expected.values(), view.settings.currency))


FORECASTERS: Final[Mapping[str, Forecaster]] = {
    "weighted": Pipeline("record"),
    "stage": Pipeline("stage"),
    "conversion": StageAge(),
    "score": NaiveBayes(),
    "run_rate": RunRate(),
    "seasonal": SeasonalNaive(),
    "submitted": Submitted(),
}
"""The forecasters that crmkit brings, by name; those of plugins have theirs beside them."""


def _today(view: View) -> date:
    return view.now().astimezone(view.settings.zone).date()


def _won(view: View, first: date, last: date) -> Money:
    """What was won from the one day to the other, both included."""
    found: Money = view.forecasting.roll_up(Between("closed_on", first, last)).total.won
    return found


def _earlier(day: date, years: int) -> date:
    """The same day so many years before; of the 29 February, where there is none, the day after."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28) + _DAY
