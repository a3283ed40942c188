"""Time in stage (R3), from saved states."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crmkit import NIL, Opportunity
from crmkit.forecasting.stages import stage_spells
from crmkit.repositories.past import as_stood
from crmkit.repositories.store import Past

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STAGES = ("", "proposal", "closing")
STATUSES = ("open", "won", "lost")


def hour(number: int) -> datetime:
    """So many hours after the start."""
    return START + timedelta(hours=number)


def states(*said: tuple[str, str]) -> list[Past[Opportunity]]:
    """An opportunity saved every hour, in these stages and statuses, each time by another user."""
    made = [
        Opportunity(
            description="E",
            account=NIL,
            stage=stage,
            status=status,
            version=number + 1,
            recorded_at=hour(number),
            recorded_by=f"user {number}",
        )
        for number, (stage, status) in enumerate(said)
    ]
    last = len(made) - 1
    return [
        Past(one, None if number == last else hour(number + 1), f"user {number + 1}") for number, one in enumerate(made)
    ]


def spells(history: list[Past[Opportunity]], now: datetime) -> list[tuple[str, datetime, datetime | None, str]]:
    """Stage, instants and outcome of each spell."""
    return [(one.stage, one.entered_at, one.left_at, one.outcome) for one in stage_spells(history, str, now)]


def test_each_stage_has_its_instants_and_users() -> None:
    """A spell says when and by whom the stage was entered and left, and how long it lasted; the last one still does."""
    first, second = stage_spells(states(("", "open"), ("proposal", "open")), str, hour(5))
    assert (first.stage, first.entered_by, first.left_at, first.left_by) == ("", "user 0", hour(1), "user 1")
    assert first.lasted == timedelta(hours=1)
    assert (second.stage, second.entered_at, second.left_at, second.left_by) == ("proposal", hour(1), None, "")
    assert second.lasted == timedelta(hours=4)


def test_other_changes_begin_no_spell() -> None:
    """Saved again in the same stage, it is the same spell."""
    assert spells(states(("proposal", "open"), ("proposal", "open")), hour(3)) == [("proposal", hour(0), None, "")]


def test_entering_again_is_a_new_spell() -> None:
    """Back in a stage, a new spell begins."""
    history = states(("proposal", "open"), ("closing", "open"), ("proposal", "open"))
    assert [one[0] for one in spells(history, hour(3))] == ["proposal", "closing", "proposal"]


def test_closing_ends_a_spell_and_reopening_begins_one() -> None:
    """Won, it is in no stage any more, whatever is changed; reopened, it is in its last one anew."""
    history = states(("closing", "open"), ("closing", "won"), ("proposal", "won"), ("proposal", "open"))
    assert spells(history, hour(9)) == [
        ("closing", hour(0), hour(1), "won"),
        ("proposal", hour(3), None, ""),
    ]


def test_deleting_ends_a_spell() -> None:
    """A deleted opportunity's last spell ends when it was deleted, by whom."""
    history = states(("proposal", "open"))
    gone = [Past(history[0].record, hour(2), "ben", deleted=True)]
    (one,) = stage_spells(gone, str, hour(9))
    assert (one.left_at, one.left_by, one.lasted) == (hour(2), "ben", timedelta(hours=2))


@given(
    st.lists(st.tuples(st.sampled_from(STAGES), st.sampled_from(STATUSES)), min_size=1, max_size=9),
    st.integers(0, 12),
)
def test_spells_cover_the_time_that_it_was_open(said: list[tuple[str, str]], now: int) -> None:
    """Each open hour is in one spell, of the stage that it was saved in; none overlap, seen from any instant."""
    history = states(*said)
    found = stage_spells(as_stood(history, hour(now)), str, hour(now))
    for number in range(now):
        stage, status = said[min(number, len(said) - 1)]
        covering = [
            one for one in found if one.entered_at <= hour(number) and (one.left_at or hour(now)) > hour(number)
        ]
        assert [one.stage for one in covering] == ([stage] if status == "open" else [])
    assert sum((one.lasted for one in found), timedelta(0)) == timedelta(
        hours=sum(said[min(number, len(said) - 1)][1] == "open" for number in range(now))
    )
