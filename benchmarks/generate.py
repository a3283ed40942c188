"""Made-up sales, the same for the same seed: accounts, opportunities, and prospects with all that hangs on them."""

from datetime import date, timedelta
from random import Random
from typing import Final
from uuid import UUID

from crmkit import (
    Address,
    Email,
    Money,
    Opportunity,
    Phone,
    Prospect,
    Salesperson,
)

__all__ = ["DEPENDANTS", "SeededIds", "opportunities", "prospects", "salespersons"]

_FIRST: Final = [
    "Alba",
    "Norte",
    "Rivera",
    "Solano",
    "Tamar",
    "Ursa",
    "Vega",
    "Lince",
    "Brisa",
    "Cauce",
    "Duero",
    "Encina",
]
_SECOND: Final = ["Bikes", "Foods", "Textiles", "Motors", "Optics", "Labs", "Paper", "Tools", "Logistics", "Energy"]
_PLACES: Final = (("Madrid", "ES"), ("Lyon", "FR"), ("Bogotá", "CO"), ("Hamburg", "DE"), ("Austin", "US"))
_STAGES: Final = ("qualification", "needs_analysis", "proposal", "negotiation", "closing")
_SOURCES: Final = ("web", "recommendation", "trade_fair", "call", "")
_GOODS: Final = ("e-bikes", "frames", "helmets", "service contracts", "cargo trailers", "spare parts")
_FIRST_DAY: Final = date(2026, 1, 1)


class SeededIds:
    """Ids like UUIDv7, in order and the same for the same start; call it for the next."""

    def __init__(self, start: int) -> None:
        self._next = start

    def __call__(self) -> UUID:
        self._next += 1
        count = self._next
        return UUID(int=(1_780_000_000_000 + count // 8) << 80 | 0x7 << 76 | 0b10 << 62 | count)


def salespersons(count: int) -> list[Salesperson]:
    """Some who sell."""
    return [Salesperson(name=f"Salesperson {number}") for number in range(1, count + 1)]


def prospects(seed: int, count: int) -> list[Prospect]:
    """Companies with an address, a telephone number and what is known of their size."""
    random = Random(seed)
    made = []
    for number in range(1, count + 1):
        city, country = random.choice(_PLACES)
        name = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {number}"
        made.append(
            Prospect(
                name=name,
                tax_number=f"T{seed}-{number}",
                address=Address(f"Street {random.randint(1, 900)}", city=city, country=country),
                phone=Phone(f"+34 91 {number:07d}"),
                email=Email(f"office@firm{seed}x{number}.example"),
                sic_code=f"{random.randint(100, 9999):04d}",
                company_revenue=Money.of_minor(random.randint(10**6, 10**10), "EUR"),
                employees=random.randint(1, 5000),
            )
        )
    return made


def opportunities(seed: int, count: int, accounts: list[UUID], sellers: list[UUID]) -> list[Opportunity]:
    """Open opportunities of these accounts, spread over two years; one in twenty has no value yet."""
    random = Random(seed)
    made = []
    for _ in range(count):
        close = _FIRST_DAY + timedelta(days=random.randint(0, 729))
        value = None if random.random() < 0.05 else Money.of_minor(random.randint(10**4, 10**8), "EUR")
        made.append(
            Opportunity(
                description=f"{random.randint(1, 400)} {random.choice(_GOODS)}",
                account=random.choice(accounts),
                stage=random.choice(_STAGES),
                source=random.choice(_SOURCES),
                estimated_value=value,
                probability=random.choice((None, 10, 25, 40, 60, 75, 90)),
                projected_close=close,
                salesperson=random.choice(sellers),
                next_step="call back" if random.random() < 0.3 else "",
                follow_up_on=close - timedelta(days=30) if random.random() < 0.5 else None,
            )
        )
    return made


DEPENDANTS: Final = {
    "leads": 3,
    "opportunities": 4,
    "estimates": 2,
    "contact_accounts": 3,
    "interactions": 4,
    "team_assignments": 2,
    "notes": 2,
}
"""How many records of each kind hang on a prospect that is made with its dependants: 20."""
