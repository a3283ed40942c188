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

    @property
    def at_large(self) -> bool:
        """Whether none is open: a statement would be one by itself."""
        ...

    def writing(self) -> None:
        """Begin it, where it was put off until something is written."""
        ...

    def begin_anew(self) -> None:
        """Forget what was done: the next statement begins another. Raises the driver's error."""
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

    A `bare` one begins none before something is written: each statement is a transaction of its own.
    """

    def __init__(self, store: "SqlStore", tenant: str, *, read_only: bool, bare: bool = False) -> None:
        self.store = store
        self.tenant = tenant
        self.read_only = read_only
        self.bare = bare
        self._renewed = False
        self._in_one = False
        """Whether a transaction was begun that has not ended."""
        self._connection: Any = None
        self._cursor: Any = None

    @property
    def begun(self) -> bool:
        """See the protocol."""
        return self._cursor is not None

    @property
    def at_large(self) -> bool:
        """See the protocol."""
        return not self._in_one

    def cursor(self) -> Any:
        """See the protocol. A connection that was lost in the pool, while nobody looked, is replaced."""
        if self._cursor is None or not (self._in_one or self.bare):
            self._have(begun=not self.bare)
        interruptible(self, self._interrupt)
        return self._cursor

    def writing(self) -> None:
        """See the protocol."""
        if not self._in_one:
            self._have(begun=True)

    def _have(self, *, begun: bool) -> None:
        try:
            self._begin(begun=begun)
        except Disconnected:
            self._begin(begun=begun)

    def _begin(self, *, begun: bool) -> None:
        profile = self.store.profile
        if self._connection is None:
            self._connection = self.store.take()
        try:
            if self._cursor is None:
                self._cursor = profile.cursor(self._connection.dbapi_connection)
            interruptible(self, self._interrupt)
            if begun:
                profile.begin(self._cursor, read_only=self.read_only, tenant=self.tenant)
                self._in_one = True
        except Exception as cause:
            failed = self.failed(cause)
            connection, self._connection, self._cursor = self._connection, None, None
            self.store.give_back(connection)
            raise failed from cause

    def begin_anew(self) -> None:
        """See the protocol."""
        if not self._in_one:
            return
        self._in_one = False
        if self.store.profile.in_transaction(self._connection.dbapi_connection):
            self._cursor.execute("ROLLBACK")

    def renewed(self) -> bool:
        """See the protocol: once, where no transaction was begun."""
        if self._in_one or self._renewed:
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
        saving = commit and self._in_one and not self.read_only
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
        self._in_one = False
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
