"""CRC-64 in lanes against crcmod's, for any bytes in any pieces."""

from __future__ import annotations

import crcmod
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.http.crc64 import Crc64, joined

REFERENCE = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)

#: Lengths around the joints: the register's eight bytes, the smallest block in lanes, a lane, a whole block.
LENGTHS = st.one_of(
    st.integers(0, 20),
    st.integers(2040, 2060),
    st.integers(0, 9000),
    st.sampled_from([(1 << 20) - 1, 1 << 20, (1 << 20) + 2049]),
)


def stretch(length: int, seed: int) -> bytes:
    block = (seed.to_bytes(8, "little") + bytes(range(251))) * 9
    return (block * (length // len(block) + 1))[:length]


def crc64(*pieces: bytes) -> int:
    made = Crc64()
    for piece in pieces:
        made.update(piece)
    return made.value()


@given(LENGTHS, st.integers(0, 2**64 - 1), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_it_is_the_crc_that_oss2_computes(length: int, seed: int, cut: float) -> None:
    data = stretch(length, seed)
    at = int(cut * length)
    assert crc64(data[:at], data[at:]) == REFERENCE(data)


@given(LENGTHS, LENGTHS, st.integers(0, 2**64 - 2))
@settings(max_examples=40, deadline=None)
def test_two_checksums_give_that_of_the_whole(first: int, second: int, seed: int) -> None:
    one, other = stretch(first, seed), stretch(second, seed + 1)
    assert joined(crc64(one), crc64(other), second) == crc64(one, other)


def test_the_value_of_the_standard() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA  # CRC-64/XZ in the catalogue of parametrised CRC algorithms
