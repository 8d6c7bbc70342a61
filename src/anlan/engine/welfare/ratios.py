"""Ratios of columns that may hold nothing."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shares(part: Floats, whole: Floats, otherwise: float) -> Floats:
    """Part by whole, and something else where there is no whole; of next to nothing, infinitely much."""
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(part, whole, out=np.full(len(whole), otherwise), where=whole > 0))
