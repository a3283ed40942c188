"""Rows as tables for a notebook, a terminal and pandas."""

import re
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from uuid import UUID

import pytest

from crmkit.entities import Account, Customer, EstimateLine, FrozenMap, Money, Opportunity, Percent, Prospect
from crmkit.errors import MissingExtra
from crmkit.frames import data_frame
from crmkit.reports.records import records_html, records_text
from crmkit.tables import html_table, rich_table, shown, text_table

ACME = UUID("01935a10-1111-7000-8000-0000aaaa0001")


class Cells(HTMLParser):
    """Reads a table back: the text of each cell, row by row, and to which side it stands."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.sides: list[list[str]] = []
        self.tags: set[str] = set()
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
            self.sides.append([])
        if tag in ("th", "td"):
            self._open = True
            self.rows[-1].append("")
            self.sides[-1].append("right" if "right" in dict(attributes)["style"] else "left")
        if tag == "br":
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self._open = False

    def handle_data(self, data):
        if self._open:
            self.rows[-1][-1] += data


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, ""),
        ("", ""),
        (True, "yes"),
        (Money("1234.5", "EUR"), "1,234.50 EUR"),
        (Percent("12.25"), "12.25 %"),
        (Decimal("0.0000001"), "0.0000001"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "2026-12-01 09:30:00 UTC"),
        (ACME, "…aaaa0001"),
        (("a", "b"), "a, b"),
        (FrozenMap({"phone": True}), "phone: yes"),
        ((EstimateLine(), EstimateLine()), "2 × Estimate line"),
    ],
)
def test_each_kind_of_value_is_readable(value, read):
    """A value of any field is shown as people write it, an empty one as nothing."""
    assert shown(value) == read


def test_an_id_is_shown_by_its_name_where_one_is_known():
    """A lookup of names replaces ids, also within several values."""
    assert shown((ACME,), {ACME: "Acme Bikes"}) == "Acme Bikes"


def test_flags_read_in_the_language():
    """True is yes in English and sí in Spanish."""
    assert (shown(True), shown(True, language="es")) == ("yes", "sí")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b", '"quoted"', "&amp;", "one\ntwo"])
def test_html_says_what_the_value_says(text):
    """Text in a heading, a cell and the caption is read back as it was and never becomes a tag."""
    read = Cells(html_table([text], [[text]], text))
    assert read.rows == [[text], [text]]
    assert read.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "br"}


def test_figures_stand_to_the_right():
    """Amounts, percentages and numbers stand to the right with their heading; text, days and flags to the left."""
    row = ["text", 1, Decimal("1.5"), Money(1, "EUR"), Percent(5), True, date(2026, 1, 1)]
    sides = Cells(html_table(list("abcdefg"), [row])).sides
    assert sides == [["left", "right", "right", "right", "right", "left", "left"]] * 2


def test_what_is_short_stays_on_one_line():
    """A day, an amount below zero and a code are not broken at their hyphens; a long name takes several lines."""
    styles = re.findall(
        r'<td style="([^"]*)"', html_table(list("abcd"), [[date(2026, 1, 1), -5, "2026-Q1", "long " * 20]])
    )
    assert ["nowrap" in style for style in styles] == [True, True, True, False]


def test_a_total_is_set_off():
    """The last row alone has a line above it, where it is a total."""
    html = html_table(["a", "b"], [["Ana", 1], ["total", 1]], total=True)
    assert ["border-top" in row for row in re.findall(r"<tr>.*", html)] == [False, False, True]
    assert "border-top" not in html_table(["a"], [["Ana"], ["total"]])


def test_text_in_html_is_not_turned_around():
    """What reverses the letters of a name is replaced; marks that right-to-left names need stay."""
    html = html_table(["a"], [["\u202eana \u200fש"]], "\u202d")
    assert "\ufffdana \u200fש" in html
    assert not set("\u202d\u202e") & set(html)


def test_a_row_of_another_length_is_refused():
    """A row with more or fewer values than columns is an error, never a shifted table."""
    with pytest.raises(ValueError, match="row 1 has 1 values for 2 columns"):
        html_table(["a", "b"], [[1, 2], [3]])
    with pytest.raises(ValueError, match="row 0 has 3 values for 2 columns"):
        text_table(["a", "b"], [[1, 2, 3]])


def test_a_text_table_lines_up():
    """Columns are as wide as their widest cell, wide characters counted as two places, figures flush right."""
    assert text_table(["Name", "Value"], [["Ríos", 5], ["日本商会", 1200], ["", None]]).split("\n") == [
        "Name      Value",
        "────────  ─────",
        "Ríos          5",
        "日本商会   1200",
        "",
    ]


def test_a_table_of_no_rows_has_its_headings():
    """Nothing found is a table with headings and no lines."""
    assert text_table(["Name"], []).splitlines() == ["Name", "────"]
    assert Cells(html_table(["Name"], [])).rows == [["Name"]]


def test_a_text_table_does_not_steer_the_terminal():
    """Escape sequences, bells and direction marks of a value are replaced, line ends become blanks."""
    table = text_table(["Name"], [["a\x1b[2Jb\x07c\u202ed\ne"]])
    assert table.splitlines()[2] == "a\ufffd[2Jb\ufffdc\ufffdd e"


def test_rich_takes_text_literally():
    """What looks like rich's markup in a value is shown, not obeyed."""
    console_module = pytest.importorskip("rich.console")
    console = console_module.Console(width=60, force_terminal=False)
    with console.capture() as captured:
        console.print(rich_table(["Name", "Value"], [["[bold]x[/bold]", 5]], "A [red]title"))
    assert "[bold]x[/bold]" in captured.get()
    assert "A [red]title" in captured.get()


def test_records_show_what_they_say():
    """A table of records has number, name and the fields that at least one has filled in, under their labels."""
    records = [
        Opportunity(description="40 e-bikes", account=ACME, estimated_value=Money("120000", "EUR")),
        Opportunity(description="Spare parts", account=ACME, probability=0),
    ]
    assert Cells(records_html(Opportunity, records, names={ACME: "Acme Bikes"})).rows == [
        ["Number", "Description", "Account", "Estimated value", "Probability"],
        ["", "40 e-bikes", "Acme Bikes", "120,000.00 EUR", ""],
        ["", "Spare parts", "Acme Bikes", "", "0 %"],
    ]


def test_records_have_labels_in_spanish():
    """In Spanish the headings and the caption are the entity's Spanish labels."""
    html = records_html(Opportunity, [Opportunity(description="40 e-bikes", account=ACME)], language="es")
    assert Cells(html).rows[0] == ["Número", "Descripción", "Cuenta"]
    assert ">1 × Oportunidad</caption>" in html


def test_accounts_of_both_kinds_share_a_table():
    """Prospects and customers in one table have the fields of both; what one has not is empty."""
    accounts = [Prospect(name="Acme", number="P1"), Customer(name="Ríos", number="C1", credit_hold=True)]
    heading, _, *lines = records_text(Account, accounts).splitlines()
    assert [part.strip() for part in heading.split("  ") if part] == [
        "Prospect number / Customer number",
        "Name",
        "Credit hold",
    ]
    assert [line.split() for line in lines] == [["P1", "Acme"], ["C1", "Ríos", "yes"]]


def test_a_data_frame_keeps_values_exact():
    """A missing whole number does not turn the others into floats, and amounts stay the objects they are."""
    pytest.importorskip("pandas")
    largest = 9 * 10**15 + 1
    rows: list[dict[str, object]] = [
        {"count": largest, "value": Money("0.10", "EUR"), "rate": Decimal("0.1")},
        {"value": None},
    ]
    frame = data_frame(["rate", "count", "value"], rows)
    assert list(frame.columns) == ["rate", "count", "value"]
    assert frame["count"].isna().tolist() == [False, True]
    assert (int(frame["count"][0]), frame["value"][0], frame["rate"][0]) == (
        largest,
        Money("0.10", "EUR"),
        Decimal("0.1"),
    )
    assert str(frame["count"].dtype) == "Int64"


@pytest.mark.parametrize(
    ("module", "needs_it", "extra"),
    [("rich.table", lambda: rich_table(["a"], []), "cli"), ("pandas", lambda: data_frame(["a"], []), "pandas")],
)
def test_a_missing_dependency_names_its_extra(monkeypatch, module, needs_it, extra):
    """Where an optional dependency is not installed, the error says which extra to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'crmkit\[{extra}\]'"):
        needs_it()


def test_a_data_frame_of_no_rows_has_its_columns():
    """Nothing found is a frame with the columns and no rows."""
    pytest.importorskip("pandas")
    frame = data_frame(["a", "b"], [])
    assert (list(frame.columns), len(frame)) == (["a", "b"], 0)
