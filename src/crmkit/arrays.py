"""Arithmetic on long columns of numbers, where numpy is installed: what needs it not has a plain way, too."""

from collections.abc import Sequence
from typing import Any

__all__ = ["convolved"]


def convolved(deals: Sequence[tuple[int, float]], *, every: int, budget: float) -> tuple[int, Any, float] | None:
    """The sum of independent deals, each of so many steps with that chance, else none: from which step on, the chance
    of each, and the mass that was cut off. None without numpy.

    Deals rise by their steps. After `every` so many, each tail that weighs less than `budget` is cut off.
    """
    try:
        import numpy as np  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError:
        return None
    now, then, part = np.ones(1), np.zeros(1), np.zeros(1)
    first, reach, cut = 0, 1, 0.0
    for number, (steps, chance) in enumerate(deals, 1):
        longer = reach + steps
        if longer > len(then):
            then = np.zeros(2 * longer)
        if reach > len(part):
            part = np.zeros(2 * reach)
        np.multiply(now[:reach], 1.0 - chance, out=then[:reach])
        then[reach:longer] = 0.0
        np.multiply(now[:reach], chance, out=part[:reach])
        then[steps:longer] += part[:reach]
        now, then, reach = then, now, longer
        if number % every == 0:
            low = int(np.searchsorted(np.cumsum(now[:reach]), budget))
            high = reach - int(np.searchsorted(np.cumsum(now[:reach][::-1]), budget))
            if low or high < reach:
                cut += 2 * budget
                now, first, reach = now[low:high].copy(), first + low, high - low
    return first, now[:reach], cut
