"""Accounts by territory: a label for reports, never a filter (R8)."""

from collections.abc import Iterable, Iterator
from html import escape

import attrs

from crmkit.entities import Account, Money, Territory

__all__ = ["Grouped", "TerritoryRow", "grouped_by_territory"]


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

    def _repr_html_(self) -> str:
        shown = [(row.shown, row) for row in self.rows] + [("total", self.total)]
        cells = "".join(
            f"<tr><td>{escape(name)}</td><td align='right'>{row.accounts}</td><td align='right'>{row.employees}</td>"
            f"<td align='right'>{escape(', '.join(map(str, row.revenue)))}</td></tr>"
            for name, row in shown
        )
        head = "<tr><th>Territory</th><th>Accounts</th><th>Employees</th><th>Revenue</th></tr>"
        return f"<table>{head}{cells}</table>"


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
