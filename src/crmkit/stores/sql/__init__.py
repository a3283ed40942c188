"""The SQL store: SQLAlchemy for schema, compiling, pool and transactions; the driver's cursor for the work."""

from collections.abc import Iterable

from sqlalchemy import MetaData

from crmkit.entities import ENTITIES, Record, Registry
from crmkit.stores.sql import tables
from crmkit.stores.sql.engines import profile_of
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.store import SqlStore

__all__ = ["SqlStore", "distribution", "metadata"]


def metadata(*, engine: str, prefix: str = "", schema: str = "", entities: Iterable[type[Record]] = ()) -> MetaData:
    """All tables of crmkit and of a host's own `entities`, as SQLAlchemy knows tables, for a host's own migrations.

    `engine` is the name of the dialect: sqlite, postgresql, mysql. Raises UnknownStore on another one.
    """
    return tables.metadata(Registry((*ENTITIES, *entities)), profile_of(engine), Naming(prefix, schema))


def distribution(*, prefix: str = "", schema: str = "", entities: Iterable[type[Record]] = ()) -> list[str]:
    """The statements by which Citus spreads crmkit's tables over its nodes by tenant, those referred to first, once the
    tables are there: run each in a transaction of its own, before there are rows.
    """
    naming = Naming(prefix, schema)
    made = tables.metadata(Registry((*ENTITIES, *entities)), profile_of("postgresql"), naming)
    found: list[str] = []
    first = ""
    for table in made.sorted_tables:
        name = str(table.key)
        if "tenant_id" not in table.c:
            found.append(f"SELECT create_reference_table('{name}')")
            continue
        beside = f", colocate_with => '{first}'" if first else ""
        found.append(f"SELECT create_distributed_table('{name}', 'tenant_id'{beside})")
        first = first or name
    return found
