"""The life of a forecast (R6): adding opportunities to a draft, submitting, approving and reopening it.

Each gives `Changes` or raises Refused with everything that speaks against it; what is said of the changes
(opportunity added, status changed) follows from them. The records in them are bare.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from crmkit.changes import Changes, Update
from crmkit.entities import ForecastLine, Opportunity, SalesForecast, SalesPeriod, evolve
from crmkit.entities.forecasts import FROZEN
from crmkit.errors import Finding, NotFound, Refused
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.lines import snapshot, unfrozen

__all__ = ["MOVES", "add_lines", "adding_findings", "approve", "candidates", "move_findings", "reopen", "submit"]

MOVES: Final = frozenset({("draft", "submitted"), ("submitted", "approved"), ("submitted", "draft")})
"""From which status a forecast may go to which."""

_NOTHING: Final[frozenset[UUID]] = frozenset()


def candidates(
    opportunities: Iterable[Opportunity],
    *,
    period: SalesPeriod,
    owner: UUID,
    assigned: Collection[UUID] = _NOTHING,
    already: Collection[UUID] = _NOTHING,
    valuation: Valuation,
) -> list[Opportunity]:
    """The opportunities that belong on the owner's forecast of the period and are not on it yet.

    They are open, projected to close within the period, both ends included, and the owner's: their own as
    a salesperson, or among those `assigned` to the owner's team (ids of opportunities). `already` holds the ids of
    those on the forecast. In order of projected close, number and id.
    """
    taken, teams = frozenset(already), frozenset(assigned)
    found = [
        (one.projected_close, one.number, one.id, one)
        for one in opportunities
        if one.id not in taken
        and one.projected_close is not None
        and one.projected_close in period
        and (one.salesperson == owner or one.id in teams)
        and valuation.outcome(one.status) == "open"
    ]
    return [one for *_, one in sorted(found, key=lambda each: each[:3])]


def adding_findings(
    forecast: SalesForecast,
    opportunities: Iterable[Opportunity],
    *,
    already: Collection[UUID] = _NOTHING,
    valuation: Valuation,
) -> list[Finding]:
    """What speaks against adding them: the forecast is no draft, one is not open, one is on it already."""
    found: list[Finding] = []
    if forecast.status != "draft":
        message = f"the forecast is {forecast.status}: {FROZEN[forecast.status]}"
        found.append(Finding("not-draft", message, "status", forecast.id))
    taken = set(already)
    for one in opportunities:
        if valuation.outcome(one.status) != "open":
            message = f"opportunity {one.number} is {one.status}: only open ones are added"
            found.append(Finding("not-open", message, "opportunity", one.id))
        if one.id in taken:
            message = f"opportunity {one.number} is on the forecast already: each is on it once"
            found.append(Finding("on-it-already", message, "opportunity", one.id))
        taken.add(one.id)
    return found


def add_lines(
    forecast: SalesForecast,
    opportunities: Iterable[Opportunity],
    *,
    already: Collection[UUID] = _NOTHING,
    valuation: Valuation,
) -> Changes:
    """A line for each of the opportunities, in their order; the lines have no ids yet.

    They may be others than the candidates. Raises Refused where the forecast is no draft, one is not open, or one
    is on it already (`already`: the ids of the opportunities that are) or given twice; then none is added.
    """
    chosen = list(opportunities)
    _refuse_if(
        "adding opportunities to", forecast, adding_findings(forecast, chosen, already=already, valuation=valuation)
    )
    return Changes(creates=[ForecastLine(forecast=forecast.id, opportunity=one.id) for one in chosen])


def move_findings(forecast: SalesForecast, status: str) -> list[Finding]:
    """What speaks against moving the forecast to that status."""
    if (forecast.status, status) in MOVES:
        return []
    possible = " or ".join(sorted(to for start, to in MOVES if start == forecast.status)) or "nowhere"
    message = f"a forecast cannot go from {forecast.status} to {status}; from {forecast.status} it can go to {possible}"
    return [Finding("illegal-move", message, "status", forecast.id)]


def submit(
    forecast: SalesForecast,
    lines: Iterable[ForecastLine],
    opportunities: Mapping[UUID, Opportunity],
    valuation: Valuation,
    assigned: Collection[UUID] = _NOTHING,
) -> Changes:
    """Draft → submitted, with each line frozen as its opportunity stands, with its rate to the forecast's currency.

    `lines` are all of the forecast's and `opportunities` theirs by id; `assigned` are those assigned to the owner.
    Raises Refused from any other status, and where rates are missing (all of them are named); NotFound where an
    opportunity is not given.
    """
    found = move_findings(forecast, "submitted")
    _refuse_if("submitting", forecast, found)
    held = valuation.into(forecast.currency or valuation.currency)
    updates: list[Update] = []
    for line in lines:
        opportunity = opportunities.get(line.opportunity)
        if opportunity is None:
            raise NotFound("opportunity", line.opportunity, "the forecast's line is frozen as it stands")
        try:
            own = opportunity.salesperson == forecast.owner or opportunity.id in assigned
            updates.append(Update(line, snapshot(line, opportunity, held, own=own)))
        except Refused as refused:
            found += refused.findings
    _refuse_if("submitting", forecast, found)
    return Changes(updates=[_moved(forecast, "submitted"), *updates])


def approve(forecast: SalesForecast) -> Changes:
    """Submitted → approved; its lines stay as they are. Raises Refused from any other status."""
    _refuse_if("approving", forecast, move_findings(forecast, "approved"))
    return Changes(updates=[_moved(forecast, "approved")])


def reopen(forecast: SalesForecast, lines: Iterable[ForecastLine]) -> Changes:
    """Submitted → draft; its lines (all of them) drop their snapshots and follow their opportunities again.

    Raises Refused from any other status.
    """
    _refuse_if("reopening", forecast, move_findings(forecast, "draft"))
    dropped = [Update(line, after) for line in lines if (after := unfrozen(line)) != line]
    return Changes(updates=[_moved(forecast, "draft"), *dropped])


def _moved(forecast: SalesForecast, status: str) -> Update:
    bare = evolve(forecast, lines=()) if forecast.lines else forecast
    return Update(bare, evolve(bare, status=status))


def _refuse_if(action: str, forecast: SalesForecast, findings: list[Finding]) -> None:
    if findings:
        raise Refused(f"{action} forecast {forecast.number}".rstrip(), findings)
