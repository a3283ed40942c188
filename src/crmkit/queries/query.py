"""A query as a value: which kind, which criteria, in what order, from where on, how many."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import Email, FieldSpec, Money, Percent, Phone, Record
from crmkit.entities.matching import KEYS
from crmkit.entities.text import text_key
from crmkit.queries.criteria import Criterion

__all__ = ["SORTABLE", "Cursor", "Query", "comparable", "match_key", "sort_key"]

R = TypeVar("R", bound=Record, covariant=True)

SORTABLE: Final = frozenset(
    {"id", "whole", "flag", "percent", "money", "decimal", "day", "instant", "phone", "email", "text"}
)
"""The shapes that records can be put in order by; texts only where they are searchable."""


@attrs.frozen
class Cursor:
    """A place in an order: the sort key of the last record seen (None: it was empty) and its id."""

    value: Any
    id: UUID


def _criteria(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    return tuple(criteria)


@attrs.frozen(kw_only=True)
class Query(Generic[R]):
    """Records of `kind` for which every criterion of `where` holds.

    In order of `sort` (empty: of id), `descending` if so; records whose sort field is empty come last either
    way; records that are equal there are in order of id, which is reversed in a descending query. `after`
    skips all up to that place; `limit` bounds how many, None for all.
    """

    kind: type[R]
    where: tuple[Criterion, ...] = attrs.field(default=(), converter=_criteria)
    sort: str = ""
    descending: bool = False
    after: Cursor | None = None
    limit: int | None = None

    def cursor(self, record: Record) -> Cursor:
        """The place of a record in this query's order."""
        if not self.sort or self.sort == "id":
            return Cursor(None, record.id)
        return Cursor(sort_key(record.spec.by_name[self.sort], getattr(record, self.sort)), record.id)


def comparable(field: FieldSpec, value: Any) -> Any:
    """A value of the field in the form in which values compare: the key of a text, whole minor units, basis points.

    None stands for an empty one. Takes what people write for it too (a text for an e-mail address).
    """
    if value is None or value == "":
        return None
    if isinstance(value, Phone | Email):
        return value.key
    if field.shape == "phone":
        return Phone(value).key
    if field.shape == "email" or (field.shape == "text" and field.searchable):
        return text_key(str(value))
    if isinstance(value, Money):
        return value.minor
    if field.shape == "percent":
        return Percent(value).basis_points
    return value


def match_key(field: FieldSpec, value: Any) -> str | None:
    """The key that the field is `Matched` by, of a value; None where it has none. Raises KeyError on another field."""
    text = value.number if isinstance(value, Phone) else value.address if isinstance(value, Email) else value
    return _key(field.matched_by, text) if text else None


@lru_cache(maxsize=8_192)
def _key(matched_by: str, text: str) -> str | None:
    """The key, remembered: a batch asks for those of one record again and again."""
    return KEYS[matched_by](text) or None


def sort_key(field: FieldSpec, value: Any) -> str | int | Decimal | date | datetime | UUID | None:
    """What a record is ordered by: as `comparable`."""
    key: str | int | Decimal | date | datetime | UUID | None = comparable(field, value)
    return key
