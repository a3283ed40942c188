"""Roll-ups that are kept: as plain data, and as roll-ups again."""

from typing import Any, Final
from uuid import UUID

from crmkit.entities import ForecastSnapshot, FrozenMap
from crmkit.forecasting.roll_up import Key, RollUp, rolled
from crmkit.forecasting.schema import OF_IDS
from crmkit.forecasting.totals import AMOUNTS, Tally

__all__ = ["figures_kept", "roll_up_kept"]

_COUNTS: Final = ("open", "won", "lost")


def figures_kept(found: RollUp) -> FrozenMap[Any]:
    """The own figures of each row; quotas, and what is below a row, are told by other records. Amounts are texts: sums
    may be larger than the whole numbers of plain data.
    """
    rows = {}
    for place, row in enumerate(found.rows if found.by else (found.total,)):
        rows[str(place)] = {
            "key": [str(one) if one is not None else None for one in row.key.values()],
            "shown": list(row.shown.values()),
            "counts": [getattr(row, f"{name}_count") for name in _COUNTS],
            "incomplete": row.incomplete_count,
            "amounts": [str(getattr(row, name).minor) for name in AMOUNTS],
        }
    return FrozenMap(rows)


def roll_up_kept(snapshot: ForecastSnapshot) -> RollUp:
    """The roll-up that was kept, with the names that were shown then."""
    by = tuple(snapshot.by.split())
    tallies: dict[tuple[Key, ...], Tally] = {}
    names: dict[str, dict[Any, str]] = {name: {} for name in by}
    for row in snapshot.figures.values():
        key = tuple(_key(name, one) for name, one in zip(by, row["key"], strict=True))
        for name, one, shown in zip(by, key, row["shown"], strict=True):
            names[name][one] = shown
        tally = tallies[key] = Tally(snapshot.currency)
        tally.counts = dict(zip(_COUNTS, row["counts"], strict=True))
        tally.incomplete = row["incomplete"]
        tally.amounts = [int(one) for one in row["amounts"]]
    return rolled(tallies, by=by, currency=snapshot.currency, names=names)


def _key(dimension: str, text: str | None) -> Key:
    return UUID(text) if text is not None and dimension in OF_IDS else text
