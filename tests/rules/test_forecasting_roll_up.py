"""Roll-ups: every partition sums to the same total, exactly (R6, S16, S20)."""

import csv
import os
import re
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmkit.entities import (
    CodeValue,
    ExchangeRate,
    Money,
    Opportunity,
    OpportunityStatus,
    Quota,
    Stage,
    TeamAssignment,
    evolve,
)
from crmkit.errors import Invalid, MissingExtra, Refused
from crmkit.forecasting import (
    DIMENSIONS,
    Contribution,
    Valuation,
    columns_of,
    opportunity_figures,
    primary_team,
    quotas_by,
    roll_up,
)
from crmkit.forecasting.totals import AMOUNTS
from crmkit.periods import period_of, year_periods

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "tests" / "snapshots"
DATA = Path(os.environ.get("CRMKIT_TEST_DATA", ROOT / ".." / "shared" / "data"))
ANA, BEN, CLEO, DAN = (UUID(int=901 + place) for place in range(4))
NAMES = {"salesperson": {ANA: "Ana", BEN: "Ben", CLEO: "Cleo", DAN: "Dan"}}
MANAGERS = {ANA: CLEO, BEN: CLEO, CLEO: DAN, DAN: None}
PERIODS = tuple(evolve(one, id=UUID(int=800 + place)) for place, one in enumerate(year_periods(2026, "month")))
CODES: list[CodeValue] = [
    OpportunityStatus(code="open", category="open"),
    OpportunityStatus(code="won", category="won"),
    OpportunityStatus(code="lost", category="lost"),
    Stage(code="proposal", probability=50, forecast_category="best_case"),
    Stage(code="closing", probability=90),
]
VALUATION = Valuation.of(CODES, currency="EUR", today=date(2026, 1, 1))


def eur(amount):
    return Money(amount, "EUR")


def deal(id=1, **values):
    given = {"account": UUID(int=1), "description": "a deal", "status": "open", "estimated_value": eur(100)}
    return Opportunity(id=UUID(int=id), **{**given, "probability": 50, **values})


def counted(opportunity, team=None, territory=None):
    return Contribution.of(
        opportunity,
        opportunity_figures(opportunity, VALUATION),
        period=period_of(opportunity.projected_close, PERIODS),
        team=team,
        territory=territory,
    )


def rolled(by, *deals, **given):
    return roll_up([counted(one) for one in deals], by=by, currency="EUR", **given)


ids = st.sampled_from([None, *(UUID(int=100 + place) for place in range(3))])
opportunities = st.builds(
    Opportunity,
    id=st.uuids(),
    account=st.just(UUID(int=1)),
    description=st.just("a deal"),
    status=st.sampled_from(["open", "won", "lost"]),
    stage=st.sampled_from(["", "proposal", "closing"]),
    estimated_value=st.none() | st.integers(0, 10**11).map(lambda minor: Money.of_minor(minor, "EUR")),
    probability=st.none() | st.integers(0, 10_000).map(lambda points: Decimal(points) / 100),
    forecast_category=st.sampled_from(["", "commit", "best_case", "pipeline", "omitted"]),
    projected_close=st.none() | st.dates(date(2025, 12, 1), date(2027, 1, 31)),
    salesperson=ids,
    territory=ids,
    campaign=ids,
)
placed = st.lists(st.tuples(opportunities, ids, ids), max_size=12)
contributions = placed.map(lambda held: [counted(*one) for one in held])
STAGES = {"": (None, ""), "proposal": (Fraction(1, 2), "best_case"), "closing": (Fraction(9, 10), "")}


def facts(opportunity):
    """What an opportunity should contribute, by fractions from its own fields alone: each amount."""
    probability, category = STAGES[opportunity.stage]
    if opportunity.probability is not None:
        probability = Fraction(opportunity.probability.value) / 100
    category = opportunity.forecast_category or category
    share = {"won": 1, "lost": 0}.get(opportunity.status, probability or 0)
    value = Fraction(opportunity.estimated_value.amount) if opportunity.estimated_value else Fraction(0)
    still_open = opportunity.status == "open"
    return {
        "gross": value,
        "weighted": Fraction(round(value * share * 100), 100),
        **{name: value if opportunity.status == name else 0 for name in ("won", "lost", "open")},
        **{
            name: value if still_open and category == name else 0
            for name in ("commit", "best_case", "pipeline", "omitted")
        },
    }


@settings(deadline=None, max_examples=6)
@given(held=placed)
def test_every_partition_sums_to_the_same_total(held):
    """By any of the 1,024 choices of dimensions, the rows sum to what the opportunities come to by fractions."""
    expected = {name: sum(facts(one)[name] for one, *_ in held) for name in AMOUNTS}
    rows = [counted(*one) for one in held]
    for size in range(len(DIMENSIONS) + 1):
        for by in combinations(DIMENSIONS, size):
            found = roll_up(rows, by=by, currency="EUR")
            assert found.total.count == sum(row.count for row in found.rows) == len(held)
            for name in AMOUNTS:
                assert Fraction(getattr(found.total, name).amount) == expected[name]
                assert sum(Fraction(getattr(row, name).amount) for row in found.rows) == expected[name]


@settings(deadline=None)
@given(opportunity=opportunities)
def test_each_figure_is_exact(opportunity):
    """Every amount of one opportunity is what fractions give, weighted ones rounded half-even to the cent."""
    found = opportunity_figures(opportunity, VALUATION)
    assert {name: Fraction(getattr(found, name).amount) for name in AMOUNTS} == facts(opportunity)


@settings(deadline=None)
@given(rows=contributions)
def test_the_order_of_dimensions_changes_no_figure(rows):
    """By salesperson and stage there are the same groups as by stage and salesperson."""
    found = [
        Counter((frozenset(row.key.items()), row.weighted) for row in roll_up(rows, by=by, currency="EUR").rows)
        for by in permutations(("salesperson", "stage", "period"))
    ]
    assert all(one == found[0] for one in found)


@settings(deadline=None)
@given(rows=contributions)
def test_a_trees_own_figures_sum_to_the_total(rows):
    """Own figures partition the whole; a top's figures with descendants hold all that is below it."""
    parents = {UUID(int=100): UUID(int=101), UUID(int=101): UUID(int=102), UUID(int=102): None}
    found = roll_up(rows, by="salesperson", currency="EUR", trees={"salesperson": parents})
    assert sum(row.gross.minor for row in found.rows) == found.total.gross.minor
    tops = [row for row in found.rows if row.key["salesperson"] in (None, UUID(int=102))]
    assert sum(row.with_descendants.gross.minor for row in tops if row.with_descendants) == found.total.gross.minor


def test_weighted_by_month():
    """100,000 at 50 % in June, 50 % in July and 100 % in August give 50,000, 50,000 and 100,000.

    Source: frappe/crm, issue 798.
    """
    months = ((6, 50), (7, 50), (8, 100))
    found = rolled(
        "period",
        *(deal(m, estimated_value=eur(100_000), probability=p, projected_close=date(2026, m, 15)) for m, p in months),
    )
    assert {row.shown["period"]: row.weighted for row in found} == {
        "2026-06": eur(50_000),
        "2026-07": eur(50_000),
        "2026-08": eur(100_000),
    }


def test_those_without_a_value_are_a_row_of_their_own():
    """The row "none" comes last, after the others in order of the names shown, and its key is None."""
    found = rolled("salesperson", deal(1), deal(2, salesperson=BEN), deal(3, salesperson=ANA), names=NAMES)
    assert [(row.key["salesperson"], row.shown["salesperson"]) for row in found] == [
        (ANA, "Ana"),
        (BEN, "Ben"),
        (None, "none"),
    ]
    assert found[None].count == 1
    assert found[ANA].gross == eur(100)
    with pytest.raises(KeyError):
        found[CLEO]


def test_categories_agree_with_their_columns():
    """By category: won ones are closed, lost ones lost, open ones have their category or none."""
    found = rolled(
        "category", deal(1, status="won"), deal(2, status="lost"), deal(3, forecast_category="commit"), deal(4)
    )
    assert {row.key["category"]: row.gross for row in found} == dict.fromkeys(
        ("closed", "lost", "commit", None), eur(100)
    )
    assert found.total.win_rate == Fraction(1, 2)
    assert (found["closed"].won, found["lost"].lost, found["commit"].commit) == (eur(100),) * 3
    assert found[None].uncategorised == eur(100)


def test_an_opportunitys_own_territory_wins_over_its_accounts():
    """The account's counts only where the opportunity has none."""
    own, account = UUID(int=5), UUID(int=6)
    assert counted(deal(territory=own), territory=account).territory == own
    assert counted(deal(), territory=account).territory == account


def test_managers_have_what_is_below_them():
    """Each manager has a row, if only with what their people sell; own figures stay apart."""
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA),
        deal(2, salesperson=BEN),
        deal(3, salesperson=CLEO),
        trees={"salesperson": MANAGERS},
        names=NAMES,
    )
    rows = {row.shown["salesperson"]: (row.count, row.with_descendants.count) for row in found if row.with_descendants}
    assert rows == {"Ana": (1, 1), "Ben": (1, 1), "Cleo": (1, 3), "Dan": (0, 3)}
    assert found.total.count == 3


def test_a_tree_beside_another_dimension():
    """By salesperson and status, a manager's row counts those below it with the same status."""
    found = rolled(
        ("status", "salesperson"),
        deal(1, salesperson=ANA, status="won"),
        deal(2, salesperson=BEN),
        trees={"salesperson": MANAGERS},
    )
    won, still_open = found["won", DAN].with_descendants, found["open", DAN].with_descendants
    assert won is not None
    assert still_open is not None
    assert (won.won, still_open.won, still_open.open) == (eur(100), eur(0), eur(100))


def test_a_circle_of_managers_ends():
    """A tree that goes round in a circle, which no store would keep, counts each once."""
    found = rolled("salesperson", deal(1, salesperson=ANA), trees={"salesperson": {ANA: BEN, BEN: ANA}})
    assert [row.with_descendants.count for row in found if row.with_descendants] == [1, 1]


def test_quotas_give_attainment_and_gap():
    """450k won of a quota of 500k is 90 %, 50k short; who sold nothing has a row; quota 0 has no attainment."""
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA, status="won", estimated_value=eur(450_000)),
        quotas={(ANA,): eur(500_000), (BEN,): eur(100_000), (CLEO,): eur(0)},
    )
    assert (found[ANA].attainment, found[ANA].gap) == (Fraction(9, 10), eur(50_000))
    assert (found[ANA].pipeline_coverage, found[ANA].remaining_coverage) == (0, 0)
    assert (found[BEN].count, found[BEN].attainment, found[BEN].gap) == (0, 0, eur(100_000))
    assert (found[CLEO].attainment, found[CLEO].gap) == (None, eur(0))
    assert (found.total.quota, found.total.attainment) == (eur(600_000), Fraction(3, 4))


def test_a_row_without_a_quota_has_no_attainment():
    """Where none is known, none is guessed."""
    row = rolled("salesperson", deal(salesperson=ANA))[ANA]
    assert (row.quota, row.attainment, row.gap, row.pipeline_coverage, row.remaining_coverage) == (None,) * 5


def test_a_manager_attains_with_descendants():
    """A manager's quota is for all below them: it is compared with their own sales and with everyone's, and it alone
    makes the total's.
    """
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA, status="won"),
        trees={"salesperson": MANAGERS},
        quotas={(ANA,): eur(120), (BEN,): eur(80), (CLEO,): eur(200)},
    )
    assert (found[CLEO].attainment, found[CLEO].attainment_with_descendants) == (0, Fraction(1, 2))
    assert (found[DAN].quota, found[DAN].attainment_with_descendants) == (None, None)
    assert (found.total.quota, found.total.attainment) == (eur(200), Fraction(1, 2))


QUOTAS = [Quota(owner=ANA, period=period.id, amount=eur(10)) for period in PERIODS[:3]] + [
    Quota(owner=UUID(int=77), period=PERIODS[0].id, amount=eur(5)),
    Quota(owner=ANA, period=UUID(int=78), amount=eur(5)),
]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("salesperson", {(ANA,): eur(30)}),
        (("period", "salesperson"), {(f"2026-0{month}", ANA): eur(10) for month in (1, 2, 3)}),
        (("salesperson", "stage"), {}),
        ("period", {}),
        (("salesperson", "team"), {}),
    ],
)
def test_quotas_belong_to_rows_of_an_owner(by, expected):
    """Without the period they are added up; other owners and periods are passed over; other rows have none."""
    periods = {one.id: one for one in PERIODS}
    assert quotas_by(by, QUOTAS, owners={ANA}, periods=periods, valuation=VALUATION) == expected


def test_a_quota_is_converted_at_the_first_day_of_its_period():
    """A later rate does not count, and without a rate there is a clear error."""
    asked = [Quota(owner=ANA, period=PERIODS[1].id, amount=Money(10, "USD"))]
    rates = [
        ExchangeRate(from_currency="USD", to_currency="EUR", day=day, rate=Decimal(rate))
        for day, rate in ((date(2026, 2, 1), "0.8"), (date(2026, 2, 2), "0.9"))
    ]
    held = Valuation.of(CODES, currency="EUR", today=date(2026, 6, 1), rates=rates)
    periods = {PERIODS[1].id: PERIODS[1]}
    assert quotas_by("salesperson", asked, owners={ANA}, periods=periods, valuation=held) == {(ANA,): eur(8)}
    with pytest.raises(Refused, match="no rate from USD to EUR"):
        quotas_by("salesperson", asked, owners={ANA}, periods=periods, valuation=VALUATION)


def test_an_opportunity_counts_under_its_primary_team():
    """Else under none: neither a team that is not primary nor a salesperson counts."""
    team, other, target = UUID(int=10), UUID(int=11), UUID(int=1)
    plain = TeamAssignment(target=target, holder=other)
    person = TeamAssignment(target=target, holder=ANA, primary=True)
    assert primary_team([plain, person], {team, other}) is None
    assert (
        primary_team([plain, person, TeamAssignment(target=target, holder=team, primary=True)], {team, other}) == team
    )


@pytest.mark.parametrize("by", ["colour", ("stage", "stage")])
def test_dimensions_are_known_and_named_once(by):
    """Another dimension, or one named twice, is an error."""
    with pytest.raises(Invalid):
        rolled(by, deal())


def test_currencies_are_not_summed_raw():
    """Figures in another currency than the roll-up's are an error."""
    with pytest.raises(ValueError, match="convert at a rate first"):
        roll_up([counted(deal())], by="stage", currency="USD")
    with pytest.raises(ValueError, match="convert at a rate first"):
        rolled("salesperson", deal(), quotas={(ANA,): Money(1, "USD")})


def test_the_columns_are_those_of_the_snapshot():
    """Which there are, what each holds and what it means depends on the dimensions alone."""
    lines = [f"{column.name}\t{column.kind}\t{column.meaning}" for column in columns_of(DIMENSIONS)]
    assert lines == (SNAPSHOTS / "roll_up_columns.tsv").read_text(encoding="utf-8").splitlines()


def test_the_documentation_names_every_column():
    """Those of the dimensions and of what is below a group by their pattern, all others by name, in their order."""
    section = (ROOT / "docs" / "forecasting.md").read_text(encoding="utf-8").partition("### Columns\n")[2]
    table = [line.split("|")[1] for line in section.partition("### ")[0].splitlines() if line.startswith("| `")]
    named = [name for cell in table for name in re.findall(r"`([a-z_]+)`", cell)]
    assert named == [column.name for column in columns_of(()) if not column.name.endswith("_with_descendants")]


@settings(deadline=None, max_examples=30)
@given(rows=contributions, quota=st.none() | st.integers(0, 10**9), by=st.sets(st.sampled_from(DIMENSIONS)))
def test_rows_have_the_same_columns_whatever_the_data(rows, quota, by):
    """With a tree or none, with quotas or none, with rows or none."""
    key = tuple(None for _ in by)
    quotas = {} if quota is None else {key: Money.of_minor(quota, "EUR")}
    trees = {"salesperson": MANAGERS} if quota else {}
    found = roll_up(rows, by=by, currency="EUR", trees=trees, quotas=quotas)
    names = [column.name for column in columns_of(by)]
    assert [column.name for column in found.columns] == names
    assert all(list(row) == names for row in found.to_rows())


@pytest.mark.parametrize("deals", [[], [deal(1, salesperson=UUID(int=3), status="won")]])
def test_an_arrow_table_has_one_schema_whatever_the_data(deals):
    """Amounts and ratios are decimals of fixed width; nothing there is an empty table of the same types."""
    pa = pytest.importorskip("pyarrow")
    table = rolled(("salesperson", "stage"), *deals, quotas={(ANA, None): eur(3)} if deals else {}).to_arrow()
    kinds = {
        "key": pa.string(),
        "text": pa.string(),
        "whole": pa.int64(),
        "amount": pa.decimal128(38, 4),
        "ratio": pa.decimal128(38, 6),
    }
    assert {field.name: field.type for field in table.schema} == {
        column.name: kinds[column.kind] for column in columns_of(("salesperson", "stage"))
    }
    assert table.num_rows == 2 * len(deals)
    if deals:
        assert Decimal(100) in table["won"].to_pylist()


def test_without_pyarrow_the_extra_is_named(monkeypatch):
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match="arrow"):
        rolled("stage", deal()).to_arrow()


@settings(deadline=None)
@given(rows=contributions)
def test_single_and_cumulative_categories_are_linear_images_of_each_other(rows):
    """Each gives the other back, and both add up like the rows they come from."""
    found = roll_up(rows, by="stage", currency="EUR")
    assert found.total.cumulative.single == found.total.single
    for name in ("closed", "commit", "best_case", "pipeline"):
        for image in ("single", "cumulative"):
            parts = [getattr(getattr(row, image), name) for row in found]
            assert Money.total(parts, "EUR") == getattr(getattr(found.total, image), name)
    assert found.total.cumulative.open_pipeline == found.total.open_pipeline


def test_the_three_coverages():
    """Open 500 of a quota of 1,000 with 1 won of 4 for 750: 0.5, a quarter of that, and 2 of what remains."""
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA, estimated_value=eur(500)),
        deal(2, salesperson=ANA, estimated_value=eur(750), status="won"),
        *(deal(3 + place, salesperson=ANA, estimated_value=eur(1), status="lost") for place in range(3)),
        quotas={(ANA,): eur(1_000)},
    )
    row = found[ANA]
    assert row.win_rate == Fraction(1, 4)
    assert (row.pipeline_coverage, row.weighted_coverage, row.remaining_coverage) == (
        Fraction(1, 2),
        Fraction(1, 8),
        2,
    )


def test_a_managers_coverages_count_all_below():
    """With descendants they are of what the manager's people have open and won."""
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA, estimated_value=eur(300)),
        deal(2, salesperson=BEN, estimated_value=eur(100), status="won"),
        trees={"salesperson": MANAGERS},
        quotas={(CLEO,): eur(400)},
        names=NAMES,
    )
    below = found[CLEO].against_quota_with_descendants
    assert (below.gap, below.pipeline_coverage, below.remaining_coverage) == (eur(300), Fraction(3, 4), 1)
    rows = {row["salesperson_shown"]: row for row in found.to_rows()}
    assert rows["Cleo"]["pipeline_coverage_with_descendants"] == Decimal("0.75")
    assert rows["Cleo"]["pipeline_coverage"] == 0
    assert rows["Ana"]["pipeline_coverage_with_descendants"] is None


def test_what_is_incomplete_is_counted():
    """Each opportunity once, whatever it is without; a closed one needs no probability."""
    found = rolled(
        "status",
        deal(1),
        deal(2, estimated_value=None, probability=None),
        deal(3, probability=None),
        deal(4, probability=None, status="won"),
        deal(5, estimated_value=None, status="lost"),
    )
    assert {row.shown["status"]: row.incomplete_count for row in found} == {"open": 2, "won": 0, "lost": 1}
    assert found.total.incomplete_count == 3


def test_nothing_rolled_up_has_no_rows():
    """The total is zero, and so is the table's."""
    found = rolled("stage")
    assert (len(found), found.total.count, found.total.gross) == (0, 0, eur(0))
    assert "<table>" in found._repr_html_()


def test_the_table_of_a_notebook_escapes_texts():
    """A name is text, never markup."""
    found = rolled("salesperson", deal(salesperson=ANA), names={"salesperson": {ANA: "<script>&"}})
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;&amp;" in shown


def test_plain_rows():
    """Keys, names, exact decimals and ratios to six places."""
    (row,) = rolled(
        "salesperson", deal(salesperson=ANA, status="won"), names=NAMES, quotas={(ANA,): eur(300)}
    ).to_rows()
    assert (row["salesperson"], row["salesperson_shown"], row["figures_currency"], row["count"]) == (
        ANA,
        "Ana",
        "EUR",
        1,
    )
    assert (row["won"], row["attainment"], row["gap"]) == (Decimal("100.00"), Decimal("0.333333"), Decimal("200.00"))


def test_plain_rows_along_a_tree():
    """What is below a group stands in columns of its own."""
    found = rolled("salesperson", deal(salesperson=ANA), trees={"salesperson": MANAGERS}, names=NAMES)
    rows = {row["salesperson_shown"]: row for row in found.to_rows()}
    assert (rows["Dan"]["count"], rows["Dan"]["count_with_descendants"]) == (0, 1)
    assert (rows["Dan"]["gross"], rows["Dan"]["gross_with_descendants"]) == (Decimal(0), Decimal(100))


def test_the_table_of_a_notebook_shows_quotas():
    """Attainment is in percent; the last row is the total, and missing values are counted in the caption."""
    found = rolled(
        "salesperson",
        deal(1, salesperson=ANA, status="won"),
        deal(2, estimated_value=None),
        names=NAMES,
        quotas={(ANA,): eur(300)},
    )
    shown = found._repr_html_()
    assert "33.3 %" in shown
    assert "incomplete: 1" in shown
    assert shown.count("<tr>") == 1 + 2 + 1
    lines = str(found).splitlines()
    assert (lines[0], len(lines)) == ("In EUR; incomplete: 1", 1 + 2 + 2 + 1)
    assert "33.3 %" in lines[3]
    assert shown.index("Ana") < shown.index("none") < shown.index("total")


def test_plain_rows_by_currency():
    """The opportunities' own currency and the figures' are columns of their own."""
    (row,) = rolled("currency", deal()).to_rows()
    assert (row["currency"], row["figures_currency"]) == ("EUR", "EUR")


def test_a_data_frame_is_exact():
    """Its columns are those of the plain rows, amounts are decimals."""
    pytest.importorskip("pandas")
    found = rolled("salesperson", deal(1, salesperson=ANA, estimated_value=eur("0.10")), deal(2), names=NAMES)
    frame = found.to_pandas()
    assert list(frame.columns) == list(found.to_rows()[0])
    assert list(frame["gross"]) == [Decimal("0.10"), Decimal("100.00")]
    assert list(rolled("stage").to_pandas().columns) == [column.name for column in columns_of(["stage"])]


def test_without_pandas_the_extra_is_named(monkeypatch):
    """The error says what to install."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match="pandas"):
        rolled("stage", deal()).to_pandas()


def test_a_real_organisations_pipeline_foots():
    """342 opportunities in 9 stages come to 223,028.00 by stage, by month and by campaign.

    Source: the NPSP development organisation, whose own file is summed here as text.
    """
    path = DATA / "pipeline" / "salesforce_npsp" / "dev_org" / "Opportunity.csv"
    if not path.is_file():
        pytest.skip(f"the real inputs are not here: {path}")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    outcomes = {"Closed Won": "won", "Closed Lost": "lost"}
    rows = [
        counted(
            deal(
                int(one["id"]),
                stage=one["stage_name"],
                status=outcomes.get(one["stage_name"], "open"),
                estimated_value=Money(one["amount"], "EUR") if one["amount"] else None,
                projected_close=date.fromisoformat(one["close_date"]),
                campaign=UUID(int=int(one["CampaignId"])) if one["CampaignId"] else None,
            )
        )
        for one in lines
    ]
    by_stage: dict[str, Decimal] = {}
    for one in lines:
        by_stage[one["stage_name"]] = by_stage.get(one["stage_name"], Decimal(0)) + Decimal(one["amount"] or 0)
    found = roll_up(rows, by="stage", currency="EUR")
    assert {row.key["stage"]: row.gross.amount for row in found} == by_stage
    assert (found.total.count, len(found)) == (342, 9)
    for by in ("stage", "period", ("campaign", "status")):
        assert roll_up(rows, by=by, currency="EUR").total.gross == eur("223028.00")
