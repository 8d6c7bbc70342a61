"""Places in a list."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def of(score: Floats, tiebreak: Floats) -> Ints:
    """Each household's place, 1 for the highest score; among equals the lower tiebreak, then the order given."""
    order = np.lexsort((tiebreak, -score))
    places = np.empty(len(score), dtype=np.int64)
    places[order] = np.arange(1, len(score) + 1)
    return places
