"""What came of converting many prospects: an outcome and its reasons a row."""

from collections.abc import Sequence
from typing import Any, ClassVar, Literal
from uuid import UUID

import attrs

from crmkit.conversion.showing import Report, beside
from crmkit.entities import Conversion

__all__ = ["BulkConversion", "BulkRow", "Outcome"]

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


@attrs.frozen(repr=False)
class BulkConversion(Report[BulkRow]):
    """What came of each prospect, in the order of the input. In a notebook it is an HTML table."""

    heads: ClassVar[tuple[str, ...]] = ("Row", "Prospect", "Outcome", "Customer", "Reasons")

    def _cells(self, row: BulkRow) -> Sequence[object]:
        return (row.row, beside(row.prospect, row.named), row.outcome, row.customer_number, "; ".join(row.reasons))
