"""The memory store: a real store with transactions, uniqueness, references, history and rollback.

What is committed stands in tables of dictionaries; a writing unit keeps its own changes over them until it commits.
One unit writes at a time, others read what is committed meanwhile.
"""

from crmkit.stores.memory.store import MemoryStore
from crmkit.stores.memory.tables import Unique
from crmkit.stores.memory.unit import MemoryUnit

__all__ = ["MemoryStore", "MemoryUnit", "Unique"]
