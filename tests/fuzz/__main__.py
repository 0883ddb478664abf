"""``python -m tests.fuzz``: damaged input until the time is over; an input that breaks something is written down.

Inputs are numbered and always the same for a number, so ``--first N --count 1`` repeats one.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback

from tests.fuzz.damage import damaged
from tests.fuzz.targets import TARGETS, once


def main() -> int:
    """Command line; 1 where something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Damaged input for the readers.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--target", action="append", choices=[target.name for target in TARGETS])
    parser.add_argument("--first", type=int, help="number of the first input; random when not given")
    parser.add_argument("--count", type=int, help="inputs, instead of --seconds")
    asked = parser.parse_args()
    chosen = [target for target in TARGETS if asked.target is None or target.name in asked.target]
    number = random.randrange(1 << 31) if asked.first is None else asked.first
    seeds = {target.name: target.seeds() for target in chosen}
    begin, first, broken, slowest = time.monotonic(), number, 0, (0.0, 0)
    while (time.monotonic() - begin < asked.seconds) if asked.count is None else (number < first + asked.count):
        for target in chosen:
            started = time.monotonic()
            try:
                once(target, seeds[target.name], number)
            except Exception:
                broken += 1
                rng = random.Random(f"{target.name} {number}")
                path = f"broken-{target.name}-{number}"
                with open(path, "wb") as file:
                    file.write(damaged(rng, rng.choice(seeds[target.name])))
                print(f"{target.name} {number}: input in {path}\n{traceback.format_exc()}", file=sys.stderr)
            slowest = max(slowest, (time.monotonic() - started, number))
        number += 1
    inputs = (number - first) * len(chosen)
    print(
        f"{inputs} inputs from {first} on, {broken} broke something; the slowest, {slowest[1]}, took {slowest[0]:.1f} s"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
