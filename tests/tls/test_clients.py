"""Which programs write a key log when asked as the report and the README say, each run as a process of its own.

Each asks the stand-in once and is refused; with the key log that it wrote, ossig must see that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer import Options, list_exchanges
from analyzer.model.secrets import Secret
from tests.recorder.packets import Place
from tests.recorder.record import placed
from tests.recorder.scenes import SECRETS
from tests.recorder.standin import Standin
from tests.recorder.wiretap import Wiretap
from tests.support.pcapfile import write_pcap

URLLIB = """
import ssl, sys, urllib.request, urllib.error
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
try:
    urllib.request.urlopen(sys.argv[1], context=context)
except urllib.error.HTTPError as refused:
    assert refused.code == 403
"""
REQUESTS = "import requests, sys; assert requests.get(sys.argv[1], verify=False).status_code == 403"
#: Makes a context of its own, which does not look at the environment.
BARE = """
import http.client, ssl, sys, urllib.parse
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.keylog_filename = "keys.log"
link = http.client.HTTPSConnection(urllib.parse.urlsplit(sys.argv[1]).netloc, context=context)
link.request("GET", "/a")
assert link.getresponse().status == 403
"""
NODE = """
require('https').get(process.argv[1], {rejectUnauthorized: false}, answer => {
  answer.resume(); answer.on('end', () => process.exit(answer.statusCode === 403 ? 0 : 1)) })
"""
FETCH = "fetch(process.argv[1]).then(answer => process.exit(answer.status === 403 ? 0 : 1))"
ENVIRONMENT = {"SSLKEYLOGFILE": "keys.log"}
NODE_OPTIONS = {"NODE_OPTIONS": "--tls-keylog=keys.log", "NODE_TLS_REJECT_UNAUTHORIZED": "0"}

PROGRAMS = {
    "curl": (["curl", "-sk", "-o", os.devnull], ENVIRONMENT),
    "requests": ([sys.executable, "-W", "ignore", "-c", REQUESTS], ENVIRONMENT),
    "urllib": ([sys.executable, "-c", URLLIB], ENVIRONMENT),
    "bare context": ([sys.executable, "-c", BARE], {}),
    "node": (["node", "-e", NODE], NODE_OPTIONS),
    "node fetch": (["node", "-e", FETCH], NODE_OPTIONS),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_writes_a_key_log_that_opens_its_connection(name: str, tmp_path: Path) -> None:
    command, settings = PROGRAMS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here")
    bare = {key: value for key, value in os.environ.items() if not key.lower().endswith(("_proxy", "_ca_bundle"))}
    bare.pop("SSLKEYLOGFILE", None)
    with Standin(SECRETS, tls=True) as server, Wiretap(server.address) as tap:
        url = f"https://127.0.0.1:{tap.port}/a"
        done = subprocess.run(
            [*command, url], env=bare | settings, cwd=tmp_path, capture_output=True, check=False, timeout=60
        )
    assert done.returncode == 0, done.stderr
    path = write_pcap(tmp_path / "a.pcap", placed(tap.connections, Place(server_port=443)))
    options = Options(keylogs=(Secret((tmp_path / "keys.log").read_bytes()),))
    assert [x.response.status for x in list_exchanges([path], options) if x.request and x.response] == [403]
