"""What a rule on saving is."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from crmkit.entities import Record
from crmkit.errors import Finding
from crmkit.repositories.known import Known

__all__ = ["Rule"]


@attrs.frozen
class Rule:
    """A rule on saving and deleting records of `kind` (or of its subclasses).

    `complete(before, after, known)` returns the record with what follows from the rest filled in; it runs on
    creating (`before` is None) and on updating. `check(before, after, known)` returns what speaks against the
    change, all of it; it runs on deleting too (`after` is None). Both are functions of values: what they
    need beside the record they ask of `known`, and they change nothing.
    """

    kind: type[Record]
    check: Callable[[Any, Any, Known], Iterable[Finding]] | None = None
    complete: Callable[[Any, Any, Known], Any] | None = None
