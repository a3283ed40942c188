"""Time in stage (R3): the stages that an opportunity has gone through, read from its history."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import attrs

from crmkit.entities import Opportunity
from crmkit.repositories.store import Past

__all__ = ["StageSpell", "stage_spells"]


@attrs.frozen(kw_only=True)
class StageSpell:
    """An opportunity's time in one stage: from `entered_at` until `left_at`, None while it lasts.

    `stage` is the stage's code, empty while the opportunity had none. `entered_by` and `left_by` are who moved it.
    A spell ends where the opportunity moves to another stage, is closed (`outcome` is then "won" or "lost") or is
    deleted. `lasted` is its length, up to the instant asked for while it lasts.
    """

    stage: str
    entered_at: datetime
    entered_by: str = ""
    left_at: datetime | None = None
    left_by: str = ""
    outcome: str = ""
    lasted: timedelta

    def __str__(self) -> str:
        until = f"until {self.left_at:%Y-%m-%d %H:%M}" if self.left_at else "until now"
        ended = f", {self.outcome}" if self.outcome else ""
        return f"{self.stage or 'no stage'}: {self.entered_at:%Y-%m-%d %H:%M} {until}, {self.lasted}{ended}"


def stage_spells(
    states: Iterable[Past[Opportunity]], category: Callable[[str], str], now: datetime
) -> list[StageSpell]:
    """The spells of an opportunity's saved states, oldest first; entering a stage again begins a new one.

    `category` gives that of an opportunity status. A closed opportunity is in no stage, though it keeps the name of its
    last one: reopened, it begins a new spell there. Changes within a stage begin none.
    """
    spells: list[StageSpell] = []
    going: StageSpell | None = None
    for past in states:
        one = past.record
        if one.recorded_at is None:
            continue
        outcome = found if (found := category(one.status)) in ("won", "lost") else ""
        if going is not None and (outcome or going.stage != one.stage):
            spells.append(_ended(going, one.recorded_at, one.recorded_by, outcome))
            going = None
        if going is None and not outcome:
            going = StageSpell(
                stage=one.stage, entered_at=one.recorded_at, entered_by=one.recorded_by, lasted=timedelta(0)
            )
        if going is not None and past.deleted and past.until is not None:
            spells.append(_ended(going, past.until, past.ended_by, ""))
            going = None
    if going is not None:
        spells.append(attrs.evolve(going, lasted=max(now - going.entered_at, timedelta(0))))
    return spells


def _ended(spell: StageSpell, at: datetime, by: str, outcome: str) -> StageSpell:
    return attrs.evolve(spell, left_at=at, left_by=by, outcome=outcome, lasted=at - spell.entered_at)
