"""A percentage, exact to a hundredth of a percent."""

import re
from decimal import Decimal, InvalidOperation
from functools import total_ordering
from typing import Final

__all__ = ["Percent", "as_percent", "shown_as"]

_PADDED: Final = re.compile(r"(?:.?[<>^])?(?:[1-9][0-9]*)?s?", re.DOTALL)
"""A format that puts a text into so much room, and does nothing else."""

_MEMO: Final[dict[int, "Percent"]] = {}


@total_ordering
class Percent:
    """A share in percent, kept as basis points: `Percent(60)` is 60 %, `Percent("12.25")` is 12.25 %.

    Takes int, text or Decimal, never a float. In a format, a width pads what is shown (`f"{percent:>8}"`), and what
    numbers alone have is of its value (`f"{percent:.1f}"`). Raises ValueError on anything finer than a hundredth.
    """

    __slots__ = ("basis_points",)
    basis_points: int

    def __init__(self, value: "Percent | int | str | Decimal") -> None:
        object.__setattr__(self, "basis_points", _basis_points(value))

    @classmethod
    def of_basis_points(cls, basis_points: int) -> "Percent":
        """The percentage of so many hundredths of a percent (100 % = 10,000); equal ones are shared."""
        found = _MEMO.get(basis_points)
        if found is None:
            found = cls.__new__(cls)
            object.__setattr__(found, "basis_points", basis_points)
            if len(_MEMO) < 20_000:
                _MEMO[basis_points] = found
        return found

    @property
    def value(self) -> Decimal:
        """The percentage as a number: 60 for 60 %."""
        return Decimal(self.basis_points) / 100

    @property
    def fraction(self) -> Decimal:
        """The share as a number from 0 to 1: 0.6 for 60 %."""
        return Decimal(self.basis_points) / 10_000

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Percent is immutable: make a new one instead of setting {name!r}")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Percent):
            return self.basis_points == other.basis_points
        if isinstance(other, int | Decimal) and not isinstance(other, bool):
            return self.value == other
        return NotImplemented

    def __lt__(self, other: object) -> bool:
        if isinstance(other, Percent):
            return self.basis_points < other.basis_points
        if isinstance(other, int | Decimal) and not isinstance(other, bool):
            return self.value < other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return f"{self._shown()} %"

    def __format__(self, spec: str) -> str:
        return shown_as(spec, str(self), self.value)

    def __repr__(self) -> str:
        return f"Percent('{self._shown()}')"

    def __reduce__(self) -> "tuple[type[Percent], tuple[str]]":
        return type(self), (self._shown(),)

    def _shown(self) -> str:
        whole, rest = divmod(abs(self.basis_points), 100)
        sign = "-" if self.basis_points < 0 else ""
        return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def _basis_points(value: object) -> int:
    if isinstance(value, Percent):
        return value.basis_points
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"must be a percentage as int, text or Decimal (60 for 60 %), not {type(value).__name__}")
    try:
        exact = Decimal(value.strip().removesuffix("%").strip() if isinstance(value, str) else value)
        scaled = exact.scaleb(2)
    except InvalidOperation:
        raise ValueError(f"must be a percentage such as 60 or '12.25', not {value!r}") from None
    if not scaled.is_finite() or abs(scaled) > 10**9:
        raise ValueError("must be a finite percentage of a sensible size")
    if scaled != scaled.to_integral_value():
        raise ValueError("must not be finer than a hundredth of a percent: round it first")
    return int(scaled)


def shown_as(spec: str, text: str, number: Decimal) -> str:
    """What is shown in a format: the text in so much room or, of a format that numbers alone have, the number."""
    return format(text, spec) if _PADDED.fullmatch(spec) else format(number, spec)


def as_percent(value: Percent | int | str | Decimal | None) -> Percent | None:
    """What a percentage field accepts, as `Percent`. Raises ValueError."""
    return value if value is None or isinstance(value, Percent) else Percent(value)
