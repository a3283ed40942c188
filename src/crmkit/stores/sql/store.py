"""The SQL store: an engine, a schema, and what is generated from them once."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from crmkit.entities import Registry
from crmkit.errors import Busy, SchemaTooNew, StoreError, UnknownStore
from crmkit.stores.sql.schema import schema_of
from crmkit.stores.sql.sqlite import SqliteProfile
from crmkit.stores.sql.tables import SCHEMA, SCHEMA_VERSION
from crmkit.stores.sql.unit import SqlUnit

__all__ = ["SqlStore"]

_MARGIN = timedelta(seconds=5)


class SqlStore:
    """Keeps records in a relational database: today SQLite. Its tables may stand beside others', under a `prefix`.

    Safe across threads and processes. An in-memory database has one connection, so there one unit runs at a time;
    for records that need not last, the memory store is the better choice.
    """

    def __init__(
        self, engine: Engine, registry: Registry, *, profile: SqliteProfile | None = None, prefix: str = ""
    ) -> None:
        if engine.dialect.name != "sqlite":
            raise UnknownStore(f"no store serves {engine.dialect.name} yet: use SQLite")
        self.profile = profile or SqliteProfile()
        self.engine = engine
        self.prefix = prefix
        self._registry = registry
        self.schema = schema_of(registry, self.profile, prefix)
        self.fault_at: Callable[[str], None] | None = None
        self._one_at_a_time = threading.Lock() if isinstance(engine.pool, StaticPool) else None
        self.profile.set_up(engine)

    @classmethod
    def from_url(
        cls, url: str, registry: Registry, *, prefix: str = "", durability: str = "full", timeout: float = 5.0
    ) -> Self:
        """A store on the database at a URL. `durability` and `timeout` as in `SqliteProfile`."""
        profile = SqliteProfile(durability=durability, timeout=timeout)
        return cls(profile.engine(url), registry, profile=profile, prefix=prefix)

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
        connection = self.take()
        try:
            cursor = connection.cursor()
            self._check_version(cursor)
            if not self.schema.metadata.tables.keys() - self.profile.existing(cursor):
                return False
            cursor.execute(self.profile.begin_writing)
            try:
                return self._create(cursor)
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
        except StoreError:
            raise
        except Exception as cause:
            raise self.profile.translated(cause) from cause
        finally:
            self.give_back(connection)

    def _check_version(self, cursor: Any) -> None:
        if self.prefix + SCHEMA not in self.profile.existing(cursor):
            return
        found = cursor.execute(f'SELECT MAX(version) FROM "{self.prefix}{SCHEMA}"').fetchone()[0]  # noqa: S608 - our name
        if found is not None and found > SCHEMA_VERSION:
            raise SchemaTooNew(
                f"the database has schema {found}, this crmkit knows up to {SCHEMA_VERSION}: upgrade crmkit"
            )

    def _create(self, cursor: Any) -> bool:
        existing = self.profile.existing(cursor)
        new = self.prefix + SCHEMA not in existing
        for name, statements in self.schema.ddl.items():
            for statement in statements if name not in existing else ():
                cursor.execute(statement)
        if new:
            cursor.execute(f'INSERT INTO "{self.prefix}{SCHEMA}" (version) VALUES ({SCHEMA_VERSION})')  # noqa: S608
        cursor.execute("COMMIT")
        return new

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
    ) -> SqlUnit:
        """A unit on a tenant's records; see the port."""
        return SqlUnit(self, tenant, clock, read_only=read_only or as_of is not None, as_of=as_of)

    def settled(self, now: datetime) -> datetime:
        """A margin of five seconds ago: a unit records at the instant at which it got hold of the right to write."""
        return now - _MARGIN

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()

    def take(self) -> Any:
        """A connection of the pool, with the driver's own beneath it. Raises StoreError, Busy."""
        if self._one_at_a_time is not None and not self._one_at_a_time.acquire(timeout=self.profile.timeout):
            raise Busy("an in-memory database runs one unit of work at a time: end the other one first")
        try:
            return self.engine.raw_connection()
        except Exception as cause:
            if self._one_at_a_time is not None:
                self._one_at_a_time.release()
            raise self.profile.translated(cause) from cause

    def give_back(self, connection: Any) -> None:
        """Return a connection to the pool."""
        try:
            connection.close()
        finally:
            if self._one_at_a_time is not None:
                self._one_at_a_time.release()
