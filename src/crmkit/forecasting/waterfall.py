"""The waterfall between two instants: how the open pipeline of then became that of later, opportunity by opportunity.

What is counted is what is open and closes in the periods looked at (of everything, where none are), by its value or by
its weighted value. An opportunity is compared as it stood at the two instants, and no more: what came and went between
them is in neither. One that counts at neither, or the same in the same row at both, does not move. Any other is on one
path, the first of these that holds:

Out of the pipeline, with what it counted at the start: *deleted*, it is no more; *won*, *lost*; *pushed*, it closes
later than the periods, or on no known day; *pulled*, it closes before them; *moved*, what was asked for does not hold
any more.

Into it, with what it counts at the end: *new*, there was none at the start (or it was deleted then); *reopened*, it was
won or lost; *pulled*, it was to close after the periods, or on no known day; *pushed*, it was to close before them;
*moved*, what was asked for did not hold.

In it at both instants, but in one row and then in another: out of the one with what it counted at the start, into the
other with what it counts at the end, *pushed* or *pulled* where rows are of periods and it changed its period, else
*moved*. Seen from one row, the other is outside: so that a row says what the waterfall that asks for it alone says.

In one row at both instants: *up* or *down* by what it counts more or less. What is due to exchange rates is no part of
that: it is told on the line *rates*, which is of these alone. Where nothing else has changed, the path is *rates*
itself. This part is the former value by the later rates and close date, less the former figure; it is nothing where
that cannot be told, for want of a rate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias, overload
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.errors import Fault, Invalid, Refused
from crmkit.forecasting import waterfall_showing
from crmkit.forecasting.rows import row_of, row_order
from crmkit.forecasting.standings import RowKey, Standing, StandingGrouping
from crmkit.forecasting.tabled import placed
from crmkit.frames import data_frame

__all__ = ["LINES", "PATHS", "Movement", "Movements", "Waterfall", "WaterfallRow", "waterfall"]

PATHS: Final = ("new", "reopened", "pulled", "pushed", "moved", "up", "down", "rates", "won", "lost", "deleted")
"""What can become of an opportunity between two instants: each is on one path."""

LINES: Final = (
    "new",
    "reopened",
    "pulled_in",
    "pushed_in",
    "moved_in",
    "up",
    "down",
    "rates",
    "moved_out",
    "pulled_out",
    "pushed_out",
    "lost",
    "won",
    "deleted",
)
"""The lines of a row between its start and its end, as they are shown; a path that leads both ways has two."""

_TWO_WAYS: Final = frozenset({"pulled", "pushed", "moved"})
_NO_NAMES: Final[Mapping[str, Mapping[Any, str]]] = {}

_Held: TypeAlias = tuple[UUID, str, RowKey | None, RowKey | None, int, int, int]
"""A movement as it is kept: opportunity, path, row left, row entered, figures before and after, part due to rates."""


@attrs.frozen(kw_only=True)
class Movement:
    """One opportunity on its path.

    It has `left` a row, `entered` one, or both (the same one where it went up or down); None for outside. `before` and
    `after` are what it counted in them, each at the rates of its own instant; `rates` is the part of the difference
    that is due to exchange rates, of one that stayed in its row.
    """

    opportunity: UUID
    path: str
    left: RowKey | None
    entered: RowKey | None
    before: Money
    after: Money
    rates: Money

    @property
    def change(self) -> Money:
        """What its path does to the whole: after − before, rates apart."""
        return self.after - self.before - self.rates

    def __str__(self) -> str:
        return f"{self.opportunity} {self.path}: {self.before} → {self.after}"


class Movements(Sequence[Movement]):
    """Movements in order of path and then of opportunity; each is made when it is looked at."""

    __slots__ = ("_currency", "_given", "_ordered")

    def __init__(self, held: Iterable[_Held], currency: str) -> None:
        self._given = list(held)
        self._ordered: tuple[_Held, ...] | None = None
        self._currency = currency

    @property
    def _held(self) -> tuple[_Held, ...]:
        """In order, which they are brought into when they are first looked at."""
        if self._ordered is None:
            places = {path: place for place, path in enumerate(PATHS)}
            self._ordered = tuple(sorted(self._given, key=lambda one: (places[one[1]], one[0].int)))
        return self._ordered

    @overload
    def __getitem__(self, place: int) -> Movement: ...
    @overload
    def __getitem__(self, place: slice) -> list[Movement]: ...
    def __getitem__(self, place: int | slice) -> Movement | list[Movement]:
        if isinstance(place, slice):
            return [self._made(one) for one in self._held[place]]
        return self._made(self._held[place])

    def __len__(self) -> int:
        return len(self._given)

    def __iter__(self) -> Iterator[Movement]:
        return map(self._made, self._held)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Movements):
            return NotImplemented
        return (self._held, self._currency) == (other._held, other._currency)

    def __hash__(self) -> int:
        return hash((self._held, self._currency))

    def __repr__(self) -> str:
        return f"<{len(self)} movements>"

    def on(self, path: str) -> list[Movement]:
        """Those on that path, one of `PATHS`. Raises Invalid on another."""
        if path not in PATHS:
            raise Invalid("the waterfall", [Fault("path", f"is one of {', '.join(PATHS)}, not {path!r}")])
        return [self._made(one) for one in self._held if one[1] == path]

    def _made(self, held: _Held) -> Movement:
        opportunity, path, left, entered, *figures = held
        before, after, rates = (Money.of_minor(figure, self._currency) for figure in figures)
        return Movement(
            opportunity=opportunity, path=path, left=left, entered=entered, before=before, after=after, rates=rates
        )

    def __add__(self, later: "Movements") -> "Movements":
        """These and later ones, in one currency."""
        return Movements((*self._held, *later._held), self._currency)


@attrs.frozen(kw_only=True)
class WaterfallRow:
    """A row: what was in it at the start, what each line did to it, what is in it at the end.

    `lines` has an amount for each of `LINES`, below zero where it goes out; `counts` how many opportunities (on the
    line of rates: how many of them rates have moved, whether they went up or down besides or not). start + all lines =
    end, to the cent.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    start: Money
    start_count: int
    lines: FrozenMap[Money]
    counts: FrozenMap[int]
    end: Money
    end_count: int

    @property
    def change(self) -> Money:
        """end − start: all lines together."""
        return self.end - self.start


@attrs.frozen(kw_only=True)
class Waterfall:
    """From one instant to another: a row a group, in order of the names shown, those that have none last.

    `total` is the sum of the rows, line by line: what moved between two rows is on the line out and on the line in.
    `movements` are the opportunities, each once, of which the lines are the sums. `measure` is "gross" or "weighted".
    `settled` is the instant up to which the past is final: later answers may still change.
    """

    by: tuple[str, ...]
    currency: str
    measure: str
    start: datetime
    end: datetime
    rows: tuple[WaterfallRow, ...]
    total: WaterfallRow
    movements: Movements
    settled: datetime | None = None

    def __iter__(self) -> Iterator[WaterfallRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> WaterfallRow:
        """The row of a key: one id or code, or one for each dimension. Raises NoRow where there is none."""
        return row_of(self.rows, key, "waterfall", self.by)

    def then(self, later: "Waterfall") -> "Waterfall":
        """This one and one that begins where it ends: from this start to that end, line by line what both say.

        Its totals are those of one waterfall over the whole time; its lines tell of both steps, so that what came and
        went between is on them. Raises Invalid on what is no waterfall, and where they do not join.
        """
        given: Any = later
        if not isinstance(given, Waterfall):
            said = f"is the waterfall that begins where this one ends, at {self.end}, not {given!r}"
            raise Invalid("the waterfall", [Fault("later", said)])
        faults = [
            Fault(name, f"{getattr(later, name)!r} does not follow {getattr(self, name)!r}")
            for name in ("by", "currency", "measure")
            if getattr(self, name) != getattr(later, name)
        ]
        if self.end != later.start:
            faults.append(Fault("start", f"it begins at {later.start}, and this one ends at {self.end}"))
        ends = {row.key: (row.end, row.end_count) for row in (*self.rows, self.total) if row.end_count}
        starts = {row.key: (row.start, row.start_count) for row in (*later.rows, later.total) if row.start_count}
        if not faults and ends != starts:
            faults.append(Fault("start", "what it begins with is not what this one ends with: were both asked alike?"))
        if faults:
            raise Invalid("the later waterfall", faults)
        mine, theirs = ({row.key: row for row in each.rows} for each in (self, later))
        rows = [_joined(mine.get(key), theirs.get(key)) for key in dict.fromkeys((*mine, *theirs))]
        return attrs.evolve(
            self,
            end=later.end,
            settled=later.settled,
            rows=tuple(sorted(rows, key=row_order)),
            total=_joined(self.total, later.total),
            movements=self.movements + later.movements,
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts: per dimension its key and, under "…_shown", its name; start, each of `LINES` and
        end, and under "…_count" how many. Amounts are decimals of `currency`.
        """
        return waterfall_showing.plain_rows(self)

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        rows = self.to_rows()
        return data_frame(list(rows[0]) if rows else waterfall_showing.columns(self), rows)

    def __str__(self) -> str:
        return waterfall_showing.text(self)

    def _repr_html_(self) -> str:
        return waterfall_showing.html(self)


def waterfall(
    pairs: Iterable[tuple[Standing | None, Standing | None]],
    *,
    later: StandingGrouping,
    ended: Mapping[RowKey, tuple[int, int]],
    start: datetime,
    end: datetime,
    names: Mapping[str, Mapping[Any, str]] = _NO_NAMES,
    settled: datetime | None = None,
) -> Waterfall:
    """The waterfall of opportunities as they stood at the start and at the end (None: there was none), by the paths of
    this module.

    `pairs` holds each that may have moved, once; the others count the same at both instants. `later` is how they were
    read at the end; `ended` what each row comes to there, of all opportunities: how many, and whole minor units.
    `names` gives what is shown, by dimension and key.
    """
    rows = _Rows(ended)
    held: list[_Held] = []
    for before, after in pairs:
        out = before if before is not None and before.counts else None
        into = after if after is not None and after.counts else None
        left = None if out is None else rows.of(out.key)
        entered = None if into is None else rows.of(into.key)
        if out is not None and left is not None:
            left.start[0] += 1
            left.start[1] += out.figure
        if into is not None and entered is not None:  # it is not among those that have not moved
            entered.start[0] -= 1
            entered.start[1] -= into.figure
        moved = _moved(before, after, out, into, later, same=left is entered)
        if moved is not None:
            held.append(moved)
            _tell(left, entered, moved)
    dimensions, currency = later.dimensions, later.valuation.currency
    found = [row.told(dimensions, currency, names) for row in rows]
    whole = _Row(())
    for row in rows:
        whole.merge(row)
    return Waterfall(
        by=dimensions,
        currency=currency,
        measure=later.measure,
        start=start,
        end=end,
        rows=tuple(sorted(found, key=row_order)) if dimensions else (),
        total=whole.told((), currency, names),
        movements=Movements(held, currency),
        settled=settled,
    )


class _Row:
    """A row under way, in whole minor units."""

    __slots__ = ("end", "key", "lines", "start")

    def __init__(self, key: RowKey, count: int = 0, amount: int = 0) -> None:
        self.key = key
        self.start = [count, amount]
        self.end = [count, amount]
        self.lines: dict[str, list[int]] = {}

    def add(self, line: str, count: int, amount: int) -> None:
        """Count on a line."""
        held = self.lines.get(line)
        if held is None:
            self.lines[line] = [count, amount]
        else:
            held[0] += count
            held[1] += amount

    def merge(self, other: "_Row") -> None:
        """Count all of another in."""
        for mine, theirs in ((self.start, other.start), (self.end, other.end)):
            mine[0] += theirs[0]
            mine[1] += theirs[1]
        for line, (count, amount) in other.lines.items():
            self.add(line, count, amount)

    def told(self, dimensions: tuple[str, ...], currency: str, names: Mapping[str, Mapping[Any, str]]) -> WaterfallRow:
        """What it has come to."""
        none = [0, 0]
        place, shown = placed(dimensions, self.key, names)
        return WaterfallRow(
            key=place,
            shown=shown,
            start=Money.of_minor(self.start[1], currency),
            start_count=self.start[0],
            lines=FrozenMap({line: Money.of_minor(self.lines.get(line, none)[1], currency) for line in LINES}),
            counts=FrozenMap({line: self.lines.get(line, none)[0] for line in LINES}),
            end=Money.of_minor(self.end[1], currency),
            end_count=self.end[0],
        )


class _Rows:
    """Rows by their key; one that is asked for is there, and is one object."""

    def __init__(self, ended: Mapping[RowKey, tuple[int, int]]) -> None:
        self._by_key = {key: _Row(key, *figures) for key, figures in ended.items()}
        self._near: dict[int, tuple[RowKey, _Row]] = {}

    def __iter__(self) -> Iterator[_Row]:
        return iter(self._by_key.values())

    def of(self, key: RowKey) -> _Row:
        """The row of a key. Most keys are an object that was asked for before: ids are slow to compare."""
        near = self._near.get(id(key))
        if near is None:
            row = self._by_key.get(key)
            if row is None:
                row = self._by_key[key] = _Row(key)
            near = self._near[id(key)] = (key, row)  # the key is kept, so that no other object is where it is
        return near[1]


def _moved(
    before: Standing | None,
    after: Standing | None,
    out: Standing | None,
    into: Standing | None,
    later: StandingGrouping,
    *,
    same: bool,
) -> _Held | None:
    """The movement of an opportunity: `out` and `into` are the standings in which it counts, `same` tells whether they
    are in one row. None where it does not move.
    """
    if out is None:
        return None if into is None else (into.id, _entering(before, into), None, into.key, 0, into.figure, 0)
    if into is None:
        return (out.id, _leaving(out, after), out.key, None, out.figure, 0, 0)
    if not same:  # seen from each row, the other is outside: no rate of the other instant has a part in it
        path = "moved"
        if "period" in later.dimensions:
            place = later.dimensions.index("period")
            path = _shifted(out.day, into.day) if out.key[place] != into.key[place] else path
        return (into.id, path, out.key, into.key, out.figure, into.figure, 0)
    rates = _by_rates(out, into, later)
    rest = into.figure - out.figure - rates
    if rest:
        path = "up" if rest > 0 else "down"
    elif rates:
        path = "rates"
    else:
        return None
    return (into.id, path, out.key, into.key, out.figure, into.figure, rates)


def _entering(before: Standing | None, into: Standing) -> str:
    if before is None:
        return "new"
    if before.outcome != "open":
        return "reopened"
    return "moved" if before.within else _shifted(before.day, into.day)


def _leaving(out: Standing, after: Standing | None) -> str:
    if after is None:
        return "deleted"
    if after.outcome != "open":
        return after.outcome
    return "moved" if after.within else _shifted(out.day, after.day)


def _shifted(before: date | None, after: date | None) -> str:
    """Pushed to a later day, or to none; else pulled."""
    return "pushed" if after is None or (before is not None and after > before) else "pulled"


def _by_rates(out: Standing, into: Standing, later: StandingGrouping) -> int:
    """What other rates, or another day's rate, would have made of the former value, less what it counted."""
    if out.value is None or out.currency == later.valuation.currency:
        return 0
    try:
        return later.figure(out.id, out.value, out.currency, out.share, into.day) - out.figure
    except Refused:
        return 0


def _tell(left: _Row | None, entered: _Row | None, moved: _Held) -> None:
    """Count a movement on the lines of its rows."""
    _, path, _, _, before, after, rates = moved
    if left is entered and left is not None:
        if path != "rates":
            left.add(path, 1, after - before - rates)
        if rates:
            left.add("rates", 1, rates)
        return
    two_ways = path in _TWO_WAYS
    if left is not None:
        left.add(path + "_out" if two_ways else path, 1, -before)
    if entered is not None:
        entered.add(path + "_in" if two_ways else path, 1, after)


def _joined(first: WaterfallRow | None, second: WaterfallRow | None) -> WaterfallRow:
    """A row of two waterfalls, one behind the other; where one has it not, nothing was in it."""
    if first is None or second is None:
        one = first or second
        assert one is not None  # noqa: S101 - a key comes from one of them
        return one
    return attrs.evolve(
        first,
        end=second.end,
        end_count=second.end_count,
        lines=FrozenMap({line: first.lines[line] + second.lines[line] for line in LINES}),
        counts=FrozenMap({line: first.counts[line] + second.counts[line] for line in LINES}),
    )
