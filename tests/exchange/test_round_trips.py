"""What goes out comes back equal: JSON, rows, CSV, workbooks; every entity, and hostile text."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities import ENTITIES, Prospect, Record, Registry
from crmkit.errors import Invalid, UnknownFormat
from crmkit.exchange.csv_file import guarded, read_csv, unguarded, write_csv
from crmkit.exchange.excel import read_workbook, write_workbook
from crmkit.exchange.plain import from_json, from_plain, to_json, to_plain
from crmkit.exchange.tabular import columns, record_of, row
from crmkit.testing.records import World

TEXTS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=60)
PAYLOADS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1", "|x", "=cmd|' /C calc'!A0", "−1"]


def whole(kind: type[Record]) -> Record:
    """A record of that kind with every field filled in."""
    record: Record = World(Registry(ENTITIES)).make(kind, full=True)
    return record


@pytest.mark.parametrize("kind", ENTITIES, ids=lambda kind: str(kind.__name__))
def test_every_entity_through_json_rows_csv_and_a_workbook(kind: type[Record], tmp_path: Path) -> None:
    """It is read as it was written."""
    record = whole(kind)
    assert from_json(kind, to_json(record)) == record
    assert from_plain(kind, json.loads(json.dumps(to_plain(record)))) == record
    assert record_of(kind, row(record)) == record
    file = io.StringIO()
    write_csv(file, [record], kind)
    assert read_csv(io.StringIO(file.getvalue()), kind).records == (record,)
    write_workbook(tmp_path / "all.xlsx", [(kind, [record])])
    assert read_workbook(tmp_path / "all.xlsx", kind).records == (record,)


@given(TEXTS)
def test_any_text_is_guarded_and_read_back(text: str) -> None:
    """No cell begins like a formula, and what was written is read."""
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_formula_in_a_name_is_text(payload: str, tmp_path: Path) -> None:
    """In CSV and in a workbook, where the cell's type says so."""
    prospect = Prospect(name=payload.strip(), notes=payload)
    file = io.StringIO()
    write_csv(file, [prospect], Prospect)
    assert read_csv(io.StringIO(file.getvalue()), Prospect).records == (prospect,)
    write_workbook(tmp_path / "x.xlsx", [(Prospect, [prospect])])
    assert read_workbook(tmp_path / "x.xlsx", Prospect).records == (prospect,)
    import zipfile  # noqa: PLC0415 - the only use

    with zipfile.ZipFile(tmp_path / "x.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_naughty_strings_come_back(real_data: Path, tmp_path: Path) -> None:
    """Every one of the list, from JSON, CSV and a workbook."""
    folder = real_data / "fuzz" / "blns"
    texts = [t for file in sorted(folder.glob("*.json")) for t in json.loads(file.read_text(encoding="utf-8"))]
    assert len(texts) > 400
    prospects = []
    for text in texts:
        try:
            prospects.append(Prospect(name="P", notes=text))
        except Invalid:
            assert "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)
    assert [from_json(Prospect, to_json(one)) for one in prospects] == prospects
    write_csv(tmp_path / "x.csv", prospects, Prospect)
    assert list(read_csv(tmp_path / "x.csv", Prospect).records) == prospects
    write_workbook(tmp_path / "x.xlsx", [(Prospect, prospects)])
    assert list(read_workbook(tmp_path / "x.xlsx", Prospect).records) == prospects


def test_equal_records_give_an_equal_workbook(tmp_path: Path) -> None:
    """To the byte."""
    for name in ("a", "b"):
        write_workbook(tmp_path / name, [(Prospect, [Prospect(name="P")])])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_every_fault_of_plain_data_is_named() -> None:
    """Unknown fields, missing ones and wrong values at once."""
    with pytest.raises(Invalid) as wrong:
        from_plain(Prospect, {"nme": "x", "employees": "many", "email": "nobody", "company_revenue": 1.5})
    assert {fault.field for fault in wrong.value.faults} == {"nme", "name", "employees", "email", "company_revenue"}


def test_columns_are_documented_in_two_languages() -> None:
    """The same columns in the same order, with other labels."""
    english, spanish = columns(Prospect), columns(Prospect, "es")
    assert [one.name for one in english] == [one.name for one in spanish]
    assert english[0].name == "id"
    assert dict(zip([one.name for one in english], spanish, strict=True))["name"].label == "Nombre"


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    """With what was expected."""
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UnknownFormat, match="expected"):
        read_csv(tmp_path / "x.csv", Prospect)
    with pytest.raises(UnknownFormat, match="no workbook"):
        read_workbook(tmp_path / "x.csv", Prospect)
