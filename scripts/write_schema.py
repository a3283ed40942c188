"""Write anew the schema as it is derived, for reviews: `python scripts/write_schema.py`. A test compares it."""

from pathlib import Path

from crmkit.entities import ENTITIES, Registry
from crmkit.stores.sql.schema import Schema
from crmkit.stores.sql.sqlite import SqliteProfile

SNAPSHOT = Path(__file__).parent.parent / "tests" / "snapshots" / "ddl_sqlite.sql"


def ddl() -> str:
    """Every statement that makes the SQLite schema."""
    schema = Schema(Registry(ENTITIES), SqliteProfile(strict=True), "")
    statements = (statement for table in schema.ddl.values() for statement in table)
    return "".join("\n".join(line.rstrip() for line in text.splitlines()) + ";\n\n" for text in statements)


if __name__ == "__main__":
    SNAPSHOT.parent.mkdir(exist_ok=True)
    SNAPSHOT.write_text(ddl(), encoding="utf-8")
