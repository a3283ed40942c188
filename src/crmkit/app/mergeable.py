"""The repositories whose records can be merged: prospects, customers, sales contacts."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from crmkit.app.merging import Asked, merge_plan_of, merged, willing_merge
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
        absorbed: UUID,
        into: UUID,
        values: Mapping[str, Any] | None = None,
        *,
        rule: str = "fill",
        fields: Mapping[str, str] | None = None,
        **more: Any,
    ) -> MergePlan:
        """As `crm.merging.plan`, of a record of this kind."""
        asked = Asked(given={**(values or {}), **more}, rule=rule, rules=dict(fields or {}))
        with self._scope.reading() as work:
            return merge_plan_of(work, absorbed, into, asked, self.kind)

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
        """As `crm.merging.merge`, of a record of this kind; `crm.merging.undo` takes it back."""
        asked = Asked(given={**(values or {}), **more}, rule=rule, rules=dict(fields or {}))
        with self._scope.writing() as work:
            plan = merge_plan_of(work, absorbed, into, asked, self.kind)
            return merged(work, willing_merge(plan), replan=False)
