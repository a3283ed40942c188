"""What it takes to put figures on opportunities, read from a store."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from crmkit.entities import ExchangeRate, Opportunity
from crmkit.entities.money import CURRENCIES
from crmkit.errors import Fault, Invalid, Refused
from crmkit.forecasting.figures import Valuation, naming, opportunity_figures
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice, RatePolicy
from crmkit.forecasting.rates import OF_RECORD
from crmkit.forecasting.roll_up import Key
from crmkit.forecasting.totals import Tally
from crmkit.queries import Query
from crmkit.repositories.store import Reader

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["check_currency", "opportunities_named", "opportunities_of", "tallies_of", "valuation"]


def check_currency(currency: str) -> None:
    """Raise Invalid on a currency that there is not; an empty one is the application's."""
    if currency and currency not in CURRENCIES:
        said = f"{currency!r} is no ISO 4217 currency code, such as EUR or USD"
        raise Invalid("the figures", [Fault("currency", said)])


def valuation(work: "Work", currency: str = "", rates: RateChoice = AT_CLOSE) -> Valuation:
    """The meaning of statuses and stages, the rates on file and today, for figures in that currency, at rates as
    `RatePolicy.of` takes them. Raises Invalid.
    """
    policy = RatePolicy.of(rates)
    check_currency(currency)
    known = work.known
    codes = [*known.codes("opportunity_status").values(), *known.codes("stage").values()]
    on_file = work.unit.find(Query(kind=ExchangeRate)) if policy.rates is None else ()
    return Valuation.of(
        codes,
        currency=currency or known.currency,
        today=known.today,
        rates=on_file,
        policy=policy,
        zone=known.zone,
    )


def opportunities_of(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, Opportunity]:
    """The opportunities with those ids, by id."""
    return reader.get_many(Opportunity, ids)


def tallies_of(work: "Work", grouped: RollUpGrouping) -> dict[tuple[Key, ...], Tally]:
    """What the opportunities come to as they stand, by the key of each row. Raises Refused without a rate that is
    needed, naming the opportunity of the smallest id that needs one.
    """
    (groups,) = work.unit.groups([grouped.grouping])
    with opportunities_named(work):
        try:
            return grouped.tallies(groups)
        except Refused:
            for one in sorted(work.unit.stream(grouped.query), key=lambda one: one.id.int):
                opportunity_figures(one, grouped.valuation)
            raise


@contextmanager
def opportunities_named(*works: "Work") -> Iterator[None]:
    """A refusal for want of a rate that would name an opportunity by its id alone calls it what people call it, as the
    first of the works that has it does.
    """
    try:
        yield
    except Refused as refused:
        by_id = {one.record for one in refused.findings if one.record} if OF_RECORD in refused.action else set()
        for work in works:
            for opportunity in opportunities_of(work.unit, by_id).values():
                raise naming(refused, opportunity) from None
        raise
