"""How calls that block are run from asynchronous code."""

import asyncio
import contextvars
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol, TypeVar

from crmkit.errors import StoreError

__all__ = ["Runner", "ThreadRunner", "interruptible"]

T = TypeVar("T")

_INTERRUPTS: contextvars.ContextVar[dict[int, Callable[[], None]] | None] = contextvars.ContextVar(
    "crmkit_interrupts", default=None
)


def interruptible(owner: object, interrupt: Callable[[], None]) -> None:
    """Say how to interrupt what the present call does, should whoever waits for it be cancelled."""
    interrupts = _INTERRUPTS.get()
    if interrupts is not None:
        interrupts[id(owner)] = interrupt


class Runner(Protocol):
    """Runs calls that block without blocking the event loop."""

    async def run(self, call: Callable[[], T]) -> T:
        """What the call gives. Where the waiting task is cancelled, the call has ended before this does. Raises
        StoreError once it is closed.
        """
        ...

    def pause(self, seconds: float) -> None:
        """Wait, within a call."""
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...


class ThreadRunner:
    """Runs calls in worker threads, for stores that are in this process: memory and SQLite."""

    def __init__(self, workers: int = 16) -> None:
        self._executor = ThreadPoolExecutor(workers, "crmkit")
        self._closed = False

    async def run(self, call: Callable[[], T]) -> T:
        """See the protocol."""
        if self._closed:
            raise StoreError("this CRM is closed: connect again")
        interrupts: dict[int, Callable[[], None]] = {}
        context = contextvars.copy_context()
        context.run(_INTERRUPTS.set, interrupts)
        running = asyncio.get_running_loop().run_in_executor(self._executor, context.run, call)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            for interrupt in list(interrupts.values()):
                interrupt()
            while not running.done():
                with suppress(asyncio.CancelledError, Exception):
                    await asyncio.wait([running])
            running.exception()  # taken note of: the cancellation is what is raised
            raise

    def pause(self, seconds: float) -> None:
        """See the protocol."""
        time.sleep(seconds)

    def close(self) -> None:
        """See the protocol."""
        self._closed = True
        self._executor.shutdown(wait=False)
