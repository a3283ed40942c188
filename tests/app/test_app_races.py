"""Conversion under contention: processes and threads go for the same prospects, and one wins each.

What the rivals do and how it is judged stands in labs/conversion; here are samples of it, and what the judge must not
let pass.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import crmkit
from crmkit import CrmkitError
from crmkit.testing.servers import SERVERS, Servers

LAB = Path(__file__).parents[2] / "labs" / "conversion"
STORES = ("sqlite", *SERVERS)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Gives a module of the lab."""
    monkeypatch.syspath_prepend(LAB)
    return importlib.import_module


@pytest.fixture
def contest(lab: Callable[[str], Any], counting_ids: Any) -> Callable[..., tuple[list[Any], dict[str, list[str]]]]:
    """Has rivals go for prospects in a database: their acts, and what is wrong with what came of them."""

    def held(url: str, prospects: int, **asked: Any) -> tuple[list[Any], dict[str, list[str]]]:
        new_id = counting_ids()
        ids: list[UUID] = [new_id() for _ in range(prospects)]
        with crmkit.connect(url) as crm:
            lab("rivals").prospects_in(crm, ids)
            acts = lab("rivals").contend(url, ids, **asked)
            return acts, lab("serial_order").findings(acts, crm, ids)

    return held


@pytest.mark.parametrize("name", STORES)
def test_one_wins_each_and_some_serial_order_ends_the_same(
    fresh_url: Callable[[str], str], lab: Any, contest: Any, name: str
) -> None:
    """Losers get a typed error; what was done, done again one at a time, gives the same records."""
    acts, found = contest(fresh_url(name), 4, processes=3, threads=4, laps=lab("rivals").LAPS)
    assert {kind: lines for kind, lines in found.items() if lines} == {}
    assert {act.what for act in acts if act.done} >= {"convert_many", "undo", "edit", "order"}
    assert {act.what for act in acts if not act.done} >= {"convert", "apply", "undo"}


@pytest.mark.parametrize("duel", ["both sides of a merge", "merge against convert and edit"])
@pytest.mark.parametrize("name", STORES)
def test_two_that_are_to_be_merged_are_merged_once_or_not_at_all(
    fresh_url: Callable[[str], str], lab: Any, contest: Any, name: str, duel: str
) -> None:
    """Each into the other at the same moment, or while one of them is converted or edited."""
    acts, found = contest(fresh_url(name), 6, processes=2, threads=4, laps=[lab("rivals").DUELS[duel]])
    assert {kind: lines for kind, lines in found.items() if lines} == {}
    assert any(act.done for act in acts)


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_looks_at_no_version_is_noticed(
    fresh_url: Callable[[str], str], lab: Any, contest: Any, name: str
) -> None:
    """Several convert the same prospect, or undo what somebody else has edited: the judge says so."""
    laps = lab("rivals").LAPS[:4]
    _, found = contest(fresh_url(name), 4, processes=1, threads=8, laps=laps, spoilt="no version is looked at")
    assert found["twice"]
    assert found["not whole"]


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_takes_an_order_of_any_account_is_noticed(
    tmp_path: Path, all_servers: Servers, lab: Any, contest: Any, name: str
) -> None:
    """An order is left on a prospect where the key has no kind in it: the judge says so. It takes luck, so that a few
    tries are given to it.
    """
    duels = lab("rivals").DUELS
    laps = [duels["one prospect"], duels["undo against an order"]]

    def is_noticed(number: int) -> bool:
        url = all_servers.url(name, fresh=True) if name in SERVERS else f"sqlite:///{tmp_path}/naive{number}.db"
        lab("spoilt").naive_orders(url)
        _, found = contest(url, 8, processes=1, threads=12, laps=laps)
        if name in SERVERS:
            all_servers.forget(url)
        return any("is no customer" in line for line in found["not whole"])

    assert any(map(is_noticed, range(6)))


def test_everybody_meets_a_typed_error(lab: Any) -> None:
    """Those that losers are told are crmkit's own, so that a host can tell them from others."""
    assert all(issubclass(error, CrmkitError) for error in lab("rivals").TYPED)
