"""An opportunity's figures split over its lines: nothing is lost, each is counted once (R6.5)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.entities import ExchangeRate, Item, Money, OpportunityItem, Percent
from crmkit.errors import Refused
from crmkit.forecasting import Contribution, Line, lines_of, roll_up, split_figures
from crmkit.forecasting.figures import Valuation, figures_of
from crmkit.forecasting.items import comparable, list_price
from crmkit.forecasting.items import shares as weighed
from crmkit.forecasting.rates import NO_RATES

DAY = date(2026, 5, 4)
A, B, C = (UUID(int=number) for number in (1, 2, 3))
lines = st.lists(
    st.tuples(st.sampled_from([A, B, C]), st.integers(0, 10**12), st.none() | st.integers(0, 10**12)), max_size=6
).map(lambda held: [Line(UUID(int=50 + place), *one) for place, one in enumerate(held)])
values = st.none() | st.integers(0, 9 * 10**14).map(lambda minor: Money.of_minor(minor, "EUR"))
outcomes = st.sampled_from(["open", "won", "lost"])
shares = st.none() | st.sampled_from([0, 1, 3_333, 5_000, 10_000])


def figures(value, outcome="open", points=5_000):
    share = None if points is None else Percent.of_basis_points(points)
    return figures_of(value, outcome, probability=share, category="commit", currency="EUR")


def line(id, item, quantity, price=None):
    return OpportunityItem(id=UUID(int=id), opportunity=UUID(int=9), item=item, quantity=quantity, price=price)


@settings(deadline=None)
@given(value=values, outcome=outcomes, points=shares, held=lines)
def test_the_parts_sum_to_the_opportunitys_own_figures(value, outcome, points, held):
    """Value, weighted figure and count; each part is within a minor unit of its exact share."""
    whole = figures(value, outcome, points)
    parts = split_figures(whole, held)
    assert sum(part.gross.minor for _, part in parts) == whole.gross.minor
    assert sum(part.weighted.minor for _, part in parts) == whole.weighted.minor
    assert sum(part.count for _, part in parts) == 1
    assert sum(part.incomplete_count for _, part in parts) == whole.incomplete_count
    assert [item for item, _ in parts] == ([None] if not held else list(dict.fromkeys(one.item for one in held)))
    weights = [one.quantity * (one.price or 0) for one in held]
    if not any(weights):
        weights = [one.quantity for one in held]
    if any(weights):
        of_item = {item: [w for one, w in zip(held, weights, strict=True) if one.item == item] for item, _ in parts}
        for item, part in parts:
            exact = Fraction(whole.gross.minor * sum(of_item[item]), sum(weights))
            assert abs(part.gross.minor - exact) < len(of_item[item])
            assert not part.count or sum(of_item[item]) == max(map(sum, of_item.values()))


@settings(deadline=None)
@given(value=values, held=lines.filter(bool))
def test_a_won_ones_parts_are_alike(value, held):
    """What is won counts in full in each part; what is lost in none."""
    assert all(part.gross == part.weighted for _, part in split_figures(figures(value, "won"), held))
    assert all(not part.weighted for _, part in split_figures(figures(value, "lost"), held))


@settings(deadline=None)
@given(deals=st.lists(st.tuples(values, outcomes, shares, lines), max_size=8), turn=st.randoms(use_true_random=False))
def test_by_item_it_sums_to_the_same_total(deals, turn):
    """Alone or with another dimension, in whatever order lines and opportunities come."""
    made = []
    for value, outcome, points, held in deals:
        turn.shuffle(held)
        whole = figures(value, outcome, points)
        made += [Contribution(figures=part, stage=outcome, item=item) for item, part in split_figures(whole, held)]
    expected = roll_up([Contribution(figures=figures(*one[:3])) for one in deals], by=(), currency="EUR").total
    turn.shuffle(made)
    for by in ("item", ("item", "stage"), ("category", "item")):
        found = roll_up(made, by=by, currency="EUR")
        for name in ("count", "incomplete_count", "won_count"):
            assert sum(getattr(row, name) for row in found) == getattr(expected, name)
        for name in ("gross", "weighted", "won", "open", "commit"):
            assert sum(getattr(row, name).minor for row in found) == getattr(expected, name).minor


def test_what_rounding_leaves_goes_to_the_largest_remainder():
    """100.00 over 1 : 1 : 1 leaves a cent, which the first line has; 0.01 over 1 : 2 goes to the second."""
    thirds = [Line(UUID(int=place), item, 10_000, 10_000) for place, item in enumerate((A, B, C))]
    assert [part.gross.minor for _, part in split_figures(figures(Money(100, "EUR")), thirds)] == [3334, 3333, 3333]
    uneven = [Line(A, A, 10_000, 10_000), Line(B, B, 20_000, 10_000)]
    assert [part.gross.minor for _, part in split_figures(figures(Money("0.01", "EUR")), uneven)] == [0, 1]


def test_a_line_without_a_price_has_its_items_list_price():
    """3 at 2 each and 2 at the list price of 7: 6 to 14. With no price at all, the quantities count."""
    held = [line(1, A, Decimal(3), Decimal(2)), line(2, B, Decimal(2))]
    whole = figures(Money(20, "EUR"))
    assert [str(part.gross) for _, part in split_figures(whole, lines_of(held, {B: (70_000, "EUR")}))] == [
        "6.00 EUR",
        "14.00 EUR",
    ]
    bare = lines_of([line(1, A, Decimal(3)), line(2, B, Decimal(2))], {})
    assert [str(part.gross) for _, part in split_figures(whole, bare)] == ["12.00 EUR", "8.00 EUR"]
    nothing = lines_of([line(1, A, Decimal(0)), line(2, B, Decimal(0))], {})
    assert [str(part.gross) for _, part in split_figures(whole, nothing)] == ["10.00 EUR", "10.00 EUR"]


def test_a_list_price_that_names_no_currency_is_in_the_applications():
    """One that names its own is in that; an item may have none."""
    item = Item(description="a bike", unit_price=Decimal("7.5"))
    assert list_price(item, "EUR") == (75_000, "EUR")
    assert list_price(attrs.evolve(item, currency="USD"), "EUR") == (75_000, "USD")
    assert list_price(Item(description="a bike"), "EUR") is None


def test_prices_of_several_currencies_are_compared_in_that_of_the_figures():
    """100 USD at 0.5 weighs half of 100 EUR, exactly; what weighs nothing, or all in one currency, needs no rate."""
    rate = ExchangeRate(from_currency="USD", to_currency="EUR", day=DAY, rate=Decimal("0.5"))
    known = Valuation.of([], currency="EUR", today=DAY, rates=[rate])
    without = attrs.evolve(known, rates=NO_RATES)
    both = [Line(A, A, 10_000, 1_000_000, "USD"), Line(B, B, 10_000, 1_000_000)]
    compared = comparable(both, "EUR", DAY, known, record=C)
    assert Fraction(*weighed(compared)) == Fraction(1, 2)
    with pytest.raises(Refused, match=f"{C}.* no rate from USD to EUR on or before {DAY}"):
        comparable(both, "EUR", DAY, without, record=C)
    free = [attrs.evolve(both[0], quantity=0), both[1]]
    assert weighed(comparable(free, "EUR", DAY, without, record=C))[0] == 0
    dollars = [both[0], attrs.evolve(both[1], currency="USD")]
    assert comparable(dollars, "EUR", DAY, without, record=C) == dollars
