"""The SQL store: SQLAlchemy for schema, compiling, pool and transactions; the driver's cursor for the work."""

from collections.abc import Iterable

from sqlalchemy import MetaData

from crmkit.entities import ENTITIES, Record, Registry
from crmkit.stores.sql import tables
from crmkit.stores.sql.engines import profile_of
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.store import SqlStore

__all__ = ["SqlStore", "metadata"]


def metadata(*, engine: str, prefix: str = "", schema: str = "", entities: Iterable[type[Record]] = ()) -> MetaData:
    """All tables of crmkit and of a host's own `entities`, as SQLAlchemy knows tables, for a host's own migrations.

    `engine` is the name of the dialect: sqlite, postgresql, mysql. Raises UnknownStore on another one.
    """
    return tables.metadata(Registry((*ENTITIES, *entities)), profile_of(engine), Naming(prefix, schema))
