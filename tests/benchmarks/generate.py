"""Captures of any size with their truth beside them: ``python -m tests.benchmarks.generate KIND SIZE FILE``.

Kinds: ``bulk`` (PUT, GET, HEAD, POST of 100 kB to 1 MB), ``downloads`` (GET only), ``gro`` (as bulk, in segments of up
to 65 kB), ``tiny`` (HEAD and GET, about 250 bytes a message) and ``short`` (no bodies, every exchange on a connection
of its own). SIZE is bytes, or ``300M``, ``10G``. Written as a stream in bounded memory; the same arguments and seed
give the same file. ``FILE.json`` holds the truth: how many exchanges, which were refused and why.

Strategy: every open connection is a generator that writes one burst when it is its turn, so connections interleave as
on a busy host. Bodies are slices of one block of random bytes; of the uploads one in fifty carries an answer like those
we look for in the middle of its body.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from tests.benchmarks.wire import CLIENT, MSS, SERVER, Bytes, Connection, Writer

__all__ = ["KINDS", "Truth", "generate", "size_of"]

KINDS = ("bulk", "tiny", "downloads", "gro", "short")
GRO = 45 * MSS
BURST = 32 * MSS  #: bytes of a body at one turn
LEAST, MOST = 100_000, 1_000_000  #: bytes of a body
HOST, BUCKET = b"bench.oss-cn-hangzhou.aliyuncs.com", b"bench"
DATE = b"Fri, 28 Dec 2018 07:32:34 GMT"
KEY_ID = b"LTAIbenchmark0001"
MISMATCH = (
    b"The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
METHODS = ((b"PUT", 0.5), (b"GET", 0.7), (b"HEAD", 0.9), (b"POST", 1.0))  #: shares, added up


@dataclass(slots=True)
class Truth:
    """What is in a generated capture."""

    kind: str
    seed: int
    bytes: int = 0
    packets: int = 0
    connections: int = 0
    exchanges: int = 0
    decoys: int = 0
    mismatches: list[str] = field(default_factory=list)  #: request ids of the 403 SignatureDoesNotMatch
    denied: list[str] = field(default_factory=list)  #: request ids of the 403 AccessDenied


@dataclass(frozen=True, slots=True)
class _Plan:
    """One exchange that is to be written."""

    number: int
    method: bytes
    size: int  #: bytes of the body, of the request or of the answer
    code: bytes  #: of the error, empty for success
    decoy: bool

    @property
    def uploads(self) -> bool:
        return self.method in (b"PUT", b"POST")

    @property
    def target(self) -> bytes:
        return b"/data/object-%d" % self.number + (b"?append&position=0" if self.method == b"POST" else b"")

    @property
    def request_id(self) -> bytes:
        return b"%024X" % (0x5C2723573183A12D00000000 + self.number)


def size_of(text: str) -> int:
    """``300M`` and the like as bytes; K, M and G are powers of ten."""
    unit = {"K": 10**3, "M": 10**6, "G": 10**9}.get(text[-1:].upper(), 1)
    return int(float(text[:-1] if unit > 1 else text) * unit)


def generate(kind: str, size: int, path: Path, *, seed: int = 1, connections: int = 64) -> Truth:
    """Write a capture of about ``size`` bytes with so many connections open at a time, and its truth beside it."""
    with path.open("wb", buffering=1 << 22) as file:
        rng = random.Random(seed)
        work = _Work(kind, size, Writer(file, rng), rng, Truth(kind, seed))
        turns = [work.connections() for _ in range(connections)]
        while turns:
            turns = [turn for turn in turns if next(turn, None) is not None]
    work.truth.bytes, work.truth.packets = work.out.written, work.out.packets
    path.with_name(path.name + ".json").write_text(json.dumps(asdict(work.truth), indent=1) + "\n", encoding="utf-8")
    return work.truth


class _Work:
    """The plan of a whole capture, shared by its connections."""

    def __init__(self, kind: str, size: int, out: Writer, rng: random.Random, truth: Truth) -> None:
        self.kind, self.out, self.rng, self.truth = kind, out, rng, truth
        self.segment = GRO if kind == "gro" else MSS
        self.left = size  #: bytes for which nothing is planned yet
        self.pool: Bytes = np.frombuffer(rng.randbytes(4 * MOST), np.uint8)

    def connections(self) -> Iterator[bool]:
        """One connection after the other, until everything is planned; gives way after each burst."""
        one = self.tiny if self.kind == "tiny" else self.large
        while self.left > 0:
            conn = Connection(self.truth.connections)
            self.truth.connections += 1
            self.out.open(conn)
            for _ in range(1 if self.kind == "short" else self.rng.randint(8, 24)):
                if self.left <= 0:
                    break
                yield from one(conn)
            self.out.close(conn)

    def plan(self) -> _Plan:
        """The next exchange. Numbers decide what is special, so that small captures have some of everything."""
        number, draw = self.truth.exchanges, self.rng.random()
        self.truth.exchanges += 1
        method = next(name for name, share in METHODS if draw < share)
        decoy = self.kind in ("bulk", "gro") and number % 80 == 4  # 60 % are uploads
        method = b"PUT" if decoy else b"GET" if self.kind == "downloads" else method
        code = b"SignatureDoesNotMatch" if number % 1000 == 2 else b"AccessDenied" if number % 500 == 3 else b""
        if code and method == b"HEAD":
            method = b"GET"  # a refused HEAD has no body that says why
        size = 24 if self.kind == "tiny" else 0 if self.kind == "short" else self.rng.randint(LEAST, MOST)
        self.truth.decoys += decoy
        if code:
            listed = self.truth.mismatches if code == b"SignatureDoesNotMatch" else self.truth.denied
            listed.append(f"{0x5C2723573183A12D00000000 + number:024X}")
        return _Plan(number, method, size, code, decoy)

    def large(self, conn: Connection) -> Iterator[bool]:
        """An exchange with a large body; of a short connection, with none."""
        plan = self.plan()
        moved = plan.uploads or (plan.method == b"GET" and not plan.code)
        self.left -= 1200 if self.kind == "short" else 1500
        self.left -= plan.size * (OVERHEAD_PERCENT[self.segment] + 100) // 100 if moved else 0
        signature = base64.b64encode(self.rng.randbytes(20))
        self.out.send(conn, CLIENT, _request(plan, signature))
        yield True
        if plan.uploads:
            yield from self.body(conn, CLIENT, plan)
        self.out.send(conn, SERVER, _response(plan, signature))
        if plan.method == b"GET" and not plan.code:
            yield from self.body(conn, SERVER, plan)
        yield True

    def body(self, conn: Connection, way: int, plan: _Plan) -> Iterator[bool]:
        """The body's bytes in bursts."""
        start = self.rng.randrange(len(self.pool) - plan.size)
        data = self.pool[start : start + plan.size]
        if plan.decoy:  # at the start of a segment, where it looks most like an answer
            text = np.frombuffer(_response(plan, b"decoy", b"SignatureDoesNotMatch"), np.uint8)
            data = data.copy()
            data[2 * self.segment % LEAST :][: len(text)] = text
        turn = max(BURST, 2 * self.segment)
        for at in range(0, len(data), turn):
            self.out.burst(conn, way, data[at : at + turn], self.segment)
            yield True

    def tiny(self, conn: Connection) -> Iterator[bool]:
        """Some small exchanges; one that is refused goes alone."""
        first = self.truth.exchanges
        run = self.rng.randint(2, 24)
        ordinary = next((at for at in range(run) if (first + at) % 500 == 3 or (first + at) % 1000 == 2), run)
        if ordinary:
            chosen = np.frombuffer(self.rng.randbytes(ordinary), np.uint8) & np.uint8(1)
            digits = b"".join(b"%08d" % (first + at) for at in range(ordinary))
            numbers = np.frombuffer(digits, np.uint8).reshape(-1, 8)
            self.truth.exchanges += ordinary
            self.left -= ordinary * SMALL_SIZE
            self.out.exchanges(conn, SMALL, chosen, numbers)
        else:
            plan = self.plan()
            self.left -= 1500
            signature = base64.b64encode(self.rng.randbytes(20))
            plan = _Plan(plan.number, b"GET", 0, plan.code, False)
            self.out.send(conn, CLIENT, _request(plan, signature))
            self.out.send(conn, SERVER, _response(plan, signature))
        yield True


def _string_to_sign(plan: _Plan) -> bytes:
    kind = b"application/octet-stream" if plan.uploads else b""
    return b"\n".join((plan.method, b"", kind, DATE, b"/" + BUCKET + plan.target))


def _request(plan: _Plan, signature: bytes) -> bytes:
    lines = [
        b"%s %s HTTP/1.1" % (plan.method, plan.target),
        b"Host: " + HOST,
        b"User-Agent: aliyun-sdk-python/2.18.4(Linux/5.10/x86_64;3.11.2)",
        b"date: " + DATE,
        b"authorization: OSS %s:%s" % (KEY_ID, signature),
    ]
    if plan.uploads:
        lines += [b"Content-Type: application/octet-stream", b"Content-Length: %d" % plan.size]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _error(plan: _Plan, signature: bytes, code: bytes) -> bytes:
    fields = [(b"Code", code), (b"Message", b"You have no right to access this object.")]
    fields += [(b"RequestId", plan.request_id), (b"HostId", HOST)]
    if code == b"SignatureDoesNotMatch":
        text = _string_to_sign(plan)
        fields[1] = (b"Message", MISMATCH)
        fields += [(b"OSSAccessKeyId", KEY_ID), (b"SignatureProvided", signature), (b"StringToSign", text)]
        fields += [(b"StringToSignBytes", text.hex(" ").upper().encode() + b" ")]
    inner = b"".join(b"  <%s>%s</%s>\n" % (name, value, name) for name, value in fields)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n' + inner + b"</Error>\n"


def _response(plan: _Plan, signature: bytes, code: bytes = b"") -> bytes:
    """The answer's head, with an error's body."""
    code = code or plan.code
    body = _error(plan, signature, code) if code else b""
    size = len(body) if code else 0 if plan.uploads else plan.size
    lines = [
        b"HTTP/1.1 403 Forbidden" if code else b"HTTP/1.1 200 OK",
        b"Server: AliyunOSS",
        b"Date: " + DATE,
        b"Content-Type: " + (b"application/xml" if code else b"application/octet-stream"),
        b"Content-Length: %d" % size,
        b"Connection: keep-alive",
        b"x-oss-request-id: " + plan.request_id,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (b"" if plan.method == b"HEAD" else body)


def _small(method: bytes) -> tuple[bytes, bytes]:
    """A small exchange; GET and HEAD are equally long on both ways, and ``########`` is the number."""
    request = _request(_Plan(0, method, 0, b"", False), b"m4fM0dkAVFZ1sFbfd2nNq5HkRsU=")
    request = request.replace(b"/data/object-0", b"/data/" + b"x" * (4 - len(method)) + b"########")
    lines = b"HTTP/1.1 200 OK\r\nServer: AliyunOSS\r\nDate: %s\r\nContent-Length: 24\r\n" % DATE
    lines += b"x-oss-request-id: 5C2723573183A12D########\r\nConnection: keep-alive\r\nETag: %s\r\n\r\n"
    if method == b"HEAD":
        return request, lines % (b'"%s"' % (b"E" * 56))
    return request, lines % (b'"%s"' % (b"E" * 32)) + b"0123456789abcdefghijklmn"


SMALL = [_small(b"GET"), _small(b"HEAD")]
SMALL_SIZE = 4 * 82 + len(SMALL[0][0]) + len(SMALL[0][1])
OVERHEAD_PERCENT = {MSS: 9, GRO: 1}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generate", description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("size", type=size_of, help="bytes, or 300M, 10G")
    parser.add_argument("file", type=Path)
    parser.add_argument("--connections", type=int, default=64, help="open at a time")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    truth = generate(asked.kind, asked.size, asked.file, seed=asked.seed, connections=asked.connections)
    print(
        f"{asked.file}: {truth.bytes} bytes, {truth.packets} packets, {truth.connections} connections,"
        f" {truth.exchanges} exchanges, {len(truth.mismatches)} SignatureDoesNotMatch, {len(truth.denied)} AccessDenied"
    )


if __name__ == "__main__":
    main()
