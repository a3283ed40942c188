"""crmkit's opportunities through the ORM of SQLAlchemy: a declarative class on crmkit's own table.

Ids are UUIDs and instants aware datetimes, by types of its own that convert without a detour; sums and shares stay the
integers that the table has.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, create_engine, event, insert, select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import UserDefinedType

from benchmarks.floor import TENANT

__all__ = ["Peer"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SETTINGS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


class _Id(UserDefinedType[UUID]):
    """A UUID as its bytes, for SQLite."""

    cache_ok = True

    def bind_processor(self, _: Any) -> Callable[[UUID | None], bytes | None]:
        return lambda value: None if value is None else value.bytes

    def result_processor(self, _: Any, __: object) -> Callable[[bytes | None], UUID | None]:
        return lambda value: None if value is None else UUID(bytes=value)


class _Instant(UserDefinedType[datetime]):
    """Microseconds since 1970."""

    cache_ok = True

    def bind_processor(self, _: Any) -> Callable[[datetime | None], int | None]:
        return lambda value: None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def result_processor(self, _: Any, __: object) -> Callable[[int], datetime]:
        return lambda value: _EPOCH + timedelta(microseconds=value)


class _Base(DeclarativeBase):
    type_annotation_map: ClassVar = {
        UUID: Uuid().with_variant(_Id(), "sqlite"),
        datetime: _Instant(),
        int: BigInteger(),
        str: Text(),
    }


class _Opportunity(_Base):
    __tablename__ = "opportunity"

    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    custom: Mapped[str | None]
    number: Mapped[str]
    number_key: Mapped[str | None]
    description: Mapped[str]
    description_key: Mapped[str | None]
    account: Mapped[UUID]
    status: Mapped[str | None]
    stage: Mapped[str | None]
    source: Mapped[str | None]
    lead: Mapped[UUID | None]
    campaign: Mapped[UUID | None]
    estimated_value: Mapped[int | None]
    estimated_value_currency: Mapped[str | None]
    probability: Mapped[int | None]
    projected_close: Mapped[date | None]
    closed_on: Mapped[date | None]
    salesperson: Mapped[UUID | None]
    territory: Mapped[UUID | None]
    won_reason: Mapped[str | None]
    lost_reason: Mapped[str | None]
    forecast_category: Mapped[str]
    next_step: Mapped[str]
    follow_up_on: Mapped[date | None]


class Peer:
    """An engine and a session that stays open. What a read gave is expunged before the next: each makes its objects."""

    name = "SQLAlchemy ORM"

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite"):
            self.engine = create_engine(url, connect_args={"cached_statements": 512})
            event.listen(self.engine, "connect", _set_up)
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        else:
            self.engine = create_engine(url)
        self.session = Session(self.engine)

    def close(self) -> None:
        self.session.close()
        self.engine.dispose()

    def read_all(self) -> list[Any]:
        self.session.expunge_all()
        query = select(_Opportunity).where(_Opportunity.tenant_id == TENANT).order_by(_Opportunity.id)
        return list(self.session.execute(query).scalars().all())

    def page(self, close: date, id: UUID, limit: int) -> list[Any]:
        self.session.expunge_all()
        place = tuple_(_Opportunity.projected_close, _Opportunity.id)
        query = select(_Opportunity).where(_Opportunity.tenant_id == TENANT, place > (close, id))
        query = query.order_by(_Opportunity.projected_close, _Opportunity.id).limit(limit)
        return list(self.session.execute(query).scalars().all())

    def get(self, id: UUID) -> Any:
        found = self.session.get_one(_Opportunity, (TENANT, id))
        self.session.expunge(found)
        return found

    def insert(self, rows: list[dict[str, Any]]) -> None:
        with Session(self.engine) as session, session.begin():
            if self.engine.dialect.name == "sqlite":  # the faster way there; on PostgreSQL it is the slower one
                session.execute(insert(_Opportunity), rows)
            else:
                session.add_all([_Opportunity(**row) for row in rows])


def _set_up(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}").close()
