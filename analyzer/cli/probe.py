"""What a Python knows of itself: run inside the interpreter that is examined, prints JSON, changes nothing.

The examined interpreter need not be ossig's own, and need not have ossig: only the standard library is used, in words
that Python 3.6 understands. The C extension may be broken, so all this happens in a process of its own.
"""

import base64
import hashlib
import json
import os
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Tuple  # noqa: UP035 - for old interpreters

PACKAGES = ("oss2", "alibabacloud-oss-v2", "requests", "urllib3", "crcmod", "crcmod-plus")
OWNERS = ("crcmod", "crcmod-plus")
#: Parameters of oss2/utils.py, Crc64.
POLYNOMIAL, XOR = 0x142F0E1EBA9EA3693, 0xFFFFFFFFFFFFFFFF
TARGET = "/a/./b/../c%2fd%7Ee"


def distributions() -> Dict[str, Tuple[str, Any]]:  # noqa: UP006
    """name -> (version, distribution)"""
    try:
        from importlib import metadata
    except ImportError:
        return {}
    found = {}
    for name in PACKAGES:
        try:
            one = metadata.distribution(name)
            found[name] = (one.version, one)
        except metadata.PackageNotFoundError:
            pass
    return found


def owners(found: Dict[str, Tuple[str, Any]]) -> Tuple[List[str], List[str]]:  # noqa: UP006
    """Which packages claim crcmod/crcmod.py, and whose file it is that stands there."""
    claimed = []
    standing = []
    for name in OWNERS:
        for file in (found[name][1].files or []) if name in found else []:
            if str(file).replace("\\", "/") == "crcmod/crcmod.py":
                claimed.append(name)
                if same(file):
                    standing.append(name)
    return claimed, standing


def same(file: Any) -> bool:
    try:
        with open(str(file.locate()), "rb") as opened:
            digest = hashlib.sha256(opened.read()).digest()
    except OSError:
        return False
    return file.hash is not None and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def crc(found: Dict[str, Tuple[str, Any]]) -> Optional[Dict[str, Any]]:  # noqa: UP006, UP045
    claimed, standing = owners(found)
    told = {"claimed_by": claimed, "files_of": standing}  # type: Dict[str, Any]
    told.update(works=False, extension=None)
    try:
        import crcmod
        from crcmod import crcmod as inner

        crcmod.Crc(POLYNOMIAL, initCrc=0, xorOut=XOR, rev=True).update(b"ossig")
        told["works"] = True
        told["extension"] = bool(inner._usingExtension)
    except Exception as fault:
        told["problem"] = type(fault).__name__
        return told if claimed or not isinstance(fault, ImportError) else None
    if told["extension"]:
        told["with_extension"] = speed(crcmod.mkCrcFun(POLYNOMIAL, 0, True, XOR), 1 << 20)
    told["without"] = speed_without(inner)
    return told


def speed_without(inner: Any) -> Optional[float]:  # noqa: UP045
    """The Python implementation, which stands beside the extension."""
    try:
        from crcmod import _crcfunpy

        table = inner._mkTable_r(POLYNOMIAL, 64)
        return speed(lambda data: _crcfunpy._crc64r(data, 0, table), 1 << 15)
    except Exception:
        return None


def speed(function: Callable[[bytes], Any], size: int) -> float:
    """Bytes a second; the best of a few short runs."""
    data, best = b"\x5a" * size, 0.0
    end = time.perf_counter() + 0.1
    while True:
        start = time.perf_counter()
        function(data)
        now = time.perf_counter()
        best = max(best, size / max(now - start, 1e-9))
        if now > end:
            return best


def added() -> Optional[List[str]]:  # noqa: UP006, UP045
    """Headers that requests puts on a body of bytes without being asked."""
    try:
        import requests

        session = requests.Session()
        session.trust_env = False
        body = b"<CompleteMultipartUpload/>"
        request = requests.Request("POST", "http://bucket.example/key", data=body)
        return [str(name) for name in session.prepare_request(request).headers]
    except Exception:
        return None


def rewritten() -> Optional[str]:  # noqa: UP045
    """What urllib3 makes of a target."""
    try:
        from urllib3.util import parse_url

        return str(parse_url("http://bucket.example" + TARGET).request_uri)
    except Exception:
        return None


def main() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [place for place in sys.path if os.path.abspath(place) != here]  # our neighbours are no packages
    found = distributions()
    report = {
        "executable": sys.executable,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "packages": [[name, found[name][0]] for name in PACKAGES if name in found],
        "crc": crc(found),
        "added": added(),
        "rewritten": rewritten(),
    }
    os.write(1, json.dumps(report).encode("ascii"))


if __name__ == "__main__":
    main()
