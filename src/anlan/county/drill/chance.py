"""Chance that does not depend on the order in which it is asked for.

Every draw has a name. A killed drill that goes on from the middle, and one that runs through, meet the same luck.
"""

import hashlib

import numpy as np


def chance(seed: int, *name: object) -> np.random.Generator:
    """A generator of its own for this seed and name."""
    text = "/".join(str(part) for part in (seed, *name))
    key = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.Philox(key=key))
