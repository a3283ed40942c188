"""Forecasters put to the test: what each told at instants of the past, against what came of it.

How far means were off is judged by the measures of `ratios`; chances by whether they came true as often as they say:
the Brier score, the mean of (chance − outcome)² (G. W. Brier, 1950; 0 is perfect, ¼ is what 50 % for everything gets),
and a reliability table, which sorts them into bins and sets the share won beside the mean chance. A range from P10 to
P90 should hold four of five actual amounts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import Money
from crmkit.errors import NoRow
from crmkit.forecasting.forecasters import Forecast
from crmkit.forecasting.ratios import Errors, accuracy, errors_of
from crmkit.forecasting.schema import as_decimal
from crmkit.frames import data_frame
from crmkit.tables import html_table, text_table

__all__ = ["BackTest", "Bin", "Calibration", "TestScore", "Trial", "calibration"]

_BINS: Final = 10


@attrs.frozen(kw_only=True)
class Trial:
    """One forecast of the past: by whom, of which period, as of when, what it was and what came of it.

    `won` are the opportunities that were won in the period.
    """

    forecaster: str
    period: str
    at: datetime
    forecast: Forecast
    actual: Money
    won: frozenset[UUID]

    @property
    def accuracy(self) -> Fraction | None:
        """max(0, 1 − |actual − mean| ÷ |actual|), as HubSpot has it; None where nothing came of it."""
        return accuracy(self.actual, self.forecast.mean)

    @property
    def within(self) -> bool | None:
        """Whether the actual amount lies from P10 to P90; None where the forecaster told neither."""
        if self.forecast.p10 is None or self.forecast.p90 is None:
            return None
        return self.forecast.p10 <= self.actual <= self.forecast.p90

    @property
    def outcomes(self) -> Iterator[tuple[Fraction, bool]]:
        """Each chance that was told, and whether it came true."""
        for opportunity, chance in self.forecast.chances:
            yield chance, opportunity in self.won


@attrs.frozen(kw_only=True)
class Bin:
    """The chances from `low` to below `high` (the last bin has 1 too): how many, their mean, and the share that came
    true.
    """

    low: Fraction
    high: Fraction
    count: int
    chance: Fraction
    won: Fraction


@attrs.frozen
class Calibration:
    """Whether chances came true as often as they say: how many there were, their Brier score, None without any, and the
    bins that have some.
    """

    count: int
    brier: Fraction | None
    bins: tuple[Bin, ...]

    def _cells(self) -> Iterator[tuple[object, ...]]:
        for one in self.bins:
            yield one.low, one.high, one.count, one.chance, one.won

    def __str__(self) -> str:
        return text_table(("From", "To", "Chances", "Mean", "Won"), self._cells())

    def _repr_html_(self) -> str:
        return html_table(("From", "To", "Chances", "Mean", "Won"), self._cells())


def calibration(outcomes: Iterable[tuple[Fraction, bool]], *, bins: int = _BINS) -> Calibration:
    """The calibration of chances, each with whether it came true, in bins of equal width. Raises ValueError on less
    than one bin.
    """
    if bins < 1:
        raise ValueError(f"at least one bin is needed, not {bins}")
    held: dict[int, list[tuple[Fraction, bool]]] = {}
    squares, count = Fraction(0), 0
    for chance, won in outcomes:
        held.setdefault(min(chance.numerator * bins // chance.denominator, bins - 1), []).append((chance, won))
        squares, count = squares + (chance - won) ** 2, count + 1
    made = [
        Bin(
            low=Fraction(place, bins),
            high=Fraction(place + 1, bins),
            count=len(found),
            chance=sum((chance for chance, _ in found), Fraction(0)) / len(found),
            won=Fraction(sum(won for _, won in found), len(found)),
        )
        for place, found in sorted(held.items())
    ]
    return Calibration(count, squares / count if count else None, tuple(made))


@attrs.frozen(kw_only=True)
class TestScore:
    """How a forecaster did: how far its means were off, its mean accuracy over the trials of which something came, the
    share of actual amounts from P10 to P90 (None where it told neither), and how its chances came true.
    """

    __test__ = False  # pytest would take it for a test

    forecaster: str
    errors: Errors
    accuracy: Fraction | None
    within: Fraction | None
    calibration: Calibration


def _trials(given: Iterable[Trial]) -> tuple[Trial, ...]:
    return tuple(given)


@attrs.frozen
class BackTest:
    """The trials of forecasters over the past, in order, and how each did."""

    trials: tuple[Trial, ...] = attrs.field(converter=_trials)
    bins: int = _BINS

    @property
    def scores(self) -> tuple[TestScore, ...]:
        """How each forecaster did, in their order."""
        names = dict.fromkeys(one.forecaster for one in self.trials)
        return tuple(self._score(name, [one for one in self.trials if one.forecaster == name]) for name in names)

    def __getitem__(self, forecaster: str) -> TestScore:
        """How a forecaster did. Raises NoRow on one that was not tried."""
        found = {one.forecaster: one for one in self.scores}
        if forecaster not in found:
            tried = f"it tried {', '.join(found)}" if found else "it tried none"
            raise NoRow("forecaster in the back-test", forecaster, tried)
        return found[forecaster]

    def _score(self, name: str, trials: Sequence[Trial]) -> TestScore:
        return TestScore(
            forecaster=name,
            errors=errors_of((one.actual, one.forecast.mean) for one in trials),
            accuracy=_mean(one.accuracy for one in trials),
            within=_mean(None if one.within is None else Fraction(one.within) for one in trials),
            calibration=calibration((pair for one in trials for pair in one.outcomes), bins=self.bins),
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """The trials as plain dicts; amounts are decimals, ratios decimals rounded half-even to six places."""
        return [
            {
                "forecaster": one.forecaster,
                "period": one.period,
                "at": one.at,
                "mean": one.forecast.mean.amount,
                "p10": None if one.forecast.p10 is None else one.forecast.p10.amount,
                "p90": None if one.forecast.p90 is None else one.forecast.p90.amount,
                "actual": one.actual.amount,
                "currency": one.actual.currency,
                "accuracy": as_decimal(one.accuracy),
                "within": one.within,
                "chances": len(one.forecast.chances),
            }
            for one in self.trials
        ]

    def to_pandas(self) -> Any:
        """The trials as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        rows = self.to_rows()
        return data_frame(list(rows[0]) if rows else [], rows)

    def _cells(self) -> Iterator[tuple[object, ...]]:
        for one in self.scores:
            errors = one.errors
            brier = one.calibration.brier
            told = None if brier is None else Decimal(round(brier * 10_000)).scaleb(-4)
            yield (one.forecaster, errors.count, one.accuracy, errors.mape, errors.wape, errors.bias, one.within, told)

    def __str__(self) -> str:
        return text_table(_HEADS, self._cells())

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._cells(), f"{len(self.trials)} trials")


_HEADS: Final = ("Forecaster", "Trials", "Accuracy", "MAPE", "WAPE", "Bias", "P10 to P90", "Brier")


def _mean(given: Iterable[Fraction | None]) -> Fraction | None:
    held = [one for one in given if one is not None]
    return sum(held, Fraction(0)) / len(held) if held else None
