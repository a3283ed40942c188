"""What is SQLite's own: types, encodings, settings, and its errors in crmkit's words."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, Text, create_engine, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from crmkit.errors import Busy, Fault, Invalid, StoreError, UnknownStore

__all__ = ["SqliteProfile"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DURABILITY: Final = {"full": "FULL", "normal": "NORMAL", "off": "OFF"}
_STRICT_SINCE: Final = (3, 37)
_RETURNING_SINCE: Final = (3, 35)


class SqliteProfile:
    """SQLite, through the standard library's driver, in the driver's autocommit with transactions of our own.

    `durability` is what an acknowledged commit survives: "full" the loss of power (the default), "normal" the loss of
    the process, "off" neither, for data that can be made again. `timeout` is how many seconds a unit waits for
    another one's writing. `strict` tables refuse values of another type; where SQLite is older than 3.37, CHECKs do.
    """

    name: Final = "sqlite"
    begin_writing: Final = "BEGIN IMMEDIATE"
    begin_reading: Final = "BEGIN"
    types: Final[dict[str, Any]] = {
        "id": LargeBinary,
        "text": Text,
        "code": Text,
        "json": Text,
        "whole": Integer,
        "flag": Integer,
        "day": Text,
        "instant": Integer,
    }
    stored_types: Final[dict[str, str]] = {
        "id": "blob",
        "text": "text",
        "code": "text",
        "json": "text",
        "whole": "integer",
        "flag": "integer",
        "day": "text",
        "instant": "integer",
    }

    def __init__(self, *, durability: str = "full", timeout: float = 5.0, strict: bool | None = None) -> None:
        if durability not in _DURABILITY:
            known = ", ".join(_DURABILITY)
            raise Invalid("the store's settings", [Fault("durability", f"is one of {known}, not {durability!r}")])
        self.durability = durability
        self.timeout = timeout
        self.strict = sqlite3.sqlite_version_info >= _STRICT_SINCE if strict is None else strict
        self.returning = sqlite3.sqlite_version_info >= _RETURNING_SINCE
        self.dialect = SQLiteDialect_pysqlite(paramstyle="qmark")

    @property
    def table_options(self) -> dict[str, Any]:
        """What SQLAlchemy is told of every table."""
        return {"sqlite_strict": True} if self.strict else {}

    def engine(self, url: str) -> Engine:
        """An engine for the URL. Raises UnknownStore on one that cannot be read, or that names another driver."""
        try:
            parsed = make_url(url)
            if parsed.get_driver_name() != "pysqlite":
                raise UnknownStore(f"{url!r}: SQLite is reached through the standard library, as sqlite:///file.db")
            in_memory = parsed.database in (None, "", ":memory:")
            options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": 10, "max_overflow": 30}
            return create_engine(parsed, connect_args={"check_same_thread": False, "cached_statements": 512}, **options)
        except (ArgumentError, NoSuchModuleError, TypeError) as cause:
            raise UnknownStore(f"{url!r} is no SQLite URL, such as sqlite:///path/to/file.db") from cause

    def set_up(self, engine: Engine) -> None:
        """Have every connection of the engine that is made from now on set as crmkit needs it."""

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

    def existing(self, cursor: Any) -> set[str]:
        """The names of the tables that there are."""
        return {name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}

    # Values

    @staticmethod
    def encode(type_: str, value: Any) -> Any:
        """A comparable value as it is bound for a column of that type."""
        if value is None:
            return None
        if type_ == "id":
            return value.bytes if isinstance(value, UUID) else value
        if type_ == "day":
            return value.isoformat() if isinstance(value, date) else value
        if type_ == "instant":
            return micros(value) if isinstance(value, datetime) else value
        return int(value) if type_ in ("flag", "whole") else value

    # Errors

    @staticmethod
    def translated(error: Exception) -> StoreError:
        """The driver's error that is none of a constraint."""
        if isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error)):
            return Busy("another unit of work has been writing for too long: try again")
        return StoreError(f"the SQLite database refused: {error}")

    @staticmethod
    def broken_constraint(error: Exception) -> tuple[str, tuple[str, ...]] | None:
        """The kind of constraint an error is of (unique, reference, check), and its columns where it names them."""
        if not isinstance(error, sqlite3.IntegrityError):
            return None
        said = str(error)
        if said.startswith("UNIQUE constraint failed: "):
            named = said.removeprefix("UNIQUE constraint failed: ").split(", ")
            return "unique", tuple(name.partition(".")[2] for name in named)
        if said.startswith("FOREIGN KEY"):
            return "reference", ()
        return "check", (said.rpartition(": ")[2],)


def micros(instant: datetime) -> int:
    """Microseconds since 1970, in UTC."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant_of(microseconds: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return _EPOCH + _MICROSECOND * microseconds
