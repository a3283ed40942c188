"""Rows as a pandas data frame, exact: no whole number turns into a float because another one is missing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crmkit.errors import MissingExtra

__all__ = ["data_frame"]


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
