"""The SQL store: an engine, a schema, and what is generated from them once."""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from crmkit.entities import Registry
from crmkit.errors import Busy, Disconnected, SchemaTooNew, SchemaTooOld, StoreError
from crmkit.stores.sql.engines import Profile, own_engine, profile_of
from crmkit.stores.sql.instants import instant_of
from crmkit.stores.sql.joined import joined
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.schema import schema_of
from crmkit.stores.sql.tables import CLOCK, COUNTER, SCHEMA, SCHEMA_VERSION
from crmkit.stores.sql.transactions import OwnTransaction
from crmkit.stores.sql.unit import JoinedUnit, SqlUnit

__all__ = ["SqlStore"]

_MARGIN = timedelta(seconds=5)
_TRIES = 7


class SqlStore:
    """Keeps records in a relational database: SQLite, PostgreSQL or MariaDB. Its tables may stand beside others', under
    a `prefix` or in a `schema` of their own.

    With `strict_time`, which all that write must have, a tenant's units record at instants that rise, one after the
    other: each locks the tenant's clock, a row, from when it takes its instant until it ends.

    Safe across threads and processes. An in-memory database has one connection, so there one unit runs at a time;
    for records that need not last, the memory store is the better choice.
    """

    def __init__(
        self,
        engine: Engine,
        registry: Registry,
        *,
        profile: Profile | None = None,
        prefix: str = "",
        schema: str = "",
        strict_time: bool = False,
        own: bool = False,
    ) -> None:
        self.profile: Profile = profile or profile_of(engine.dialect.name, asynchronous=engine.dialect.is_async)
        self.engine = engine
        self.naming = Naming(prefix, schema)
        self._registry = registry
        self.schema = schema_of(registry, self.profile, self.naming)
        self._own = own
        self.strict_time = strict_time
        self.fault_at: Callable[[str], None] | None = None
        self._one_at_a_time = threading.Lock() if isinstance(engine.pool, StaticPool) else None

    @classmethod
    def from_url(
        cls,
        url: str,
        registry: Registry,
        *,
        prefix: str = "",
        schema: str = "",
        strict_time: bool = False,
        **settings: Any,
    ) -> Self:
        """A store on the database at a URL. `settings` are those of the engine's profile: all know `timeout`,
        SQLite's `durability` too. Raises UnknownStore, and MissingExtra where the engine's driver is not installed.
        """
        engine, profile = own_engine(url, **settings)
        return cls(engine, registry, profile=profile, prefix=prefix, schema=schema, strict_time=strict_time, own=True)

    @property
    def url(self) -> str:
        """Where the database is; a password in it is not shown."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._registry

    def prepare(self) -> bool:
        """Make the tables that are missing, all or none; True where there was no schema before.

        Raises SchemaTooNew where a newer crmkit has made the schema; then nothing is touched.
        """
        for tried in range(1, _TRIES):
            try:
                return self._prepared()
            except (SchemaTooNew, SchemaTooOld, Disconnected):
                raise
            except StoreError:
                time.sleep(random.uniform(0.01, 0.02 * 2**tried))  # noqa: S311 - spreads those who make the same tables
        return self._prepared()

    def _prepared(self) -> bool:
        connection = self.take()
        cursor = None
        try:
            cursor = connection.cursor()
            versioned = self._check_version(cursor)
            whole = versioned and not self.schema.metadata.tables.keys() - self._existing(cursor)
            if whole and not self.profile.guards_rows:
                return False
            self.profile.begin(cursor, read_only=False)
            made = not whole and self._create(cursor)
            self.profile.secure(cursor, map(self.schema.named, self.schema.of_tenants))
            cursor.execute("COMMIT")
        except StoreError:
            raise
        except Exception as cause:
            raise self.profile.translated(cause) from cause
        else:
            return made
        finally:
            if cursor is not None and self.profile.in_transaction(connection.dbapi_connection):
                cursor.execute("ROLLBACK")
            self.give_back(connection)

    def _check_version(self, cursor: Any) -> bool:
        """Whether a schema is there whole. Raises SchemaTooNew."""
        if self.naming.key(SCHEMA) not in self._existing(cursor):
            return False
        cursor.execute(self.profile.quoted(f"SELECT MAX(version_num) FROM {self.schema.named(SCHEMA)}"))  # noqa: S608
        found = cursor.fetchone()[0]
        if found is not None and found > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"the database has schema {found}, this crmkit knows up to {SCHEMA_VERSION}: upgrade crmkit"
            )
        if found is not None and found < SCHEMA_VERSION:
            raise SchemaTooOld(
                f"the database has schema {found}, this crmkit needs {SCHEMA_VERSION}: "
                "run python -m crmkit upgrade URL, or connect(URL, upgrade=True)"
            )
        return found is not None

    def _existing(self, cursor: Any) -> set[str]:
        """The tables that there are, as the schema's metadata knows them."""
        schema = self.naming.schema
        return {f"{schema}.{name}" if schema else name for name in self.profile.existing(cursor, schema)}

    def _create(self, cursor: Any) -> bool:
        if self.naming.schema:
            cursor.execute(self.profile.making_schema(self.naming.schema))
        existing = self._existing(cursor)
        for name, statements in self.schema.ddl.items():
            for statement in statements if name not in existing else ():
                cursor.execute(statement)
        schema = self.profile.quoted(self.schema.named(SCHEMA))
        cursor.execute(f"SELECT COUNT(*) FROM {schema}")  # noqa: S608 - our name
        new = not cursor.fetchone()[0]
        if new:
            cursor.execute(f"INSERT INTO {schema} (version_num) VALUES ('{SCHEMA_VERSION}')")  # noqa: S608 - our name
        return new

    def upgrade(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema to today's; the statements, which are only given where it is a `dry_run`.

        Raises SchemaTooNew, MissingExtra without the extra `migrations`, StoreError.
        """
        from crmkit.stores.sql.migrations import upgrade  # noqa: PLC0415 - Alembic is loaded on use

        return upgrade(self, dry_run=dry_run)

    @property
    def steady(self) -> bool:
        """Whether nobody else writes while a unit does, so that its questions see one moment."""
        return self.profile.one_writer

    @property
    def own(self) -> bool:
        """Whether the engine is the store's own, made from a URL, and no host's."""
        return self._own

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> SqlUnit:
        """A unit on a tenant's records; see the port."""
        read_only = read_only or as_of is not None
        bare = not (snapshot or self.profile.guards_rows)
        if not read_only:
            bare = bare and self.own and self.profile.changes_at_once and not self.strict_time
        transaction = OwnTransaction(self, tenant, read_only=read_only, bare=bare)
        return SqlUnit(self, tenant, clock, transaction, read_only=read_only, as_of=as_of)

    def join(
        self,
        host: Any,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        on_commit: Callable[[Callable[[], None]], object] | None = None,
    ) -> JoinedUnit:
        """A unit in the transaction that a host has open; see the port, and `joined`."""
        return JoinedUnit(self, tenant, clock, joined(self, host, tenant, on_commit), read_only=read_only)

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """A margin of five seconds before the oldest open transaction began, as far as the engine shows them: a unit
        records at one instant, taken after it began. In strict time, the last instant on the tenant's clock too.
        """
        if self.profile.one_writer and not self.strict_time:
            return now - _MARGIN
        connection = self.take()
        try:
            cursor = connection.cursor()
            lag = timedelta() if self.profile.one_writer else self.profile.oldest_writer(cursor)
            lagging = now - lag - _MARGIN
            return max(lagging, self._clock_of(cursor, tenant)) if self.strict_time else lagging
        except Exception as cause:
            raise self.profile.translated(cause) from cause
        finally:
            self.give_back(connection)

    def _clock_of(self, cursor: Any, tenant: str) -> datetime:
        """The instant that the last unit has recorded at."""
        said = f"SELECT last FROM {self.schema.named(COUNTER)} WHERE tenant_id = ? AND kind = '{CLOCK}'"  # noqa: S608
        cursor.execute(self.profile.text(said), (tenant,))
        row = cursor.fetchone()
        return instant_of(row[0] if row else 0)

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()

    def take(self) -> Any:
        """A connection of the pool, with the driver's own beneath it. Raises StoreError, Busy."""
        if self._one_at_a_time is not None and not self._one_at_a_time.acquire(timeout=self.profile.timeout):
            raise Busy("an in-memory database runs one unit of work at a time: end the other one first")
        try:
            connection = self.engine.raw_connection()
            if not self._own:
                self.profile.borrow(connection.dbapi_connection, connection.info)
        except StoreError:
            if self._one_at_a_time is not None:
                self._one_at_a_time.release()
            raise
        except Exception as cause:
            if self._one_at_a_time is not None:
                self._one_at_a_time.release()
            raise self.profile.unreached(cause) from cause
        return connection

    def lost(self, connection: Any, cause: Exception) -> None:
        """A connection was lost: it leaves the pool, and where the pool is ours the others do, which the same has
        happened to.
        """
        connection.invalidate(cause)
        if self._own:
            self.engine.dispose()

    def give_back(self, connection: Any) -> None:
        """Return a connection to the pool."""
        try:
            if not self._own and connection.is_valid:
                self.profile.hand_back(connection.dbapi_connection, connection.info)
            connection.close()
        finally:
            if self._one_at_a_time is not None:
                self._one_at_a_time.release()
