"""The accuracy of past forecasts: what was said of periods, against what they came to."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.forecasting.ratios import Errors, accuracy, errors_of
from crmkit.forecasting.rows import row_order
from crmkit.forecasting.standings import RowKey
from crmkit.forecasting.tabled import Tabled, heads, keys, placed

__all__ = ["Accuracy", "AccuracyRow", "Said", "accuracy_of"]

_FIGURES: Final = ("said_at", "forecast", "actual", "error", "accuracy")


@attrs.frozen(kw_only=True)
class Said:
    """What was said of a row at an instant, and what it came to; both in one currency."""

    key: RowKey
    at: datetime
    forecast: Money
    actual: Money


@attrs.frozen(kw_only=True)
class AccuracyRow:
    """A forecast of a row, said at an instant, against what the row came to."""

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    said_at: datetime
    forecast: Money
    actual: Money

    @property
    def error(self) -> Money:
        """forecast − actual: above zero where it was too high."""
        return self.forecast - self.actual

    @property
    def accuracy(self) -> Fraction | None:
        """max(0, 1 − |actual − forecast| ÷ |actual|), as HubSpot has it; None where the actual is 0."""
        return accuracy(self.actual, self.forecast)


@attrs.frozen(kw_only=True)
class Accuracy(Tabled):
    """The accuracy of forecasts: a row each, and the `errors` of all together (MAPE, WAPE, bias).

    Each measure is None where it would divide by nothing: `errors.skipped` counts the rows whose actual is 0, which
    MAPE passes over; WAPE and bias take them in.
    """

    by: tuple[str, ...]
    currency: str
    rows: tuple[AccuracyRow, ...]
    errors: Errors

    @property
    def caption(self) -> str:
        """See `Tabled`."""
        measures = (("MAPE", self.errors.mape), ("WAPE", self.errors.wape), ("bias", self.errors.bias))
        told = "; ".join(f"{name} {'none' if value is None else f'{float(value):.1%}'}" for name, value in measures)
        return f"Forecasts against what came of them, in {self.currency}; {told}"

    def columns(self) -> list[str]:
        """See `Tabled`."""
        return [*heads(self.by), *_FIGURES]

    def cells(self) -> Iterator[list[Any]]:
        """See `Tabled`."""
        for row in self.rows:
            yield [*keys(row), *[getattr(row, name) for name in _FIGURES]]


def accuracy_of(
    said: Iterable[Said], *, by: tuple[str, ...], currency: str, names: Mapping[str, Mapping[Any, str]]
) -> Accuracy:
    """The accuracy of what was said, a row each. Raises ValueError on mixed currencies."""
    held = list(said)
    rows = []
    for one in held:
        place, shown = placed(by, one.key, names)
        rows.append(AccuracyRow(key=place, shown=shown, said_at=one.at, forecast=one.forecast, actual=one.actual))
    return Accuracy(
        by=by,
        currency=currency,
        rows=tuple(sorted(rows, key=lambda row: (row_order(row), row.said_at))),
        errors=errors_of((one.actual, one.forecast) for one in held),
    )
