"""Accounts by territory: a label for reports, never a filter (R8)."""

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from crmkit.entities import Account, Money, Territory
from crmkit.tables import html_table, text_table

__all__ = ["Grouped", "TerritoryRow", "grouped_by_territory"]

_HEADS: Final = ("Territory", "Accounts", "Employees", "Revenue")


@attrs.frozen
class TerritoryRow:
    """The accounts of one territory (None: of none): how many, their employees, and their revenue by currency."""

    territory: Territory | None
    accounts: int
    employees: int
    revenue: tuple[Money, ...]

    @property
    def shown(self) -> str:
        """The territory's code; "none" for those without one."""
        return self.territory.code if self.territory else "none"


@attrs.frozen
class Grouped:
    """A row a territory that has accounts, in order of code, those without a territory last; and the total."""

    rows: tuple[TerritoryRow, ...]
    total: TerritoryRow

    def __iter__(self) -> Iterator[TerritoryRow]:
        return iter(self.rows)

    def _table(self) -> list[tuple[object, ...]]:
        rows = [(row.shown, row) for row in self.rows] + [("total", self.total)]
        return [(name, row.accounts, row.employees, row.revenue) for name, row in rows]

    def __str__(self) -> str:
        return text_table(_HEADS, self._table())

    def _repr_html_(self) -> str:
        return html_table(_HEADS, self._table())


def grouped_by_territory(accounts: Iterable[Account], territories: Iterable[Territory]) -> Grouped:
    """The accounts by territory. Unknown employees and revenue count as none; every row adds up to the total."""
    by_id = {territory.id: territory for territory in territories}
    held: dict[Territory | None, list[Account]] = {}
    everything: list[Account] = []
    for account in accounts:
        territory = by_id.get(account.territory) if account.territory else None
        held.setdefault(territory, []).append(account)
        everything.append(account)
    order = sorted((one for one in held if one is not None), key=lambda territory: territory.code)
    rows = [_row(territory, held[territory]) for territory in order]
    if None in held:
        rows.append(_row(None, held[None]))
    return Grouped(tuple(rows), _row(None, everything))


def _row(territory: Territory | None, accounts: list[Account]) -> TerritoryRow:
    revenue: dict[str, int] = {}
    for account in accounts:
        if account.company_revenue is not None:
            money = account.company_revenue
            revenue[money.currency] = revenue.get(money.currency, 0) + money.minor
    return TerritoryRow(
        territory,
        len(accounts),
        sum(account.employees or 0 for account in accounts),
        tuple(Money.of_minor(minor, currency) for currency, minor in sorted(revenue.items())),
    )
