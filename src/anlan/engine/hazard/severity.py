"""How hard a hazard is, on one scale for all: 0 nothing, 1 blue, 2 yellow, 3 orange, 4 red, 5 beyond."""

import tomllib
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WORST = 5.0
UNKNOWN = 2.0  # an alert that states no level is taken for a yellow one until a person says otherwise


class ElementUnknown(LookupError):
    """No scale leads from this element to severity."""


_SCALES = tomllib.loads((files(__package__) / "severity.toml").read_text(encoding="utf-8"))


def elements() -> tuple[str, ...]:
    """The elements that can be read as severity."""
    return tuple(_SCALES)


def scale(element: str) -> tuple[Floats, Floats]:
    """The points of an element's scale: readings, and the severity of each. Raises ElementUnknown."""
    if element not in _SCALES:
        raise ElementUnknown(element)
    return np.array(_SCALES[element]["values"], dtype=float), np.array(_SCALES[element]["severity"], dtype=float)


def from_level(level: int) -> float:
    """The severity a warning level stands for; 0 is unknown."""
    if level not in range(5):
        raise ValueError(f"no such warning level: {level}")
    return float(level) if level else UNKNOWN


def from_reading(element: str, values: Floats) -> Floats:
    """Severity (0..5) of readings of an element, piecewise linear; NaN stays NaN. Raises ElementUnknown."""
    return np.asarray(np.interp(np.asarray(values, dtype=float), *scale(element)))
