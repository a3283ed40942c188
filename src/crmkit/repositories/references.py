"""What records refer to, and who refers to them; the same words on every store."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from crmkit.entities import FieldSpec, Record, Registry, Spec
from crmkit.entities.text import with_article
from crmkit.errors import Fault, Finding
from crmkit.queries import AnyOf, Criterion, Equals, Query
from crmkit.repositories.known import no_code
from crmkit.repositories.merged import survivors_of
from crmkit.repositories.store import Reader

__all__ = ["kind_findings", "referred_to", "referrers", "referrers_left", "unknown_references"]

_NAMED = 3


def unknown_references(
    reader: Reader,
    records: Iterable[Record],
    created: Collection[tuple[str, UUID]] = (),
    found: Mapping[tuple[str, UUID], str] | None = None,
) -> list[tuple[Record, Fault]]:
    """The records' fields that refer to nothing, or to a record of a kind that may not be referred to there.

    `created` holds table and id of what is made in the same changes; `found` is what they are `referred_to`, where that
    is known. One query a table, however many records.
    """
    wanted = _wanted(records)
    made = set(created)
    if found is None:
        found = _found(reader, wanted)
    codes = _codes(reader, {field.code_of for _, field, _ in wanted if field.code_of})
    faults: list[tuple[Record, Fault]] = []
    for record, field, value in wanted:
        if field.code_of:
            if value not in codes[field.code_of]:
                said = no_code(field.code_of, [value], sorted(codes[field.code_of]))
                faults.append((record, Fault(field.name, said)))
        elif message := _wrong(reader.registry, field, value, found, made):
            faults.append((record, Fault(field.name, message)))
    return _naming_survivors(reader, faults)


def referred_to(reader: Reader, records: Iterable[Record]) -> dict[tuple[str, UUID], str]:
    """What the records refer to and is there, by table and id; with the kind that it is of."""
    return _found(reader, _wanted(records))


def _wanted(records: Iterable[Record]) -> list[tuple[Record, FieldSpec, Any]]:
    return [
        (record, field, value)
        for record in records
        for field in record.spec.fields
        if (field.references or field.code_of) and (value := getattr(record, field.name))
    ]


def _naming_survivors(reader: Reader, faults: list[tuple[Record, Fault]]) -> list[tuple[Record, Fault]]:
    """The faults, with the record to refer to in place of one that was merged."""
    asked: dict[str, set[UUID]] = {}
    for record, fault in faults:
        field = record.spec.by_name[fault.field]
        for table in _tables(reader.registry, field):
            asked.setdefault(table, set()).add(getattr(record, fault.field))
    to = {id: into for table, ids in asked.items() for id, into in survivors_of(reader, table, ids).items()}
    return [
        (record, Fault(fault.field, f"{fault.message}: it was merged into {into}; use that id") if into else fault)
        for record, fault in faults
        for into in (to.get(getattr(record, fault.field)),)
    ]


def _tables(registry: Registry, field: FieldSpec) -> tuple[str, ...]:
    named = field.references.tables if field.references else ()
    return tuple(registry.tables) if named == ("*",) else named


def _found(reader: Reader, wanted: list[tuple[Record, FieldSpec, Any]]) -> dict[tuple[str, UUID], str]:
    """Of the ids referred to, those that there are, by table; with the kind they are of now."""
    asked: dict[str, set[UUID]] = {}
    for _, field, value in wanted:
        if field.references:
            for table in _tables(reader.registry, field):
                asked.setdefault(table, set()).add(value)
    found: dict[tuple[str, UUID], str] = {}
    for table, ids in asked.items():
        for spec in reader.registry.of_table(table):
            for id in reader.get_many(spec.cls, ids):
                found[table, id] = spec.about.kind
    return found


def _codes(reader: Reader, tables: set[str]) -> dict[str, set[str]]:
    return {
        table: {value.code for value in reader.find(Query(kind=reader.registry.code_table(table)))}  # type: ignore[attr-defined]
        for table in tables
    }


def _wrong(
    registry: Registry,
    field: FieldSpec,
    value: UUID,
    found: Mapping[tuple[str, UUID], str],
    made: set[tuple[str, UUID]],
) -> str:
    references = field.references
    if references is None:
        return ""
    tables = _tables(registry, field)
    if any((table, value) in made for table in tables):
        return ""
    kinds = [found[table, value] for table in tables if (table, value) in found]
    if not kinds:
        spoken = "record" if references.tables == ("*",) else " or ".join(one.replace("_", " ") for one in tables)
        return f"there is no {spoken} with the id {value}"
    if references.kind and references.kind not in kinds:
        return (
            f"must be {with_article(references.kind)}; this {tables[0]} is {with_article(kinds[0])}: convert it first"
        )
    return ""


def referrers(reader: Reader, record: Record) -> list[Finding]:
    """Who refers to a record, those that belong to it apart: one finding (code `in-use`) an entity and field."""
    asked = list(_referring(reader.registry, record))
    counts = reader.counts([query for _, _, query in asked]) if asked else []
    found: list[Finding] = []
    for (spec, field, query), count in zip(asked, counts, strict=True):
        some = reader.find(Query(kind=spec.cls, where=query.where, limit=_NAMED)) if count else []
        if some:
            named = ", ".join(str(getattr(one, spec.number.name) if spec.number else one.id) for one in some)
            more = ", …" if count > _NAMED else ""
            what = spec.about.plural.replace("_", " ") if count > 1 else spec.name
            refer = "refer" if count > 1 else "refers"
            said = f"{count} {what} {refer} to it by {field.name} ({named}{more})"
            found.append(Finding("in-use", said, field.name, some[0].id))
    return found


def _referring(registry: Registry, record: Record) -> Iterable[tuple[Spec, FieldSpec, Query[Record]]]:
    table = record.spec.about.table
    code = getattr(record, "code", None) if record.spec.about.family == "code" else None
    if code:
        for spec, field in registry.coded_by(table):
            yield spec, field, Query(kind=spec.cls, where=(Equals(field.name, code),))
    for spec, field in registry.referring_to(table):
        if spec.about.belongs_to != field.name:
            where: tuple[Criterion, ...] = (AnyOf(field.name, (record.id,)),)
            yield spec, field, Query(kind=spec.cls, where=where)


def kind_findings(reader: Reader, before: Record, after: Record) -> list[Finding]:
    """Who refers to a record as the kind that it would cease to be."""
    found: list[Finding] = []
    if type(before) is type(after):
        return found
    for spec, field in reader.registry.referring_to(before.spec.about.table):
        kind = field.references.kind if field.references else ""
        if kind and kind != after.spec.about.kind:
            held = reader.find(Query(kind=spec.cls, where=(AnyOf(field.name, (before.id,)),)))
            found += [Finding("in-use", f"{spec.name} {one} needs the {kind}", field.name, one.id) for one in held]
    return found


def referrers_left(reader: Reader, record: Record, deleted: Iterable[Record]) -> list[Finding]:
    """Who would still refer to a deleted record: referrers, and parts that are not deleted with it."""
    found = referrers(reader, record)
    gone = {one.id for one in deleted}
    for spec, field in reader.registry.referring_to(record.spec.about.table):
        if spec.about.belongs_to == field.name and field.references and field.references.tables != ("*",):
            held = reader.find(Query(kind=spec.cls, where=(AnyOf(field.name, (record.id,)),)))
            left = [one for one in held if one.id not in gone]
            found += [Finding("in-use", f"{spec.name} belongs to it", field.name, one.id) for one in left[:1]]
    return found
