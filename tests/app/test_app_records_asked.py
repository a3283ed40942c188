"""A saved record stands for its id in every question, and only where it can be meant."""

from collections.abc import Callable
from typing import Any

import pytest

from crmkit import Crm, Invalid, Lead, Money, Opportunity, Prospect, Quota, Salesperson, SalesTeam, Territory
from crmkit.entities import Interaction, TeamAssignment
from crmkit.queries import between

ASKED: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "find": lambda crm, words: list(crm.opportunities.find(**words)),
    "roll_up": lambda crm, words: crm.forecasting.roll_up(**words).total.count,
    "waterfall": lambda crm, words: crm.forecasting.waterfall(start=crm.now(), **words).total.end_count,
    "pace": lambda crm, words: crm.forecasting.pace(**words).total.open_count,
    "distribution": lambda crm, words: crm.forecasting.distribution(**words).mean,
    "scores": lambda crm, words: crm.forecasting.scores(**words),
}


@pytest.mark.parametrize("name", list(ASKED))
@pytest.mark.parametrize("store_name", ["memory"], indirect=True)
def test_what_a_field_cannot_refer_to_is_refused_by_its_name(crm: Crm, name: str) -> None:
    """A record of another kind and one that was never saved counted nothing: alone, in a list, as a bound."""
    acme = crm.prospects.add(Prospect(name="Acme\nBikes"))
    new = Salesperson(name="Ben")
    wrong: list[tuple[str, Any, str]] = [
        ("salesperson", acme, "refers to salesperson, not to the prospect Acme Bikes"),
        ("salesperson", [None, acme], "refers to salesperson, not to the prospect"),
        ("salesperson", between(None, acme), "refers to salesperson, not to the prospect"),
        ("team", acme, "refers to sales team or salesperson, not to the prospect"),
        ("item", acme, "refers to item, not to the prospect"),
        ("territory", acme, "refers to territory, not to the prospect"),
        ("salesperson", new, "the salesperson Ben is not saved yet: add it first, then give it or its id"),
        ("salesperson", {new}, "the salesperson Ben is not saved yet"),
        ("team", SalesTeam(name="North"), "the sales team North is not saved yet"),
        ("id", Opportunity(description="d", account=acme.id), "the opportunity .* is not saved yet"),
        ("stage", next(iter(crm.stages.all())), "must be text, not Stage"),
    ]
    for word, given, said in wrong:
        with pytest.raises(Invalid, match=f"^the query for opportunities is not valid: {word}: {said}"):
            ASKED[name](crm, {word: given})


def test_a_saved_record_stands_for_its_id(crm: Crm) -> None:
    """Wherever its id finds something: by several tables, by any, as an account of either kind, in a list."""
    ana, place = crm.salespersons.add(Salesperson(name="Ana")), crm.territories.add(Territory(description="North"))
    acme = crm.prospects.add(Prospect(name="Acme"))
    team = crm.sales_teams.add(SalesTeam(name="N"))
    deal = crm.opportunities.add(Opportunity(description="d", account=acme.id, salesperson=ana.id, territory=place.id))
    crm.team_assignments.add(TeamAssignment(target=deal.id, holder=team.id))
    lead = crm.leads.add(Lead(account=acme.id, description="l"))
    interaction = crm.interactions.add(Interaction(subject=acme.id, happened_at=crm.now(), reference=deal.id))
    (quarter,) = crm.sales_periods.make_year(2026, kind="year")
    quota = crm.quotas.add(Quota(owner=place.id, period=quarter.id, amount=Money(1, "EUR")))
    for words in ({"salesperson": ana}, {"account": acme}, {"team": team}, {"territory": [place, None]}, {"id": deal}):
        assert list(crm.opportunities.find(**words)) == [deal]
    assert list(crm.leads.find(account=acme)) == [lead]
    assert list(crm.interactions.find(reference=deal)) == list(crm.interactions.find(subject=acme)) == [interaction]
    assert list(crm.quotas.find(owner=place)) == [quota]
