"""crmkit's opportunities through Django's ORM: an unmanaged model on crmkit's own table.

Ids are UUIDs and instants aware datetimes, by fields of its own; sums and shares stay the integers that the table has.
"""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import django
from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import Q
from sqlalchemy import make_url

from benchmarks.floor import TENANT

__all__ = ["Peer"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

settings.configure(DATABASES={}, USE_TZ=True)
django.setup()


class _Id(models.Field):  # type: ignore[misc] # Django has no types
    """A UUID: PostgreSQL's own, or its bytes on SQLite."""

    def db_type(self, connection: Any) -> str:
        return "uuid" if connection.features.has_native_uuid_field else "blob"

    def get_db_prep_value(self, value: UUID | None, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        return value if value is None or connection.features.has_native_uuid_field else value.bytes

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [] if connection.features.has_native_uuid_field else [_id_of]


class _Instant(models.BigIntegerField):  # type: ignore[misc] # Django has no types
    """Microseconds since 1970."""

    def get_prep_value(self, value: datetime) -> int:
        return (value - _EPOCH) // timedelta(microseconds=1)

    def from_db_value(self, value: int, *_: Any) -> datetime:
        return _EPOCH + timedelta(microseconds=value)


def _id_of(value: bytes | None, *_: Any) -> UUID | None:
    return None if value is None else UUID(bytes=value)


_text_or_null: Final = partial(models.TextField, null=True)


class _Opportunity(models.Model):  # type: ignore[misc] # Django has no types
    tenant_id = models.TextField()
    id = _Id(primary_key=True)
    version = models.BigIntegerField()
    recorded_at = _Instant()
    recorded_by = models.TextField()
    custom = _text_or_null()
    number = models.TextField()
    number_key = _text_or_null()
    description = models.TextField()
    description_key = _text_or_null()
    account = _Id()
    status = _text_or_null()
    stage = _text_or_null()
    source = _text_or_null()
    lead = _Id(null=True)
    campaign = _Id(null=True)
    estimated_value = models.BigIntegerField(null=True)
    estimated_value_currency = _text_or_null()
    probability = models.BigIntegerField(null=True)
    projected_close = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    salesperson = _Id(null=True)
    territory = _Id(null=True)
    won_reason = _text_or_null()
    lost_reason = _text_or_null()
    forecast_category = models.TextField()
    next_step = models.TextField()
    follow_up_on = models.DateField(null=True)

    class Meta:
        app_label = "benchmarks"
        db_table = "opportunity"
        managed = False

    def __str__(self) -> str:
        return str(self.description)


class Peer:
    """A connection of Django's, in autocommit as it is by default."""

    name = "Django ORM"

    def __init__(self, url: str) -> None:
        self.alias = url
        connections.databases[url] = {**connections.databases["default"], **_database(url)}
        self.objects: Any = _Opportunity.objects.using(url)

    def close(self) -> None:
        connections[self.alias].close()

    def read_all(self) -> list[Any]:
        return list(self.objects.filter(tenant_id=TENANT).order_by("id"))

    def page(self, close: date, id: UUID, limit: int) -> list[Any]:
        behind = Q(projected_close__gt=close) | Q(id__gt=id)
        found = self.objects.filter(behind, tenant_id=TENANT, projected_close__gte=close)
        return list(found.order_by("projected_close", "id")[:limit])

    def get(self, id: UUID) -> Any:
        return self.objects.get(tenant_id=TENANT, id=id)

    def insert(self, rows: list[dict[str, Any]]) -> None:
        with transaction.atomic(using=self.alias):
            self.objects.bulk_create([_Opportunity(**row) for row in rows])


def _database(url: str) -> dict[str, Any]:
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"
        options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE", "cached_statements": 512}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.database, "OPTIONS": options}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at.database,
        "USER": at.username,
        "PASSWORD": at.password,
        "HOST": at.host,
        "PORT": at.port,
        "OPTIONS": dict(at.query),
    }
