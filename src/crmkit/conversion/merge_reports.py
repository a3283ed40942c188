"""What came of merging many pairs: an outcome and its reasons a row."""

from collections.abc import Sequence
from typing import Any, ClassVar

import attrs

from crmkit.conversion.showing import Report, beside
from crmkit.entities import Merge

__all__ = ["BulkMerge", "MergeRow"]


@attrs.frozen(kw_only=True)
class MergeRow:
    """A pair of the input, counted from 1, and what came of it: a receipt, or the reasons why not.

    `absorbed` and `survivor` are what the row gave, `absorbed_named` and `survivor_named` those records by number and
    name, where they are known.
    """

    row: int
    absorbed: Any
    survivor: Any
    absorbed_named: str = ""
    survivor_named: str = ""
    receipt: Merge | None = None
    reasons: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """merged, or refused."""
        return "refused" if self.receipt is None else "merged"

    def __str__(self) -> str:
        number = "" if self.receipt is None else f" {self.receipt.number}"
        both = " into ".join(filter(None, (self.absorbed_named, self.survivor_named)))
        named = f"{both}: " if both else ""
        return f"row {self.row}: {named}{self.outcome}{number}" + (
            f": {'; '.join(self.reasons)}" if self.reasons else ""
        )


@attrs.frozen(repr=False)
class BulkMerge(Report[MergeRow]):
    """What came of each pair, in the order of the input. In a notebook it is an HTML table."""

    heads: ClassVar[tuple[str, ...]] = ("Row", "Absorbed", "Survivor", "Outcome", "Merge", "Reasons")

    def _cells(self, row: MergeRow) -> Sequence[object]:
        absorbed, survivor = beside(row.absorbed, row.absorbed_named), beside(row.survivor, row.survivor_named)
        return (row.row, absorbed, survivor, row.outcome, row.receipt or "", "; ".join(row.reasons))
