"""Two ways to answer one question, timed round by round in turns: what counts is the median of the rounds' ratios.

Seconds depend on the machine and on what else it does; a ratio within a round hardly does.
"""

import gc
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from statistics import median
from time import perf_counter
from typing import Any

import attrs

__all__ = ["Measured", "Question", "Way", "measure", "table"]

Way = Callable[[], Any]
"""Answers a question once; what it returns is checked against the other way's answer."""


@attrs.frozen(kw_only=True)
class Question:
    """A question with two ways to answer it: crmkit's and the floor's.

    `round` prepares one round, untimed, and gives both ways; leaving it tidies up. `agree` raises where the two
    answers are not the same. `times` is how often one round asks. `target` is the ratio that is not to be exceeded.
    """

    name: str
    target: float
    round: Callable[[], AbstractContextManager[tuple[Way, Way]]]
    agree: Callable[[Any, Any], None]
    times: int = 1


@attrs.frozen(kw_only=True)
class Measured:
    """What came of a question: the ratio of each round, and the median microseconds that each way took once."""

    name: str
    target: float
    ratios: tuple[float, ...]
    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)


def measure(question: Question, rounds: int) -> Measured:
    """Ask both ways in turns; a first round warms up and is not counted. Raises AssertionError where answers differ."""
    taken: list[tuple[float, float]] = []
    for number in range(rounds + 1):
        with question.round() as ways:
            order = (0, 1) if number % 2 else (1, 0)
            seconds, answers = [0.0, 0.0], [None, None]
            for which in order:
                seconds[which], answers[which] = _timed(ways[which])
            question.agree(*answers)
        if number:
            taken.append((seconds[0] / question.times * 1e6, seconds[1] / question.times * 1e6))
    return Measured(
        name=question.name,
        target=question.target,
        ratios=tuple(ours / floor for ours, floor in taken),
        ours=median(ours for ours, _ in taken),
        floor=median(floor for _, floor in taken),
    )


def _timed(way: Way) -> tuple[float, Any]:
    gc.collect()
    start = perf_counter()
    answer = way()
    return perf_counter() - start, answer


def table(measured: Sequence[Measured], *, sides: tuple[str, str] = ("crmkit", "floor"), at_least: bool = False) -> str:
    """The ratios with their spread, the targets, and the times they come from.

    A target is not to be exceeded, or with `at_least` to be reached.
    """
    first, second = (f"{side} µs" for side in sides)
    head = f"{'question':<52} {'ratio':>6} {'(range)':>15} {'target':>7} {first:>11} {second:>11}"
    lines = [head, "-" * len(head)]
    for one in measured:
        spread = f"({min(one.ratios):.2f} to {max(one.ratios):.2f})"
        met, missed = ("≥", "<") if at_least else ("≤", ">")
        kept = met if one.ratio == one.target or (one.ratio > one.target) is at_least else missed
        times = f"{one.ours:>11,.1f} {one.floor:>11,.1f}"
        lines.append(f"{one.name:<52} {one.ratio:>6.2f} {spread:>15} {kept:>3} {one.target:<3} {times}")
    return "\n".join(lines)
