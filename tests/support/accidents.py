"""What can happen to the segments of a conversation before somebody reads the capture.

A kind is a letter: segments that are (l)ost, (d)oubled, (s)haken, (c)ut by the snap length, damaged (h); (f) a FIN or
(r) a RST where none belongs, (n)o ACK; acknowledgements that are (a) a little wrong or (w)ild; long (p)auses, and
clocks that step (t). Most captures have none of it, some have several.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.support.batches import ACK, FIN, MS, RST, Segment

__all__ = ["KINDS", "befallen"]

KINDS = "ldscfhrnawpt"
#: Milliseconds between segments, where there are pauses.
_PAUSES = (*[1] * 40, 30, 700, 1300, 2500, 70_000)


def befallen(rng: random.Random, segments: Sequence[Segment], kinds: str) -> list[Segment]:
    """The segments after accidents of these kinds, with new times."""
    often = rng.choice([0.002, 0.02, 0.1])
    out: list[Segment] = []
    for segment in segments:
        if "l" in kinds and rng.random() < often:
            continue
        out.append(_changed(rng, segment, kinds, often))
        if "d" in kinds and rng.random() < often:
            out.insert(rng.randint(max(0, len(out) - 30), len(out)), out[-1])
    if "s" in kinds:
        placed = [(at + (rng.uniform(0, 8) if rng.random() < 3 * often else 0), one) for at, one in enumerate(out)]
        out = [one for _, one in sorted(placed, key=lambda entry: entry[0])]
    time, timed = 0, []
    for segment in out:
        time += (rng.choice(_PAUSES) if "p" in kinds else 1) * MS
        wrong = "t" in kinds and rng.random() < often
        step = rng.choice([-1, 1]) * rng.choice([500, 3000, 100_000]) * MS if wrong else 0
        timed.append(replace(segment, time=max(0, time + step)))
    return timed


def _changed(rng: random.Random, segment: Segment, kinds: str, often: float) -> Segment:
    def strikes(kind: str) -> bool:
        return kind in kinds and rng.random() < often

    if strikes("a"):
        segment = replace(segment, ack=segment.ack + rng.choice([-1, 1]) * rng.choice([1, 40, 400, 3000]))
    if strikes("w"):
        segment = replace(segment, ack=rng.randrange(2**32))
    if strikes("n"):
        segment = replace(segment, flags=segment.flags & ~ACK)
    if strikes("f"):
        segment = replace(segment, flags=segment.flags | FIN)
    if strikes("r"):
        segment = replace(segment, flags=segment.flags | RST)
    if segment.payload and strikes("c"):
        kept = segment.payload[: rng.randrange(len(segment.payload) + 1)]
        segment = replace(segment, payload=kept, length=len(segment.payload))
    if segment.payload and strikes("h"):
        damaged = bytearray(segment.payload)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        segment = replace(segment, payload=bytes(damaged))
    return segment
