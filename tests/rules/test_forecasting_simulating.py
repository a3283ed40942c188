"""Deals that are won and lost together, drawn at random: against the exact distribution, and the model itself."""

import sys
from itertools import product
from math import log, sqrt
from random import Random
from uuid import UUID

import pytest

from crmkit.entities import Money, Percent
from crmkit.forecasting import Deal, distribution
from crmkit.forecasting.simulating import simulate

RUNS = 20_000
DOUBT = 1e-9
"""How often a sound simulation may fail a test."""

NEAR = sqrt(log(2 / DOUBT) / (2 * RUNS))
"""How far a share of the runs may be from its chance (W. Hoeffding, 1963; for all totals at once P. Massart, 1990)."""


def eur(amount):
    return Money(amount, "EUR")


def deal(amount, probability, number=None):
    return Deal(
        value=eur(amount), probability=Percent(probability), opportunity=None if number is None else UUID(int=number)
    )


DEALS = [deal(1_000 * (number + 1) + 7 * number, 5 + 9 * number) for number in range(10)]


def test_independent_deals_come_to_the_exact_distribution():
    """At correlation 0 no share of the runs is further from its exact chance than the inequality allows."""
    found = simulate(DEALS, certain=eur(500), runs=RUNS, seed=1)
    exact = distribution(DEALS, certain=eur(500))
    assert exact.exact
    for total, chance in exact.steps():
        assert abs(float(found.upto(Money.of_minor(int(total), "EUR"))) - chance) <= NEAR
    low, high = exact.quantile("49").low, exact.quantile("51").high
    assert low <= found.p50 <= high


@pytest.mark.parametrize("correlation", ["0", "12.5", "60", "100"])
def test_each_is_won_with_its_own_probability(correlation):
    """Whatever the correlation: values are powers of two, so that a total tells who was won."""
    shares = ["0", "0.01", "3", "25", "50", "80", "99", "100"]
    deals = [_power(number, share) for number, share in enumerate(shares)]
    found = simulate(deals, certain=eur(0), correlation=correlation, runs=RUNS, seed=2)
    for number, share in enumerate(shares):
        won = sum(total >> number & 1 for total in found.totals) / RUNS
        assert abs(won - float(Percent(share).basis_points) / 10_000) <= NEAR
    assert all(not total & 1 for total in found.totals)
    assert all(total >> 7 & 1 for total in found.totals)


def _power(number, share):
    return Deal(value=Money.of_minor(2**number, "EUR"), probability=Percent(share), opportunity=UUID(int=number))


@pytest.mark.parametrize("correlation", [0, 30, 100])
def test_two_of_a_group_are_correlated_by_so_much(correlation):
    """Both are won with c·min(p, q) + (1 − c)·pq; those of different groups with pq."""
    chances = ["40", "40", "70", "40"]
    deals = [_power(number, share) for number, share in enumerate(chances)]
    groups = {UUID(int=number): number == 3 for number in range(4)}
    found = simulate(deals, certain=eur(0), correlation=correlation, runs=RUNS, seed=3, groups=groups)
    c = correlation / 100
    for (one, p), (other, q) in product(enumerate((0.4, 0.4, 0.7, 0.4)), repeat=2):
        if one < other:
            both = sum((total >> one & 1) and (total >> other & 1) for total in found.totals) / RUNS
            expected = p * q if other == 3 else c * min(p, q) + (1 - c) * p * q
            assert abs(both - expected) <= NEAR


def straightforward(deals, certain, correlation, seed, runs, group_of):
    """The model as its words say, one draw after another."""
    random = Random(seed)  # noqa: S311 - no secret
    follows = sqrt(correlation / 100)
    count = len(set(group_of))
    totals = []
    for _ in range(runs):
        common = [random.random() for _ in range(count)]
        total = certain
        for one, group in zip(deals, group_of, strict=True):
            p = one.probability.basis_points / 10_000
            chance = (1 - follows) * p
            if common[group] < p:
                chance += follows
            total += one.value.minor * (random.random() < chance)
        totals.append(total)
    return tuple(sorted(totals))


@pytest.mark.parametrize("installed", [True, False])
def test_the_same_seed_gives_the_same_runs(monkeypatch, installed):
    """With numpy and without it, those of the model's own words; another seed gives others."""
    if not installed:
        monkeypatch.setitem(sys.modules, "numpy", None)
    deals = [deal(100 + number, 10 * number, number) for number in range(1, 9)]
    groups = {UUID(int=number): number % 3 for number in range(1, 9)}
    seen = list(dict.fromkeys(number % 3 for number in range(1, 9)))
    expected = straightforward(deals, 700, 35, 11, 300, [seen.index(number % 3) for number in range(1, 9)])
    asked = {"certain": eur(7), "correlation": 35, "runs": 300, "groups": groups}
    assert simulate(deals, seed=11, **asked).totals == expected
    assert simulate(deals, seed=12, **asked).totals != expected


def test_totals_too_large_for_a_machine_word():
    """They are added exactly all the same."""
    largest = Money.of_minor(9 * 10**14, "EUR")
    deals = [Deal(value=largest, probability=Percent(100))] * 20_000
    assert set(simulate(deals, certain=eur(0), runs=2).totals) == {9 * 10**14 * 20_000}


def test_a_common_fate_widens_what_may_come():
    """The mean stays, what is exceeded in nine of ten is less, and it prints."""
    alone, together = (simulate(DEALS, certain=eur(0), correlation=c, runs=RUNS, seed=5) for c in (0, 80))
    assert together.p10 < alone.p10
    assert alone.p90 < together.p90
    assert alone.deviation < together.deviation
    gross = sum(one.value.minor for one in DEALS)
    exact = distribution(DEALS, certain=eur(0)).mean
    for one in (alone, together):
        assert abs(one.mean.minor - exact.minor) <= NEAR * gross
    assert together.chance(eur(0)) == 1
    assert "correlation 80 %" in str(together)
    assert "<table>" in together._repr_html_()


@pytest.mark.parametrize("wrong", [{"correlation": 101}, {"correlation": -1}, {"runs": 0}])
def test_what_cannot_be_drawn(wrong):
    """A correlation outside of 0 to 100 %, and no run at all."""
    with pytest.raises(ValueError, match=r"correlation|run"):
        simulate(DEALS, certain=eur(0), **wrong)
