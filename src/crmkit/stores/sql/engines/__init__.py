"""One profile an engine: all that differs between them stands here."""

import importlib
from typing import Any, Final

from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from crmkit.errors import UnknownStore
from crmkit.stores.settings import refuse_unknown
from crmkit.stores.sql.engines.profile import Broken, Profile

__all__ = ["ENGINES", "Broken", "Profile", "own_engine", "profile_of"]

ENGINES: Final = {
    "sqlite": ("sqlite", "SqliteProfile"),
    "postgresql": ("postgresql", "PostgresqlProfile"),
    "mysql": ("mariadb", "MariadbProfile"),
    "mariadb": ("mariadb", "MariadbProfile"),
}
"""The module and class of each engine's profile, by the name that URLs begin with."""


ASYNCHRONOUS: Final = {
    "postgresql": ("postgresql", "AsyncPostgresqlProfile"),
    "mysql": ("mariadb", "AsyncMariadbProfile"),
    "mariadb": ("mariadb", "AsyncMariadbProfile"),
}
"""Those of the engines that have an asynchronous driver."""

_OF_STORES: Final = ("prefix", "schema", "strict_time")
"""What every SQL store takes besides its profile's settings."""


def profile_of(name: str, *, asynchronous: bool = False, **settings: Any) -> Any:
    """The profile of an engine, by the name of its dialect. Raises UnknownStore where no profile is known,
    Invalid on a setting that it does not know.
    """
    engines = ASYNCHRONOUS if asynchronous else ENGINES
    if name not in engines:
        raise UnknownStore(f"no store serves {name} yet: use SQLite, PostgreSQL or MariaDB")
    module, cls = engines[name]
    profile: Any = getattr(importlib.import_module(f"{__name__}.{module}"), cls)
    refuse_unknown(settings, profile, besides=_OF_STORES)
    return profile(**settings)


def own_engine(url: str, **settings: Any) -> tuple[Engine, Profile]:
    """An engine of our own for a URL, and its profile. Raises UnknownStore, and MissingExtra without its driver."""
    try:
        parsed: URL = make_url(url)
        profile = profile_of(parsed.get_backend_name(), **settings)
        engine = profile.engine(parsed)
    except (ArgumentError, NoSuchModuleError) as cause:
        raise UnknownStore(f"{url!r} is no database URL, such as sqlite:///path/to/file.db") from cause
    profile.set_up(engine)
    return engine, profile
