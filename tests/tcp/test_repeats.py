"""What came once more is remembered as it was told, the last ones of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.tcp.repeats import MAX_AGAIN, Again, Repeats

NUMBERS = st.integers(0, 2**62)
AGAIN = st.builds(Again, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.none() | NUMBERS)


@given(st.lists(AGAIN, max_size=20))
def test_what_is_told_comes_back(told: list[Again]) -> None:
    repeats = Repeats()
    for one in told:
        repeats.add(*one)
    repeats.trim()
    assert list(repeats) == told
    assert len(repeats) == len(told)


def test_the_last_ones_stay() -> None:
    repeats = Repeats()
    for number in range(MAX_AGAIN + 7):
        repeats.add(number, number + 1, 1, 2, None)
    repeats.trim()
    assert [one.start for one in repeats] == list(range(7, MAX_AGAIN + 7))
