"""The trees that figures are rolled up along: who is whose manager, and which territory is in which."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from crmkit.entities import Salesperson, Territory

__all__ = ["trees_of"]


def trees_of(read: Callable[[Any], Iterable[Any]], dimensions: Iterable[str]) -> dict[str, dict[UUID, UUID | None]]:
    """The parents of ids, for the dimensions that are trees; `read` gives all records of a kind."""
    wanted = set(dimensions)
    found: dict[str, dict[UUID, UUID | None]] = {}
    if "salesperson" in wanted:
        found["salesperson"] = {one.id: one.manager for one in read(Salesperson)}
    if "territory" in wanted:
        found["territory"] = {one.id: one.parent for one in read(Territory)}
    return found
