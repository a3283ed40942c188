"""The command line: `python -m crmkit demo` walks a small company through the whole sales process."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from crmkit.errors import CrmkitError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m crmkit", description="The CRM domain as a library.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="build a small company and walk the whole sales process")
    demo.add_argument("--store", default="sqlite:///crmkit-demo.db", help="where to keep it (default: %(default)s)")
    demo.add_argument("--again", action="store_true", help="replace the file of an earlier run")
    demo.add_argument("--language", choices=("en", "es"), default="en", help="of the code tables' labels")
    demo.add_argument("--out", type=Path, default=Path(), help="folder for contacts and workbook (default: here)")
    chart = commands.add_parser("chart", help="print how the kinds of record relate, as Mermaid text")
    chart.add_argument("--language", choices=("en", "es"), default="en", help="of the labels")
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "chart":
            return _chart(asked.language)
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


if __name__ == "__main__":
    sys.exit(main())
