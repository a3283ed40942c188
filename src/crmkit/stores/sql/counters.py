"""The counters of a tenant: what gives out numbers, and instants where time is strict."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from crmkit.entities import Record, Spec
from crmkit.errors import StoreError
from crmkit.repositories.numbers import number_tail, number_text
from crmkit.stores.sql.instants import instant_of, micros
from crmkit.stores.sql.tables import CLOCK, COUNTER

if TYPE_CHECKING:
    from crmkit.stores.sql.unit import SqlUnit

__all__ = ["Counters"]


class Counters:
    """Moves the counters of a unit's tenant: what it takes, nobody else gets unless it is rolled back."""

    def __init__(self, unit: "SqlUnit") -> None:
        self.unit = unit
        self.store = unit.store
        self.registry = unit.registry

    def next_numbers(self, spec: Spec, count: int) -> list[str]:
        """The next free numbers of a kind."""
        last = self._take(spec, "", count)
        prefix, width = self.registry.numbers(spec)
        return [number_text(prefix, width, number) for number in range(last - count + 1, last + 1)]

    def numbered(self, records: Iterable[Record]) -> list[tuple[Record, dict[str, Any]]]:
        """Each record with the number that it is given, if it is."""
        found: list[tuple[Record, dict[str, Any]]] = [(record, {}) for record in records]
        grouped: dict[tuple[Spec, str], list[tuple[Record, dict[str, Any]]]] = {}
        for record, values in found:
            field = record.spec.number
            if field is not None and field.numbered is not None:
                scope = getattr(record, field.numbered.scope).hex if field.numbered.scope else ""
                grouped.setdefault((record.spec, scope), []).append((record, values))
        for (spec, scope), held in grouped.items():
            self._give(spec, scope, held)
        return found

    def _give(self, spec: Spec, scope: str, held: list[tuple[Record, dict[str, Any]]]) -> None:
        """Number records in their order: one that is given a number raises the next one's."""
        field = spec.number
        if field is None:
            return
        prefix, width = self.registry.numbers(spec)
        whole = field.shape == "whole"
        for has_one, several in groupby(held, key=lambda one: bool(getattr(one[0], field.name))):
            some = list(several)
            if has_one:
                given = [getattr(record, field.name) for record, _ in some]
                highest = max(one if whole else number_tail(prefix, one) for one in given)
                if highest:
                    self.raise_to(self._counter(spec, scope), highest)
                continue
            count = self._take(spec, scope, len(some)) - len(some)
            for _, values in some:
                count += 1
                values[field.name] = count if whole else number_text(prefix, width, count)

    def _counter(self, spec: Spec, scope: str) -> tuple[str, str, str]:
        return self.unit.tenant, f"{spec.about.table}.{spec.about.kind}", scope

    def _take(self, spec: Spec, scope: str, count: int) -> int:
        """Take so many numbers; the last of them."""
        return self._count(self._counter(spec, scope), "last + ?", count)

    def tick(self, now: datetime) -> datetime:
        """The instant now on the tenant's clock, or just after its last one, which nobody else gets."""
        counter = (self.unit.tenant, CLOCK, "")
        return instant_of(self._count(counter, f"{self.store.profile.greatest}(last + 1, ?)", micros(now)))

    def raise_to(self, counter: tuple[str, str, str], least: int) -> None:
        """Let a counter stand there, where it has not gone further. One that stands there is left alone: whoever
        converts again after an undo would lock it after that of the conversions, and everybody else before.
        """
        if self.unit.counted.get(counter, -1) < least and self._standing(counter) < least:
            self._count(counter, f"{self.store.profile.greatest}(last, ?)", least)

    def _standing(self, counter: tuple[str, str, str]) -> int:
        """Where a counter stands, whoever is moving it: it is never moved back."""
        table = self.store.schema.named(COUNTER)
        text = f"SELECT last FROM {table} WHERE tenant_id = ? AND kind = ? AND scope = ?"  # noqa: S608 - our own table
        row = self.unit.execute(self.store.schema.text("standing", lambda: text), counter).fetchone()
        return -1 if row is None else int(row[0])

    def _count(self, counter: tuple[str, str, str], rule: str, value: int) -> int:
        profile, table = self.store.profile, self.store.schema.named(COUNTER)
        moving = self.store.schema.text(("count", rule), lambda: profile.counting(table, rule))
        found = profile.counted(self.unit.execute(moving, (value, *counter)))
        if found is None:
            starting = self.store.schema.text("counter", lambda: profile.starting(table))
            self.unit.execute(starting, (*counter, 0))
            found = profile.counted(self.unit.execute(moving, (value, *counter)))
        if found is None:
            raise StoreError(f"the counter of {counter[1]} cannot be moved")
        self.unit.counted[counter] = found
        return found
