"""Kills those who convert, by SIGKILL, at random moments, and looks at what is left.

    python labs/conversion/killed.py URL KILLS [SPOILT]

Each victim is a process that converts a flock in batches. What it was doing when it was killed it has left in a page of
memory that it shares with this one.
"""

import json
import mmap
import multiprocessing
import os
import random
import signal
import statistics
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from spoilt import spoil
from sqlalchemy import create_engine, text
from whole import Flock, drive, findings

import crmkit
from crmkit import Crm
from crmkit.entities import ENTITIES, Registry
from crmkit.stores.sql import SqlStore
from crmkit.stores.sql.unit import SqlUnit

__all__ = ["killed"]

PROSPECTS: Final = 40
BATCH: Final = 8
DOING: Final = ("nothing yet", "reading", "writing", "committing", "between two batches", "nothing any more")
INSIDE: Final = frozenset({"reading", "writing", "committing"})
"""A conversion is under way: its unit has begun, and its end is not acknowledged."""


class Page:
    """What a victim does: a place in `DOING`, the statements it has written in this unit, how many conversions were
    acknowledged to it, its session on the server, and how many microseconds its last batch took.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 40)

    def _get(self, place: int) -> int:
        return int(struct.unpack_from("q", self._memory, place * 8)[0])

    def _set(self, place: int, value: int) -> None:
        struct.pack_into("q", self._memory, place * 8, value)

    @property
    def doing(self) -> str:
        """What it does."""
        return DOING[self._get(0)]

    @doing.setter
    def doing(self, what: str) -> None:
        self._set(0, DOING.index(what))

    statements = property(lambda self: self._get(1), lambda self, value: self._set(1, value))
    acknowledged = property(lambda self: self._get(2), lambda self, value: self._set(2, value))
    session = property(lambda self: self._get(3), lambda self, value: self._set(3, value))
    lasted = property(lambda self: self._get(4), lambda self, value: self._set(4, value))


class Watched(SqlStore):
    """Says in a page how far its writing unit has come."""

    page: Page

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> SqlUnit:
        """A unit, as ever."""
        unit = super().begin(tenant=tenant, clock=clock, read_only=read_only, as_of=as_of, snapshot=snapshot)
        page, end = self.page, unit.transaction.end

        def write(_: str) -> None:
            page.doing = "writing"
            page.statements += 1

        def ending(*, commit: bool) -> None:
            page.doing = "committing"
            end(commit=commit)
            page.doing = "between two batches"

        if not read_only:
            page.doing, page.statements = "reading", 0
            self.fault_at = write
            unit.transaction.end = ending  # type: ignore[method-assign]
        return unit


def convert(url: str, tenant: str, flock: Flock, page: Page, spoilt: str, begin: Any) -> None:
    """The victim."""
    spoil(spoilt)
    store = Watched.from_url(url, Registry(ENTITIES))
    store.page = page
    with crmkit.connect(store, tenant=tenant, starter=None) as crm:
        with crm.begin(read_only=True) as work:
            page.session = session_of(work, url)
        page.doing = "nothing yet"
        begin.send("ready")
        begin.recv()

        since = time.monotonic()

        def acknowledge(rows: Iterable[Any]) -> None:
            nonlocal since
            since, before = time.monotonic(), since
            page.acknowledged += len(list(rows))
            page.lasted = round((since - before) * 1e6)

        crm.conversion.convert_many(flock.ids, batch=BATCH, progress=acknowledge)
        page.doing = "nothing any more"


def session_of(work: Any, url: str) -> int:
    """The number of the server's session that a unit runs in; none on SQLite."""
    if url.startswith("sqlite"):
        return 0
    asked = "SELECT pg_backend_pid()" if url.startswith("postgresql") else "SELECT CONNECTION_ID()"
    return int(work.unit.execute(asked).fetchone()[0])


def until_gone(url: str, session: int) -> None:
    """Wait until the server has noticed that a session's client is no more, and has ended what it did for it."""
    if not session:
        return
    listed = "SELECT 1 FROM information_schema.processlist WHERE id = :session"
    if url.startswith("postgresql"):
        listed = "SELECT 1 FROM pg_stat_activity WHERE pid = :session"
    engine = create_engine(url)
    try:
        while True:
            with engine.connect() as connection:
                if connection.execute(text(listed), {"session": session}).fetchone() is None:
                    return
            time.sleep(0.01)
    finally:
        engine.dispose()


def look(crm: Crm, flock: Flock, acknowledged: int) -> list[str]:
    """What is torn right after a kill; and after it was run again, which completes it."""
    done, wrong = findings(crm, flock, batch=BATCH, acknowledged=acknowledged)
    rerun = crm.conversion.convert_many(flock.ids, batch=BATCH).counts
    expected = {"already": done, "converted": PROSPECTS - done}
    if rerun != {outcome: count for outcome, count in expected.items() if count}:
        wrong.append(f"run again, it gave {rerun} where {done} were converted")
    _, left = findings(crm, flock, batch=BATCH, acknowledged=PROSPECTS)
    wrong += [f"run again: {line}" for line in left]
    for kind, numbers in {
        "customers": [one.number for one in crm.customers.all()],
        "conversions": [one.number for one in crm.conversions.all()],
    }.items():
        if sorted(int(number[1:]) for number in numbers) != list(range(1, PROSPECTS + 1)):
            wrong.append(f"numbers of {kind}: {sorted(numbers)}")
    return wrong


def sound(crm: Crm) -> list[str]:
    """What SQLite itself has to say of its file."""
    with crm.begin(read_only=True) as work:
        unit: Any = work.unit
        said = unit.execute("PRAGMA integrity_check").fetchall() + unit.execute("PRAGMA foreign_key_check").fetchall()
    return [] if said == [("ok",)] else [f"SQLite's own check: {said}"]


def killed(url: str, kills: int, spoilt: str = "") -> dict[str, Any]:
    """Kill so many; where they were killed, and what is wrong."""
    chosen, fork = random.Random(kills), multiprocessing.get_context("fork")
    doing, statements, wrong, lasted = Counter[str](), Counter[int](), [], [10_000]
    for number in range(kills):
        tenant, page = f"kill {number}", Page()
        with crmkit.connect(url, tenant=tenant) as crm:
            flock = drive(crm, PROSPECTS)
        ours, theirs = fork.Pipe()
        victim = fork.Process(target=convert, args=(url, tenant, flock, page, spoilt, theirs))
        victim.start()
        ours.recv()
        ours.send("go")
        batches = chosen.randrange(PROSPECTS // BATCH)
        while page.acknowledged < batches * BATCH:
            time.sleep(0.0005)
        time.sleep(chosen.uniform(0.0, statistics.median(lasted[-9:]) / 1e6))
        os.kill(victim.pid or 0, signal.SIGKILL)
        victim.join()
        lasted += [page.lasted] if page.lasted else []
        doing[page.doing] += 1
        if page.doing in INSIDE:
            statements[page.statements] += 1
        until_gone(url, page.session)
        with crmkit.connect(url, tenant=tenant) as crm:
            wrong += [f"kill {number}, while {page.doing}: {line}" for line in look(crm, flock, page.acknowledged)]
            wrong += sound(crm) if url.startswith("sqlite") else []
    inside = sum(doing[what] for what in INSIDE)
    return {
        "kills": kills,
        "inside": inside,
        "doing": {what: doing[what] for what in DOING if doing[what]},
        "after so many statements": dict(sorted(statements.items())),
        "milliseconds a batch": round(statistics.median(lasted) / 1e3, 1),
        "wrong": wrong,
    }


if __name__ == "__main__":
    print(json.dumps(killed(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])))
