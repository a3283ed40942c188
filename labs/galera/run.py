"""Starts three nodes, proves crmkit on them, kills nodes under load, and counts what is lost and what is there twice.

    python labs/galera/run.py [--quick]

Ends with 0 where nothing is, all nodes hold the same, and the checks have noticed what was spoilt for them on purpose.
"""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from checks import Act, acts_of, findings, held_by  # noqa: E402 - beside all labs
from workload import TENANT, Seller, sell  # noqa: E402

import crmkit  # noqa: E402
from crmkit import Order  # noqa: E402

NODES: Final = (1, 2, 3)
SELLERS: Final = 6
CONTESTED: Final = 100
STARTED: Final = time.monotonic()


def cluster(*verb: str) -> str:
    """Have the cluster script do something; what it prints. Raises CalledProcessError."""
    ran = subprocess.run([str(HERE / "cluster"), *verb], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return ran.stdout.strip()


def say(what: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {what}", flush=True)


def conformance(url: str) -> str:
    """Run the kit; pytest's closing line. Raises SystemExit where a claim does not hold."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE / "kit.py")]
    given = {**os.environ, "CRMKIT_TEST_MARIADB_URL": url}
    ran = subprocess.run(command, env=given, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode:
        print(ran.stdout)
        raise SystemExit("the conformance kit found something")
    return ran.stdout.strip().splitlines()[-1]


def loaded(
    urls: Sequence[str], folder: Path, seconds: int, kills: Sequence[tuple[int, int]]
) -> list[tuple[float, float]]:
    """Have the sellers work, two at each node, while nodes are killed and come back: when, and for how many seconds."""
    setup = Seller(urls[0], "setup", folder)
    contested = [setup.open().account for _ in range(CONTESTED)]
    setup.crm.close()
    spawn = multiprocessing.get_context("spawn")
    started = time.monotonic()
    sellers = [
        spawn.Process(
            target=sell,
            args=(urls[number % len(urls)], f"seller{number}", folder, contested, started + seconds),
            daemon=True,
        )
        for number in range(SELLERS)
    ]
    for seller in sellers:
        seller.start()
    killed = []
    try:
        for after, node in kills:
            time.sleep(max(0.0, started + after - time.monotonic()))
            cluster("kill", str(node))
            at = time.monotonic()
            say(f"killed node {node}, while everybody was at work")
            time.sleep(5)
            cluster("rejoin", str(node))
            killed.append((at, time.monotonic() - at))
            say(f"node {node} is back, and has what the others have")
        for seller in sellers:
            seller.join()
    finally:
        for seller in sellers:
            seller.kill()
    if any(seller.exitcode for seller in sellers):
        raise SystemExit("a seller met an error that it did not expect: it stands above")
    return killed


def outage(acts: Sequence[Act], killed: float) -> float:
    """The longest time around a kill in which nothing was acknowledged to anybody, in seconds."""
    times = sorted(act.at for act in acts if act.done)
    return max(later - earlier for earlier, later in pairwise(times) if later > killed and earlier < killed + 1)


def spoilt(url: str, acts: Sequence[Act], found: dict[str, list[str]]) -> dict[str, bool]:
    """Whether the checks notice what is spoilt on purpose."""
    order = next(act for act in acts if act.what == "order" and act.done)
    with crmkit.connect(url, tenant=TENANT) as crm:
        kept = crm.orders.get(order.id("order"))
        crm.orders.add(Order(customer=kept.customer, purchase_order=order.token))
        twice = findings(acts, held_by(url))
        other = next(act for act in acts if act.what == "order" and act.done and act.token != order.token)
        crm.orders.delete(other.id("order"))
        gone = findings(acts, held_by(url))
    return {
        "an order is there twice": len(twice["twice"]) > len(found["twice"]),
        "an order is gone": len(gone["lost"]) > len(found["lost"]),
    }


def main() -> None:
    """Run it all, and print the figures."""
    given = argparse.ArgumentParser(prog="run.py", description="nodes are killed under load")
    given.add_argument("--quick", action="store_true", help="one kill in 30 seconds instead of three in 90")
    quick = given.parse_args().quick
    seconds, kills = (30, [(6, 2)]) if quick else (90, [(8, 2), (36, 3), (62, 1)])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster("stop")
    try:
        cluster("start")
        urls = [cluster("url", str(node)) for node in NODES]
        say("three nodes are ready")
        say(f"conformance kit: {conformance(urls[0])}")
        with TemporaryDirectory(prefix="crmkit-journals-") as folder:
            killed = loaded(urls, Path(folder), seconds, kills)
            acts = acts_of(Path(folder))
        say("the sellers have ended")
        held = [held_by(url) for url in urls]
        found = findings(acts, held[0])
        same = all(one == held[0] for one in held)
        noticed = spoilt(urls[0], acts, found)
        say("the checks have ended")
    finally:
        cluster("stop")
    done, unknown = [act for act in acts if act.done], [act for act in acts if act.unknown]
    words = {"open": "accounts opened", "convert": "conversions", "undo": "conversions undone"}
    words |= {"order": "orders", "move": "opportunities changed"}
    rows: list[tuple[str, object]] = [
        ("acts acknowledged", len(done)),
        *((f"  {name}", sum(act.what == what for act in done)) for what, name in words.items()),
        ("refused, since another seller was faster", sum(act.how == "refused" for act in acts)),
        ("units that crmkit ran again by itself", sum(act.again for act in acts)),
        ("acts that their seller tried again after a pause", sum(act.paused > 0 for act in acts)),
        ("acts with an outcome unknown at first", len(unknown)),
        ("  had been saved", sum(act.how == "found" for act in unknown)),
        ("  had not, and were done then", sum(act.how == "acknowledged" for act in unknown)),
        ("longest wait for an acknowledgement to anybody", ", ".join(f"{outage(acts, at):.1f} s" for at, _ in killed)),
        ("until a killed node had joined again", ", ".join(f"{took:.1f} s" for _, took in killed)),
        ("lost", len(found["lost"])),
        ("twice", len(found["twice"])),
        ("histories that are not whole", len(found["not whole"])),
        ("numbers given twice or left out", len(found["numbers"])),
        ("records that nobody has made", len(found["of nobody"])),
        ("all three nodes hold the same", "yes" if same else "NO"),
        *((f"noticed when {name}", "yes" if seen else "NO") for name, seen in noticed.items()),
    ]
    width = max(len(name) for name, _ in rows)
    print("\n" + "\n".join(f"{name:<{width}}  {value}" for name, value in rows) + "\n")
    for kind, lines in found.items():
        for line in lines[:10]:
            print(f"{kind}: {line}")
    if any(found.values()) or not same or not all(noticed.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
