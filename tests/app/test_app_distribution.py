"""The distribution of what opportunities may come to, asked of every store."""

from datetime import date
from fractions import Fraction

import pytest

from crmkit import Crm, Invalid, Money, NotFound, Opportunity, Percent, Prospect, Salesperson
from crmkit.entities import evolve
from crmkit.testing.clocks import ManualClock


@pytest.fixture
def pipeline(crm: Crm) -> Crm:
    """Of Ana's: one won for 500, one open for 1,000 at 40 %, one lost, one without a value; one of nobody's, and one
    that closes later.
    """
    crm.sales_periods.make_year(2026, kind="quarter")
    ana = crm.salespersons.add(Salesperson(name="Ana"))
    account = crm.prospects.add(Prospect(name="Acme Bikes")).id
    plain = Opportunity(description="e-bikes", account=account, projected_close=date(2026, 2, 1), probability=40)
    value = Money("1000", "EUR")
    hers = evolve(plain, salesperson=ana.id)
    won = crm.opportunities.add(evolve(hers, estimated_value=Money("500", "EUR")))
    crm.opportunities.win(won.id, on=date(2026, 1, 5))
    lost = crm.opportunities.add(evolve(hers, estimated_value=Money("9", "EUR")))
    crm.opportunities.lose(lost.id, on=date(2026, 1, 5))
    crm.opportunities.add(evolve(hers, estimated_value=value))
    crm.opportunities.add(hers)
    crm.opportunities.add(evolve(plain, estimated_value=value, probability=Percent(10)))
    crm.opportunities.add(evolve(hers, estimated_value=value, projected_close=date(2026, 5, 1)))
    return crm


def test_a_quarter(pipeline: Crm) -> None:
    """Won ones are certain, lost ones gone; open ones come in with their probability."""
    found = pipeline.forecasting.distribution(period="2026-Q1")
    assert [(deal.value, deal.probability) for deal in found.deals] == [
        (Money("1000", "EUR"), Percent(40)),
        (Money("1000", "EUR"), Percent(10)),
    ]
    assert found.certain == Money("500", "EUR")
    assert found.chance(Money("1500", "EUR")) == (Fraction(46, 100),) * 2
    assert found.mean == pipeline.forecasting.roll_up(period="2026-Q1").total.weighted == Money("1000", "EUR")


def test_of_one_person(pipeline: Crm) -> None:
    """Whatever opportunities can be found by narrows it; without a period it is everything."""
    (ana,) = pipeline.salespersons.all()
    assert len(pipeline.forecasting.distribution(period="2026-Q1", salesperson=ana).deals) == 1
    assert len(pipeline.forecasting.distribution(salesperson=ana).deals) == 2


def test_as_of(pipeline: Crm, clock: ManualClock) -> None:
    """A view of the past gives the distribution as it stood."""
    then = pipeline.now()
    before = pipeline.forecasting.distribution(period="2026-Q1")
    clock.tick(minutes=1)
    open_one = next(pipeline.opportunities.all(probability=10))
    pipeline.opportunities.win(open_one.id, on=date(2026, 1, 7))
    assert pipeline.as_of(then).forecasting.distribution(period="2026-Q1").deals == before.deals


def test_wrong_questions(crm: Crm) -> None:
    """An unknown period and an unknown word are told."""
    with pytest.raises(NotFound):
        crm.forecasting.distribution(period="2026-Q9")
    with pytest.raises(Invalid):
        crm.forecasting.distribution(sallesperson=1)
