"""Answers that are tables: rows of one schema, as plain dicts, as a frame, as text and as HTML."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crmkit.entities import FrozenMap, Money
from crmkit.forecasting.ratios import Velocity
from crmkit.forecasting.schema import as_decimal
from crmkit.forecasting.standings import RowKey
from crmkit.frames import data_frame
from crmkit.tables import html_table, text_table

__all__ = ["Tabled", "heads", "keys", "placed"]

_SHOWN: Final = "_shown"
_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)


class Tabled:
    """What is shown of an answer: its `caption`, the names of its `columns`, and `cells`, a row each."""

    __slots__ = ()

    @property
    def caption(self) -> str:
        """What the table says, in a line."""
        raise NotImplementedError

    def columns(self) -> list[str]:
        """The names of the columns; under "…_shown" stands the name of what the column before it has the key of."""
        raise NotImplementedError

    def cells(self) -> Iterable[Sequence[Any]]:
        """The rows, a value for each column."""
        raise NotImplementedError

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts. Amounts are decimals; ratios, and days that are fractions, are decimals rounded
        half-even to six places; lengths of time are timedeltas.
        """
        names = self.columns()
        return [dict(zip(names, map(_plain, row), strict=True)) for row in self.cells()]

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        return data_frame(self.columns(), self.to_rows())

    def __str__(self) -> str:
        heads, rows = self._table()
        return f"{self.caption}\n{text_table(heads, rows)}"

    def _repr_html_(self) -> str:
        heads, rows = self._table()
        return html_table(heads, rows, self.caption)

    def _table(self) -> tuple[list[str], list[list[Any]]]:
        """Headings and rows as people read them: names instead of keys."""
        names = self.columns()
        kept = [place for place, name in enumerate(names) if name + _SHOWN not in names]
        heads = [names[place].removesuffix(_SHOWN).replace("_", " ").capitalize() for place in kept]
        return heads, [[_read(names[place], row[place]) for place in kept] for row in self.cells()]


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, Fraction):
        return as_decimal(value)
    if isinstance(value, Velocity):
        return value.over(1).amount
    return value


def _read(name: str, value: Any) -> Any:
    """Amounts without their currency, which the caption names; days to one place."""
    if isinstance(value, Fraction) and name.startswith(("days", "cycle")):
        return _to_one_place(value)
    if isinstance(value, timedelta):
        return _to_one_place(Fraction(value // _MICROSECOND, _DAY // _MICROSECOND))
    return _plain(value) if isinstance(value, Money | Velocity) else value


def _to_one_place(number: Fraction) -> Decimal:
    return Decimal(round(number * 10)).scaleb(-1)


def placed(
    dimensions: Sequence[str], key: RowKey, names: Mapping[str, Mapping[Any, str]]
) -> tuple[FrozenMap[Any], FrozenMap[str]]:
    """A row's key by dimension, and what people read for it."""
    shown = {
        name: "none" if place is None else names.get(name, {}).get(place) or str(place)
        for name, place in zip(dimensions, key, strict=True)
    }
    return FrozenMap(dict(zip(dimensions, key, strict=True))), FrozenMap(shown)


def heads(by: Iterable[str]) -> list[str]:
    """The names of the columns that tell rows apart."""
    return [name for dimension in by for name in (dimension, dimension + _SHOWN)]


def keys(row: Any) -> list[Any]:
    """What a row has in them."""
    return [value for name, key in row.key.items() for value in (key, row.shown[name])]
