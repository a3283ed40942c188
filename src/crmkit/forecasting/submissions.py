"""The submissions of a forecast, and what lies between two of them: what came on, went off and changed (R6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import attrs

from crmkit.entities import Money, SalesForecast
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.lines import ForecastFigures, LineFigures
from crmkit.forecasting.totals import AMOUNTS
from crmkit.frames import data_frame
from crmkit.repositories.store import Past
from crmkit.tables import html_table, text_table

__all__ = ["Comparison", "LineChange", "Spell", "Submission", "compare", "spells"]

Change = Literal["added", "removed", "changed", "same"]

COMPARED: Final = (*AMOUNTS, "owner_only", "without_adjustments", "without_manager_adjustments", "with_all_adjustments")
"""The amounts that two states of a forecast are compared by."""

_TOLD: Final = ("value", "probability", "close_date", "status", "category", "override", "owner")


@attrs.frozen
class Spell:
    """A time during which a forecast stood submitted, approved or not: from its submission until it was reopened.

    `until` is None while it still stands.
    """

    number: int
    at: datetime
    by: str
    approved_at: datetime | None
    until: datetime | None


@attrs.frozen(kw_only=True)
class Submission:
    """A forecast as it was submitted: the first is `number` 1.

    `figures` are of its frozen lines, with all the adjustments that were made while it stood. `until` is the instant
    at which it was reopened, None while it stands; `approved_at` is None where it was not approved.
    """

    number: int
    at: datetime
    by: str
    approved_at: datetime | None
    until: datetime | None
    figures: ForecastFigures


def spells(states: Iterable[Past[SalesForecast]]) -> list[Spell]:
    """The submissions that a forecast's saved states tell of, oldest first.

    One that was reopened at the very instant of the clock at which it was submitted stood for no time, and is none.
    """
    found: list[Spell] = []
    standing = False
    for one in states:
        record = one.record
        at = record.recorded_at
        if at is None:
            continue
        if record.status == "draft":
            if standing:
                last = found.pop()
                found += [attrs.evolve(last, until=at)] if last.at < at else []
            standing = False
            continue
        if not standing:
            found.append(Spell(len(found) + 1, at, record.recorded_by, None, None))
            standing = True
        if record.status == "approved" and found[-1].approved_at is None:
            found[-1] = attrs.evolve(found[-1], approved_at=at)
    return found


@attrs.frozen(kw_only=True)
class LineChange:
    """What became of an opportunity between two states of a forecast.

    `before` and `after` are None where it was not on it; `fields` names what changed of value, probability, close_date,
    status, category, override, owner (whether it is the forecast's owner's own) and rate (of its value, or of an
    override that counts).
    """

    opportunity: UUID
    before: LineFigures | None
    after: LineFigures | None
    fields: tuple[str, ...]
    currency: str

    @property
    def name(self) -> str:
        """What the opportunity is called, as it was called last."""
        return next((held.name for held in (self.after, self.before) if held is not None), "")

    @property
    def change(self) -> Change:
        """Whether it came on, went off, changed or stayed the same."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        moved = self.fields or self.gross.minor or self.weighted.minor
        return "changed" if moved else "same"

    @property
    def gross(self) -> Money:
        """By how much its gross figure changed."""
        return self._moved("gross")

    @property
    def weighted(self) -> Money:
        """By how much its weighted figure changed."""
        return self._moved("weighted")

    def _moved(self, name: str) -> Money:
        held = (Money.zero(self.currency) if one is None else getattr(one.figures, name) for one in self._both)
        before, after = held
        return Money.of_minor(after.minor - before.minor, self.currency)

    @property
    def _both(self) -> tuple[LineFigures | None, LineFigures | None]:
        return self.before, self.after


@attrs.frozen(kw_only=True)
class Comparison:
    """What lies between two states of one forecast, in its currency.

    The lines' changes sum to the totals' exactly: `gross` and `weighted` are both. `adjustments` is what adjustments
    add to `weighted` after less what they added before.
    """

    before: ForecastFigures
    after: ForecastFigures
    lines: tuple[LineChange, ...]

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.after.currency

    def of(self, change: Change) -> tuple[LineChange, ...]:
        """The lines that were added, removed, changed, or stayed the same."""
        return tuple(one for one in self.lines if one.change == change)

    @property
    def added(self) -> tuple[LineChange, ...]:
        """What came on."""
        return self.of("added")

    @property
    def removed(self) -> tuple[LineChange, ...]:
        """What went off."""
        return self.of("removed")

    @property
    def changed(self) -> tuple[LineChange, ...]:
        """What stayed on with other figures, or by another field that is told."""
        return self.of("changed")

    @property
    def gross(self) -> Money:
        """By how much the gross figure changed."""
        return self.total("gross")

    @property
    def weighted(self) -> Money:
        """By how much the weighted figure changed."""
        return self.total("weighted")

    @property
    def adjustments(self) -> Money:
        """By how much more the adjustments add than they did."""
        return self.total("with_all_adjustments") - self.weighted

    def total(self, name: str) -> Money:
        """By how much a figure of the whole changed; one of `COMPARED`. Raises Invalid on another."""
        if name not in COMPARED:
            raise Invalid("the comparison", [Fault("figure", f"is one of {', '.join(COMPARED)}, not {name!r}")])
        before, after = getattr(self.before, name), getattr(self.after, name)
        return Money.of_minor(after.minor - before.minor, self.currency)

    def to_rows(self) -> list[dict[str, Any]]:
        """A plain dict a line: what became of it, its figures before and after, the fields that changed."""
        return [dict(_plain(one)) for one in self.lines]

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame. Raises MissingExtra without pandas."""
        return data_frame(_COLUMNS, self.to_rows())

    def __str__(self) -> str:
        return f"In {self.currency}\n{text_table(_HEADS, self._table())}"

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._table(), self.currency)

    def _table(self) -> Iterator[list[object]]:
        for one in self.lines:
            gross, weighted = (_pair(one, name) for name in ("gross", "weighted"))
            yield [one.name or one.opportunity, one.change, *gross, *weighted, ", ".join(one.fields).replace("_", " ")]
        for name in ("gross", "with_all_adjustments"):
            before, after = getattr(self.before, name), getattr(self.after, name)
            if name == "gross":
                whole = (before.amount, after.amount, self.before.weighted.amount, self.after.weighted.amount)
                yield ["total", "", *whole, ""]
            else:
                yield ["with all adjustments", "", None, None, before.amount, after.amount, ""]


_HEADS: Final = ("Opportunity", "Change", "Gross before", "after", "Weighted before", "after", "Fields")
_COLUMNS: Final = (
    "opportunity",
    "name",
    "change",
    "gross_before",
    "gross_after",
    "gross_change",
    "weighted_before",
    "weighted_after",
    "weighted_change",
    "fields",
    "currency",
)


def _pair(one: LineChange, name: str) -> list[object]:
    return [None if held is None else getattr(held.figures, name).amount for held in (one.before, one.after)]


def _plain(one: LineChange) -> Iterator[tuple[str, Any]]:
    yield "opportunity", one.opportunity
    yield "name", one.name
    yield "change", one.change
    for name in ("gross", "weighted"):
        before, after = _pair(one, name)
        yield f"{name}_before", before
        yield f"{name}_after", after
        yield f"{name}_change", getattr(one, name).amount
    yield "fields", ", ".join(one.fields)
    yield "currency", one.currency


def compare(before: ForecastFigures, after: ForecastFigures) -> Comparison:
    """What lies between two states of a forecast: those on it before in their order, then those that came on.

    Raises ValueError where they are of two forecasts or in two currencies, which nothing makes comparable.
    """
    if before.forecast.id != after.forecast.id:
        raise ValueError("two states of one forecast are compared, not two forecasts")
    if before.currency != after.currency:
        raise ValueError(f"the forecast was in {before.currency} and is in {after.currency}: it has no one change")
    held, there = _by_opportunity(before.lines), _by_opportunity(after.lines)
    lines = tuple(
        LineChange(
            opportunity=id,
            before=held.get(id),
            after=there.get(id),
            fields=_fields(held.get(id), there.get(id)),
            currency=after.currency,
        )
        for id in {**held, **there}
    )
    return Comparison(before=before, after=after, lines=lines)


def _by_opportunity(lines: Sequence[LineFigures]) -> Mapping[UUID, LineFigures]:
    return {one.line.opportunity: one for one in lines}


def _fields(before: LineFigures | None, after: LineFigures | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    told = [name for name in _TOLD if _told(before, name) != _told(after, name)]
    return (*told, "rate") if _another_rate(before, after) else tuple(told)


def _another_rate(before: LineFigures, after: LineFigures) -> bool:
    """Whether money of one currency, the value or an override that counts, was converted at another rate."""
    pairs = [(before.exchange, after.exchange)]
    if before.overridden and after.overridden:
        pairs.append((before.override_exchange, after.override_exchange))
    return any(
        was is not None and now is not None and was.money.currency == now.money.currency and was.rate != now.rate
        for was, now in pairs
    )


def _told(held: LineFigures, name: str) -> object:
    match name:
        case "probability":
            return held.figures.probability
        case "status":
            return held.figures.outcome
        case "category":
            return held.figures.category
        case "override":
            return held.line.override
        case "owner":
            return held.own
        case _:
            return getattr(held, name)
