"""The demonstration: an invented company, from a campaign to an order and a forecast."""

from crmkit.demo.run import run_demo

__all__ = ["run_demo"]
