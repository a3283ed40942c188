"""From what a user hands to `connect` (a URL, an engine, a store) to a store, of this release's schema."""

import importlib
from typing import Any

from crmkit.entities import Registry
from crmkit.errors import StoreError, UnknownStore
from crmkit.plugins import plugged_stores
from crmkit.repositories.store import Store
from crmkit.stores.settings import refuse_unknown

__all__ = ["open_store", "upgraded"]


def open_store(store: Any, registry: Registry, **settings: Any) -> Store:
    """The store that a URL, an SQLAlchemy Engine or a store stands for.

    Raises UnknownStore on a URL whose scheme nobody serves, MissingExtra where its driver is not installed, Invalid on
    a setting that the store does not know.
    """
    if isinstance(store, str):
        return _by_url(store, registry, settings)
    if hasattr(store, "begin") and hasattr(store, "prepare"):
        if settings:
            refuse_unknown(settings, lambda: None)
        opened: Store = store
        return opened
    if hasattr(store, "raw_connection"):
        refuse_unknown(settings, _sql().SqlStore)
        return _sql().SqlStore(store, registry, **settings)  # type: ignore[no-any-return]
    raise UnknownStore(f"{type(store).__name__} is neither a URL, an SQLAlchemy Engine nor a store")


def _by_url(url: str, registry: Registry, settings: dict[str, Any]) -> Store:
    scheme = url.partition(":")[0].lower()
    if url.lower() in ("memory:", "memory://"):
        from crmkit.stores.memory import MemoryStore  # noqa: PLC0415 - loaded on use

        refuse_unknown(settings, MemoryStore)
        return MemoryStore(registry, **settings)
    if scheme.partition("+")[0] in ("sqlite", "postgresql", "mysql", "mariadb"):
        return _sql().SqlStore.from_url(url, registry, **settings)  # type: ignore[no-any-return]
    if scheme == "parquet":
        from crmkit.stores.parquet import ParquetStore  # noqa: PLC0415 - loaded on use

        refuse_unknown(settings, ParquetStore)
        return ParquetStore.from_url(url, registry, **settings)
    plugged = plugged_stores()
    if scheme in plugged:
        made: Store = plugged[scheme].load()(url, registry, **settings)
        return made
    known = ", ".join(
        sorted(
            {
                "memory:",
                "sqlite:///path/to/file.db",
                "postgresql+psycopg://",
                "mysql+pymysql://",
                "parquet:///path/to/folder",
                *(f"{name}:" for name in plugged),
            }
        )
    )
    raise UnknownStore(f"no store answers to {scheme or url!r}: there are {known}")


def _sql() -> Any:
    return importlib.import_module("crmkit.stores.sql")


def upgraded(store: Store, *, dry_run: bool) -> list[str]:
    """Bring an open store's schema to this release; the statements that do it, which a `dry_run` only gives."""
    run = getattr(store, "upgrade", None)
    if run is None:
        raise StoreError(f"{type(store).__name__} has no schema to be upgraded")
    found: list[str] = run(dry_run=dry_run)
    return found
