"""A curve: what is lost at each intensity, and how far that varies from one thing of the kind to the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LAST_BITS = 1e-12


class CurveInvalid(ValueError):
    """Points that make no curve; the text says which of them and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points joined by straight lines, from nothing at nothing; beyond the last point its figure stays.

    `intensity` rises; `ratio` is the mean figure at each; `std` its standard deviation among things of the kind,
    None where nobody knows. Raises CurveInvalid.
    """

    intensity: Floats
    ratio: Floats
    std: Floats | None = None

    def __post_init__(self) -> None:
        rows = {"intensity": self.intensity, "ratio": self.ratio}
        rows |= {} if self.std is None else {"std": self.std}
        for name, row in rows.items():
            if len(row) != len(self.intensity) or len(row) < 2 or not np.isfinite(row).all():
                raise CurveInvalid(f"{name} needs two figures or more, as many as the intensities")
            if row[0] != 0 or (row < 0).any():
                raise CurveInvalid(f"{name} begins with 0 and is never below it")
        if (np.diff(self.intensity) <= 0).any():
            raise CurveInvalid("the intensities must rise from point to point")

    def at(self, intensity: Floats) -> Floats:
        """The mean figure at each intensity."""
        return np.asarray(np.interp(intensity, self.intensity, self.ratio))

    def spread(self, intensity: Floats) -> Floats:
        """The standard deviation at each intensity; nothing where it is not known."""
        if self.std is None:
            return np.zeros_like(intensity, dtype=np.float64)
        return np.asarray(np.interp(intensity, self.intensity, self.std))

    @property
    def monotone(self) -> bool:
        """Whether more intensity never takes less."""
        return bool((np.diff(self.ratio) >= 0).all())

    @property
    def share(self) -> bool:
        """Whether every figure can be a share or a chance: at most 1."""
        return bool((self.ratio <= 1).all())

    @property
    def feasible(self) -> bool:
        """Whether every point's mean and deviation can be those of a Beta distribution, or of no distribution at all.

        What holds at the points holds between them: mean·(1 − mean) is concave and the square of the deviation convex.
        """
        if self.std is None:
            return True
        return bool(((self.std == 0) | (self.std**2 < self.ratio * (1 - self.ratio) - LAST_BITS)).all())
