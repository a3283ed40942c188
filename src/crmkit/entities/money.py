"""Money: exact amounts of one currency, as whole minor units (cents, or what the currency has)."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import total_ordering
from typing import Final, Self

from crmkit.entities.percent import Percent, shown_as
from crmkit.entities.twins import setter_of

__all__ = ["CURRENCIES", "LARGEST", "Money", "bounded", "half_even", "minor_digits"]

LARGEST: Final = 9 * 10**14
"""The largest number of minor units that an amount may have: products with basis points stay within 64 bits."""

_WITHOUT_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_TEN_THOUSANDTHS = "CLF UYW"
_HUNDREDTHS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN
NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
CURRENCIES: Final[dict[str, int]] = {
    code: digits
    for digits, codes in ((0, _WITHOUT_MINOR_UNIT), (2, _HUNDREDTHS), (3, _THOUSANDTHS), (4, _TEN_THOUSANDTHS))
    for code in codes.split()
}
"""Each ISO 4217 currency of trade with the number of digits of its minor unit (ISO 4217, list one)."""


def minor_digits(currency: str) -> int:
    """How many digits the currency's minor unit has (EUR 2, JPY 0). Raises ValueError on an unknown one."""
    digits = CURRENCIES.get(currency)
    if digits is None:
        raise ValueError(f"{currency!r} is no ISO 4217 currency code, such as EUR or USD")
    return digits


def half_even(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator (> 0) to the nearest whole number, a half to the even one, in integers alone."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole % 2 == 1))


@total_ordering
class Money:
    """An exact amount of one currency: `Money("120000", "EUR")`.

    Takes int, text or Decimal, never a float; the amount may not be finer than the currency's minor unit
    (`Money.rounded` rounds half-even first) nor larger than 9·10¹⁴ of them; sums of amounts may be, and are then no
    value for a record. Two amounts add up and compare only in one currency; `sum` adds them up, and one may be taken
    so many times, by a whole number. In a format, a width pads what is shown (`f"{money:>20}"`), and what numbers
    alone have is of the amount (`f"{money:,.0f}"`). Raises ValueError, and on mixed currencies too.
    """

    __slots__ = ("currency", "minor")
    minor: int
    currency: str

    def __init__(self, amount: int | str | Decimal, currency: str) -> None:
        digits = minor_digits(currency)
        scaled = _decimal(amount).scaleb(digits)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} is finer than the minor unit of {currency}: round it first (Money.rounded)")
        _set_minor(self, bounded(int(scaled)))
        _set_currency(self, currency)

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> Self:
        """So many minor units: `Money.of_minor(150, "EUR")` is 1.50 EUR. A sum may be larger than one amount may be."""
        made = cls.__new__(cls)
        _set_minor(made, minor)
        _set_currency(made, currency)
        return made

    @classmethod
    def rounded(cls, amount: int | str | Decimal, currency: str) -> Self:
        """The amount rounded half-even to the currency's minor unit."""
        scaled = _decimal(amount).scaleb(minor_digits(currency))
        return cls.of_minor(bounded(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN))), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, of that currency."""
        minor_digits(currency)
        return cls.of_minor(0, currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> Self:
        """The sum, in that currency; nothing to add is zero. Raises ValueError on another currency."""
        minor = 0
        for amount in amounts:
            if amount.currency != currency:
                raise ValueError(f"cannot add {amount.currency} to {currency}: convert at a rate first")
            minor += amount.minor
        return cls.of_minor(minor, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in the currency's major unit, exact."""
        return Decimal(self.minor).scaleb(-CURRENCIES[self.currency])

    def weighted(self, share: Percent) -> "Money":
        """amount × share, rounded half-even to the minor unit."""
        return Money.of_minor(half_even(self.minor * share.basis_points, 10_000), self.currency)

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """Split in proportion to whole, non-negative weights; what rounding leaves goes to the largest remainders.

        The parts sum to the whole. Ties go to the earlier part. Raises ValueError where no weight is above zero.
        """
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        parts = [divmod(abs(self.minor) * weight, total) for weight in weights]
        left = abs(self.minor) - sum(whole for whole, _ in parts)
        order = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))
        lucky = set(order[:left])
        return [
            Money.of_minor(sign * (whole + (index in lucky)), self.currency) for index, (whole, _) in enumerate(parts)
        ]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Money is immutable: make a new one instead of setting {name!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other, "add")
        return Money.of_minor(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other, "subtract")
        return Money.of_minor(self.minor - other.minor, self.currency)

    def __radd__(self, other: int) -> "Money":
        """Of the 0 that `sum` begins with, and of nothing else that is no money."""
        if type(other) is not int or other:
            self._same(other, "add")
        return self

    def __neg__(self) -> "Money":
        return Money.of_minor(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return Money.of_minor(abs(self.minor), self.currency)

    def __mul__(self, times: int) -> "Money":
        if isinstance(times, bool) or not isinstance(times, int):
            said = "by a whole number; else round, as in Money.rounded(money.amount * …, money.currency)"
            raise TypeError(f"cannot multiply {self.currency} by {type(times).__name__}: {said}")
        return Money.of_minor(self.minor * times, self.currency)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.minor != 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self.minor == other.minor and self.currency == other.currency

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        self._same(other, "compare")
        return self.minor < other.minor

    def __hash__(self) -> int:
        return hash((self.minor, self.currency))

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"

    def __format__(self, spec: str) -> str:
        return shown_as(spec, str(self), self.amount)

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def __reduce__(self) -> tuple[object, tuple[int, str]]:
        return type(self).of_minor, (self.minor, self.currency)

    def _same(self, other: object, verb: str) -> None:
        if not isinstance(other, Money):
            said = (
                f"write Money({str(other)!r}, {self.currency!r})" if isinstance(other, int | Decimal) else "use Money"
            )
            raise TypeError(f"cannot {verb} {type(other).__name__} and {self.currency}: {said}")
        if self.currency != other.currency:
            raise ValueError(f"cannot {verb} {other.currency} and {self.currency}: convert at a rate first")


# The slots set themselves: a Money refuses to be set.
_set_minor: Final = setter_of(Money, "minor")
_set_currency: Final = setter_of(Money, "currency")


def _decimal(amount: object) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, int | str | Decimal):
        raise ValueError(f"an amount must be int, text or Decimal, not {type(amount).__name__}")
    try:
        exact = Decimal(amount)
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount, such as '1200.50'") from None
    if not exact.is_finite():
        raise ValueError("an amount must be finite")
    if exact.adjusted() > 18 or len(exact.as_tuple().digits) > 28:
        raise ValueError("the amount is too long: at most 9·10¹⁴ minor units")
    return exact


def bounded(minor: int) -> int:
    """The minor units, where a record can keep so many. Raises ValueError."""
    if not -LARGEST <= minor <= LARGEST:
        raise ValueError("the amount is too large: at most 9·10¹⁴ minor units")
    return minor
