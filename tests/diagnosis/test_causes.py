"""Golden folders: one exchange a cause, diagnosed without and with the secret.

A folder holds the request and the answer as on the wire, earlier exchanges where the diagnosis needs them, secrets
where it can use some, the first cause expected each way, and one line why.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.diagnosis import Budget, Diagnoser
from analyzer.diagnosis.causes import REGISTRY
from analyzer.http.plain import exchange_from_bytes
from analyzer.model.findings import Finding
from analyzer.model.secrets import Secret, SecretBook
from analyzer.oss import read

FOLDERS = sorted(path for path in (Path(__file__).parent.parent / "golden" / "causes").iterdir() if path.is_dir())

#: Cause ids that other programs rely on.
IDS = frozenset(
    [
        "content-type-after-signing",
        "content-type-not-sent",
        "content-md5-wrong",
        "wrong-secret",
        "plus-in-signature",
        "url-damaged",
        "parameter-after-signing",
        "subresource-list",
        "wrong-bucket",
        "host-changed",
        "key-encoding",
        "method-mismatch",
        "altered-in-transit",
        "metadata-encoding",
        "security-token",
        "clock-skew",
        "date-header",
        "v4-scope",
        "v4-algorithm",
        "signature-encoding",
        "s3-client",
        "signature-version",
        "string-format",
        "stale-request",
        "post-policy",
        "duplicate-headers",
        "header-after-signing",
        "query-encoding",
        "url-expired",
        "access-key",
        "unknown",
    ]
)


def diagnosed(folder: Path, secrets: SecretBook) -> Finding:
    diagnoser = Diagnoser(secrets, budget=Budget())
    frame = 1
    for before in sorted(folder.glob("before-*.request.http")):
        answer = before.with_name(before.name.replace("request", "response"))
        diagnoser.add(read(exchange_from_bytes(before.read_bytes(), answer.read_bytes(), frame=frame)))
        frame += 2
    request, response = (folder / "request.http").read_bytes(), (folder / "response.http").read_bytes()
    diagnoser.add(read(exchange_from_bytes(request, response, frame=frame)))
    (finding,) = diagnoser.findings()
    return finding


def secrets_of(folder: Path) -> SecretBook:
    lines = (folder / "secrets").read_bytes().splitlines()
    return SecretBook({key: Secret(value) for key, _, value in (line.partition(b":") for line in lines)})


def expected(folder: Path) -> Any:
    return json.loads((folder / "expected.json").read_text())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_without_secret(folder: Path) -> None:
    finding = diagnosed(folder, SecretBook())
    wanted = expected(folder)["keyless"]
    first = finding.causes[0]
    assert [first.id, first.certainty.value] == wanted["first"]
    if "proven" in wanted:
        assert [cause.id for cause in finding.causes if cause.certainty.value == "proven"] == wanted["proven"]
    assert finding.secret_check is None


@pytest.mark.parametrize("folder", [f for f in FOLDERS if (f / "secrets").exists()], ids=lambda folder: folder.name)
def test_with_secret(folder: Path) -> None:
    finding = diagnosed(folder, secrets_of(folder))
    wanted = expected(folder)["with_secret"]
    first = finding.causes[0]
    assert [first.id, first.certainty.value] == wanted["first"]
    check = finding.secret_check
    assert check is not None
    if "changes" in wanted:
        assert [change.id for change in check.changes] == wanted["changes"]
    if "secret_variant" in wanted:
        assert check.secret_variant is not None
        assert check.secret_variant.id == wanted["secret_variant"]


def test_every_cause_has_a_row_and_a_golden_case() -> None:
    assert {row.id for row in REGISTRY} | {"unknown"} == IDS
    shown = {expected(folder)[way]["first"][0] for folder in FOLDERS for way in expected(folder)}
    assert shown == IDS


def test_causes_say_what_to_do() -> None:
    for folder in FOLDERS:
        for cause in diagnosed(folder, SecretBook()).causes:
            assert cause.evidence
            assert cause.remedy_code or cause.links
            assert cause.remedy.key
