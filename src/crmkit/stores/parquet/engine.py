"""An engine that is asked through Ibis, and the states of a tenant's export as tables of it."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from crmkit.entities import Record
from crmkit.errors import MissingExtra, UnknownFormat
from crmkit.stores.parquet.columns import Sheet
from crmkit.stores.parquet.criteria import literal
from crmkit.stores.parquet.folder import CURRENT, PAST

__all__ = ["Engine", "Seen"]


class Engine:
    """A connection of Ibis: the one given, or a DuckDB of its own. Its questions run one after the other.

    Raises MissingExtra without Ibis.
    """

    def __init__(self, backend: Any = None) -> None:
        self._backend = _duckdb() if backend is None else backend
        self._own = backend is None
        self._turn = threading.Lock()
        self._tables: dict[Path, Any] = {}

    def table(self, path: Path, sheet: Sheet) -> Any:
        """A file as a table of Ibis. Raises UnknownFormat where it is not there or has not the sheet's columns."""
        with self._turn:
            found = self._tables.get(path)
            if found is None:
                if not path.exists():
                    raise UnknownFormat(f"{path}: is not there: the export was made without the entity {sheet.name}")
                read = self._backend.read_parquet(str(path))
                names = [column.name for column in sheet.columns]
                missing = ", ".join(name for name in names if name not in read.columns)
                if missing:
                    raise UnknownFormat(f"{path}: has no {missing}: it was made by another release or application")
                found = self._tables[path] = read.select(names)
        return found

    def answer(self, table: Any) -> Any:
        """What it answers, as an Arrow table."""
        with self._turn:
            return self._backend.to_pyarrow(table)

    def close(self) -> None:
        """Let go of a connection of its own; one that was handed in stays."""
        self._tables.clear()
        if self._own:
            self._backend.disconnect()


def _duckdb() -> Any:
    try:
        import ibis  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("ibis", "ibis") from cause
    return ibis.duckdb.connect()


@attrs.frozen(eq=False)
class Seen:
    """The states in a tenant's folder that are seen on an engine: the present ones, or those of an instant."""

    engine: Engine
    folder: Path
    sheets: dict[str, Sheet]
    history: bool
    instant: datetime | None

    def __call__(self, kind: type[Record]) -> Any:
        """The rows of the records of a kind."""
        if self.instant is None or not self.history:
            rows = self._file(kind, CURRENT)
        else:
            rows, at = self.every(kind), literal(self.instant)
            rows = rows.filter(rows["recorded_at"] <= at, rows["ended_at"].isnull() | (rows["ended_at"] > at))
        return rows.filter(rows["kind"] == kind.spec.about.kind) if self._is_one_of_several(kind) else rows

    def every(self, kind: type[Record]) -> Any:
        """The rows of all states of the records of a kind's table."""
        present = self._file(kind, CURRENT)
        return present.union(self._file(kind, PAST)) if self.history else present

    def _file(self, kind: type[Record], part: str) -> Any:
        sheet = self.sheets[kind.spec.about.table]
        return self.engine.table(self.folder / sheet.name / f"{part}.parquet", sheet)

    def _is_one_of_several(self, kind: type[Record]) -> bool:
        return self.sheets[kind.spec.about.table].layout.kinded and bool(kind.spec.about.kind)
