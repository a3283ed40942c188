"""The ports: what crmkit asks of a store. No technology is named here; `crmkit.testing` proves a store.

Stores keep *bare* records: fields that show parts are left at their empty default, parts are records of their own.
Assembling a record with its parts, rules, events and access are not a store's business.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable
from uuid import UUID

import attrs

from crmkit.changes import Changes
from crmkit.entities import Record, Registry
from crmkit.queries import Grouped, Grouping, Query

__all__ = ["Finishing", "JoinedUnit", "Joining", "Movable", "Past", "Reader", "Steady", "Store", "StoreUnit", "Telling"]

R = TypeVar("R", bound=Record)


@attrs.frozen
class Past(Generic[R]):
    """A saved state of a record: from `record.recorded_at` until `until` (None: it is the present state).

    `ended_by` is the user who replaced or deleted it and `deleted` tells which of the two.
    """

    record: R
    until: datetime | None
    ended_by: str = ""
    deleted: bool = False


class Reader(Protocol):
    """Reads the records of one tenant, at one instant of the past or as they are.

    Every `kind` may be an entity or the common base of the entities of one table (an account: a
    prospect or a customer, whichever it is). Another tenant's records are as if they were not there.
    """

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        ...

    def get(self, kind: type[R], id: UUID) -> R | None:
        """The record with that id, or None where there is none of that kind."""
        ...

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """The records with those ids, by id; ids without a record of that kind are left out.

        The order is that of the ids' first appearance; an id given twice is answered once.
        """
        ...

    def find(self, query: Query[R]) -> list[R]:
        """The records that the query describes, in its order. No criteria: all."""
        ...

    def stream(self, query: Query[R]) -> Iterator[R]:
        """As `find`, a few at a time; the reader stays in use until the iteration ends or is closed."""
        ...

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """How many records each query describes, its limit and place apart; all at one moment."""
        ...

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """The groups of each grouping, each key once, in no order. Grouped by nothing, records are always one group,
        of none if need be. Raises Invalid on a term that there is not.
        """
        ...

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """Every saved state of the record, oldest first, the present one last; empty if it never was.

        States saved while the record was another kind of its table belong to its history too.
        """
        ...

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """As `history`, of many: by id, in the order of the ids' first appearance; one that never was is left out."""
        ...

    def as_of(self, instant: datetime) -> "Reader":
        """The records as they stood at an instant, seen from here: what it answers is of the same moment, and what this
        one does not see yet, it does not see either. To be used no longer than this one.
        """
        ...


class StoreUnit(Reader, Protocol):
    """A transaction on one tenant's records: all of it or nothing, seen by nobody else until it is committed."""

    @property
    def instant(self) -> datetime:
        """The one instant at which all its changes are recorded, taken from the clock once nobody else can write."""
        ...

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        """The next free numbers of that kind, taken by this unit: nobody else gets them unless it is rolled back."""
        ...

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """Make the changes, or none of them, and return them resolved: numbers given, versions and instants set.

        In this order: the touched records are checked against their version and copied to history; then
        creates, those referred to before those that refer (in whatever order they are listed), and restores;
        then updates; then deletes (those that refer before those referred to). An update writes what
        differs between `before` and `after`. A record is recorded at the unit's instant, or just after
        its last one where that is later. The id of a create is one that no record of its table ever had: whoever takes
        ids from elsewhere asks `histories` first.

        Raises, leaving the unit as it was before the call where the engine can and otherwise unusable but for
        `rollback`: `Conflict` where a touched record is not at `before`'s version; `Duplicate` where a value
        that must be unique is held, or was held before the unit began, by another record; `Invalid` where
        a field refers to nothing, or to a record of a kind that may not be referred to there; `Refused`
        where a record that others refer to would be deleted, or would cease to be of the kind that
        they refer to.
        """
        ...

    def commit(self) -> None:
        """Make the changes last and visible. Raises StoreError; the unit is over in any case."""
        ...

    def rollback(self) -> None:
        """Forget the changes; the unit is over. Does nothing on a unit that is over."""
        ...


@runtime_checkable
class Finishing(Protocol):
    """A unit that can save changes and itself in one step, for a call that does nothing else in it."""

    def finish(self, changes: Changes, *, by: str = "") -> Changes:
        """`apply` and `commit`. Where it raises, all that was done in the unit is forgotten, and what follows in it
        begins anew, as if it were another unit. Raises OutcomeUnknown too.
        """
        ...


class JoinedUnit(StoreUnit, Protocol):
    """A unit in a transaction that a host has begun and ends: `commit` leaves what it did to the host's commit,
    `rollback` takes back its own part alone.
    """

    @property
    def knows_of_commit(self) -> bool:
        """Whether it is known when the host has committed."""
        ...

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the host has committed; never, where it takes back what the unit did."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A unit that can tell all that there has been."""

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """Every saved state of every record of an entity, of deleted ones too, by id and then version; the present
        ones have no `until`. A few at a time.
        """
        ...


@runtime_checkable
class Movable(Telling, Protocol):
    """A unit whose records can move to another store, with all that they have been, and come from one."""

    def counters(self) -> dict[tuple[str, str], int]:
        """Where the counters of numbers stand, by `table.kind` and scope."""
        ...

    def keep(self, states: Sequence[Past[Any]]) -> None:
        """Take saved states as they are: no rule is asked, no number or version given.

        Records come after those that they refer to, save within one call. Raises StoreError (Duplicate, Invalid where
        the store can tell) on a state that is there already, or that refers to nothing.
        """
        ...

    def keep_counters(self, counters: Mapping[tuple[str, str], int]) -> None:
        """Let the counters stand there, where they have not gone further."""
        ...


@runtime_checkable
class Joining(Protocol):
    """A store whose units can run in a host's transaction."""

    def join(
        self,
        host: Any,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        on_commit: Callable[[Callable[[], None]], object] | None = None,
    ) -> JoinedUnit:
        """A unit in the transaction that is open on the host's session or connection.

        `on_commit` registers what is to be called once the host has committed, where the store cannot know.
        Raises StoreError where it cannot be joined, saying what helps.
        """
        ...


@runtime_checkable
class Steady(Protocol):
    """A store that says whether what its units ask is answered as of one moment, also of those that write."""

    @property
    def steady(self) -> bool:
        """Whether it is, be a `snapshot` asked for or not."""
        ...


class Store(Protocol):
    """Where records are kept, for any number of tenants."""

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        ...

    def prepare(self) -> bool:
        """Make the store ready for its registry's entities; True if it was empty before (a new database).

        Raises SchemaTooNew where a newer crmkit has made it.
        """
        ...

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> StoreUnit:
        """A unit on that tenant's records. A read-only one sees one moment throughout and cannot `apply`;
        with `as_of` it sees the records as they stood at that instant. Without `snapshot`, each question may see its
        own moment: of one that only reads, or before the first change of one that writes. Raises Busy where another
        unit writes for too long.
        """
        ...

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """Up to this instant no answer about a tenant's past will change any more, whoever is writing now."""
        ...

    def close(self) -> None:
        """Let go of what it holds open."""
        ...
