"""How many statements it takes to change many records."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

import crmkit
from crmkit import Address, Competitor
from crmkit.changes import Changes, Update
from crmkit.entities import evolve
from crmkit.testing.servers import SERVERS


@pytest.mark.parametrize("name", ["sqlite", *SERVERS])
def test_many_changes_take_few_statements(fresh_url: Callable[[str], str], name: str) -> None:
    """One to create, two to change, two to delete, whatever the number: history costs nothing on create."""
    with crmkit.connect(fresh_url(name), starter=None) as crm:
        store: Any = crm.store
        said: list[str] = []
        store.fault_at = said.append

        def asked(changes: Changes) -> Changes:
            said.clear()
            with crm.begin() as work:
                return work.unit.apply(changes)

        made = asked(Changes(creates=[Competitor(id=UUID(int=n + 1), name=f"C{n}") for n in range(700)])).creates
        assert len(said) == 1
        changed = asked(
            Changes(updates=[Update(one, evolve(one, address=Address(city="Lugo"))) for one in made])
        ).updates
        assert len(said) == 2
        assert crm.competitors.find(city="Lugo", limit=1)
        asked(Changes(deletes=[update.after for update in changed]))
        assert len(said) == 2
        assert crm.competitors.count() == 0
