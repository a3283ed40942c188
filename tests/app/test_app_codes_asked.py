"""What is asked for by a code that there is not is a slip of the pen, and no empty answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from crmkit import Crm, Invalid, Opportunity, Prospect
from crmkit.entities import Stage
from crmkit.testing.clocks import ManualClock

STEP = timedelta(minutes=5)
"""Longer than any transaction of other tests on the same server."""

ASKED: dict[str, Callable[[Any, dict[str, Any]], object]] = {
    "find": lambda crm, words: crm.opportunities.find(**words),
    "count": lambda crm, words: crm.opportunities.count(**words),
    "all": lambda crm, words: list(crm.opportunities.all(**words)),
    "roll_up": lambda crm, words: crm.forecasting.roll_up(**words),
    "explain": lambda crm, words: crm.forecasting.explain(**words),
    "incomplete": lambda crm, words: crm.forecasting.incomplete(**words),
    "distribution": lambda crm, words: crm.forecasting.distribution(**words),
    "scores": lambda crm, words: crm.forecasting.scores(**words),
    "pace": lambda crm, words: crm.forecasting.pace(**words),
    "waterfall": lambda crm, words: crm.forecasting.waterfall(start=crm.now(), **words),
    "trend": lambda crm, words: crm.forecasting.trend(start=crm.now(), **words),
}


def deal(crm: Crm, **given: Any) -> Opportunity:
    """An opportunity of an account of its own."""
    account = crm.prospects.add(Prospect(name="Acme"))
    return crm.opportunities.add(Opportunity(account=account.id, description="deal", **given))


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_a_code_that_there_is_not_is_refused_wherever_it_is_asked(
    crm: Crm, ask: Callable[[Any, dict[str, Any]], object]
) -> None:
    """The field is named, what was given, and the codes that there are: of one alone, and of those among several."""
    stages = ", ".join(one.code for one in sorted(crm.stages.all(), key=lambda one: one.position))
    with pytest.raises(Invalid, match=rf"stage: 'propsal' is no stage: there are {stages}$"):
        ask(crm, {"stage": "propsal"})
    with pytest.raises(Invalid, match=r"stage: 'propsal', 'won' are no stage: .*; status: 'x' is no opp"):
        ask(crm, {"stage": ["proposal", "propsal", None, "won"], "status": "x"})


def test_a_value_that_a_field_cannot_have_is_refused(crm: Crm) -> None:
    """Of the fields whose values are listed, and of a category, which is asked for through its codes."""
    for ask in (
        lambda: crm.opportunities.find(forecast_category="comit"),
        lambda: crm.opportunities.find(status_category=["open", "shut"]),
        lambda: crm.sales_forecasts.count(status="Draft"),
    ):
        with pytest.raises(Invalid, match=r"must be one of .*(commit|won|draft).*, not '(comit|shut|Draft)'"):
            ask()


def test_an_inactive_code_is_still_asked_for(crm: Crm) -> None:
    """As it is stored, and as it is shown: it is not to be chosen anew, but those that have it are to be found."""
    held = deal(crm, stage="proposal")
    (stage,) = crm.stages.find(code="proposal")
    crm.stages.update(stage, active=False, shown="Offer made")
    for asked in ("proposal", "offer made", ["Offer made", "closing"]):
        assert [one.id for one in crm.opportunities.find(stage=asked)] == [held.id]


def test_an_id_that_no_record_has_finds_nothing(crm: Crm) -> None:
    """It cannot be told from that of a record which was deleted."""
    deal(crm)
    assert crm.opportunities.count(salesperson=uuid4()) == 0
    assert crm.forecasting.roll_up(salesperson=uuid4()).total.count == 0


def test_the_codes_of_the_past_are_those_of_then(crm: Crm, clock: ManualClock) -> None:
    """What was deleted since can be asked there, and what was made since cannot."""
    trial = crm.stages.add(Stage(code="trial"))
    held = deal(crm, stage="trial")
    then = clock()
    clock.tick(STEP)
    crm.opportunities.update(held, stage="proposal")
    crm.stages.delete(trial)
    crm.stages.add(Stage(code="pilot"))
    clock.tick(STEP)
    past = crm.as_of(then)
    assert past.opportunities.count(stage="trial") == 1
    with pytest.raises(Invalid, match="'pilot' is no stage"):
        past.opportunities.count(stage="pilot")
    with pytest.raises(Invalid, match="'trial' is no stage"):
        crm.opportunities.count(stage="trial")


def test_what_looks_back_from_an_instant_knows_its_codes(crm: Crm, clock: ManualClock) -> None:
    """A stage that was made, or shown otherwise, between the instants is none's slip at the earlier ones."""
    held = deal(crm, stage="proposal")
    start = clock()
    clock.tick(STEP)
    crm.stages.add(Stage(code="pilot"))
    (stage,) = crm.stages.find(code="proposal")
    crm.stages.update(stage, shown="Offer made")
    clock.tick(STEP)
    crm.opportunities.update(held, stage="pilot")
    clock.tick(STEP)
    for asked, first, last in (("pilot", 0, 1), ("offer made", 1, 0)):
        trend = crm.forecasting.trend(start=start, every=STEP, stage=asked)
        counted = [point.figures.total.count for point in trend.points]
        assert (counted[0], counted[-1]) == (first, last)
        found = crm.forecasting.waterfall(start=start, stage=asked)
        assert len(found.movements) == 1
