"""Making many records at once without the garbage collector walking through them again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["without_collecting"]

_MANY: Final = 2_000


@contextmanager
def without_collecting(records: int | None) -> Iterator[None]:
    """Pause the collector while so many records are made (None: nobody knows how many), where they are many."""
    if (records is not None and records < _MANY) or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
