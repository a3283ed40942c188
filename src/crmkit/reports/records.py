"""Records as a table: the fields that say something, under their labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from crmkit.entities import FieldSpec, Record
from crmkit.entities.record import BOOKKEEPING
from crmkit.tables import html_table, text_table

__all__ = ["records_html", "records_text", "telling_fields"]

_NO_NAMES: Final[Mapping[UUID, str]] = {}


def records_html(
    kind: type[Record],
    records: Iterable[Record],
    *,
    names: Mapping[UUID, str] = _NO_NAMES,
    language: str = "en",
) -> str:
    """The records as an HTML table with labels in English or Spanish (en, es).

    `kind` is their entity, or the common base of several. Fields that are empty in all of them are left out.
    """
    held = list(records)
    columns, rows = _columns_and_rows(kind, held, language)
    caption = f"{len(held)} × {kind.spec.label(language)}"
    return html_table(columns, rows, caption, names=names, language=language)


def records_text(
    kind: type[Record],
    records: Iterable[Record],
    *,
    names: Mapping[UUID, str] = _NO_NAMES,
    language: str = "en",
) -> str:
    """The records as a table of plain text; as `records_html` otherwise."""
    columns, rows = _columns_and_rows(kind, list(records), language)
    return text_table(columns, rows, names=names, language=language)


def _columns_and_rows(
    kind: type[Record], records: Sequence[Record], language: str
) -> tuple[list[str], list[list[object]]]:
    fields = telling_fields(kind, records)
    columns = [" / ".join(dict.fromkeys(field.label(language) for field in same)) for same in fields.values()]
    return columns, [[getattr(record, name, None) for name in fields] for record in records]


def telling_fields(kind: type[Record], records: Sequence[Record]) -> dict[str, list[FieldSpec]]:
    """The fields worth a column, by name: number, name and whatever at least one of the records has filled in.

    What a store keeps for itself (id, version, instant, user) is left out. Where the records are of several
    entities, a field of each that has it.
    """
    specs = dict.fromkeys((*(type(record).spec for record in records), kind.spec))
    found: dict[str, list[FieldSpec]] = {}
    for spec in specs:
        first = [field for field in spec.fields if field.numbered]
        first += [field for field in spec.fields if field.name == spec.about.shown_by and field not in first]
        for field in dict.fromkeys((*first, *spec.fields)):
            if field.name in BOOKKEEPING:
                continue
            if field in first or any(_says(record, field) for record in records):
                found.setdefault(field.name, []).append(field)
    return found


def _says(record: Record, field: FieldSpec) -> bool:
    value = getattr(record, field.name, None)
    if field.shape in ("plain", "parts", "text", "flag"):
        return bool(value)
    return value is not None
