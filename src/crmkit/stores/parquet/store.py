"""A folder of exports as a store that is only read, asked through Ibis: on DuckDB, or the engine that is handed in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from crmkit.changes import Changes
from crmkit.entities import Record, Registry
from crmkit.errors import StoreError
from crmkit.queries import Cursor, Grouped, Grouping, Query
from crmkit.repositories.store import Past
from crmkit.stores.parquet import folder as folders
from crmkit.stores.parquet.columns import Sheet, sheets
from crmkit.stores.parquet.criteria import compared, literal, met
from crmkit.stores.parquet.engine import Engine, Seen
from crmkit.stores.parquet.groups import grouped, question

__all__ = ["ParquetStore", "ParquetUnit"]

R = TypeVar("R", bound=Record)

_DECODED: Final = 1_000


class ParquetStore:
    """The exports in a folder, each of one tenant. It answers what any store is asked, and nothing in it changes.

    Records are found by a DuckDB of its own. Groups are asked of it too, or of `backend`: a connection of Ibis that
    reads the same folder, on many machines perhaps, such as `ibis.pyspark.connect(session)`. Safe across threads;
    questions run one after the other. Raises MissingExtra without Ibis.
    """

    read_only: Final = True
    """Whether nothing can be written."""

    def __init__(self, folder: Path, registry: Registry, *, backend: Any = None) -> None:
        self.folder = folder.absolute()
        self._registry = registry
        self.sheets = sheets(registry)
        self.finding = Engine()
        self.grouping = self.finding if backend is None else Engine(backend)

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
        """Let go of the engine of its own; one that was handed in stays."""
        self.grouping.close()
        if self.grouping is not self.finding:
            self.finding.close()


class ParquetUnit:
    """A unit that reads a tenant's export, as it was when it was taken or at an instant before."""

    def __init__(self, store: ParquetStore, tenant: str, as_of: datetime | None) -> None:
        self._store = store
        self._as_of = as_of
        self._folder, self.about = folders.about(store.folder, tenant)
        if as_of is not None and as_of < self.about.taken_at and not self.about.history:
            raise StoreError(f"{self._folder} has no history: export with history=True to ask for the past")
        self._finding, self._grouping = (
            Seen(engine, self._folder, store.sheets, self.about.history, as_of)
            for engine in (store.finding, store.grouping)
        )

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
        rows = self._finding(kind)
        found = {one.id: one for one in self._records(kind, rows.filter(rows["id"].isin([str(id) for id in wanted])))}
        return {id: found[id] for id in wanted if id in found}

    def find(self, query: Query[R]) -> list[R]:
        """See the port."""
        return list(self.stream(query))

    def stream(self, query: Query[R]) -> Iterator[R]:
        """See the port. The answer is held as Arrow has it, its records are made a few at a time."""
        spec = query.kind.spec
        rows = self._finding(query.kind)
        rows = rows.filter(met(rows, spec, query.where, self._finding))
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
            asked = question(grouping, self._grouping(grouping.kind), self._grouping)
            found.append(grouped(asked, self._grouping.engine.answer(asked.table)))
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
        rows = self._finding.every(kind)
        rows = rows.filter(rows["id"].isin([str(id) for id in wanted]))
        states: list[Past[Any]] = sheet.decoded(self._finding.engine.answer(rows).to_pylist())
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

    def _records(self, kind: type[R], rows: Any) -> Iterator[R]:
        sheet = self._sheet(kind)
        for batch in self._finding.engine.answer(rows).to_batches(_DECODED):
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
