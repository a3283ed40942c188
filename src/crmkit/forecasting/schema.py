"""The columns of a roll-up's rows: which there are, what they mean, and how each is read of a row.

They depend on the dimensions alone, never on the data: where there is no tree or no quota, those columns are empty.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from crmkit.entities import Money
from crmkit.forecasting.totals import AMOUNTS

if TYPE_CHECKING:
    from crmkit.forecasting.roll_up import Group

__all__ = ["COUNTS", "OF_IDS", "Column", "Kind", "as_decimal", "columns_of", "kinds_of_keys"]

Kind = Literal["key", "text", "whole", "amount", "ratio"]
"""What a column holds: an id or code, a text, a whole number, an amount of `figures_currency`, a ratio (1 is 100 %)."""

OF_IDS: Final = frozenset({"salesperson", "team", "territory", "campaign", "item"})
"""The dimensions whose keys are ids; those of the others are codes."""

_SIX_PLACES: Final = Decimal("0.000001")


@attrs.frozen
class Column:
    """A column of a roll-up's rows: `value` reads it of a row, None where the row has none."""

    name: str
    kind: Kind
    meaning: str
    value: Callable[["Group"], Any] = attrs.field(eq=False, repr=False)


COUNTS: Final[dict[str, str]] = {
    "count": "how many opportunities; by item each counts once, under the item of its largest part",
    "open_count": "those that are open",
    "won_count": "those that are won",
    "lost_count": "those that are lost",
    "incomplete_count": "those without a value or, while open, without a probability, which counts as zero",
}

_AMOUNTS: Final[dict[str, str]] = {
    "gross": "their value",
    "weighted": "value × probability, rounded half-even for each opportunity; won ones in full, lost ones as zero",
    "won": "the value of those that are won: the category closed",
    "lost": "the value of those that are lost",
    "open": "the value of those that are open",
    "commit": "of what is open, the category commit",
    "best_case": "of what is open, the category best case",
    "pipeline": "of what is open, the category pipeline",
    "omitted": "of what is open, what is omitted from the forecast",
}
_ADDED_UP: Final[dict[str, tuple[str, Callable[[Any], Money]]]] = {
    "uncategorised": ("of what is open, what has no category", lambda row: row.uncategorised),
    "open_pipeline": ("commit + best case + pipeline", lambda row: row.open_pipeline),
    "cumulative_commit": ("won + commit", lambda row: row.cumulative.commit),
    "cumulative_best_case": ("won + commit + best case", lambda row: row.cumulative.best_case),
    "cumulative_pipeline": ("won + commit + best case + pipeline", lambda row: row.cumulative.pipeline),
}
_AGAINST_QUOTA: Final[dict[str, tuple[Kind, str]]] = {
    "attainment": ("ratio", "won ÷ quota"),
    "gap": ("amount", "quota − won"),
    "pipeline_coverage": ("ratio", "open ÷ quota"),
    "weighted_coverage": ("ratio", "open × win rate ÷ quota"),
    "remaining_coverage": ("ratio", "open ÷ (quota − won)"),
}


def columns_of(by: Iterable[str]) -> tuple[Column, ...]:
    """The columns of a roll-up by these dimensions, in order."""
    found: list[Column] = []
    for dimension in by:
        found += _of_dimension(dimension)
    return (*found, *_FIXED)


def kinds_of_keys(by: Iterable[str]) -> dict[str, str]:
    """What the columns hold that tell rows apart, where they tell ids from codes: by dimension its key and, under
    "…_shown", its name.
    """
    kinds: dict[str, str] = {}
    for dimension in by:
        kinds |= {dimension: "key" if dimension in OF_IDS else "text", f"{dimension}_shown": "text"}
    return kinds


def as_decimal(ratio: Fraction | None) -> Decimal | None:
    """A ratio rounded half-even to six places; None stays None."""
    if ratio is None:
        return None
    millionths = round(ratio * 10**6)
    with localcontext(prec=max(28, len(str(millionths)))):
        return Decimal(millionths).scaleb(-6).quantize(_SIX_PLACES, ROUND_HALF_EVEN)


def _of_dimension(dimension: str) -> tuple[Column, Column]:
    key = f"the id or code of the {dimension}; empty in the row of those that have none"
    return (
        Column(dimension, "key", key, lambda row: row.key[dimension]),
        Column(f"{dimension}_shown", "text", f"how the {dimension} is called", lambda row: row.shown[dimension]),
    )


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return value.amount
        case Fraction():
            return as_decimal(value)
        case _:
            return value


def _reading(name: str, of: Callable[["Group"], Any]) -> Callable[["Group"], Any]:
    def read(row: "Group") -> Any:
        held = of(row)
        return None if held is None else _plain(getattr(held, name))

    return read


def _made() -> tuple[Column, ...]:
    own: dict[str, tuple[Kind, str]] = {
        **{name: ("whole", meaning) for name, meaning in COUNTS.items()},
        **{name: ("amount", _AMOUNTS[name]) for name in AMOUNTS},
    }
    found = [Column("figures_currency", "text", "the currency of all amounts", lambda row: row.currency)]
    found += [Column(name, *told, _reading(name, lambda row: row)) for name, told in own.items()]
    for name, (meaning, read) in _ADDED_UP.items():
        found.append(Column(name, "amount", meaning, lambda row, read=read: read(row).amount))  # type: ignore[misc]
    found.append(Column("win_rate", "ratio", "won ÷ (won + lost), by number", _reading("win_rate", lambda row: row)))
    found.append(Column("quota", "amount", "what was asked for", lambda row: _plain(row.quota)))
    found += [
        Column(name, *told, _reading(name, lambda row: row.against_quota)) for name, told in _AGAINST_QUOTA.items()
    ]
    below: list[tuple[str, Kind, str, Callable[[Group], Any]]] = [
        *((name, *told, lambda row: row.with_descendants) for name, told in own.items()),
        ("win_rate", "ratio", "won ÷ (won + lost), by number", lambda row: row.with_descendants),
        *((name, *told, lambda row: row.against_quota_with_descendants) for name, told in _AGAINST_QUOTA.items()),
    ]
    for name, kind, meaning, of in below:
        said = f"{meaning}, with all that is below in the tree"
        found.append(Column(f"{name}_with_descendants", kind, said, _reading(name, of)))
    return tuple(found)


_FIXED: Final = _made()
