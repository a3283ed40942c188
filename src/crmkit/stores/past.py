"""A store as it stood at an instant, and nothing later, whoever asks and however.

A unit that is begun `as_of` an instant answers questions as of then; but whoever holds a store can begin another one,
and a record's history goes on. What is handed to those who must not know what came later (a forecaster that is put to
the test) is therefore a store that has no other units, and whose histories end at the instant.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from crmkit.changes import Changes
from crmkit.entities import Record, Registry
from crmkit.errors import Finding, Refused, StoreError
from crmkit.queries import Criterion, Ended, Grouped, Grouping, Query, nested
from crmkit.repositories.past import as_stood
from crmkit.repositories.store import Past, Reader, Store, StoreUnit, Telling

__all__ = ["PastReader", "PastStore", "PastUnit", "refuse_later"]

R = TypeVar("R", bound=Record)


def refuse_later(asked: datetime, instant: datetime) -> None:
    """Raise Refused on an instant that is later than the view's."""
    if asked > instant:
        said = f"this is a view of the past, as of {instant}: it does not know what came later"
        raise Refused(f"looking at {asked}", [Finding("future", said)])


class PastStore:
    """A store as it stood at an instant. `clock` tells what instant it is now; what is settled depends on it alone."""

    def __init__(self, store: Store, instant: datetime, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._instant = instant
        self._clock = clock

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._store.registry

    def prepare(self) -> bool:
        """Nothing has to be made."""
        return False

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = True,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> "PastUnit":
        """A unit that reads as of the instant, or of an earlier one. Raises Refused on a later one."""
        del clock, read_only
        at = self._instant if as_of is None else as_of
        refuse_later(at, self._instant)
        unit = self._store.begin(tenant=tenant, clock=lambda: at, read_only=True, as_of=at, snapshot=snapshot)
        return PastUnit(unit, at)

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """Up to this instant no answer will change any more: at most the view's own."""
        del now
        return min(self._instant, self._store.settled(self._clock(), tenant=tenant))

    def close(self) -> None:
        """The store is not its to close."""


class PastReader:
    """Reads a tenant's records as of an instant: what the port names, and no more of what is behind it.

    `known` is the instant up to which it may be told what has ended since; its own, unless it looks back from a view
    that knows more.
    """

    def __init__(self, reader: Reader, instant: datetime, known: datetime | None = None) -> None:
        self._reader = reader
        self._instant = instant
        self._known = instant if known is None else known

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        return self._reader.registry

    def get(self, kind: type[R], id: UUID) -> R | None:
        """See the port."""
        return self._reader.get(kind, id)

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """See the port."""
        return self._reader.get_many(kind, ids)

    def find(self, query: Query[R]) -> list[R]:
        """See the port. Raises Refused where it is asked what ended later."""
        self._check(query.where)
        return self._reader.find(query)

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port. Raises Refused where it is asked what ended later."""
        self._check(query.where)
        return self._reader.stream(query)

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """See the port. Raises Refused where it is asked what ended later."""
        self._check(one for query in queries for one in query.where)
        return self._reader.counts(queries)

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """See the port. Raises Refused where it is asked what ended later."""
        self._check(one for grouping in groupings for one in grouping.criteria)
        return self._reader.groups(groupings)

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """See the port: up to the instant, as it was to be seen then."""
        return as_stood(self._reader.history(kind, id), self._instant)

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """See the port: up to the instant, as they were to be seen then."""
        found = self._reader.histories(kind, ids)
        return {id: seen for id, states in found.items() if (seen := as_stood(states, self._instant))}

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """All that there had been by then, as it was to be seen then; see `Telling`. Raises StoreError where what it
        looks through cannot tell.
        """
        reader = self._reader
        if not isinstance(reader, Telling):
            raise StoreError(f"{type(reader).__name__} cannot tell whole histories")
        for past in reader.states(kind):
            yield from as_stood([past], self._instant)

    def as_of(self, instant: datetime) -> "PastReader":
        """See the port. Raises Refused on an instant that is later than its own."""
        refuse_later(instant, self._instant)
        return PastReader(self._reader.as_of(instant), instant, self._known)

    def _check(self, where: Iterable[Criterion]) -> None:
        for criterion in nested(where):
            if isinstance(criterion, Ended):
                refuse_later(criterion.by, self._known)


class PastUnit(PastReader):
    """A unit that reads as of an instant and changes nothing."""

    def __init__(self, unit: StoreUnit, instant: datetime) -> None:
        super().__init__(unit, instant)
        self._unit = unit

    @property
    def instant(self) -> datetime:
        """The instant that it looks at."""
        return self._instant

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        """None are given in the past. Raises StoreError."""
        raise StoreError(f"{kind.spec.about.plural}: {count} numbers are asked for in a unit of work that only reads")

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """Nothing is changed in the past. Raises StoreError."""
        return self._unit.apply(changes, by=by)

    def commit(self) -> None:
        """See the port."""
        self._unit.commit()

    def rollback(self) -> None:
        """See the port."""
        self._unit.rollback()
