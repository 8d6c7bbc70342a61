"""Villages: how many households are expected newly at risk, and within which bounds the number will lie.

Within a member households fall independently; members differ, and hit all at once. The number is a mixture over the
members of normal distributions with each one's mean and variance, and its quantiles are read off that mixture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact.normal import cdf

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOW, HIGH = 0.10, 0.90
_STEPS = 40  # halvings: to a billionth of the widest village


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of each village: households, the expected number newly at risk, and the bounds eight cases in ten lie within."""

    households: Ints
    expected: Floats
    low: Floats
    high: Floats


def numbers(village: Ints, villages: int, p: Floats, weights: Floats) -> Numbers:
    """From the probability of each household in each member, (members, households), to each village's numbers."""
    mean = np.array([np.bincount(village, row, villages) for row in p])
    variance = np.array([np.bincount(village, row * (1.0 - row), villages) for row in p])
    return bounds(np.bincount(village, minlength=villages), mean, variance, weights)


def bounds(households: Ints, mean: Floats, variance: Floats, weights: Floats) -> Numbers:
    """The same from each member's mean and variance by village, (members, villages): parts of a county add up."""
    low, high = (_quantile(share, households, mean, variance, weights) for share in (LOW, HIGH))
    return Numbers(households, np.asarray(weights @ mean), low, high)


def _quantile(share: float, households: Ints, mean: Floats, variance: Floats, weights: Floats) -> Floats:
    """The number that so much of the mixture lies below, never less than nobody nor more than everybody."""
    least, most = np.zeros(mean.shape[1]), households.astype(np.float64)
    sd = np.sqrt(np.maximum(variance, 1e-12))
    for _step in range(_STEPS):
        middle = (least + most) / 2
        under = weights @ cdf((middle - mean) / sd) < share
        least, most = np.where(under, middle, least), np.where(under, most, middle)
    return np.asarray((least + most) / 2)
