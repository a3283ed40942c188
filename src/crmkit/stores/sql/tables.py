"""The schema, derived from the declarations: tables, history tables, keys, checks and indexes."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from crmkit.entities import FieldSpec, Registry, facts
from crmkit.entities.money import LARGEST
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.columns import FieldColumns, Layout, layouts, scale_of
from crmkit.stores.sql.sqlite import SqliteProfile

__all__ = ["COUNTER", "HISTORY", "SCHEMA", "SCHEMA_VERSION", "metadata"]

HISTORY: Final = "_history"
"""What the name of a history table ends in."""

COUNTER: Final = "number_counter"
SCHEMA: Final = "crmkit_schema"
SCHEMA_VERSION: Final = 1


def metadata(registry: Registry, profile: SqliteProfile | None = None, prefix: str = "") -> MetaData:
    """All tables of the registry's entities, as SQLAlchemy knows tables; names begin with the prefix."""
    made = MetaData()
    writer = _Writer(made, profile or SqliteProfile(), prefix)
    for layout in layouts(registry).values():
        writer.table(layout)
        writer.history(layout)
    writer.books()
    return made


class _Writer:
    """Writes tables into a MetaData."""

    def __init__(self, made: MetaData, profile: SqliteProfile, prefix: str) -> None:
        self.made = made
        self.profile = profile
        self.prefix = prefix

    def table(self, layout: Layout) -> None:
        """The table of the present records."""
        name = layout.table
        constraints: list[Any] = [PrimaryKeyConstraint("tenant_id", "id")]
        if layout.kinded:
            constraints.append(UniqueConstraint("tenant_id", "id", "kind", name=f"uq_{name}_kind"))
            kinds = ", ".join(f"'{spec.about.kind}'" for spec in layout.specs)
            constraints.append(CheckConstraint(f'"kind" IN ({kinds})', name=f"ck_{name}_kind"))
        constraints += [
            UniqueConstraint("tenant_id", *unique, name=f"uq_{name}_{'_'.join(unique)}") for unique in _unique(layout)
        ]
        if layout.specs[0].about.family == "code":
            constraints.append(UniqueConstraint("tenant_id", "code", name=f"uq_{name}_code"))
        for held in layout.every_field:
            constraints += self._references(name, held)
            constraints += _checks(name, held)
        columns = list(self._columns(layout))
        if not self.profile.strict:
            constraints += self._type_checks(name, layout)
        made = Table(self.prefix + name, self.made, *columns, *constraints, **self.profile.table_options)
        for number, indexed in enumerate(_indexes(layout), 1):
            Index(f"ix_{self.prefix}{name}_{number}", *[made.c[column] for column in indexed])
        for column in (column for column in layout.columns if column.holds == "table"):
            there = made.c[column.name]
            Index(f"ix_{self.prefix}{name}_{column.name}", made.c.tenant_id, there, sqlite_where=there.is_not(None))

    def history(self, layout: Layout) -> None:
        """The table of the past states, with neither references nor uniqueness: it only grows."""
        more = [
            Column("until", self.profile.types["instant"], nullable=False),
            Column("ended_by", Text, nullable=False),
            Column("deleted", Integer, nullable=False),
        ]
        key = PrimaryKeyConstraint("tenant_id", "id", "version")
        name = self.prefix + layout.table + HISTORY
        Table(name, self.made, *self._columns(layout), *more, key, **self.profile.table_options)

    def books(self) -> None:
        """The store's own tables: the counters that numbers come from, and the version of the schema."""
        key = PrimaryKeyConstraint("tenant_id", "kind", "scope")
        counter = (
            Column("tenant_id", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("scope", Text, nullable=False),
            Column("last", Integer, nullable=False),
        )
        Table(self.prefix + COUNTER, self.made, *counter, key, **self.profile.table_options)
        version = Column("version", Integer, primary_key=True, autoincrement=False)
        Table(self.prefix + SCHEMA, self.made, version, **self.profile.table_options)

    def _columns(self, layout: Layout) -> Iterator[Column[Any]]:
        yield Column("tenant_id", Text, nullable=False)
        if layout.kinded:
            yield Column("kind", Text, nullable=False)
        for column in layout.columns:
            yield Column(column.name, self.profile.types[column.type], nullable=column.nullable)

    def _type_checks(self, name: str, layout: Layout) -> Iterator[CheckConstraint]:
        for column in layout.columns:
            stored = self.profile.stored_types[column.type]
            rule = f"typeof(\"{column.name}\") IN ('{stored}', 'null')"
            yield CheckConstraint(rule, name=f"ck_{name}_{column.name}_type")

    def _references(self, name: str, held: FieldColumns) -> Iterator[Any]:
        field, value = held.field, held.value.name
        if field.code_of:
            yield self._key(name, (value,), field.code_of, ("code",))
        references = field.references
        if references is None or references.tables == ("*",):
            return
        first, *others = references.tables
        if others:
            some = [column.name for column in held.columns if column.holds == "table"]
            for table, column in zip(references.tables, some, strict=True):
                yield self._key(name, (column,), table, ("id",))
            found = ", ".join(f'"{column}"' for column in some)
            rule = f'"{value}" IS COALESCE({found})'
            yield CheckConstraint(rule, name=f"ck_{name}_{value}_is_there")
        elif kind := held.holding("kind"):
            yield self._key(name, (value, kind.name), first, ("id", "kind"))
            yield CheckConstraint(f"\"{kind.name}\" = '{kind.of}'", name=f"ck_{name}_{kind.name}")
        else:
            yield self._key(name, (value,), first, ("id",))

    def _key(self, name: str, columns: tuple[str, ...], table: str, to: tuple[str, ...]) -> ForeignKeyConstraint:
        target = [f"{self.prefix}{table}.{column}" for column in ("tenant_id", *to)]
        return ForeignKeyConstraint(["tenant_id", *columns], target, name=f"fk_{name}_{columns[0]}")


def _unique(layout: Layout) -> Iterator[tuple[str, ...]]:
    seen: set[tuple[str, ...]] = set()
    for spec in layout.specs:
        held = {one.field.name: one for one in layout.fields(spec)}
        for names in spec.about.unique:
            columns = tuple(held[name].compared.name for name in names)
            if columns not in seen:
                seen.add(columns)
                yield columns


def _indexes(layout: Layout) -> Iterator[tuple[str, ...]]:
    """Each begins with the tenant, and with the kind where there are kinds, and ends with the id, for paging by key."""
    start = ("tenant_id", "kind") if layout.kinded else ("tenant_id",)
    seen: set[tuple[str, ...]] = {("tenant_id", *columns) for columns in _unique(layout)}
    for columns in [*_asked(layout), *_referring(layout)]:
        full = (*start, *columns, "id")
        if not any(known[: len(full) - 1] == full[:-1] for known in seen):
            seen.add(full)
            yield full
    if layout.kinded:
        yield (*start, "id")


def _asked(layout: Layout) -> Iterator[tuple[str, ...]]:
    for spec in layout.specs:
        held = {one.field.name: one for one in layout.fields(spec)}
        for names in spec.about.index:
            yield tuple(held[name].compared.name for name in names)


def _referring(layout: Layout) -> Iterator[tuple[str, ...]]:
    """The columns by which a deletion asks who refers to the record."""
    for held in layout.every_field:
        if held.field.references or held.field.code_of:
            yield (held.value.name,)


def _checks(name: str, held: FieldColumns) -> Iterator[CheckConstraint]:
    field, column = held.field, held.value.name
    for number, rule in enumerate(_rules(field, column, held.value), 1):
        yield CheckConstraint(rule, name=f"ck_{name}_{column}_{number}")


def _rules(field: FieldSpec, column: str, stored: Stored) -> Iterator[str]:
    if field.shape == "money":
        yield f'"{column}" BETWEEN -{LARGEST} AND {LARGEST}'
    if stored.type == "whole":
        scale = {"percent": 100, "decimal": 10 ** scale_of(field)}.get(field.shape, 1)
        for fact, sign in ((field.fact(facts.AtLeast), ">="), (field.fact(facts.AtMost), "<=")):
            bound = getattr(fact, "least", getattr(fact, "most", None))
            if bound is not None:
                yield f'"{column}" {sign} {bound * scale}'
    one_of = field.fact(facts.OneOf)
    if one_of is not None:
        values = [*one_of.values, *(() if field.required else ("",))]
        yield f'"{column}" IN ({", ".join(f"{value!r}" for value in values)})'
