"""The journal is a store: crmkit's conformance suite says so."""

from pathlib import Path

from crmkit_jsonstore import JournalStore

from crmkit.entities import Registry
from crmkit.testing.conformance import StoreConformance


class TestJournal(StoreConformance):
    def make_store(self, registry: Registry, folder: Path) -> JournalStore:
        return JournalStore(folder / "journal.jsonl", registry)
