"""The third voice: what the vendor's own SDK would have signed for this request.

oss2 is asked by its real code. Its signers are given the method, the bucket, the key, the parameters and the headers
of the wire, and the text that they hand to HMAC is overheard; dates come from the wire, not from the clock. The
package is imported only here, and only when a secret is at hand.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from analyzer.model.findings import SdkVoice
from analyzer.model.notes import Note, note
from analyzer.model.secrets import Secret
from analyzer.model.signing import SignedExchange, SigningInputs, Variant
from analyzer.oss import signer
from analyzer.oss.pieces import percent_decode
from analyzer.oss.subresources import AUTHENTICATION

__all__ = ["ask_sdk"]

#: Variant → the class of oss2.auth and its private method that lays the text.
_TEXTS: dict[Variant, tuple[str, str]] = {
    Variant.V1_HEADER: ("ProviderAuth", "_ProviderAuth__get_bytes_to_sign"),
    Variant.V1_QUERY: ("ProviderAuth", "_ProviderAuth__get_bytes_to_sign"),
    Variant.V2_HEADER: ("ProviderAuthV2", "_ProviderAuthV2__get_bytes_to_sign"),
    Variant.V2_QUERY: ("ProviderAuthV2", "_ProviderAuthV2__get_bytes_to_sign"),
    Variant.V4_HEADER: ("ProviderAuthV4", "_ProviderAuthV4__get_canonical_request_bytes"),
    Variant.V4_QUERY: ("ProviderAuthV4", "_ProviderAuthV4__get_canonical_request_bytes"),
}

#: Headers that requests and the server's infrastructure put there; the SDK never sees them when it signs.
_NOT_THE_SDKS = frozenset({b"authorization", b"host", b"content-length", b"connection", b"transfer-encoding"})
_SIGNATURES = frozenset({b"Signature", b"x-oss-signature"})


def ask_sdk(signed: SignedExchange, secret: Secret) -> SdkVoice | None:
    """Text and signature by oss2's code; None for variants that it does not know. Where it cannot be asked the voice
    carries the reason."""
    inputs = signed.inputs
    if inputs is None or inputs.variant not in _TEXTS:
        return None
    try:
        import oss2
    except ImportError:
        return SdkVoice("oss2", None, None, note("diagnosis.sdk-not-installed"))
    name = f"oss2 {oss2.__version__}"
    try:
        text = _text(oss2, inputs)
    except (UnicodeError, AttributeError, TypeError, ValueError, KeyError) as problem:
        return SdkVoice(name, None, None, _reason(problem))
    return SdkVoice(name, text, _signature(signed, inputs, secret, text))


def _reason(problem: Exception) -> Note:
    if isinstance(problem, UnicodeError):
        return note("diagnosis.sdk-takes-no-such-bytes")
    return note("diagnosis.sdk-has-other-signer")


def _text(oss2: Any, inputs: SigningInputs) -> bytes:
    class_name, method = _TEXTS[inputs.variant]
    auth = getattr(oss2.auth, class_name)(None)
    request = _request(oss2, inputs)
    bucket = inputs.bucket.decode() if inputs.bucket is not None else ""
    key = percent_decode(inputs.raw_key).decode("utf-8")
    lay = getattr(auth, method)
    if class_name == "ProviderAuth":
        return bytes(lay(request, bucket, key))
    listed = {name.decode().lower() for name in inputs.credentials.additional_headers}
    if class_name == "ProviderAuthV2":
        return bytes(lay(request, bucket, key, listed))
    return bytes(lay(request, bucket, key, sorted(listed)))


def _request(oss2: Any, inputs: SigningInputs) -> Any:
    """The request as the SDK holds it while it signs: decoded parameters, header values as text."""
    headers = oss2.http.CaseInsensitiveDict(
        (h.name.decode("latin-1"), h.value.decode("utf-8"))
        for h in inputs.headers
        if h.name.lower() not in _NOT_THE_SDKS and not _added_by_requests(inputs, h.name.lower(), h.value)
    )
    hidden = AUTHENTICATION | _SIGNATURES
    if inputs.variant.in_query:
        headers["date"] = (inputs.credentials.expires or b"").decode("ascii")
    params = {pair.name.decode("utf-8"): pair.value.decode("utf-8") for pair in inputs.query if pair.name not in hidden}
    creds = inputs.credentials
    return SimpleNamespace(
        method=inputs.method.decode("ascii"),
        headers=headers,
        params=params,
        region=(creds.region or b"").decode(),
        product=(creds.product or b"").decode(),
        cloudbox_id=None,
    )


def _added_by_requests(inputs: SigningInputs, name: bytes, value: bytes) -> bool:
    """The type of a form on an upload's completion: the SDK sets none (oss2/api.py, complete_multipart_upload)."""
    completes = inputs.method == b"POST" and inputs.parameter(b"uploadId") is not None
    return completes and name == b"content-type" and value == b"application/x-www-form-urlencoded"


def _signature(signed: SignedExchange, inputs: SigningInputs, secret: Secret, text: bytes) -> bytes | None:
    """The signature over the SDK's text; for V4 the canonical request is put under the wire's time stamp and scope."""
    row = signer(inputs.variant)
    if not inputs.variant.is_v4:
        return row.signature(secret.reveal(), inputs, text)
    wire = signed.string_to_sign
    if wire is None:
        return None
    from hashlib import sha256

    lines = wire.data.split(b"\n")
    lines[-1] = sha256(text).hexdigest().encode()
    return row.signature(secret.reveal(), inputs, b"\n".join(lines))
