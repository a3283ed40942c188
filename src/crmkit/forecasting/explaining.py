"""Why a figure is what it is: the opportunities, rates, adjustments and roundings that make it, to the cent (R6)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Money, Quota
from crmkit.errors import Fault, Invalid
from crmkit.forecasting import explanation_tables, ratios
from crmkit.forecasting.adjustments import Adjusted
from crmkit.forecasting.forecast_tables import VIEWS
from crmkit.forecasting.rates import Exchange
from crmkit.forecasting.roll_up import Group
from crmkit.forecasting.schema import columns_of
from crmkit.forecasting.totals import CATEGORIES, Figures, OpportunityFigures, Totals
from crmkit.frames import data_frame

__all__ = [
    "BELOW",
    "Explanation",
    "Part",
    "QuotaPart",
    "cell",
    "figure_of",
    "operands_of",
    "parted",
    "rule_of",
    "summed",
]

BELOW: Final = "_with_descendants"
"""How the names of figures end that count in all that is below in a tree."""

Result = Money | int | Fraction | None


@attrs.frozen(kw_only=True)
class Part:
    """What one opportunity, one line of a forecast or, by item, a part of one gives to a figure: its `amount`.

    `value` is its own, in its own currency, and `exchange` how it was converted, None where it was not. `figures` are
    the opportunity's, in the currency asked for, `computed` its value × probability, rounded. `override` is the line's,
    as its owner wrote it, where it stands in place of that, with its own `override_exchange`. `share` is what an item
    has of the figures, None where the opportunity is not split. `measure` says which of its figures counts.
    """

    opportunity: UUID
    name: str
    close_date: date | None
    value: Money | None
    exchange: Exchange | None
    figures: OpportunityFigures
    computed: Money
    override: Money | None = None
    override_exchange: Exchange | None = None
    share: Figures | None = None
    measure: str = ""
    amount: Money | int = 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The rates that went into it."""
        overridden = self.measure == "weighted" and self.override is not None
        held = (self.exchange, self.override_exchange if overridden else None)
        return tuple(one for one in held if one is not None)

    @property
    def unrounded(self) -> Fraction | None:
        """The amount before it was rounded: the converted value, or the gross value × probability, or the converted
        override. None for what is counted, and for a share, which is a whole number of minor units of a rounded figure.
        """
        if self.share is not None or isinstance(self.amount, int):
            return None
        if self.measure == "weighted" and self.override is not None:
            return _exact(self.override, self.override_exchange)
        if self.measure in ("weighted", "computed"):
            likely = self.figures.probability
            gross = Fraction(self.figures.gross.amount)
            return gross * (0 if likely is None else Fraction(likely.basis_points, 10_000))
        return _exact(self.figures.gross, self.exchange)

    @property
    def remainder(self) -> Fraction | None:
        """What rounding took off the amount, below zero where it added; None where nothing was rounded."""
        exact = self.unrounded
        return None if exact is None or isinstance(self.amount, int) else exact - Fraction(self.amount.amount)


def _exact(money: Money, exchange: Exchange | None) -> Fraction:
    return Fraction(money.amount) if exchange is None else exchange.exact


@attrs.frozen(kw_only=True)
class QuotaPart:
    """A quota that goes into a figure: whose, of which period, and what it counts in the currency asked for."""

    quota: Quota
    owner: str
    period: str
    exchange: Exchange | None
    amount: Money


def _operands(values: Mapping[str, "Explanation"]) -> FrozenMap["Explanation"]:
    return FrozenMap(values)


@attrs.frozen(kw_only=True)
class Explanation:
    """A figure with all that makes it.

    `value` is the figure as it stands in the roll-up or in the forecast's figures, and `total` what the parts here
    come to: they are the same. `of` says whose figure it is, and `rule` how it comes about. A figure that is reckoned
    of others (a ratio, a gap) has these as `operands`, each explained; any other has `parts`, `quotas` and
    `adjustments`, which add up to it.
    """

    figure: str
    of: str
    rule: str
    currency: str
    value: Result
    parts: tuple[Part, ...] = ()
    quotas: tuple[QuotaPart, ...] = ()
    adjustments: tuple[Adjusted, ...] = ()
    operands: FrozenMap["Explanation"] = attrs.field(default=FrozenMap(), converter=_operands)

    @property
    def total(self) -> Result:
        """What the parts, or the operands, come to."""
        base = self.figure.removesuffix(BELOW)
        if self.operands:
            held = [one.total for one in self.operands.values()]
            return None if None in held else _FORMULAS[base](*held)
        if self.value is None:
            return None
        if base in _COUNTED:
            return sum(one.amount for one in self.parts if isinstance(one.amount, int))
        amounts = [*(one.amount for one in self.parts), *(one.amount for one in self.quotas)]
        amounts += [one.effect for one in self.adjustments]
        return Money.total((one for one in amounts if isinstance(one, Money)), self.currency)

    @property
    def remainder(self) -> Fraction:
        """What the roundings of all parts took off together, below zero where they added."""
        return sum((one.remainder for one in self.parts if one.remainder is not None), Fraction(0))

    @property
    def rates(self) -> tuple[Exchange, ...]:
        """The rates that were used, one of each pair, day and rate, in that order."""
        held = [one for part in self.parts for one in part.exchanges]
        held += [one.exchange for one in self.quotas if one.exchange is not None]
        held += [one.exchange for one in self.adjustments if one.exchange is not None]
        by_kind = {(one.money.currency, one.day or date.min, one.rate): one for one in held}
        return tuple(by_kind[kind] for kind in sorted(by_kind))

    def to_rows(self) -> list[dict[str, Any]]:
        """A plain dict a part: amounts as decimals, what is rounded off as a decimal too."""
        return explanation_tables.plain_rows(self)

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        return data_frame(explanation_tables.COLUMNS, self.to_rows())

    def __str__(self) -> str:
        return explanation_tables.text(self)

    def _repr_html_(self) -> str:
        return explanation_tables.html(self)


_OUTCOMES: Final = ("open", "won", "lost")
_COUNTED: Final = ("count", "open_count", "won_count", "lost_count", "incomplete_count")
_CUMULATIVE: Final = {f"cumulative_{name}": CATEGORIES[: place + 1] for place, name in enumerate(CATEGORIES) if place}


def _measure(base: str) -> str:
    if base == "incomplete_count":
        return base
    return "count" if base in _COUNTED else "weighted" if base == "weighted" else "gross"


def _belongs(base: str, figures: Figures) -> bool:
    """Whether such figures go into that figure."""
    if base in ("gross", "weighted", "count", *VIEWS):
        return True
    if base == "incomplete_count":
        return figures.incomplete_count > 0
    standing = base.removesuffix("_count")
    if standing in _OUTCOMES:
        return figures.outcome == standing
    if base == "uncategorised":
        return figures.outcome == "open" and not figures.category
    if base == "open_pipeline":
        return figures.category in CATEGORIES[1:]
    return figures.category in _CUMULATIVE.get(base, (base,))


def parted(figure: str, part: Part) -> Part | None:
    """The part as it goes into a figure, with its amount; None where it does not."""
    base = figure.removesuffix(BELOW)
    counted = part.share or part.figures
    if not _belongs(base, counted):
        return None
    measure = part.measure or _measure(base)
    amount: Money | int = part.computed if measure == "computed" else getattr(counted, measure)
    return attrs.evolve(part, measure=measure, amount=amount)


_FORMULAS: Final[Mapping[str, Callable[..., Result]]] = {
    "win_rate": ratios.win_rate,
    "attainment": ratios.attainment,
    "gap": ratios.gap,
    "pipeline_coverage": ratios.pipeline_coverage,
    "weighted_coverage": ratios.weighted_coverage,
    "remaining_coverage": ratios.remaining_coverage,
}
"""What is reckoned of other figures, in the order of `_OPERANDS`; none where it would divide by nothing."""

_OPERANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "win_rate": ("won_count", "lost_count"),
    "attainment": ("won", "quota"),
    "gap": ("won", "quota"),
    "pipeline_coverage": ("open", "quota"),
    "weighted_coverage": ("open", "quota", "win_rate"),
    "remaining_coverage": ("open", "quota", "won"),
}


def operands_of(figure: str) -> tuple[str, ...]:
    """The figures that a figure is reckoned of; none where it is a sum of parts."""
    base = figure.removesuffix(BELOW)
    ending = figure[len(base) :]
    return tuple(name if name == "quota" else name + ending for name in _OPERANDS.get(base, ()))


def rule_of(figure: str) -> str:
    """How a figure of a roll-up comes about. Raises Invalid on one that there is not."""
    known = {column.name: column.meaning for column in columns_of(()) if column.kind in ("whole", "amount", "ratio")}
    if figure not in known:
        raise Invalid("the explanation", [Fault("figure", f"{figure!r} is none of {', '.join(known)}")])
    return known[figure]


def cell(row: Group, figure: str) -> Result:
    """The figure of a row, exactly; None where the row has none."""
    base = figure.removesuffix(BELOW)
    below = figure != base
    if base == "quota":
        return row.quota
    if base in _OPERANDS and base != "win_rate":
        found: Result = getattr(row.against_quota_with_descendants if below else row.against_quota, base)
        return found
    return figure_of(row.with_descendants if below else row, base)


def figure_of(totals: Totals | None, base: str) -> Result:
    """A figure of totals; None where there are none."""
    if totals is None:
        return None
    if base in _CUMULATIVE:
        return getattr(totals.cumulative, base.removeprefix("cumulative_"))  # type: ignore[no-any-return]
    return getattr(totals, base)  # type: ignore[no-any-return]


def summed(
    figure: str, parts: Iterable[Part], *, of: str, rule: str, currency: str, value: Result, **more: Any
) -> Explanation:
    """The explanation of a figure that is a sum: by those parts that go into it."""
    held = () if value is None else tuple(found for part in parts if (found := parted(figure, part)) is not None)
    return Explanation(figure=figure, of=of, rule=rule, currency=currency, value=value, parts=held, **more)
