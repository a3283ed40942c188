"""What a query answers: a page of records that knows the next one, and shows itself."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Generic, TypeVar, overload

import attrs

from crmkit.entities import Record
from crmkit.queries import Query

__all__ = ["Page"]

R = TypeVar("R", bound=Record)


class Page(Sequence[R], Generic[R]):
    """Records in the order of a query. `next()` reads on from the last one, by key; None behind the last page.

    In a notebook a page is an HTML table; `to_pandas()` and `to_excel(path)` take it elsewhere. `settled` is
    set on answers about the past: they are final if the instant asked for is not later than it.
    """

    def __init__(
        self,
        query: Query[R],
        records: Sequence[R],
        more: Callable[[Query[R]], "Page[R]"],
        settled: datetime | None = None,
        kinds: Sequence[type[Record]] = (),
    ) -> None:
        self.query = query
        self.records = tuple(records)
        self.settled = settled
        self._more = more
        self._kinds = tuple(kinds) or (query.kind,)

    def next(self) -> "Page[R] | None":
        """The page behind this one, or None where this is the last."""
        full = self.query.limit is not None and len(self.records) >= self.query.limit
        if not full or not self.records:
            return None
        return self._more(attrs.evolve(self.query, after=self.query.cursor(self.records[-1]))) or None

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self.records[index]

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Page):
            return self.records == other.records
        return list(self.records) == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{len(self.records)} {self.query.kind.spec.about.plural.replace('_', ' ')}>"

    def __str__(self) -> str:
        from crmkit.reports.records import records_text  # noqa: PLC0415 - loaded on use

        return records_text(self.query.kind, self.records)

    def to_rows(self) -> list[dict[str, Any]]:
        """One plain dict a record, with the documented columns in their order."""
        from crmkit.exchange.tabular import columns, row  # noqa: PLC0415 - loaded on use

        empty: dict[str, Any] = dict.fromkeys(self._column_names())
        return [
            empty | dict(zip((column.name for column in columns(type(record))), row(record), strict=True))
            for record in self.records
        ]

    def to_pandas(self) -> Any:
        """A pandas DataFrame of `to_rows()`. Raises MissingExtra without pandas."""
        from crmkit.frames import data_frame  # noqa: PLC0415 - loaded on use

        return data_frame(self._column_names(), self.to_rows())

    def _column_names(self) -> list[str]:
        """Of several kinds (prospects and customers as accounts), the columns of each, custom fields last."""
        from crmkit.exchange.tabular import columns  # noqa: PLC0415 - loaded on use

        names = dict.fromkeys(
            column.name for kind in self._kinds for column in columns(kind) if column.name != "custom"
        )
        return [*names, "custom"]

    def to_excel(self, path: "str | PathLike[str]") -> None:
        """Write a workbook of these records, one sheet a kind. Raises as `Crm.to_excel` does."""
        from crmkit.exchange.excel import write_workbook  # noqa: PLC0415 - loaded on use

        write_workbook(path, [(kind, [one for one in self.records if type(one) is kind]) for kind in self._kinds])

    def _repr_html_(self) -> str:
        from crmkit.reports.records import records_html  # noqa: PLC0415 - loaded on use

        return records_html(self.query.kind, self.records)
