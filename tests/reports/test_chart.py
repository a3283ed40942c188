"""The chart of how the kinds of record relate (R14, S42)."""

import re
from typing import Annotated, ClassVar
from uuid import UUID

import pytest

from crmkit.entities import ENTITIES, Record, Registry, record
from crmkit.entities.facts import About, Label, References
from crmkit.reports.chart import relationship_chart

REGISTRY = Registry(ENTITIES)
BOX = re.compile(r'    (?P<name>[a-z][a-z0-9_]*)\["(?P<label>[^"%\\\n]+)"\]')
ARROW = re.compile(
    r"    (?P<start>[a-z][a-z0-9_]*) (?P<ends>[|}][o|]--[o|][|{]) (?P<end>[a-z][a-z0-9_]*)"
    r' : "(?P<label>[^"%\\\n]+)"'
)


def read(chart: str) -> tuple[dict[str, str], set[tuple[str, str, str, str]]]:
    """The boxes with their labels and the arrows of a chart; every line is the one or the other, boxes first."""
    first, *lines = chart.splitlines()
    assert first == "erDiagram"
    boxes: dict[str, str] = {}
    arrows: set[tuple[str, str, str, str]] = set()
    for line in lines:
        if (box := BOX.fullmatch(line)) and not arrows:
            assert box["name"] not in boxes
            boxes[box["name"]] = box["label"]
            continue
        arrow = ARROW.fullmatch(line)
        assert arrow, line
        assert {arrow["start"], arrow["end"]} <= boxes.keys()
        arrows.add((arrow["start"], arrow["ends"], arrow["end"], arrow["label"]))
    return boxes, arrows


@record(kw_only=True)
class Showroom(Record):
    """An entity of a host's own."""

    about: ClassVar[About] = About(table="showroom", plural="showrooms", es='Sala "A" 100 %')

    account: Annotated[UUID, References("account"), Label("Cuenta")]
    visited_by: Annotated[UUID | None, References("sales_contact", "salesperson"), Label("Visitada por")] = None


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("codes", [False, True])
@pytest.mark.parametrize("parts", [False, True])
def test_the_chart_is_well_formed(parts, codes, language):
    """Every line is a box or an arrow between boxes, in Mermaid's syntax, each box once."""
    boxes, arrows = read(relationship_chart(REGISTRY, include_parts=parts, include_codes=codes, language=language))
    assert len(boxes) >= 20
    assert len(arrows) >= 50


def test_every_reference_is_an_arrow():
    """With parts, each field of each entity that refers to a table has an arrow with its label to what it refers to."""
    _, arrows = read(relationship_chart(REGISTRY, include_parts=True))
    drawn = {(start, end, label) for start, _, end, label in arrows}
    missing = []
    for spec in REGISTRY.specs:
        if spec.about.family not in ("record", "part"):
            continue
        start = "accounts" if spec.about.table == "account" else spec.about.plural
        for field in spec.fields:
            for table in field.references.tables if field.references else ():
                ends = {"any_record"} if table == "*" else {one.about.plural for one in REGISTRY.of_table(table)}
                ends |= {"accounts"} if table == "account" else set()
                if not any((start, end, field.label()) in drawn for end in ends):
                    missing.append((start, table, field.name))
    assert missing == []


def test_every_code_is_an_arrow_where_asked():
    """With code tables, each field that holds a code has an arrow to its table; without, there is no code table."""
    _, arrows = read(relationship_chart(REGISTRY, include_parts=True, include_codes=True))
    drawn = {(start, end) for start, _, end, _ in arrows}
    tables = {spec.about.table: spec.about.plural for spec in REGISTRY.specs if spec.about.family == "code"}
    asked = {
        (spec.about.plural, tables[field.code_of]) for spec in REGISTRY.specs for field in spec.fields if field.code_of
    }
    assert asked <= drawn
    boxes, _ = read(relationship_chart(REGISTRY))
    assert boxes.keys().isdisjoint(tables.values())


def test_a_relation_added_to_an_entity_appears():
    """A host's entity is a box, its references are arrows, and the rest of the chart is as before."""
    boxes, arrows = read(relationship_chart(Registry((*ENTITIES, Showroom))))
    before_boxes, before_arrows = read(relationship_chart(REGISTRY))
    assert boxes.keys() - before_boxes.keys() == {"showrooms"}
    assert arrows - before_arrows == {
        ("showrooms", "}o--||", "accounts", "Account"),
        ("showrooms", "}o--o|", "sales_contacts", "Visited by"),
        ("showrooms", "}o--o|", "salespersons", "Visited by"),
    }
    assert before_arrows < arrows


def test_labels_cannot_break_the_syntax():
    """Quotation marks and percent signs in a label do not end it."""
    boxes, _ = read(relationship_chart(Registry((*ENTITIES, Showroom)), language="es"))
    assert boxes["showrooms"] == "Sala 'A' 100  "


@pytest.mark.parametrize(
    "arrow",
    [
        ("leads", "}o--||", "accounts", "Account"),
        ("leads", "}o--o|", "campaigns", "Campaign"),
        ("orders", "}o--||", "customers", "Customer"),
        ("accounts", "||--o|", "prospects", "is"),
        ("accounts", "||--o|", "customers", "is"),
        ("interactions", "}o--o|", "accounts", "Subject"),
        ("interactions", "}o--o|", "sales_contacts", "Subject"),
        ("sales_contacts", "}o--o{", "accounts", "Contact account"),
        ("sales_forecasts", "}o--o{", "opportunities", "Forecast line"),
    ],
)
def test_the_relations_of_the_domain_are_there(arrow):
    """The relations that the domain's own sketch draws are in the chart, with their cardinalities."""
    _, arrows = read(relationship_chart(REGISTRY))
    assert arrow in arrows


def test_the_chart_speaks_spanish():
    """In Spanish boxes and arrows have the entities' and fields' Spanish labels."""
    boxes, arrows = read(relationship_chart(REGISTRY, language="es"))
    assert (boxes["leads"], boxes["prospects"]) == ("Cliente potencial", "Potencial")
    assert ("leads", "}o--||", "accounts", "Cuenta") in arrows


def test_crmkits_own_books_are_left_out():
    """What is internal to crmkit is no part of the domain's chart."""
    boxes, _ = read(relationship_chart(REGISTRY, include_parts=True, include_codes=True))
    assert "announcements" not in boxes
