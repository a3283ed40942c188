"""Forecasts by any forecaster, and forecasters put to the test over the past: part of the forecasting service."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmkit.app.foreseeing import closing_in
from crmkit.app.periods_asked import SomePeriods, given_periods, periods_asked
from crmkit.app.scope import Scope
from crmkit.app.valuing import valuation
from crmkit.entities import Money, SalesPeriod
from crmkit.errors import Fault, Finding, Invalid, Refused
from crmkit.forecasting.back_testing import BackTest, Trial
from crmkit.forecasting.figures import opportunity_figures
from crmkit.forecasting.forecasters import FORECASTERS, Forecast, Forecaster

if TYPE_CHECKING:
    from crmkit.app.crm import Crm
    from crmkit.app.work import Work

__all__ = ["BackTesting"]

_DAY = timedelta(days=1)


class BackTesting:
    """What forecasters tell, and how they did."""

    _scope: Scope

    @property
    def forecasters(self) -> dict[str, Forecaster]:
        """The forecasters that there are by name: crmkit's own, and those of plugins."""
        from crmkit.plugins import plugged_forecasters  # noqa: PLC0415 - entry points are read on use

        return {**FORECASTERS, **plugged_forecasters()}

    def forecast(self, *, period: str | SalesPeriod, by: str | Forecaster = "weighted") -> Forecast:
        """What a forecaster, one of `forecasters` by name or any other, tells of a period (its code, or the period):
        from the CRM as it stands; within a unit of work, from what is committed. Raises NotFound on an unknown period,
        Invalid on what is no forecaster or no forecast, and whatever it raises.
        """
        crm = self._scope.crm
        name, forecaster = self._named(by)
        view = crm.as_of(crm.settings.stands)
        with view.begin(read_only=True) as work:
            held = periods_asked(work, given_periods(period) or (), "")
        if len(held) != 1:
            raise Invalid("the forecast", [Fault("period", f"is one sales period or its code, not {period!r}")])
        return _told(name, forecaster, view, held[0])

    def back_test(
        self,
        *forecasters: str | Forecaster,
        periods: SomePeriods,
        days: int | Iterable[int] = 0,
        bins: int = 10,
    ) -> BackTest:
        """What forecasters would have told of periods of the past, against what came of them.

        Each forecast is made at the beginning of a day, so many `days` after the first one of the period (before it, if
        below zero; one number or several), from the CRM as it stood then: a view that knows nothing later. What was won
        in the period is what is known now. Chances are sorted into so many `bins`. Without forecasters, all that there
        are by name. Raises NotFound on an unknown period; Refused on a period that is not over, or an instant of which
        answers may still change (`crm.settled()`); Invalid on what is no forecaster or no forecast; whatever one
        raises.
        """
        crm = self._scope.crm
        named = [self._named(one) for one in forecasters or self.forecasters]
        ahead = _days(days)
        if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
            raise Invalid("the back-test", [Fault("bins", f"is a whole number, at least 1, not {bins!r}")])
        settled = crm.settled()  # a view may be of an instant that has not come: no later than what is settled
        with crm.as_of(crm.settings.stands).begin(read_only=True) as work:
            held = periods_asked(work, given_periods(periods) or (), "")
            _check_over(work, held, crm.now() if crm.settings.as_of is None else settled)
            came = {one.id: _won(work, one) for one in held}
        trials: list[Trial] = []
        for period in held:
            actual, won = came[period.id]
            for day in ahead:
                at = datetime.combine(period.starts_on + day * _DAY, time.min, crm.settings.zone).astimezone(UTC)
                if at > settled:
                    said = f"answers as of {at} may still change: they are settled up to {settled}"
                    raise Refused("the back-test", [Finding("not-settled", said, "days")])
                for name, forecaster in named:
                    told = _told(name, forecaster, crm.as_of(at), period)
                    trials.append(
                        Trial(forecaster=name, period=period.code, at=at, forecast=told, actual=actual, won=won)
                    )
        return BackTest(trials, bins)

    def _named(self, given: Any) -> tuple[str, Forecaster]:
        """A forecaster and its name. Raises Invalid on what is none."""
        if isinstance(given, str):
            known = self.forecasters
            if given not in known:
                said = f"{given!r} is none; there are {', '.join(sorted(known))}"
                raise Invalid("the forecast", [Fault("by", said)])
            return given, known[given]
        if isinstance(given, type) or not isinstance(given, Forecaster):
            said = f"is the name of a forecaster, or an object with forecast(view, period), not {given!r}"
            raise Invalid("the forecast", [Fault("by", said)])
        return repr(given), given


def _told(name: str, forecaster: Forecaster, view: "Crm", period: SalesPeriod) -> Forecast:
    told: Any = forecaster.forecast(view, period)
    currency = view.settings.currency
    if not isinstance(told, Forecast) or told.mean.currency != currency:
        said = f"gives a Forecast in {currency}, not {told!r}"
        raise Invalid(f"the forecast of {name}", [Fault("forecast", said)])
    return told


def _days(given: Any) -> list[int]:
    several: list[Any] = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if not several or not all(isinstance(one, int) and not isinstance(one, bool) for one in several):
        said = f"are whole numbers, from the first day of a period on, not {given!r}"
        raise Invalid("the back-test", [Fault("days", said)])
    return several


def _check_over(work: "Work", periods: list[SalesPeriod], now: datetime) -> None:
    """Raise Invalid without periods, Refused on those of which something may still come."""
    if not periods:
        raise Invalid("the back-test", [Fault("periods", "names at least one sales period")])
    work.refuse_if(
        "the back-test",
        [
            Finding(
                "not-over", f"{one.code} ends on {one.ends_on}: what comes of it is not known yet", "periods", one.id
            )
            for one in periods
            if one.ends_on >= work.known.day(now)
        ],
    )


def _won(work: "Work", period: SalesPeriod) -> tuple[Money, frozenset[UUID]]:
    """What was won in a period, and which opportunities."""
    meaning = valuation(work)
    total, won = Money.zero(meaning.currency), set()
    for one in work.unit.stream(closing_in(meaning, [period]).query):
        figures = opportunity_figures(one, meaning)
        if figures.outcome == "won":
            total += figures.gross
            won.add(one.id)
    return total, frozenset(won)
