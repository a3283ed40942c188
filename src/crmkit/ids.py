"""Ids for new records: UUIDs of version 7 (RFC 9562), in order of time, made without asking any store."""

import os
import threading
import time
from uuid import UUID

__all__ = ["IdSource"]


class IdSource:
    """Makes UUIDv7 ids that never go backwards within a process; call it for the next. Safe across threads.

    The sub-millisecond bits are a counter that starts at random in each millisecond (RFC 9562, 6.2, method 1).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def __call__(self) -> UUID:
        random = int.from_bytes(os.urandom(10))
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._millisecond:
                self._millisecond = now
                self._counter = random & 0x1FFFFFFFFF
            else:
                self._counter += 1 + (random & 0xFF)
            millisecond, counter = self._millisecond, self._counter
        made = (millisecond & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (counter >> 30 & 0xFFF) << 64
        made |= 0b10 << 62 | (counter & 0x3FFFFFFF) << 32 | random >> 48
        return UUID(int=made)
