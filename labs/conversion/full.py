"""Fills the disk while somebody converts, and frees it again: a small file system in memory, which root may mount.

    python labs/conversion/full.py sqlite|POSTGRESQL_URL TIMES

PostgreSQL has the tables in a tablespace on it, so that neither its own data nor its log run out of room.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, make_url, text
from whole import drive, findings

import crmkit
from crmkit import Crm, StoreError

__all__ = ["CannotMountError", "filled", "may_mount", "small_disk"]

PROSPECTS: Final = 120
BATCH: Final = 10
_SYS_ADMIN: Final = 1 << 21
_TABLESPACE: Final = "crmkit_lab_full"


class CannotMountError(Exception):
    """No file system can be mounted here."""


def may_mount() -> bool:
    """Whether this process has the right to mount: if it has, and cannot, something is wrong."""
    found = re.search(r"^CapEff:\s*(\w+)", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return bool(found and int(found[1], 16) & _SYS_ADMIN)


@contextmanager
def small_disk(size: str, owner: str = "root") -> Iterator[Path]:
    """A folder on a file system of that size, of its own. Raises CannotMountError."""
    with tempfile.TemporaryDirectory(prefix="crmkit-full-") as folder:
        Path(folder).chmod(0o755)
        disk = Path(folder) / "disk"
        disk.mkdir()
        options = f"size={size},uid={owner},gid={owner},mode=700"
        mounting = ["mount", "-t", "tmpfs", "-o", options, "crmkit-full", str(disk)]
        try:
            done = subprocess.run(mounting, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        except OSError as cause:
            raise CannotMountError(str(cause)) from cause
        if done.returncode:
            raise CannotMountError(done.stderr.strip())
        try:
            yield disk
        finally:
            subprocess.run(["umount", str(disk)], check=True)  # noqa: S603, S607 - as above


def fill(disk: Path, left: int) -> Path:
    """A file that leaves so many bytes free."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - left))
    return ballast


def filled(url: str, disk: Path, times: int) -> dict[str, Any]:
    """Let the disk run full while somebody converts, and free it, so many times; what was met, and what is wrong."""
    chosen, met, after, wrong = random.Random(times), Counter[str](), Counter[int](), []
    for number in range(times):
        with crmkit.connect(url, tenant=f"disk {number}") as crm:
            flock = drive(crm, PROSPECTS)
            ballast = fill(disk, chosen.randrange(0, 400_000))
            acknowledged = _convert_until_full(crm, flock.ids, met)
            after[acknowledged] += 1
            done, torn = findings(crm, flock, batch=BATCH, acknowledged=acknowledged)
            wrong += [f"disk {number}, full: {line}" for line in torn]
            ballast.unlink()
            rerun = crm.conversion.convert_many(flock.ids, batch=BATCH).counts
            if rerun.get("already", 0) != done or rerun.get("converted", 0) != PROSPECTS - done:
                wrong.append(f"disk {number}, freed: it gave {rerun} where {done} were converted")
            _, torn = findings(crm, flock, batch=BATCH, acknowledged=PROSPECTS)
            wrong += [f"disk {number}, freed: {line}" for line in torn]
    return {"times": times, "met": dict(met), "converted before": dict(sorted(after.items())), "wrong": wrong}


def _convert_until_full(crm: Crm, ids: Iterable[Any], met: Counter[str]) -> int:
    acknowledged = 0

    def acknowledge(rows: Iterable[Any]) -> None:
        nonlocal acknowledged
        acknowledged += len(list(rows))

    try:
        crm.conversion.convert_many(ids, batch=BATCH, progress=acknowledge)
    except StoreError as error:
        said = re.sub(r'"[^"]*"', "…", str(error)).partition("\n")[0]
        met[f"{type(error).__name__}: {said}"] += 1
    else:
        met["there was room"] += 1
    return acknowledged


@contextmanager
def tablespace(url: str, disk: Path) -> Iterator[str]:
    """The same database, with its tables on the disk; both are dropped at the end."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    parsed = make_url(url)
    schema = str(parsed.query["options"]).partition("search_path=")[2]
    with engine.connect() as connection:
        connection.execute(text(f"DROP TABLESPACE IF EXISTS {_TABLESPACE}"))
        connection.execute(text(f"CREATE TABLESPACE {_TABLESPACE} LOCATION '{disk}'"))
        try:
            options = f"-csearch_path={schema} -cdefault_tablespace={_TABLESPACE}"
            yield parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
            connection.execute(text(f"DROP TABLESPACE {_TABLESPACE}"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()


def main() -> dict[str, Any]:
    """Run it; why not, where nothing can be mounted."""
    url, times = sys.argv[1], int(sys.argv[2])
    try:
        if url == "sqlite":
            with small_disk("64m") as disk:
                return filled(f"sqlite:///{disk}/crm.db", disk, times)
        with small_disk("64m", "postgres") as disk, tablespace(url, disk) as there:
            return filled(there, disk, times)
    except CannotMountError as cause:
        return {"skipped": f"no file system can be mounted: {cause}", "may": may_mount()}


if __name__ == "__main__":
    print(json.dumps(main()))
