"""Real TLS sessions without a network: Python's ssl on both ends, bytes carried by hand.

``talk`` runs a script of messages between two contexts and gives every flight of bytes with its direction, in order,
and the key log that the client wrote. Certificates are made on the spot.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analyzer.model.streams import Direction

__all__ = ["NO_ENCRYPT_THEN_MAC", "NO_EXTENDED_MASTER_SECRET", "Talk", "certificate", "contexts", "offered", "talk"]

CLIENT, SERVER = Direction.CLIENT_TO_SERVER, Direction.SERVER_TO_CLIENT
NO_ENCRYPT_THEN_MAC = 1 << 19  #: SSL_OP_NO_ENCRYPT_THEN_MAC, which the ssl module has no name for
NO_EXTENDED_MASTER_SECRET = 1 << 0  #: SSL_OP_NO_EXTENDED_MASTER_SECRET, likewise

Script = Iterable[tuple[Direction, bytes]]


@dataclass(frozen=True)
class Talk:
    """A recorded session."""

    flights: tuple[tuple[Direction, bytes], ...]
    keylog: bytes
    cipher: str
    version: str
    reused: bool = False  #: the session was resumed

    def sent(self, script: Script, direction: Direction) -> bytes:
        """What the script said in one direction."""
        return b"".join(data for way, data in script if way is direction)


@cache
def certificate(kind: str) -> bytes:
    """A self-signed certificate and its key in PEM: ``rsa``, ``ec`` or ``dsa``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    makers: dict[str, Callable[[], Any]] = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "dsa": lambda: dsa.generate_private_key(1024),
    }
    key = makers[kind]()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bucket.example")])
    day = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + datetime.timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM) + bytes(pem)


@cache
def _dh_parameters() -> bytes:
    """The group ffdhe2048 in PEM, from its formula (RFC 7919, appendix A.1)."""
    scale, e, term, n = 1 << 2200, 0, 1 << 2200, 0
    while term:
        e += term
        n += 1
        term //= n
    p = 2**2048 - 2**1984 + ((e << 1918) // scale + 560316) * 2**64 - 1
    numbers = b"".join(b"\x02" + _length(len(raw)) + raw for raw in (p.to_bytes(257, "big"), b"\x02"))
    text = base64.encodebytes(b"\x30" + _length(len(numbers)) + numbers)
    return b"-----BEGIN DH PARAMETERS-----\n" + text + b"-----END DH PARAMETERS-----\n"


def _length(size: int) -> bytes:
    """A length in DER."""
    return bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")


def offered() -> list[str]:
    """Names (OpenSSL's) of all suites up to TLS 1.2 that the local library offers and two peers can agree on without
    pre-shared keys or passwords."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    names = [str(c["name"]) for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"]
    return [name for name in names if "PSK" not in name and not name.startswith("SRP")]


def contexts(
    version: ssl.TLSVersion, cipher: str | None = None, *, options: int = 0
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Client and server of one TLS version, and of one suite where one is named."""
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    with TemporaryDirectory() as folder:
        pem = Path(folder) / "pem"
        for context in (client, server):
            context.set_ciphers(f"{cipher or 'DEFAULT'}:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            context.options |= options
        for kind in ("rsa", "ec", "dsa"):
            pem.write_bytes(certificate(kind))
            server.load_cert_chain(pem)
        pem.write_bytes(_dh_parameters())
        server.load_dh_params(str(pem))
    return client, server


def talk(
    client: ssl.SSLContext,
    server: ssl.SSLContext,
    script: Script,
    *,
    session: ssl.SSLSession | None = None,
    keep_session: list[ssl.SSLSession | None] | None = None,
) -> Talk:
    """Handshake, then the script's messages one after the other, then an orderly end."""
    wires = {CLIENT: ssl.MemoryBIO(), SERVER: ssl.MemoryBIO()}
    with TemporaryDirectory() as folder:
        log = Path(folder) / "keys"
        client.keylog_filename = str(log)
        # Each wire is read by hand, so that every flight can be written down before its reader gets it.
        inboxes = {CLIENT: ssl.MemoryBIO(), SERVER: ssl.MemoryBIO()}
        ends = {
            CLIENT: client.wrap_bio(inboxes[CLIENT], wires[CLIENT], server_hostname="bucket.example", session=session),
            SERVER: server.wrap_bio(inboxes[SERVER], wires[SERVER], server_side=True),
        }
        flights: list[tuple[Direction, bytes]] = []

        def carry(way: Direction) -> None:
            data = wires[way].read()
            if data:
                flights.append((way, data))
                inboxes[SERVER if way is CLIENT else CLIENT].write(data)

        done: set[Direction] = set()
        for _ in range(8):
            for way, end in ends.items():
                if way not in done:
                    try:
                        end.do_handshake()
                        done.add(way)
                    except ssl.SSLWantReadError:
                        pass
                carry(way)
        assert len(done) == 2
        for way, data in script:
            ends[way].write(data)
            carry(way)
            _read(ends[SERVER if way is CLIENT else CLIENT], len(data))
        if keep_session is not None:
            keep_session.append(ends[CLIENT].session)
        for way, end in ends.items():
            with contextlib.suppress(ssl.SSLError, OSError):
                end.unwrap()
            carry(way)
        cipher = ends[CLIENT].cipher()
        version = ends[CLIENT].version()
        return Talk(
            tuple(flights),
            log.read_bytes(),
            cipher[0] if cipher else "",
            version or "",
            bool(ends[CLIENT].session_reused),
        )


def _read(end: ssl.SSLObject, size: int) -> None:
    while size > 0:
        size -= len(end.read(65536))
