"""The plan of a merge: a value that says what would happen, before anything does."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import attrs

from crmkit.conversion.showing import Shown
from crmkit.entities import FrozenMap, Record
from crmkit.errors import Finding

__all__ = ["RULES", "FieldChoice", "FieldRule", "MergePlan", "differing", "is_empty", "named"]

FieldRule = Literal["fill", "keep", "take", "join", "ask"]
"""What becomes of a field that two records have: fill: the survivor's, unless it is empty; keep: the survivor's; take:
the absorbed one's, unless it is empty; join: both, the survivor's first (texts and lists); ask: it is refused until a
value or another rule is given. In a mapping, as custom fields are one, each key goes by it."""

RULES: Final = ("fill", "keep", "take", "join", "ask")


def is_empty(value: Any) -> bool:
    """Whether a value says nothing; false and zero say something."""
    return value is None or value in ("", (), {})


def differing(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The keys, in order, under which each of two mappings says something, and not the same."""
    common = [key for key in sorted(mine) if key in theirs and mine[key] != theirs[key]]
    return [key for key in common if not (is_empty(mine[key]) or is_empty(theirs[key]))]


@attrs.frozen
class FieldChoice:
    """A field in which two records differ: what each says, the rule, and the value that comes of it."""

    field: str
    survivor: Any
    absorbed: Any
    rule: str
    value: Any

    @property
    def conflict(self) -> bool:
        """Whether both say something, so that one of the two is given up; in a mapping, of the same key."""
        if isinstance(self.survivor, Mapping) and isinstance(self.absorbed, Mapping):
            return bool(differing(self.survivor, self.absorbed))
        return not (is_empty(self.survivor) or is_empty(self.absorbed))

    def __str__(self) -> str:
        said = f"{self.field} = {_short(self.value)} ({self.rule}"
        given_up = [one for one in (self.survivor, self.absorbed) if one != self.value]
        return said + (f"; not {_short(given_up[0])})" if self.conflict and given_up else ")")


_LONGEST: Final = 60


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        value = tuple(f"{key}: {held}" for key, held in sorted(value.items()))
    said = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    said = " ".join(said.split())
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def _counts(values: Mapping[str, int]) -> FrozenMap[int]:
    return FrozenMap({name: count for name, count in values.items() if count})


def _several(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class MergePlan(Shown):
    """What a merge would do. Nothing is written until it is applied, by `crm.merging.apply(plan)`.

    `absorbed` would become part of `survivor`, which would then be `result`. `choices` are the fields in which they
    differ. `moved` counts, by repository, the records that would belong to the survivor; `dropped` those that it has
    already; `renamed` says which ones get another code, since the survivor has that one. `refused` holds everything
    that speaks against it: a plan with refusals cannot be applied. Two plans are equal when nothing has changed
    between them.
    """

    absorbed: Record
    survivor: Record
    result: Record | None
    rule: str = "fill"
    rules: FrozenMap[str] = FrozenMap()
    given: FrozenMap[Any] = FrozenMap()
    choices: tuple[FieldChoice, ...] = attrs.field(default=(), converter=_several)
    moved: FrozenMap[int] = attrs.field(default=FrozenMap(), converter=_counts)
    dropped: FrozenMap[int] = attrs.field(default=FrozenMap(), converter=_counts)
    renamed: tuple[str, ...] = attrs.field(default=(), converter=_several)
    refused: tuple[Finding, ...] = attrs.field(default=(), converter=_several)

    @property
    def conflicts(self) -> tuple[FieldChoice, ...]:
        """The fields in which both say something else."""
        return tuple(choice for choice in self.choices if choice.conflict)

    @property
    def fingerprint(self) -> str:
        """What it was planned on: both records' versions, the values given, the rules. It changes when they do."""
        said = (
            *((one.id.hex, one.version) for one in (self.absorbed, self.survivor)),
            self.rule,
            sorted(self.rules.items()),
            sorted((name, repr(value)) for name, value in self.given.items()),
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _title(self) -> str:
        absorbed, survivor = (f"{one.spec.name} {named(one)}" for one in (self.absorbed, self.survivor))
        return f"Merge {absorbed} into {survivor}"

    def _sections(self) -> list[tuple[str, Iterable[object]]]:
        moved, dropped = (
            [f"{kind.replace('_', ' ')}: {count}" for kind, count in counts.items()]
            for counts in (self.moved, self.dropped)
        )
        return [
            ("set", [choice for choice in self.choices if choice.value != choice.survivor]),
            ("kept", [choice for choice in self.conflicts if choice.value == choice.survivor]),
            ("moved", moved),
            ("dropped as duplicates", dropped),
            ("renamed", self.renamed),
            ("refused", self.refused),
        ]


def named(record: Record | None) -> str:
    """A record by its number and name; nothing for none."""
    if record is None:
        return ""
    number = record.spec.number
    return f"{getattr(record, number.name) if number else ''}, {record}".strip(", ")
