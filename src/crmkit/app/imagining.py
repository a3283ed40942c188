"""What if: a CRM in which anything may be changed and asked, and of which nothing reaches the real one."""

from typing import Any
from uuid import UUID

import attrs

from crmkit.app.crm import Crm
from crmkit.app.learning import probability_of
from crmkit.app.valuing import valuation
from crmkit.app.work import Work
from crmkit.changes import Changes, Update
from crmkit.entities import Opportunity, Record, evolve, same_content
from crmkit.entities.registry import Table
from crmkit.forecasting.comparing import Difference, difference
from crmkit.forecasting.learning import Probabilities
from crmkit.queries import Query
from crmkit.stores.overlay import OverlayStore, OverlayUnit, later

__all__ = ["Imagined"]


class Imagined(Crm):
    """A CRM over a real one, from `crm.what_if()`: it begins as the real one stands, and what is changed in it is
    changed in memory alone. All calls of a `Crm` are there. Rules and policies hold as they do for the real one;
    handlers of the real one hear nothing.

    `real` is the real one as it stood when this one was begun: what was changed since is in neither.
    """

    def __init__(self, real: Crm) -> None:
        begun = real.settings.stands
        settings = attrs.evolve(real.settings, as_of=None, clock=later(real.settings.clock, begun))
        super().__init__(OverlayStore(real.store, begun), settings)
        self.rulebook, self.pause = real.rulebook, real.pause
        self.real = real.as_of(begun)
        self._behind = real

    def __repr__(self) -> str:
        return f"<imagined over {self._behind!r}>"

    def _refuse_closed(self) -> None:
        super()._refuse_closed()
        self._behind._refuse_closed()  # noqa: SLF001 - it stands on it

    def compare(self, **asked: Any) -> Difference:
        """What a roll-up comes to here, against the real one, by row: asked as `forecasting.roll_up` is.

        Anything else is asked twice, of this and of `real`. Raises as `forecasting.roll_up` does.
        """
        return difference(self.real.forecasting.roll_up(**asked), self.forecasting.roll_up(**asked))

    def assume(self, probabilities: Probabilities) -> int:
        """Give each open opportunity the probability that comes from there (see `forecasting.distribution`), where
        that is another one than counts now: then roll-ups, waterfalls and all else go by it. Where it is learnt, one
        that was set by hand stays. Returns how many were given one. Raises Invalid, Refused.
        """
        with self.begin() as work:
            meaning = valuation(work)
            probability = probability_of(work, meaning, probabilities, ())
            updates = [
                Update(one, work.settle(one, evolve(one, probability=likely), "updating"))
                for one in work.unit.stream(Query(kind=Opportunity))
                if meaning.outcome(one.status) == "open"
                and (likely := probability(one)) is not None
                and likely != meaning.probability(one)
            ]
            if updates:
                work.write(Changes(updates=tuple(updates)))
        return len(updates)

    def changes(self) -> Changes:
        """What is imagined: records that are new here, changed (as they really are, and as they are here), or gone."""
        creates: list[Record] = []
        updates: list[Update] = []
        deletes: list[Record] = []
        with self.real.begin(read_only=True) as real, self.begin(read_only=True) as here:
            for table in self.registry.tables.values():
                ids = sorted(_unit(here).touched_ids(table.name))
                was, now = (_records(work, table, ids) for work in (real, here))
                for id in ids:
                    before, after = was.get(id), now.get(id)
                    if before is None and after is not None:
                        creates.append(after)
                    elif before is not None and after is None:
                        deletes.append(before)
                    elif before is not None and after is not None and not same_content(before, after):
                        updates.append(Update(before, after))
        return Changes(creates=tuple(creates), updates=tuple(updates), deletes=tuple(deletes))


def _unit(work: Work) -> OverlayUnit:
    """The unit of a work on an overlay."""
    unit: Any = work.unit
    return unit  # type: ignore[no-any-return]


def _records(work: Work, table: Table, ids: list[UUID]) -> dict[UUID, Record]:
    found: dict[UUID, Record] = {}
    for spec in table.specs if ids else ():
        found |= work.unit.get_many(spec.cls, ids)
    return found
