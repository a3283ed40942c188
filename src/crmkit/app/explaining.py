"""Collects what a figure is made of: the parts of a roll-up's row, and of a forecast."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import attrs

from crmkit.entities import Money, Opportunity, Quota, SalesPeriod
from crmkit.errors import Fault, Invalid, NotFound
from crmkit.forecasting.adjustments import Adjusted, adjustments_applied, made_by
from crmkit.forecasting.explaining import (
    BELOW,
    Explanation,
    Part,
    QuotaPart,
    cell,
    figure_of,
    operands_of,
    rule_of,
    summed,
)
from crmkit.forecasting.figures import Valuation, close_day, exchange_of, name_of, opportunity_figures
from crmkit.forecasting.forecast_tables import VIEWS
from crmkit.forecasting.lines import ForecastFigures, LineFigures
from crmkit.forecasting.roll_up import Contribution, Group, Key, RollUp, above, topmost
from crmkit.forecasting.totals import total_of
from crmkit.queries import AnyOf

if TYPE_CHECKING:
    from crmkit.app.forecasting import Sorter

__all__ = ["Explainer", "explained_forecast"]

_VIEW_RULES = {
    "owner_only": "the owner's own opportunities alone: value × probability, no override, no adjustment",
    "without_adjustments": "all lines: value × probability, no override, no adjustment",
    "without_manager_adjustments": "all lines with their overrides, and the owner's own adjustments in their order",
    "with_all_adjustments": "all lines with their overrides, and everybody's adjustments in their order",
}


@attrs.define
class Explainer:
    """Gathers the parts of one row of a roll-up, its own and those below it, and explains its figures by them."""

    rolled: RollUp
    row: Group
    trees: Mapping[str, Mapping[UUID, UUID | None]] = attrs.field(factory=dict)
    own: list[Part] = attrs.field(factory=list)
    below: list[Part] = attrs.field(factory=list)
    quotas: list[QuotaPart] = attrs.field(factory=list)

    @classmethod
    def of(cls, rolled: RollUp, key: Any) -> Self:
        """For the row of that key; an empty one is the total's. Raises NotFound where there is no such row."""
        of_whole = isinstance(key, tuple | Mapping) and not key
        return cls(rolled, rolled.total if of_whole else rolled[key])

    @property
    def of_whole(self) -> bool:
        """Whether it is the total."""
        return not self.row.key

    def take_opportunities(self, opportunities: Iterable[Opportunity], sorter: "Sorter", valuation: Valuation) -> None:
        """Take those that belong to the row, or below it, as they stand."""
        found, parts = [], []
        for one in opportunities:
            figures = opportunity_figures(one, valuation)
            day, value = close_day(one), one.estimated_value
            period = None if day is None else next((held for held in sorter.periods if day in held), None)
            found.append((one, figures, period))
            parts.append(
                Part(
                    opportunity=one.id,
                    name=name_of(one),
                    close_date=day,
                    value=value,
                    exchange=exchange_of(one, value, valuation),
                    figures=figures,
                    computed=figures.weighted,
                )
            )
        self._place(parts, sorter.placed(found, valuation), sorter)

    def take_lines(
        self, lines: Sequence[tuple[Opportunity, LineFigures, SalesPeriod]], sorter: "Sorter", valuation: Valuation
    ) -> None:
        """Take the lines that belong to the row, or below it."""
        found = [(one, held.figures, period) for one, held, period in lines]
        self._place([_line_part(held) for _, held, _ in lines], sorter.placed(found, valuation), sorter)

    def _place(self, parts: Sequence[Part], placed: Iterable[tuple[int, Contribution]], sorter: "Sorter") -> None:
        self.trees = sorter.trees()
        by, wanted = self.rolled.by, tuple(self.row.key.values())
        for place, one in placed:
            part = parts[place]
            if one.figures is not part.figures:
                part = attrs.evolve(part, share=one.figures)
            key = tuple([getattr(one, dimension) for dimension in by])
            if self.of_whole or key == wanted:
                self.own.append(part)
            if self.of_whole or wanted in above(key, by, self.trees):
                self.below.append(part)

    def take_quotas(
        self,
        quotas: Mapping[tuple[Key, ...], Money],
        periods: Sequence[SalesPeriod],
        sorter: "Sorter",
        valuation: Valuation,
    ) -> None:
        """Take the quotas that the row's is made of: its own, or of the total the topmost ones."""
        wanted: Collection[tuple[Key, ...]] = [tuple(self.row.key.values())]
        if self.of_whole:
            wanted = set(topmost(quotas, self.rolled.by, sorter.trees()))
        if not quotas:
            return
        names = {key: name for held in sorter.names().values() for key, name in held.items()}
        by_id = {one.id: one for one in periods}
        for one in sorter.work.bare_all(Quota, AnyOf("period", list(by_id))):
            period = by_id[one.period]
            if tuple([period.code if name == "period" else one.owner for name in self.rolled.by]) in wanted:
                day = period.starts_on
                self.quotas.append(
                    QuotaPart(
                        quota=one,
                        owner=names.get(one.owner) or str(one.owner),
                        period=period.code,
                        exchange=valuation.exchange(one.amount, day, record=one.id),
                        amount=valuation.convert(one.amount, day, record=one.id),
                    )
                )

    def explained(self, figure: str) -> Explanation:
        """The figure, by its parts or by the figures that it is reckoned of. Raises Invalid on an unknown one."""
        rule, value = rule_of(figure), cell(self.row, figure)
        shown = ", ".join(f"{name} {shown}" for name, shown in self.row.shown.items()) or "the total"
        operands = {name: self.explained(name) for name in operands_of(figure)}
        if operands:
            return Explanation(
                figure=figure, of=shown, rule=rule, currency=self.rolled.currency, value=value, operands=operands
            )
        if figure == "quota":
            return summed(
                figure, (), of=shown, rule=rule, currency=self.rolled.currency, value=value, quotas=tuple(self.quotas)
            )
        parts = self.below if figure.endswith(BELOW) else self.own
        return summed(figure, parts, of=shown, rule=rule, currency=self.rolled.currency, value=value)


def _line_part(held: LineFigures) -> Part:
    return Part(
        opportunity=held.line.opportunity,
        name=held.name,
        close_date=held.close_date,
        value=held.value,
        exchange=held.exchange,
        figures=held.figures,
        computed=held.computed,
        override=held.line.override if held.overridden else None,
        override_exchange=held.override_exchange,
    )


def explained_forecast(
    figures: ForecastFigures,
    figure: str,
    *,
    valuation: Valuation,
    owner_users: Collection[str],
    opportunity: UUID | None = None,
) -> Explanation:
    """A figure of a forecast, or of one of its lines, by its lines and adjustments. Raises Invalid on one that there is
    not, NotFound where the opportunity is not on it.
    """
    lines = [one for one in figures.lines if opportunity in (None, one.line.opportunity)]
    if opportunity is not None and not lines:
        raise NotFound("line of the forecast for opportunity", opportunity)
    of = f"forecast {figures.forecast.number}" + (f", {lines[0].name}" if opportunity else "")
    forecast = _Forecast(figures, tuple(lines), valuation.into(figures.currency), of, whole=opportunity is None)
    if figure in VIEWS:
        return forecast.view(figure, owner_users)
    return forecast.explained(figure)


@attrs.frozen
class _Forecast:
    """A forecast's lines, all or one of them, whose figures are explained."""

    figures: ForecastFigures
    lines: tuple[LineFigures, ...]
    valuation: Valuation
    of: str
    whole: bool

    @property
    def parts(self) -> list[Part]:
        return [_line_part(one) for one in self.lines]

    def explained(self, figure: str) -> Explanation:
        rule = rule_of(figure)
        if figure == "quota" or "quota" in operands_of(figure) or figure.endswith(BELOW):
            raise Invalid("the explanation", [Fault("figure", f"a forecast has no {figure}, as a roll-up has")])
        told: dict[str, Any] = {"figure": figure, "of": self.of, "rule": rule, "currency": self.valuation.currency}
        totals = self.figures if self.whole else total_of((one.figures for one in self.lines), self.valuation.currency)
        told["value"] = figure_of(totals, figure)
        if operands := {name: self.explained(name) for name in operands_of(figure)}:
            return Explanation(**told, operands=operands)
        return summed(parts=self.parts, **told)

    def view(self, figure: str, owner_users: Collection[str]) -> Explanation:
        computed = figure in ("owner_only", "without_adjustments")
        if not (computed or self.whole):
            said = f"adjustments are of the whole forecast: a line has no {figure}, but weighted"
            raise Invalid("the explanation", [Fault("figure", said)])
        applied: tuple[Adjusted, ...] = ()
        if figure == "with_all_adjustments":
            applied = self.figures.adjustments
        elif figure == "without_manager_adjustments":
            made = made_by([one.adjustment for one in self.figures.adjustments], owner_users)
            applied = adjustments_applied(self.figures.weighted, made, self.valuation)
        held = [
            (line, attrs.evolve(part, measure="computed" if computed else "weighted"))
            for line, part in zip(self.lines, self.parts, strict=True)
            if figure != "owner_only" or line.own
        ]
        return summed(
            figure,
            [part for _, part in held],
            of=self.of,
            rule=_VIEW_RULES[figure],
            currency=self.valuation.currency,
            value=getattr(self.figures, figure)
            if self.whole
            else Money.total((line.computed for line, _ in held), self.valuation.currency),
            adjustments=applied,
        )
