"""Dated exchange rates, and converting money by them."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

import attrs

from crmkit.entities import ExchangeRate, Money
from crmkit.entities.money import half_even, minor_digits
from crmkit.errors import Finding, Refused

__all__ = ["EVER", "NO_RATES", "OF_RECORD", "Exchange", "Rates", "at_rate"]

EVER: Final = date.min
"""The day of rates that hold for every day."""

OF_RECORD: Final = " of record "
"""In a refusal, before the id of the record whose money it is."""

_Days = tuple[tuple[date, ...], tuple[Decimal, ...]]


def _by_day(records: Iterable[ExchangeRate]) -> tuple[ExchangeRate, ...]:
    return tuple(sorted(records, key=lambda record: (record.from_currency, record.to_currency, record.day)))


def _paired(rates: "Rates") -> dict[tuple[str, str], _Days]:
    held: dict[tuple[str, str], list[ExchangeRate]] = {}
    for record in rates.records:
        held.setdefault((record.from_currency, record.to_currency), []).append(record)
    return {
        pair: (tuple(record.day for record in records), tuple(record.rate for record in records))
        for pair, records in held.items()
    }


def at_rate(money: Money, currency: str, rate: Decimal) -> Money:
    """The money in that currency at that rate, rounded half-even to the minor unit. Raises ValueError on an unknown
    currency.
    """
    above, below = rate.as_integer_ratio()
    digits = minor_digits(currency)
    return Money.of_minor(
        half_even(money.minor * above * 10**digits, below * 10 ** minor_digits(money.currency)), currency
    )


@attrs.frozen
class Exchange:
    """Money of one currency in another one: what became of it, at which rate.

    `day` is the day whose rate was wanted and `since` that of the record it was found in; None where the rate was kept
    with what it values, `EVER` where it was handed in without a day.
    """

    money: Money
    result: Money
    rate: Decimal
    day: date | None
    since: date | None

    @property
    def exact(self) -> Fraction:
        """What it comes to before it is rounded, in the other currency."""
        return Fraction(self.money.amount) * Fraction(self.rate)

    @property
    def remainder(self) -> Fraction:
        """What rounding to the minor unit took off; below zero where it added."""
        return self.exact - Fraction(self.result.amount)


@attrs.frozen
class Rates:
    """The exchange rates that are known. A rate holds from its day on, until a later day has another.

    Nothing is implied: neither the way back nor a way through a third currency.
    """

    records: tuple[ExchangeRate, ...] = attrs.field(default=(), converter=_by_day)
    _pairs: dict[tuple[str, str], _Days] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_paired, takes_self=True)
    )

    def rate(self, from_currency: str, to_currency: str, day: date) -> Decimal | None:
        """What 1 of the one is in the other, by the latest rate on or before the day; None where there is none.

        A currency in itself is 1.
        """
        if from_currency == to_currency:
            return Decimal(1)
        found = self.since(from_currency, to_currency, day)
        return found[1] if found else None

    def since(self, from_currency: str, to_currency: str, day: date) -> tuple[date, Decimal] | None:
        """The latest rate on or before the day with the day from which it holds; None where there is none."""
        days, rates = self._pairs.get((from_currency, to_currency), ((), ()))
        place = bisect_right(days, day)
        return (days[place - 1], rates[place - 1]) if place else None

    def convert(self, money: Money, currency: str, day: date, *, record: UUID | None = None) -> Money:
        """The money in that currency at the rate of the day, rounded half-even to the minor unit.

        Raises Refused with the finding "no-rate", which names the pair and the day, and `record` where that
        is given; ValueError on an unknown currency.
        """
        if money.currency == currency:
            return money
        return self.exchange(money, currency, day, record=record).result

    def exchange(self, money: Money, currency: str, day: date, *, record: UUID | None = None) -> "Exchange":
        """As `convert`, of money in another currency, with how it comes about."""
        minor_digits(currency)
        found = self.since(money.currency, currency, day)
        if found is None:
            wanted = (
                "for any day: hand one in beside the others"
                if day == EVER
                else f"on or before {day}: add an exchange rate"
            )
            message = f"no rate from {money.currency} to {currency} {wanted}"
            of = f"{OF_RECORD}{record}" if record else ""
            raise Refused(f"converting {money}{of}", [Finding("no-rate", message, "", record)])
        since, rate = found
        return Exchange(money, at_rate(money, currency, rate), rate, day, since)


NO_RATES: Final = Rates()
"""No rates: for those who sell in one currency."""
