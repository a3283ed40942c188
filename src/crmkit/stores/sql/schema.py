"""What is derived from a registry once: tables, their DDL, statements and codecs; shared by stores of equal shape."""

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import UniqueConstraint

from crmkit.entities import Record, Registry, Spec
from crmkit.stores.sql.codecs import Codec
from crmkit.stores.sql.columns import FieldColumns, layouts
from crmkit.stores.sql.engines import Profile
from crmkit.stores.sql.lowering import Lowering
from crmkit.stores.sql.naming import Naming
from crmkit.stores.sql.statements import Statements
from crmkit.stores.sql.tables import COUNTER, HISTORY, metadata

__all__ = ["Schema", "schema_of"]


class Schema:
    """The tables of a registry's entities on one engine, and all that is generated for them."""

    def __init__(self, registry: Registry, profile: Profile, naming: Naming) -> None:
        self.registry = registry
        self.profile = profile
        self.naming = naming
        self.layouts = layouts(registry)
        self.metadata = metadata(registry, profile, naming)
        self.statements = Statements(self.metadata, profile, naming)
        self.lowering = Lowering(registry, self.layouts, profile)
        self.order = {name: place for place, name in enumerate(registry.tables)}
        self._codecs: dict[Spec, Codec] = {}
        self._served: dict[type[Record], tuple[tuple[Spec, Codec], ...]] = {}
        self._texts: dict[Hashable, str] = {}
        self._compared: dict[tuple[Spec, Spec], Any] = {}

    @cached_property
    def ddl(self) -> dict[str, tuple[str, ...]]:
        """The statements that make each table, by its name, those referred to before those that refer."""
        return {str(table.key): self.profile.making(table) for table in self.metadata.sorted_tables}

    @cached_property
    def of_tenants(self) -> tuple[str, ...]:
        """The names, without a prefix, of all tables that have tenants' rows."""
        kept = [name for table in self.layouts for name in (table, table + HISTORY)]
        return (*kept, COUNTER)

    @cached_property
    def constrained(self) -> dict[str, tuple[str, ...]]:
        """The columns of each key that rows must differ in, by the name of its constraint."""
        return {
            str(constraint.name): tuple(column.name for column in constraint.columns)
            for table in self.metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        }

    @cached_property
    def anywhere(self) -> Mapping[Spec, tuple[str, ...]]:
        """The entities with references that may be to any table, and which fields those are."""
        found = {
            spec: tuple(f.name for f in spec.fields if f.references and f.references.tables == ("*",))
            for spec in self.registry.specs
        }
        return {spec: names for spec, names in found.items() if names}

    def compared(
        self, before: Spec, after: Spec
    ) -> tuple[tuple[FieldColumns, ...], Callable[[Record], tuple[Any, ...]], tuple[FieldColumns, ...]]:
        """The fields that two entities of one table both keep, how their values are had of a record, and the fields
        that the second has alone.
        """
        found = self._compared.get((before, after))
        if found is None:
            stored = self.codec(before).stored
            fields = self.codec(after).fields
            shared = tuple(held for held in fields if held.value.name in stored)
            values_of: Any = attrgetter(*(held.field.name for held in shared))
            more = tuple(held for held in fields if held.value.name not in stored)
            found = self._compared[before, after] = shared, values_of, more
        return found

    def of_the_past(self, spec: Spec) -> str:
        """A SELECT of a tenant's past states of a kind, each with when it ended, by whom, and whether by deleting; what
        follows narrows it, after AND.
        """
        columns = ", ".join(f'"{column.name}"' for column in self.codec(spec).read)
        kind = f" AND \"kind\" = '{spec.about.kind}'" if spec.about.kind else ""
        return (
            f'SELECT {columns}, "until", "ended_by", "deleted" '  # noqa: S608 - names of declared fields
            f'FROM {self.named(spec.about.table + HISTORY)} WHERE "tenant_id" = ?{kind}'
        )

    def text(self, key: Hashable, make: Callable[[], str]) -> str:
        """The text of a statement that is written with `?` and `"`, as the driver takes it; made on first use."""
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = self.profile.text(make())
        return found

    def named(self, table: str) -> str:
        """The name of a table in a statement that is written with `"`."""
        return self.naming.quoted(table)

    def served(self, kind: type[Record]) -> tuple[tuple[Spec, Codec], ...]:
        """The entities that are records of a kind, with their codecs."""
        found = self._served.get(kind)
        if found is None:
            served = self.registry.served_by(kind)
            found = self._served[kind] = tuple((spec, self.codec(spec)) for spec in served)
        return found

    def codec(self, spec: Spec) -> Codec:
        """The codec of an entity, made on first use."""
        found = self._codecs.get(spec)
        if found is None:
            found = self._codecs[spec] = Codec(spec, self.layouts[spec.about.table].fields(spec), self.profile)
        return found


@lru_cache(maxsize=16)
def _schema(entities: tuple[type[Record], ...], profile: Profile, naming: Naming) -> Schema:
    return Schema(Registry(entities), profile, naming)


def schema_of(registry: Registry, profile: Profile, naming: Naming) -> Schema:
    """The schema for these entities, made once for all stores of the same shape."""
    return _schema(tuple(spec.cls for spec in registry.specs), profile, naming)
