"""Claims of the proof of a store about groups, sums, and pages of the past."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import partial
from typing import Any, Final

import pytest

from crmkit.changes import Changes, Update
from crmkit.entities import (
    Account,
    Address,
    ForecastLine,
    Money,
    Opportunity,
    Prospect,
    Record,
    Registry,
    SalesForecast,
    Salesperson,
    TeamAssignment,
    evolve,
)
from crmkit.entities.money import LARGEST
from crmkit.errors import Invalid
from crmkit.queries import (
    AddressPart,
    AnyOf,
    Between,
    Bucket,
    Currency,
    Empty,
    Equals,
    Field,
    FirstOf,
    Grouped,
    Grouping,
    Least,
    Missing,
    OfPart,
    Only,
    Parts,
    Query,
    Replaced,
    Share,
    Term,
    Through,
    Together,
)
from crmkit.testing.clocks import ManualClock
from crmkit.testing.desk import Desk
from crmkit.testing.records import World

__all__ = ["GroupingClaims"]

_SPRING: Final = date(2026, 4, 1)
_CLOSE: Final = FirstOf([Field("closed_on"), Field("projected_close")])
_LIKELY: Final = {"a": 3_333, "b": 5_050}


def _probability(one: Opportunity) -> int | None:
    return one.probability.basis_points if one.probability is not None else _LIKELY.get(one.stage)


def _weighted(one: Opportunity) -> int | None:
    """The value by the probability, which Python rounds half-even too, by fractions."""
    probability = _probability(one)
    if one.estimated_value is None or probability is None:
        return None
    return round(Fraction(one.estimated_value.minor * probability, 10_000))


_SHARE: Final = FirstOf([Field("probability"), Replaced(Field("stage"), _LIKELY)])
_TERMS: Final[dict[str, tuple[Term, Callable[[Opportunity], Any]]]] = {
    "id": (Field("salesperson"), lambda one: one.salesperson),
    "code": (Field("stage"), lambda one: one.stage or None),
    "text": (Field("forecast_category"), lambda one: one.forecast_category or None),
    "day": (Field("projected_close"), lambda one: one.projected_close),
    "money": (Field("estimated_value"), lambda one: one.estimated_value.minor if one.estimated_value else None),
    "percent": (Field("probability"), lambda one: one.probability.basis_points if one.probability else None),
    "currency": (
        Currency("estimated_value"),
        lambda one: one.estimated_value.currency if one.estimated_value else None,
    ),
    "first": (_CLOSE, lambda one: one.closed_on or one.projected_close),
    "replaced": (Replaced(Field("stage"), _LIKELY), lambda one: _LIKELY.get(one.stage)),
    "replaced by nothing": (Replaced(Field("stage"), {}), lambda _: None),
    "bucket": (
        Bucket(_CLOSE, [_SPRING, _SPRING + timedelta(days=3)]),
        lambda one: (
            None
            if (day := one.closed_on or one.projected_close) is None
            else (day >= _SPRING) + (day > date(2026, 4, 3))
        ),
    ),
    "only": (
        Only(Field("stage"), unless=Currency("estimated_value"), listed=("EUR", "JPY")),
        lambda one: one.stage or None if one.estimated_value and one.estimated_value.currency == "USD" else None,
    ),
    "missing": (Missing(_SHARE), lambda one: int(_probability(one) is None)),
    "share": (Share(Field("estimated_value"), _SHARE), _weighted),
}


class GroupingClaims:
    """What every store promises of groups, sums, and pages of the past."""

    @pytest.mark.parametrize("name", _TERMS)
    def test_records_fall_into_groups(self, work: Desk, registry: Registry, name: str) -> None:
        """By any term, as plain Python says; each key once."""
        held, _, _ = _market(work, registry)
        term, value = _TERMS[name]
        found = _groups(work, by=[term])
        assert {key: count for key, count, _ in found} == Counter((value(one),) for one in held)
        assert len(found) == len({key for key, _, _ in found})

    def test_sums_are_exact(self, work: Desk, registry: Registry) -> None:
        """Each is of what was rounded for each record, half to the even; an empty one adds nothing."""
        held, _, _ = _market(work, registry)
        names = ("money", "share", "missing", "percent")
        found = _groups(work, by=[Field("stage"), Field("salesperson")], sums=[_TERMS[name][0] for name in names])
        expected: dict[Any, list[int]] = {}
        for one in held:
            sums = expected.setdefault((one.stage or None, one.salesperson), [0] * len(names))
            for place, name in enumerate(names):
                sums[place] += _TERMS[name][1](one) or 0
        assert {key: list(sums) for key, _, sums in found} == expected

    def test_a_sum_may_be_longer_than_any_amount(self, work: Desk, registry: Registry) -> None:
        """The largest amounts, so many that their sum is beyond 64 bits."""
        world = World(registry)
        account = world.make(Prospect).id
        most = LARGEST - 1
        many = 2**63 // most + 2
        for _ in range(many):
            world.make(Opportunity, account=account, estimated_value=Money.of_minor(most, "EUR"), probability=100)
        work.save(*world.made)
        value = Field("estimated_value")
        found = _groups(work, sums=[value, Share(value, Field("probability"))])
        assert found == [((), many, (many * most, many * most))]

    def test_groups_reach_other_records(self, work: Desk, registry: Registry) -> None:
        """What a record refers to, and the least of those that refer to it, each met by its own criteria."""
        held, accounts, assignments = _market(work, registry)
        territory = FirstOf([Field("territory"), Through("account", Account, Field("territory"))])
        first = Least(TeamAssignment, "target", "holder", [Equals("primary", value=True)])
        expected = Counter(
            (
                one.territory or accounts[one.account].territory,
                min((a.holder for a in assignments if a.target == one.id and a.primary), default=None),
            )
            for one in held
        )
        assert {key: count for key, count, _ in _groups(work, by=[territory, first])} == expected

    def test_groups_reach_what_is_reached(self, work: Desk, registry: Registry) -> None:
        """Whatever is asked of a record that is referred to: what it refers to, the least of what refers to it, a share
        of its amounts, several values together; empty where there is none.
        """
        held, accounts, assignments = _market(work, registry)
        deal = partial(Through, "opportunity", Opportunity)
        world = World(registry)
        forecast = world.make(SalesForecast)
        for one in held:
            world.make(ForecastLine, forecast=forecast.id, opportunity=one.id)
        work.save(*world.made)
        found = _groups(
            work,
            kind=ForecastLine,
            by=[
                deal(Through("account", Account, Field("territory"))),
                deal(Least(TeamAssignment, "target", "holder")),
                Together(deal(one) for one in (Currency("estimated_value"), Field("estimated_value"), _CLOSE)),
            ],
            sums=[deal(_TERMS["share"][0]), Missing(deal(_SHARE))],
        )
        expected: _Groups = []
        for one in held:
            holders = [a.holder for a in assignments if a.target == one.id]
            value = one.estimated_value
            together = (value.currency, value.minor, one.closed_on or one.projected_close) if value else None
            key = (accounts[one.account].territory, min(holders, default=None), together)
            expected.append((key, 1, (_weighted(one) or 0, int(_probability(one) is None))))
        assert sorted(found, key=repr) == sorted(_merged(expected), key=repr)

    def test_groups_by_an_instant(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """To the microsecond, alone and together with others, and by whether it is before another."""
        world = World(registry)
        account = world.make(Prospect).id
        for _ in range(3):
            world.make(Opportunity, account=account, estimated_value=Money(1, "EUR"))
        saved = list(work.save(*world.made).values())
        expected = Counter(one.recorded_at for one in saved if isinstance(one, Opportunity))
        clock.tick(microseconds=654_321)
        (first, *_) = (one for one in saved if isinstance(one, Opportunity))
        now = work.apply(Changes(updates=[Update(first, evolve(first, description="later"))])).updates[0].after
        expected.update({first.recorded_at: -1, now.recorded_at: 1})
        recorded, bounds = Field("recorded_at"), [now.recorded_at]
        together = Together([Currency("estimated_value"), recorded])
        found = _groups(work, by=[recorded, together, Bucket(recorded, bounds)])
        assert {key: count for key, count, _ in found} == {
            (instant, ("EUR", instant), int(instant == now.recorded_at)): count for instant, count in expected.items()
        }

    def test_groups_by_a_part_of_an_address(self, work: Desk, registry: Registry) -> None:
        """Whatever its case; an account without an address, or without that part, has none."""
        world = World(registry)
        places = [Address(country="España"), Address(country="ESPAÑA"), Address(city="Gijón"), None]
        accounts = [world.make(Prospect, address=place) for place in places]
        for account in accounts:
            world.make(Opportunity, account=account.id)
        work.save(*world.made)
        country = Through("account", Account, AddressPart("address", "country"))
        found = _groups(work, by=[country])
        assert sorted(found, key=repr) == [(("españa",), 2, ()), ((None,), 2, ())]

    def test_ways_are_added_up(self, work: Desk, registry: Registry) -> None:
        """Records that go one of several ways are in one group of a key; criteria hold for all ways."""
        held, _, _ = _market(work, registry)
        upto = _SPRING + timedelta(days=2)
        found = _groups(
            work,
            by=[Field("stage")],
            where=[Empty("stage", empty=False)],
            ways=[[Between("closed_on", None, upto)], [Empty("closed_on"), Between("projected_close", None, upto)]],
        )
        days = [(one.stage, one.closed_on or one.projected_close) for one in held]
        expected = Counter((stage,) for stage, day in days if stage and day is not None and day <= upto)
        assert {key: count for key, count, _ in found} == expected

    def test_several_terms_are_one(self, work: Desk, registry: Registry) -> None:
        """A tuple of them, which is empty where the first one is; the others may be."""
        held, _, _ = _market(work, registry)
        others = Only(Currency("estimated_value"), unless=Currency("estimated_value"), listed=("EUR",))
        found = _groups(work, by=[Together([others, Field("estimated_value"), Field("projected_close")])])
        expected = Counter(
            (
                (money.currency, money.minor, one.projected_close)
                if (money := one.estimated_value) is not None and money.currency != "EUR"
                else None,
            )
            for one in held
        )
        assert {key: count for key, count, _ in found} == expected

    def test_records_with_each_of_their_parts(self, work: Desk, registry: Registry) -> None:
        """Once for each part, and by itself where there is none; criteria are the record's."""
        held, _, assignments = _market(work, registry)
        parts: dict[Any, list[Any]] = {}
        for assignment in assignments:
            parts.setdefault(assignment.target, []).append(assignment.holder)
        found = _groups(
            work,
            where=[Empty("stage")],
            parts=Parts(TeamAssignment, via="target"),
            by=[OfPart(Field("holder")), Field("salesperson")],
            sums=[Field("estimated_value")],
        )
        expected: dict[Any, list[int]] = {}
        for one in held:
            for holder in parts.get(one.id, [None]) if not one.stage else ():
                sums = expected.setdefault((holder, one.salesperson), [0, 0])
                sums[0] += 1
                sums[1] += one.estimated_value.minor if one.estimated_value else 0
        assert {key: [count, *sums] for key, count, sums in found} == expected

    def test_records_with_the_parts_of_what_they_refer_to(self, work: Desk, registry: Registry) -> None:
        """Once for each part of the record that a field refers to, and by itself where that has none."""
        held, accounts, _ = _market(work, registry)
        world = World(registry)
        sellers = sorted({one.salesperson for one in held if one.salesperson is not None})
        first, second, *_ = accounts
        for account, seller in ((first, sellers[0]), (first, sellers[1]), (second, sellers[0])):
            world.make(TeamAssignment, target=account, holder=seller)
        work.save(*world.made)
        found = _groups(
            work,
            parts=Parts(TeamAssignment, via="target", of="account"),
            by=[OfPart(Field("holder")), Only(Field("id"), unless=OfPart(Field("id")))],
        )
        parts = {first: sellers[:2], second: sellers[:1]}
        expected = Counter(
            (holder, one.id if one.account in parts else None)
            for one in held
            for holder in parts.get(one.account, [None])
        )
        assert {key: count for key, count, _ in found} == expected

    def test_several_groupings_are_answered_each(self, work: Desk, registry: Registry) -> None:
        """In their order, whatever they are of, and whether their groups look alike or not."""
        held, accounts, assignments = _market(work, registry)
        some = list(accounts)[:2]
        with work.unit(read_only=True) as unit:
            found = unit.groups(
                [
                    Grouping(kind=Opportunity, where=[AnyOf("account", some)], by=[Field("account")]),
                    Grouping(kind=Opportunity, by=[Field("stage")], sums=[Field("estimated_value")]),
                    Grouping(kind=TeamAssignment, where=[Equals("primary", value=True)], by=[Field("holder")]),
                ]
            )
        assert {one.key: one.count for one in found[0]} == Counter(
            (one.account,) for one in held if one.account in some
        )
        assert {one.key: one.count for one in found[1]} == Counter((one.stage or None,) for one in held)
        assert {one.key: one.count for one in found[2]} == Counter((one.holder,) for one in assignments if one.primary)

    def test_nothing_is_one_group_of_none(self, work: Desk, registry: Registry) -> None:
        """Grouped by nothing there is always a group; by something, none where there is no record."""
        assert registry.specs
        assert _groups(work, sums=[Field("estimated_value")]) == [((), 0, (0,))]
        assert _groups(work, by=[Field("stage")], sums=[Field("estimated_value")]) == []

    def test_a_field_that_cannot_be_grouped_by_is_refused(self, work: Desk) -> None:
        """A searchable text, parts, or none at all."""
        for term in (Field("description"), Field("nothing"), Currency("stage"), Through("stage", Account, Field("id"))):
            with pytest.raises(Invalid):
                _groups(work, by=[term])

    def test_groups_of_the_past(self, work: Desk, registry: Registry, clock: ManualClock) -> None:
        """They are as they stood, with all that they reach."""
        held, accounts, _ = _market(work, registry)
        territory = FirstOf([Field("territory"), Through("account", Account, Field("territory"))])
        asked: dict[str, Any] = {"by": [territory, Field("stage")], "sums": [Field("estimated_value")]}
        before = sorted(_groups(work, **asked), key=repr)
        then = clock.now
        clock.tick(minutes=1)
        other = next(one.territory for one in accounts.values() if one.territory)
        work.apply(
            Changes(
                updates=[
                    *(Update(one, evolve(one, territory=other)) for one in accounts.values()),
                    *(Update(one, evolve(one, stage="b", estimated_value=Money(1, "EUR"))) for one in held[::2]),
                ],
                deletes=[one for one in held[1::4] if one.territory],
            )
        )
        clock.tick(minutes=1)
        after = sorted(_groups(work, **asked), key=repr)
        assert after != before
        assert sorted(_groups(work, as_of=then, **asked), key=repr) == before
        assert sorted(_groups(work, as_of=clock.now, **asked), key=repr) == after

    @pytest.mark.parametrize("many", [12, 1_200])
    def test_pages_of_the_past(self, work: Desk, registry: Registry, clock: ManualClock, many: int) -> None:
        """In any order, few states or many, they go through all that there was, each once."""
        world = World(registry)
        account = world.make(Prospect).id
        for number in range(many):
            close = _SPRING + timedelta(days=number % 40) if number % 7 else None
            world.make(Opportunity, account=account, description=f"{number * 7919 % many:05}", projected_close=close)
        saved = list(work.save(*world.made).values())
        first = [one for one in saved if isinstance(one, Opportunity)]
        then = clock.now
        clock.tick(minutes=1)
        changed = [evolve(one, description=f"Z{one.description}", projected_close=_SPRING) for one in first]
        work.apply(Changes(updates=[Update(*pair) for pair in zip(first, changed, strict=True)]))
        clock.tick(minutes=1)
        for at, expected in ((then, first), (clock.now, changed)):
            for sort, descending in (("description", False), ("projected_close", True), ("id", True)):
                query: Query[Any] = Query(kind=Opportunity, sort=sort, descending=descending, limit=many // 4)
                seen: list[Any] = []
                after = None
                with work.unit(read_only=True, as_of=at) as unit:
                    while page := unit.find(Query(**{**_given(query), "after": after})):
                        seen += page
                        after = query.cursor(page[-1])
                assert {one.id for one in seen} == {one.id for one in expected}
                assert [one.description for one in seen] == [one.description for one in _sorted(expected, query)]


def _given(query: Query[Any]) -> dict[str, Any]:
    return {name: getattr(query, name) for name in ("kind", "sort", "descending", "limit")}


def _sorted(records: list[Opportunity], query: Query[Any]) -> list[Opportunity]:
    """In the query's order, empties last, by two stable sorts."""
    by_id = sorted(records, key=lambda one: one.id, reverse=query.descending)
    full = [one for one in by_id if getattr(one, query.sort) is not None]
    full.sort(key=lambda one: getattr(one, query.sort), reverse=query.descending)
    return full + [one for one in by_id if getattr(one, query.sort) is None]


def _market(work: Desk, registry: Registry) -> tuple[list[Opportunity], dict[Any, Account], list[TeamAssignment]]:
    """Opportunities of all sorts, their accounts by id, and who works for them."""
    world = World(registry)
    stage = registry.code_table("stage")
    for code in ("a", "b", "c"):
        world.make(stage, code=code)
    sellers = [world.make(Salesperson).id for _ in range(3)]
    accounts = [world.make(Prospect, **({"territory": _territory(world)} if number % 2 else {})) for number in range(4)]
    for number in range(60):
        value = Money.of_minor(number * 4_567 + 1, ("EUR", "EUR", "USD", "JPY")[number % 4])
        one = world.make(
            Opportunity,
            account=accounts[number % 4].id,
            salesperson=sellers[number % 3] if number % 5 else None,
            territory=accounts[1].territory if number % 9 == 0 else None,
            stage=("a", "b", "c", "")[number * 7 % 4],
            forecast_category=("", "commit", "omitted")[number % 3],
            estimated_value=value if number % 11 else None,
            probability=None if number % 6 == 0 else number % 101,
            projected_close=None if number % 13 == 0 else _SPRING + timedelta(days=number % 7 - 3),
            closed_on=_SPRING + timedelta(days=number % 5) if number % 8 == 0 else None,
        )
        for turn in range(number % 3):
            world.make(TeamAssignment, target=one.id, holder=sellers[(number + turn) % 3], primary=number % 2 == 0)
    saved = work.save(*world.made).values()
    held = [one for one in saved if isinstance(one, Opportunity)]
    assignments = [one for one in saved if isinstance(one, TeamAssignment)]
    return held, {one.id: one for one in saved if isinstance(one, Account)}, assignments


def _territory(world: World) -> Any:
    field = Prospect.spec.by_name["territory"]
    return world.value(field)


_Groups = list[tuple[tuple[Any, ...], int, tuple[int, ...]]]


def _groups(work: Desk, *, kind: type[Record] = Opportunity, as_of: Any = None, **asked: Any) -> _Groups:
    with work.unit(read_only=True, as_of=as_of) as unit:
        return [(one.key, one.count, one.sums) for one in unit.groups([Grouping(kind=kind, **asked)])[0]]


def _merged(groups: _Groups) -> _Groups:
    """Those of one key made one."""
    return [(one.key, one.count, one.sums) for one in Grouped.merged(Grouped(*group) for group in groups)]
