"""What a pipeline may come to, and how likely each opportunity is to be won: part of the forecasting service."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs

from crmkit.app.arguments import questions
from crmkit.app.learning import Features, cases_of, learn_conversion, learn_scores, learnt_from, probability_of
from crmkit.app.periods_asked import Periods, given_periods, periods_asked
from crmkit.app.repository import as_id
from crmkit.app.scope import Scope
from crmkit.app.valuing import valuation
from crmkit.entities import Money, Opportunity, Percent, SalesPeriod
from crmkit.entities.collecting import without_collecting
from crmkit.errors import Fault, Invalid, NotFound
from crmkit.forecasting.distribution import Deal, Distribution, distribution
from crmkit.forecasting.figures import Valuation, opportunity_figures
from crmkit.forecasting.grouped import RollUpGrouping
from crmkit.forecasting.learning import DEFAULT_FIELDS, LEAST, LearntConversion, LearntScores, Probabilities
from crmkit.forecasting.rate_policy import AT_CLOSE, RateChoice
from crmkit.forecasting.scoring import Score
from crmkit.forecasting.simulating import Simulation, simulate
from crmkit.queries import Criterion, Equals, Field, Grouping

if TYPE_CHECKING:
    from crmkit.app.work import Work

__all__ = ["Foreseeing", "closing_in"]


class Foreseeing:
    """Distributions, simulations, and what is learnt from history."""

    _scope: Scope

    def distribution(
        self,
        *where: Criterion,
        period: Periods = None,
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        probabilities: Probabilities = "record",
        **asked: Any,
    ) -> Distribution:
        """What the opportunities may come to: all totals, each with its chance, if they are won independently.

        Those that close in the `period` (as in `roll_up`; None is everything) and for which everything asked
        holds, as in `crm.opportunities.find`: `salesperson=…`, `team=…`. Won ones are certain; an open
        one is won with its probability, without a value or a probability it is none. `probabilities` says where that
        comes from: "record" (its own, else its stage's), "stage" (its stage's), "conversion" or "score" (its own, else
        what is learnt from closed ones, else its stage's), or what `learn` or `learn_conversion` gave. Figures are in
        `currency` (the application's), other currencies at `rates` as in `roll_up`. Raises NotFound on an unknown
        period, Refused without a rate that is needed or where it was learnt later, Invalid.
        """
        with self._scope.reading() as work:
            certain, deals = _deals(work, period, _Asked(where, asked, currency, rates, probabilities))
            return distribution(deals, certain=certain)

    def simulation(
        self,
        *where: Criterion,
        period: Periods = None,
        correlation: Percent | int | str = 0,
        together: str = "",
        seed: int = 0,
        runs: int = 10_000,
        currency: str = "",
        rates: RateChoice = AT_CLOSE,
        probabilities: Probabilities = "record",
        **asked: Any,
    ) -> Simulation:
        """What the opportunities came to in many runs drawn at random, where they are won and lost together.

        `correlation` is that of two with the same probability, in percent; `together` names the field by which they
        hang together (salesperson, team, territory, source … as in `learn`; those of different values are independent),
        all of them where it is empty. The same `seed` gives the same runs on every machine; see
        `crmkit.forecasting.simulating` for the model. The rest is as in `distribution`. Raises as that, and Invalid on
        a correlation outside of 0 to 100 % or less than one run.
        """
        with self._scope.reading() as work:
            certain, deals = _deals(work, period, _Asked(where, asked, currency, rates, probabilities))
            groups = _groups(work, together) if together else {}
            try:
                return simulate(deals, certain=certain, correlation=correlation, seed=seed, runs=runs, groups=groups)
            except ValueError as wrong:
                raise Invalid("the simulation", [Fault("", str(wrong))]) from wrong

    def learn(self, *, fields: Sequence[str] = DEFAULT_FIELDS, own: bool = True) -> LearntScores:
        """What closed opportunities teach about who is won: a naive-Bayes score, counted by the fields named, per
        primary team and over all.

        `fields` are the opportunity's own (`source`, `salesperson` …), "stage", "country" or "city" of the account,
        "territory", "campaign", "account.…", those with several values ("competitor", "item"), which count from 50
        observations on, and "custom.…" for a host's own. With `own`, a probability set by hand (the record's own)
        stands before the score where probabilities count. Raises Invalid on an unknown field.
        """
        with self._scope.reading() as work, without_collecting(None):
            return learn_scores(work, valuation(work), fields, own=own)

    def learn_conversion(self, *, least: int = LEAST, own: bool = True) -> LearntConversion:
        """What closed opportunities teach about time in stage: of those that spent at least so long in a stage, the
        share that was won, from `least` such on. `own` is as in `learn`. Raises Invalid on a `least` below 1.
        """
        with self._scope.reading() as work, without_collecting(None):
            return learn_conversion(work, valuation(work), least=least, own=own)

    def score(self, opportunity: UUID, learnt: LearntScores | None = None) -> Score | None:
        """The score of an opportunity, with what each field did to it: by what was `learnt`, or is now by the default
        fields. None without history of both won and lost ones. Raises NotFound, Refused where it was learnt later.
        """
        id = as_id("opportunity", opportunity)
        with self._scope.reading() as work:
            found = _scores(work, learnt, (Equals("id", id),))
            if id not in found:
                raise NotFound("opportunity", id)
            return found[id]

    def scores(self, *where: Criterion, learnt: LearntScores | None = None, **asked: Any) -> dict[UUID, Score | None]:
        """As `score`, of all opportunities for which everything asked holds, as in `crm.opportunities.find`: in as many
        statements as for one. Raises Invalid, Refused where it was learnt later.
        """
        with self._scope.reading() as work, without_collecting(None):
            return _scores(work, learnt, questions(Opportunity.spec, where, asked, work.asker))


@attrs.frozen
class _Asked:
    """Which opportunities, in which currency at which rates, with probabilities from where."""

    where: tuple[Criterion, ...]
    words: dict[str, Any]
    currency: str
    rates: RateChoice
    probabilities: Probabilities


def closing_in(
    meaning: Valuation, periods: Sequence[SalesPeriod] | None, where: tuple[Criterion, ...] = ()
) -> RollUpGrouping:
    """What finds the opportunities that close in the periods (None: all) and for which the criteria hold."""
    return RollUpGrouping(
        dimensions=(), valuation=meaning, periods=tuple(periods or ()), within=periods is not None, where=where
    )


def _deals(work: "Work", period: Periods, asked: _Asked) -> tuple[Money, list[Deal]]:
    """What is won already, and the deals that are open."""
    meaning = valuation(work, asked.currency, asked.rates)
    wanted = questions(Opportunity.spec, asked.where, asked.words, work.asker)
    given = given_periods(period)
    closing = closing_in(meaning, None if given is None else periods_asked(work, given, ""), wanted)
    probability = probability_of(work, meaning, asked.probabilities, closing.query.where)
    certain = Money.zero(meaning.currency)
    deals: list[Deal] = []
    for one in work.unit.stream(closing.query):
        figures = opportunity_figures(one, meaning)
        if figures.outcome == "won":
            certain += figures.gross
        elif figures.outcome == "open" and figures.gross:
            likely = probability(one)
            if likely is not None:
                deals.append(Deal(value=figures.gross, probability=likely, opportunity=one.id))
    return certain, deals


def _groups(work: "Work", together: str) -> dict[UUID, Any]:
    """By opportunity, what it has in the field by which they hang together."""
    try:
        features = Features.of((together,))
    except Invalid as wrong:
        said = wrong.faults[0].message.replace("to learn from", "by which opportunities hang together")
        raise Invalid("the simulation", [Fault("together", said)]) from None
    terms = [*features.single.values()] or ([Field("stage")] if together == "stage" else [])
    if not terms:
        raise Invalid("the simulation", [Fault("together", f"{together!r} has several values, or none that groups")])
    asked: Grouping[Opportunity] = Grouping(kind=Opportunity, by=(Field("id"), *terms))
    return {group.key[0]: group.key[1] for group in work.unit.groups([asked])[0]}


def _scores(work: "Work", learnt: LearntScores | None, where: tuple[Criterion, ...]) -> dict[UUID, Score | None]:
    meaning: Valuation = valuation(work)
    if learnt is not None and not isinstance(learnt, LearntScores):
        raise Invalid("the score", [Fault("learnt", f"is what `learn` has given, not {learnt!r}")])
    known: Any = learnt_from(work, meaning, "score") if learnt is None else learnt
    return {id: known.score(case) for id, case in cases_of(work, meaning, known, where).items()}
