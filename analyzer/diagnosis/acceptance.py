"""Which answers bear witness that a signature was accepted.

A success acquits the secret and convicts a method only where the store itself looked at the signature. It does not for
a CORS preflight (browsers send them without any authority, and OSS answers them by the bucket's CORS rules alone), for
a redirection, and for what a cache, a portal or another server answered. What a CDN passed on from the store it may
have signed itself, so that says nothing of the signature sent either.
"""

from __future__ import annotations

import re

from analyzer.model.http import Head, Request, Response

__all__ = ["accepted", "is_accepting", "is_preflight"]

#: The store names itself in ``Server``, or numbers its answers (API reference, "Common HTTP headers").
_STORE = (b"aliyunoss", b"amazons3", b"minio")
_NUMBERED = (b"x-oss-request-id", b"x-amz-request-id")
#: Headers of CDNs and of proxies that answer in their own name (documentation of the products).
_OTHERS = (b"via", b"eagleid", b"x-swift-savetime", b"x-swift-cachetime", b"cf-ray", b"x-amz-cf-id", b"x-squid-error")
#: Where caches say that they answered by themselves (``HIT``, ``TCP_MEM_HIT``; RFC 9211: ``name; hit``).
_CACHES = (b"x-cache", b"x-cache-status", b"x-proxy-cache", b"cf-cache-status", b"cache-status")
_HIT = re.compile(rb"(?<![a-z])(?:hit|stale|updating)(?![a-z])", re.IGNORECASE)


def accepted(request: Request, response: Response) -> bool:
    """The store took the signature of ``request`` and did what it asks for."""
    return is_accepting(request.method, response.status) and not _by_another(response.head)


def is_accepting(method: bytes, status: int) -> bool:
    """An answer that only comes behind the check of the signature, by its status."""
    return not is_preflight(method) and (200 <= status < 300 or status == 304)


def is_preflight(method: bytes) -> bool:
    """Asked by a browser ahead of the request itself, never authenticated."""
    return method == b"OPTIONS"


def _by_another(head: Head) -> bool:
    """Evidently somebody else than the store answered."""
    names = {header.lower for header in head.headers}
    if b"age" in names:
        return True
    if not names.isdisjoint(_CACHES) and any(_HIT.search(h.value) for name in _CACHES for h in head.all(name)):
        return True
    server = (head.first(b"server") or b"").lower()
    if any(name in server for name in _STORE):
        return False
    return not names.isdisjoint(_OTHERS) or (bool(server) and names.isdisjoint(_NUMBERED))
