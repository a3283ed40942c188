"""Strict time: what is settled is final at once, with writers in flight and a clock that goes back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

import crmkit
from crmkit import Competitor, Crm
from crmkit.testing.clocks import ManualClock

WRITERS = 4
EACH = 12


@pytest.fixture
def strict(fresh_url: Callable[[str], str], store_name: str) -> str:
    """The URL of an empty store."""
    return fresh_url(store_name)


def test_what_is_settled_is_final_while_others_write(strict: str) -> None:
    """Answers as of what is settled are asked again once everybody has ended: none has changed."""
    seen: list[tuple[datetime, int]] = []
    failed: list[BaseException] = []

    def clock() -> datetime:
        return datetime.now(UTC)

    with crmkit.connect(strict, strict_time=True, clock=clock, starter=None) as crm:
        done = threading.Event()

        def write(number: int) -> None:
            random = Random(number)  # noqa: S311 - no secret
            try:
                for turn in range(EACH):
                    with crm.begin() as work:
                        work.competitors.add(Competitor(name=f"{number} {turn}"))
                        threading.Event().wait(random.uniform(0, 0.01))
                        work.competitors.add(Competitor(name=f"{number} {turn} more"))
            except BaseException as error:  # noqa: BLE001 - told by the test
                failed.append(error)

        def look() -> None:
            while not done.is_set():
                until = crm.settled()
                seen.append((until, crm.as_of(until).competitors.count()))

        writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
        looking = threading.Thread(target=look)
        for thread in (*writers, looking):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        looking.join()
        assert failed == []
        assert crm.competitors.count() == WRITERS * EACH * 2
        assert len({count for _, count in seen}) > 3
        assert [count for _, count in seen] == [crm.as_of(until).competitors.count() for until, _ in seen]
        assert crm.as_of(crm.settled()).competitors.count() == WRITERS * EACH * 2


def test_a_clock_that_goes_back_is_not_followed(strict: str) -> None:
    """Each unit records later than the one before, though the clock is an hour behind."""
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    with crmkit.connect(strict, strict_time=True, clock=clock, starter=None) as crm:
        first = crm.competitors.add(Competitor(name="First")).recorded_at
        clock.tick(timedelta(hours=-1))
        second = crm.competitors.add(Competitor(name="Second")).recorded_at
        assert first is not None
        assert second is not None
        assert first < second < first + timedelta(seconds=1)
        assert crm.settled() == second
        assert [one.name for one in crm.as_of(first).competitors.find()] == ["First"]


def test_a_unit_that_is_taken_back_leaves_no_instant(strict: str) -> None:
    """What is settled is what has been committed."""
    clock = ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))

    def fail(crm: Crm) -> None:
        with crm.begin() as work:
            work.competitors.add(Competitor(name="Second"))
            raise RuntimeError("taken back")

    with crmkit.connect(strict, strict_time=True, clock=clock, starter=None) as crm:
        first = crm.competitors.add(Competitor(name="First")).recorded_at
        clock.tick(timedelta(minutes=1))
        with pytest.raises(RuntimeError):
            fail(crm)
        assert first is not None
        assert first <= crm.settled() <= clock.now - timedelta(seconds=5)


def test_the_clock_is_not_moved_along_with_numbers(strict: str, fresh_url: Callable[[str], str]) -> None:
    """It counts no numbers: a move to another store tells of none."""
    with (
        crmkit.connect(strict, strict_time=True, starter=None) as crm,
        crmkit.connect(fresh_url("memory"), starter=None) as other,
    ):
        crm.competitors.add(Competitor(name="First"))
        moved = crm.copy_to(other)
        assert moved.counters == 1, "that of the competitors"
