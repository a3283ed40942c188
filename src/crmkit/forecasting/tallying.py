"""Summing a store's groups up by the row that each belongs to: groups of opportunities, or of lines of forecasts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, Protocol
from uuid import UUID

import attrs

from crmkit.entities import Money, Percent
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.items import Line, by_item, comparable, line_of
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.totals import Outcome, Tally
from crmkit.queries import Field, FirstOf, Grouped, Replaced, Term

__all__ = ["Tallied", "Tallying", "standing_of", "weighted_minor"]

_STANDINGS: Final = ("closed", "lost", "commit", "best_case", "pipeline", "omitted", "")
"""How an opportunity stands, as a whole number: how it ended, or else its category."""
_OUTCOMES: Final[dict[str, Outcome]] = {"closed": "won", "lost": "lost"}


def standing_of(valuation: Valuation, category: str, *, of_stage: bool = True) -> Term:
    """Its place in `_STANDINGS`, by its status, by the field `category` and, with `of_stage`, by its stage's category;
    empty where the status is none that is open, won or lost.
    """
    numbers = {name: number for number, name in enumerate(_STANDINGS)}
    ended = {"won": numbers["closed"], "lost": numbers["lost"]}
    outcomes, stages = valuation.outcomes, valuation.stages
    by_stage = {code: numbers[one.forecast_category] for code, one in stages.items() if one.forecast_category}
    tables = (
        ("status", {code: ended[outcome] for code, outcome in outcomes.items() if outcome in ended}),
        (category, {name: numbers[name] for name in _STANDINGS[2:-1]}),
        ("stage", by_stage if of_stage else {}),
        ("status", {code: numbers[""] for code, outcome in outcomes.items() if outcome == "open"}),
    )
    return FirstOf([Replaced(Field(name), table) for name, table in tables if table])


def weighted_minor(value: Money, basis_points: int | None) -> int:
    """The minor units of a value by a probability; nothing without one."""
    return 0 if basis_points is None else value.weighted(Percent.of_basis_points(basis_points)).minor


class Tallied(Protocol):
    """What was grouped for a roll-up, and how its groups are read.

    The key of a group holds, in this order: the dimensions that are `kept`, of the period what stands for it in
    `period_codes`; how it stands; so many as it `carries`, which are empty where the sums can be taken as they are, and
    else `converted`; and with "item" among the dimensions, what is split (empty where nothing is), what `line_of` takes
    of a line, and currency and day of the value. The sums are the value, what is expected of it, and how many have no
    value, or lack anything while they are open.
    """

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What is rolled up by."""
        ...

    @property
    def valuation(self) -> Valuation:
        """In whose currency all is."""
        ...

    @property
    def list_currency(self) -> str:
        """The currency of list prices that do not name theirs."""
        ...

    @property
    def kept(self) -> list[str]:
        """The dimensions that a group tells by a term of its own, "period" first."""
        ...

    @property
    def period_codes(self) -> Sequence[str | None] | Mapping[Any, str | None]:
        """The codes of the periods."""
        ...

    @property
    def carries(self) -> int:
        """How many of the key are for converting."""
        ...

    def converted(self, group: Grouped, carried: tuple[Any, ...]) -> tuple[int, int]:
        """The group's gross and weighted figure in minor units, by what it carries."""
        ...


@attrs.define
class _Split:
    """What is to be split over lines, as far as these have come."""

    places: list[Key]
    standing: str
    gross: Money
    weighted: Money
    incomplete: int
    currency: str
    day: date | None
    lines: list[Line] = attrs.field(factory=list)


class Tallying:
    """Sums groups up by the key of the row that they belong to."""

    def __init__(self, asked: Tallied) -> None:
        self.asked = asked
        self.valuation = asked.valuation
        self.found: dict[tuple[Key, ...], Tally] = {}
        self.splits: dict[UUID, _Split] = {}
        told = (*asked.kept, "status", "category", "item")
        self.order = [told.index(name) for name in asked.dimensions]
        """Where each dimension stands among what is told of a group."""

    def of(self, groups: Iterable[Grouped]) -> dict[tuple[Key, ...], Tally]:
        """The tallies of the groups. Raises Refused without a rate that is needed, ValueError on an unknown status."""
        periods: Any = self.asked.period_codes if "period" in self.asked.dimensions else None
        width, carries = len(self.asked.kept), self.asked.carries
        nothing, lines_from = (None,) * carries, width + 1 + carries
        for group in groups:
            key = group.key
            number, carried = key[width], key[width + 1 : lines_from]
            if number is None:
                raise ValueError("an opportunity has a status that is none of open, won and lost")
            places = [*key[:width]]
            if periods is not None and places[0] is not None:
                places[0] = periods[places[0]]
            amounts = group.sums[:2] if carried == nothing else self.asked.converted(group, carried)
            self._count(group, places, _STANDINGS[number], amounts, key[lines_from:])
        for id, split in sorted(self.splits.items()):
            lines = comparable(split.lines, split.currency, split.day, self.valuation, record=id)
            for item, gross, weighted, here in by_item(split.gross, split.weighted, lines):
                count, incomplete = (1, split.incomplete) if here else (0, 0)
                self._put(split.places, split.standing, count, gross.minor, weighted.minor, incomplete, item)
        return self.found

    def _count(
        self,
        group: Grouped,
        places: list[Key],
        standing: str,
        amounts: tuple[int, ...],
        line: tuple[Any, ...],
    ) -> None:
        gross, weighted = amounts
        _, _, valueless, uncertain = group.sums
        outcome = _OUTCOMES.get(standing, "open")
        incomplete = uncertain if outcome == "open" else valueless
        if outcome != "open":
            weighted = gross if outcome == "won" else 0
        if not line or line[0] is None:
            self._put(places, standing, group.count, gross, weighted, incomplete)
            return
        whole, *told, currency, day = line
        split = self.splits.get(whole)
        if split is None:
            amount, likely = (Money.of_minor(minor, self.valuation.currency) for minor in (gross, weighted))
            split = self.splits[whole] = _Split(places, standing, amount, likely, incomplete, currency or "", day)
        split.lines.append(line_of(*told, currency=currency, default=self.asked.list_currency))

    def _put(
        self,
        places: list[Key],
        standing: str,
        count: int,
        gross: int,
        weighted: int,
        incomplete: int,
        item: UUID | None = None,
    ) -> None:
        outcome = _OUTCOMES.get(standing, "open")
        every = (*places, outcome, standing or None, item)
        key = tuple([every[place] for place in self.order])
        tally = self.found.get(key)
        if tally is None:
            tally = self.found[key] = Tally(self.valuation.currency)
        tally.put(outcome, standing, count, gross, weighted, incomplete)
