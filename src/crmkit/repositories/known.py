"""What a rule may know besides the record at hand: the records it refers to, the lists, the day, the policy."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit.entities import CodeValue, Record, Registry, TeamAssignment
from crmkit.entities.text import text_key
from crmkit.policy import Policy
from crmkit.queries import Equals, Query
from crmkit.repositories.store import Reader

__all__ = ["Known", "no_code"]

R = TypeVar("R", bound=Record)


def no_code(table: str, given: Iterable[str], codes: Iterable[str]) -> str:
    """What is said of what is no code of the table, with those that can be meant."""
    wrong = [repr(one) for one in given]
    are, choice = "are" if len(wrong) > 1 else "is", ", ".join(codes)
    return f"{', '.join(wrong)} {are} no {table.replace('_', ' ')}: there are {choice or 'none yet'}"


class Known:
    """The view that rules are given, of one tenant at one moment. Lists are read once and remembered."""

    def __init__(
        self, reader: Reader, *, now: datetime, zone: ZoneInfo, user: str, policy: Policy, currency: str
    ) -> None:
        self.reader = reader
        self.now = now
        self.zone = zone
        self.user = user
        self.policy = policy
        self.currency = currency
        self._codes: dict[str, dict[str, CodeValue]] = {}
        self._defaults: dict[str, str] = {}
        self._categories: dict[tuple[str, str], str] = {}

    @property
    def registry(self) -> Registry:
        """The application's entities."""
        return self.reader.registry

    @property
    def today(self) -> date:
        """The day it is, in the application's time zone."""
        return self.day(self.now)

    def day(self, instant: datetime) -> date:
        """The day of an instant, in the application's time zone."""
        return instant.astimezone(self.zone).date()

    def get(self, kind: type[R], id: UUID | None) -> R | None:
        """The record with that id, or None."""
        return None if id is None else self.reader.get(kind, id)

    def find(self, query: Query[R]) -> list[R]:
        """The records that the query describes."""
        return self.reader.find(query)

    def all_of(self, kind: type[R], /, **equal: Any) -> list[R]:
        """The records whose fields equal these."""
        return self.reader.find(Query(kind=kind, where=[Equals(name, value) for name, value in equal.items()]))

    def codes(self, table: str) -> Mapping[str, CodeValue]:
        """The values of a code table by permanent code, in their order."""
        found = self._codes.get(table)
        if found is None:
            stored = self.reader.find(Query(kind=self.registry.code_table(table)))
            values = [value for value in stored if isinstance(value, CodeValue)]
            values.sort(key=lambda value: (value.position, text_key(value.code)))
            found = self._codes[table] = {value.code: value for value in values}
        return found

    def code(self, table: str, given: str) -> CodeValue | None:
        """The value meant by what people write: its code, or the code shown, case apart."""
        codes = self.codes(table)
        if given in codes:
            return codes[given]
        key = text_key(given)
        return next(
            (v for v in codes.values() if key in (text_key(v.code), text_key(v.shown) if v.shown else None)), None
        )

    def default_code(self, table: str) -> str:
        """The code taken where none is given; nothing where the list has no default."""
        found = self._defaults.get(table)
        if found is None:
            values = self.codes(table).values()
            found = self._defaults[table] = next((value.code for value in values if value.default and value.active), "")
        return found

    def category(self, table: str, code: str) -> str:
        """The category of a code table's value; nothing where there is no such value."""
        found = self._categories.get((table, code))
        if found is None:
            found = self._categories[table, code] = str(getattr(self.codes(table).get(code), "category", ""))
        return found

    def code_of_category(self, table: str, category: str) -> str:
        """The first active code of that category, its default before the others; nothing where there is none."""
        values = [v for v in self.codes(table).values() if v.active and getattr(v, "category", "") == category]
        return next((v.code for v in values if v.default), values[0].code if values else "")

    def forget_codes(self) -> None:
        """Read the lists anew when they are next asked for: they have been changed."""
        self._codes.clear()
        self._defaults.clear()
        self._categories.clear()

    def assignments(self, target: UUID) -> list[TeamAssignment]:
        """Who works for an account, a lead or an opportunity."""
        return self.all_of(TeamAssignment, target=target)
