"""All repositories and services of an application, made as they are asked for."""

from functools import cached_property
from typing import Any, TypeVar

from crmkit.app.conversion import ConversionService
from crmkit.app.forecasting import ForecastingService
from crmkit.app.merge_service import MergingService
from crmkit.app.repository import Repository
from crmkit.app.scope import Scope, repeated
from crmkit.app.served import SERVED
from crmkit.app.sweeping import sweep
from crmkit.changes import Event
from crmkit.entities import Record, Registry

__all__ = ["Repositories"]

R = TypeVar("R", bound=Record)


class Repositories:
    """The repositories by the plural of their entity (`crm.sales_contacts`) or by its class (`crm[SalesContact]`)."""

    def __init__(self, scope: Scope, registry: Registry) -> None:
        self._scope = scope
        self.registry = registry

    @cached_property
    def conversion(self) -> ConversionService:
        """Prospects into customers, and back."""
        return ConversionService(self._scope)

    @cached_property
    def merging(self) -> MergingService:
        """Two records into one, and back."""
        return MergingService(self._scope)

    @cached_property
    def forecasting(self) -> ForecastingService:
        """What a pipeline comes to."""
        return ForecastingService(self._scope)

    def repository(self, kind: type[R] | str) -> Repository[Any]:
        """The repository of an entity, by its class or its plural. Raises KeyError on one that there is not."""
        spec = self.registry.by_plural[kind if isinstance(kind, str) else kind.spec.about.plural]
        made = self.__dict__.get(spec.about.plural)
        if made is None:
            made = SERVED.get(spec.cls, Repository)(self._scope, spec.cls)
            self.__dict__[spec.about.plural] = made
        return made

    def __getitem__(self, kind: type[R]) -> Repository[R]:
        return self.repository(kind)

    def __getattr__(self, name: str) -> Repository[Any]:
        if not name.startswith("_") and name in self.registry.by_plural:
            return self.repository(name)
        raise AttributeError(
            f"{type(self).__name__} has no {name!r}; its repositories are {', '.join(self.registry.by_plural)}"
        )

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.registry.by_plural})

    @repeated
    def sweep(self, now: Any = None) -> list[Event]:
        """Announce what is due and was not announced yet: tasks overdue, follow-ups due; returns those events.

        `now` is the instant of the sweep, the clock's if left out. Each is told to handlers once, however often it
        is swept, until its date changes.
        """
        with self._scope.writing() as work:
            return sweep(work, now)
