"""Stages over time: how long opportunities stay in each, and how many of those that entered one came further."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any, Final

import attrs

from crmkit.entities import FrozenMap
from crmkit.errors import NoRow
from crmkit.forecasting.rows import row_order
from crmkit.forecasting.stages import StageSpell
from crmkit.forecasting.standings import RowKey
from crmkit.forecasting.tabled import Tabled, heads, keys, placed
from crmkit.forecasting.totals import Outcome

__all__ = ["Cohort", "StageConversion", "StageTime", "TimeInStage", "stage_conversion", "time_in_stage"]

_TIMES: Final = ("entered", "left", "still", "mean", "median", "longest")
_MICROSECOND: Final = timedelta(microseconds=1)

Window = tuple[datetime | None, datetime | None]
"""From an instant on, and up to another one, which is not in it; None: without a bound."""


@attrs.frozen(kw_only=True)
class StageTime:
    """The spells in one stage, of a group: how many were `entered`, how many were `left`, how many `still` last.

    `mean`, `median` and `longest` are of those that were left, to the microsecond; None of none. Who comes back to a
    stage begins another spell.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    stage: str
    entered: int
    left: int
    mean: timedelta | None
    median: timedelta | None
    longest: timedelta | None

    @property
    def still(self) -> int:
        """How many last."""
        return self.entered - self.left


@attrs.frozen(kw_only=True)
class TimeInStage(Tabled):
    """Time in stage: a row a group and stage, stages in their order."""

    by: tuple[str, ...]
    rows: tuple[StageTime, ...]

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        return "Time in stage, in days"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        return [*heads(self.by), "stage", *_TIMES]

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for row in self.rows:
            yield [*keys(row), row.stage, *[getattr(row, name) for name in _TIMES]]


@attrs.frozen(kw_only=True)
class Cohort:
    """Those that first entered a stage within the time looked at, and what has become of them.

    `reached` says of each later stage how many have been in it, or in one behind it, or were won: who skips a stage
    has passed it. `won`, `lost` and `open` add up to `entered`; `still` is how many of the open ones are in the stage.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    stage: str
    entered: int
    reached: FrozenMap[int]
    still: int
    open: int
    won: int
    lost: int

    def rate(self, stage: str) -> Fraction | None:
        """reached ÷ entered; None of none. Raises NoRow on a stage that is not a later one."""
        if stage not in self.reached:
            raise NoRow(f"stage after {self.stage}", stage, f"there are {', '.join(self.reached) or 'none'}")
        return Fraction(self.reached[stage], self.entered) if self.entered else None

    @property
    def win_rate(self) -> Fraction | None:
        """won ÷ entered; None of none."""
        return Fraction(self.won, self.entered) if self.entered else None


@attrs.frozen(kw_only=True)
class StageConversion(Tabled):
    """From stage to stage, by cohort: a row a group and stage, stages in their order."""

    by: tuple[str, ...]
    stages: tuple[str, ...]
    rows: tuple[Cohort, ...]

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        return "Of those that entered a stage, how many reached the later ones"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        reached = [f"reached_{stage}" for stage in self.stages[1:]]
        return [*heads(self.by), "stage", "entered", *reached, "still", "open", "won", "lost", "win_rate"]

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for row in self.rows:
            reached = [row.reached.get(stage) for stage in self.stages[1:]]
            yield [*keys(row), row.stage, row.entered, *reached, row.still, row.open, row.won, row.lost, row.win_rate]


def _within(spell: StageSpell, window: Window) -> bool:
    first, end = window
    return (first is None or spell.entered_at >= first) and (end is None or spell.entered_at < end)


def time_in_stage(
    held: Iterable[tuple[RowKey, Sequence[StageSpell]]],
    *,
    stages: Sequence[str],
    by: tuple[str, ...],
    names: Mapping[str, Mapping[Any, str]],
    window: Window = (None, None),
) -> TimeInStage:
    """The spells of opportunities that were entered within the window, by the row that each belongs to and stage.

    `stages` are the codes of all stages in their order; time without a stage is passed over.
    """
    found: dict[tuple[RowKey, str], list[StageSpell]] = {}
    for key, spells in held:
        for spell in spells:
            if spell.stage and _within(spell, window):
                found.setdefault((key, spell.stage), []).append(spell)
    rows = [_time(by, key, stage, spells, names) for (key, stage), spells in found.items()]
    places = _places(stages, (row.stage for row in rows))
    return TimeInStage(by=by, rows=tuple(sorted(rows, key=lambda row: (row_order(row), places[row.stage]))))


def _places(stages: Sequence[str], more: Iterable[str]) -> dict[str, int]:
    return {stage: place for place, stage in enumerate(dict.fromkeys((*stages, *sorted(more))))}


def _time(
    by: tuple[str, ...],
    key: RowKey,
    stage: str,
    spells: Sequence[StageSpell],
    names: Mapping[str, Mapping[Any, str]],
) -> StageTime:
    place, shown = placed(by, key, names)
    lengths = [spell.lasted // _MICROSECOND for spell in spells if spell.left_at is not None]
    return StageTime(
        key=place,
        shown=shown,
        stage=stage,
        entered=len(spells),
        left=len(lengths),
        mean=round(Fraction(sum(lengths), len(lengths))) * _MICROSECOND if lengths else None,
        median=round(median(map(Fraction, lengths))) * _MICROSECOND if lengths else None,
        longest=max(lengths) * _MICROSECOND if lengths else None,
    )


def stage_conversion(
    held: Iterable[tuple[RowKey, Outcome, Sequence[StageSpell]]],
    *,
    stages: Sequence[str],
    by: tuple[str, ...],
    names: Mapping[str, Mapping[Any, str]],
    window: Window = (None, None),
) -> StageConversion:
    """What has become of the opportunities that first entered each stage within the window.

    Each comes with the row that it belongs to, how it stands, and its spells in order of time. `stages` are the codes
    of all stages in their order; a stage has a row where somebody entered it.
    """
    places = _places(stages, ())
    found: dict[tuple[RowKey, str], list[tuple[Outcome, list[str], bool]]] = {}
    for key, outcome, spells in held:
        seen: set[str] = set()
        for number, spell in enumerate(spells):
            if spell.stage in places and spell.stage not in seen and _within(spell, window):
                later = [one.stage for one in spells[number + 1 :]]
                last = spells[-1]
                still = outcome == "open" and last.left_at is None and last.stage == spell.stage
                found.setdefault((key, spell.stage), []).append((outcome, later, still))
            seen.add(spell.stage)
    rows = [_cohort(by, key, stage, some, places, names) for (key, stage), some in found.items()]
    ordered = sorted(rows, key=lambda row: (row_order(row), places[row.stage]))
    return StageConversion(by=by, stages=tuple(places), rows=tuple(ordered))


def _cohort(
    by: tuple[str, ...],
    key: RowKey,
    stage: str,
    some: Sequence[tuple[Outcome, Collection[str], bool]],
    places: Mapping[str, int],
    names: Mapping[str, Mapping[Any, str]],
) -> Cohort:
    place, shown = placed(by, key, names)
    furthest = [
        len(places) if outcome == "won" else max((places.get(one, -1) for one in later), default=-1)
        for outcome, later, _ in some
    ]
    outcomes = [outcome for outcome, _, _ in some]
    return Cohort(
        key=place,
        shown=shown,
        stage=stage,
        entered=len(some),
        reached=FrozenMap(
            {
                other: sum(far >= number for far in furthest)
                for other, number in places.items()
                if number > places[stage]
            }
        ),
        still=sum(still for _, _, still in some),
        open=outcomes.count("open"),
        won=outcomes.count("won"),
        lost=outcomes.count("lost"),
    )
