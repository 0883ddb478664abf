"""Every check, on a machine where all is well and on machines where it is not."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest

from analyzer.cli import probe
from analyzer.doctor import CHECKS, examine
from analyzer.doctor.checks import PROBE_TARGET
from analyzer.doctor.known import KNOWN, numbers
from analyzer.model.doctor import Clock, Machine, Rights, Verdict
from analyzer.report.doctor import render_health, render_health_json
from analyzer.report.messages import LANGUAGES, Catalogue
from tests.doctor import machines
from tests.doctor.machines import HEALTHY, HOST

OK, WARNING, WRONG, UNKNOWN = Verdict.OK, Verdict.WARNING, Verdict.WRONG, Verdict.UNKNOWN

#: (machine, id of the check, verdict, key of what is said)
CASES: list[tuple[Machine, str, Verdict, str]] = [
    (machines.crc(), "crcmod", OK, "doctor.crcmod.fast"),
    (machines.crc(extension=False, with_extension=None), "crcmod", WRONG, "doctor.crcmod.slow"),
    (machines.crc(works=False, extension=None, problem="AttributeError"), "crcmod", WRONG, "doctor.crcmod.broken"),
    (machines.python(crc=None), "crcmod", WRONG, "doctor.crcmod.missing"),
    (
        machines.crc(claimed_by=("crcmod", "crcmod-plus"), files_of=("crcmod-plus",)),
        "crcmod-owner",
        WARNING,
        "doctor.owner.clobbered",
    ),
    (machines.crc(claimed_by=("crcmod", "crcmod-plus"), files_of=()), "crcmod-owner", WRONG, "doctor.owner.mixed"),
    (machines.crc(claimed_by=("crcmod",), files_of=()), "crcmod-owner", WARNING, "doctor.owner.foreign"),
    (machines.machine(interpreter=None), "python", UNKNOWN, "doctor.python.unknown"),
    (machines.python(), "packages", OK, "doctor.packages.versions"),
    (machines.python(packages=(), crc=None), "packages", OK, "doctor.packages.none"),
    (machines.packages(oss2="2.0.3"), "oss2", WRONG, "doctor.known.leading-slash"),
    (machines.packages(oss2="2.0.4"), "oss2", WRONG, "doctor.known.token-unsigned"),
    (machines.packages(oss2="2.2.0"), "oss2", WARNING, "doctor.known.crc-always"),
    (machines.packages(oss2="2.19.1"), "oss2", OK, "doctor.known.oss2-adds"),
    (machines.packages(requests="2.9.0"), "requests", WRONG, "doctor.known.requests-utf8"),
    (machines.packages(requests="2.31.0"), "requests", OK, "doctor.known.requests-adds"),
    (machines.packages(urllib3="1.25"), "urllib3", OK, "doctor.known.urllib3-normalises"),
    (machines.python(), "added-headers", OK, "doctor.added.harmless"),
    (machines.python(added=("Accept", "Content-Type")), "added-headers", WRONG, "doctor.added.signed"),
    (machines.python(rewritten="/a/c%2Fd~e"), "rewritten-url", OK, "doctor.rewritten"),
    (machines.machine(), "proxy", OK, "doctor.proxy.none"),
    (machines.environment(http_proxy="http://proxy.corp:3128"), "proxy", WARNING, "doctor.proxy.used"),
    (
        machines.environment(https_proxy="http://proxy.corp:3128", no_proxy=".aliyuncs.com"),
        "proxy",
        OK,
        "doctor.proxy.bypassed",
    ),
    (machines.machine(netrc=(HOST,)), "netrc", WRONG, "doctor.netrc"),
    (machines.machine(netrc=("default",)), "netrc", WRONG, "doctor.netrc"),
    (machines.clock(0), "clock", OK, "doctor.clock.right"),
    (machines.clock(-120), "clock", WARNING, "doctor.clock.off"),
    (machines.clock(1200), "clock", WRONG, "doctor.clock.far"),
    (machines.machine(clock=Clock(HOST, None, None, "TimeoutError")), "clock", UNKNOWN, "doctor.clock.unknown"),
    (machines.machine(), "capture", OK, "doctor.capture.allowed"),
    (machines.machine(rights=Rights("/usr/bin/tcpdump", False)), "capture", WARNING, "doctor.capture.denied"),
    (machines.machine(rights=Rights(None, None), system="Windows"), "capture", UNKNOWN, "doctor.capture.unknown"),
    (machines.machine(system="Darwin"), "fork-safety", WARNING, "doctor.fork.unset"),
    (
        machines.machine(system="Darwin", environment={"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}),
        "fork-safety",
        OK,
        "doctor.fork.set",
    ),
]


@pytest.mark.parametrize(("machine", "name", "verdict", "key"), CASES, ids=[case[3] for case in CASES])
def test_a_check_says_what_is_so(machine: Machine, name: str, verdict: Verdict, key: str) -> None:
    found = [one for one in examine(machine).checked if one.id == name and one.statement.key == key]
    assert [one.verdict for one in found] == [verdict]
    assert verdict in (OK, UNKNOWN) or found[0].remedy is not None


def test_a_healthy_machine_has_nothing_to_warn_of() -> None:
    health = examine(HEALTHY)
    assert not health.wrong
    assert {one.verdict for one in health.checked} == {OK}


@pytest.mark.parametrize(
    "silent",
    [
        (machines.machine(), "netrc"),
        (machines.machine(netrc=("other.example",)), "netrc"),
        (machines.machine(clock=None), "clock"),
        (machines.machine(), "fork-safety"),
        (machines.python(), "rewritten-url"),
        (machines.python(added=None), "added-headers"),
        (machines.crc(), "crcmod-owner"),
        (machines.python(packages=(), crc=None), "crcmod"),
    ],
    ids=lambda case: case[1],
)
def test_a_check_without_anything_to_say_is_silent(silent: tuple[Machine, str]) -> None:
    assert silent[1] not in {one.id for one in examine(silent[0]).checked}


def test_every_check_and_every_fact_is_covered_and_has_its_source() -> None:
    assert {check.id for check in CHECKS} <= {case[1] for case in CASES}
    assert {known.statement.key for known in KNOWN} <= {case[3] for case in CASES}
    assert all(check.source for check in CHECKS)
    assert all(known.source for known in KNOWN)


@pytest.mark.parametrize(
    ("text", "version"), [("2.9.0", (2, 9, 0)), ("2.20.0rc1", (2, 20, 0)), ("1.25.post3", (1, 25)), ("unknown", ())]
)
def test_versions_are_read_as_far_as_they_are_numbers(text: str, version: tuple[int, ...]) -> None:
    assert numbers(text) == version


def test_the_probe_and_the_checks_speak_of_the_same_target() -> None:
    assert probe.TARGET == PROBE_TARGET


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_can_be_shown(language: str) -> None:
    schema = json.loads(files("analyzer.report").joinpath("schema", "ossig.doctor.1.json").read_text("utf-8"))
    words = Catalogue(language)
    for machine, name, verdict, _ in CASES:
        health = examine(machine)
        value = json.loads(render_health_json(health, words, "1.2.3"))
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
        assert value["wrong"] is any(check["verdict"] == "wrong" for check in value["checks"])
        text = render_health(health, words)
        assert words.say(f"doctor.verdict.{verdict.value}") in text, name
        assert "doctor." not in text.replace("doctor.1", "")


def test_credentials_of_a_proxy_are_shown_nowhere() -> None:
    for url in ("http://bob:s3cret@proxy.corp:3128", "bob:s3cret@proxy.corp:3128", "http://s3cret@[broken"):
        health = examine(machines.environment(http_proxy=url, HTTPS_PROXY=url))
        shown = render_health(health, Catalogue("en")) + render_health_json(health, Catalogue("en"), "1")
        assert "s3cret" not in shown
        assert "bob" not in shown
