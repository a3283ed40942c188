"""The plan of a conversion: a value that says what would happen, before anything does."""

import hashlib
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

import attrs

from crmkit.entities import Customer, FrozenMap, Lead, Opportunity, Prospect
from crmkit.errors import Finding

__all__ = ["ConversionPlan", "Defaulted", "PossibleDuplicate", "Unmapped"]


@attrs.frozen
class Defaulted:
    """A field of the customer that nobody gave and the prospect has not: its value, and what it comes from."""

    field: str
    value: Any
    by: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value} (by {self.by})"


@attrs.frozen
class Unmapped:
    """A value of the prospect that a customer has no field for."""

    field: str
    value: Any

    def __str__(self) -> str:
        return f"{self.field} = {self.value}"


@attrs.frozen
class PossibleDuplicate:
    """A customer that may be the same company, and why."""

    id: UUID
    number: str
    name: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.number or 'an earlier row,'} {self.name}: {', '.join(self.reasons)}"


def _counts(values: Mapping[str, int]) -> FrozenMap[int]:
    return FrozenMap(values)


def _several(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class ConversionPlan:
    """What converting a prospect would do. Nothing is written until it is applied, by `crm.conversion.apply(plan)`.

    `customer` is the customer that would come of it (its number is empty where the next free one would be
    given). `carried` counts, by repository, the records that carry over with their ids; `opportunity` is the one
    that would be opened, from `lead` or fresh. `request` is a digest of what was asked for. `refused` holds everything
    that speaks against it: a plan with refusals cannot be applied. Two plans are equal when nothing has changed
    between them.
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
    policy: str = ""
    request: str = ""

    @property
    def fingerprint(self) -> str:
        """What it was planned on: the prospect's version, the values given, the policy. It changes when they do."""
        said = (self.prospect.id.hex, self.prospect.version, sorted(self.given.items()), self.policy)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _sections(self) -> list[tuple[str, list[str]]]:
        number = (self.customer.number if self.customer else "") or "the next free number"
        created = [f"customer {number}, {self.prospect.name}"]
        if self.opportunity is not None:
            created.append(f"opportunity {self.opportunity.description!r}")
        carried = [f"{kind.replace('_', ' ')}: {count}" for kind, count in self.carried.items() if count]
        return [
            ("created", created),
            ("carried over", carried),
            ("defaulted", list(map(str, self.defaulted))),
            ("unmapped", list(map(str, self.unmapped))),
            ("refused", list(map(str, self.refused))),
            ("possible duplicates", list(map(str, self.duplicates))),
        ]

    def __str__(self) -> str:
        lines = [f"Convert prospect {self.prospect.number}, {self.prospect.name}"]
        for title, items in self._sections():
            if items:
                lines.append(f"  {title}:")
                lines += [f"    {item}" for item in items]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        shown = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{title}</th>"
            f"<td>{'<br>'.join(map(escape, items))}</td></tr>"
            for title, items in self._sections()
            if items
        )
        caption = escape(f"Convert prospect {self.prospect.number}, {self.prospect.name}")
        return f"<table><caption>{caption}</caption>{shown}</table>"
