"""Receipts are written by what they are receipts of: nobody adds, edits or deletes one by hand."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from crmkit.entities import Conversion, Merge, Record
from crmkit.errors import Finding
from crmkit.repositories.known import Known
from crmkit.rules.rule import Rule

__all__ = ["RULES"]


def _written_by(makes: str, undoes: str) -> Callable[[Any, Any, Known], Iterator[Finding]]:
    def check(before: Record | None, after: Record | None, _: Known) -> Iterator[Finding]:
        if before == after:
            return
        said = f"is written by {makes} alone, and taken back by {undoes}: what it says is what was done"
        kept = before or after
        yield Finding("receipt", f"a receipt {said}", "", kept.id if kept else None)

    return check


RULES: Final = (
    Rule(Conversion, _written_by("conversion.convert and apply", "conversion.undo")),
    Rule(Merge, _written_by("merging.merge and apply", "merging.undo")),
)
"""The services write their receipts past these: what is saved by a repository alone is asked about."""
