"""The command line: `python -m crmkit demo` walks a small company through the whole sales process."""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from crmkit.errors import CrmkitError

__all__ = ["main"]

_DEMO: Final = """Build an invented company in a database and walk the whole sales process, from a campaign over the
conversion of a prospect to an order and a forecast. Contacts (vCard) and a workbook are written beside it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m crmkit", description="The CRM domain as a library.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="build a small company and walk the whole sales process", description=_DEMO)
    demo.add_argument(
        "--store",
        default="sqlite:///crmkit-demo.db",
        metavar="URL",
        help="memory: or a file (default: %(default)s)",
    )
    demo.add_argument("--again", action="store_true", help="replace the files of an earlier run")
    demo.add_argument(
        "--language", choices=("en", "es"), default="en", help="of code tables and workbook (default: %(default)s)"
    )
    demo.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where contacts and workbook go (default: beside the file)"
    )
    chart = commands.add_parser("chart", help="print how the kinds of record relate, as Mermaid text")
    chart.add_argument("--language", choices=("en", "es"), default="en", help="of the labels")
    for name, said in (("dump", "write a whole tenant to a file"), ("load", "take a dump into an empty tenant")):
        moving = commands.add_parser(name, help=said, description=f"{said}, its history included".capitalize())
        moving.add_argument("store", metavar="URL", help="of the database")
        moving.add_argument("file", metavar="FILE", type=Path, help="JSON lines; compressed, if it ends in .gz")
        moving.add_argument("--tenant", default="default", help="whose records (default: %(default)s)")
    upgrade = commands.add_parser("upgrade", help="bring the schema of a database to this release")
    upgrade.add_argument("store", metavar="URL", help="of the database")
    upgrade.add_argument("--dry-run", action="store_true", help="print the statements and change nothing")
    upgrade.add_argument("--prefix", default="", help="what the names of the tables begin with")
    upgrade.add_argument("--schema", default="", help="the schema that they are in, if it is one of their own")
    asked = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to stop
    try:
        if asked.command == "chart":
            return _chart(asked.language)
        if asked.command == "upgrade":
            return _upgrade(asked.store, prefix=asked.prefix, schema=asked.schema, dry_run=asked.dry_run)
        if asked.command in ("dump", "load"):
            return _move(asked.command, asked.store, asked.file, asked.tenant)
        from crmkit.demo import run_demo  # noqa: PLC0415 - loaded on use

        return run_demo(asked.store, again=asked.again, language=asked.language, out=asked.out)
    except (CrmkitError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _chart(language: str) -> int:
    from crmkit.entities import ENTITIES, Registry  # noqa: PLC0415 - loaded on use
    from crmkit.reports.chart import relationship_chart  # noqa: PLC0415 - loaded on use

    sys.stdout.write(relationship_chart(Registry(ENTITIES), language=language) + "\n")
    return 0


def _upgrade(store: str, *, prefix: str, schema: str, dry_run: bool) -> int:
    from crmkit.app.connecting import upgrade  # noqa: PLC0415 - loaded on use

    names = {name: given for name, given in (("prefix", prefix), ("schema", schema)) if given}
    statements = upgrade(store, dry_run=dry_run, **names)
    if dry_run:
        sys.stdout.write("".join(f"{statement};\n\n" for statement in statements))
    else:
        sys.stdout.write(f"{len(statements)} statements run\n" if statements else "nothing to do\n")
    return 0


def _move(verb: str, store: str, file: Path, tenant: str) -> int:
    from crmkit.app.connecting import connect  # noqa: PLC0415 - loaded on use

    with connect(store, tenant=tenant, starter=None) as crm:
        moved = crm.dump(file) if verb == "dump" else crm.load(file)
    sys.stdout.write(f"{moved}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
