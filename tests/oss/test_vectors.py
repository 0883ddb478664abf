"""Published signing vectors, where the material is present, and the project's own, always."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oss.vectors_runner import Vector, check

PUBLISHED = Path(__file__).parents[2].parent / "shared" / "sign_vectors.json"
OWN = Path(__file__).parent / "vectors"


def load(path: Path) -> list[Vector]:
    return list(json.loads(path.read_text("utf-8"))) if path.exists() else []


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the collection of published vectors is not here")
@pytest.mark.parametrize("vector", load(PUBLISHED), ids=lambda vector: vector["name"])
def test_published(vector: Vector) -> None:
    check(vector)
