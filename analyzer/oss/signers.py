"""The variants as a table: one row of stage functions each, named as the specification names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analyzer.model.signing import ServerRules, SignedText, SigningInputs, Variant
from analyzer.oss import post, s3, splitting, v1, v2, v4

__all__ = ["SIGNERS", "Signer", "signer"]

NO_NAMES: frozenset[bytes] = frozenset()

Build = Callable[[SigningInputs, ServerRules], SignedText]
BuildBytes = Callable[[SigningInputs, ServerRules], bytes]
Sign = Callable[[bytes, SigningInputs, bytes], bytes]
Split = Callable[[bytes, frozenset[bytes]], SignedText]


@dataclass(frozen=True, slots=True)
class Signer:
    """Pure functions of one variant. The ``*_bytes`` forms give the same text without its memory, for speed."""

    string_to_sign: Build
    string_to_sign_bytes: BuildBytes
    signature: Sign  #: (secret, inputs, string to sign) → encoded as on the wire
    _split: Split
    _canonical: Build | None = None
    _canonical_bytes: BuildBytes | None = None
    _listed: str | None = None  #: field of the canonical request's line of header names

    def canonical_request(self, inputs: SigningInputs, rules: ServerRules) -> SignedText | None:
        """The canonical request; None for variants without one."""
        return self._canonical(inputs, rules) if self._canonical is not None else None

    def canonical_request_bytes(self, inputs: SigningInputs, rules: ServerRules) -> bytes | None:
        """The canonical request, bytes only; None for variants without one."""
        return self._canonical_bytes(inputs, rules) if self._canonical_bytes is not None else None

    def split(self, server_text: bytes, names: frozenset[bytes] = NO_NAMES) -> SignedText:
        """The server's string to sign in fields; ``names`` are parameter names known from the request."""
        return self._split(server_text, names)

    def split_canonical(self, server_text: bytes) -> SignedText | None:
        """The server's canonical request in fields; None for variants without one."""
        return splitting.split_canonical_v4(server_text, self._listed) if self._listed is not None else None


_V1 = Signer(v1.string_to_sign, v1.string_to_sign_bytes, v1.signature, splitting.split_v1)
_V2 = Signer(v2.string_to_sign, v2.string_to_sign_bytes, v2.signature, splitting.split_v2)
_V4 = Signer(
    v4.string_to_sign,
    v4.string_to_sign_bytes,
    v4.signature,
    splitting.split_string_v4,
    v4.canonical_request,
    v4.canonical_request_bytes,
    "additional-headers",
)
_POST_V1 = Signer(post.string_to_sign, post.string_to_sign_bytes, post.signature_v1, splitting.split_policy)
_POST_V4 = Signer(post.string_to_sign, post.string_to_sign_bytes, post.signature_v4, splitting.split_policy)
_S3_V2 = Signer(s3.string_to_sign_v2, s3.string_to_sign_v2_bytes, s3.signature_v2, splitting.split_s3_v2)
_S3_V4 = Signer(
    s3.string_to_sign_v4,
    s3.string_to_sign_v4_bytes,
    s3.signature_v4,
    splitting.split_string_v4,
    s3.canonical_request,
    s3.canonical_request_bytes,
    "signed-headers",
)

#: Source of each row: the module it comes from.
SIGNERS: dict[Variant, Signer] = {
    Variant.V1_HEADER: _V1,
    Variant.V1_QUERY: _V1,
    Variant.V2_HEADER: _V2,
    Variant.V2_QUERY: _V2,
    Variant.V4_HEADER: _V4,
    Variant.V4_QUERY: _V4,
    Variant.POST_V1: _POST_V1,
    Variant.POST_V4: _POST_V4,
    Variant.S3_V2_HEADER: _S3_V2,
    Variant.S3_V2_QUERY: _S3_V2,
    Variant.S3_V4_HEADER: _S3_V4,
    Variant.S3_V4_QUERY: _S3_V4,
}


def signer(variant: Variant) -> Signer:
    """The row of ``variant``. KeyError for ``Variant.NONE``: nothing is signed there."""
    return SIGNERS[variant]
