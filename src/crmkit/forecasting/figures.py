"""What one opportunity contributes to a forecast or a roll-up (R6)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Final, Self
from uuid import UUID

import attrs

from crmkit.entities import CodeValue, ExchangeRate, FrozenMap, Money, Opportunity, OpportunityStatus, Percent, Stage
from crmkit.errors import Refused
from crmkit.forecasting.rate_policy import AT_CLOSE, RatePolicy
from crmkit.forecasting.rates import NO_RATES, OF_RECORD, Exchange, Rates
from crmkit.forecasting.totals import OpportunityFigures, Outcome
from crmkit.printing import printable

__all__ = [
    "Valuation",
    "certainty",
    "close_day",
    "exchange_of",
    "figures_of",
    "name_of",
    "naming",
    "opportunity_figures",
]

_OUTCOMES: Final[dict[str, Outcome]] = {"open": "open", "won": "won", "lost": "lost"}
_CERTAIN: Final = Percent(100)
_IMPOSSIBLE: Final = Percent(0)


def _outcomes(values: Mapping[str, str]) -> FrozenMap[str]:
    return FrozenMap(values)


def _stages(values: Mapping[str, Stage]) -> FrozenMap[Stage]:
    return FrozenMap(values)


@attrs.frozen(kw_only=True)
class Valuation:
    """All that it takes to put figures on opportunities: what statuses and stages mean, a currency, rates, the day.

    `outcomes` gives the category (open, won, lost) of each opportunity status and `stages` each stage, by code.
    `policy` says at which day's rate other currencies count, by the `rates` on file unless it brings its own; `today`
    is the day of the question and `zone` what turns an instant into a day. `snapshot` is the day on which all that is
    valued was taken down, None where it is looked at as it stands.
    """

    outcomes: FrozenMap[str] = attrs.field(converter=_outcomes)
    stages: FrozenMap[Stage] = attrs.field(converter=_stages)
    currency: str
    today: date
    rates: Rates = NO_RATES
    policy: RatePolicy = AT_CLOSE
    snapshot: date | None = None
    zone: tzinfo = UTC

    @classmethod
    def of(
        cls,
        codes: Iterable[CodeValue],
        *,
        currency: str,
        today: date,
        rates: Iterable[ExchangeRate] = (),
        policy: RatePolicy = AT_CLOSE,
        zone: tzinfo = UTC,
    ) -> Self:
        """From the values of code tables: opportunity statuses and stages; those of other tables are passed over."""
        held = list(codes)
        return cls(
            outcomes={value.code: value.category for value in held if isinstance(value, OpportunityStatus)},
            stages={value.code: value for value in held if isinstance(value, Stage)},
            currency=currency,
            today=today,
            rates=Rates(rates),
            policy=policy,
            zone=zone,
        )

    def into(self, currency: str) -> Self:
        """The same in another currency."""
        return self if currency == self.currency else attrs.evolve(self, currency=currency)

    def taken(self, day: date | None) -> Self:
        """The same for what was taken down on that day; None: for what is looked at as it stands."""
        return self if day == self.snapshot else attrs.evolve(self, snapshot=day)

    def day_of(self, instant: datetime | None) -> date | None:
        """The day of an instant, in the zone; None stays None."""
        return None if instant is None else instant.astimezone(self.zone).date()

    def outcome(self, status: str) -> Outcome:
        """Whether that status means open, won or lost. Raises ValueError on an unknown one."""
        found = _OUTCOMES.get(self.outcomes.get(status, ""))
        if found is None:
            raise ValueError(f"{status!r} is no opportunity status that is open, won or lost")
        return found

    def convert(self, money: Money, day: date | None, *, record: UUID | None = None) -> Money:
        """The money, which is for that day (None: for today), in the currency, at the rate that the policy says.

        Raises Refused without that rate; its finding names the pair, the day whose rate was wanted, and the record.
        """
        if money.currency == self.currency:
            return money
        return self.known_rates.convert(money, self.currency, self.rate_day(day), record=record)

    def exchange(self, money: Money, day: date | None, *, record: UUID | None = None) -> Exchange | None:
        """As `convert`, with how it comes about; None where the money is in the currency already."""
        if money.currency == self.currency:
            return None
        return self.known_rates.exchange(money, self.currency, self.rate_day(day), record=record)

    @property
    def known_rates(self) -> Rates:
        """The rates that count: those that the policy brings, else those on file."""
        return self.rates if self.policy.rates is None else self.policy.rates

    def rate_day(self, day: date | None) -> date:
        """The day whose rate counts for money that is for that day (None: for today)."""
        return self.policy.day_of(day, snapshot=self.snapshot, today=self.today)

    def probability(self, opportunity: Opportunity) -> Percent | None:
        """The opportunity's own probability, else its stage's; how it ended is not looked at."""
        stage = self.stages.get(opportunity.stage)
        if opportunity.probability is not None or stage is None:
            return opportunity.probability
        return stage.probability

    def category(self, opportunity: Opportunity) -> str:
        """The opportunity's own forecast category, else its stage's; empty where neither has one."""
        stage = self.stages.get(opportunity.stage)
        return opportunity.forecast_category or (stage.forecast_category if stage else "")


def close_day(opportunity: Opportunity) -> date | None:
    """The day on which it counts: when it was closed, else when it is projected to close, if that is known."""
    return opportunity.closed_on or opportunity.projected_close


def certainty(outcome: Outcome, probability: Percent | None) -> Percent | None:
    """The probability that counts: 100 % once won, 0 % once lost, else the one given."""
    return {"won": _CERTAIN, "lost": _IMPOSSIBLE}.get(outcome, probability)


def figures_of(
    value: Money | None, outcome: Outcome, *, probability: Percent | None, category: str, currency: str
) -> OpportunityFigures:
    """The figures of a value (already in that currency) that stands so.

    weighted = value × probability, rounded half-even to the minor unit. A missing value, and a missing
    probability of what is open, count as zero and are named as incomplete.
    """
    counted = certainty(outcome, probability)
    gross = Money.zero(currency) if value is None else value
    missing = (("estimated_value", value), ("probability", counted))
    return OpportunityFigures(
        gross=gross,
        weighted=Money.zero(currency) if counted is None else gross.weighted(counted),
        outcome=outcome,
        stated_category=category,
        probability=counted,
        incomplete=tuple(name for name, held in missing if held is None),
    )


def opportunity_figures(opportunity: Opportunity, valuation: Valuation) -> OpportunityFigures:
    """What an opportunity contributes as it stands, in the valuation's currency; the amount is for its close date.

    Raises Refused (finding "no-rate"), which names it, where its value is in another currency and there is no rate;
    ValueError on an unknown status.
    """
    value = opportunity.estimated_value
    try:
        converted = None if value is None else valuation.convert(value, close_day(opportunity), record=opportunity.id)
    except Refused as refused:
        raise naming(refused, opportunity) from None
    return figures_of(
        converted,
        valuation.outcome(opportunity.status),
        probability=valuation.probability(opportunity),
        category=valuation.category(opportunity),
        currency=valuation.currency,
    )


def exchange_of(opportunity: Opportunity, money: Money | None, valuation: Valuation) -> Exchange | None:
    """How money of an opportunity, its value or what stands for it, is converted at the rate that counts for its close
    date; None where it is not. Raises Refused without that rate, which names the opportunity.
    """
    try:
        return None if money is None else valuation.exchange(money, close_day(opportunity), record=opportunity.id)
    except Refused as refused:
        raise naming(refused, opportunity) from None


def naming(refused: Refused, opportunity: Opportunity) -> Refused:
    """The refusal to convert money of an opportunity, which is called what people call it."""
    converting, _, _ = refused.action.partition(OF_RECORD)
    return Refused(
        f"{converting} of opportunity {printable(name_of(opportunity))} ({opportunity.id})", refused.findings
    )


def name_of(opportunity: Opportunity) -> str:
    """What people call it: its number and its description."""
    return f"{opportunity.number} {opportunity.description}".strip()
