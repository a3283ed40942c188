"""Merging as a service: plan, apply, undo, one pair or many."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from crmkit.app.asking import busy_if_stale, plan_asked, progress_asked, rows_asked
from crmkit.app.merging import (
    Asked,
    asked_in,
    merge_of,
    merge_plan_of,
    merged,
    merged_at_once,
    record_or_none,
    unmerged,
    whole_absorbed_of,
    willing_merge,
)
from crmkit.app.scope import Scope, repeated
from crmkit.conversion.merge_plans import MergePlan, named
from crmkit.conversion.merge_reports import BulkMerge, MergeRow
from crmkit.entities import Merge, Record
from crmkit.errors import CrmkitError, Refused, StoreError

__all__ = ["MergingService"]


class MergingService:
    """Makes one record of two that are the same company or person: `plan` says what would happen, `apply` does it
    once, `undo` takes it back.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __repr__(self) -> str:
        return "<merging of prospects, customers and sales contacts: plan, apply, merge, merge_many, absorbed_of, undo>"

    def plan(
        self,
        absorbed: "UUID | Record",
        into: "UUID | Record",
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
        asked = asked_in(rule, fields, values, more)
        with self._scope.reading() as work:
            return merge_plan_of(work, absorbed, into, asked)

    @repeated
    def apply(self, plan: MergePlan, *, replan: bool = False) -> Merge:
        """Do what the plan says, once, whoever else tries; returns the receipt.

        Raises Merged naming the survivor, where the record was merged already; Refused where the plan has refusals;
        StalePlan where either record has changed since, unless `replan` asks for planning it anew then; Invalid on
        what is no plan.
        """
        plan_asked(plan, MergePlan, "the merge", "merge(absorbed, into=…)")
        with self._scope.writing() as work:

            def apply() -> Merge:
                return merged(work, willing_merge(plan), replan=replan)

            return busy_if_stale(apply) if replan else apply()

    @repeated
    def merge(
        self,
        absorbed: "UUID | Record",
        into: "UUID | Record",
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Merge:
        """Plan and apply in one unit of work. Raises as both do, but no StalePlan: that another was faster is met as a
        busy store is.
        """
        asked = asked_in(rule, fields, values, more)
        with self._scope.writing() as work:
            return merged_at_once(work, merge_plan_of(work, absorbed, into, asked))

    def merge_many(
        self,
        pairs: "Iterable[tuple[UUID | Record, UUID | Record]] | Mapping[UUID, UUID]",
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        progress: Callable[[MergeRow], object] | None = None,
    ) -> BulkMerge:
        """Merge any number of pairs, each `(absorbed, survivor)`, also as a mapping, in their order; each stands or
        falls by itself, and the report says how, a row each. What is no pair is refused in its row.

        Nothing follows from a pair for another one but that what was absorbed is gone: unrelated pairs stay pairs.
        On a `Crm` each pair is a unit of work. `progress` is called with what came of each. Raises StoreError, and
        Invalid on what cannot be asked for, before anything is written.
        """
        subject = "merging many"
        asked, told = asked_in(rule, fields), progress_asked(progress, subject)
        rows: list[MergeRow] = []
        given = rows_asked(subject, "pairs", pairs, "pairs of ids, what is absorbed and its survivor")
        for number, pair in enumerate(given, 1):
            rows.append(self._row(number, pair, asked))
            if told is not None:
                told(rows[-1])
        return BulkMerge(tuple(rows))

    def _row(self, row: int, pair: Any, asked: Asked) -> MergeRow:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            said = "a row is a pair of ids, what is absorbed and its survivor"
            return MergeRow(row=row, absorbed=pair, survivor=None, reasons=(said,))
        receipt: Merge | None = None
        reasons: Iterable[object] = ()
        try:
            plan, receipt = self._scope.repeating(partial(self._merged, pair, asked))
            there: Iterable[Record | None] = (plan.absorbed, plan.survivor)
        except StoreError:
            raise
        except CrmkitError as refused:
            reasons = refused.findings if isinstance(refused, Refused) else (refused,)
            there = self._there(pair)
        absorbed, survivor = map(named, there)
        return MergeRow(
            row=row,
            absorbed=pair[0],
            survivor=pair[1],
            absorbed_named=absorbed,
            survivor_named=survivor,
            receipt=receipt,
            reasons=tuple(map(str, reasons)),
        )

    def _merged(self, pair: Any, asked: Asked) -> tuple[MergePlan, Merge]:
        with self._scope.writing() as work:
            plan = merge_plan_of(work, pair[0], pair[1], asked)
            return plan, merged_at_once(work, plan)

    def _there(self, pair: Iterable[Any]) -> list[Record | None]:
        with self._scope.reading() as work:
            return [record_or_none(work, id) for id in pair]

    def absorbed_of(self, receipt: "UUID | Merge") -> Record:
        """The absorbed record as it last was, before that merge, with the parts that it had. Raises NotFound."""
        with self._scope.reading() as work:
            return whole_absorbed_of(work, merge_of(work, receipt))

    @repeated
    def undo(self, receipt: "UUID | Merge") -> Record:
        """Let the absorbed record stand by itself again, with what it brought, and return it.

        What was edited since is kept, what was added since stays with the survivor. Raises NotFound, and Refused
        naming everything in the way, also when it was undone already; then nothing is changed.
        """
        with self._scope.writing() as work:
            return unmerged(work, receipt)
