"""Probabilities learnt from how others ended: of whom they are learnt, and for whom they count.

What was learnt is a value. It says as of when it was learnt, since nothing later may count for anything earlier.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Percent
from crmkit.entities.money import half_even
from crmkit.forecasting.scoring import Learnt, Score, Values
from crmkit.forecasting.totals import Outcome

__all__ = [
    "DEFAULT_FIELDS",
    "LEAST",
    "Case",
    "LearntConversion",
    "LearntScores",
    "Lived",
    "Probabilities",
    "as_percent",
]

DEFAULT_FIELDS: Final = ("stage", "source", "country", "territory")
LEAST: Final = 20
"""How many must have stayed so long in a stage, unless it is said."""

_LEAST, _MOST = Fraction(1, 10_000), Fraction(9_999, 10_000)
_ENDED: Final = {"won": Score(Fraction(1)), "lost": Score(Fraction(0))}
"""Of what is closed, all have the same score."""


@attrs.frozen(kw_only=True)
class Case:
    """What is asked about an opportunity: how it stands, its stage, its primary team, its value in each field, and how
    long it has been in its stage.
    """

    outcome: Outcome = "open"
    stage: str = ""
    team: UUID | None = None
    values: Values = attrs.field(factory=dict)
    in_stage: timedelta = timedelta(0)


def _by_team(held: Mapping[UUID, Learnt]) -> FrozenMap[Learnt]:
    return FrozenMap({str(team): learnt for team, learnt in held.items()})


@attrs.frozen(kw_only=True)
class LearntScores:
    """Naive-Bayes scores, learnt `at` an instant from the opportunities that were closed by then (see `Learnt`).

    An opportunity is scored by those of its primary team, one without a team by those of all. `fields` are those that
    count; `names` says what people read for values that are ids. With `own`, an opportunity's own probability, set by
    hand, stands before its score wherever probabilities count; the score itself is told all the same.
    """

    at: datetime
    fields: tuple[str, ...]
    everyone: Learnt
    teams: FrozenMap[Learnt] = attrs.field(default=FrozenMap(), converter=_by_team)
    names: FrozenMap[str] = FrozenMap()
    own: bool = True

    def score(self, case: Case) -> Score | None:
        """The score: 1 once it is won, 0 once it is lost or while it is in no stage; None without history of both won
        and lost ones.
        """
        if case.outcome != "open":
            return _ENDED[case.outcome]
        learnt = self.everyone if case.team is None else self.teams.get(str(case.team))
        found = None if learnt is None else learnt.score(case.stage, case.values)
        if found is None:
            return None
        named = [
            attrs.evolve(one, name=name) if (name := self.names.get(one.value)) else one for one in found.influences
        ]
        return attrs.evolve(found, influences=tuple(named))

    def chance(self, case: Case) -> Fraction | None:
        """The chance alone."""
        found = self.score(case)
        return None if found is None else found.chance

    def __str__(self) -> str:
        teams = f", {len(self.teams)} teams" if self.teams else ""
        return f"learnt from {self.everyone.won} won and {self.everyone.lost} lost by {', '.join(self.fields)}{teams}"


@attrs.frozen
class Lived:
    """A closed opportunity's time in one of its stages, all its spells there together, and whether it was won."""

    stage: str
    lasted: timedelta
    won: bool


_Spells = tuple[tuple[timedelta, ...], tuple[int, ...]]
"""How long each was in a stage, rising, and of those from each place on, how many were won."""


@attrs.frozen(kw_only=True)
class LearntConversion:
    """What became of those that were as long in a stage, learnt `at` an instant from the opportunities closed by then.

    Of those that spent at least so long in the stage, the share that was won. Where fewer than `least` did, the share
    of the `least` that spent the longest time in it; where fewer than that were ever in it, nothing is known. It stays
    within 0.01 and 99.99 %, since a share of few is no certainty. `own` is as in `LearntScores`.
    """

    at: datetime
    spells: FrozenMap[_Spells]
    least: int = LEAST
    own: bool = True

    @classmethod
    def of(cls, lived: Iterable[Lived], *, at: datetime, least: int = LEAST, own: bool = True) -> "LearntConversion":
        """From the times of closed opportunities in their stages. Raises ValueError on a `least` below 1."""
        if least < 1:
            raise ValueError(f"at least 1 is needed to learn from, not {least}")
        held: dict[str, list[tuple[timedelta, bool]]] = {}
        for one in lived:
            held.setdefault(one.stage, []).append((one.lasted, one.won))
        spells: dict[str, _Spells] = {}
        for stage, times in held.items():
            times.sort(key=lambda time: time[0])
            won = [0] * (len(times) + 1)
            for place in range(len(times) - 1, -1, -1):
                won[place] = won[place + 1] + times[place][1]
            spells[stage] = tuple(lasted for lasted, _ in times), tuple(won)
        return cls(at=at, spells=FrozenMap(spells), least=least, own=own)

    def share(self, stage: str, lasted: timedelta) -> tuple[int, int] | None:
        """How many were won, of how many that count for that time in the stage; None where nothing is known."""
        times, won = self.spells.get(stage, ((), (0,)))
        if len(times) < self.least:
            return None
        # those that were as long there as the first that counts are told apart from it by nothing
        first = min(bisect_left(times, lasted), bisect_left(times, times[-self.least]))
        return won[first], len(times) - first

    def chance(self, case: Case) -> Fraction | None:
        """The chance of an opportunity to be won: 1 once it is, 0 once it is lost, None where nothing is known."""
        if case.outcome != "open":
            return Fraction(case.outcome == "won")
        found = self.share(case.stage, case.in_stage)
        return None if found is None else min(max(Fraction(*found), _LEAST), _MOST)

    def __str__(self) -> str:
        return f"learnt from {sum(len(times) for times, _ in self.spells.values())} times in {len(self.spells)} stages"


Probabilities = Literal["record", "stage", "conversion", "score"] | LearntScores | LearntConversion
"""Where the probability of an open opportunity comes from.

"record": its own, else its stage's. "stage": its stage's, whatever its own. "conversion" and "score": its own, else
what is learnt, on the spot, else its stage's; what was learnt before is handed in as it is.
"""


def as_percent(chance: Fraction) -> Percent:
    """A chance as a percentage, rounded half-even to a hundredth."""
    return Percent.of_basis_points(half_even(chance.numerator * 10_000, chance.denominator))
