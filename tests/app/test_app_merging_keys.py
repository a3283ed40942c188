"""In a mapping each key is a field by itself: it goes by the rule as a field does (docs/merging.md)."""

from typing import Any

import pytest

from crmkit import Crm, Customer, Prospect, SalesContact, same_content

TABLE = [
    ("fill", None, 2, 2),
    ("fill", "", "x", "x"),
    ("fill", [], [1], (1,)),
    ("fill", 0, 2, 0),
    ("fill", False, True, False),
    ("fill", "own", "its", "own"),
    ("fill", [1], [2, 1], (1, 2)),
    ("fill", {"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
    ("keep", None, 2, None),
    ("keep", [1], [2], (1,)),
    ("take", 1, None, 1),
    ("take", "own", "", "own"),
    ("take", 1, 0, 0),
    ("take", "own", "its", "its"),
    ("take", [1], [2], (2,)),
    ("join", None, "its", "its"),
    ("join", "own", "", "own"),
    ("join", "own", "own", "own"),
    ("join", "own", "its", "own\n\nits"),
    ("join", [1], [2, 1], (1, 2)),
    ("join", 1, 2, 1),
    ("join", "own", 2, "own"),
    ("join", {"a": "x"}, {"a": "y", "b": None}, {"a": "x\n\ny", "b": None}),
]
"""By the table of the guide: the rule, what the survivor has, what the absorbed one has, and what survives."""


@pytest.mark.parametrize(("rule", "own", "its", "survives"), TABLE)
@pytest.mark.parametrize("kind", [Prospect, Customer])
def test_what_survives_under_a_key(crm: Crm, kind: Any, rule: str, own: Any, its: Any, survives: Any) -> None:
    """Of two records, and of a prospect that becomes part of a customer; undone, each says what it said."""
    survivor = crm.repository(kind).add(kind(name="C", custom={"k": own, "mine": 1}))
    absorbed = crm.prospects.add(Prospect(name="C", custom={"k": its, "theirs": 2}))
    into, undo = (
        (crm.conversion.convert, crm.conversion.undo) if kind is Customer else (crm.prospects.merge, crm.merging.undo)
    )
    receipt: Any = into(absorbed.id, into=survivor.id, rule=rule)
    both = {"mine": 1} if rule == "keep" else {"mine": 1, "theirs": 2}
    assert crm.repository(kind).get(survivor.id).custom == {"k": survives, **both}
    undo(receipt.id)
    assert same_content(crm.repository(kind).get(survivor.id), survivor)
    assert same_content(crm.prospects.get(absorbed.id), absorbed)


def test_keys_are_asked_about_by_name(crm: Crm) -> None:
    """Those under which both say something else, and no others."""
    one = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"vat": 0, "b": None, "c": 1, "d": "x"}))
    two = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"vat": 5, "b": 3, "c": 1, "d": "y"}))
    (asked,) = crm.sales_contacts.plan_merge(two.id, into=one.id, rule="ask").refused
    assert (asked.field, asked.message) == ("custom", "d is 'x' or 'y', vat is '0' or '5': say which")
    plan = crm.sales_contacts.plan_merge(two.id, into=one.id)
    assert [str(choice) for choice in plan.choices] == [
        "custom = b: 3, c: 1, d: x, vat: 0 (fill; not b: None, c: 1, d: x, vat: 0)"
    ]
    three = crm.sales_contacts.add(SalesContact(given_name="Ana", custom={"b": 3, "c": 1, "d": ""}))
    asked_none = crm.sales_contacts.plan_merge(three.id, into=one.id, rule="ask")
    assert (asked_none.refused, asked_none.conflicts) == ((), ())


def test_keys_are_in_one_order_on_every_store(crm: Crm) -> None:
    """Rows are the same texts, whatever order they were given in; of two keys that are one, the later holds."""
    given = {"b": {"y": 1, "x": "é"}, " a": 1, "a": [2], "C": None}
    saved = crm.prospects.add(Prospect(name="P", custom=given))
    for record in (saved, crm.prospects.get(saved.id)):
        assert list(record.custom.items()) == [("C", None), ("a", (2,)), ("b", {"x": "é", "y": 1})]
        assert list(record.custom["b"]) == ["x", "y"]
    (row,) = crm.prospects.find().to_rows()
    assert row["custom"] == '{"C": null, "a": [2], "b": {"x": "é", "y": 1}}'
