"""Claims of the proof of a store about questions: what criteria find, in which order, a page at a time."""

from datetime import date
from typing import Any

import pytest

from crmkit.entities import (
    Account,
    Competitor,
    Customer,
    Estimate,
    EstimateLine,
    Item,
    Lead,
    Money,
    Opportunity,
    Prospect,
    Registry,
)
from crmkit.errors import Invalid
from crmkit.queries import (
    AnyOf,
    Between,
    Contains,
    Criterion,
    Either,
    Empty,
    Equals,
    Not,
    Query,
    Related,
    StartsWith,
    SumBetween,
)
from crmkit.testing.desk import Desk
from crmkit.testing.records import World

__all__ = ["AskingClaims"]


class AskingClaims:
    """What every store promises of questions."""

    # Criteria

    @pytest.mark.parametrize(
        ("criterion", "expected"),
        [
            (Equals("name", "ÑANDÚ"), "a"),
            (Equals("name", "Nandu"), ""),
            (Contains("name", "50%_"), "b"),
            (Contains("name", "%"), "b"),
            (Contains("name", "_"), "bd"),
            (StartsWith("name", "ac"), "cd"),
            (AnyOf("name", ("ñandú", "acme", "")), "ac"),
            (AnyOf("name", ()), ""),
            (Empty("contact_person"), "abd"),
            (Empty("contact_person", empty=False), "c"),
            (Empty("employees"), "d"),
            (Between("employees", 10, 20), "ab"),
            (Between("employees", 20, None), "bc"),
            (Between("employees", None, 10), "a"),
            (Not(Equals("employees", 10)), "bcd"),
            (Not(Between("employees", 10, 20)), "cd"),
            (Either([[Equals("employees", 10)], [Equals("name", "acme")]]), "ac"),
            (Either([[Equals("employees", 10), Equals("name", "acme")]]), ""),
            (Either([]), ""),
            (Equals("company_revenue", Money("5", "EUR")), "a"),
            (Between("company_revenue", Money("1", "EUR"), Money("9", "EUR")), "a"),
            (Between("company_revenue", Money("1", "USD"), None), "b"),
            (Equals("address.city", "GIJÓN"), "a"),
            (Contains("address.city", "jó"), "a"),
            (Equals("email", "ANA@example.COM"), "c"),
            (Equals("phone", "+34-600 1"), "c"),
        ],
        ids=repr,
    )
    def test_a_criterion_finds_what_it_says(
        self, work: Desk, registry: Registry, criterion: Criterion, expected: str
    ) -> None:
        """Case does not count, accents do, `%` and `_` are letters, bounds are included, empty is not a value."""
        from crmkit.entities import Address  # noqa: PLC0415 - the only use

        world = World(registry)
        made = {
            "a": world.make(
                Competitor,
                name="Ñandú",
                employees=10,
                company_revenue=Money("5", "EUR"),
                address=Address("x", city="Gijón"),
            ),
            "b": world.make(Competitor, name="50%_off", employees=20, company_revenue=Money("5", "USD")),
            "c": world.make(
                Competitor, name="Acme", employees=21, contact_person="Ana", email="Ana@example.com", phone="+346001"
            ),
            "d": world.make(Competitor, name="ac_dc"),
        }
        work.save(*made.values())
        names = {one.id: name for name, one in made.items()}
        assert "".join(sorted(names[one.id] for one in work.find(Competitor, criterion))) == expected
        with work.unit(read_only=True) as unit:
            assert unit.counts([Query(kind=Competitor, where=(criterion,))]) == [len(expected)]

    def test_an_unknown_field_is_refused(self, work: Desk) -> None:
        """In a criterion, with its name."""
        with pytest.raises(Invalid, match="nonsense"):
            work.find(Item, Equals("nonsense", 1))

    def test_related_records_are_found_both_ways(self, work: Desk, registry: Registry) -> None:
        """From what is referred to, and from what refers."""
        world = World(registry)
        one, other = world.make(Prospect, name="One"), world.make(Customer, name="Other")
        lead = world.make(Lead, account=one.id, description="Bikes")
        world.make(Lead, account=other.id, description="Cars")
        work.save(*world.made)
        of_one = Related(Account, via="id", to="account", where=(Equals("name", "ONE"),))
        assert [found.id for found in work.find(Lead, of_one)] == [lead.id]
        with_bikes = Related(Lead, via="account", where=(Contains("description", "bike"),))
        assert [found.id for found in work.find(Account, with_bikes)] == [one.id]
        assert [found.id for found in work.find(Account, Not(with_bikes))] == [other.id]
        assert work.find(Customer, with_bikes) == []

    def test_sums_of_parts_are_asked_for(self, work: Desk, registry: Registry) -> None:
        """Bounds are included, no part is zero, another currency does not count."""
        world = World(registry)
        estimates = [world.make(Estimate) for _ in range(3)]
        for estimate, amounts in zip(estimates, (("10", "2.50"), ("12.50",), ()), strict=True):
            for amount in amounts:
                world.make(EstimateLine, estimate=estimate.id, amount=Money(amount, "EUR"))
        world.make(EstimateLine, estimate=estimates[2].id, amount=Money("12.50", "USD"))
        work.save(*world.made)
        total = Money("12.50", "EUR")
        found = work.find(Estimate, SumBetween(EstimateLine, "estimate", "amount", total, total))
        assert [one.id for one in found] == [estimates[0].id, estimates[1].id]
        zero = SumBetween(EstimateLine, "estimate", "amount", None, Money("0", "EUR"))
        assert [one.id for one in work.find(Estimate, zero)] == [estimates[2].id]

    # Order and pages

    @pytest.mark.parametrize(
        "sort", ["id", "number", "description", "estimated_value", "probability", "projected_close"]
    )
    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_visit_each_once_in_order(
        self, work: Desk, registry: Registry, sort: str, *, descending: bool
    ) -> None:
        """Empties come last either way, ties go by id, and a page begins behind the last one's end."""
        world = World(registry)
        account = world.make(Prospect)
        for number in range(17):
            world.make(
                Opportunity,
                account=account.id,
                description="é" if number % 4 else f"D{number}",
                estimated_value=Money(number % 5, "EUR") if number % 3 else None,
                probability=number % 4 * 10 if number % 2 else None,
                projected_close=date(2026, 1, 1 + number % 3) if number % 5 else None,
            )
        work.save(*world.made)
        query: Query[Any] = Query(kind=Opportunity, sort=sort, descending=descending)
        with work.unit(read_only=True) as unit:
            whole = unit.find(query)
            paged: list[Any] = []
            after = None
            while page := unit.find(Query(kind=Opportunity, sort=sort, descending=descending, limit=3, after=after)):
                paged += page
                after = query.cursor(page[-1])
        assert paged == whole
        assert whole == _in_order(whole, query)
        assert len({one.id for one in whole}) == 17

    def test_paging_goes_on_while_others_add(self, work: Desk, registry: Registry) -> None:
        """Each record that was there from the start is visited once."""
        world = World(registry)
        items = [world.make(Item, description=f"I{number:02d}") for number in range(9)]
        work.save(*items)
        query: Query[Any] = Query(kind=Item, sort="description", limit=2)
        seen: list[Any] = []
        while page := work.ask(query):
            seen += page
            work.save(world.make(Item, description="I03a"))
            query = Query(kind=Item, sort="description", limit=2, after=query.cursor(page[-1]))
        assert [one.id for one in seen if one.id in {item.id for item in items}] == [item.id for item in items]


def _in_order(records: list[Any], query: Query[Any]) -> list[Any]:
    """The records in the order that the query asks for, by plain Python."""
    if query.sort == "id":
        return sorted(records, key=lambda one: one.id, reverse=query.descending)
    held = [(query.cursor(one), one) for one in records]
    full = sorted(((c.value, c.id, one) for c, one in held if c.value is not None), key=lambda e: e[:2])
    none = sorted(((c.id, one) for c, one in held if c.value is None), key=lambda e: e[0])
    if query.descending:
        full, none = full[::-1], none[::-1]
    return [one for *_, one in full] + [one for _, one in none]
