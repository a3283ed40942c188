"""Cuts the connections of those who convert: by the server's administrator at random moments, and by the network just
before or just after a commit. Who is left in the dark asks again under the same key.

    python labs/conversion/severed.py URL terminated|cut TIMES
"""

import json
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import create_engine, make_url, text
from whole import Flock, drive, findings

import crmkit
from crmkit import Busy, Crm, OutcomeUnknown

__all__ = ["cut_at_the_commit", "terminated"]

PROSPECTS: Final = 20
NAMED: Final = "crmkit lab: severed"
_COMMIT: Final = re.compile(rb"COMMIT(?!TED)|WITH n0 AS")
"""What saves a conversion: a commit, or on PostgreSQL the one statement that is the whole of it."""
_OPEN_ON_POSTGRESQL: Final = (
    "SELECT pid, xact_start IS NOT NULL FROM pg_stat_activity "
    "WHERE application_name = :named AND pid <> pg_backend_pid()"
)
_OPEN_ON_MARIADB: Final = (
    "SELECT p.id, t.trx_id IS NOT NULL FROM information_schema.processlist p "
    "LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id WHERE p.db = :named"
)


class Administrator:
    """Ends sessions of a database, as an administrator does; counts those that were in a transaction."""

    def __init__(self, url: str) -> None:
        self._postgresql = url.startswith("postgresql")
        parsed = make_url(url)
        self._named = NAMED if self._postgresql else str(parsed.database)
        elsewhere = parsed if self._postgresql else parsed.set(database="information_schema")
        self._engine = create_engine(elsewhere, isolation_level="AUTOCOMMIT")
        self.ended = Counter[str]()

    def end_sessions(self) -> None:
        """End all that are there now."""
        listed, verb = (_OPEN_ON_POSTGRESQL, "SELECT pg_terminate_backend({})") if self._postgresql else ("", "")
        with self._engine.connect() as connection:
            open_now = connection.execute(text(listed or _OPEN_ON_MARIADB), {"named": self._named}).fetchall()
            for session, working in open_now:
                with suppress(Exception):  # it may have ended by itself
                    connection.execute(text((verb or "KILL CONNECTION {}").format(int(session))))
                    self.ended["in a transaction" if working else "at rest"] += 1

    def close(self) -> None:
        """Let go of the server."""
        self._engine.dispose()


def surely(crm: Crm, id: UUID, met: Counter[str]) -> Any:
    """Convert, however often the connection is lost: the same key gives the same receipt."""
    while True:
        try:
            return crm.conversion.convert(id, key=f"key {id}")
        except OutcomeUnknown:
            met["outcome unknown"] += 1
        except Busy:
            met["given up by crmkit, and tried again"] += 1


def terminated(url: str, times: int) -> dict[str, Any]:
    """End sessions in the midst of transactions, so many times; what was met, and what is wrong."""
    named = f"{url}&application_name={NAMED}" if url.startswith("postgresql") else url
    administrator, chosen = Administrator(url), random.Random(times)
    met, wrong, rounds = Counter[str](), [], 0
    while administrator.ended["in a transaction"] < times:
        rounds += 1
        with crmkit.connect(named, tenant=f"round {rounds}") as crm:
            flock = drive(crm, PROSPECTS)
            receipts: list[Any] = []
            working = threading.Thread(target=_convert_all, args=(crm, flock, receipts, met))
            working.start()
            while working.is_alive():
                lasted = _until_another(receipts, working)
                time.sleep(chosen.uniform(0.0, lasted))
                administrator.end_sessions()
            working.join()
            wrong += judged(crm, flock, receipts)
    administrator.close()
    return {"ended": dict(administrator.ended), "conversions": rounds * PROSPECTS, "met": dict(met), "wrong": wrong}


def _until_another(receipts: list[Any], working: threading.Thread) -> float:
    """Wait for two receipts more, since whoever is always cut off gets nowhere; the seconds between the two."""
    there, first = len(receipts), 0.0
    while working.is_alive() and len(receipts) < there + 2:
        if len(receipts) == there + 1 and not first:
            first = time.monotonic()
        time.sleep(0.0005)
    return time.monotonic() - first if first else 0.01


def _convert_all(crm: Crm, flock: Flock, receipts: list[Any], met: Counter[str]) -> None:
    receipts.extend(surely(crm, id, met) for id in flock.ids)


def judged(crm: Crm, flock: Flock, receipts: list[Any]) -> list[str]:
    """What is wrong once everybody has a receipt."""
    while True:
        try:
            _, wrong = findings(crm, flock, acknowledged=len(receipts))
            held = {one.id for one in crm.conversions.all()}
        except Busy:  # the administrator's last blow
            continue
        told = [one.id for one in receipts]
        return wrong if sorted(told) == sorted(held) else [*wrong, f"receipts {told}, and there are {held}"]


class Network:
    """Stands between crmkit and a server; when it is told to, it breaks down at the next commit."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.breaks = ""
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                lost = threading.Event()
                for way in ((client, server, lost, True), (server, client, lost, False)):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, lost: threading.Event, asks: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while said := one.recv(65_536):
                if asks and self.breaks and _COMMIT.search(said):
                    lost.set()
                    if self.breaks == "before":
                        break
                elif not asks and lost.is_set():
                    break  # the server has done it, and its answer is lost
                other.sendall(said)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()


def cut_at_the_commit(url: str, times: int) -> dict[str, Any]:
    """Lose as many requests to commit as answers to them; what was saved, and what is wrong."""
    parsed = make_url(url)
    network = Network(str(parsed.host), parsed.port or 0)
    through = parsed.set(port=network.port)
    if url.startswith("postgresql"):
        through = through.update_query_dict({"sslmode": "disable"})
    saved, wrong, met = Counter[str](), [], Counter[str]()
    with crmkit.connect(url) as beside, crmkit.connect(through.render_as_string(hide_password=False)) as crm:
        flock = drive(beside, times * 2)
        receipts = []
        for place, id in enumerate(flock.ids):
            network.breaks = ("before", "after")[place % 2]
            try:
                crm.conversion.convert(id, key=f"key {id}")
            except OutcomeUnknown:
                met["outcome unknown"] += 1
            said, network.breaks = network.breaks, ""
            there = beside.conversions.count()
            saved[f"{there - place} saved where the network broke {said} the commit"] += 1
            if there - place != (said == "after"):
                wrong.append(f"{there} conversions after {place}, and the network broke {said} the commit")
            receipts.append(surely(crm, id, met))
        wrong += judged(beside, flock, receipts)
    network.close()
    if met != {"outcome unknown": times * 2}:
        wrong.append(f"met {dict(met)}")
    return {"saved": dict(saved), "met": dict(met), "wrong": wrong}


if __name__ == "__main__":
    ways = {"terminated": terminated, "cut": cut_at_the_commit}
    print(json.dumps(ways[sys.argv[2]](sys.argv[1], int(sys.argv[3]))))
