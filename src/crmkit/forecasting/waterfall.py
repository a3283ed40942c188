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

By item, an opportunity is its parts, as in a roll-up: its figure is split over its lines as they stood, and what has no
lines is a part of no item. Each part is on one path. Whatever becomes of the opportunity becomes of each part; a part
that it has got or lost while it is in the pipeline has *moved* (or was *pushed* or *pulled*, where rows are of periods
too and it changed its period), and one that it has kept goes *up* or *down*, though perhaps because another line was
added. What is due to rates is of the former lines at their former prices. So start and end of a row are what roll-ups
by item of then and now say. An opportunity counts once, in the row of its largest part: the counts of lines in and out
are of opportunities that count there, those of up, down and rates of all parts. Where another part that stays has
become the largest, the count alone has moved, without an amount.

With all that is below it, a row that is of a salesperson or a territory says what the waterfall says that asks for all
of these as one: what goes over from one to another below it stays, and goes up, or down, or by rates. Each end is by
the tree of its own instant, as roll-ups of then and now are, so that waterfalls that follow each other join: who comes
under another manager brings what they have along, and it has *moved*. The whole with all that is below it is what it is
where rows are along no tree.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias, overload
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Money
from crmkit.errors import Fault, Invalid
from crmkit.forecasting import waterfall_showing
from crmkit.forecasting.rows import Keyed, row_order
from crmkit.forecasting.standings import RowKey
from crmkit.frames import arrow_table, data_frame

__all__ = ["LINES", "PATHS", "Held", "Movement", "Movements", "Waterfall", "WaterfallRow"]

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

Held: TypeAlias = tuple[UUID, str, RowKey | None, RowKey | None, int, int, int]
"""A movement as it is kept: opportunity, path, row left, row entered, figures before and after, part due to rates."""


@attrs.frozen(kw_only=True)
class Movement:
    """One opportunity, or by item one part of it, on its path.

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

    def __init__(self, held: Iterable[Held], currency: str) -> None:
        self._given = list(held)
        self._ordered: tuple[Held, ...] | None = None
        self._currency = currency

    @property
    def _held(self) -> tuple[Held, ...]:
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

    def _made(self, held: Held) -> Movement:
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
    end, to the cent. `with_descendants` is the waterfall of the row and all that is below it, by manager or by parent
    territory; None where rows are along no tree.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    start: Money
    start_count: int
    lines: FrozenMap[Money]
    counts: FrozenMap[int]
    end: Money
    end_count: int
    with_descendants: "WaterfallRow | None" = None

    @property
    def change(self) -> Money:
        """end − start: all lines together."""
        return self.end - self.start


@attrs.frozen(kw_only=True)
class Waterfall(Keyed[WaterfallRow]):
    """From one instant to another: a row a group, in order of the names shown, those that have none last.

    `total` is the sum of the rows, line by line: what moved between two rows is on the line out and on the line in.
    `movements` are the opportunities, each once (by item: each of its parts once), of which the lines of the rows
    themselves are the sums. `measure` is "gross" or "weighted".
    `settled` is the instant up to which the past is final: later answers may still change.
    """

    called: ClassVar = "waterfall"

    by: tuple[str, ...]
    currency: str
    measure: str
    start: datetime
    end: datetime
    rows: tuple[WaterfallRow, ...]
    total: WaterfallRow
    movements: Movements
    settled: datetime | None = None

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
        if not faults and _held_at(self, "end") != _held_at(later, "start"):
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
        end, and under "…_count" how many; along a tree, the same of all that is below under "…_with_descendants".
        Amounts are decimals of `currency`.
        """
        return waterfall_showing.plain_rows(self)

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        return data_frame(waterfall_showing.columns(self), self.to_rows())

    def to_arrow(self) -> Any:
        """The rows as a pyarrow Table, with the columns of `to_rows`: keys and names are strings, counts int64, amounts
        decimal128(38, 4). Raises MissingExtra without pyarrow.
        """
        return arrow_table(waterfall_showing.columns(self), self.to_rows())

    def __str__(self) -> str:
        return waterfall_showing.text(self)

    def _repr_html_(self) -> str:
        return waterfall_showing.html(self)


def _held_at(found: Waterfall, end: str) -> dict[Any, Any]:
    """What each row holds at one end, and what it holds with all that is below it; rows of nothing are left out."""

    def held(row: WaterfallRow | None) -> Any:
        return None if row is None else (getattr(row, end).minor, getattr(row, f"{end}_count"))

    both = {row.key: (held(row), held(row.with_descendants)) for row in (*found.rows, found.total)}
    return {key: figures for key, figures in both.items() if any(any(one) for one in figures if one)}


def _joined(first: WaterfallRow | None, second: WaterfallRow | None) -> WaterfallRow:
    """A row of two waterfalls, one behind the other; where one has it not, nothing was in it."""
    if first is None or second is None:
        one = first or second
        assert one is not None  # noqa: S101 - a key comes from one of them
        return one
    below = first.with_descendants and _joined(first.with_descendants, second.with_descendants)
    return attrs.evolve(
        first,
        end=second.end,
        end_count=second.end_count,
        lines=FrozenMap({line: first.lines[line] + second.lines[line] for line in LINES}),
        counts=FrozenMap({line: first.counts[line] + second.counts[line] for line in LINES}),
        with_descendants=below,
    )
