"""What the engines differ in, as named capabilities: everything else in the SQL store is the same on all of them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

import attrs
from sqlalchemy import ColumnElement, Index, String, cast
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.schema import Column, Table
from sqlalchemy.types import TypeEngine

from crmkit.errors import Busy, Disconnected, StoreError
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.instants import micros

__all__ = ["POOLED", "Broken", "Profile", "length_of"]

_SHORT: Final = 60
_GROWTH: Final = 3
"""Casefolding and normalising make at most three characters of one."""


POOLED: Final[dict[str, Any]] = {
    "isolation_level": "AUTOCOMMIT",
    "pool_reset_on_return": None,
    "pool_size": 10,
    "max_overflow": 30,
}
"""How a server's connections are pooled: in the driver's autocommit, with transactions of our own, which end them."""


@attrs.frozen
class Broken:
    """A constraint that a statement broke: its kind, and its columns where the engine names them, else its name."""

    kind: Literal["unique", "reference", "check"]
    columns: tuple[str, ...] = ()
    name: str = ""


class Profile:
    """An engine: how it spells what the store asks, stores the neutral types, begins a unit, and fails."""

    name: ClassVar[str]

    strict: bool = True
    """A column refuses values of another type; else CHECKs do."""

    one_writer: ClassVar[bool] = False
    """The engine lets one unit write at a time."""

    reads_while_open: ClassVar[bool] = True
    """A cursor may be read from, a few rows at a time, while others run; else a stream goes page by page, by key."""

    rows_compare: ClassVar[bool] = True
    """`(a, b) > (?, ?)` reads an index from there on; else it is spelt out."""

    locks: ClassVar[str] = " FOR UPDATE"
    """What makes a SELECT lock the rows that it reads."""

    holds: ClassVar[str] = " FOR SHARE"
    """What makes a SELECT keep the rows that it reads from being deleted."""

    same: ClassVar[str]
    """The comparison that takes two empty values for equal."""

    greatest: ClassVar[str] = "GREATEST"
    """The function that gives the largest of its arguments."""

    divides: ClassVar[str] = "/"
    """The operator that divides whole numbers, towards zero."""

    sums_are_wide: ClassVar[bool] = True
    """A sum of whole numbers may be longer than they may be."""

    def overflowed(self, cause: BaseException) -> bool:
        """Whether the driver's error says that a sum was longer than whole numbers may be."""
        del cause
        return False

    def told(self, value: ColumnElement[Any], type_: str) -> ColumnElement[Any]:
        """A whole number or a day as a text; days as ISO 8601 has them."""
        del type_
        return cast(value, String())

    copies_from: ClassVar[int | None] = None
    """From how many rows on `copy` is the faster way to insert them; None where the engine has none."""

    dialect: Dialect

    timeout: float = 5.0
    """How many seconds a unit waits for what another one has locked."""

    asynchronous: ClassVar[bool] = False
    """Its driver is an asynchronous one, under SQLAlchemy's adaption: its calls run in a greenlet."""

    def engine(self, url: URL) -> Engine:
        """An engine of our own. Raises UnknownStore on a URL that names another driver, MissingExtra without it."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        """Whether the same schema serves both."""
        return type(self) is type(other) and self.strict == getattr(other, "strict", None)

    def __hash__(self) -> int:
        return hash((type(self), self.strict))

    # Connections

    def set_up(self, engine: Engine) -> None:
        """Have every connection of an engine of our own set as crmkit needs it, when it is made."""
        raise NotImplementedError

    def borrow(self, connection: Any, info: dict[Any, Any]) -> None:
        """Set a connection of a host's pool as crmkit needs it, for one unit. `info` lasts as long as the connection.

        Raises StoreError where it is of no use, saying how the host makes it so.
        """
        raise NotImplementedError

    def hand_back(self, connection: Any, info: dict[Any, Any]) -> None:
        """Set it as it was."""

    def join_before(self, held: Connection, connection: Any) -> None:
        """Do what has to come before the savepoint of a joined unit. Raises StoreError as `join` does."""
        del held
        self.join(connection)

    def join(self, connection: Any) -> None:
        """See that a unit can run in the transaction that a host has begun on the driver's connection.

        Raises StoreError where it cannot, saying how the host makes it so.
        """
        raise NotImplementedError

    def cursor(self, connection: Any) -> Any:
        """A cursor of the driver's connection that takes and gives values as the codecs have them."""
        return connection.cursor()

    def begin(self, cursor: Any, *, read_only: bool, tenant: str = "") -> None:
        """Begin a transaction on a tenant's rows: a reading one sees one moment throughout."""
        raise NotImplementedError

    def of_tenant(self, cursor: Any, tenant: str) -> None:
        """Tell the engine whose rows a host's transaction is about, where it guards them itself."""

    guards_rows: bool = False
    """The engine itself keeps each tenant's rows from the others: it has to be told whose a transaction is about."""

    def in_transaction(self, connection: Any) -> bool:
        """Whether the driver's connection is in a transaction."""
        raise NotImplementedError

    def has_begun(self, connection: Any) -> bool:
        """Whether a host's connection is in a transaction, or begins one with whatever statement comes first."""
        return self.in_transaction(connection)

    def alive(self, connection: Any) -> bool:
        """Whether the driver's connection is open still, as far as the driver knows."""
        del connection
        return True

    def interrupt(self, connection: Any) -> None:
        """Have a statement that another thread is waiting for end early, where the driver can."""

    # Statements

    mark: ClassVar[str] = "%s"
    """The place of a value in a statement."""

    quote: ClassVar[str] = '"'
    """What a name is quoted with."""

    def quoted(self, statement: str) -> str:
        """A statement in which names are quoted with `"`, with the engine's quotes; it has no other `"`."""
        return statement.replace('"', self.quote)

    def text(self, statement: str) -> str:
        """A statement written with `?` and `"`, as the engine's driver takes it; it has no other `?`, `%` and `"`."""
        return self.quoted(statement).replace("?", self.mark)

    def copy(self, cursor: Any, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows as a stream. `columns` gives the neutral type of each column by its name, in the rows' order."""
        raise NotImplementedError

    takes_lists: ClassVar[bool] = False
    """Whether a list can be bound as one value, to ask by `among` whether a column has one of them: a statement with
    thousands of values is taken apart by the driver, and by the server, at every call.
    """

    def among(self, column: ColumnElement[Any], listed: ColumnElement[Any]) -> ColumnElement[bool]:
        """The column has one of the listed values."""
        raise NotImplementedError

    lists_from: ClassVar[int | None] = None
    """From how many rows on it is faster to change them by one statement over a list of them; None: never."""

    def listed(self, columns: Mapping[str, str]) -> str:
        """A table `v` of the rows that are bound as `as_list` gives them; each column's neutral type by its name."""
        raise NotImplementedError

    def listed_value(self, column: str, type_: str) -> str:
        """A column of `v` as the engine stores values of its type."""
        del type_
        return f'"v"."{column}"'

    def as_list(self, rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
        """The parameters of `listed` for these rows."""
        raise NotImplementedError

    def locking_listed(self, chosen: str, listed: str, table: str, met: str) -> str:
        """A SELECT from the listed rows and those of the table, named `t`, that meet them, which it locks by id."""
        raise NotImplementedError

    def updating_listed(self, table: str, listed: str, sets: Mapping[str, str], met: str) -> str:
        """An UPDATE of the rows of the table, named `t`, that meet the listed ones."""
        raise NotImplementedError

    changes_at_once: ClassVar[bool] = False
    """One statement can be several that change rows: each sees what another gives back, and else what was before."""

    reckons_once: ClassVar[bool] = False
    """Whether what groups are made by and what is summed had better be worked out in rows of their own first."""

    def typed(self, type_: str) -> str:
        """The place of a value of a neutral type, where nothing around it tells its type."""
        raise NotImplementedError

    def counting(self, table: str, rule: str) -> str:
        """Moves a counter of the table by the rule, of `last` and one value. One that is not there stays so.

        An UPDATE, not an upsert: those who come second wait for the row in turn, where upserts of two counters have
        been seen to wait for each other.
        """
        return f"UPDATE {table} SET last = {rule} WHERE tenant_id = ? AND kind = ? AND scope = ? RETURNING last"  # noqa: S608

    def counted(self, cursor: Any) -> int | None:
        """Where the counter stands that the statement has moved, or None where there is none."""
        row = cursor.fetchone()
        return None if row is None else int(row[0])

    def starting(self, table: str) -> str:
        """Makes a counter; one that is there stays as it is."""
        return (
            f"INSERT INTO {table} (tenant_id, kind, scope, last) VALUES (?, ?, ?, ?) "  # noqa: S608 - our own table
            "ON CONFLICT (tenant_id, kind, scope) DO NOTHING"
        )

    @staticmethod
    def without_index(column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column that no index is to be looked up by, where the engine would rather than it should."""
        return column

    # Schema

    def type_of(self, column: Stored, *, indexed: bool) -> TypeEngine[Any]:
        """The type of a stored column, which an index may have to take."""
        raise NotImplementedError

    def text_type(self, length: int | None = None) -> TypeEngine[Any]:
        """The type of a text of so many characters at most."""
        raise NotImplementedError

    def type_rule(self, column: Stored) -> str:
        """The CHECK by which a column refuses values of another type; none where its type does."""
        del column
        return ""

    @property
    def table_options(self) -> dict[str, Any]:
        """What SQLAlchemy is told of every table."""
        return {}

    def index(self, name: str, columns: Sequence[Column[Any]], *, filled: Column[Any] | None = None) -> Index:
        """An index on the columns; of the rows alone in which `filled` is, where the engine can leave out others."""
        raise NotImplementedError

    def making(self, table: Table) -> tuple[str, ...]:
        """The statements that make a table with its indexes."""
        return (self.compiled(CreateTable(table)), *map(self.compiled, self.indexes(table)))

    @staticmethod
    def indexes(table: Table) -> list[CreateIndex]:
        """The statements that make a table's indexes, by name."""
        return [CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]

    def compiled(self, statement: CreateTable | CreateIndex) -> str:
        """A statement of the schema, as text."""
        return self.quoted(str(statement.compile(dialect=self.dialect)).strip())

    makes_tables_in_transactions: ClassVar[bool] = True
    """What changes the schema can be taken back; else each such statement commits by itself."""

    def making_schema(self, name: str) -> str:
        """The statement that makes a schema where there is none."""
        return f"CREATE SCHEMA IF NOT EXISTS {name}"

    def secure(self, cursor: Any, tables: Iterable[str]) -> None:
        """Have the engine guard the rows of tables, which are named in `"`, where it does and does not yet."""

    def existing(self, cursor: Any, schema: str) -> Collection[str]:
        """The names of the tables that there are in a schema, or in the connection's own."""
        raise NotImplementedError

    # Values

    def encode(self, type_: str, value: Any) -> Any:
        """A comparable value as it is bound for a column of that type."""
        if value is None:
            return None
        if type_ == "id":
            return value.bytes if isinstance(value, UUID) else value
        if type_ == "instant":
            return micros(value) if isinstance(value, datetime) else value
        return int(value) if type_ in ("flag", "whole") else value

    encoded_id: ClassVar[str] = "bytearray({0}.int.to_bytes(16, 'big'))"
    """How a codec makes an id's stored value."""

    encoded_day: ClassVar[str] = "{0}"
    """How a codec makes a day's stored value."""

    day_of: Callable[[Any], date] | None = None
    """How a codec reads a day's stored value; None where it is the day."""

    # The past

    def oldest_writer(self, cursor: Any) -> timedelta:
        """For how long the oldest open transaction has been open, as far as that can be seen."""
        del cursor
        return timedelta()

    # Errors

    def translated(self, error: Exception) -> StoreError:
        """The driver's error that is none of a constraint, in crmkit's words."""
        if self.disconnected(error):
            return Disconnected(f"the connection to the {self.name} server was lost: try again")
        if self.busy(error):
            return Busy("other units of work were in the way: try again")
        return StoreError(f"the {self.name} database refused: {error}")

    def unreached(self, error: Exception) -> StoreError:
        """The error of a connection that could not be had, in crmkit's words."""
        if isinstance(error, NoConnectionFree):
            return Busy("all connections are in use: end other units of work first")
        said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        return Disconnected(f"the {self.name} database cannot be reached: {said}")

    def busy(self, error: Exception) -> bool:
        """Whether the same unit of work, begun again, may succeed."""
        raise NotImplementedError

    def disconnected(self, error: Exception) -> bool:
        """Whether the connection is of no use any more."""
        del error
        return False

    def broken_constraint(self, error: Exception) -> Broken | None:
        """The constraint that an error is of; None for any other error."""
        raise NotImplementedError


def length_of(column: Stored) -> int:
    """How many characters a text that an index takes may have."""
    length = column.length or _SHORT
    return length * _GROWTH if column.holds in ("key", "part") else length
