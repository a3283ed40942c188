"""The entities that one application knows: crmkit's own and those of plugins, by table and by repository."""

from collections.abc import Iterable, Iterator, Mapping

import attrs

from crmkit.entities.record import FieldSpec, Record, Spec

__all__ = ["Registry", "Table"]


@attrs.frozen(eq=False)
class Table:
    """A stored table: the entities that share it, one, or several of one identity told apart by their kind."""

    name: str
    specs: tuple[Spec, ...]

    @property
    def by_kind(self) -> dict[str, Spec]:
        """The entities by kind; one without kinds stands under the empty text."""
        return {spec.about.kind: spec for spec in self.specs}


class Registry:
    """The entities that a store keeps and an application serves. Raises ValueError on clashing names.

    `numbering` sets, by repository name, another prefix and number of digits for the numbers that are given on save.
    """

    def __init__(
        self, entities: Iterable[type[Record]], numbering: Mapping[str, tuple[str, int]] | None = None
    ) -> None:
        self.numbering: dict[str, tuple[str, int]] = dict(numbering or {})
        self.specs: tuple[Spec, ...] = tuple(entity.spec for entity in entities)
        self.by_plural: dict[str, Spec] = {}
        grouped: dict[str, list[Spec]] = {}
        for spec in self.specs:
            if spec.about.plural in self.by_plural:
                raise ValueError(f"two entities have the repository {spec.about.plural!r}: rename one")
            self.by_plural[spec.about.plural] = spec
            grouped.setdefault(spec.about.table, []).append(spec)
        self.tables: dict[str, Table] = {name: Table(name, tuple(specs)) for name, specs in grouped.items()}
        for table in self.tables.values():
            kinds = {spec.about.kind for spec in table.specs}
            if len(kinds) < len(table.specs) or (len(kinds) > 1 and "" in kinds):
                raise ValueError(f"the entities of table {table.name!r} need kinds that tell them apart")
            if len(kinds) > 1:
                base = _common_base(table)
                self.by_plural[base.about.plural] = base
        unknown = {
            name
            for spec in self.specs
            for _, names in self._references(spec)
            for name in names
            if name != "*" and name not in self.tables
        }
        self._referring = {
            table: tuple(
                (spec, field)
                for spec in self.specs
                for field, names in self._references(spec)
                if table in names or "*" in names
            )
            for table in self.tables
        }
        if unknown:
            raise ValueError(f"references to tables that no entity has: {', '.join(sorted(unknown))}")

    def of_table(self, table: str) -> tuple[Spec, ...]:
        """The entities stored in that table."""
        return self.tables[table].specs

    def served_by(self, kind: type[Record]) -> tuple[Spec, ...]:
        """The entities that a class stands for: itself, or the kinds of its table where it is their common base.

        Raises KeyError where the class is none of this application's.
        """
        specs = self.tables[kind.spec.about.table].specs
        return tuple(spec for spec in specs if issubclass(spec.cls, kind))

    def numbers(self, spec: Spec) -> tuple[str, int]:
        """The prefix and the number of digits of the numbers given to an entity's records."""
        declared = spec.number.numbered if spec.number else None
        default = (declared.prefix, declared.width) if declared else ("", 0)
        return self.numbering.get(spec.about.plural, default)

    def code_table(self, table: str) -> type[Record]:
        """The class of a code table's values."""
        return self.tables[table].specs[0].cls

    def referring_to(self, table: str) -> tuple[tuple[Spec, FieldSpec], ...]:
        """Each entity and field that may hold the id of a record of that table."""
        return self._referring[table]

    def coded_by(self, table: str) -> Iterator[tuple[Spec, FieldSpec]]:
        """Each entity and field that holds codes of that code table."""
        for spec in self.specs:
            for field in spec.fields:
                if field.code_of == table:
                    yield spec, field

    def _references(self, spec: Spec) -> Iterator[tuple[FieldSpec, tuple[str, ...]]]:
        for field in spec.fields:
            if field.references:
                yield field, field.references.tables


def _common_base(table: Table) -> Spec:
    """What the entities of one table have in common: the class that stands for all of them."""
    shared = set(table.specs[0].cls.__mro__).intersection(*(spec.cls.__mro__ for spec in table.specs))
    bases = [kind for kind in table.specs[0].cls.__mro__ if kind in shared and issubclass(kind, Record)]
    if not bases or bases[0].spec.about.table != table.name:
        raise ValueError(f"the entities of table {table.name!r} need a common base class of that table")
    return bases[0].spec
