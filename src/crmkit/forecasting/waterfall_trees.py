"""Waterfalls along trees: a row with all that is below it, at each instant by the tree of that instant."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from crmkit.forecasting.roll_up import above
from crmkit.forecasting.standings import RowKey, Standing
from crmkit.forecasting.waterfall_rows import Row

__all__ = ["Subtrees", "Trees"]

Trees: TypeAlias = Mapping[str, Mapping[UUID, UUID | None]]
"""The parent of each id, by dimension."""

_ROOT: Final[Any] = object()
"""Stands in a key for all of a tree, what has no place in it included."""


class _Way(NamedTuple):
    """From one row to another: the rows that this leads out of, into, and within."""

    left: list[Row]
    entered: list[Row]
    both: list[Row]


class Subtrees:
    """Rows with all that is below them, made of the rows themselves: what went over between two rows is told apart.

    A row that has none below it at either instant is its own.
    """

    def __init__(self, rows: Iterable[Row], by: tuple[str, ...], trees: tuple[Trees, Trees]) -> None:
        then, now = trees
        self._own = {row.key: row for row in rows}
        sides = [then] if then == now else [then, now]
        inner = {place for tree in sides for key in self._own for place in above(key, by, tree) if place != key}
        self._then, self._now = _Lineage(by, then, inner), _Lineage(by, now, inner)
        self._below = {key: Row(key) for key in inner}
        self._ways: dict[tuple[frozenset[RowKey], frozenset[RowKey]], _Way] = {}
        for row in self._own.values():
            self._take(row)

    def __iter__(self) -> Iterator[tuple[Row, Row]]:
        """Each row, those of ancestors among them, and the same with all that is below it."""
        for key, row in self._own.items():
            yield row, self._below.get(key, row)
        for key, row in self._below.items():
            if key not in self._own and not _of_all(key):
                yield Row(key), row

    def whole(self) -> Row:
        """Everything, seen from above all trees."""
        found = Row(())
        for key, row in self._below.items():
            if _of_all(key):
                found.merge(row)
        return found

    def _of(self, key: RowKey) -> Row:
        row = self._below.get(key)
        if row is None:
            row = self._below[key] = Row(key)
        return row

    def _take(self, row: Row) -> None:
        """Count a row in wherever it is below, what went over between it and others apart."""
        then, now = self._then.of(row.key), self._now.of(row.key)
        for key in then & now:
            self._of(key).merge(row)
        for key in then - now:
            self._of(key).lose(row)
        for key in now - then:
            self._of(key).gain(row)

    def go_over(self, out: Standing, into: Standing, path: str, by_rates: Callable[[Standing, Standing], int]) -> None:
        """Count in what went over between two rows: in what has both below it, it has stayed."""
        way = self._way(self._then.of(out.key), self._now.of(into.key))
        for row in way.left:
            row.leave(path, out)
        for row in way.entered:
            row.enter(path, into)
        if way.both:
            rates = by_rates(out, into)
            for row in way.both:
                row.stay(out, into, rates)

    def _way(self, left: frozenset[RowKey], entered: frozenset[RowKey]) -> _Way:
        found = self._ways.get((left, entered))
        if found is None:
            found = self._ways[left, entered] = _Way(
                left=[self._of(key) for key in left - entered],
                entered=[self._of(key) for key in entered - left],
                both=[self._of(key) for key in left & entered],
            )
        return found


class _Lineage:
    """Which of the inner rows, those that are above others, have each below them, by one tree for each dimension."""

    def __init__(self, by: tuple[str, ...], trees: Trees, inner: Collection[RowKey]) -> None:
        self._by = by
        self._trees = trees
        self._inner = inner
        self._near: dict[int, tuple[RowKey, frozenset[RowKey]]] = {}
        self._known: dict[frozenset[RowKey], frozenset[RowKey]] = {}

    def of(self, key: RowKey) -> frozenset[RowKey]:
        """The keys of these, its own perhaps among them, and that of all trees as a whole. Most keys are an object that
        was asked for before, and equal answers are one: ids are slow to compare.
        """
        near = self._near.get(id(key))
        if near is None:
            whole = tuple([_ROOT if name in self._trees else place for name, place in zip(self._by, key, strict=True)])
            found = frozenset((*(one for one in above(key, self._by, self._trees) if one in self._inner), whole))
            near = self._near[id(key)] = (key, self._known.setdefault(found, found))
        return near[1]


def _of_all(key: RowKey) -> bool:
    return any(place is _ROOT for place in key)
