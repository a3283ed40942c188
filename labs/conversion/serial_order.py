"""Whether what rivals did is what some order of their acts, one at a time, would have done.

The order is told by what they were told: the versions of accounts, the numbers given, the receipts that losers were
shown, and the instants between which each act ran. Then it is tried: the acts are done again, one at a time, in
memory, and every state of every record must be the same.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Any, Final
from uuid import UUID

import attrs
from rivals import Act, prospects_in

import crmkit
from crmkit import Account, Conversion, Crm, CrmkitError, Customer, Merge, Order, Record, same_content

__all__ = ["KINDS", "Held", "findings", "held_by"]

KINDS: Final = ("untyped", "lost", "twice", "of nobody", "not whole", "no order", "another end")
"""What may be wrong: an error that is none of crmkit's; something acknowledged that is not there, or there twice;
something there that nobody was told of; records that do not agree; no serial order; one that ends elsewhere."""


@attrs.frozen(kw_only=True)
class Held:
    """What a store holds: each account's states, oldest first, and each conversion's and order's."""

    accounts: dict[UUID, list[Record]]
    conversions: dict[UUID, list[Any]]
    orders: dict[UUID, list[Any]]
    merges: dict[UUID, list[Any]]


def held_by(crm: Crm, ids: Iterable[UUID]) -> Held:
    """All of it, at one moment."""
    with crm.begin(read_only=True) as work:

        def states(kind: type[Record]) -> dict[UUID, list[Any]]:
            there = work.repository(kind).all()
            return {one.id: [past.record for past in work.unit.history(kind, one.id)] for one in there}

        accounts = {id: [past.record for past in work.unit.history(Account, id)] for id in ids}
        accounts |= states(Account)  # those that were merged into others are there in history alone
        return Held(accounts=accounts, conversions=states(Conversion), orders=states(Order), merges=states(Merge))


def findings(acts: Sequence[Act], crm: Crm, ids: Sequence[UUID]) -> dict[str, list[str]]:
    """What is wrong, by kind; all of it empty where there is a serial order with the same end."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    found["untyped"] += [f"{act.token}: {act.error}, {act.said}" for act in acts if act.error.startswith("untyped")]
    held = held_by(crm, ids)
    units = list(_units(acts))
    _acknowledged(units, held, found)
    _whole(held, found)
    order = _order(units, [act for act in acts if not act.done], found)
    if not any(found.values()):
        found["another end"] += _done_again(order, held, ids)
    return found


def _units(acts: Iterable[Act]) -> Iterator[Act]:
    """Acts that were done; those that were given one receipt under one key are one, which ended when the first did."""
    keyed: dict[str, Act] = {}
    for act in acts:
        if not act.done:
            continue
        if act.what != "ask_under_a_key":
            yield act
            continue
        (receipt,) = act.told["receipts"]
        other = keyed.get(receipt["id"], act)
        keyed[receipt["id"]] = attrs.evolve(other, begun=min(act.begun, other.begun), ended=min(act.ended, other.ended))
    yield from keyed.values()


def _acknowledged(units: Sequence[Act], held: Held, found: dict[str, list[str]]) -> None:
    """What was acknowledged is there, once; and what is there was acknowledged."""
    made = Counter(state for unit in units for state in unit.made)
    receipts = Counter(UUID(one["id"]) for unit in units for one in unit.told.get("receipts", ()))
    undone = Counter(UUID(unit.told["undone"]) for unit in units if "undone" in unit.told)
    orders = Counter(UUID(unit.told["order"]) for unit in units if "order" in unit.told)
    merges = Counter(UUID(unit.told["merge"]) for unit in units if "merge" in unit.told)
    there = {
        "state": (made, {(id, state.version) for id, states in held.accounts.items() for state in states[1:]}),
        "conversion": (receipts, set(held.conversions)),
        "undoing": (undone, {id for id, states in held.conversions.items() if states[-1].undone_at is not None}),
        "order": (orders, set(held.orders)),
        "merge": (merges, set(held.merges)),
    }
    for what, (told, kept) in there.items():
        found["lost"] += [f"{what} {one}" for one in told.keys() - kept]
        found["of nobody"] += [f"{what} {one}" for one in kept - told.keys()]
        found["twice"] += [f"{what} {one}, {times} times" for one, times in told.items() if times > 1]


def _whole(held: Held, found: dict[str, list[str]]) -> None:
    """Accounts, conversions and orders agree; numbers are given once."""
    wrong = found["not whole"]
    standing = Counter(one[-1].account for one in held.conversions.values() if one[-1].undone_at is None)
    customers = {id for id, states in held.accounts.items() if isinstance(states[-1], Customer)}
    for id, states in held.accounts.items():
        if [state.version for state in states] != list(range(1, len(states) + 1)):
            wrong.append(f"account {id} has versions {[state.version for state in states]}")
        if standing[id] != (id in customers):
            wrong.append(f"account {id} is a {states[-1].spec.name}, of {standing[id]} standing conversions")
    wrong += [
        f"order {order[-1].number} is of account {order[-1].customer}, which is no customer"
        for order in held.orders.values()
        if order[-1].customer not in customers
    ]
    for records in (held.conversions, held.orders, held.merges):
        numbers = sorted(int(states[-1].number[1:]) for states in records.values())
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"{len(set(numbers))} different numbers of {len(numbers)}, up to {numbers[-1]}")


# The order


def _order(units: Sequence[Act], refused: Sequence[Act], found: dict[str, list[str]]) -> list[Act]:
    """The acts that were done, in an order that everything that anybody was told allows; none where there is none."""
    nodes = [*units, *refused]
    after: dict[Any, set[Any]] = defaultdict(set)
    for first, then in _before(units, refused):
        after[first].add(then)
    _in_time(nodes, after)
    waiting = Counter(then for several in after.values() for then in several)
    everything: dict[Any, float] = {act.token: act.begun for act in nodes}
    everything |= {one: one[1] for several in after.values() for one in several if isinstance(one, tuple)}
    everything |= {one: one[1] for one in after if isinstance(one, tuple)}
    free = [(when, str(one), one) for one, when in everything.items() if not waiting[one]]
    heapq.heapify(free)
    by_token, ordered, placed = {act.token: act for act in units}, [], 0
    while free:
        _, _, one = heapq.heappop(free)
        placed += 1
        if one in by_token:
            ordered.append(by_token[one])
        for then in after[one]:
            waiting[then] -= 1
            if not waiting[then]:
                heapq.heappush(free, (everything[then], str(then), then))
    if placed < len(everything):
        left = [f"{act.token} {act.what} {act.error}" for act in nodes if waiting[act.token]]
        found["no order"].append(f"{len(left)} acts are before and after each other, among them {left[:5]}")
    return ordered


def _in_time(nodes: Sequence[Act], after: dict[Any, set[Any]]) -> None:
    """Who ended before another one began comes before it: by way of the instants, which come one after the other."""
    instants = []
    for act in nodes:
        begun, ended = ("begun", act.begun, act.token), ("ended", act.ended, act.token)
        after[begun].add(act.token)
        after[act.token].add(ended)
        instants += [begun, ended]
    instants.sort(key=lambda one: (one[1], one[0]))  # at the same instant: begun first, which asks for less
    for earlier, later in pairwise(instants):
        after[earlier].add(later)


def _before(units: Sequence[Act], refused: Sequence[Act]) -> Iterator[tuple[str, str]]:
    """Who comes before whom, by what they were told."""
    makers = {state: unit.token for unit in units for state in unit.made}
    for (account, version), token in makers.items():
        if (account, version - 1) in makers:
            yield makers[account, version - 1], token
    converted = {one["id"]: unit.token for unit in units for one in unit.told.get("receipts", ())}
    undone = {unit.told["undone"]: unit.token for unit in units if "undone" in unit.told}
    orders = {unit.told["order"]: unit.token for unit in units if "order" in unit.told}
    for unit in units:
        if "merge" in unit.told and (last := (UUID(unit.told["absorbed"]), unit.told["version"])) in makers:
            yield makers[last], unit.token
    for numbers in _numbers(units):
        in_turn = [token for _, token in sorted(numbers.items())]
        yield from ((one, two) for one, two in pairwise(in_turn) if one != two)
    standing = {
        account: token
        for unit in units
        if (token := unit.token)
        for one, (account, _) in zip(unit.told.get("receipts", ()), unit.made, strict=False)
        if one["id"] not in undone
    }
    taken = [unit for unit in units if unit.what == "order" and unit.account in standing]
    yield from ((standing[unit.account], unit.token) for unit in taken)
    for act in refused:
        if (receipt := act.told.get("standing")) in converted:
            yield converted[receipt], act.token
            if receipt in undone:
                yield act.token, undone[receipt]
        id, version = act.told.get("found", (str(act.account), None))
        if (UUID(id), version) in makers:
            yield makers[UUID(id), version], act.token
        for code, record in act.told.get("findings", ()):
            if code in ("undone", "order"):
                yield {**undone, **orders}[record], act.token


def _numbers(units: Sequence[Act]) -> list[dict[str, str]]:
    """Who was given which number: of conversions, of orders, and of customers, where it was new."""
    conversions, customers, orders, merges = {}, {}, {}, {}
    for unit in units:
        for receipt in unit.told.get("receipts", ()):
            conversions[receipt["number"]] = unit.token
        if "order" in unit.told:
            orders[unit.told["number"]] = unit.token
        if "merge" in unit.told:
            merges[unit.told["number"]] = unit.token
    receipts = [(one["number"], one["customer_number"], u.token) for u in units for one in u.told.get("receipts", ())]
    for _, number, token in sorted(receipts):
        customers.setdefault(number, token)
    return [conversions, customers, orders, merges]


# The same, one at a time


def _done_again(order: Sequence[Act], held: Held, ids: Sequence[UUID]) -> list[str]:
    """What differs once the acts are done one at a time, in that order, in memory."""
    with crmkit.connect("memory:") as crm:
        prospects_in(crm, ids)
        receipts: dict[str, UUID] = {}
        for act in order:
            try:
                _do(crm, act, receipts)
            except CrmkitError as error:
                return [f"{act.token}, {act.what} of {act.account}, is refused in its turn: {error}"]
        again = _ranked(held_by(crm, ids))
    held = _ranked(held)
    theirs = {UUID(told): ours for told, ours in receipts.items()}
    wrong = [
        f"account {id}: {other!r} instead of {one!r}"
        for id, states in held.accounts.items()
        for one, other in zip_longest(states, again.accounts[id])
        if one is None or other is None or not same_content(one, other)
    ]
    told = ("account", "number", "prospect_number", "customer_number", "customer_version", "given", "carried")
    for id, states in held.conversions.items():
        one, other = states[-1], again.conversions[theirs[id]][-1]
        if [getattr(one, name) for name in told] != [getattr(other, name) for name in told]:
            wrong.append(f"conversion {one.number}: {other} instead of {one}")
        if (one.undone_at is None) != (other.undone_at is None):
            wrong.append(f"conversion {one.number} is undone in one of them")
    for kind, ours, others in (
        ("orders", map(_order_of, held.orders.values()), map(_order_of, again.orders.values())),
        ("merges", map(_merge_of, held.merges.values()), map(_merge_of, again.merges.values())),
    ):
        one, other = sorted(ours), sorted(others)
        wrong += [] if one == other else [f"{kind}: {other} instead of {one}"]
    return wrong


def _order_of(states: Sequence[Any]) -> tuple[Any, ...]:
    return (states[-1].number, states[-1].customer, states[-1].purchase_order)


def _merge_of(states: Sequence[Any]) -> tuple[Any, ...]:
    one = states[-1]
    versions = (one.absorbed_version, one.survivor_version)
    return (one.number, one.absorbed, one.survivor, versions, sorted(one.counts.items()), sorted(one.chosen.items()))


def _ranked(held: Held) -> Held:
    """The same, with customers' numbers counted through: those of a batch come in blocks, which may leave gaps."""
    given = {one[0].customer_number for one in held.conversions.values()}
    ranks = {number: f"C{rank}" for rank, number in enumerate(sorted(given))}
    return Held(
        accounts={
            id: [attrs.evolve(one, number=ranks[one.number]) if isinstance(one, Customer) else one for one in states]
            for id, states in held.accounts.items()
        },
        conversions={
            id: [attrs.evolve(one, customer_number=ranks[one.customer_number]) for one in states]
            for id, states in held.conversions.items()
        },
        orders=held.orders,
        merges=held.merges,
    )


def _do(crm: Crm, act: Act, receipts: dict[str, UUID]) -> None:
    """One act again, and what was told of it is told again."""
    told = act.told.get("receipts", ())
    match act.what:
        case "undo":
            crm.conversion.undo(receipts[act.told["undone"]])
        case "edit":
            crm.accounts.update(crm.accounts.get(act.account), notes=act.token)
        case "merge" | "merge_back":
            crm.prospects.merge(UUID(act.told["absorbed"]), act.made[0][0])
        case "order":
            crm.orders.add(Order(customer=act.account, purchase_order=act.token))
        case _:
            given = f"key {act.account}" if act.what == "ask_under_a_key" else act.token
            key = given if act.what == "ask_under_a_key" else ""
            for receipt, (account, _) in zip(told, act.made, strict=True):
                receipts[receipt["id"]] = crm.conversion.convert(account, legal_name=given, key=key).id
