"""The shapes of an alert: `lat,lon` pairs into rings of [lon, lat], and what is wrong with them.

Coordinates stay as they came. China's maps shift theirs (GCJ-02), and no alert says which it uses: half a
kilometre at most, which the confidence of a household's own place outweighs.
"""

import math
import re

import numpy as np
import shapely
from numpy.typing import NDArray

Ring = list[list[float]]

EARTH_KM = 6371.0
CORNERS = 36
LEAST_KM = 0.001
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{0,9})?")
_STRANGE = re.compile(r"[^0-9eE+\-.,\s]")  # what Python would read as a number and CAP does not: nan, inf, 1_0, ４


def faults(text: str) -> list[str]:
    """The codes of what is wrong with a polygon; one that is no list of numbers is not looked at further."""
    pairs = _pairs(text)
    if pairs is None:
        return ["polygon-number"]
    found = [] if _on_the_globe(pairs) else ["polygon-range"]
    if len(pairs) < 4:
        found.append("polygon-short")
    elif (pairs[0] != pairs[-1]).any():
        found.append("polygon-open")
    elif not found and not shapely.is_valid(shapely.polygons(pairs)):
        found.append("polygon-invalid")
    return found


def ring(text: str) -> Ring | None:
    """A polygon as a closed ring of [lon, lat]; None for what cannot be one. An open one is closed."""
    pairs = _pairs(text)
    if pairs is None or len(pairs) < 3 or not _on_the_globe(pairs):
        return None
    if (pairs[0] != pairs[-1]).any():
        pairs = np.vstack([pairs, pairs[:1]])
    found: Ring = pairs[:, ::-1].tolist()
    return found if len(found) >= 4 else None


def circle(text: str) -> Ring | None:
    """A circle `lat,lon radius_km` as a ring of many corners; None for a point or for what is none."""
    parts = text.split()
    pairs = _pairs(parts[0]) if len(parts) == 2 else None
    if pairs is None or not _NUMBER.fullmatch(parts[1]):
        return None
    (lat, lon), radius_km = pairs[0].tolist(), float(parts[1])
    # Round the poles and over half the globe a ring in degrees makes no sense; no county lies there.
    if abs(lat) > 85 or abs(lon) > 180 or not LEAST_KM <= radius_km <= 2000:
        return None
    north = math.degrees(radius_km / EARTH_KM)
    east = north / math.cos(math.radians(lat))
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    corners = [[lon + east * math.cos(turn), lat + north * math.sin(turn)] for turn in turns]
    return [*corners, corners[0]]


def _pairs(text: str) -> NDArray[np.float64] | None:
    """The `lat,lon` pairs as n × 2 numbers; None where there is anything else."""
    words = text.split()
    numbers = text.replace(",", " ").split()
    if _STRANGE.search(text) or len(numbers) != 2 * len(words) or any(word.count(",") != 1 for word in words):
        return None
    try:
        pairs = np.array([float(number) for number in numbers]).reshape(-1, 2)
    except ValueError:
        return None
    return pairs if np.isfinite(pairs).all() else None


def _on_the_globe(pairs: NDArray[np.float64]) -> bool:
    return bool((np.abs(pairs) <= (90.0, 180.0)).all())
