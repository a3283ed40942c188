"""The transaction of a host, joined: what is done in it is saved or forgotten by the host, with all else in it.

Each joined unit is a savepoint, so that a unit that fails takes back its own part and leaves the host's standing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import event
from sqlalchemy.engine import Connection

from crmkit.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmkit.stores.sql.store import SqlStore

__all__ = ["JoinedTransaction", "joined"]

_SAVEPOINT: Final = "crmkit_unit"
_ENDED: Final = "the host's transaction has ended: begin a unit of work in the new one"


class _Host(Protocol):
    """A host's transaction, however it is held."""

    def driver(self) -> Any:
        """The driver's connection as it stands: what the host has pending is sent before."""
        ...

    knows_of_commit: bool
    """Whether it can call back once it has committed."""

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call back once it has committed what the savepoint held; never where it takes that back."""
        ...

    def begin(self) -> None:
        """Set a savepoint."""
        ...

    def end(self, *, commit: bool) -> None:
        """Release it, or go back to it."""
        ...


class JoinedTransaction:
    """A savepoint in a host's transaction, which crmkit neither began nor ends."""

    def __init__(self, store: "SqlStore", tenant: str, host: _Host) -> None:
        self.store = store
        self.tenant = tenant
        self._host = host
        self._driver: Any = None
        self._cursor: Any = None

    @property
    def begun(self) -> bool:
        """See the protocol."""
        return self._cursor is not None

    def cursor(self) -> Any:
        """See the protocol. The host is asked for its connection at every call, since it may have gone on meanwhile."""
        if self._cursor is None:
            self._host.begin()
            self._driver = self._host.driver()
            self._cursor = self.store.profile.cursor(self._driver)
            self.store.profile.of_tenant(self._cursor, self.tenant)
        elif self._host.driver() is not self._driver:
            raise StoreError(_ENDED)
        return self._cursor

    @property
    def at_large(self) -> bool:
        """See the protocol."""
        return False

    def writing(self) -> None:
        """See the protocol: the host has begun it."""

    def begin_anew(self) -> None:
        """See the protocol: that is the host's to do."""

    @property
    def knows_of_commit(self) -> bool:
        """Whether it is known when the host has committed."""
        return self._host.knows_of_commit

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Have it called once the host has committed."""
        self._host.after_commit(tell)

    def another_cursor(self) -> Any:
        """See the protocol."""
        _ = self.cursor()
        return self.store.profile.cursor(self._driver)

    def failed(self, cause: Exception) -> StoreError:
        """See the protocol; the connection is the host's to let go of."""
        return self.store.profile.translated(cause)

    def renewed(self) -> bool:
        """See the protocol: what the host has done on it is gone too."""
        return False

    def end(self, *, commit: bool) -> None:
        """See the protocol. Nothing is saved before the host commits."""
        if self._cursor is None:
            return
        self._cursor.close()
        self._cursor = None
        try:
            self._host.end(commit=commit)
        except Exception as cause:
            if commit:
                raise StoreError(f"the host's transaction does not stand any more: {cause}") from cause


class _Untold:
    """A host that does not say when it commits, unless it has handed in what to tell it by."""

    def __init__(self, on_commit: Callable[[Callable[[], None]], object] | None) -> None:
        self._on_commit = on_commit
        self.knows_of_commit = on_commit is not None

    def after_commit(self, tell: Callable[[], None]) -> None:
        """See the protocol."""
        if self._on_commit is not None:
            self._on_commit(tell)


class _OfDriver(_Untold):
    """A transaction that is begun on a driver's connection."""

    def __init__(self, store: "SqlStore", connection: Any, on_commit: Any) -> None:
        super().__init__(on_commit)
        store.profile.join(connection)
        if not store.profile.has_begun(connection):
            raise StoreError(
                "no transaction is open on that connection: begin one, and commit it after the unit of work"
            )
        self._store = store
        self._connection = connection

    def driver(self) -> Any:
        if not self._store.profile.has_begun(self._connection):
            raise StoreError(_ENDED)
        return self._connection

    def begin(self) -> None:
        self._run(f"SAVEPOINT {_SAVEPOINT}")

    def end(self, *, commit: bool) -> None:
        if not commit:
            self._run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        self._run(f"RELEASE SAVEPOINT {_SAVEPOINT}")

    def _run(self, statement: str) -> None:
        cursor = self._connection.cursor()
        cursor.execute(statement)
        cursor.close()


class _OfConnection(_Untold):
    """A transaction on a connection of SQLAlchemy's."""

    def __init__(self, store: "SqlStore", connection: Connection, on_commit: Any) -> None:
        super().__init__(on_commit)
        _same_engine(store, connection)
        self._store = store
        self._connection = connection
        self._savepoint: Any = None

    def driver(self) -> Any:
        _still(self._savepoint)
        return self._connection.connection.dbapi_connection

    def begin(self) -> None:
        self._store.profile.join_before(self._connection, self.driver())
        self._savepoint = self._connection.begin_nested()
        self._store.profile.join(self.driver())

    def end(self, *, commit: bool) -> None:
        (self._savepoint.commit if commit else self._savepoint.rollback)()


class _OfSession:
    """A transaction of a session of SQLAlchemy's, with what the session has not flushed yet."""

    knows_of_commit = True

    def __init__(self, store: "SqlStore", session: "Session", on_commit: Any) -> None:
        self._on_commit = on_commit
        self._store = store
        self._session = session
        self._savepoint: Any = None
        self._around: Any = None
        _same_engine(store, session.connection())

    def driver(self) -> Any:
        _still(self._savepoint)
        self._session.flush()
        return self._session.connection().connection.dbapi_connection

    def after_commit(self, tell: Callable[[], None]) -> None:
        if self._on_commit is not None:
            self._on_commit(tell)
            return
        around: list[Any] = []
        transaction = self._around
        while transaction is not None:
            around.append(transaction)
            transaction = transaction.parent
        _told(self._session).append((around, tell))

    def begin(self) -> None:
        connection = self._session.connection()
        self._store.profile.join_before(connection, connection.connection.dbapi_connection)
        self._savepoint = self._session.begin_nested()
        self._around = self._savepoint.parent
        self._store.profile.join(self.driver())

    def end(self, *, commit: bool) -> None:
        (self._savepoint.commit if commit else self._savepoint.rollback)()


def _still(savepoint: Any) -> None:
    """Refuse to go on where the host has ended the transaction that the savepoint was in."""
    if savepoint is not None and not savepoint.is_active:
        raise StoreError(_ENDED)


_WAITING: Final = "crmkit.waiting"
"""Where a session keeps what waits for its commit: pairs of the transactions that must not be rolled back, and whom to
tell.
"""


def _told(session: "Session") -> list[tuple[list[Any], Callable[[], None]]]:
    """What waits for a session's commit; the session is listened to from the first time on."""
    waiting: list[tuple[list[Any], Callable[[], None]]] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = []
        event.listen(session, "after_commit", _committed)
        event.listen(session, "after_soft_rollback", _rolled_back)
    return waiting


def _committed(session: "Session") -> None:
    if session.in_nested_transaction():
        return
    waiting = _told(session)
    told, waiting[:] = list(waiting), []
    for _, tell in told:
        tell()


def _rolled_back(session: "Session", ended: Any) -> None:
    waiting = _told(session)
    waiting[:] = [one for one in waiting if not any(ended is held for held in one[0])]


def _same_engine(store: "SqlStore", connection: Connection) -> None:
    theirs, ours = connection.dialect.name, store.engine.dialect.name
    if theirs != ours:
        raise StoreError(f"the connection is to {theirs}, the store to {ours}: connect crmkit to that engine")
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        raise StoreError("the connection is in autocommit, where nothing is all or nothing: begin a transaction")


def joined(
    store: "SqlStore", host: Any, tenant: str, on_commit: Callable[[Callable[[], None]], object] | None = None
) -> JoinedTransaction:
    """The transaction that a session, a connection of SQLAlchemy's, or a driver's connection is in.

    `on_commit` is called with what is to be called once the host has committed; of a session that is known anyway.
    Raises StoreError where it cannot be joined, saying why and what helps.
    """
    if hasattr(host, "sync_session") or hasattr(host, "sync_connection"):
        raise StoreError("an asynchronous host is joined by a CRM of connect_async")
    if hasattr(host, "begin_nested") and hasattr(host, "flush"):  # a Session: the ORM is not loaded to ask for it
        session: Any = host() if callable(host) else host  # one that is scoped gives the present one
        return JoinedTransaction(store, tenant, _OfSession(store, session, on_commit))
    if isinstance(host, Connection):
        return JoinedTransaction(store, tenant, _OfConnection(store, host, on_commit))
    return JoinedTransaction(store, tenant, _OfDriver(store, host, on_commit))
