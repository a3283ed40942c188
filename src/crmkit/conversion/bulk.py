"""What came of converting many prospects: an outcome and its reasons a row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal
from uuid import UUID

import attrs

from crmkit.entities import Conversion
from crmkit.tables import html_table, shown, text_table

__all__ = ["BulkConversion", "BulkRow", "Outcome", "beside"]

Outcome = Literal["converted", "already", "repeated", "refused"]
"""converted: now; already: it was a customer before; repeated: an earlier row has it; refused: see the reasons."""


@attrs.frozen(kw_only=True)
class BulkRow:
    """A row of the input, counted from 1, and what came of it.

    `prospect` is what the row gave, `named` the prospect by its number and name, where it is known. `receipt` is the
    conversion where it was converted now, `customer_number` the customer's where there is one. `reasons` are why it
    was refused, or the customers that may be the same company.
    """

    row: int
    prospect: Any
    outcome: Outcome
    named: str = ""
    receipt: Conversion | None = None
    customer_id: UUID | None = None
    customer_number: str = ""
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = " ".join(filter(None, (self.outcome, self.customer_number)))
        named = f"{self.named}: " if self.named else ""
        return f"row {self.row}: {named}{said}" + (f": {'; '.join(self.reasons)}" if self.reasons else "")


def _rows(rows: Iterable[BulkRow]) -> tuple[BulkRow, ...]:
    return tuple(rows)


@attrs.frozen
class BulkConversion:
    """The rows in the order of the input. In a notebook it is an HTML table."""

    rows: tuple[BulkRow, ...] = attrs.field(converter=_rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[BulkRow]:
        return iter(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome; outcomes that none has are left out."""
        return dict(Counter(row.outcome for row in self.rows))

    def of(self, outcome: Outcome) -> list[BulkRow]:
        """The rows with that outcome."""
        return [row for row in self.rows if row.outcome == outcome]

    def _cells(self) -> list[tuple[object, ...]]:
        return [
            (row.row, beside(row.prospect, row.named), row.outcome, row.customer_number, "; ".join(row.reasons))
            for row in self.rows
        ]

    def __str__(self) -> str:
        return text_table(_HEADS, self._cells())

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._cells())


def beside(given: object, named: str) -> str:
    """What a row gave, behind the number and name of the record, where that is known."""
    return f"{named} ({shown(given)})" if named else shown(given)


_HEADS = ("Row", "Prospect", "Outcome", "Customer", "Reasons")
