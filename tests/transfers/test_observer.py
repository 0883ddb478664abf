"""What TCP tells: a table of pauses, windows, losses and round trips; and that batches do not matter."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.capture import open_captures
from analyzer.model.transfers import LinkFacts, TurnFacts
from analyzer.pipeline import list_exchanges
from analyzer.transfers import observer
from analyzer.transfers.links import KEPT_TURNS
from analyzer.transfers.observer import Observer
from tests.support.pcapfile import write_pcap
from tests.transfers.wire import ACK, FIN, MSS, RST, SYN, Packet, Talk

CAPTURES = sorted((Path(__file__).parents[2] / "captures").glob("*.pcap*"))
CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
REAL = [*CAPTURES, *sorted(CORPORA.glob("*.pcap*")), *sorted((CORPORA / "tls").glob("*.pcap*"))]
REAL = [path for path in REAL if path.suffix != ".keys"]

Seen = tuple[list[LinkFacts], list[list[TurnFacts]]]


def observed(path: Path, size: int | None = None) -> Seen:
    source, watching = open_captures([path], batch_packets=size), Observer()
    for batch in source.batches():
        watching.see(batch)
    found = [facts for _, facts in watching.facts()]
    links = [watching.link(facts.stream) for facts in found]
    return found, [[turn.facts() for turn in link.turns[-KEPT_TURNS:]] for link in links if link is not None]


def facts_of(tmp_path: Path, talk: Talk) -> tuple[LinkFacts, list[TurnFacts]]:
    path = tmp_path / "talk.pcap"
    write_pcap(path, talk.packets, nanos=True)
    found, turns = observed(path)
    [facts] = found
    return facts, turns[0]


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name[-50:])
def test_facts_do_not_depend_on_batches(path: Path) -> None:
    assert observed(path, 1 if path.stat().st_size < 50_000 else 61) == observed(path)


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name[-50:])
def test_streams_are_numbered_as_the_engine_numbers_them(path: Path) -> None:
    source, watching = open_captures([path]), Observer()
    for batch in source.batches():
        watching.see(batch)
    for exchange in list_exchanges([path]):
        link = watching.link(exchange.connection.stream)
        assert link is not None
        ends = {(source.addresses.packed(end >> 16), end & 0xFFFF) for end in link.ends}
        both = (exchange.connection.client, exchange.connection.server)
        assert ends == {(end.address, end.port) for end in both}
        if exchange.frames:
            assert link.first_frame <= exchange.frames[0] <= exchange.frames[-1] <= link.last_frame


def chaos(seed: int) -> list[Packet]:
    """Talks with everything that can happen to segments, and ports used again."""
    dice = random.Random(seed)
    talks = [
        Talk(40000 + dice.randrange(2), dice.choice([None, 0, 7]), (dice.choice([1000, 2**32 - 3000]), 2**32 - 5000))
        for _ in range(3)
    ]
    time = 0.0
    for talk in talks:
        time += dice.random()
        if dice.random() < 0.8:
            talk.open(time)
        for _ in range(dice.randrange(1, 25)):
            time += dice.choice([0, 1e-5, 3e-4, 0.002, 0.3])
            side = dice.randrange(2)
            talk.window[side] = dice.choice([0, 3, 512, 65535])
            kind = dice.random()
            if kind < 0.55:
                talk.say(time, side, dice.randbytes(dice.randrange(1, 5000)))
            elif kind < 0.7:
                talk.put(time, side, ACK, b"x" * dice.randrange(0, 1500), seq=talk.next[side] - dice.randrange(0, 3000))
            elif kind < 0.75:
                talk.next[side] += dice.randrange(0, 3000)  # a hole
            elif kind < 0.95:
                talk.ack(time, side)
            else:
                talk.put(time, side, dice.choice([FIN | ACK, RST, SYN]))
    return sorted((packet for talk in talks for packet in talk.packets), key=lambda packet: packet[0])


def stepping(packets: list[Packet], seed: int) -> list[Packet]:
    """The same, with a clock that is wrong now and then."""
    dice = random.Random(seed)
    return [(max(0, time + (dice.random() < 0.1) * dice.choice([-1, 1]) * 10**9), data) for time, data in packets]


@given(st.integers(0, 2**32), st.sampled_from([1, 2, 5]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_facts_do_not_depend_on_batches_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, seed: int, size: int, steps: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "chaos.pcap"
    packets = chaos(seed)
    write_pcap(path, stepping(packets, seed) if steps else packets, nanos=True)
    assert observed(path, size) == observed(path)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_first_sequence_numbers_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, client: int, server: int
) -> None:
    def facts(isn: tuple[int, int]) -> Seen:
        talk = Talk(isn=isn).open()
        talk.say(0.1, 0, b"q" * 9000)
        talk.put(0.2, 0, ACK, b"q" * 1000, seq=talk.next[0] - 1000)
        talk.ack(0.3, 1)
        talk.say(0.4, 1, b"a" * 5000)
        path = tmp_path_factory.getbasetemp() / "isn.pcap"
        write_pcap(path, talk.packets, nanos=True)
        return observed(path)

    assert facts((client, server)) == facts((1000, 9000))


# Pauses --------------------------------------------------------------------------------------------------------------

SENDER, WINDOW, NETWORK, LOSS = range(4)


def sender_pauses(talk: Talk) -> None:
    """Acknowledged at once, then nothing to send for 100 ms."""
    talk.say(0.1, 0, b"x" * MSS)
    talk.ack(0.12, 1)
    talk.say(0.2, 0, b"x" * MSS)


def window_is_full(talk: Talk) -> None:
    """Two segments fill the window; room comes 100 ms later."""
    talk.ack(0.09, 1, 2 * MSS // 128 + 1)
    talk.say(0.1, 0, b"x" * 2 * MSS)
    talk.ack(0.2, 1, 512)
    talk.say(0.2001, 0, b"x" * MSS)


def clocked_by_acks(talk: Talk) -> None:
    """A burst, an acknowledgement after a round trip, the next burst at once."""
    talk.say(0.1, 0, b"x" * 4 * MSS)
    talk.ack(0.2, 1)
    talk.say(0.2001, 0, b"x" * 4 * MSS)


def lost_and_sent_again(talk: Talk) -> None:
    """No acknowledgement; after 100 ms the segment goes again."""
    talk.say(0.1, 0, b"x" * MSS)
    talk.put(0.2, 0, ACK, b"x" * MSS, seq=talk.next[0] - MSS)


@pytest.mark.parametrize(
    ("happens", "spent"),
    [(sender_pauses, SENDER), (window_is_full, WINDOW), (clocked_by_acks, NETWORK), (lost_and_sent_again, LOSS)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_pause_is_spent_on(tmp_path: Path, happens: object, spent: int) -> None:
    talk = Talk().open()
    assert callable(happens)
    happens(talk)
    _, turns = facts_of(tmp_path, talk)
    [turn] = turns
    assert turn.waits[spent] == pytest.approx(100e6, rel=0.02)
    assert sum(turn.waits) - turn.waits[spent] < 1e6


def test_a_pause_between_turns_is_nobodys_wait(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, b"q" * 100)
    talk.say(0.5, 1, b"a" * 100)
    talk.say(2.5, 0, b"q" * 100)
    _, turns = facts_of(tmp_path, talk)
    assert [turn.side for turn in turns] == [0, 1, 0]
    assert [round((turn.pause or 0) / 1e9, 2) for turn in turns] == [0.08, 0.4, 2.0]
    assert all(sum(turn.waits) == 0 for turn in turns)


# Windows, losses, round trips ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "window"), [(7, 512 << 7), (0, 512), (None, 512)])
def test_windows_are_scaled_by_the_handshake(tmp_path: Path, scale: int | None, window: int) -> None:
    talk = Talk(scale=scale).open()
    talk.ack(0.05, 1)
    talk.say(0.1, 0, b"x" * 100)
    facts, turns = facts_of(tmp_path, talk)
    assert facts.halves[1].shift == scale
    assert turns[0].least_window == turns[0].most_window == window
    talk.ack(0.2, 1, 100)
    assert facts_of(tmp_path, talk)[0].halves[1].window == 100 << (scale or 0)


def test_without_a_handshake_a_window_is_not_known_unless_it_is_closed(tmp_path: Path) -> None:
    talk = Talk()
    talk.say(0.1, 0, b"x" * 100)
    talk.ack(0.2, 1, 512)
    talk.say(0.25, 0, b"x" * 100)
    _, turns = facts_of(tmp_path, talk)
    assert turns[0].least_window is None
    talk.ack(0.3, 1, 0)
    talk.ack(0.8, 1, 512)
    facts, _ = facts_of(tmp_path, talk)
    assert facts.halves[1].zero_windows == 1
    assert facts.halves[1].closed_time == pytest.approx(0.5e9)


def test_segments_sent_again_and_how_often_in_a_row(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, b"x" * 3 * MSS)
    for count in range(4):
        talk.put(0.3 * 2**count, 0, ACK, b"x" * MSS, seq=1001)
    up = facts_of(tmp_path, talk)[0].halves[0]
    assert (up.new, up.segments, up.again, up.again_bytes, up.repeated) == (3 * MSS, 7, 4, 4 * MSS, 4)


def test_keep_alives_and_window_probes_are_not_sent_again(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, b"x" * 500)
    for count in range(3):
        talk.put(10.0 * (count + 1), 0, ACK, b"x", seq=talk.next[0] - 1)
    up = facts_of(tmp_path, talk)[0].halves[0]
    assert (up.segments, up.again) == (1, 0)


def test_a_segment_captured_twice_was_sent_once(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, b"x" * 5 * MSS, 1e-4)
    once, _ = facts_of(tmp_path, talk)
    talk.packets = [copy for time, packet in talk.packets for copy in ((time, packet), (time + 3000, packet))]
    twice, _ = facts_of(tmp_path, talk)
    assert twice.halves[0].again == 0
    assert (twice.halves[0].new, twice.halves[0].segments) == (once.halves[0].new, once.halves[0].segments)


@pytest.mark.parametrize(("late", "again", "reordered"), [(0.001, 0, 1), (0.2, 1, 0)])
def test_a_hole_filled_at_once_was_reordering(tmp_path: Path, late: float, again: int, reordered: int) -> None:
    talk = Talk().open()
    talk.say(0.1, 0, b"x" * MSS)
    begin = talk.next[0]
    talk.next[0] += MSS
    talk.say(0.11, 0, b"x" * MSS)
    talk.put(0.11 + late, 0, ACK, b"x" * MSS, seq=begin)
    up = facts_of(tmp_path, talk)[0].halves[0]
    assert (up.new, up.again, up.reordered) == (3 * MSS, again, reordered)


def test_round_trips_without_those_of_segments_sent_again(tmp_path: Path) -> None:
    talk = Talk().open(rtt=0.03)
    talk.say(0.1, 0, b"x" * MSS)
    talk.ack(0.14, 1)
    talk.say(0.2, 0, b"x" * MSS)
    talk.put(0.5, 0, ACK, b"x" * MSS, seq=talk.next[0] - MSS)
    talk.ack(0.51, 1)
    facts, _ = facts_of(tmp_path, talk)
    assert facts.handshake_rtt == pytest.approx(30.1e6, abs=1e5)
    assert facts.halves[0].rtt_least == facts.halves[0].rtt_most == pytest.approx(40e6, abs=1e3)
    assert facts.captured_at == "client"


def test_bytes_over_time_keep_their_sum_when_slots_grow(tmp_path: Path) -> None:
    talk = Talk().open()
    for count in range(40):
        talk.say(0.1 + count * 7.3, 0, b"x" * 1000)
        talk.ack(0.11 + count * 7.3, 1)
    facts, turns = facts_of(tmp_path, talk)
    series = facts.halves[0].series
    assert series is not None
    assert sum(series.new) == sum(turns[0].series.new) == 40_000
    assert len(series.new) <= 96
    assert series.width * len(series.new) >= 39 * 7.3e9


def test_a_port_used_again_is_another_connection(tmp_path: Path) -> None:
    first, second = Talk().open(), Talk(isn=(5000, 7000))
    first.say(0.1, 0, b"x" * 100)
    first.put(0.2, 0, FIN | ACK)
    second.open(1.0)
    second.say(1.1, 0, b"x" * 200)
    path = tmp_path / "talk.pcap"
    write_pcap(path, [*first.packets, *second.packets], nanos=True)
    found, _ = observed(path)
    assert [facts.halves[0].new for facts in found] == [100, 200]
    assert [facts.stream for facts in found] == [0, 1]


def test_old_connections_are_let_go_and_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observer, "MAX_LINKS", 4)
    monkeypatch.setattr(observer, "LET_GO", 2)
    talks = []
    for number in range(9):
        talk = Talk(40000 + number).open(number)
        talk.say(number + 0.1, 0, b"x" * (100_000 if number % 3 == 0 else 100))
        talks.append(talk)
    talks[0].say(20.0, 0, b"more")
    path = tmp_path / "many.pcap"
    write_pcap(path, sorted(packet for talk in talks for packet in talk.packets), nanos=True)
    found, _ = observed(path, 40)
    numbers = [facts.stream for facts in found]
    assert numbers == sorted(set(numbers))
    assert {0, 3, 6} <= set(numbers), "what carried much is kept"


def test_a_flood_in_one_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more connections are kept than are watched at a time, and every one has its number."""
    for name, value in (("MAX_LINKS", 10), ("LET_GO", 4), ("MAX_FACTS", 5)):
        monkeypatch.setattr(observer, name, value)
    talks = [Talk(40000 + number).open(number * 0.01) for number in range(300)]
    talks[0].say(20.0, 0, b"x" * 100_000)
    path = tmp_path / "flood.pcap"
    write_pcap(path, sorted(packet for talk in talks for packet in talk.packets), nanos=True)
    watching = observer.Observer()
    for batch in open_captures([path]).batches():
        watching.see(batch)
    assert watching.streams == 300
    assert len(watching._links) <= 10
    assert len(watching._current) <= 10
    (found,) = [facts for _, facts in watching.facts() if sum(half.new for half in facts.halves)]
    assert found.halves[0].new == 100_000
