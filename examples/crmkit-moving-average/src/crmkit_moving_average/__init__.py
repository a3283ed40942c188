"""A forecaster from outside crmkit: what was won on average in the spans just before a period, each as long as it."""

from datetime import timedelta

import attrs

from crmkit import Money, SalesPeriod, between
from crmkit.forecasting import Forecast, View

__all__ = ["MovingAverage"]


@attrs.frozen
class MovingAverage:
    """The mean of the last `spans` that were over by the instant of the view."""

    spans: int = 4

    def forecast(self, view: View, period: SalesPeriod) -> Forecast:
        """The view knows nothing later than its instant, so that neither does the forecast."""
        length = period.ends_on - period.starts_on + timedelta(days=1)
        first = period.starts_on
        while first > view.now().date():
            first -= length
        total = Money.zero(view.settings.currency)
        for number in range(1, self.spans + 1):
            start = first - number * length
            days = between(start, start + length - timedelta(days=1))
            total += view.forecasting.roll_up(closed_on=days).total.won
        return Forecast(mean=Money.of_minor(total.minor // self.spans, total.currency))
