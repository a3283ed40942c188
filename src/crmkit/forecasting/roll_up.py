"""Rolling opportunities up: by whom, where, when and how they stand; every partition sums to the same total (R6)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, ClassVar, Final, Self
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Money, Opportunity, Quota, SalesPeriod, TeamAssignment
from crmkit.errors import Fault, Invalid
from crmkit.forecasting import ratios, showing
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.rows import Keyed, row_order
from crmkit.forecasting.schema import Column, columns_of, kinds_of_keys
from crmkit.forecasting.totals import Figures, Tally, Totals
from crmkit.frames import arrow_table, data_frame

__all__ = [
    "DIMENSIONS",
    "Contribution",
    "Group",
    "Key",
    "RollUp",
    "above",
    "dimensions_of",
    "primary_team",
    "quotas_by",
    "roll_up",
    "rolled",
    "topmost",
]

Key = UUID | str | None
"""What a group is of: an id, a code, or None for those that have none."""

DIMENSIONS: Final = (
    "period",
    "salesperson",
    "team",
    "territory",
    "stage",
    "category",
    "status",
    "campaign",
    "item",
    "currency",
)
"""What can be rolled up by, in any choice and order."""

_OWNERS: Final = ("salesperson", "team", "territory")
_NO_QUOTAS: Final[Mapping[tuple[Key, ...], Money]] = {}
_NO_NAMES: Final[Mapping[str, Mapping[Any, str]]] = {}
_NO_TREES: Final[Mapping[str, Mapping[UUID, UUID | None]]] = {}


@attrs.frozen(kw_only=True)
class Contribution:
    """An opportunity, or a line of a forecast, as it goes into a roll-up: where it belongs, and its figures.

    By item, an opportunity with lines is several (see `crmkit.forecasting.split_figures`). `period` and `stage` are
    codes, `currency` is that of the opportunity's own value; ids and codes are None where it has none. `category` and
    `status` follow from the figures.
    """

    figures: Figures
    period: str | None = None
    salesperson: UUID | None = None
    team: UUID | None = None
    territory: UUID | None = None
    stage: str | None = None
    campaign: UUID | None = None
    item: UUID | None = None
    currency: str | None = None

    @classmethod
    def of(
        cls,
        opportunity: Opportunity,
        figures: Figures,
        *,
        period: SalesPeriod | None = None,
        team: UUID | None = None,
        territory: UUID | None = None,
        campaign: UUID | None = None,
        item: UUID | None = None,
    ) -> Self:
        """From an opportunity.

        `territory` is its account's and `campaign` its lead's: each counts where the opportunity has none of its own.
        """
        return cls(
            figures=figures,
            period=period.code if period else None,
            salesperson=opportunity.salesperson,
            team=team,
            territory=opportunity.territory or territory,
            stage=opportunity.stage or None,
            campaign=opportunity.campaign or campaign,
            item=item,
            currency=opportunity.estimated_value.currency if opportunity.estimated_value else None,
        )

    @property
    def category(self) -> str | None:
        """closed, lost, commit, best_case, pipeline or omitted; None where an open one has no category."""
        return self.figures.category or None

    @property
    def status(self) -> str:
        """open, won or lost."""
        return self.figures.outcome


@attrs.frozen(kw_only=True)
class AgainstQuota:
    """What is sold and open, against what was asked. Each is None without a quota, or where it would divide by nothing.

    The field has three formulas for coverage: `pipeline_coverage` is open ÷ quota, `weighted_coverage` open × win rate
    ÷ quota, and `remaining_coverage` open ÷ (quota − won), none where nothing remains.
    """

    attainment: Fraction | None = None
    gap: Money | None = None
    pipeline_coverage: Fraction | None = None
    weighted_coverage: Fraction | None = None
    remaining_coverage: Fraction | None = None

    @classmethod
    def of(cls, totals: Totals | None, quota: Money | None) -> Self:
        """These totals against that quota."""
        if totals is None or quota is None:
            return cls()
        rate = totals.win_rate
        return cls(
            attainment=ratios.attainment(totals.won, quota),
            gap=ratios.gap(totals.won, quota),
            pipeline_coverage=ratios.pipeline_coverage(totals.open, quota),
            weighted_coverage=None if rate is None else ratios.weighted_coverage(totals.open, quota, rate),
            remaining_coverage=ratios.remaining_coverage(totals.open, quota, totals.won),
        )


@attrs.frozen(kw_only=True)
class Group(Totals):
    """A row of a roll-up. Its totals are the group's *own*; own totals of all rows sum to the whole.

    `key` holds the id or code for each dimension (None: those that have none) and `shown` what people read.
    `with_descendants` counts in all groups below it too, by manager or by parent territory; None where nothing
    is rolled up along a tree. `quota` is None where none is known.
    """

    key: FrozenMap[Any]
    shown: FrozenMap[str]
    with_descendants: Totals | None = None
    quota: Money | None = None

    @property
    def against_quota(self) -> AgainstQuota:
        """Its own totals against its quota."""
        return AgainstQuota.of(self, self.quota)

    @property
    def against_quota_with_descendants(self) -> AgainstQuota:
        """Its totals with all that is below against its quota; nothing without a tree."""
        return AgainstQuota.of(self.with_descendants, self.quota)

    @property
    def attainment(self) -> Fraction | None:
        """Own won value ÷ quota; None without a quota or at quota 0."""
        return self.against_quota.attainment

    @property
    def attainment_with_descendants(self) -> Fraction | None:
        """Won value with all that is below ÷ quota; None without a quota, at quota 0, or without a tree."""
        return self.against_quota_with_descendants.attainment

    @property
    def gap(self) -> Money | None:
        """Quota − own won value; below zero once it is exceeded, None without a quota."""
        return self.against_quota.gap

    @property
    def pipeline_coverage(self) -> Fraction | None:
        """Own open value ÷ quota; None without a quota or at quota 0."""
        return self.against_quota.pipeline_coverage

    @property
    def weighted_coverage(self) -> Fraction | None:
        """Own open value × own win rate ÷ quota; None without a quota, at quota 0, or while nothing is closed."""
        return self.against_quota.weighted_coverage

    @property
    def remaining_coverage(self) -> Fraction | None:
        """Own open value ÷ (quota − own won value); None without a quota or where nothing remains."""
        return self.against_quota.remaining_coverage


@attrs.frozen(kw_only=True)
class RollUp(Keyed[Group]):
    """Opportunities rolled up: a row a group, in order of the names shown, those that have none last.

    `trees` are the dimensions that were rolled up along a tree.
    """

    called: ClassVar = "roll-up"

    by: tuple[str, ...]
    currency: str
    rows: tuple[Group, ...]
    total: Group
    trees: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each row has, whatever was rolled up: it depends on the dimensions alone."""
        return columns_of(self.by)

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts with the names of `columns`: per dimension its key and, under "…_shown", its name;
        then the figures.

        Amounts are decimals of `figures_currency`; ratios are decimals rounded half-even to six places.
        """
        columns = self.columns
        return [{column.name: column.value(row) for column in columns} for row in self.rows]

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`, of the same types whatever there is in them.
        Raises MissingExtra without pandas.
        """
        kinds = {column.name: column.kind for column in self.columns}
        return data_frame({**kinds, **kinds_of_keys(self.by)}, self.to_rows())

    def to_arrow(self) -> Any:
        """The rows as a pyarrow Table, with the columns of `to_rows`: keys and names are strings, counts int64, amounts
        decimal128(38, 4) and ratios decimal128(38, 6). Raises MissingExtra without pyarrow.
        """
        return arrow_table({column.name: column.kind for column in self.columns}, self.to_rows())

    def __str__(self) -> str:
        return showing.text(self)

    def _repr_html_(self) -> str:
        return showing.html(self)


def roll_up(
    rows: Iterable[Contribution],
    *,
    by: str | Iterable[str],
    currency: str,
    names: Mapping[str, Mapping[Any, str]] = _NO_NAMES,
    trees: Mapping[str, Mapping[UUID, UUID | None]] = _NO_TREES,
    quotas: Mapping[tuple[Key, ...], Money] = _NO_QUOTAS,
) -> RollUp:
    """The contributions by some of `DIMENSIONS`, one group for each combination that occurs.

    Every figure is a sum of the contributions' rounded figures, so that all partitions have one total. Figures are in
    `currency` already. `names` gives what is shown, by dimension and key: a key that it has not is shown itself.
    `trees` gives the parent of each id in a dimension (salesperson: the manager, territory: the parent); then a
    group's ancestors have rows too, if only with what is below them. `quotas` gives the quota of a row by
    its key, as `quotas_by` makes it, and makes a row even where there is nothing to count. A quota is for all that
    is below its owner, so that the total's is the sum of the topmost ones. Raises Invalid on an unknown or
    repeated dimension, ValueError on figures or quotas in another currency.
    """
    dimensions = dimensions_of(by)
    own: dict[tuple[Key, ...], Tally] = {}
    for row in rows:
        key = tuple([getattr(row, dimension) for dimension in dimensions])
        tally = own.get(key)
        if tally is None:
            tally = own[key] = Tally(currency)
        tally.add(row.figures)
    return rolled(own, by=dimensions, currency=currency, names=names, trees=trees, quotas=quotas)


def rolled(
    tallies: Mapping[tuple[Key, ...], Tally],
    *,
    by: tuple[str, ...],
    currency: str,
    names: Mapping[str, Mapping[Any, str]] = _NO_NAMES,
    trees: Mapping[str, Mapping[UUID, UUID | None]] = _NO_TREES,
    quotas: Mapping[tuple[Key, ...], Money] = _NO_QUOTAS,
) -> RollUp:
    """The roll-up of sums that are made already, by the key of each row: see `roll_up`."""
    own, whole = dict(tallies), Tally(currency)
    for tally in own.values():
        whole.merge(tally)
    for key in quotas:
        own.setdefault(key, Tally(currency))
    climbing = tuple(dimension for dimension in by if dimension in trees)
    below = _with_descendants(own, by, trees, currency) if climbing else {}
    for key in below:
        own.setdefault(key, Tally(currency))
    groups = [
        _group(
            own[key],
            below.get(key),
            key=FrozenMap(dict(zip(by, key, strict=True))),
            shown=FrozenMap(_shown(by, key, names)),
            quota=_quota(quotas.get(key), currency),
        )
        for key in own
    ]
    groups.sort(key=row_order)
    total = _group(
        whole,
        whole if climbing else None,
        key=FrozenMap(),
        shown=FrozenMap(),
        quota=Money.total((quotas[key] for key in topmost(quotas, by, trees)), currency) if quotas else None,
    )
    return RollUp(by=by, currency=currency, rows=tuple(groups), total=total, trees=climbing)


def _group(own: Tally, below: Tally | None, **named: Any) -> Group:
    """A row: what is its own, and what that comes to with all that is below it, which may be the same tally."""
    values = own.values
    whole = None if below is None else Totals(**(values if below is own else below.values))
    return Group(**values, **named, with_descendants=whole)


def dimensions_of(by: str | Iterable[str]) -> tuple[str, ...]:
    """What to roll up by, one or several. Raises Invalid on one that there is not, or that is named twice."""
    if not isinstance(by, Iterable):
        raise Invalid("roll-up", [Fault("by", f"names one or several of {', '.join(DIMENSIONS)}, not {by!r}")])
    dimensions = (by,) if isinstance(by, str) else tuple(by)
    known = ", ".join(DIMENSIONS)
    faults = [Fault("by", f"{name!r} is none of {known}") for name in dimensions if name not in DIMENSIONS]
    if len(set(dimensions)) != len(dimensions):
        faults.append(Fault("by", "names a dimension twice"))
    if faults:
        raise Invalid("roll-up", faults)
    return dimensions


def _quota(quota: Money | None, currency: str) -> Money | None:
    if quota is not None and quota.currency != currency:
        raise ValueError(f"a quota is in {quota.currency}, not in {currency}: convert at a rate first")
    return quota


def _with_descendants(
    own: Mapping[tuple[Key, ...], Tally],
    dimensions: tuple[str, ...],
    trees: Mapping[str, Mapping[UUID, UUID | None]],
    currency: str,
) -> dict[tuple[Key, ...], Tally]:
    """What each row comes to with all that is below it: its own tally, where nothing is."""
    below = dict(own)
    for key, tally in own.items():
        for place in above(key, dimensions, trees):
            if place == key:
                continue
            held = below.get(place)
            if held is None or held is own.get(place):
                below[place] = Tally(currency)
                if held is not None:
                    below[place].merge(held)
            below[place].merge(tally)
    return below


def above(
    key: tuple[Key, ...], dimensions: tuple[str, ...], trees: Mapping[str, Mapping[UUID, UUID | None]]
) -> Iterator[tuple[Key, ...]]:
    """The key itself, and those of every group that it is below."""
    return product(*(_line_up(place, trees.get(name)) for name, place in zip(dimensions, key, strict=True)))


def topmost(
    quotas: Mapping[tuple[Key, ...], Money],
    dimensions: tuple[str, ...],
    trees: Mapping[str, Mapping[UUID, UUID | None]],
) -> list[tuple[Key, ...]]:
    """The keys of the quotas that are not below another."""
    return [
        key for key in quotas if not any(place in quotas for place in above(key, dimensions, trees) if place != key)
    ]


def _line_up(key: Key, parents: Mapping[UUID, UUID | None] | None) -> list[Key]:
    """The key and its ancestors, nearest first, each once even where the parents go round in a circle."""
    line: list[Key] = [key]
    if parents is None:
        return line
    above = parents.get(key) if isinstance(key, UUID) else None
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    return line


def _shown(dimensions: tuple[str, ...], key: tuple[Key, ...], names: Mapping[str, Mapping[Any, str]]) -> dict[str, str]:
    return {
        dimension: "none" if place is None else names.get(dimension, {}).get(place) or str(place)
        for dimension, place in zip(dimensions, key, strict=True)
    }


def quotas_by(
    by: str | Iterable[str],
    quotas: Iterable[Quota],
    *,
    owners: Collection[UUID],
    periods: Mapping[UUID, SalesPeriod],
    valuation: Valuation,
) -> dict[tuple[Key, ...], Money]:
    """The quotas for the rows of a roll-up, in the valuation's currency at the rate of the period's first day.

    Rows have a quota only by salesperson, team or territory, or one of these and the period, in any order; else
    nothing is returned. `owners` are all ids of that dimension (a quota does not say what its owner is), and `periods`
    the periods looked at, by id; quotas of others are passed over. Without the period, the quotas of all periods are
    added up. Raises Refused without a rate that is needed.
    """
    dimensions = dimensions_of(by)
    asked = [dimension for dimension in dimensions if dimension in _OWNERS]
    if len(asked) != 1 or set(dimensions) - {asked[0], "period"}:
        return {}
    held: dict[tuple[Key, ...], list[Money]] = {}
    for quota in quotas:
        period = periods.get(quota.period)
        if period is None or quota.owner not in owners:
            continue
        key: tuple[Key, ...] = tuple(period.code if dimension == "period" else quota.owner for dimension in dimensions)
        held.setdefault(key, []).append(valuation.convert(quota.amount, period.starts_on, record=quota.id))
    return {key: Money.total(amounts, valuation.currency) for key, amounts in held.items()}


def primary_team(assignments: Iterable[TeamAssignment], teams: Collection[UUID]) -> UUID | None:
    """The team that a target counts under: the primary one of those assigned to it, None where none is.

    `teams` are the ids of all teams (an assignment does not say whether its holder is one). Of several primary ones
    the one with the smallest id counts, so that it counts once.
    """
    return min((one.holder for one in assignments if one.primary and one.holder in teams), default=None)
