"""Probabilities learnt from history: the published scores of an open-source CRM come out of the same cases."""

from fractions import Fraction
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmkit.forecasting import Closed, Learnt

STAGES = ("first", "second", "third", "won")
FIELDS = ("country", "state", "source")


def case(country, state, source):
    return {"country": f"country {country}", "state": f"state {state}", "source": f"source {source}"}


def closed(won, stage, *places):
    return Closed(won=won, stage=STAGES[stage], values=case(*places))


TEAM_1 = [closed(False, 0, 0, 0, 0), closed(False, 1, 1, 1, 1), closed(True, 2, 2, 2, 2)]
TEAM_2 = [closed(False, 2, 0, 1, 1), closed(False, 1, 0, 1, 2), closed(True, 0, 0, 2, 2)]


def learnt(history):
    return Learnt.of(history, stages=STAGES, fields=FIELDS)


@pytest.mark.parametrize(
    ("history", "stage", "places", "expected"),
    [
        (TEAM_1, 1, (0, 1, 2), "33.49"),
        (TEAM_2, 1, (0, 1, 2), "7.74"),
        (TEAM_1, 0, (0, 1, 2), "20.87"),
        ([*TEAM_2, closed(True, 1, 1, 0, 1)], 0, (0, 1, 2), "2.43"),
    ],
)
def test_published_scores(history, stage, places, expected):
    """Source: the public tests of Odoo's predictive lead scoring; e-mail and phone are alike in all of its cases."""
    score = learnt(history).score(STAGES[stage], case(*places))
    assert score is not None
    assert f"{float(score.chance) * 100:.2f}" == expected


def test_published_counts():
    """Source: as above. In tenths: those won reach every stage, those lost their own and all before it."""
    found = learnt(TEAM_1).counts
    assert (found["stage"]["first"], found["stage"]["won"]) == ((11, 21), (11, 1))
    assert found["country"]["country 1"] == (1, 11)
    found = learnt([*TEAM_1, closed(False, 0, 1, 1, 1)]).counts
    assert (found["stage"]["first"], found["country"]["country 1"]) == ((11, 31), (1, 21))


def test_what_moved_it():
    """The prior odds times each factor give the odds; leaving a field out shows what it did."""
    score = learnt(TEAM_1).score("second", case(0, 1, 2))
    assert score is not None
    odds = score.prior * prod((one.factor for one in score.influences), start=Fraction(1))
    assert score.chance == odds / (1 + odds)
    assert score.prior == Fraction(11, 21)
    by_field = {one.field: one for one in score.influences}
    assert by_field["source"].factor == Fraction(11, 13) / Fraction(1, 23)
    assert score.without("source") < score.chance < score.without("country")
    assert "source" in str(score)
    assert "<table>" in score._repr_html_()


def test_no_history_no_score():
    """Without both won and lost ones there is none; without a stage it is 0."""
    assert learnt([]).score("first", {}) is None
    assert learnt(TEAM_1[:2]).score("first", {}) is None
    assert learnt(TEAM_1[2:]).score("first", {}) is None
    score = learnt(TEAM_1).score("", case(0, 0, 0))
    assert score is not None
    assert score.chance == 0


def test_what_was_never_seen_says_nothing():
    """An unseen value and an empty one leave the score as it is."""
    model = learnt(TEAM_1)
    plain = model.score("second", {"country": "country 0"})
    assert plain == model.score("second", {"country": "country 0", "state": "", "source": "an unseen one"})


def test_it_never_is_certain():
    """While it is open the score stays within 0.01 and 99.99 %."""
    history = [Closed(won=True, stage="won", values={"source": "fair"})] * 100_000
    history += [Closed(won=False, stage="first", values={"source": "list"})] * 100_000
    model = Learnt.of(history, stages=STAGES, fields=("source",))
    high, low = (model.score("won" if source == "fair" else "first", {"source": source}) for source in ("fair", "list"))
    assert high is not None
    assert low is not None
    assert (high.chance, low.chance) == (Fraction(9_999, 10_000), Fraction(1, 10_000))


@pytest.mark.parametrize(("seen", "counts"), [(24, False), (25, True)])
def test_a_tag_counts_from_fifty(seen, counts):
    """A value of a field that may have several counts once it has been seen 50 times, won and lost together."""
    history = [Closed(won=won, stage="first", values={"tags": ["big", "new"]}) for won in (True, False)] * seen
    history += [Closed(won=False, stage="first", values={"tags": ["old"]})] * 60
    model = Learnt.of(history, stages=STAGES, fields=("tags",), several=("tags",))
    score = model.score("first", {"tags": ["big"]})
    assert score is not None
    assert [one.value for one in score.influences if one.field == "tags"] == (["big"] if counts else [])


@given(st.permutations(TEAM_1 + TEAM_2))
def test_order_does_not_matter(history):
    """The same history in another order teaches the same."""
    score = learnt(history).score("second", case(0, 1, 2))
    assert score == learnt(TEAM_1 + TEAM_2).score("second", case(0, 1, 2))
