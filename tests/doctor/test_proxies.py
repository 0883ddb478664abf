"""Proxies of the environment, against requests itself."""

from __future__ import annotations

import pytest
import requests.utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.doctor.proxies import Proxy, bypassed, proxies

HOSTS = ["oss-cn-hangzhou.aliyuncs.com", "pictures.oss-cn-hangzhou.aliyuncs.com", "aliyuncs.com", "10.1.2.3", "a.b"]
ENTRIES = [
    "aliyuncs.com",
    ".aliyuncs.com",
    "oss-cn-hangzhou.aliyuncs.com",
    "liyuncs.com",
    "com",
    "10.0.0.0/8",
    "10.1.2.3",
    "192.168.0.0/16",
    "b",
    " aliyuncs.com ",
    "other.example",
    "",
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(HOSTS), st.lists(st.sampled_from(ENTRIES), max_size=3), st.booleans())
def test_no_proxy_is_read_as_requests_reads_it(
    monkeypatch: pytest.MonkeyPatch, host: str, entries: list[str], upper: bool
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    name = "NO_PROXY" if upper else "no_proxy"
    monkeypatch.setenv(name, ",".join(entries))
    expected = requests.utils.should_bypass_proxies(f"http://{host}/", no_proxy=None)
    assert bypassed({name: ",".join(entries)}, host) == expected, entries


def test_a_star_takes_everything_out() -> None:
    assert bypassed({"no_proxy": "*"}, "anything.example")


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, []),
        ({"http_proxy": ""}, []),
        ({"http_proxy": "http://p:3128"}, [Proxy("http_proxy", "http", "p:3128", False)]),
        ({"http_proxy": "p:3128", "HTTP_PROXY": "q:1"}, [Proxy("http_proxy", "http", "p:3128", False)]),
        ({"HTTP_PROXY": "http://q:1", "REQUEST_METHOD": "GET"}, []),
        ({"HTTPS_PROXY": "http://u:w@q:1/"}, [Proxy("HTTPS_PROXY", "https", "q:1", True)]),
        ({"ALL_PROXY": "socks5://[2001:db8::1]:1080"}, [Proxy("ALL_PROXY", "all", "2001:db8::1:1080", False)]),
        ({"all_proxy": "http://w@[oops"}, [Proxy("all_proxy", "all", "?", True)]),
    ],
)
def test_proxies_of_the_environment(environment: dict[str, str], found: list[Proxy]) -> None:
    assert list(proxies(environment)) == found
