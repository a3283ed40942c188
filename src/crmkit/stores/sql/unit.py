"""A unit of work on an SQL store: how it begins, writes and ends; `SqlReader` is how it asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from crmkit.changes import Changes
from crmkit.entities import Record
from crmkit.errors import StoreError
from crmkit.repositories.store import Past
from crmkit.stores.sql import moving
from crmkit.stores.sql.counters import Counters
from crmkit.stores.sql.joined import JoinedTransaction
from crmkit.stores.sql.reading import SqlReader
from crmkit.stores.sql.transactions import Transaction
from crmkit.stores.sql.writing import Writer

if TYPE_CHECKING:
    from crmkit.stores.sql.store import SqlStore

__all__ = ["JoinedUnit", "SqlUnit"]

R = TypeVar("R", bound=Record)

_SOON: Final = 1.0
"""For how many seconds an instant holds that is taken before the transaction begins; see `SqlStore.settled`."""


class SqlUnit(SqlReader):
    """A unit of work on an `SqlStore`, in a transaction that begins when it is first needed."""

    def __init__(
        self,
        store: "SqlStore",
        tenant: str,
        clock: Callable[[], datetime],
        transaction: Transaction,
        *,
        read_only: bool,
        as_of: datetime | None = None,
    ) -> None:
        super().__init__(store, tenant, transaction, read_only=read_only, as_of=as_of)
        self._clock = clock
        self._instant: datetime | None = None
        self._taken = 0.0
        self.counted: dict[tuple[str, str, str], int] = {}
        """Where the counters stand that it has moved: nobody else moves them until it is over."""

    @property
    def instant(self) -> datetime:
        """The instant of its changes."""
        if self._instant is None:
            _ = self.cursor
            self._taken = monotonic()
            now = self._clock()
            self._instant = Counters(self).tick(now) if self.store.strict_time and not self._read_only else now
        return self._instant

    def not_long_ago(self) -> datetime:
        """The instant, which is taken anew where no transaction has been open since, for long: what is settled depends
        on when transactions began.
        """
        if self.transaction.at_large and monotonic() - self._taken > _SOON:
            self._instant = None
        return self.instant

    def writing(self) -> None:
        """Begin the transaction, where it was put off until something is written."""
        _ = self.not_long_ago()
        _ = self.cursor
        try:
            self.transaction.writing()
        except StoreError:
            self._end.broken = True
            raise

    def begin_anew(self) -> None:
        """Forget all that was done. What broke the unit is being raised."""
        self.counted.clear()
        self._instant = None
        self._end.broken = False
        try:
            self.transaction.begin_anew()
        except Exception:  # noqa: BLE001 - the connection is gone
            self._end.broken = True

    def undo(self, savepoint: str) -> None:
        """Go back to a savepoint, as far as the transaction still stands; what broke it is being raised."""
        if not self.transaction.begun:
            return
        try:
            cursor = self.transaction.cursor()
            cursor.execute(f"ROLLBACK TO SAVEPOINT {savepoint}")
            cursor.execute(f"RELEASE SAVEPOINT {savepoint}")
        except Exception:  # noqa: BLE001 - the engine has ended the transaction, or the connection is gone
            self._end.broken = True
        else:
            self._end.broken = False

    # Writing

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        """See the port."""
        self.writing()
        return Counters(self).next_numbers(kind.spec, count)

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """See the port."""
        if self._read_only:
            raise StoreError("this unit of work only reads")
        return Writer(self).apply(changes, by)

    def finish(self, changes: Changes, *, by: str = "") -> Changes:
        """See the port."""
        if self._read_only:
            raise StoreError("this unit of work only reads")
        return Writer(self).finish(changes, by)

    # Moving

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """See the port."""
        return moving.states(self, kind.spec)

    def counters(self) -> dict[tuple[str, str], int]:
        """See the port."""
        return moving.counters(self)

    def keep(self, states: Sequence[Past[Any]]) -> None:
        """See the port."""
        self.writing()
        moving.keep(self, states)

    def keep_counters(self, counters: Mapping[tuple[str, str], int]) -> None:
        """See the port."""
        self.writing()
        moving.keep_counters(self, counters)

    # The end

    def commit(self) -> None:
        """See the port."""
        self._end.over = True
        self.transaction.end(commit=not self._end.broken)
        if self._end.broken:
            raise StoreError("the unit of work has failed and cannot be committed: it was rolled back")

    def rollback(self) -> None:
        """See the port."""
        self._end.over = True
        self.transaction.end(commit=False)


class JoinedUnit(SqlUnit):
    """A unit of work in the transaction of a host; see the port."""

    transaction: JoinedTransaction

    @property
    def knows_of_commit(self) -> bool:
        """See the port."""
        return self.transaction.knows_of_commit

    def after_commit(self, tell: Callable[[], None]) -> None:
        """See the port."""
        self.transaction.after_commit(tell)
