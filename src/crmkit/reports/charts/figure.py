"""A figure that a notebook shows by itself. This module needs matplotlib when it is imported."""

from io import BytesIO
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["Chart"]

_SHARP: Final = 2
"""Pixels a dot: for screens of high density."""


class Chart(Figure):
    """A matplotlib figure. Matplotlib shows figures in notebooks where pyplot is in use alone; this one needs none."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(layout="constrained", facecolor="white", edgecolor="white", dpi=100, **settings)
        FigureCanvasAgg(self)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture, and how large it is to be shown."""
        held = BytesIO()
        self.savefig(held, format="png", dpi=self.dpi * _SHARP, facecolor="white")
        width, height = self.get_size_inches() * self.dpi
        return held.getvalue(), {"width": round(width), "height": round(height)}
