"""SQLite: its types, settings, and errors in crmkit's words."""

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, Index, Integer, LargeBinary, Text, UnaryExpression, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import TypeEngine

from crmkit.errors import Busy, Fault, Invalid, StoreError, UnknownStore
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.engines.profile import Broken, Profile

__all__ = ["SqliteProfile"]

_DURABILITY: Final = {"full": "FULL", "normal": "NORMAL", "off": "OFF"}
_STRICT_SINCE: Final = (3, 37)
_RETURNING_SINCE: Final = (3, 35)
_WHOLE: Final = frozenset({"whole", "flag", "instant"})


class SqliteProfile(Profile):
    """SQLite, through the standard library's driver, in the driver's autocommit with transactions of our own.

    `durability` is what an acknowledged commit survives: "full" the loss of power (the default), "normal" the loss of
    the process, "off" neither, for data that can be made again. `timeout` is how many seconds a unit waits for
    another one's writing. `strict` tables refuse values of another type; where SQLite is older than 3.37, CHECKs do.
    """

    name = "SQLite"
    one_writer = True
    locks = ""
    holds = ""
    same = "IS"
    greatest = "MAX"
    sums_are_wide = False
    mark = "?"
    encoded_day: ClassVar[str] = "{0}.isoformat()"
    day_of = staticmethod(date.fromisoformat)

    def __init__(self, *, durability: str = "full", timeout: float = 5.0, strict: bool | None = None) -> None:
        if durability not in _DURABILITY:
            known = ", ".join(_DURABILITY)
            raise Invalid("the store's settings", [Fault("durability", f"is one of {known}, not {durability!r}")])
        if sqlite3.sqlite_version_info < _RETURNING_SINCE:
            raise StoreError("crmkit needs SQLite 3.35 or newer: install a newer Python, or use another store")
        self.durability = durability
        self.timeout = timeout
        self.strict = sqlite3.sqlite_version_info >= _STRICT_SINCE if strict is None else strict
        self.dialect = SQLiteDialect_pysqlite(paramstyle="qmark")

    def overflowed(self, cause: BaseException) -> bool:
        return "integer overflow" in str(cause)

    def engine(self, url: URL) -> Engine:
        if url.drivername.partition("+")[2] not in ("", "pysqlite"):
            raise UnknownStore(f"{url}: SQLite is reached through the standard library, as sqlite:///file.db")
        in_memory = url.database in (None, "", ":memory:")
        options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 10, "max_overflow": 30}
        return create_engine(url, connect_args={"check_same_thread": False, "cached_statements": 512}, **options)

    def set_up(self, engine: Engine) -> None:
        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            for setting in (
                f"PRAGMA busy_timeout = {int(self.timeout * 1000)}",
                "PRAGMA journal_mode = WAL",
                f"PRAGMA synchronous = {_DURABILITY[self.durability]}",
                "PRAGMA foreign_keys = ON",
            ):
                connection.execute(setting).close()

    def cursor(self, connection: Any) -> Any:
        cursor = connection.cursor()
        cursor.row_factory = None
        return cursor

    def borrow(self, connection: Any, info: dict[Any, Any]) -> None:
        self._check(connection)
        (keys,) = self.cursor(connection).execute("PRAGMA foreign_keys").fetchone()
        info["crmkit"] = connection.isolation_level, keys
        connection.isolation_level = None
        if not keys:
            connection.execute("PRAGMA foreign_keys = ON").close()

    def hand_back(self, connection: Any, info: dict[Any, Any]) -> None:
        connection.isolation_level, keys = info["crmkit"]
        if not keys:
            connection.execute("PRAGMA foreign_keys = OFF").close()

    def join_before(self, held: Connection, connection: Any) -> None:
        self._check(connection)
        if not held.in_transaction():
            held.begin()
        if connection.in_transaction and not held.in_nested_transaction():
            return
        if connection.isolation_level is None and not connection.in_transaction:
            raise StoreError("the connection is in autocommit, where nothing is all or nothing: begin a transaction")
        if connection.isolation_level is not None:
            if held.in_nested_transaction():
                raise StoreError(
                    "the driver has begun no transaction before your savepoint, whose end would be a commit: have your "
                    "engine send BEGIN itself (isolation_level = None on connect, BEGIN on begin)"
                )
            connection.execute("BEGIN IMMEDIATE").close()

    def join(self, connection: Any) -> None:
        self._check(connection)
        if not self.cursor(connection).execute("PRAGMA foreign_keys").fetchone()[0]:
            raise StoreError("the connection does not enforce references: run PRAGMA foreign_keys = ON when it is made")

    def _check(self, connection: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            raise StoreError(f"{type(connection).__name__} is no connection of the standard library's sqlite3")
        if connection.text_factory is not str:
            raise StoreError("the connection's text_factory is not str: leave it as it is for a connection of crmkit's")

    def begin(self, cursor: Any, *, read_only: bool, tenant: str = "") -> None:
        del tenant
        cursor.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    def interrupt(self, connection: Any) -> None:
        connection.interrupt()

    def in_transaction(self, connection: Any) -> bool:
        return bool(connection.in_transaction)

    @staticmethod
    def without_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return UnaryExpression(column, operator=custom_op("+"))

    def type_of(self, column: Stored, *, indexed: bool) -> TypeEngine[Any]:
        del indexed
        if column.type == "id":
            return LargeBinary()
        return Integer() if column.type in _WHOLE else Text()

    def text_type(self, length: int | None = None) -> TypeEngine[Any]:
        del length
        return Text()

    def type_rule(self, column: Stored) -> str:
        if self.strict:
            return ""
        stored = "blob" if column.type == "id" else "integer" if column.type in _WHOLE else "text"
        return f"typeof(\"{column.name}\") IN ('{stored}', 'null')"

    @property
    def table_options(self) -> dict[str, Any]:
        return {"sqlite_strict": True} if self.strict else {}

    def index(self, name: str, columns: Sequence[Column[Any]], *, filled: Column[Any] | None = None) -> Index:
        return Index(name, *columns, sqlite_where=None if filled is None else filled.is_not(None))

    def making_schema(self, name: str) -> str:
        raise StoreError(f"SQLite has no schemas: leave schema={name!r} out and give a prefix")

    def existing(self, cursor: Any, schema: str) -> set[str]:
        del schema
        return {name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}

    def encode(self, type_: str, value: Any) -> Any:
        if type_ == "day" and isinstance(value, date):
            return value.isoformat()
        return super().encode(type_, value)

    def translated(self, error: Exception) -> StoreError:
        if self.busy(error):
            return Busy("another unit of work has been writing for too long: try again")
        return super().translated(error)

    def busy(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error))

    def broken_constraint(self, error: Exception) -> Broken | None:
        if not isinstance(error, sqlite3.IntegrityError):
            return None
        said = str(error)
        if said.startswith("UNIQUE constraint failed: "):
            named = said.removeprefix("UNIQUE constraint failed: ").split(", ")
            return Broken("unique", tuple(name.partition(".")[2] for name in named))
        return Broken("reference" if said.startswith("FOREIGN KEY") else "check", name=said.rpartition(": ")[2])
