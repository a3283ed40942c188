"""The SQL store: SQLAlchemy for schema, compiling, pool and transactions; the driver's cursor for the work."""

from crmkit.stores.sql.store import SqlStore
from crmkit.stores.sql.tables import metadata

__all__ = ["SqlStore", "metadata"]
