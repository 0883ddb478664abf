"""Conversations in which every request and its answer carry one number, so that any pairing can be checked.

The number of a request stands in its target (``/17``), that of an answer in its reason phrase (``N17``). Bodies are
full of other messages with numbers that nobody asked for, some of them where a segment begins. Clients wait for every
answer, or send several requests at once, or keep two on the way all the time.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field, replace

from tests.support.batches import ACK, MS, PSH, A, Dialogue, Segment

__all__ = ["CLIENTS", "Numbered", "number_of", "numbered"]

CLIENTS = ("waits", "bursts", "window")
#: What nobody said: numbers from here on.
DECOYS = 1_000_000
#: The error that is asked for: failures carry it, and their number.
ERROR = b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><RequestId>N%d</RequestId></Error>"


@dataclass(slots=True)
class Numbered:
    """Segments and what they say."""

    segments: list[Segment] = field(default_factory=list)
    failures: dict[int, list[Segment]] = field(default_factory=dict)  #: number → segments that carry its status line
    asked: set[int] = field(default_factory=set)


class _Talk(Dialogue):
    """A dialogue in which a side may speak before it has received everything."""

    def say(self, side: int, data: bytes, ack: int | None = None) -> list[Segment]:
        """``data`` in segments that acknowledge ``ack``, or all that the other side has said."""
        first = len(self.segments)
        for at in range(0, len(data), self.mss):
            self._put(side, ACK | PSH, data[at : at + self.mss])
        if ack is not None:
            self.segments[first:] = [replace(s, ack=ack) for s in self.segments[first:]]
        return self.segments[first:]


def numbered(rng: random.Random, client: str, count: int, connections: int = 1, handshake: bool = True) -> Numbered:
    """``count`` exchanges on each of so many connections."""
    found, talks = Numbered(), []
    for at in range(connections):
        writer = _Writer(rng, found, at, handshake)
        getattr(writer, client)(range(at * count, (at + 1) * count))
        talks.append(deque(writer.talk.segments))
    while talks:
        turn = rng.choice(talks)
        for _ in range(min(len(turn), rng.randint(1, 8))):
            found.segments.append(turn.popleft())
        talks = [talk for talk in talks if talk]
    found.segments = [replace(s, time=index * MS) for index, s in enumerate(found.segments)]
    return found


class _Writer:
    def __init__(self, rng: random.Random, found: Numbered, at: int, handshake: bool) -> None:
        self.rng, self.found = rng, found
        isn = (rng.randrange(2**32), rng.randrange(2**32))
        self.talk = _Talk((A[0], 40000 + at), mss=rng.choice([100, 500, 1448]), isn=isn)
        if handshake:
            self.talk.open()
        self.tiny = rng.random() < 0.5  #: no exchange needs more than a segment or two

    def body(self, head: bytes) -> bytes:
        """Full of messages; one of them where the second segment begins."""
        rng = self.rng
        number = rng.randrange(DECOYS, 2 * DECOYS)
        decoys = [
            b"GET /%d HTTP/1.1\r\nHost: b\r\n\r\n" % number,
            b"PUT /%d HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\n" % number,
            b"HTTP/1.1 200 N%d\r\nContent-Length: 0\r\n\r\n" % number,
            b"HTTP/1.1 403 N%d\r\nContent-Length: 120\r\n\r\n" % number,
        ]
        few = rng.choice([0, 1]) if self.tiny else rng.choice([0, 1, 5, 60])
        out = b"".join(rng.choice(decoys) for _ in range(few)) + rng.randbytes(rng.choice([0, 10, 300]))
        if len(head) < self.talk.mss < len(out):
            place = self.talk.mss - len(head) - rng.choice([0, 0, 30])
            out = out[: max(0, place)] + rng.choice(decoys) + out[max(0, place) :]
        return out

    def framed(self, start: bytes, body: bytes) -> bytes:
        if self.rng.random() < 0.8:
            return start + b"Content-Length: %d\r\n\r\n" % len(body) + body
        cut = self.rng.randint(0, len(body))
        parts = [part for part in (body[:cut], body[cut:]) if part]
        coded = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return start + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"

    def request(self, number: int) -> tuple[bytes, bytes, bytes]:
        """(method, head, body)"""
        self.found.asked.add(number)
        method = self.rng.choice([b"GET", b"GET", b"HEAD", b"PUT", b"POST", b"DELETE"])
        start = b"%s /%d HTTP/1.1\r\nHost: b\r\n" % (method, number)
        if method not in (b"PUT", b"POST"):
            return method, start + b"\r\n", b""
        whole = self.framed(start, self.body(start + b" " * 24))
        head, _, body = whole.partition(b"\r\n\r\n")
        return method, head + b"\r\n\r\n", body

    def answer(self, number: int, method: bytes, last: bool = False) -> tuple[int, bytes]:
        """(status, bytes)"""
        status = self.rng.choice([200, 200, 204, 304, 403, 403])
        start = b"HTTP/1.1 %d N%d\r\nServer: AliyunOSS\r\n" % (status, number)
        if method == b"HEAD" or status == 304:
            return status, start + b"Content-Length: %d\r\n\r\n" % self.rng.choice([0, 77, 5000])
        if status == 204:
            return status, start + b"\r\n"
        body = ERROR % number if status == 403 else self.body(start + b" " * 24)
        return status, start + b"\r\n" + body if last else self.framed(start, body)

    def told(self, number: int, status: int, said: list[Segment]) -> None:
        """Remember who carries the status line of a failure."""
        if status == 403:
            self.found.failures[number] = said[: 1 if len(said[0].payload) >= 30 else 2]

    def waits(self, numbers: range) -> None:
        """One after the other; uploads ask before they send, or are refused before they end."""
        rng, talk = self.rng, self.talk
        for number in numbers:
            method, head, body = self.request(number)
            last = number == numbers[-1] and rng.random() < 0.5
            status, tell = self.answer(number, method, last)
            way = rng.random()
            if len(body) > 300 and way < 0.2:
                head = head.replace(b"Host: b", b"Host: b\r\nExpect: 100-continue")
                talk.says(0, head)
                talk.says(1, b"HTTP/1.1 100 Continue\r\n\r\n", rng.random() < 0.5)
                talk.says(0, body)
            elif len(body) > 300 and way < 0.4:  # the answer comes while the upload goes on
                talk.says(0, head + body[:200])
                self.told(number, status, talk.say(1, tell))
                talk.says(0, body[200:])
                continue
            else:
                talk.says(0, head + body, rng.random() < 0.5)
            self.told(number, status, talk.say(1, tell))
            if rng.random() < 0.7:
                talk._put(0, ACK)
        talk.close(1)

    def bursts(self, numbers: range) -> None:
        """Now and then several requests at once, answered at once."""
        rng, talk = self.rng, self.talk
        waiting: list[tuple[int, bytes]] = []
        for number in numbers:
            method, head, body = self.request(number)
            talk.says(0, head + body, rng.random() < 0.5)
            waiting.append((number, method))
            if rng.random() < 0.7 or number == numbers[-1]:
                together = rng.random() < 0.5
                said = [(n, *self.answer(n, m)) for n, m in waiting]
                if together:
                    talk.says(1, b"".join(tell for _, _, tell in said))
                else:
                    for n, status, tell in said:
                        self.told(n, status, talk.say(1, tell))
                    talk._put(0, ACK)
                waiting.clear()
        talk.close(1)

    def window(self, numbers: range) -> None:
        """Two requests are on the way all the time."""
        rng, talk = self.rng, self.talk
        waiting: deque[tuple[int, bytes]] = deque()
        acked, slow = talk.next[1], rng.random() < 0.5
        for number in numbers:
            method, head, body = self.request(number)
            received = talk.next[0]
            talk.say(0, head + body, acked)
            waiting.append((number, method))
            if len(waiting) > 1:
                n, m = waiting.popleft()
                status, tell = self.answer(n, m)
                self.told(n, status, talk.say(1, tell, talk.next[0] if slow else received))
                acked = talk.next[1]
        for n, m in waiting:
            status, tell = self.answer(n, m)
            self.told(n, status, talk.say(1, tell))
        talk.close(1)


def number_of(text: bytes, otherwise: int = -2) -> int:
    """The number in a target or a reason phrase; ``otherwise`` where it is none that was asked for."""
    digits = text[1:]
    number = int(digits) if digits.isdigit() else DECOYS
    return number if number < DECOYS else otherwise
