"""From the schema of any release to today's, by Alembic: each revision spells out what it does."""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from crmkit.errors import MissingExtra, SchemaTooNew, StoreError
from crmkit.stores.sql.tables import SCHEMA

if TYPE_CHECKING:
    from crmkit.stores.sql.store import SqlStore

__all__ = ["VERSIONS", "upgrade"]

VERSIONS: Final = Path(__file__).parent / "versions"
"""Where the revisions are."""

_TRIES: Final = 5
_ONE_AT_A_TIME: Final = threading.Lock()
"""Alembic's `op`, by which revisions speak, is one for the process."""


def upgrade(store: "SqlStore", *, dry_run: bool = False, versions: Path = VERSIONS) -> list[str]:
    """Bring the schema of a store to the newest revision; the statements that do it, in order.

    A `dry_run` gives them and changes nothing. On PostgreSQL and SQLite all is done or nothing; on MariaDB, where each
    statement commits by itself, an upgrade that failed is run again. Raises SchemaTooNew, MissingExtra, StoreError.
    """
    for tried in range(_TRIES):
        try:
            with _ONE_AT_A_TIME:
                return _upgraded(store, dry_run=dry_run, versions=versions)
        except (SchemaTooNew, MissingExtra):
            raise
        except (StoreError, SQLAlchemyError) as failed:  # two at once: one of them is first
            if tried == _TRIES - 1:
                raise StoreError(f"the {store.profile.name} database was not upgraded: {failed}") from failed
            time.sleep(0.1 * 2**tried)
    raise AssertionError("the loop returns or raises")


def _upgraded(store: "SqlStore", *, dry_run: bool, versions: Path) -> list[str]:
    try:
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - an optional dependency, loaded on use
        from alembic.script import ScriptDirectory  # noqa: PLC0415
    except ImportError as cause:
        raise MissingExtra("alembic", "migrations") from cause
    script = ScriptDirectory(str(versions.parent), version_locations=[str(versions)])
    said: list[str] = []
    with store.engine.connect() as connection, _transaction(store, connection, dry_run=dry_run):
        settings: dict[str, Any] = {
            "version_table": store.naming.prefix + SCHEMA,
            "version_table_schema": store.naming.schema or None,
            "crmkit": store,
        }
        now = MigrationContext.configure(connection, opts=settings).get_current_revision()
        known = [revision.revision for revision in script.walk_revisions()]
        if now is not None and now not in known:
            raise SchemaTooNew(f"the database has schema {now}, this crmkit knows up to {known[0]}: upgrade crmkit")
        steps = list(script.iterate_revisions("heads", now or "base"))[::-1]
        for step in steps:
            text = io.StringIO()
            _step(script, step, connection, {**settings, "as_sql": True, "output_buffer": text, "starting_rev": now})
            if not dry_run:
                _step(script, step, connection, settings)
            said += _statements(text.getvalue())
            now = step.revision
    return said


def _step(script: Any, step: Any, connection: Connection, settings: dict[str, Any]) -> None:
    """Take one step, or write down its statements."""
    from alembic.operations import Operations  # noqa: PLC0415 - an optional dependency, loaded on use
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    context = MigrationContext.configure(connection, opts=settings)
    with Operations.context(context):
        step.module.upgrade()
    context.stamp(script, step.revision)


@contextmanager
def _transaction(store: "SqlStore", connection: Connection, *, dry_run: bool) -> Iterator[None]:
    """One transaction on the engine, where it has such for statements of the schema."""
    begun = store.own and store.profile.makes_tables_in_transactions
    cursor = connection.connection.cursor()
    if begun:
        store.profile.begin(cursor, read_only=False)
    try:
        yield
    except BaseException:
        if begun:
            cursor.execute("ROLLBACK")
        raise
    if begun:
        cursor.execute("ROLLBACK" if dry_run else "COMMIT")
    elif not store.own:
        (connection.rollback if dry_run else connection.commit)()


def _statements(text: str) -> list[str]:
    return [one.strip() for one in text.split(";\n\n") if one.strip()]
