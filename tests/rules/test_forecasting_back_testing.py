"""How forecasters did: against the published measures, and by hand."""

from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.entities import Money, Percent
from crmkit.errors import NoRow
from crmkit.forecasting import Deal, distribution
from crmkit.forecasting.back_testing import BackTest, Trial, calibration
from crmkit.forecasting.forecasters import Forecast

CHANCES = st.lists(st.tuples(st.fractions(0, 1, max_denominator=50), st.booleans()), max_size=30)


def eur(amount):
    return Money(amount, "EUR")


def trial(name, mean, actual, *, p10=None, p90=None, chances=(), won=()):
    return Trial(
        forecaster=name,
        period="P",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        forecast=Forecast(
            mean=eur(mean),
            p10=None if p10 is None else eur(p10),
            p90=None if p90 is None else eur(p90),
            chances={UUID(int=number): Fraction(chance) for number, chance in chances},
        ),
        actual=eur(actual),
        won=frozenset(UUID(int=number) for number in won),
    )


def test_how_a_forecaster_did():
    """Source: HubSpot's formula for the accuracy, the definitions of the others, by hand."""
    found = BackTest(
        [
            trial("a", 120, 100, p10=90, p90=150, chances={1: "1/2", 2: "1/5"}.items(), won=[1]),
            trial("b", 100, 100),
            trial("a", 30, 100, p10=10, p90=40, chances={3: "1"}.items(), won=[3]),
            trial("a", 50, 0),
        ]
    )
    assert [one.forecaster for one in found.scores] == ["a", "b"]
    a = found["a"]
    assert (a.errors.count, a.errors.skipped) == (3, 1)
    assert a.accuracy == (Fraction(8, 10) + Fraction(3, 10)) / 2
    assert a.errors.mape == (Fraction(2, 10) + Fraction(7, 10)) / 2
    assert a.errors.wape == Fraction(20 + 70 + 50, 200)
    assert a.errors.bias == Fraction(20 - 70 + 50, 200)
    assert a.within == Fraction(1, 2)
    assert a.calibration.brier == (Fraction(1, 4) + Fraction(1, 25) + 0) / 3
    b = found["b"]
    assert b.accuracy == 1
    assert b.within is b.calibration.brier is None
    assert [row["actual"] for row in found.to_rows()] == [100, 100, 100, 0]
    assert "Brier" in str(found)
    assert "<table>" in found._repr_html_()
    for error in (NoRow, KeyError):
        with pytest.raises(error, match=r"no forecaster in the back-test c: it tried a, b$"):
            _ = found["c"]


def test_what_is_no_forecast_is_told_in_words():
    """Amounts are money; P10 is the lesser one, and what is wrong says how it has to be."""
    five = Money(5, "EUR")
    for told, name in (({"mean": 1.5}, "mean"), ({"mean": None}, "mean"), ({"mean": five, "p10": 2}, "p10")):
        with pytest.raises(TypeError, match=f"^the {name} of a forecast is an amount, such as Money"):
            Forecast(**told)
    with pytest.raises(ValueError, match=r"^P10, 5.00 EUR, must not be above P90, 1.00 EUR: it is what nine of ten"):
        Forecast(mean=five, p10=five, p90=Money(1, "EUR"))


@given(CHANCES, st.integers(1, 12))
def test_the_reliability_table(outcomes, bins):
    """Each chance is in one bin, the one that it lies in; the shares are those of its bin."""
    found = calibration(outcomes, bins=bins)
    assert found.count == sum(one.count for one in found.bins) == len(outcomes)
    for one in found.bins:
        inside = [(c, w) for c, w in outcomes if one.low <= c < one.high or (c == 1 == one.high)]
        assert len(inside) == one.count > 0
        assert one.chance == Fraction(sum(c for c, _ in inside)) / one.count
        assert one.won == Fraction(sum(w for _, w in inside), one.count)
    if outcomes:
        assert found.brier == Fraction(sum((c - w) ** 2 for c, w in outcomes)) / len(outcomes)


def test_chances_that_come_true_as_often_as_they_say():
    """1 of 4 at 25 %, 3 of 4 at 75 %: each bin's share is its chance. It prints."""
    outcomes = [(Fraction(1, 4), n == 0) for n in range(4)] + [(Fraction(3, 4), n > 0) for n in range(4)]
    found = calibration(outcomes)
    assert [(one.chance, one.won) for one in found.bins] == [(Fraction(1, 4),) * 2, (Fraction(3, 4),) * 2]
    assert "25.0 %" in str(found)
    assert "<table>" in found._repr_html_()
    assert calibration([]).brier is None
    with pytest.raises(ValueError, match="bin"):
        calibration(outcomes, bins=0)


def test_a_forecast_of_a_distribution():
    """Mean, quantiles and chances are those of its deals."""
    deals = [Deal(value=eur(100), probability=Percent(50), opportunity=UUID(int=1))]
    found = Forecast.of(distribution(deals, certain=eur(10)))
    assert (found.mean, found.p10, found.p90) == (eur(60), eur(10), eur(110))
    assert found.chances == ((UUID(int=1), Fraction(1, 2)),)
    assert "P90" in str(found)
    assert "<table>" in found._repr_html_()


@pytest.mark.parametrize(
    "wrong",
    [
        {"p10": Money(1, "USD")},
        {"p10": Money(3, "EUR"), "p90": Money(2, "EUR")},
        {"chances": {UUID(int=1): Fraction(11, 10)}},
    ],
)
def test_what_is_no_forecast(wrong):
    """Mixed currencies, quantiles the wrong way round, a chance above 1."""
    with pytest.raises(ValueError, match=r"currency|P10|chance"):
        Forecast(mean=eur(5), **wrong)
