"""Slippage: how often and how far the close dates of open opportunities were moved, read from their history."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, ClassVar, Final
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Opportunity
from crmkit.forecasting.rows import Keyed, row_order
from crmkit.forecasting.standings import RowKey
from crmkit.forecasting.tabled import Tabled, heads, keys, placed
from crmkit.repositories.store import Past

__all__ = ["OpportunitySlippage", "Shift", "Slippage", "SlippageRow", "shifts", "slippage"]

_FIGURES: Final = ("opportunities", "slipped", "pushes", "pulls", "days_pushed", "days_pulled")


@attrs.frozen(kw_only=True)
class Shift:
    """A close date that was moved, at an instant, by a user: pushed to a later day (or to none), or pulled."""

    at: datetime
    by: str
    before: date | None
    after: date | None

    @property
    def pushed(self) -> bool:
        """Whether it was pushed; else it was pulled."""
        return self.after is None or (self.before is not None and self.after > self.before)

    @property
    def days(self) -> int:
        """By how many days, never below zero; none where one of the two is not known."""
        return 0 if self.before is None or self.after is None else abs((self.after - self.before).days)


@attrs.frozen(kw_only=True)
class OpportunitySlippage:
    """The shifts of an opportunity, in order of time."""

    opportunity: UUID
    shifts: tuple[Shift, ...]

    @property
    def pushes(self) -> int:
        """How often it was pushed."""
        return sum(one.pushed for one in self.shifts)

    @property
    def pulls(self) -> int:
        """How often it was pulled."""
        return len(self.shifts) - self.pushes

    @property
    def days_pushed(self) -> int:
        """By how many days in all it was pushed."""
        return sum(one.days for one in self.shifts if one.pushed)

    @property
    def days_pulled(self) -> int:
        """By how many days in all it was pulled."""
        return sum(one.days for one in self.shifts if not one.pushed)


@attrs.frozen(kw_only=True)
class SlippageRow:
    """A group: how many `opportunities`, how many of them `slipped` (were pushed at least once), and their shifts."""

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    opportunities: int
    slipped: int
    pushes: int
    pulls: int
    days_pushed: int
    days_pulled: int

    @property
    def share_slipped(self) -> Fraction | None:
        """slipped ÷ opportunities; None of none."""
        return Fraction(self.slipped, self.opportunities) if self.opportunities else None

    @property
    def days_a_push(self) -> Fraction | None:
        """days pushed ÷ pushes; None without a push."""
        return Fraction(self.days_pushed, self.pushes) if self.pushes else None


@attrs.frozen(kw_only=True)
class Slippage(Keyed[SlippageRow], Tabled):
    """How often and how far close dates were moved: a row a group, the total, and each opportunity that was moved."""

    called: ClassVar = "slippage"

    by: tuple[str, ...]
    rows: tuple[SlippageRow, ...]
    total: SlippageRow
    opportunities: tuple[OpportunitySlippage, ...]

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        return f"Close dates moved: {self.total.pushes} pushes, {self.total.pulls} pulls"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        return [*heads(self.by), *_FIGURES, "share_slipped", "days_a_push"]

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for row in self.rows or ([] if self.by else [self.total]):
            yield [*keys(row), *[getattr(row, name) for name in (*_FIGURES, "share_slipped", "days_a_push")]]


def shifts(states: Iterable[Past[Opportunity]], category: Callable[[str], str]) -> list[Shift]:
    """The shifts in the saved states of an opportunity, oldest first: a projected close that became another one while
    it was open, and stayed so. `category` gives that of an opportunity status.
    """
    found: list[Shift] = []
    before: Opportunity | None = None
    for past in states:
        one = past.record
        if (
            before is not None
            and one.recorded_at is not None
            and one.projected_close != before.projected_close
            and category(before.status) == category(one.status) == "open"
        ):
            found.append(
                Shift(at=one.recorded_at, by=one.recorded_by, before=before.projected_close, after=one.projected_close)
            )
        before = one
    return found


def slippage(
    held: Iterable[tuple[UUID, RowKey, Sequence[Shift]]],
    *,
    by: tuple[str, ...],
    names: Mapping[str, Mapping[Any, str]],
) -> Slippage:
    """The slippage of opportunities, each once, with the row it belongs to and its shifts."""
    sums: dict[RowKey, list[int]] = {}
    moved: list[OpportunitySlippage] = []
    for id, key, its in held:
        one = OpportunitySlippage(opportunity=id, shifts=tuple(its))
        figures = [1, int(one.pushes > 0), one.pushes, one.pulls, one.days_pushed, one.days_pulled]
        sums[key] = [a + b for a, b in zip(sums.get(key, [0] * len(figures)), figures, strict=True)]
        if its:
            moved.append(one)
    whole = [sum(column) for column in zip(*sums.values(), strict=True)] or [0] * len(_FIGURES)
    rows = [_row(by, key, figures, names) for key, figures in sums.items()] if by else []
    return Slippage(
        by=by,
        rows=tuple(sorted(rows, key=row_order)),
        total=_row((), (), whole, names),
        opportunities=tuple(sorted(moved, key=lambda one: (-one.days_pushed, -one.pushes, one.opportunity.int))),
    )


def _row(
    by: tuple[str, ...], key: RowKey, figures: Sequence[int], names: Mapping[str, Mapping[Any, str]]
) -> SlippageRow:
    held, shown = placed(by, key, names)
    return SlippageRow(key=held, shown=shown, **dict(zip(_FIGURES, figures, strict=True)))
