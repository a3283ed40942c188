"""Write anew the pages of the documentation that are derived from the declarations: `python scripts/write_docs.py`.

A test compares them with what this makes.
"""

from pathlib import Path

from crmkit.entities import ENTITIES, Registry
from crmkit.exchange.tabular import columns
from crmkit.queries import criterion_names
from crmkit.reports.chart import relationship_chart

DOCS = Path(__file__).parent.parent / "docs"
MADE = "<!-- written by scripts/write_docs.py -->"


def pages() -> dict[str, str]:
    """Each derived page's name and text."""
    registry = Registry(ENTITIES)
    return {"chart.md": chart(registry), "columns.md": export_columns(registry), "queries.md": queries(registry)}


def chart(registry: Registry) -> str:
    """How the kinds of record relate."""
    return f"""{MADE}
# How the components relate

Drawn from the declarations of the entities; `crm.chart()` gives the same text, with those of plugins in it.

```mermaid
{relationship_chart(registry)}```
"""


def export_columns(registry: Registry) -> str:
    """The columns of row exports."""
    lines = [MADE, "# Columns of row exports", "", "CSV files and workbooks have these columns, in this order.", ""]
    for spec in registry.specs:
        lines += [f"## {spec.about.plural}", "", "| column | holds | label | etiqueta |", "| --- | --- | --- | --- |"]
        for english, spanish in zip(columns(spec.cls), columns(spec.cls, "es"), strict=True):
            lines.append(f"| `{english.name}` | {english.type} | {english.label} | {spanish.label} |")
        lines.append("")
    return "\n".join(lines)


def queries(registry: Registry) -> str:
    """The criteria of every repository."""
    head = f"""{MADE}
# Queries

`find`, `all` and `count` take these words, joined by AND; nothing asked is everything. A value is asked for as it
is, several as a list, a range as `between(low, high)`, `at_least(low)`, `at_most(high)`, what is empty as `None`.
Texts that are searchable are found by a part of them, case apart (`exactly(…)`, `starts_with(…)` narrow it); `%`
and `_` are letters. A reference takes an id, a record, or the number or code of the record referred to; one that no
record has finds nothing, since it may have been deleted. The code of a list (a stage, a status, a source) is taken in
any case, or as it is shown, also once it was made inactive; one that is not on the list is `Invalid`, which says those
that are. `sort` is one field, with a minus for descending; empty ones come last, ties go by id. `limit` makes a page,
`page.next()` reads on by key.

In a view of the past the codes are those of then. What looks at several instants (`crm.forecasting.waterfall`, `trend`,
`accuracy`) knows those of the instant from which it looks back as well.
"""
    lines = [head]
    for plural, spec in sorted(registry.by_plural.items()):
        lines += [f"## {plural}", "", ", ".join(f"`{name}`" for name in criterion_names(spec)), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
