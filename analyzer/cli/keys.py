"""Access key secrets as the user hands them over: a file, or the environment; never an argument.

Lines of a secret file are ``ACCESS_KEY_ID:SECRET``. Everything behind the first colon up to the line end is the
secret, blanks and all: a blank too many may be the very fault that is looked for. Empty lines and lines that start
with ``#`` are skipped. No message ever repeats a line.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Iterable, Mapping

from analyzer.cli.output import path_value
from analyzer.model.errors import CannotRead, Fault, reason_of
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret, SecretBook

__all__ = ["ENV_ID", "ENV_KEY_LOG", "ENV_SECRET", "GrowingKeyLogs", "read_key_logs", "read_secrets"]

ENV_ID, ENV_SECRET = "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"
ENV_KEY_LOG = "SSLKEYLOGFILE"

#: No secret file is larger than this.
MAX_BYTES = 1 << 20
#: Of a longer key log the beginning is read: about 600,000 sessions.
MAX_KEY_LOG = 1 << 28


def read_secrets(path: str | None, environment: Mapping[str, str]) -> tuple[SecretBook, tuple[Note, ...]]:
    """Secrets by access key id, and warnings. A file's entry wins over the environment's for the same id."""
    found: dict[bytes, Secret] = {}
    warnings: list[Note] = []
    key_id, secret = environment.get(ENV_ID), environment.get(ENV_SECRET)
    if key_id and secret:
        found[os.fsencode(key_id).strip()] = Secret(os.fsencode(secret))
    elif key_id or secret:
        present, missing = (ENV_ID, ENV_SECRET) if key_id else (ENV_SECRET, ENV_ID)
        warnings.append(note("cli.half-a-key-pair", present=present, missing=missing))
    if path is not None:
        found.update(_from_file(path, warnings))
    return SecretBook(found), tuple(warnings)


def read_key_logs(paths: Iterable[str], environment: Mapping[str, str]) -> tuple[Secret, ...]:
    """Texts of the key logs; one that cannot be read is said before any capture is (CannotRead). Without any, the
    file that ``SSLKEYLOGFILE`` names serves where it exists: the client may have run in this very shell."""
    chosen = tuple(paths)
    usual = environment.get(ENV_KEY_LOG)
    if not chosen and usual and os.path.isfile(usual) and os.access(usual, os.R_OK):
        chosen = (usual,)
    return tuple(_key_log(path) for path in chosen)


def _key_log(path: str) -> Secret:
    try:
        with open(path, "rb") as file:
            return Secret(file.read(MAX_KEY_LOG))
    except OSError as fault:
        raise CannotRead(note("cli.keylog-unreadable", path=path_value(path), reason=reason_of(fault))) from fault


#: Additions to key logs that are remembered; a run of hours sees any number of them.
_RECENT = 256


class GrowingKeyLogs:
    """Key logs that clients are still writing; a file may come into being later."""

    def __init__(self, paths: Iterable[str], environment: Mapping[str, str]) -> None:
        usual = environment.get(ENV_KEY_LOG)
        chosen = tuple(paths) or ((usual,) if usual else ())
        self._read = dict.fromkeys(chosen, 0)
        self.recent: deque[Secret] = deque(maxlen=_RECENT)  #: what was added last, to be looked for in outputs

    def __bool__(self) -> bool:
        return bool(self._read)

    def __call__(self) -> Secret | None:
        """Whole lines that were added since the last call, None where there are none."""
        added = b""
        for path, at in self._read.items():
            try:
                if os.stat(path).st_size <= at:
                    continue
                with open(path, "rb") as file:
                    file.seek(at)
                    text = file.read(MAX_KEY_LOG)
            except OSError:
                continue
            text = text[: text.rfind(b"\n") + 1]
            self._read[path] = at + len(text)
            added += text
        if not added:
            return None
        self.recent.append(Secret(added))
        return self.recent[-1]


def _from_file(path: str, warnings: list[Note]) -> dict[bytes, Secret]:
    try:
        with open(path, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(MAX_BYTES + 1)
    except OSError as fault:
        raise CannotRead(note("cli.secret-file-unreadable", path=path_value(path), reason=reason_of(fault))) from fault
    if len(text) > MAX_BYTES:
        raise Fault(note("cli.secret-file-large", path=path_value(path)))
    if os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        warnings.append(note("cli.secret-file-open", path=path_value(path)))
    return _parsed(text, path)


def _parsed(text: bytes, path: str) -> dict[bytes, Secret]:
    found: dict[bytes, Secret] = {}
    for number, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        line = line.removesuffix(b"\r")
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        key_id, colon, secret = line.partition(b":")
        if not colon or not key_id.strip() or not secret:
            raise Fault(note("cli.secret-file-line", path=path_value(path), line=number))
        found[key_id.strip()] = Secret(secret)
    if not found:
        raise Fault(note("cli.secret-file-empty", path=path_value(path)))
    return found
