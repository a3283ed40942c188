"""Run the comparisons and print their ratios: `python -m benchmarks [--opportunities 10000] [--rounds 9] …`."""

import argparse
import sqlite3
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from benchmarks.compare import Measured, measure, table
from benchmarks.loading import third_party
from benchmarks.questions import Sizes, inserting, reading


def measured(folder: Path, sizes: Sizes) -> list[Measured]:
    """Every question, measured. Raises AssertionError where crmkit and the floor do not agree."""
    with reading(folder, sizes) as questions:
        found = [measure(question, sizes.rounds) for question in questions]
    found.append(measure(inserting(folder, sizes), sizes.rounds))
    return found


def main() -> None:
    """Measure, and print the table."""
    given = argparse.ArgumentParser(prog="python -m benchmarks", description="crmkit against the bare driver")
    for field in attrs.fields(Sizes):
        given.add_argument(f"--{field.name}", type=int, default=field.default, help=f"(default: {field.default})")
    sizes = Sizes(**vars(given.parse_args()))
    with TemporaryDirectory(prefix="crmkit-benchmarks-") as folder:
        found = measured(Path(folder), sizes)
    print(
        f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}: a file, WAL, synchronous=FULL, both sides"
    )
    print(f"seed {sizes.seed}, medians of {sizes.rounds} rounds in turns\n")
    print(table(found))
    loaded = third_party("import crmkit; crmkit.Opportunity")
    print(f"\n`import crmkit` and an entity of it load no third-party package but {', '.join(loaded)}")


if __name__ == "__main__":
    main()
