"""The floor on PostgreSQL: psycopg alone, written by hand for crmkit's own tables, building the very same entities.

Ids come as their bytes, as they do for crmkit: the driver's own UUIDs would make the floor slower than it can be.
"""

import gc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import Format

from benchmarks.floor import COLUMNS, TENANT, builder
from crmkit import Opportunity

__all__ = ["get", "get_many", "insert", "opened", "page", "read_all"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ALL: Final = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = %s ORDER BY id"  # noqa: S608 - our own names
_ONE: Final = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = %s AND id = %s"  # noqa: S608
_MANY: Final = f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = %s AND id = ANY(%s::uuid[])"  # noqa: S608
_PAGE: Final = (
    f"SELECT {COLUMNS} FROM opportunity WHERE tenant_id = %s AND projected_close IS NOT NULL "  # noqa: S608
    "AND (projected_close, id) > (%s, %s) ORDER BY projected_close, id LIMIT %s"
)
_INSERT: Final = (
    "COPY opportunity (tenant_id, id, version, recorded_at, recorded_by, number, number_key, description, "
    "description_key, account, status, stage, source, estimated_value, estimated_value_currency, probability, "
    "projected_close, salesperson, forecast_category, next_step, follow_up_on) FROM STDIN (FORMAT BINARY)"
)
_TYPES: Final = (
    *("text", "uuid", "int8", "int8", "text", "text", "text", "text", "text", "uuid", "text", "text", "text"),
    *("int8", "text", "int8", "date", "uuid", "text", "text", "date"),
)


def _day(value: date) -> date:
    return value


_built: Final = builder(_day)


class _IdDumper(Dumper):
    format = Format.BINARY
    oid = psycopg.adapters.types["uuid"].oid

    def dump(self, obj: Any) -> Buffer:
        return bytes(obj)


class _IdLoader(Loader):
    format = Format.TEXT

    def load(self, data: Buffer) -> bytes:
        return bytes.fromhex(bytes(data).decode("ascii").replace("-", ""))


def opened(url: str) -> psycopg.Connection[Any]:
    """A connection in autocommit, whose ids are bytes."""
    connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    connection.adapters.register_dumper(bytes, _IdDumper)
    connection.adapters.register_loader("uuid", _IdLoader)
    return connection


def read_all(cursor: psycopg.Cursor[Any]) -> list[Opportunity]:
    """All opportunities, by id."""
    gc.disable()
    try:
        return _built(cursor.execute(_ALL, (TENANT,)).fetchall())
    finally:
        gc.enable()


def get(cursor: psycopg.Cursor[Any], id: UUID) -> Opportunity:
    """The opportunity with that id."""
    return _built(cursor.execute(_ONE, (TENANT, id.bytes)).fetchall())[0]


def get_many(cursor: psycopg.Cursor[Any], ids: Sequence[UUID]) -> list[Opportunity]:
    """The opportunities with those ids, in their order."""
    found = {one.id: one for one in _built(cursor.execute(_MANY, (TENANT, [id.hex for id in ids])).fetchall())}
    return [found[id] for id in ids]


def page(cursor: psycopg.Cursor[Any], after: Opportunity, limit: int) -> list[Opportunity]:
    """So many opportunities, by projected close, that come behind that one."""
    return _built(cursor.execute(_PAGE, (TENANT, after.projected_close, after.id.bytes, limit)).fetchall())


def insert(
    cursor: psycopg.Cursor[Any], records: Sequence[Opportunity], new_id: Callable[[], UUID], now: datetime
) -> None:
    """Save opportunities that have no ids and numbers yet, and commit."""
    since = now - _EPOCH
    at = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    cursor.execute("BEGIN")
    asked = "SELECT last FROM number_counter WHERE tenant_id = %s AND kind = 'opportunity.' AND scope = '' FOR UPDATE"
    last = cursor.execute(asked, (TENANT,)).fetchone()
    count = last[0] if last else 0
    with cursor.copy(_INSERT) as copy:
        copy.set_types(_TYPES)
        for one in records:
            count += 1
            value, share, seller = one.estimated_value, one.probability, one.salesperson
            copy.write_row(
                (
                    TENANT,
                    new_id().bytes,
                    1,
                    at,
                    "",
                    f"O{count:06d}",
                    f"o{count:06d}",
                    one.description,
                    " ".join(one.description.lower().split()),
                    one.account.bytes,
                    one.status or "open",
                    one.stage or None,
                    one.source or None,
                    value.minor if value else None,
                    value.currency if value else None,
                    None if share is None else share.basis_points,
                    one.projected_close,
                    None if seller is None else seller.bytes,
                    one.forecast_category,
                    one.next_step,
                    one.follow_up_on,
                )
            )
    kept = "INSERT INTO number_counter VALUES (%s, 'opportunity.', '', %s) ON CONFLICT (tenant_id, kind, scope) "
    cursor.execute(kept + "DO UPDATE SET last = EXCLUDED.last", (TENANT, count))
    cursor.execute("COMMIT")
