"""The statements of a revision, kept as they were released: a file an engine, with places for prefix and schema."""

from pathlib import Path
from typing import Any

__all__ = ["run"]


def run(revision: str) -> None:
    """Run the statements of a revision that are spelt out for the engine, within Alembic."""
    from alembic import op  # noqa: PLC0415 - an optional dependency, loaded on use

    store: Any = op.get_context().opts["crmkit"]
    file = Path(__file__).parent / "versions" / f"{revision}_{store.profile.name.lower()}.sql"
    schema = f"{store.naming.schema}." if store.naming.schema else ""
    if schema:
        op.execute(store.profile.making_schema(store.naming.schema))
    text = file.read_text(encoding="utf-8").replace("{schema}", schema).replace("{prefix}", store.naming.prefix)
    for statement in text.split(";\n\n"):
        if statement.strip():
            op.execute(statement.strip().replace(":", "\\:"))
