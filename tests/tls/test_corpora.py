"""Captures of other projects with their key logs, against what tshark found in them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from analyzer.model.streams import Closed, Data, Direction, Gap, Opened
from analyzer.model.tls import TlsFact
from analyzer.tls import KeyLog, TlsStream
from tests.support.tlsfeed import from_capture

CORPORA = Path(__file__).resolve().parents[2].parent / "shared" / "corpora" / "tls"
ORACLE = json.loads((CORPORA / "oracle.json").read_text("utf-8")) if (CORPORA / "oracle.json").exists() else {}


@pytest.mark.skipif(not ORACLE, reason="the corpus of public captures is not here")
@pytest.mark.parametrize("name", sorted(ORACLE) or ["-"])
def test_plaintext_is_what_tshark_decrypts(name: str) -> None:
    expected = ORACLE[name]
    keylog = KeyLog([(CORPORA / expected["keylog"]).read_bytes()])
    streams: dict[int, TlsStream] = {}
    plain: dict[tuple[int, Direction], bytes] = {}
    for event in from_capture(CORPORA / name):
        if isinstance(event, Opened):
            streams[event.connection.stream] = TlsStream(event.connection, keylog)
            continue
        for out in streams[event.stream].feed(event):
            if isinstance(out, Gap):  # early data, whose secret is not in the log
                assert (out.offset, out.length) == (0, 23)
                assert "rfc8446" in name
            if isinstance(out, Data):
                key = (out.stream, out.direction)
                assert out.frames[0][0] == out.offset
                assert all(frame > 0 and offset < out.offset + len(out.data) for offset, frame in out.frames)
                plain[key] = plain.get(key, b"") + out.data
            else:
                assert isinstance(out, Closed | Gap | TlsFact)
    for number, want in expected["streams"].items():
        got = [plain.get((int(number), direction), b"") for direction in Direction]
        assert [len(data) for data in got] == want["bytes"]
        assert [hashlib.sha1(data).hexdigest() for data in got] == want["sha1"]
        outcome = streams[int(number)].outcome
        assert outcome.opened
        assert outcome.why_not is None
        assert outcome.decrypted == tuple(want["bytes"])
