"""What the rows of figures are of: what their ids are called, and the trees that they are rolled up along."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from crmkit.entities import Campaign, Item, Record, Salesperson, SalesTeam, Territory

__all__ = ["names_of", "trees_of"]

_NAMED: Final[dict[str, type[Record]]] = {
    "salesperson": Salesperson,
    "team": SalesTeam,
    "territory": Territory,
    "campaign": Campaign,
    "item": Item,
}
_PARENTS: Final[dict[str, str]] = {"salesperson": "manager", "territory": "parent"}


def names_of(read: Callable[[Any], Iterable[Any]], dimensions: Iterable[str]) -> dict[str, dict[Any, str]]:
    """What is shown for ids, by dimension; `read` gives all records of a kind."""
    return {name: {one.id: str(one) for one in read(_NAMED[name])} for name in dimensions if name in _NAMED}


def trees_of(read: Callable[[Any], Iterable[Any]], dimensions: Iterable[str]) -> dict[str, dict[UUID, UUID | None]]:
    """The parents of ids, for the dimensions that are trees; `read` gives all records of a kind."""
    return {
        name: {one.id: getattr(one, _PARENTS[name]) for one in read(_NAMED[name])}
        for name in dimensions
        if name in _PARENTS
    }
