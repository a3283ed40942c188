"""Rows as a pandas data frame or an Arrow table, exact: no whole number turns into a float because another one is
missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from crmkit.errors import MissingExtra

__all__ = ["arrow_table", "data_frame"]

_SAMPLES: Final = {"text": "", "whole": 0, "instant": datetime(2000, 1, 1, tzinfo=UTC)}
"""A value of each kind that has a type of its own in pandas."""


def data_frame(columns: Sequence[str] | Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Any:
    """A pandas DataFrame with these columns; a value that a row has not is missing.

    Whole numbers, flags and texts have pandas' nullable types, instants are in UTC; amounts, decimals and days stay
    the exact objects they are. Where the columns are given with their kinds (see `arrow_table`), those that hold
    nothing have the type of their kind, too. Raises MissingExtra without pandas.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("pandas", "pandas") from cause
    held = list(rows)
    frame = pd.DataFrame(
        {name: pd.Series([row.get(name) for row in held], dtype=object) for name in columns}, columns=list(columns)
    )
    frame = frame.convert_dtypes()
    kinds = columns if isinstance(columns, Mapping) else {}
    empty = {
        name: pd.Series([_SAMPLES[kind]], dtype=object).convert_dtypes().dtype
        for name, kind in kinds.items()
        if kind in _SAMPLES and frame[name].isna().all()
    }
    return frame.astype(empty)


def arrow_table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Any:
    """A pyarrow Table with these columns, each of its kind: key and text (strings), whole (int64), amount
    (decimal128(38, 4): no currency's minor unit has more digits), ratio (decimal128(38, 6)) or instant (in UTC, to the
    microsecond).

    Raises MissingExtra without pyarrow.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("arrow", "pyarrow") from cause
    types = {
        "key": pa.string(),
        "text": pa.string(),
        "whole": pa.int64(),
        "amount": pa.decimal128(38, 4),
        "ratio": pa.decimal128(38, 6),
        "instant": pa.timestamp("us", tz="UTC"),
    }
    held = list(rows)
    made = []
    for name, kind in columns.items():
        values = [row[name] for row in held]
        if kind == "key":
            values = [None if value is None else str(value) for value in values]
        made.append(pa.array(values, types[kind]))
    return pa.table(made, names=list(columns))
