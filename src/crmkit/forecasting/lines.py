"""The figures of a forecast and of its lines, and the snapshot that a line keeps once that is submitted (R6)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
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
from crmkit.errors import NotFound
from crmkit.forecasting.figures import Valuation, certainty, close_day, figures_of, opportunity_figures
from crmkit.forecasting.totals import Incomplete, OpportunityFigures, Tally, Totals

__all__ = ["ForecastFigures", "LineFigures", "adjusted", "forecast_figures", "line_figures", "snapshot", "unfrozen"]

_SNAPSHOT: Final = ("value", "probability", "close_date", "status", "stage", "category", "account")


@attrs.frozen(kw_only=True)
class LineFigures:
    """A line of a forecast with what it contributes.

    `frozen` ones are read from their snapshot, the others from the opportunity. `overridden` says that the
    owner's override stands in place of the weighted figure; `out_of_period` that the opportunity does not close
    within the forecast's period (any more).
    """

    line: ForecastLine
    figures: OpportunityFigures
    close_date: date | None
    frozen: bool
    overridden: bool
    out_of_period: bool


@attrs.frozen(kw_only=True)
class ForecastFigures(Totals):
    """What a forecast comes to: each total is the sum of its lines' rounded figures.

    `adjusted` is the weighted figure after the managers' adjustments (see `adjusted`); they change no other.
    """

    forecast: SalesForecast
    lines: tuple[LineFigures, ...]
    adjusted: Money

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


def line_figures(
    line: ForecastLine,
    *,
    forecast: SalesForecast,
    period: SalesPeriod,
    opportunity: Opportunity | None,
    valuation: Valuation,
) -> LineFigures:
    """What a line contributes, in the forecast's currency.

    A draft's is read from the opportunity; any other's from the line's snapshot, and `opportunity` is not looked
    at. An override replaces the weighted figure while the opportunity is open; once it is won or lost, it counts
    at 100 % or 0 % like any other. The gross figure stays. Raises NotFound where a draft's opportunity is not
    given, Refused without a rate that is needed.
    """
    held = valuation.into(forecast.currency or valuation.currency)
    frozen = forecast.status != "draft"
    if frozen:
        held = held.taken(held.day_of(line.recorded_at))
        figures, day = _frozen(line, held), line.close_date
    else:
        there = _there(line, opportunity)
        figures, day = opportunity_figures(there, held), close_day(there)
    overridden = line.override is not None and figures.outcome == "open"
    if line.override is not None and overridden:
        figures = attrs.evolve(
            figures,
            weighted=held.convert(line.override, day, record=line.opportunity),
            incomplete=tuple(name for name in figures.incomplete if name != "probability"),
        )
    return LineFigures(
        line=line,
        figures=figures,
        close_date=day,
        frozen=frozen,
        overridden=overridden,
        out_of_period=day is None or day not in period,
    )


def _frozen(line: ForecastLine, valuation: Valuation) -> OpportunityFigures:
    return figures_of(
        None if line.value is None else valuation.convert(line.value, line.close_date, record=line.opportunity),
        valuation.outcome(line.status),
        probability=line.probability,
        category=line.category,
        currency=valuation.currency,
    )


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
) -> ForecastFigures:
    """What a forecast comes to, in its own currency.

    `opportunities` holds a draft's opportunities by id; for any other it may be empty. Lines keep their order.
    Raises NotFound and Refused as `line_figures` does.
    """
    held = valuation.into(forecast.currency or valuation.currency)
    figured = tuple(
        line_figures(
            line, forecast=forecast, period=period, opportunity=opportunities.get(line.opportunity), valuation=held
        )
        for line in lines
    )
    tally = Tally(held.currency)
    for one in figured:
        tally.add(one.figures)
    values = tally.values
    return ForecastFigures(
        **values, forecast=forecast, lines=figured, adjusted=adjusted(values["weighted"], adjustments, held)
    )


def adjusted(weighted: Money, adjustments: Iterable[ForecastAdjustment], valuation: Valuation) -> Money:
    """The weighted figure after the managers' adjustments.

    They are taken in the order of their instants, those that have none yet last: an amount takes the place of
    the figure so far, a difference is added to it. So the latest amount counts, and the differences since; without
    an amount, the weighted figure and all differences. One in another currency is for the day on which it was made.
    Raises Refused without a rate that is needed.
    """
    figure = weighted
    for one in sorted(adjustments, key=_order):
        day = valuation.day_of(one.at)
        if one.amount is not None:
            figure = valuation.convert(one.amount, day, record=one.id)
        elif one.difference is not None:
            figure += valuation.convert(one.difference, day, record=one.id)
    return figure


def _order(adjustment: ForecastAdjustment) -> tuple[bool, datetime, UUID]:
    return adjustment.at is None, adjustment.at or datetime.min.replace(tzinfo=UTC), adjustment.id


def snapshot(line: ForecastLine, opportunity: Opportunity, valuation: Valuation) -> ForecastLine:
    """The line with the opportunity as it stands, so that no later change moves the line's figures.

    The value, and the override where there is one, are kept in the valuation's currency, at the rate of the close
    date as it is known now: a rate that becomes known later changes nothing. The probability and the category are the
    ones that count, with the stage's where the opportunity has none of its own; 100 % once won, 0 % once lost. Raises
    Refused without a rate that is needed.
    """
    day = close_day(opportunity)
    value = opportunity.estimated_value
    changes: dict[str, Any] = {
        "value": None if value is None else valuation.convert(value, day, record=opportunity.id),
        "probability": certainty(valuation.outcome(opportunity.status), valuation.probability(opportunity)),
        "close_date": day,
        "status": opportunity.status,
        "stage": opportunity.stage,
        "category": valuation.category(opportunity),
        "account": opportunity.account,
    }
    if line.override is not None:
        changes["override"] = valuation.convert(line.override, day, record=opportunity.id)
    return evolve(line, **changes)


def unfrozen(line: ForecastLine) -> ForecastLine:
    """The line without its snapshot: it follows the opportunity again. Override and note stay."""
    return evolve(line, **{name: line.spec.by_name[name].default for name in _SNAPSHOT})
