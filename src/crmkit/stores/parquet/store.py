"""A folder of exports as a store that is only read, asked through Ibis: on DuckDB, or the engine that is handed in."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from crmkit.changes import Changes
from crmkit.entities import Record, Registry, Spec
from crmkit.errors import MissingExtra, StoreError, UnknownFormat
from crmkit.queries import Cursor, Grouped, Grouping, Query
from crmkit.repositories.store import Past
from crmkit.stores.parquet import folder as folders
from crmkit.stores.parquet.columns import Sheet, sheets
from crmkit.stores.parquet.criteria import compared, literal, met
from crmkit.stores.parquet.groups import grouped, question

__all__ = ["ParquetStore", "ParquetUnit"]

R = TypeVar("R", bound=Record)

_DECODED: Final = 1_000


class ParquetStore:
    """The exports in a folder, each of one tenant. It answers what any store is asked, and nothing in it changes.

    `backend` is a connection of Ibis: `ibis.duckdb.connect()` where none is given, or one that reads the same folder
    on many machines, such as `ibis.pyspark.connect(session)`. Safe across threads; its questions run one after the
    other. Raises MissingExtra without Ibis.
    """

    read_only: Final = True
    """Whether nothing can be written."""

    def __init__(self, folder: Path, registry: Registry, *, backend: Any = None) -> None:
        self.folder = folder.absolute()
        self._registry = registry
        self.sheets = sheets(registry)
        self._backend = _duckdb() if backend is None else backend
        self._own = backend is None
        self._turn = threading.Lock()
        self._tables: dict[Path, Any] = {}

    @classmethod
    def from_url(cls, url: str, registry: Registry, *, backend: Any = None) -> "ParquetStore":
        """The folder of `parquet:///exports`, from here, or of `parquet:////data/exports`."""
        path = url.partition(":")[2]
        return cls(Path(path.removeprefix("///") if path.startswith("///") else path), registry, backend=backend)

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._registry

    def prepare(self) -> bool:
        """Nothing has to be made. Raises StoreError where there is no export."""
        if not folders.tenants(self.folder):
            raise StoreError(f"{self.folder} holds no export: write one, with crm.to_parquet(folder)")
        return False

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> "ParquetUnit":
        """A unit that reads. Raises StoreError on one that is to write, on a tenant without an export, and on the past
        of one that was written without its history.
        """
        del clock, snapshot
        if not read_only and as_of is None:
            raise StoreError("an export is only read: write to the CRM that it was taken from")
        return ParquetUnit(self, tenant, as_of)

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """What was settled when the export was taken."""
        return min(now, folders.about(self.folder, tenant)[1].settled)

    def close(self) -> None:
        """Let go of an engine of its own; one that was handed in stays."""
        self._tables.clear()
        if self._own:
            self._backend.disconnect()

    # For its units

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

    def rows(self, table: Any) -> Any:
        """What an engine answers, as an Arrow table."""
        with self._turn:
            return self._backend.to_pyarrow(table)


def _duckdb() -> Any:
    try:
        import ibis  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("ibis", "ibis") from cause
    return ibis.duckdb.connect()


class ParquetUnit:
    """A unit that reads a tenant's export, as it was when it was taken or at an instant before."""

    def __init__(self, store: ParquetStore, tenant: str, as_of: datetime | None) -> None:
        self._store = store
        self._as_of = as_of
        self._folder, self.about = folders.about(store.folder, tenant)
        if as_of is not None and as_of < self.about.taken_at and not self.about.history:
            raise StoreError(f"{self._folder} has no history: export with history=True to ask for the past")

    @property
    def registry(self) -> Registry:
        """The entities it serves."""
        return self._store.registry

    @property
    def instant(self) -> datetime:
        """The instant that it looks at."""
        return self._as_of or self.about.taken_at

    # Reading

    def get(self, kind: type[R], id: UUID) -> R | None:
        """See the port."""
        return self.get_many(kind, [id]).get(id)

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """See the port."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        rows = self._seen(kind)
        found = {one.id: one for one in self._records(kind, rows.filter(rows["id"].isin([str(id) for id in wanted])))}
        return {id: found[id] for id in wanted if id in found}

    def find(self, query: Query[R]) -> list[R]:
        """See the port."""
        return list(self.stream(query))

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port. The answer is held as Arrow has it, its records are made a few at a time."""
        spec = query.kind.spec
        rows = self._seen(query.kind)
        rows = rows.filter(met(rows, spec, query.where, self._seen))
        name = "id" if query.sort in ("", "id") else compared(spec, query.sort)[1]
        if query.after is not None:
            rows = rows.filter(_beyond(rows, name, query.after, descending=query.descending))
        order = [rows[one].desc(nulls_first=False) if query.descending else rows[one].asc() for one in (name, "id")]
        rows = rows.order_by(order[:1] if name == "id" else order)
        yield from self._records(query.kind, rows if query.limit is None else rows.limit(query.limit))

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        """See the port."""
        asked = [Grouping(kind=query.kind, where=query.where) for query in queries]
        return [groups[0].count for groups in self.groups(asked)]

    def groups(self, groupings: Sequence[Grouping[Record]]) -> list[list[Grouped]]:
        """See the port."""
        found: list[list[Grouped]] = []
        for grouping in groupings:
            asked = question(grouping, self._seen(grouping.kind), self._seen)
            found.append(grouped(asked, self._store.rows(asked.table).to_pylist()))
        return found

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        """See the port."""
        return self.histories(kind, [id]).get(id, [])

    def histories(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, list[Past[R]]]:
        """See the port."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        sheet = self._sheet(kind)
        rows = self._all(kind)
        rows = rows.filter(rows["id"].isin([str(id) for id in wanted]))
        states: list[Past[Any]] = sheet.decoded(self._store.rows(rows).to_pylist())
        found: dict[UUID, list[Past[R]]] = {id: [] for id in wanted}
        for state in sorted(states, key=lambda state: state.record.version):
            found[state.record.id].append(state)
        return {id: held for id, held in found.items() if held}

    def states(self, kind: type[R]) -> Iterator[Past[R]]:
        """See `Telling`; it reads the files themselves."""
        return folders.states(self._sheet(kind), self._folder, kind.spec, history=self.about.history)

    def as_of(self, instant: datetime) -> "ParquetUnit":
        """See the port."""
        return ParquetUnit(self._store, self.about.tenant, instant)

    def _sheet(self, kind: type[Record]) -> Sheet:
        return self._store.sheets[kind.spec.about.table]

    def _file(self, kind: type[Record], part: str) -> Any:
        sheet = self._sheet(kind)
        return self._store.table(self._folder / sheet.name / f"{part}.parquet", sheet)

    def _all(self, kind: type[Record]) -> Any:
        """All states of the records of a table."""
        present = self._file(kind, folders.CURRENT)
        return present.union(self._file(kind, folders.PAST)) if self.about.history else present

    def _seen(self, kind: type[Record]) -> Any:
        """The states of the records of a kind that are seen: the present ones, or those of the instant."""
        if self._as_of is None or not self.about.history:
            rows = self._file(kind, folders.CURRENT)
        else:
            rows = self._all(kind)
            at = literal(self._as_of)
            rows = rows.filter(rows["recorded_at"] <= at, rows["ended_at"].isnull() | (rows["ended_at"] > at))
        return rows.filter(rows["kind"] == kind.spec.about.kind) if _narrowed(kind.spec, self._sheet(kind)) else rows

    def _records(self, kind: type[R], rows: Any) -> Iterator[R]:
        sheet = self._sheet(kind)
        for batch in self._store.rows(rows).to_batches(_DECODED):
            for row in batch.to_pylist():
                made: Any = sheet.record(row)
                yield made

    # Writing

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        """None are given. Raises StoreError."""
        raise StoreError(f"{kind.spec.about.plural}: {count} numbers are asked for in an export, which is only read")

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        """Nothing is changed. Raises StoreError."""
        del changes, by
        raise StoreError("this unit of work only reads: an export never changes")

    def commit(self) -> None:
        """Nothing has to be saved."""

    def rollback(self) -> None:
        """Nothing has to be forgotten."""


def _narrowed(spec: Spec, sheet: Sheet) -> bool:
    """Whether the entity is one of several in its table."""
    return sheet.layout.kinded and bool(spec.about.kind)


def _beyond(rows: Any, name: str, after: Cursor, *, descending: bool) -> Any:
    """Whether a row comes behind that place."""
    by_id = rows["id"] < literal(after.id) if descending else rows["id"] > literal(after.id)
    if name == "id":
        return by_id
    held = rows[name]
    if after.value is None:
        return held.isnull() & by_id
    place = literal(after.value)
    further = held < place if descending else held > place
    return (further | ((held == place) & by_id)).fill_null(literal(value=False)) | held.isnull()
