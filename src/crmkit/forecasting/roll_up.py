"""Rolling opportunities up: by whom, where, when and how they stand; every partition sums to the same total (R6)."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any, Final, Self
from uuid import UUID

import attrs

from crmkit.entities import FrozenMap, Money, Opportunity, Quota, SalesPeriod, TeamAssignment
from crmkit.entities.text import text_key
from crmkit.errors import Fault, Invalid
from crmkit.forecasting import ratios, showing
from crmkit.forecasting.figures import Valuation
from crmkit.forecasting.totals import Figures, Incomplete, OpportunityFigures, Tally, Totals
from crmkit.frames import data_frame

__all__ = [
    "DIMENSIONS",
    "Contribution",
    "Group",
    "Key",
    "RollUp",
    "dimensions_of",
    "primary_team",
    "quotas_by",
    "roll_up",
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
    "currency",
)
"""What can be rolled up by, in any choice and order."""

_OWNERS: Final = ("salesperson", "team", "territory")
_NO_QUOTAS: Final[Mapping[tuple[Key, ...], Money]] = {}
_NO_NAMES: Final[Mapping[str, Mapping[Any, str]]] = {}
_NO_TREES: Final[Mapping[str, Mapping[UUID, UUID | None]]] = {}


@attrs.frozen(kw_only=True)
class Contribution:
    """Opportunities, or a line of a forecast, as they go into a roll-up: where they belong, and their figures.

    `opportunity` is the one that it is of, None where it is of several that belong and stand alike. `period` and
    `stage` are codes, `currency` is that of the opportunity's own value; ids and codes are None where it has none.
    `category` and `status` follow from the figures.
    """

    figures: Figures
    opportunity: UUID | None = None
    period: str | None = None
    salesperson: UUID | None = None
    team: UUID | None = None
    territory: UUID | None = None
    stage: str | None = None
    campaign: UUID | None = None
    currency: str | None = None

    @classmethod
    def of(
        cls,
        opportunity: Opportunity,
        figures: OpportunityFigures,
        *,
        period: SalesPeriod | None = None,
        team: UUID | None = None,
        territory: UUID | None = None,
        campaign: UUID | None = None,
    ) -> Self:
        """From an opportunity.

        `territory` is its account's and `campaign` its lead's: each counts where the opportunity has none of its own.
        """
        return cls(
            opportunity=opportunity.id,
            figures=figures,
            period=period.code if period else None,
            salesperson=opportunity.salesperson,
            team=team,
            territory=opportunity.territory or territory,
            stage=opportunity.stage or None,
            campaign=opportunity.campaign or campaign,
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
    def attainment(self) -> Fraction | None:
        """Own won value ÷ quota; None without a quota or at quota 0."""
        return None if self.quota is None else ratios.attainment(self.won, self.quota)

    @property
    def attainment_with_descendants(self) -> Fraction | None:
        """Won value with all that is below ÷ quota; None without a quota, at quota 0, or without a tree."""
        if self.quota is None or self.with_descendants is None:
            return None
        return ratios.attainment(self.with_descendants.won, self.quota)

    @property
    def gap(self) -> Money | None:
        """Quota − own won value; below zero once it is exceeded, None without a quota."""
        return None if self.quota is None else ratios.gap(self.won, self.quota)

    @property
    def pipeline_coverage(self) -> Fraction | None:
        """Own open value ÷ quota; None without a quota or at quota 0."""
        return None if self.quota is None else ratios.pipeline_coverage(self.open, self.quota)

    @property
    def remaining_coverage(self) -> Fraction | None:
        """Own open value ÷ (quota − own won value); None without a quota or where nothing remains."""
        return None if self.quota is None else ratios.remaining_coverage(self.open, self.quota, self.won)


@attrs.frozen(kw_only=True)
class RollUp:
    """Opportunities rolled up: a row a group, in order of the names shown, those that have none last.

    `incomplete` lists the opportunities of which something is missing, which counts as zero; `trees` the
    dimensions that were rolled up along a tree.
    """

    by: tuple[str, ...]
    currency: str
    rows: tuple[Group, ...]
    total: Group
    incomplete: tuple[Incomplete, ...] = ()
    trees: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Group]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: Any) -> Group:
        """The row of a key: one id or code, or one for each dimension. Raises KeyError where there is no such row."""
        wanted = key if isinstance(key, tuple) else (key,)
        for row in self.rows:
            if tuple(row.key.values()) == wanted:
                return row
        raise KeyError(key)

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts: per dimension its key and, under "…_shown", its name; then the figures.

        Amounts are decimals of `currency`; ratios are decimals rounded half-even to six places.
        """
        return showing.plain_rows(self)

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame, with the columns of `to_rows`. Raises MissingExtra without pandas."""
        rows = self.to_rows()
        return data_frame(showing.columns(self, rows), rows)

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
    incomplete: Iterable[Incomplete] = (),
) -> RollUp:
    """The contributions by some of `DIMENSIONS`, one group for each combination that occurs.

    Every figure is a sum of the contributions' rounded figures, so that all partitions have one total. Figures are in
    `currency` already. `names` gives what is shown, by dimension and key: a key that it has not is shown itself.
    `trees` gives the parent of each id in a dimension (salesperson: the manager, territory: the parent); then a
    group's ancestors have rows too, if only with what is below them. `quotas` gives the quota of a row by
    its key, as `quotas_by` makes it, and makes a row even where there is nothing to count. A quota is for all that
    is below its owner, so that the total's is the sum of the topmost ones. `incomplete` are opportunities of which
    something is missing and that the rows do not tell of. Raises Invalid on an unknown or
    repeated dimension, ValueError on figures or quotas in another currency.
    """
    dimensions = dimensions_of(by)
    whole = Tally(currency)
    own: dict[tuple[Key, ...], Tally] = {}
    missing: list[Incomplete] = list(incomplete)
    for row in rows:
        key = tuple([getattr(row, dimension) for dimension in dimensions])
        tally = own.get(key)
        if tally is None:
            tally = own[key] = Tally(currency)
        tally.add(row.figures)
        whole.add(row.figures)
        if row.opportunity and isinstance(row.figures, OpportunityFigures) and row.figures.incomplete:
            missing.append(Incomplete(row.opportunity, row.figures.incomplete))
    for key in quotas:
        own.setdefault(key, Tally(currency))
    climbing = tuple(dimension for dimension in dimensions if dimension in trees)
    below = _with_descendants(own, dimensions, trees, currency) if climbing else {}
    for key in below:
        own.setdefault(key, Tally(currency))
    groups = [
        Group(
            **own[key].values,
            key=FrozenMap(dict(zip(dimensions, key, strict=True))),
            shown=FrozenMap(_shown(dimensions, key, names)),
            with_descendants=below[key].totals if climbing else None,
            quota=_quota(quotas.get(key), currency),
        )
        for key in own
    ]
    groups.sort(key=_order)
    total = Group(
        **whole.values,
        key=FrozenMap(),
        shown=FrozenMap(),
        with_descendants=whole.totals if climbing else None,
        quota=Money.total(_topmost(quotas, dimensions, trees), currency) if quotas else None,
    )
    return RollUp(
        by=dimensions,
        currency=currency,
        rows=tuple(groups),
        total=total,
        incomplete=tuple(missing),
        trees=climbing,
    )


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
    below: dict[tuple[Key, ...], Tally] = {}
    for key, tally in own.items():
        for above in _above(key, dimensions, trees):
            held = below.get(above)
            if held is None:
                held = below[above] = Tally(currency)
            held.merge(tally)
    return below


def _above(
    key: tuple[Key, ...], dimensions: tuple[str, ...], trees: Mapping[str, Mapping[UUID, UUID | None]]
) -> Iterator[tuple[Key, ...]]:
    """The key itself, and those of every group that it is below."""
    return product(*(_line_up(place, trees.get(name)) for name, place in zip(dimensions, key, strict=True)))


def _topmost(
    quotas: Mapping[tuple[Key, ...], Money],
    dimensions: tuple[str, ...],
    trees: Mapping[str, Mapping[UUID, UUID | None]],
) -> Iterator[Money]:
    """The quotas that are not below another."""
    for key, quota in quotas.items():
        if not any(above in quotas for above in _above(key, dimensions, trees) if above != key):
            yield quota


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


def _order(group: Group) -> tuple[tuple[bool, str, str], ...]:
    return tuple((key is None, text_key(group.shown[dimension]), str(key)) for dimension, key in group.key.items())


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
