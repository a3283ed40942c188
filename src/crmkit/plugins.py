"""What plugins bring, by entry points: entities (`crmkit.entities`), stores (`crmkit.stores`, by URL scheme) and
forecasters (`crmkit.forecasters`, by name).
"""

from importlib.metadata import entry_points
from typing import Any

from crmkit.entities import Record

__all__ = ["plugged_entities", "plugged_forecasters", "plugged_stores"]


def plugged_entities() -> tuple[type[Record], ...]:
    """The entities of installed plugins, in order of their names."""
    return tuple(point.load() for point in sorted(entry_points(group="crmkit.entities"), key=lambda point: point.name))


def plugged_stores() -> dict[str, Any]:
    """The stores of installed plugins by URL scheme; each is called with the URL, the registry and the settings."""
    return {point.name: point for point in entry_points(group="crmkit.stores")}


def plugged_forecasters() -> dict[str, Any]:
    """The forecasters of installed plugins by name; of a class, the one that it makes without arguments."""
    loaded = {point.name: point.load() for point in entry_points(group="crmkit.forecasters")}
    return {name: one() if isinstance(one, type) else one for name, one in loaded.items()}
