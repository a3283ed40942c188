"""Questions as values: criteria, order, page."""

from crmkit.queries.asking import NAMED, Asker, criteria, criterion_names
from crmkit.queries.criteria import (
    AnyOf,
    Between,
    Contains,
    Criterion,
    Either,
    Empty,
    Equals,
    Not,
    Related,
    StartsWith,
    SumBetween,
)
from crmkit.queries.query import SORTABLE, Cursor, Query, comparable, sort_key
from crmkit.queries.values import Part, Range, at_least, at_most, between, contains, exactly, starts_with

__all__ = [
    "NAMED",
    "SORTABLE",
    "AnyOf",
    "Asker",
    "Between",
    "Contains",
    "Criterion",
    "Cursor",
    "Either",
    "Empty",
    "Equals",
    "Not",
    "Part",
    "Query",
    "Range",
    "Related",
    "StartsWith",
    "SumBetween",
    "at_least",
    "at_most",
    "between",
    "comparable",
    "contains",
    "criteria",
    "criterion_names",
    "exactly",
    "sort_key",
    "starts_with",
]
