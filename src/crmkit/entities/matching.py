"""The keys that records of one thing have in common, however it is written: names, domains, telephone and tax numbers.

A key is stored beside its field (`Matched`), so it depends on the text alone: no locale, no setting, no library that
may be there or not. An empty key says nothing, and nothing matches it. The key of a key is itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from crmkit.entities.legal_forms import ATTACHED, BEFORE, BEHIND, ENDINGS, PHRASES
from crmkit.entities.public_domains import is_public
from crmkit.entities.text import text_key

__all__ = [
    "KEYS",
    "LONGEST_KEY",
    "company_key",
    "domain_key",
    "email_domain_key",
    "email_key",
    "person_key",
    "phone_key",
    "tax_number_key",
]

LONGEST_KEY: Final = 240
"""How many characters a key has at most. A longer name is cut, between words where it has some; of anything else there
is no key.
"""

_LOOKED_AT: Final = 1_000
"""How many characters of a text are looked at: more than any field keeps, so that no text takes long."""

_LONGEST_HOST: Final = 254
"""How many characters the name of a host has at most (RFC 1035, 2.3.4), a dot behind it counted."""

_JOINING: Final = frozenset({"and", "e", "en", "et", "i", "och", "og", "und", "y"})
_PARTS: Final = 6
_LETTERS: Final = 3
"""How long the pieces of a legal form that is written apart are at most: S. de R.L. de C.V."""

_APART: Final = {0xF8: "o", 0x142: "l", 0x111: "d", 0xF0: "d", 0xE6: "ae", 0x153: "oe", 0x131: "i", 0xFE: "th"}
"""Letters that no accent is taken from, and what they are written as: o with stroke, l with stroke, …"""

_SILENT: Final = dict.fromkeys(map(ord, "'`\u00b4\u2019\u2018\u02bc\u00ad\u200b\u200c\u200d"))
"""Apostrophes, and what is not seen: soft hyphens, joiners and blanks without width."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_WORDS: Final = re.compile(r"[a-z0-9]+")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:/*(?=[^0-9]|$)", re.IGNORECASE)


def company_key(name: str) -> str:
    """A company's name without its legal form, accents, punctuation and joining words (and, und, y, &).

    `Bolt & Sons, S.L.`, `BOLT AND SONS SL` and `Bolt Sons` have one key. A legal form is dropped behind the name, a few
    before it too, but never the last word; so `Asa Depape` stays apart from `casa depapel`.
    """
    words = _settled(_words(_looked_at(name)))
    while len(key := " ".join(words)) > LONGEST_KEY:
        words = _settled(words[:-1]) if len(words) > 1 else [words[0][:LONGEST_KEY]]
    return key


def person_key(name: str) -> str:
    """A person's name without accents, punctuation and case; its words in their order."""
    return " ".join(_words(_looked_at(name)))[:LONGEST_KEY].rstrip()


def _looked_at(text: str) -> str:
    """As much of the text as is looked at. Raises TypeError on what is no text."""
    if not isinstance(text, str):
        raise TypeError(f"a key is made of text, not of {type(text).__name__}: give a str")
    return text.strip()[:_LOOKED_AT]


def _words(text: str) -> list[str]:
    plain = text.lower().replace("'", "").replace("`", "") if text.isascii() else _without_accents(text)
    found: list[str] = []
    for chunk in plain.split():
        if chunk.isalnum():
            found.append(chunk)
            continue
        parts = _WORDS.findall(chunk) if chunk.isascii() else _lettered(chunk)
        if len(parts) > 1 and all(len(part) == 1 for part in parts) and not ("&" in chunk or "+" in chunk):
            found.append("".join(parts))  # S.A., A/S, I.B.M.
        else:
            found += parts
    return found


def _without_accents(text: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).translate(_SILENT))
    folded = unicodedata.normalize("NFKD", bare.casefold()).translate(_APART)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", folded).translate(_SILENT))


def _lettered(chunk: str) -> list[str]:
    """The runs of letters, digits and the marks on them: vowels of many scripts are marks."""
    return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in chunk).split()


def _settled(words: list[str]) -> list[str]:
    """The words without legal forms and joining words, single letters in one; again until nothing changes."""
    while True:
        settled = _joined(_unjoined(_informal(words)))
        if settled == words:
            return words
        words = settled


def _informal(words: list[str]) -> list[str]:
    """Without one legal form at each end, as long as something remains."""
    if len(words) > 1 and (len(words[-1]) <= _LETTERS or words[-1] in BEHIND or words[-1] in ENDINGS):
        for count in range(min(_PARTS, len(words) - 1), 0, -1):
            if _is_form(words[-count:], BEHIND) or (count > 1 and "".join(words[-count:]) in PHRASES):
                words = words[:-count]
                break
    if len(words) > 1 and (len(words[0]) <= _LETTERS or words[0] in BEFORE):
        for count in range(min(_PARTS, len(words) - 1), 0, -1):
            if _is_form(words[:count], BEFORE):
                words = words[count:]
                break
    return words if not words or (words[0].isascii() and words[-1].isascii()) else _detached(words)


def _is_form(words: list[str], forms: frozenset[str]) -> bool:
    """Whether the words, or the short pieces of one, are a legal form."""
    return "".join(words) in forms and (len(words) == 1 or all(len(word) <= _LETTERS for word in words))


def _detached(words: list[str]) -> list[str]:
    for form in ATTACHED:
        first, last = words[0], words[-1]
        if first.startswith(form) and (first != form or len(words) > 1):
            return [word for word in (first.removeprefix(form), *words[1:]) if word]
        if last.endswith(form) and (last != form or len(words) > 1):
            return [word for word in (*words[:-1], last.removesuffix(form)) if word]
    return words


def _unjoined(words: list[str]) -> list[str]:
    """Without joining words between others; single letters beside a single letter are initials."""
    if len(words) < 3 or _JOINING.isdisjoint(words):
        return words
    kept = [words[0]]
    for place in range(1, len(words) - 1):
        word = words[place]
        beside = min(len(words[place - 1]), len(words[place + 1]))
        if word not in _JOINING or (len(word) == 1 and beside == 1):
            kept.append(word)
    return [*kept, words[-1]]


def _joined(words: list[str]) -> list[str]:
    """Single letters that follow each other as one word: I B M."""
    if not any(len(word) == 1 for word in words):
        return words
    found: list[str] = []
    single = False
    for word in words:
        if len(word) == 1 and single:
            found[-1] += word
        else:
            found.append(word)
        single = len(word) == 1
    return found


def domain_key(web: str) -> str:
    """The host of a web address, without scheme, user, `www.`, port and path, in its ASCII form (IDNA); empty for one
    at which anybody may have a page, or an address that is none.
    """
    web = _looked_at(web)
    scheme = _SCHEME.match(web)
    host = web[scheme.end() if scheme else 0 :].lstrip("/")
    host = re.split(r"[/\\?#\s]", host, maxsplit=1)[0].rpartition("@")[2]
    host = _ascii(host.partition(":")[0])
    while host.startswith("www."):
        host = host.removeprefix("www.")
    return host if len(host) <= LONGEST_KEY and _DOMAIN.fullmatch(host) and not is_public(host) else ""


def email_key(address: str) -> str:
    """An e-mail address in lower case, its domain in ASCII form."""
    name, _, domain = _looked_at(address).rpartition("@")
    domain = _ascii(domain)
    key = f"{text_key(name)}@{domain}"
    return key if name and _DOMAIN.fullmatch(domain) and len(key) <= LONGEST_KEY else ""


def email_domain_key(address: str) -> str:
    """The domain of a company's e-mail address; of one at a public provider, the whole address."""
    key = email_key(address)
    domain = key.rpartition("@")[2]
    return key if is_public(domain) else domain


def _ascii(host: str) -> str:
    """A host as it is asked for in the network; what is none is left to those who look at its form."""
    if len(host) > _LONGEST_HOST:
        return ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return host.lower().rstrip(".")


def phone_key(number: str) -> str:
    """A telephone number in E.164 (`+34911234567`) where it begins with + or 00; else its digits as they stand.

    Which country a national number is of, its text does not say; it matches numbers written nationally. Extensions and
    a trunk zero in brackets are left out. Empty below 6 and above 15 digits.
    """
    said = unicodedata.normalize("NFKC", _looked_at(number)).strip().removeprefix("tel:").lstrip(" (")
    digits, started = "", False
    for character in said.replace("(0)", "") if said.startswith(("+", "00")) else said:
        digit = unicodedata.digit(character, None)
        if digit is not None:
            digits += str(digit)
            started = True
        elif started and (character.isalpha() or character in ";,#"):
            break
    international = said.startswith("+") or digits.startswith("00")
    if international:
        digits = digits.lstrip("0")
    return ("+" if international else "") + digits if 6 <= len(digits) <= 15 else ""


def tax_number_key(number: str) -> str:
    """A tax number's letters and digits, in upper case; empty where no digit but zero is among them, or all are alike:
    no tax number is like that (`n/a`, `000`).
    """
    number = _looked_at(number)
    plain = number.upper()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", number).upper())
    key = "".join(filter(str.isalnum, plain))
    telling = len(key) > 1 and any(character.isdigit() and character != "0" for character in key)
    return key if telling and len(set(key)) > 1 and len(key) <= LONGEST_KEY else ""


KEYS: Final[Mapping[str, Callable[[str], str]]] = {
    "company name": company_key,
    "e-mail address": email_key,
    "e-mail domain": email_domain_key,
    "phone": phone_key,
    "tax number": tax_number_key,
    "web domain": domain_key,
}
"""The kinds of key that a field may be `Matched` by."""
