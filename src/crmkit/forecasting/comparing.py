"""Two roll-ups of the same form beside each other: what the one comes to more or less than the other, row by row."""

from collections.abc import Iterator
from typing import Any, Final

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.roll_up import Group, RollUp
from crmkit.forecasting.totals import AMOUNTS
from crmkit.frames import data_frame
from crmkit.tables import html_table, text_table

__all__ = ["Difference", "RowDifference", "difference"]

_FIGURES: Final = ("count", *AMOUNTS, "quota")
_HEADS: Final = ("Figure", "Before", "After", "Difference")


@attrs.frozen(kw_only=True)
class RowDifference:
    """A row before and after. Where it is in one of the two alone, the other is None and counts as zero."""

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    currency: str
    before: Group | None
    after: Group | None

    def of(self, figure: str) -> tuple[Any, Any, Any]:
        """A figure (`count`, `quota`, or an amount such as `weighted`) before and after, and by how much it differs.

        Raises Invalid on another.
        """
        if figure not in _FIGURES:
            raise Invalid("the comparison", [Fault("figure", f"is one of {', '.join(_FIGURES)}, not {figure!r}")])
        before, after = (self._held(one, figure) for one in (self.before, self.after))
        return before, after, after - before

    def _held(self, group: Group | None, figure: str) -> Any:
        held = None if group is None else getattr(group, figure)
        return (0 if figure == "count" else Money.zero(self.currency)) if held is None else held

    @property
    def moved(self) -> tuple[str, ...]:
        """The figures that differ."""
        return tuple(figure for figure in _FIGURES if self.of(figure)[2])

    def __bool__(self) -> bool:
        return bool(self.moved)


@attrs.frozen(kw_only=True)
class Difference:
    """Two roll-ups, and all rows of either: those of `after` in their order, then those that are in `before` alone."""

    before: RollUp
    after: RollUp
    rows: tuple[RowDifference, ...]
    total: RowDifference

    def __iter__(self) -> Iterator[RowDifference]:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return any(self.rows) or bool(self.total)

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts: per dimension its key and, under "…_shown", its name; then each figure before, after
        and the difference, amounts as decimals.
        """
        return [dict(_plain(row)) for row in self.rows]

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        rows = self.to_rows()
        return data_frame(list(rows[0]) if rows else [], rows)

    def _cells(self) -> Iterator[list[object]]:
        width = len(self.after.by)
        labels = [*("total",)[:width], *[""] * (width - 1)]
        for row, named in (*((row, list(row.shown.values())) for row in self.rows), (self.total, labels)):
            for figure in row.moved:
                yield [*named, figure.replace("_", " "), *map(_bare, row.of(figure))]

    @property
    def _heads(self) -> list[str]:
        return [*(name.capitalize() for name in self.after.by), *_HEADS]

    def __str__(self) -> str:
        return f"In {self.after.currency}\n{text_table(self._heads, self._cells())}" if self else "no difference"

    def _repr_html_(self) -> str:
        return html_table(self._heads, self._cells(), self.after.currency)


def difference(before: RollUp, after: RollUp) -> Difference:
    """What a roll-up comes to against another one by the same dimensions and in the same currency.

    Raises ValueError on two that are not alike.
    """
    if (before.by, before.currency) != (after.by, after.currency):
        raise ValueError("roll-ups are compared that are by the same dimensions and in the same currency")
    was = {row.key: row for row in before.rows}
    now = {row.key: row for row in after.rows}
    rows = [_row(was.get(key), now.get(key)) for key in [*now, *(key for key in was if key not in now)]]
    return Difference(before=before, after=after, rows=tuple(rows), total=_row(before.total, after.total))


def _row(before: Group | None, after: Group | None) -> RowDifference:
    one = after or before
    if one is None:
        raise ValueError("a row is in one of the two at least")
    return RowDifference(key=one.key, shown=one.shown, currency=one.currency, before=before, after=after)


def _plain(row: RowDifference) -> Iterator[tuple[str, Any]]:
    for dimension, key in row.key.items():
        yield dimension, key
        yield f"{dimension}_shown", row.shown[dimension]
    for figure in _FIGURES:
        for name, held in zip(("before", "after", "difference"), row.of(figure), strict=True):
            yield f"{figure}_{name}", _bare(held)


def _bare(held: Any) -> Any:
    return held.amount if isinstance(held, Money) else held
