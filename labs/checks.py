"""What the store must hold after a run, told from the sellers' journals alone: all that was acknowledged, once."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import attrs
from workload import TENANT

import crmkit
from crmkit import Account, Conversion, Customer, Opportunity, Order, Prospect, Record, Work

__all__ = ["Act", "Held", "acts_of", "findings", "held_by"]

KINDS: Final = ("lost", "twice", "not whole", "numbers", "of nobody")


@attrs.frozen(kw_only=True)
class Act:
    """An act as its seller's journal has it. `how` it ended: acknowledged, found (saved, as a look showed after the
    outcome was unknown), refused, or empty where it did not end.
    """

    token: str
    what: str
    how: str = ""
    at: float = 0.0
    unknown: int = 0
    again: int = 0
    paused: int = 0
    values: dict[str, Any] = attrs.field(factory=dict)

    @property
    def done(self) -> bool:
        """Whether the store must hold it."""
        return self.how in ("acknowledged", "found")

    def id(self, name: str) -> UUID:
        """An id that the journal has."""
        return UUID(self.values[name])


def acts_of(folder: Path) -> list[Act]:
    """Every act of every journal in the folder."""
    lines: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.journal")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            lines.setdefault(told["act"], {}).update(told)
    named = {field.name for field in attrs.fields(Act)}
    return [
        Act(
            token=token,
            values={name: value for name, value in told.items() if name not in named},
            **{name: value for name, value in told.items() if name in named},
        )
        for token, told in lines.items()
    ]


@attrs.frozen(kw_only=True)
class Held:
    """What a store holds, at one moment: records with every state that they were saved in."""

    accounts: dict[UUID, list[Record]]
    opportunities: dict[UUID, list[Record]]
    conversions: dict[UUID, list[Record]]
    orders: dict[UUID, list[Record]]
    broken: list[str]


def held_by(url: str) -> Held:
    """All that a store holds of the sellers'."""
    with crmkit.connect(url, tenant=TENANT) as crm, crm.begin(read_only=True) as work:
        broken: list[str] = []
        return Held(
            accounts=dict(_states(work, Account, broken)),
            opportunities=dict(_states(work, Opportunity, broken)),
            conversions=dict(_states(work, Conversion, broken)),
            orders=dict(_states(work, Order, broken)),
            broken=broken,
        )


def _states(work: Work, kind: type[Record], broken: list[str]) -> Iterator[tuple[UUID, list[Record]]]:
    for record in work.repository(kind).all():
        past = work.unit.history(kind, record.id)
        versions = [one.record.version for one in past]
        if versions != list(range(1, record.version + 1)) or past[-1].until is not None:
            broken.append(f"{record.spec.name} {record.id}: versions {versions}, its last is {record.version}")
        if any(earlier.until != later.record.recorded_at for earlier, later in pairwise(past)):
            broken.append(f"{record.spec.name} {record.id}: one state does not end where the next begins")
        yield record.id, [one.record for one in past]


def findings(acts: Iterable[Act], held: Held) -> dict[str, list[str]]:
    """What is wrong, by kind; nothing where every act that was done is there, once, and nothing else is."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    found["not whole"] += held.broken
    all_acts = list(acts)
    done = defaultdict(list)
    for act in all_acts:
        if act.done:
            done[act.what].append(act)
    _records(done, held, found)
    _moves(done["move"], held, found)
    _conversions(done, held, found)
    _numbers(held, found)
    _of_nobody({act.token for act in all_acts if act.how != "refused"}, held, found)
    return found


def _records(done: dict[str, list[Act]], held: Held, found: dict[str, list[str]]) -> None:
    """Accounts, opportunities and orders: each there, with the number it was given, and no second one of its token."""
    for act in done["open"]:
        account, opportunity = held.accounts.get(act.id("account")), held.opportunities.get(act.id("opportunity"))
        if account is None or getattr(account[0], "tax_number", "") != act.token:
            found["lost"].append(f"{act.token}: account {act.values['account']}")
        if opportunity is None or getattr(opportunity[0], "number", "") != act.values["number"]:
            found["lost"].append(f"{act.token}: opportunity {act.values['number']}")
    for act in done["order"]:
        order = held.orders.get(act.id("order"))
        if order is None or getattr(order[0], "number", "") != act.values["number"]:
            found["lost"].append(f"{act.token}: order {act.values['number']}")
    for kind, tokens in _tokens(held).items():
        found["twice"] += [f"{token}: {count} × {kind}" for token, count in tokens.items() if count > 1]


def _tokens(held: Held) -> dict[str, Counter[str]]:
    """How many records of each kind have each token."""
    return {
        "account": Counter(getattr(states[0], "tax_number", "") for states in held.accounts.values()),
        "opportunity": Counter(getattr(states[0], "description", "") for states in held.opportunities.values()),
        "order": Counter(getattr(states[0], "purchase_order", "") for states in held.orders.values()),
    }


def _moves(moves: list[Act], held: Held, found: dict[str, list[str]]) -> None:
    """Opportunities: each change in the version that it was acknowledged with, and in no other."""
    wanted = {(act.id("opportunity"), act.values["version"]): act.token for act in moves}
    there: dict[tuple[UUID, int], str] = {
        (id, state.version): getattr(state, "next_step", "")
        for id, states in held.opportunities.items()
        for state in states[1:]
    }
    found["lost"] += [f"{token}: change of {key}" for key, token in wanted.items() if there.get(key) != token]
    found["twice"] += [f"{token}: {count} × change" for token, count in Counter(there.values()).items() if count > 1]


def _conversions(done: dict[str, list[Act]], held: Held, found: dict[str, list[str]]) -> None:
    """Each acknowledged conversion has its record, each account as many as were acknowledged, and its history turned
    to a customer in just those versions, and back in those that were taken back.
    """
    wanted, undone = Counter[UUID](), Counter[UUID]()
    for act in done["convert"]:
        wanted[act.id("account")] += 1
        states = held.conversions.get(act.id("receipt"))
        if states is None or getattr(states[0], "number", "") != act.values["number"]:
            found["lost"].append(f"{act.token}: conversion {act.values['number']}")
    for act in done["undo"]:
        undone[act.id("account")] += 1
        states = held.conversions.get(act.id("receipt"))
        if states is None or getattr(states[-1], "undone_at", None) is None:
            found["lost"].append(f"{act.token}: undoing of {act.values['receipt']}")

    recorded: dict[UUID, list[int]] = defaultdict(list)
    for states in held.conversions.values():
        conversion = states[-1]
        assert isinstance(conversion, Conversion)
        recorded[conversion.account].append(conversion.customer_version)
    for id, states in held.accounts.items():
        turned = [later.version for earlier, later in pairwise(states) if _turned(earlier, later, Customer)]
        back = [later.version for earlier, later in pairwise(states) if _turned(earlier, later, Prospect)]
        if sorted(recorded[id]) != turned:
            found["not whole"].append(f"account {id}: turned in versions {turned}, conversions say {recorded[id]}")
        for what, times, expected in (("converted", len(recorded[id]), wanted[id]), ("undone", len(back), undone[id])):
            if times != expected:
                kind = "twice" if times > expected else "lost"
                found[kind].append(f"account {id}: {times} times {what}, acknowledged {expected}")


def _turned(earlier: Record, later: Record, kind: type[Record]) -> bool:
    return isinstance(later, kind) and not isinstance(earlier, kind)


def _numbers(held: Held, found: dict[str, list[str]]) -> None:
    """Numbers are given once and without gaps, since a unit that fails gives its number back."""
    customers = [one for states in held.accounts.values() for one in states if isinstance(one, Customer)]
    given = {
        "prospects": {id: getattr(states[0], "number", "") for id, states in held.accounts.items()},
        "customers": {customer.id: customer.number for customer in customers},
        "opportunities": {id: getattr(states[0], "number", "") for id, states in held.opportunities.items()},
        "conversions": {id: getattr(states[0], "number", "") for id, states in held.conversions.items()},
        "orders": {id: getattr(states[0], "number", "") for id, states in held.orders.items()},
    }
    for kind, numbers in given.items():
        counted = sorted(int(number[1:]) for number in numbers.values())
        if counted != list(range(1, len(counted) + 1)):
            found["numbers"].append(
                f"{kind}: {len(set(counted))} different ones of {len(counted)}, up to {counted[-1]}"
            )


def _of_nobody(tokens: set[str], held: Held, found: dict[str, list[str]]) -> None:
    """Everything carries the token of an act that somebody did."""
    for kind, there in _tokens(held).items():
        found["of nobody"] += [f"{kind} of {token!r}" for token in there if token not in tokens]
