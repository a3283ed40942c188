"""Rivals: processes and threads that go for the same prospects, and write down what came of each act.

A process of them is this file as a program: `python rivals.py URL NUMBER THREADS LAPS SPOILT IDS…`. It says `ready`,
begins when a line comes in, and prints its acts as JSON.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import attrs
from spoilt import spoil

import crmkit
from crmkit import (
    AlreadyConverted,
    Busy,
    Conflict,
    Crm,
    CrmkitError,
    Invalid,
    Lead,
    NotFound,
    Opportunity,
    OpportunityTask,
    Order,
    Prospect,
    Refused,
)

__all__ = ["DUELS", "LAPS", "TYPED", "Act", "contend", "prospects_in"]

TYPED: Final = (AlreadyConverted, Busy, Conflict, Invalid, NotFound, Refused)
"""What a loser may be told."""

DUELS: Final = {
    "one prospect": "convert apply ask_under_a_key convert_many",
    "convert against undo": "undo convert",
    "convert against an edit": "edit apply edit convert",
    "undo against an order": "undo order undo undo",
    "both sides of a merge": "merge merge_back",
    "merge against convert and edit": "merge convert merge_back edit",
}
"""Laps in which all threads of a process go for one account at the same moment, each with its own of these acts."""

LAPS: Final = (
    DUELS["one prospect"],
    DUELS["convert against undo"],
    DUELS["convert against an edit"],
    "",
    DUELS["one prospect"],
    DUELS["undo against an order"],
    "",
)
"""A whole contest. In the empty laps everybody does one thing or another. What has an order stays a customer."""


@attrs.frozen(kw_only=True)
class Act:
    """What a rival did, and what it was told. `made` are the accounts' states that came of it: account, version.

    `told` has what only some acts are told: receipts with their numbers, an order, findings. `begun` and `ended` are
    instants of the machine's clock that never goes back, which all processes share.
    """

    token: str
    what: str
    account: UUID
    begun: float
    ended: float
    error: str = ""
    said: str = ""
    made: tuple[tuple[UUID, int], ...] = ()
    told: dict[str, Any] = attrs.field(factory=dict)

    @property
    def done(self) -> bool:
        """Whether it was acknowledged."""
        return not self.error


def prospects_in(crm: Crm, ids: Sequence[UUID]) -> None:
    """Prospects with those ids, and what hangs from them: the same in every store."""
    with crm.begin() as work:
        for number, id in enumerate(ids):
            work.prospects.add(Prospect(id=id, name=f"Company {number}", employees=number))
            for _ in range(number % 3):
                deal = work.opportunities.add(Opportunity(account=id, description="Deal"))
                work.opportunity_tasks.add(OpportunityTask(opportunity=deal.id, description="Call"))
            work.leads.add(Lead(account=id, description="Inquiry"))


class Rival:
    """One thread of one process."""

    def __init__(self, crm: Crm, name: str, place: int, ids: Sequence[UUID], together: threading.Barrier) -> None:
        self.crm = crm
        self.name = name
        self.place = place
        self.ids = ids
        self.together = together
        self.acts: list[dict[str, Any]] = []
        self._random = Random(name)

    def work(self, laps: Sequence[str]) -> None:
        """Go through the accounts, as all the others do at the same time: by one's part in a duel, or, in a lap that is
        none, by lot.
        """
        kinds: list[tuple[int, Callable[[UUID, str], dict[str, Any]]]] = [
            (3, self.convert),
            (2, self.apply),
            (1, self.ask_under_a_key),
            (2, self.convert_many),
            (5, self.undo),
            (4, self.edit),
            (1, self.order),
        ]
        weights, acts = zip(*kinds, strict=True)
        for number, lap in enumerate(laps):
            parts = lap.split()
            for place, id in enumerate(self.ids):
                if parts:
                    act = getattr(self, parts[self.place % len(parts)])
                    self.together.wait()
                else:
                    (act,) = self._random.choices(acts, weights)
                self._do(act, id, f"{self.name}.{number}.{place}")

    def _do(self, act: Callable[[UUID, str], dict[str, Any]], id: UUID, token: str) -> None:
        line: dict[str, Any] = {"token": token, "what": act.__name__, "account": id, "begun": time.monotonic()}
        try:
            line |= act(id, token)
        except CrmkitError as error:
            line |= _told(error)
        except BaseException as error:  # noqa: BLE001 - the checks say what it is
            line |= {"error": f"untyped {type(error).__name__}", "said": str(error)}
        self.acts.append({**line, "ended": time.monotonic()})

    # The acts; what each gives is what it was told

    def convert(self, id: UUID, token: str) -> dict[str, Any]:
        return _receipt(self.crm.conversion.convert(id, legal_name=token))

    def apply(self, id: UUID, token: str) -> dict[str, Any]:
        """A plan, others in between, then what the plan says."""
        plan = self.crm.conversion.plan(id, legal_name=token)
        time.sleep(self._random.random() / 100)
        return _receipt(self.crm.conversion.apply(plan))

    def ask_under_a_key(self, id: UUID, token: str) -> dict[str, Any]:
        """As several others do, under the same key for the same thing."""
        del token
        return _receipt(self.crm.conversion.convert(id, legal_name=f"key {id}", key=f"key {id}"))

    def convert_many(self, id: UUID, token: str) -> dict[str, Any]:
        """Two at once."""
        other = self.ids[(self.ids.index(id) + 1) % len(self.ids)]
        rows = self.crm.conversion.convert_many(dict.fromkeys([id, other]), legal_name=token)
        made = [_receipt(row.receipt) for row in rows if row.receipt]
        if not made:
            return {"error": "AlreadyConverted", "said": "; ".join(map(str, rows))}
        return {
            "made": [state for one in made for state in one["made"]],
            "told": {"receipts": [receipt for one in made for receipt in one["told"]["receipts"]]},
        }

    def undo(self, id: UUID, token: str) -> dict[str, Any]:
        del token
        found = list(self.crm.conversions.find(account=id, undone_at=None))
        if not found:
            raise NotFound("conversion", id)
        back = self.crm.conversion.undo(found[-1].id)
        return {"made": [(id, back.version)], "told": {"undone": found[-1].id}}

    def edit(self, id: UUID, token: str) -> dict[str, Any]:
        read = self.crm.accounts.get(id)
        return {"made": [(id, self.crm.accounts.update(read, notes=token).version)]}

    def order(self, id: UUID, token: str) -> dict[str, Any]:
        order = self.crm.orders.add(Order(customer=id, purchase_order=token))
        return {"told": {"order": order.id, "number": order.number}}

    def merge(self, id: UUID, token: str) -> dict[str, Any]:
        """Into its neighbour, as long as both are prospects."""
        del token
        return self._merged(id, self._neighbour(id))

    def merge_back(self, id: UUID, token: str) -> dict[str, Any]:
        """The neighbour into it."""
        del token
        return self._merged(self._neighbour(id), id)

    def _neighbour(self, id: UUID) -> UUID:
        return self.ids[self.ids.index(id) ^ 1]

    def _merged(self, absorbed: UUID, into: UUID) -> dict[str, Any]:
        one = self.crm.prospects.merge(absorbed, into)
        told = {"merge": one.id, "number": one.number, "absorbed": absorbed, "version": one.absorbed_version}
        return {"made": [(into, one.survivor_version)], "told": told}


def _receipt(receipt: Any) -> dict[str, Any]:
    said = {"id": receipt.id, "number": receipt.number, "customer_number": receipt.customer_number}
    return {"made": [(receipt.account, receipt.customer_version)], "told": {"receipts": [said]}}


def _told(error: CrmkitError) -> dict[str, Any]:
    """What a loser was told, as far as it says what the store was like."""
    told: dict[str, Any] = {}
    if isinstance(error, AlreadyConverted) and error.receipt:
        told["standing"] = error.receipt
    if isinstance(error, Conflict) and error.found:
        told["found"] = (error.id, error.found)
    if isinstance(error, Refused):
        told["findings"] = [(one.code, one.record) for one in error.findings]
    name = type(error).__name__
    return {"error": name if isinstance(error, TYPED) else f"untyped {name}", "said": str(error), "told": told}


def run(url: str, number: int, threads: int, laps: Sequence[str], spoilt: str, ids: Sequence[UUID]) -> None:
    """A process of rivals."""
    spoil(spoilt)
    with crmkit.connect(url, user=f"rival {number}", starter=None) as crm:
        together = threading.Barrier(threads)
        rivals = [
            Rival(crm, f"{number}.{thread}", number * threads + thread, ids, together) for thread in range(threads)
        ]
        working = [threading.Thread(target=rival.work, args=(laps,)) for rival in rivals]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for thread in working:
            thread.start()
        for thread in working:
            thread.join()
    json.dump([act for rival in rivals for act in rival.acts], sys.stdout, default=str)


def contend(
    url: str, ids: Sequence[UUID], *, processes: int, threads: int, laps: Sequence[str], spoilt: str = ""
) -> list[Act]:
    """Have so many processes of so many threads each go for those prospects, in those laps; every act."""
    command = [sys.executable, str(Path(__file__)), url]
    asked = [str(threads), json.dumps(laps), spoilt, *map(str, ids)]
    rivals = [
        subprocess.Popen(  # noqa: S603 - our own
            [*command, str(number), *asked], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(processes)
    ]
    try:
        for rival in rivals:
            assert rival.stdout is not None
            if rival.stdout.readline() != "ready\n":
                raise RuntimeError("a process of rivals did not begin: it says why above")
        for rival in rivals:
            assert rival.stdin is not None
            rival.stdin.write("go\n")
            rival.stdin.flush()
        return [_act(line) for rival in rivals for line in json.loads(rival.communicate(timeout=900)[0])]
    finally:
        for rival in rivals:
            if rival.poll() is None:
                rival.kill()
                rival.communicate()


def _act(line: dict[str, Any]) -> Act:
    made = tuple((UUID(account), version) for account, version in line.pop("made", ()))
    return Act(**{**line, "account": UUID(line["account"]), "made": made})


if __name__ == "__main__":
    url, number, threads, laps, spoilt, *ids = sys.argv[1:]
    run(url, int(number), int(threads), json.loads(laps), spoilt, list(map(UUID, ids)))
