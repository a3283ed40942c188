"""Write the database of a release, with a record of every kind, for tests: `python scripts/write_fixture.py 1`.

Once a release is out, its files stay as they are.
"""

import json
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import crmkit
from crmkit.entities import ENTITIES
from crmkit.exchange.plain import to_plain
from crmkit.testing.records import World

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"


def write(release: str) -> None:
    """The rows as SQLite's own dump, and what is to be read of them."""
    FIXTURES.mkdir(exist_ok=True)
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "crm.db"
        with crmkit.connect(f"sqlite:///{file}", clock=lambda: now, starter=None) as crm:
            world = World(crm.registry)
            for kind in ENTITIES:
                world.make(kind, full=True)
            unit = crm.store.begin(tenant="default", clock=lambda: now)
            unit.apply(crmkit.Changes(creates=world.made), by="importer")
            unit.commit()
            with crm.begin(read_only=True) as work:
                kept = {
                    spec.about.plural: [to_plain(one) for one in work.unit.stream(crmkit.Query(kind=spec.cls))]
                    for spec in crm.registry.specs
                }
        connection = sqlite3.connect(file)
        dump = "\n".join(connection.iterdump()) + "\n"
        connection.close()
    (FIXTURES / f"schema_{release}.sql").write_text(dump, encoding="utf-8")
    (FIXTURES / f"schema_{release}.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(name)
