"""Guarded moves: from which category of status to which a record may go (R2); any other is refused."""

from collections.abc import Iterator
from typing import Any, Final

from crmkit.entities import Record
from crmkit.entities.text import with_article
from crmkit.errors import Finding
from crmkit.repositories.known import Known

__all__ = ["MOVES", "move_findings"]

MOVES: Final[dict[str, frozenset[tuple[str, str]]]] = {
    "lead_status": frozenset(
        {
            ("open", "qualified"),
            ("qualified", "open"),
            ("open", "disqualified"),
            ("qualified", "disqualified"),
            ("disqualified", "open"),
        }
    ),
    "opportunity_status": frozenset({("open", "won"), ("open", "lost"), ("won", "open"), ("lost", "open")}),
    "estimate_status": frozenset({("open", "accepted"), ("open", "declined"), ("declined", "open")}),
    "order_status": frozenset({("open", "done"), ("open", "cancelled")}),
    "task_status": frozenset({("open", "done"), ("done", "open")}),
}
"""Each code table of guarded statuses with the moves between categories that are allowed."""


def move_findings(before: Record | None, after: Record | None, known: Known) -> Iterator[Finding]:
    """What speaks against the change of status, if it is one. Within a category any change is free."""
    if before is None or after is None or type(before) is not type(after):
        return
    field = after.spec.by_name.get("status")
    moves = MOVES.get(field.code_of) if field else None
    if field is None or moves is None:
        return
    old, new = (known.category(field.code_of, _status(record)) for record in (before, after))
    if old != new and (old, new) not in moves:
        possible = ", ".join(sorted(to for start, to in moves if start == old))
        further = f"from {old} it can go {f'to {possible}' if possible else 'nowhere'}"
        yield Finding(
            "illegal-move",
            f"{with_article(after.spec.name)} cannot go from {old} to {new}; {further}",
            "status",
            after.id,
        )


def _status(record: Any) -> str:
    return str(record.status)
