"""What ossig finds in generated captures is exactly what the generator put in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from analyzer import analyze, list_exchanges
from tests.benchmarks.generate import KINDS, Truth, generate, size_of

SIZE = 2_500_000


@pytest.fixture(scope="module", params=[*((kind, 40) for kind in KINDS), ("bulk", 3)], ids=str)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    kind, connections = request.param
    path = tmp_path_factory.mktemp("generated") / f"{kind}.pcap"
    return path, generate(kind, SIZE, path, seed=connections, connections=connections)


def test_every_refused_signature_is_found_and_nothing_else(made: tuple[Path, Truth]) -> None:
    path, truth = made
    report = analyze([path])
    errors = [finding.signed.error for finding in report.findings]
    ids = [error.request_id.decode() for error in errors if error is not None and error.request_id is not None]
    assert truth.mismatches
    assert sorted(ids) == truth.mismatches
    assert all(finding.comparison.match for finding in report.findings)
    assert not report.incomplete
    (capture,) = report.captures
    assert (capture.exchanges, capture.facts.packets) == (truth.exchanges, truth.packets)
    assert (capture.streams, capture.gaps) == (truth.connections, 0)


def test_every_exchange_is_listed_once(made: tuple[Path, Truth]) -> None:
    path, truth = made
    statuses: dict[int, int] = {}
    for exchange in list_exchanges([path]):
        assert exchange.request is not None
        assert exchange.response is not None
        statuses[exchange.response.status] = statuses.get(exchange.response.status, 0) + 1
    refused = len(truth.mismatches) + len(truth.denied)
    assert statuses == {200: truth.exchanges - refused, 403: refused}


def test_bytes_packets_and_truth_are_what_was_written(made: tuple[Path, Truth]) -> None:
    path, truth = made
    assert path.stat().st_size == truth.bytes
    assert SIZE <= truth.bytes < SIZE + 1_200_000  # the last exchange is written to its end
    assert json.loads(path.with_name(path.name + ".json").read_text()) == asdict(truth)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    sums = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate("bulk", 1_000_000, tmp_path / name, seed=seed)
        sums.append(hashlib.sha256((tmp_path / name).read_bytes()).digest())
    assert sums[0] == sums[1] != sums[2]


def test_uploads_carry_decoys(tmp_path: Path) -> None:
    truth = generate("bulk", 4_000_000, tmp_path / "a.pcap")
    marks = (tmp_path / "a.pcap").read_bytes().count(b"HTTP/1.1 403 Forbidden")
    assert truth.decoys > 0
    assert marks >= len(truth.mismatches) + len(truth.denied) + truth.decoys


@pytest.mark.parametrize(("text", "size"), [("5", 5), ("300M", 300_000_000), ("1.5g", 1_500_000_000), ("10k", 10_000)])
def test_sizes(text: str, size: int) -> None:
    assert size_of(text) == size
