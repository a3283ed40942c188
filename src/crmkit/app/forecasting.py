"""Placeholder."""

from typing import Any


class ForecastingService:
    """P."""

    def __init__(self, scope: Any) -> None: ...
