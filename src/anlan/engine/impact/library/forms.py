"""Curves that a formula gives, sampled; and curves that lean on others."""

import tomllib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.hazard import severity
from anlan.engine.impact import fragility
from anlan.engine.impact.library.curve import Curve

Floats = NDArray[np.float64]


def emanuel(threshold_ms: float, half_ms: float, other_half_ms: float, until_ms: float, step_ms: float) -> Curve:
    """The share of value lost to wind after Emanuel (2011), sampled at a step from the threshold on.

    Half is lost at `half_ms`, nothing up to the threshold. The deviation is half the distance to the curve of the
    other published calibration: what is known of how unsure the calibration is.
    """
    speeds = np.concatenate([[0.0], np.arange(threshold_ms, until_ms, step_ms)])
    mean, other = (_emanuel(speeds, threshold_ms, half) for half in (half_ms, other_half_ms))
    return Curve(speeds, mean, np.abs(mean - other) / 2)


def _emanuel(speeds: Floats, threshold: float, half: float) -> Floats:
    cubed = (np.maximum(0.0, speeds - threshold) / (half - threshold)) ** 3
    return np.asarray(cubed / (1.0 + cubed))


def yield_response(ky: float) -> Curve:
    """FAO's water production function 1 − Ya/Ym = Ky·(1 − ETa/ETm), to a loss of all at most."""
    whole = 1.0 / max(ky, 1.0)  # the deficit at which nothing is left to lose
    deficits = np.unique([0.0, whole, 1.0])
    return Curve(deficits, np.minimum(1.0, ky * deficits))


def scaled(base: Curve, factors: str, of: str) -> Curve:
    """A curve times the factor that `factors.toml` gives a kind of house or source, at most 1."""
    factor = _factors()[factors][of]
    full = _where(base, 1.0 / factor)  # a corner of its own, so that the cut is not smeared over a whole line
    intensity = np.union1d(base.intensity, full)
    return Curve(intensity, np.minimum(1.0, factor * base.at(intensity)))


def over_scale(row: Floats, element: str) -> Curve:
    """A row of six figures over severity, told over what gauges measure of it."""
    values, severities = severity.scale(element)
    return Curve(values, fragility.at(row, severities))


def graded(hazard: str, row: str, at: list[float]) -> Curve:
    """A row of six figures of a hazard, told over an index whose grades stand for severities 0 to 5."""
    return Curve(np.array(at, dtype=np.float64), getattr(fragility.of(hazard), row))


def points(rows: list[list[float]]) -> Curve:
    """Rows of intensity and mean, or of intensity, mean and deviation."""
    columns = np.array(rows, dtype=np.float64).T
    return Curve(*columns)


def _where(curve: Curve, ratio: float) -> Floats:
    """Where a rising curve first comes to a figure; nowhere if it does not."""
    after = int(np.searchsorted(curve.ratio, ratio))
    if after == 0 or after == len(curve.ratio):
        return np.zeros(0)
    span = slice(after - 1, after + 1)
    return np.array([np.interp(ratio, curve.ratio[span], curve.intensity[span])])


def _factors() -> Mapping[str, Any]:
    return tomllib.loads((files("anlan.engine.impact") / "factors.toml").read_text(encoding="utf-8"))


FORMS: Mapping[str, Callable[..., Curve]] = {
    "points": points, "emanuel": emanuel, "yield_response": yield_response, "scaled": scaled,
    "graded": graded,
}  # fmt: skip
