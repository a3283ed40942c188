"""The figures of forecasts and of their submissions, read from a store as it is or as it was."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from crmkit.app.valuing import opportunities_of
from crmkit.entities import ForecastAdjustment, SalesForecast, SalesPeriod, Salesperson, SalesTeam, TeamAssignment
from crmkit.errors import NotFound
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.lines import ForecastFigures, forecast_figures
from crmkit.forecasting.submissions import Spell, Submission, spells
from crmkit.queries import Equals, Query
from crmkit.repositories.parts import assembled
from crmkit.repositories.store import Reader

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["assigned_to", "figures_of", "period_of", "spells_of", "submission", "users_of"]

_JUST_BEFORE: Final = timedelta(microseconds=1)


def period_of(reader: Reader, forecast: SalesForecast) -> SalesPeriod:
    """The forecast's period. Raises NotFound."""
    period = reader.get(SalesPeriod, forecast.period)
    if period is None:
        raise NotFound("sales period", forecast.period)
    return period


def assigned_to(reader: Reader, owner: UUID) -> list[UUID]:
    """What is assigned to a salesperson or a team."""
    return [one.target for one in reader.find(Query(kind=TeamAssignment, where=[Equals("holder", owner)]))]


def figures_of(reader: Reader, forecast: SalesForecast, meaning: Valuation) -> ForecastFigures:
    """What a forecast, with its lines, comes to. Raises NotFound, Refused without a rate that is needed."""
    draft = forecast.status == "draft"
    return forecast_figures(
        forecast,
        period=period_of(reader, forecast),
        lines=forecast.lines,
        opportunities=opportunities_of(reader, [line.opportunity for line in forecast.lines]),
        valuation=meaning,
        adjustments=reader.find(Query(kind=ForecastAdjustment, where=[Equals("forecast", forecast.id)])),
        assigned=assigned_to(reader, forecast.owner) if draft else (),
        owner_users=users_of(reader, forecast.owner),
    )


def users_of(reader: Reader, owner: UUID) -> list[str]:
    """The user that speaks for a forecast's owner: a salesperson's own, or that of a team's leader; none without."""
    team = reader.get(SalesTeam, owner)
    speaker = owner if team is None else team.leader
    person = None if speaker is None else reader.get(Salesperson, speaker)
    return [person.user] if person is not None and person.user else []


def spells_of(work: "Work", forecast: UUID) -> list[Spell]:
    """When a forecast was submitted and reopened; in a view of the past, up to its instant."""
    last = work.crm.settings.as_of
    states = work.unit.history(SalesForecast, forecast)
    return spells(one for one in states if last is None or (one.record.recorded_at or last) <= last)


def submission(work: "Work", forecast: SalesForecast, spell: Spell, meaning: Valuation) -> Submission:
    """A submission with its figures: those of the lines that were frozen then, with the adjustments made while it
    stood.
    """
    reader: Reader = work.unit
    if spell.until is not None:
        reader = reader.as_of(spell.until - _JUST_BEFORE)
        held = reader.get(SalesForecast, forecast.id)
        if held is None:
            raise NotFound("sales forecast", forecast.id)
        (forecast,) = assembled(reader, [held])
    return Submission(
        number=spell.number,
        at=spell.at,
        by=spell.by,
        approved_at=spell.approved_at,
        until=spell.until,
        figures=figures_of(reader, forecast, meaning),
    )
