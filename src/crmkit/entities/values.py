"""Small values that records hold: a postal address, a telephone number, an e-mail address."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from crmkit.entities.frozen import FrozenMap
from crmkit.entities.text import digits_key, kept_text, text_key, trimmed_text

__all__ = ["Address", "Email", "Phone", "as_email", "as_phone"]

_LONGEST: Final = 254


def _trimmed(value: str) -> str:
    return trimmed_text(value)


def _kept(value: str) -> str:
    return kept_text(value).strip("\r\n")


@attrs.frozen
class Address:
    """A postal address. Any part may be empty; `street` may have several lines. `country` is as the sender
    writes it (a name or an ISO 3166 code); `purpose` says what it is for: work, home, billing …
    """

    street: str = attrs.field(default="", converter=_kept)
    city: str = attrs.field(default="", converter=_trimmed, kw_only=True)
    region: str = attrs.field(default="", converter=_trimmed, kw_only=True)
    postal_code: str = attrs.field(default="", converter=_trimmed, kw_only=True)
    country: str = attrs.field(default="", converter=_trimmed, kw_only=True)
    purpose: str = attrs.field(default="", converter=_trimmed, kw_only=True)

    def __str__(self) -> str:
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return ", ".join(part for part in (*self.street.splitlines(), town, self.region, self.country) if part)

    def __bool__(self) -> bool:
        return any((self.street, self.city, self.region, self.postal_code, self.country))


@attrs.frozen
class Phone:
    """A telephone number, kept as it was written; `purpose` says which one it is: work, mobile, fax …

    Numbers are found by `key`: their digits, with the leading plus where they have one.
    """

    number: str = attrs.field(converter=_trimmed)
    purpose: str = attrs.field(default="", converter=_trimmed)

    def __attrs_post_init__(self) -> None:
        if not self.number:
            raise ValueError("a telephone number must not be empty")
        if len(self.number) > _LONGEST:
            raise ValueError(f"a telephone number has at most {_LONGEST} characters")

    @property
    def key(self) -> str:
        """What numbers are compared by."""
        return digits_key(self.number) or text_key(self.number)

    def __str__(self) -> str:
        return self.number


@attrs.frozen
class Email:
    """An e-mail address, kept as it was written; `purpose` says which one it is: work, home …

    Addresses are found by `key`: without regard to case.
    """

    address: str = attrs.field(converter=_trimmed)
    purpose: str = attrs.field(default="", converter=_trimmed)

    def __attrs_post_init__(self) -> None:
        name, at, domain = self.address.rpartition("@")
        if not (name and at and domain) or any(character.isspace() for character in self.address):
            raise ValueError(f"{self.address!r} is no e-mail address, such as ana@example.com")
        if len(self.address) > _LONGEST:
            raise ValueError(f"an e-mail address has at most {_LONGEST} characters")

    @property
    def key(self) -> str:
        """What addresses are compared by."""
        return text_key(self.address)

    @property
    def domain(self) -> str:
        """What stands behind the at sign, in lower case."""
        return text_key(self.address.rpartition("@")[2])

    def __str__(self) -> str:
        return self.address


def as_phone(value: Phone | str | None) -> Phone | None:
    """What a telephone field accepts; an empty text is none. Raises ValueError."""
    return (Phone(value) if value.strip() else None) if isinstance(value, str) else value


def as_email(value: Email | str | None) -> Email | None:
    """What an e-mail field accepts; an empty text is none. Raises ValueError."""
    return (Email(value) if value.strip() else None) if isinstance(value, str) else value


def as_decimal(value: Decimal | int | str) -> Decimal:
    """What a decimal field accepts. Raises ValueError."""
    return Decimal(value)


def as_decimal_or_none(value: Decimal | int | str | None) -> Decimal | None:
    """What a decimal field that may be empty accepts. Raises ValueError."""
    return None if value is None else Decimal(value)


def as_map(value: Mapping[str, Any]) -> FrozenMap[Any]:
    """What a field of plain data accepts."""
    return FrozenMap(value)


def as_phones(values: Iterable[Phone | str]) -> tuple[Phone, ...]:
    """What a field of several telephone numbers accepts. Raises ValueError."""
    return tuple(phone for phone in map(as_phone, values) if phone is not None)


def as_emails(values: Iterable[Email | str]) -> tuple[Email, ...]:
    """What a field of several e-mail addresses accepts. Raises ValueError."""
    return tuple(email for email in map(as_email, values) if email is not None)
