"""The book of addresses."""

from __future__ import annotations

import ipaddress

import numpy as np
import pytest

from analyzer.capture.addresses import FIRST_INTERNED, FULL, AddressBook, pairs_of, pairs_of_six


@pytest.mark.parametrize(
    "text", ["0.0.0.0", "10.0.0.5", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "2001:db8::1"]
)
def test_round_trip(text: str) -> None:
    book = AddressBook()
    number = book.number(ipaddress.ip_address(text).packed)
    assert book.text(number) == text
    assert number == book.number(ipaddress.ip_address(text).packed)


def test_ordinary_ipv4_is_its_own_number() -> None:
    assert AddressBook().number(bytes((10, 0, 0, 5))) == 0x0A000005


def test_no_two_addresses_share_a_number() -> None:
    book = AddressBook()
    four, six = bytes((240, 0, 0, 0)), bytes(12) + bytes((240, 0, 0, 0))
    assert len({book.number(four), book.number(six), book.number(bytes(16))}) == 3
    assert (book.packed(book.number(four)), book.packed(book.number(six))) == (four, six)


def test_columns_are_numbered_in_order() -> None:
    book = AddressBook()
    a, b, c = (bytes(15) + bytes((i,)) for i in (1, 2, 3))
    found = book.numbers(pairs_of([a, a, b, bytes((250, 0, 0, 1))], [b, b, c, bytes((10, 0, 0, 1))]))
    first = FIRST_INTERNED
    assert found.tolist() == [[first, first + 1], [first, first + 1], [first + 1, first + 2], [first + 3, 0x0A000001]]
    words = np.frombuffer(a + b, np.uint32).reshape(1, 8)
    assert book.numbers(pairs_of_six(words)).tolist() == [[first, first + 1]]


def test_the_book_is_bounded() -> None:
    book = AddressBook(room=2)
    numbers = [book.number(bytes(15) + bytes((i,))) for i in range(4)]
    assert numbers == [FIRST_INTERNED, FIRST_INTERNED + 1, FULL, FULL]
    assert book.refused == 2


def test_an_unknown_number_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        AddressBook().packed(FIRST_INTERNED)
