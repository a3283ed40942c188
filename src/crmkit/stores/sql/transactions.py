"""The transaction that a unit of work runs in: one of its own, on a pooled connection."""

from typing import TYPE_CHECKING, Any, Protocol

from crmkit.errors import Disconnected, OutcomeUnknown, StoreError
from crmkit.stores.running import interruptible

if TYPE_CHECKING:
    from crmkit.stores.sql.store import SqlStore

__all__ = ["OwnTransaction", "Transaction"]


class Transaction(Protocol):
    """What a unit asks of its transaction. The driver's errors come out of `cursor` as they are."""

    @property
    def begun(self) -> bool:
        """Whether there is one: it begins when a cursor is first asked for."""
        ...

    def cursor(self) -> Any:
        """The driver's cursor in it, for statements that are read to the end before the next one."""
        ...

    def another_cursor(self) -> Any:
        """A cursor of one's own in it, to be closed."""
        ...

    def failed(self, cause: Exception) -> StoreError:
        """The driver's error in crmkit's words; a connection that is lost is let go of."""
        ...

    def renewed(self) -> bool:
        """Whether what was asked on a lost connection may be asked again, on another one."""
        ...

    def end(self, *, commit: bool) -> None:
        """Save or forget what was done. Raises StoreError where it was to be saved and is not, or nobody knows."""
        ...


class OwnTransaction:
    """A transaction on a connection that is taken from the store's pool when it is first needed.

    A `bare` one begins none: each statement, which only reads, is a transaction of its own.
    """

    def __init__(self, store: "SqlStore", tenant: str, *, read_only: bool, bare: bool = False) -> None:
        self.store = store
        self.tenant = tenant
        self.read_only = read_only
        self.bare = bare
        self._renewed = False
        self._connection: Any = None
        self._cursor: Any = None

    @property
    def begun(self) -> bool:
        """See the protocol."""
        return self._cursor is not None

    def cursor(self) -> Any:
        """See the protocol. A connection that was lost in the pool, while nobody looked, is replaced."""
        if self._cursor is None:
            try:
                self._begin()
            except Disconnected:
                self._begin()
        interruptible(self, self._interrupt)
        return self._cursor

    def _begin(self) -> None:
        profile = self.store.profile
        self._connection = self.store.take()
        try:
            self._cursor = profile.cursor(self._connection.dbapi_connection)
            interruptible(self, self._interrupt)
            if not self.bare:
                profile.begin(self._cursor, read_only=self.read_only, tenant=self.tenant)
        except Exception as cause:
            failed = self.failed(cause)
            connection, self._connection, self._cursor = self._connection, None, None
            self.store.give_back(connection)
            raise failed from cause

    def renewed(self) -> bool:
        """See the protocol: once, where no transaction was begun."""
        if not self.bare or self._renewed:
            return False
        self._renewed = True
        self._let_go()
        return True

    def _interrupt(self) -> None:
        connection = self._connection
        if connection is not None and connection.is_valid:
            self.store.profile.interrupt(connection.dbapi_connection)

    def another_cursor(self) -> Any:
        """See the protocol."""
        _ = self.cursor()
        return self.store.profile.cursor(self._connection.dbapi_connection)

    def failed(self, cause: Exception) -> StoreError:
        """See the protocol."""
        if self._connection is not None and self.store.profile.disconnected(cause):
            self.store.lost(self._connection, cause)
        return self.store.profile.translated(cause)

    def end(self, *, commit: bool) -> None:
        """See the protocol."""
        if self._connection is None:
            return
        connection, profile = self._connection, self.store.profile
        saving = commit and not self.read_only
        if not (connection.is_valid and profile.alive(connection.dbapi_connection)):
            self._let_go()
            if saving:
                raise Disconnected(f"the connection to the {profile.name} server was lost: try again")
            return
        try:
            if profile.in_transaction(connection.dbapi_connection):
                self._cursor.execute("COMMIT" if commit else "ROLLBACK")
        except Exception as cause:
            failed = self.failed(cause)
            if not saving:
                return  # nothing was to be saved, and the connection is let go of
            if isinstance(failed, Disconnected):
                failed = OutcomeUnknown(
                    "the connection was lost while the unit was being committed: look before retrying"
                )
            raise failed from cause
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Give the connection back without a transaction, or throw it away."""
        connection, cursor, profile = self._connection, self._cursor, self.store.profile
        self._connection = self._cursor = None
        try:
            if connection.is_valid:
                if not profile.alive(connection.dbapi_connection):
                    connection.invalidate()
                elif profile.in_transaction(connection.dbapi_connection):
                    cursor.execute("ROLLBACK")
                cursor.close()
        except Exception as cause:  # noqa: BLE001 - it is thrown away
            connection.invalidate(cause)
        self.store.give_back(connection)
