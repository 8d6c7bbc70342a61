"""How much of a value is lost at each intensity: a curve of straight lines, from 0, level beyond its ends."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import faults, kernels
from anlan.engine.impact.faults import Invalid

Floats = NDArray[np.float64]

_GUIDES = 16  # a point
_A_LOOK = 8  # steps


class CurveInvalid(Invalid):
    """A curve that cannot be read as it stands; the text names the column and the row."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Damage ratio (0..1) by intensity (≥ 0, never decreasing; two equal ones make a step), and its spread.

    `std`, where it is known, is the standard deviation of the damage ratio among equal things. The ratio is 0 where
    the intensity is 0. Raises CurveInvalid.
    """

    intensity: Floats
    ratio: Floats
    std: Floats | None = None
    _overshoots: bool = field(init=False, repr=False, compare=False)
    _guide: NDArray[np.int64] = field(
        init=False, repr=False, compare=False
    )  # the point below each of evenly spaced ones

    def __post_init__(self) -> None:
        try:
            columns = {"intensity": self.intensity, "ratio": self.ratio}
            if self.std is not None:
                columns["std"] = self.std
            checked = {name: faults.amounts(name, values) for name, values in columns.items()}
            if not len(checked["intensity"]):
                raise Invalid("intensity", "empty")
            faults.alike(dict(checked))
            faults.demand("intensity", np.diff(checked["intensity"], prepend=0.0) >= 0, "decreasing")
            faults.demand("ratio", checked["ratio"] <= 1, "above_one")
            if np.interp(0.0, checked["intensity"], checked["ratio"]) != 0:
                raise Invalid("ratio", "from_zero", 0)
        except Invalid as wrong:
            raise CurveInvalid(wrong.column, wrong.why, wrong.place) from wrong
        for name, values in checked.items():
            object.__setattr__(self, name, values)
        # Rounding may carry the end of a piece an ulp beyond the next point, and more hazard would do less damage.
        ends = np.interp(np.nextafter(self.intensity[1:], -np.inf), self.intensity, self.ratio)
        object.__setattr__(self, "_overshoots", self.monotone and bool((ends > self.ratio[1:]).any()))
        evenly = np.linspace(self.intensity[0], self.intensity[-1], _GUIDES * len(self.intensity) + 1)
        below = np.searchsorted(self.intensity, evenly, side="right") - 1
        object.__setattr__(self, "_guide", np.clip(below, 0, max(len(self.intensity) - 2, 0)))

    @property
    def monotone(self) -> bool:
        """More hazard never does less damage."""
        return bool((np.diff(self.ratio) >= 0).all())

    def need_monotone(self) -> None:
        """Raise CurveInvalid where the ratio decreases."""
        if not self.monotone:
            raise CurveInvalid("ratio", "decreasing", int(np.argmax(np.diff(self.ratio) < 0)) + 1)

    def at(self, intensity: NDArray[Any]) -> Floats:
        """The ratio at each intensity. On a rising curve, a rising intensity never gives less, to the last bit."""
        if look_up := kernels.compiled(kernels.look_up, _A_LOOK * np.size(intensity)):
            rise, run = np.diff(self.ratio), np.diff(self.intensity)
            slopes = np.divide(rise, run, out=np.zeros_like(run), where=run > 0)
            most = self.ratio[1:] if self._overshoots else np.full(len(run), np.inf)
            given = np.ascontiguousarray(intensity)
            found = np.empty(given.size)
            look_up(given.ravel(), self._guide, (self.intensity, self.ratio, slopes, most), found)
            return found.reshape(given.shape)
        found = np.interp(intensity, self.intensity, self.ratio)
        if self._overshoots:
            beyond = np.searchsorted(self.intensity, intensity, side="right")
            found = np.minimum(found, self.ratio[np.minimum(beyond, len(self.ratio) - 1)])
        return np.asarray(found)

    def spread(self, intensity: NDArray[Any]) -> Floats:
        """The standard deviation at each intensity; 0 where none is known."""
        if self.std is None:
            return np.zeros(np.shape(intensity))
        return np.asarray(np.interp(intensity, self.intensity, self.std))
