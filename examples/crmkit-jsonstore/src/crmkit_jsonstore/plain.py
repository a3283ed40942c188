"""Changes as plain data for JSON, and back: crmkit's own plain form of a record, with the repository it is of."""

from collections.abc import Iterable
from typing import Any

from crmkit import Changes, Record, Update
from crmkit.entities import Registry
from crmkit.exchange.plain import from_plain, to_plain

__all__ = ["changes_of", "plain_changes"]


def plain_changes(changes: Changes) -> dict[str, Any]:
    """The changes, what they mean to people (their events) apart."""
    return {
        "creates": [_out(record) for record in changes.creates],
        "updates": [[_out(update.before), _out(update.after)] for update in changes.updates],
        "deletes": [_out(record) for record in changes.deletes],
        "restores": [_out(record) for record in changes.restores],
    }


def changes_of(said: dict[str, Any], registry: Registry) -> Changes:
    """The changes that `plain_changes` gave. Raises KeyError on an entity that the registry does not know, Invalid."""

    def records(values: Iterable[Any]) -> list[Record]:
        return [from_plain(registry.by_plural[kind].cls, data) for kind, data in values]

    return Changes(
        creates=records(said["creates"]),
        updates=[Update(*records(pair)) for pair in said["updates"]],
        deletes=records(said["deletes"]),
        restores=records(said["restores"]),
    )


def _out(record: Record) -> list[Any]:
    return [record.spec.about.plural, to_plain(record)]
