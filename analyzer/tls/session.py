"""What the two directions of a connection know together: hellos, keys, and the verdict.

Keys hang on a *round*: a ClientHello and the ServerHello that answers it. The first round opens the connection, later
ones are renegotiations (before TLS 1.3). A round gives each direction a *ladder*: the epochs of keys it will go
through, in order. Why a connection cannot be opened is decided once, here, and kept as a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from analyzer.model.notes import Kind, Note, Wire, note
from analyzer.model.secrets import Secret
from analyzer.model.streams import Connection, StreamEvent
from analyzer.model.tls import TlsFact, TlsOutcome
from analyzer.tls.alerts import alert_note
from analyzer.tls.hellos import ClientHello, ServerHello
from analyzer.tls.keylog import MASTER, KeyLog
from analyzer.tls.openers import Opener, opener12, opener13
from analyzer.tls.schedule import next_generation
from analyzer.tls.suites import Protection, protection, suite_name

__all__ = ["APPLICATION", "EARLY", "HANDSHAKE", "TLS13", "Epoch", "Round", "Session"]

TLS13 = 0x0304
_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}
_ALERTS = 8  #: remembered of a connection
_OPENABLE = frozenset({0x0301, 0x0302, 0x0303, 0x0304})

EARLY, HANDSHAKE, APPLICATION = "early", "handshake", "application"

#: (epoch, label of the client's secret, label of the server's), in the order of RFC 8446, appendix A.
_LABELS13 = (
    (EARLY, "CLIENT_EARLY_TRAFFIC_SECRET", None),
    (HANDSHAKE, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET"),
    (APPLICATION, "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"),
)


class Epoch:
    """One key of one direction, and the number of the record that comes next under it."""

    __slots__ = ("name", "opener", "secret", "sequence", "suite")

    def __init__(self, name: str, opener: Opener, suite: Protection, secret: Secret | None = None) -> None:
        self.name, self.opener, self.suite, self.secret = name, opener, suite, secret
        self.sequence = 0

    def updated(self) -> Epoch | None:
        """The epoch after a KeyUpdate; None where the key cannot be updated (before TLS 1.3, before the end of the
        handshake)."""
        if self.secret is None or self.name != APPLICATION:
            return None
        secret = next_generation(self.suite.prf, self.secret.reveal())
        return Epoch(APPLICATION, opener13(self.suite, secret), self.suite, Secret(secret))


@dataclass(slots=True)
class Round:
    """A handshake: the hellos, as far as they were seen."""

    client: ClientHello | None = None
    server: ServerHello | None = None
    retried: bool = False  #: the server asked for another ClientHello; early data is void then

    @property
    def complete(self) -> bool:
        """Both hellos are there, so keys can be looked up."""
        return self.client is not None and self.server is not None


class Session:
    """Shared state of the two directions; ``out`` collects what goes up."""

    def __init__(self, connection: Connection, keylog: KeyLog | None) -> None:
        self.connection = connection
        self.keylog = keylog if keylog is not None else KeyLog()
        self.rounds: list[Round] = []
        self.out: list[StreamEvent | TlsFact] = []
        self.why_not: Note | None = None  #: why nothing of it can be opened
        self.one_way: Note | None = None  #: why one direction cannot be opened, from some record on
        self.early_accepted: bool | None = None  #: unknown until the server's EncryptedExtensions
        self.news = False  #: something the other direction may be waiting for has just become known
        self.alpn: bytes | None = None
        self.time: int | None = None  #: of the first ClientHello, else of the first bytes
        self.waits = False  #: for secrets that may still be found
        self.certificate: bytes | None = None  #: the server's, where it was seen
        self.lost: Note | None = None  #: one direction could not be followed further
        self.alerts: dict[tuple[bytes, bool, bool], None] = {}  #: (level and description, server's, in the handshake)
        self.notes: dict[Note, None] = {}
        self.holed = False  #: a hole before anything was protected
        self.overlapped = 0  #: stretches that came twice and differed
        self.lost_records = 0
        self.opened = False

    # -- hellos

    def round(self, index: int) -> Round:
        """The round of that number, made when first asked for."""
        while len(self.rounds) <= index:
            self.rounds.append(Round())
        return self.rounds[index]

    def client_hello(self, index: int, hello: ClientHello, time: int) -> None:
        """Take note of a ClientHello; the first one decides whether the key log is of any use."""
        self.round(index).client = hello
        self.news = self.round(index).server is None  # with the answer here, the request still comes before it
        if index == 0:
            self.time = time
        self._look_up(index)

    def server_hello(self, index: int, hello: ServerHello) -> None:
        """Take note of a ServerHello and of what it chose."""
        self.round(index).server = hello
        self.news = True
        if hello.alpn is not None:
            self.protocol(hello.alpn)
        if not (hello.resumes and hello.version == TLS13) or self.round(index).retried:
            self.early_accepted = False
        unfit = self._unfit(hello)
        if unfit is not None:
            self.give_up(unfit)
        else:
            self._look_up(index)

    def protocol(self, alpn: bytes) -> None:
        """Take note of what ALPN settled on."""
        self.alpn = alpn
        if alpn in (b"h2", b"h2c"):
            self.notes[note("tls.http2", **self.names())] = None

    def _unfit(self, hello: ServerHello) -> Note | None:
        if hello.version not in _OPENABLE:
            return note("tls.version-unsupported", version=_version_name(hello.version), **self.names())
        found = protection(hello.suite)
        if found is None or found.only13 != (hello.version == TLS13):
            return note("tls.suite-unsupported", suite=suite_name(hello.suite), **self.names())
        if hello.compression:
            return note("tls.compression", method=hello.compression, **self.names())
        return None

    def _look_up(self, index: int, may_wait: bool = True) -> None:
        """Whether the key log is of any use; where it has not all of a round's secrets and may grow, they are waited
        for."""
        found = self.round(index)
        hello = found.client
        if hello is None or self.why_not is not None:
            return
        if not self._suffices(found, hello.random):
            self.waits = may_wait and self.keylog.grows() and not self._suffices(found, hello.random)
        if index == 0 and not self.waits and hello.random not in self.keylog:
            self.give_up(self._no_key(hello))

    def _no_key(self, hello: ClientHello) -> Note:
        if not self.keylog.given:
            return note("tls.keylog-missing", **self.names())
        if not self.keylog:
            return note("tls.keylog-holds-nothing", **self.names())
        return note("tls.no-key", random=_short(hello.random), sessions=len(self.keylog), **self.names())

    def _suffices(self, found: Round, random: bytes) -> bool:
        """Whether the secrets of the data are there; which these are, the server's version decides."""
        if found.server is None:
            return random in self.keylog
        labels = _LABELS13[-1][1:] if found.server.version == TLS13 else (MASTER,)
        return all(self.keylog.secret(label, random) is not None for label in labels if label)

    def look_again(self, may_wait: bool = True) -> bool:
        """The key log has grown, or will not grow any more: whether the wait is over."""
        if self.waits:
            self.waits = False
            for index in range(len(self.rounds)):
                self._look_up(index, may_wait)
        return not self.waits

    def wait_no_longer(self) -> None:
        """No more can be held for a key that may come."""
        self.waits = False
        self.give_up(note("tls.key-too-far", **self.names()))

    # -- keys

    def ladder(self, index: int, server: bool) -> list[Epoch]:
        """The epochs of one direction in a complete round, those without a secret left out."""
        found = self.round(index)
        if found.client is None or found.server is None:
            return []
        suite = protection(found.server.suite)
        if suite is None or found.server.version not in _OPENABLE:
            return []
        if found.server.version == TLS13:
            return list(self._ladder13(found.client.random, suite, server))
        master = self.keylog.secret(MASTER, found.client.random)
        if master is None:
            return []
        opener = opener12(
            suite,
            found.server.version,
            master.reveal(),
            (found.client.random, found.server.random),
            server=server,
            encrypt_then_mac=found.server.encrypt_then_mac,
        )
        return [Epoch(APPLICATION, opener, suite)]

    def _ladder13(self, random: bytes, suite: Protection, server: bool) -> list[Epoch]:
        out = []
        for name, client_label, server_label in _LABELS13:
            label = server_label if server else client_label
            secret = self.keylog.secret(label, random) if label else None
            if secret is not None and not (name == EARLY and self.early_accepted is False):
                out.append(Epoch(name, opener13(suite, secret.reveal()), suite, secret))
        return out

    def knows(self, label: str) -> bool:
        """Whether the log has this secret for the first round."""
        hello = self.rounds[0].client if self.rounds else None
        return hello is not None and self.keylog.secret(label, hello.random) is not None

    # -- verdict

    def give_up(self, why: Note) -> None:
        """Nothing (more) can be opened; the first reason stands."""
        if self.why_not is None:
            self.why_not = why

    def lacks_secrets(self, *, renegotiated: bool = False, handshake_only: bool = False) -> None:
        """One direction cannot be opened from here on; the other one may go on."""
        if self.one_way is None and renegotiated:
            self.one_way = note("tls.renegotiated-without-key", **self.names())
        elif self.one_way is None and handshake_only:
            self.one_way = note("tls.handshake-secrets-only", **self.names())
        elif self.one_way is None:
            self.one_way = note("tls.secrets-missing", **self.names())

    def lost_track(self) -> None:
        """One direction cannot be followed further; the other one goes on."""
        self.lost = note("tls.lost-track", **self.names())
        self.notes[self.lost] = None

    def no_handshake(self, hole: bool) -> None:
        """A hello is missing: a hole took it, or the capture began too late (then TCP's handshake is missing, too)."""
        unseen = not self.rounds or self.rounds[0].client is None
        if hole or self.holed or (unseen and self.connection.handshake):
            self.give_up(note("tls.handshake-hole", **self.names()))
        elif unseen:
            self.give_up(note("tls.handshake-not-captured", **self.names()))
        else:
            self.give_up(note("tls.no-answer", **self.names()))

    def alert(self, data: bytes, server: bool, *, ends_handshake: bool) -> Note | None:
        """Take note of an alert, and give what it says as far as that is known now."""
        if len(self.alerts) < _ALERTS:
            self.alerts[data, server, ends_handshake] = None
        return self._alert_note(data, server, ends_handshake)

    def _alert_note(self, data: bytes, server: bool, ends_handshake: bool) -> Note | None:
        return alert_note(data, server, ends_handshake, self.certificate, self.names())

    def _failure(self) -> Note | None:
        """The alert that ended the handshake: then there is nothing to read. The client's own reason comes first."""
        said = [self._alert_note(*alert) for alert in sorted(self.alerts, key=lambda one: one[1]) if alert[2]]
        return next((one for one in said if one is not None), None)

    def names(self) -> dict[str, Wire | str]:
        """Whom the connection was for and when it began, as notes show it."""
        hello = self.rounds[0].client if self.rounds else None
        if hello is not None and hello.server_name:
            server = Wire(hello.server_name, Kind.HOST)
        else:
            end = self.connection.server
            address = str(ip_address(end.address)) if len(end.address) in (4, 16) else end.address.hex()
            server = Wire(f"{address}:{end.port}".encode(), Kind.ADDRESS)
        return {"server": server, "time": _utc(self.time)}

    def cover(self) -> Note:
        """What content that came out of it was sent under."""
        answer = self.rounds[0].server if self.rounds else None
        if answer is None:
            return note("tls.decrypted", version="TLS", suite="-")
        return note("tls.decrypted", version=_version_name(answer.version), suite=suite_name(answer.suite))

    def outcome(self, decrypted: tuple[int, int]) -> TlsOutcome:
        """The connection so far. ``decrypted``: bytes handed up, client to server and back."""
        first = self.rounds[0] if self.rounds else Round()
        hello, answer = first.client, first.server
        failed = None if any(decrypted) else self._failure()
        why = failed or self.why_not or self.one_way
        if why is None and not self.opened:
            random = _short(hello.random if hello else b"")
            if self.lost is not None:
                why = self.lost
            elif first.complete:
                why = note("tls.key-does-not-fit", random=random, **self.names())
            else:
                missing = note("tls.handshake-not-captured", **self.names())
                why = note("tls.no-answer", **self.names()) if hello else missing
        alerts = [self._alert_note(*alert) for alert in self.alerts]
        notes = [said for said in dict.fromkeys((*self.notes, *alerts)) if said is not None and said != why]
        if self.overlapped:
            notes.append(note("tls.overlap", count=self.overlapped))
        if self.lost_records:
            notes.append(note("tls.records-lost", count=self.lost_records))
        return TlsOutcome(
            stream=self.connection.stream,
            version=None if answer is None else _version_name(answer.version),
            suite=None if answer is None else suite_name(answer.suite),
            server_name=hello.server_name if hello else None,
            alpn=self.alpn,
            client_random=hello.random if hello else None,
            time=self.time,
            opened=self.opened,
            why_not=why,
            remedy=_REMEDIES.get(why.key) if why else None,
            notes=tuple(notes),
            lost_records=self.lost_records,
            decrypted=decrypted,
        )


def _version_name(version: int) -> str:
    return _VERSIONS.get(version, f"0x{version:04X}")


def _short(random: bytes) -> Wire:
    """Enough of a client random to find its line in a key log."""
    return Wire(random[:8].hex().encode("ascii"))


def _utc(time: int | None) -> str:
    """Nanoseconds since 1970 as ``2026-01-31 12:00:00.123 UTC``; a dash where unknown or out of the calendar."""
    if time is None:
        return "-"
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)
    except OverflowError:
        return "-"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} UTC"


_WRITE = note("tls.remedy-write-keylog")
_START_EARLIER = note("tls.remedy-start-earlier")
_CERTIFICATE = note("tls.remedy-certificate")
#: Reason → what to do about it.
_REMEDIES: dict[str, Note] = {
    "tls.keylog-missing": _WRITE,
    "tls.keylog-holds-nothing": _WRITE,
    "tls.no-key": _WRITE,
    "tls.key-does-not-fit": _WRITE,
    "tls.secrets-missing": _WRITE,
    "tls.key-too-far": note("tls.remedy-key-too-far"),
    "tls.handshake-secrets-only": _CERTIFICATE,
    "tls.certificate-refused": _CERTIFICATE,
    "tls.certificate-refused-issuer": _CERTIFICATE,
    "tls.alert-from-client": _CERTIFICATE,
    "tls.renegotiated-without-key": _WRITE,
    "tls.handshake-not-captured": _START_EARLIER,
    "tls.handshake-hole": note("tls.remedy-hole"),
    "tls.no-answer": _START_EARLIER,
    "tls.suite-unsupported": note("tls.remedy-suite"),
    "tls.version-unsupported": note("tls.remedy-suite"),
    "tls.compression": note("tls.remedy-suite"),
    "tls.lost-track": note("tls.remedy-hole"),
}
