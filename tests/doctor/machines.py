"""Machines made up for the checks: a healthy one, and ways to spoil it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analyzer.model.doctor import Clock, Crc, Interpreter, Machine, Rights

HOST = "oss-cn-hangzhou.aliyuncs.com"
SECOND = 1_000_000_000
NOW = 1_715_656_867 * SECOND

CRC = Crc(("crcmod",), ("crcmod",), True, True, 3.0e8, 9.9e6)
PYTHON = Interpreter(
    "/usr/bin/python3",
    "3.11.2",
    (("oss2", "2.19.1"), ("requests", "2.34.2"), ("urllib3", "2.8.0"), ("crcmod", "1.7")),
    CRC,
    ("User-Agent", "Accept", "Connection", "Content-Length"),
    "/a/./b/../c%2fd%7Ee",
)
HEALTHY = Machine("Linux", HOST, {}, PYTHON, (), Rights("/usr/bin/dumpcap", True), Clock(HOST, NOW, NOW + SECOND // 2))


def crc(**changes: Any) -> Machine:
    return replace(HEALTHY, interpreter=replace(PYTHON, crc=replace(CRC, **changes)))


def python(**changes: Any) -> Machine:
    return replace(HEALTHY, interpreter=replace(PYTHON, **changes))


def packages(**versions: str) -> Machine:
    return python(packages=tuple(versions.items()))


def clock(seconds: float) -> Machine:
    return replace(HEALTHY, clock=Clock(HOST, NOW, NOW + int(seconds * SECOND)))


def environment(**variables: str) -> Machine:
    return replace(HEALTHY, environment=variables)


def machine(**changes: Any) -> Machine:
    return replace(HEALTHY, **changes)
