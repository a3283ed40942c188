"""Learning from how opportunities ended, and what is to be known of those that are asked about: read set by set."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

import attrs

from crmkit.entities import (
    Account,
    FrozenMap,
    Opportunity,
    OpportunityCompetitor,
    OpportunityItem,
    Percent,
    Record,
)
from crmkit.errors import Fault, Finding, Invalid, Refused
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import PLACES
from crmkit.forecasting.learning import (
    DEFAULT_FIELDS,
    LEAST,
    Case,
    LearntConversion,
    LearntScores,
    Lived,
    Probabilities,
    as_percent,
)
from crmkit.forecasting.scoring import Closed, Learnt, Seen
from crmkit.forecasting.stages import StageSpell, stage_spells
from crmkit.queries import (
    AddressPart,
    AnyOf,
    Criterion,
    Field,
    Grouping,
    Query,
    Related,
    Term,
    Through,
    field_of_term,
)

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Features", "cases_of", "learn_conversion", "learn_scores", "learnt_from", "probability_of"]

T = TypeVar("T")

_TEAM: Final = PLACES["team"]
_NAMED: Final[dict[str, Term]] = {
    "country": Through("account", Account, AddressPart("address", "country")),
    "city": Through("account", Account, AddressPart("address", "city")),
    "territory": PLACES["territory"],
    "campaign": PLACES["campaign"],
    "team": _TEAM,
}
_MANY: Final[dict[str, type[Record]]] = {"competitor": OpportunityCompetitor, "item": OpportunityItem}
_CUSTOM: Final = "custom."
_CHUNK: Final = 1_000
"""Of how many opportunities histories are held at once."""


@attrs.frozen
class Features:
    """The fields that opportunities are told apart by, and how each is read: `single` ones have a term, `many` are
    parts of an opportunity, `custom` ones are the host's own.

    A field is one of the opportunity's own (source, salesperson …), its account's country or city, "account." and one
    of the account's, its territory or campaign as roll-ups have them, its team, its competitors or items, or "custom."
    and a host's own.
    """

    single: FrozenMap[Term]
    many: tuple[str, ...]
    custom: tuple[str, ...]

    @classmethod
    def of(cls, names: Any) -> "Features":
        """The fields of these names. Raises Invalid on what is none."""
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise Invalid("learning", [Fault("fields", f"names several, such as ('stage', 'source'), not {names!r}")])
        held = list(dict.fromkeys(names))
        single: dict[str, Term] = {}
        faults = []
        for name in held:
            if name in ("stage", *_MANY) or (isinstance(name, str) and name.startswith(_CUSTOM)):
                continue
            try:
                single[name] = _term(name)
            except (Invalid, AttributeError, KeyError, TypeError):
                said = f"{name!r} is no field to learn from: name one of the opportunity's, of the account's as in"
                faults.append(Fault("fields", f"{said} 'account.sic_code', or {', '.join((*_NAMED, *_MANY))}"))
        if faults:
            raise Invalid("learning", faults)
        return cls(
            FrozenMap(single),
            tuple(name for name in held if name in _MANY),
            tuple(name for name in held if name.startswith(_CUSTOM)),
        )

    def kinds(self, work: "Work") -> Iterator[type[Record]]:
        """The entities whose ids may be values: people read their names."""
        for name, term in self.single.items():
            if name in ("team", "territory", "campaign"):
                yield work.unit.registry.of_table({"team": "sales_team"}.get(name, name))[0].cls
            elif isinstance(term, Field) and (references := Opportunity.spec.by_name[name].references):
                yield from (spec.cls for table in references.tables for spec in work.unit.registry.of_table(table))
        for name in self.many:
            yield work.unit.registry.of_table(name)[0].cls


def _term(name: str) -> Term:
    if name in _NAMED:
        return _NAMED[name]
    base, _, part = name.partition(".")
    if base == "account" and part:
        field_of_term(Account.spec, part)
        return Through("account", Account, Field(part))
    field_of_term(Opportunity.spec, name)
    return Field(name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def learn_scores(work: "Work", meaning: Valuation, fields: Sequence[str], *, own: bool) -> LearntScores:
    """Naive-Bayes scores of the opportunities that are closed, counted per primary team and over all."""
    _check_own(own)
    features = Features.of(fields)
    where = (_of_outcomes(meaning, "won", "lost"),)
    asked: Grouping[Opportunity] = Grouping(
        kind=Opportunity,
        where=where,
        by=(_TEAM, Field("status"), Field("stage"), *features.single.values()),
    )
    of_team: dict[UUID | None, list[Closed]] = {}
    for group in work.unit.groups([asked])[0]:
        team, status, stage, *values = group.key
        of_team.setdefault(team, []).append(
            Closed(
                won=meaning.outcome(status) == "won",
                stage=stage or "",
                values=dict(zip(features.single, map(_text, values), strict=True)),
                count=group.count,
            )
        )
    seen, several = _seen(work, meaning, features, where)
    stages = list(work.known.codes("stage"))
    counted = (*features.single, *features.many, *features.custom)

    def learnt(closed: Iterable[Closed], more: Iterable[Seen]) -> Learnt:
        return Learnt.of(closed, stages=stages, fields=counted, several=several, seen=more, by_stage="stage" in fields)

    every = [one for held in of_team.values() for one in held]
    return LearntScores(
        at=work.known.now,
        fields=tuple(dict.fromkeys(fields)),
        everyone=learnt(every, (one for held in seen.values() for one in held)),
        teams={team: learnt(held, seen.get(team, ())) for team, held in of_team.items() if team is not None},
        names=FrozenMap({str(one.id): str(one) for kind in features.kinds(work) for one in work.bare_all(kind)}),
        own=own,
    )


def _check_own(own: Any) -> None:
    if not isinstance(own, bool):
        said = f"is True, where a probability set by hand stands before what is learnt, or False; not {own!r}"
        raise Invalid("learning", [Fault("own", said)])


def _of_outcomes(meaning: Valuation, *outcomes: str) -> Criterion:
    return AnyOf("status", [code for code, outcome in meaning.outcomes.items() if outcome in outcomes])


def _seen(
    work: "Work", meaning: Valuation, features: Features, where: tuple[Criterion, ...]
) -> tuple[dict[UUID | None, list[Seen]], set[str]]:
    """What was seen of the fields that no term reads, by team; and which of all fields may have several values."""
    if not (features.many or features.custom):
        return {}, set()
    told = _told(work, where, (Field("status"), _TEAM))
    found: dict[UUID | None, list[Seen]] = {}
    several = set(features.many)
    for id, values in _values(work, features, where).items():
        status, team = told[id]
        for field, held in values.items():
            if field in features.custom and not isinstance(held, str):
                several.add(field)
            for value in (held,) if isinstance(held, str) else held:
                if value:
                    found.setdefault(team, []).append(Seen(field, value, meaning.outcome(status) == "won"))
    return found, several


def _told(work: "Work", where: tuple[Criterion, ...], terms: Iterable[Term]) -> dict[UUID, tuple[Any, ...]]:
    """The terms of each opportunity, by its id: one statement for all."""
    asked: Grouping[Opportunity] = Grouping(kind=Opportunity, where=where, by=(Field("id"), *terms))
    return {group.key[0]: group.key[1:] for group in work.unit.groups([asked])[0]}


def _values(work: "Work", features: Features, where: tuple[Criterion, ...]) -> dict[UUID, dict[str, Any]]:
    """The values of the fields that no term reads, by opportunity: a text, or several."""
    found: dict[UUID, dict[str, Any]] = {}
    for name in features.many:
        asked: Grouping[Record] = Grouping(
            kind=_MANY[name],
            where=(Related(Opportunity, via="id", to="opportunity", where=where),),
            by=(Field("opportunity"), Field(name)),
        )
        for group in work.unit.groups([asked])[0]:
            opportunity, value = group.key
            held = found.setdefault(opportunity, {})
            held[name] = (*held.get(name, ()), _text(value))
    for one in work.unit.stream(Query(kind=Opportunity, where=where)) if features.custom else ():
        for name in features.custom:
            held_in = one.custom.get(name.removeprefix(_CUSTOM))
            several = isinstance(held_in, tuple | list | frozenset)
            found.setdefault(one.id, {})[name] = tuple(sorted({*map(_text, held_in)})) if several else _text(held_in)  # type: ignore[arg-type]
    return found


def learn_conversion(work: "Work", meaning: Valuation, *, least: int, own: bool) -> LearntConversion:
    """What became of closed opportunities by how long they were in each of their stages."""
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        raise Invalid("learning", [Fault("least", f"is a whole number, at least 1, not {least!r}")])
    _check_own(own)
    closed = _told(work, (_of_outcomes(meaning, "won", "lost"),), (Field("status"),))
    lived = (
        Lived(stage, lasted, meaning.outcome(closed[id][0]) == "won")
        for id, spells in _spells(work, closed)
        for stage, lasted in _in_stages(spells).items()
    )
    return LearntConversion.of(lived, at=work.known.now, least=least, own=own)


def _spells(work: "Work", ids: Iterable[UUID]) -> Iterator[tuple[UUID, list[StageSpell]]]:
    category = partial(work.known.category, "opportunity_status")
    for chunk in _chunks(ids):
        for id, states in work.unit.histories(Opportunity, chunk).items():
            yield id, stage_spells(states, category, work.known.now)


def _chunks(given: Iterable[T]) -> Iterator[list[T]]:
    held = iter(given)
    while chunk := list(islice(held, _CHUNK)):
        yield chunk


def _in_stages(spells: Iterable[StageSpell]) -> dict[str, timedelta]:
    """How long in each stage, all spells there together."""
    found: dict[str, timedelta] = {}
    for one in spells:
        if one.stage:
            found[one.stage] = found.get(one.stage, timedelta(0)) + one.lasted
    return found


def cases_of(
    work: "Work", meaning: Valuation, learnt: LearntScores | LearntConversion, where: tuple[Criterion, ...]
) -> dict[UUID, Case]:
    """What is to be known of the opportunities for which the criteria hold, for what was learnt to tell their chance.

    Raises Refused where it was learnt later than they are looked at: then it would know how they ended.
    """
    if learnt.at > work.known.now:
        said = f"it was learnt {learnt.at}, later than {work.known.now}: learn from the view itself"
        raise Refused("telling chances by what was learnt", [Finding("future", said)])
    if isinstance(learnt, LearntConversion):
        told = _told(work, where, (Field("status"), Field("stage")))
        lasted = {id: _in_stages(spells) for id, spells in _spells(work, told)}
        return {
            id: Case(
                outcome=meaning.outcome(status),
                stage=stage or "",
                in_stage=lasted.get(id, {}).get(stage or "", timedelta(0)),
            )
            for id, (status, stage) in told.items()
        }
    features = Features.of(learnt.fields)
    told = _told(work, where, (Field("status"), Field("stage"), _TEAM, *features.single.values()))
    more = _values(work, features, where)
    return {
        id: Case(
            outcome=meaning.outcome(status),
            stage=stage or "",
            team=team,
            values={**dict(zip(features.single, map(_text, values), strict=True)), **more.get(id, {})},
        )
        for id, (status, stage, team, *values) in told.items()
    }


def probability_of(
    work: "Work", meaning: Valuation, source: Probabilities, where: tuple[Criterion, ...]
) -> Callable[[Opportunity], Percent | None]:
    """What gives an open opportunity, one of those for which the criteria hold, its probability. Raises Invalid on a
    source that there is not, Refused on what was learnt later.
    """

    def of_stage(one: Opportunity) -> Percent | None:
        stage = meaning.stages.get(one.stage)
        return None if stage is None else stage.probability

    if source == "record":
        return meaning.probability
    if source == "stage":
        return of_stage
    learnt = learnt_from(work, meaning, source)
    cases = cases_of(work, meaning, learnt, (*where, _of_outcomes(meaning, "open")))
    chances = {id: learnt.chance(case) for id, case in cases.items()}

    def of_others(one: Opportunity) -> Percent | None:
        if learnt.own and one.probability is not None:  # set by hand: it stays
            return one.probability
        chance = chances.get(one.id)
        return of_stage(one) if chance is None else as_percent(chance)

    return of_others


def learnt_from(work: "Work", meaning: Valuation, source: Any) -> LearntScores | LearntConversion:
    """What was learnt, or is learnt now where it is named. Raises Invalid on what is neither."""
    if isinstance(source, LearntScores | LearntConversion):
        return source
    if source == "score":
        return learn_scores(work, meaning, DEFAULT_FIELDS, own=True)
    if source == "conversion":
        return learn_conversion(work, meaning, least=LEAST, own=True)
    said = f"is 'record', 'stage', 'conversion', 'score', or what was learnt before, not {source!r}"
    raise Invalid("the figures", [Fault("probabilities", said)])
