"""Opportunities as columns of an Arrow table, with all that it takes to roll them up."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import attrs

from crmkit.app.periods_asked import Periods, check_kind, given_periods, periods_found
from crmkit.app.valuing import check_currency, valuation
from crmkit.entities import Campaign, Money, Opportunity, Quota, Record, SalesPeriod, Salesperson, SalesTeam, Territory
from crmkit.entities.collecting import without_collecting
from crmkit.errors import Fault, Invalid, Refused
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.grouped import CLOSE, PLACES, RollUpGrouping
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice, RatePolicy
from crmkit.forecasting.roll_up import Key, RollUp, dimensions_of, quotas_by, rolled
from crmkit.forecasting.totals import Tally
from crmkit.queries import Criterion, Currency, Field, Grouped, Grouping, Term, Together
from crmkit.stores.columns import Columns

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["OpportunityColumns"]

_TERMS: Final[dict[Term, str]] = {
    Field("id"): "id",
    **{term: name for name, term in PLACES.items()},
    Field("status"): "status",
    Field("stage"): "stage",
    Field("forecast_category"): "forecast_category",
    Currency("estimated_value"): "currency",
    Field("estimated_value"): "value_minor",
    Field("probability"): "probability_basis_points",
    Field("closed_on"): "closed_on",
    Field("projected_close"): "projected_close",
}
_TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(("id", "salesperson", "team", "territory", "campaign"), "id"),
    **dict.fromkeys(("status", "stage", "forecast_category", "currency"), "text"),
    **dict.fromkeys(("value_minor", "probability_basis_points"), "whole"),
    **dict.fromkeys(("closed_on", "projected_close"), "day"),
}


@attrs.frozen(eq=False, kw_only=True)
class OpportunityColumns:
    """Opportunities as they stood when they were asked for, an Arrow column for each of their facts that counts.

    `table` is a pyarrow Table: id, salesperson, team (the primary one), territory (the account's where it has none of
    its own) and campaign (else its lead's) as binary(16); status, stage, forecast_category and currency as strings, all
    dictionary-encoded; value_minor (minor units of its currency) and probability_basis_points (its own) as int64;
    closed_on and projected_close as date32. What is empty is null.
    """

    columns: Columns
    valuation: Valuation
    periods: tuple[SalesPeriod, ...]
    quotas: tuple[Quota, ...]
    names: Mapping[str, Mapping[UUID, str]]
    trees: Mapping[str, Mapping[UUID, UUID | None]]

    @property
    def table(self) -> Any:
        """The columns as a pyarrow Table."""
        return self.columns.table

    def __len__(self) -> int:
        return len(self.columns)

    @classmethod
    def of(cls, work: "Work", where: Iterable[Criterion]) -> "OpportunityColumns":
        """Those that are there, and for which every criterion holds. Raises MissingExtra without pyarrow."""
        (groups,) = work.unit.groups([Grouping(kind=Opportunity, where=where, by=_TERMS)])
        sellers, teams = work.bare_all(Salesperson), work.bare_all(SalesTeam)
        territories, campaigns = work.bare_all(Territory), work.bare_all(Campaign)
        named: dict[str, Sequence[Record]] = {
            "salesperson": sellers,
            "team": teams,
            "territory": territories,
            "campaign": campaigns,
        }
        return cls(
            columns=Columns.of(groups, _TERMS, _TYPES),
            valuation=valuation(work),
            periods=tuple(work.known.all_of(SalesPeriod)),
            quotas=tuple(work.bare_all(Quota)),
            names={name: {one.id: str(one) for one in held} for name, held in named.items()},
            trees={
                "salesperson": {one.id: one.manager for one in sellers},
                "territory": {one.id: one.parent for one in territories},
            },
        )

    def roll_up(
        self,
        *,
        by: str | Sequence[str] = (),
        period: Periods = None,
        period_kind: str = "quarter",
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        **words: Any,
    ) -> RollUp:
        """The same roll-up as `crm.forecasting.roll_up` gives of them, to the minor unit.

        Not by item: lines are not among the columns. Nothing else is asked: columns are narrowed when they are made.
        Raises as that does.
        """
        if words:
            said = (
                "is not asked of columns: narrow them when they are made, as in crm.forecasting.columns(source='web')"
            )
            raise Invalid("roll-up", [Fault(name, said) for name in words])
        dimensions = dimensions_of(by)
        if "item" in dimensions:
            raise Invalid("roll-up", [Fault("by", "columns have no lines: by item, ask crm.forecasting.roll_up")])
        given = given_periods(period)
        check_kind(period_kind)
        meaning = self._valuation(currency, rates)
        periods = self._periods(given, period_kind)
        asked = RollUpGrouping(dimensions=dimensions, valuation=meaning, periods=periods, within=given is not None)
        with without_collecting(None):
            return rolled(
                self._tallies(asked),
                by=dimensions,
                currency=meaning.currency,
                names={name: held for name, held in self.names.items() if name in dimensions},
                trees={name: held for name, held in self.trees.items() if name in dimensions},
                quotas=quotas_by(
                    dimensions,
                    self.quotas,
                    owners={id for name in dimensions for id in self.names.get(name, ())},
                    periods={one.id: one for one in periods} if given is not None or "period" in dimensions else {},
                    valuation=meaning,
                ),
            )

    def _tallies(self, asked: RollUpGrouping) -> dict[tuple[Key, ...], Tally]:
        """What they come to. Raises Refused without a rate, naming the opportunity of the smallest id that needs it."""
        try:
            return asked.tallies(self._groups(asked.grouping, asked))
        except Refused:
            worth = Together((Currency("estimated_value"), Field("estimated_value"), CLOSE))
            each = self._groups(Grouping(kind=Opportunity, by=(Field("id"), worth)), asked)
            valued = [one.key for one in each if one.key[1] is not None]
            for id, (currency, minor, day) in sorted(valued, key=lambda key: key[0].int):
                money = Money.of_minor(minor, currency)
                try:
                    asked.valuation.convert(money, day, record=id)
                except Refused as refused:
                    raise Refused(f"converting {money} of opportunity {id}", refused.findings) from None
            raise

    def _groups(self, grouping: Grouping[Opportunity], asked: RollUpGrouping) -> list[Grouped]:
        """The groups of those that close in the periods, where these are asked for; nobody else needs a rate."""
        if not asked.within:
            return self.columns.groups(grouping)
        told = grouping.by[:1] == (asked.closing,)
        by = grouping.by if told else (asked.closing, *grouping.by)
        codes = asked.period_codes
        return [
            group if told else Grouped(group.key[1:], group.count, group.sums)
            for group in self.columns.groups(attrs.evolve(grouping, ways=((),), by=by))
            if group.key[0] is not None and codes[group.key[0]] is not None
        ]

    def _valuation(self, currency: str, rates: RateChoice) -> Valuation:
        check_currency(currency)
        policy = RatePolicy.of(rates)
        return attrs.evolve(self.valuation.into(currency or self.valuation.currency), policy=policy)

    def _periods(self, given: Iterable[str | SalesPeriod] | None, kind: str) -> tuple[SalesPeriod, ...]:
        if given is None:
            return tuple(one for one in self.periods if one.kind == kind)
        return tuple(periods_found(given, lambda code: [one for one in self.periods if one.code == code]))

    def __repr__(self) -> str:
        return f"<{len(self):,} opportunities in {len(_TYPES)} columns>"
