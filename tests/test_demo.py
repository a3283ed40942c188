"""The main job, from the command line."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import crmkit
from crmkit.__main__ import main
from crmkit.demo import closing

BLOCKED = """
import sys
for name in ("rich", "xlsxwriter"):
    sys.modules[name] = None
from crmkit.__main__ import main
raise SystemExit(main(sys.argv[1:]))
"""
PLAIN = ("-c", BLOCKED)
WRITTEN = ("crmkit-demo.db", "crmkit-demo.vcf", "crmkit-demo.xlsx")


def run(*arguments: str, where: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the interpreter of the tests
        [sys.executable, *arguments],
        cwd=where,
        env={**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines without what differs by right: blanks that draw tables, ids."""
    assert done.returncode == 0, done.stderr
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", done.stdout)
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_demonstration_walks_the_whole_process(tmp_path: Path) -> None:
    """From a campaign to an order and a forecast; the amounts are worked out by hand.

    Estimate: 40 × 2,900 + 2 × 450 × 90 % = 116,810. Draft: 64,000 × 75 % + 9,000 × 50 % = 52,500. As it stands:
    116,000 won + 70,000 × 75 % + 9,000 × 50 % = 173,000. Return: (116,000 − 4,000) ÷ 4,000 = 28. Before the
    conversion: 116,000 × 60 % = 69,600.
    """
    lines = said(run("-m", "crmkit", "demo", where=tmp_path))
    for line in (
        "total 116,810.00",
        "Convert prospect P000001, Acme Bikes",
        "Applied as V000001: customer C000002, the same id as prospect P000001.",
        "opportunities 1 1",
        "A second try is refused: prospect ID is customer C000002 already, converted by eva; use customers.get",
        "estimate Q000001 accepted 116,810.00",
        "order D000001 open 116,810.00",
        "forecast, draft 2 73,000.00 52,500.00",
        "forecast, submitted 2 73,000.00 52,500.00",
        "all of the quarter, as it stands 3 195,000.00 173,000.00",
        "Wheels Eva Soler 1 0.00 9,000.00 4,500.00 173,000.00",
        "return on investment 2800 %",
        "members who responded 50 %",
        "Ten days later a sweep announces 3 things that are due, and a second one 0:",
        "before 1 1 1 69,600.00",
        "now 0 2 3 173,000.00",
        "2 Customer eva 2026-10-05 08:19:00 UTC",
    ):
        assert line in lines


def test_what_it_leaves_can_be_used(tmp_path: Path) -> None:
    """The database, the vCards and the workbook lie beside each other, wherever the store is."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - of an extra

    folder = tmp_path / "elsewhere"
    folder.mkdir()
    said(run("-m", "crmkit", "demo", "--store", f"sqlite:///{folder / WRITTEN[0]}", where=tmp_path))
    assert sorted(file.name for file in folder.iterdir()) == sorted(WRITTEN)
    assert (folder / "crmkit-demo.vcf").read_text(encoding="utf-8").count("BEGIN:VCARD") == 2
    book = CalamineWorkbook.from_path(folder / "crmkit-demo.xlsx")
    assert len(book.get_sheet_by_name("opportunities").to_python()) == 1 + 3
    with crmkit.connect(f"sqlite:///{folder / WRITTEN[0]}") as crm:
        assert crm.opportunities.count() == 3
        assert crm.orders.find()[0].total == crmkit.Money("116810", "EUR")


def test_memory_and_sqlite_tell_the_same_story(tmp_path: Path) -> None:
    """Word for word, apart from ids and where the records are."""
    in_file = said(run(*PLAIN, "demo", where=tmp_path))
    in_memory = said(run(*PLAIN, "demo", "--store", "memory:", "--again", where=tmp_path))
    assert in_memory[:-1] == in_file[:-1]


def test_without_optional_packages_it_goes_on(tmp_path: Path) -> None:
    """Tables are plain, and the missing extra is named."""
    lines = said(run(*PLAIN, "demo", "--store", "memory:", where=tmp_path))
    assert "No workbook: this needs xlsxwriter: pip install 'crmkit[excel]'" in lines
    assert "order D000001 open 116,810.00" in lines
    assert lines[-1] == "Done."


def test_a_terminal_without_the_letters_does_not_stop_it(tmp_path: Path) -> None:
    """What cannot be shown is replaced."""
    lines = said(run(*PLAIN, "demo", "--store", "memory:", where=tmp_path, PYTHONIOENCODING="ascii"))
    assert "SC000001 Ana R?os Fleet manager +34 600 000 002" in lines


@pytest.mark.parametrize("there", WRITTEN)
def test_a_file_that_is_there_is_not_overwritten_unasked(tmp_path: Path, there: str, capsys) -> None:
    """Database, vCards or workbook: it is named, and nothing is written."""
    (tmp_path / there).write_bytes(b"mine")
    assert main(["demo", "--store", f"sqlite:///{tmp_path / WRITTEN[0]}"]) == 1
    assert f"{there}: there already" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_bytes() == b"mine"


def test_again_replaces_an_earlier_run(tmp_path: Path) -> None:
    """The second run begins from nothing, in another language if asked."""
    arguments = ["demo", "--store", f"sqlite:///{tmp_path / WRITTEN[0]}"]
    assert main(arguments) == 0
    assert main([*arguments, "--again", "--language", "es"]) == 0
    with crmkit.connect(f"sqlite:///{tmp_path / WRITTEN[0]}") as crm:
        assert crm.opportunities.count() == 3
        assert crm.stages.find(code="closing")[0].label == "Cierre"


def test_again_replaces_no_file_that_is_no_database(tmp_path: Path) -> None:
    """A slip of the pen costs nobody their notes."""
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    assert main(["demo", "--store", f"sqlite:///{notes}", "--again"]) == 1
    assert notes.read_text() == "mine"


def test_a_step_that_fails_ends_with_a_failure(tmp_path: Path, monkeypatch, capsys) -> None:
    """The error is said, and the exit status is not 0."""
    monkeypatch.setattr(closing, "AlreadyConverted", crmkit.NotFound)  # so that the second try is not expected
    assert main(["demo", "--store", "memory:", "--out", str(tmp_path)]) == 1
    assert "is customer C000002 already" in capsys.readouterr().err


def test_an_unknown_store_is_named(tmp_path: Path, capsys) -> None:
    """With what there is instead."""
    assert main(["demo", "--store", "paper:", "--out", str(tmp_path)]) == 1
    assert "no store answers to 'paper'" in capsys.readouterr().err


def test_the_chart_is_printed(capsys) -> None:
    """As Mermaid text, with the entities in it."""
    assert main(["chart"]) == 0
    drawn = capsys.readouterr().out
    assert drawn.startswith("erDiagram\n")
    assert '    sales_forecasts["Sales forecast"]\n' in drawn
