"""How plans and reports of conversions and merges print: in a terminal, and as tables in a notebook."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

import attrs

from crmkit.printing import on_one_line
from crmkit.tables import html_table, shown, text_table

__all__ = ["Report", "Shown", "beside"]

Section = tuple[str, Iterable[object]]


class Shown:
    """A plan under a title, in sections; those that are empty are left out."""

    __slots__ = ()

    def _title(self) -> str:
        raise NotImplementedError

    def _sections(self) -> list[Section]:
        raise NotImplementedError

    def _filled(self) -> Iterator[tuple[str, list[str]]]:
        for title, items in self._sections():
            lines = [on_one_line(str(item)) for item in items]
            if lines:
                yield title, lines

    def __str__(self) -> str:
        lines = [on_one_line(self._title())]
        for title, items in self._filled():
            lines += [f"  {title}:", *(f"    {item}" for item in items)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [("" if place else title, item) for title, items in self._filled() for place, item in enumerate(items)]
        return html_table(("", "What would happen"), rows, on_one_line(self._title()))


class Row(Protocol):
    """What a report has of each row of the input."""

    @property
    def outcome(self) -> str:
        """What came of it."""
        ...


W = TypeVar("W", bound=Row)


@attrs.frozen(repr=False)
class Report(Generic[W]):
    """The rows in the order of the input. In a notebook it is an HTML table."""

    heads: ClassVar[tuple[str, ...]] = ()

    rows: tuple[W, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[W]:
        return iter(self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome; outcomes that none has are left out."""
        return dict(Counter(row.outcome for row in self.rows))

    def of(self, outcome: str) -> list[W]:
        """The rows with that outcome."""
        return [row for row in self.rows if row.outcome == outcome]

    def _cells(self, row: W) -> Sequence[object]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.rows)} rows: {self.counts}>"

    def __str__(self) -> str:
        return text_table(self.heads, map(self._cells, self.rows))

    def _repr_html_(self) -> str:
        return html_table(self.heads, map(self._cells, self.rows))


def beside(given: object, named: str) -> str:
    """What a row gave, behind the number and name of the record, where that is known."""
    return f"{named} ({shown(given)})" if named else shown(given)
