"""A probability learnt from how others ended: naive Bayes, in whole numbers, with what each field did to it.

Counts are kept as the best-known open-source CRM keeps them, so that its published scores come out: every value of a
field has a count of those won and of those lost, each of which starts at 0.1 when the value is first seen; a won one
counts in every stage, a lost one in its stage and all before it. The prior is the ratio at the first stage. The
likelihood of a value is its count over all counts of its field, that of a stage over the first stage's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

import attrs

from crmkit.entities import FrozenMap
from crmkit.errors import Fault, Invalid
from crmkit.tables import html_table, shown, text_table

__all__ = ["MANY_FROM", "Closed", "Influence", "Learnt", "Score", "Seen"]

MANY_FROM: Final = 50
"""From how many observations on a value counts of a field that may have several (a tag)."""

_FIRST_SEEN: Final = 1
_ONCE: Final = 10
"""Counts are in tenths."""

_LEAST, _MOST = Fraction(1, 10_000), Fraction(9_999, 10_000)

Values = Mapping[str, str | Collection[str]]
"""What a record has in each field: a value, nothing (""), or several."""

Counts = tuple[int, int]


def _frozen(values: Values) -> FrozenMap[str | tuple[str, ...]]:
    return FrozenMap({name: one if isinstance(one, str) else tuple(sorted(one)) for name, one in values.items()})


@attrs.frozen(kw_only=True)
class Closed:
    """One that is closed, or `count` that are alike: whether it was won, the stage that it was in, and its values."""

    won: bool
    stage: str = ""
    values: FrozenMap[str | tuple[str, ...]] = attrs.field(default=FrozenMap(), converter=_frozen)
    count: int = 1


@attrs.frozen
class Seen:
    """How many closed ones, won or lost, have a value in a field."""

    field: str
    value: str
    won: bool
    count: int = 1


@attrs.frozen
class Influence:
    """What one value did to a score: how likely it is among those won and among those lost. `name` is what people read
    where the value is an id.
    """

    field: str
    value: str
    won: Fraction
    lost: Fraction
    name: str = ""

    @property
    def factor(self) -> Fraction:
        """By how much it multiplies the odds: above 1 it speaks for winning."""
        return self.won / self.lost

    def __str__(self) -> str:
        return f"{self.field} {self.shown}: odds × {float(self.factor):.3g}"

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return self.name or self.value


@attrs.frozen
class Score:
    """The chance to be won, with the prior odds and what multiplies them; their product gives the chance exactly, but
    for being kept within 0.01 and 99.99 %. Of what is closed or in no stage, it is 1 or 0 without any. `fields` are
    those that were learnt from, whether they say something of this one or not.
    """

    chance: Fraction
    prior: Fraction | None = None
    influences: tuple[Influence, ...] = ()
    fields: tuple[str, ...] = attrs.field(default=(), eq=False, repr=False)

    def without(self, field: str) -> Fraction:
        """The chance if nothing were known of that field. Raises Invalid on one that was not learnt from."""
        if self.fields and field not in self.fields:
            raise Invalid("the score", [Fault("field", f"is one of {', '.join(self.fields)}, not {field!r}")])
        if self.prior is None:
            return self.chance
        return _bounded(_odds(self.prior, (one for one in self.influences if one.field != field)))

    def _cells(self) -> list[tuple[object, ...]]:
        return [
            (one.field, one.shown, Decimal(f"{float(one.factor):.3g}"), self.chance - self.without(one.field))
            for one in self.influences
        ]

    def __str__(self) -> str:
        return f"{shown(self.chance)}\n{text_table(_HEADS, self._cells())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._cells(), shown(self.chance))


_HEADS: Final = ("Field", "Value", "Odds ×", "Moved by")


def _odds(prior: Fraction, influences: Iterable[Influence]) -> Fraction:
    odds = prior
    for one in influences:
        odds *= one.factor
    return odds


def _bounded(odds: Fraction) -> Fraction:
    return min(max(odds / (1 + odds), _LEAST), _MOST)


@attrs.frozen
class Learnt:
    """What closed ones teach: for each field and value the counts of those won and of those lost, in tenths.

    `stages` are the codes of the stages in their order; with `by_stage`, the one that an open one is in counts as a
    field does. It is made by `of`, from what is past alone.
    """

    stages: tuple[str, ...]
    counts: FrozenMap[Mapping[str, Counts]]
    won: int
    lost: int
    several: frozenset[str] = frozenset()
    by_stage: bool = True
    _known: dict[tuple[str, str], Influence | None] = attrs.field(factory=dict, init=False, eq=False, repr=False)
    """What each value does, worked out when it is first asked for."""

    @classmethod
    def of(
        cls,
        closed: Iterable[Closed],
        *,
        stages: Sequence[str],
        fields: Sequence[str],
        several: Collection[str] = (),
        seen: Iterable[Seen] = (),
        by_stage: bool = True,
    ) -> Self:
        """From closed ones; `fields` are those that count, of which `several` may have more than one value. What was
        `seen` of a field apart from the closed ones counts with it.
        """
        counts: dict[str, dict[str, list[int]]] = {name: {} for name in ("stage", *fields)}
        won = lost = 0
        for one in closed:
            won, lost = won + one.won * one.count, lost + (not one.won) * one.count
            reached = stages if one.won else stages[: stages.index(one.stage) + 1] if one.stage in stages else ()
            has = {"stage": tuple(reached), **{name: _several(one.values.get(name, "")) for name in fields}}
            for name, values in has.items():
                for value in values:
                    held = counts[name].setdefault(value, [_FIRST_SEEN, _FIRST_SEEN])
                    held[not one.won] += _ONCE * one.count
        for each in seen:
            held = counts[each.field].setdefault(each.value, [_FIRST_SEEN, _FIRST_SEEN])
            held[not each.won] += _ONCE * each.count
        frozen = {name: {value: (one[0], one[1]) for value, one in held.items()} for name, held in counts.items()}
        return cls(tuple(stages), FrozenMap(frozen), won, lost, frozenset(several), by_stage)

    def score(self, stage: str, values: Values) -> Score | None:
        """The score of an open one in that stage; None without history of both won and lost ones. Without a stage its
        chance is 0. Values that were never seen say nothing. The chance is kept within 0.01 and 99.99 %.
        """
        first = self.counts["stage"].get(self.stages[0]) if self.stages else None
        if not self.won or not self.lost or first is None:
            return None
        prior = Fraction(*first)
        if not stage:
            return Score(Fraction(0), prior, fields=tuple(self.counts))
        influences = tuple(self._influences(stage, first, values))
        return Score(_bounded(_odds(prior, influences)), prior, influences, tuple(self.counts))

    def _influences(self, stage: str, first: Counts, values: Values) -> Iterable[Influence]:
        reached = self.counts["stage"].get(stage)
        if reached is not None and self.by_stage:
            yield Influence("stage", stage, Fraction(reached[0], first[0]), Fraction(reached[1], first[1]))
        for name in self.counts:
            if name != "stage":
                for value in _several(values.get(name, "")):
                    found = self._influence(name, value)
                    if found is not None:
                        yield found

    def _influence(self, name: str, value: str) -> Influence | None:
        """What a value does; None where it was not seen, or not often enough."""
        if (name, value) not in self._known:
            held = self.counts[name]
            found = held.get(value)
            counts = found is not None and (name not in self.several or sum(found) >= MANY_FROM * _ONCE)
            self._known[name, value] = self._of_all(name, value, found) if found is not None and counts else None
        return self._known[name, value]

    def _of_all(self, name: str, value: str, found: Counts) -> Influence:
        all_won, all_lost = (sum(one[way] for one in self.counts[name].values()) for way in (0, 1))
        return Influence(name, value, Fraction(found[0], all_won), Fraction(found[1], all_lost))


def _several(values: str | Collection[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        return (values,) if values else ()
    return tuple(sorted(values))
