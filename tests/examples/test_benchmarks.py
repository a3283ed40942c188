"""The comparisons run, and both sides give the same answers; how fast is nobody's test."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_comparisons_run_and_both_sides_agree():
    """With tiny numbers, every question is asked both ways; an answer that differed would end the run."""
    tiny = {"opportunities": 60, "gets": 5, "pages": 2, "rounds": 1}
    arguments = [part for name, value in tiny.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if "≤" in line or ">" in line]
    asked = ["read 60", "read 60", "a page", "a page", "get by id", "begin, get", "get by id", "get_many", "insert"]
    assert [row.startswith(start) for row, start in zip(rows, asked, strict=True)] == [True] * len(asked)


def test_the_comparisons_on_postgresql_run_and_both_sides_agree(servers):
    """The same, on the server that tests use."""
    tiny = {"opportunities": 60, "gets": 5, "pages": 2, "rounds": 1}
    arguments = [part for name, value in tiny.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks.postgresql", servers.url("postgresql", fresh=True), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if "≤" in line or ">" in line]) == 6


@pytest.mark.parametrize("flags", [[], ["--postgresql"]], ids=["sqlite", "postgresql"])
def test_the_peers_run_and_give_equal_values(servers, flags):
    """SQLAlchemy's and Django's ORMs answer every question as crmkit does."""
    if flags:
        servers.url("postgresql")  # skips where there is no server
    tiny = {"opportunities": 60, "gets": 5, "pages": 2, "rounds": 1}
    arguments = [part for name, value in tiny.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks.peers", *flags, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if "≥" in line or "<" in line]) == 8


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mariadb"])
def test_the_conversions_run_and_all_sides_agree(servers, engine):
    """By hand, by crmkit, by an ORM, and in bulk: what hung from each prospect hangs from its customer."""
    if engine != "sqlite":
        servers.url(engine)  # skips where there is no server
    tiny = {"conversions": 2, "rounds": 1, "many": 60, "bulk": 3, "bulks": 1}
    arguments = [part for name, value in tiny.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks.conversion", engine, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if " to " in line]) == 7


def test_what_it_costs_to_look_ahead_is_measured():
    """With tiny numbers: what is learnt, imagined and explained counts all that there is, or the run ends."""
    tiny = {"rows": 200, "deals": 20, "changes": 3, "rounds": 1}
    arguments = [part for name, value in tiny.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", "benchmarks.foreseeing", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stdout.splitlines() if "goal" in line or " times" in line]) == 8


def test_importing_crmkit_loads_attrs_alone():
    """`import crmkit` and an entity of it bring no third-party package but attrs."""
    command = [
        sys.executable,
        "-c",
        "from benchmarks.loading import third_party as t; print(*t('import crmkit; crmkit.Lead'))",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603 - our own
    assert done.stdout.split() == ["attrs"]
