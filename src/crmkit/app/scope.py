"""Where a call runs: inside the open unit of work, or in a short one of its own."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from crmkit.app.crm import Crm
    from crmkit.app.work import Work

__all__ = ["OfCrm", "OfWork", "Scope"]


class Scope(Protocol):
    """Gives a call the unit of work that it runs in."""

    def reading(self) -> AbstractContextManager["Work"]:
        """A unit to read in."""
        ...

    def writing(self) -> AbstractContextManager["Work"]:
        """A unit to write in."""
        ...


class OfWork:
    """Calls on `work` run in it."""

    def __init__(self, work: "Work") -> None:
        self._work = work

    @contextmanager
    def reading(self) -> Iterator["Work"]:
        """The open unit."""
        yield self._work

    writing = reading


class OfCrm:
    """Calls on `crm` run in a short unit of their own."""

    def __init__(self, crm: "Crm") -> None:
        self._crm = crm

    def reading(self) -> AbstractContextManager["Work"]:
        """A new unit that only reads."""
        return self._crm.begin(read_only=True)

    def writing(self) -> AbstractContextManager["Work"]:
        """A new unit, committed at the end."""
        return self._crm.begin()
