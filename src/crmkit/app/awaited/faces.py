"""Faces: objects with the methods of another one, awaited."""

import functools
import inspect
from collections.abc import AsyncIterator, Callable
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from crmkit.app.page import Page
from crmkit.entities import Record
from crmkit.stores.running import Runner

__all__ = ["AsyncPage", "Face", "face_of"]

R = TypeVar("R", bound=Record)

_CHUNK: Final = 500


class AsyncPage(Page[R], Generic[R]):
    """A page whose next one is awaited."""

    def __init__(self, page: Page[R], runner: Runner) -> None:
        self.__dict__.update(page.__dict__)
        self._page = page
        self._runner = runner

    async def next(self) -> "AsyncPage[R] | None":  # type: ignore[override]
        """The page behind this one, or None where this is the last."""
        found = await self._runner.run(self._page.next)
        return None if found is None else AsyncPage(found, self._runner)


class Face:
    """Stands before an object: what reads or writes is awaited, the rest is as it is."""

    def __init__(self, behind: Any, runner: Runner) -> None:
        self._behind = behind
        self._runner = runner

    def __repr__(self) -> str:
        return repr(self._behind).replace("<", "<awaited ", 1)

    def __dir__(self) -> list[str]:
        return dir(self._behind)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


@functools.cache
def face_of(cls: type, base: type[Face] = Face) -> type[Any]:
    """The face of a class: its public methods, with their signatures and docstrings, awaited."""
    methods = {
        name: _awaited(method)
        for name, method in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_") and name not in vars(base)
    }
    return type(f"Async{cls.__name__}", (base,), {"__doc__": cls.__doc__, **methods})


def _awaited(method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(method):

        @functools.wraps(method)
        async def streamed(self: Face, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            rows = method(self._behind, *args, **kwargs)
            try:
                while chunk := await self._runner.run(lambda: list(islice(rows, _CHUNK))):
                    for row in chunk:
                        yield row
            finally:
                await self._runner.run(rows.close)

        return streamed

    @functools.wraps(method)
    async def call(self: Face, *args: Any, **kwargs: Any) -> Any:
        found = await self._runner.run(lambda: method(self._behind, *args, **kwargs))
        return AsyncPage(found, self._runner) if isinstance(found, Page) else found

    return call
