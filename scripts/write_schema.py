"""Write anew the schema as it is derived, for reviews: `python scripts/write_schema.py`. A test compares it.

With the name of a new revision (`python scripts/write_schema.py 0002`) it writes the whole schema as that revision has
it, with places for prefix and schema: for the first one. Later ones are written by hand, and say only what changes.
"""

import re
import sys
from pathlib import Path

from crmkit.entities import ENTITIES, Registry
from crmkit.stores.parquet.columns import sheets
from crmkit.stores.sql.engines import profile_of
from crmkit.stores.sql.migrations import VERSIONS
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.schema import Schema

SNAPSHOTS = Path(__file__).parent.parent / "tests" / "snapshots"
ENGINES = {"sqlite": {"strict": True}, "postgresql": {}, "mariadb": {}}


def ddl(engine: str, naming: Naming | None = None) -> str:
    """Every statement that makes the schema on an engine."""
    schema = Schema(Registry(ENTITIES), profile_of(engine, **ENGINES[engine]), naming or Naming())
    statements = (statement for table in schema.ddl.values() for statement in table)
    return "".join("\n".join(line.rstrip() for line in text.splitlines()) + ";\n\n" for text in statements)


def spelt(engine: str) -> str:
    """The same, with places for prefix and schema."""
    text = ddl(engine, Naming("prefix__", "schema__" if engine != "sqlite" else ""))
    quote = profile_of(engine).quote
    text = re.sub(rf"{quote}?\bprefix__(\w+)\b{quote}?", rf"{quote}{{prefix}}\1{quote}", text)
    return text.replace("schema__.", "{schema}").replace("prefix__", "{prefix}")


def arrow() -> str:
    """Every column of an export in Parquet, with its Arrow type."""
    fields = [(sheet.name, field) for sheet in sheets(Registry(ENTITIES)).values() for field in sheet.schema]
    return "".join(
        f"{name}.{field.name}: {field.type}{'' if field.nullable else ' not null'}"
        f"{' as JSON' if field.metadata else ''}\n"
        for name, field in fields
    )


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    (SNAPSHOTS / "arrow_schema.txt").write_text(arrow(), encoding="utf-8")
    for name in ENGINES:
        (SNAPSHOTS / f"ddl_{name}.sql").write_text(ddl(name), encoding="utf-8")
        for revision in sys.argv[1:]:
            (VERSIONS / f"{revision}_{name}.sql").write_text(spelt(name), encoding="utf-8")
