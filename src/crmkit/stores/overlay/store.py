"""The overlay, which hands out units of work and knows what it lies over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from crmkit.entities import Registry
from crmkit.queries import Equals, Query
from crmkit.repositories.numbers import number_tail
from crmkit.repositories.store import Store, StoreUnit
from crmkit.stores.memory import MemoryStore
from crmkit.stores.overlay.unit import OverlayUnit

__all__ = ["OverlayStore"]

T = TypeVar("T")


class OverlayStore:
    """A store over `base` as it stood at an instant. It is let go of, with all that was changed, by `close`."""

    def __init__(self, base: Store, instant: datetime) -> None:
        self._base = base
        self._instant = instant
        self._changes = MemoryStore(base.registry)
        self._counters: dict[str, dict[tuple[str, str], int]] = {}

    @property
    def registry(self) -> Registry:
        """The entities it keeps."""
        return self._base.registry

    @property
    def steady(self) -> bool:
        """A unit sees one moment."""
        return True

    def prepare(self) -> bool:
        """Nothing has to be made."""
        return False

    def begin(
        self,
        *,
        tenant: str,
        clock: Callable[[], datetime],
        read_only: bool = False,
        as_of: datetime | None = None,
        snapshot: bool = True,
    ) -> OverlayUnit:
        """A unit on a tenant's records; see the port. It sees one moment in any case."""
        del snapshot
        return OverlayUnit(self, tenant, clock, read_only=read_only or as_of is not None, as_of=as_of)

    def settled(self, now: datetime, *, tenant: str) -> datetime:
        """As below: what is imagined is nobody else's to change."""
        return self._base.settled(now, tenant=tenant)

    def close(self) -> None:
        """Forget all that was changed. What is below stays open."""
        self._changes = MemoryStore(self.registry)

    # For its units

    @property
    def changes(self) -> MemoryStore:
        """Where what was changed is kept."""
        return self._changes

    @property
    def instant(self) -> datetime:
        """The instant as of which what is below is looked at."""
        return self._instant

    def asked(self, tenant: str, at: datetime, question: Callable[[Any], T]) -> T:
        """What the store below answers, as of an instant, in a unit of its own."""
        unit = self.below(tenant, at)
        try:
            found = question(unit)
            unit.commit()
        except BaseException:
            unit.rollback()
            raise
        return found

    def below(self, tenant: str, at: datetime) -> StoreUnit:
        """A unit on the store below, as of an instant."""
        return self._base.begin(tenant=tenant, clock=lambda: at, read_only=True, as_of=at, snapshot=False)

    def last_number(self, tenant: str, counter: tuple[str, str]) -> int:
        """Where a counter stood when it was first asked for; where nobody can tell, the largest number there is."""
        counters = self._counters.setdefault(tenant, {})
        if counter not in counters:
            counters[counter] = self.asked(tenant, self._instant, lambda unit: _last_number(unit, counter))
        return counters[counter]


def _last_number(unit: Any, counter: tuple[str, str]) -> int:
    if hasattr(unit, "counters"):
        found: int = unit.counters().get(counter, 0)
        return found
    name, scope = counter
    table, _, kind = name.rpartition(".")
    spec = next(one for one in unit.registry.of_table(table) if one.about.kind == kind)
    number = spec.number
    where = [Equals(number.numbered.scope, UUID(hex=scope))] if scope else []
    held = [getattr(one, number.name) for one in unit.find(Query(kind=spec.cls, where=where))]
    prefix, _ = unit.registry.numbers(spec)
    return max((one if isinstance(one, int) else number_tail(prefix, one) for one in held), default=0)
