"""Conversion as a service: plan, apply, undo, one or many (R1)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from crmkit.app.asking import (
    batch_asked,
    busy_if_stale,
    key_asked,
    names_asked,
    plan_asked,
    progress_asked,
    rows_asked,
    values_alone_asked,
)
from crmkit.app.bulk import Wanted, batches, convert_batch
from crmkit.app.converting import once, opening_of, willing
from crmkit.app.into import asked_of, converted_by, planned
from crmkit.app.repository import as_id
from crmkit.app.scope import Scope, repeated
from crmkit.app.taking_apart import prospect_of, taken_apart
from crmkit.app.tombstones import gone
from crmkit.conversion.bulk import BulkConversion, BulkRow
from crmkit.conversion.plans import ConversionPlan
from crmkit.conversion.prospects import carried_queries, request_of
from crmkit.entities import Account, Conversion, Customer, Lead, Opportunity, Prospect, SalesContact
from crmkit.entities.collecting import without_collecting
from crmkit.queries import Field, Grouping

__all__ = ["ConversionService"]

_ONE_AT_A_TIME: Final = ("opportunity", "projected_close", "into", "rule", "fields", "merge_contacts", "key")
"""What `convert` understands besides values."""


class ConversionService:
    """Makes customers of prospects: `plan` says what would happen, `apply` does it once, `undo` takes it back."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __repr__(self) -> str:
        return "<conversion of prospects: plan, apply, convert, convert_many, carried, prospect_of, undo>"

    def plan(
        self,
        prospect: "UUID | Prospect",
        values: Mapping[str, Any] | None = None,
        *,
        opportunity: "UUID | Lead | Opportunity | None" = None,
        projected_close: date | None = None,
        into: "UUID | Customer | str | None" = None,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        merge_contacts: "Iterable[tuple[UUID | SalesContact, UUID | SalesContact]] | str" = (),
        **more: Any,
    ) -> ConversionPlan:
        """What converting the prospect would do; nothing is written.

        `values` (or further keywords) set fields of the customer, its number among them. `opportunity` also opens
        one: from a lead of the prospect, or the new one given, to close on `projected_close`, or else as the policy
        says. Wherever an id is asked for, the saved record does as well.

        `into` is the id of a customer that the prospect is to become part of, or "match": the one that is surely the
        same company; where there is none, or are several, the plan refuses and names them. Where both say something
        else in a field, its rule in `fields` decides, or else `rule`, as in a merge: "fill", "keep", "take", "join",
        "ask".
        `merge_contacts` are pairs of sales contacts, absorbed and survivor, that are one person; "same" takes those
        that are sure to be. The plan offers all that may be.

        Raises NotFound and AlreadyConverted, and Invalid on rules or contacts without `into`; everything else that
        speaks against it is in the plan.
        """
        given = names_asked("the conversion", "values", values, more)
        opening, asked = opening_of(opportunity, projected_close), asked_of(into, rule, fields, merge_contacts)
        with self._scope.looking() if asked is None else self._scope.reading() as work:
            return planned(work, prospect, given, opening, asked)

    @repeated
    def apply(self, plan: ConversionPlan, *, replan: bool = False, key: str = "") -> Conversion:
        """Do what the plan says, once, whoever else tries; returns the receipt.

        Under a `key` of the caller's, asking again for the same gives the same receipt, also after the answer was
        lost on its way. Raises AlreadyConverted naming the customer and who converted it; Refused where the plan
        has refusals, or the key was used for another request; StalePlan where what it was planned on has changed,
        unless `replan` asks for planning it anew then; Invalid on what is no plan.
        """
        plan_asked(plan, ConversionPlan, "the conversion", "convert(id)")
        key_asked(key)
        with self._scope.writing() as work:
            alone = self._scope.alone

            def convert() -> Conversion:
                return converted_by(work, willing(plan), replan=replan, key=key, last=alone)

            def apply() -> Conversion:
                return once(work, key, plan.request, convert)

            return busy_if_stale(apply) if replan else apply()

    @repeated
    def convert(
        self,
        prospect: "UUID | Prospect",
        values: Mapping[str, Any] | None = None,
        *,
        opportunity: "UUID | Lead | Opportunity | None" = None,
        projected_close: date | None = None,
        into: "UUID | Customer | str | None" = None,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        merge_contacts: "Iterable[tuple[UUID | SalesContact, UUID | SalesContact]] | str" = (),
        key: str = "",
        **more: Any,
    ) -> Conversion:
        """Plan and apply in one unit of work, under a `key` if one is given. Raises as both do, but no StalePlan: that
        another was faster is met as a busy store is.
        """
        given = names_asked("the conversion", "values", values, more)
        key_asked(key)
        opening, asked = opening_of(opportunity, projected_close), asked_of(into, rule, fields, merge_contacts)
        with self._scope.writing() as work:
            id = as_id("prospect", prospect)

            def convert() -> Conversion:
                plan = willing(planned(work, id, given, opening, asked))
                return converted_by(work, plan, replan=False, key=key, last=self._scope.alone)

            return busy_if_stale(lambda: once(work, key, request_of(id, given, opening, asked), convert))

    def convert_many(
        self,
        prospects: Iterable[Any],
        values: Mapping[str, Any] | None = None,
        *,
        batch: int = 500,
        progress: Callable[[BulkConversion], object] | None = None,
        refuse_duplicates: bool = False,
        **more: Any,
    ) -> BulkConversion:
        """Convert any number of prospects; each stands or falls by itself, and the report says how, a row each.

        `prospects` are ids, or pairs of an id and values for that customer, also as a mapping, which win over the
        `values` (or further keywords) for all of them; they are read a batch at a time, and what is neither is
        refused in its row. On a `Crm` each batch is a unit of work: what
        was converted stays, wherever it stops, and running it again converts the rest and nothing twice. `progress`
        is called with what came of each batch, once it is saved. Earlier rows count before later ones: a
        prospect that is named again is converted once, and with `refuse_duplicates` one that may be the same
        company as a customer, of an earlier row too, is refused. Raises StoreError, and Invalid on what cannot be
        asked for, before anything is written.
        """
        subject = "converting many"
        values_alone_asked(subject, more, _ONE_AT_A_TIME)
        size, told = batch_asked(batch, subject), progress_asked(progress, subject)
        common = names_asked(subject, "values", values, more)
        asked = rows_asked(subject, "prospects", prospects, "ids of prospects, or pairs of an id and values")
        seen: set[UUID] = set()
        rows: list[BulkRow] = []
        for wanted in batches(asked, common, size):
            task = partial(self._batch, wanted, frozenset(seen), refuse_duplicates=refuse_duplicates)
            made, met = self._scope.repeating(task)
            seen |= met
            rows += made
            if told is not None:
                told(BulkConversion(tuple(made)))
        return BulkConversion(tuple(rows))

    def _batch(
        self, wanted: list[Wanted | BulkRow], seen: frozenset[UUID], *, refuse_duplicates: bool
    ) -> tuple[list[BulkRow], set[UUID]]:
        met = set(seen)
        with self._scope.writing() as work, without_collecting(None):
            made = busy_if_stale(lambda: convert_batch(work, wanted, met, refuse_duplicates=refuse_duplicates))
            return made, met

    def carried(self, account: "UUID | Account") -> dict[str, list[UUID]]:
        """By repository, the ids of the records that hang from a prospect, or by now a customer: those that a plan
        counts. Raises NotFound, and Merged of one that was merged.
        """
        with self._scope.reading() as work:
            id = as_id("account", account)
            if work.unit.get(Account, id) is None:
                raise gone(work.unit, Account, id)
            asked = {
                plural: Grouping(kind=query.kind, where=query.where, by=(Field("id"),))
                for plural, query in carried_queries(work.unit.registry, id).items()
            }
            found = zip(asked, work.unit.groups(list(asked.values())), strict=True)
            return {plural: sorted(group.key[0] for group in groups) for plural, groups in found if groups}

    def prospect_of(self, receipt: "UUID | Conversion") -> Prospect:
        """The prospect as it was when that conversion made a customer of it. Raises NotFound."""
        with self._scope.reading() as work:
            return prospect_of(work, receipt)

    @repeated
    def undo(self, receipt: "UUID | Conversion") -> Prospect:
        """Make the customer the prospect it was, as long as nothing done since needs the customer.

        What was edited since is kept where a prospect has the field. Raises NotFound, and Refused naming everything
        in the way, also when it was undone already.
        """
        with self._scope.writing() as work:
            return taken_apart(work, receipt)
