"""Verifying probabilities of yes-or-no outcomes: Brier score, reliability, recall among the first visited.

Definitions after Brier (1950), Murphy (1973) and Wilks, Statistical Methods in the Atmospheric Sciences.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BINS = 10


class OutcomesInvalid(ValueError):
    """Probabilities and outcomes that cannot be compared; the text says why."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability diagram: per bin its bounds, how many fell in, the mean foreseen, the share that came true.

    `foreseen` and `found` are NaN where nothing fell into the bin.
    """

    lower: Floats
    upper: Floats
    count: Ints
    foreseen: Floats
    found: Floats

    @property
    def error(self) -> float:
        """The mean distance of foreseen from found, weighted by how many fell into each bin; 0 for nothing."""
        held = self.count > 0
        if not held.any():
            return 0.0
        away = np.abs(self.foreseen[held] - self.found[held])
        return float(np.average(away, weights=self.count[held]))


def brier(p: ArrayLike, found: ArrayLike) -> float:
    """The mean squared difference of probability and outcome: 0 perfect, 1 worst, NaN for nothing."""
    chance, came = _pair(p, found)
    return float(np.mean((chance - came) ** 2)) if len(chance) else float("nan")


def brier_skill(p: ArrayLike, found: ArrayLike) -> float:
    """1 - Brier / Brier of always foreseeing the share that came true; NaN where all or none came true."""
    chance, came = _pair(p, found)
    base = float(np.mean((np.mean(came) - came) ** 2)) if len(came) else 0.0
    return 1.0 - brier(chance, came) / base if base > 0 else float("nan")


def reliability(p: ArrayLike, found: ArrayLike, bins: int = BINS) -> Reliability:
    """Probabilities in equal bins against the share that came true; 1 belongs to the last bin."""
    if bins < 1:
        raise OutcomesInvalid(f"a diagram needs a bin, not {bins}")
    chance, came = _pair(p, found)
    edges = np.linspace(0.0, 1.0, bins + 1)
    place = np.minimum(np.searchsorted(edges, chance, side="right") - 1, bins - 1)
    count = np.bincount(place, minlength=bins)
    held = np.where(count > 0, count, np.nan)
    return Reliability(
        lower=edges[:-1],
        upper=edges[1:],
        count=count.astype(np.int64),
        foreseen=np.bincount(place, weights=chance, minlength=bins) / held,
        found=np.bincount(place, weights=came.astype(np.float64), minlength=bins) / held,
    )


def recall_at(rank: ArrayLike, found: ArrayLike, visits: int) -> float:
    """The share of those that came true among the first `visits` by rank (1 first); NaN where none came true."""
    places, came = np.asarray(rank), np.asarray(found, dtype=bool)
    if places.shape != came.shape or places.ndim != 1:
        raise OutcomesInvalid(f"ranks and outcomes are two rows of one length, not {places.shape} and {came.shape}")
    if visits < 0:
        raise OutcomesInvalid(f"visits cannot be {visits}")
    first = came[np.argsort(places, kind="stable")[:visits]]
    return float(first.sum() / came.sum()) if came.any() else float("nan")


def _pair(p: ArrayLike, found: ArrayLike) -> tuple[Floats, Flags]:
    chance, came = np.asarray(p, dtype=np.float64), np.asarray(found, dtype=bool)
    if chance.shape != came.shape or chance.ndim != 1:
        raise OutcomesInvalid(
            f"probabilities and outcomes are two rows of one length, not {chance.shape} and {came.shape}"
        )
    if not ((chance >= 0) & (chance <= 1)).all():
        raise OutcomesInvalid("a probability is between 0 and 1")
    return chance, came
