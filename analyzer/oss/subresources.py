"""Which query parameters a V1 signature covers, by whom.

``subresource_lists`` keeps the list of every SDK and document that was read, and what single operations of the newer
SDKs sign beyond their list. The server's own list is not published: the union is taken for it, every name on which
the sources disagree is uncertain, and the server's own string decides where it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from analyzer.oss.subresource_lists import LISTS, OPERATIONS

__all__ = ["AUTHENTICATION", "S3_SUBRESOURCES", "Subresources", "table"]

#: Parameters that carry a V1 signature and are never signed themselves (help page "Add signatures to URLs", V1).
AUTHENTICATION = frozenset({b"OSSAccessKeyId", b"Expires", b"Signature", b"AWSAccessKeyId"})

#: Sub-resources and overrides of S3's signature version 2 (Amazon S3 developer guide, "Signing and authenticating
#: REST requests"; the longer list of botocore's ``HmacV1Auth.QSAOfInterest``).
S3_SUBRESOURCES = frozenset(
    b"accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification "
    b"object-lock partNumber policy replication requestPayment response-cache-control response-content-disposition "
    b"response-content-encoding response-content-language response-content-type response-expires restore select "
    b"select-type storageClass tagging torrent uploadId uploads versionId versioning versions website".split()
)


@dataclass(frozen=True, slots=True)
class Subresources:
    """The table. Names are bytes as on the wire."""

    union: frozenset[bytes]
    certain: frozenset[bytes]  #: in every list
    signed_by: dict[bytes, tuple[str, ...]]  #: name → sources whose list or operations have it
    sources: tuple[str, ...]  #: every source with a list

    @property
    def uncertain(self) -> frozenset[bytes]:
        """Names on which the sources disagree."""
        return self.union - self.certain

    def prefix_family(self, name: bytes) -> tuple[str, ...]:
        """Sources that sign ``name`` because of how it begins, not by a list."""
        return tuple(source for source, prefixes in PREFIX_FAMILIES if name.startswith(prefixes))


#: SDKs that sign by prefix. Source: ``signer/v1.go`` of alibabacloud-oss-go-sdk-v2 and its siblings in PHP and C#;
#: SignerV1 of the Swift SDK v2.
PREFIX_FAMILIES: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("go-v2", (b"x-oss-",)),
    ("php-v2", (b"x-oss-",)),
    ("net-v2", (b"x-oss-",)),
    ("swift-v2", (b"x-oss-process", b"x-oss-ac-")),
)


@cache
def table() -> Subresources:
    """The lists as one table, made once."""
    signed_by: dict[bytes, list[str]] = {}
    for source, names in (*LISTS.items(), *OPERATIONS.items()):
        for name in names.split():
            signed_by.setdefault(name, []).append(source)
    return Subresources(
        union=frozenset(signed_by),
        certain=frozenset.intersection(*(frozenset(names.split()) for names in LISTS.values())),
        signed_by={name: tuple(sources) for name, sources in signed_by.items()},
        sources=tuple(LISTS),
    )
