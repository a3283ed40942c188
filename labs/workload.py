"""What runs while a server is lost: sellers, who write down what crmkit has acknowledged to them, and what they did
where it could not tell.
"""

import json
import os
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs

import crmkit
from crmkit import AlreadyConverted, Busy, Conversion, Money, Opportunity, Order, OutcomeUnknown, Prospect, Work
from crmkit.entities import ENTITIES, Registry
from crmkit.stores.sql import SqlStore
from crmkit.stores.sql.unit import SqlUnit

__all__ = ["Seller", "sell"]

TENANT: Final = "lab"
PAUSE: Final = 0.25
"""Seconds between two tries of a seller's own, once crmkit's ten have not sufficed."""
BREATH: Final = 0.01
"""Seconds between two acts, so that a run stays small."""
PATIENCE: Final = 120.0
"""Seconds after which a seller gives up on an act: longer than any fail-over takes."""


class CountingStore(SqlStore):
    """Knows how many units were begun on it: more than one a call are those that crmkit has run again."""

    begun = 0

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> SqlUnit:
        self.begun += not read_only
        return super().begin(tenant=tenant, clock=clock, read_only=read_only, as_of=as_of, snapshot=snapshot)


class Journal:
    """Lines that are on the disk once they are written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, **line: Any) -> None:
        self._file.write(json.dumps(line, default=str) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


@attrs.define
class Held:
    """An account that a seller has opened: its opportunity as it was last saved, and its conversion if it has one."""

    account: UUID
    opportunity: Opportunity
    receipt: UUID | None = None
    ordered: bool = False


class Seller:
    """Opens accounts, converts them, takes conversions back, takes orders, moves opportunities: each an act with a
    token of its own, which what it makes carries.
    """

    def __init__(self, url: str, name: str, folder: Path, contested: Sequence[UUID] = ()) -> None:
        self.store = CountingStore.from_url(url, Registry(ENTITIES))
        self.store.prepare()
        self.crm = crmkit.connect(self.store, tenant=TENANT, user=name)
        self.name = name
        self.held: list[Held] = []
        self._journal = Journal(folder / f"{name}.journal")
        self._contested = list(contested)
        self._random = random.Random(name)
        self._acts = 0

    def work(self, until: float) -> None:
        """Act after act, until an instant of the monotonic clock."""
        while time.monotonic() < until:
            self.choose()()
            time.sleep(BREATH)

    def choose(self) -> Callable[[], Any]:
        """The next act, by lot."""
        prospects = [one for one in self.held if one.receipt is None]
        free = [one for one in self.held if one.receipt is not None and not one.ordered]
        customers = [one for one in self.held if one.receipt is not None]
        acts: list[tuple[int, Callable[[], Any]]] = [(30, self.open)]
        if prospects:
            acts.append((25, lambda: self.convert(self._random.choice(prospects))))
        if free:
            acts.append((10, lambda: self.undo(self._random.choice(free))))
        if customers:
            acts.append((15, lambda: self.order(self._random.choice(customers))))
        if self.held:
            acts.append((45, lambda: self.move(self._random.choice(self.held))))
        if self._contested:
            acts.append((10, self.contest))
        return self._random.choices([act for _, act in acts], [weight for weight, _ in acts])[0]

    # The acts

    def open(self) -> Held:
        """A prospect with an opportunity, in one unit of work."""
        token = self._token()

        def task(work: Work) -> Held:
            prospect = work.prospects.add(Prospect(name=f"Company {token}", tax_number=token))
            wanted = Opportunity(description=token, account=prospect.id, estimated_value=Money("1000", "EUR"))
            return Held(prospect.id, work.opportunities.add(wanted))

        def look() -> Held | None:
            found = self.crm.prospects.find(tax_number=token).records
            return Held(found[0].id, self.crm.opportunities.find(account=found[0].id).records[0]) if found else None

        held = self._settle(
            token,
            "open",
            lambda: self.crm.run(task),
            look,
            lambda one: {"account": one.account, "opportunity": one.opportunity.id, "number": one.opportunity.number},
        )
        self.held.append(held)
        return held  # type: ignore[no-any-return]

    def convert(self, held: Held) -> None:
        """Make a customer of a prospect."""
        receipt = self._convert(held.account)
        held.receipt = receipt.id if receipt else None

    def contest(self) -> None:
        """Make a customer of a prospect that every other seller is after as well."""
        self._convert(self._contested.pop(0))

    def _convert(self, account: UUID) -> Conversion | None:
        def look() -> Conversion | None:
            return next(iter(self.crm.conversions.find(account=account, converted_by=self.name, undone_at=None)), None)

        return self._settle(  # type: ignore[no-any-return]
            self._token(),
            "convert",
            lambda: self.crm.conversion.convert(account),
            look,
            lambda one: {"receipt": one.id, "number": one.number, "version": one.customer_version},
            account=account,
        )

    def undo(self, held: Held) -> None:
        """Take a conversion back."""
        receipt = held.receipt

        def look() -> bool | None:
            assert receipt is not None
            return self.crm.conversions.get(receipt).undone_at is not None or None

        def undo() -> bool:
            assert receipt is not None
            return self.crm.conversion.undo(receipt) is not None

        self._settle(self._token(), "undo", undo, look, lambda _: {}, account=held.account, receipt=receipt)
        held.receipt = None

    def order(self, held: Held) -> None:
        """Take an order of a customer."""
        token = self._token()

        def look() -> Order | None:
            return next(iter(self.crm.orders.find(customer=held.account, purchase_order=token)), None)

        self._settle(
            token,
            "order",
            lambda: self.crm.orders.add(Order(customer=held.account, purchase_order=token)),
            look,
            lambda one: {"order": one.id, "number": one.number},
        )
        held.ordered = True

    def move(self, held: Held) -> None:
        """Change an opportunity."""
        token, before = self._token(), held.opportunity

        def look() -> Opportunity | None:
            now = self.crm.opportunities.get(before.id)
            return now if now.next_step == token else None

        held.opportunity = self._settle(
            token,
            "move",
            lambda: self.crm.opportunities.update(before, next_step=token),
            look,
            lambda one: {"version": one.version},
            opportunity=before.id,
        )

    # How an act is brought to its end

    def _token(self) -> str:
        self._acts += 1
        return f"{self.name}-{self._acts:06}"

    def _settle(
        self,
        token: str,
        what: str,
        call: Callable[[], Any],
        look: Callable[[], Any],
        told: Callable[[Any], dict[str, Any]],
        **about: Any,
    ) -> Any:
        """What the call gives. While the store cannot be had, it is tried again after a pause; where the outcome of a
        commit is unknown, `look` tells whether it was saved, and only if not it is tried again.
        """
        self._journal.write(act=token, what=what, **about)
        counts = {"unknown": 0, "again": 0, "paused": 0}
        given_up = time.monotonic() + PATIENCE
        while True:
            before, result, how = self.store.begun, None, "acknowledged"
            try:
                result = call()
            except OutcomeUnknown:
                counts["unknown"] += 1
                result, how = self._patiently(look, given_up), "found"
            except AlreadyConverted:
                how = "refused"
            except Busy:
                counts["paused"] += 1
            counts["again"] += self.store.begun - before - 1
            if result is not None or how == "refused":
                values = told(result) if result is not None else {}
                self._journal.write(act=token, how=how, at=time.monotonic(), **counts, **values)
                return result
            if time.monotonic() > given_up:
                raise TimeoutError(f"{token}: the store did not come back")
            time.sleep(PAUSE)

    @staticmethod
    def _patiently(look: Callable[[], Any], given_up: float) -> Any:
        while True:
            try:
                return look()
            except Busy:
                if time.monotonic() > given_up:
                    raise
                time.sleep(PAUSE)


def sell(url: str, name: str, folder: Path, contested: Sequence[UUID], until: float) -> None:
    """A seller's process."""
    Seller(url, name, folder, contested).work(until)
