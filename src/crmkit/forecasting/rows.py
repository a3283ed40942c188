"""Rows that have a key: found by it, and put in order of what is shown."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from crmkit.entities import NIL, FrozenMap, Record
from crmkit.entities.text import text_key
from crmkit.errors import NoRow
from crmkit.printing import printable

__all__ = ["Keyed", "row_order"]

Row = TypeVar("Row", covariant=True)

_NAMED: Final = 3
"""How many of the keys that there are a refusal names."""


class Keyed(Generic[Row]):
    """An answer by rows, each of which has a `key` by dimension, and what is `shown` for it.

    `answer[key]` is a row, and `key in answer` says whether it is there. A key is a mapping, as `row.key` is, or a row
    that has it; a tuple of one value for each dimension, in the order of `by`; or the value alone where there is one
    dimension. A value is an id (or its text), a code, a saved record, which stands for its id or its code, or None:
    those that have none.
    """

    __slots__ = ()

    called: ClassVar[str]
    by: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def __getitem__(self, key: Any) -> Row:
        """The row of a key. Raises NoRow, a NotFound and a KeyError, naming some keys that there are."""
        found = self.get(key)
        if found is None:
            raise NoRow(f"row of the {self.called}", str(_plain(key)), self._hint())
        return found

    def get(self, key: Any) -> Row | None:
        """The row of a key; None where there is none."""
        wanted = _by_place(key, self.by)
        if wanted is None:
            return None
        meant = [_meanings(one) for one in wanted]
        for row in self.rows:
            if all(held in one for held, one in zip(_key(row).values(), meant, strict=True)):
                return row
        return None

    def _hint(self) -> str:
        if not self.by:
            return "its rows are by nothing, see its total"
        by = self.by[0] if len(self.by) == 1 else f"({', '.join(self.by)})"
        there = [_told(row) for row in self.rows[:_NAMED]]
        if len(self.rows) > _NAMED:
            there.append(f"{len(self.rows) - _NAMED} more")
        return printable(f"its rows are by {by}, which has {'; '.join(there) or 'none'}")


def _key(row: Any) -> FrozenMap[Any]:
    found: FrozenMap[Any] = row.key
    return found


def _by_place(key: Any, by: tuple[str, ...]) -> tuple[Any, ...] | None:
    """The values of a key in the order of the dimensions; None of what can be no key of theirs."""
    key = key.key if isinstance(getattr(key, "key", None), FrozenMap) else key
    if isinstance(key, Mapping):
        return tuple([key[name] for name in by]) if set(key) == set(by) else None
    values = key if isinstance(key, tuple) else (key,)
    return values if len(values) == len(by) else None


def _meanings(given: Any) -> tuple[Any, ...]:
    """What a value of a key may stand for."""
    if isinstance(given, Record):
        saved = () if given.id == NIL else (given.id,)
        code = getattr(given, "code", None)
        return (*saved, code) if code else saved
    if isinstance(given, str):
        try:
            return given, UUID(given)
        except ValueError:
            return (given,)
    return (given,)


def _plain(key: Any) -> Any:
    return dict(key) if isinstance(key, Mapping) else key


def _told(row: Any) -> str:
    """A key as it can be given, and what people read for it where that is something else."""
    values = [None if one is None else str(one) for one in row.key.values()]
    shown = ", ".join(row.shown.values())
    key = repr(values[0]) if len(values) == 1 else f"({', '.join(map(repr, values))})"
    return key if values == list(row.shown.values()) else f"{key} ({shown})"


def row_order(row: Any) -> tuple[tuple[bool, str, str], ...]:
    """Rows are in order of the names shown, those that have none last."""
    return tuple((key is None, text_key(row.shown[dimension]), str(key)) for dimension, key in row.key.items())
