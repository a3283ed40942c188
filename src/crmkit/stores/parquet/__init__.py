"""Exports in Parquet files as a store that is only read, asked through Ibis on an engine of the user's choice."""

from crmkit.stores.parquet.folder import Exported
from crmkit.stores.parquet.store import ParquetStore

__all__ = ["Exported", "ParquetStore"]
