"""A few damaged inputs for every reader, the same ones each time; ``make fuzz`` goes on from there."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import TARGETS, Target, once

NUMBERS = {"captures": 40, "transfers": 15, "messages": 300, "keylog": 300, "pastes": 60}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_damaged_input_breaks_nothing(target: Target) -> None:
    seeds = target.seeds()
    for number in range(NUMBERS[target.name]):
        once(target, seeds, number)
