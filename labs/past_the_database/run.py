"""Opportunities by the million, past the database: the same roll-ups on DuckDB and on Spark, an executor killed.

    python labs/past_the_database/run.py [--count 1000000] [--cuts 3] [--engines duckdb,spark] [--seed 1]

Ends with 0 where every figure of every group is, to the cent, what was added up while the opportunities were made.
"""

import argparse
import os
import resource
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from made import CUTS, FIGURES, NOW, Totals, make

import crmkit
from crmkit import Crm
from crmkit.forecasting import RollUp

STARTED: Final = time.monotonic()
Cuts = tuple[tuple[str, ...], ...]

EXECUTOR: Final = "CoarseGrainedExecutorBackend"


def say(what: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


def findings(found: RollUp, cut: tuple[str, ...], totals: Totals) -> list[str]:
    """Where a roll-up is not what was added up: in a figure, a group too many or one too few."""
    wanted = totals.rows(cut)
    seen = {
        tuple(group.key.values()): (
            group.count,
            *(getattr(group, name).minor for name in FIGURES[1:]),
        )
        for group in found
        if group.count
    }
    lines = [
        f"{key}: {seen.get(key)} instead of {wanted.get(key)}"
        for key in {**wanted, **seen}
        if seen.get(key) != wanted.get(key)
    ]
    total = tuple(sum(figures) for figures in zip(*wanted.values(), strict=True))
    if (found.total.count, found.total.gross.minor, found.total.weighted.minor) != total[:3]:
        lines.append(f"the total: {found.total} instead of {total}")
    return lines


def asked(crm: Crm, engine: str, cut: tuple[str, ...], totals: Totals) -> list[str]:
    """Ask for a cut, say how long it took, and judge it."""
    started = time.monotonic()
    found = crm.forecasting.roll_up(by=cut)
    seconds = time.monotonic() - started
    wrong = findings(found, cut, totals)
    shown = f"{found.total.count:,} opportunities, gross {found.total.gross}, weighted {found.total.weighted}"
    say(f"{engine}, by {' × '.join(cut)}: {len(list(found))} groups in {seconds:.1f} s; {shown}; {len(wrong)} wrong")
    return [f"{engine}, by {cut}: {line}" for line in wrong]


# Spark


@contextmanager
def spark(folder: Path, bytes_a_task: int) -> Iterator[Any]:
    """A session on a cluster of two executors, processes of this machine. All that it writes is in the folder."""
    import pyspark  # noqa: PLC0415 - an extra of its own
    from pyspark.sql import SparkSession  # noqa: PLC0415 - as above

    home = folder / "spark"
    home.mkdir()
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    os.environ |= {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder / "scratch")}
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "1536m",
        "spark.sql.files.maxPartitionBytes": str(bytes_a_task),
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,2048]").appName("crmkit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    try:
        yield session
    finally:
        session.stop()


def executors(parent: int | None = None) -> list[int]:
    """The executors among the processes that this one, or what it started, has started."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_text()
        except (OSError, IndexError):
            continue
        if entry.name.isdigit() and int(stat[1]) == (parent or os.getpid()):
            found += [int(entry.name)] if EXECUTOR in command else executors(int(entry.name))
    return found


class Killer(threading.Thread):
    """Ends one executor, without notice, once a stage is a third through."""

    def __init__(self, session: Any) -> None:
        super().__init__(daemon=True)
        self.tracker = session.sparkContext.statusTracker()
        self.over = threading.Event()
        self.killed = ""

    def run(self) -> None:
        while not self.over.wait(0.02):
            for stage in self.tracker.getActiveStageIds():
                info = self.tracker.getStageInfo(stage)
                if info and info.numTasks >= 6 and info.numActiveTasks and info.numCompletedTasks * 3 >= info.numTasks:
                    one = executors()[0]
                    os.kill(one, signal.SIGKILL)
                    self.killed = f"executor {one} was killed after {info.numCompletedTasks} of {info.numTasks} tasks"
                    return


def on_spark(folder: Path, exports: Path, totals: Totals, cuts: Cuts) -> list[str]:
    """Each cut undisturbed, and each with an executor killed in the middle."""
    import ibis  # noqa: PLC0415 - an extra of its own

    size = (exports / "tenant=default" / "opportunity" / "current.parquet").stat().st_size
    wrong: list[str] = []
    with spark(folder, max(size // 24, 1 << 16)) as session:
        crm = crmkit.connect(f"parquet:///{exports}", backend=ibis.pyspark.connect(session), clock=lambda: NOW)
        say(f"Spark {session.version}: executors {executors()}")
        for cut in cuts:
            wrong += asked(crm, "Spark", cut, totals)
        for cut in cuts:
            before = executors()
            killer = Killer(session)
            killer.start()
            wrong += asked(crm, "Spark, killed", cut, totals)
            killer.over.set()
            killer.join()
            say(killer.killed or "NO EXECUTOR WAS KILLED")
            wrong += [] if killer.killed and set(before) - set(executors()) else [f"by {cut}: nothing was killed"]
            while len(executors()) < 2:
                time.sleep(0.1)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--engines", default="duckdb,spark")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cuts", type=int, default=len(CUTS))
    given = parser.parse_args()
    cuts = CUTS[: given.cuts]
    folder = Path(mkdtemp(prefix="crmkit-", dir=os.environ.get("CRMKIT_LAB_FOLDER")))
    try:
        exports = folder / "exports"
        totals = make(exports, given.count, given.seed)
        held = sum(path.stat().st_size for path in exports.rglob("*.parquet"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        say(f"{given.count:,} opportunities made, {held / 2**20:,.0f} MiB of Parquet; memory at most {peak:,} MiB")
        wrong: list[str] = []
        if "duckdb" in given.engines:
            crm = crmkit.connect(f"parquet:///{exports}", clock=lambda: NOW)
            for cut in cuts:
                wrong += asked(crm, "DuckDB", cut, totals)
            crm.close()
        if "spark" in given.engines:
            wrong += on_spark(folder, exports, totals, cuts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for line in wrong[:20]:
        say(line)
    say(f"{len(wrong)} figures are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
