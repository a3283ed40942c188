"""Figures and their sums: what one opportunity contributes, and what many come to."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from crmkit.entities import Money, Percent
from crmkit.entities.money import minor_digits
from crmkit.forecasting.ratios import win_rate

__all__ = [
    "AMOUNTS",
    "CATEGORIES",
    "Categories",
    "Cumulative",
    "Figures",
    "Incomplete",
    "OpportunityFigures",
    "Outcome",
    "Tally",
    "Totals",
    "total_of",
]

Outcome = Literal["open", "won", "lost"]
"""How an opportunity stands: the category of its status."""

AMOUNTS: Final = ("gross", "weighted", "won", "lost", "open", "commit", "best_case", "pipeline", "omitted")
"""The names of the amounts that figures and totals have."""

CATEGORIES: Final = ("closed", "commit", "best_case", "pipeline")
"""The categories that are added up, from the surest to the least sure."""


_ENDED: Final[dict[str, str]] = {"won": "closed", "lost": "lost"}


@attrs.frozen(kw_only=True)
class Figures:
    """What `count` opportunities that stand alike contribute; all in one currency.

    `gross` is their value, `weighted` what is expected of it. `stated_category` is the forecast category, their own
    or their stage's, empty where neither has one. `incomplete_count` says of how many something is missing. A part of
    an opportunity that is counted elsewhere has a count of 0.
    """

    gross: Money
    weighted: Money
    outcome: Outcome
    stated_category: str = ""
    count: int = 1
    incomplete_count: int = 0

    @property
    def category(self) -> str:
        """Where they count in a roll-up by category: "closed" once won, "lost" once lost, else their forecast category.

        Empty where open ones have none.
        """
        return self.stated_category if self.outcome == "open" else _ENDED[self.outcome]

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.gross.currency


@attrs.frozen(kw_only=True)
class OpportunityFigures(Figures):
    """What one opportunity, or one line of a forecast, contributes.

    `probability` is the one that was used: 100 % once won, 0 % once lost, else its own or its stage's, None where
    neither has one. `incomplete` names the fields that are missing; what is missing counts as zero.
    """

    probability: Percent | None = None
    incomplete: tuple[str, ...] = ()
    incomplete_count: int = attrs.field(
        init=False, default=attrs.Factory(lambda self: int(bool(self.incomplete)), takes_self=True)
    )

    def _gross_if(self, *, counts: bool) -> Money:
        return self.gross if counts else Money.of_minor(0, self.currency)

    @property
    def won(self) -> Money:
        """Its value if it is won, else zero."""
        return self._gross_if(counts=self.outcome == "won")

    @property
    def lost(self) -> Money:
        """Its value if it is lost, else zero."""
        return self._gross_if(counts=self.outcome == "lost")

    @property
    def open(self) -> Money:
        """Its value while it is open, else zero."""
        return self._gross_if(counts=self.outcome == "open")

    @property
    def commit(self) -> Money:
        """Its value while it is open and committed to, else zero."""
        return self._gross_if(counts=self.category == "commit")

    @property
    def best_case(self) -> Money:
        """Its value while it is open and a best case, else zero."""
        return self._gross_if(counts=self.category == "best_case")

    @property
    def pipeline(self) -> Money:
        """Its value while it is open and in the pipeline, else zero."""
        return self._gross_if(counts=self.category == "pipeline")

    @property
    def omitted(self) -> Money:
        """Its value while it is open and its forecast category is omitted, else zero."""
        return self._gross_if(counts=self.category == "omitted")


@attrs.frozen
class Incomplete:
    """An opportunity of which something is missing, and which fields."""

    opportunity: UUID
    missing: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Categories:
    """The categories each by itself: `closed` is won, the others are what is open in them."""

    closed: Money
    commit: Money
    best_case: Money
    pipeline: Money

    @property
    def cumulative(self) -> "Cumulative":
        """The same, added up."""
        commit = self.closed + self.commit
        best_case = commit + self.best_case
        return Cumulative(closed=self.closed, commit=commit, best_case=best_case, pipeline=best_case + self.pipeline)


@attrs.frozen(kw_only=True)
class Cumulative:
    """The categories added up, from the surest to the least sure: what comes if all of it comes.

    `commit` is closed and commit, `best_case` these and best case, `pipeline` these and pipeline.
    """

    closed: Money
    commit: Money
    best_case: Money
    pipeline: Money

    @property
    def single(self) -> Categories:
        """The same, each by itself."""
        return Categories(
            closed=self.closed,
            commit=self.commit - self.closed,
            best_case=self.best_case - self.commit,
            pipeline=self.pipeline - self.best_case,
        )

    @property
    def open_pipeline(self) -> Money:
        """All that is open in a category, what is omitted apart, and nothing that is closed."""
        return self.pipeline - self.closed


@attrs.frozen(kw_only=True)
class Totals:
    """What many opportunities come to: how many, and each amount as the sum of their rounded figures.

    `gross` is `won`, `lost` and `open` together; `commit`, `best_case`, `pipeline` and `omitted` are the parts of
    `open` that have a forecast category. `weighted` is over all of them, what is omitted too. `incomplete_count` are
    those without a value or, while open, without a probability, which counts as zero.
    """

    currency: str
    count: int
    open_count: int
    won_count: int
    lost_count: int
    incomplete_count: int
    gross: Money
    weighted: Money
    won: Money
    lost: Money
    open: Money
    commit: Money
    best_case: Money
    pipeline: Money
    omitted: Money

    @property
    def uncategorised(self) -> Money:
        """What is open and has no forecast category."""
        return self.open - self.commit - self.best_case - self.pipeline - self.omitted

    @property
    def single(self) -> Categories:
        """The categories each by itself."""
        return Categories(closed=self.won, commit=self.commit, best_case=self.best_case, pipeline=self.pipeline)

    @property
    def cumulative(self) -> Cumulative:
        """The categories added up."""
        return self.single.cumulative

    @property
    def open_pipeline(self) -> Money:
        """Commit, best case and pipeline: what is open and counts, nothing that is closed."""
        return self.commit + self.best_case + self.pipeline

    @property
    def win_rate(self) -> Fraction | None:
        """Won ÷ closed, by number; None while nothing is closed."""
        return win_rate(self.won_count, self.lost_count)


_OUTCOMES: Final = ("open", "won", "lost")
_OF_OUTCOME: Final[dict[str, int]] = {name: AMOUNTS.index(name) for name in _OUTCOMES}
_OF_CATEGORY: Final[dict[str, int]] = {
    name: AMOUNTS.index(name) for name in ("commit", "best_case", "pipeline", "omitted")
}


class Tally:
    """A sum under way: counts by outcome, and the amounts of `AMOUNTS` in whole minor units of one currency."""

    __slots__ = ("amounts", "counts", "currency", "incomplete")

    def __init__(self, currency: str) -> None:
        minor_digits(currency)
        self.currency = currency
        self.counts = dict.fromkeys(_OUTCOMES, 0)
        self.amounts = [0] * len(AMOUNTS)
        self.incomplete = 0

    def add(self, figures: Figures) -> None:
        """Count them in. Raises ValueError where it is in another currency."""
        if figures.currency != self.currency or figures.weighted.currency != self.currency:
            raise ValueError(f"cannot add {figures.currency} to {self.currency}: convert at a rate first")
        gross, weighted = figures.gross.minor, figures.weighted.minor
        self.put(figures.outcome, figures.category, figures.count, gross, weighted, figures.incomplete_count)

    def put(self, outcome: Outcome, category: str, count: int, gross: int, weighted: int, incomplete: int = 0) -> None:
        """Count in so many of that outcome and category, by their figures in minor units."""
        self.counts[outcome] += count
        self.incomplete += incomplete
        amounts = self.amounts
        amounts[0] += gross
        amounts[1] += weighted
        amounts[_OF_OUTCOME[outcome]] += gross
        place = _OF_CATEGORY.get(category)
        if place is not None:
            amounts[place] += gross

    def merge(self, other: "Tally") -> None:
        """Count all of another in. Raises ValueError where it is in another currency."""
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}: convert at a rate first")
        for outcome, count in other.counts.items():
            self.counts[outcome] += count
        self.incomplete += other.incomplete
        self.amounts = [one + more for one, more in zip(self.amounts, other.amounts, strict=True)]

    @property
    def count(self) -> int:
        """How many have been counted in."""
        return sum(self.counts.values())

    def amount(self, name: str) -> int:
        """What one of `AMOUNTS` has come to, in minor units."""
        return self.amounts[AMOUNTS.index(name)]

    @property
    def values(self) -> dict[str, Any]:
        """The fields of `Totals` by name."""
        amounts = {
            name: Money.of_minor(minor, self.currency) for name, minor in zip(AMOUNTS, self.amounts, strict=True)
        }
        counts = {f"{outcome}_count": count for outcome, count in self.counts.items()}
        whole = {"currency": self.currency, "count": self.count, "incomplete_count": self.incomplete}
        return {**whole, **counts, **amounts}

    @property
    def totals(self) -> Totals:
        """What it has come to."""
        return Totals(**self.values)


def total_of(figures: Iterable[Figures], currency: str) -> Totals:
    """What these come to; nothing is zero. Raises ValueError where one is in another currency."""
    tally = Tally(currency)
    for one in figures:
        tally.add(one)
    return tally.totals
