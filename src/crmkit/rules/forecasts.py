"""Periods do not overlap; a forecast that is no longer a draft is frozen, and so are its period's dates (R6, R15)."""

from collections.abc import Iterator
from typing import Any, Final

from crmkit.entities import ForecastLine, Opportunity, SalesForecast, SalesPeriod
from crmkit.entities.forecasts import FROZEN, SNAPSHOT
from crmkit.errors import Finding
from crmkit.queries import Between, Equals, Query
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES"]


def _period(before: SalesPeriod | None, after: SalesPeriod | None, known: Known) -> Iterator[Finding]:
    if after is None:
        return
    dates = (after.kind, after.starts_on, after.ends_on)
    if before is not None and (before.kind, before.starts_on, before.ends_on) == dates:
        return
    where = (
        Equals("kind", after.kind),
        Between("starts_on", None, after.ends_on),
        Between("ends_on", after.starts_on, None),
    )
    for other in known.find(Query(kind=SalesPeriod, where=where)):
        if other.id != after.id:
            yield Finding(
                "overlap", f"overlaps {other.code}, {other.starts_on} to {other.ends_on}", "starts_on", other.id
            )
    if before is not None and (before.starts_on, before.ends_on) != (after.starts_on, after.ends_on):
        for forecast in known.all_of(SalesForecast, period=after.id):
            if forecast.status != "draft":
                yield Finding("in-use", f"forecast {forecast.number} is {forecast.status}", "starts_on", forecast.id)


def _forecast(before: SalesForecast | None, after: SalesForecast | None, _: Known) -> Iterator[Finding]:
    if after is None:
        return
    if before is None:
        if after.status != "draft":
            yield Finding("not-draft", "a new forecast is a draft: submit it afterwards", "status", after.id)
        return
    if before.status != after.status:
        yield Finding("use-the-verb", "is changed by submit, approve and reopen", "status", after.id)
    if before.status != "draft":
        for name in ("owner", "period", "currency"):
            if getattr(before, name) != getattr(after, name):
                yield Finding("frozen", f"the forecast is {before.status}: {FROZEN[before.status]}", name, after.id)


def _line(before: ForecastLine | None, after: ForecastLine | None, known: Known) -> Iterator[Finding]:
    line: Any = after or before
    forecast = known.get(SalesForecast, line.forecast)
    if forecast is not None and forecast.status != "draft":
        yield Finding(
            "not-draft",
            f"forecast {forecast.number} is {forecast.status}: {FROZEN[forecast.status]}",
            "forecast",
            forecast.id,
        )
    if after is not None:
        for name in SNAPSHOT:
            held = line.spec.by_name[name].default if before is None else getattr(before, name)
            if getattr(after, name) != held:
                yield Finding("by-submitting", "is written by submitting the forecast", name, after.id)
    if before is None and after is not None:
        opportunity = known.get(Opportunity, after.opportunity)
        if opportunity is not None and known.category("opportunity_status", opportunity.status) != "open":
            yield Finding(
                "not-open",
                f"opportunity {opportunity.number} is {opportunity.status}: only open ones are added",
                "opportunity",
                opportunity.id,
            )


RULES: Final = (
    Rule(SalesPeriod, _period),
    Rule(SalesForecast, _forecast),
    Rule(ForecastLine, _line),
)
