"""How the kinds of record relate, drawn from their declarations as a Mermaid entity relationship diagram (R14).

Nothing here names an entity: a field that refers to another table is an arrow as soon as it is declared.
The notation is Mermaid's `erDiagram`: https://mermaid.js.org/syntax/entityRelationshipDiagram.html
"""

from collections.abc import Iterator
from typing import Final

import attrs

from crmkit.entities import FieldSpec, Registry, Spec
from crmkit.entities.facts import FilledOnSave

__all__ = ["relationship_chart"]

_MANY_TO_ONE: Final = "}o--||"
_MANY_TO_ONE_OR_NONE: Final = "}o--o|"
_ONE_OR_NONE_TO_ONE: Final = "|o--||"
_ONE_OR_NONE_TO_ONE_OR_NONE: Final = "|o--o|"
_MANY_TO_MANY: Final = "}o--o{"
_IS: Final = "||--o|"

_WORDS: Final = {
    "en": {"any": "Any record", "is": "is"},
    "es": {"any": "Cualquier registro", "is": "es"},
}
_ANY: Final = "any_record"


@attrs.frozen
class _Arrow:
    """A line of the chart: from one entity's repository to another's."""

    start: str
    ends: str
    end: str
    label: str


def relationship_chart(
    registry: Registry, *, include_parts: bool = False, include_codes: bool = False, language: str = "en"
) -> str:
    """The entities of the registry and what each of them refers to, as the text of a Mermaid diagram.

    An arrow per field and table referred to, labelled by the field in English or Spanish (en, es): `}o--||`
    where a record always refers to one, `}o--o|` where it may refer to none or where a field may refer to several
    tables. Parts (lines, cross-references) are boxes of their own with `include_parts`; else each stands as the
    arrow `}o--o{` from its owner to what it refers to. Code tables are drawn with `include_codes`. What crmkit
    keeps for its own books is left out.
    """
    families = {"record"} | ({"part"} if include_parts else set()) | ({"code"} if include_codes else set())
    words = _WORDS.get(language, _WORDS["en"])
    drawn = {spec.about.plural: spec for spec in registry.by_plural.values() if spec.about.family in families}
    arrows = list(_arrows(registry, drawn, language))
    boxes = {plural: spec.label(language) for plural, spec in drawn.items()}
    if any(arrow.end == _ANY for arrow in arrows):
        boxes[_ANY] = words["any"]
    arrows += [
        _Arrow(base.about.plural, _IS, kind.about.plural, words["is"])
        for base, kind in _kinds(registry)
        if {base.about.plural, kind.about.plural} <= drawn.keys()
    ]
    lines = [f'    {plural}["{_quoted(label)}"]' for plural, label in sorted(boxes.items())]
    lines += [
        f'    {arrow.start} {arrow.ends} {arrow.end} : "{_quoted(arrow.label)}"'
        for arrow in sorted(set(arrows), key=lambda arrow: (arrow.start, arrow.end, arrow.label))
    ]
    return "\n".join(("erDiagram", *lines, ""))


def _arrows(registry: Registry, drawn: dict[str, Spec], language: str) -> Iterator[_Arrow]:
    for spec in drawn.values():
        for field in _own_fields(registry, spec):
            for target in _targets(registry, field):
                if target in drawn or target == _ANY:
                    ends = _ends(spec, field)
                    yield _Arrow(spec.about.plural, ends, target, field.label(language))
    for spec in registry.specs:
        if spec.about.family == "part" and spec.about.plural not in drawn:
            yield from _through(registry, spec, drawn, language)


def _through(registry: Registry, part: Spec, drawn: dict[str, Spec], language: str) -> Iterator[_Arrow]:
    """A part that is no box of its own joins its owner with whatever else it refers to."""
    owner = part.by_name.get(part.about.belongs_to)
    for start in _targets(registry, owner) if owner else ():
        for field in part.fields:
            if field is owner or field.code_of or start not in drawn:
                continue
            for end in _targets(registry, field):
                if end in drawn:
                    yield _Arrow(start, _MANY_TO_MANY, end, part.label(language))


def _own_fields(registry: Registry, spec: Spec) -> Iterator[FieldSpec]:
    """The fields that are not drawn already on the common base of a table's entities."""
    inherited = {name for base, kind in _kinds(registry) if kind is spec for name in base.by_name}
    for field in spec.fields:
        if field.name not in inherited:
            yield field


def _kinds(registry: Registry) -> Iterator[tuple[Spec, Spec]]:
    """Each common base with each entity that is a kind of it."""
    for base in registry.by_plural.values():
        kinds = registry.of_table(base.about.table)
        if base not in kinds:
            for kind in kinds:
                yield base, kind


def _targets(registry: Registry, field: FieldSpec) -> Iterator[str]:
    """The repositories whose records the field may refer to."""
    references = field.references
    tables = references.tables if references else (field.code_of,) if field.code_of else ()
    for table in tables:
        if table == "*":
            yield _ANY
            continue
        bases = [base for base, _ in _kinds(registry) if base.about.table == table]
        kinds = [spec for spec in registry.of_table(table) if references and spec.about.kind == references.kind]
        yield (kinds or bases or list(registry.of_table(table)))[0].about.plural


def _ends(spec: Spec, field: FieldSpec) -> str:
    several = field.references is not None and (len(field.references.tables) > 1 or "*" in field.references.tables)
    needed = not several and not field.optional and (not field.code_of or field.required or _taken_on_save(field))
    if (field.name,) in spec.about.unique:
        return _ONE_OR_NONE_TO_ONE if needed else _ONE_OR_NONE_TO_ONE_OR_NONE
    return _MANY_TO_ONE if needed else _MANY_TO_ONE_OR_NONE


def _taken_on_save(field: FieldSpec) -> bool:
    return field.fact(FilledOnSave) is not None


def _quoted(label: str) -> str:
    """The label as it may stand between Mermaid's quotation marks."""
    return "".join("'" if one in '"\\' else " " if one == "%" or not one.isprintable() else one for one in label)
