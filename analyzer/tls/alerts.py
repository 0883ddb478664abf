"""Alerts: why one side ended the session, in the protocol's own words (RFC 8446, section 6; IANA "TLS Alerts")."""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.model.notes import Kind, Note, Value, Wire, note

__all__ = ["alert_note"]

_NAMES = {
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
#: A client that says one of these did not believe the certificate it was shown.
_CERTIFICATE = frozenset({42, 43, 44, 45, 46, 48})
#: Ordinary ends and remarks: close_notify, user_canceled, no_renegotiation.
_HARMLESS = frozenset({0, 90, 100})
#: Behind the handshake, what OpenSSL 3 says when the peer closes the connection without close_notify: many clients do.
_AT_THE_END = 50


def alert_note(
    data: bytes, server: bool, in_handshake: bool, certificate: bytes | None, names: Mapping[str, Value]
) -> Note | None:
    """What an alert of two bytes (level, description) says; None for a harmless or unreadable one.

    ``certificate`` is the server's, in DER, where it was seen; ``names`` say which connection it is.
    """
    if len(data) != 2 or data[1] in _HARMLESS or (data[1] == _AT_THE_END and not in_handshake):
        return None
    name = _NAMES.get(data[1], str(data[1]))
    if server:
        return note("tls.alert-from-server", alert=name, **names)
    if data[1] not in _CERTIFICATE:
        return note("tls.alert-from-client", alert=name, **names)
    issuer = _issuer(certificate) if certificate else None
    if issuer is None:
        return note("tls.certificate-refused", alert=name, **names)
    return note("tls.certificate-refused-issuer", alert=name, issuer=Wire(issuer, Kind.HEADER_VALUE), **names)


def _issuer(certificate: bytes) -> bytes | None:
    """Who signed the certificate, as ``CN=Proxy CA,O=Example``; None where it does not say so readably."""
    from cryptography import x509

    try:
        return x509.load_der_x509_certificate(certificate).issuer.rfc4514_string().encode() or None
    except (ValueError, TypeError, x509.InvalidVersion, UnicodeError):
        return None
