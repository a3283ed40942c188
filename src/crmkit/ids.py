"""Ids for new records: UUIDs of version 7 (RFC 9562), in order of time, made without asking any store."""

import os
import threading
import time
from typing import Final
from uuid import UUID, SafeUUID

__all__ = ["IdSource"]

_COUNTER_BITS: Final = 37
_STEP: Final = 0x9E3779B1  # odd, so that the last digits differ for as many ids as there are of them
_set = object.__setattr__
_UNKNOWN: Final = SafeUUID.unknown


class IdSource:
    """Makes UUIDv7 ids that never go backwards within a process; call it for the next. Safe across threads and forks.

    The 42 bits behind the millisecond are a counter that starts at random in each millisecond, with room to
    count (RFC 9562, 6.2, method 1); the 32 bits behind it are drawn with it, and differ in each id of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = 0
        self._millisecond = 0
        self._counter = 0
        self._tail = 0

    def __call__(self) -> UUID:
        """The next id."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            process = os.getpid()
            if now > self._millisecond or process != self._process:
                drawn = int.from_bytes(os.urandom(9))
                self._process = process
                self._millisecond = max(now, self._millisecond)
                self._counter = drawn >> 32 & ((1 << _COUNTER_BITS) - 1)
                self._tail = drawn & 0xFFFFFFFF
            else:
                self._counter += 1
                self._tail = (self._tail + _STEP) & 0xFFFFFFFF
            millisecond, counter, tail = self._millisecond, self._counter, self._tail
        made = (millisecond & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (counter >> 30 & 0xFFF) << 64
        return _uuid(made | 0b10 << 62 | (counter & 0x3FFFFFFF) << 32 | tail)


def _uuid(value: int) -> UUID:
    """UUID(int=value) without its checks, which cost more than all the rest."""
    made = object.__new__(UUID)
    _set(made, "int", value)
    _set(made, "is_safe", _UNKNOWN)
    return made
