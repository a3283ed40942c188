"""The conversion through the ORM of SQLAlchemy: load the prospect and what hangs from it, point it elsewhere, flush."""

from typing import Any, Final

from sqlalchemy import MetaData, create_engine, event, select
from sqlalchemy.orm import Session, registry

from benchmarks.floor import TENANT

__all__ = ["ByOrm"]

_HANGING: Final = {
    "lead": ("account",),
    "opportunity": ("account",),
    "estimate": ("account",),
    "contact_account": ("account",),
    "interaction": ("subject", "subject_account"),
    "team_assignment": ("target", "target_account"),
    "note": ("target",),
}
_SETTINGS: Final = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


class ByOrm:
    """An engine, and classes that are mapped to crmkit's own tables; each conversion has a session of its own."""

    def __init__(self, url: str, metadata: MetaData) -> None:
        if url.startswith("sqlite"):
            self.engine = create_engine(url, connect_args={"cached_statements": 512})
            event.listen(self.engine, "connect", _set_up)
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        else:
            self.engine = create_engine(url)
        mapped = registry(metadata=metadata)
        self.classes: dict[str, Any] = {}
        for table in ("account", *_HANGING):
            self.classes[table] = made = type(table.title().replace("_", ""), (), {})
            mapped.map_imperatively(made, metadata.tables[table])
        self._columns = [column.name for column in metadata.tables["account"].columns]

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def convert(self, prospect: Any, customer: Any, number: str, at: int) -> None:
        """Make a customer of a prospect, ids as the tables have them."""
        of_account = self.classes["account"]
        with Session(self.engine) as session, session.begin():
            old = session.get_one(of_account, (TENANT, prospect))
            new = of_account()
            for name in self._columns:
                setattr(new, name, getattr(old, name))
            new.id, new.kind, new.version, new.recorded_at = customer, "customer", 1, at
            new.prospect_number = new.prospect_number_key = None
            new.customer_number, new.customer_number_key, new.credit_hold = number, number.lower(), 0
            session.add(new)
            for table, fields in _HANGING.items():
                kind = self.classes[table]
                query = select(kind).where(kind.tenant_id == TENANT, getattr(kind, fields[0]) == prospect)
                for one in session.scalars(query):
                    for field in fields:
                        setattr(one, field, customer)
            session.delete(old)


def _set_up(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}").close()
