"""Everything of one tenant as a file of JSON lines, history included: written, and read back with every check.

The first line says what the file is, each further one holds one saved state of one record, or where a counter of
numbers stands; the last one says how many there are, with the SHA-256 of all lines before it. A file whose name ends in
`.gz` is compressed.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from os import PathLike, fspath
from pathlib import Path
from typing import IO, Any, Final

import attrs

from crmkit.entities import Record, Registry
from crmkit.errors import Invalid, UnknownFormat
from crmkit.exchange.plain import from_plain, to_plain
from crmkit.repositories.store import Past

__all__ = ["VERSION", "Counter", "read_dump", "write_dump"]

VERSION: Final = 1
"""The version of the format; a file of a newer one is refused."""


@attrs.frozen
class Counter:
    """Where a counter of numbers stands."""

    kind: str
    scope: str
    last: int


def write_dump(
    path: "str | PathLike[str]", tenant: str, taken_at: datetime, items: Iterable[Past[Any] | Counter]
) -> dict[str, int]:
    """Write the file, whole or not at all, and say how many states of each kind it holds.

    The kinds are named by their repository. Raises OSError where it cannot be written.
    """
    target = Path(fspath(path))
    unfinished = target.with_name(f".{target.name}.unfinished")
    counts: dict[str, int] = {}
    taken = taken_at.astimezone(UTC).isoformat()
    try:
        with _opened(unfinished, "w", compressed=target.suffix == ".gz") as file:
            digest = hashlib.sha256()

            def put(said: Mapping[str, Any]) -> None:
                line = (json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
                digest.update(line)
                file.write(line)

            put({"crmkit": "dump", "version": VERSION, "tenant": tenant, "taken_at": taken})
            for item in items:
                if isinstance(item, Counter):
                    put({"counter": item.kind, "scope": item.scope, "last": item.last})
                    continue
                plural = item.record.spec.about.plural
                counts[plural] = counts.get(plural, 0) + 1
                put({"kind": plural, "record": to_plain(item.record), **_ended(item)})
            put({"end": counts, "sha256": digest.hexdigest()})
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def read_dump(path: "str | PathLike[str]", registry: Registry) -> Iterator[Past[Any] | Counter]:
    """What a dump holds, in its order. It is checked to the last line: ask for all of it before anything is to last.

    Raises UnknownFormat on a file that is something else, newer, cut short or altered, naming the line; OSError.
    """
    source = Path(fspath(path))
    digest = hashlib.sha256()
    counts: dict[str, int] = {}
    number = 1
    try:
        with _opened(source, "r", compressed=_is_compressed(source)) as file:
            first = file.readline()
            _check_first(source, _line(source, 1, first))
            digest.update(first)
            for number, line in enumerate(file, 2):
                said = _line(source, number, line)
                if "end" in said:
                    _check_last(source, said, counts, digest.hexdigest(), file.readline())
                    return
                digest.update(line)
                yield _item(source, number, said, registry, counts)
    except (EOFError, gzip.BadGzipFile, zlib.error) as broken:
        raise UnknownFormat(f"{source}: is cut short or altered, behind line {number}: {broken}") from broken
    raise UnknownFormat(f"{source}: is cut short, behind line {number}: its last line is missing")


def _opened(path: Path, mode: str, *, compressed: bool) -> IO[bytes]:
    opened: Any = gzip.GzipFile(path, f"{mode}b") if compressed else path.open(f"{mode}b")
    return opened  # type: ignore[no-any-return]


def _is_compressed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _ended(past: Past[Any]) -> dict[str, Any]:
    if past.until is None:
        return {}
    return {"until": past.until.isoformat(), "by": past.ended_by, "deleted": past.deleted}


def _line(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line.decode(), parse_float=Decimal)
    except (ValueError, RecursionError) as wrong:
        raise UnknownFormat(f"{path}: line {number} is no JSON: something else, cut short or altered") from wrong
    if not isinstance(said, dict):
        raise UnknownFormat(f"{path}: line {number} is no line of a dump")
    return said


def _check_first(path: Path, said: Mapping[str, Any]) -> None:
    version = said.get("version")
    if said.get("crmkit") != "dump" or not isinstance(version, int):
        raise UnknownFormat(f"{path}: is no dump of crmkit")
    if version > VERSION:
        raise UnknownFormat(f"{path}: is of version {version}, this crmkit reads up to {VERSION}: upgrade crmkit")


def _check_last(path: Path, said: Mapping[str, Any], counts: Mapping[str, int], digest: str, rest: bytes) -> None:
    if said.get("end") != counts or said.get("sha256") != digest or rest:
        raise UnknownFormat(f"{path}: was altered: its lines are not those that its last line counts")


def _item(
    path: Path, number: int, said: Mapping[str, Any], registry: Registry, counts: dict[str, int]
) -> Past[Record] | Counter:
    try:
        if "counter" in said:
            return Counter(str(said["counter"]), str(said["scope"]), int(said["last"]))
        plural = str(said["kind"])
        record = from_plain(registry.by_plural[plural].cls, said["record"])
        until = datetime.fromisoformat(said["until"]) if "until" in said else None
    except KeyError as unknown:
        raise UnknownFormat(f"{path}: line {number}: nothing here is called {unknown}") from unknown
    except (Invalid, ValueError, TypeError) as wrong:
        raise UnknownFormat(f"{path}: line {number}: {wrong}") from wrong
    counts[plural] = counts.get(plural, 0) + 1
    return Past(record, until, str(said.get("by", "")), bool(said.get("deleted", False)))
