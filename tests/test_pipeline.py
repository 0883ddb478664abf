"""The public functions: what callers may rely on whatever floors do."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer import Options, Progress, analyze, explain, list_exchanges
from analyzer.model.errors import CannotRead
from analyzer.model.report import Report
from analyzer.model.secrets import Secret, SecretBook
from analyzer.report.messages import Catalogue
from analyzer.report.values import shown
from tests.support.packets import dialogue
from tests.support.pcapfile import write_pcap

ROOT = Path(__file__).resolve().parent.parent
FAILD = ROOT / "captures" / "faild.pcap"
SAMPLES = sorted((ROOT / "captures").glob("*.pcap*"))
ENCRYPTED = ROOT.parent / "shared" / "corpora" / "tls" / "wireshark-4.0.17__test__captures__tls12-dsb.pcapng"


def essence(report: Report) -> list[object]:
    """What must not depend on how a capture was read."""
    findings = [(f.id, f.signed.exchange, f.comparison, f.causes, f.facts, f.clocks, f.group) for f in report.findings]
    return [*findings, report.activity]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("options", [Options(batch_packets=1), Options(batch_packets=3), Options(fast=False)])
def test_reading_in_pieces_or_slowly_changes_nothing(path: Path, options: Options) -> None:
    assert essence(analyze([path], options)) == essence(analyze([path]))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_pipe_gives_what_the_file_gives(path: Path) -> None:
    with path.open("rb") as pipe:
        assert essence(analyze(["-"], stdin=pipe)) == essence(analyze([path]))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_exchange_has_its_time(path: Path) -> None:
    report = analyze([path])
    others = sum(number for one in report.activity for _, number in one.moments)
    assert others + len(report.findings) == sum(capture.exchanges for capture in report.captures)


def test_a_set_counts_each_file_apart() -> None:
    paths = [ROOT / "captures" / name for name in ("upload-download.pcap", "faild.pcap")]
    report = analyze(paths)
    assert [Path(c.facts.path).name for c in report.captures] == ["faild.pcap", "upload-download.pcap"]  # by time
    assert [(c.streams, c.exchanges, c.gaps) for c in report.captures] == [(1, 1, 0), (1, 5, 0)]
    assert [c.facts.first_frame for c in report.captures] == [1, 14]


def test_the_rest_is_read_when_one_input_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no capture")
    report = analyze([tmp_path / "notes.txt", FAILD])
    assert [note.key for note in report.errors] == ["capture.is-text"]
    assert len(report.findings) == 1


def test_nothing_readable_is_said_once(tmp_path: Path) -> None:
    with pytest.raises(CannotRead) as fault:
        analyze([tmp_path / "missing.pcap"])
    assert fault.value.note.key == "capture.not-there"


def test_a_cut_file_is_analysed_up_to_the_cut(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(FAILD.read_bytes()[:-20])
    report = analyze([cut])
    assert report.captures[0].facts.truncated
    assert report.incomplete
    assert len(report.findings) == 1


def test_an_interrupt_gives_what_was_found_so_far() -> None:
    seen: list[Progress] = []

    def listener(progress: Progress) -> None:
        seen.append(progress)
        if progress.failures:
            raise KeyboardInterrupt

    report = analyze([FAILD], Options(batch_packets=1), progress=listener)
    assert report.interrupted
    assert report.incomplete
    assert [f.causes[0].id for f in report.findings] == ["content-type-after-signing"]
    assert seen[0].bytes_total == FAILD.stat().st_size
    assert seen[-1].packets >= 8


def test_a_compressed_file_has_no_known_length(tmp_path: Path) -> None:
    packed = tmp_path / "faild.pcap.gz"
    packed.write_bytes(gzip.compress(FAILD.read_bytes()))
    seen: list[Progress] = []
    assert essence(analyze([packed], progress=seen.append)) == essence(analyze([FAILD]))
    assert seen[-1].bytes_total is None


def test_every_exchange_is_listed() -> None:
    listing = list_exchanges([ROOT / "captures" / "multipart-one-part-fails.pcap"])
    statuses = [e.response.status if e.response else None for e in listing]
    assert statuses == [200, 200, 403, 200]
    assert listing.report().captures[0].exchanges == 4


def test_failures_beyond_the_limit_are_counted() -> None:
    report = analyze([ROOT / "captures" / "wrong-secret.pcap"], Options(max_findings=1))
    assert len(report.findings) == 1
    assert [(note.key, note.get("count")) for note in report.notes] == [("pipeline.failures-not-explained", 1)]
    assert report.incomplete


HEAD = b"HEAD /k HTTP/1.1\r\nHost: b.oss-cn-hangzhou.aliyuncs.com\r\nAuthorization: OSS LTAI5tKey:c2ln\r\n\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nx-oss-request-id: 65F0A1B2C3D4E5F607182930\r\nContent-Length: 300\r\n%s\r\n"


def captured(path: Path, asked: bytes, answered: bytes) -> Path:
    """A capture of one request and its answer."""
    return write_pcap(path, dialogue([(asked, answered)]), nanos=True)


@pytest.mark.parametrize(
    ("asked", "more", "keys"),
    [
        (HEAD, b"", ["pipeline.silent-head", "pipeline.silent-ids"]),
        (HEAD.replace(b"HEAD", b"GET"), b"", ["pipeline.silent-answer", "pipeline.silent-ids"]),
        # the server's word: no right to it, the signature was fine
        (
            HEAD,
            b"x-oss-ec: 0003-00000001\r\n",
            ["diagnosis.otherwise.signed", "oss.ec.denied", "oss.remedy.check-policy"],
        ),
        (HEAD.replace(b"Authorization", b"X-Nothing"), b"", []),
    ],
)
def test_a_refusal_without_a_reason_is_a_remark(tmp_path: Path, asked: bytes, more: bytes, keys: list[str]) -> None:
    report = analyze([captured(tmp_path / "a.pcap", asked, REFUSED % more)])
    assert not report.findings
    assert [said.key for said in report.notes] == keys
    if keys:
        assert report.incomplete == keys[0].startswith("pipeline.silent")
    if report.incomplete:
        assert "65F0A1B2C3D4E5F607182930" in Catalogue("en").text(report.notes[-1], shown)


@pytest.mark.parametrize(
    "long",
    [
        HEAD.replace(b"\r\n\r\n", b"\r\nX-Long: " + b"GET / HTTP/1.1 <b>\x1b[2J" * 50_000 + b"\r\n\r\n"),
        HEAD.replace(b"/k", b"/" + b"longkey%2F" * 60_000),
        HEAD.replace(b"/k", b"/" + b"longkey%2F" * 1_000),
    ],
    ids=["header", "target", "target in one segment"],
)
def test_a_head_too_long_for_anybody_is_left_behind(tmp_path: Path, long: bytes) -> None:
    """Its answer is still read, and so is what comes on the next connection."""
    refused = REFUSED % b"x-oss-ec: 0002-00000040\r\n"
    path = write_pcap(tmp_path / "a.pcap", dialogue([(long, refused), (HEAD, refused)], size=60_000), nanos=True)
    for options in (Options(), Options(batch_packets=3)):
        report = analyze([path], options)
        assert report.captures[0].exchanges == 2
        assert report.findings[-1].signed.exchange.request is not None


def test_an_error_header_of_head_makes_a_finding(tmp_path: Path) -> None:
    report = analyze([captured(tmp_path / "a.pcap", HEAD, REFUSED % b"x-oss-ec: 0002-00000040\r\n")])
    assert [finding.causes[-1].id for finding in report.findings]
    assert not report.notes


def denied(number: int) -> bytes:
    """An answer that refuses something else than the signature."""
    body = b"<Error><Code>%s</Code><RequestId>65F0%04d</RequestId></Error>" % (
        b"AccessDenied" if number % 3 else b"Code%d" % number,
        number,
    )
    return b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("options", [Options(), Options(batch_packets=2), Options(fast=False)])
def test_failures_for_another_reason_are_counted_by_their_answer(tmp_path: Path, options: Options) -> None:
    get = HEAD.replace(b"HEAD", b"GET")
    path = write_pcap(tmp_path / "a.pcap", dialogue([(get, denied(n)) for n in range(30)]), nanos=True)
    report = analyze([path], options)
    assert not report.findings
    assert not report.incomplete
    told = [Catalogue("en").text(said, shown) for said in report.notes]
    reason = "failed for another reason than the signature: 403"
    assert told[0] == f"20 requests {reason} AccessDenied (RequestId 65F00001, …)."
    assert told[3:8] == [f"1 request {reason} Code{n} (RequestId 65F0{n:04})." for n in (0, 12, 3, 6, 9)]
    assert told[8:] == ["5 more requests failed with other error codes."]


def test_a_request_without_a_signature_is_not_said_to_be_signed_right(tmp_path: Path) -> None:
    bare = HEAD.replace(b"HEAD", b"GET").replace(b"Authorization", b"X-Nothing")
    report = analyze([captured(tmp_path / "a.pcap", bare, denied(1))])
    assert [said.key for said in report.notes] == ["diagnosis.otherwise.unsigned"]


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        (b"AccessDenied", ["diagnosis.otherwise.signed", "oss.ec.denied", "oss.remedy.check-policy"]),
        (b"NoSuchKey", ["diagnosis.otherwise.signed"]),
        (b"InvalidAccessKeyId", []),  # a finding
    ],
)
def test_a_pasted_answer_that_is_not_about_signatures_says_what_it_is_about(code: bytes, keys: list[str]) -> None:
    report = explain(b"<Error><Code>%s</Code><RequestId>65F0A1B2C3D4E5F607182930</RequestId></Error>" % code)
    assert bool(report.findings) != bool(keys)
    assert [said.key for said in report.notes] == keys


def test_secrets_never_stand_in_a_report() -> None:
    secret = b"MadeUpSecretThatNobodyMaySee01"
    options = Options(secrets=SecretBook({b"LTAIknFr": Secret(secret)}))
    report = analyze([FAILD], options)
    assert report.findings[0].secret_check is not None
    assert secret.decode() not in repr(report) + repr(options)


def test_a_key_log_inside_the_capture_opens_it() -> None:
    if not ENCRYPTED.exists():
        pytest.skip("the encrypted public captures are not beside the project")
    listing = list_exchanges([ENCRYPTED])
    hosts = [e.request.head.first(b"host") for e in listing if e.request is not None]
    assert hosts == [b"example.com", b"example.net"]
    assert not listing.report().notes


def test_a_finding_keeps_as_much_of_a_body_as_it_is_told_to() -> None:
    """The digests are those of the whole body all the same."""
    capture = [ROOT / "captures" / "multipart-one-part-fails.pcap"]
    whole, short = (analyze(capture, Options(kept_body=kept)).findings[0] for kept in (None, 100))
    one, other = whole.signed.exchange.request, short.signed.exchange.request
    assert one is not None
    assert other is not None
    assert one.body.data is not None
    assert other.body == replace(one.body, data=one.body.data[:100])
    assert other.body.digests is not None
    assert whole.causes == short.causes
