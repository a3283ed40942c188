"""Converting into an existing customer: what is asked for, what the plan says of it, and who is the same person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import attrs

from crmkit.conversion.matching import Key, contact_keys, contact_match
from crmkit.conversion.merge_plans import FieldChoice
from crmkit.entities import Customer, FrozenMap, SalesContact
from crmkit.entities.matching import person_key
from crmkit.entities.record import stamped
from crmkit.errors import Finding

__all__ = ["Absorbing", "Into", "SamePerson", "pairs_asked", "same_persons"]

Pairs = tuple[tuple[UUID, UUID], ...]


@attrs.frozen(kw_only=True)
class Absorbing:
    """What a caller asks for, who wants a prospect to become part of a customer.

    `customer` is that one's id, or "match" for the one that is surely the same company. `rule` and `rules` say what
    becomes of fields in which both say something else, as in a merge. `contacts` are pairs, absorbed and survivor, of
    sales contacts that are one person, or "same": those that are sure to be.
    """

    customer: UUID | str
    rule: str = "fill"
    rules: FrozenMap[str] = FrozenMap()
    contacts: Pairs | Literal["same"] = ()


@attrs.frozen(kw_only=True)
class SamePerson:
    """Two sales contacts, of the prospect and of the customer, who may be the same person, and why.

    `certain` where they share an e-mail address and their names agree, or a name and a telephone number.
    """

    absorbed: UUID
    survivor: UUID
    absorbed_name: str
    survivor_name: str
    reasons: tuple[str, ...]
    certain: bool

    def __str__(self) -> str:
        return f"{self.absorbed_name} may be {self.survivor_name}: {', '.join(self.reasons)}"


def _several(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


def _counts(values: Mapping[str, int]) -> FrozenMap[int]:
    return FrozenMap({name: count for name, count in values.items() if count})


@attrs.frozen(kw_only=True)
class Into:
    """What becomes of a prospect and the `customer` that it would become part of, who is as it is now.

    `choices` are the fields in which they differ, `dropped` counts the records that the customer has already, and
    `renamed` says which ones get another code. `persons` may be the same and are offered for merging; `contacts` are
    the pairs that would be merged with it.
    """

    asked: Absorbing
    customer: Customer | None = None
    choices: tuple[FieldChoice, ...] = attrs.field(default=(), converter=_several)
    dropped: FrozenMap[int] = attrs.field(default=FrozenMap(), converter=_counts)
    renamed: tuple[str, ...] = attrs.field(default=(), converter=_several)
    persons: tuple[SamePerson, ...] = attrs.field(default=(), converter=_several)
    contacts: Pairs = attrs.field(default=(), converter=_several)

    @property
    def conflicts(self) -> tuple[FieldChoice, ...]:
        """The fields in which both say something else."""
        return tuple(choice for choice in self.choices if choice.conflict)

    @property
    def title(self) -> str:
        """How a plan's title goes on."""
        return f" into customer {self.customer.number}, {self.customer.name}" if self.customer else ""

    def sections(self) -> list[tuple[str, list[str]]]:
        """What a plan shows of it."""
        merged = dict.fromkeys(self.contacts, "merged")
        persons = [f"{one} ({merged.get((one.absorbed, one.survivor), 'offered')})" for one in self.persons]
        return [
            ("set", [str(choice) for choice in self.choices if choice.value != choice.survivor]),
            ("kept", [str(choice) for choice in self.conflicts if choice.value == choice.survivor]),
            ("dropped as duplicates", [f"{kind.replace('_', ' ')}: {count}" for kind, count in self.dropped.items()]),
            ("renamed", list(self.renamed)),
            ("the same person", persons),
        ]


def same_persons(theirs: Sequence[SalesContact], ours: Sequence[SalesContact]) -> list[SamePerson]:
    """Which of the prospect's contacts may be which of the customer's, as matching tells it, taken as contacts of one
    account; those of both accounts are one already.
    """
    known: dict[Key, list[SalesContact]] = {}
    for one in ours:
        for told in _told_by(one):
            known.setdefault(told, []).append(one)
    both = {one.id for one in ours}
    found: list[SamePerson] = []
    for one in theirs:
        if one.id in both:
            continue
        others = {other.id: other for told in _told_by(one) for other in known.get(told, ())}
        found += [person for other in others.values() if (person := _person(one, other)) is not None]
    return found


def _told_by(contact: SalesContact) -> Iterator[Key]:
    yield from sorted(contact_keys(contact))
    if contact.given_name and contact.family_name:
        yield "name", " ".join(sorted(person_key(f"{contact.given_name} {contact.family_name}").split()))


def _person(one: SalesContact, other: SalesContact) -> SamePerson | None:
    together = stamped(other, {"accounts": one.accounts})
    match = contact_match(one, together, contact_keys(one) & contact_keys(other))
    if match is None:
        return None
    return SamePerson(
        absorbed=one.id,
        survivor=other.id,
        absorbed_name=f"{one.number}, {one.display_name}",
        survivor_name=f"{other.number}, {other.display_name}",
        reasons=tuple(map(str, match.reasons)),
        certain=match.same,
    )


def pairs_asked(asked: Absorbing, persons: Iterable[SamePerson]) -> tuple[Pairs, list[Finding]]:
    """The pairs that are to be merged; where "the same" may be several, none is taken and all are named."""
    if asked.contacts != "same":
        return asked.contacts, []
    certain: dict[UUID, list[SamePerson]] = {}
    for one in persons:
        if one.certain:
            certain.setdefault(one.absorbed, []).append(one)
    several = [
        Finding(
            "ambiguous-contact",
            f"{several[0].absorbed_name} may be {' or '.join(one.survivor_name for one in several)}: name the pair",
            "merge_contacts",
            id,
        )
        for id, several in certain.items()
        if len(several) > 1
    ]
    return tuple((id, held[0].survivor) for id, held in certain.items() if len(held) == 1), several
