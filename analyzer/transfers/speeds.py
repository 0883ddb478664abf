"""Whom a transfer waited for: its turns on the wire, added up and judged.

The body's direction tells the roles: in an upload the client is the sender, so its own pauses are the client's, the
receiver's window is the server's; in a download it is the other way round. The server's think time lies between the
request's last byte and the answer's first, a round trip taken off where the capture was made on the client's side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.model.transfers import WAITS, ClientSpeed, LinkFacts, Series, Slow, Speed, Transfer, TurnFacts
from analyzer.transfers.reading import DATA

__all__ = ["LEAST_ROOM", "client_speeds", "judged", "of_transfer", "rtt_of", "shares"]

#: Below this part of the time pauses are not what made it slow.
_PART = 0.5
#: Senders do not fill a window to the last byte (RFC 9293, 3.8.6.2.1); less than the least segment size is none.
LEAST_ROOM = 536


def of_transfer(transfer: Transfer, facts: LinkFacts, turns: Sequence[TurnFacts], client: int) -> Speed:
    """What the transfer's turns tell; ``client`` is the side of the connection's client."""
    moving = [turn for turn in turns if turn.side == (client if transfer.upward else 1 - client)]
    waits = [sum(turn.waits[at] for turn in moving) for at in range(len(WAITS))]
    if moving:
        waits[_tail_of(transfer, facts)] += _tail(transfer, facts)
    rtt = rtt_of(facts)
    # Inside TLS the server may speak before its answer begins; then its pauses have been counted.
    begun = (
        not transfer.upward and moving and transfer.answered is not None and moving[0].first_time < transfer.answered
    )
    return Speed(
        time=transfer.end - transfer.begin,
        moving=max(0, moving[-1].last_time - moving[0].first_time) if moving else 0,
        waits=tuple(waits),
        think=None if begun else _think(transfer, rtt if facts.captured_at != "server" else None),
        segments=sum(turn.segments for turn in moving),
        again=sum(turn.again for turn in moving),
        least_window=min((t.least_window for t in moving if t.least_window is not None), default=None),
        most_window=max((t.most_window for t in moving if t.most_window is not None), default=None),
        most_flight=max((turn.most_flight for turn in moving), default=0),
        rtt=rtt,
        series=_series(moving, transfer.begin),
    )


def rtt_of(facts: LinkFacts) -> int | None:
    """The handshake's round trip, else the least that segments took to be acknowledged."""
    if facts.handshake_rtt is not None:
        return facts.handshake_rtt
    return max((half.rtt_least for half in facts.halves if half.rtt_least is not None), default=None)


def _tail(transfer: Transfer, facts: LinkFacts) -> int:
    """A body that stopped halfway: the time from then to the connection's end."""
    if facts.last_data is None or transfer.declared is None or transfer.size >= transfer.declared:
        return 0
    return max(0, transfer.end - facts.last_data)


def _tail_of(transfer: Transfer, facts: LinkFacts) -> int:
    """What it was spent on: no room at the receiver, or nothing to send."""
    return WAITS.index("window" if facts.room is not None and facts.room < LEAST_ROOM else "sender")


def _think(transfer: Transfer, rtt: int | None) -> int | None:
    if transfer.answered is None or transfer.sent is None or transfer.answered < transfer.sent:
        return None
    return max(0, transfer.answered - transfer.sent - (rtt or 0))


def _series(turns: Sequence[TurnFacts], begin: int) -> Series:
    """All turns of a transfer in slots as wide as the widest of theirs."""
    if len(turns) == 1:
        return turns[0].series
    if not turns:
        return Series(begin, 1_000_000, (), ())
    start, width = turns[0].series.start, max(turn.series.width for turn in turns)
    while (turns[-1].last_time - start) // width >= 192:
        width *= 2
    room = max((turn.last_time - start) // width for turn in turns) + 2
    new, again = [0] * room, [0] * room
    for turn in turns:
        one = turn.series
        for slot, (a, b) in enumerate(zip(one.new, one.again, strict=True)):
            at = min(room - 1, max(0, one.start + slot * one.width - start) // width)
            new[at] += a
            again[at] += b
    return Series(start, width, tuple(new), tuple(again))


def shares(transfer: Transfer) -> tuple[tuple[Slow, int], ...]:
    """Who held the transfer up for how long (nanoseconds), the longest first."""
    speed = transfer.speed
    if speed is None:
        return ()
    sender, window, network, loss = speed.waits
    think = speed.think or 0
    if transfer.upward:
        found = {Slow.CLIENT: sender, Slow.SERVER: think, Slow.WINDOW: window, Slow.NETWORK: network, Slow.LOSS: loss}
    else:
        found = {Slow.SERVER: sender + think, Slow.WINDOW: window, Slow.NETWORK: network, Slow.LOSS: loss}
    return tuple(sorted(((who, time) for who, time in found.items() if time), key=lambda pair: -pair[1]))


def judged(parts: Iterable[tuple[Slow, int]], time: int) -> Slow:
    """Whom it waited for most; nobody where pauses are the smaller part."""
    found = list(parts)
    if time <= 0:
        return Slow.UNKNOWN
    if sum(part for _, part in found) < _PART * time:
        return Slow.NOBODY
    return max(found, key=lambda pair: pair[1])[0]


# By program ----------------------------------------------------------------------------------------------------------


def client_speeds(transfers: Sequence[Transfer]) -> tuple[ClientSpeed, ...]:
    """A row a program, for the transfers that carry an object's bytes; the one that moved most comes first."""
    by_tool: dict[str, list[Transfer]] = {}
    for transfer in transfers:
        if transfer.operation in DATA and transfer.size and transfer.speed is not None:
            by_tool.setdefault(transfer.tool, []).append(transfer)
    rows = [_client_speed(tool, found) for tool, found in by_tool.items()]
    return tuple(sorted(rows, key=lambda row: -(row.sent + row.received)))


def _client_speed(tool: str, transfers: Sequence[Transfer]) -> ClientSpeed:
    busy, most, weighted = _overlap([(one.begin, one.end) for one in transfers])
    held: dict[Slow, int] = {}
    for one in transfers:
        for who, time in shares(one):
            held[who] = held.get(who, 0) + time
    total = sum(one.end - one.begin for one in transfers)
    speeds = [one.speed for one in transfers if one.speed is not None]
    trips = [speed.rtt for speed in speeds if speed.rtt is not None]
    return ClientSpeed(
        tool=tool,
        transfers=len(transfers),
        sent=sum(one.size for one in transfers if one.upward),
        received=sum(one.size for one in transfers if not one.upward),
        busy=busy,
        most_parallel=most,
        mean_parallel=weighted / busy if busy else float(most),
        segments=sum(speed.segments for speed in speeds),
        again=sum(speed.again for speed in speeds),
        rtt=sorted(trips)[len(trips) // 2] if trips else None,
        slow=judged(held.items(), total),
        shares=tuple(sorted(((who, time / total) for who, time in held.items()), key=lambda pair: -pair[1]))
        if total
        else (),
    )


def _overlap(spans: Sequence[tuple[int, int]]) -> tuple[int, int, int]:
    """Time with at least one span, the most at a time, and the sum of time by spans."""
    events = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    busy = most = weighted = now = 0
    last = events[0][0] if events else 0
    for at, step in events:
        busy += (at - last) if now else 0
        weighted += now * (at - last)
        now, last = now + step, at
        most = max(most, now)
    return busy, most, weighted
