"""Everything crmkit raises: one root, and what to do about each.

    CrmkitError
    ├── Invalid             a value breaks its field's rules; carries every fault
    ├── NotFound            no such record
    │   ├── Merged          it became part of another record, which is named
    │   └── NoRow           an answer by rows has no row of that key; a KeyError too
    ├── Ambiguous           several records are meant as well; carries them
    ├── Duplicate           a value that must be unique is taken
    ├── Conflict            the record has changed since it was read
    │   └── StalePlan       what a plan was made on has changed
    ├── AlreadyConverted    the prospect is a customer by now; names it
    ├── Refused             a rule says no; carries every finding
    │   └── Vetoed          a handler of the host says no
    ├── AccessDenied        the user's licence does not cover crmkit
    ├── AddressBookClosed   the other side of a contact exchange is not open
    ├── UnknownFormat       a file is not what it was taken for
    ├── MissingExtra        an optional dependency is not installed; names the extra
    └── StoreError          the storage engine, in crmkit's words
        ├── UnknownStore    no store answers to this URL
        ├── SchemaTooNew    the database was made by a newer crmkit
        ├── SchemaTooOld    the database was made by an older crmkit
        ├── OutcomeUnknown  the connection was lost in the middle of a commit
        └── Busy            another writer held the store for too long
            └── Disconnected    the connection was lost, nothing was committed

Each has typed fields; the message is made from them and says what to do.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.printing import printable

__all__ = [
    "AccessDenied",
    "AddressBookClosed",
    "AlreadyConverted",
    "Ambiguous",
    "Busy",
    "Conflict",
    "CrmkitError",
    "Disconnected",
    "Duplicate",
    "Fault",
    "Finding",
    "Invalid",
    "Merged",
    "MissingExtra",
    "NoRow",
    "NotFound",
    "OutcomeUnknown",
    "Refused",
    "SchemaTooNew",
    "SchemaTooOld",
    "StalePlan",
    "StoreError",
    "UnknownFormat",
    "UnknownStore",
    "Vetoed",
]


@attrs.frozen
class Fault:
    """One thing that is wrong with one field of one record."""

    field: str
    message: str = attrs.field(converter=printable)

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


@attrs.frozen
class Finding:
    """One reason for which a rule refuses, as a value: what, about which record, in which field."""

    code: str
    message: str = attrs.field(converter=printable)
    field: str = ""
    record: UUID | None = None

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


def _shown(given: object) -> str:
    """What was given for an id, which may be anything: in one line of at most 80 characters, all of which print."""
    text = str(given)
    text = text[:79] + "…" if len(text) > 80 else text
    return text if text.isprintable() else ascii(text)


class CrmkitError(Exception):
    """The root of all that crmkit raises."""


_PLURAL: Final = frozenset(
    (
        "the figures",
        "the ids",
        "the rates",
        "the store's settings",
        "vCards",
    )
)
"""What an `Invalid` may be about that is several."""


class Invalid(CrmkitError):
    """A record or an argument has bad values; `faults` lists every one with its field."""

    def __init__(self, subject: str, faults: Iterable[Fault]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        super().__init__(subject, self.faults)

    def __str__(self) -> str:
        listed = "; ".join(map(str, self.faults))
        return f"{self.subject} {'are' if self.subject in _PLURAL else 'is'} not valid: {listed}"


class NotFound(CrmkitError):
    """There is no record of that kind with that id, in this tenant."""

    def __init__(self, kind: str, id: UUID | str, hint: str = "") -> None:
        self.kind = kind
        self.id = id
        self.hint = hint
        super().__init__(kind, id, hint)

    def __str__(self) -> str:
        return f"no {self.kind} {_shown(self.id)}" + (f": {self.hint}" if self.hint else "")


class Merged(NotFound):
    """The record was merged into another; `survivor` is the id to use from now on."""

    def __init__(self, kind: str, id: UUID, survivor: UUID) -> None:
        self.survivor = survivor
        super().__init__(kind, id, f"it was merged into {survivor}; use that id")
        self.args = (kind, id, survivor)


class NoRow(NotFound, KeyError):
    """A roll-up, a waterfall or another answer by rows has no row of that key."""


class Ambiguous(CrmkitError):
    """Several records are the same as the one asked about, so none is taken; `candidates` are the matches, best
    first.
    """

    def __init__(self, subject: str, candidates: Iterable[Any]) -> None:
        self.subject = subject
        self.candidates = tuple(candidates)
        super().__init__(subject, self.candidates)

    def __str__(self) -> str:
        listed = "; ".join(map(str, self.candidates))
        return f"{self.subject} is the same as {len(self.candidates)} records: {listed}. Choose one, or merge them"


class Duplicate(CrmkitError):
    """A value that must be unique is held by another record already."""

    def __init__(self, kind: str, field: str, value: object = None) -> None:
        self.kind = kind
        self.field = field
        self.value = value
        super().__init__(kind, field, value)

    def __str__(self) -> str:
        shown = "" if self.value is None else f" {self.value!r}"
        if self.field == "id":
            shown = f" {self.value}"
            then = "leave it out for a new one: a record keeps its id for life, and when it is deleted"
        elif self.field == "number":
            then = "choose another, or none for the next free one: a record keeps its number for life"
        else:
            then = "choose another or change the record that has it"
        return f"{self.kind}: {self.field}{shown} is taken already; {then}"


class Conflict(CrmkitError):
    """A record was changed by someone else since it was read: read it again, then decide."""

    def __init__(self, kind: str, id: UUID, expected: int, found: int | None) -> None:
        self.kind = kind
        self.id = id
        self.expected = expected
        self.found = found
        super().__init__(kind, id, expected, found)

    def __str__(self) -> str:
        now = "it is gone" if self.found is None else f"it is at version {self.found}"
        return f"{self.kind} {self.id} was read at version {self.expected}, but {now}: read it again, then decide"


class StalePlan(Conflict):
    """What the plan was made on has changed; `differences` says what. Plan again."""

    def __init__(self, kind: str, id: UUID, expected: int, found: int | None, differences: Iterable[str] = ()) -> None:
        self.differences = tuple(map(printable, differences))
        super().__init__(kind, id, expected, found)
        self.args = (kind, id, expected, found, self.differences)

    def __str__(self) -> str:
        what = "; ".join(self.differences) or f"the {self.kind} has changed"
        return f"the plan for {self.kind} {self.id} has gone stale: {what}. Plan again"


class AlreadyConverted(CrmkitError):
    """The prospect has become a customer already; nothing is done twice.

    `receipt` is the id of the conversion that made it one, by the user `by`, where there is one. `prospect_id` is the
    customer's own id, or that of a prospect that has become part of a customer.
    """

    def __init__(
        self, id: UUID, number: str, by: str = "", receipt: UUID | None = None, prospect: UUID | None = None
    ) -> None:
        self.customer_id = id
        self.customer_number = number
        self.by = by
        self.receipt = receipt
        self.prospect_id = prospect or id
        super().__init__(id, number, by, receipt, prospect)

    def __str__(self) -> str:
        by = f", converted by {self.by}" if self.by else ""
        became = "is" if self.prospect_id == self.customer_id else "is part of"
        return f"prospect {self.prospect_id} {became} customer {self.customer_number} already{by}; use customers.get"


class Refused(CrmkitError):
    """A rule of the domain says no; `findings` holds every reason."""

    def __init__(self, action: str, findings: Iterable[Finding]) -> None:
        self.action = action
        self.findings = tuple(findings)
        super().__init__(action, self.findings)

    def __str__(self) -> str:
        listed = "; ".join(map(str, self.findings))
        return f"{self.action} is refused: {listed}"


class Vetoed(Refused):
    """A *before* handler of the host refused the change; nothing was saved. Handlers raise it."""

    def __init__(self, reason: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__("the change", tuple(findings) or (Finding("vetoed", reason),))
        self.reason = reason
        self.args = (reason, self.findings)


class AccessDenied(CrmkitError):
    """The user may not use crmkit: a licence module is missing."""

    def __init__(self, user: str, module: str) -> None:
        self.user = user
        self.module = module
        super().__init__(user, module)

    def __str__(self) -> str:
        return f"user {self.user!r} needs the licence module {self.module!r}; nothing was read or changed"


class AddressBookClosed(CrmkitError):
    """The address book must be open to import from it or export to it; nothing was written."""

    def __str__(self) -> str:
        return "the address book is closed: open it, then try again; nothing was read or written"


class UnknownFormat(CrmkitError):
    """A file is not of the format it was taken for; nothing was read from it."""


class MissingExtra(CrmkitError, ImportError):
    """An optional dependency is not installed; the message names the extra to install."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(package, extra)

    def __str__(self) -> str:
        return f"this needs {self.package}: pip install 'crmkit[{self.extra}]'"


class StoreError(CrmkitError):
    """The storage engine failed, or refused what crmkit asked; the engine's own error is the cause."""


class UnknownStore(StoreError):
    """No store answers to this URL."""


class SchemaTooNew(StoreError):
    """The database has a schema of a newer crmkit; upgrade crmkit, nothing was touched."""


class SchemaTooOld(StoreError):
    """The database was made by an older crmkit: upgrade it first."""


class Busy(StoreError):
    """Another unit of work held the store for longer than the timeout; try again."""


class Disconnected(Busy):
    """The connection to the database was lost before anything was committed; try again."""


class OutcomeUnknown(StoreError):
    """The connection was lost while a unit was being committed: it may have been saved. Look before trying again."""
