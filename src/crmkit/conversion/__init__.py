"""What becomes what: a prospect a customer, a lead an opportunity, an estimate an order. Rules over values."""

from crmkit.conversion.plans import ConversionPlan, Defaulted, PossibleDuplicate, Unmapped

__all__ = ["ConversionPlan", "Defaulted", "PossibleDuplicate", "Unmapped"]
