"""Two calls on the same records, the one in between any two questions of the other: as if one came after the other.

The acts and the explorer stand in labs/conversion, where all pairs are tried; here are those that have found something,
and a few more.
"""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crmkit.testing.servers import SERVERS

LAB = Path(__file__).parents[2] / "labs" / "conversion"

FOUND = (
    ("convert with the lead", "convert with the lead and a key"),
    ("convert with the lead", "promote the lead"),
    ("convert into", "add a note"),
    ("convert into, with the lead", "edit the lead"),
    ("apply into, replan", "edit the customer"),
    ("undo", "undo"),
    ("delete", "convert into"),
    ("delete", "delete the lead"),
    ("delete a note", "merge"),
    ("add a note", "merge"),
    ("add a note", "delete another with its lead"),
    ("merge", "convert many"),
    ("merge", "delete another with its lead"),
    ("promote the lead", "merge"),
    ("win", "edit the opportunity"),
)
"""An act, and who was faster, where what came of it once was of no order."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Callable[[str], Any]]:
    """Gives a module of the lab."""
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(LAB)
        yield importlib.import_module


@pytest.fixture(scope="module", params=SERVERS)
def explorer(request: pytest.FixtureRequest, module_url: Callable[[str], str], lab: Any) -> Iterator[Any]:
    """The world, on a server."""
    made = lab("interleaved").Explorer(module_url(request.param))
    yield made
    made.close()


@pytest.mark.parametrize(("one", "other"), FOUND)
def test_it_is_as_if_one_came_after_the_other(explorer: Any, lab: Any, one: str, other: str) -> None:
    """Wherever the other comes between."""
    acts = lab("acts").ACTS
    assert list(explorer.faults(acts[one], acts[other])) == []


def test_there_are_places_to_come_between(explorer: Any, lab: Any) -> None:
    """Else nothing would be shown."""
    acts = lab("acts").ACTS
    for one, other in FOUND:
        assert explorer.places(acts[one], acts[other]), (one, other)
