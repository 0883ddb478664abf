"""Session secrets from NSS key logs, as ``SSLKEYLOGFILE`` makes browsers, Python and curl write them.

Line by line, strictly: ``LABEL client_random secret``, hex in either case. Logs are written by several processes at
once and copied while being written, so a line that does not read is searched for a whole entry inside (two lines run
into one), else skipped and counted; it never costs the other lines. Texts of several files are simply merged. Nothing
is read before the first question, so a log costs nothing where nothing is encrypted.

Format: "NSS Key Log Format" (firefox-source-docs), RFC 9850 for the labels of TLS 1.3. ``*_TRAFFIC_SECRET_N`` with
N > 0 is what some stacks write at a key update.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret

__all__ = ["MASTER", "KeyLog"]

MASTER = "CLIENT_RANDOM"  #: the master secret of TLS 1.2 and before, by client random
_SESSIONS = 1_000_000  #: whose secrets are kept

#: Label → length of the secret in hex digits. 48 bytes are the master secret, 32 and 48 the output of the hash.
_ENTRY = re.compile(
    rb"(?:(?P<master>CLIENT_RANDOM)"
    rb"|(?P<traffic>CLIENT_EARLY_TRAFFIC_SECRET|(?:CLIENT|SERVER)_HANDSHAKE_TRAFFIC_SECRET"
    rb"|(?:CLIENT|SERVER)_TRAFFIC_SECRET_\d{1,9}))"
    rb"[ \t]+(?P<random>[0-9a-fA-F]{64})[ \t]+"
    rb"(?P<secret>(?(master)[0-9a-fA-F]{96}|(?:[0-9a-fA-F]{96}|[0-9a-fA-F]{64})))(?![0-9a-fA-F])"
)
#: A well-formed line of another label: exporters, RSA premaster secrets, ECH, QUIC. Nothing here needs them.
_OTHER = re.compile(
    rb"(?!CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:EARLY_|HANDSHAKE_)?TRAFFIC)"
    rb"[A-Z][A-Z0-9_]+[ \t]+[0-9a-fA-F]+[ \t]+[0-9a-fA-F]+"
)
_ROOM = 64 << 20  #: bytes that sessions may hold while they wait for secrets
_NON_TEXT = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class KeyLog:
    """Secrets by label and client random. Its ``repr`` shows counts only.

    A log may grow: captures hold secrets too, and these may stand behind the packets they are for. ``seek``, where
    given, is called with the log when secrets are missing; it may add what it finds further on, and says whether
    others may still come. A session may wait for these (``reserve``).
    """

    __slots__ = ("_entries", "_known", "_room", "_secrets", "_seek", "_skipped", "_unread")

    def __init__(self, texts: Iterable[bytes] = (), seek: Callable[[KeyLog], bool] | None = None) -> None:
        self._unread: list[bytes] = []
        self._secrets: dict[bytes, dict[str, Secret]] = {}
        self._entries = self._skipped = 0
        self._seek = seek
        self._room = _ROOM
        self._known: set[int] = set()  #: texts that it was made of
        self.add(texts)

    def add(self, texts: Iterable[bytes]) -> None:
        """Another file's secrets; a text that is known already counts once."""
        for text in texts:
            if hash(text) not in self._known:
                self._known.add(hash(text))
                self._unread.append(text)

    @property
    def given(self) -> bool:
        """It was made of something, whatever that holds."""
        return bool(self._known)

    def grows(self) -> bool:
        """Secrets are missing: look for them further on, where that is possible. Whether others may still come."""
        return self._seek is not None and self._seek(self)

    def close(self) -> None:
        """Nothing will be added any more."""
        self._seek = None

    def reserve(self, size: int) -> bool:
        """Take so many bytes (give them back, if negative) of what all waiting sessions together may hold."""
        if size > self._room:
            return False
        self._room -= size
        return True

    @property
    def entries(self) -> int:
        """Entries read, of labels that serve."""
        self._read()
        return self._entries

    @property
    def skipped(self) -> int:
        """Lines that hold something else than an entry, a comment or a blank."""
        self._read()
        return self._skipped

    def _read(self) -> None:
        for text in self._unread:
            for line in _lines(text):
                self._line(line)
        self._unread.clear()
        for _ in range(len(self._secrets) - _SESSIONS):  # the oldest go
            del self._secrets[next(iter(self._secrets))]

    def _line(self, line: bytes) -> None:
        if not line or line.startswith(b"#"):
            return
        whole = _ENTRY.fullmatch(line)
        if whole:
            self._keep(whole)
            return
        if _OTHER.fullmatch(line):
            return
        self._skipped += 1
        for inside in _ENTRY.finditer(line):
            self._keep(inside)

    def _keep(self, entry: re.Match[bytes]) -> None:
        label = (entry["master"] or entry["traffic"]).decode("ascii")
        random = bytes.fromhex(entry["random"].decode("ascii"))
        self._secrets.setdefault(random, {})[label] = Secret(bytes.fromhex(entry["secret"].decode("ascii")))
        self._entries += 1

    def secret(self, label: str, client_random: bytes) -> Secret | None:
        """The secret that the log keeps under ``label`` for this client random (32 bytes)."""
        self._read()
        return self._secrets.get(client_random, {}).get(label)

    @property
    def randoms(self) -> tuple[bytes, ...]:
        """Client randoms that the log knows, in its order."""
        self._read()
        return tuple(self._secrets)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is wrong with the log itself: lines skipped, nothing inside."""
        out = []
        if self.skipped:
            out.append(note("tls.keylog-lines-skipped", count=self.skipped, sessions=len(self)))
        if self.given and not self:
            out.append(note("tls.keylog-empty"))
        return tuple(out)

    def __contains__(self, client_random: object) -> bool:
        self._read()
        return client_random in self._secrets

    def __len__(self) -> int:
        self._read()
        return len(self._secrets)

    def __repr__(self) -> str:
        return f"KeyLog({len(self)} sessions, {self.entries} entries, {self.skipped} lines skipped)"


def _lines(text: bytes) -> Iterable[bytes]:
    """Lines without blanks around them. PowerShell redirection writes UTF-16; such texts are recoded first."""
    for mark, charset in _NON_TEXT:
        if text.startswith(mark):
            text = text.decode(charset, "replace").encode("ascii", "replace")
            break
    return (line.strip(b" \t\r\0") for line in text.replace(b"\r", b"\n").split(b"\n"))
