"""Write anew the schema as it is derived, for reviews: `python scripts/write_schema.py`. A test compares it."""

from pathlib import Path

from crmkit.entities import ENTITIES, Registry
from crmkit.stores.sql.engines import profile_of
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.schema import Schema

SNAPSHOTS = Path(__file__).parent.parent / "tests" / "snapshots"
ENGINES = {"sqlite": {"strict": True}, "postgresql": {}, "mariadb": {}}


def ddl(engine: str) -> str:
    """Every statement that makes the schema on an engine."""
    schema = Schema(Registry(ENTITIES), profile_of(engine, **ENGINES[engine]), Naming())
    statements = (statement for table in schema.ddl.values() for statement in table)
    return "".join("\n".join(line.rstrip() for line in text.splitlines()) + ";\n\n" for text in statements)


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for name in ENGINES:
        (SNAPSHOTS / f"ddl_{name}.sql").write_text(ddl(name), encoding="utf-8")
