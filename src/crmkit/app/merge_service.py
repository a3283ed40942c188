"""Merging as a service: plan, apply, undo, one pair or many."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from crmkit.app.merging import Asked, absorbed_of, merge_of, merge_plan_of, merged, unmerged, willing_merge
from crmkit.app.scope import Scope, repeated
from crmkit.conversion.merge_plans import MergePlan
from crmkit.conversion.merge_reports import BulkMerge, MergeRow
from crmkit.entities import Merge, Record
from crmkit.errors import CrmkitError, Fault, Invalid, Refused, StoreError

__all__ = ["MergingService"]


class MergingService:
    """Makes one record of two that are the same company or person: `plan` says what would happen, `apply` does it
    once, `undo` takes it back.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def plan(
        self,
        absorbed: UUID,
        into: UUID,
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> MergePlan:
        """What merging `absorbed` into another prospect, customer or sales contact would do; nothing is written.

        `values` (or further keywords) set fields of the survivor. Where both records say something else in a field,
        its rule in `fields` decides, or else `rule`: "fill" (the survivor's, unless it is empty), "keep" (the
        survivor's), "take" (the absorbed one's), "join" (both), "ask" (refused until it is said). Raises
        NotFound and Merged; everything else that speaks against it is in the plan.
        """
        asked = Asked(given={**(values or {}), **more}, rule=rule, rules=dict(fields or {}))
        with self._scope.reading() as work:
            return merge_plan_of(work, absorbed, into, asked)

    @repeated
    def apply(self, plan: MergePlan, *, replan: bool = False) -> Merge:
        """Do what the plan says, once, whoever else tries; returns the receipt.

        Raises Merged naming the survivor, where the record was merged already; Refused where the plan has refusals;
        StalePlan where either record has changed since, unless `replan` asks for planning it anew then.
        """
        with self._scope.writing() as work:
            return merged(work, willing_merge(plan), replan=replan)

    @repeated
    def merge(
        self,
        absorbed: UUID,
        into: UUID,
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Merge:
        """Plan and apply in one unit of work. Raises as both do."""
        asked = Asked(given={**(values or {}), **more}, rule=rule, rules=dict(fields or {}))
        with self._scope.writing() as work:
            return merged(work, willing_merge(merge_plan_of(work, absorbed, into, asked)), replan=False)

    def merge_many(
        self,
        pairs: Iterable[tuple[UUID, UUID]],
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        progress: Callable[[MergeRow], object] | None = None,
    ) -> BulkMerge:
        """Merge any number of pairs, each `(absorbed, survivor)`, in their order; each stands or falls by itself, and
        the report says how, a row each.

        Nothing follows from a pair for another one but that what was absorbed is gone: unrelated pairs stay pairs.
        On a `Crm` each pair is a unit of work. `progress` is called with what came of each. Raises StoreError, and
        Invalid on what is no pair.
        """
        asked = Asked(given={}, rule=rule, rules=dict(fields or {}))
        rows: list[MergeRow] = []
        for number, (absorbed, survivor) in enumerate(_pairs(pairs), 1):
            rows.append(self._scope.repeating(partial(self._row, number, absorbed, survivor, asked)))
            if progress is not None:
                progress(rows[-1])
        return BulkMerge(rows)

    def _row(self, row: int, absorbed: Any, survivor: Any, asked: Asked) -> MergeRow:
        try:
            with self._scope.writing() as work:
                receipt = merged(work, willing_merge(merge_plan_of(work, absorbed, survivor, asked)), replan=False)
        except StoreError:
            raise
        except CrmkitError as refused:
            said = refused.findings if isinstance(refused, Refused) else (refused,)
            return MergeRow(row=row, absorbed=absorbed, survivor=survivor, reasons=tuple(map(str, said)))
        return MergeRow(row=row, absorbed=absorbed, survivor=survivor, receipt=receipt)

    def absorbed_of(self, receipt: UUID) -> Record:
        """The absorbed record as it last was, before that merge; without its parts. Raises NotFound."""
        with self._scope.reading() as work:
            return absorbed_of(work, merge_of(work, receipt))

    @repeated
    def undo(self, receipt: UUID) -> Record:
        """Let the absorbed record stand by itself again, with what it brought, and return it.

        What was edited since is kept, what was added since stays with the survivor. Raises NotFound, and Refused
        naming everything in the way, also when it was undone already; then nothing is changed.
        """
        with self._scope.writing() as work:
            return unmerged(work, receipt)


def _pairs(pairs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for number, pair in enumerate(pairs, 1):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise Invalid(
                "the merges", [Fault("pairs", f"row {number} is no pair of what is absorbed and its survivor")]
            )
        yield pair[0], pair[1]
