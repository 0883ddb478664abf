"""Session secrets from NSS key logs, as ``SSLKEYLOGFILE`` makes browsers, Python and curl write them.

Line by line, strictly: ``LABEL client_random secret``, hex in either case. Logs are written by several processes at
once and copied while being written, so a line that does not read is searched for a whole entry inside (two lines run
into one), else skipped and counted; it never costs the other lines. Texts of several files are simply merged.

Format: "NSS Key Log Format" (firefox-source-docs), RFC 9850 for the labels of TLS 1.3. ``*_TRAFFIC_SECRET_N`` with
N > 0 is what some stacks write at a key update.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret

__all__ = ["MASTER", "KeyLog"]

MASTER = "CLIENT_RANDOM"  #: the master secret of TLS 1.2 and before, by client random

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
_NON_TEXT = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class KeyLog:
    """Secrets by label and client random. Its ``repr`` shows counts only."""

    __slots__ = ("_secrets", "entries", "skipped")

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self._secrets: dict[bytes, dict[str, Secret]] = {}
        self.entries = 0  #: entries read, of labels that serve
        self.skipped = 0  #: lines that hold something else than an entry, a comment or a blank
        for text in texts:
            for line in _lines(text):
                self._line(line)

    def _line(self, line: bytes) -> None:
        if not line or line.startswith(b"#"):
            return
        whole = _ENTRY.fullmatch(line)
        if whole:
            self._keep(whole)
            return
        if _OTHER.fullmatch(line):
            return
        self.skipped += 1
        for inside in _ENTRY.finditer(line):
            self._keep(inside)

    def _keep(self, entry: re.Match[bytes]) -> None:
        label = (entry["master"] or entry["traffic"]).decode("ascii")
        random = bytes.fromhex(entry["random"].decode("ascii"))
        self._secrets.setdefault(random, {})[label] = Secret(bytes.fromhex(entry["secret"].decode("ascii")))
        self.entries += 1

    def secret(self, label: str, client_random: bytes) -> Secret | None:
        """The secret that the log keeps under ``label`` for this client random (32 bytes)."""
        return self._secrets.get(client_random, {}).get(label)

    @property
    def randoms(self) -> tuple[bytes, ...]:
        """Client randoms that the log knows, in its order."""
        return tuple(self._secrets)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is wrong with the log itself: lines skipped, nothing inside."""
        out = []
        if self.skipped:
            out.append(note("tls.keylog-lines-skipped", count=self.skipped, sessions=len(self)))
        if not self:
            out.append(note("tls.keylog-empty"))
        return tuple(out)

    def __contains__(self, client_random: object) -> bool:
        return client_random in self._secrets

    def __len__(self) -> int:
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
