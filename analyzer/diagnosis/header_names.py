"""Which headers of a request are signed for being there, and which belong in answers alone."""

from __future__ import annotations

from analyzer.model.signing import Variant

__all__ = ["ANSWER_HEADERS", "implied_prefixes"]

#: Headers that only answers carry (response headers of the API reference); in a request they were copied there.
ANSWER_HEADERS = frozenset(
    {b"x-oss-request-id", b"x-oss-server-time", b"x-oss-ec", b"x-oss-err", b"x-oss-object-type", b"x-amz-id-2"}
)

_S3_V4 = frozenset({Variant.S3_V4_HEADER, Variant.S3_V4_QUERY})
_S3_V2 = frozenset({Variant.S3_V2_HEADER, Variant.S3_V2_QUERY})
_FORMS = frozenset({Variant.POST_V1, Variant.POST_V4, Variant.NONE})


def implied_prefixes(variant: Variant | None) -> tuple[bytes, ...]:
    """How the names of headers begin that are signed without being listed; of any version for None."""
    if variant is None:
        return b"x-oss-", b"x-amz-"
    if variant in _S3_V4 or variant in _FORMS:
        return ()
    return (b"x-amz-",) if variant in _S3_V2 else (b"x-oss-",)
