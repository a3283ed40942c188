"""Rows as a pandas data frame or an Arrow table, exact: no whole number turns into a float because another one is
missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmkit.errors import MissingExtra

__all__ = ["arrow_table", "data_frame"]


def data_frame(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Any:
    """A pandas DataFrame with these columns; a value that a row has not is missing.

    Whole numbers, flags and texts have pandas' nullable types, instants are in UTC; amounts, decimals and days stay
    the exact objects they are. Raises MissingExtra without pandas.
    """
    try:
        import pandas as pd  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("pandas", "pandas") from cause
    held = list(rows)
    frame = pd.DataFrame(
        {name: pd.Series([row.get(name) for row in held], dtype=object) for name in columns}, columns=list(columns)
    )
    return frame.convert_dtypes()


def arrow_table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Any:
    """A pyarrow Table with these columns, each of its kind: key and text (strings), whole (int64), amount
    (decimal128(38, 4): no currency's minor unit has more digits) or ratio (decimal128(38, 6)).

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
    }
    held = list(rows)
    made = []
    for name, kind in columns.items():
        values = [row[name] for row in held]
        if kind == "key":
            values = [None if value is None else str(value) for value in values]
        made.append(pa.array(values, types[kind]))
    return pa.table(made, names=list(columns))
