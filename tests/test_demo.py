"""The main job, from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import crmkit
from crmkit.__main__ import main

BLOCKED = """
import sys
for name in ("rich", "xlsxwriter"):
    sys.modules[name] = None
from crmkit.__main__ import main
raise SystemExit(main(["demo", "--store", "memory:"]))
"""


def run(*arguments: str, where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the interpreter of the tests
        [sys.executable, *arguments],
        cwd=where,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demonstration_walks_the_whole_process(tmp_path: Path) -> None:
    """From a campaign to a forecast, on an SQLite file that holds it all afterwards."""
    done = run("-m", "crmkit", "demo", where=tmp_path)
    assert done.returncode == 0, done.stderr
    for said in (
        "Convert prospect P000001",
        "is customer C000002 already",
        "116,810.00 EUR",
        "173,000.00 EUR",
        "Done.",
    ):
        assert said in done.stdout
    assert (tmp_path / "crmkit-demo.xlsx").stat().st_size > 10_000
    assert (tmp_path / "crmkit-demo.vcf").read_text(encoding="utf-8").count("BEGIN:VCARD") == 1
    with crmkit.connect(f"sqlite:///{tmp_path / 'crmkit-demo.db'}") as crm:
        assert crm.opportunities.count() == 3
        assert crm.orders.find()[0].total == crmkit.Money("116810", "EUR")


def test_a_file_of_an_earlier_run_is_not_overwritten_unasked(tmp_path: Path) -> None:
    """It is refused, and replaced where asked for."""
    store = f"sqlite:///{tmp_path / 'kept.db'}"
    where = ["demo", "--store", store, "--out", str(tmp_path)]
    assert main(where) == 0
    before = (tmp_path / "kept.db").read_bytes()
    assert main(where) == 1
    assert (tmp_path / "kept.db").read_bytes() == before
    assert main([*where, "--again", "--language", "es"]) == 0


def test_without_optional_packages_it_goes_on(tmp_path: Path) -> None:
    """Tables are plain, and the missing extra is named."""
    done = run("-c", BLOCKED, where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pip install 'crmkit[excel]'" in done.stdout


def test_the_chart_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """As Mermaid text."""
    assert main(["chart"]) == 0
    assert "Opportunity" in capsys.readouterr().out
