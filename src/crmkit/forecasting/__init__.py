"""Forecasting: what opportunities contribute, forecasts and their life, roll-ups and the ratios they are judged by.

All are functions of values: what they count is handed to them.
"""

from crmkit.forecasting.adjustments import Adjusted, adjusted, adjustments_applied, made_by
from crmkit.forecasting.back_testing import BackTest, Bin, Calibration, TestScore, Trial, calibration
from crmkit.forecasting.cohorts import Cohort, StageConversion, StageTime, TimeInStage
from crmkit.forecasting.comparing import Difference, RowDifference, difference
from crmkit.forecasting.distribution import Between, Deal, Distribution, Effect, distribution
from crmkit.forecasting.explaining import Explanation, Part, QuotaPart
from crmkit.forecasting.figures import Valuation, close_day, opportunity_figures
from crmkit.forecasting.forecasters import (
    FORECASTERS,
    Forecast,
    Forecaster,
    NaiveBayes,
    Pipeline,
    RunRate,
    SeasonalNaive,
    StageAge,
    Submitted,
    View,
)
from crmkit.forecasting.hindsight import Accuracy, AccuracyRow
from crmkit.forecasting.items import Line, lines_of, split_figures
from crmkit.forecasting.learning import Case, LearntConversion, LearntScores, Lived, Probabilities
from crmkit.forecasting.lines import ForecastFigures, LineFigures, forecast_figures, line_figures, snapshot
from crmkit.forecasting.moves import add_lines, adding_findings, approve, candidates, move_findings, reopen, submit
from crmkit.forecasting.pace import Pace, PaceRow
from crmkit.forecasting.rate_policy import AT_CLOSE, RatePolicy
from crmkit.forecasting.rates import NO_RATES, Exchange, Rates
from crmkit.forecasting.ratios import (
    Errors,
    Velocity,
    accuracy,
    attainment,
    errors_of,
    gap,
    pipeline_coverage,
    remaining_coverage,
    sales_velocity,
    weighted_coverage,
    win_rate,
)
from crmkit.forecasting.roll_up import (
    DIMENSIONS,
    AgainstQuota,
    Contribution,
    Group,
    RollUp,
    primary_team,
    quotas_by,
    roll_up,
)
from crmkit.forecasting.schema import Column, columns_of
from crmkit.forecasting.scoring import Closed, Influence, Learnt, Score, Seen
from crmkit.forecasting.simulating import Simulation, simulate
from crmkit.forecasting.slippage import OpportunitySlippage, Shift, Slippage, SlippageRow
from crmkit.forecasting.standings import MEASURES
from crmkit.forecasting.submissions import Comparison, LineChange, Submission, compare
from crmkit.forecasting.totals import Categories, Cumulative, Incomplete, OpportunityFigures, Totals, total_of
from crmkit.forecasting.trend import Trend, TrendPoint
from crmkit.forecasting.waterfall import LINES, PATHS, Movement, Waterfall, WaterfallRow

__all__ = [
    "AT_CLOSE",
    "DIMENSIONS",
    "FORECASTERS",
    "LINES",
    "MEASURES",
    "NO_RATES",
    "PATHS",
    "Accuracy",
    "AccuracyRow",
    "Adjusted",
    "AgainstQuota",
    "BackTest",
    "Between",
    "Bin",
    "Calibration",
    "Case",
    "Categories",
    "Closed",
    "Cohort",
    "Column",
    "Comparison",
    "Contribution",
    "Cumulative",
    "Deal",
    "Difference",
    "Distribution",
    "Effect",
    "Errors",
    "Exchange",
    "Explanation",
    "Forecast",
    "ForecastFigures",
    "Forecaster",
    "Group",
    "Incomplete",
    "Influence",
    "Learnt",
    "LearntConversion",
    "LearntScores",
    "Line",
    "LineChange",
    "LineFigures",
    "Lived",
    "Movement",
    "NaiveBayes",
    "OpportunityFigures",
    "OpportunitySlippage",
    "Pace",
    "PaceRow",
    "Part",
    "Pipeline",
    "Probabilities",
    "QuotaPart",
    "RatePolicy",
    "Rates",
    "RollUp",
    "RowDifference",
    "RunRate",
    "Score",
    "SeasonalNaive",
    "Seen",
    "Shift",
    "Simulation",
    "Slippage",
    "SlippageRow",
    "StageAge",
    "StageConversion",
    "StageTime",
    "Submission",
    "Submitted",
    "TestScore",
    "TimeInStage",
    "Totals",
    "Trend",
    "TrendPoint",
    "Trial",
    "Valuation",
    "Velocity",
    "View",
    "Waterfall",
    "WaterfallRow",
    "accuracy",
    "add_lines",
    "adding_findings",
    "adjusted",
    "adjustments_applied",
    "approve",
    "attainment",
    "calibration",
    "candidates",
    "close_day",
    "columns_of",
    "compare",
    "difference",
    "distribution",
    "errors_of",
    "forecast_figures",
    "gap",
    "line_figures",
    "lines_of",
    "made_by",
    "move_findings",
    "opportunity_figures",
    "pipeline_coverage",
    "primary_team",
    "quotas_by",
    "remaining_coverage",
    "reopen",
    "roll_up",
    "sales_velocity",
    "simulate",
    "snapshot",
    "split_figures",
    "submit",
    "total_of",
    "weighted_coverage",
    "win_rate",
]
