"""The neutral facts that an annotation may carry: what a field means to a store, a sheet, a form, a reader.

`Annotated[str, MaxLen(120), Searchable()]` says all that tables, codecs, JSON, workbooks and the
reference pages need; none of them is named here.
"""

from typing import Literal

import attrs

__all__ = [
    "About",
    "AtLeast",
    "AtMost",
    "CodeOf",
    "FilledOnSave",
    "Fixed",
    "Kept",
    "Label",
    "Matched",
    "MaxLen",
    "Numbered",
    "OneOf",
    "Parts",
    "References",
    "Scale",
    "Searchable",
    "StoredAs",
    "Unique",
]


@attrs.frozen
class MaxLen:
    """The text has at most so many code points."""

    length: int


@attrs.frozen
class AtLeast:
    """The number, amount or percentage is not below this."""

    least: int


@attrs.frozen
class AtMost:
    """The number, amount or percentage is not above this."""

    most: int


@attrs.frozen
class Scale:
    """The decimal has at most so many digits after the point; it is stored as that whole number."""

    digits: int


@attrs.frozen
class OneOf:
    """The text is one of a fixed list (a user's own lists are code tables, `CodeOf`)."""

    values: tuple[str, ...]


@attrs.frozen
class Kept:
    """Running text: blanks at its ends are kept (names and codes are trimmed)."""


@attrs.frozen
class References:
    """The id of a record in one of these tables; `kind` narrows it to what the record must be now.

    Several tables: the id is of a record in any of them, and where it lives is looked up, never stored.
    The table `*` stands for every one.
    """

    tables: tuple[str, ...]
    kind: str = ""

    def __init__(self, *tables: str, kind: str = "") -> None:
        self.__attrs_init__(tables, kind)  # type: ignore[attr-defined]


@attrs.frozen
class CodeOf:
    """The permanent code of a value in that code table."""

    table: str


@attrs.frozen
class Unique:
    """No two records of the tenant have the same value here (texts: the same key)."""


@attrs.frozen
class Searchable:
    """Found and ordered by its normalised key, stored beside it; of a value, by the keys of these parts."""

    parts: tuple[str, ...] = ()

    def __init__(self, *parts: str) -> None:
        self.__attrs_init__(parts)  # type: ignore[attr-defined]


@attrs.frozen
class Matched:
    """Records of one thing are told by a key of this field: `by` names which (`crmkit.entities.matching.KEYS`). It is
    stored beside the field and found by `Matches`; fields with keys of one kind may be held against each other.
    """

    by: str


@attrs.frozen
class Numbered:
    """Left empty, it is the next free number on save: prefix and digits, counted within `scope` where given.

    Numbers are fixed afterwards and unique by their key.
    """

    prefix: str
    width: int = 6
    scope: str = ""


@attrs.frozen
class FilledOnSave:
    """Required, and while it is left empty its default is taken on save: a code table's default value, the
    instant or the day of the save, the application's currency. Without a default the save is refused.
    """


@attrs.frozen
class Fixed:
    """Given once: it cannot be changed after the first save."""


@attrs.frozen
class StoredAs:
    """The permanent stored name, where it differs from the attribute's."""

    name: str


@attrs.frozen
class Label:
    """What people read above the field, in Spanish and, where the attribute's name will not do, in English."""

    es: str
    en: str = ""


@attrs.frozen
class Parts:
    """A tuple of parts that are records of their own, read and saved with their owner.

    `of` is the part's class, `owner` its field that holds the owner's id. With `value` the tuple
    shows that field of each part instead of the part (the ids of a cross-reference, say).
    """

    of: type
    owner: str
    value: str = ""


@attrs.frozen
class About:
    """What is said once of a whole entity.

    `table` is its permanent stored name and `plural` the name of its repository. `kind` is set where
    several entities share one table and identity. `belongs_to` names the field that holds its
    owner's id: it is deleted with its owner. `unique` and `index` list the fields that are unique, or
    searched, together; `marks` those that are filled in few records, which are found by them; `counted` those that
    roll-ups read, so that they need not read the records. `shown_by` names the field that stands for the record in a
    list of choices. `internal` entities keep crmkit's own books and are no part of the domain's chart.
    """

    table: str
    plural: str
    es: str
    en: str = ""
    kind: str = ""
    belongs_to: str = ""
    unique: tuple[tuple[str, ...], ...] = ()
    index: tuple[tuple[str, ...], ...] = ()
    marks: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    family: Literal["record", "code", "part", "internal"] = "record"
    shown_by: str = ""
