"""A store from outside crmkit: a journal of JSON lines, one line a committed unit of work."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any, TypeVar
from uuid import UUID

from crmkit import Busy, Changes, Invalid, Query, Record, StoreError
from crmkit.entities import Registry
from crmkit.repositories.store import Past, StoreUnit
from crmkit.stores.memory import MemoryStore
from crmkit_jsonstore.plain import changes_of, plain_changes

__all__ = ["JournalStore"]

R = TypeVar("R", bound=Record)


class JournalStore:
    """Everything in memory, and every committed unit of work as a line of one file."""

    def __init__(self, path: Path, registry: Registry) -> None:
        self._path = path
        self._memory = MemoryStore(registry)
        self._file: IO[bytes] | None = None

    @classmethod
    def from_url(cls, url: str, registry: Registry) -> "JournalStore":
        """The store of `jsonl:///relative/path` or `jsonl:////absolute/path`."""
        return cls(Path(url.partition(":///")[2]), registry)

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._memory.registry

    def prepare(self) -> bool:
        """Open the file and do what it says; True if it was empty.

        Raises Busy where another process has it open, and StoreError where it is no journal of these entities.
        """
        self._memory.prepare()
        if self._file is not None:
            return False
        self._file = self._path.open("a+b")
        try:
            _keep_others_out(self._file)
        except OSError as taken:
            self.close()
            raise Busy(f"{self._path} is open in another process; close it there") from taken
        self._file.seek(0)
        whole = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                self._redo(json.loads(line))
            except (ValueError, KeyError, TypeError, Invalid) as fault:
                raise StoreError(f"{self._path} is no journal of these entities, at byte {whole}: {fault}") from fault
            whole += len(line)
        self._file.truncate(whole)
        return not whole

    def _redo(self, said: dict[str, Any]) -> None:
        instant = datetime.fromisoformat(said["instant"])
        unit: StoreUnit = self._memory.begin(tenant=said["tenant"], clock=lambda: instant)
        for step in said["steps"]:
            unit.apply(changes_of(step["changes"], self.registry), by=step["by"])
        unit.commit()

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> StoreUnit:
        """A unit of the memory store that writes its line when it is committed."""
        unit: StoreUnit = self._memory.begin(
            tenant=tenant, clock=clock, read_only=read_only, as_of=as_of, snapshot=snapshot
        )
        return unit if read_only or as_of else _JournalUnit(unit, tenant, self.write)

    def write(self, said: dict[str, Any]) -> None:
        """Append a line, lasting: it is on the disk when this returns, or no part of it is. Raises StoreError."""
        if self._file is None:
            raise StoreError(f"{self._path} is closed: connect again")
        whole = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as fault:
            self._file.truncate(whole)
            raise StoreError(f"{self._path} could not be written: {fault}") from fault

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """As the memory store's."""
        return self._memory.settled(now, tenant=tenant)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._memory.close()


def _keep_others_out(file: IO[bytes]) -> None:
    """Lock the file for this process, where the system has such locks. Raises OSError where another has it."""
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - POSIX alone has it

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _JournalUnit:
    """A unit of the memory store that remembers what was done in it, for the journal."""

    def __init__(self, unit: StoreUnit, tenant: str, write: Callable[[dict[str, Any]], None]) -> None:
        self._unit = unit
        self._tenant = tenant
        self._write = write
        self._steps: list[dict[str, Any]] = []

    def apply(self, changes: Changes, *, by: str = "") -> Changes:
        made = self._unit.apply(changes, by=by)
        self._steps.append({"by": by, "changes": plain_changes(made)})
        return made

    def commit(self) -> None:
        try:
            if self._steps:
                instant = self._unit.instant.isoformat()
                self._write({"tenant": self._tenant, "instant": instant, "steps": self._steps})
        except BaseException:
            self._unit.rollback()
            raise
        self._unit.commit()

    def rollback(self) -> None:
        self._unit.rollback()

    @property
    def registry(self) -> Registry:
        return self._unit.registry

    @property
    def instant(self) -> datetime:
        return self._unit.instant

    def next_numbers(self, kind: type[Record], count: int) -> list[str]:
        return self._unit.next_numbers(kind, count)

    def get(self, kind: type[R], id: UUID) -> R | None:
        return self._unit.get(kind, id)

    def get_many(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        return self._unit.get_many(kind, ids)

    def find(self, query: Query[R]) -> list[R]:
        return self._unit.find(query)

    def stream(self, query: Query[R]) -> Iterator[R]:
        return self._unit.stream(query)

    def counts(self, queries: Sequence[Query[Record]]) -> list[int]:
        return self._unit.counts(queries)

    def history(self, kind: type[R], id: UUID) -> list[Past[R]]:
        return self._unit.history(kind, id)
