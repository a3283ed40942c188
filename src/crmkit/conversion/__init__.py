"""What becomes what: a prospect a customer, a lead an opportunity, an estimate an order, two records one. Rules over
values.
"""

from crmkit.conversion.matching import Match
from crmkit.conversion.merge_plans import MergePlan
from crmkit.conversion.plans import ConversionPlan, Defaulted, PossibleDuplicate, Unmapped

__all__ = ["ConversionPlan", "Defaulted", "Match", "MergePlan", "PossibleDuplicate", "Unmapped"]
