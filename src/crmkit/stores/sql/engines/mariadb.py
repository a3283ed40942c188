"""MariaDB, through PyMySQL: its types, transactions, and errors in crmkit's words."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Date, Index, SmallInteger, create_engine, event
from sqlalchemy.dialects.mysql import BINARY, MEDIUMTEXT, VARCHAR
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.engine import URL, Engine
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.schema import Column, Table
from sqlalchemy.types import TypeEngine

from crmkit.errors import MissingExtra, StoreError, UnknownStore
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.engines.profile import POOLED, Broken, Profile, length_of

__all__ = ["MariadbProfile"]

_COLLATION: Final = "utf8mb4_nopad_bin"
_SQL_MODE: Final = "TRADITIONAL,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY"
_PLANNING: Final = "SET SESSION optimizer_use_condition_selectivity = 1, eq_range_index_dive_limit = 1"
"""How many rows a statement meets is taken from the indexes' statistics: looking into each of a dozen indexes that
begin with the tenant takes longer than the statement itself.
"""
_LONGEST_INDEXED: Final = 360
_BUSY: Final = frozenset({1205, 1213, 1020})
_LOST: Final = frozenset({2006, 2013, 1047, 1180, 1927, 4031})
_BROKEN: Final[dict[int, Any]] = {
    1062: "unique",
    1451: "reference",
    1452: "reference",
    1216: "reference",
    1217: "reference",
    4025: "check",
}

_LISTED: Final = {"id": "CHAR(32)", "whole": "BIGINT", "instant": "BIGINT", "flag": "SMALLINT", "day": "DATE"}


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


class MariadbProfile(Profile):
    """MariaDB 10.6 and newer, through PyMySQL: strict, binary collation, in UTC, whatever the server's defaults are.

    `timeout` is how many seconds a unit waits for what another one has locked.
    """

    name = "MariaDB"
    reads_while_open = False
    rows_compare = False
    makes_tables_in_transactions = False
    quote = "`"
    holds: ClassVar[str] = " LOCK IN SHARE MODE"
    same: ClassVar[str] = "<=>"
    divides: ClassVar[str] = "DIV"
    lists_from: ClassVar[int | None] = 5

    def __init__(self, *, timeout: float = 5.0) -> None:
        self.timeout = timeout
        self._reads_committed = False
        """Whether the engine's connections, which are our own, have the isolation of writing units set."""
        self.dialect = MySQLDialect_pymysql(paramstyle="format", is_mariadb=True)

    def engine(self, url: URL) -> Engine:
        if url.drivername.partition("+")[2] not in ("", "pymysql"):
            raise UnknownStore(f"{url!r}: MariaDB is reached through PyMySQL, as mysql+pymysql://host/database")
        try:
            import pymysql  # noqa: F401, PLC0415 - an optional dependency, loaded on use
        except ImportError as cause:
            raise MissingExtra("pymysql", "mysql") from cause
        return create_engine(url.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"}), **POOLED)

    def set_up(self, engine: Engine) -> None:
        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            cursor = connection.cursor()
            cursor.execute(
                f"SET SESSION sql_mode = '{_SQL_MODE}', time_zone = '+00:00', "
                f"innodb_lock_wait_timeout = {max(1, round(self.timeout))}"
            )
            cursor.execute(f"SET NAMES utf8mb4 COLLATE {_COLLATION}")
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            cursor.execute(_PLANNING)
            cursor.close()

        self._reads_committed = True

    def cursor(self, connection: Any) -> Any:
        from pymysql.cursors import Cursor  # noqa: PLC0415 - an optional dependency, loaded on use

        return connection.cursor(Cursor)

    def borrow(self, connection: Any, info: dict[Any, Any]) -> None:
        if "crmkit" not in info:
            self._check(connection)
        info["crmkit"] = connection.get_autocommit()
        if not info["crmkit"]:
            connection.autocommit(True)  # noqa: FBT003 - the driver has it so

    def hand_back(self, connection: Any, info: dict[Any, Any]) -> None:
        if not info["crmkit"]:
            connection.autocommit(False)  # noqa: FBT003

    def join(self, connection: Any) -> None:
        self._check(connection)
        if connection.get_autocommit() and not self.in_transaction(connection):
            raise StoreError("the connection is in autocommit, where nothing is all or nothing: begin a transaction")

    def _check(self, connection: Any) -> None:
        if not self._is_ours(connection):
            raise StoreError(f"{type(connection).__module__} is no driver that crmkit's statements are made for")
        cursor = self.cursor(connection)
        cursor.execute("SELECT @@SESSION.sql_mode, @@SESSION.character_set_client")
        mode, encoding = cursor.fetchone()
        cursor.close()
        if not {"STRICT_ALL_TABLES", "STRICT_TRANS_TABLES"} & set(mode.split(",")):
            raise StoreError("the connection would cut what is too long: SET SESSION sql_mode = 'TRADITIONAL' on it")
        if encoding != "utf8mb4":
            raise StoreError(f"the connection's characters are {encoding}: connect with charset=utf8mb4")

    @staticmethod
    def _is_ours(connection: Any) -> bool:
        from pymysql.connections import Connection  # noqa: PLC0415 - a host that hands in a connection of it has it

        return isinstance(connection, Connection)

    def begin(self, cursor: Any, *, read_only: bool, tenant: str = "") -> None:
        del tenant
        if read_only or not self._reads_committed:
            level = "REPEATABLE READ" if read_only else "READ COMMITTED"
            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        cursor.execute("START TRANSACTION" + (" WITH CONSISTENT SNAPSHOT, READ ONLY" if read_only else ""))

    def listed(self, columns: Mapping[str, str]) -> str:
        read = ", ".join(
            f"\"{name}\" {_LISTED.get(type_, 'LONGTEXT')} PATH '$[{place}]' ERROR ON ERROR"
            for place, (name, type_) in enumerate(columns.items())
        )
        return f"JSON_TABLE(?, '$[*]' COLUMNS({read})) AS \"v\""

    def listed_value(self, column: str, type_: str) -> str:
        return f'UNHEX("v"."{column}")' if type_ == "id" else f'"v"."{column}"'

    def as_list(self, rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
        return (json.dumps([list(map(_as_json, row)) for row in rows], ensure_ascii=False),)

    def locking_listed(self, chosen: str, listed: str, table: str, met: str) -> str:
        return f'SELECT {chosen} FROM {listed} STRAIGHT_JOIN {table} AS "t" ON {met} FOR UPDATE'  # noqa: S608

    def updating_listed(self, table: str, listed: str, sets: Mapping[str, str], met: str) -> str:
        changed = ", ".join(f'"t"."{name}" = {value}' for name, value in sets.items())
        return f'UPDATE {listed} STRAIGHT_JOIN {table} AS "t" ON {met} SET {changed}'  # noqa: S608

    def alive(self, connection: Any) -> bool:
        return bool(connection.open)

    def in_transaction(self, connection: Any) -> bool:
        return bool(connection.server_status & 1)

    def counting(self, table: str, rule: str) -> str:
        return f"UPDATE {table} SET last = LAST_INSERT_ID({rule}) WHERE tenant_id = ? AND kind = ? AND scope = ?"  # noqa: S608

    def counted(self, cursor: Any) -> int | None:
        return int(cursor.lastrowid) or None

    def starting(self, table: str) -> str:
        return f"INSERT IGNORE INTO {table} (tenant_id, kind, scope, last) VALUES (?, ?, ?, ?)"  # noqa: S608 - our own table

    def type_of(self, column: Stored, *, indexed: bool) -> TypeEngine[Any]:
        match column.type:
            case "id":
                return BINARY(16)
            case "whole" | "instant":
                return BigInteger()
            case "flag":
                return SmallInteger()
            case "day":
                return Date()
            case _:
                return self.text_type(length_of(column) if indexed else None)

    def text_type(self, length: int | None = None) -> TypeEngine[Any]:
        if length is None:
            return MEDIUMTEXT(charset="utf8mb4", collation=_COLLATION)
        return VARCHAR(length, charset="utf8mb4", collation=_COLLATION)

    @property
    def table_options(self) -> dict[str, Any]:
        return {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": _COLLATION}

    def index(self, name: str, columns: Sequence[Column[Any]], *, filled: Column[Any] | None = None) -> Index:
        del filled
        long = {
            column.name: _LONGEST_INDEXED
            for column in columns
            if (getattr(column.type, "length", None) or 0) > _LONGEST_INDEXED
        }
        return Index(name, *columns, mysql_length=long)

    def making(self, table: Table) -> tuple[str, ...]:
        """One statement, since each is a transaction of its own here: the table is there with its indexes, or not."""
        body, _, options = self.compiled(CreateTable(table, if_not_exists=True)).rpartition("\n)")
        made = map(self.compiled, self.indexes(table))
        lines = [re.sub(r"^CREATE INDEX (\S+) ON \S+ ", r"\tINDEX \1 ", text) for text in made]
        return (",\n".join([body.rstrip(), *lines]) + f"\n){options}",)

    def existing(self, cursor: Any, schema: str) -> set[str]:
        there = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = COALESCE(NULLIF(%s, ''), DATABASE())"
        )
        cursor.execute(there, (schema,))
        return {name for (name,) in cursor.fetchall()}

    def oldest_writer(self, cursor: Any) -> timedelta:
        try:
            cursor.execute(
                "SELECT MAX(TIMESTAMPDIFF(MICROSECOND, trx_started, SYSDATE(6))) FROM information_schema.innodb_trx "
                "WHERE trx_mysql_thread_id <> CONNECTION_ID()"
            )
        except Exception:  # noqa: BLE001 - whoever may not look there has the margin alone
            return timedelta()
        return timedelta(microseconds=int(cursor.fetchone()[0] or 0))

    def busy(self, error: Exception) -> bool:
        return _code(error) in _BUSY

    def disconnected(self, error: Exception) -> bool:
        return _code(error) in _LOST or type(error).__name__ == "InterfaceError"

    def broken_constraint(self, error: Exception) -> Broken | None:
        kind = _BROKEN.get(_code(error))
        if kind is None:
            return None
        said = str(error.args[-1])  # as it was said: shown with all else, quotes in it may be escaped
        named = re.findall(r"for key '(?:[^']*\.)?([^'.]+)'|CONSTRAINT `([^`]+)`", said)
        return Broken(kind, name=next((one for pair in reversed(named) for one in pair if one), ""))


class AsyncMariadbProfile(MariadbProfile):
    """MariaDB through asyncmy."""

    asynchronous = True
    encoded_id: ClassVar[str] = "{0}.int.to_bytes(16, 'big')"

    def engine(self, url: URL) -> Engine:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - needs greenlet, loaded on use

        if url.drivername.partition("+")[2] not in ("", "asyncmy"):
            raise UnknownStore(f"{url!r}: MariaDB is awaited through asyncmy, as mysql+asyncmy://host/database")
        try:
            import asyncmy  # noqa: F401, PLC0415 - an optional dependency, loaded on use
        except ImportError as cause:
            raise MissingExtra("asyncmy", "async") from cause
        url = url.set(drivername="mysql+asyncmy").update_query_dict({"charset": "utf8mb4"})
        return create_async_engine(url, **POOLED).sync_engine

    def cursor(self, connection: Any) -> Any:
        return connection.cursor()

    def alive(self, connection: Any) -> bool:
        return bool(connection.driver_connection.connected)

    def in_transaction(self, connection: Any) -> bool:
        return bool(connection.driver_connection.get_transaction_status())

    @staticmethod
    def _is_ours(connection: Any) -> bool:
        driver = getattr(connection, "driver_connection", connection)
        return type(driver).__module__.partition(".")[0] == "asyncmy"


def _code(error: Exception) -> int:
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0
