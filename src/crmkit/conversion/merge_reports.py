"""What came of merging many pairs: an outcome and its reasons a row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from crmkit.conversion.bulk import beside
from crmkit.entities import Merge
from crmkit.tables import html_table, text_table

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


def _rows(rows: Iterable[MergeRow]) -> tuple[MergeRow, ...]:
    return tuple(rows)


@attrs.frozen
class BulkMerge:
    """The rows in the order of the input. In a notebook it is an HTML table."""

    rows: tuple[MergeRow, ...] = attrs.field(converter=_rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[MergeRow]:
        return iter(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome; outcomes that none has are left out."""
        return dict(Counter(row.outcome for row in self.rows))

    def _cells(self) -> list[tuple[object, ...]]:
        return [
            (
                row.row,
                beside(row.absorbed, row.absorbed_named),
                beside(row.survivor, row.survivor_named),
                row.outcome,
                row.receipt or "",
                "; ".join(row.reasons),
            )
            for row in self.rows
        ]

    def __str__(self) -> str:
        return text_table(_HEADS, self._cells())

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._cells())


_HEADS = ("Row", "Absorbed", "Survivor", "Outcome", "Merge", "Reasons")
