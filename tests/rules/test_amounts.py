"""What Python's own words do with money and percentages: sums, times, formats."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities import Money, Percent

MINORS = st.integers(-(10**15), 10**15)


@given(st.lists(MINORS, max_size=5), st.integers(-1000, 1000))
def test_amounts_are_summed_and_taken_so_many_times(minors: list[int], times: int) -> None:
    """As their minor units are; of nothing, `sum` is Python's 0."""
    amounts = [Money.of_minor(one, "EUR") for one in minors]
    total = sum(amounts)
    assert (total.minor if isinstance(total, Money) else total) == sum(minors)
    assert [one * times for one in amounts] == [times * one for one in amounts]
    assert [(one * times).minor for one in amounts] == [one * times for one in minors]
    assert [abs(one).minor for one in amounts] == [abs(one) for one in minors]
    assert {one.currency for one in (*amounts, *(abs(one) * 2 for one in amounts))} <= {"EUR"}


@pytest.mark.parametrize("other", [1, -1, 0.0, False, Decimal(0), Fraction(0), "0", None])
def test_nothing_but_the_0_of_a_sum_is_added_to_money(other: Any) -> None:
    """From either side; a number is told how to write it."""
    money: Any = Money(5, "EUR")
    for adding in (lambda: other + money, lambda: money + other, lambda: money + 0):
        with pytest.raises(TypeError, match=r"str|cannot add"):
            adding()
    assert 0 + money == money


@pytest.mark.parametrize("times", [0.5, True, Decimal(2), Fraction(2), "2", None, Percent(50), Money(2, "EUR")])
def test_money_is_multiplied_by_whole_numbers_alone(times: Any) -> None:
    """From either side: anything else would have to be rounded, and says so."""
    money: Any = Money(5, "EUR")
    for multiplying in (lambda: money * times, lambda: times * money):
        with pytest.raises(TypeError, match=r"cannot multiply EUR by \w+: by a whole number; else round"):
            multiplying()


def test_a_width_pads_what_is_shown() -> None:
    """To either side, with any filling; without one it is the text."""
    money, percent = Money("-1234.5", "EUR"), Percent("12.25")
    assert f"{money}|{money:s}|{percent}" == "-1,234.50 EUR|-1,234.50 EUR|12.25 %"
    assert f"{money:>15}|{money:<15}|{money:^15}|{money:15}" == (
        "  -1,234.50 EUR|-1,234.50 EUR  | -1,234.50 EUR |-1,234.50 EUR  "
    )
    assert f"{money:*>15s}|{percent:.>9}|{percent:\n^9}" == "**-1,234.50 EUR|..12.25 %|\n12.25 %\n"


def test_what_numbers_alone_have_is_of_the_number() -> None:
    """Places, thousands, signs: exactly, and rounded half-even as decimals are."""
    money, percent = Money("-1234.5", "EUR"), Percent("12.25")
    assert (
        f"{money:.2f}|{money:,.0f}|{money:010.1f}|{money:=12}|{money:012}"
        == "-1234.50|-1,234|-0001234.5|-    1234.50|-00001234.50"
    )
    assert f"{percent:.1f}|{percent:+.2f}|{percent:>8.1f}" == "12.2|+12.25|    12.2"
    for one in (money, percent):
        with pytest.raises(ValueError, match="format"):
            f"{one:x}"
