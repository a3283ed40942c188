"""Starts the pair, proves crmkit on it, kills its primary under load, and counts what is lost and what is there twice.

    python labs/pg_auto_failover/run.py [--quick]

Ends with 0 where nothing is, and the checks have noticed what was spoilt for them on purpose.
"""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import attrs
import psycopg

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from checks import Act, acts_of, findings, held_by  # noqa: E402 - beside all labs
from workload import TENANT, Seller, sell  # noqa: E402

import crmkit  # noqa: E402
from crmkit import Order, evolve  # noqa: E402

SELLERS: Final = 6
CONTESTED: Final = 150
STARTED: Final = time.monotonic()
HOW: Final = {
    "": "while everybody was at work",
    "in-commits": "while everybody waited in a commit that arrived",
    "cut-off": "while everybody waited in a commit that did not arrive",
}
"""How the primary is killed, as the cluster script calls it."""


@attrs.frozen(kw_only=True)
class Measure:
    """How long the sellers work, and when and how the primary is killed, in seconds from their start."""

    seconds: int
    kills: tuple[tuple[int, str], ...]


FULL: Final = Measure(seconds=110, kills=((12, ""), (45, "in-commits"), (78, "cut-off")))
QUICK: Final = Measure(seconds=50, kills=((6, "in-commits"), (29, "cut-off")))


def cluster(*verb: str, errors: int | None = None) -> str:
    """Have the cluster script do something; what it prints. Raises CalledProcessError."""
    command = [str(HERE / "cluster"), *verb]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603 - ours
    return ran.stdout.strip()


def say(what: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


def conformance(url: str) -> str:
    """Run the kit; pytest's closing line. Raises CalledProcessError where a claim does not hold."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "kit.py")]
    ran = subprocess.run(  # noqa: S603 - our own command
        command, env={**os.environ, "CRMKIT_TEST_POSTGRES_URL": url}, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        print(ran.stdout)
        ran.check_returncode()
    return ran.stdout.strip().splitlines()[-1]


def loaded(url: str, folder: Path, measure: Measure) -> list[float]:
    """Have the sellers work while the primary is killed and comes back; when it had ended, each time."""
    setup = Seller(url, "setup", folder)
    contested = [setup.open().account for _ in range(CONTESTED)]
    setup.crm.close()

    spawn = multiprocessing.get_context("spawn")
    started = time.monotonic()
    until = started + measure.seconds
    names = [f"seller{number}" for number in range(1, SELLERS + 1)]
    sellers = [spawn.Process(target=sell, args=(url, name, folder, contested, until), daemon=True) for name in names]
    for seller in sellers:
        seller.start()
    killed = []
    try:
        for after, how in measure.kills:
            time.sleep(max(0.0, started + after - time.monotonic()))
            lost = cluster("kill-primary", *filter(None, [how]))
            killed.append(time.monotonic())
            say(f"killed the primary, node {lost}, {HOW[how]}")
            say(f"node {new_primary()} takes writes")
            time.sleep(3)
            cluster("rejoin")
            say(f"node {lost} is back, as the secondary")
        for seller in sellers:
            seller.join()
    finally:
        for seller in sellers:
            seller.kill()
    if any(seller.exitcode for seller in sellers):
        raise SystemExit("a seller met an error that it did not expect: it stands above")
    return killed


def new_primary() -> str:
    """The port of the node that takes writes, once one does."""
    for _ in range(600):
        try:
            return cluster("primary", errors=subprocess.DEVNULL)
        except subprocess.CalledProcessError:
            time.sleep(0.1)
    return cluster("primary")


def outage(acts: Sequence[Act], killed: float) -> float:
    """The longest time around a kill in which nothing was acknowledged to anybody, in seconds."""
    times = sorted(act.at for act in acts if act.done)
    return max(later - earlier for earlier, later in pairwise(times) if later > killed and earlier < killed + 1)


def on_one_node(port: str) -> str:
    """The URL of one node, whether it takes writes or not."""
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/test"


def caught_up(primary: str, secondary: str) -> None:
    """Wait until the secondary has replayed what the primary has written."""
    with psycopg.connect(host="127.0.0.1", port=primary, user="postgres", dbname="test") as one:
        written = one.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
    with psycopg.connect(host="127.0.0.1", port=secondary, user="postgres", dbname="test", autocommit=True) as other:
        for _ in range(300):
            row = other.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written).fetchone()
            if row is not None and row[0]:
                return
            time.sleep(0.1)
    raise SystemExit("the secondary does not catch up")


def spoilt(url: str, acts: Sequence[Act], found: dict[str, list[str]]) -> dict[str, bool]:
    """Whether the checks notice what is spoilt on purpose, one thing after the other, behind crmkit's back."""
    noticed: dict[str, bool] = {}
    before = dict(found)
    order = next(act for act in acts if act.what == "order" and act.done)
    move = next(act for act in acts if act.what == "move" and act.done)
    convert = next(act for act in acts if act.what == "convert" and act.done)

    def spoil(name: str, kind: str, change: Callable[[], Any]) -> None:
        change()
        now = findings(acts, held_by(url))
        noticed[name] = len(now[kind]) > len(before[kind])
        before.update(now)

    def write(statement: str, *values: object) -> None:
        with psycopg.connect(host="127.0.0.1", port=cluster("primary"), user="postgres", dbname="test") as connection:
            changed = connection.execute(statement, values).rowcount
            if changed != 1:
                raise SystemExit(f"{statement} changed {changed} rows")

    with crmkit.connect(url, tenant=TENANT) as crm:
        kept = crm.orders.get(order.id("order"))
        receipt = crm.conversions.get(convert.id("receipt"))

        def convert_again() -> None:
            with crm.begin() as work:
                work.unit.apply(crmkit.Changes(creates=[evolve(receipt, id=uuid4(), number="", version=0)]))

        spoil(
            "an order is there twice",
            "twice",
            lambda: crm.orders.add(Order(customer=kept.customer, purchase_order=order.token)),
        )
        spoil("a conversion is there twice", "twice", convert_again)
        spoil("an order is gone", "lost", lambda: write('DELETE FROM "order" WHERE id = %s', order.id("order")))
        spoil(
            "a change is undone",
            "lost",
            lambda: write(
                "UPDATE opportunity SET next_step = '' WHERE id = %s AND version = %s",
                move.id("opportunity"),
                crm.opportunities.get(move.id("opportunity")).version,
            ),
        )
        spoil(
            "a state is missing in a history",
            "not whole",
            lambda: write("DELETE FROM opportunity_history WHERE id = %s AND version = 1", move.id("opportunity")),
        )
    return noticed


def table(rows: Sequence[tuple[str, object]]) -> str:
    """Figures, one below the other."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def figures(acts: Sequence[Act], killed: Sequence[float], found: dict[str, list[str]]) -> list[tuple[str, object]]:
    """What came of it."""
    done = [act for act in acts if act.done]
    unknown = [act for act in acts if act.unknown]
    words = {"open": "accounts opened", "convert": "conversions", "undo": "conversions undone"}
    words |= {"order": "orders", "move": "opportunities changed"}
    return [
        ("acts acknowledged", len(done)),
        *((f"  {name}", sum(act.what == what for act in done)) for what, name in words.items()),
        ("refused, since another seller was faster", sum(act.how == "refused" for act in acts)),
        ("units that crmkit ran again by itself", sum(act.again for act in acts)),
        ("acts that their seller tried again after a pause", sum(act.paused > 0 for act in acts)),
        ("acts with an outcome unknown at first", len(unknown)),
        ("  had been saved", sum(act.how == "found" for act in unknown)),
        ("  had not, and were done then", sum(act.how == "acknowledged" for act in unknown)),
        ("longest wait for an acknowledgement", ", ".join(f"{outage(acts, one):.1f} s" for one in killed)),
        ("lost", len(found["lost"])),
        ("twice", len(found["twice"])),
        ("histories that are not whole", len(found["not whole"])),
        ("numbers given twice or left out", len(found["numbers"])),
        ("records that nobody has made", len(found["of nobody"])),
    ]


def main() -> None:
    """Run it all, and print the figures."""
    given = argparse.ArgumentParser(prog="run.py", description="a primary is killed under load")
    given.add_argument("--quick", action="store_true", help="two kills in 50 seconds instead of three in 110")
    measure = QUICK if given.parse_args().quick else FULL

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster("stop")
    try:
        cluster("start")
        url = cluster("url")
        say(f"a monitor and two nodes, the primary is {cluster('primary')}")
        say(f"conformance kit: {conformance(url)}")
        with TemporaryDirectory(prefix="crmkit-journals-") as folder:
            killed = loaded(url, Path(folder), measure)
            acts = acts_of(Path(folder))
        say("the sellers have ended")

        secondary = cluster("secondary")
        caught_up(cluster("primary"), secondary)
        held = held_by(url)
        found = findings(acts, held)
        same = held_by(on_one_node(secondary)) == held
        say("the checks have ended")
        noticed = spoilt(url, acts, found)
        say("what was spoilt on purpose has been looked for")
    finally:
        cluster("stop")

    rows = figures(acts, killed, found)
    rows.append(("the secondary holds the same as the primary", "yes" if same else "NO"))
    rows.extend((f"noticed when {name}", "yes" if seen else "NO") for name, seen in noticed.items())
    print(f"\n{table(rows)}\n")
    for kind, lines in found.items():
        for line in lines[:10]:
            print(f"{kind}: {line}")
    if any(found.values()) or not same or not all(noticed.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
