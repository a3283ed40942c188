"""Conversion under contention: processes and threads go for the same prospects, and one wins each."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

import crmkit
from crmkit import AlreadyConverted, Conflict, Crm, CrmkitError, Invalid, NotFound, Order, Prospect, Refused
from crmkit.testing.servers import SERVERS

PROCESSES = 3
THREADS = 4
PROSPECTS = 12
TYPED = (AlreadyConverted, Conflict, Invalid, NotFound, Refused)
"""What a loser is told."""


def contend(url: str, number: int, ids: list[UUID]) -> None:
    """Convert, undo, order and edit, in an order of one's own, in several threads; tell what came of each, a line of
    JSON an act. Begins when a line comes in.
    """
    told: list[tuple[str, str, list[str], str]] = []

    def work(thread: int, crm: Crm) -> None:
        random = Random(number * 100 + thread)  # noqa: S311 - no secret
        acts: list[tuple[str, Callable[[UUID], list[UUID]]]] = [
            ("convert", lambda id: [crm.conversion.convert(id).id]),
            ("convert", lambda id: [crm.conversion.apply(crm.conversion.plan(id)).id]),
            ("convert", lambda id: [row.receipt.id for row in crm.conversion.convert_many([id]) if row.receipt]),
            ("undo", lambda id: [crm.conversion.undo(_last(crm, id)).id]),
            ("order", lambda id: [crm.orders.add(Order(customer=id)).id]),
            ("edit", lambda id: [crm.accounts.update(crm.accounts.get(id), sic_code=str(random.randint(1, 9))).id]),
        ]
        for id in random.sample(ids, len(ids)):
            for name, act in random.sample(acts, 3):
                try:
                    told.append((name, str(id), list(map(str, act(id))), ""))
                except TYPED:
                    continue
                except BaseException as error:  # noqa: BLE001 - the test says what it is
                    told.append((name, str(id), [], f"{type(error).__name__}: {error}"))

    with crmkit.connect(url) as crm:
        threads = [threading.Thread(target=work, args=(thread, crm)) for thread in range(THREADS)]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    sys.stdout.write(json.dumps(told))


def _last(crm: Crm, id: UUID) -> UUID:
    found = list(crm.conversions.find(account=id))
    if not found:
        raise NotFound("conversion", id)
    return found[-1].id


@pytest.mark.parametrize("name", ["sqlite", *SERVERS])
def test_one_wins_each(fresh_url: Callable[[str], str], name: str) -> None:
    """Whoever else converts, undoes, orders or edits: what was acknowledged is there once, and fits together."""
    url = fresh_url(name)
    with crmkit.connect(url) as crm:
        ids = [one.id for one in crm.prospects.add_many([Prospect(name=f"P{n}") for n in range(PROSPECTS)]).records]
        command = [sys.executable, __file__, url]
        processes = [
            subprocess.Popen(  # noqa: S603 - our own
                [*command, str(number), *map(str, ids)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for number in range(PROCESSES)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        acts = [act for process in processes for act in json.loads(process.communicate(timeout=120)[0])]
        assert [said for *_, said in acts if said] == []
        receipts = [UUID(one) for what, _, done, _ in acts if what == "convert" for one in done]
        undone = [UUID(one) for what, _, done, _ in acts if what == "undo" for one in done]
        orders = [UUID(one) for what, _, done, _ in acts if what == "order" for one in done]
        held = list(crm.conversions.all())
        assert sorted(receipts) == sorted(one.id for one in held)
        assert sorted(undone) == sorted(one.account for one in held if one.undone_at is not None)
        assert sorted(orders) == sorted(one.id for one in crm.orders.all())
        customers = {one.id for one in crm.customers.all()}
        assert {one.customer for one in crm.orders.all()} <= customers
        for id in ids:
            standing = [one for one in held if one.account == id and one.undone_at is None]
            assert len(standing) == (1 if id in customers else 0)
            states = [past.record for past in crm.accounts.history(id)]
            assert [state.version for state in states] == list(range(1, len(states) + 1))
            turns = sum(type(one) is not type(two) for one, two in pairwise(states))
            assert turns == sum(1 + (one.undone_at is not None) for one in held if one.account == id)
        assert len({one.number for one in held}) == len(held)


def test_everybody_meets_a_typed_error() -> None:
    """Those that losers are told are crmkit's own, so that a host can tell them from others."""
    assert all(issubclass(error, CrmkitError) for error in TYPED)


if __name__ == "__main__":
    contend(sys.argv[1], int(sys.argv[2]), list(map(UUID, sys.argv[3:])))
