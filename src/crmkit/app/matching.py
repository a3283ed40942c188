"""Looking for the records of one company or person: by keys, in a few statements however many are asked about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.conversion.matching import (
    COMMON,
    FIELDS,
    Key,
    Match,
    Ratio,
    Reason,
    account_match,
    best_first,
    contact_keys,
    contact_match,
    fields_keyed,
    keys_of,
    similar_accounts,
    similar_contacts,
)
from crmkit.entities import Account, ContactAccount, ContactEmail, ContactPhone, Record, SalesContact
from crmkit.entities.matching import company_key
from crmkit.errors import MissingExtra
from crmkit.queries import AnyOf, Criterion, Equals, Field, Grouping, KeyOf, Matches, Query, Related

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Alike", "account_matches", "contact_matches", "matched_fields"]

R = TypeVar("R", bound=Record)
A = TypeVar("A", bound=Account)

_MANY: Final = 8_192
"""How many records are read by their ids in one statement."""

_BLOCK: Final = 500
"""How many records at most are held against one for their likeness."""

_LENGTHS: Final = range(3, 9)
"""How many letters names begin alike with, to be looked at."""


@attrs.frozen
class _Place:
    """Where keys stand: in `field` of `kind`, as evidence for the record that `owner` names."""

    kind: type[Record]
    field: str
    owner: str
    evidence: str


_OF_ACCOUNTS: Final = tuple(
    _Place(Account, name, "id", evidence) for evidence, names in FIELDS.items() for name in names
)
_OF_CONTACTS: Final = (
    _Place(ContactEmail, "email", "sales_contact", "email"),
    _Place(ContactPhone, "phone", "sales_contact", "phone"),
)

_Placed = tuple[str, str]
"""The field that a key stands in, and the key."""


def _by_evidence(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for evidence, key in sorted(set(keys)):
        found.setdefault(evidence, []).append(key)
    return found


def _where_asked(places: Iterable[_Place], keys: Iterable[Key]) -> list[tuple[_Place, list[str]]]:
    wanted = _by_evidence(keys)
    return [(place, wanted[place.evidence]) for place in places if place.evidence in wanted]


def matched_fields(account: Account) -> list[tuple[Query[Account], int]]:
    """For each field that accounts are told by, what finds those that share a key there with this one, read before, and
    how many of them it is itself.
    """
    keyed = fields_keyed(account)
    own = {name: key for name, _, key in keyed}
    return [
        (Query(kind=Account, where=(Matches(place.field, some),)), int(own.get(place.field) in some))
        for place, some in _where_asked(_OF_ACCOUNTS, ((evidence, key) for _, evidence, key in keyed))
    ]


def _holders(
    work: "Work", places: Sequence[_Place], keys: Iterable[Key], own: Counter[_Placed]
) -> tuple[frozenset[Key], dict[Key, set[UUID]]]:
    """The keys that are too common to tell anything, and by each of the others who has it. `own` counts those of the
    records asked about themselves, where that is known: where nobody else has one, nobody is looked for.
    """
    asked = _where_asked(places, keys)
    counted = work.unit.groups(
        [
            Grouping(kind=place.kind, where=(Matches(place.field, some),), by=(KeyOf(place.field),))
            for place, some in asked
        ]
    )
    common: set[Key] = set()
    shared: list[tuple[_Place, str]] = []
    for (place, _), groups in zip(asked, counted, strict=True):
        for group in groups:
            if group.count > COMMON:
                common.add((place.evidence, group.key[0]))
            elif group.count > own[place.field, group.key[0]]:
                shared.append((place, group.key[0]))
    several: dict[_Place, list[str]] = {}
    for place, key in shared:
        if (place.evidence, key) not in common:
            several.setdefault(place, []).append(key)
    listed = work.unit.groups(
        [
            Grouping(
                kind=place.kind,
                where=(Matches(place.field, sorted(some)),),
                by=(KeyOf(place.field), Field(place.owner)),
            )
            for place, some in several.items()
        ]
    )
    found: dict[Key, set[UUID]] = {}
    for place, groups in zip(several, listed, strict=True):
        for group in groups:
            found.setdefault((place.evidence, group.key[0]), set()).add(group.key[1])
    return frozenset(common), found


def _read(work: "Work", kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
    """The records of the kind among those ids."""
    wanted = sorted(ids)
    found: dict[UUID, R] = {}
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        found |= {one.id: one for one in work.unit.find(Query(kind=kind, where=(AnyOf("id", some),)))}
    return found


@attrs.frozen
class Alike:
    """The accounts of a kind that share keys with those asked about."""

    common: frozenset[Key]
    holders: dict[Key, dict[UUID, Account]]

    @classmethod
    def of(
        cls,
        work: "Work",
        accounts: Sequence[Account],
        kind: type[Account],
        *,
        fresh: bool = True,
        becoming: Iterable[Account | None] = (),
    ) -> "Alike":
        """Look for them; `fresh`: the accounts are as the store has them; `becoming` is what they are going to be."""
        keyed = [one for account in accounts for one in fields_keyed(account)]
        own = Counter((name, key) for name, _, key in keyed) if fresh else Counter[_Placed]()
        keyed += [one for account in becoming if account is not None for one in fields_keyed(account)]
        common, found = _holders(work, _OF_ACCOUNTS, {(evidence, key) for _, evidence, key in keyed}, own)
        records = _read(work, kind, {id for ids in found.values() for id in ids})
        return cls(common, {key: {id: records[id] for id in ids if id in records} for key, ids in found.items()})

    def add(self, account: Account) -> None:
        """One more, not saved yet."""
        for key in keys_of(account):
            self.holders.setdefault(key, {})[account.id] = account

    def matches(self, account: Account) -> list[Match[Any]]:
        """Those that are or may be the same as this one of the accounts asked about, best first."""
        mine = keys_of(account) - self.common
        others = {id: other for key in mine for id, other in self.holders.get(key, {}).items() if id != account.id}
        found = (account_match(account, other, mine & keys_of(other)) for other in others.values())
        return best_first(match for match in found if match is not None)

    def matches_of_both(self, account: Account, becoming: Account | None) -> list[Match[Any]]:
        """Those of an account as it is, and as it is to be: of two reasons to be the same, the better one."""
        found = self.matches(account)
        if becoming is not None and keys_of(becoming) != keys_of(account):
            found = best_first([*found, *self.matches(becoming)])
        best: dict[UUID, Match[Any]] = {}
        for match in found:
            best.setdefault(match.record.id, match)
        return list(best.values())


def account_matches(work: "Work", account: Account, kind: type[A], *, fuzzy: bool) -> list[Match[A]]:
    """The accounts of the kind that are or may be the same company. Raises MissingExtra where likeness is asked for."""
    ratio = _ratio() if fuzzy else None
    found: list[Match[A]] = Alike.of(work, [account], kind, fresh=False).matches(account)
    if ratio is None:
        return found
    block = _read(work, kind, _names_beginning_alike(work, account) - {account.id})
    similar = {id: similar_accounts(account, other, ratio) for id, other in block.items()}
    return _with_likeness(found, block, similar)


def _names_beginning_alike(work: "Work", account: Account) -> set[UUID]:
    """The ids of accounts whose names begin as this one's: with three letters, or more where too many do."""
    keys = sorted(set(filter(None, map(company_key, (account.name, account.legal_name)))))
    starts = [key[:length] for key in keys for length in _LENGTHS]
    fields = FIELDS["name"]

    def beginning(field: str, start: str) -> tuple[Criterion, ...]:
        return (Matches(field, start, start=True),)

    counts = work.unit.counts(
        [Query(kind=Account, where=beginning(name, start)) for start in starts for name in fields]
    )
    many = [sum(counts[place * len(fields) :][: len(fields)]) for place, _ in enumerate(starts)]
    chosen: list[str] = []
    for place, _ in enumerate(keys):
        few = [n for n in range(place * len(_LENGTHS), (place + 1) * len(_LENGTHS)) if many[n] <= _BLOCK]
        chosen += [starts[few[0]]] if few else []
    groupings = [
        Grouping(kind=Account, where=beginning(name, start), by=(Field("id"),)) for start in chosen for name in fields
    ]
    return {group.key[0] for groups in work.unit.groups(groupings) for group in groups}


def contact_matches(work: "Work", contact: SalesContact, *, fuzzy: bool) -> list[Match[SalesContact]]:
    """The contacts that are or may be the same person. Raises MissingExtra where likeness is asked for."""
    ratio = _ratio() if fuzzy else None
    mine = contact_keys(contact)
    common, holders = _holders(work, _OF_CONTACTS, mine, Counter())
    told = mine - common
    ids = {id for ids in holders.values() for id in ids} | _at_its_accounts(work, contact, likeness=fuzzy)
    ids.discard(contact.id)
    others = {one.id: one for one in work.read_many(list(_read(work, SalesContact, ids).values()))}
    matches = (contact_match(contact, other, told & contact_keys(other)) for other in others.values())
    found = best_first(match for match in matches if match is not None)
    if ratio is None:
        return found
    return _with_likeness(found, others, {id: similar_contacts(contact, one, ratio) for id, one in others.items()})


def _at_its_accounts(work: "Work", contact: SalesContact, *, likeness: bool) -> set[UUID]:
    """The ids of contacts cross-referenced with the same accounts: those of the same family name, or all unless these
    are too many; of too many of the same name none, so that it does not depend on who asks.
    """
    if not contact.accounts or not (likeness or contact.family_name):
        return set()
    there = Related(ContactAccount, via="sales_contact", to="id", where=(AnyOf("account", contact.accounts),))
    named = (Equals("family_name", contact.family_name),) if contact.family_name else ()
    found: list[SalesContact] = []
    if likeness:
        found = work.unit.find(Query(kind=SalesContact, where=(there,), limit=_BLOCK + 1))
    if named and (len(found) > _BLOCK or not likeness):
        found = work.unit.find(Query(kind=SalesContact, where=(there, *named), limit=_BLOCK + 1))
    return {one.id for one in found} if len(found) <= _BLOCK else set()


def _with_likeness(found: list[Match[R]], block: dict[UUID, R], similar: dict[UUID, Reason | None]) -> list[Match[R]]:
    """The matches, with what is similar besides."""
    made = {match.record.id: match for match in found}
    for id, reason in similar.items():
        match = made.get(id)
        if reason is None or (match is not None and any(one.code == "name" for one in match.reasons)):
            continue
        if match is None:
            made[id] = Match(record=block[id], reasons=(reason,), score=reason.weight)
        else:
            made[id] = attrs.evolve(match, reasons=(*match.reasons, reason), score=max(match.score, reason.weight))
    return best_first(made.values())


def _ratio() -> Ratio:
    try:
        from rapidfuzz import fuzz  # noqa: PLC0415 - loaded on use
    except ImportError as cause:
        raise MissingExtra("rapidfuzz", "dedupe") from cause

    def ratio(one: str, other: str) -> float:
        return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))

    return ratio
