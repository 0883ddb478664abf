"""Opening a capture: each engine for real, in this process; what cannot be opened is said in the engine's own words."""

from __future__ import annotations

import time

import pytest

from analyzer.capture.live.children import Wanted
from analyzer.capture.live.interfaces import interfaces
from analyzer.capture.live.source import open_live
from analyzer.model.errors import CannotRead, Fault
from analyzer.model.notes import Wire
from tests.support.capturing import needs

ENGINES = [pytest.param(name, marks=needs("tcpdump" if name == "sockets" else name)) for name in ("dumpcap", "tcpdump")]
ENGINES.append(pytest.param("sockets", marks=needs("tcpdump")))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_wrong_filter_is_refused_in_libpcaps_words(engine: str) -> None:
    with pytest.raises(Fault) as fault:
        open_live(Wanted(("lo",), "tcp prt 80"), engines=[engine])
    assert fault.value.note.key == "live.filter"
    words = fault.value.note.get("words")
    assert isinstance(words, Wire)
    assert words.raw == b"can't parse filter expression: syntax error"


@pytest.mark.parametrize("engine", ENGINES)
def test_an_interface_that_is_not_there(engine: str) -> None:
    with pytest.raises(CannotRead) as fault:
        open_live(Wanted(("lo", "nosuch0"), "tcp port 80"), engines=[engine])
    assert fault.value.note.key == "live.interface"


@pytest.mark.parametrize("engine", ENGINES)
def test_counts_are_told_while_it_runs_where_they_can_be(engine: str) -> None:
    source = open_live(Wanted(("lo",), "tcp port 9"), engines=[engine])
    try:
        limit = time.monotonic() + 20
        while engine != "dumpcap" and source.drops.kernel is None and time.monotonic() < limit:
            time.sleep(0.1)
        assert source.drops.kernel == (None if engine == "dumpcap" else 0)
        assert source.drops.interface == 0
        source.stop(linger=False)
        assert [len(batch) for batch in source.batches()][-1:] == [0]
        assert source.drops.kernel == 0  # the closing words
    finally:
        source.close()


@needs("tcpdump")
def test_the_first_that_works_is_taken() -> None:
    source = open_live(Wanted(("lo",), "tcp port 9"), engines=["nosuchprogram", "tcpdump"])
    assert source.engine == "tcpdump"
    source.close()


def test_interfaces_have_names_and_addresses() -> None:
    found = {one.name: one for one in interfaces()}
    if "lo" not in found:
        pytest.skip("there is no loopback interface called lo")
    assert "127.0.0.1" in found["lo"].addresses
    assert found["lo"].up
