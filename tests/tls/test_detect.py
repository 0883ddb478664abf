"""What begins like TLS, and what does not."""

from __future__ import annotations

import pytest

from analyzer.tls import is_tls, looks_like_record


@pytest.mark.parametrize(
    ("first", "tls", "record"),
    [
        (b"", False, False),
        (b"\x16", True, True),
        (b"\x16\x03\x01", True, True),
        (b"\x16\x03\x01\x02\x00\x01\x00", True, True),
        (b"\x16\x03\x03\x02\x00\x02\x00", False, True),  # a ServerHello
        (b"\x17\x03\x03\x40\x11abc", False, True),  # from the middle
        (b"\x15\x03\x03\x00\x02\x01\x00", False, True),
        (b"\x16\x03\x05\x02\x00\x01", False, False),
        (b"\x16\x04\x01\x02\x00\x01", False, False),
        (b"\x16\x03\x01\xff\xff\x01", False, False),
        (b"GET / HTTP/1.1\r\n", False, False),
        (b"\x80\x2e\x01\x03\x01", False, False),  # SSL 2.0
    ],
)
def test_first_bytes(first: bytes, tls: bool, record: bool) -> None:
    assert is_tls(first) is tls
    assert looks_like_record(first) is record
