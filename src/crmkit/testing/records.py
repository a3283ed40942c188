"""Records for tests, made of the declarations alone: any entity, with whatever it must refer to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from crmkit.entities import NIL, Address, Email, FieldSpec, Money, Percent, Phone, Record, Registry
from crmkit.entities.facts import AtMost, MaxLen, OneOf, Scale
from crmkit.entities.specs import BOOKKEEPING, ItemType
from crmkit.errors import Invalid

__all__ = ["World"]


class World:
    """Makes records of a registry's entities that a store can keep: `made` lists them, those referred to first.

    Ids and texts are counted, so that two worlds that begin at different numbers have nothing in common.
    """

    def __init__(self, registry: Registry, start: int = 1) -> None:
        self.registry = registry
        self.made: list[Record] = []
        self._numbers: Iterator[int] = count(start)
        self._codes: dict[str, str] = {}

    def new_id(self) -> UUID:
        """An id of version 7, in order."""
        return UUID(int=0x7 << 76 | 0b10 << 62 | next(self._numbers) << 80)

    def make(self, kind: type[Record], *, full: bool = False, **given: Any) -> Any:
        """A record of that kind, with what it refers to made before it; with every field filled in where `full`.

        Fields that exclude each other are filled in as far as the entity allows.
        """
        values: dict[str, Any] = {"id": self.new_id(), **given}
        for field in kind.spec.fields:
            if field.name in values or field.name in BOOKKEEPING or field.shape == "parts":
                continue
            if field.required or field.default == NIL or full:
                values[field.name] = self.value(field)
        for _ in kind.spec.fields:
            try:
                made = kind(**values)
            except Invalid as wrong:
                self._mend(kind, values, {fault.field for fault in wrong.faults} - given.keys())
            else:
                self.made.append(made)
                return made
        raise ValueError(f"no way to make a {kind.__name__} was found: give the fields that depend on each other")

    def _mend(self, kind: type[Record], values: dict[str, Any], faulty: set[str]) -> None:
        """Leave out what does not go with the rest; fill in what it wants."""
        for name in faulty & kind.spec.by_name.keys():
            if values.pop(name, None) is None:
                values[name] = self.value(kind.spec.by_name[name])

    def value(self, field: FieldSpec) -> Any:
        """A value of the field that is not its default, with what it refers to made before."""
        if field.code_of:
            return self._code(field.code_of)
        if field.references is not None:
            tables = field.references.tables
            table = next(iter(self.registry.tables)) if tables == ("*",) else tables[0]
            specs = self.registry.of_table(table)
            wanted = [spec for spec in specs if spec.about.kind == field.references.kind] or list(specs)
            return self.make(wanted[0].cls).id
        return self._plain(field)

    def _code(self, table: str) -> str:
        known = self._codes.get(table)
        if known is None:
            kind = self.registry.code_table(table)
            value: Any = self.make(kind)
            known = self._codes[table] = value.code
        return known

    def _plain(self, field: FieldSpec) -> Any:
        number = next(self._numbers)
        if field.shape == "text":
            return self._text(field, number)
        if field.shape == "plain":
            return self._several(field)
        if field.shape == "whole":
            most = field.fact(AtMost)
            return min(number, most.most) if most else number
        if field.shape == "decimal":
            scale = field.fact(Scale)
            return Decimal(number * 10 + 1).scaleb(-(scale.digits if scale else 4))
        made: dict[str, Any] = {
            "id": UUID(int=number),
            "flag": not field.default,
            "percent": Percent("12.25"),
            "money": Money.of_minor(number * 100 + 1, "EUR"),
            "day": date(2026, 3, 1) + timedelta(days=number),
            "instant": datetime(2026, 3, 1, 8, 30, 15, 123456, tzinfo=UTC),
            "phone": Phone(f"+34 600 {number:06d}", "work"),
            "email": Email(f"Ana{number}@Example.com", "work"),
            "address": Address("Calle Ñ 1\n2º", city="Gijón", region="AS", postal_code="33201", country="España"),
        }
        return made[field.shape]

    def _text(self, field: FieldSpec, number: int) -> str:
        one_of, longest = field.fact(OneOf), field.fact(MaxLen)
        if one_of:
            return one_of.values[-1]
        if "currency" in field.name:
            return "USD" if field.name.startswith("to") else "EUR"
        if longest and longest.length <= 60:
            return f"X{number}"
        return f"Ñandú 😀 %_'\\ {number}"

    @staticmethod
    def _several(field: FieldSpec) -> Any:
        item = field.fact(ItemType)
        of = item.of if item else None
        if of is None:
            return {"newsletter": True} if field.name == "preferences" else {"a": (1, None, {"b": "ç"}), "flag": True}
        return (Address("Street", city="Town"),) if of is Address else ("first", "second")
