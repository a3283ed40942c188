"""A mapping that is frozen, hashable and picklable (`MappingProxyType` is neither of the last two)."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from crmkit.entities.twins import setter_of

__all__ = ["FrozenMap", "freeze"]

V = TypeVar("V", covariant=True)


class FrozenMap(Mapping[str, V]):
    """An immutable mapping of texts to frozen values; equal to any mapping with the same items."""

    __slots__ = ("_hash", "_items")
    _items: dict[str, V]
    _hash: int | None

    def __init__(self, items: Mapping[str, V] | None = None, /, **more: V) -> None:
        _set_items(self, {**(items or {}), **more})
        _set_hash(self, None)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"FrozenMap is immutable: make a new one instead of setting {name!r}")

    def __getitem__(self, key: str) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            _set_hash(self, hash(frozenset(self._items.items())))
        return self._hash or 0

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[type["FrozenMap[V]"], tuple[dict[str, V]]]:
        return type(self), (self._items,)


# The slots set themselves: a FrozenMap refuses to be set.
_set_items: Final = setter_of(FrozenMap, "_items")
_set_hash: Final = setter_of(FrozenMap, "_hash")


def freeze(value: Any) -> Any:
    """The same plain data with tuples for lists and `FrozenMap` for dicts, all the way down."""
    if isinstance(value, Mapping):
        return FrozenMap({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value
