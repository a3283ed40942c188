"""Proves the conversion where things go wrong, on every engine, and prints the figures that the docs show.

    python labs/conversion/run.py [--quick] [PART …]

Ends with 0 where nothing is wrong and the checks have noticed each store that was spoilt for them on purpose.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from rivals import DUELS, LAPS, Act, contend, prospects_in
from serial_order import findings
from spoilt import naive_orders

import crmkit
from crmkit.testing.servers import SERVERS, Servers

STORES: Final = ("sqlite", *SERVERS)
STARTED: Final = time.monotonic()


def say(what: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


def ids_of(count: int) -> list[UUID]:
    """Ids that are the same in every store."""
    return [UUID(int=(0x7 << 76) | (0b10 << 62) | number) for number in range(1, count + 1)]


class Lab:
    """Databases for the parts, and what they have found."""

    def __init__(self, folder: Path, servers: Servers, *, quick: bool) -> None:
        self.folder = folder
        self.servers = servers
        self.quick = quick
        self.wrong: list[str] = []
        self._made = 0

    def url(self, name: str) -> str:
        """An empty database."""
        self._made += 1
        return f"sqlite:///{self.folder}/{self._made}.db" if name == "sqlite" else self.servers.url(name, fresh=True)

    def judge(self, title: str, found: dict[str, list[str]], *, noticed: str = "") -> None:
        """Take down what was found: nothing, or, where a store was spoilt, something of that kind."""
        if noticed:
            seen = bool(found[noticed])
            say(f"{title}: {'noticed' if seen else 'NOT NOTICED'}, {sum(map(len, found.values()))} findings")
            self.wrong += [] if seen else [f"{title} was not noticed"]
            return
        lines = [f"{title}: {kind}: {line}" for kind, several in found.items() for line in several]
        for line in lines[:10]:
            say(line)
        self.wrong += lines

    # Rivals

    def rivals(self) -> None:
        """Processes and threads that go for the same prospects."""
        prospects = 8 if self.quick else 24
        for name in STORES:
            for processes, threads in ((8, 4), (1, 32)):
                acts, found = self._contest(self.url(name), prospects, processes, threads, LAPS)
                done = Counter(act.what for act in acts if act.done)
                lost = Counter(act.error for act in acts if not act.done)
                say(f"{name}, {processes} × {threads} on {prospects}: {len(acts)} acts, {sum(done.values())} done")
                say(f"  done: {_listed(done)}")
                say(f"  told: {_listed(lost)}")
                self.judge(f"{name}, {processes} × {threads}", found)
        for name in STORES:
            for duel in ("both sides of a merge", "merge against convert and edit"):
                acts, found = self._contest(self.url(name), 2 * prospects, 8, 4, (DUELS[duel],))
                done = Counter(act.what for act in acts if act.done)
                lost = Counter(act.error for act in acts if not act.done)
                say(f"{name}, {duel}, 8 × 4 on {2 * prospects}: done: {_listed(done)}; told: {_listed(lost)}")
                self.judge(f"{name}, {duel}", found)
        for name in STORES:
            blind = "no version is looked at"
            _, found = self._contest(self.url(name), 4, 1, 8, LAPS[:4], blind)
            self.judge(f"{name}, spoilt: {blind}", found, noticed="twice")
            url = self.url(name)
            naive_orders(url)
            _, found = self._contest(url, 12, 1, 12, (DUELS["one prospect"], DUELS["undo against an order"]))
            self.judge(f"{name}, spoilt: an order of any account", found, noticed="not whole")

    @staticmethod
    def _contest(
        url: str, prospects: int, processes: int, threads: int, laps: Sequence[str], spoilt: str = ""
    ) -> tuple[list[Act], dict[str, list[str]]]:
        ids = ids_of(prospects)
        with crmkit.connect(url) as crm:
            prospects_in(crm, ids)
            acts = contend(url, ids, processes=processes, threads=threads, laps=laps, spoilt=spoilt)
            return acts, findings(acts, crm, ids)

    # Kills, cuts, full disks: each in a process of its own

    def kills(self) -> None:
        """Processes that are killed while they convert."""
        for name in STORES:
            self._told(f"{name}, killed", "killed", self.url(name), "12" if self.quick else "200")
        for name in STORES:
            said = "each statement by itself"
            self._told(f"{name}, spoilt: {said}", "killed", self.url(name), "6", said)

    def cuts(self) -> None:
        """Connections that are lost."""
        for name in SERVERS:
            self._told(f"{name}, terminated", "severed", self.url(name), "terminated", "10" if self.quick else "200")
            self._told(f"{name}, cut", "severed", self.url(name), "cut", "4" if self.quick else "50")

    def disks(self) -> None:
        """Disks that are full."""
        times = "4" if self.quick else "30"
        self._told("sqlite, full disk", "full", "sqlite", times)
        self._told("postgresql, full tablespace", "full", self.url("postgresql"), times)
        self._told("mariadb, full disk", "full", "mariadb", times)

    def _told(self, title: str, program: str, *given: str) -> None:
        command = [sys.executable, str(Path(__file__).parent / f"{program}.py"), *given]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603 - our own
        told = json.loads(said)
        wrong = {"wrong": told.pop("wrong", ["it was skipped"])}
        say(f"{title}: {told}")
        self.judge(title, wrong, noticed="wrong" if "spoilt" in title else "")


def _listed(counts: Counter[Any]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))


def main() -> None:
    """Run the parts that are named, or all."""
    parts: dict[str, Callable[[Lab], None]] = {
        "rivals": Lab.rivals,
        "kills": Lab.kills,
        "cuts": Lab.cuts,
        "disks": Lab.disks,
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = argparse.ArgumentParser(prog="run.py", description="conversion where things go wrong")
    given.add_argument("--quick", action="store_true", help="a sample of each")
    given.add_argument("part", nargs="*", choices=[*parts, []], help="only these")
    asked = given.parse_args()
    servers = Servers("lab_conversion")
    try:
        with TemporaryDirectory(prefix="crmkit-conversion-") as folder:
            lab = Lab(Path(folder), servers, quick=asked.quick)
            for name in asked.part or parts:
                parts[name](lab)
    finally:
        servers.close()
    say("nothing is wrong" if not lab.wrong else f"{len(lab.wrong)} things are wrong")
    if lab.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
