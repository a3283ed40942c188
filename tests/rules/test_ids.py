"""New ids: in order, and told apart by their last digits, which are what people are shown."""

import itertools

from crmkit.ids import IdSource


def test_ids_rise_and_their_last_digits_differ() -> None:
    """However many are made in a millisecond."""
    source = IdSource()
    made = [source() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}
    assert all(one.hex[-8:] != other.hex[-8:] for one, other in itertools.pairwise(made))
