"""The figures of a forecast and of its lines, and the snapshot that a line keeps once that is submitted (R6)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import (
    ForecastAdjustment,
    ForecastLine,
    Money,
    Opportunity,
    SalesForecast,
    SalesPeriod,
    evolve,
)
from crmkit.entities.forecasts import SNAPSHOT
from crmkit.errors import NotFound, Refused
from crmkit.forecasting import forecast_tables
from crmkit.forecasting.adjustments import Adjusted, adjusted, adjustments_applied, made_by
from crmkit.forecasting.figures import (
    Valuation,
    certainty,
    close_day,
    exchange_of,
    figures_of,
    name_of,
    naming,
    opportunity_figures,
)
from crmkit.forecasting.rate_policy import AT_CLOSE
from crmkit.forecasting.rates import Exchange, at_rate
from crmkit.forecasting.totals import Incomplete, OpportunityFigures, Tally, Totals
from crmkit.frames import data_frame

__all__ = ["ForecastFigures", "LineFigures", "forecast_figures", "line_figures", "snapshot", "unfrozen"]

_NOTHING: Final[frozenset[UUID]] = frozenset()


@attrs.frozen(kw_only=True)
class LineFigures:
    """A line of a forecast with what it contributes.

    `name` is what its opportunity is called, empty where that is not at hand. `value` is what the opportunity is worth
    in its own currency. `frozen` ones are read from their snapshot, the others from the opportunity. `overridden` says
    that the owner's override stands in place of the weighted figure, which `computed` is without it; `exchange` and
    `override_exchange` say how value and override were converted, None where they are in the currency already. `own`
    says that the opportunity is the owner's, `out_of_period` that it does not close within the forecast's period (any
    more).
    """

    line: ForecastLine
    name: str
    value: Money | None
    figures: OpportunityFigures
    computed: Money
    exchange: Exchange | None
    override_exchange: Exchange | None
    close_date: date | None
    frozen: bool
    overridden: bool
    own: bool
    out_of_period: bool


@attrs.frozen(kw_only=True)
class ForecastFigures(Totals):
    """What a forecast comes to: each total is the sum of its lines' rounded figures.

    Overrides and adjustments change nothing but the expected figure, which is given in four views, as the field names
    them (Salesforce, collaborative forecasts):

    - `owner_only`: the owner's own opportunities alone (a salesperson's, or those assigned to the owner), value ×
      probability, no override, no adjustment;
    - `without_adjustments`: all lines, those of others on the forecast too, value × probability, no override, no
      adjustment;
    - `without_manager_adjustments`: the number as the owner sees it: `weighted`, where overrides of lines count, and
      the owner's own adjustments (by the owner's user, a team's leader's);
    - `with_all_adjustments`: the number as managers see it: `weighted` after everybody's adjustments, in the order of
      their instants.

    `adjustments` holds what each does. `incomplete` and `out_of_period` follow from the lines.
    """

    forecast: SalesForecast
    lines: tuple[LineFigures, ...]
    adjustments: tuple[Adjusted, ...]
    owner_only: Money
    without_adjustments: Money
    without_manager_adjustments: Money
    with_all_adjustments: Money

    @property
    def adjusted(self) -> Money:
        """`with_all_adjustments`."""
        return self.with_all_adjustments

    @property
    def incomplete(self) -> tuple[Incomplete, ...]:
        """The lines of which something is missing, which counts as zero."""
        return tuple(
            Incomplete(held.line.opportunity, held.figures.incomplete) for held in self.lines if held.figures.incomplete
        )

    @property
    def out_of_period(self) -> tuple[UUID, ...]:
        """The opportunities that do not close within the period."""
        return tuple(held.line.opportunity for held in self.lines if held.out_of_period)

    def to_rows(self) -> list[dict[str, Any]]:
        """A plain dict a line: amounts are decimals, in the forecast's currency but for `value`."""
        return forecast_tables.plain_rows(self)

    def to_pandas(self) -> Any:
        """The lines as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        return data_frame(forecast_tables.COLUMNS, self.to_rows())

    def __str__(self) -> str:
        return forecast_tables.figures_text(self)

    def _repr_html_(self) -> str:
        return forecast_tables.figures_html(self)


def line_figures(
    line: ForecastLine,
    *,
    forecast: SalesForecast,
    period: SalesPeriod,
    opportunity: Opportunity | None,
    valuation: Valuation,
    own: bool = False,
) -> LineFigures:
    """What a line contributes, in the valuation's currency.

    A draft's is read from the opportunity, which is the owner's if it is theirs as a salesperson or `own` says so; any
    other's from the line's snapshot, and `opportunity` gives no more than its name: in the forecast's currency at the
    rate that was frozen with it, unless the valuation has another policy than the close date's rate. An override
    replaces the weighted figure while the opportunity is open; once it is won or lost, it counts at 100 % or 0 % like
    any other. The gross figure stays. Raises NotFound where a draft's opportunity is not given, Refused without a rate
    that is needed.
    """
    frozen = forecast.status != "draft"
    if frozen:
        value, day = line.value, line.close_date
        kept = _Frozen(line, forecast, valuation.taken(valuation.day_of(line.recorded_at)), opportunity)
        exchange, over = kept.exchange(value, line.rate), kept.exchange(line.override, line.override_rate)
        figures = figures_of(
            _result(value, exchange),
            valuation.outcome(line.status),
            probability=line.probability,
            category=line.category,
            currency=valuation.currency,
        )
        own = line.own
    else:
        there = _there(line, opportunity)
        value, day = there.estimated_value, close_day(there)
        figures = opportunity_figures(there, valuation)
        exchange, over = (exchange_of(there, money, valuation) for money in (value, line.override))
        own = own or there.salesperson == forecast.owner
    computed, override = figures.weighted, _result(line.override, over)
    overridden = override is not None and figures.outcome == "open"
    if override is not None and overridden:
        figures = attrs.evolve(
            figures,
            weighted=override,
            incomplete=tuple(name for name in figures.incomplete if name != "probability"),
        )
    return LineFigures(
        line=line,
        name=name_of(opportunity) if opportunity else "",
        value=value,
        figures=figures,
        computed=computed,
        exchange=exchange,
        override_exchange=over,
        close_date=day,
        frozen=frozen,
        overridden=overridden,
        own=own,
        out_of_period=day is None or day not in period,
    )


@attrs.frozen
class _Frozen:
    """Reads a line's snapshot."""

    line: ForecastLine
    forecast: SalesForecast
    valuation: Valuation
    opportunity: Opportunity | None

    def exchange(self, money: Money | None, rate: Decimal | None) -> Exchange | None:
        """How the money is converted: at the rate that was frozen, where that is the one asked for; else at the
        valuation's.
        """
        if money is None:
            return None
        line, held = self.line, self.valuation
        if rate is not None and self.forecast.currency == held.currency and held.policy == AT_CLOSE:
            return Exchange(money, at_rate(money, held.currency, rate), rate, line.close_date, None)
        try:
            return held.exchange(money, line.close_date, record=line.opportunity)
        except Refused as refused:
            raise refused if self.opportunity is None else naming(refused, self.opportunity) from None


def _result(money: Money | None, exchange: Exchange | None) -> Money | None:
    return money if exchange is None else exchange.result


def _there(line: ForecastLine, opportunity: Opportunity | None) -> Opportunity:
    if opportunity is None:
        raise NotFound("opportunity", line.opportunity, "a draft's figures are read from it")
    return opportunity


def forecast_figures(
    forecast: SalesForecast,
    *,
    period: SalesPeriod,
    lines: Iterable[ForecastLine],
    opportunities: Mapping[UUID, Opportunity],
    valuation: Valuation,
    adjustments: Iterable[ForecastAdjustment] = (),
    assigned: Collection[UUID] = _NOTHING,
    owner_users: Collection[str] = (),
) -> ForecastFigures:
    """What a forecast comes to, in its own currency.

    `opportunities` holds the lines' opportunities by id; those of a forecast that is no draft may be left out.
    `assigned` are the ids of those assigned to the owner, `owner_users` the users that speak for the owner. Lines keep
    their order. Raises NotFound and Refused as `line_figures` does.
    """
    held = valuation.into(forecast.currency or valuation.currency)
    figured = tuple(
        line_figures(
            line,
            forecast=forecast,
            period=period,
            opportunity=opportunities.get(line.opportunity),
            valuation=held,
            own=line.opportunity in assigned,
        )
        for line in lines
    )
    tally = Tally(held.currency)
    for one in figured:
        tally.add(one.figures)
    values, made = tally.values, list(adjustments)
    weighted = values["weighted"]
    applied = adjustments_applied(weighted, made, held)
    return ForecastFigures(
        **values,
        forecast=forecast,
        lines=figured,
        adjustments=applied,
        owner_only=Money.total((one.computed for one in figured if one.own), held.currency),
        without_adjustments=Money.total((one.computed for one in figured), held.currency),
        without_manager_adjustments=adjusted(weighted, made_by(made, owner_users), held),
        with_all_adjustments=applied[-1].figure if applied else weighted,
    )


def snapshot(line: ForecastLine, opportunity: Opportunity, valuation: Valuation, *, own: bool = False) -> ForecastLine:
    """The line with the opportunity as it stands, so that no later change moves the line's figures.

    The value and the override stay in their own currencies, with the rates that the valuation's policy wants as they
    are known now: a rate that becomes known later changes nothing. The probability and the category are the ones that
    count, with the stage's where the opportunity has none of its own; 100 % once won, 0 % once lost. Raises Refused
    without a rate that is needed.
    """
    day = close_day(opportunity)
    value = opportunity.estimated_value
    changes: dict[str, Any] = {
        "value": value,
        "rate": _rate(value, valuation, opportunity),
        "override_rate": _rate(line.override, valuation, opportunity),
        "probability": certainty(valuation.outcome(opportunity.status), valuation.probability(opportunity)),
        "close_date": day,
        "status": opportunity.status,
        "stage": opportunity.stage,
        "category": valuation.category(opportunity),
        "account": opportunity.account,
        "own": own,
    }
    return evolve(line, **changes)


def _rate(money: Money | None, valuation: Valuation, opportunity: Opportunity) -> Decimal | None:
    found = exchange_of(opportunity, money, valuation)
    return None if found is None else found.rate


def unfrozen(line: ForecastLine) -> ForecastLine:
    """The line without its snapshot: it follows the opportunity again. Override and note stay."""
    return evolve(line, **{name: line.spec.by_name[name].default for name in SNAPSHOT})
