"""Pieces that last: the same bytes and frames as those they were made of."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from analyzer.tcp.columns import Rows
from analyzer.tcp.pieces import Piece, joined

FILE = bytes(range(256)) * 8


def read(place: int, length: int) -> bytes:
    return FILE[place : place + length]


def rows(lengths: list[int], base: int, frame: int, borrowed: bool) -> Rows:
    """Segments of these lengths, the bytes of each some way behind those of the one before."""
    cum, place = array("q", [0]), array("q")
    for number, length in enumerate(lengths):
        place.append((0 if borrowed else base) + cum[-1] + 3 * number)
        cum.append(cum[-1] + length)
    numbers = array("q", range(frame, frame + len(lengths)))
    made = Rows(cum, place, numbers, numbers, numbers, read, borrowed)
    if borrowed:
        made.reread((read, base))
    return made


def piece(number: int, lengths: list[int], borrowed: bool, start: int, cut: tuple[int, int]) -> Piece | None:
    """The segments as a piece that begins at ``start``, less so many bytes of it at both ends."""
    column = rows(lengths, number * 300, number * 100, borrowed)
    low, high = start + cut[0], start + sum(lengths) - cut[1]
    if borrowed:
        column.fetch = lambda place, length: read(number * 300 + place, length)  # as a batch's buffer would
    return Piece(column, 0, len(lengths), start, low, high, None) if high > low else None


#: Lengths of segments, in a batch or kept, bytes cut off at both ends.
Part = tuple[list[int], bool, tuple[int, int]]
PARTS = st.tuples(
    st.lists(st.integers(0, 20), min_size=1, max_size=6), st.booleans(), st.tuples(st.integers(0, 9), st.integers(0, 9))
)


@given(st.lists(PARTS, min_size=1, max_size=4), st.integers(0, 1000))
def test_joined_pieces_hold_the_same_bytes_in_the_same_frames(
    parts: list[tuple[list[int], bool, tuple[int, int]]], start: int
) -> None:
    pieces: list[Piece] = []
    at = start
    for number, (lengths, borrowed, cut) in enumerate(parts):
        one = piece(number, lengths, borrowed, at - cut[0], cut)
        if one is not None:
            pieces.append(one)
            at = one.end
    if not pieces:
        return
    whole = joined(pieces)
    assert whole is not None
    assert (whole.start, whole.end) == (pieces[0].start, at)
    assert whole.read(whole.start, at) == b"".join(one.read(one.start, one.end) for one in pieces)
    frames = [span for one in pieces for span in one.frames(one.start, one.end)]
    assert list(whole.frames(whole.start, at)) == frames
    again = joined([whole])
    assert again is not None
    assert list(again.frames(whole.start, at)) == frames


def test_what_cannot_be_joined() -> None:
    one, behind = piece(0, [9], True, 0, (0, 0)), piece(1, [9], False, 10, (0, 0))
    assert one is not None
    assert behind is not None
    assert joined([one, behind]) is None  # a byte is missing
    gone = Piece(
        Rows(one.rows.cum, one.rows.place, one.rows.frame, one.rows.time, one.rows.ack, read, True), 0, 1, 0, 0, 9, None
    )
    assert joined([gone]) is None  # cannot be read again
