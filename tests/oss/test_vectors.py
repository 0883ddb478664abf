"""Published signing vectors, where the material is present, and the project's own, always."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analyzer.model.signing import Variant
from analyzer.oss import signer
from tests.oss.vectors_runner import Vector, check
from tests.oss.wire import signed

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "sign_vectors.json"
OWN = Path(__file__).parent / "vectors"


def load(path: Path) -> list[Vector]:
    return list(json.loads(path.read_text("utf-8"))) if path.exists() else []


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the collection of published vectors is not here")
@pytest.mark.parametrize("vector", load(PUBLISHED), ids=lambda vector: vector["name"])
def test_published(vector: Vector) -> None:
    check(vector)


def own() -> list[Vector]:
    return [vector for path in sorted(OWN.glob("*.json")) for vector in load(path)]


def test_own_vectors_are_there() -> None:
    variants = {vector["variant"] for vector in own()}
    assert variants == {variant.value for variant in Variant} - {"none", "s3-v2-query"}


@pytest.mark.parametrize("vector", own(), ids=lambda vector: vector["name"])
def test_own(vector: Vector) -> None:
    found = signed(vector["request"].encode())
    assert found.credentials.variant.value == vector["variant"]
    assert found.inputs is not None
    assert found.string_to_sign is not None
    assert found.string_to_sign.data.decode() == vector["string_to_sign"]
    if vector["canonical_request"] is not None:
        assert found.canonical_request is not None
        assert found.canonical_request.data.decode() == vector["canonical_request"]
    made = signer(found.credentials.variant).signature(
        vector["secret"].encode(), found.inputs, found.string_to_sign.data
    )
    assert made.decode() == vector["signature"]
