"""Where a call runs: inside the open unit of work, or in a short one of its own."""

import functools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast
from uuid import UUID

from crmkit.entities import Record
from crmkit.errors import (
    AlreadyConverted,
    Busy,
    Conflict,
    CrmkitError,
    Invalid,
    NotFound,
    Refused,
    StalePlan,
    Vetoed,
)
from crmkit.repositories.store import Steady

if TYPE_CHECKING:
    from crmkit.app.crm import Crm
    from crmkit.app.work import Work

__all__ = ["OfCrm", "OfWork", "Scope", "UnrefusedError", "again_while_busy", "new_id", "repeated"]

C = TypeVar("C", bound=Callable[..., Any])
T = TypeVar("T")

_TRIES: Final = 10
_SHORTEST: Final = 0.002
_LONGEST: Final = 0.25
"""Between tries, in seconds."""

_LOOKING: ContextVar["Crm | None"] = ContextVar("looking", default=None)
"""The CRM that a call is made on, where it is only asked what would speak against it."""

_GIVEN: ContextVar["_Given | None"] = ContextVar("given", default=None)


class _Given:
    """The ids of new records that a call on a CRM was given: run again, it is given the same."""

    def __init__(self, crm: "Crm") -> None:
        self.crm = crm
        self.ids: list[UUID] = []
        self.place = 0


def new_id(crm: "Crm") -> UUID:
    """An id for a new record."""
    given = _GIVEN.get()
    if given is None or given.crm is not crm:
        return crm.settings.ids()
    if given.place == len(given.ids):
        given.ids.append(crm.settings.ids())
    given.place += 1
    return given.ids[given.place - 1]


class UnrefusedError(Exception):
    """Nothing spoke against a call that was only asked: it has come to where it writes."""


def again_while_busy(task: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """What the task gives, which is run again, whole, at most ten times, where the store was busy: with pauses of
    random length, so that those who were in each other's way are not so again.
    """
    for tried in range(1, _TRIES):
        try:
            return task()
        except Busy:
            pause(random.uniform(_SHORTEST, min(_LONGEST, _SHORTEST * 2**tried)))  # noqa: S311 - no secret
    return task()


def repeated(call: C) -> C:
    """A method that writes: on a `Crm`, where it is a unit of work by itself, it is run again while the store is busy.

    It has no effect but on the store. What it is given to iterate over only once is read beforehand.
    """

    @functools.wraps(call)
    def calling(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        scope: Scope = self._scope
        given = [tuple(one) if isinstance(one, Iterator) else one for one in args]
        named = {name: tuple(one) if isinstance(one, Iterator) else one for name, one in kwargs.items()}
        return scope.repeating(lambda: call(self, *given, **named))

    return cast("C", calling)


class Scope(Protocol):
    """Gives a call the unit of work that it runs in."""

    def reading(self, of: type[Record] | None = None) -> AbstractContextManager["Work"]:
        """A unit to read in: of records of one kind alone, in one question, if `of` is given."""
        ...

    def looking(self) -> AbstractContextManager["Work"]:
        """A unit to read in, a few questions each of which may see its own moment."""
        ...

    def writing(self) -> AbstractContextManager["Work"]:
        """A unit to write in."""
        ...

    alone: bool
    """Whether the call is all that is done in its unit."""

    @property
    def crm(self) -> "Crm":
        """The CRM that the call stands on."""
        ...

    def repeating(self, task: Callable[[], T]) -> T:
        """Run what takes units to write in; again where it can be."""
        ...


class OfWork:
    """Calls on `work` run in it. A class, since a generator's turns would show in each of many short calls."""

    alone = False

    def __init__(self, work: "Work") -> None:
        self._work = work

    @property
    def crm(self) -> "Crm":
        """The unit's."""
        return self._work.crm

    def __enter__(self) -> "Work":
        """The open unit."""
        return self._work

    def __exit__(self, *_: object) -> None:
        """It stays open."""

    def reading(self, of: type[Record] | None = None) -> AbstractContextManager["Work"]:
        """The open unit."""
        del of
        return self

    def looking(self) -> AbstractContextManager["Work"]:
        """The open unit."""
        return self

    def writing(self) -> AbstractContextManager["Work"]:
        """The open unit."""
        return self

    def repeating(self, task: Callable[[], T]) -> T:
        """Once: the whole unit would have to be run again."""
        return task()


class OfCrm:
    """Calls on `crm` run in a short unit of their own."""

    alone = True

    def __init__(self, crm: "Crm") -> None:
        self._crm = crm

    @property
    def crm(self) -> "Crm":
        """The one that it is called on."""
        return self._crm

    def reading(self, of: type[Record] | None = None) -> AbstractContextManager["Work"]:
        """A new unit that only reads; what one statement answers needs no transaction to see one moment."""
        many = of is None or of.spec.parts or len(self._crm.registry.served_by(of)) > 1
        return self._crm.reading(snapshot=bool(many))

    def looking(self) -> AbstractContextManager["Work"]:
        """A new unit that only reads."""
        return self._crm.reading(snapshot=False)

    def writing(self) -> AbstractContextManager["Work"]:
        """A new unit, committed at the end."""
        return self._crm.writing(looking=_LOOKING.get() is self._crm)

    def repeating(self, task: Callable[[], T]) -> T:
        """Again where the store was busy, or another was faster."""
        given = _Given(self._crm)

        def anew() -> T:
            given.place = 0
            return task()

        before = _GIVEN.set(given)
        try:
            return again_while_busy(lambda: self._at_one_moment(anew), self._crm.pause)
        finally:
            _GIVEN.reset(before)

    def _at_one_moment(self, task: Callable[[], T]) -> T:
        """What the task gives; what it raises was so at one moment.

        Where each question sees its own, a task may be refused for what another did between two of them, or be told
        that a record has changed which its caller knows by its id alone. So it is asked again, of one moment; where
        nothing speaks against it then, it is run again, and what it is told twice, the store has told it on saving.
        """
        store: object = self._crm.store
        told: CrmkitError | None = None
        for _ in range(_TRIES):
            try:
                return task()
            except (StalePlan, Vetoed):
                raise
            except (AlreadyConverted, Conflict, Invalid, NotFound, Refused) as error:
                if (isinstance(store, Steady) and store.steady) or _same(error, told):
                    raise
                told = error
            looking = _LOOKING.set(self._crm)
            try:
                return task()
            except UnrefusedError:
                pass
            finally:
                _LOOKING.reset(looking)
        raise Busy("others were changing what it is about, again and again: try again") from told


def _same(error: CrmkitError, told: CrmkitError | None) -> bool:
    return type(error) is type(told) and str(error) == str(told)
