"""Two instants compared: the unit as it stood, and which opportunities may have come to stand otherwise since.

What did not change counts the same at both instants. So that alone is read at both which was written to between them,
which hangs from a record that was (the account that its territory is of, say), or which rates, stages or statuses tell
otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.app.arguments import as_instant
from crmkit.entities import (
    Account,
    Item,
    Lead,
    Money,
    Opportunity,
    OpportunityItem,
    Record,
    SalesTeam,
    TeamAssignment,
)
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import LINE
from crmkit.forecasting.items import Line, line_of
from crmkit.forecasting.standings import Standing, StandingGrouping
from crmkit.queries import (
    AnyOf,
    Between,
    Criterion,
    Either,
    Empty,
    Ended,
    Field,
    Grouping,
    Not,
    Related,
    SumBetween,
)

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Side", "looking_at", "pairs"]

_MICROSECOND: Final = timedelta(microseconds=1)
_BATCH: Final = 500
_MANY: Final = 2_000
"""From how many related values on they are asked for by a join, not by a list."""

_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)

_REACHED: Final[dict[str, Related]] = {
    "territory": Related(Account, via="id", to="account"),
    "campaign": Related(Lead, via="id", to="lead"),
    "team": Related(TeamAssignment, via="target", to="id", where=(Related(SalesTeam, via="id", to="holder"),)),
    "item": Related(OpportunityItem, via="opportunity", to="id", where=(Related(Item, via="id", to="item"),)),
}
"""What the place of an opportunity depends on besides the opportunity, by dimension."""

Way = tuple[Criterion, ...]


def looking_at(work: "Work", instant: datetime, field: str = "start", *, periods_of: "Work | None" = None) -> "Work":
    """The work as it stood at an instant, seen in its own transaction; to read only. Its sales periods are those of the
    work `periods_of`, where one is given. Raises Invalid, naming the field, on an instant without time zone, or one
    that is later than the work's own.
    """
    instant = as_instant("the instant", field, instant)
    if instant > work.known.now:
        said = f"must not be later than the instant that is asked about, {work.known.now}"
        raise Invalid("the instant", [Fault(field, said)])
    view: Any = work.unit.as_of(instant)  # reads alone: a work that reads asks no more of its unit
    looked = type(work)(work.crm.as_of(instant), view, work.by, read_only=True)
    looked.periods_of, looked.seen_from = periods_of or looked, work
    return looked


@attrs.frozen(kw_only=True)
class Side:
    """One of the two instants: what is read there, how it is read, and what was asked for, by the words of then."""

    work: "Work"
    reading: StandingGrouping
    wanted: tuple[Criterion, ...]

    def standings(self, ways: Sequence[Way]) -> list[Standing]:
        """How those that go one of the ways stood."""
        unit = self.work.unit
        asked: set[UUID] | None = None
        if self.wanted:
            (met,) = unit.groups([Grouping(kind=Opportunity, where=self.wanted, ways=ways, by=(Field("id"),))])
            asked = {one.key[0] for one in met}
        (groups,) = unit.groups([self.reading.grouping(ways)])
        return self.reading.standings(groups, asked)

    def of(self, ids: Iterable[UUID]) -> Iterator[Standing]:
        """How these stood, as far as they were there."""
        wanted = list(ids)
        for first in range(0, len(wanted), _BATCH):
            yield from self.standings([(AnyOf("id", wanted[first : first + _BATCH]),)])

    def lines(self, of: Iterable[Standing]) -> dict[UUID, list[Line]]:
        """The lines of these, as their figures are split over them."""
        currencies = {one.id: one.currency for one in of}
        wanted, default = list(currencies), self.work.known.currency
        found: dict[UUID, list[Line]] = {}
        for first in range(0, len(wanted), _BATCH):
            asked: Grouping[Record] = Grouping(
                kind=OpportunityItem, where=(AnyOf("opportunity", wanted[first : first + _BATCH]),), by=LINE
            )
            for group in self.work.unit.groups([asked])[0]:
                id, *told = group.key
                found.setdefault(id, []).append(line_of(*told, currency=currencies[id], default=default))
        return found


def pairs(earlier: Side, later: Side, start: datetime) -> Iterator[tuple[Standing | None, Standing | None]]:
    """The opportunities that may stand otherwise, each once, as they stood at both instants; None: there was none."""
    reached = [*_reached(earlier), *_reached(later)]
    ways_before: list[Way] = [()]
    ways_after: list[Way] = [()]
    if earlier.wanted == later.wanted:  # else what was asked for means something else, of any of them
        otherwise = _otherwise(earlier, later)
        end = later.work.crm.settings.as_of  # None: the present, which knows all that has ended
        ended, written = Ended(end or _FOR_EVER), Between("recorded_at", start + _MICROSECOND)
        ways_before = [(ended,), *otherwise, *_hanging(earlier, reached, ended)]
        ways_after = [(written,), *otherwise, *_hanging(later, reached, written)]
    before = {one.id.int: one for one in earlier.standings(ways_before)}  # by numbers, which are hashed quickly
    after = {one.id.int: one for one in later.standings(ways_after)}
    gone = [one.id for number, one in before.items() if number not in after]
    after |= {one.id.int: one for one in later.of(gone)}
    if len(ways_before) > 1 or len(ways_after) > 1:  # else what was not found was not there
        made = [one.id for number, one in after.items() if number not in before]
        before |= {one.id.int: one for one in earlier.of(made)}
    for number, one in before.items():
        yield one, after.pop(number, None)
    for one in after.values():
        yield None, one


def _otherwise(earlier: Side, later: Side) -> list[Way]:
    """Ways to what was not written to and yet counts otherwise, since rates, stages or statuses tell otherwise."""
    before, after = earlier.reading.valuation, later.reading.valuation
    stages = _differing(before.stages, after.stages, lambda one: (one.probability, one.forecast_category))
    statuses = _differing(before.outcomes, after.outcomes, lambda one: one)
    found: list[Way] = [(AnyOf(field, codes),) for field, codes in (("stage", stages), ("status", statuses)) if codes]
    moved = _moved_rates(before, after)
    found += [(Between("estimated_value", Money.zero(one)),) for one in moved]
    if moved and "item" in later.reading.dimensions:
        found.append(_listed_in(moved, later.work.known.currency))
    return found


def _listed_in(currencies: Sequence[str], default: str) -> Way:
    """A way to what has a line of an item whose list price is in one of the currencies."""
    ways: list[Way] = [(AnyOf("currency", currencies),), *([(Empty("currency"),)] if default in currencies else [])]
    item = Related(Item, via="id", to="item", where=(Either(ways),))
    return (Related(OpportunityItem, via="opportunity", to="id", where=(item,)),)


def _differing(before: Any, after: Any, telling: Callable[[Any], Any]) -> list[str]:
    """The codes of which something else is told."""
    both = dict.fromkeys((*before, *after))
    return [
        code
        for code in both
        if code not in before or code not in after or telling(before[code]) != telling(after[code])
    ]


def _moved_rates(before: Valuation, after: Valuation) -> list[str]:
    """The currencies of which an amount may come to something else."""
    wanted = after.currency
    sides = (before, after)
    currencies = {one.from_currency for side in sides for one in side.known_rates.records if one.to_currency == wanted}
    return sorted(one for one in currencies if _told(before, one) != _told(after, one))


def _told(side: Valuation, currency: str) -> Any:
    """All that an amount in a currency depends on, its own day apart."""
    records = [
        (one.day, one.rate)
        for one in side.known_rates.records
        if (one.from_currency, one.to_currency) == (currency, side.currency)
    ]
    return records, side.known_rates.rate(currency, side.currency, side.rate_day(None))


def _reached(side: Side) -> Iterator[Related]:
    """What the answer depends on besides the opportunities."""
    for name in side.reading.dimensions:
        if name in _REACHED:
            yield _REACHED[name]
    yield from _related(side.wanted)


def _related(where: Iterable[Criterion]) -> Iterator[Related]:
    for criterion in where:
        match criterion:
            case Related():
                yield criterion
            case SumBetween(kind, via):
                yield Related(kind, via=via)
            case Not(inner):
                yield from _related((inner,))
            case Either(ways):
                for way in ways:
                    yield from _related(way)
            case _:
                pass


def _hanging(side: Side, reached: Iterable[Related], touched: Criterion) -> Iterator[Way]:
    """Ways to the opportunities that hang from a record that was written to."""
    for one in dict.fromkeys(attrs.evolve(each, where=tuple(_related(each.where))) for each in reached):
        values = _values(side, one, touched)
        if len(values) > _MANY:
            yield (attrs.evolve(one, where=(_touched(one, touched),)),)
        elif values:
            yield (AnyOf(one.to, values),)


def _values(side: Side, related: Related, touched: Criterion) -> list[Any]:
    """What opportunities have in the field `to` that hang from what was written to."""
    asked: Grouping[Record] = Grouping(kind=related.kind, where=(_touched(related, touched),), by=(Field(related.via),))
    return [one.key[0] for one in side.work.unit.groups([asked])[0] if one.key[0] is not None]


def _touched(related: Related, touched: Criterion) -> Criterion:
    """The record was written to, or hangs from one that was."""
    inner = [(attrs.evolve(one, where=(_touched(one, touched),)),) for one in _related(related.where)]
    return Either([(touched,), *inner]) if inner else touched
