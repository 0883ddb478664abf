"""Secrets that cannot be printed, pickled or compared by accident.

Access key secrets and TLS session secrets exist only inside ``Secret``. Its ``repr`` says nothing, it has no
``__dict__`` and refuses serialisation; the one way in is ``reveal()``, so every use can be found by searching for it.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from typing import NoReturn

__all__ = ["Secret", "SecretBook"]


class Secret:
    """Bytes that must never reach an output."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The bytes themselves, for computing with them and for the last gate's search; for nothing else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash(Secret)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be serialised")


class SecretBook(Mapping[bytes, Secret]):
    """Access key id → secret, as the user gave them."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Mapping[bytes, Secret] | None = None) -> None:
        self._secrets = dict(secrets or {})

    def __getitem__(self, access_key_id: bytes) -> Secret:
        return self._secrets[access_key_id]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._secrets)

    def __len__(self) -> int:
        return len(self._secrets)

    def __repr__(self) -> str:
        return f"SecretBook({len(self._secrets)} secrets)"
