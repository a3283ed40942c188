"""The schema, derived from the declarations: tables, history tables, keys, checks and indexes."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from crmkit.entities import FieldSpec, Registry, facts
from crmkit.entities.money import LARGEST
from crmkit.stores.sql.columns import Column as Stored
from crmkit.stores.sql.columns import FieldColumns, Layout, layouts, scale_of
from crmkit.stores.sql.engines import Profile
from crmkit.stores.sql.naming import Naming

__all__ = ["CLOCK", "COUNTER", "HISTORY", "SCHEMA", "SCHEMA_VERSION", "metadata"]

HISTORY: Final = "_history"
"""What the name of a history table ends in."""

COUNTER: Final = "number_counter"
CLOCK: Final = "clock"
"""The counter that counts no numbers but the instants of strict time, in microseconds."""

SCHEMA: Final = "crmkit_schema"
SCHEMA_VERSION: Final = "0001"
"""The revision of the schema that is derived today; see `migrations`."""

_BOOKED: Final = 120
"""How many characters a tenant, a kind, a user and the like have at most."""


def metadata(registry: Registry, profile: Profile, naming: Naming) -> MetaData:
    """All tables of the registry's entities, as SQLAlchemy knows tables."""
    made = MetaData()
    writer = _Writer(made, profile, naming)
    for layout in layouts(registry).values():
        writer.table(layout)
        writer.history(layout)
    writer.books()
    return made


class _Writer:
    """Writes tables into a MetaData."""

    def __init__(self, made: MetaData, profile: Profile, naming: Naming) -> None:
        self.made = made
        self.profile = profile
        self.naming = naming
        self.prefix = naming.prefix
        self.options: dict[str, Any] = {**profile.table_options, "schema": naming.schema or None}

    def table(self, layout: Layout) -> None:
        """The table of the present records."""
        name = layout.table
        constraints: list[Any] = [PrimaryKeyConstraint("tenant_id", "id")]
        if layout.kinded:
            constraints.append(UniqueConstraint("tenant_id", "id", "kind", name=f"uq_{self.prefix}{name}_kind"))
            kinds = ", ".join(f"'{spec.about.kind}'" for spec in layout.specs)
            constraints.append(self._check(f'"kind" IN ({kinds})', name=f"ck_{name}_kind"))
        constraints += [
            UniqueConstraint("tenant_id", *unique, name=f"uq_{self.prefix}{name}_{'_'.join(unique)}")
            for unique in _unique(layout)
        ]
        if layout.specs[0].about.family == "code":
            constraints.append(UniqueConstraint("tenant_id", "code", name=f"uq_{self.prefix}{name}_code"))
        for held in layout.every_field:
            constraints += self._references(name, held)
            constraints += self._checks(name, held)
        indexed = {column for columns in _keys(layout) for column in columns}
        columns = list(self._columns(layout, indexed))
        for column in layout.columns:
            if rule := self.profile.type_rule(column):
                constraints.append(self._check(rule, name=f"ck_{name}_{column.name}_type"))
        made = Table(self.prefix + name, self.made, *columns, *constraints, **self.options)
        for number, places in enumerate(_indexes(layout), 1):
            filled = made.c[filling] if (filling := _filled(layout, places)) else None
            self.profile.index(f"ix_{self.prefix}{name}_{number}", [made.c[column] for column in places], filled=filled)
        if counted := _counted(layout):
            self.profile.index(f"ix_{self.prefix}{name}_counted", [made.c[column] for column in counted])
        for column in (column for column in layout.columns if column.holds in ("table", "match")):
            there = made.c[column.name]
            ordered = [made.c.id] if column.holds == "match" else []
            told = [made.c.tenant_id, there, *ordered]
            self.profile.index(f"ix_{self.prefix}{name}_{column.name}", told, filled=there)

    def history(self, layout: Layout) -> None:
        """The table of the past states, with neither references nor uniqueness: it only grows."""
        more = [
            Column("until", self._type("until", "instant"), nullable=False),
            Column("ended_by", self.profile.text_type(_BOOKED), nullable=False),
            Column("deleted", self._type("deleted", "flag"), nullable=False),
        ]
        key = PrimaryKeyConstraint("tenant_id", "id", "version")
        name = self.prefix + layout.table + HISTORY
        indexes = list(_past_indexes(layout))
        indexed = {column for places in indexes for column in places}
        made = Table(name, self.made, *self._columns(layout, indexed), *more, key, **self.options)
        for number, places in enumerate(indexes, 1):
            filled = made.c[filling] if (filling := _filled(layout, places)) else None
            self.profile.index(f"ix_{name}_{number}", [made.c[column] for column in places], filled=filled)

    def books(self) -> None:
        """The store's own tables: the counters that numbers come from, and the schema's revision, as Alembic has it."""
        key = PrimaryKeyConstraint("tenant_id", "kind", "scope")
        counter = (
            Column("tenant_id", self.profile.text_type(_BOOKED), nullable=False),
            Column("kind", self.profile.text_type(_BOOKED), nullable=False),
            Column("scope", self.profile.text_type(_BOOKED), nullable=False),
            Column("last", self._type("last", "whole"), nullable=False),
        )
        Table(self.prefix + COUNTER, self.made, *counter, key, **self.options)
        version = Column("version_num", self.profile.text_type(32), primary_key=True)
        Table(self.prefix + SCHEMA, self.made, version, **self.options)

    def _checks(self, name: str, held: FieldColumns) -> Iterator[CheckConstraint]:
        field, column = held.field, held.value.name
        for number, rule in enumerate(_rules(field, column, held.value), 1):
            yield self._check(rule, name=f"ck_{name}_{column}_{number}")

    def _check(self, rule: str, name: str) -> CheckConstraint:
        return CheckConstraint(self.profile.quoted(rule), name=name)

    def _columns(self, layout: Layout, indexed: Collection[str]) -> Iterator[Column[Any]]:
        yield Column("tenant_id", self.profile.text_type(_BOOKED), nullable=False)
        if layout.kinded:
            yield Column("kind", self.profile.text_type(_BOOKED), nullable=False)
        for column in layout.columns:
            type_ = self.profile.type_of(column, indexed=column.name in indexed)
            yield Column(column.name, type_, nullable=column.nullable)

    def _type(self, name: str, type_: str) -> TypeEngine[Any]:
        return self.profile.type_of(Stored(name, type_), indexed=False)

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
            rule = f'"{value}" {self.profile.same} COALESCE({found})'
            yield self._check(rule, name=f"ck_{name}_{value}_is_there")
        elif kind := held.holding("kind"):
            yield self._key(name, (value, kind.name), first, ("id", "kind"))
            yield self._check(f"\"{kind.name}\" = '{kind.of}'", name=f"ck_{name}_{kind.name}")
        else:
            yield self._key(name, (value,), first, ("id",))

    def _key(self, name: str, columns: tuple[str, ...], table: str, to: tuple[str, ...]) -> ForeignKeyConstraint:
        target = [f"{self.naming.key(table)}.{column}" for column in ("tenant_id", *to)]
        return ForeignKeyConstraint(["tenant_id", *columns], target, name=f"fk_{self.prefix}{name}_{columns[0]}")


def _keys(layout: Layout) -> Iterator[tuple[str, ...]]:
    """The columns of everything that an index serves."""
    yield ("code",)
    yield from _unique(layout)
    yield from _indexes(layout)
    yield _counted(layout)
    for held in layout.every_field:
        if held.field.references or held.field.code_of:
            yield tuple(column.name for column in held.columns)
        if matched := held.holding("match"):
            yield (matched.name,)


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
    start = _start(layout)
    seen: set[tuple[str, ...]] = {("tenant_id", *columns) for columns in _unique(layout)}
    for columns in [*_asked(layout), *_marks(layout), *_referring(layout)]:
        full = (*_told(layout, columns), "id")
        if not any(known[: len(full) - 1] == full[:-1] for known in seen):
            seen.add(full)
            yield full
    if layout.kinded:
        yield (*start, "id")


def _past_indexes(layout: Layout) -> Iterator[tuple[str, ...]]:
    """As for the present records, references to codes apart; each tells when a state held, and one begins with that."""
    referring = [(held.value.name,) for held in layout.every_field if held.field.references]
    for columns in dict.fromkeys([*_asked(layout), *referring]):
        yield (*_told(layout, columns), "id", "until", "recorded_at")
    yield (*_start(layout), "until", "recorded_at")


def _counted(layout: Layout) -> tuple[str, ...]:
    """All that a roll-up reads: the instant too, for one of the past, and the id, to name what is incomplete."""
    for spec in layout.specs:
        held = {one.field.name: one for one in layout.fields(spec)}
        read = [column.name for name in spec.about.counted for column in held[name].read]
        if read:
            return (*_start(layout), *read, "recorded_at", "id")
    return ()


def _start(layout: Layout) -> tuple[str, ...]:
    return ("tenant_id", "kind") if layout.kinded else ("tenant_id",)


def _told(layout: Layout, columns: tuple[str, ...]) -> tuple[str, ...]:
    """How an index on columns begins. A reference comes before the kind: whoever deletes what is referred to asks for
    all kinds, and a record that becomes another kind stays where it is.
    """
    if layout.kinded and _reference(layout, columns) is not None:
        return ("tenant_id", *columns, "kind")
    return (*_start(layout), *columns)


def _filled(layout: Layout, places: tuple[str, ...]) -> str:
    """The column without which a row need not be in an index: a mark of few rows, or an optional reference that nothing
    is paged by. The other indexes have the rows in order where it is empty.
    """
    column = places[1]
    if (column,) in set(_marks(layout)):
        return column
    held = _reference(layout, (column,))
    paged = not layout.kinded and (column,) in set(_asked(layout))
    return "" if held is None or paged or not held.value.nullable else column


def _reference(layout: Layout, columns: tuple[str, ...]) -> FieldColumns | None:
    """The field, if the columns are those of one reference."""
    return next((held for held in layout.every_field if held.field.references and (held.value.name,) == columns), None)


def _asked(layout: Layout) -> Iterator[tuple[str, ...]]:
    for spec in layout.specs:
        held = {one.field.name: one for one in layout.fields(spec)}
        for names in spec.about.index:
            yield tuple(held[name].compared.name for name in names)


def _marks(layout: Layout) -> Iterator[tuple[str, ...]]:
    for spec in layout.specs:
        held = {one.field.name: one for one in layout.fields(spec)}
        for name in spec.about.marks:
            yield (held[name].compared.name,)


def _referring(layout: Layout) -> Iterator[tuple[str, ...]]:
    """The columns by which a deletion asks who refers to the record."""
    for held in layout.every_field:
        if held.field.references or held.field.code_of:
            yield (held.value.name,)


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
