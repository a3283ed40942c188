"""A format from outside: what it writes reads back equal, and what is no such table is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit import Address, Estimate, EstimateLine, Invalid, Money, Opportunity, Prospect, SalesContact, UnknownFormat

ID = UUID("01935a10-1111-7000-8000-0000aaaa0001")
RECORDS = [
    Prospect(id=ID, name="Añil | Söhne \\ Co", address=Address("Calle 1\nBajo", city="Cádiz"), phone="+34 956 1"),
    Opportunity(
        id=ID, description="40 e-bikes", account=ID, estimated_value=Money("120000.5", "EUR"), probability="12.25"
    ),
    Opportunity(
        id=ID,
        description="=1+1",
        account=ID,
        projected_close=date(2026, 12, 1),
        recorded_at=datetime(2026, 3, 2, 9, 0, 0, 7, UTC),
    ),
    SalesContact(
        id=ID, given_name="Ana", emails=["ana@example.com"], categories=["a|b", "c\\"], preferences={"mail": True}
    ),
    Estimate(
        id=ID,
        account=ID,
        currency="EUR",
        lines=[EstimateLine(id=ID, description="E-bike", quantity=Decimal(3), unit_price=Decimal("2400.25"))],
    ),
]


@pytest.fixture(scope="module")
def markdown(example):
    return example("format_markdown")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_what_is_written_reads_back_equal(markdown, record):
    """Money, days, instants, texts with bars, backslashes and line ends, lists and lines: nothing is lost."""
    text = markdown.write_markdown(type(record), [record, record])
    assert markdown.read_markdown(type(record), text) == [record, record]
    assert len(text.splitlines()) == 4


@given(notes=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_survives(example, notes):
    """Whatever a note says, it comes back as it was."""
    markdown = example("format_markdown")
    record = Prospect(id=ID, name="Acme", notes=notes)
    assert markdown.read_markdown(Prospect, markdown.write_markdown(Prospect, [record])) == [record]


@pytest.mark.parametrize("text", ["", "name\nAcme\n", "| name |\n| --- |\n| Acme |\n"])
def test_what_is_no_such_table_is_refused(markdown, text):
    """An empty text, another format, a table of other columns."""
    with pytest.raises(UnknownFormat, match="no Markdown table of prospects"):
        markdown.read_markdown(Prospect, text)


def test_a_bad_value_is_named(markdown):
    """A cell that its field does not take is named by its field."""
    text = markdown.write_markdown(Prospect, [Prospect(id=ID, name="Acme", employees=120)])
    with pytest.raises(Invalid, match="employees"):
        markdown.read_markdown(Prospect, text.replace("| 120 |", "| many |"))
