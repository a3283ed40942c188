"""Groups of Arrow columns: exact, however large the sums."""

import sys
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit import Opportunity
from crmkit.entities.money import LARGEST, half_even
from crmkit.errors import MissingExtra
from crmkit.queries import Equals, Field, Grouped, Grouping, Missing, Share
from crmkit.stores.columns import Columns

pytest.importorskip("pyarrow")

VALUE, LIKELY, SELLER = Field("estimated_value"), Field("probability"), Field("salesperson")
TERMS = {SELLER: "seller", VALUE: "value", LIKELY: "likely"}
TYPES = {"seller": "id", "value": "whole", "likely": "whole"}
ASKED = Grouping(
    kind=Opportunity, by=[SELLER], sums=[VALUE, Share(VALUE, LIKELY), Missing(VALUE), Missing(Share(VALUE, LIKELY))]
)
ids = st.sampled_from([None, UUID(int=1), UUID(int=2)])
rows = st.tuples(ids, st.none() | st.integers(0, LARGEST), st.none() | st.integers(0, 10_000))


def columns(held):
    return Columns.of([Grouped(row, 1, ()) for row in held], TERMS, TYPES)


@settings(deadline=None)
@given(held=st.lists(rows, max_size=30), times=st.sampled_from([1, 700]))
def test_sums_are_exact_beyond_what_a_column_holds(held, times):
    """Of the largest amounts, so many that their sum is longer than 64 bits; each share is rounded before."""
    expected: dict[UUID | None, list[int]] = {}
    for seller, value, likely in held * times:
        sums = expected.setdefault(seller, [0, 0, 0, 0, 0])
        sums[0] += 1
        sums[1] += value or 0
        sums[2] += half_even((value or 0) * (likely or 0), 10_000)
        sums[3] += value is None
        sums[4] += value is None or likely is None
    found = columns(held * times).groups(ASKED)
    assert {one.key[0]: [one.count, *one.sums] for one in found} == expected


def test_what_columns_do_not_tell_is_no_guess():
    """A term that there is no column of, and criteria, are errors."""
    with pytest.raises(TypeError, match="columns that there are not"):
        columns([]).groups(Grouping(kind=Opportunity, sums=[Field("number")]))
    with pytest.raises(TypeError, match="narrow what they are made of"):
        columns([]).groups(Grouping(kind=Opportunity, where=[Equals("stage", "proposal")]))


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="arrow"):
        columns([])
