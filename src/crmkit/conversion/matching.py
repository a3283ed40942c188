"""Which records are of one company, or one person: the evidence, what it is worth, and what is not enough. Rules over
values, symmetric: what one record says of another, the other says of it.

The keys are those that stores keep (`crmkit.entities.matching`). The same company: the same tax number, or the same
name and an e-mail address, a domain or a telephone number, unless their tax numbers differ. The same person: the same
e-mail address and names that agree, or the same name and telephone number. All else is possible, with its reasons.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs

from crmkit.entities import Account, Record, SalesContact
from crmkit.entities.matching import company_key, email_key, person_key, phone_key, tax_number_key
from crmkit.entities.text import text_key
from crmkit.errors import Ambiguous
from crmkit.queries import match_key

__all__ = [
    "ALIKE",
    "COMMON",
    "FIELDS",
    "Key",
    "Match",
    "Reason",
    "account_match",
    "best_first",
    "contact_keys",
    "contact_match",
    "fields_keyed",
    "keys_of",
    "one_match",
    "similar_accounts",
    "similar_contacts",
]

R = TypeVar("R", bound=Record)

Key = tuple[str, str]
"""What a key is evidence of, and the key."""

COMMON: Final = 50
"""A key that more than so many records have in one field tells nobody apart: a shared agency, a placeholder."""

ALIKE: Final = 85
"""The score, of 100, from which on names are similar enough to be suggested."""

FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "legal_name"),
    "address": ("email", "web"),
    "phone": ("phone",),
    "tax number": ("tax_number",),
}
"""What accounts are told by, and the fields whose keys are held against each other."""

Ratio = Callable[[str, str], float]
"""How similar two texts are, of 100."""


@attrs.frozen
class Reason:
    """One thing that speaks for two records being one, or against it.

    `code` is one of name, similar name, tax number, other tax number, email, domain, phone, other name, account;
    `weight` what it adds to the score.
    """

    code: str
    message: str
    weight: int

    def __str__(self) -> str:
        return self.message


@attrs.frozen(kw_only=True)
class Match(Generic[R]):
    """A record that is or may be of the same company or person, and why.

    `same`: the evidence is strong enough to act on it. `score` is what the reasons add up to, of 100. `suggested`:
    nothing is equal, names are only similar.
    """

    record: R
    reasons: tuple[Reason, ...]
    score: int
    same: bool = False

    @property
    def suggested(self) -> bool:
        """Whether it rests on likeness alone."""
        return all(reason.code == "similar name" for reason in self.reasons)

    def __str__(self) -> str:
        record: Any = self.record
        named = f"{record.number} {getattr(record, record.about.shown_by)}".strip()
        return f"{named} ({self.score}): {', '.join(map(str, self.reasons))}"


def best_first(matches: Iterable[Match[R]]) -> list[Match[R]]:
    """Those that are the same first, then the possible ones, then suggestions; each by score, then by id."""
    return sorted(matches, key=lambda one: (not one.same, one.suggested, -one.score, one.record.id))


def one_match(subject: str, matches: Iterable[Match[R]]) -> Match[R] | None:
    """The one that is the same, or None. Raises Ambiguous with all of them where there are several."""
    same = [one for one in matches if one.same]
    if len(same) > 1:
        raise Ambiguous(subject, same)
    return same[0] if same else None


def _made(record: R, reasons: list[Reason], *, same: bool) -> Match[R]:
    return Match(
        record=record,
        reasons=tuple(reasons),
        score=max(1, min(100, sum(reason.weight for reason in reasons))),
        same=same,
    )


# Companies


def fields_keyed(account: Account) -> list[tuple[str, str, str]]:
    """Each field that accounts are told by and this one has a key in, what it is evidence of, and the key."""
    by_name = Account.spec.by_name
    return [
        (name, evidence, key)
        for evidence, fields in FIELDS.items()
        for name in fields
        if (value := getattr(account, name)) and (key := match_key(by_name[name], value)) is not None
    ]


def keys_of(account: Account) -> frozenset[Key]:
    """All that the account is told by."""
    return frozenset((evidence, key) for _, evidence, key in fields_keyed(account))


def account_match(one: Account, other: R, shared: Iterable[Key]) -> Match[R] | None:
    """What two accounts have in common, by the keys that they share and that are not common; None for nothing."""
    found = dict.fromkeys(evidence for evidence, _ in shared)
    if not found or not isinstance(other, Account):
        return None
    reasons: list[Reason] = []
    taxes = _taxes(one, other) if "tax number" not in found else "same"
    if taxes == "same":
        reasons.append(Reason("tax number", "the same tax number", 100))
    if "name" in found:
        reasons.append(Reason("name", _same_name(one, other, shared), 60))
    if "address" in found:
        reasons.append(_address(one, other, shared))
    if "phone" in found:
        reasons.append(Reason("phone", "the same telephone number", 30))
    if taxes == "other":
        reasons.append(Reason("other tax number", "but their tax numbers differ", -40))
    strong = taxes == "same" or ("name" in found and len(found) > 1 and taxes != "other")
    return _made(other, reasons, same=strong)


def _taxes(one: Account, other: Account) -> str:
    """Whether the tax numbers are the same but for a country's letters in front, other ones, or not both known."""
    first, second = sorted((tax_number_key(one.tax_number), tax_number_key(other.tax_number)), key=len)
    if not first:
        return ""
    return "same" if second[:2].isalpha() and second[2:] == first else "other" if first != second else ""


def _same_name(one: Account, other: Account, shared: Iterable[Key]) -> str:
    mine, theirs = ({text_key(name) for name in (each.name, each.legal_name) if name} for each in (one, other))
    key = min(key for evidence, key in shared if evidence == "name")
    return "the same name" if mine & theirs else f"the same name but for legal form and spelling, {key!r}"


def _address(one: Account, other: Account, shared: Iterable[Key]) -> Reason:
    addresses = [email_key(each.email.address) if each.email else "" for each in (one, other)]
    if addresses[0] and addresses[0] == addresses[1]:
        return Reason("email", "the same e-mail address", 35)
    domain = min(key for evidence, key in shared if evidence == "address")
    return Reason("domain", f"the same domain, {domain}", 30)


def similar_accounts(one: Account, other: Account, ratio: Ratio) -> Reason | None:
    """How similar two accounts are: by their names (and legal names, the best pair), nine tenths, and by their towns
    where both are known, one tenth. None below `ALIKE`.
    """
    pairs = [
        (mine, theirs)
        for mine in filter(None, map(company_key, (one.name, one.legal_name)))
        for theirs in filter(None, map(company_key, (other.name, other.legal_name)))
    ]
    towns = [text_key(each.address.city) if each.address else "" for each in (one, other)]
    return _similar(pairs, towns if all(towns) else [], ratio)


def _similar(pairs: list[tuple[str, str]], towns: list[str], ratio: Ratio) -> Reason | None:
    scored = [(round(ratio(first, second)), first, second) for first, second in map(sorted, pairs)]
    if not scored:
        return None
    names, first, second = max(scored)
    score, parts = names, f"{first!r} and {second!r}, {names} of 100"
    if towns:
        near = round(ratio(*sorted(towns)))
        score, parts = round((9 * names + near) / 10), f"{parts}; towns {near} of 100"
    return Reason("similar name", f"similar names: {parts}", score) if score >= ALIKE else None


# Persons


def contact_keys(contact: SalesContact) -> frozenset[Key]:
    """All that the person is told by."""
    emails = (("email", email_key(one.address)) for one in contact.emails)
    phones = (("phone", phone_key(one.number)) for one in contact.phones)
    return frozenset(key for key in (*emails, *phones) if key[1])


def contact_match(one: SalesContact, other: SalesContact, shared: Iterable[Key]) -> Match[SalesContact] | None:
    """What two persons have in common, by the keys that they share and that are not common; None for nothing.

    Members of one household share an address, colleagues a number: with other names they are only possible.
    """
    found = dict.fromkeys(evidence for evidence, _ in shared)
    names = _names(one, other)
    together = names == "same" and not set(one.accounts).isdisjoint(other.accounts)
    if not found and not together:
        return None
    reasons: list[Reason] = []
    if "email" in found:
        reasons.append(Reason("email", "the same e-mail address", 40))
    if "phone" in found:
        reasons.append(Reason("phone", "the same telephone number", 30))
    if names in ("same", "agree"):
        weight, said = (50, "the same name") if names == "same" else (40, "names that agree")
        reasons.append(Reason("name", said, weight))
    if together:
        reasons.append(Reason("account", "at the same account", 15))
    if names == "other":
        reasons.append(Reason("other name", "under another name", -15))
    strong = ("email" in found and names in ("same", "agree")) or ("phone" in found and names == "same")
    return _made(other, reasons, same=strong)


def _names(one: SalesContact, other: SalesContact) -> str:
    """Whether two persons' names are the `same`, `agree` (an initial or a second name more), are `other` ones; or
    nothing, where not enough of them is known.
    """
    mine, theirs = (
        (person_key(each.given_name).split(), person_key(each.family_name).split()) for each in (one, other)
    )
    whole = [sorted(given + family) for given, family in (mine, theirs)]
    if whole[0] == whole[1] and len(whole[0]) > 1:
        return "same"
    if not (all(mine) and all(theirs)):
        return ""
    family = _begin_alike(mine[1], theirs[1], initials=False)
    return "agree" if family and _begin_alike(mine[0], theirs[0], initials=True) else "other"


def _begin_alike(mine: list[str], theirs: list[str], *, initials: bool) -> bool:
    """The words of the shorter one are the first ones of the longer one, or their initials."""
    return all(
        first == second or (initials and 1 in (len(first), len(second)) and first[0] == second[0])
        for first, second in zip(mine, theirs, strict=False)
    )


def similar_contacts(one: SalesContact, other: SalesContact, ratio: Ratio) -> Reason | None:
    """How similar two persons' names are. None below `ALIKE`."""
    names = [person_key(f"{each.given_name} {each.family_name}") for each in (one, other)]
    return _similar([(names[0], names[1])] if all(names) else [], [], ratio)
