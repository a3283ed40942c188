"""Arithmetic on long columns of numbers, where numpy is installed: what needs it not has a plain way, too."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

__all__ = ["convolved", "drawn"]

_LARGEST: Final = 1 << 63
_DRAWS: Final = 1 << 20
"""How many draws are held at once."""


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


def drawn(
    random: Random,
    runs: int,
    values: Sequence[int],
    chances: Sequence[float],
    below: Sequence[float],
    above: Sequence[float],
    groups: Sequence[int],
    count: int,
) -> list[int] | None:
    """What the deals that are won come to in each run, by the draws of `random` in their order: of each run first the
    `count` groups', then the deals'. A deal is won where its draw is under `above`, if its group's is under its chance,
    and else under `below`. None without numpy, or where a total may be too large for it.
    """
    try:
        import numpy as np  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError:
        return None
    if sum(values) >= _LARGEST or not values:
        return None
    _, (*key, place), _ = random.getstate()
    source = np.random.RandomState()  # its draws are those of Python's own, for good
    state: Any = ("MT19937", np.array(key, dtype=np.uint32), place)
    source.set_state(state)
    amounts, often, few, many = np.array(values), np.array(chances), np.array(below), np.array(above)
    of_each = np.array(groups)
    width = count + len(values)
    totals: list[int] = []
    while len(totals) < runs:
        rows = min(runs - len(totals), max(_DRAWS // width, 1))
        draws = source.random_sample((rows, width))
        followed = draws[:, of_each] < often
        won = draws[:, count:] < np.where(followed, many, few)
        totals += (won * amounts).sum(axis=1).tolist()
    return totals
