"""Questions that are asked about one record after another, in the same words."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload
from uuid import UUID

import attrs

from crmkit.queries.query import Query

__all__ = ["About", "Template"]


@attrs.frozen(eq=False)
class Template:
    """Queries about a record, as `make` gives them for its id: the same whichever it is, but for the id.

    A template is itself alone, so that what it comes to can be remembered by it.
    """

    make: Callable[[UUID], Iterable[Query[Any]]]


class About(Sequence[Query[Any]]):
    """The queries of a template about the record with that id, and then `more` of them.

    A sequence like any other; who answers it may know the template, and need not look at its queries again.
    """

    def __init__(self, template: Template, id: UUID, more: Iterable[Query[Any]] = ()) -> None:
        self.template = template
        self.id = id
        self.more = tuple(more)
        self._made: tuple[Query[Any], ...] | None = None

    @property
    def queries(self) -> tuple[Query[Any], ...]:
        """All of them."""
        if self._made is None:
            self._made = (*self.template.make(self.id), *self.more)
        return self._made

    def __len__(self) -> int:
        return len(self.queries)

    @overload
    def __getitem__(self, place: int) -> Query[Any]: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Query[Any], ...]: ...
    def __getitem__(self, place: int | slice) -> Query[Any] | tuple[Query[Any], ...]:
        return self.queries[place]
