"""The repositories whose records can be merged: prospects, customers, sales contacts."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from crmkit.app.merging import asked_in, merge_plan_of, merged_at_once
from crmkit.app.repository import Repository
from crmkit.app.scope import repeated
from crmkit.conversion.merge_plans import MergePlan
from crmkit.entities import Merge, Record

__all__ = ["Mergeable"]

R = TypeVar("R", bound=Record)


class Mergeable(Repository[R]):
    """A repository of what may be there twice."""

    def plan_merge(
        self,
        absorbed: "UUID | R",
        into: "UUID | R",
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> MergePlan:
        """As `crm.merging.plan`, of a record of this kind."""
        asked = asked_in(rule, fields, values, more)
        with self._scope.reading() as work:
            return merge_plan_of(work, absorbed, into, asked, self.kind)

    @repeated
    def merge(
        self,
        absorbed: "UUID | R",
        into: "UUID | R",
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Merge:
        """As `crm.merging.merge`, of a record of this kind; `crm.merging.undo` takes it back."""
        asked = asked_in(rule, fields, values, more)
        with self._scope.writing() as work:
            return merged_at_once(work, merge_plan_of(work, absorbed, into, asked, self.kind))
