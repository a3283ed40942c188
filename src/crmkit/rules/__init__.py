"""The rules on saving and deleting, as functions of values; a plugin's are handed in beside them."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from crmkit.entities import Record
from crmkit.errors import Finding, Invalid
from crmkit.repositories.known import Known
from crmkit.rules import belonging, forecasts, interactions, offers, opportunities, receipts
from crmkit.rules.filling import filled, fixed_faults
from crmkit.rules.moves import MOVES, move_findings
from crmkit.rules.rule import Rule

__all__ = ["MOVES", "RULES", "Rule", "Rulebook"]

R = TypeVar("R", bound=Record)

RULES: tuple[Rule, ...] = (
    *belonging.RULES,
    *opportunities.RULES,
    *interactions.RULES,
    *offers.RULES,
    *forecasts.RULES,
    *receipts.RULES,
)
"""crmkit's own rules on single records."""


class Rulebook:
    """All rules of an application, sorted by what they are about."""

    def __init__(self, rules: Iterable[Rule] = RULES) -> None:
        self._rules = tuple(rules)
        self._by_kind: dict[type[Record], tuple[Rule, ...]] = {}

    def about(self, kind: type[Record]) -> Sequence[Rule]:
        """The rules on records of that kind."""
        found = self._by_kind.get(kind)
        if found is None:
            found = self._by_kind[kind] = tuple(rule for rule in self._rules if issubclass(kind, rule.kind))
        return found

    def settle(self, before: Record | None, after: R, known: Known, id: UUID | None = None) -> tuple[R, list[Finding]]:
        """The record as it is to be saved, with an id that it is given, and all that speaks against saving it.

        Raises Invalid where codes are no codes, or a fixed field would be changed.
        """
        settled, faults = filled(before, after, known, id)
        if before is not None:
            faults += fixed_faults(before, after)
        if faults:
            raise Invalid(after.spec.name, faults)
        rules = self.about(type(after))
        for rule in rules:
            if rule.complete is not None:
                settled = rule.complete(before, settled, known)
        found = list(move_findings(before, settled, known))
        found += _checked(rules, before, settled, known)
        return settled, found

    def deleting(self, record: Record, known: Known) -> list[Finding]:
        """What speaks against deleting the record, references apart."""
        return _checked(self.about(type(record)), record, None, known)


def _checked(rules: Sequence[Rule], before: Any, after: Any, known: Known) -> list[Finding]:
    return [finding for rule in rules if rule.check is not None for finding in rule.check(before, after, known)]
