"""A folder of Parquet files: written whole or not at all, read back to be compared, and told what is in it.

exports/tenant=acme/_crmkit.json                  what the folder is, and how many states it holds
exports/tenant=acme/opportunity/current.parquet   the present states, by id
exports/tenant=acme/opportunity/past.parquet      those that were replaced or deleted, by id and version
"""

import heapq
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote, unquote
from uuid import uuid4

import attrs

from crmkit.entities import FrozenMap, Registry, Spec
from crmkit.errors import Fault, Invalid, MissingExtra, StoreError, UnknownFormat
from crmkit.repositories.store import Past
from crmkit.stores.parquet.columns import Sheet, sheets

__all__ = ["CURRENT", "PAST", "ROW_GROUP", "Exported", "Writing", "about", "files", "states", "tenants", "write"]

VERSION: Final = 1
"""The version of the layout; a folder of a newer one is refused."""

CURRENT: Final = "current"
PAST: Final = "past"
ROW_GROUP: Final = 100_000
"""How many rows a row group has at most."""

_BATCH: Final = 5_000
_ABOUT: Final = "_crmkit.json"
_TENANT: Final = "tenant="


@attrs.frozen(kw_only=True)
class Exported:
    """What is in a tenant's folder: as of which instant, up to which one the past is final, whether it is there, and
    how many rows each file has, by `table/current` and `table/past`.
    """

    tenant: str
    taken_at: datetime
    settled: datetime
    history: bool
    rows: FrozenMap[int] = FrozenMap()

    @property
    def total(self) -> int:
        """All states together."""
        return sum(self.rows.values())

    def __str__(self) -> str:
        present = sum(count for name, count in self.rows.items() if name.endswith(f"/{CURRENT}"))
        past = f" and {self.total - present} past ones" if self.history else ", without their history"
        return f"{present} records of tenant {self.tenant!r}{past}, as of {self.taken_at}"


def parquet() -> Any:
    """pyarrow's module for Parquet. Raises MissingExtra."""
    try:
        from pyarrow import parquet as found  # noqa: PLC0415 - an optional dependency, loaded on use
    except ImportError as cause:
        raise MissingExtra("pyarrow", "arrow") from cause
    return found


class Writing:
    """Writes one tenant's folder, as record batches come: `with` it, and the folder is there at the end, or nothing.

    Raises Invalid where it is there already, or the folder above cannot be one.
    """

    def __init__(self, folder: Path, registry: Registry, held: Exported) -> None:
        self._parquet = parquet()
        self.sheets = sheets(registry)
        self.about = held
        self.folder = _folder_of(folder, held.tenant)
        if self.folder.exists():
            said = f"{self.folder} is there: an export is never written over, name another folder (one a day, say)"
            raise Invalid("the export", [Fault("folder", said)])
        there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        if not there.is_dir():
            raise Invalid("the export", [Fault("folder", f"{there} is a file: name a folder")])
        self.unfinished = folder / f".unfinished-{uuid4().hex}"
        self._rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.unfinished.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            shutil.rmtree(self.unfinished, ignore_errors=True)

    def _finish(self) -> None:
        """What was not written is an empty file; then all of it gets its name at once."""
        for name in self.sheets:
            for part in files(history=self.about.history):
                if f"{name}/{part}" not in self._rows:
                    self.write(name, part, ())
        self.about = attrs.evolve(self.about, rows=FrozenMap(dict(sorted(self._rows.items()))))
        said = {
            "crmkit": "parquet",
            "version": VERSION,
            "tenant": self.about.tenant,
            "taken_at": self.about.taken_at.isoformat(),
            "settled": self.about.settled.isoformat(),
            "history": self.about.history,
            "rows": dict(self.about.rows),
        }
        (self.unfinished / _ABOUT).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        self.unfinished.rename(self.folder)

    def opened(self, name: str, part: str) -> "_File":
        """A file of a table, to be written a batch at a time."""
        path = self.unfinished / name / f"{part}.parquet"
        path.parent.mkdir(exist_ok=True)
        return _File(self._parquet.ParquetWriter(path, self.sheets[name].schema, compression="zstd"))

    def write(self, name: str, part: str, batches: Iterable[Any]) -> None:
        """Write a file of a table: `part` is `current` or `past`."""
        with self.opened(name, part) as file:
            for batch in batches:
                file.add(batch)
        self.written(name, part, file.rows)

    def written(self, name: str, part: str, rows: int) -> None:
        """Note how many rows a file has."""
        self._rows[f"{name}/{part}"] = rows


class _File:
    """A Parquet file that is written in row groups of a sensible size, whatever comes."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self._held: list[Any] = []
        self._waiting = 0
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
        finally:
            self._writer.close()

    def add(self, batch: Any) -> None:
        """Take a record batch."""
        self._held.append(batch)
        self._waiting += batch.num_rows
        self.rows += batch.num_rows
        if self._waiting >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa  # noqa: PLC0415 - an optional dependency, loaded on use

        if self._held:
            self._writer.write_table(pa.Table.from_batches(self._held), row_group_size=ROW_GROUP)
        self._held, self._waiting = [], 0


def write(
    folder: Path, registry: Registry, held: Exported, states_of: Callable[[Spec], Iterator[Past[Any]]]
) -> Exported:
    """Write all states of all entities, read the files again, and let the folder stand where they are the same.

    `states_of` gives an entity's states by id and version, the same ones each time. Raises Invalid as `Writing` does,
    StoreError where a file reads otherwise.
    """
    with Writing(folder, registry, held) as writing:
        for sheet in writing.sheets.values():
            _write_table(writing, sheet, states_of)
            for spec in sheet.layout.specs:
                _compare(spec, states_of(spec), states(sheet, writing.unfinished, spec, history=held.history))
    return writing.about


def _write_table(writing: Writing, sheet: Sheet, states_of: Callable[[Spec], Iterator[Past[Any]]]) -> None:
    with ExitStack() as stack:
        opened = {
            part: stack.enter_context(writing.opened(sheet.name, part)) for part in files(history=writing.about.history)
        }
        for spec in sheet.layout.specs:
            waiting: dict[str, list[Past[Any]]] = {part: [] for part in opened}
            for state in states_of(spec):
                part = CURRENT if state.until is None else PAST
                waiting[part].append(state)
                if len(waiting[part]) == _BATCH:
                    opened[part].add(sheet.encoded(spec, waiting[part]))
                    waiting[part] = []
            for part, left in waiting.items():
                if left:
                    opened[part].add(sheet.encoded(spec, left))
    for part, file in opened.items():
        writing.written(sheet.name, part, file.rows)


def _compare(spec: Spec, there: Iterator[Past[Any]], here: Iterator[Past[Any]]) -> None:
    for one, other in zip_longest(there, here):
        if one != other:
            plural = spec.about.plural.replace("_", " ")
            raise StoreError(f"the export of the {plural} differs, nothing was kept: {one} came out as {other}")


def files(*, history: bool) -> tuple[str, ...]:
    """The files of a table."""
    return (CURRENT, PAST) if history else (CURRENT,)


def states(sheet: Sheet, folder: Path, spec: Spec, *, history: bool) -> Iterator[Past[Any]]:
    """Every state of an entity that a tenant's folder holds, by id and version, a few at a time."""
    read = [_read(sheet, folder / sheet.name / f"{part}.parquet", spec) for part in files(history=history)]
    return heapq.merge(*read, key=lambda past: (past.record.id.int, past.record.version))


def _read(sheet: Sheet, path: Path, spec: Spec) -> Iterator[Past[Any]]:
    with parquet().ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH):
            rows = batch.to_pylist()
            if sheet.layout.kinded:
                rows = [row for row in rows if row["kind"] == spec.about.kind]
            yield from sheet.decoded(rows)


def _folder_of(folder: Path, tenant: str) -> Path:
    """A tenant's folder: its name as Hive and Spark name partitions."""
    return folder / f"{_TENANT}{quote(tenant, safe='')}"


def tenants(folder: Path) -> list[str]:
    """The tenants of which there is an export."""
    found = folder.glob(f"{_TENANT}*/{_ABOUT}")
    return sorted(unquote(path.parent.name.removeprefix(_TENANT)) for path in found)


def about(folder: Path, tenant: str) -> tuple[Path, Exported]:
    """A tenant's folder, and what is in it. Raises StoreError where there is none, UnknownFormat on another one."""
    held = _folder_of(folder, tenant)
    try:
        said: Mapping[str, Any] = json.loads((held / _ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        there = ", ".join(map(repr, tenants(folder))) or "none"
        raise StoreError(f"{folder} holds no export of tenant {tenant!r}: there is {there}") from None
    except ValueError as wrong:
        raise UnknownFormat(f"{held / _ABOUT}: is no JSON: {wrong}") from wrong
    if said.get("crmkit") != "parquet" or not isinstance(said.get("version"), int):
        raise UnknownFormat(f"{held}: is no export of crmkit")
    if said["version"] > VERSION:
        raise UnknownFormat(f"{held}: is of version {said['version']}, this crmkit reads up to {VERSION}: upgrade it")
    return held, Exported(
        tenant=tenant,
        taken_at=datetime.fromisoformat(said["taken_at"]),
        settled=datetime.fromisoformat(said["settled"]),
        history=said["history"],
        rows=FrozenMap(said["rows"]),
    )
