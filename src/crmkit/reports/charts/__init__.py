"""Pictures of what forecasting answers: `crmkit.charts.waterfall(crm.forecasting.waterfall(start=…))`.

Each is a pure function of a value and gives a matplotlib figure, with the extra `charts`: a notebook shows it, and
`.savefig("q4.svg")` saves it. Nothing of matplotlib's global state is read for colours or changed, and no window opens.
Texts are in English or Spanish (`language`: en, es).
"""

from crmkit.reports.charts.against_quota import forecast_against_quota
from crmkit.reports.charts.distributions import distribution
from crmkit.reports.charts.funnels import funnel
from crmkit.reports.charts.stage_times import time_in_stage
from crmkit.reports.charts.trends import trend
from crmkit.reports.charts.waterfalls import waterfall

__all__ = ["distribution", "forecast_against_quota", "funnel", "time_in_stage", "trend", "waterfall"]
