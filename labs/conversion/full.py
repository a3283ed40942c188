"""Fills the disk while somebody converts, and frees it again: a small file system in memory, which root may mount.

    python labs/conversion/full.py sqlite|mariadb|POSTGRESQL_URL TIMES

PostgreSQL has the tables in a tablespace on it, and MariaDB, a server of its own, in a database that is a link to it:
neither an engine's own data nor its log run out of room.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError
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
    """A file that leaves so many bytes free, or fewer, where the engine goes on meanwhile."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - left))
    return ballast


def filled(url: str, disk: Path, times: int, server: "Server | None" = None) -> dict[str, Any]:
    """Let the disk run full while somebody converts, and free it, so many times; what was met, and what is wrong. A
    server that has given up is started again once there is room.
    """
    chosen, met, after, wrong = random.Random(times), Counter[str](), Counter[int](), []
    for number in range(times):
        with crmkit.connect(url, tenant=f"disk {number}") as crm:
            flock = drive(crm, PROSPECTS)
            ballast = fill(disk, chosen.randrange(0, 400_000))
            acknowledged = _convert_until_full(crm, flock.ids, met)
            after[acknowledged] += 1
            if server is not None and server.gave_up:
                met["the server gave up"] += 1
                ballast.unlink()
                server.start()
            done, torn = findings(crm, flock, batch=BATCH, acknowledged=acknowledged)
            wrong += [f"disk {number}, full: {line}" for line in torn]
            ballast.unlink(missing_ok=True)
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


class Server:
    """A MariaDB server of its own, whose database is a link to the disk. It gives up where a rollback finds no room:
    then it is started again, once there is some.
    """

    def __init__(self, folder: Path, disk: Path) -> None:
        shutil.chown(folder, "mysql")
        socket = folder / "socket"
        own = ["--no-defaults", f"--datadir={folder / 'data'}", "--user=mysql"]
        making = ["mariadb-install-db", *own, "--auth-root-authentication-method=normal"]
        subprocess.run(making, check=True, capture_output=True)  # noqa: S603 - our own words
        (folder / "data" / "crm").symlink_to(disk)
        self._serving = ["mariadbd", *own, f"--socket={socket}", "--skip-networking"]
        self._url = make_url("mysql+pymysql://root@localhost/crm").update_query_dict({"unix_socket": str(socket)})
        self.url = self._url.render_as_string(hide_password=False)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        silent = subprocess.DEVNULL
        self._process = subprocess.Popen(self._serving, stdout=silent, stderr=silent)  # noqa: S603 - our own words
        engine = create_engine(self._url)
        for left in reversed(range(600)):
            try:
                engine.connect().close()
            except OperationalError:
                if not left or self.gave_up:
                    raise
                time.sleep(0.1)
            else:
                break
        engine.dispose()

    @property
    def gave_up(self) -> bool:
        """Whether it is no more."""
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


@contextmanager
def server(disk: Path) -> Iterator[Server]:
    """A server with its database on the disk."""
    with tempfile.TemporaryDirectory(prefix="crmkit-mariadb-") as folder:
        running = Server(Path(folder), disk)
        try:
            yield running
        finally:
            running.stop()


def main() -> dict[str, Any]:
    """Run it; why not, where nothing can be mounted."""
    url, times = sys.argv[1], int(sys.argv[2])
    try:
        if url == "sqlite":
            with small_disk("64m") as disk:
                return filled(f"sqlite:///{disk}/crm.db", disk, times)
        if url == "mariadb":
            with small_disk("256m", "mysql") as disk, server(disk) as running:
                return filled(running.url, disk, times, running)
        with small_disk("64m", "postgres") as disk, tablespace(url, disk) as there:
            return filled(there, disk, times)
    except CannotMountError as cause:
        return {"skipped": f"no file system can be mounted: {cause}", "may": may_mount()}


if __name__ == "__main__":
    print(json.dumps(main()))
