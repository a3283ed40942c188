"""Those who convert are killed, cut off, or run out of room: each prospect is whole, or wholly converted.

What is done and how it is judged stands in labs/conversion; here are samples of it, and what the judge must not let pass.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmkit.testing.servers import SERVERS

ROOT = Path(__file__).parents[2]
STORES = ("sqlite", *SERVERS)


def told(program: str, *given: str) -> Any:
    """What a program of the lab has found."""
    command = [sys.executable, str(ROOT / "labs" / "conversion" / f"{program}.py"), *given]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=os.environ)  # noqa: S603 - ours
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", STORES)
def test_a_process_that_is_killed_while_it_converts_leaves_nothing_torn(
    fresh_url: Callable[[str], str], name: str
) -> None:
    """At random moments; what was acknowledged stays, and run again it completes the rest and repeats none."""
    found = told("killed", fresh_url(name), "12")
    assert found["wrong"] == []
    assert found["inside"] > 0


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_commits_each_statement_is_noticed(fresh_url: Callable[[str], str], name: str) -> None:
    """What a kill leaves of it is torn: the judge says so."""
    assert told("killed", fresh_url(name), "6", "each statement by itself")["wrong"]
