"""At which day's rate an amount in another currency counts: a policy, which is an argument of every figure (R6)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, Self, TypeAlias, get_args

import attrs

from crmkit.entities import ExchangeRate
from crmkit.errors import Fault, Invalid
from crmkit.forecasting.rates import EVER, Rates

__all__ = ["AT_CLOSE", "RateChoice", "RatePolicy"]

Way = Literal["close", "snapshot", "today", "plan"]

_WAYS: Final = get_args(Way)
_WORDS: Final = ("close", "snapshot", "today")

RateChoice: TypeAlias = "RatePolicy | str | date | Mapping[tuple[str, str], Decimal | str | int]"
"""What `RatePolicy.of` takes."""


@attrs.frozen
class RatePolicy:
    """At which day's rate an amount in another currency counts.

    `way` is one of

    - "close": of the day that the amount is for: an opportunity's or a line's close date (when it was closed, else when
      it is projected to close; without one, today), a quota's first day, the day of an adjustment;
    - "snapshot": of the day on which what is valued was taken down: a frozen line's submission, a stored snapshot's
      day; of what stands as it is, the day of the question, in a view of the past that of the view;
    - "today": of the day of the question, in a view of the past that of the view, since it knows no later one;
    - "plan": of one fixed `day`, whatever is valued, so that rates move no figure.

    `rates` are those to count by; None: those on file, as the store knows them. Whatever the policy is, the latest
    rate on or before the day counts.
    """

    way: Way = attrs.field(default="close", validator=attrs.validators.in_(_WAYS))
    day: date | None = None
    rates: Rates | None = None

    def __attrs_post_init__(self) -> None:
        if (self.way == "plan") != (self.day is not None):
            raise Invalid("the rates", [Fault("day", "is given for plan rates, and for no others")])

    @classmethod
    def plan(cls, day: date, records: Iterable[ExchangeRate] | None = None) -> Self:
        """The rates of one day for everything: the first day of a fiscal year, say.

        Of `records`, where they are given, else of what is on file: so a past pipeline is counted at present rates by
        `plan(today, crm.exchange_rates.all())`.
        """
        return cls("plan", day, None if records is None else Rates(records))

    @classmethod
    def of(cls, given: RateChoice) -> "RatePolicy":
        """A policy from "close", "snapshot" or "today"; from a day: plan rates of that day; from a mapping of pairs:
        plan rates that are handed in, `{("USD", "EUR"): "0.9"}` for 1 USD = 0.90 EUR.

        Raises Invalid on anything else, on an unknown currency, and on a rate that is a float or not above zero.
        """
        if isinstance(given, RatePolicy):
            return given
        if isinstance(given, str) and given in _WORDS:
            return cls(given)  # type: ignore[arg-type] # one of the words
        if isinstance(given, date) and not isinstance(given, datetime):
            return cls.plan(given)
        if isinstance(given, Mapping):
            return cls.plan(EVER, map(_handed_in, given.items()))
        said = (
            f"are one of {', '.join(_WORDS)}, a day whose rates count for all, or a mapping of pairs such as "
            f'{{("USD", "EUR"): "0.9"}}, not {given!r}'
        )
        raise Invalid("the figures", [Fault("rates", said)])

    @property
    def handed_in(self) -> bool:
        """Whether the rates were handed in without a day, and hold for every day."""
        return self.day == EVER

    def day_of(self, day: date | None, *, snapshot: date | None, today: date) -> date:
        """The day whose rate counts for an amount that is for `day` and was taken down on `snapshot`; None: today."""
        if self.way == "close":
            return day or today
        if self.way == "snapshot":
            return snapshot or today
        return self.day or today

    def __str__(self) -> str:
        if self.way != "plan":
            return {"close": "of the close date", "snapshot": "of the snapshot's day"}.get(self.way, "of today")
        return "handed in" if self.handed_in else f"of {self.day}"


def _handed_in(item: object) -> ExchangeRate:
    match item:
        case ((str(source), str(target)), Decimal() | str() | int() as rate):
            return ExchangeRate(from_currency=source, to_currency=target, day=EVER, rate=rate)
        case _:
            said = f'are given by pair, as {{("USD", "EUR"): "0.9"}}, by int, str or Decimal, not as {item!r}'
            raise Invalid("the figures", [Fault("rates", said)])


AT_CLOSE: Final = RatePolicy()
"""The rate of the close date: the policy where none is named."""
