"""Facts by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.diagnosis.facts import parse_time


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 2, 3, tzinfo=UTC))
@example(datetime(70, 1, 1, tzinfo=UTC))
def test_the_usual_date_is_read_as_the_library_reads_it(moment: datetime) -> None:
    text = format_datetime(moment, usegmt=True)
    expected = int(parsedate_to_datetime(text).timestamp()) * 1_000_000_000
    assert parse_time(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Fri, 28 Dec 2018 07:32:34 GMT", 1_545_982_354),
        ("Mon, 28 Dec 2018 07:32:34 GMT", 1_545_982_354),  # the day of the week is not looked at
        ("fri, 28 dec 2018 07:32:34 gmt", 1_545_982_354),
        ("28 Dec 2018 07:32:34 +0000", 1_545_982_354),
        ("Fri, 28 Dec 2018 08:32:34 +0100", 1_545_982_354),
        ("Friday, 28-Dec-18 07:32:34 GMT", 1_545_982_354),
        ("20181228T073234Z", 1_545_982_354),
        ("2018-12-28T07:32:34.000Z", 1_545_982_354),
        ("Fri, 31 Feb 2018 07:32:34 GMT", None),
        ("Fri, 28 Dec 2018 24:32:34 GMT", None),
        ("Fri, 28 Xyz 2018 07:32:34 GMT", None),
        ("Fri, 28 Dec 2018 07:32:34 GMT\n", 1_545_982_354),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(text: str, seconds: int | None) -> None:
    assert parse_time(text.encode()) == (None if seconds is None else seconds * 1_000_000_000)
