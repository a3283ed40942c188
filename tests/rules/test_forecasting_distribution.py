"""The distribution of a period's revenue: against every outcome, against a simulation, and within its bounds."""

import sys
from fractions import Fraction
from itertools import product
from math import comb, prod
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.entities import Money, Percent
from crmkit.errors import Invalid
from crmkit.forecasting import Deal, distribution
from crmkit.forecasting.convolving import Exact, Gridded, _gridded, spread

SHARES = [100, 1_000, 2_500, 5_000, 7_500, 9_000, 9_900]

PAIRS = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10_000)), max_size=9)


def eur(amount):
    return Money(amount, "EUR")


def deal(amount, probability):
    return Deal(value=eur(amount), probability=Percent(probability))


def every_outcome(pairs):
    """The chance of each total, by going through all that may happen."""
    found: dict[int, Fraction] = {}
    for won in product((False, True), repeat=len(pairs)):
        chance = prod(
            (Fraction(p if w else 10_000 - p, 10_000) for (_, p), w in zip(pairs, won, strict=True)), start=Fraction(1)
        )
        total = sum(value for (value, _), w in zip(pairs, won, strict=True) if w)
        found[total] = found.get(total, Fraction(0)) + chance
    return found


def quantile_of(outcomes, share):
    upto = Fraction(0)
    for total in sorted(outcomes):
        upto += outcomes[total]
        if upto >= Fraction(share, 10_000):
            return total
    raise AssertionError


def below(outcomes, total):
    return sum((chance for one, chance in outcomes.items() if one < total), Fraction(0))


@given(PAIRS)
def test_few_deals_are_exact(pairs):
    """Quantiles and chances are those of going through every outcome, ties included."""
    found, outcomes = spread(pairs, 0), every_outcome(pairs)
    assert isinstance(found, Exact)
    for share in SHARES:
        assert found.quantile(share) == (quantile_of(outcomes, share),) * 2
    for total in [0, 1, *list(outcomes)[:20]]:
        assert found.below(total) == (below(outcomes, total),) * 2


@given(PAIRS, st.data())
def test_without_a_deal(pairs, data):
    """What the others come to is what they come to where the deal is not there."""
    if not pairs:
        return
    place = data.draw(st.integers(0, len(pairs) - 1))
    total = data.draw(st.integers(0, sum(value for value, _ in pairs) + 1))
    others = every_outcome([*pairs[:place], *pairs[place + 1 :]])
    assert spread(pairs, 0).below_without(total, pairs[place]) == below(others, total)


@given(
    st.lists(st.tuples(st.integers(1, 10**7), st.integers(1, 9_999)), min_size=1, max_size=9),
    st.sampled_from([10, 1_000]),
)
def test_a_grid_is_within_its_bounds(pairs, part):
    """However coarse the grid, the true quantile and the true chance lie between its bounds."""
    outcomes = every_outcome(pairs)
    gross = sum(value for value, _ in pairs)
    found = _gridded(sorted(pairs), gross // part)
    for share in SHARES:
        low, high = found.quantile(share)
        assert low <= quantile_of(outcomes, share) <= high
    for total in list(outcomes)[:20]:
        least, most = found.below(total)
        assert least <= below(outcomes, total) <= most


def many(seed, count, largest=10**7):
    random = Random(seed)  # noqa: S311 - no secret
    return [(random.randint(1, largest), random.randint(1, 9_999)) for _ in range(count)]


@pytest.mark.parametrize("draw", ["alike", "few are large"])
def test_many_deals_are_within_a_thousandth(draw):
    """Of 2,000 deals each quantile is known to a thousandth of the gross value; a simulation agrees."""
    random = Random(7)  # noqa: S311 - no secret
    pairs = many(7, 2_000)
    if draw == "few are large":
        pairs = [(int(10_000 * random.paretovariate(1.1)), chance) for _, chance in pairs]
    gross = sum(value for value, _ in pairs)
    found = spread(pairs, gross // 1_000)
    assert isinstance(found, Gridded)
    totals = sorted(sum(value for value, chance in pairs if random.random() * 10_000 < chance) for _ in range(2_000))
    for share in (1_000, 5_000, 9_000):
        low, high = found.quantile(share)
        assert 0 <= high - low <= gross // 1_000
        # a simulated quantile of 2,000 runs lies, but for one time in a million, within 0.055 of its share
        assert totals[max(int(2_000 * (share / 10_000 - 0.055)), 0)] <= high
        assert low <= totals[min(int(2_000 * (share / 10_000 + 0.055)), 1_999)]


def test_round_values_have_exact_totals():
    """500 deals of whole thousands: the totals are told apart, and the binomial distribution is met."""
    found = spread([(100_000, 5_000)] * 500, 0)
    assert found.exact
    upto, expected = 0, None
    for won in range(501):
        upto += comb(500, won)
        if upto * 10 >= 2**500:
            expected = won * 100_000
            break
    assert found.quantile(1_000) == (expected, expected)


def test_without_numpy_it_is_the_same(monkeypatch):
    """The grid needs no numpy: it is slower, and gives the same bounds."""
    pairs = many(3, 100, 10**5)
    with_it = spread(pairs, sum(value for value, _ in pairs) // 1_000)
    monkeypatch.setitem(sys.modules, "numpy", None)
    without = spread(pairs, sum(value for value, _ in pairs) // 1_000)
    assert [with_it.quantile(share) for share in SHARES] == [without.quantile(share) for share in SHARES]
    assert isinstance(without, Gridded)
    assert isinstance(without.upto, list)


def test_effects_on_a_grid():
    """Of many deals, what one does for the chance is what leaving it out says, within the doubt of the grid."""
    pairs = many(5, 120)
    gross = sum(value for value, _ in pairs)
    found = spread(pairs, gross // 1_000)
    wanted = found.quantile(5_000)[0]
    for place in (0, 30, 60, 119):
        others = spread([*pairs[:place], *pairs[place + 1 :]], gross // 10_000)
        low, high = others.below(wanted)
        assert abs(found.below_without(wanted, pairs[place]) - (low + high) / 2) < Fraction(1, 100)


def test_a_period():
    """One certain, two open: four totals, the mean between them. Source: by hand."""
    found = distribution([deal(100, 50), deal(300, "20")], certain=eur(50))
    assert (found.gross, found.mean) == (eur(450), eur(160))
    assert [str(one) for one in (found.p10, found.p50, found.p90)] == ["50.00 EUR", "150.00 EUR", "350.00 EUR"]
    assert found.chance(eur(150)) == (Fraction(6, 10), Fraction(6, 10))
    assert found.chance(eur(50)) == (Fraction(1),) * 2
    assert found.chance(eur("450.01")) == (Fraction(0),) * 2
    assert found.deviation == eur("130")  # √(100²·0.25 + 300²·0.16) = √16,900
    effects = found.effects(eur(350))
    assert [(one.won, one.lost, one.swing) for one in effects] == [
        (Fraction(1, 5), Fraction(1, 5), Fraction(0)),
        (Fraction(1), Fraction(0), Fraction(1)),
    ]


def test_nothing_open():
    """Without deals it comes to what is certain."""
    found = distribution([], certain=eur(7))
    assert found.p10.low == found.p90.high == found.mean == eur(7)
    assert "7.00 EUR" in str(found)
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize("percent", [0, 100, -1, 101])
def test_no_quantile_at_the_ends(percent):
    """At 0 and 100 % there is none to tell."""
    with pytest.raises(Invalid, match="between 0 and 100"):
        distribution([deal(1, 50)], certain=eur(0)).quantile(percent)


@pytest.mark.parametrize(("amount", "probability"), [(-1, 50), (1, 101), (1, -1)])
def test_what_is_no_deal(amount, probability):
    """A value below zero and a probability outside of 0 to 100 % are refused."""
    with pytest.raises(ValueError, match="a deal's"):
        deal(amount, probability)


def test_currencies_are_not_mixed():
    """A deal in another currency is an error, not a sum."""
    with pytest.raises(ValueError, match="convert at a rate first"):
        distribution([deal(1, 50)], certain=Money(1, "USD"))


@settings(max_examples=20)
@given(PAIRS, st.randoms())
def test_order_does_not_matter(pairs, random):
    """The same deals in another order have the same distribution."""
    mixed = list(pairs)
    random.shuffle(mixed)
    one, other = (
        distribution(
            [Deal(value=Money.of_minor(v, "EUR"), probability=Percent.of_basis_points(p)) for v, p in held],
            certain=eur(0),
        )
        for held in (pairs, mixed)
    )
    assert list(one.steps()) == list(other.steps())
