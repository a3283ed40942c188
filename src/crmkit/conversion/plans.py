"""The plan of a conversion: a value that says what would happen, before anything does."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from crmkit.conversion.into import Into
from crmkit.conversion.opening import Opening
from crmkit.conversion.showing import Shown
from crmkit.entities import Customer, FrozenMap, Lead, Opportunity, Prospect
from crmkit.errors import Finding
from crmkit.tables import shown

__all__ = ["Becomes", "ConversionPlan", "Defaulted", "PossibleDuplicate", "Unmapped", "ordered"]


_LONGEST: Final = 60


def _short(value: Any) -> str:
    """A value in a line of text; notes have many."""
    said = shown(value)
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


@attrs.frozen
class Defaulted:
    """A field of the customer, or of the opportunity that is opened, that nobody gave and the prospect has not: its
    value, and the rule that it comes by.
    """

    field: str
    value: Any
    by: str

    def __str__(self) -> str:
        return f"{self.field} = {_short(self.value)} (by {self.by})"


Becomes = Literal["unmapped", "dropped", "replaced", "cut", "changed"]
"""unmapped: dropped, as a customer has no such field; dropped: by the policy; replaced: another value has its place;
cut: to the length that is kept; changed: in type."""


@attrs.frozen
class Unmapped:
    """A value of the prospect that does not carry over as it is: what becomes of it, and in which field, if any."""

    field: str
    value: Any
    how: Becomes = "unmapped"
    to: str = ""
    becomes: Any = None

    def __str__(self) -> str:
        said = {
            "unmapped": "dropped, a customer has no such field",
            "dropped": "dropped by the policy",
            "replaced": f"dropped, {self.to} has another value",
            "cut": f"cut to {len(str(self.becomes))} characters, {self.to} = {_short(self.becomes)}",
            "changed": f"changed in type, {self.to} = {_short(self.becomes)}",
        }
        return f"{self.field} = {_short(self.value)}: {said[self.how]}"


@attrs.frozen
class PossibleDuplicate:
    """A customer that may be the same company, and why."""

    id: UUID
    number: str
    name: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number} {self.name}: {', '.join(self.reasons)}"


def _counts(values: Mapping[str, int]) -> FrozenMap[int]:
    return FrozenMap(values)


def _several(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ConversionPlan(Shown):
    """What converting a prospect would do. Nothing is written until it is applied, by `crm.conversion.apply(plan)`.

    `customer` is the customer that would come of it (its number is empty where the next free one would be given).
    `carried` counts, by repository, the records that carry over with their ids; `opportunity` is the one that would be
    opened, from `lead` or fresh. `into` says what becomes of both where the prospect would become part of an existing
    customer; `customer` is that one then, as it would be. `request` is a digest of what was asked for. `refused` holds
    everything that speaks against it: a plan with refusals cannot be applied. Two plans are equal when nothing has
    changed between them.
    """

    prospect: Prospect
    customer: Customer | None
    given: FrozenMap[Any] = FrozenMap()
    carried: FrozenMap[int] = attrs.field(default=FrozenMap(), converter=_counts)
    defaulted: tuple[Defaulted, ...] = attrs.field(default=(), converter=_several)
    unmapped: tuple[Unmapped, ...] = attrs.field(default=(), converter=_several)
    refused: tuple[Finding, ...] = attrs.field(default=(), converter=_several)
    duplicates: tuple[PossibleDuplicate, ...] = attrs.field(default=(), converter=_several)
    opportunity: Opportunity | None = None
    lead: Lead | None = None
    opening: Opening | None = None
    into: Into | None = None
    policy: str = ""
    request: str = ""

    @property
    def fingerprint(self) -> str:
        """What it was planned on: the versions of the prospect, of the lead and of the customer it would be part of,
        what was asked for, and the policy. It changes when they do.
        """
        lead = (self.lead.id.hex, self.lead.version) if self.lead else ()
        into = (self.into.asked, self.into.customer and self.into.customer.version) if self.into else ()
        said = (self.prospect.id.hex, self.prospect.version, lead, ordered(self.given), self.policy, self.request, into)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _title(self) -> str:
        into = self.into.title if self.into else ""
        return f"Convert prospect {self.prospect.number}, {self.prospect.name}{into}"

    def _sections(self) -> list[tuple[str, Iterable[object]]]:
        number = (self.customer.number if self.customer else "") or "the next free number"
        created = (
            [] if self.into else [f"customer {number}, {self.customer.name if self.customer else self.prospect.name}"]
        )
        if self.opportunity is not None:
            came = f", from lead {self.lead.number}" if self.lead else ""
            created.append(f"opportunity {self.opportunity.description!r}{came}")
        return [
            ("created", created),
            ("carried over", (f"{kind.replace('_', ' ')}: {count}" for kind, count in self.carried.items() if count)),
            *(self.into.sections() if self.into else ()),
            ("defaulted", self.defaulted),
            ("unmapped", self.unmapped),
            ("refused", self.refused),
            ("possible duplicates", self.duplicates),
        ]


def ordered(value: Any) -> Any:
    """A value as it goes into a fingerprint: mappings as pairs in one order, so that equal ones
    are said alike.
    """
    if isinstance(value, Mapping):
        return sorted((str(key), ordered(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [ordered(item) for item in value]
    return value
