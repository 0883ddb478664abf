"""Real captures against an independent oracle: methods, targets, statuses, frames, bodies, header bytes.

The oracle is another dissector's reading, and it is not always right; every deviation stands in a table below with the
reason why ours is the right one. The captures are optional material beside the project.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.capture import open_captures
from analyzer.http import Engine, Want, decoded
from analyzer.model.http import Exchange, Message, Request, Response

CORPORA = Path(__file__).resolve().parents[2].parent / "shared" / "corpora"
ORACLE = CORPORA / "oracle.json"

#: (end of the file's name, what deviates) → why.
REASONS = {
    ("entity_gap.pcap", "0:response"): "the oracle leaves out an answer whose body never completes",
    ("TLPW1-tcp-174.56.47.59-10.3.11.101-tcp-80-49309.pcap", "0:response"): (
        "the oracle leaves out an answer whose body never completes"
    ),
    ("http-connect-simple__input.pcap", "0:count"): "the oracle does not look into the tunnel: 2 requests, 2 answers",
    (
        "http-connect-simple__input.pcap",
        "0:response.body",
    ): "a 2xx answer to CONNECT has no body; the byte is the tunnel's",
}

#: Files in which only the number of exchanges is compared, and why.
COUNTED = {"methods.pcap": "49 damaged or unusual request lines; the oracle reads 27 and guesses at some of them"}


def files() -> list[str]:
    if not ORACLE.exists():
        return []
    return sorted(name for name in json.loads(ORACLE.read_bytes()) if (CORPORA / name).is_file())


def exchanges(name: str) -> dict[int, list[Exchange]]:
    found: dict[int, list[Exchange]] = {}
    for exchange in Engine(open_captures([str(CORPORA / name)]), Want(all=True, body_limit=1 << 30)).run():
        found.setdefault(exchange.connection.stream, []).append(exchange)
    for listed in found.values():
        listed.sort(key=lambda e: e.frames[0])
    return found


def header_hashes(message: Message) -> set[str]:
    lines = message.head.raw[message.head.raw.find(b"\n") + 1 :]
    return {hashlib.sha1(lines).hexdigest(), hashlib.sha1(lines.removesuffix(b"\r\n")).hexdigest()}


def body(message: Message) -> tuple[int, str]:
    data = decoded(message, 1 << 30) or b""
    return len(data), hashlib.sha1(data).hexdigest()


def deviations(want: dict[str, Any], got: Exchange) -> list[str]:
    asked, answered = want.get("req"), want.get("resp")
    found = []
    if bool(asked) != (got.request is not None):
        found.append("request")
    elif asked and got.request is not None:
        found += [f"request.{what}" for what in request_deviations(asked, got.request)]
    if bool(answered) != (got.response is not None):
        found.append("response")
    elif answered and got.response is not None:
        found += [f"response.{what}" for what in response_deviations(answered, got.response)]
    return found


def request_deviations(want: dict[str, Any], got: Request) -> list[str]:
    pairs = {
        "method": (want["method"], got.method.decode()),
        "target": (want["uri"], got.target.decode("utf-8", "replace")),
        "host": (want["host"] or "", (got.head.first(b"host") or b"").decode()),
    }
    return [name for name, (a, b) in pairs.items() if a != b] + message_deviations(want, got)


def response_deviations(want: dict[str, Any], got: Response) -> list[str]:
    return ["status"] * (want["status"] != got.status) + message_deviations(want, got)


def message_deviations(want: dict[str, Any], got: Message) -> list[str]:
    length, sha1 = body(got)
    pairs = {
        "last-frame": (want["frame"], got.frames[-1]),
        "first-frame": (want.get("first_frame", got.frames[0]), got.frames[0]),
        "body": (want["body_len"], length),
        "digest": (want.get("body_sha1") or sha1, sha1),
    }
    found = [name for name, (a, b) in pairs.items() if a != b]
    return found + ["headers"] * (want["headers_sha1"] not in header_hashes(got))


@pytest.mark.skipif(not ORACLE.exists(), reason="the captures are not beside this checkout")
@pytest.mark.parametrize("name", files())
def test_exchanges_equal_the_oracle(name: str) -> None:
    expected = json.loads(ORACLE.read_bytes())[name]
    wanted: dict[int, list[dict[str, Any]]] = {}
    for entry in expected["http"]:
        if entry.get("req") or entry.get("resp"):
            wanted.setdefault(entry["stream"], []).append(entry)
    got = exchanges(name)
    if any(name.endswith(end) for end in COUNTED):
        assert sum(map(len, got.values())) == sum(map(len, wanted.values()))
        return
    found = []
    for stream in sorted(set(wanted) | set(got)):
        ours, theirs = got.get(stream, []), wanted.get(stream, [])
        if len(ours) != len(theirs):
            found.append(f"{stream}:count")
        for want, exchange in zip(theirs, ours, strict=False):
            found += [f"{stream}:{what}" for what in deviations(want, exchange)]
    reasons = {what for end, what in REASONS if name.endswith(end)}
    reasons |= {"0:response.digest"} if "0:response.body" in reasons else set()
    assert set(found) == reasons & set(found)
    assert {r for r in reasons if not r.endswith("digest")} <= set(found), "a reason that is not needed any more"


@pytest.mark.skipif(not ORACLE.exists(), reason="the captures are not beside this checkout")
@pytest.mark.parametrize("name", files())
def test_streams_are_numbered_alike(name: str) -> None:
    engine = Engine(open_captures([str(CORPORA / name)]))
    for _ in engine.run():
        pass
    assert engine.stats.streams == json.loads(ORACLE.read_bytes())[name]["streams"]
