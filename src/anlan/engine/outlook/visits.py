"""In which order to visit when there are only so many visits: those most probably at risk, village after village.

So many visits find the most when they go to the so many most probable households; no other choice can find more. What
is left to choose is the order, and going through one village at a time saves the roads between: villages in which a
visit finds most come first, and in each the most probable household.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """The households to visit (places in the list given), in order, and how many at risk they are expected to find."""

    order: Ints
    expected: float


def plan(score: Floats, village: Ints, visits: int) -> Plan:
    """The plan for a number of visits; equally probable ones in the order given. Nobody without a chance is visited."""
    if visits < 0:
        raise ValueError(f"visits cannot be {visits}")
    first = np.argsort(-score, kind="stable")[:visits]
    kept = first[score[first] > 0]
    if not len(kept):
        return Plan(kept, 0.0)
    count = np.bincount(village[kept])
    found = np.bincount(village[kept], score[kept])
    by_visit = (found / np.maximum(count, 1))[village[kept]]
    order = np.lexsort((np.arange(len(kept)), village[kept], -by_visit))
    return Plan(kept[order], float(score[kept].sum()))
