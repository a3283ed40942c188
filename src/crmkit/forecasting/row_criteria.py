"""What an opportunity must be to be in a row of a roll-up, or below it: criteria, of the terms it is grouped by."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from crmkit.entities import Money, OpportunityItem
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import PLACES
from crmkit.forecasting.roll_up import Key, above
from crmkit.queries import AnyOf, Between, Criterion, Either, Empty, Field, FirstOf, Least, Not, Related, Term, Through

__all__ = ["row_criteria"]


def row_criteria(
    key: Mapping[str, Key],
    trees: Mapping[str, Mapping[UUID, UUID | None]],
    valuation: Valuation,
    *,
    as_they_stand: bool,
) -> tuple[Criterion, ...]:
    """For all that can be in the row of that key or below it, so that no store reads much more than that: of
    opportunities as they stand, or else of lines, which may be frozen in another stage, category, status or currency.
    Not by period, which is asked for by its days.
    """
    found: list[Criterion] = []
    for name, wanted in key.items():
        if name in PLACES:
            found.append(_placed(PLACES[name], _with_below(name, wanted, trees)))
        elif name == "item":
            of_item = () if wanted is None else (AnyOf("item", (wanted,)),)
            line = Related(OpportunityItem, via="opportunity", where=of_item)
            found.append(Not(line) if wanted is None else line)
        elif as_they_stand:
            found += _standing(name, wanted, valuation)
    return tuple(found)


def _with_below(name: str, wanted: Key, trees: Mapping[str, Mapping[UUID, UUID | None]]) -> list[Any]:
    """The key, and those of all groups below it; nothing where it is None."""
    below = [id for id in trees.get(name, ()) if (wanted,) in above((id,), (name,), trees)]
    return [] if wanted is None else sorted({wanted, *below})


def _placed(term: Term, values: Collection[Any]) -> Criterion:
    """The term has one of the values; where there are none, it is empty."""
    match term:
        case Field(name):
            return AnyOf(name, values) if values else Empty(name)
        case Through(via, kind, inner):
            if values:
                return Related(kind, via="id", to=via, where=(_placed(inner, values),))
            return Not(Related(kind, via="id", to=via, where=(Not(_placed(inner, ())),)))
        case FirstOf((own, other)):
            unset = (_placed(own, ()), _placed(other, values))
            return Either([(_placed(own, values),), unset] if values else [unset])
        case Least(kind, via, field, where):
            one = AnyOf(field, values)
            return Related(kind, via=via, where=(*where, one)) if values else Not(Related(kind, via=via, where=where))
        case _:
            raise TypeError(f"{term!r} is no place of an opportunity")


def _standing(name: str, wanted: Any, valuation: Valuation) -> Iterable[Criterion]:
    """How it stands, and what it is worth."""
    match name:
        case "stage":
            yield Empty("stage") if wanted is None else AnyOf("stage", (wanted,))
        case "status":
            yield _outcome(wanted, valuation)
        case "category" if wanted in ("closed", "lost"):
            yield _outcome("won" if wanted == "closed" else "lost", valuation)
        case "category":
            yield _outcome("open", valuation)
            yield _category(wanted, valuation)
        case "currency":
            yield Empty("estimated_value") if wanted is None else Between("estimated_value", Money.zero(wanted))
        case _:
            pass


def _outcome(wanted: str, valuation: Valuation) -> Criterion:
    return AnyOf("status", [code for code, outcome in valuation.outcomes.items() if outcome == wanted])


def _category(wanted: str | None, valuation: Valuation) -> Criterion:
    """Its own category is that one or, where it has none, its stage's."""
    stages = {code: stage.forecast_category for code, stage in valuation.stages.items() if stage.forecast_category}
    if wanted is None:
        return Either([(Empty("forecast_category"), Not(AnyOf("stage", list(stages))))])
    likewise = AnyOf("stage", [code for code, category in stages.items() if category == wanted])
    return Either([(AnyOf("forecast_category", (wanted,)),), (Empty("forecast_category"), likewise)])
