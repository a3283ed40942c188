"""PostgreSQL, through psycopg 3: its types, transactions, and errors in crmkit's words."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Index,
    SmallInteger,
    Text,
    any_,
    cast,
    create_engine,
    event,
    func,
    literal_column,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, Engine
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import TypeEngine

from crmkit.errors import Disconnected, MissingExtra, StoreError, UnknownStore
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.engines.profile import POOLED, Broken, Profile

__all__ = ["PostgresqlProfile"]

_BUSY: Final = frozenset({"40001", "40P01", "55P03"})
_COPIED: Final = {"id": "uuid", "whole": "int8", "instant": "int8", "flag": "int2", "day": "date"}
_STANDBY: Final = "25006"
"""The server takes no writes: it has become a standby, and another one is the primary now."""
_LOST: Final = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", _STANDBY})
_BROKEN: Final = {"23505": "unique", "23503": "reference", "23514": "check"}


@functools.cache
def _adapting() -> Callable[[Any], None]:
    """Has a cursor's ids come and go as their 16 bytes, and whole numbers as eight bytes whatever their size; its rows
    are tuples. Raises MissingExtra.
    """
    try:
        import psycopg  # noqa: PLC0415 - an optional dependency, loaded on use
        from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader  # noqa: PLC0415
        from psycopg.pq import Format  # noqa: PLC0415
        from psycopg.rows import tuple_row  # noqa: PLC0415
        from psycopg.types.numeric import Int8Dumper  # noqa: PLC0415
    except ImportError as cause:
        raise MissingExtra("psycopg", "postgres") from cause

    class IdDumper(Dumper):
        """An id, from its bytes."""

        oid = psycopg.adapters.types["uuid"].oid

        def dump(self, obj: Any) -> Buffer:
            return bytes(obj.hex(), "ascii")

    class IdBinaryDumper(Dumper):
        """An id, as its bytes."""

        format = Format.BINARY
        oid = psycopg.adapters.types["uuid"].oid

        def dump(self, obj: Any) -> Buffer:
            return bytes(obj)

    class IdLoader(Loader):
        """An id, as its bytes."""

        format = Format.TEXT

        def load(self, data: Buffer) -> bytes:
            return bytes.fromhex(bytes(data).decode("ascii").replace("-", ""))

    def adapt(cursor: Any) -> None:
        cursor.row_factory = tuple_row
        adapters: AdaptersMap = cursor.adapters
        adapters.register_dumper(bytes, IdDumper)
        adapters.register_dumper(bytearray, IdDumper)
        adapters.register_dumper(int, Int8Dumper)
        adapters.register_dumper(bytes, IdBinaryDumper)
        adapters.register_loader("uuid", IdLoader)

    return adapt


class PostgresqlProfile(Profile):
    """PostgreSQL 14 and newer, through psycopg 3, in the driver's autocommit with transactions of our own.

    `timeout` is how many seconds a unit waits for what another one has locked. With `row_security` the server itself
    keeps each tenant's rows from the others, by policies on every table; they bind whoever is no superuser.
    """

    name = "PostgreSQL"
    reads_while_open = False
    holds: ClassVar[str] = " FOR KEY SHARE"
    same: ClassVar[str] = "IS NOT DISTINCT FROM"
    copies_from: ClassVar[int | None] = 50
    takes_lists: ClassVar[bool] = True
    lists_from: ClassVar[int | None] = 5
    changes_at_once: ClassVar[bool] = True
    reckons_once: ClassVar[bool] = True

    def __init__(self, *, timeout: float = 5.0, row_security: bool = False) -> None:
        self.timeout = timeout
        self.guards_rows = row_security
        self.dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

    def engine(self, url: URL) -> Engine:
        if url.drivername.partition("+")[2] not in ("", "psycopg"):
            raise UnknownStore(
                f"{url!r}: PostgreSQL is reached through psycopg 3, as postgresql+psycopg://host/database"
            )
        _adapting()
        return self._made(url.set(drivername="postgresql+psycopg"))

    def _made(self, url: URL) -> Engine:
        return create_engine(url, **POOLED)

    def set_up(self, engine: Engine) -> None:
        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(f"SET lock_timeout = {int(self.timeout * 1000)}; SET jit = off")
            cursor.close()

    def borrow(self, connection: Any, info: dict[Any, Any]) -> None:
        self._check(connection)
        info["crmkit"] = connection.autocommit
        connection.autocommit = True

    def hand_back(self, connection: Any, info: dict[Any, Any]) -> None:
        connection.autocommit = info["crmkit"]

    def join(self, connection: Any) -> None:
        self._check(connection)
        if connection.autocommit and not self.in_transaction(connection):
            raise StoreError("the connection is in autocommit, where nothing is all or nothing: begin a transaction")

    def _check(self, connection: Any) -> None:
        connection = getattr(connection, "driver_connection", connection)
        import psycopg  # noqa: PLC0415 - a host that hands in a connection of it has it

        if not isinstance(connection, (psycopg.Connection, psycopg.AsyncConnection)):
            raise StoreError(f"{type(connection).__module__} is not psycopg 3, which crmkit's statements are made for")
        if connection.info.encoding != "utf-8":
            raise StoreError(f"the connection's encoding is {connection.info.encoding}: set client_encoding to UTF8")

    def cursor(self, connection: Any) -> Any:
        made = connection.cursor()
        _adapting()(made)
        return made

    def begin(self, cursor: Any, *, read_only: bool, tenant: str = "") -> None:
        if read_only:
            said = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        else:
            said = f"BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {int(self.timeout * 1000)}"
        if self.guards_rows:
            said += "; SET LOCAL crmkit.tenant = '" + tenant.replace("'", "''") + "'"
        cursor.execute(said)

    def of_tenant(self, cursor: Any, tenant: str) -> None:
        if self.guards_rows:
            cursor.execute("SELECT set_config('crmkit.tenant', %s, true)", (tenant,))

    def secure(self, cursor: Any, tables: Iterable[str]) -> None:
        if not self.guards_rows:
            return
        own = "tenant_id = current_setting('crmkit.tenant', true)"
        for table in tables:
            cursor.execute(
                "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", (table,)
            )
            if not cursor.fetchone()[0]:
                cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
                cursor.execute(f"CREATE POLICY crmkit_tenant ON {table} USING ({own}) WITH CHECK ({own})")

    def has_begun(self, connection: Any) -> bool:
        return not connection.autocommit or self.in_transaction(connection)

    def alive(self, connection: Any) -> bool:
        return not connection.closed

    def copy(self, cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        with cursor.copy(_copying(table, columns)) as copy:
            copy.set_types([_COPIED.get(type_, "text") for type_ in columns.values()])
            for row in rows:
                copy.write_row(row)

    def typed(self, type_: str) -> str:
        return f"?::{_COPIED.get(type_, 'text')}"

    def among(self, column: ColumnElement[Any], listed: ColumnElement[Any]) -> ColumnElement[bool]:
        held = Text() if isinstance(column.type, Text) else column.type
        found: ColumnElement[bool] = column == any_(cast(listed, postgresql.ARRAY(held)))
        return found

    def listed(self, columns: Mapping[str, str]) -> str:
        arrays = ", ".join(f"?::{_COPIED.get(type_, 'text')}[]" for type_ in columns.values())
        names = ", ".join(f'"{name}"' for name in columns)
        return f'unnest({arrays}) AS "v"({names})'

    def as_list(self, rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
        return tuple(map(list, zip(*rows, strict=True)))

    def locking_listed(self, chosen: str, listed: str, table: str, met: str) -> str:
        return f'SELECT {chosen} FROM {listed} JOIN {table} AS "t" ON {met} ORDER BY "t"."id" FOR UPDATE OF "t"'  # noqa: S608

    def updating_listed(self, table: str, listed: str, sets: Mapping[str, str], met: str) -> str:
        changed = ", ".join(f'"{name}" = {value}' for name, value in sets.items())
        return f'UPDATE {table} AS "t" SET {changed} FROM {listed} WHERE {met}'  # noqa: S608

    def in_transaction(self, connection: Any) -> bool:
        return bool(connection.info.transaction_status)

    def type_of(self, column: Stored, *, indexed: bool) -> TypeEngine[Any]:
        del indexed
        match column.type:
            case "id":
                return postgresql.UUID(as_uuid=False)
            case "whole" | "instant":
                return BigInteger()
            case "flag":
                return SmallInteger()
            case "day":
                return Date()
            case _:
                return self.text_type()

    def text_type(self, length: int | None = None) -> TypeEngine[Any]:
        del length
        return Text(collation="C")

    def told(self, value: ColumnElement[Any], type_: str) -> ColumnElement[Any]:
        if type_ == "day":  # a cast would write it as the session's DateStyle says
            return func.to_char(value, literal_column("'YYYY-MM-DD'"))
        return super().told(value, type_)

    def index(self, name: str, columns: Sequence[Column[Any]], *, filled: Column[Any] | None = None) -> Index:
        return Index(name, *columns, postgresql_where=None if filled is None else filled.is_not(None))

    def existing(self, cursor: Any, schema: str) -> set[str]:
        there = (
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = COALESCE(NULLIF(%s, ''), current_schema())"
        )
        cursor.execute(there, (schema,))
        return {name for (name,) in cursor.fetchall()}

    def oldest_writer(self, cursor: Any) -> timedelta:
        cursor.execute(
            "SELECT MAX(clock_timestamp() - xact_start) FROM pg_catalog.pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0] or timedelta()

    def translated(self, error: Exception) -> StoreError:
        if getattr(error, "sqlstate", None) == _STANDBY:
            return Disconnected("the PostgreSQL server is a standby and takes no writes: try again at the primary")
        return super().translated(error)

    def busy(self, error: Exception) -> bool:
        return getattr(error, "sqlstate", None) in _BUSY

    def disconnected(self, error: Exception) -> bool:
        state = getattr(error, "sqlstate", None)
        if state is None:
            return type(error).__name__ == "OperationalError"
        return state.startswith("08") or state in _LOST

    def broken_constraint(self, error: Exception) -> Broken | None:
        kind: Any = _BROKEN.get(getattr(error, "sqlstate", None) or "")
        if kind is None:
            return None
        named = getattr(error, "diag", None)
        return Broken(kind, name=getattr(named, "constraint_name", None) or "")


def _copying(table: str, columns: Iterable[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)"


class AsyncPostgresqlProfile(PostgresqlProfile):
    """PostgreSQL through psycopg 3's asynchronous connections."""

    asynchronous = True

    def copy(self, cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        from sqlalchemy.util import await_only  # noqa: PLC0415 - needs greenlet, loaded on use

        async def copied() -> None:
            async with cursor._cursor.copy(_copying(table, columns)) as copy:  # noqa: SLF001 - the driver's own
                copy.set_types([_COPIED.get(type_, "text") for type_ in columns.values()])
                for row in rows:
                    await copy.write_row(row)

        await_only(copied())

    def _made(self, url: URL) -> Engine:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - needs greenlet, loaded on use

        return create_async_engine(url, **POOLED).sync_engine

    def cursor(self, connection: Any) -> Any:
        made = connection.cursor()
        _adapting()(made._cursor)  # noqa: SLF001 - the adaption has no other way to the cursor of the driver
        return made
