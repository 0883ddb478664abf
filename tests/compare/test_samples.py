"""The samples of ``captures/`` for comparing, and the same recorded anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.model.comparison import CompareReport, Way
from analyzer.model.findings import Certainty
from analyzer.pipeline import compare_captures
from tests.recorder.hops import record_hops

CAPTURES = Path(__file__).parents[2] / "captures"


@pytest.fixture(scope="module", params=["kept", "recorded anew"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "kept":
        return CAPTURES
    anew = tmp_path_factory.mktemp("hops")
    record_hops(anew)
    return anew


def compared(folder: Path, one: str, other: str) -> CompareReport:
    return compare_captures([folder / one], [folder / other])


def test_the_proxy(folder: Path) -> None:
    report = compared(folder, "proxy-client-side.pcap", "proxy-server-side.pcap")
    assert (report.way, report.unmatched, report.notes) == (Way.TRAFFIC, (), ())
    told = [(pair.verdict.id, pair.verdict.certainty) for pair in report.pairs]
    harmless, broken = ("unsigned-changed", Certainty.PROVEN), ("signed-changed", Certainty.PROVEN)
    assert told == [harmless, broken, broken, harmless]
    assert [c.field for c in report.pairs[1].changes] == ["header:content-type", "header:via", "header-order"]
    assert report.pairs[1].group == report.pairs[2].group
    assert report.offset is not None
    assert 2.4 < report.offset.median / 1e9 < 2.5


def test_the_two_runs(folder: Path) -> None:
    report = compared(folder, "works-on-centos.pcap", "fails-on-ubuntu.pcap")
    assert report.way is Way.RUNS
    first = report.traits[0]
    assert (first.field, first.aspect, first.failing, first.working) == (
        "header:content-type",
        "presence",
        (3, 3),
        (0, 3),
    )
    assert (first.signed, first.certainty) == (True, Certainty.LIKELY)
    assert [cause[0] for cause in report.causes] == ["content-type-after-signing"]
